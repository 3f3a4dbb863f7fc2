package expr

import "github.com/monotable/monotable/internal/ast"

// Update is one change of an entity T; an update of an item takes any number. The zero Update changes nothing.
//
// What is wrong with an update, it keeps; the call that it is given to returns that as an error before anything is sent, as it does
// where two updates name the same path, or a path and one that leads into it. An Update is immutable and safe for concurrent use.
type Update[T any] struct{ change ast.Change }

func update[T any](c ast.Change) Update[T] { return Update[T]{c} }

// String shows the change with Go's names and a question mark for the value, so it can be logged. For the zero Update it is empty.
func (u Update[T]) String() string { return u.change.String() }

// Node is for the packages of this module: the change without its type parameter, zero for the zero Update.
func (u Update[T]) Node() ast.Change { return u.change }
