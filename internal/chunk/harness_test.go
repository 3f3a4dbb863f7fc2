package chunk_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.uber.org/goleak"

	"github.com/monotable/monotable/internal/attempt"
	"github.com/monotable/monotable/internal/chunk"
	"github.com/monotable/monotable/repo/repotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type row = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// bench is an engine with a table of one key attribute.
type bench struct {
	engine *repotest.Engine
	client *dynamodb.Client
}

func newBench(tb testing.TB, opts ...repotest.Option) *bench {
	tb.Helper()
	b := &bench{engine: repotest.New(opts...)}
	b.client = b.engine.Client()
	for _, table := range []string{"tab", "other"} {
		_, err := b.client.CreateTable(context.Background(), &dynamodb.CreateTableInput{TableName: aws.String(table), BillingMode: types.BillingModePayPerRequest,
			AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS}, {AttributeName: aws.String("sk"), AttributeType: types.ScalarAttributeTypeS}},
			KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange}}})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return b
}

func name(table string, r row) string {
	return table + "/" + r["pk"].(*types.AttributeValueMemberS).Value + "/" + r["sk"].(*types.AttributeValueMemberS).Value
}

func keyOf(pk string, n int) row { return row{"pk": text(pk), "sk": text(fmt.Sprint(n))} }

// writes is the kind that writes with a client.
func writes(c *dynamodb.Client) *chunk.Writes {
	return &chunk.Writes{
		Name: func(table string, r row, _ bool) string { return name(table, r) },
		Send: func(ctx context.Context, in *dynamodb.BatchWriteItemInput, o func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, attempt.Outcome, error) {
			track := attempt.New(true)
			out, err := c.BatchWriteItem(ctx, in, o, track.Option)
			return out, track.Outcome(err), err
		},
	}
}

// put is an item of a partition, with a payload of some bytes.
func put(index int, table, pk string, bytes int) *chunk.Item {
	r := keyOf(pk, index)
	r["text"] = text(strings.Repeat("x", bytes))
	return &chunk.Item{Index: index, Table: table, Key: name(table, r), Write: types.WriteRequest{PutRequest: &types.PutRequest{Item: r}}}
}

// books count what a run says of its items.
type books struct {
	states map[int]chunk.State
	errs   map[int]error
	twice  []int
}

func newBooks() *books { return &books{states: map[int]chunk.State{}, errs: map[int]error{}} }

func (b *books) settled(it *chunk.Item, s chunk.State, err error) {
	if _, known := b.states[it.Index]; known {
		b.twice = append(b.twice, it.Index)
	}
	b.states[it.Index], b.errs[it.Index] = s, err
}

func (b *books) count(s chunk.State) (n int) {
	for _, other := range b.states {
		if other == s {
			n++
		}
	}
	return n
}
