package repo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/internal/ast"
)

// scanSource sends the requests of a scan. The partition of a position is the segment.
type scanSource struct {
	spec       scanSpec
	sending    func(ctx context.Context, operation, index string) sending
	client     Client
	table      *Table
	expression ast.Expression
}

func (s *scanSource) input(at position, size int) *dynamodb.ScanInput {
	in := &dynamodb.ScanInput{
		TableName: aws.String(s.table.Name), FilterExpression: s.expression.Filter, ProjectionExpression: s.expression.Projection,
		ExpressionAttributeNames: s.expression.Names, ExpressionAttributeValues: s.expression.Values,
		ExclusiveStartKey: at.start, ReturnConsumedCapacity: s.table.reporting(),
	}
	if s.spec.index != "" {
		in.IndexName = aws.String(s.spec.index)
	}
	if s.spec.consistent {
		in.ConsistentRead = aws.Bool(true)
	}
	if s.spec.segments.several() {
		in.Segment, in.TotalSegments = aws.Int32(int32(at.partition)), aws.Int32(int32(s.spec.segments.count()))
	}
	if size > 0 {
		in.Limit = aws.Int32(int32(min(size, maxPageSize)))
	}
	return in
}

func (s *scanSource) from(at position) stream { return &scanning{s, at} }

// scanning is a stream of the rows of a scan, or of one segment of it.
type scanning struct {
	*scanSource
	at position
}

func (s *scanning) fetch(ctx context.Context, size int) (fetched, error) {
	consumed := func(out *dynamodb.ScanOutput) float64 { return units(out.ConsumedCapacity) }
	out, err := send(s.sending(ctx, "Scan", s.spec.index), s.input(s.at, size), s.client.Scan, consumed)
	if err != nil {
		return fetched{}, err
	}
	s.at.start = out.LastEvaluatedKey
	return fetched{rows: out.Items, next: s.at, more: len(s.at.start) > 0}, nil
}
