package txn_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
	"github.com/monotable/monotable/txn"
)

var errReset = errors.New("connection reset by peer")

// scripted is a shop in this bubble, with its table, and a transaction of two operations through a script.
func scripted(t *testing.T, c *script) (*shop, *txn.Txn) {
	t.Helper()
	plain, _ := newShop(t)
	s := openShop(through(plain.client, c))
	rich := account{ID: "a1", Balance: 1, Notes: map[string]string{"a": "1", "b": "2", "c": "3", "d": "4"}, Limits: map[string]int64{"x": 1, "y": 2, "z": 3}}
	return plain, txn.New(s.client).Add(txn.Create(s.accounts, rich), txn.Upsert(s.documents, document{ID: "d1"}, documentReads.Add(1)))
}

// checkReads expects the counter of the scripted transaction; -1 is no item.
func checkReads(t *testing.T, where string, s *shop, want int64) {
	t.Helper()
	got := int64(-1)
	d, err := s.documents.Get(context.Background(), document{ID: "d1"})
	if err == nil {
		got = d.Reads
	} else if !errors.Is(err, repo.ErrNotFound) {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("%s: the counter is %d, want %d", where, got, want)
	}
}

type send = func() (*http.Response, error)

func lose(send send) (*http.Response, error) {
	resp, err := send()
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return nil, err
	}
	return nil, errReset
}

// Conflicts are retried up to eight times. Half of each delay is fixed and half is random: the fixed halves alone outlast the five
// seconds that a transaction needs to be over, and all together are bounded.
func TestConflictBudget(t *testing.T) {
	for reason, body := range map[string]string{
		"conflicts":         canceledAnswer("TransactionConflict", ""),
		"throttles":         canceledAnswer("", "ThrottlingError"),
		"it is in progress": `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionInProgressException","Message":"m"}`,
	} {
		seen := map[time.Duration]bool{}
		for range 20 {
			synctest.Test(t, func(t *testing.T) {
				var at []time.Time
				c := &script{do: func(int, send) (*http.Response, error) {
					at = append(at, time.Now())
					return answer(400, body), nil
				}}
				_, tx := scripted(t, c)
				begin := time.Now()
				if err := tx.Commit(t.Context()); err == nil {
					t.Errorf("%s: no error", reason)
				}
				if len(at) != 8 {
					t.Fatalf("%s: %d attempts", reason, len(at))
				}
				for i, full := 1, 100*time.Millisecond; i < len(at); i, full = i+1, 2*full {
					if delay := at[i].Sub(at[i-1]); delay < full/2 || delay > full {
						t.Errorf("%s: delay %d is %v, which is not within %v and %v", reason, i, delay, full/2, full)
					}
				}
				all := time.Since(begin)
				if seen[all] = true; all < 5*time.Second || all > 13*time.Second {
					t.Errorf("%s: it lasted %v", reason, all)
				}
			})
		}
		if len(seen) < 10 {
			t.Errorf("%s: of 20 runs only %d lasted differently: the delays are not random", reason, len(seen))
		}
	}
}

// A conflict that ends leaves a success, under one token and with the same bytes.
func TestConflictEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &script{do: func(n int, send send) (*http.Response, error) {
			if n < 8 {
				return answer(400, canceledAnswer("TransactionConflict", "")), nil
			}
			return send()
		}}
		s, tx := scripted(t, c)
		if err := tx.Commit(t.Context()); err != nil {
			t.Error(err)
		}
		if bodies := slices.Compact(slices.Clone(c.bodies)); len(c.bodies) != 8 || len(bodies) != 1 {
			t.Errorf("%d attempts with %d different bodies", len(c.bodies), len(bodies))
		}
		checkReads(t, "afterwards", s, 1)
	})
}

// The context ends the waiting at once, and an error of a transaction that only met conflicts does not claim that it is unknown.
func TestContextEndsConflicts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &script{do: func(int, send) (*http.Response, error) {
			return answer(400, canceledAnswer("TransactionConflict", "")), nil
		}}
		_, tx := scripted(t, c)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		err := tx.Commit(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, txn.ErrOutcomeUnknown) {
			t.Errorf("error %v", err)
		}
		if d := time.Since(begin); d != time.Second {
			t.Errorf("it ended after %v", d)
		}
	})
}

// A context that has ended sends nothing, and the transaction is as it was.
func TestContextEndedBefore(t *testing.T) {
	s, engine := newShop(t)
	tx := txn.New(s.client).Add(anAccount(s))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	before := engine.Requests()
	err := tx.Commit(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	checkSentinels(t, "a context that has ended", err)
	if n := engine.Requests() - before; n != 0 {
		t.Errorf("%d requests", n)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Errorf("committed again: %v", err)
	}
}

// step is what happens to one attempt; the last one goes on.
type step func(send) (*http.Response, error)

var (
	lostBefore step = func(send) (*http.Response, error) { return nil, errReset }
	lostAfter  step = lose
	throttled  step = func(send) (*http.Response, error) {
		return answer(400, `{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"m"}`), nil
	}
	broken step = func(send) (*http.Response, error) {
		return answer(500, `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"m"}`), nil
	}
	conflicting step = func(send) (*http.Response, error) {
		return answer(400, canceledAnswer("TransactionConflict", "")), nil
	}
	failing step = func(send) (*http.Response, error) {
		return answer(400, canceledAnswer("ConditionalCheckFailed", "")), nil
	}
	mismatched step = func(send) (*http.Response, error) {
		return answer(400, `{"__type":"com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException","Message":"m"}`), nil
	}
	inProgress step = func(send) (*http.Response, error) {
		return answer(400, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionInProgressException","Message":"m"}`), nil
	}
	busy step = func(send) (*http.Response, error) {
		return answer(400, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException","message":"m"}`), nil
	}
	invalidNow step = func(send) (*http.Response, error) {
		return answer(400, `{"__type":"com.amazon.coral.validate#ValidationException","message":"m"}`), nil
	}
)

func five(s step) []step { return []step{s, s, s, s, s} }

// Commits of one transaction, one after the other: what each attempt meets, and what each Commit says.
func TestOutcomes(t *testing.T) {
	const unknown, done = "unknown", "done"
	for _, c := range []struct {
		reason  string
		steps   []step
		commits []string // "done", "unknown", or the text of an error
		reads   int64    // the counter afterwards
	}{
		{"nothing happens", nil, []string{done}, 1},
		{"the first answer is lost", []step{lostAfter}, []string{done}, 1},
		{"all answers but the last are lost", []step{lostAfter, lostAfter, lostAfter, lostAfter}, []string{done}, 1},
		{"requests and answers are lost", []step{lostBefore, broken, lostAfter, lostBefore}, []string{done}, 1},
		{"lost and then in progress", []step{lostAfter, inProgress, inProgress}, []string{done}, 1},
		{"lost, and a conflict with itself", []step{lostAfter, conflicting, conflicting}, []string{done}, 1},
		{"all requests are lost", five(lostBefore), []string{unknown, done}, 1},
		{"all answers are lost", five(lostAfter), []string{unknown, done}, 1},
		{"all answers are lost, twice", slices.Concat(five(lostAfter), five(lostAfter)), []string{unknown, unknown, done}, 1},
		{"lost, and then throttled on every attempt", slices.Concat([]step{lostAfter}, five(throttled)), []string{unknown, done}, 1},
		{"lost, and throttled in the second commit: still unknown", slices.Concat(five(lostAfter), five(throttled)), []string{unknown, unknown, done}, 1},
		{"lost, and invalid in the second commit: still unknown", slices.Concat(five(lostAfter), []step{invalidNow}), []string{unknown, unknown, done}, 1},
		{"lost, and a mismatch in the second commit: still unknown", slices.Concat(five(lostAfter), []step{mismatched}), []string{unknown, unknown, done}, 1},
		{"a mismatch under a token of the library's own", []step{mismatched}, []string{unknown, done}, 1},
		{"lost before it arrived, and canceled in the second commit: final", slices.Concat(five(lostBefore), []step{failing}), []string{"already exists", "transaction used"}, -1},
		{"lost before it arrived, and then canceled: final", []step{lostBefore, failing}, []string{"already exists", "transaction used"}, -1},
		{"canceled: final", []step{failing}, []string{"already exists", "transaction used"}, -1},
		{"throttled on every attempt: not applied", five(throttled), []string{"ThrottlingException", "transaction used"}, -1},
		{"invalid: not applied", []step{invalidNow}, []string{"ValidationException", "transaction used"}, -1},
		{"conflicts to the end: not applied", slices.Repeat([]step{conflicting}, 8), []string{"transaction conflict", "transaction used"}, -1},
		{"conflicts of the whole, to the end: not applied", slices.Repeat([]step{busy}, 8), []string{"txn: transaction conflict", "transaction used"}, -1},
		{"in progress to the end", slices.Repeat([]step{inProgress}, 8), []string{unknown, done}, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			script := &script{}
			script.do = func(n int, send send) (*http.Response, error) {
				if n <= len(c.steps) {
					return c.steps[n-1](send)
				}
				return send()
			}
			s, tx := scripted(t, script)
			commits := c.commits
			if commits[0] == "already exists" && len(c.steps) > 5 { // it takes a commit to get there
				commits = append([]string{unknown}, commits...)
			}
			for i, want := range commits {
				err := tx.Commit(t.Context())
				switch {
				case want == done && err == nil:
				case want == unknown && errors.Is(err, txn.ErrOutcomeUnknown):
					checkSentinels(t, c.reason, err, txn.ErrOutcomeUnknown)
				case err != nil && want != unknown && strings.Contains(err.Error(), want):
				default:
					t.Errorf("%s: commit %d: error %v, want %s", c.reason, i, err, want)
				}
			}
			checkReads(t, c.reason, s, c.reads)
			if bodies := slices.Compact(slices.Clone(script.bodies)); len(bodies) != 1 {
				t.Errorf("%s: %d requests have %d different bodies", c.reason, len(script.bodies), len(bodies))
			}
		})
	}
}

// What is unknown can be committed again for ten minutes, under the same token and with the same bytes, and not later.
func TestResumeWithinTenMinutes(t *testing.T) {
	for _, c := range []struct {
		reason string
		waits  []time.Duration // before each further Commit
		sent   int             // by all of them, behind the first five attempts
		want   error
	}{
		{"at once", []time.Duration{0}, 1, nil},
		{"after nine minutes and a half", []time.Duration{9*time.Minute + 30*time.Second}, 1, nil},
		{"at the last moment", []time.Duration{10*time.Minute - 5*time.Second}, 1, nil},
		{"after ten minutes", []time.Duration{10 * time.Minute}, 0, txn.ErrOutcomeUnknown},
		{"after a day, twice", []time.Duration{24 * time.Hour, 0}, 0, txn.ErrOutcomeUnknown},
	} {
		synctest.Test(t, func(t *testing.T) {
			script := &script{do: func(n int, send send) (*http.Response, error) {
				if n <= 5 {
					return lose(send)
				}
				return send()
			}}
			s, tx := scripted(t, script)
			if err := tx.Commit(t.Context()); !errors.Is(err, txn.ErrOutcomeUnknown) {
				t.Fatal(err)
			}
			var err error
			for _, d := range c.waits {
				time.Sleep(d)
				err = tx.Commit(t.Context())
			}
			if !errors.Is(err, c.want) {
				t.Errorf("%s: error %v, want %v", c.reason, err, c.want)
			}
			if n := script.sent() - 5; n != c.sent {
				t.Errorf("%s: %d requests, want %d", c.reason, n, c.sent)
			}
			if bodies := slices.Compact(slices.Clone(script.bodies)); len(bodies) != 1 {
				t.Errorf("%s: %d different bodies", c.reason, len(bodies))
			}
			checkReads(t, c.reason, s, 1)
		})
	}
}

// However patient the client's own retryer is, nothing is sent later than ten minutes after the first time, resumed or not.
func TestNothingIsSentAfterTenMinutes(t *testing.T) {
	for _, c := range []struct {
		reason string
		delay  time.Duration
		resume time.Duration // after the first Commit
	}{
		{"short delays, in one call", 7 * time.Second, -1},
		{"long delays, in one call", 7 * time.Minute, -1},
		{"resumed near the end", 20 * time.Second, 30 * time.Second},
		{"resumed near the end, long delays", 2 * time.Minute, 10 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			var last time.Duration
			script := &script{do: func(int, send) (*http.Response, error) {
				last = time.Since(begin)
				return nil, errReset
			}}
			plain, _ := newShop(t)
			patient := dynamodb.New(through(plain.client, script).Options(), func(o *dynamodb.Options) {
				o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
					o.MaxAttempts, o.MaxBackoff, o.RateLimiter = 200, c.delay, free{}
					o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return c.delay, nil })
				})
			})
			s := openShop(patient)
			tx := txn.New(patient).Add(anAccount(s))
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			if err := tx.Commit(ctx); !errors.Is(err, txn.ErrOutcomeUnknown) {
				t.Fatalf("%s: %v", c.reason, err)
			}
			if c.resume >= 0 {
				time.Sleep(c.resume)
				if err := tx.Commit(ctx); !errors.Is(err, txn.ErrOutcomeUnknown) {
					t.Errorf("%s: %v", c.reason, err)
				}
			}
			if script.sent() < 3 && c.delay < 5*time.Minute || last > 10*time.Minute {
				t.Errorf("%s: %d attempts, the last after %v", c.reason, script.sent(), last)
			}
		})
	}
}

// free is a retryer's quota that never ends.
type free struct{}

func (free) GetToken(context.Context, uint) (func() error, error) {
	return func() error { return nil }, nil
}
func (free) AddTokens(uint) error { return nil }

var _ retry.RateLimiter = free{}
var _ aws.RetryerV2 = (*retry.Standard)(nil)

// A caller's own key makes a transaction a success that was carried out before, by whatever process, and one with other contents an
// error.
func TestToken(t *testing.T) {
	s, _ := newShop(t)
	add := func(n int64) txn.Operation { return txn.Upsert(s.accounts, account{ID: "a"}, accountBalance.Add(n)) }
	commit := func(key string, ops ...txn.Operation) error {
		return txn.New(s.client).Token(key).Add(ops...).Commit(t.Context())
	}
	long := strings.Repeat("a key of any length ", 100)
	for _, c := range []struct {
		reason string
		err    error
		want   error
	}{
		{"the first time", commit("k1", add(1)), nil},
		{"the same again", commit("k1", add(1)), nil},
		{"other contents", commit("k1", add(2)), txn.ErrTokenReused},
		{"more contents", commit("k1", add(1), txn.Create(s.documents, document{ID: "d"})), txn.ErrTokenReused},
		{"another key", commit("k2", add(1)), nil},
		{"a long key", commit(long, add(1)), nil},
		{"a long key that ends otherwise", commit(long+"x", add(1)), nil},
		{"an empty key", commit("", add(1)), txn.ErrInvalid},
		{"without a key", txn.New(s.client).Add(add(1)).Commit(t.Context()), nil},
		{"without a key, again", txn.New(s.client).Add(add(1)).Commit(t.Context()), nil},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: error %v, want %v", c.reason, c.err, c.want)
		}
		if c.want != nil {
			checkSentinels(t, c.reason, c.err, c.want)
		}
	}
	a, err := s.accounts.Get(t.Context(), account{ID: "a"})
	if err != nil || a.Balance != 6 {
		t.Errorf("the balance is %d, want 6: %v", a.Balance, err)
	}
}

// The names of the tables are part of a token, since it counts in the whole account: the same key is another one in another table.
func TestTokenIsOfItsTables(t *testing.T) {
	c := repotest.NewClient()
	tokens := map[string]bool{}
	for _, name := range []string{"one", "two"} {
		table := repo.Table{Name: name}
		accounts := repo.Must(repo.New[account](c, table))
		if err := repo.CreateTable(t.Context(), c, table, accounts); err != nil {
			t.Fatal(err)
		}
		tx := txn.New(c).Token("key").Add(txn.Create(accounts, account{ID: name}))
		in, err := tx.Input()
		if err != nil {
			t.Fatal(err)
		}
		token := aws.ToString(in.ClientRequestToken)
		if len(token) < 20 || len(token) > 36 || tokens[token] {
			t.Errorf("the token %q is too short, too long, or there twice", token)
		}
		tokens[token] = true
		if err := tx.Commit(t.Context()); err != nil {
			t.Errorf("table %s: %v", name, err)
		}
	}
}

// Each Commit has a token of its own, which Input does not show.
func TestTokensDiffer(t *testing.T) {
	s, engine := newShop(t)
	seen := map[any]bool{}
	defer engine.Observe(func(e repotest.Event) {
		seen[decoded(t, string(e.Request)).(map[string]any)["ClientRequestToken"]] = true
	})()
	for range 5 {
		tx := txn.New(s.client).Add(txn.Put(s.accounts, account{ID: "a"}))
		in, err := tx.Input()
		if err != nil || in.ClientRequestToken != nil {
			t.Fatalf("token %v, error %v", in.ClientRequestToken, err)
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 5 || seen[nil] {
		t.Errorf("5 transactions have the tokens %v", seen)
	}
}

// The caller's values are read when an operation is made, and never changed.
func TestValuesAreTheCallers(t *testing.T) {
	s, _ := newShop(t)
	o := anOrder("o1")
	d := document{ID: "d1", Text: "x"}
	a := account{ID: "a1", Notes: map[string]string{"k": "v"}, Log: []string{"one"}}
	ops := []txn.Operation{txn.Create(s.orders, o), txn.Put(s.documents, d), txn.Put(s.accounts, a)}
	if diff := cmp.Diff([]any{anOrder("o1"), document{ID: "d1", Text: "x"}}, []any{o, d}, cmp.AllowUnexported(order{}, document{})); diff != "" {
		t.Errorf("the caller's values: -before +after\n%s", diff)
	}
	a.Notes["k"], a.Log[0] = "changed", "changed"
	s.commit(t, ops...)
	got, err := s.accounts.Get(t.Context(), account{ID: "a1"})
	if err != nil || got.Notes["k"] != "v" || got.Log[0] != "one" {
		t.Errorf("stored is %+v: %v", got, err)
	}
}
