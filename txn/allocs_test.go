package txn_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
	"github.com/monotable/monotable/txn"
)

// parcel is an item of ordinary size, for both sides.
type parcel struct {
	_ struct{} `entity:"Parcel" pk:"PARCEL#{ID}" sk:"PARCEL"`

	ID       string    `dynamodbav:"id"`
	Owner    string    `dynamodbav:"owner"`
	Street   string    `dynamodbav:"street"`
	City     string    `dynamodbav:"city"`
	Weight   int64     `dynamodbav:"weight"`
	Value    int64     `dynamodbav:"value"`
	Fragile  bool      `dynamodbav:"fragile"`
	Sent     time.Time `dynamodbav:"sent"`
	Stops    []string  `dynamodbav:"stops"`
	Priority int       `dynamodbav:"priority"`
}

func parcels() []parcel {
	out := make([]parcel, 10)
	for i := range out {
		out[i] = parcel{ID: fmt.Sprint("p", i), Owner: "ada", Street: "St James's Square", City: "London", Weight: 1200, Value: 9900,
			Fragile: true, Sent: morning, Stops: []string{"Dover", "Calais"}, Priority: i}
	}
	return out
}

// idle is a client whose transactions are carried out by nobody.
func idle() *dynamodb.Client {
	return dynamodb.New(repotest.NewClient().Options(), func(o *dynamodb.Options) { o.HTTPClient = tap{} })
}

// typed sends ten puts with this package.
func typed(ctx context.Context, c *dynamodb.Client, r *repo.Repository[parcel], list []parcel) error {
	tx := txn.New(c)
	for _, p := range list {
		tx.Add(txn.Put(r, p))
	}
	return tx.Commit(ctx)
}

// byHand sends the same request with the SDK and attributevalue.
func byHand(ctx context.Context, c *dynamodb.Client, list []parcel) error {
	in := &dynamodb.TransactWriteItemsInput{ClientRequestToken: aws.String(rand.Text())}
	for _, p := range list {
		row, err := attributevalue.MarshalMap(p)
		if err != nil {
			return err
		}
		row["pk"] = &types.AttributeValueMemberS{Value: "PARCEL#" + p.ID}
		row["sk"] = &types.AttributeValueMemberS{Value: "PARCEL"}
		row["_type"] = &types.AttributeValueMemberS{Value: "Parcel"}
		in.TransactItems = append(in.TransactItems, types.TransactWriteItem{Put: &types.Put{TableName: aws.String("parcels"), Item: row}})
	}
	_, err := c.TransactWriteItems(ctx, in)
	return err
}

func TestAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	c, list := idle(), parcels()
	r := repo.Must(repo.New[parcel](c, repo.Table{Name: "parcels"}))
	measure := func(send func() error) float64 {
		return testing.AllocsPerRun(50, func() {
			if err := send(); err != nil {
				t.Fatal(err)
			}
		})
	}
	ours := measure(func() error { return typed(t.Context(), c, r, list) })
	theirs := measure(func() error { return byHand(t.Context(), c, list) })
	t.Logf("ten puts: %.0f allocations, by hand %.0f: %.2f", ours, theirs, ours/theirs)
	if ours > 1.10*theirs {
		t.Errorf("ten puts cost %.0f allocations, by hand %.0f: more than 1.10 times as many", ours, theirs)
	}
}

func BenchmarkTenPuts(b *testing.B) {
	c, list := idle(), parcels()
	r := repo.Must(repo.New[parcel](c, repo.Table{Name: "parcels"}))
	for _, side := range []struct {
		name string
		send func() error
	}{
		{"txn", func() error { return typed(b.Context(), c, r, list) }},
		{"by-hand", func() error { return byHand(b.Context(), c, list) }},
	} {
		b.Run(side.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := side.send(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
