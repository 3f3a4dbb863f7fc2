package repo

import (
	"context"
	"iter"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/internal/ast"
)

// Query asks for the items of one partition whose fields fulfil key conditions, in order of the sort key. It is an immutable
// value: its methods return another Query, and one Query may be run many times and from several goroutines. Nothing is planned or
// sent until it is run, and what is wrong with it comes out then.
type Query[T any] struct{ query query }

// query is a query without its type parameter.
type query struct {
	repo *core
	spec querySpec
}

// querySpec is what was asked for.
type querySpec struct {
	conds      []*ast.Cond
	filter     []*ast.Cond
	index      string
	desc       bool
	consistent bool
	hydrate    bool
	bounds     pageBounds
}

// Query asks with key conditions on fields: equalities that bind a partition key, and equalities, a range or a prefix on the
// fields of the sort key, from the left. The index that serves them is found by the planner: the table first, then the indexes in
// the order declared. An index serves by itself only if it holds every item that matches; [Query.Index] names one that does not.
// Conditions that no key can serve are [ErrNoIndex] when the query is run: they belong in [Query.Filter]. Nothing ever falls back
// to a scan.
func (r *Repository[T]) Query(conds ...expr.Cond[T]) Query[T] {
	return Query[T]{query{&r.core, querySpec{conds: nodes(conds), consistent: r.core.view.consistent}}}
}

// Index names the index to use, and accepts that it may hold only a part of the items.
func (q Query[T]) Index(name string) Query[T] {
	q.query.spec.index = name
	return q
}

// Filter adds conditions that DynamoDB applies after it has read an item, and read capacity is paid for what they throw away. Any
// condition will do that names no key attribute of the index. Conditions of several Filters must all hold.
func (q Query[T]) Filter(conds ...expr.Cond[T]) Query[T] {
	q.query.spec.filter = slices.Concat(q.query.spec.filter, nodes(conds))
	return q
}

// Desc turns the order round: the last sort key first.
func (q Query[T]) Desc() Query[T] {
	q.query.spec.desc = true
	return q
}

// Consistent reads strongly consistently, at twice the capacity. Indexes cannot be read so, which is [ErrNoIndex].
func (q Query[T]) Consistent() Query[T] {
	q.query.spec.consistent = true
	return q
}

// Limit bounds the items that the query yields, at least 1. It counts what is left after filters.
func (q Query[T]) Limit(n int) Query[T] {
	q.query.spec.bounds.setLimit(n)
	return q
}

// PageSize bounds the items that one request reads, at least 1, before filters. Without it a request reads up to 1 MB, or no more
// than the limit where nothing is filtered.
func (q Query[T]) PageSize(n int) Query[T] {
	q.query.spec.bounds.setPageSize(n)
	return q
}

// All yields the items lazily: a request is sent when the next page is needed, and none after a break. At most one error is
// yielded, last, with the zero T. Ranging again starts again. The iterator holds one page at a time.
func (q Query[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return all[T](ctx, q.query.repo.entity, "Query", q.query.reading)
}

// First returns the first item, and stops at it. Where there is none it is [ErrNotFound].
func (q Query[T]) First(ctx context.Context) (T, error) {
	return first(q.Limit(1).All(ctx), q.query.repo.entity)
}

// Count counts the items, reading their keys only. It costs what reading them costs: DynamoDB charges for what it reads, not for
// what it returns.
func (q Query[T]) Count(ctx context.Context) (int, error) {
	return count(planned(ctx, q.query.repo.entity, "Query", q.query.counted))
}

// Page reads one page from a cursor, "" for the first. A page has as many items as Limit says, or what one request reads where
// there is no limit. Where items are filtered out, at most 8 requests are sent for a page, which may then be short, or empty;
// only an empty Next says that the query is at its end. A cursor of another query, or a damaged one, is [ErrInvalidCursor], and
// nothing is sent.
func (q Query[T]) Page(ctx context.Context, from Cursor) (Page[T], error) {
	return readPage[T](ctx, q.query.repo.entity, "Query", from, q.query.reading)
}

// Input is the first request that the query sends; it sends nothing. A query that can have no answer has none: that is
// [ErrNoIndex] where no index serves it, and nil with a nil error where its conditions contradict each other. One that reads several
// partitions, shards or buckets of time, has several: that is [ErrInvalidValue], and Inputs lists them.
func (q Query[T]) Input() (*dynamodb.QueryInput, error) {
	inputs, err := q.Inputs()
	switch {
	case err != nil || len(inputs) == 0:
		return nil, err
	case len(inputs) > 1:
		return nil, q.query.repo.entity.failed("Query", &Error{kind: ErrInvalidValue, Reason: "the query reads several partitions, each with a request of its own; use Inputs"})
	}
	return inputs[0], nil
}

// Inputs are the first requests that the query sends to each partition that it reads, in their order; it sends nothing. It is empty
// where the conditions contradict each other.
func (q Query[T]) Inputs() ([]*dynamodb.QueryInput, error) {
	inputs, err := q.query.inputs()
	return inputs, q.query.repo.entity.failed("Query", err)
}

func (q query) inputs() ([]*dynamodb.QueryInput, error) {
	r, err := q.reading()
	if err != nil || r.empty {
		return nil, err
	}
	out := make([]*dynamodb.QueryInput, r.query.parts.count())
	for i := range out {
		x, err := r.query.expressionOf(i, r.query.sort)
		if err != nil {
			return nil, err
		}
		out[i] = r.query.input(x, nil, r.bounds.ask(r.bounds.limit, r.filtered))
	}
	return out, nil
}

// asked is what the query asks the planner for.
func (q query) asked() asked {
	return asked{conds: q.spec.conds, index: q.spec.index, consistent: q.spec.consistent, hydrate: q.spec.hydrate, showExpired: q.repo.view.expired}
}

// reading plans the query.
func (q query) reading() (*reading, error) { return q.plan(q.asked(), nil) }

// counted plans the same query for its keys and types only.
func (q query) counted() (*reading, error) {
	ask := q.asked()
	ask.keysOnly = true
	return q.plan(ask, q.repo.entity.identity())
}

// plan plans the query for the attributes that are asked for, all where there are none.
func (q query) plan(ask asked, project []ast.Path) (*reading, error) {
	if err := q.repo.unconditional(); err != nil {
		return nil, err
	}
	if err := q.spec.bounds.err(); err != nil {
		return nil, err
	}
	ask, err := q.repo.narrow(ask)
	if err != nil {
		return nil, err
	}
	a, _, err := q.repo.entity.plan(ask)
	if err != nil {
		return nil, err
	}
	filter, err := q.repo.filter(a, q.spec.filter)
	if err != nil {
		return nil, err
	}
	r, err := q.over(a, filter, project)
	if err != nil {
		return nil, err
	}
	r.belongs = q.repo.belongs(a)
	r.filtered = len(q.spec.filter)+len(a.exact) > 0
	r.envelope.binding = q.repo.entity.binding(a, ask.conds, q.spec.desc)
	return r, nil
}

// over reads an access, with the query's direction, consistency and bounds.
func (q query) over(a *access, filter *ast.Cond, project []ast.Path) (*reading, error) {
	s := &querySource{access: a, sending: q.repo.sending, client: q.repo.client, table: q.repo.entity.table,
		filter: filter, project: q.repo.entity.withKeys(project, a), desc: q.spec.desc, consistent: q.spec.consistent}
	r := &reading{
		source: s, query: s, bounds: q.spec.bounds, empty: a.empty, sifted: filter != nil || len(a.parts.buckets) > 1,
		keys: q.repo.entity.cursorKeys(a.keys()), envelope: envelope{keys: q.repo.entity.table.CursorKeys},
		within: func(at position) bool { return a.within(at) && (len(at.start) == 0 || q.repo.reaches(at.start)) },
	}
	if a.lacks {
		r.source = &hydrated{source: s, sender: q.repo.sender(), keys: a.keys(), reaches: q.repo.reaches, consistent: q.spec.consistent}
	}
	if a.empty {
		return r, nil
	}
	if q.spec.desc {
		slices.Reverse(a.parts.buckets)
	}
	var err error
	s.first, err = s.build(0, a.sort)
	return r, err
}

// withKeys adds the keys of an index to a projection, by which its rows are told and ordered, and leaves out what it does not hold.
func (e *entity) withKeys(project []ast.Path, a *access) []ast.Path {
	if project == nil {
		return nil
	}
	if a.index != nil {
		project = slices.DeleteFunc(project, func(p ast.Path) bool { return !a.index.table.holds(e.table, p.Attribute()) })
	}
	for _, k := range a.keys() {
		if at := ast.Attr(k.name); !slices.ContainsFunc(project, at.Equal) {
			project = append(project, at)
		}
	}
	return project
}

// identity lists the attributes by which a row is known to be of an entity, and whether it has expired.
func (e *entity) identity() []ast.Path {
	out := []ast.Path{}
	for _, attr := range e.table.keyAttributes() {
		out = append(out, ast.Attr(attr))
	}
	if e.TTL != nil && !slices.Contains(e.table.keyAttributes(), e.TTL.Leaf().Attr) {
		for _, name := range e.names(e.TTL.Leaf().Attr) {
			out = append(out, ast.Attr(name))
		}
	}
	if e.table.typed() {
		return append(out, ast.Attr(e.table.TypeAttribute))
	}
	return append(out, ast.Attr(ownerField))
}

// belongs is the test that a row must pass beside what DynamoDB filters: it is of the entity, and not what the key condition takes in
// only because DynamoDB has no narrower one, nor expired where the filter cannot say so.
func (r *core) belongs(a *access) func(item) bool {
	key, near := a.ranged()
	near = near && a.sort.near
	return func(row item) bool {
		return r.entity.belongs(row) && r.sees(row) && !(near && !a.sort.holds(row[key.name])) && !r.hides(row)
	}
}

// filter is what a read leaves out on the server: what the caller's conditions say, and those that the key serves only nearly, what
// has expired, and other entities where the sort key does not tell them apart.
func (r *core) filter(a *access, conds []*ast.Cond) (*ast.Cond, error) {
	keys := make([]string, 0, 4)
	for _, k := range a.keys() {
		keys = append(keys, k.name)
	}
	for _, c := range slices.Concat(conds, a.exact) {
		if err := r.entity.filterable(c, a, keys); err != nil {
			return nil, err
		}
	}
	all := slices.Concat(conds, a.exact)
	if ttl := r.entity.TTL; ttl != nil && !slices.Contains(keys, ttl.Leaf().Attr) && r.entity.reads(a, ttl.Leaf().Attr) {
		all = append(all, r.hiding()...)
	}
	switch {
	case len(a.rng) > 0 && a.rng[0].template.Prefix() != "":
	case r.entity.table.typed() && !r.entity.reads(a, r.entity.table.TypeAttribute):
		all = append(all, r.entity.literals(keys)...)
	default:
		all = append(all, r.entity.distinct(keys)...)
	}
	return r.entity.anyName(ast.And(all...)), nil
}

// filterable refuses a filter on a key attribute of the index, as DynamoDB does, and on one that the index does not hold, which
// DynamoDB would take for absent.
func (e *entity) filterable(c *ast.Cond, a *access, keys []string) error {
	var key, lacks string
	c.Walk(func(node *ast.Cond) bool {
		for _, p := range []ast.Path{node.Path(), node.Other()} {
			switch attr := p.Attribute(); {
			case attr == "":
			case slices.Contains(keys, attr):
				key = p.String()
			case a.index != nil && !e.holds(a.index.table, attr):
				lacks = p.String()
			}
		}
		return key == "" && lacks == ""
	})
	switch {
	case key != "":
		return &Error{Field: key, kind: ErrInvalidValue, Reason: "a filter cannot name a key attribute of the index that is read; make it a condition of the query"}
	case lacks != "":
		return &Error{Field: lacks, Index: a.name(), kind: ErrNoIndex, Reason: "the index does not hold the attribute, so DynamoDB cannot filter by it; project it, or sort the items out in the program"}
	}
	return invalidExpression(c.Err())
}

// reads reports whether what is read holds an attribute: DynamoDB refuses a filter on one that an index lacks.
func (e *entity) reads(a *access, attr string) bool {
	return a.index == nil || e.holds(a.index.table, attr)
}

// distinct is the condition that tells the entity's rows from others: its type or, in a table without types, the literals that
// its primary key begins with, as far as the index's own key does not name those attributes. Rows without a type pass, and are
// told apart when they arrive.
func (e *entity) distinct(keys []string) []*ast.Cond {
	if e.table.typed() {
		return []*ast.Cond{e.isOurs}
	}
	return e.literals(keys)
}

// literals is the condition that the primary key begins as the entity's keys do, as far as the index's own key does not name its
// attributes.
func (e *entity) literals(keys []string) []*ast.Cond {
	var out []*ast.Cond
	for _, k := range e.primary {
		if prefix := k.template.Prefix(); prefix != "" && !slices.Contains(keys, k.name) {
			out = append(out, ast.BeginsWith(ast.Attr(k.name), text(prefix)))
		}
	}
	return out
}
