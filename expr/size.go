package expr

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
)

// SizePath is the number of elements of a list, a set or a map. No comparison holds where that is absent.
type SizePath[T any] struct{ path ast.Path }

// String is the size in Go's terms: size(Lines).
func (s SizePath[T]) String() string { return "size(" + s.path.String() + ")" }

func (s SizePath[T]) compare(op ast.Op, n int) Cond[T] {
	number := ast.Value(&types.AttributeValueMemberN{Value: strconv.Itoa(n)})
	return Cond[T]{ast.Size(op, s.path, number)}
}

// Eq holds where the size is n.
func (s SizePath[T]) Eq(n int) Cond[T] { return s.compare(ast.OpEq, n) }

// Ne holds where there is a size and it is not n.
func (s SizePath[T]) Ne(n int) Cond[T] { return s.compare(ast.OpNe, n) }

// Lt holds where the size is less than n.
func (s SizePath[T]) Lt(n int) Cond[T] { return s.compare(ast.OpLt, n) }

// Le holds where the size is n or less.
func (s SizePath[T]) Le(n int) Cond[T] { return s.compare(ast.OpLe, n) }

// Gt holds where the size is greater than n.
func (s SizePath[T]) Gt(n int) Cond[T] { return s.compare(ast.OpGt, n) }

// Ge holds where the size is n or greater.
func (s SizePath[T]) Ge(n int) Cond[T] { return s.compare(ast.OpGe, n) }
