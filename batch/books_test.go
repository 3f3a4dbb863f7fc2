package batch_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sethvargo/go-retry"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/repo/repotest"
)

// storm is one random run: what is asked, and what goes wrong.
type storm struct {
	rng      *rand.Rand
	inputs   []crate
	options  batch.Options
	cancelAt int // the request at which the context is cancelled; -1 for never
	bad      map[string]string
}

const round = 7 // what this run writes, beside 1 of what was there

func newStorm(seed uint64) *storm {
	rng := rand.New(rand.NewPCG(seed, 1))
	size := rng.IntN(2001)
	if rng.IntN(8) > 0 { // most are small, or the test would take all day
		size = rng.IntN(120)
	}
	s := &storm{rng: rng, cancelAt: -1, bad: map[string]string{}, options: batch.Options{Workers: 1 + rng.IntN(64), Attempts: 1 + rng.IntN(12)}}
	if rng.IntN(2) == 0 {
		s.options.Backoff = func() retry.Backoff { return retry.NewExponential(10 * time.Millisecond) }
	}
	if rng.IntN(4) == 0 {
		s.options.Bytes = 1500 + rng.IntN(5000)
	}
	if rng.IntN(3) == 0 {
		s.cancelAt = rng.IntN(1 + size/15)
	}
	for i := range size {
		c := numbered(i)
		c.Round = round
		s.spoil(&c)
		s.inputs = append(s.inputs, c)
	}
	return s
}

// spoil makes some inputs that cannot be written, here or by the service.
func (s *storm) spoil(c *crate) {
	id := c.ID
	switch s.rng.IntN(120) {
	case 0:
		c.ID = ""
	case 1:
		c.Body = "broken"
	case 2:
		c.Body = "poison"
	default:
		return
	}
	s.bad[id] = c.Body
}

func (s *storm) rules() (out []repotest.Rule) {
	faults := []repotest.Rule{
		{Chance: 0.2, Fault: repotest.Throttle()},
		{Chance: 0.1, Fault: repotest.InternalError()},
		{Chance: 0.6, Fault: repotest.InternalError()},
		{Chance: 0.1, Fault: repotest.LoseRequest()},
		{Chance: 0.1, Fault: repotest.LoseResponse()},
		{Chance: 0.5, Fault: repotest.LoseResponse()},
		{Chance: s.rng.Float64(), Fault: repotest.Unprocessed()},
		{Chance: 0.1, Fault: repotest.BadChecksum()},
		{Chance: 0.1, Fault: repotest.Truncate()},
		{Chance: 0.05, Fault: repotest.Hang()},
		{Fault: repotest.Latency(time.Duration(s.rng.IntN(20)) * time.Millisecond)},
		{Chance: 0.7, Fault: repotest.Throttle()},
	}
	for _, rule := range faults {
		if s.rng.IntN(5) == 0 {
			rule.Operation = []string{"BatchWriteItem", "BatchGetItem"}[s.rng.IntN(2)]
			out = append(out, rule)
		}
	}
	return out
}

func TestBooksBalance(t *testing.T) {
	runs := 1500
	switch {
	case soak:
		runs = 10_000
	case raceDetector:
		runs = 400
	}
	if testing.Short() {
		runs = 200
	}
	s := newSite(t)
	old := crates(2000)
	for i := range old {
		old[i].Round = 1
	}
	if err := batch.New(s.crates, batch.Options{}).Put(t.Context(), old...); err != nil {
		t.Fatal(err)
	}
	before := s.engine.Snapshot()
	ended := map[string]int{}
	for seed := range uint64(runs) {
		s.engine.Restore(before)
		synctest.Test(t, func(t *testing.T) { newStorm(seed).run(t, s, ended) })
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("%d runs: %v", runs, ended)
	for _, kind := range []string{"nil", "unprocessed", "rejected", "ambiguous", "cancelled"} {
		if ended[kind] == 0 {
			t.Errorf("no run ended %s: the test does not test that", kind)
		}
	}
}

// run makes the call, and compares what it says with what is stored and was sent.
func (s *storm) run(t *testing.T, at *site, ended map[string]int) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	at.wire.reset()
	at.wire.answer = func(n int, operation string, body []byte) *http.Response {
		if n == s.cancelAt {
			cancel()
		}
		return poisoned(n, operation, body)
	}
	for _, rule := range s.rules() {
		at.engine.Inject(rule)
	}
	b := batch.New(at.crates, s.options)
	verb := s.rng.IntN(6)
	var err error
	var got []crate
	drawn := len(s.inputs)
	counted := func(yield func(crate, error) bool) { each(s.inputs)(yield) }
	switch verb {
	case 0:
		err = b.Put(ctx, s.inputs...)
	case 1:
		err = b.PutSeq(ctx, counted)
	case 2:
		err = b.Delete(ctx, s.inputs...)
	case 3:
		err = b.DeleteSeq(ctx, counted)
	case 4:
		got, err = b.Get(ctx, s.inputs...)
	case 5:
		for v, failure := range b.GetSeq(ctx, counted) {
			if err = failure; err == nil {
				got = append(got, v)
			}
		}
	}
	at.wire.answer = nil
	var e *batch.Error
	switch {
	case err == nil:
		ended["nil"]++
	default:
		e = failed(t, err)
		drawn = e.Next
		balance(t, err, drawn)
		if ctx.Err() != nil && e.Written+e.Rejected < drawn || errors.Is(err, context.Canceled) {
			ended["cancelled"]++
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the context was cancelled, and the error is %v", err)
			}
		}
	}
	states := make([]batch.State, drawn)
	if e != nil {
		for _, f := range e.Failures {
			states[f.Index] = f.State
			ended[f.State.String()]++
		}
	}
	if verb < 4 {
		s.compare(t, at, states, verb >= 2)
	} else {
		s.compareRead(t, got, states)
	}
}

// poisoned refuses every request that holds an item which only the service knows to be wrong.
func poisoned(_ int, _ string, body []byte) *http.Response {
	if bytes.Contains(body, []byte(`"poison"`)) {
		return refusal("ValidationException", "an item of the request holds a canary")
	}
	return nil
}

// compare holds the books of a write against the table and the wire.
func (s *storm) compare(t *testing.T, at *site, states []batch.State, deletes bool) {
	stored := at.stored(t)
	sent := at.wire.requests("BatchWriteItem")
	for i := range s.inputs {
		c := numbered(i)
		now, there := stored[c.ID]
		ours := there && now.Round == round
		untouched := there && now.Round == 1
		if deletes {
			ours = !there
		}
		state := batch.Unprocessed
		if i < len(states) {
			state = states[i]
		}
		why, bad := s.bad[c.ID]
		switch {
		case state == batch.Written && !ours:
			t.Errorf("input %d is written, and stored is %+v", i, now)
		case (state == batch.Unprocessed || state == batch.Rejected) && !untouched:
			t.Errorf("input %d is %v, and stored is %+v", i, state, now)
		case state == batch.Ambiguous && !mentioned(sent, c.ID):
			t.Errorf("input %d is ambiguous, and no request of it was sent", i)
		case bad && state == batch.Written && !(deletes && why != ""):
			t.Errorf("input %d cannot be written (%q), and is %v", i, why, state)
		case state == batch.Rejected && !bad:
			t.Errorf("input %d is rejected, and nothing is wrong with it", i)
		}
	}
}

func mentioned(requests []sent, id string) bool {
	for _, r := range requests {
		if bytes.Contains(r.body, []byte("CRATE#"+id)) {
			return true
		}
	}
	return false
}

// compareRead holds the books of a read against what was returned: what is read, in order.
func (s *storm) compareRead(t *testing.T, got []crate, states []batch.State) {
	var want []string
	for i, state := range states {
		switch {
		case state == batch.Written:
			want = append(want, numbered(i).ID)
		case state == batch.Ambiguous:
			t.Errorf("input %d of a read is ambiguous", i)
		case state == batch.Rejected && s.inputs[i].ID != "":
			t.Errorf("input %d is rejected, and nothing is wrong with its key", i)
		}
	}
	var ids []string
	for _, c := range got {
		if ids = append(ids, c.ID); c.Round != 1 {
			t.Errorf("crate %s is of round %d", c.ID, c.Round)
		}
	}
	if !slices.Equal(ids, want) {
		t.Errorf("read %v, and the books say %v", ids, want)
	}
}
