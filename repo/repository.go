package repo

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/attempt"
	"github.com/monotable/monotable/internal/schema"
)

// Repository reads and writes the entities of type T in one table. It is immutable and safe for concurrent use; make one per
// type and keep it. Views derived from it ([Repository.Consistent], [Repository.If], [Repository.With]) are repositories too.
type Repository[T any] struct{ core core }

// core is a repository without its type parameter: what does not concern T is compiled once, not once for each entity of a program. It is
// a named field for the same reason: methods of an embedded one would be promoted, hence compiled, for each T.
type core struct {
	entity *entity
	client Client
	view   view
}

// view is what a derived repository adds.
type view struct {
	consistent  bool
	expired     bool // expired items are shown
	exactlyOnce bool
	scope       *scope // nil for all items
	conds       []*ast.Cond
	options     []func(*dynamodb.Options)
}

// Member is a repository of any type, for what concerns several entities of one table. Only a [Repository] is one.
type Member interface{ member() *core }

func (r *Repository[T]) member() *core {
	if r == nil {
		return nil
	}
	return &r.core
}

// New makes the repository of a type in a table. It sends nothing. What is wrong with the type's tags, and what does not fit the
// table, is reported at once in a [*SchemaError]. The client may be any [Client]; nil is refused.
func New[T any](c Client, t Table) (*Repository[T], error) {
	typ := reflect.TypeFor[T]()
	e, problems := bind(typ, t.withDefaults())
	if isNil(c) {
		problems = append(problems, schema.Problem{Type: typ.String(), Text: "the client is nil; make one with client.New"})
	}
	if len(problems) > 0 {
		return nil, &SchemaError{Type: typ.String(), Problems: texts(problems)}
	}
	return &Repository[T]{core{entity: e, client: c}}, nil
}

// Must is for package-level declarations: it returns the repository, and panics on an error.
//
//	var orders = repo.Must(repo.New[Order](client, table))
func Must[T any](r *Repository[T], err error) *Repository[T] {
	if err != nil {
		panic(err)
	}
	return r
}

// isNil reports whether a client is nil, or a nil pointer in an interface.
func isNil(c Client) bool {
	if c == nil {
		return true
	}
	v := reflect.ValueOf(c)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// Consistent is the repository whose reads are strongly consistent: Get, Query and Scan of the table see every write that was
// acknowledged before. They cost twice the read capacity. Indexes cannot be read so: such a query is [ErrNoIndex]. See "DynamoDB
// read consistency" in the AWS documentation.
func (r *Repository[T]) Consistent() *Repository[T] {
	derived := *r
	derived.core.view.consistent = true
	return &derived
}

// With is the repository whose requests are sent with further options of the SDK, behind those of the client.
func (r *Repository[T]) With(options ...func(*dynamodb.Options)) *Repository[T] {
	derived := *r
	derived.core.view.options = slices.Concat(r.core.view.options, options)
	return &derived
}

// failed completes an error with the verb that it happened in.
func (e *entity) failed(op string, err error) error {
	var ours *Error
	if errors.As(err, &ours) {
		_ = ours.in(op, e.Name)
	}
	return err
}

// sending is what the one sender needs to know of a repository.
func (r *core) sending(ctx context.Context, operation, index string) sending {
	return sending{ctx: ctx, table: r.entity.table, call: Call{Operation: operation, Entity: r.entity.Name, Index: index}, options: r.view.options, track: attempt.New(true)}
}
