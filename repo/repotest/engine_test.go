package repotest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.uber.org/goleak"

	"github.com/monotable/monotable/repo/repotest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// raw sends a body past the SDK.
func raw(t *testing.T, e *repotest.Engine, operation, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://x/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	resp, err := e.Client().Options().HTTPClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func TestClientsShareTables(t *testing.T) {
	e := repotest.New()
	makeTable(t, e.Client(), "tab")
	if err := put(t.Context(), e.Client(), "tab", "a", 1); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e.Handler())
	defer server.Close()
	http := dynamodb.New(e.Client().Options(), func(o *dynamodb.Options) {
		o.BaseEndpoint, o.HTTPClient = &server.URL, server.Client()
	})
	if n, err := get(t.Context(), http, "tab", "a", true); n != 1 || err != nil {
		t.Errorf("over HTTP: %d, %v", n, err)
	}
	if _, err := get(t.Context(), repotest.NewClient(), "tab", "a", true); code(err) != "ResourceNotFoundException" {
		t.Errorf("another engine: %v", err)
	}
}

func TestTruncateOverHTTP(t *testing.T) {
	e, c := harness(t)
	if err := put(t.Context(), c, "tab", "a", 1); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e.Handler())
	defer server.Close()
	overHTTP := dynamodb.New(c.Options(), func(o *dynamodb.Options) {
		o.BaseEndpoint, o.HTTPClient = &server.URL, server.Client()
	})
	for _, fault := range []repotest.Fault{repotest.Truncate(), repotest.LoseResponse(), repotest.LoseRequest()} {
		heal := e.Inject(repotest.Rule{Fault: fault})
		if _, err := get(t.Context(), overHTTP, "tab", "a", true); err == nil {
			t.Errorf("%v: no error", fault)
		}
		heal()
	}
	if n, err := get(t.Context(), overHTTP, "tab", "a", true); n != 1 || err != nil {
		t.Errorf("after all: %d, %v", n, err)
	}
}

func TestEnvironmentDoesNotChangeTheClient(t *testing.T) {
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	t.Setenv("AWS_RETRY_MODE", "adaptive")
	t.Setenv("AWS_NEW_RETRIES_2026", "true")
	o := repotest.NewClient().Options()
	if n := o.Retryer.MaxAttempts(); n != 5 {
		t.Errorf("%d attempts, want 5", n)
	}
	for range 1000 {
		for attempt, limit := range map[int]time.Duration{1: 50 * time.Millisecond, 2: 100 * time.Millisecond, 4: 400 * time.Millisecond, 40: 20 * time.Second} {
			d, err := o.Retryer.RetryDelay(attempt, &types.ProvisionedThroughputExceededException{})
			if err != nil || d < 0 || d > limit {
				t.Fatalf("delay after attempt %d: %v, %v, want at most %v", attempt, d, err, limit)
			}
		}
	}
}

func TestSnapshotAndRestore(t *testing.T) {
	e, c := harness(t)
	ctx := t.Context()
	for i := range 200 {
		if err := put(ctx, c, "tab", fmt.Sprint(i), i); err != nil {
			t.Fatal(err)
		}
	}
	saved := e.Snapshot()
	for range 2 { // it can be restored again
		for i := range 200 {
			if err := put(ctx, c, "tab", fmt.Sprint(i), -5); err != nil {
				t.Fatal(err)
			}
		}
		makeTable(t, c, "another")
		e.Restore(saved)
		for i := range 200 {
			if n, err := get(ctx, c, "tab", fmt.Sprint(i), true); n != i || err != nil {
				t.Fatalf("item %d is %d, %v", i, n, err)
			}
		}
		if _, err := get(ctx, c, "another", "a", true); code(err) != "ResourceNotFoundException" {
			t.Errorf("a table made since is still there: %v", err)
		}
	}
}

func TestTimeToLive(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	e, c := harness(t, repotest.WithClock(func() time.Time { return now }))
	ctx := t.Context()
	_, err := c.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: aws.String("tab"),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("n"), Enabled: aws.Bool(true)}})
	if err != nil {
		t.Fatal(err)
	}
	for pk, at := range map[string]int64{"soon": 10, "later": 1000, "ancient": -6 * 365 * 24 * 3600} {
		if err := put(ctx, c, "tab", pk, int(now.Unix()+at)); err != nil {
			t.Fatal(err)
		}
	}
	if n := e.DeleteExpired(); n != 0 {
		t.Errorf("%d deleted too early", n)
	}
	e.Advance(10 * time.Second)
	if n, err := get(ctx, c, "tab", "soon", true); n == -1 || err != nil {
		t.Errorf("an expired item goes only when it is told to: %d, %v", n, err)
	}
	if n := e.DeleteExpired(); n != 1 {
		t.Errorf("%d deleted, want the one that expires now", n)
	}
	if n, _ := get(ctx, c, "tab", "ancient", true); n == -1 {
		t.Error("more than five years ago is taken for a mistake")
	}
}

func TestTokensLastTenMinutes(t *testing.T) {
	e, c := harness(t)
	add := func() {
		_, err := c.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
			ClientRequestToken: aws.String("token"),
			TransactItems: []types.TransactWriteItem{{Update: &types.Update{
				TableName: aws.String("tab"), Key: keyOf("a"),
				UpdateExpression: aws.String("ADD n :one"), ExpressionAttributeValues: item{":one": num(1)},
			}}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, step := range []struct {
		wait time.Duration
		want int
	}{{0, 1}, {9 * time.Minute, 1}, {2 * time.Minute, 2}} {
		e.Advance(step.wait)
		add()
		if n, _ := get(t.Context(), c, "tab", "a", true); n != step.want {
			t.Errorf("step %d: n = %d, want %d", i, n, step.want)
		}
	}
}

func TestObserve(t *testing.T) {
	e, c := harness(t)
	var events []repotest.Event
	stop := e.Observe(func(ev repotest.Event) { events = append(events, ev) })
	e.Inject(repotest.Rule{Operation: "PutItem", Nth: 2, Fault: repotest.LoseResponse()})
	_ = put(t.Context(), c, "tab", "a", 1)
	_ = put(t.Context(), c, "tab", "a", 1)
	_, _ = get(t.Context(), c, "none", "a", true)
	stop()
	_ = put(t.Context(), c, "tab", "a", 1)
	if len(events) != 3 {
		t.Fatalf("%d events, want 3", len(events))
	}
	if ev := events[0]; ev.Operation != "PutItem" || ev.Status != 200 || string(ev.Response) != "{}" || !strings.Contains(string(ev.Request), `"tab"`) {
		t.Errorf("first: %+v", ev)
	}
	if ev := events[1]; ev.Err == nil || ev.Status != 0 {
		t.Errorf("second: %+v", ev)
	}
	if ev := events[2]; ev.ErrorType != "ResourceNotFoundException" || ev.Status != 400 {
		t.Errorf("third: %+v", ev)
	}
	if e.Requests("PutItem") != 3 || e.Requests("PutItem", "GetItem") != 4 || e.Requests() != 5 {
		t.Errorf("counts: %d %d %d", e.Requests("PutItem"), e.Requests("PutItem", "GetItem"), e.Requests())
	}
}

// TestAnswersShareNothing spoils all that a client gets and sends.
func TestAnswersShareNothing(t *testing.T) {
	_, c := harness(t)
	ctx := t.Context()
	bytes := []byte("abc")
	in := with(keyOf("a"), "b", &types.AttributeValueMemberB{Value: bytes})
	if _, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("tab"), Item: in}); err != nil {
		t.Fatal(err)
	}
	copy(bytes, "xyz")
	for range 2 {
		out, err := c.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("tab"), Key: keyOf("a")})
		if err != nil {
			t.Fatal(err)
		}
		got := out.Item["b"].(*types.AttributeValueMemberB).Value
		if string(got) != "abc" {
			t.Fatalf("stored %q", got)
		}
		copy(got, "xyz")
	}
}

// TestEightWriters is for the race detector, and counts. Snapshots cost no write; restoring one does.
func TestEightWriters(t *testing.T) {
	for _, restore := range []bool{false, true} {
		e := repotest.New()
		eightWriters(t, e, restore)
		n, err := get(t.Context(), e.Client(), "tab", "shared", true)
		if err != nil || n <= 0 || !restore && n != 400 {
			t.Errorf("shared counter: %d, %v; restored meanwhile: %v", n, err, restore)
		}
	}
}

func eightWriters(t *testing.T, e *repotest.Engine, restore bool) {
	t.Helper()
	c := e.Client()
	makeTable(t, c, "tab")
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 50 {
				write(t.Context(), t, c, w, i)
			}
		})
	}
	wg.Go(func() {
		for range 20 {
			if s := e.Snapshot(); restore {
				e.Restore(s)
			}
			e.DeleteExpired()
		}
	})
	wg.Wait()
}

func write(ctx context.Context, t *testing.T, c *dynamodb.Client, w, i int) {
	_, err := c.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String("tab"), Key: keyOf("shared"), UpdateExpression: aws.String("ADD n :one SET g = :g"),
		ExpressionAttributeValues: item{":one": num(1), ":g": str(fmt.Sprint(w))},
	})
	if err != nil {
		t.Error(err)
	}
	if err := put(ctx, c, "tab", fmt.Sprint(w, i), i); err != nil {
		t.Error(err)
	}
	_, err = c.Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String("tab"), IndexName: aws.String("byG"), KeyConditionExpression: aws.String("g = :g"),
		ExpressionAttributeValues: item{":g": str(fmt.Sprint(w))},
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := c.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("tab"), Limit: aws.Int32(10)}); err != nil {
		t.Error(err)
	}
}
