package repo

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// The longest keys that DynamoDB takes, in bytes.
const (
	maxPartitionKey = 2048
	maxSortKey      = 1024
)

// item is a row as the SDK has it.
type item = map[string]types.AttributeValue

// canonical is the value of a field as decoding the stored attribute returns it, and whether it counts as present.
func (e *entity) canonical(ref *schema.Ref, root reflect.Value) (reflect.Value, bool, error) {
	v, ok := ref.Value(root)
	if !ok {
		return v, false, nil
	}
	return e.canonicalValue(ref, v)
}

// canonicalValue is canonical for a value that was found already.
func (e *entity) canonicalValue(ref *schema.Ref, v reflect.Value) (reflect.Value, bool, error) {
	if !schema.Present(v) {
		return v, false, nil
	}
	v, err := e.canon[ref].Canonical(v)
	if err != nil {
		return v, false, &Error{Field: ref.Path, kind: ErrInvalidKey, Reason: reasonOf(err), cause: err}
	}
	return v, schema.Present(v), nil
}

// indexMember is canonical for a member of an index's key: where its own attribute is the key, what the tags leave out is missing. The
// primary key has such a value all the same.
func (e *entity) indexMember(m *schema.Member, root reflect.Value) (reflect.Value, bool, error) {
	v, present, err := e.canonical(m.Ref, root)
	return v, present && e.inKey(m, v), err
}

// keyValue makes one key attribute from the canonical values of its fields. A field without one is missing.
func (e *entity) keyValue(k keyAttribute, limit int, value func(*schema.Member) (reflect.Value, bool, error)) (av types.AttributeValue, missing *schema.Member, err error) {
	if k.native() {
		return e.nativeValue(k, limit, value)
	}
	var buf [128]byte
	out, missing, err := k.template.Append(buf[:0], value)
	if err != nil || missing != nil {
		return nil, missing, invalidKey(err)
	}
	if len(out) > limit {
		return nil, nil, tooLong(k, limit)
	}
	return &types.AttributeValueMemberS{Value: string(out)}, nil, nil
}

// nativeValue is the attribute of a native key's field.
func (e *entity) nativeValue(k keyAttribute, limit int, value func(*schema.Member) (reflect.Value, bool, error)) (av types.AttributeValue, missing *schema.Member, err error) {
	m := k.template.Members()[0]
	v, present, err := value(m)
	if err != nil || !present {
		return nil, m, err
	}
	if av, err = e.canon[m.Ref].Operand(v); err != nil {
		return nil, nil, &Error{Field: m.Ref.Path, kind: ErrInvalidKey, Reason: reasonOf(err), cause: err}
	}
	if keySize(av) > limit {
		return nil, nil, tooLong(k, limit)
	}
	return av, nil, nil
}

// keySize is the length of a key attribute in bytes; numbers have no limit.
func keySize(av types.AttributeValue) int {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	}
	return 0
}

// checkNative refuses an attribute of a field that DynamoDB would not take, since it is a key of an index.
func checkNative(k nativeKey, av types.AttributeValue) error {
	if _, number := av.(*types.AttributeValueMemberN); av == nil || number {
		return nil
	}
	switch size := keySize(av); {
	case size == 0:
		return &Error{Field: k.template.Native().Path, kind: ErrInvalidKey, Reason: "the field is a key attribute of an index, and DynamoDB takes none that is empty; set it, or let its tag leave it out with omitempty"}
	case size > k.limit:
		return tooLong(k.keyAttribute, k.limit)
	}
	return nil
}

// checkKeys refuses a row whose attributes DynamoDB would not take as keys of indexes.
func (e *entity) checkKeys(row item) error {
	for _, k := range e.natives {
		if err := checkNative(k, row[k.name]); err != nil {
			return err
		}
	}
	return e.checkWide(row)
}

// checkWide refuses keys of several attributes that are too long together: the limit of each half is that of all its attributes.
func (e *entity) checkWide(row item) error {
	for _, list := range [][]boundIndex{e.indexes, e.others} {
		for _, x := range list {
			if err := x.checkWide(row); err != nil {
				return inIndex(x, err)
			}
		}
	}
	return nil
}

func (x boundIndex) checkWide(row item) error {
	size := [2]int{}
	for n, k := range x.keys {
		if row[k.name] == nil {
			return nil // it is not in the index
		}
		if n < x.hash {
			size[0] += valueSize(row[k.name])
		} else {
			size[1] += valueSize(row[k.name])
		}
	}
	for half, limit := range []int{maxPartitionKey, maxSortKey} {
		if size[half] > limit {
			return &Error{kind: ErrInvalidKey, Reason: "the attributes of one half of the index's key are longer together than the " + limitText(limit) + " bytes that DynamoDB takes"}
		}
	}
	return nil
}

// nativeKey is a native key of an index, and how long it may be.
type nativeKey struct {
	keyAttribute
	limit int
}

// nativeKeys lists the native keys of all indexes of the table that the entity knows: its fields are in them, declared or not. Those
// of the primary key are never empty.
func (e *entity) nativeKeys() []nativeKey {
	var out []nativeKey
	for _, x := range slices.Concat(e.indexes, e.others) {
		for n, k := range x.keys {
			if k.native() && !slices.Contains(e.table.keyAttributes(), k.name) {
				out = append(out, nativeKey{k, keyLimit(n, x.hash)})
			}
		}
	}
	return out
}

// checkNativeChanges refuses changes that would leave a native key empty.
func (e *entity) checkNativeChanges(changes []ast.Change) error {
	for _, k := range e.natives {
		at := e.pathOf(k.template.Native())
		for _, c := range changes {
			if c.Path().Equal(at) && !c.Removes() && (c.Op() == ast.ChangeSet || c.Op() == ast.ChangeSetIfNotExists) {
				if err := checkNative(k, c.Operand().AV); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func tooLong(k keyAttribute, limit int) error {
	return &Error{kind: ErrInvalidKey, Reason: "attribute " + k.name + " is longer than the " + limitText(limit) + " bytes that DynamoDB takes in a key"}
}

// limitText is the limit in digits.
func limitText(limit int) string {
	if limit == maxPartitionKey {
		return "2048"
	}
	return "1024"
}

// limits of the attributes of a key, of which so many are the partition key's.
func keyLimit(n, hash int) int {
	if n < hash {
		return maxPartitionKey
	}
	return maxSortKey
}

// invalidKey makes an error of key text ours.
func invalidKey(err error) error {
	var key *schema.KeyError
	if errors.As(err, &key) {
		return &Error{Field: key.Field, kind: ErrInvalidKey, Reason: key.Reason, cause: key.Cause}
	}
	return err
}

// primaryKey renders the primary key of an example. Fields outside the key are ignored.
func (e *entity) primaryKey(root reflect.Value) (item, error) {
	out := make(item, len(e.primary))
	for n, k := range e.primary {
		av, missing, err := e.keyValue(k, keyLimit(n, 1), func(m *schema.Member) (reflect.Value, bool, error) {
			return e.canonical(m.Ref, root)
		})
		if err != nil {
			return nil, err
		}
		if missing != nil {
			return nil, &Error{Field: missing.Ref.Path, kind: ErrIncompleteKey, Reason: "the field is empty, and the primary key needs it"}
		}
		out[k.name] = av
	}
	return out, e.guardlike(out)
}

// guardlike refuses a primary key that the guard of a unique value might have. Escaped text is like none, text that is stored as it is
// may be: whoever chooses it could take values from others, and ask who has which.
func (e *entity) guardlike(key item) error {
	last := e.primary[len(e.primary)-1]
	text, ok := key[last.name].(*types.AttributeValueMemberS)
	switch {
	case !ok || !strings.Contains(text.Value, guardWord):
		return nil
	case len(e.primary) == 2 && text.Value != guardWord:
		return nil
	}
	return &Error{kind: ErrInvalidKey, Reason: "attribute " + last.name + " would hold " + guardWord + ", as in the keys of guards of unique values; choose another text"}
}

// setIndexKeys adds the keys of every index that the value is in. An index is entered with all its keys or with none; an attribute
// that it shares with the primary key is there in any case.
func (e *entity) setIndexKeys(out item, root reflect.Value) error {
	for _, x := range e.indexes {
		if err := e.setIndexKey(x, out, root); err != nil {
			return err
		}
	}
	return nil
}

func (e *entity) setIndexKey(x boundIndex, out item, root reflect.Value) error {
	in, err := e.admits(x, root)
	if err != nil || !in {
		return inIndex(x, err)
	}
	var room [2]types.AttributeValue
	values := room[:0]
	for n, k := range x.keys {
		av, missing, err := e.keyValue(k, keyLimit(n, x.hash), func(m *schema.Member) (reflect.Value, bool, error) {
			return e.indexMember(m, root)
		})
		if err != nil || missing != nil {
			return inIndex(x, err)
		}
		values = append(values, av)
	}
	for n, k := range x.keys {
		out[k.name] = values[n]
	}
	return nil
}

// admits reports whether every clause of the index's when holds.
func (e *entity) admits(x boundIndex, root reflect.Value) (bool, error) {
	for _, c := range x.When {
		v, ok := c.Ref.Value(root)
		if !ok {
			return false, nil
		}
		v, err := e.canon[c.Ref].Canonical(v)
		if err != nil {
			return false, &Error{Field: c.Ref.Path, kind: ErrInvalidValue, Reason: reasonOf(err), cause: err}
		}
		if !c.Holds(v) {
			return false, nil
		}
	}
	return true, nil
}

// inIndex names the index in an error about its key.
func inIndex(x boundIndex, err error) error {
	var ours *Error
	if errors.As(err, &ours) && ours.Index == "" {
		ours.Index = x.Name
	}
	return err
}
