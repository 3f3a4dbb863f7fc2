package repo

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/internal/schema"
)

// The library beside the same work written by hand on the SDK, attributevalue and expression: the same requests, byte for byte but
// for the order of JSON members, the same results, and what both cost. The transport is in process and answers at once, so only the
// client's work is measured.

type parcel struct {
	_ struct{} `entity:"Parcel" pk:"CUSTOMER#{Customer}" sk:"PARCEL#{ID}"`
	_ struct{} `index:"gsi1" pk:"STATUS#{Status}" sk:"{SentAt}#{ID}" when:"Status=open|sent"`

	ID       string            `dynamodbav:"id"`
	Customer string            `dynamodbav:"customer"`
	Status   string            `dynamodbav:"status"`
	SentAt   time.Time         `dynamodbav:"sent_at"`
	Total    int64             `dynamodbav:"total"`
	Count    int               `dynamodbav:"count"`
	Weight   float64           `dynamodbav:"weight"`
	Express  bool              `dynamodbav:"express"`
	Tags     []string          `dynamodbav:"tags"`
	Notes    map[string]string `dynamodbav:"notes"`
	Ship     pairedAddress     `dynamodbav:"ship"`
	Bill     *pairedAddress    `dynamodbav:"bill"`
}

type pairedAddress struct {
	Street string `dynamodbav:"street"`
	City   string `dynamodbav:"city"`
}

var (
	parcelCustomer = expr.String(func(p *parcel) *string { return &p.Customer })
	parcelStatus   = expr.String(func(p *parcel) *string { return &p.Status })
	parcelSentAt   = expr.Field(func(p *parcel) *time.Time { return &p.SentAt })
	parcelTotal    = expr.Number(func(p *parcel) *int64 { return &p.Total })
)

func aParcel(n int) parcel {
	return parcel{
		ID: fmt.Sprintf("p%04d", n), Customer: "c1", Status: "open", SentAt: time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.UTC),
		Total: 1250, Count: 3, Weight: 2.5, Express: true, Tags: []string{"fragile", "gift", "insured"},
		Notes: map[string]string{"door": "left", "floor": "three"}, Ship: pairedAddress{"1 Main Street", "Springfield"},
		Bill: &pairedAddress{"2 Side Street", "Shelbyville"},
	}
}

// canned answers every request with one body, and keeps the last request.
type canned struct {
	body    []byte
	sum     string
	request atomic.Pointer[[]byte]
	keep    bool
}

func (c *canned) answer(v any) {
	c.body, _ = json.Marshal(v)
	c.sum = strconv.FormatUint(uint64(crc32.ChecksumIEEE(c.body)), 10)
}

func (c *canned) Do(r *http.Request) (*http.Response, error) {
	if c.keep {
		raw, _ := io.ReadAll(r.Body)
		c.request.Store(&raw)
	}
	r.Body.Close()
	return &http.Response{StatusCode: 200, ContentLength: int64(len(c.body)), Body: io.NopCloser(bytes.NewReader(c.body)),
		Header: http.Header{"X-Amz-Crc32": {c.sum}, "Content-Type": {"application/x-amz-json-1.0"}}}, nil
}

// pair is one piece of work, done by the library and by hand.
type pair struct {
	name       string
	answer     any
	ours, hand func() (any, error)
	allowed    float64 // allocations of ours to one by hand
}

// byHand are keys as a careful program makes them.
func handKeys(p parcel) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "CUSTOMER#" + p.Customer},
		"sk": &types.AttributeValueMemberS{Value: "PARCEL#" + p.ID},
	}
}

func pairs(c *canned, client *dynamodb.Client) []pair {
	ctx := context.Background()
	parcels := Must(New[parcel](client, Table{Name: "app", Indexes: []Index{{Name: "gsi1"}}}))
	one := aParcel(1)
	row, _ := parcels.Encode(one)
	page := make([]any, 100)
	for i := range page {
		item, _ := parcels.Encode(aParcel(i))
		page[i] = wire(item)
	}
	name := aws.String("app")
	return []pair{
		{"Get", map[string]any{"Item": wire(row)}, func() (any, error) { return parcels.Get(ctx, one) }, func() (any, error) {
			out, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: name, Key: handKeys(one)})
			if err != nil {
				return nil, err
			}
			var p parcel
			err = attributevalue.UnmarshalMap(out.Item, &p)
			return p, err
		}, 1.10},
		{"Put", map[string]any{}, func() (any, error) { return parcels.Put(ctx, one) }, func() (any, error) {
			item, err := attributevalue.MarshalMap(one)
			if err != nil {
				return nil, err
			}
			for k, v := range handKeys(one) {
				item[k] = v
			}
			item["gsi1pk"] = &types.AttributeValueMemberS{Value: "STATUS#" + one.Status}
			item["gsi1sk"] = &types.AttributeValueMemberS{Value: one.SentAt.UTC().Format("2006-01-02T15:04:05.000000000Z") + "#" + one.ID}
			item["_type"] = &types.AttributeValueMemberS{Value: "Parcel"}
			_, err = client.PutItem(ctx, &dynamodb.PutItemInput{TableName: name, Item: item})
			return one, err
		}, 1.10},
		{"Update", map[string]any{"Attributes": wire(row)}, func() (any, error) {
			return parcels.If(parcelTotal.Lt(5000)).Update(ctx, one, parcelStatus.Set("closed"), parcelTotal.Add(5), parcelSentAt.Set(one.SentAt))
		}, func() (any, error) { return handUpdate(ctx, client, one) }, 1.10},
		{"Query 100", map[string]any{"Items": page, "Count": 100, "ScannedCount": 100}, func() (any, error) {
			return Collect(parcels.Query(parcelCustomer.Eq("c1")).All(ctx))
		}, func() (any, error) { return handQuery(ctx, client) }, 1.05},
	}
}

func handUpdate(ctx context.Context, client *dynamodb.Client, p parcel) (any, error) {
	exists := expression.Name("pk").AttributeExists()
	ours := expression.Or(expression.Name("_type").AttributeNotExists(), expression.Name("_type").Equal(expression.Value("Parcel")))
	cond := expression.And(exists, ours, expression.Name("total").LessThan(expression.Value(5000)))
	update := expression.Set(expression.Name("status"), expression.Value("closed")).
		Add(expression.Name("total"), expression.Value(5)).
		Set(expression.Name("sent_at"), expression.Value(p.SentAt)).
		Remove(expression.Name("gsi1pk")).Remove(expression.Name("gsi1sk"))
	x, err := expression.NewBuilder().WithCondition(cond).WithUpdate(update).Build()
	if err != nil {
		return nil, err
	}
	out, err := client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: aws.String("app"), Key: handKeys(p),
		ConditionExpression: x.Condition(), UpdateExpression: x.Update(), ExpressionAttributeNames: x.Names(), ExpressionAttributeValues: x.Values(),
		ReturnValues: types.ReturnValueAllNew, ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld})
	if err != nil {
		return nil, err
	}
	var q parcel
	err = attributevalue.UnmarshalMap(out.Attributes, &q)
	return q, err
}

func handQuery(ctx context.Context, client *dynamodb.Client) (any, error) {
	key := expression.Key("pk").Equal(expression.Value("CUSTOMER#c1")).And(expression.Key("sk").BeginsWith("PARCEL#"))
	x, err := expression.NewBuilder().WithKeyCondition(key).Build()
	if err != nil {
		return nil, err
	}
	out, err := client.Query(ctx, &dynamodb.QueryInput{TableName: aws.String("app"), KeyConditionExpression: x.KeyCondition(),
		ExpressionAttributeNames: x.Names(), ExpressionAttributeValues: x.Values()})
	if err != nil {
		return nil, err
	}
	var list []parcel
	err = attributevalue.UnmarshalListOfMaps(out.Items, &list)
	return list, err
}

// wire is an item as DynamoDB writes it.
func wire(item map[string]types.AttributeValue) any {
	raw, err := attributevalue.MarshalMapJSON(item)
	if err != nil {
		panic(err)
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		panic(err)
	}
	return v
}

func pairedClient(c *canned) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{Region: "eu-central-1", HTTPClient: c, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
}

func TestPairedRequests(t *testing.T) {
	c := &canned{keep: true}
	for _, p := range pairs(c, pairedClient(c)) {
		c.answer(p.answer)
		ours, err := p.ours()
		if err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		sent := decoded(t, *c.request.Load())
		hand, err := p.hand()
		if err != nil {
			t.Fatalf("%s by hand: %v", p.name, err)
		}
		if by := decoded(t, *c.request.Load()); !reflect.DeepEqual(sent, by) {
			t.Errorf("%s: the requests differ:\nours %v\nhand %v", p.name, sent, by)
		}
		if !reflect.DeepEqual(ours, hand) {
			t.Errorf("%s: the results differ:\nours %+v\nhand %+v", p.name, ours, hand)
		}
	}
}

func decoded(t *testing.T, raw []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAllocsBesideHand(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	c := &canned{}
	for _, p := range pairs(c, pairedClient(c)) {
		c.answer(p.answer)
		ours := testing.AllocsPerRun(100, func() { p.ours() })
		hand := testing.AllocsPerRun(100, func() { p.hand() })
		t.Logf("%-10s ours %.0f, by hand %.0f: %.3f", p.name, ours, hand, ours/hand)
		if ours > p.allowed*hand {
			t.Errorf("%s: %.0f allocations, by hand %.0f: more than %.2f", p.name, ours, hand, p.allowed)
		}
	}
	if n := testing.AllocsPerRun(100, renderKeys()); n > 4 { // two texts, and an attribute for each
		t.Errorf("rendering a primary key takes %.0f allocations, more than 4", n)
	}
}

// renderKeys renders both attributes of a primary key.
func renderKeys() func() {
	c := &canned{}
	parcels := Must(New[parcel](pairedClient(c), Table{Name: "app", Indexes: []Index{{Name: "gsi1"}}}))
	one := aParcel(1)
	root := reflect.ValueOf(&one).Elem()
	return func() {
		for n, k := range parcels.core.entity.primary {
			if _, _, err := parcels.core.entity.keyValue(k, keyLimit(n, 1), func(m *schema.Member) (reflect.Value, bool, error) { return parcels.core.entity.canonical(m.Ref, root) }); err != nil {
				panic(err)
			}
		}
	}
}

// TestPaired measures CPU time in paired rounds and prints the table of the README.
func TestPaired(t *testing.T) {
	if os.Getenv("MONOTABLE_MEASURE") == "" {
		t.Skip("set MONOTABLE_MEASURE=1 to measure; make bench does")
	}
	c := &canned{}
	var table strings.Builder
	table.WriteString("\n| operation | allocations, ours / by hand | ratio | bytes ratio | CPU ratio (median of 11 rounds) |\n|---|---|---|---|---|\n")
	for _, p := range pairs(c, pairedClient(c)) {
		c.answer(p.answer)
		ours, oursBytes := memory(p.ours)
		hand, handBytes := memory(p.hand)
		fmt.Fprintf(&table, "| %s | %d / %d | %.2f | %.2f | %.2f |\n", p.name, ours, hand, float64(ours)/float64(hand), float64(oursBytes)/float64(handBytes), cpuRatio(p))
	}
	render := renderKeys()
	fmt.Fprintf(&table, "| key rendering | %.0f / – | | | |\n", testing.AllocsPerRun(1000, render))
	t.Log(table.String())
}

// memory is what one call allocates.
func memory(f func() (any, error)) (allocs, size int64) {
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f()
		}
	})
	return r.AllocsPerOp(), r.AllocedBytesPerOp()
}

// cpuRatio is the median over rounds in each of which both variants run once, in turn first.
func cpuRatio(p pair) float64 {
	n := 400
	if strings.HasPrefix(p.name, "Query") {
		n = 40
	}
	var ratios []float64
	for round := range 12 {
		variants := []func() (any, error){p.ours, p.hand}
		spent := [2]time.Duration{}
		for i := range 2 {
			k := (i + round) % 2
			begin := cpuTime()
			for range n {
				variants[k]()
			}
			spent[k] = cpuTime() - begin
		}
		if round > 0 { // the first warms up
			ratios = append(ratios, float64(spent[0])/float64(spent[1]))
		}
	}
	slices.SortFunc(ratios, cmp.Compare[float64])
	return ratios[len(ratios)/2]
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
