// Package reading tests what queries, collections and cursors promise of shards, buckets of time, natural keys and projected indexes,
// on the embedded engine. It is a package of its own because its tests compile in a fraction of the time that those of repo take.
package reading

import (
	"context"
	"os"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.uber.org/goleak"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var soak = os.Getenv("SOAK") != ""

// counter is a client that counts requests by operation.
type counter struct {
	repo.Client
	mu     sync.Mutex
	counts map[string]int
	asked  func(context.Context, *dynamodb.QueryInput) error // before a Query is sent; nil for nothing
	fetch  func()                                            // before a BatchGetItem is sent; nil for nothing
}

func counting(c repo.Client) *counter { return &counter{Client: c, counts: map[string]int{}} }

func (c *counter) count(op string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[op]++
	c.counts[""]++
}

// sent is what was sent since the last call: an operation's, or everything for "".
func (c *counter) sent(op string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.counts[op]
	c.counts = map[string]int{}
	return n
}

func (c *counter) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	c.count("Query")
	if c.asked != nil {
		if err := c.asked(ctx, in); err != nil {
			return nil, err
		}
	}
	return c.Client.Query(ctx, in, o...)
}

func (c *counter) Scan(ctx context.Context, in *dynamodb.ScanInput, o ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	c.count("Scan")
	return c.Client.Scan(ctx, in, o...)
}

func (c *counter) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	c.count("GetItem")
	return c.Client.GetItem(ctx, in, o...)
}

func (c *counter) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	c.count("BatchGetItem")
	if c.fetch != nil {
		c.fetch()
	}
	return c.Client.BatchGetItem(ctx, in, o...)
}

// handle is a repository of any type.
type handle interface {
	member() repo.Member
	blank() any
	put(context.Context, any) (any, error)
	query(asks, filter []ask, r request) question
}

// question is a query of any type.
type question interface {
	all(context.Context) ([]any, error)
	page(context.Context, repo.Cursor) ([]any, repo.Cursor, error)
	count(context.Context) (int, error)
	first(context.Context) (any, error)
	cursorAt(any) (repo.Cursor, error)
	explain() (repo.Plan, error)
	inputs() ([]*dynamodb.QueryInput, error)
	with(request) question
}

// conditions makes the conditions on the fields of a type.
type conditions[T any] map[string]func(ask) expr.Cond[T]

func ordered[T, V any](p expr.FieldPath[T, V]) func(ask) expr.Cond[T] {
	return func(a ask) expr.Cond[T] {
		v := a.values[0].(V)
		switch a.op {
		case eq:
			return p.Eq(v)
		case lt:
			return p.Lt(v)
		case le:
			return p.Le(v)
		case gt:
			return p.Gt(v)
		case ge:
			return p.Ge(v)
		}
		return p.Between(v, a.values[1].(V))
	}
}

func text[T any](p expr.StringPath[T, string]) func(ask) expr.Cond[T] {
	inner := ordered(p.FieldPath)
	return func(a ask) expr.Cond[T] {
		if a.op == prefix {
			return p.HasPrefix(a.values[0].(string))
		}
		return inner(a)
	}
}

func opener[T any](conds conditions[T]) func(repo.Client, repo.Table) (handle, error) {
	return func(c repo.Client, t repo.Table) (handle, error) {
		r, err := repo.New[T](c, t)
		return &typed[T]{r, conds}, err
	}
}

type typed[T any] struct {
	r     *repo.Repository[T]
	conds conditions[T]
}

func (h *typed[T]) member() repo.Member { return h.r }

func (h *typed[T]) blank() any { return new(T) }

func (h *typed[T]) put(ctx context.Context, v any) (any, error) { return h.r.Put(ctx, v.(T)) }

func (h *typed[T]) query(asks, filter []ask, r request) question {
	q := h.r.Query(h.made(asks)...)
	if len(filter) > 0 {
		q = q.Filter(h.made(filter)...)
	}
	return questioned[T]{q}.with(r)
}

func (h *typed[T]) made(asks []ask) (out []expr.Cond[T]) {
	for _, a := range asks {
		out = append(out, h.conds[a.field](a))
	}
	return out
}

type questioned[T any] struct{ q repo.Query[T] }

func (q questioned[T]) with(r request) question {
	out := q.q
	if r.index != "" {
		out = out.Index(r.index)
	}
	if r.desc {
		out = out.Desc()
	}
	if r.consistent {
		out = out.Consistent()
	}
	if r.hydrate {
		out = out.Hydrate()
	}
	if r.limit > 0 {
		out = out.Limit(r.limit)
	}
	if r.pageSize > 0 {
		out = out.PageSize(r.pageSize)
	}
	return questioned[T]{out}
}

func (q questioned[T]) all(ctx context.Context) ([]any, error) {
	found, err := repo.Collect(q.q.All(ctx))
	return untyped(found), err
}

func (q questioned[T]) page(ctx context.Context, from repo.Cursor) ([]any, repo.Cursor, error) {
	p, err := q.q.Page(ctx, from)
	return untyped(p.Items), p.Next, err
}

func (q questioned[T]) count(ctx context.Context) (int, error)  { return q.q.Count(ctx) }
func (q questioned[T]) first(ctx context.Context) (any, error)  { return q.q.First(ctx) }
func (q questioned[T]) cursorAt(v any) (repo.Cursor, error)     { return q.q.CursorAt(v.(T)) }
func (q questioned[T]) explain() (repo.Plan, error)             { return q.q.Explain() }
func (q questioned[T]) inputs() ([]*dynamodb.QueryInput, error) { return q.q.Inputs() }

func untyped[T any](in []T) (out []any) {
	for _, v := range in {
		out = append(out, v)
	}
	return out
}

// opened is a table of one type, or of several, on an engine of its own.
func opened(t *testing.T) (*counter, *repotest.Engine) {
	t.Helper()
	e := repotest.New()
	return counting(e.Client()), e
}

// must makes a repository.
func must[T any](t *testing.T, c repo.Client, table repo.Table) *repo.Repository[T] {
	t.Helper()
	r, err := repo.New[T](c, table)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func create(t *testing.T, e *repotest.Engine, table repo.Table, members ...repo.Member) {
	t.Helper()
	if err := repo.CreateTable(t.Context(), e.Client(), table, members...); err != nil {
		t.Fatal(err)
	}
}

func put[T any](t *testing.T, r *repo.Repository[T], values ...T) {
	t.Helper()
	for _, v := range values {
		if _, err := r.Put(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
}

// load stores values in batches, past all counting.
func load[T any](t *testing.T, e *repotest.Engine, table repo.Table, r *repo.Repository[T], n int, value func(int) T) {
	t.Helper()
	c := e.Client()
	var requests []types.WriteRequest
	for i := range n {
		row, err := r.Encode(value(i))
		if err != nil {
			t.Fatal(err)
		}
		requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: row}})
		if len(requests) < 25 && i < n-1 {
			continue
		}
		in := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table.Name: requests}}
		if _, err := c.BatchWriteItem(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		requests = nil
	}
}

// plant stores rows as they are.
func plant(t *testing.T, e *repotest.Engine, table repo.Table, rows ...map[string]types.AttributeValue) {
	t.Helper()
	for _, row := range rows {
		if _, err := e.Client().PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table.Name, Item: row}); err != nil {
			t.Fatal(err)
		}
	}
}

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// fatal is what tests and rapid's have in common.
type fatal interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// store is a table of one kind on an engine of its own.
type store struct {
	engine *repotest.Engine
	raw    *dynamodb.Client // past the counter
	client *counter
	table  repo.Table
	handle handle
}

func newStore(ctx context.Context, t fatal, k *kind, keys ...[]byte) *store {
	t.Helper()
	s := &store{engine: repotest.New(), table: k.table}
	s.raw = s.engine.Client()
	s.client = counting(s.raw)
	s.table.CursorKeys = keys
	var err error
	if s.handle, err = k.open(s.client, s.table); err != nil {
		t.Fatal(err)
	}
	if err := repo.CreateTable(ctx, s.raw, s.table, s.handle.member()); err != nil {
		t.Fatal(err)
	}
	return s
}
