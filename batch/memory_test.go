package batch_test

import (
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/monotable/monotable/batch"
)

// peakHeap is the most that is alive while PutSeq writes so many items. The heap is collected and looked at every so many items of
// the sequence, which the workers go on with meanwhile.
func peakHeap(t *testing.T, items int) uint64 {
	t.Helper()
	repository := latentCrates(50 * time.Microsecond)
	body := strings.Repeat("x", 1000)
	var peak uint64
	seq := func(yield func(crate, error) bool) {
		for i := range items {
			if i%(items/40) == items/80 {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
			c := numbered(i)
			c.Body = strings.Clone(body)
			if !yield(c, nil) {
				return
			}
		}
	}
	if err := batch.New(repository, batch.Options{Workers: 16}).PutSeq(t.Context(), seq); err != nil {
		t.Fatal(err)
	}
	return peak
}

func TestPutSeqIsFlat(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("it measures memory")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	items := 200_000
	if soak {
		items = 1_000_000
	}
	peakHeap(t, 10_000) // caches fill
	var few, many uint64
	for range 3 { // other tests' garbage
		few, many = peakHeap(t, 10_000), peakHeap(t, items)
		t.Logf("peak heap: %d KB with 10,000 items, %d KB with %d", few>>10, many>>10, items)
		if float64(many) <= 1.2*float64(few) {
			return
		}
	}
	t.Errorf("peak heap grows from %d to %d bytes", few, many)
}

// The list of a sequence's failures is no exception: beyond its limit they are counted.
func TestFailuresOfASequenceAreListedUpToALimit(t *testing.T) {
	s := newSite(t)
	const items = 12_000
	list := crates(items)
	for i := range list {
		list[i].Body = "broken"
	}
	e := failed(t, batch.New(s.crates, batch.Options{}).PutSeq(t.Context(), each(list)))
	if len(e.Failures) != 10_000 || e.Unlisted != 2000 || e.Rejected != items || e.Total() != items || e.Next != items {
		t.Errorf("%d failures listed, %d not, %d rejected, next %d", len(e.Failures), e.Unlisted, e.Rejected, e.Next)
	}
	if n := len(s.wire.requests("")); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// GetSeq draws no further ahead than its workers need.
func TestGetSeqDrawsAsNeeded(t *testing.T) {
	s := newSite(t)
	list := crates(5000)
	b := batch.New(s.crates, batch.Options{Workers: 2})
	if err := b.Put(t.Context(), list...); err != nil {
		t.Fatal(err)
	}
	drawn, yielded, most := 0, 0, 0
	seq := func(yield func(crate, error) bool) {
		for _, c := range list {
			drawn++
			if !yield(c, nil) {
				return
			}
		}
	}
	for c, err := range b.GetSeq(t.Context(), seq) {
		if err != nil || c.ID != list[yielded].ID {
			t.Fatalf("item %d is %q, %v", yielded, c.ID, err)
		}
		yielded++
		most = max(most, drawn-yielded)
	}
	if yielded != len(list) || most > 300 {
		t.Errorf("%d yielded, up to %d ahead; want %d, and at most 300", yielded, most, len(list))
	}
	// Leaving the loop ends it: nothing more is drawn or sent.
	drawn = 0
	for range b.GetSeq(t.Context(), seq) {
		break
	}
	before := len(s.wire.requests(""))
	if drawn > 301 {
		t.Errorf("%d drawn for one item", drawn)
	}
	time.Sleep(20 * time.Millisecond)
	if n := len(s.wire.requests("")); n != before {
		t.Errorf("%d requests after the loop was left", n-before)
	}
}

// A stream whose items all have one key writes them one after the other, and the last one stays.
func TestSequencesKeepTheOrderOfAKey(t *testing.T) {
	s := newSite(t)
	var list []crate
	for i := range 400 {
		c := numbered(i % 3)
		c.Round = i
		list = append(list, c)
	}
	var mu sync.Mutex
	var failures int
	s.wire.answer = func(n int, operation string, body []byte) *http.Response {
		mu.Lock()
		defer mu.Unlock()
		if n%5 == 1 {
			failures++
			return never(n, operation, body)
		}
		return nil
	}
	synctest.Test(t, func(t *testing.T) {
		if err := batch.New(s.crates, batch.Options{Workers: 8}).PutSeq(t.Context(), each(list)); err != nil {
			t.Fatal(err)
		}
	})
	for i := range 3 {
		if got, want := s.stored(t)[numbered(i).ID].Round, 399-(399-i)%3; got != want {
			t.Errorf("crate %d holds round %d, want the last one, %d", i, got, want)
		}
	}
	checkRequests(t, s.wire.requests("BatchWriteItem"), 12<<20)
	if failures == 0 {
		t.Error("nothing was left unprocessed")
	}
}
