package batch_test

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sethvargo/go-retry"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/repo/repotest"
)

// never leaves every item unprocessed.
func never(_ int, operation string, body []byte) *http.Response {
	var in struct{ RequestItems json.RawMessage }
	if json.Unmarshal(body, &in) != nil {
		return nil
	}
	member := map[string]string{"BatchWriteItem": "UnprocessedItems", "BatchGetItem": "UnprocessedKeys"}[operation]
	return reply(http.StatusOK, `{"`+member+`":`+string(in.RequestItems)+`}`)
}

// delays lets one crate be left unprocessed until its attempts are over, and returns the times between its requests.
func delays(t *testing.T, o batch.Options) (out []time.Duration) {
	t.Helper()
	s := newSite(t)
	s.wire.answer = never
	synctest.Test(t, func(t *testing.T) {
		e := balance(t, batch.New(s.crates, o).Put(t.Context(), numbered(1)), 1)
		if e.Unprocessed != 1 {
			t.Errorf("%v", e)
		}
	})
	requests := s.wire.requests("BatchWriteItem")
	for i := range requests[1:] {
		out = append(out, requests[i+1].at.Sub(requests[i].at))
	}
	return out
}

// Over many runs every delay is from the whole range below what the backoff says, and none is nothing.
func TestDelaysHaveFullJitterAndACap(t *testing.T) {
	const runs = 300
	base, limit := 100*time.Millisecond, 5*time.Second
	o := batch.Options{Attempts: 10, Backoff: func() retry.Backoff { return retry.NewExponential(base) }}
	sum := make([]time.Duration, 9)
	low, high := make([]time.Duration, 9), make([]time.Duration, 9)
	for range runs {
		list := delays(t, o)
		if len(list) != 9 {
			t.Fatalf("%d resends, want 9 for ten attempts", len(list))
		}
		for i, d := range list {
			sum[i] += d
			if high[i] = max(high[i], d); low[i] == 0 || d < low[i] {
				low[i] = d
			}
		}
	}
	for i := range sum {
		most := min(base<<i, limit)
		if low[i] < time.Millisecond || high[i] > most {
			t.Errorf("resend %d: from %v to %v, want from 1ms to %v", i+1, low[i], high[i], most)
		}
		if mean := sum[i] / runs; mean < most*4/10 || mean > most*6/10 || low[i] > most/10 || high[i] < most*9/10 {
			t.Errorf("resend %d: from %v to %v, mean %v: that is not full jitter below %v", i+1, low[i], high[i], mean, most)
		}
	}
}

// A backoff is spent by use: each request has its own.
func TestBackoffsAreFresh(t *testing.T) {
	var mu sync.Mutex
	made, most := 0, 0
	o := batch.Options{Workers: 4, Backoff: func() retry.Backoff {
		mu.Lock()
		defer mu.Unlock()
		made++
		used := 0
		return retry.BackoffFunc(func() (time.Duration, bool) {
			used++
			most = max(most, used)
			return 10 * time.Millisecond, used > 3
		})
	}}
	s := newSite(t)
	s.wire.answer = never
	synctest.Test(t, func(t *testing.T) {
		e := balance(t, batch.New(s.crates, o).Put(t.Context(), crates(100)...), 100)
		if e.Unprocessed != 100 {
			t.Errorf("%v", e)
		}
	})
	if made != 1+4 || most != 4 {
		t.Errorf("%d backoffs, and one was used %d times; want one for each of 4 requests and one to see whether the factory works, used 4 times", made, most)
	}
	sent := map[string]int{}
	for _, r := range s.wire.requests("BatchWriteItem") {
		for _, key := range entries(t, r) {
			sent[key]++
		}
	}
	for key, n := range sent {
		if n != 4 {
			t.Errorf("%s was sent %d times, want 4: the backoff ends after 3 delays", key, n)
		}
	}
}

// Each item has its own attempts, whatever it travels with.
func TestAttemptsAreBoundedByItem(t *testing.T) {
	s := newSite(t)
	synctest.Test(t, func(t *testing.T) {
		s.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Chance: 0.8, Fault: repotest.Unprocessed()})
		e := balance(t, batch.New(s.crates, batch.Options{Attempts: 5}).Put(t.Context(), crates(400)...), 400)
		if e.Unprocessed == 0 || e.Written == 0 {
			t.Errorf("%v", e)
		}
		given := map[string]bool{}
		for _, f := range e.Failures {
			given[numbered(f.Index).ID] = true
		}
		sent := map[string]int{}
		for _, r := range s.wire.requests("BatchWriteItem") {
			for _, key := range entries(t, r) {
				sent[key]++
			}
		}
		for i := range 400 {
			c := numbered(i)
			n := sent[`yard {"S":"DOCK#`+c.Dock+`"} {"S":"CRATE#`+c.ID+`"}`]
			if n < 1 || n > 5 || given[c.ID] && n != 5 {
				t.Errorf("crate %s was sent %d times, given up: %v", c.ID, n, given[c.ID])
			}
		}
	})
}

// One round without progress is no failure.
func TestARoundWithoutProgress(t *testing.T) {
	s := newSite(t)
	s.wire.answer = func(n int, operation string, body []byte) *http.Response {
		if n < 6 {
			return never(n, operation, body)
		}
		return nil
	}
	synctest.Test(t, func(t *testing.T) {
		if err := batch.New(s.crates, batch.Options{Workers: 2}).Put(t.Context(), crates(50)...); err != nil {
			t.Error(err)
		}
	})
}

// A server that leaves 90 % unprocessed, and one key for ever: everything else is written, that one is named, and nothing is sent
// again without a delay.
func TestOneKeyForEver(t *testing.T) {
	s := newSite(t)
	synctest.Test(t, func(t *testing.T) {
		s.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Chance: 0.9, Fault: repotest.Unprocessed()})
		s.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Sort: "CRATE#000123", Fault: repotest.Unprocessed()})
		e := balance(t, batch.New(s.crates, batch.Options{}).Put(t.Context(), crates(1000)...), 1000)
		if len(e.Failures) != 1 || e.Failures[0].Index != 123 || e.Failures[0].State != batch.Unprocessed {
			t.Errorf("%v", e)
		}
	})
	if n := len(s.stored(t)); n != 999 {
		t.Errorf("%d stored, want 999", n)
	}
	last := map[string]time.Time{}
	for _, r := range s.wire.requests("BatchWriteItem") {
		for _, key := range entries(t, r) {
			if at, ok := last[key]; ok && r.at.Sub(at) < time.Millisecond {
				t.Errorf("%s was sent again after %v", key, r.at.Sub(at))
			}
			last[key] = r.at
		}
	}
}
