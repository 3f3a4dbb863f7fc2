package repotest_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/repo/repotest"
)

type item = map[string]types.AttributeValue

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func num(n int) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.Itoa(n)}
}

// makeTable makes a table with the key pk, sk and an index over g.
func makeTable(t testing.TB, c *dynamodb.Client, name string) {
	t.Helper()
	_, err := c.CreateTable(context.Background(), tableInput(name))
	if err != nil {
		t.Fatal(err)
	}
}

func tableInput(name string) *dynamodb.CreateTableInput {
	attr := func(n string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: &n, AttributeType: types.ScalarAttributeTypeS}
	}
	key := func(n string, k types.KeyType) types.KeySchemaElement {
		return types.KeySchemaElement{AttributeName: &n, KeyType: k}
	}
	return &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{attr("pk"), attr("sk"), attr("g")},
		KeySchema:            []types.KeySchemaElement{key("pk", types.KeyTypeHash), key("sk", types.KeyTypeRange)},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("byG"), KeySchema: []types.KeySchemaElement{key("g", types.KeyTypeHash)},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	}
}

func keyOf(pk string) item { return item{"pk": str(pk), "sk": str("1")} }

func with(it item, name string, v types.AttributeValue) item {
	out := item{name: v}
	for k, v := range it {
		out[k] = v
	}
	return out
}

func put(ctx context.Context, c *dynamodb.Client, table, pk string, n int) error {
	_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: with(keyOf(pk), "n", num(n))})
	return err
}

// get returns n of an item, 0 if it has none, or -1 if there is no item.
func get(ctx context.Context, c *dynamodb.Client, table, pk string, consistent bool) (int, error) {
	out, err := c.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: keyOf(pk), ConsistentRead: &consistent})
	if err != nil {
		return 0, err
	}
	if out.Item == nil {
		return -1, nil
	}
	n, ok := out.Item["n"].(*types.AttributeValueMemberN)
	if !ok {
		return 0, nil
	}
	return strconv.Atoi(n.Value)
}

// once is a client that does not retry.
func once(c *dynamodb.Client) *dynamodb.Client {
	return dynamodb.New(c.Options(), func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
}

func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// harness is an engine with a table, and a client that does not retry.
func harness(t *testing.T, opts ...repotest.Option) (*repotest.Engine, *dynamodb.Client) {
	t.Helper()
	e := repotest.New(opts...)
	c := once(e.Client())
	makeTable(t, c, "tab")
	return e, c
}
