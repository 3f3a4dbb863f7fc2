package chunk

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// MaxReads is how many keys a BatchGetItem takes.
const MaxReads = 100

// ReadFunc sends one BatchGetItem with an option of the run.
type ReadFunc func(context.Context, *dynamodb.BatchGetItemInput, func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)

// Reads are runs that get. Rows gets the rows of every answer, on the goroutine of its request and before its items are settled; it
// may be nil.
type Reads struct {
	Send ReadFunc
	Name func(table string, key map[string]types.AttributeValue) string
	Rows func(table string, rows []map[string]types.AttributeValue)
	// Answered gets every answer on the goroutine of its request. It may be nil.
	Answered func(*dynamodb.BatchGetItemOutput)
	// Capacity asks for consumed capacity.
	Capacity types.ReturnConsumedCapacity
}

func (*Reads) limit() int { return MaxReads }

func (*Reads) size(it *Item) int { return ReadSize(it.Read) }

func (r *Reads) send(ctx context.Context, items []*Item, c *call) reply {
	in := &dynamodb.BatchGetItemInput{RequestItems: make(map[string]types.KeysAndAttributes, 1), ReturnConsumedCapacity: r.Capacity}
	for _, it := range items {
		of, ok := in.RequestItems[it.Table]
		if !ok {
			if it.View != nil {
				of = *it.View
			}
			of.Keys = make([]map[string]types.AttributeValue, 0, len(items))
		}
		of.Keys = append(of.Keys, it.Read)
		in.RequestItems[it.Table] = of
	}
	out, err := r.Send(ctx, in, c.option)
	if err != nil {
		return reply{err: err}
	}
	if r.Answered != nil {
		r.Answered(out)
	}
	if r.Rows != nil {
		for table, rows := range out.Responses {
			r.Rows(table, rows)
		}
	}
	back := reply{capacity: units(out.ConsumedCapacity)}
	for table, keys := range out.UnprocessedKeys {
		r.match(&back, items, table, keys)
	}
	return back
}

// match finds the items of keys that an answer left over. They are asked for again as the answer says. Where one cannot be told, all
// of its table that are not told are asked for again.
func (r *Reads) match(back *reply, items []*Item, table string, left types.KeysAndAttributes) {
	mine := named(items, table, func(it *Item) string { return r.Name(table, it.Read) })
	strange := false
	for _, key := range left.Keys {
		it := mine.take(r.Name(table, key))
		if it == nil {
			strange = true
			continue
		}
		it.Read, it.View = key, returned(it.View, left)
		back.left = append(back.left, it)
	}
	if strange {
		back.left = append(back.left, mine.rest(items)...)
	}
}

// returned is how keys are read that came back: as the answer says and, where it says nothing, as they were asked for. It is the same
// pointer where nothing changed, so that they go together with keys that were not sent yet.
func returned(asked *types.KeysAndAttributes, left types.KeysAndAttributes) *types.KeysAndAttributes {
	left.Keys = nil
	given := asked
	if asked == nil {
		asked = &types.KeysAndAttributes{}
	}
	if left.ConsistentRead == nil {
		left.ConsistentRead = asked.ConsistentRead
	}
	if left.ProjectionExpression == nil && left.AttributesToGet == nil {
		left.ProjectionExpression, left.AttributesToGet = asked.ProjectionExpression, asked.AttributesToGet
	}
	if left.ExpressionAttributeNames == nil {
		left.ExpressionAttributeNames = asked.ExpressionAttributeNames
	}
	if same(asked, &left) {
		return given
	}
	return &left
}

func same(a, b *types.KeysAndAttributes) bool {
	return aws.ToBool(a.ConsistentRead) == aws.ToBool(b.ConsistentRead) && aws.ToString(a.ProjectionExpression) == aws.ToString(b.ProjectionExpression) &&
		maps.Equal(a.ExpressionAttributeNames, b.ExpressionAttributeNames) && slices.Equal(a.AttributesToGet, b.AttributesToGet)
}
