package batch_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// A chunk that is throttled in every attempt of the SDK is unprocessed, and there is no second layer of retries.
func TestThereIsOneLayerOfRetries(t *testing.T) {
	s := newSite(t)
	s.engine.Inject(repotest.Rule{Fault: repotest.Throttle()})
	synctest.Test(t, func(t *testing.T) {
		err := batch.New(s.crates, batch.Options{}).Put(t.Context(), crates(25)...)
		var throttled *types.ProvisionedThroughputExceededException
		if e := balance(t, err, 25); e.Unprocessed != 25 || !errors.As(err, &throttled) || len(throttled.ThrottlingReasons) == 0 {
			t.Errorf("%v", err)
		}
		if n := len(s.wire.requests("")); n != 5 {
			t.Errorf("%d attempts, want the SDK's 5", n)
		}
	})
}

// A lost answer leaves its items ambiguous, and a later throttle does not make them unprocessed.
func TestAmbiguitySticks(t *testing.T) {
	throttle := func(int, string, []byte) *http.Response {
		return refusal("ProvisionedThroughputExceededException", "slow down")
	}
	for _, then := range []func(n int, operation string, body []byte) *http.Response{
		nil,
		throttle,
		func(n int, operation string, body []byte) *http.Response {
			if n == 1 {
				return never(n, operation, body)
			}
			return throttle(n, operation, body)
		},
		never,
	} {
		s := newSite(t)
		s.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Fault: repotest.LoseResponse()})
		s.wire.answer = func(n int, operation string, body []byte) *http.Response {
			if n == 0 || then == nil {
				return nil
			}
			return then(n, operation, body)
		}
		synctest.Test(t, func(t *testing.T) {
			err := batch.New(s.crates, batch.Options{}).Put(t.Context(), crates(25)...)
			if e := balance(t, err, 25); e.Ambiguous != 25 {
				t.Errorf("%v", err)
			}
		})
		if n := len(s.stored(t)); n != 25 {
			t.Errorf("%d stored, want 25", n)
		}
	}
}

// A lost answer is settled by the SDK's next attempt, which says that the items are written.
func TestAmbiguityEndsWithAnAnswer(t *testing.T) {
	s := newSite(t)
	s.engine.Inject(repotest.Rule{Every: 2, Fault: repotest.LoseResponse()})
	s.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Chance: 0.3, Fault: repotest.Unprocessed()})
	synctest.Test(t, func(t *testing.T) {
		if err := batch.New(s.crates, batch.Options{}).Put(t.Context(), crates(500)...); err != nil {
			t.Error(err)
		}
	})
}

// Where nobody may write, or to no such table, one answer is enough: the call ends.
func TestARefusalOfEverythingEndsTheCall(t *testing.T) {
	for _, code := range []string{"AccessDeniedException", "ResourceNotFoundException", "UnrecognizedClientException", "ExpiredTokenException"} {
		s := newSite(t)
		s.wire.answer = func(int, string, []byte) *http.Response { return refusal(code, "no") }
		b := batch.New(s.crates, batch.Options{Workers: 2})
		err := b.Put(t.Context(), crates(1000)...)
		var api smithy.APIError
		if e := balance(t, err, 1000); e.Unprocessed != 1000 || !errors.As(err, &api) || api.ErrorCode() != code || !strings.Contains(err.Error(), code) {
			t.Errorf("%v", err)
		}
		drawn := 0
		err = b.PutSeq(t.Context(), func(yield func(crate, error) bool) {
			for ; yield(numbered(drawn), nil); drawn++ {
			}
		})
		if e := failed(t, err); e.Unprocessed != e.Total() || e.Next != drawn || drawn > 200 {
			t.Errorf("%d drawn of an endless sequence: %v", drawn, err)
		}
		if n := len(s.wire.requests("")); n > 6 {
			t.Errorf("%s: %d requests", code, n)
		}
	}
}

// The error is the context's, carries the service's last word, and no request follows the end of the context.
func TestCancellingInTheMiddle(t *testing.T) {
	s := newSite(t)
	synctest.Test(t, func(t *testing.T) {
		s.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Chance: 0.3, Fault: repotest.Unprocessed()})
		s.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Sort: "CRATE#000007", Fault: repotest.Unprocessed()})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		begin := time.Now()
		err := batch.New(s.crates, batch.Options{}).Put(ctx, crates(300)...)
		if e := balance(t, err, 300); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, batch.ErrUnprocessed) || e.Written != 299 || e.Failures[0].Index != 7 {
			t.Errorf("%v", err)
		}
		if took := time.Since(begin); took != 20*time.Second {
			t.Errorf("it took %v, want the context's 20s", took)
		}
	})
}

// A client that ignores its options has no retries and no attempts to watch; the books balance all the same.
func TestAFakeClient(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want batch.State
	}{
		{&types.ProvisionedThroughputExceededException{}, batch.Unprocessed},
		{&types.InternalServerError{}, batch.Ambiguous},
		{errors.New("who knows"), batch.Ambiguous},
		{&smithy.GenericAPIError{Code: "ValidationException", Message: "canary"}, batch.Rejected},
		{uncomparable{[]string{"x"}}, batch.Ambiguous},
	} {
		r := repo.Must(repo.New[crate](&fake{Client: repotest.NewClient(), err: tc.err}, yard))
		err := batch.New(r, batch.Options{}).Put(t.Context(), crates(5)...)
		for _, f := range balance(t, err, 5).Failures {
			if f.State != tc.want {
				t.Errorf("%v: input %d is %v, want %v", tc.err, f.Index, f.State, tc.want)
			}
		}
	}
	r := repo.Must(repo.New[crate](&fake{Client: repotest.NewClient()}, yard))
	var panicked *batch.PanicError
	if err := batch.New(r, batch.Options{}).Put(t.Context(), crates(5)...); !errors.As(err, &panicked) || balance(t, err, 5).Ambiguous != 5 {
		t.Errorf("a client that panics: %v", err)
	}
}

type uncomparable struct{ list []string }

func (uncomparable) Error() string { return "not to be compared" }

// fake fails every write; without an error it panics.
type fake struct {
	*dynamodb.Client
	err error
}

func (f *fake) BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	if f.err == nil {
		panic("fake")
	}
	return nil, f.err
}

// The progress only goes forward, ends at the whole, and is called by one goroutine at a time.
func TestProgress(t *testing.T) {
	s := newSite(t)
	synctest.Test(t, func(t *testing.T) {
		s.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Chance: 0.3, Fault: repotest.Unprocessed()})
		s.engine.Inject(repotest.Rule{Operation: "BatchGetItem", Chance: 0.3, Fault: repotest.Unprocessed()})
		list := crates(700)
		list[3].Body = "broken"
		for name, call := range map[string]func(*batch.Batch[crate]) error{
			"Put":    func(b *batch.Batch[crate]) error { return b.Put(t.Context(), list...) },
			"PutSeq": func(b *batch.Batch[crate]) error { return b.PutSeq(t.Context(), each(list)) },
			"Get":    func(b *batch.Batch[crate]) error { _, err := b.Get(t.Context(), list...); return err },
			"GetSeq": func(b *batch.Batch[crate]) error {
				_, err := repo.Collect(b.GetSeq(t.Context(), each(list)))
				return err
			},
		} {
			var mu sync.Mutex
			var last batch.Progress
			o := batch.Options{Workers: 5, Progress: func(p batch.Progress) {
				if !mu.TryLock() {
					t.Error("two at a time")
				}
				defer mu.Unlock()
				if p.Done < last.Done || p.Requests < last.Requests || p.Bytes < last.Bytes || p.Retried < last.Retried || p.Workers < 1 || p.Workers > 5 {
					t.Errorf("%s: after %+v comes %+v", name, last, p)
				}
				last = p
			}}
			err := call(batch.New(s.crates, o))
			total := 700
			if strings.HasSuffix(name, "Seq") {
				total = 0
			}
			if last.Done != 700 || last.Total != total || last.Retried == 0 || last.Capacity == 0 || last.Bytes == 0 {
				t.Errorf("%s: at the end %+v, %v", name, last, err)
			}
		}
	})
}

// No text quotes what is stored or keys, whatever goes wrong.
func TestTextsQuoteNothing(t *testing.T) {
	const canary = "canary"
	secret := func(i int) crate {
		c := numbered(i)
		c.Dock, c.ID, c.Body, c.Tags = c.Dock+canary, c.ID+canary, canary, []string{canary}
		return c
	}
	incomplete := secret(1)
	incomplete.ID = ""
	bad := secret(2)
	bad.ID += "\xff"
	s := newSite(t)
	s.wire.answer = func(n int, _ string, body []byte) *http.Response {
		switch n % 3 {
		case 0:
			return refusal("ValidationException", "the value canary is none: "+string(body))
		case 1:
			return refusal("AccessDeniedException", "canary may not")
		}
		return reply(http.StatusOK, `{"canary`)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	synctest.Test(t, func(t *testing.T) {
		for _, list := range [][]crate{{secret(1)}, {secret(1), secret(1)}, {incomplete, bad, secret(3), secret(4)}} {
			for _, ctx := range []context.Context{t.Context(), cancelled} {
				for name, call := range calls(ctx, batch.New(s.crates, batch.Options{}), list...) {
					err := call()
					if err == nil {
						continue
					}
					e := failed(t, err)
					for _, f := range e.Failures {
						if strings.Contains(f.Err.Error(), canary) {
							t.Errorf("%s: %v", name, f.Err)
						}
					}
					if strings.Contains(err.Error(), canary) {
						t.Errorf("%s: %v", name, err)
					}
				}
			}
		}
	})
}
