package repotest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo/repotest"
)

func TestThrottle(t *testing.T) {
	e, c := harness(t)
	heal := e.Inject(repotest.Rule{Operation: "PutItem", Partition: "a", Fault: repotest.Throttle()})
	err := put(t.Context(), c, "tab", "a", 1)
	busy, ok := errors.AsType[*types.ProvisionedThroughputExceededException](err)
	if !ok {
		t.Fatalf("a busy partition: got %v", err)
	}
	if r := busy.ThrottlingReasons; len(r) != 1 || aws.ToString(r[0].Reason) != "TableWriteKeyRangeThroughputExceeded" ||
		!strings.HasSuffix(aws.ToString(r[0].Resource), ":table/tab") {
		t.Errorf("reasons = %+v", r)
	}
	if err := put(t.Context(), c, "tab", "b", 1); err != nil {
		t.Errorf("another partition: %v", err)
	}
	heal()
	heal() // removing twice does nothing
	if err := put(t.Context(), c, "tab", "a", 1); err != nil {
		t.Errorf("after healing: %v", err)
	}
}

func TestThrottleIsRetriedByTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := repotest.New()
		c := e.Client()
		makeTable(t, c, "tab")
		e.Inject(repotest.Rule{Operation: "PutItem", Times: 4, Fault: repotest.Throttle()})
		if err := put(t.Context(), c, "tab", "a", 1); err != nil {
			t.Fatal(err)
		}
		if n := e.Requests("PutItem"); n != 5 {
			t.Errorf("%d attempts, want 5", n)
		}
	})
}

func TestThrottleOfAnIndex(t *testing.T) {
	e, c := harness(t)
	e.Inject(repotest.Rule{Index: "byG", Fault: repotest.Throttle()})
	if err := put(t.Context(), c, "tab", "a", 1); err != nil {
		t.Errorf("the table: %v", err)
	}
	_, err := c.Query(t.Context(), &dynamodb.QueryInput{
		TableName: aws.String("tab"), IndexName: aws.String("byG"),
		KeyConditionExpression: aws.String("g = :g"), ExpressionAttributeValues: item{":g": str("x")},
	})
	if code(err) != "ProvisionedThroughputExceededException" {
		t.Errorf("the index: %v", err)
	}
}

func TestWriteRate(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	e, c := harness(t, repotest.WithClock(func() time.Time { return now }))
	e.Inject(repotest.Rule{Table: "tab", Fault: repotest.WriteRate(3)})
	writes := func(pk string) (made int) {
		for i := range 10 {
			switch err := put(t.Context(), c, "tab", pk, i); code(err) {
			case "":
				made++
			case "ProvisionedThroughputExceededException":
			default:
				t.Fatal(err)
			}
		}
		return made
	}
	if n := writes("a"); n != 3 {
		t.Errorf("in the first second %d writes, want 3", n)
	}
	if n := writes("b"); n != 3 {
		t.Errorf("another partition made %d writes, want 3", n)
	}
	e.Advance(time.Second)
	if n := writes("a"); n != 3 {
		t.Errorf("in the second second %d writes, want 3", n)
	}
	e.Advance(time.Hour)
	if n := writes("a"); n != 3 {
		t.Errorf("after an hour %d writes: no more than a second's worth may be saved", n)
	}
}

func TestInternalError(t *testing.T) {
	e, c := harness(t)
	e.Inject(repotest.Rule{Operation: "PutItem", Nth: 2, Fault: repotest.InternalError()})
	for i, want := range []string{"", "InternalServerError", ""} {
		if err := put(t.Context(), c, "tab", "a", i); code(err) != want {
			t.Errorf("request %d: %v, want %q", i+1, err, want)
		}
	}
}

func TestLostConnection(t *testing.T) {
	for _, tc := range []struct {
		fault   repotest.Fault
		applied int
		reason  string
	}{
		{repotest.LoseRequest(), -1, "the request never arrived"},
		{repotest.LoseResponse(), 7, "it was carried out, and the answer lost"},
	} {
		e, c := harness(t)
		e.Inject(repotest.Rule{Operation: "PutItem", Fault: tc.fault})
		err := put(t.Context(), c, "tab", "a", 7)
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%v: error %v, want a reset connection", tc.fault, err)
		}
		if n, err := get(t.Context(), c, "tab", "a", true); n != tc.applied || err != nil {
			t.Errorf("%v: stored %d, %v, want %d: %s", tc.fault, n, err, tc.applied, tc.reason)
		}
	}
}

func TestLostResponseCountsTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := repotest.New()
		c := e.Client()
		makeTable(t, c, "tab")
		e.Inject(repotest.Rule{Operation: "UpdateItem", Nth: 1, Fault: repotest.LoseResponse()})
		_, err := c.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: aws.String("tab"), Key: keyOf("a"),
			UpdateExpression: aws.String("ADD n :one"), ExpressionAttributeValues: item{":one": num(1)},
		})
		if n, _ := get(t.Context(), c, "tab", "a", true); err != nil || n != 2 {
			t.Errorf("n = %d, %v: the SDK sends an ADD again and counts twice", n, err)
		}
	})
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, c := harness(t)
		e.Inject(repotest.Rule{Operation: "PutItem", Fault: repotest.Latency(3 * time.Second)})
		start := time.Now()
		if err := put(t.Context(), c, "tab", "a", 1); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("took %v, want 3s", d)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := put(ctx, c, "tab", "b", 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("under a shorter deadline: %v", err)
		}
		if n, _ := get(t.Context(), c, "tab", "b", true); n != -1 {
			t.Error("a write given up while it waits was made")
		}
	})
}

func TestHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, c := harness(t)
		e.Inject(repotest.Rule{Operation: "GetItem", Fault: repotest.Hang()})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		_, err := get(ctx, c, "tab", "a", true)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

func TestBadChecksum(t *testing.T) {
	e, c := harness(t)
	if err := put(t.Context(), c, "tab", "a", 1); err != nil {
		t.Fatal(err)
	}
	sum := func() (string, string) {
		resp := raw(t, e, "GetItem", `{"TableName":"tab","Key":{"pk":{"S":"a"},"sk":{"S":"1"}}}`)
		return resp.Header.Get("X-Amz-Crc32"), resp.Status
	}
	right, _ := sum()
	e.Inject(repotest.Rule{Operation: "GetItem", Fault: repotest.BadChecksum()})
	if wrong, status := sum(); wrong == right || status != "200 OK" {
		t.Errorf("checksum %s, status %s: want a wrong one in a good answer", wrong, status)
	}
}

func TestTruncate(t *testing.T) {
	e, c := harness(t)
	if err := put(t.Context(), c, "tab", "a", 1); err != nil {
		t.Fatal(err)
	}
	e.Inject(repotest.Rule{Operation: "GetItem", Fault: repotest.Truncate()})
	if _, err := get(t.Context(), c, "tab", "a", true); err == nil {
		t.Error("a cut answer was taken")
	}
	resp := raw(t, e, "GetItem", `{"TableName":"tab","Key":{"pk":{"S":"a"},"sk":{"S":"1"}}}`)
	if _, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("reading the body: %v", err)
	}
}

func batch(t *testing.T, c *dynamodb.Client, pks ...string) (*dynamodb.BatchWriteItemOutput, error) {
	t.Helper()
	var list []types.WriteRequest
	for _, pk := range pks {
		list = append(list, types.WriteRequest{PutRequest: &types.PutRequest{Item: keyOf(pk)}})
	}
	return c.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"tab": list}})
}

func left(out *dynamodb.BatchWriteItemOutput) []string {
	var pks []string
	for _, w := range out.UnprocessedItems["tab"] {
		pks = append(pks, w.PutRequest.Item["pk"].(*types.AttributeValueMemberS).Value)
	}
	return pks
}

func TestUnprocessed(t *testing.T) {
	e, c := harness(t)
	e.Inject(repotest.Rule{Partition: "b", Times: 1, Fault: repotest.Unprocessed()})
	out, err := batch(t, c, "a", "b", "c")
	if err != nil || fmt.Sprint(left(out)) != "[b]" {
		t.Fatalf("left %v, %v, want b alone", left(out), err)
	}
	for pk, want := range map[string]bool{"a": true, "b": false, "c": true} {
		got, err := c.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("tab"), Key: keyOf(pk)})
		if err != nil || (got.Item != nil) != want {
			t.Errorf("%s written: %v, %v", pk, got.Item != nil, err)
		}
	}
	if out, err = batch(t, c, "b"); err != nil || len(left(out)) != 0 {
		t.Errorf("the second time: %v, %v", left(out), err)
	}
}

func TestUnprocessedKeys(t *testing.T) {
	e, c := harness(t)
	if _, err := batch(t, c, "a", "b"); err != nil {
		t.Fatal(err)
	}
	e.Inject(repotest.Rule{Operation: "BatchGetItem", Partition: "a", Fault: repotest.Unprocessed()})
	out, err := c.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
		"tab": {Keys: []map[string]types.AttributeValue{keyOf("a"), keyOf("b")}, ConsistentRead: aws.Bool(true), ProjectionExpression: aws.String("pk")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	rest := out.UnprocessedKeys["tab"]
	if len(out.Responses["tab"]) != 1 || len(rest.Keys) != 1 || !aws.ToBool(rest.ConsistentRead) || aws.ToString(rest.ProjectionExpression) != "pk" {
		t.Errorf("answered %v, left %+v", out.Responses, rest)
	}
}

func TestThrottledBatch(t *testing.T) {
	e, c := harness(t)
	e.Inject(repotest.Rule{Partition: "a", Fault: repotest.Throttle()})
	if out, err := batch(t, c, "a", "b"); err != nil || fmt.Sprint(left(out)) != "[a]" {
		t.Errorf("one of two: %v", err)
	}
	if _, err := batch(t, c, "a"); code(err) != "ProvisionedThroughputExceededException" {
		t.Errorf("all of them: %v", err)
	}
}

func TestConflict(t *testing.T) {
	e, c := harness(t)
	e.Inject(repotest.Rule{Partition: "b", Fault: repotest.Conflict()})
	if err := put(t.Context(), c, "tab", "b", 1); code(err) != "TransactionConflictException" {
		t.Errorf("a single write: %v", err)
	}
	_, err := c.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Put: &types.Put{TableName: aws.String("tab"), Item: keyOf("a")}},
		{Put: &types.Put{TableName: aws.String("tab"), Item: keyOf("b")}},
	}})
	cancelled, ok := errors.AsType[*types.TransactionCanceledException](err)
	if !ok || reasonCodes(cancelled) != "None,TransactionConflict" {
		t.Errorf("a transaction: %v", err)
	}
	if _, err := get(t.Context(), c, "tab", "b", true); err != nil {
		t.Errorf("a read: %v", err)
	}
}

func reasonCodes(err *types.TransactionCanceledException) string {
	var codes []string
	for _, r := range err.CancellationReasons {
		codes = append(codes, aws.ToString(r.Code))
	}
	return strings.Join(codes, ",")
}

func TestThrottledTransaction(t *testing.T) {
	e, c := harness(t)
	e.Inject(repotest.Rule{Operation: "TransactWriteItems", Partition: "a", Fault: repotest.Throttle()})
	_, err := c.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Put: &types.Put{TableName: aws.String("tab"), Item: keyOf("a")}},
		{Put: &types.Put{TableName: aws.String("tab"), Item: keyOf("b")}},
	}})
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); !ok || reasonCodes(cancelled) != "ThrottlingError,None" {
		t.Errorf("got %v", err)
	}
}

func TestStale(t *testing.T) {
	e, c := harness(t)
	ctx := t.Context()
	store := func(pk string, n int) {
		t.Helper()
		if _, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("tab"), Item: with(with(keyOf(pk), "n", num(n)), "g", str("x"))}); err != nil {
			t.Fatal(err)
		}
	}
	store("a", 1)
	heal := e.Inject(repotest.Rule{Fault: repotest.Stale()})
	store("a", 2)
	store("b", 2)
	for _, tc := range []struct {
		consistent bool
		want       int
	}{{false, 1}, {true, 2}} {
		if n, err := get(ctx, c, "tab", "a", tc.consistent); n != tc.want || err != nil {
			t.Errorf("consistent %v: %d, %v, want %d", tc.consistent, n, err, tc.want)
		}
	}
	if pks := byIndex(t, c); pks != "a" {
		t.Errorf("by the index: %q, want a alone", pks)
	}
	_, err := c.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String("tab"), Key: keyOf("a"), UpdateExpression: aws.String("SET n = :new"), ConditionExpression: aws.String("n = :old"),
		ExpressionAttributeValues: item{":old": num(2), ":new": num(3)},
	})
	if err != nil {
		t.Errorf("a condition looks at what is stored: %v", err)
	}
	makeTable(t, c, "new")
	if n, err := get(ctx, c, "new", "a", false); n != -1 || err != nil {
		t.Errorf("a table made since: %d, %v", n, err)
	}
	heal()
	if n, err := get(ctx, c, "tab", "a", false); n != 3 || err != nil {
		t.Errorf("after healing: %d, %v", n, err)
	}
	if pks := byIndex(t, c); pks != "a,b" {
		t.Errorf("by the index, after healing: %q", pks)
	}
}

func TestStaleTableThatIsGone(t *testing.T) {
	e, c := harness(t)
	if err := put(t.Context(), c, "tab", "a", 1); err != nil {
		t.Fatal(err)
	}
	e.Inject(repotest.Rule{Fault: repotest.Stale()})
	if _, err := c.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String("tab")}); err != nil {
		t.Fatal(err)
	}
	if _, err := get(t.Context(), c, "tab", "a", false); code(err) != "ResourceNotFoundException" {
		t.Errorf("a table that was deleted: %v", err)
	}
	makeTable(t, c, "tab")
	if n, err := get(t.Context(), c, "tab", "a", false); n != -1 || err != nil {
		t.Errorf("another table of that name: %d, %v", n, err)
	}
}

// byIndex lists the partitions of the rows whose g is x, with an eventually consistent query, the only kind that an index has.
func byIndex(t *testing.T, c *dynamodb.Client) string {
	t.Helper()
	out, err := c.Query(t.Context(), &dynamodb.QueryInput{
		TableName: aws.String("tab"), IndexName: aws.String("byG"),
		KeyConditionExpression: aws.String("g = :g"), ExpressionAttributeValues: item{":g": str("x")},
	})
	if err != nil {
		t.Fatal(err)
	}
	var pks []string
	for _, it := range out.Items {
		pks = append(pks, it["pk"].(*types.AttributeValueMemberS).Value)
	}
	slices.Sort(pks)
	return strings.Join(pks, ",")
}

func TestTokenIsHeldWhileTheFirstCallRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, c := harness(t)
		e.Inject(repotest.Rule{Operation: "TransactWriteItems", Nth: 1, Fault: repotest.Latency(time.Second)})
		call := func() error {
			_, err := c.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
				ClientRequestToken: aws.String("token"),
				TransactItems: []types.TransactWriteItem{{Update: &types.Update{
					TableName: aws.String("tab"), Key: keyOf("a"),
					UpdateExpression: aws.String("ADD n :one"), ExpressionAttributeValues: item{":one": num(1)},
				}}},
			})
			return err
		}
		first := make(chan error, 1)
		go func() { first <- call() }()
		synctest.Wait()
		if err := call(); code(err) != "TransactionInProgressException" {
			t.Errorf("while the first runs: %v", err)
		}
		if err := <-first; err != nil {
			t.Error(err)
		}
		if err := call(); err != nil {
			t.Errorf("after it: %v", err)
		}
		if n, _ := get(t.Context(), c, "tab", "a", true); n != 1 {
			t.Errorf("n = %d, want 1", n)
		}
	})
}
