package repo

import (
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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

// keyText renders one key attribute from the canonical values of its fields. A field without one is missing.
func keyText(k keyAttribute, limit int, value func(*schema.Member) (reflect.Value, bool, error)) (text string, missing *schema.Member, err error) {
	var buf [128]byte
	out, missing, err := k.template.Append(buf[:0], value)
	if err != nil {
		return "", nil, invalidKey(err)
	}
	if missing == nil && len(out) > limit {
		return "", nil, &Error{kind: ErrInvalidKey, Reason: "attribute " + k.name + " is longer than the " + limitText(limit) + " bytes that DynamoDB takes in a key"}
	}
	return string(out), missing, nil
}

// limitText is the limit in digits.
func limitText(limit int) string {
	if limit == maxPartitionKey {
		return "2048"
	}
	return "1024"
}

// keyLimit is the longest text of the nth attribute of a key.
func keyLimit(n int) int {
	if n == 0 {
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
		text, missing, err := keyText(k, keyLimit(n), func(m *schema.Member) (reflect.Value, bool, error) {
			return e.canonical(m.Ref, root)
		})
		if err != nil {
			return nil, err
		}
		if missing != nil {
			return nil, &Error{Field: missing.Ref.Path, kind: ErrIncompleteKey, Reason: "the field is empty, and the primary key needs it"}
		}
		out[k.name] = &types.AttributeValueMemberS{Value: text}
	}
	return out, nil
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
	var texts [2]string
	for n, k := range x.keys {
		text, missing, err := keyText(k, keyLimit(n), func(m *schema.Member) (reflect.Value, bool, error) {
			return e.canonical(m.Ref, root)
		})
		if err != nil || missing != nil {
			return inIndex(x, err)
		}
		texts[n] = text
	}
	for n, k := range x.keys {
		out[k.name] = &types.AttributeValueMemberS{Value: texts[n]}
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
