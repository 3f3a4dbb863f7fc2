package expr

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/monotable/monotable/internal/ast"
)

// Cond is a condition on an entity T. The zero Cond is no condition: it always holds.
//
// What is wrong with a condition, it keeps; the call that it is given to returns that as an error before anything is sent. In one
// request the text of a condition may be 4 KB long, with 300 operators and functions. A Cond is immutable and safe for concurrent
// use.
type Cond[T any] struct{ node *ast.Cond }

// And holds where all conditions do. Zero Conds are left out; of no condition it is the zero Cond.
func And[T any](conds ...Cond[T]) Cond[T] { return Cond[T]{ast.And(nodes(conds)...)} }

// Or holds where at least one of the conditions does. Of no condition, or with a zero Cond among them, the call that it is
// given to fails: an Or that always holds is more likely a mistake than a wish.
func Or[T any](conds ...Cond[T]) Cond[T] { return Cond[T]{ast.Or(nodes(conds)...)} }

// Not holds where the condition does not. With the zero Cond the call that it is given to fails.
func Not[T any](cond Cond[T]) Cond[T] { return Cond[T]{ast.Not(cond.node)} }

// RawCond takes a condition of the SDK's expression package, for what this package cannot say. Its names are those of the
// table, not of Go, and its values are encoded without the tags of any field. It cannot serve as the key condition of a query,
// nor pin a field for an update of an index.
//
// A condition that cannot be written makes the call that it is given to fail. The SDK's package reads dots and brackets in a
// Name as a path, so a name must never come from outside the program. Values are kept until the last call that uses the
// condition: do not change what they point at.
func RawCond[T any](cond expression.ConditionBuilder) Cond[T] { return Cond[T]{ast.Raw(cond)} }

// String shows the condition with Go's names and a question mark for each value, so it can be logged. For the zero Cond it is
// empty.
func (c Cond[T]) String() string { return c.node.String() }

// Node is for the packages of this module: the condition without its type parameter, nil for the zero Cond.
func (c Cond[T]) Node() *ast.Cond { return c.node }

func nodes[T any](conds []Cond[T]) []*ast.Cond {
	all := make([]*ast.Cond, len(conds))
	for i, c := range conds {
		all[i] = c.node
	}
	return all
}
