package transact_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attempt"
	"github.com/monotable/monotable/internal/transact"
)

// The answers of a network, a letter each.
const (
	conflicts  = 'c' // canceled for a conflict
	throttledT = 'h' // canceled for a throttle
	running    = 'r' // the transaction is in progress
	busy       = 'b' // the conflict of a single write
	replica    = 'w' // the conflict of a single write in another Region
	throttled  = 't' // a throttle of the whole request
	lost       = 'l'
	failed     = 'f' // canceled for a condition
	mixed      = 'm' // canceled for a condition and a conflict
	mismatch   = 'i' // the token has other contents
	invalid    = 'v' // the newer form of an invalid transaction
	done       = 'd'
)

var bodies = map[rune]string{
	conflicts:  `{"__type":"x#TransactionCanceledException","Message":"m","CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict"}]}`,
	throttledT: `{"__type":"x#TransactionCanceledException","Message":"m","CancellationReasons":[{"Code":"ThrottlingError"},{"Code":"None"}]}`,
	running:    `{"__type":"x#TransactionInProgressException","Message":"m"}`,
	busy:       `{"__type":"x#TransactionConflictException","message":"m"}`,
	replica:    `{"__type":"x#ReplicatedWriteConflictException","message":"m"}`,
	throttled:  `{"__type":"x#ThrottlingException","message":"m"}`,
	failed:     `{"__type":"x#TransactionCanceledException","Message":"m","CancellationReasons":[{"Code":"ConditionalCheckFailed"},{"Code":"None"}]}`,
	mixed:      `{"__type":"x#TransactionCanceledException","Message":"m","CancellationReasons":[{"Code":"ConditionalCheckFailed"},{"Code":"TransactionConflict"}]}`,
	mismatch:   `{"__type":"x#IdempotentParameterMismatchException","Message":"m"}`,
	invalid:    `{"__type":"com.amazon.coral.validate#ValidationException","message":"m"}`,
}

// network answers in the order of its script, and ever after as at its end.
type network struct {
	script string
	bodies []string
	times  []time.Time
}

func (n *network) Do(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	n.bodies, n.times = append(n.bodies, string(raw)), append(n.times, time.Now())
	letter := rune(n.script[min(len(n.bodies), len(n.script))-1])
	status, body := 400, bodies[letter]
	switch letter {
	case lost:
		return nil, &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	case done:
		status, body = 200, "{}"
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader([]byte(body)))}, nil
}

// slow is how long the client's own retryer waits.
const slow = 7 * time.Second

func client(n *network, r aws.Retryer) *dynamodb.Client {
	if r == nil {
		r = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.RateLimiter = 5, ratelimit.None
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return slow, nil })
		})
	}
	return dynamodb.New(dynamodb.Options{Region: "eu-central-1", HTTPClient: n, Retryer: r,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		})})
}

func input() *dynamodb.TransactWriteItemsInput {
	var in dynamodb.TransactWriteItemsInput
	in.ClientRequestToken = aws.String("token")
	for i := range 2 {
		item := map[string]types.AttributeValue{}
		for k := range 20 { // so many that their order in the request would tell one encoding from another
			item[fmt.Sprint("a", k)] = &types.AttributeValueMemberN{Value: fmt.Sprint(i)}
		}
		in.TransactItems = append(in.TransactItems, types.TransactWriteItem{Put: &types.Put{TableName: aws.String("t"), Item: item}})
	}
	return &in
}

func send(ctx context.Context, n *network, r aws.Retryer) (*attempt.Track, error) {
	track := attempt.New(true)
	_, err := transact.Send(client(n, r).TransactWriteItems)(ctx, input(), track.Option)
	return track, err
}

func TestBudgets(t *testing.T) {
	for _, c := range []struct {
		reason, script string
		sent           int
		outcome        attempt.Outcome
	}{
		{"done at once", "d", 1, attempt.Applied},
		{"a conflict, then done", "cd", 2, attempt.Applied},
		{"conflicts to the end", "c", 8, attempt.NotApplied},
		{"canceled by throttles to the end", "h", 8, attempt.NotApplied},
		{"in progress to the end", "r", 8, attempt.Unknown},
		{"in progress, then done", "rrrrrrrd", 8, attempt.Applied},
		{"the conflicts of a single write", "b", 8, attempt.NotApplied},
		{"the conflicts of a single write, elsewhere", "w", 8, attempt.NotApplied},
		{"throttles to the end", "t", 5, attempt.NotApplied},
		{"lost to the end", "l", 5, attempt.Unknown},
		{"throttles after conflicts", "ccccccct", 12, attempt.NotApplied},
		{"conflicts after throttles", "ttttc", 12, attempt.NotApplied},
		{"in turns", "ctctctctccccd", 12, attempt.NotApplied},
		{"in turns, and done at last", "ctctctctcccd", 12, attempt.Applied},
		{"lost, then a conflict to the end: the cancellation is final", "lc", 9, attempt.NotApplied},
		{"lost, then a condition failed: it is final", "lf", 2, attempt.NotApplied},
		{"a failed condition", "fd", 1, attempt.NotApplied},
		{"a failed condition beside a conflict", "md", 1, attempt.NotApplied},
		{"the token has other contents", "id", 1, attempt.NotApplied},
		{"lost, then the token has other contents", "lid", 2, attempt.Unknown},
		{"an invalid transaction of the newer form", "vd", 1, attempt.NotApplied},
		{"lost, then that", "lvd", 2, attempt.Unknown},
		{"conflicts, then lost to the end", "ccl", 7, attempt.Unknown},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := &network{script: c.script}
			track, err := send(t.Context(), n, nil)
			if len(n.bodies) != c.sent || track.Attempts() != c.sent {
				t.Errorf("%s: %d attempts, counted %d, not %d (%v)", c.reason, len(n.bodies), track.Attempts(), c.sent, err)
			}
			if got := transact.Outcome(track, err); got != c.outcome || (got == attempt.Applied) != (err == nil) {
				t.Errorf("%s: the outcome is %v, not %v (%v)", c.reason, got, c.outcome, err)
			}
			for i, body := range n.bodies {
				if body != n.bodies[0] || !strings.Contains(body, `"ClientRequestToken":"token"`) {
					t.Errorf("%s: attempt %d has other bytes", c.reason, i)
				}
			}
		})
	}
}

// Other retryers keep their own number of attempts, and conflicts have theirs.
func TestOtherRetryers(t *testing.T) {
	for _, c := range []struct {
		reason  string
		retryer aws.Retryer
		script  string
		sent    int
	}{
		{"none, a throttle", aws.NopRetryer{}, "t", 1},
		{"none, conflicts", aws.NopRetryer{}, "c", 8},
		{"none, conflicts and a throttle", aws.NopRetryer{}, "cct", 3},
		{"unbounded, conflicts", unbounded{}, "c", 8},
		{"unbounded, throttles and then done", unbounded{}, strings.Repeat("t", 30) + "d", 31},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := &network{script: c.script}
			_, err := send(t.Context(), n, c.retryer)
			if len(n.bodies) != c.sent {
				t.Errorf("%s: %d attempts, not %d (%v)", c.reason, len(n.bodies), c.sent, err)
			}
		})
	}
}

// unbounded retries everything for ever, at once.
type unbounded struct{ aws.NopRetryer }

func (unbounded) MaxAttempts() int                             { return 0 }
func (unbounded) IsErrorRetryable(error) bool                  { return true }
func (unbounded) RetryDelay(int, error) (time.Duration, error) { return 0, nil }
func (unbounded) GetRetryToken(context.Context, error) (func(error) error, error) {
	return func(error) error { return nil }, nil
}

// Half of each delay is fixed and half is random; the fixed halves alone outlast the 5 s of a transaction in progress, and the whole
// is bounded.
func TestDelays(t *testing.T) {
	random := map[time.Duration]bool{}
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			n := &network{script: "c"}
			_, _ = send(t.Context(), n, nil)
			full := 100 * time.Millisecond
			var fixed time.Duration
			for i := range len(n.times) - 1 {
				d := n.times[i+1].Sub(n.times[i])
				if d < full/2 || d > full {
					t.Errorf("delay %d is %v, not between %v and %v", i, d, full/2, full)
				}
				random[d] = true
				fixed += full / 2
				full *= 2
			}
			if fixed <= 5*time.Second || len(n.times) != 8 {
				t.Errorf("the fixed halves of %d attempts last %v", len(n.times), fixed)
			}
		})
	}
	if len(random) < 300 {
		t.Errorf("of 350 delays only %d differ", len(random))
	}
}

// The client's own delays are counted without the conflicts, and conflicts take nothing from its quota.
func TestOwnDelaysAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{script: "ctcd"}
		counting := &quota{Retryer: client(n, nil).Options().Retryer}
		if _, err := send(t.Context(), n, counting); err != nil {
			t.Fatal(err)
		}
		if d := n.times[2].Sub(n.times[1]); d != slow {
			t.Errorf("the delay after a throttle is %v, not the client's own", d)
		}
		if d := n.times[3].Sub(n.times[2]); d > 200*time.Millisecond {
			t.Errorf("the second conflict waits %v", d)
		}
		if counting.tokens != 1 || !reflect.DeepEqual(counting.attempts, []int{1}) {
			t.Errorf("the quota gave %d tokens, and delays were asked for attempts %v", counting.tokens, counting.attempts)
		}
	})
}

type quota struct {
	aws.Retryer
	tokens   int
	attempts []int
}

func (q *quota) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	q.tokens++
	return q.Retryer.GetRetryToken(ctx, err)
}

func (q *quota) RetryDelay(attempt int, err error) (time.Duration, error) {
	q.attempts = append(q.attempts, attempt)
	return q.Retryer.RetryDelay(attempt, err)
}

func TestTheContextEndsTheDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		n := &network{script: "c"}
		began := time.Now()
		track, err := send(ctx, n, nil)
		if took := time.Since(began); took != time.Second || !errors.Is(err, context.DeadlineExceeded) || transact.Outcome(track, err) != attempt.NotApplied {
			t.Errorf("it ended after %v with %v", took, err)
		}
	})
}

// DynamoDB forgets a token after ten minutes, so nothing is sent so late.
func TestNothingIsSentTooLate(t *testing.T) {
	for _, script := range []string{"t", "l", "tttc"} {
		synctest.Test(t, func(t *testing.T) {
			n := &network{script: script}
			_, err := send(t.Context(), n, &late{unbounded{}})
			if err == nil {
				t.Fatal("no error")
			}
			if last := n.times[len(n.times)-1].Sub(n.times[0]); last > 10*time.Minute || last < 3*time.Minute {
				t.Errorf("script %s: the last attempt is %v behind the first", script, last)
			}
		})
	}
}

type late struct{ unbounded }

func (*late) RetryDelay(int, error) (time.Duration, error) { return 59 * time.Second, nil }

func TestTheCallersInputStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, want := input(), input()
		options := make([]func(*dynamodb.Options), 1, 9)
		seen := 0
		options[0] = func(*dynamodb.Options) { seen++ }
		if _, err := transact.Send(client(&network{script: "cd"}, nil).TransactWriteItems)(t.Context(), in, options...); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(in, want) || seen != 1 || options[:2][1] != nil {
			t.Error("the caller's input or options are not as they were")
		}
	})
}

func TestNoTokenNoRequest(t *testing.T) {
	n := &network{script: "d"}
	for _, token := range []*string{nil, aws.String("")} {
		in := input()
		in.ClientRequestToken = token
		if _, err := transact.Send(client(n, nil).TransactWriteItems)(t.Context(), in); err == nil || len(n.bodies) > 0 {
			t.Errorf("a request without a token: %v, %d sent", err, len(n.bodies))
		}
	}
}

// A backoff is spent by use, so each call has its own.
func TestBackoffsAreFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{script: "c"}
		c := client(n, nil)
		for call := range 3 {
			n.bodies = nil
			_, _ = transact.Send(c.TransactWriteItems)(t.Context(), input())
			if len(n.bodies) != 8 {
				t.Errorf("call %d made %d attempts", call, len(n.bodies))
			}
		}
	})
}
