package expr

import (
	"reflect"

	"github.com/monotable/monotable/internal/ast"
)

// SetPath is a path of a slice S with elements E that is stored as a set. It adds to [Path] what can be done with elements. An
// empty set is an absent one: DynamoDB knows no other.
type SetPath[T any, S ~[]E, E any] struct{ Path[T, S] }

// Set names a field that is stored as a set, by the tag stringset, numberset or binaryset. It panics as [Field] does, and for a
// slice that is not stored as a set.
func Set[T any, S ~[]E, E any](selector func(*T) *S) SetPath[T, S, E] {
	return SetPath[T, S, E]{top[T, S]("Set", aSet, selector)}
}

// NestedSet names a set inside a list element or a map value, as [Nested] does.
func NestedSet[T, F any, S ~[]E, E any](of FieldPath[T, F], selector func(*F) *S) SetPath[T, S, E] {
	return SetPath[T, S, E]{below[T, F, S]("NestedSet", aSet, of.Path, selector)}
}

// Add adds elements that are not in the set yet. Without an element, or with one given twice, the call that is given the update
// fails.
func (p SetPath[T, S, E]) Add(elements ...E) Update[T] {
	return update[T](ast.AddToSet(p.path, p.operand(elements)))
}

// Delete takes elements from the set, if they are in it. It fails as [SetPath.Add] does.
func (p SetPath[T, S, E]) Delete(elements ...E) Update[T] {
	return update[T](ast.DeleteFromSet(p.path, p.operand(elements)))
}

// Contains holds where the value is in the set.
func (p SetPath[T, S, E]) Contains(element E) Cond[T] {
	return Cond[T]{ast.Contains(p.path, p.path.Element(reflect.ValueOf(&element).Elem()))}
}

// Size is the number of elements. An absent set has no size: no comparison holds for it.
func (p SetPath[T, S, E]) Size() SizePath[T] { return SizePath[T]{p.path} }
