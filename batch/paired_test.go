package batch_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// The library beside the same work written by hand on the SDK and attributevalue. The transport is in process and answers at once, so
// that only the client's work is measured.

type parcel struct {
	_ struct{} `entity:"Parcel" pk:"CUSTOMER#{Customer}" sk:"PARCEL#{ID}"`
	_ struct{} `index:"gsi1" pk:"STATUS#{Status}" sk:"{SentAt}#{ID}"`

	ID       string            `dynamodbav:"id"`
	Customer string            `dynamodbav:"customer"`
	Status   string            `dynamodbav:"status"`
	SentAt   time.Time         `dynamodbav:"sent_at"`
	Total    int64             `dynamodbav:"total"`
	Weight   float64           `dynamodbav:"weight"`
	Express  bool              `dynamodbav:"express"`
	Tags     []string          `dynamodbav:"tags"`
	Notes    map[string]string `dynamodbav:"notes"`
	Ship     pairedAddress     `dynamodbav:"ship"`
}

type pairedAddress struct {
	Street string `dynamodbav:"street"`
	City   string `dynamodbav:"city"`
}

var depot = repo.Table{Name: "depot", Indexes: []repo.Index{{Name: "gsi1"}}}

func parcels(n int) []parcel {
	out := make([]parcel, n)
	for i := range out {
		out[i] = parcel{
			ID: fmt.Sprintf("p%04d", i), Customer: "c1", Status: "open", SentAt: time.Date(2026, 1, 2, 3, 4, 5, i, time.UTC), Total: int64(i), Weight: 1.5,
			Express: true, Tags: []string{"a", "b"}, Notes: map[string]string{"door": "blue"}, Ship: pairedAddress{"Main Street 1", "Bern"},
		}
	}
	return out
}

// canned answers every request with the same body.
type canned string

func (c canned) Do(req *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	return reply(http.StatusOK, string(c)), nil
}

func cannedClient(body string) *dynamodb.Client {
	return dynamodb.New(repotest.NewClient().Options(), func(o *dynamodb.Options) { o.HTTPClient = canned(body) })
}

// answerOf is what an engine answers to a BatchGetItem of the parcels.
func answerOf(tb testing.TB, list []parcel) string {
	tb.Helper()
	engine := repotest.New()
	r := repo.Must(repo.New[parcel](engine.Client(), depot))
	ctx := context.Background()
	if err := repo.CreateTable(ctx, engine.Client(), depot, r); err != nil {
		tb.Fatal(err)
	}
	b := batch.New(r, batch.Options{})
	if err := b.Put(ctx, list...); err != nil {
		tb.Fatal(err)
	}
	var body string
	stop := engine.Observe(func(e repotest.Event) { body = string(e.Response) })
	defer stop()
	if _, err := b.Get(ctx, list...); err != nil {
		tb.Fatal(err)
	}
	return body
}

func keysByHand(p parcel) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "CUSTOMER#" + p.Customer},
		"sk": &types.AttributeValueMemberS{Value: "PARCEL#" + p.ID},
	}
}

// putByHand is a batch write as people write it: 25 items, in a loop until nothing is left.
func putByHand(ctx context.Context, c *dynamodb.Client, list []parcel) error {
	var requests []types.WriteRequest
	for _, p := range list {
		row, err := attributevalue.MarshalMap(p)
		if err != nil {
			return err
		}
		for name, v := range keysByHand(p) {
			row[name] = v
		}
		row["_type"] = &types.AttributeValueMemberS{Value: "Parcel"}
		row["gsi1pk"] = &types.AttributeValueMemberS{Value: "STATUS#" + p.Status}
		row["gsi1sk"] = &types.AttributeValueMemberS{Value: p.SentAt.UTC().Format("2006-01-02T15:04:05.000000000Z") + "#" + p.ID}
		requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: row}})
	}
	items := map[string][]types.WriteRequest{"depot": requests}
	for len(items) > 0 {
		out, err := c.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: items})
		if err != nil {
			return err
		}
		items = out.UnprocessedItems
	}
	return nil
}

// getByHand is a batch read as people write it, answered in the order of the request.
func getByHand(ctx context.Context, c *dynamodb.Client, list []parcel) ([]parcel, error) {
	at := make(map[string]int, len(list))
	var keys []map[string]types.AttributeValue
	for i, p := range list {
		at[p.Customer+"#"+p.ID] = i
		keys = append(keys, keysByHand(p))
	}
	found := make([]*parcel, len(list))
	items := map[string]types.KeysAndAttributes{"depot": {Keys: keys}}
	for len(items) > 0 {
		out, err := c.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: items})
		if err != nil {
			return nil, err
		}
		for _, row := range out.Responses["depot"] {
			var p parcel
			if err := attributevalue.UnmarshalMap(row, &p); err != nil {
				return nil, err
			}
			found[at[p.Customer+"#"+p.ID]] = &p
		}
		items = out.UnprocessedKeys
	}
	var out []parcel
	for _, p := range found {
		if p != nil {
			out = append(out, *p)
		}
	}
	return out, nil
}

// pair is the same work twice.
type pair struct {
	name          string
	library, hand func(context.Context) error
}

func pairs(tb testing.TB) []pair {
	tb.Helper()
	few, many := parcels(25), parcels(100)
	writing, reading := cannedClient(`{"UnprocessedItems":{}}`), cannedClient(answerOf(tb, many))
	writer := batch.New(repo.Must(repo.New[parcel](writing, depot)), batch.Options{})
	reader := batch.New(repo.Must(repo.New[parcel](reading, depot)), batch.Options{})
	whole := func(n int, err error) error {
		if err == nil && n != len(many) {
			err = fmt.Errorf("%d of %d read", n, len(many))
		}
		return err
	}
	return []pair{
		{"BatchWrite25", func(ctx context.Context) error { return writer.Put(ctx, few...) }, func(ctx context.Context) error { return putByHand(ctx, writing, few) }},
		{"BatchGet100",
			func(ctx context.Context) error { got, err := reader.Get(ctx, many...); return whole(len(got), err) },
			func(ctx context.Context) error {
				got, err := getByHand(ctx, reading, many)
				return whole(len(got), err)
			}},
	}
}

func TestAllocationsBesideTheSDKByHand(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	ctx := context.Background()
	for _, p := range pairs(t) {
		measure := func(f func(context.Context) error) float64 {
			return testing.AllocsPerRun(100, func() {
				if err := f(ctx); err != nil {
					t.Fatal(err)
				}
			})
		}
		library, hand := measure(p.library), measure(p.hand)
		t.Logf("%s: %.0f allocations, %.0f by hand: %.2f", p.name, library, hand, library/hand)
		if library > 1.05*hand {
			t.Errorf("%s: %.0f allocations, %.0f by hand; want at most 1.05 of that", p.name, library, hand)
		}
	}
}

// Both write the same requests.
func TestTheSameByHand(t *testing.T) {
	var bodies []string
	c := dynamodb.New(repotest.NewClient().Options(), func(o *dynamodb.Options) {
		o.HTTPClient = doFunc(func(req *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(req.Body)
			bodies = append(bodies, string(body))
			return reply(http.StatusOK, "{}"), err
		})
	})
	list := parcels(25)
	if err := batch.New(repo.Must(repo.New[parcel](c, depot)), batch.Options{}).Put(t.Context(), list...); err != nil {
		t.Fatal(err)
	}
	if err := putByHand(t.Context(), c, list); err != nil {
		t.Fatal(err)
	}
	// attributevalue writes times without trailing zeros; that is the one difference.
	hand := strings.ReplaceAll(bodies[1], `"2026-01-02T03:04:05Z"`, `"2026-01-02T03:04:05.000000000Z"`)
	for i := range list {
		short, _ := list[i].SentAt.MarshalText()
		hand = strings.ReplaceAll(hand, `{"S":"`+string(short)+`"}`, `{"S":"`+list[i].SentAt.Format("2006-01-02T15:04:05.000000000Z")+`"}`)
	}
	if !sameJSON(t, []byte(bodies[0]), []byte(hand)) {
		t.Errorf("the library sends\n%s\nby hand it is\n%s", bodies[0], hand)
	}
}

type doFunc func(*http.Request) (*http.Response, error)

func (f doFunc) Do(req *http.Request) (*http.Response, error) { return f(req) }

func benchmarkPair(b *testing.B, n int) {
	p := pairs(b)[n]
	for name, f := range map[string]func(context.Context) error{"library": p.library, "hand": p.hand} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := f(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBatchWrite25(b *testing.B) { benchmarkPair(b, 0) }

func BenchmarkBatchGet100(b *testing.B) { benchmarkPair(b, 1) }

// BenchmarkWorkers writes 10,000 items over a transport of 5 ms.
func BenchmarkWorkers(b *testing.B) {
	repository, list := latentCrates(5*time.Millisecond), crates(10_000)
	for _, workers := range []int{1, 8, 32, 64} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			for b.Loop() {
				if err := batch.New(repository, batch.Options{Workers: workers}).Put(b.Context(), list...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*len(list))/b.Elapsed().Seconds(), "items/s")
		})
	}
}
