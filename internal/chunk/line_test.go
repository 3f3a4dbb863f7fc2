package chunk

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/sethvargo/go-retry"
)

func numbered(n int) *Item { return &Item{Index: n, Table: "t", Key: fmt.Sprint(n), size: 100} }

func newLine() *line {
	return &line{limit: 4, budget: 1000, room: 100, behind: map[string][]*Item{}}
}

func add(l *line, from, to int) {
	for n := from; n < to; n++ {
		l.add(numbered(n))
	}
}

func indexes(items []*Item) string {
	var out []string
	for _, it := range items {
		out = append(out, fmt.Sprint(it.Index))
	}
	return strings.Join(out, " ")
}

func TestLine(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	left := func(l *line, due, delay, from, to int) {
		g := &group{due: at(due), delay: time.Duration(delay) * time.Millisecond}
		for n := from; n < to; n++ {
			it := numbered(n)
			it.tries = 1
			l.held++
			g.items = append(g.items, it)
		}
		l.wait(g)
	}
	for _, tc := range []struct {
		reason string
		set    func(*line)
		now    int
		more   bool
		want   string
		wake   int // -1 for none
	}{
		{"a full chunk goes", func(l *line) { add(l, 0, 5) }, 0, true, "0 1 2 3", -1},
		{"a part waits for more", func(l *line) { add(l, 0, 3) }, 0, true, "", -1},
		{"the last part goes", func(l *line) { add(l, 0, 3) }, 0, false, "0 1 2", -1},
		{"nothing is no chunk", func(*line) {}, 0, false, "", -1},
		{"a part goes where there is no room for more", func(l *line) { l.room = 3; add(l, 0, 3) }, 0, true, "0 1 2", -1},
		{"and where it is told to", func(l *line) { add(l, 0, 3); l.flushing = true }, 0, true, "0 1 2", -1},
		{"bytes fill a chunk", func(l *line) { l.budget = envelope + 20 + 250; add(l, 0, 3) }, 0, true, "0 1", -1},
		{"nothing goes before it is due", func(l *line) { left(l, 10, 10, 0, 4) }, 5, false, "", 10},
		{"what is due goes", func(l *line) { left(l, 10, 10, 0, 4) }, 10, false, "0 1 2 3", -1},
		{"due items come first, fresh ones fill up", func(l *line) { add(l, 5, 9); left(l, 10, 10, 0, 2) }, 10, true, "0 1 5 6", -1},
		{"a due part waits for fresh items, as long again", func(l *line) { left(l, 10, 10, 0, 2) }, 10, true, "", 20},
		{"and no longer", func(l *line) { left(l, 10, 10, 0, 2) }, 20, true, "0 1", -1},
		{"a due part at the end does not wait for nobody", func(l *line) { left(l, 10, 10, 0, 2) }, 10, false, "0 1", -1},
		{"but for a group that is due soon", func(l *line) { left(l, 10, 10, 0, 2); left(l, 18, 10, 2, 4) }, 10, false, "", 18},
		{"with which it goes", func(l *line) { left(l, 10, 10, 0, 2); left(l, 18, 10, 2, 4) }, 18, false, "0 1 2 3", -1},
		{"not for one that is due late", func(l *line) { left(l, 10, 10, 0, 2); left(l, 25, 10, 2, 4) }, 10, false, "0 1", -1},
		{"the last fresh part waits for what must be sent again anyway", func(l *line) { left(l, 10, 10, 0, 2); add(l, 5, 7) }, 5, false, "", 10},
		{"parts of a refused chunk go at once and by themselves", func(l *line) { add(l, 0, 4); l.ready = [][]*Item{{numbered(7)}} }, 0, true, "7", -1},
		{"another way to read is another chunk", func(l *line) { add(l, 0, 3); l.fresh[2].View = &types.KeysAndAttributes{} }, 0, false, "0 1", -1},
	} {
		l := newLine()
		tc.set(l)
		items, wake := l.next(at(tc.now), tc.more)
		if got := indexes(items); got != tc.want {
			t.Errorf("%s: chunk %q, want %q", tc.reason, got, tc.want)
		}
		if want := tc.wake >= 0; want != !wake.IsZero() || want && !wake.Equal(at(tc.wake)) {
			t.Errorf("%s: woken at %v, want %d ms", tc.reason, wake.Sub(start), tc.wake)
		}
	}
}

// Items of one key go one after the other, whatever comes between.
func TestLineKeepsTheOrderOfAKey(t *testing.T) {
	l := newLine()
	l.ordered = true
	for i, key := range []string{"a", "b", "a", "a", "c"} {
		l.add(&Item{Index: i, Table: "t", Key: key, size: 1})
	}
	var order []string
	for range 3 {
		items, _ := l.next(time.Unix(0, 0), false)
		order = append(order, indexes(items))
		for _, it := range items {
			l.settled(it)
		}
	}
	if got := strings.Join(order, "; "); got != "0 1 4; 2; 3" || l.held != 0 || len(l.behind) != 0 {
		t.Errorf("%s; %d held, %d keys remembered", got, l.held, len(l.behind))
	}
}

// Sizes are never below what the SDK sends, and hardly above.
func TestSizesAreThoseOnTheWire(t *testing.T) {
	var body []byte
	c := dynamodb.New(dynamodb.Options{Region: "us-east-1", HTTPClient: doFunc(func(req *http.Request) (*http.Response, error) {
		body, _ = io.ReadAll(req.Body)
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
	}), Credentials: aws.AnonymousCredentials{}})
	rng := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		in := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{}, ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes, ReturnItemCollectionMetrics: types.ReturnItemCollectionMetricsSize}
		size, values := envelope, 0
		for table := range 1 + rng.IntN(3) {
			name := fmt.Sprint("table-", table)
			size += tableSize(name, nil)
			for i := range 1 + rng.IntN(5) {
				row := map[string]types.AttributeValue{}
				for j := range 1 + rng.IntN(4) {
					row[fmt.Sprint("é\"\n", j)] = drawValue(rng, 3)
					values++
				}
				w := types.WriteRequest{PutRequest: &types.PutRequest{Item: row}}
				if i%2 == 0 {
					w = types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: row}}
				}
				in.RequestItems[name] = append(in.RequestItems[name], w)
				size += WriteSize(w)
			}
		}
		if _, err := c.BatchWriteItem(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(body) || size < len(body) || size > len(body)+len(body)/4+40*values {
			t.Fatalf("counted %d, sent %d bytes: %s", size, len(body), body)
		}
		get := &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{}}
		view := &types.KeysAndAttributes{ConsistentRead: aws.Bool(true), ProjectionExpression: aws.String("#a, b"), ExpressionAttributeNames: map[string]string{"#a": "\"é"}, AttributesToGet: []string{"x", "y"}}
		of := *view
		size = envelope + tableSize("t", view)
		for i := range 1 + rng.IntN(9) {
			key := map[string]types.AttributeValue{"pk": drawValue(rng, 0), "sk": &types.AttributeValueMemberN{Value: fmt.Sprint(i)}}
			of.Keys = append(of.Keys, key)
			size += ReadSize(key)
		}
		get.RequestItems["t"] = of
		if _, err := c.BatchGetItem(t.Context(), get); err != nil {
			t.Fatal(err)
		}
		if size < len(body) {
			t.Fatalf("counted %d, sent %d bytes: %s", size, len(body), body)
		}
	}
}

type doFunc func(*http.Request) (*http.Response, error)

func (f doFunc) Do(req *http.Request) (*http.Response, error) { return f(req) }

func drawValue(rng *rand.Rand, depth int) types.AttributeValue {
	text := func() string {
		alphabet := []string{"a", "\"", "\\", "\n", "\t", "\x00", "\x1f", "é", "\u2028", "😀", "<", "&", "\xff", "/", "\b", "\f", "\x7f"}
		var b strings.Builder
		for range rng.IntN(12) {
			b.WriteString(alphabet[rng.IntN(len(alphabet))])
		}
		return b.String()
	}
	kind := rng.IntN(10)
	if depth == 0 {
		kind %= 8
	}
	switch kind {
	case 0, 1:
		return &types.AttributeValueMemberS{Value: text()}
	case 2:
		return &types.AttributeValueMemberN{Value: "-12.50"}
	case 3:
		return &types.AttributeValueMemberB{Value: []byte(text())}
	case 4:
		return &types.AttributeValueMemberSS{Value: []string{text(), text() + "x"}}
	case 5:
		return &types.AttributeValueMemberNS{Value: []string{"1", "2"}}
	case 6:
		return &types.AttributeValueMemberBS{Value: [][]byte{[]byte(text())}}
	case 7:
		return &types.AttributeValueMemberBOOL{Value: true}
	case 8:
		return &types.AttributeValueMemberL{Value: []types.AttributeValue{drawValue(rng, depth-1), &types.AttributeValueMemberNULL{Value: true}}}
	}
	return &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{text(): drawValue(rng, depth-1), "z": drawValue(rng, depth-1)}}
}

// A step is drawn once, is never above the cap nor above the backoff, and ends where the backoff does.
func TestDelay(t *testing.T) {
	d := newDelay(func() retry.Backoff { return retry.WithMaxRetries(40, retry.NewExponential(time.Second)) })
	for n := 1; n <= 40; n++ {
		first, ok := d.step(n)
		again, _ := d.step(n)
		if !ok || first != again || first < minDelay || first > maxDelay || n == 1 && first > time.Second {
			t.Errorf("step %d: %v, again %v", n, first, again)
		}
	}
	if _, ok := d.step(41); ok {
		t.Error("the backoff has ended, and there is a 41st step")
	}
	for name, factory := range map[string]func() retry.Backoff{
		"nil":    func() retry.Backoff { return nil },
		"panics": func() retry.Backoff { return retry.NewConstant(0) },
	} {
		if CheckBackoff(factory) == nil {
			t.Errorf("%s: no error", name)
		}
		if _, ok := newDelay(factory).step(1); ok {
			t.Errorf("%s: a step", name)
		}
	}
}
