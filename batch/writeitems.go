package batch

import (
	"context"
	"reflect"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attempt"
	"github.com/monotable/monotable/internal/chunk"
	"github.com/monotable/monotable/repo"
)

// WriteItems carries out a BatchWriteItem of any number of puts and deletes on any number of tables, with the workers, retries and books
// of a [Batch]. Inputs are counted through the tables in the order of their names, and within each as they stand there. Requests are sent
// as they are: nothing of package repo's rules is applied to them. An empty input is a success that sends nothing; it is not changed.
//
// The output has what was reported of all requests together, and as UnprocessedItems what is not written and not rejected; it is there
// also with an error, which is an [*Error] as with [Batch.Put]. Without the key attributes of a table (Options.Keys) two puts of one
// item can only be told by the service, and then only if they meet in one request: those it refuses are rejected with [ErrDuplicate],
// the others are written in any order.
func WriteItems(ctx context.Context, c repo.Client, in *dynamodb.BatchWriteItemInput, o Options) (*dynamodb.BatchWriteItemOutput, error) {
	if in == nil {
		in = &dynamodb.BatchWriteItemInput{}
	}
	var items []*chunk.Item
	var of []string
	keys := keysOf(in, o.Keys)
	for _, table := range sorted(in.RequestItems) {
		for _, request := range in.RequestItems[table] {
			items = append(items, rawWrite(len(items), table, request, keys[table]))
			of = append(of, table)
		}
	}
	book := newBook("WriteItems", "", len(items))
	book.tables = of
	if err := o.usable(c); err != nil {
		return &dynamodb.BatchWriteItemOutput{UnprocessedItems: in.RequestItems}, book.invalid(err)
	}
	sum := writeSum{}
	err := o.run(ctx, rawWrites(c, in, o, keys, &sum), distinct(of), book, items)
	sum.out.UnprocessedItems = unwritten(book, items)
	return &sum.out, err
}

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// distinct counts the tables of a list of inputs, which is in their order.
func distinct(tables []string) int { return len(slices.Compact(slices.Clone(tables))) }

// usable says what is wrong with the options or the client of a raw call.
func (o *Options) usable(c repo.Client) error {
	if v := reflect.ValueOf(c); c == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		return invalid("the client is nil; make one with client.New")
	}
	if wrong := o.check(); wrong != "" {
		return invalid(wrong)
	}
	return nil
}

// keysOf are the key attributes of tables: as they are given, or as a delete shows them.
func keysOf(in *dynamodb.BatchWriteItemInput, given map[string][]string) map[string][]string {
	out := map[string][]string{}
	for table, requests := range in.RequestItems {
		if out[table] = given[table]; len(out[table]) > 0 {
			continue
		}
		for _, request := range requests {
			if request.DeleteRequest != nil && len(request.DeleteRequest.Key) > 0 {
				out[table] = sorted(request.DeleteRequest.Key)
				break
			}
		}
	}
	return out
}

func rawWrite(index int, table string, request types.WriteRequest, keys []string) *chunk.Item {
	it := &chunk.Item{Index: index, Table: table, Write: request}
	put, drop := request.PutRequest, request.DeleteRequest
	switch {
	case (put == nil) == (drop == nil):
		it.Refused = invalid("a write request is either a put or a delete")
	case put != nil:
		rawKey(it, put.Item, keys)
	default:
		rawKey(it, drop.Key, keys)
	}
	return it
}

// rawKey names an item by its row, or refuses the row.
func rawKey(it *chunk.Item, row map[string]types.AttributeValue, keys []string) {
	if it.Refused = checkRow(row); it.Refused == nil {
		it.Key = identity(it.Table, row, keys)
	}
}

// checkRow refuses what the SDK would make broken JSON of.
func checkRow(row map[string]types.AttributeValue) error {
	if len(row) == 0 {
		return invalid("an item or key has no attributes")
	}
	for _, av := range row {
		if hasNil(av) {
			return invalid("an attribute value is nil")
		}
	}
	return nil
}

func hasNil(av types.AttributeValue) bool {
	switch v := av.(type) {
	case nil:
		return true
	case *types.AttributeValueMemberL:
		return v == nil || slices.ContainsFunc(v.Value, hasNil)
	case *types.AttributeValueMemberM:
		if v == nil {
			return true
		}
		for _, e := range v.Value {
			if hasNil(e) {
				return true
			}
		}
		return false
	}
	return reflect.ValueOf(av).IsNil()
}

// writeSum is what the answers of all requests report together.
type writeSum struct {
	mu       sync.Mutex
	out      dynamodb.BatchWriteItemOutput
	consumed consumed
}

func (s *writeSum) add(out *dynamodb.BatchWriteItemOutput) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.ConsumedCapacity = s.consumed.add(out.ConsumedCapacity)
	for table, metrics := range out.ItemCollectionMetrics {
		if s.out.ItemCollectionMetrics == nil {
			s.out.ItemCollectionMetrics = map[string][]types.ItemCollectionMetrics{}
		}
		s.out.ItemCollectionMetrics[table] = append(s.out.ItemCollectionMetrics[table], metrics...)
	}
}

func rawWrites(c repo.Client, in *dynamodb.BatchWriteItemInput, o Options, keys map[string][]string, sum *writeSum) *chunk.Writes {
	sender := repo.NewSender(c)
	capacity := in.ReturnConsumedCapacity
	if capacity == "" {
		capacity = o.reporting()
	}
	return &chunk.Writes{
		Name: func(table string, row map[string]types.AttributeValue, _ bool) string {
			return identity(table, row, keys[table])
		},
		Capacity: capacity,
		Metrics:  in.ReturnItemCollectionMetrics,
		Answered: sum.add,
		Send: func(ctx context.Context, in *dynamodb.BatchWriteItemInput, option func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, attempt.Outcome, error) {
			return sender.With(option).BatchWriteItem(ctx, in)
		},
	}
}

// unwritten are the requests that may be sent again.
func unwritten(b *book, items []*chunk.Item) map[string][]types.WriteRequest {
	out := map[string][]types.WriteRequest{}
	for _, f := range b.failures {
		if f.State != Rejected {
			it := items[f.Index]
			out[it.Table] = append(out[it.Table], it.Write)
		}
	}
	return out
}

// consumed sums up capacity by table.
type consumed struct {
	at   map[string]int
	list []types.ConsumedCapacity
}

func (c *consumed) add(reports []types.ConsumedCapacity) []types.ConsumedCapacity {
	if c.at == nil {
		c.at = map[string]int{}
	}
	for _, r := range reports {
		name := aws.ToString(r.TableName)
		i, known := c.at[name]
		if !known {
			i = len(c.list)
			c.at[name], c.list = i, append(c.list, types.ConsumedCapacity{TableName: aws.String(name)})
		}
		sum := &c.list[i]
		sum.CapacityUnits = plus(sum.CapacityUnits, r.CapacityUnits)
		sum.ReadCapacityUnits = plus(sum.ReadCapacityUnits, r.ReadCapacityUnits)
		sum.WriteCapacityUnits = plus(sum.WriteCapacityUnits, r.WriteCapacityUnits)
		sum.Table = plusCapacity(sum.Table, r.Table)
		sum.LocalSecondaryIndexes = plusIndexes(sum.LocalSecondaryIndexes, r.LocalSecondaryIndexes)
		sum.GlobalSecondaryIndexes = plusIndexes(sum.GlobalSecondaryIndexes, r.GlobalSecondaryIndexes)
	}
	return c.list
}

func plus(a, b *float64) *float64 {
	if b == nil {
		return a
	}
	return aws.Float64(aws.ToFloat64(a) + *b)
}

func plusCapacity(a, b *types.Capacity) *types.Capacity {
	if b == nil {
		return a
	}
	if a == nil {
		a = &types.Capacity{}
	}
	return &types.Capacity{CapacityUnits: plus(a.CapacityUnits, b.CapacityUnits), ReadCapacityUnits: plus(a.ReadCapacityUnits, b.ReadCapacityUnits), WriteCapacityUnits: plus(a.WriteCapacityUnits, b.WriteCapacityUnits)}
}

func plusIndexes(sum, more map[string]types.Capacity) map[string]types.Capacity {
	for name, c := range more {
		if sum == nil {
			sum = map[string]types.Capacity{}
		}
		old := sum[name]
		sum[name] = *plusCapacity(&old, &c)
	}
	return sum
}
