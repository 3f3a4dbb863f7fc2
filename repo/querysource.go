package repo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/internal/ast"
)

// querySource sends the requests of a query.
type querySource struct {
	*access
	sending    func(ctx context.Context, operation, index string) sending
	client     Client
	table      *Table
	filter     *ast.Cond
	project    []ast.Path
	first      ast.Expression // of the first partition
	desc       bool
	consistent bool
}

// expressionOf makes the expressions of the request for one partition.
func (s *querySource) expressionOf(partition int, sort sortRange) (ast.Expression, error) {
	if partition == 0 && sort == s.sort {
		return s.first, nil
	}
	return s.build(partition, sort)
}

func (s *querySource) build(partition int, sort sortRange) (ast.Expression, error) {
	key, err := s.condition(partition, sort)
	if err != nil {
		return ast.Expression{}, err
	}
	return build(ast.Request{Key: key, Filter: s.filter, Project: s.project})
}

func (s *querySource) input(x ast.Expression, start item, size int) *dynamodb.QueryInput {
	in := &dynamodb.QueryInput{
		TableName: aws.String(s.table.Name), KeyConditionExpression: x.Key, FilterExpression: x.Filter,
		ProjectionExpression: x.Projection, ExpressionAttributeNames: x.Names, ExpressionAttributeValues: x.Values,
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

// send reads one page of a partition.
func (s *querySource) send(ctx context.Context, x ast.Expression, start item, size int) (rows []item, next item, err error) {
	consumed := func(out *dynamodb.QueryOutput) float64 { return units(out.ConsumedCapacity) }
	out, err := send(s.sending(ctx, "Query", s.name()), s.input(x, start, size), s.client.Query, consumed)
	if err != nil {
		return nil, nil, err
	}
	return out.Items, out.LastEvaluatedKey, nil
}

// from reads one partition, or the shards of a bucket together, and one bucket after another.
func (s *querySource) from(at position) stream {
	if s.parts.count() == 1 {
		return &partition{source: s, at: at}
	}
	return &walk{source: s, bucket: at.partition / s.parts.perBucket(), at: at}
}

// within reports whether a position lies within the query: in one of its partitions, and in its part of the sort keys.
func (a *access) within(at position) bool {
	if at.partition >= a.parts.count() {
		return false
	}
	if len(at.start) == 0 {
		return true
	}
	if !a.parts.holds(at.partition, at.start) {
		return false
	}
	for n, av := range a.fixed {
		if !equalKeys(at.start[a.rng[n].name], av) {
			return false
		}
	}
	key, ranged := a.ranged()
	return !ranged || a.sort.sent().holds(at.start[key.name])
}

// partition is a stream of the rows of one partition.
type partition struct {
	source *querySource
	at     position
	x      *ast.Expression
}

func (p *partition) fetch(ctx context.Context, size int) (out fetched, err error) {
	if p.x == nil {
		x, err := p.source.expressionOf(p.at.partition, p.source.sort)
		if err != nil {
			return out, err
		}
		p.x = &x
	}
	if out.rows, p.at.start, err = p.source.send(ctx, *p.x, p.at.start, size); err != nil {
		return fetched{}, err
	}
	out.next, out.more = p.at, len(p.at.start) > 0
	return out, nil
}

// walk is a stream of the rows of one bucket after another. It turns to the next bucket when it is asked to: nothing is read before it
// is wanted.
type walk struct {
	source *querySource
	bucket int // in order of the key
	at     position
	in     stream
}

func (w *walk) fetch(ctx context.Context, size int) (fetched, error) {
	per := w.source.parts.perBucket()
	if w.in == nil {
		w.in = w.source.bucket(w.at)
	}
	out, err := w.in.fetch(ctx, size)
	if err != nil || out.more {
		return out, err
	}
	buckets := w.source.parts.count() / per
	if w.bucket++; w.bucket < buckets {
		w.at, w.in = position{partition: w.bucket * per}, nil
		if out.partitions == nil {
			out.partitions = repeated(out.next.partition, len(out.rows))
		}
		out.next, out.more = w.at, true
	}
	return out, nil
}

// bucket is the stream of one bucket from a position on.
func (s *querySource) bucket(at position) stream {
	if s.parts.shards == 0 {
		return &partition{source: s, at: at}
	}
	return newMerge(s, at)
}

func repeated(n, times int) []int {
	out := make([]int, times)
	for i := range out {
		out[i] = n
	}
	return out
}
