package integration

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// record is an item of 1 KB.
type record struct {
	_ struct{} `entity:"Record" pk:"LOG#{Log}" sk:"{Number|pad=8}"`

	Log    string `dynamodbav:"log"`
	Number int    `dynamodbav:"number"`
	Text   string `dynamodbav:"text"`
}

var recordLog = expr.String(func(r *record) *string { return &r.Log })

const manyRecords = 10_000

// A partition of any size is read at the memory of one page. And a test that could not find a leak would be worth nothing:
// whoever keeps the items is found out by it.
func TestAllAtConstantMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("loads 10 MB")
	}
	onEveryEngine(t, func(t *testing.T, s *server) {
		var pages int
		table := uniqueTable(t, repo.Table{Observe: func(_ context.Context, c repo.Call) {
			if c.Operation == "Query" {
				pages++
			}
		}})
		records := open[record](t, s, table)
		s.create(t, table, records)
		items := make([]item, manyRecords)
		for i := range items {
			var err error
			if items[i], err = records.Encode(record{Log: "a", Number: i, Text: strings.Repeat("x", 930)}); err != nil {
				t.Fatal(err)
			}
		}
		s.load(t, table, items...)

		all := records.Query(recordLog.Eq("a")).All(t.Context())
		var kept []record
		for _, c := range []struct {
			reason string
			see    func(record)
			grows  bool
		}{
			{"items are let go", func(record) {}, false},
			{"items are kept", func(r record) { kept = append(kept, r) }, true},
		} {
			pages = 0
			base := liveHeap()
			var heaps []int64
			n := 0
			sent := s.sends(func() {
				for r, err := range all {
					if err != nil || r.Number != n {
						t.Fatalf("item %d: got %d, error %v", n, r.Number, err)
					}
					if n++; pages > len(heaps) { // the first of a page
						heaps = append(heaps, liveHeap()-base)
					}
					c.see(r)
				}
			})
			if n != manyRecords || len(heaps) < 9 || sent != int64(pages) || len(heaps) != pages {
				t.Errorf("%s: %d items in %d pages of %d requests; want %d in 9 and more, one request a page", c.reason, n, len(heaps), sent, manyRecords)
			}
			t.Logf("%s: live bytes at each page: %d", c.reason, heaps)
			if grows := outgrown(heaps); grows != "" && !c.grows {
				t.Errorf("%s: %s", c.reason, grows)
			} else if grows == "" && c.grows {
				t.Errorf("%s, and the test does not see it: %v", c.reason, heaps)
			}
		}
		runtime.KeepAlive(kept)
	})
}

// outgrown says which page holds over 20 % more than the first.
func outgrown(heaps []int64) string {
	for i, h := range heaps {
		if h > heaps[0]+heaps[0]/5 {
			return fmt.Sprintf("at page %d %d bytes are live, at the first %d", i+1, h, heaps[0])
		}
	}
	return ""
}

// liveHeap is what is left after a collection. A second one takes what finalizers and pools let go of in the first.
func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
