package batch

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/chunk"
	"github.com/monotable/monotable/repo"
)

// GetItems carries out a BatchGetItem of any number of keys of any number of tables, with the workers, retries and books of a [Batch].
// Each table is read as the input says; Options.Consistent makes all reads consistent. Inputs are counted through the tables in the
// order of their names, and within each as they stand there. A key that stands there twice is read, and answered, once. An empty input
// is a success that sends nothing; it is not changed.
//
// The output has the rows of all requests together, in no particular order, and as UnprocessedKeys the keys that were not read and not
// rejected; it is there also with an error, which is an [*Error] as with [Batch.Get].
func GetItems(ctx context.Context, c repo.Client, in *dynamodb.BatchGetItemInput, o Options) (*dynamodb.BatchGetItemOutput, error) {
	if in == nil {
		in = &dynamodb.BatchGetItemInput{}
	}
	var items []*chunk.Item
	var of []string
	for _, table := range sorted(in.RequestItems) {
		view := viewOf(in.RequestItems[table], o.Consistent)
		for _, key := range in.RequestItems[table].Keys {
			it := &chunk.Item{Index: len(items), Table: table, Read: key, View: view}
			rawKey(it, key, nil)
			items = append(items, it)
			of = append(of, table)
		}
	}
	book := newBook("GetItems", "", len(items))
	book.tables = of
	if err := o.usable(c); err != nil {
		return &dynamodb.BatchGetItemOutput{UnprocessedKeys: in.RequestItems}, book.invalid(err)
	}
	sum := readSum{out: dynamodb.BatchGetItemOutput{Responses: map[string][]map[string]types.AttributeValue{}}}
	o.Duplicates = LastWins // one read for all
	err := o.run(ctx, rawReads(c, in, o, &sum), distinct(of), book, items)
	sum.out.UnprocessedKeys = unread(book, items)
	return &sum.out, err
}

// viewOf is how a table is read: all of its part of the request but the keys.
func viewOf(of types.KeysAndAttributes, consistent bool) *types.KeysAndAttributes {
	of.Keys = nil
	if consistent {
		of.ConsistentRead = aws.Bool(true)
	}
	return &of
}

// readSum is what the answers of all requests hold together.
type readSum struct {
	mu       sync.Mutex
	out      dynamodb.BatchGetItemOutput
	consumed consumed
}

func (s *readSum) add(out *dynamodb.BatchGetItemOutput) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.ConsumedCapacity = s.consumed.add(out.ConsumedCapacity)
	for table, rows := range out.Responses {
		s.out.Responses[table] = append(s.out.Responses[table], rows...)
	}
}

func rawReads(c repo.Client, in *dynamodb.BatchGetItemInput, o Options, sum *readSum) *chunk.Reads {
	sender := repo.NewSender(c)
	capacity := in.ReturnConsumedCapacity
	if capacity == "" {
		capacity = o.reporting()
	}
	return &chunk.Reads{
		Name:     func(table string, key map[string]types.AttributeValue) string { return identity(table, key, nil) },
		Capacity: capacity,
		Answered: sum.add,
		Send: func(ctx context.Context, in *dynamodb.BatchGetItemInput, option func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
			return sender.With(option).BatchGetItem(ctx, in)
		},
	}
}

// unread are the keys that may be asked for again, each once and as the input asks for them.
func unread(b *book, items []*chunk.Item) map[string]types.KeysAndAttributes {
	out := map[string]types.KeysAndAttributes{}
	seen := map[string]bool{}
	for _, f := range b.failures {
		it := items[f.Index]
		if f.State == Rejected || seen[it.Key] {
			continue
		}
		seen[it.Key] = true
		of, known := out[it.Table]
		if !known {
			of = *it.View
		}
		of.Keys = append(of.Keys, it.Read)
		out[it.Table] = of
	}
	return out
}
