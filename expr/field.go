package expr

import "github.com/monotable/monotable/internal/ast"

// FieldPath is a path of any type. It adds the orderings to [Path]; they are for text, numbers, times and binary, and what has
// no order in DynamoDB (bools, structs, lists, sets, maps, NULL, numbers that are stored as strings) makes the call that is
// given the condition fail.
type FieldPath[T, V any] struct{ Path[T, V] }

// Field names a field of any type; a pointer is one like any other. It panics if the selector does not return the address of a
// field of T that is stored, or if the tags of T are wrong.
func Field[T, V any](selector func(*T) *V) FieldPath[T, V] {
	return FieldPath[T, V]{top[T, V]("Field", anything, selector)}
}

// Nested names a field inside a list element or a map value, or of any other path. The selector may return its argument to
// name the element itself. It panics as [Field] does.
func Nested[T, E, V any](of FieldPath[T, E], selector func(*E) *V) FieldPath[T, V] {
	return FieldPath[T, V]{below[T, E, V]("Nested", anything, of.Path, selector)}
}

// Lt holds where the attribute is less than the value. No ordering holds for an absent attribute.
func (p FieldPath[T, V]) Lt(v V) Cond[T] { return p.compare(ast.OpLt, v) }

// Le holds where the attribute is less than the value or equal to it.
func (p FieldPath[T, V]) Le(v V) Cond[T] { return p.compare(ast.OpLe, v) }

// Gt holds where the attribute is greater than the value.
func (p FieldPath[T, V]) Gt(v V) Cond[T] { return p.compare(ast.OpGt, v) }

// Ge holds where the attribute is greater than the value or equal to it.
func (p FieldPath[T, V]) Ge(v V) Cond[T] { return p.compare(ast.OpGe, v) }

// Between holds from lo to hi, both included. Where lo is greater than hi it holds nowhere.
func (p FieldPath[T, V]) Between(lo, hi V) Cond[T] {
	return Cond[T]{ast.Between(p.path, p.operand(lo), p.operand(hi))}
}

// LtAttr holds where both attributes are there and this one is less.
func (p FieldPath[T, V]) LtAttr(other Attribute[T, V]) Cond[T] { return p.compareAttr(ast.OpLt, other) }

// LeAttr holds where both attributes are there and this one is less or equal.
func (p FieldPath[T, V]) LeAttr(other Attribute[T, V]) Cond[T] { return p.compareAttr(ast.OpLe, other) }

// GtAttr holds where both attributes are there and this one is greater.
func (p FieldPath[T, V]) GtAttr(other Attribute[T, V]) Cond[T] { return p.compareAttr(ast.OpGt, other) }

// GeAttr holds where both attributes are there and this one is greater or equal.
func (p FieldPath[T, V]) GeAttr(other Attribute[T, V]) Cond[T] { return p.compareAttr(ast.OpGe, other) }
