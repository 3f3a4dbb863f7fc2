package repo

import (
	"reflect"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// immutableStay is the condition that the immutable fields are stored as the value has them, or that there is no item yet.
func (e *entity) immutableStay(root reflect.Value) (*ast.Cond, error) {
	var same []*ast.Cond
	for _, ref := range e.Immutable {
		p := e.fieldPath(ref)
		v, ok := ref.Value(root)
		if !ok {
			v = reflect.Zero(ref.Leaf().Type)
		}
		c := ast.Compare(ast.OpEq, p, p.Operand(v))
		if err := c.Err(); err != nil {
			return nil, invalidExpression(err)
		}
		same = append(same, c)
	}
	return ast.Or(e.missing, ast.And(same...)), nil
}

// changedImmutable names the first immutable field that differs between two rows; none where one of them is not there.
func (e *entity) changedImmutable(wanted, stored item) string {
	if len(wanted) == 0 || len(stored) == 0 || !e.belongs(stored) {
		return ""
	}
	a, b := reflect.New(e.Type).Elem(), reflect.New(e.Type).Elem()
	if e.codec.Decode(wanted, a) != nil || e.codec.Decode(stored, b) != nil {
		return ""
	}
	for _, ref := range e.Immutable {
		if !equalField(ref, a, b) {
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

// immutableChange refuses a change of an immutable field. An upsert may set one, on the condition that it is the same already
// where there is an item.
func (e *entity) immutableChange(u *updating) ([]*ast.Cond, error) {
	var out []*ast.Cond
	for _, ref := range e.Immutable {
		at := e.pathOf(ref)
		for _, c := range u.changes {
			switch {
			case !c.Path().Overlaps(at):
			case u.upsert && c.Op() == ast.ChangeSetIfNotExists && c.Path().Equal(at):
			case u.upsert && c.Op() == ast.ChangeSet && c.Path().Equal(at):
				out = append(out, ast.Or(e.missing, ast.Compare(ast.OpEq, at, c.Operand())))
			default:
				return nil, &Error{Field: c.Path().String(), kind: ErrImmutable, Reason: "the field may not change once it is written"}
			}
		}
	}
	return out, nil
}
