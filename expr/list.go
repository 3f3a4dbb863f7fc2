package expr

import (
	"reflect"

	"github.com/monotable/monotable/internal/ast"
)

// ListPath is a path of a list S with elements E. It adds to [Path] what can be done with elements.
type ListPath[T any, S ~[]E, E any] struct{ Path[T, S] }

// List names a field that is stored as a list. It panics as [Field] does, and for a slice that is stored as a set or as binary.
func List[T any, S ~[]E, E any](selector func(*T) *S) ListPath[T, S, E] {
	return ListPath[T, S, E]{top[T, S]("List", aList, selector)}
}

// NestedList names a list inside a list element or a map value, as [Nested] does.
func NestedList[T, F any, S ~[]E, E any](of FieldPath[T, F], selector func(*F) *S) ListPath[T, S, E] {
	return ListPath[T, S, E]{below[T, F, S]("NestedList", aList, of.Path, selector)}
}

// At names the element at an index, from 0. Set of one behind the end appends it. A negative index makes the call that uses
// the path fail.
//
// The path offers what every type has; [NestedNumber] and its siblings, with a selector that returns its argument, offer what
// the element's own type has.
func (p ListPath[T, S, E]) At(index int) FieldPath[T, E] {
	return FieldPath[T, E]{Path[T, E]{p.path.At(index)}}
}

// Append adds elements at the end; an absent list counts as empty. Without an element the call that is given the update fails.
// Repeated, it appends twice.
func (p ListPath[T, S, E]) Append(elements ...E) Update[T] {
	return update[T](ast.Append(p.path, p.operand(elements)))
}

// Prepend is [ListPath.Append] before the first element.
func (p ListPath[T, S, E]) Prepend(elements ...E) Update[T] {
	return update[T](ast.Prepend(p.path, p.operand(elements)))
}

// Contains holds where an element equals the value.
func (p ListPath[T, S, E]) Contains(element E) Cond[T] {
	return Cond[T]{ast.Contains(p.path, p.path.Element(reflect.ValueOf(&element).Elem()))}
}

// Size is the number of elements.
func (p ListPath[T, S, E]) Size() SizePath[T] { return SizePath[T]{p.path} }
