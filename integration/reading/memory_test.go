package reading

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// All and Items hold at most a page, per shard, however many rows they go through: the live heap, next to what it was before, is
// bounded by that, and grows no more after the first pages. And whoever keeps the items is found out by the same test.
func TestReadingAtConstantMemory(t *testing.T) {
	rows, pageSize := 10_000, 250
	if soak {
		rows, pageSize = 100_000, 1000
	}
	began := time.Now()
	c, e := opened(t)
	orders, lines := must[order](t, c, orderTable), must[line](t, c, orderTable)
	create(t, e, orderTable, orders, lines)
	load(t, e, orderTable, lines, rows, func(i int) line {
		return line{Customer: "c", Order: fmt.Sprintf("%06d", i/500), Num: i % 500, Text: strings.Repeat("x", 60)}
	})
	t.Logf("%d rows stored in %v", rows, time.Since(began).Round(time.Millisecond))
	var kept []line
	for _, tc := range []struct {
		reason string
		pages  int // that may be held
		run    func(context.Context, func()) error
		grows  bool
	}{
		{"All of one partition", 1, func(ctx context.Context, see func()) error {
			for _, err := range lines.Query(lineCustomer.Eq("c")).PageSize(pageSize).All(ctx) {
				if see(); err != nil {
					return err
				}
			}
			return nil
		}, false},
		{"All of four shards", 4, func(ctx context.Context, see func()) error {
			for _, err := range lines.Query(lineCustomer.Eq("c")).Index("feed").PageSize(pageSize).All(ctx) {
				if see(); err != nil {
					return err
				}
			}
			return nil
		}, false},
		{"Items of one partition", 1, func(ctx context.Context, see func()) error {
			for _, err := range orders.Partition(order{Customer: "c"}).PageSize(pageSize).Items(ctx, orders, lines) {
				if see(); err != nil {
					return err
				}
			}
			return nil
		}, false},
		{"Items of four shards", 4, func(ctx context.Context, see func()) error {
			for _, err := range orders.IndexPartition("feed", order{Customer: "c"}).PageSize(pageSize).Items(ctx, orders, lines) {
				if see(); err != nil {
					return err
				}
			}
			return nil
		}, false},
		{"the items are kept", 1, func(ctx context.Context, see func()) error {
			for v, err := range lines.Query(lineCustomer.Eq("c")).PageSize(pageSize).All(ctx) {
				kept = append(kept, v)
				if see(); err != nil {
					return err
				}
			}
			return nil
		}, true},
	} {
		kept = nil
		base, n := liveHeap(), 0
		var heaps []int64
		if err := tc.run(t.Context(), func() {
			if n++; n%(rows/10) == rows/20 { // in the midst of pages
				heaps = append(heaps, liveHeap()-base)
			}
		}); err != nil || n != rows {
			t.Fatalf("%s: %d rows, %v", tc.reason, n, err)
		}
		const rowSize = 4 << 10 // of a row of 100 bytes in the SDK's maps, with room to spare
		bound := int64(tc.pages * pageSize * rowSize)
		half := len(heaps) / 2
		first, last := slices.Max(heaps[:half]), slices.Max(heaps[half:])
		grown := last > bound || last > first+first/4+512<<10
		if t.Logf("%s: live bytes beyond before: %d", tc.reason, heaps); grown != tc.grows {
			t.Errorf("%s: at most %d bytes in the first half and %d in the second, where %d pages are at most %d: grown %v", tc.reason, first, last, tc.pages, bound, grown)
		}
	}
	runtime.KeepAlive(kept)
}

// liveHeap is what is left after a collection. A second one takes what finalizers and pools let go of in the first.
func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
