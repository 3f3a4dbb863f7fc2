package expr

import (
	"reflect"

	"github.com/monotable/monotable/internal/ast"
)

// Attribute is any path of T with values of type V: what a path can be compared with.
type Attribute[T, V any] interface {
	// String is the path in Go's terms.
	String() string

	attribute(*T, V) ast.Path
}

// Path names an attribute of T with values of type V, and offers what every attribute has. The paths of this package all embed
// one. The zero Path names nothing; conditions and updates made from it fail.
type Path[T, V any] struct{ path ast.Path }

func (p Path[T, V]) attribute(*T, V) ast.Path { return p.path }

// String is the path in Go's terms, such as Ship.City, Lines[0].SKU or Notes[key]. The text of a map key is left out: it is data.
func (p Path[T, V]) String() string { return p.path.String() }

// Node is for the packages of this module: the path without its type parameters.
func (p Path[T, V]) Node() ast.Path { return p.path }

func (p Path[T, V]) operand(v V) ast.Operand { return p.path.Operand(reflect.ValueOf(&v).Elem()) }

func (p Path[T, V]) compare(op ast.Op, v V) Cond[T] {
	return Cond[T]{ast.Compare(op, p.path, p.operand(v))}
}

func (p Path[T, V]) compareAttr(op ast.Op, other Attribute[T, V]) Cond[T] {
	if other == nil {
		return Cond[T]{ast.CompareAttr(op, p.path, ast.Path{})}
	}
	var v V
	return Cond[T]{ast.CompareAttr(op, p.path, other.attribute(nil, v))}
}

// Eq holds where the attribute equals the value. A value that the tags leave out, a nil pointer among them, equals an absent
// attribute too.
func (p Path[T, V]) Eq(v V) Cond[T] { return p.compare(ast.OpEq, v) }

// Ne holds where the attribute does not equal the value. That includes absent attributes, unless absence is what the tags make of
// the value.
func (p Path[T, V]) Ne(v V) Cond[T] { return p.compare(ast.OpNe, v) }

// In holds where the attribute equals one of the values, as with [Path.Eq]. It takes 1 to 100 values; the call that is given
// another number fails.
func (p Path[T, V]) In(values ...V) Cond[T] {
	operands := make([]ast.Operand, len(values))
	for i := range values {
		operands[i] = p.path.Operand(reflect.ValueOf(&values[i]).Elem())
	}
	return Cond[T]{ast.In(p.path, operands...)}
}

// Exists holds where the attribute is there.
func (p Path[T, V]) Exists() Cond[T] { return Cond[T]{ast.Exists(p.path)} }

// NotExists holds where the attribute is absent, also for want of what holds it.
func (p Path[T, V]) NotExists() Cond[T] { return Cond[T]{ast.NotExists(p.path)} }

// EqAttr holds where both attributes are there and equal. A path and itself, and fields that their tags store in different
// ways, make the call that is given the condition fail; so do they with the other comparisons of attributes.
func (p Path[T, V]) EqAttr(other Attribute[T, V]) Cond[T] { return p.compareAttr(ast.OpEq, other) }

// NeAttr holds where the attributes are not equal; that includes where one of them is absent.
func (p Path[T, V]) NeAttr(other Attribute[T, V]) Cond[T] { return p.compareAttr(ast.OpNe, other) }

// Set stores the value. Where the tags leave it out it removes the attribute, so that the item is as a Put of the same value
// leaves it. What holds the attribute must be there.
func (p Path[T, V]) Set(v V) Update[T] { return update[T](ast.Set(p.path, p.operand(v))) }

// SetIfNotExists stores the value where the attribute is absent. With a value that the tags leave out, the call that is given the
// update fails.
func (p Path[T, V]) SetIfNotExists(v V) Update[T] {
	return update[T](ast.SetIfNotExists(p.path, p.operand(v)))
}

// Remove removes the attribute; that it is absent already is no error. In a list the elements behind it move up.
func (p Path[T, V]) Remove() Update[T] { return update[T](ast.Remove(p.path)) }
