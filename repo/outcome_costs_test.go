package repo

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
)

// crate is in two indexes.
type crate struct {
	_ struct{} `entity:"Crate" pk:"CUSTOMER#{Customer}" sk:"CRATE#{ID}"`
	_ struct{} `index:"gsi1" pk:"STATUS#{Status}" sk:"{SentAt}#{ID}" when:"Status=open|sent"`
	_ struct{} `index:"gsi2" pk:"DEPOT#{Depot}" sk:"STATUS#{Status}#{ID}"`

	ID       string    `dynamodbav:"id"`
	Customer string    `dynamodbav:"customer"`
	Status   string    `dynamodbav:"status"`
	Depot    string    `dynamodbav:"depot"`
	SentAt   time.Time `dynamodbav:"sent_at"`
	Total    int64     `dynamodbav:"total"`
	Weight   float64   `dynamodbav:"weight"`
	Tags     []string  `dynamodbav:"tags"`
}

var (
	crateStatus = expr.String(func(c *crate) *string { return &c.Status })
	crateDepot  = expr.String(func(c *crate) *string { return &c.Depot })
	crateSentAt = expr.Field(func(c *crate) *time.Time { return &c.SentAt })
)

func aCrate() crate {
	return crate{ID: "k1", Customer: "c1", Status: "sent", Depot: "north", SentAt: time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.UTC), Total: 1250, Weight: 2.5, Tags: []string{"gift", "insured"}}
}

// crateByHand is the same update on the SDK, attributevalue and expression.
func crateByHand(ctx context.Context, client *dynamodb.Client, k crate) (crate, error) {
	var out crate
	sent := k.SentAt.UTC().Format("2006-01-02T15:04:05.000000000Z")
	cond := expression.And(expression.Name("pk").AttributeExists(),
		expression.Or(expression.Name("_type").AttributeNotExists(), expression.Name("_type").Equal(expression.Value("Crate"))))
	update := expression.Set(expression.Name("status"), expression.Value(k.Status)).
		Set(expression.Name("depot"), expression.Value(k.Depot)).
		Set(expression.Name("sent_at"), expression.Value(sent)).
		Set(expression.Name("gsi1pk"), expression.Value("STATUS#"+k.Status)).
		Set(expression.Name("gsi1sk"), expression.Value(sent+"#"+k.ID)).
		Set(expression.Name("gsi2pk"), expression.Value("DEPOT#"+k.Depot)).
		Set(expression.Name("gsi2sk"), expression.Value("STATUS#"+k.Status+"#"+k.ID))
	x, err := expression.NewBuilder().WithCondition(cond).WithUpdate(update).Build()
	if err != nil {
		return out, err
	}
	answer, err := client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: aws.String("app"),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "CUSTOMER#" + k.Customer},
			"sk": &types.AttributeValueMemberS{Value: "CRATE#" + k.ID},
		},
		ConditionExpression: x.Condition(), UpdateExpression: x.Update(), ExpressionAttributeNames: x.Names(), ExpressionAttributeValues: x.Values(),
		ReturnValues: types.ReturnValueAllNew, ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld})
	if err != nil {
		return out, err
	}
	err = attributevalue.UnmarshalMap(answer.Attributes, &out)
	return out, err
}

// An update that plans two indexes is the request that a careful program writes by hand, and costs about as many allocations.
func TestAnUpdateOfTwoIndexesBesideHand(t *testing.T) {
	c := &canned{keep: true}
	client := pairedClient(c)
	crates := Must(New[crate](client, Table{Name: "app", Indexes: []Index{{Name: "gsi1"}, {Name: "gsi2"}}}))
	k, ctx := aCrate(), t.Context()
	stored, err := crates.Encode(k)
	if err != nil {
		t.Fatal(err)
	}
	c.answer(map[string]any{"Attributes": wire(stored)})
	ours := func() (crate, error) {
		return crates.Update(ctx, k, crateStatus.Set(k.Status), crateDepot.Set(k.Depot), crateSentAt.Set(k.SentAt))
	}
	byUs, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	sent := decoded(t, *c.request.Load())
	byHand, err := crateByHand(ctx, client, k)
	if err != nil {
		t.Fatal(err)
	}
	if hand := decoded(t, *c.request.Load()); !reflect.DeepEqual(sent, hand) {
		t.Errorf("the requests differ:\nours %v\nhand %v", sent, hand)
	}
	if !reflect.DeepEqual(byUs, byHand) {
		t.Errorf("the results differ:\nours %+v\nhand %+v", byUs, byHand)
	}
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	c.keep = false
	us := testing.AllocsPerRun(200, func() { _, _ = ours() })
	hand := testing.AllocsPerRun(200, func() { _, _ = crateByHand(ctx, client, k) })
	t.Logf("ours %.0f, by hand %.0f: %.3f", us, hand, us/hand)
	if us > 1.10*hand {
		t.Errorf("%.0f allocations, by hand %.0f: %.3f of them, more than 1.10", us, hand, us/hand)
	}
}
