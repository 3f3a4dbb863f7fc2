package chunk_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/monotable/monotable/internal/chunk"
	"github.com/monotable/monotable/repo/repotest"
)

// flood is a write of many items to one partition that takes so many units a second.
type flood struct {
	items, bytes, units int // bytes and units of an item
	rate                float64
	latency             time.Duration
	workers             int
	fixed               bool
}

// outcome says how long it took and how many requests, those of the SDK's retries included, beside the least that is possible.
type outcome struct {
	time, requests float64 // in parts of the ideal
	written        int
	low, high      int // workers, as the progress showed them
}

func (f flood) run(t *testing.T) (out outcome) {
	t.Helper()
	b := newBench(t)
	synctest.Test(t, func(t *testing.T) {
		b.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Fault: repotest.Latency(f.latency)})
		b.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Partition: "hot", Fault: repotest.WriteRate(f.rate)})
		begin, before, book := time.Now(), b.engine.Requests("BatchWriteItem"), newBooks()
		out.low = f.workers
		r := chunk.Start(t.Context(), chunk.Config{Kind: writes(b.client), Workers: f.workers, Fixed: f.fixed, Settled: book.settled, Progress: func(s chunk.Stats) {
			out.low, out.high = min(out.low, s.Workers), max(out.high, s.Workers)
		}})
		for i := range f.items {
			r.Add(put(i, "tab", "hot", f.bytes))
		}
		r.Wait()
		ideal := float64(f.items*f.units)/f.rate - 1 // a partition saves up one second's worth, which is there at the start
		out.time = time.Since(begin).Seconds() / ideal
		out.requests = float64(b.engine.Requests("BatchWriteItem")-before) / float64((f.items+chunk.MaxWrites-1)/chunk.MaxWrites)
		out.written = book.count(chunk.Done)
	})
	return out
}

func TestAdaptiveWorkersKeepToTheRateOfAPartition(t *testing.T) {
	const ms = time.Millisecond
	floods := []flood{
		{items: 20_000, bytes: 100, units: 1, rate: 1000, latency: 5 * ms, workers: 64},
		{items: 20_000, bytes: 100, units: 1, rate: 1000, latency: 5 * ms, workers: 8},
		{items: 6_000, bytes: 2500, units: 3, rate: 1000, latency: 5 * ms, workers: 32},
		{items: 24_000, bytes: 100, units: 1, rate: 4000, latency: 10 * ms, workers: 32},
		{items: 4_000, bytes: 100, units: 1, rate: 100, latency: 5 * ms, workers: 16},
	}
	if raceDetector {
		floods = floods[:1] // the time is virtual, and the work is not
	}
	for i, f := range floods {
		got := f.run(t)
		t.Logf("%+v: %.2f of the ideal time, %.2f of the ideal requests, %d to %d workers", f, got.time, got.requests, got.low, got.high)
		if got.time > 1.3 || got.requests > 1.2 || got.written != f.items {
			t.Errorf("%+v: %+v, want at most 1.3 of the ideal time and 1.2 of the requests, and all written", f, got)
		}
		if got.low > 2 {
			t.Errorf("%+v: the progress never shows fewer than %d workers", f, got.low)
		}
		if i > 0 {
			continue
		}
		f.fixed = true
		if fixed := f.run(t); fixed.requests <= 1.2 && fixed.time <= 1.3 && fixed.written == f.items {
			t.Errorf("%+v: %+v, so that this tests nothing", f, fixed)
		} else {
			t.Logf("... and fixed: %.2f of the ideal time, %.2f of the ideal requests, %d not written", fixed.time, fixed.requests, f.items-fixed.written)
		}
	}
}

// Workers come back when the service takes everything again.
func TestWorkersGrowBack(t *testing.T) {
	b := newBench(t)
	synctest.Test(t, func(t *testing.T) {
		b.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Fault: repotest.Latency(5 * time.Millisecond)})
		b.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Chance: 0.2, Times: 60, Fault: repotest.Throttle()})
		low, last := 16, 0
		r := chunk.Start(t.Context(), chunk.Config{Kind: writes(b.client), Workers: 16, Progress: func(s chunk.Stats) {
			if low, last = min(low, s.Workers), s.Workers; s.Workers < 1 || s.Workers > 16 {
				t.Errorf("%d workers", s.Workers)
			}
		}})
		for i := range 40_000 {
			r.Add(put(i, "tab", "p", 10))
		}
		stats, err := r.Wait()
		if err != nil || stats.Settled != 40_000 {
			t.Errorf("%+v, %v", stats, err)
		}
		if low > 2 || last != 16 {
			t.Errorf("workers went down to %d and ended at %d, want 2 or less and 16", low, last)
		}
	})
}

// A service that throttles everything for a while is not taken for a slow one: afterwards it goes on as before.
func TestAWhileOfThrottles(t *testing.T) {
	b := newBench(t)
	synctest.Test(t, func(t *testing.T) {
		b.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Fault: repotest.Latency(5 * time.Millisecond)})
		book := newBooks()
		r := chunk.Start(t.Context(), chunk.Config{Kind: writes(b.client), Workers: 16, Settled: book.settled})
		begin := time.Now()
		for i := range 40_000 {
			if i == 20_000 {
				heal := b.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Fault: repotest.Throttle()})
				time.AfterFunc(150*time.Millisecond, heal)
			}
			r.Add(put(i, "tab", "p", 10))
		}
		r.Wait()
		if took := time.Since(begin); took > 3*time.Second || book.count(chunk.Done) != 40_000 {
			t.Errorf("%d done in %v", book.count(chunk.Done), took)
		} else {
			t.Log(took)
		}
	})
}
