package repo

import (
	"context"
	"iter"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/internal/ast"
)

// Query asks for the items of one partition whose fields fulfil key conditions, in order of the sort key. It is an immutable
// value: its methods return another Query, and one Query may be run many times and from several goroutines. Nothing is planned or
// sent until it is run, and what is wrong with it comes out then.
type Query[T any] struct {
	repo *Repository[T]
	spec querySpec
}

// querySpec is what was asked for.
type querySpec struct {
	conds      []*ast.Cond
	filter     []*ast.Cond
	index      string
	desc       bool
	consistent bool
	bounds     pageBounds
}

// Query asks with key conditions on fields: equalities that bind a partition key, and equalities, a range or a prefix on the
// fields of the sort key, from the left. The index that serves them is found by the planner: the table first, then the indexes in
// the order declared. An index serves by itself only if it holds every item that matches; [Query.Index] names one that does not.
// Conditions that no key can serve are [ErrNoIndex] when the query is run: they belong in [Query.Filter]. Nothing ever falls back
// to a scan.
func (r *Repository[T]) Query(conds ...expr.Cond[T]) Query[T] {
	return Query[T]{r, querySpec{conds: nodes(conds), consistent: r.view.consistent}}
}

// Index names the index to use, and accepts that it may hold only a part of the items.
func (q Query[T]) Index(name string) Query[T] {
	q.spec.index = name
	return q
}

// Filter adds conditions that DynamoDB applies after it has read an item, and read capacity is paid for what they throw away. Any
// condition will do that names no key attribute of the index. Conditions of several Filters must all hold.
func (q Query[T]) Filter(conds ...expr.Cond[T]) Query[T] {
	q.spec.filter = append(q.spec.filter[:len(q.spec.filter):len(q.spec.filter)], nodes(conds)...)
	return q
}

// Desc turns the order round: the last sort key first.
func (q Query[T]) Desc() Query[T] {
	q.spec.desc = true
	return q
}

// Consistent reads strongly consistently, at twice the capacity. Indexes cannot be read so, which is [ErrNoIndex].
func (q Query[T]) Consistent() Query[T] {
	q.spec.consistent = true
	return q
}

// Limit bounds the items that the query yields, at least 1. It counts what is left after filters.
func (q Query[T]) Limit(n int) Query[T] {
	q.spec.bounds.setLimit(n)
	return q
}

// PageSize bounds the items that one request reads, at least 1, before filters. Without it a request reads up to 1 MB, or no more
// than the limit where nothing is filtered.
func (q Query[T]) PageSize(n int) Query[T] {
	q.spec.bounds.setPageSize(n)
	return q
}

// All yields the items lazily: a request is sent when the next page is needed, and none after a break. At most one error is
// yielded, last, with the zero T. Ranging again starts again. The iterator holds one page at a time.
func (q Query[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return all[T](ctx, q.repo.entity, "Query", q.reading)
}

// First returns the first item, and stops at it. Where there is none it is [ErrNotFound].
func (q Query[T]) First(ctx context.Context) (T, error) {
	return first(q.Limit(1).All(ctx), q.repo.entity)
}

// Count counts the items, reading their keys only. It costs what reading them costs: DynamoDB charges for what it reads, not for
// what it returns.
func (q Query[T]) Count(ctx context.Context) (int, error) {
	return count(ctx, q.repo.entity, "Query", q.reading)
}

// Page reads one page from a cursor, "" for the first. A page has as many items as Limit says, or what one request reads where
// there is no limit. Where items are filtered out, at most 8 requests are sent for a page, which may then be short, or empty;
// only an empty Next says that the query is at its end. A cursor of another query, or a damaged one, is [ErrInvalidCursor], and
// nothing is sent.
func (q Query[T]) Page(ctx context.Context, from Cursor) (Page[T], error) {
	return readPage[T](ctx, q.repo.entity, "Query", from, q.reading)
}

// Input is the first request that the query sends; it sends nothing. A query that can have no answer has none: that is
// [ErrNoIndex] where no index serves it, and nil with a nil error where its conditions contradict each other.
func (q Query[T]) Input() (*dynamodb.QueryInput, error) {
	r, err := q.reading()
	if err != nil {
		return nil, q.repo.entity.failed("Query", err)
	}
	if r.empty {
		return nil, nil
	}
	return r.source.(*querySource).input(nil, r.bounds.ask(r.bounds.limit, r.filtered)), nil
}

// reading plans the query.
func (q Query[T]) reading() (*reading, error) {
	if err := q.repo.unconditional(); err != nil {
		return nil, err
	}
	a, _, err := q.repo.entity.plan(q.spec.conds, q.spec.index, q.spec.consistent)
	if err != nil {
		return nil, err
	}
	if err := q.spec.bounds.err(); err != nil {
		return nil, err
	}
	filter, err := q.repo.filter(a, q.spec.filter)
	if err != nil {
		return nil, err
	}
	x, err := build(ast.Request{Key: a.condition(), Filter: filter})
	if err != nil {
		return nil, err
	}
	source := &querySource{access: a, sending: q.repo.sending, client: q.repo.client, table: q.repo.entity.table,
		expression: x, desc: q.spec.desc, consistent: q.spec.consistent}
	return &reading{
		source: source, bounds: q.spec.bounds, empty: a.empty,
		filtered: len(q.spec.filter)+len(a.exact) > 0, sifted: x.Filter != nil,
		keys: q.repo.entity.cursorKeys(a.keys), binding: q.repo.entity.binding(a, q.spec.conds, q.spec.desc), within: a.holds,
		counting: func() (*reading, error) { return q.counting(a, filter, source) },
	}, nil
}

// counting is the reading that asks for keys and type only.
func (q Query[T]) counting(a *access, filter *ast.Cond, source *querySource) (*reading, error) {
	x, err := build(ast.Request{Key: a.condition(), Filter: filter, Project: q.repo.entity.identity()})
	if err != nil {
		return nil, err
	}
	keysOnly := *source
	keysOnly.expression = x
	return &reading{source: &keysOnly, bounds: q.spec.bounds, empty: a.empty, filtered: len(q.spec.filter)+len(a.exact) > 0}, nil
}

// identity lists the attributes by which a row is known to be of an entity.
func (e *entity) identity() []ast.Path {
	out := []ast.Path{}
	for _, attr := range e.table.keyAttributes() {
		out = append(out, ast.Attr(attr))
	}
	if e.table.typed() {
		return append(out, ast.Attr(e.table.TypeAttribute))
	}
	return append(out, ast.Attr(ownerField))
}

// filter is what a read leaves out on the server: what the caller's conditions say, and those that the key serves only nearly, what
// has expired, and other entities where the sort key does not tell them apart.
func (r *Repository[T]) filter(a *access, conds []*ast.Cond) (*ast.Cond, error) {
	keys := make([]string, len(a.keys))
	for i, k := range a.keys {
		keys[i] = k.name
	}
	for _, c := range conds {
		if err := r.entity.filterable(c, keys); err != nil {
			return nil, err
		}
	}
	all := slices.Concat(conds, a.exact, r.hiding())
	if len(a.keys) < 2 || a.keys[1].template.Prefix() == "" {
		all = append(all, r.entity.distinct(keys)...)
	}
	return ast.And(all...), nil
}

// filterable refuses a filter on a key attribute of the index, as DynamoDB does.
func (e *entity) filterable(c *ast.Cond, keys []string) error {
	var bad string
	c.Walk(func(node *ast.Cond) bool {
		for _, p := range []ast.Path{node.Path(), node.Other()} {
			if slices.Contains(keys, p.Attribute()) {
				bad = p.String()
			}
		}
		return bad == ""
	})
	if bad == "" {
		return invalidExpression(c.Err())
	}
	return &Error{Field: bad, kind: ErrInvalidValue, Reason: "a filter cannot name a key attribute of the index that is read; make it a condition of the query"}
}

// distinct is the condition that tells the entity's rows from others: its type or, in a table without types, the literals that
// its primary key begins with, as far as the index's own key does not name those attributes. Rows without a type pass, and are
// told apart when they arrive.
func (e *entity) distinct(keys []string) []*ast.Cond {
	if e.table.typed() {
		return []*ast.Cond{e.isOurs}
	}
	var out []*ast.Cond
	for _, k := range e.primary {
		if prefix := k.template.Prefix(); prefix != "" && !slices.Contains(keys, k.name) {
			out = append(out, ast.BeginsWith(ast.Attr(k.name), text(prefix)))
		}
	}
	return out
}

// querySource sends the requests of a query.
type querySource struct {
	*access
	sending    func(ctx context.Context, operation, index string) sending
	client     Client
	table      *Table
	expression ast.Expression
	desc       bool
	consistent bool
}

func (s *querySource) input(start item, size int) *dynamodb.QueryInput {
	in := &dynamodb.QueryInput{
		TableName: aws.String(s.table.Name), KeyConditionExpression: s.expression.Key, FilterExpression: s.expression.Filter,
		ProjectionExpression: s.expression.Projection, ExpressionAttributeNames: s.expression.Names, ExpressionAttributeValues: s.expression.Values,
		ExclusiveStartKey: start, ReturnConsumedCapacity: s.table.reporting(),
	}
	if s.index != nil {
		in.IndexName = aws.String(s.index.Name)
	}
	if s.desc {
		in.ScanIndexForward = aws.Bool(false)
	}
	if s.consistent {
		in.ConsistentRead = aws.Bool(true)
	}
	if size > 0 {
		in.Limit = aws.Int32(int32(min(size, maxPageSize)))
	}
	return in
}

func (s *querySource) fetch(ctx context.Context, start item, size int) ([]item, item, error) {
	consumed := func(out *dynamodb.QueryOutput) float64 { return units(out.ConsumedCapacity) }
	out, err := send(s.sending(ctx, "Query", s.name()), s.input(start, size), s.client.Query, consumed)
	if err != nil {
		return nil, nil, err
	}
	return out.Items, out.LastEvaluatedKey, nil
}

// holds reports whether a start key lies within the query: in its partition, and in its part of the sort keys.
func (a *access) holds(start item) bool {
	for n, k := range a.keys {
		s, ok := start[k.name].(*types.AttributeValueMemberS)
		if !ok || n == 0 && s.Value != a.partition || n == 1 && !a.sort.holds(s.Value) {
			return false
		}
	}
	return true
}
