package repotest_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo/repotest"
)

// createVisits makes the table that the examples use: a counter for each page.
func createVisits(c *dynamodb.Client) {
	_, err := c.CreateTable(context.Background(), &dynamodb.CreateTableInput{
		TableName: aws.String("visits"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("page"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("page"), KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		log.Fatal(err)
	}
}

// visit counts a visit and returns the count.
func visit(c *dynamodb.Client, page string) (string, error) {
	out, err := c.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
		TableName: aws.String("visits"), Key: map[string]types.AttributeValue{"page": &types.AttributeValueMemberS{Value: page}},
		UpdateExpression:          aws.String("ADD n :one"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}},
		ReturnValues:              types.ReturnValueUpdatedNew,
	})
	if err != nil {
		return "", err
	}
	return out.Attributes["n"].(*types.AttributeValueMemberN).Value, nil
}

func ExampleNewClient() {
	client := repotest.NewClient()
	createVisits(client)
	fmt.Println(visit(client, "/"))
	fmt.Println(visit(client, "/"))
	// Output:
	// 1 <nil>
	// 2 <nil>
}

func ExampleEngine() {
	engine := repotest.New()
	createVisits(engine.Client())
	fmt.Println(visit(engine.Client(), "/"))
	fmt.Println(visit(engine.Client(), "/")) // another client, the same tables
	fmt.Println(engine.Requests("UpdateItem"), "updates")
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 2 updates
}

func ExampleOption() {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	engine := repotest.New(
		repotest.WithClock(func() time.Time { return start }),
		repotest.WithSeed(7),
	)
	engine.Advance(time.Hour)
	fmt.Println(engine.Now())
	// Output: 2026-01-02 04:04:05 +0000 UTC
}

func ExampleRule() {
	engine := repotest.New()
	client := engine.Client()
	createVisits(client)
	heal := engine.Inject(repotest.Rule{
		Operation: "UpdateItem",
		Partition: "/",
		Nth:       1,
		Fault:     repotest.InternalError(),
	})
	fmt.Println(visit(client, "/")) // the client tries again
	fmt.Println(engine.Requests("UpdateItem"), "requests")
	heal()
	// Output:
	// 1 <nil>
	// 2 requests
}

func ExampleFault() {
	engine := repotest.New()
	client := engine.Client()
	createVisits(client)
	// The update is made, its answer is lost, and the client makes it again.
	engine.Inject(repotest.Rule{Operation: "UpdateItem", Nth: 1, Fault: repotest.LoseResponse()})
	fmt.Println(visit(client, "/"))
	// Output: 2 <nil>
}

func ExampleEvent() {
	engine := repotest.New()
	client := engine.Client()
	stop := engine.Observe(func(e repotest.Event) { fmt.Println(e.Operation, e.Status, e.ErrorType) })
	defer stop()
	_, err := visit(client, "/")
	fmt.Println(err != nil)
	createVisits(client)
	// Output:
	// UpdateItem 400 ResourceNotFoundException
	// true
	// CreateTable 200
}

func ExampleSnapshot() {
	engine := repotest.New()
	client := engine.Client()
	createVisits(client)
	fmt.Println(visit(client, "/"))
	var before *repotest.Snapshot = engine.Snapshot()
	fmt.Println(visit(client, "/"))
	engine.Restore(before)
	fmt.Println(visit(client, "/"))
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 2 <nil>
}
