package reading

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/monotable/monotable/repo"
)

// pages is how many requests it takes to read n rows to the end, so many at a time: one that is full may have more behind it.
func pages(n, size int) int { return n/size + 1 }

// A collection load is one query per page; a filtered First stops at the first match; break sends nothing more.
func TestRequestsOfOnePartition(t *testing.T) {
	c, e := opened(t)
	customers, orders, lines := must[customer](t, c, orderTable), must[order](t, c, orderTable), must[line](t, c, orderTable)
	create(t, e, orderTable, customers, orders, lines)
	put(t, customers, customer{ID: "c", Name: "n"})
	for i := range 5 {
		put(t, orders, order{Customer: "c", Order: fmt.Sprint(i), Total: i})
		put(t, lines, line{Customer: "c", Order: fmt.Sprint(i), Num: 1}, line{Customer: "c", Order: fmt.Sprint(i), Num: 2})
	}
	const rows = 16
	ctx := t.Context()
	expect := func(what string, want int) {
		t.Helper()
		c.mu.Lock()
		counts := fmt.Sprint(c.counts)
		c.mu.Unlock()
		if got := c.sent(""); got != want {
			t.Errorf("%s: %d requests, want %d: %s", what, got, want, counts)
		}
	}
	c.sent("")
	for size := 0; size <= rows+1; size++ {
		p := customers.Partition(customer{ID: "c"})
		want := 1
		if size > 0 {
			p, want = p.PageSize(size), pages(rows, size)
		}
		var who customer
		var their []order
		var items []line
		if err := p.Load(ctx, repo.One(customers, &who), repo.Many(orders, &their), repo.Many(lines, &items)); err != nil {
			t.Fatal(err)
		}
		if who.Name != "n" || len(their) != 5 || len(items) != 10 {
			t.Errorf("loaded %v, %d, %d", who, len(their), len(items))
		}
		expect(fmt.Sprintf("Load with pages of %d", size), want)

		if n, err := orders.Query(orderCustomer.Eq("c")).PageSize(max(size, 1)).Count(ctx); err != nil || n != 5 {
			t.Error(n, err)
		}
		expect(fmt.Sprintf("Count with pages of %d", size), pages(rows-1, max(size, 1))) // lines lie among the orders
	}
	for size := 1; size <= 4; size++ {
		for total := range 5 {
			v, err := orders.Query(orderCustomer.Eq("c")).Filter(orderTotal.Eq(total)).PageSize(size).First(ctx)
			if err != nil || v.Total != total {
				t.Fatal(v, err)
			}
			expect(fmt.Sprintf("First of %d, a filter that %d rows stand before", size, 3*total), 3*total/size+1)
		}
		for stop := 1; stop <= rows; stop++ {
			n := 0
			for _, err := range customers.Partition(customer{ID: "c"}).PageSize(size).Items(ctx, customers, orders, lines) {
				if err != nil {
					t.Fatal(err)
				}
				if n++; n == stop {
					break
				}
			}
			expect(fmt.Sprintf("break at item %d of pages of %d", stop, size), (stop+size-1)/size)
			n = 0
			for _, err := range customers.Partition(customer{ID: "c"}).PageSize(size).Limit(stop).Items(ctx, customers, orders, lines) {
				if n++; err != nil {
					t.Fatal(err)
				}
			}
			if n != stop {
				t.Errorf("%d items with a limit of %d", n, stop)
			}
			expect(fmt.Sprintf("limit %d of pages of %d", stop, size), (stop+size-1)/size)
		}
	}
	if _, err := orders.Query(orderCustomer.Eq("c")).Filter(orderTotal.Eq(1)).First(ctx); err != nil {
		t.Error(err)
	}
	expect("First with a filter and no page size", 1)

	// What is made or explained sends nothing.
	q := orders.Query(orderCustomer.Eq("c"))
	_, _ = q.Explain()
	_, _ = q.Input()
	_, _ = q.Inputs()
	_, _ = q.CursorAt(order{Customer: "c", Order: "1"})
	_ = q.All(ctx)
	_ = customers.Partition(customer{ID: "c"}).Items(ctx, customers)
	for _, q := range []repo.Query[order]{
		orders.Query(orderCustomer.Eq("c"), orderCustomer.Eq("d")), orders.Query(orderCustomer.Eq("c"), orderOrder.Between("b", "a")),
		orders.Query(orderCustomer.Eq("c"), orderOrder.Gt("a"), orderOrder.Lt("a")),
	} {
		if found, err := repo.Collect(q.All(ctx)); err != nil || len(found) > 0 {
			t.Error(found, err)
		}
		if p, err := q.Page(ctx, ""); err != nil || p.Next != "" {
			t.Error(p, err)
		}
		if n, err := q.Count(ctx); err != nil || n > 0 {
			t.Error(n, err)
		}
	}
	expect("nothing to send", 0)
}

// shardsOf lists the shard of each row of a query, in the order in which the query yields them, by asking DynamoDB for each shard.
func shardsOf(t *testing.T, s *store, q repo.Query[seat], name func(seat) string) (order []int, sizes []int) {
	t.Helper()
	inputs, err := q.Inputs()
	if err != nil {
		t.Fatal(err)
	}
	seats := repository[seat](s)
	of := map[string]int{}
	sizes = make([]int, len(inputs))
	for i, in := range inputs {
		in.Limit = nil
		out, err := s.raw.Query(t.Context(), in)
		if err != nil || out.LastEvaluatedKey != nil {
			t.Fatal(err)
		}
		for _, row := range out.Items {
			v, err := seats.Decode(row)
			if err != nil {
				t.Fatal(err)
			}
			of[name(v)], sizes[i] = i, sizes[i]+1
		}
	}
	for v, err := range q.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		order = append(order, of[name(v)])
	}
	return order, sizes
}

// needed is how many requests it takes to know the first rows of a merge, all of them for end: a shard is read when what was read of it
// is given out, and something may be behind that.
func needed(order, sizes []int, size, rows int, end bool) (requests int) {
	read, given, done := make([]int, len(sizes)), make([]int, len(sizes)), make([]bool, len(sizes))
	fill := func() {
		for i, total := range sizes {
			if done[i] || given[i] < read[i] {
				continue
			}
			n := min(size, total-read[i])
			read[i], done[i] = read[i]+n, n < size
			requests++
		}
	}
	for _, shard := range order[:rows] {
		fill()
		given[shard]++
	}
	if end {
		fill()
	}
	return requests
}

// Shards send one query per bucket per page needed, not more.
func TestRequestsOfShards(t *testing.T) {
	s := stocked(t, kindOf("seat"), 70)
	seats := repository[seat](s)
	name := func(v seat) string { return fmt.Sprint(v.Room, v.Row, v.Num) }
	step := 4
	if soak {
		step = 1
	}
	for _, q := range []repo.Query[seat]{
		seats.Query(seatRoom.Eq("r")), seats.Query(seatRoom.Eq("s")).Desc(), seats.Query().Index("price"), seats.Query(seatPrice.Gt(-5)).Desc().Index("price"),
		seats.Query(seatFree.Eq(true)).Index("free"), seats.Query(seatFree.Eq(true)).Index("free").Desc(),
	} {
		order, sizes := shardsOf(t, s, q, name)
		plan, err := q.Explain()
		if err != nil || len(order) < 8 {
			t.Fatal(err, len(order))
		}
		t.Logf("%d rows in shards of %v", len(order), sizes)
		step := step
		for len(order)%step != 0 { // to the end, too
			step--
		}
		for _, size := range []int{1, 2, 3, 5} {
			for stop := 1; stop <= len(order)+1; stop += step {
				s.client.sent("")
				n := 0
				for _, err := range q.PageSize(size).All(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					if n++; n == stop {
						break
					}
				}
				want := needed(order, sizes, size, min(stop, len(order)), stop > len(order))
				if got := s.client.sent(""); got != want {
					t.Fatalf("%v\nbreak at row %d of pages of %d: %d requests, want %d", plan, stop, size, got, want)
				}
			}
			total := 0
			for _, n := range sizes {
				total += pages(n, size)
			}
			if _, err := q.PageSize(size).Count(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := s.client.sent(""); got != total {
				t.Errorf("%v\nCount of pages of %d: %d requests, want %d", plan, size, got, total)
			}
		}
		s.client.sent("")
		if _, err := q.First(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.client.sent(""); got != len(sizes) {
			t.Errorf("%v\nFirst: %d requests for %d shards", plan, got, len(sizes))
		}
		// A page that follows a cursor reads what lies behind it, once for each shard.
		for from, i := repo.Cursor(""), 0; ; i++ {
			p, err := q.Limit(3).Page(t.Context(), from)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.client.sent(""); got > 2*len(sizes) || i == 0 && got != len(sizes) {
				t.Errorf("%v\npage %d: %d requests for %d shards", plan, i, got, len(sizes))
			}
			if from = p.Next; from == "" {
				break
			}
		}
	}
}

// Buckets are read one after another, each as it is wanted.
func TestRequestsOfBuckets(t *testing.T) {
	c, e := opened(t)
	events := must[event](t, c, eventTable)
	create(t, e, eventTable, events)
	counts := []int{4, 0, 3, 1, 0} // by hour
	for hour, n := range counts {
		for i := range n {
			put(t, events, event{Kind: "a", At: midnight.Add(time.Duration(hour)*time.Hour + time.Minute), ID: fmt.Sprint(hour, i), Level: int32(i)})
		}
	}
	for _, desc := range []bool{false, true} {
		q, order := events.Query(eventKind.Eq("a"), eventAt.Ge(midnight), eventAt.Lt(midnight.Add(5*time.Hour))).Index("hour"), counts
		if desc {
			q, order = q.Desc(), slices.Clone(counts)
			slices.Reverse(order)
		}
		if inputs, err := q.Inputs(); err != nil || len(inputs) != 5 {
			t.Errorf("%d inputs, %v", len(inputs), err)
		}
		for size := 1; size <= 5; size++ {
			for stop := 1; stop <= 9; stop++ {
				want, left := 0, stop
				for _, n := range order {
					if left <= n {
						want += (left + size - 1) / size
						break
					}
					want, left = want+pages(n, size), left-n
				}
				c.sent("")
				n := 0
				for _, err := range q.PageSize(size).All(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					if n++; n == stop {
						break
					}
				}
				if got := c.sent(""); got != want || n != min(stop, 8) {
					t.Errorf("desc %v: break at row %d of pages of %d: %d rows, %d requests, want %d", desc, stop, size, n, got, want)
				}
			}
		}
	}
	// Shards of buckets: three requests for the first bucket, and none for the second until it is wanted.
	q := events.Query(eventKind.Eq("a"), eventAt.Between(midnight, midnight.Add(47*time.Hour)))
	c.sent("")
	if v, err := q.First(t.Context()); err != nil || v.ID != "0 0" {
		t.Error(v, err)
	}
	if got := c.sent("Query"); got != 3 {
		t.Errorf("First of 2 buckets of 3 shards: %d requests", got)
	}
	if found, err := repo.Collect(q.All(t.Context())); err != nil || len(found) != 8 {
		t.Error(found, err)
	}
	if got := c.sent("Query"); got != 6 {
		t.Errorf("2 buckets of 3 shards: %d requests", got)
	}
}

// Whole items come in batches, as many requests as full ones make.
func TestRequestsOfHydrate(t *testing.T) {
	c, e := opened(t)
	notes := must[note](t, c, noteTable)
	create(t, e, noteTable, notes)
	load(t, e, noteTable, notes, 250, func(i int) note {
		return note{User: fmt.Sprint(i), At: midnight, ID: "x", Kind: "a", Title: fmt.Sprintf("%03d", i)}
	})
	for size, want := range map[int][2]int{0: {1, 3}, 100: {3, 3}, 50: {6, 5}, 120: {3, 5}} {
		q := notes.Query(noteKind.Eq("a")).Index("kind").Hydrate()
		if size > 0 {
			q = q.PageSize(size)
		}
		c.sent("")
		found, err := repo.Collect(q.All(t.Context()))
		if err != nil || len(found) != 250 || found[249].User != "249" {
			t.Fatal(len(found), err)
		}
		c.mu.Lock()
		got := [2]int{c.counts["Query"], c.counts["BatchGetItem"]}
		c.mu.Unlock()
		if c.sent(""); got != want {
			t.Errorf("pages of %d: %d queries and batches, want %d", size, got, want)
		}
	}
	if n, err := notes.Query(noteKind.Eq("a")).Index("kind").Hydrate().Count(t.Context()); err != nil || n != 250 || c.sent("BatchGetItem") > 0 {
		t.Errorf("Count is %d, %v, and needs no items", n, err)
	}
	if in, err := notes.Query(noteKind.Eq("a")).Index("kind").Hydrate().Input(); err != nil || aws.ToString(in.IndexName) != "kind" {
		t.Error(in, err)
	}
}
