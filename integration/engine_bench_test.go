package integration

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo/repotest"
)

// TestEngineFigures measures the embedded engine, beside DynamoDB Local on the same cores: make bench-engine. It fails where a
// figure is far from what it should be, so that a machine that others use too doesn't fail it.
func TestEngineFigures(t *testing.T) {
	if os.Getenv("BENCH_ENGINE") == "" {
		t.Skip("measures for two minutes: make bench-engine")
	}
	t.Run("ready", measureReady)
	t.Run("throughput", measureThroughput)
	t.Run("growth", measureGrowth)
}

func measureReady(t *testing.T) {
	var took []time.Duration
	for range 51 {
		start := time.Now()
		makeBenchTable(t, repotest.NewClient(), "tab")
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	t.Logf("client and table ready in %v (median of %d, the slowest %v); at most 5ms", took[len(took)/2], len(took), took[len(took)-1])
	if took[len(took)/2] > 5*time.Millisecond {
		t.Error("too slow")
	}
}

func makeBenchTable(t *testing.T, c *dynamodb.Client, name string) {
	t.Helper()
	attribute := func(name string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeTypeS}
	}
	_, err := c.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{attribute("pk"), attribute("sk")},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// call is one of the operations that are measured, on the nth item of 10,000.
type call struct {
	name string
	do   func(ctx context.Context, c *dynamodb.Client, table string, n int64) error
}

func benchKey(n int64) item {
	return item{"pk": text(fmt.Sprintf("customer#%08d", n%1000)), "sk": text(fmt.Sprintf("order#%010d", n%10_000))}
}

var calls = []call{
	{"Put", func(ctx context.Context, c *dynamodb.Client, table string, n int64) error {
		it := benchKey(n)
		it["name"], it["total"], it["note"] = text(strings.Repeat("n", 70)), number("1234567"), text(strings.Repeat("x", 70))
		_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: it})
		return err
	}},
	{"Get", func(ctx context.Context, c *dynamodb.Client, table string, n int64) error {
		_, err := c.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: benchKey(n)})
		return err
	}},
	{"Query of one row", func(ctx context.Context, c *dynamodb.Client, table string, n int64) error {
		key := benchKey(n)
		_, err := c.Query(ctx, &dynamodb.QueryInput{TableName: &table, KeyConditionExpression: aws.String("pk = :p AND sk = :s"),
			ExpressionAttributeValues: item{":p": key["pk"], ":s": key["sk"]}})
		return err
	}},
}

// perSecond makes calls with 8 workers for a while.
func perSecond(t *testing.T, c *dynamodb.Client, table string, do call, span time.Duration) float64 {
	t.Helper()
	var made, failed atomic.Int64
	var wg sync.WaitGroup
	runtime.GC()
	start := time.Now()
	for range 8 {
		wg.Go(func() {
			for time.Since(start) < span {
				if err := do.do(t.Context(), c, table, made.Add(1)); err != nil {
					failed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if n := failed.Load(); n > 0 {
		t.Fatalf("%d of %d calls failed", n, made.Load())
	}
	return float64(made.Load()) / time.Since(start).Seconds()
}

// canned answers every request at once with an empty object: what is left is the SDK's own work.
type canned struct{}

func (canned) Do(r *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	const body, checksum = "{}", "2745614147"
	return &http.Response{
		StatusCode: http.StatusOK, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)), Request: r,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}, "X-Amz-Crc32": {checksum}},
	}, nil
}

func measureThroughput(t *testing.T) {
	const span, warmUp = 3 * time.Second, 10 * time.Second
	local, table := dynamoDBLocal(t), "bench-"+rand.Text()
	embedded := repotest.NewClient()
	sdk := dynamodb.New(embedded.Options(), func(o *dynamodb.Options) { o.HTTPClient = canned{} })
	makeBenchTable(t, local, table)
	makeBenchTable(t, embedded, table)
	cold := map[string]float64{}
	for _, c := range calls {
		cold[c.name] = perSecond(t, local, table, c, time.Second)
	}
	for _, c := range calls {
		perSecond(t, local, table, c, warmUp/time.Duration(len(calls)))
	}
	t.Logf("%-18s %10s %10s %10s %10s   %s", "operations/s", "Local cold", "Local warm", "embedded", "SDK alone", "embedded, SDK alone to Local cold and warm; 20 is wanted")
	for _, c := range calls {
		warm, ours, alone := perSecond(t, local, table, c, span), perSecond(t, embedded, table, c, span), perSecond(t, sdk, table, c, span)
		t.Logf("%-18s %10.0f %10.0f %10.0f %10.0f   %.1f, %.1f and %.1f, %.1f", c.name, cold[c.name], warm, ours, alone,
			ours/cold[c.name], alone/cold[c.name], ours/warm, alone/warm)
		// With the SDK alone not 20 times as fast, its share of a call decides: at most a third may be the engine's.
		if ours < 20*warm && ours < alone*2/3 {
			t.Errorf("%s: %.1f times DynamoDB Local, and the engine takes %.0f%% of a call", c.name, ours/warm, 100*(1-ours/alone))
		}
	}
	if _, err := local.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &table}); err != nil {
		t.Error(err)
	}
}

// measureGrowth puts items through the client, and past it, as the SDK's share of a call hides what the engine's own cost does.
func measureGrowth(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // so that what the collector does is part of the time
	c := repotest.NewClient()
	makeBenchTable(t, c, "tab")
	before := heap()
	small := putCosts(t, c, 0, 10_000)
	large := putCosts(t, c, 10_000, 1_000_000)
	for i, put := range []struct {
		what  string
		limit float64
	}{{"a Put", 2}, {"a Put past the SDK", 2.5}} {
		times := float64(large[i]) / float64(small[i])
		t.Logf("%s among 10,000 items takes %v, among 1,000,000 %v: %.2f times; at most %v", put.what, small[i], large[i], times, put.limit)
		if times > put.limit {
			t.Errorf("%s costs too much in a large table", put.what)
		}
	}
	out, err := c.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("tab")})
	if err != nil {
		t.Fatal(err)
	}
	count, size, used := aws.ToInt64(out.Table.ItemCount), aws.ToInt64(out.Table.TableSizeBytes), heap()-before
	runtime.KeepAlive(c)
	t.Logf("%d items of %d B take %d MB of heap: %.2f times their size; at most 4", count, size/count, used>>20, float64(used)/float64(size))
	if count != 1_000_000 || size/count < 195 || size/count > 205 {
		t.Errorf("%d items of %d B", count, size/count)
	}
	if used > 4*size {
		t.Error("too much heap")
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// putCosts fills a table up, and then measures what it costs to put one item in the place of another, with the SDK and without.
func putCosts(t *testing.T, c *dynamodb.Client, from, to int) (costs [2]time.Duration) {
	t.Helper()
	w := raw(c)
	for i := from; i < to; i++ {
		w.put(t, benchItem(i))
	}
	const puts, different = 300_000, 30_000
	bodies, inputs := make([][]byte, different), make([]dynamodb.PutItemInput, different)
	for i := range bodies {
		n := i * 7919 % to
		bodies[i] = benchItem(n)
		inputs[i] = dynamodb.PutItemInput{TableName: aws.String("tab"), Item: item{
			"pk": text(fmt.Sprintf("customer#%08d", n%5000)), "sk": text(fmt.Sprintf("order#%010d", n)),
			"name": text(strings.Repeat("n", 70)), "total": number("123456"), "note": text(strings.Repeat("x", 75)),
		}}
	}
	runtime.GC()
	start := time.Now()
	for i := range puts {
		if _, err := c.PutItem(t.Context(), &inputs[i%different]); err != nil {
			t.Fatal(err)
		}
	}
	middle := time.Now()
	for i := range puts {
		w.put(t, bodies[i%different])
	}
	return [2]time.Duration{middle.Sub(start) / puts, time.Since(middle) / puts}
}

// benchItem puts an item of 200 B, as DynamoDB counts.
func benchItem(i int) []byte {
	body, err := json.Marshal(object{"TableName": "tab", "Item": object{
		"pk": object{"S": fmt.Sprintf("customer#%08d", i%5000)}, "sk": object{"S": fmt.Sprintf("order#%010d", i)},
		"name": object{"S": strings.Repeat("n", 70)}, "total": object{"N": "123456"}, "note": object{"S": strings.Repeat("x", 75)},
	}})
	if err != nil {
		panic(err)
	}
	return body
}

func (w *wire) put(t *testing.T, body []byte) {
	t.Helper()
	req := &http.Request{Method: http.MethodPost, Header: putHeader, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body))}
	resp, err := w.client.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
}

var putHeader = http.Header{"Content-Type": {"application/x-amz-json-1.0"}, "X-Amz-Target": {"DynamoDB_20120810.PutItem"}}
