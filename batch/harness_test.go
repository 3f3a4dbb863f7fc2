package batch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"go.uber.org/goleak"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var soak = os.Getenv("SOAK") != ""

// crate is what the tests write.
type crate struct {
	_ struct{} `entity:"Crate" pk:"DOCK#{Dock}" sk:"CRATE#{ID}"`

	Dock    string    `dynamodbav:"dock"`
	ID      string    `dynamodbav:"id"`
	Round   int       `dynamodbav:"round"`
	Body    string    `dynamodbav:"body,omitempty"`
	Tags    []string  `dynamodbav:"tags,omitempty"`
	Packed  time.Time `dynamodbav:"packed" repo:"created"`
	Changed time.Time `dynamodbav:"changed" repo:"updated"`
}

var errBroken = errors.New("broken crate")

func (c crate) Validate() error {
	if c.Body == "broken" {
		return errBroken
	}
	return nil
}

var yard = repo.Table{Name: "yard"}

func numbered(i int) crate { return crate{Dock: fmt.Sprint(i % 7), ID: fmt.Sprintf("%06d", i)} }

func crates(n int) []crate {
	out := make([]crate, n)
	for i := range out {
		out[i] = numbered(i)
	}
	return out
}

// each is a list as a sequence.
func each[T any](list []T) func(func(T, error) bool) {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// site is an engine with a table, and a wire before it.
type site struct {
	engine *repotest.Engine
	wire   *wire
	client *dynamodb.Client
	crates *repo.Repository[crate]
}

func newSite(tb testing.TB, opts ...repotest.Option) *site {
	tb.Helper()
	s := &site{engine: repotest.New(opts...)}
	base := s.engine.Client()
	s.wire = &wire{inner: base.Options().HTTPClient}
	s.client = dynamodb.New(base.Options(), func(o *dynamodb.Options) { o.HTTPClient = s.wire })
	s.crates = repo.Must(repo.New[crate](s.client, yard))
	if err := repo.CreateTable(context.Background(), base, yard, s.crates); err != nil {
		tb.Fatal(err)
	}
	return s
}

// stored are the crates of the table, by ID.
func (s *site) stored(tb testing.TB) map[string]crate {
	tb.Helper()
	s.engine.Heal()
	all := repo.Must(repo.New[crate](s.engine.Client(), yard))
	out := map[string]crate{}
	for c, err := range all.Scan().All(context.Background()) {
		if err != nil {
			tb.Fatal(err)
		}
		out[c.ID] = c
	}
	return out
}

// wire sees every HTTP request of the site's client, and may answer it instead of the engine.
type wire struct {
	inner dynamodb.HTTPClient

	mu     sync.Mutex
	seen   []sent
	answer func(n int, operation string, body []byte) *http.Response // n from 0; nil goes on to the engine
	after  func(n int, operation string)
}

type sent struct {
	operation string
	body      []byte
	at        time.Time
}

func (w *wire) Do(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	_, operation, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	w.mu.Lock()
	n, answer, after := len(w.seen), w.answer, w.after
	w.seen = append(w.seen, sent{operation, body, time.Now()})
	w.mu.Unlock()
	if answer != nil {
		if resp := answer(n, operation, body); resp != nil {
			return resp, nil
		}
	}
	resp, err := w.inner.Do(req)
	if after != nil {
		after(n, operation)
	}
	return resp, err
}

// requests are those of one operation so far; of all, without one.
func (w *wire) requests(operation string) []sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []sent
	for _, s := range w.seen {
		if operation == "" || s.operation == operation {
			out = append(out, s)
		}
	}
	return out
}

func (w *wire) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = nil
}

// reply is an answer of the service.
func reply(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Status: http.StatusText(status), ContentLength: int64(len(body)), Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(strings.NewReader(body))}
}

func refusal(code, message string) *http.Response {
	return reply(http.StatusBadRequest, fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":%q}`, code, message))
}

// failed is the *batch.Error in an error.
func failed(tb testing.TB, err error) *batch.Error {
	tb.Helper()
	var e *batch.Error
	if !errors.As(err, &e) {
		tb.Fatalf("error %v (%T), want a *batch.Error", err, err)
	}
	return e
}

// balance checks that the books of a call add up to its inputs, and that its failures are in order.
func balance(tb testing.TB, err error, inputs int) *batch.Error {
	tb.Helper()
	e := failed(tb, err)
	count := map[batch.State]int{}
	for i, f := range e.Failures {
		count[f.State]++
		if i > 0 && f.Index <= e.Failures[i-1].Index || f.Index < 0 || f.Index >= inputs || f.Err == nil {
			tb.Fatalf("failure %d is %+v of %d inputs: not in order, out of range or without a cause", i, f, inputs)
		}
	}
	if e.Total() != inputs || count[batch.Unprocessed] != e.Unprocessed || count[batch.Rejected] != e.Rejected || count[batch.Ambiguous] != e.Ambiguous {
		tb.Fatalf("%d inputs, and the books have %d written, %d unprocessed, %d rejected, %d ambiguous and list %v", inputs, e.Written, e.Unprocessed, e.Rejected, e.Ambiguous, count)
	}
	return e
}
