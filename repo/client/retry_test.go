package client

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

type transport func(*http.Request) (*http.Response, error)

func (f transport) Do(r *http.Request) (*http.Response, error) { return f(r) }

// call sends one request through c with its HTTP client replaced and nothing else.
func call(ctx context.Context, c *dynamodb.Client, do transport) (*dynamodb.DescribeTableOutput, error) {
	return c.DescribeTable(ctx, get("t"), func(o *dynamodb.Options) { o.HTTPClient = do })
}

func answer(r *http.Request, status int, code, body string) *http.Response {
	if code != "" {
		body = fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"no"}`, code)
	}
	h := http.Header{"Content-Type": {"application/x-amz-json-1.0"}}
	h.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(body))), 10))
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

func failing(r *http.Request) (*http.Response, error) {
	return answer(r, 500, "InternalServerError", ""), nil
}

// Both kinds of client promise the same, so both are tested.
var kinds = map[string]string{"AWS": "", "local": "http://localhost:1"}

func newClient(t *testing.T, endpoint string, opts ...func(*Options)) *dynamodb.Client {
	t.Helper()
	opts = append(opts, func(o *Options) {
		o.Region = "eu-west-1"
		o.Credentials = credentials.NewStaticCredentialsProvider("key", "secret", "")
	})
	c, err := New(t.Context(), endpoint, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func attempts(n int) func(*Options) { return func(o *Options) { o.MaxAttempts = n } }

func TestAttempts(t *testing.T) {
	status := func(status int, code string) transport {
		return func(r *http.Request) (*http.Response, error) { return answer(r, status, code, ""), nil }
	}
	fails := func(err error) transport {
		return func(*http.Request) (*http.Response, error) { return nil, err }
	}
	for _, c := range []struct {
		reason string
		do     transport
		opts   []func(*Options)
		want   int
	}{
		{reason: "a server error", do: failing, want: 5},
		{reason: "an unavailable server", do: status(503, "ServiceUnavailable"), want: 5},
		{reason: "throttling", do: status(400, "ThrottlingException"), want: 5},
		{reason: "throughput", do: status(400, "ProvisionedThroughputExceededException"), want: 5},
		{reason: "a transaction still running", do: status(400, "TransactionInProgressException"), want: 5},
		{reason: "a connection reset", do: fails(syscall.ECONNRESET), want: 5},
		{reason: "a connection closed", do: fails(io.ErrUnexpectedEOF), want: 5},
		{reason: "a failed condition is an answer", do: status(400, "ConditionalCheckFailedException"), want: 1},
		{reason: "an invalid request stays invalid", do: status(400, "ValidationException"), want: 1},
		{reason: "fewer if asked for", do: failing, opts: []func(*Options){attempts(2)}, want: 2},
		{reason: "none again", do: failing, opts: []func(*Options){attempts(1)}, want: 1},
		{reason: "more if asked for", do: failing, opts: []func(*Options){attempts(7)}, want: 7},
	} {
		for kind, endpoint := range kinds {
			synctest.Test(t, func(t *testing.T) {
				sent := 0
				_, err := call(t.Context(), newClient(t, endpoint, c.opts...), func(r *http.Request) (*http.Response, error) {
					sent++
					return c.do(r)
				})
				if err == nil || sent != c.want {
					t.Errorf("%s, %s: %d attempts, want %d (%v)", c.reason, kind, sent, c.want, err)
				}
			})
		}
	}
}

// TestFullJitter measures the waits between attempts where they are sent, with seeded draws: the 5 % are four standard
// deviations of the mean of 2,000, which unseeded ones would miss once in a few thousand runs.
func TestFullJitter(t *testing.T) {
	const calls = 2000
	for _, c := range []struct {
		reason string
		do     transport
		want   []time.Duration
	}{
		{"server errors", failing, []time.Duration{50e6, 100e6, 200e6, 400e6}},
		{"throttling, where the SDK would begin with a second", func(r *http.Request) (*http.Response, error) {
			return answer(r, 400, "ThrottlingException", ""), nil
		}, []time.Duration{50e6, 100e6, 200e6, 400e6}},
	} {
		synctest.Test(t, func(t *testing.T) {
			seeded := retryer(Options{MaxAttempts: defaultMaxAttempts, MaxBackoff: defaultMaxBackoff}, rand.New(rand.NewPCG(1, 2)).Int64N)
			made := dynamodb.New(newClient(t, kinds["local"]).Options(), func(o *dynamodb.Options) { o.Retryer = seeded })
			draws := make([][]time.Duration, len(c.want))
			for range calls {
				var before time.Time
				n := 0
				_, _ = call(t.Context(), made, func(r *http.Request) (*http.Response, error) {
					if n > 0 {
						draws[n-1] = append(draws[n-1], time.Since(before))
					}
					n, before = n+1, time.Now()
					return c.do(r)
				})
			}
			for n, bound := range c.want {
				looksUniform(t, fmt.Sprintf("%s, retry %d", c.reason, n), draws[n], bound, calls)
			}
		})
	}
}

// TestBackoffOfNew draws from what New made, unseeded, also where the bound has reached its cap.
func TestBackoffOfNew(t *testing.T) {
	const calls = 20_000
	for kind, endpoint := range kinds {
		r := newClient(t, endpoint).Options().Retryer
		for attempt, bound := range map[int]time.Duration{
			1: 50 * time.Millisecond, 2: 100 * time.Millisecond, 4: 400 * time.Millisecond, 9: 12800 * time.Millisecond,
			10: 20 * time.Second, 11: 20 * time.Second, 64: 20 * time.Second, math.MaxInt: 20 * time.Second,
		} {
			draws := make([]time.Duration, calls)
			for i := range draws {
				var err error
				if draws[i], err = r.RetryDelay(attempt, errors.New("failed")); err != nil {
					t.Fatal(err)
				}
			}
			looksUniform(t, fmt.Sprintf("%s, attempt %d", kind, attempt), draws, bound, calls)
		}
	}
}

func looksUniform(t *testing.T, name string, draws []time.Duration, bound time.Duration, want int) {
	t.Helper()
	if len(draws) != want {
		t.Errorf("%s: %d draws, want %d", name, len(draws), want)
		return
	}
	low, high, sum := draws[0], draws[0], time.Duration(0)
	for _, d := range draws {
		low, high, sum = min(low, d), max(high, d), sum+d
	}
	mean, half := sum/time.Duration(len(draws)), bound/2
	if low < 0 || high >= bound || high > defaultMaxBackoff {
		t.Errorf("%s: draws from %v to %v, want them in [0, %v)", name, low, high, bound)
	}
	if low > bound/50 || high < bound-bound/50 {
		t.Errorf("%s: draws from %v to %v do not reach both ends of [0, %v)", name, low, high, bound)
	}
	if (mean - half).Abs() > half/20 {
		t.Errorf("%s: mean %v, want within 5 %% of %v", name, mean, half)
	}
}

func TestDelayBound(t *testing.T) {
	for _, c := range []struct {
		reason      string
		attempt     int
		limit, want time.Duration
	}{
		{"the first retry", 1, 20 * time.Second, 50 * time.Millisecond},
		{"doubles", 3, 20 * time.Second, 200 * time.Millisecond},
		{"stops at the limit", 10, 20 * time.Second, 20 * time.Second},
		{"a limit below the base", 1, time.Millisecond, time.Millisecond},
		{"a limit below the base, later", 5, time.Millisecond, time.Millisecond},
		{"no overflow", 64, math.MaxInt64, math.MaxInt64},
		{"an attempt that never was", 0, 20 * time.Second, 50 * time.Millisecond},
	} {
		if got := delayBound(c.attempt, c.limit); got != c.want {
			t.Errorf("%s: delayBound(%d, %v) = %v, want %v", c.reason, c.attempt, c.limit, got, c.want)
		}
	}
}

func TestCallEndsWithItsContext(t *testing.T) {
	hangs := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	for reason, do := range map[string]transport{"while it waits for a retry": failing, "while it is sent": hangs} {
		for kind, endpoint := range kinds {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, endpoint, attempts(50))

				const limit = 7 * time.Second
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				start := time.Now()
				_, err := call(ctx, c, do)
				if took := time.Since(start); took != limit || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s, %s: ended after %v with %v, want %v and the deadline's error", kind, reason, took, err, limit)
				}

				ctx, cancel = context.WithCancel(t.Context())
				time.AfterFunc(limit, cancel)
				start = time.Now()
				_, err = call(ctx, c, do)
				if took := time.Since(start); took != limit || !errors.Is(err, context.Canceled) {
					t.Errorf("%s, %s: ended after %v with %v, want %v and the cancellation", kind, reason, took, err, limit)
				}
			})
		}
	}
}

func TestCallEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := call(context.Background(), newClient(t, kinds["local"]), failing)
		// The sum of the bounds of four waits.
		if took := time.Since(start); err == nil || took >= 750*time.Millisecond {
			t.Errorf("ended after %v with %v", took, err)
		}
	})
}

func TestRetryQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := func(c *dynamodb.Client, do transport) (sent int, err error) {
			_, err = call(t.Context(), c, func(r *http.Request) (*http.Response, error) {
				sent++
				return do(r)
			})
			return sent, err
		}
		ok := func(r *http.Request) (*http.Response, error) { return answer(r, 200, "", "{}"), nil }
		exceeded := func(err error) bool { var e ratelimit.QuotaExceededError; return errors.As(err, &e) }

		c := newClient(t, kinds["local"], func(o *Options) { o.RetryQuota = 6 })
		for _, step := range []struct {
			reason   string
			do       transport
			want     int
			exceeded bool
		}{
			{"four retries are there", failing, 5, false},
			{"and two more", failing, 3, true},
			{"then none", failing, 1, true},
			{"a call that succeeds puts one back", ok, 1, false},
			{"which is used", failing, 2, true},
		} {
			sent, err := run(c, step.do)
			if sent != step.want || exceeded(err) != step.exceeded {
				t.Errorf("%s: %d attempts, quota exceeded %t: want %d, %t (%v)", step.reason, sent, exceeded(err), step.want, step.exceeded, err)
			}
		}

		unlimited := newClient(t, kinds["local"])
		for range 500 { // far beyond the SDK's quota
			if sent, err := run(unlimited, failing); sent != 5 || exceeded(err) {
				t.Fatalf("without a quota: %d attempts (%v)", sent, err)
			}
		}
	})
}

// TestEnvironment runs the tests of this package again in a process whose environment has every switch set that
// changes the SDK's retries and time limits; some are read once per process.
func TestEnvironment(t *testing.T) {
	const mark = "MONOTABLE_TEST_SWITCHES"
	if os.Getenv(mark) != "" {
		t.Skip("is the process that it started")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	tests := []string{"TestAttempts", "TestBackoffOfNew", "TestCallEndsWithItsContext", "TestCallEndsByItself", "TestRetryQuota", "TestTimeLimits", "TestSilence", "TestPool"}
	cmd := exec.CommandContext(t.Context(), self, "-test.v", "-test.run=^("+strings.Join(tests, "|")+")$")
	cmd.Env = append(os.Environ(), mark+"=1", "AWS_NEW_RETRIES_2026=true", "AWS_RETRY_MODE=adaptive", "AWS_MAX_ATTEMPTS=9",
		"AWS_DEFAULTS_MODE=in-region", "AWS_ENABLE_DEFAULT_SOCKET_TIMEOUT_2026=true", "AWS_EC2_METADATA_DISABLED=true")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range tests {
		if !strings.Contains(string(out), "--- PASS: "+name) {
			t.Errorf("%s did not run:\n%s", name, out)
		}
	}
}
