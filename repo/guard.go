package repo

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// A unique guard is an item whose key is the value of a unique field, and which names its owner: DynamoDB keeps keys unique, and
// nothing else. Guards are written in the same transaction as their items.
//
// Its partition key is made of the fields that the value is unique among, then of "$UNIQUE", the first name that the entity ever had,
// the first name of the attribute, and the value, each a segment:
//
//	$UNIQUE#Customer#email#ann@example.com
//	TENANT#acme#$UNIQUE#User#email#ann@example.com     unique=TenantID+Email, with pk:"TENANT#{TenantID}..."
//
// No key of an entity is like it: in the text of a field '$' is followed by two digits, and text that is stored as it is must not be. As
// far as the fields before the value lead the entity's own partition key, the guard's begins as that does, so that whoever may reach the
// one may reach the other.
const (
	guardWord  = "$UNIQUE"
	ownerField = "_owner"
)

// isGuard reports whether a row is a guard: in a table without types its key may look like that of an entity.
func isGuard(row item, t *Table) bool {
	if _, owned := row[ownerField]; !owned || t.Key.Range == "" {
		return owned
	}
	sk, ok := row[t.Key.Range].(*types.AttributeValueMemberS)
	return ok && sk.Value == guardWord
}

// guard is the guard of one value of one unique field.
type guard struct {
	unique *schema.Unique
	key    string
}

// guardOp is a guard that a write makes or drops.
type guardOp struct {
	guard
	drop  bool
	owner types.AttributeValue // the item that makes it or drops it
	from  types.AttributeValue // the item that gives the value up in the same transaction, where one does

	foreign bool // it was to be dropped, and turned out to be another item's: it stays, if it still is
}

// guardsOf lists the guards of an item whose fields are as the callback says. A unique field is never empty.
func (e *entity) guardsOf(value func(*schema.Ref) (reflect.Value, bool, error)) ([]guard, error) {
	var out []guard
	for _, u := range e.Unique {
		key, err := e.guardKey(u, value)
		if err != nil {
			return nil, err
		}
		out = append(out, guard{u, key})
	}
	return out, nil
}

// heldGuards lists the guards of an item as it was. Fields that are empty there have none: such an item was written before they were
// unique.
func (e *entity) heldGuards(value func(*schema.Ref) (reflect.Value, bool, error)) ([]guard, error) {
	var out []guard
	for _, u := range e.Unique {
		whole := true
		for _, m := range u.Members {
			_, present, err := value(m.Ref)
			if err != nil {
				return nil, err
			}
			whole = whole && present
		}
		if !whole {
			continue
		}
		key, err := e.guardKey(u, value)
		if err != nil {
			return nil, err
		}
		out = append(out, guard{u, key})
	}
	return out, nil
}

func (e *entity) guardKey(u *schema.Unique, value func(*schema.Ref) (reflect.Value, bool, error)) (string, error) {
	last := len(u.Members) - 1
	texts := make([]string, len(u.Members))
	for i, m := range u.Members {
		v, present, err := value(m.Ref)
		if err != nil {
			return "", err
		}
		if !present {
			return "", emptyUnique(m.Ref)
		}
		text, err := m.AppendText(nil, v)
		if err != nil {
			return "", invalidKey(err)
		}
		texts[i] = string(text)
	}
	key := e.scopePrefix(u, texts[:last])
	key = append(key, e.guardMark(u), texts[last])
	joined := strings.Join(key, "#")
	if len(joined) > maxPartitionKey {
		return "", &Error{Field: u.Ref.Path, kind: ErrInvalidKey, Reason: "the unique value makes a key longer than the 2048 bytes that DynamoDB takes"}
	}
	return joined, nil
}

// guardMark stands in the keys of all guards of one unique field, before the value.
func (e *entity) guardMark(u *schema.Unique) string {
	return strings.Join([]string{guardWord, escaped(e.First), escaped(e.firstName(u.Ref.Leaf()))}, "#")
}

// scopePrefix begins the key of a guard with the texts of the fields that the value is unique among: as many as lead the entity's own
// partition key stand as they do there, so that the guard is where its item's tenant is.
func (e *entity) scopePrefix(u *schema.Unique, texts []string) []string {
	prefix, led, n := "", "", 0
	for _, part := range e.PK.Parts {
		m := part.Member
		if m == nil {
			prefix += part.Literal
			continue
		}
		if n == len(texts) || m.Ref != u.Members[n].Ref || !m.SameText(u.Members[n]) {
			break
		}
		prefix += texts[n]
		led, n = prefix, n+1
	}
	if n == 0 {
		return slices.Clone(texts)
	}
	return append([]string{led}, texts[n:]...)
}

func escaped(s string) string { return string(schema.AppendEscaped(nil, s)) }

// ownerOf is what a guard stores of its owner: the primary key of the item.
func (e *entity) ownerOf(key item) types.AttributeValue {
	var list []types.AttributeValue
	for _, k := range e.primary {
		list = append(list, key[k.name])
	}
	return &types.AttributeValueMemberL{Value: list}
}

// operation is the guard's part of a transaction. A guard is made where there is none, or where it is the item's own already; it is
// dropped where it is the item's own, and where it is missing there is nothing to drop.
func (g guardOp) operation(e *entity) types.TransactWriteItem {
	key := g.item(e.table)
	own := ast.Compare(ast.OpEq, ast.Attr(ownerField), ast.Value(g.owner))
	if g.from != nil {
		own = ast.Or(own, ast.Compare(ast.OpEq, ast.Attr(ownerField), ast.Value(g.from)))
	}
	if g.foreign {
		x, _ := ast.Build(ast.Request{Condition: ast.Or(e.missing, ast.Not(own))})
		return types.TransactWriteItem{ConditionCheck: e.conditionCheck(key, x)}
	}
	x, _ := ast.Build(ast.Request{Condition: ast.Or(e.missing, own)})
	if g.drop {
		return types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String(e.table.Name), Key: key,
			ConditionExpression: x.Condition, ExpressionAttributeNames: x.Names, ExpressionAttributeValues: x.Values,
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}}
	}
	key[ownerField] = g.owner
	if e.table.typed() {
		key[e.table.TypeAttribute] = &types.AttributeValueMemberS{Value: guardWord}
	}
	return types.TransactWriteItem{Put: &types.Put{TableName: aws.String(e.table.Name), Item: key,
		ConditionExpression: x.Condition, ExpressionAttributeNames: x.Names, ExpressionAttributeValues: x.Values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}}
}

// swap lists what becomes of the guards of an item that had the old ones, none for a new item, and has the new ones, none for one
// that is deleted. New guards come first, so that a value that is taken is named before anything else.
func (e *entity) swap(key item, old, now []guard) []guardOp {
	owner := e.ownerOf(key)
	var out []guardOp
	for _, g := range now {
		if !slices.ContainsFunc(old, g.equal) {
			out = append(out, guardOp{guard: g, owner: owner})
		}
	}
	for _, g := range old {
		if !slices.ContainsFunc(now, g.equal) {
			out = append(out, guardOp{guard: g, drop: true, owner: owner})
		}
	}
	return out
}

// item is the key of a guard's row.
func (g guard) item(t *Table) item {
	key := item{}
	for n, name := range t.keyAttributes() {
		key[name] = &types.AttributeValueMemberS{Value: []string{g.key, guardWord}[n]}
	}
	return key
}

func (g guard) equal(h guard) bool { return g.key == h.key }

// uniqueRefs lists the fields that the entity's guards are made of.
func (e *entity) uniqueRefs() []*schema.Ref {
	var out []*schema.Ref
	for _, u := range e.Unique {
		for _, m := range u.Members {
			if !slices.Contains(out, m.Ref) {
				out = append(out, m.Ref)
			}
		}
	}
	return out
}

// swapKnown plans the guards of an update or delete from what is known without reading: the old values must be.
func (e *entity) swapKnown(key item, before, after *facts) ([]guardOp, error) {
	for _, ref := range e.uniqueRefs() {
		if !before.known[ref] || after != nil && !after.known[ref] {
			return nil, &Error{Field: ref.Path, kind: ErrStaleIndex, Reason: "the guard of the unique value needs to know the stored value of the field; pin it with If(field.Eq(old)), or use the verb of the repository, which reads it"}
		}
	}
	old, err := e.heldGuards(before.value)
	if err != nil || after == nil {
		return e.swap(key, old, nil), err
	}
	now, err := e.guardsOf(after.value)
	return e.swap(key, old, now), err
}

// checkUnread refuses an update of unique fields that is wrong whatever the stored item looks like.
func (e *entity) checkUnread(u *updating, root reflect.Value, conds []*ast.Cond) error {
	if err := e.checkUpdate(u, root, conds); err != nil {
		return err
	}
	for _, ref := range e.uniqueRefs() {
		for _, c := range u.changes {
			if !c.Path().Overlaps(e.pathOf(ref)) {
				continue
			}
			if empty, err := e.empties(c, ref); err != nil || empty {
				return cmp.Or(err, emptyUnique(ref))
			}
		}
	}
	return nil
}

func emptyUnique(ref *schema.Ref) error {
	return &Error{Field: ref.Path, kind: ErrInvalidValue, Reason: "the field is part of what is unique, and it is empty"}
}
