package repo

import (
	"context"
	"iter"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/internal/ast"
)

// Scan reads a whole table, or a whole index, on purpose, and yields the items of one entity. Like a [Query] it is an immutable
// value, and nothing is sent until it is run.
type Scan[T any] struct {
	repo *Repository[T]
	spec scanSpec
}

type scanSpec struct {
	filter     []*ast.Cond
	index      string
	consistent bool
	bounds     pageBounds
}

// Scan asks for every item of the entity, in no order that means anything. It reads, and is charged for, every row of the table,
// those of other entities included; an index that only some items are in is cheaper.
func (r *Repository[T]) Scan() Scan[T] {
	return Scan[T]{r, scanSpec{consistent: r.view.consistent}}
}

// Index scans an index in place of the table: one that the entity joins.
func (s Scan[T]) Index(name string) Scan[T] {
	s.spec.index = name
	return s
}

// Filter adds conditions that DynamoDB applies after it has read an item; capacity is paid all the same.
func (s Scan[T]) Filter(conds ...expr.Cond[T]) Scan[T] {
	s.spec.filter = append(s.spec.filter[:len(s.spec.filter):len(s.spec.filter)], nodes(conds)...)
	return s
}

// Limit bounds the items that the scan yields, at least 1, after filters.
func (s Scan[T]) Limit(n int) Scan[T] {
	s.spec.bounds.setLimit(n)
	return s
}

// PageSize bounds the rows that one request reads, at least 1, before filters.
func (s Scan[T]) PageSize(n int) Scan[T] {
	s.spec.bounds.setPageSize(n)
	return s
}

// All yields the items lazily, as [Query.All] does.
func (s Scan[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return all[T](ctx, s.repo.entity, "Scan", s.reading)
}

// Count counts the items, reading their keys only; it costs what reading them costs.
func (s Scan[T]) Count(ctx context.Context) (int, error) {
	return count(ctx, s.repo.entity, "Scan", s.reading)
}

// Page reads one page from a cursor, as [Query.Page] does.
func (s Scan[T]) Page(ctx context.Context, from Cursor) (Page[T], error) {
	return readPage[T](ctx, s.repo.entity, "Scan", from, s.reading)
}

// Input is the first request that the scan sends; it sends nothing.
func (s Scan[T]) Input() (*dynamodb.ScanInput, error) {
	r, err := s.reading()
	if err != nil {
		return nil, s.repo.entity.failed("Scan", err)
	}
	return r.source.(*scanSource).input(nil, r.bounds.ask(r.bounds.limit, r.filtered)), nil
}

// reading plans the scan.
func (s Scan[T]) reading() (*reading, error) {
	if err := s.repo.unconditional(); err != nil {
		return nil, err
	}
	if err := s.spec.bounds.err(); err != nil {
		return nil, err
	}
	keys, err := s.repo.entity.scanKeys(s.spec)
	if err != nil {
		return nil, err
	}
	conds := s.spec.filter
	for _, c := range conds {
		if err := invalidExpression(c.Err()); err != nil {
			return nil, err
		}
	}
	filter := ast.And(slices.Concat(s.repo.entity.distinct(nil), s.repo.hiding(), conds)...)
	x, err := build(ast.Request{Filter: filter})
	if err != nil {
		return nil, err
	}
	source := &scanSource{spec: s.spec, sending: s.repo.sending, client: s.repo.client, table: s.repo.entity.table, expression: x}
	return &reading{
		source: source, bounds: s.spec.bounds, filtered: x.Filter != nil, sifted: x.Filter != nil, belongs: s.repo.entity.belongs,
		keys: s.repo.entity.cursorKeys(keys), binding: s.repo.entity.readBinding("scan", s.spec.index), cursorKeys: s.repo.entity.table.CursorKeys,
		within:   func(at position) bool { return at.partition == 0 },
		counting: func() (*reading, error) { return s.counting(filter, source) },
	}, nil
}

// scanKeys are the key attributes of what is scanned.
func (e *entity) scanKeys(spec scanSpec) ([]keyAttribute, error) {
	if spec.index == "" {
		return e.primary, nil
	}
	x := e.indexNamed(spec.index)
	switch {
	case x == nil:
		return nil, noSuchIndex(spec.index)
	case spec.consistent && !x.table.Local:
		return nil, &Error{Index: x.Name, kind: ErrNoIndex, Reason: "the index cannot be read consistently, which only the table and local indexes can"}
	}
	return x.keys, nil
}

// counting is the scan that asks for keys and type only.
func (s Scan[T]) counting(filter *ast.Cond, source *scanSource) (*reading, error) {
	x, err := build(ast.Request{Filter: filter, Project: s.repo.entity.identity()})
	if err != nil {
		return nil, err
	}
	keysOnly := *source
	keysOnly.expression = x
	return &reading{source: &keysOnly, bounds: s.spec.bounds, filtered: x.Filter != nil, belongs: s.repo.entity.belongs}, nil
}

// scanSource sends the requests of a scan.
type scanSource struct {
	spec       scanSpec
	sending    func(ctx context.Context, operation, index string) sending
	client     Client
	table      *Table
	expression ast.Expression
}

func (s *scanSource) input(start item, size int) *dynamodb.ScanInput {
	in := &dynamodb.ScanInput{
		TableName: aws.String(s.table.Name), FilterExpression: s.expression.Filter, ProjectionExpression: s.expression.Projection,
		ExpressionAttributeNames: s.expression.Names, ExpressionAttributeValues: s.expression.Values,
		ExclusiveStartKey: start, ReturnConsumedCapacity: s.table.reporting(),
	}
	if s.spec.index != "" {
		in.IndexName = aws.String(s.spec.index)
	}
	if s.spec.consistent {
		in.ConsistentRead = aws.Bool(true)
	}
	if size > 0 {
		in.Limit = aws.Int32(int32(min(size, maxPageSize)))
	}
	return in
}

func (s *scanSource) from(at position) stream { return &scanning{s, at} }

// scanning is a stream of the rows of a scan.
type scanning struct {
	*scanSource
	at position
}

func (s *scanning) fetch(ctx context.Context, size int) (fetched, error) {
	consumed := func(out *dynamodb.ScanOutput) float64 { return units(out.ConsumedCapacity) }
	out, err := send(s.sending(ctx, "Scan", s.spec.index), s.input(s.at.start, size), s.client.Scan, consumed)
	if err != nil {
		return fetched{}, err
	}
	s.at.start = out.LastEvaluatedKey
	return fetched{rows: out.Items, next: s.at, more: len(s.at.start) > 0}, nil
}
