package expr

import "github.com/monotable/monotable/internal/ast"

// Numeric are the types of a [NumberPath].
type Numeric interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// NumberPath is a path of numbers. It adds to [FieldPath] arithmetic in the table.
//
// An update with Add or Sub is not idempotent: repeated, it counts twice. It fails for fields that are stored as strings, and
// for NaN and the infinities.
type NumberPath[T any, V Numeric] struct{ FieldPath[T, V] }

// Number names a field of numbers. It panics as [Field] does.
func Number[T any, V Numeric](selector func(*T) *V) NumberPath[T, V] {
	return NumberPath[T, V]{FieldPath[T, V]{top[T, V]("Number", anything, selector)}}
}

// NestedNumber names a number inside a list element or a map value, as [Nested] does.
func NestedNumber[T, E any, V Numeric](of FieldPath[T, E], selector func(*E) *V) NumberPath[T, V] {
	return NumberPath[T, V]{FieldPath[T, V]{below[T, E, V]("NestedNumber", anything, of.Path, selector)}}
}

// Add adds to the number; an absent one counts as zero. The sum may be one that V cannot hold: DynamoDB knows no bounds but
// its own 38 digits.
func (p NumberPath[T, V]) Add(v V) Update[T] { return update[T](ast.Add(p.path, p.operand(v))) }

// Sub subtracts from the number, as [NumberPath.Add] adds to it. The difference may be negative where V is unsigned.
func (p NumberPath[T, V]) Sub(v V) Update[T] {
	return update[T](ast.Add(p.path, p.operand(v).Negated()))
}
