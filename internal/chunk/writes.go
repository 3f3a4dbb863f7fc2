package chunk

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attempt"
)

// MaxWrites is how many items a BatchWriteItem takes.
const MaxWrites = 25

// WriteFunc sends one BatchWriteItem with an option of the run.
type WriteFunc func(context.Context, *dynamodb.BatchWriteItemInput, func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, attempt.Outcome, error)

// Writes are runs that put and delete. The name of an item is what tells it from others of its request, as the function gives it for
// the row of a put or the key of a delete: an unprocessed request is found by it again.
type Writes struct {
	Send WriteFunc
	Name func(table string, row map[string]types.AttributeValue, deletes bool) string
	// Metrics asks for the sizes of item collections, and gets every answer on the goroutine of its request.
	Metrics  types.ReturnItemCollectionMetrics
	Answered func(*dynamodb.BatchWriteItemOutput)
	// Capacity asks for consumed capacity.
	Capacity types.ReturnConsumedCapacity
}

func (*Writes) limit() int { return MaxWrites }

func (*Writes) size(it *Item) int { return WriteSize(it.Write) }

func (w *Writes) send(ctx context.Context, items []*Item, c *call) reply {
	in := &dynamodb.BatchWriteItemInput{RequestItems: make(map[string][]types.WriteRequest, 1), ReturnConsumedCapacity: w.Capacity, ReturnItemCollectionMetrics: w.Metrics}
	for _, it := range items {
		list := in.RequestItems[it.Table]
		if list == nil {
			list = make([]types.WriteRequest, 0, len(items))
		}
		in.RequestItems[it.Table] = append(list, it.Write)
	}
	out, outcome, err := w.Send(ctx, in, c.option)
	if err != nil {
		return reply{err: err, unknown: outcome != attempt.NotApplied}
	}
	if w.Answered != nil {
		w.Answered(out)
	}
	r := reply{capacity: units(out.ConsumedCapacity)}
	if len(out.UnprocessedItems) > 0 {
		r.clouded = clouded(out.ResultMetadata)
		w.match(&r, items, out.UnprocessedItems)
	}
	return r
}

// match finds the items of the requests that an answer left over, and keeps those requests as they are. Where one cannot be told, all
// of its table that are not told may be the ones, and none of them is known to be written.
func (w *Writes) match(r *reply, items []*Item, left map[string][]types.WriteRequest) {
	for table, requests := range left {
		mine := named(items, table, func(it *Item) string { return w.nameOf(table, it.Write) })
		strange := false
		for _, request := range requests {
			it := mine.take(w.nameOf(table, request))
			if it == nil {
				strange = true
				continue
			}
			it.Write = request
			r.left = append(r.left, it)
		}
		if strange {
			r.clouded = true
			r.left = append(r.left, mine.rest(items)...)
		}
	}
}

func (w *Writes) nameOf(table string, request types.WriteRequest) string {
	switch {
	case request.PutRequest != nil:
		return w.Name(table, request.PutRequest.Item, false)
	case request.DeleteRequest != nil:
		return w.Name(table, request.DeleteRequest.Key, true)
	}
	return ""
}

// byName are the items of one table of a request.
type byName map[string]*Item

func named(items []*Item, table string, name func(*Item) string) byName {
	out := make(byName, len(items))
	for _, it := range items {
		if it.Table == table {
			out[name(it)] = it
		}
	}
	return out
}

func (n byName) take(name string) *Item {
	it := n[name]
	delete(n, name)
	return it
}

// rest lists those that nobody took, in the order of the request.
func (n byName) rest(items []*Item) []*Item {
	var out []*Item
	left := make(map[*Item]bool, len(n))
	for _, it := range n {
		left[it] = true
	}
	for _, it := range items {
		if left[it] {
			out = append(out, it)
		}
	}
	return out
}

func units(reports []types.ConsumedCapacity) (n float64) {
	for _, c := range reports {
		if c.CapacityUnits != nil {
			n += *c.CapacityUnits
		}
	}
	return n
}
