package repo

import (
	"reflect"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// immutableStay is the condition that the immutable fields are stored as the value has them, or not stored yet.
func (e *entity) immutableStay(root reflect.Value) (*ast.Cond, error) {
	var same []*ast.Cond
	for _, ref := range e.Immutable {
		p := e.fieldPath(ref)
		v, ok := ref.Value(root)
		if !ok {
			v = reflect.Zero(ref.Leaf().Type)
		}
		c := ast.Or(ast.NotExists(p), ast.Compare(ast.OpEq, p, p.Operand(v)))
		if err := c.Err(); err != nil {
			return nil, invalidExpression(err)
		}
		same = append(same, c)
	}
	return ast.And(same...), nil
}

// changedImmutable names the first immutable field that is stored and differs in what is wanted.
func (e *entity) changedImmutable(wanted, stored item) string {
	if len(wanted) == 0 || len(stored) == 0 || !e.belongs(stored) {
		return ""
	}
	a, b := reflect.New(e.Type).Elem(), reflect.New(e.Type).Elem()
	if e.codec.Decode(wanted, a) != nil || e.codec.Decode(stored, b) != nil {
		return ""
	}
	for _, ref := range e.Immutable {
		if _, written := stored[ref.Leaf().Attr]; written && !equalField(ref, a, b) {
			return ref.Path
		}
	}
	return ""
}

// equalField reports whether a field has the same value in both entities.
func equalField(ref *schema.Ref, a, b reflect.Value) bool {
	x, okX := ref.Value(a)
	y, okY := ref.Value(b)
	if !okX || !okY {
		return okX == okY
	}
	return reflect.DeepEqual(x.Interface(), y.Interface())
}

// immutableChange refuses a change of an immutable field. An upsert may set one, on the condition that it is not stored yet or is
// the same already; so may a Modify that finds it absent.
func (e *entity) immutableChange(u *updating) ([]*ast.Cond, error) {
	var out []*ast.Cond
	for _, ref := range e.Immutable {
		at := e.pathOf(ref)
		for _, c := range u.changes {
			_, written := e.attribute(u.read.row(), ref.Leaf())
			switch {
			case !c.Path().Overlaps(at):
			case u.read != nil && !written:
			case u.upsert && c.Op() == ast.ChangeSetIfNotExists && c.Path().Equal(at):
			case u.upsert && c.Op() == ast.ChangeSet && c.Path().Equal(at):
				out = append(out, ast.Or(ast.NotExists(at), ast.Compare(ast.OpEq, at, c.Operand())))
			default:
				return nil, &Error{Field: c.Path().String(), kind: ErrImmutable, Reason: "the field may not change once it is written"}
			}
		}
	}
	return out, nil
}
