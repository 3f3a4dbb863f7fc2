package reading

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// The edges that the properties found to be wrong once, each by itself.

// A range ends where it says, also where an end that is excluded is the edge of a bucket, and no sort key has the time.
func TestEdgesOfBuckets(t *testing.T) {
	c, e := opened(t)
	events := must[event](t, c, eventTable)
	create(t, e, eventTable, events)
	for i, at := range []time.Duration{-1, 0, time.Hour - 1, time.Hour, 2*time.Hour - 1, 2 * time.Hour} {
		put(t, events, event{Kind: "a", At: midnight.Add(at), ID: string(rune('a' + i))})
	}
	hour := func(n time.Duration) time.Time { return midnight.Add(n * time.Hour) }
	for _, tc := range []struct {
		reason   string
		conds    []expr.Cond[event]
		want     string
		requests int
	}{
		{"an hour", []expr.Cond[event]{eventAt.Ge(hour(0)), eventAt.Lt(hour(1))}, "bc", 1},
		{"an hour, its last instant included", []expr.Cond[event]{eventAt.Between(hour(0), hour(1).Add(-1))}, "bc", 1},
		{"its end too", []expr.Cond[event]{eventAt.Between(hour(0), hour(1))}, "bcd", 2},
		{"behind the last instant of an hour", []expr.Cond[event]{eventAt.Gt(hour(0).Add(-1)), eventAt.Le(hour(1).Add(-1))}, "bc", 1},
		{"behind its first", []expr.Cond[event]{eventAt.Gt(hour(0)), eventAt.Lt(hour(2))}, "cde", 2},
		{"nothing between two instants", []expr.Cond[event]{eventAt.Gt(hour(1).Add(-1)), eventAt.Lt(hour(1))}, "", 0},
		{"the narrowest of several", []expr.Cond[event]{eventAt.Ge(hour(0)), eventAt.Gt(hour(1).Add(-1)), eventAt.Lt(hour(2)), eventAt.Le(hour(9))}, "de", 1},
	} {
		c.sent("")
		got := ""
		for v, err := range events.Query(append(tc.conds, eventKind.Eq("a"))...).Index("hour").All(t.Context()) {
			if err != nil {
				t.Fatalf("%s: %v", tc.reason, err)
			}
			got += v.ID
		}
		if requests := c.sent(""); got != tc.want || requests != tc.requests {
			t.Errorf("%s: %q in %d requests, want %q in %d", tc.reason, got, requests, tc.want, tc.requests)
		}
	}
}

// Where an end of the sort keys is excluded, shards that are read on from a cursor stop before it, in both directions.
func TestEdgesOfShards(t *testing.T) {
	s := newStore(t.Context(), t, kindOf("seat"))
	seats := repository[seat](s)
	for n := range int64(40) {
		put(t, seats, seat{Room: "r", Num: n, Price: float32(1 + n%4)})
	}
	for _, tc := range []struct {
		reason string
		conds  []expr.Cond[seat]
		want   int
	}{
		{"above", []expr.Cond[seat]{seatPrice.Gt(1)}, 30},
		{"below", []expr.Cond[seat]{seatPrice.Lt(4)}, 30},
		{"between, both excluded", []expr.Cond[seat]{seatPrice.Gt(1), seatPrice.Lt(4)}, 20},
		{"between, one excluded", []expr.Cond[seat]{seatPrice.Ge(1), seatPrice.Lt(4)}, 30},
		{"equal", []expr.Cond[seat]{seatPrice.Eq(2)}, 10},
	} {
		for _, desc := range []bool{false, true} {
			q := seats.Query(tc.conds...).Index("price")
			if desc {
				q = q.Desc()
			}
			all, err := repo.Collect(q.All(t.Context()))
			if err != nil || len(all) != tc.want {
				t.Fatalf("%s, desc %v: %d rows, %v", tc.reason, desc, len(all), err)
			}
			for i, v := range all {
				if i%4 > 0 && !soak {
					continue
				}
				from, err := q.CursorAt(v)
				if err != nil {
					t.Fatal(err)
				}
				for size := 1; size <= 2; size++ {
					var got []seat
					for from := from; ; {
						p, err := q.PageSize(size).Page(t.Context(), from)
						if err != nil {
							t.Fatalf("%s, desc %v, pages of %d behind item %d: %v", tc.reason, desc, size, i, err)
						}
						got = append(got, p.Items...)
						if from = p.Next; from == "" {
							break
						}
					}
					if !slices.Equal(got, all[i+1:]) {
						t.Fatalf("%s, desc %v, pages of %d behind item %d: %d rows, want %d", tc.reason, desc, size, i, len(got), len(all)-i-1)
					}
				}
			}
		}
	}
}

// Zeros that the tags leave out: in a key of the table they are there, and in other natural keys the item is not in the index.
func TestEdgesOfNaturalKeys(t *testing.T) {
	c, e := opened(t)
	ledgers := must[ledger](t, c, ledgerTable)
	create(t, e, ledgerTable, ledgers)
	put(t, ledgers, ledger{Account: 1, Region: "eu", Memo: "zero"}, ledger{Account: 1, Seq: 1, Region: "eu", Score: 2, Day: midnight, Memo: "one"})
	names := func(q repo.Query[ledger]) (out []string) {
		t.Helper()
		for v, err := range q.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, v.Memo)
		}
		return out
	}
	for _, tc := range []struct {
		reason string
		q      repo.Query[ledger]
		want   []string
	}{
		{"a zero of the table's key", ledgers.Query(ledgerAccount.Eq(1), ledgerSeq.Eq(0)), []string{"zero"}},
		{"the same in an index of it", ledgers.Query(ledgerSeq.Eq(0)), []string{"zero"}},
		{"scores above what zero is below", ledgers.Query(ledgerRegion.Eq("eu"), ledgerScore.Gt(0)).Hydrate(), []string{"one"}},
		{"scores on both sides of zero, of items that have one", ledgers.Query(ledgerRegion.Eq("eu"), ledgerScore.Gt(-1)).Index("scores").Hydrate(), []string{"one"}},
		{"a zero time is a key where the tags keep it", ledgers.Query(ledgerAccount.Eq(1), ledgerDay.Lt(midnight)).Index("byday"), []string{"zero"}},
	} {
		if diff := cmp.Diff(tc.want, names(tc.q)); diff != "" {
			t.Errorf("%s: -want +got\n%s", tc.reason, diff)
		}
	}
}

// A collection of shards is all of them, whatever the example has in the field that chooses one; and between two natural keys that are
// excluded neither is yielded.
func TestEdgesOfCollections(t *testing.T) {
	s := newStore(t.Context(), t, kindOf("seat"))
	seats := repository[seat](s)
	for n := range int64(12) {
		put(t, seats, seat{Room: "r", Row: int8(n), Num: n, Price: float32(1 + n%4)})
	}
	count := func(p repo.Partition[seat]) (n int) {
		t.Helper()
		for _, err := range p.Items(t.Context(), seats) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		return n
	}
	for _, tc := range []struct {
		reason string
		p      repo.Partition[seat]
		want   int
	}{
		{"all shards", seats.Partition(seat{Room: "r"}), 12},
		{"all shards, from an item", seats.Partition(seat{Room: "r", Row: 3, Num: 3}), 12},
		{"the shard that a bound chooses", seats.Partition(seat{Room: "r"}).Where(seatRow.Eq(3)), 1},
		{"a range in all shards", seats.Partition(seat{Room: "r"}).Where(seatRow.Ge(3), seatRow.Lt(7)), 4},
		{"natural keys, both ends excluded", seats.IndexPartition("price", seat{}).Where(seatPrice.Gt(1), seatPrice.Lt(4)), 6},
		{"natural keys, in pages", seats.IndexPartition("price", seat{}).Where(seatPrice.Gt(1), seatPrice.Le(4)).PageSize(1).Desc(), 9},
	} {
		if got := count(tc.p); got != tc.want {
			t.Errorf("%s: %d items, want %d", tc.reason, got, tc.want)
		}
	}
}
