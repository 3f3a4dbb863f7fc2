package expr

import "github.com/monotable/monotable/internal/ast"

// StringPath is a path of text. It adds to [FieldPath] what can be asked of a part of it.
type StringPath[T any, V ~string] struct{ FieldPath[T, V] }

// String names a field of text. It panics as [Field] does.
func String[T any, V ~string](selector func(*T) *V) StringPath[T, V] {
	return StringPath[T, V]{FieldPath[T, V]{top[T, V]("String", anything, selector)}}
}

// NestedString names text inside a list element or a map value, as [Nested] does.
func NestedString[T, E any, V ~string](of FieldPath[T, E], selector func(*E) *V) StringPath[T, V] {
	return StringPath[T, V]{FieldPath[T, V]{below[T, E, V]("NestedString", anything, of.Path, selector)}}
}

// HasPrefix holds where the text begins with the value, byte by byte.
func (p StringPath[T, V]) HasPrefix(prefix V) Cond[T] {
	return Cond[T]{ast.BeginsWith(p.path, p.operand(prefix))}
}

// Contains holds where the value is a part of the text.
func (p StringPath[T, V]) Contains(part V) Cond[T] {
	return Cond[T]{ast.Contains(p.path, p.operand(part))}
}
