package reading

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// One Query value is run by many goroutines at once.
func TestOneQueryInManyGoroutines(t *testing.T) {
	s := stocked(t, kindOf("seat"), 60)
	seats := repository[seat](s)
	q := seats.Query().Index("price").PageSize(3)
	want, err := repo.Collect(q.All(t.Context()))
	if err != nil || len(want) < 20 {
		t.Fatal(len(want), err)
	}
	p := seats.IndexPartition("price", seat{}).PageSize(3)
	all := q.All(t.Context())
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			var got []seat
			var err error
			switch g % 4 {
			case 0:
				got, err = repo.Collect(all)
			case 1:
				for from := repo.Cursor(""); ; {
					var page repo.Page[seat]
					if page, err = q.Page(t.Context(), from); err != nil {
						break
					}
					got = append(got, page.Items...)
					if from = page.Next; from == "" {
						break
					}
				}
			case 2:
				err = p.Load(t.Context(), repo.Many(seats, &got))
			case 3:
				desc, failed := repo.Collect(q.Desc().All(t.Context()))
				slices.Reverse(desc)
				got, err = desc, failed
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(seat{})); err != nil || diff != "" {
				t.Errorf("goroutine %d: %v %s", g, err, diff)
			}
		})
	}
	wg.Wait()
}

// A merge that is cancelled midway ends in the context's error, once, and leaves no goroutine behind.
func TestCancelledMerge(t *testing.T) {
	s := stocked(t, kindOf("seat"), 60)
	q := repository[seat](s).Query().Index("price").PageSize(1)
	before := goleak.IgnoreCurrent()
	for stop := int64(1); stop <= 40; stop += 3 {
		ctx, cancel := context.WithCancel(t.Context())
		var asked atomic.Int64
		s.client.asked = func(ctx context.Context, _ *dynamodb.QueryInput) error {
			switch n := asked.Add(1); {
			case n == stop:
				cancel()
				return nil
			case n > stop:
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		rows, errs := 0, []error(nil)
		for v, err := range q.All(ctx) {
			switch {
			case len(errs) > 0:
				t.Fatalf("something is yielded behind the error: %v, %v", v, err)
			case err != nil:
				errs = append(errs, err)
			default:
				rows++
			}
		}
		if len(errs) != 1 || !errors.Is(errs[0], context.Canceled) {
			t.Errorf("cancelled at request %d: %d rows, %v", stop, rows, errs)
		}
		if _, err := q.Page(ctx, ""); !errors.Is(err, context.Canceled) {
			t.Errorf("a page after it was cancelled: %v", err)
		}
		cancel()
	}
	goleak.VerifyNone(t, before)
}

// Where the request of one shard fails, its error is the one that comes, once and last, and the requests of the others are given up.
func TestFailingShard(t *testing.T) {
	s := stocked(t, kindOf("seat"), 60)
	q := repository[seat](s).Query().Index("price").PageSize(2)
	before := goleak.IgnoreCurrent()
	boom := errors.New("boom")
	var failing atomic.Int64
	var given atomic.Int64
	s.client.asked = func(ctx context.Context, in *dynamodb.QueryInput) error {
		for _, v := range in.ExpressionAttributeValues {
			if pk, ok := v.(*types.AttributeValueMemberS); ok && pk.Value == fmt.Sprintf("PRICES#%02d", failing.Load()) {
				return boom
			}
		}
		<-ctx.Done() // the others hang until somebody gives them up
		given.Add(1)
		return ctx.Err()
	}
	for shard := range int64(16) {
		failing.Store(shard)
		given.Store(0)
		n, last := 0, error(nil)
		for _, err := range q.All(t.Context()) {
			n, last = n+1, err
		}
		var ours *repo.Error
		if n != 1 || !errors.Is(last, boom) || !errors.As(last, &ours) || ours.Entity != "Seat" || ours.Op != "Query" || given.Load() != 15 {
			t.Errorf("shard %d fails: %d are yielded, %v, %d others given up", shard, n, last, given.Load())
		}
		if strings.Contains(last.Error(), "PRICES") {
			t.Errorf("the error tells a key: %v", last)
		}
		if _, err := q.Page(t.Context(), ""); !errors.Is(err, boom) {
			t.Error(err)
		}
		if _, err := q.Count(t.Context()); !errors.Is(err, boom) {
			t.Error(err)
		}
	}
	// Ranging again starts again.
	s.client.asked = nil
	if found, err := repo.Collect(q.All(t.Context())); err != nil || len(found) == 0 {
		t.Error(len(found), err)
	}
	goleak.VerifyNone(t, before)
}

// A failure in the middle: what came before it is yielded, then the error, then nothing.
func TestFailureMidway(t *testing.T) {
	s := stocked(t, kindOf("seat"), 60)
	q := repository[seat](s).Query(seatRoom.Eq("r")).PageSize(2)
	want, err := repo.Collect(q.All(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	for stop := 3; stop <= 6; stop++ {
		n := atomic.Int64{}
		s.client.asked = func(context.Context, *dynamodb.QueryInput) error {
			if n.Add(1) == int64(stop) {
				return boom
			}
			return nil
		}
		var got []seat
		var errs []error
		for v, err := range q.All(t.Context()) {
			if err != nil {
				errs = append(errs, err)
				continue
			}
			got = append(got, v)
		}
		if len(errs) != 1 || !errors.Is(errs[0], boom) || len(got) == 0 || !slices.Equal(got, want[:len(got)]) {
			t.Errorf("request %d fails: %d of %d rows, %v", stop, len(got), len(want), errs)
		}
	}
}

// A row that does not fit its type ends a collection: the error names entity and field, comes once, and last.
func TestCollectionWithABadRow(t *testing.T) {
	c, e := opened(t)
	customers, orders, lines := must[customer](t, c, orderTable), must[order](t, c, orderTable), must[line](t, c, orderTable)
	create(t, e, orderTable, customers, orders, lines)
	put(t, customers, customer{ID: "c"})
	put(t, orders, order{Customer: "c", Order: "1"}, order{Customer: "c", Order: "3"})
	plant(t, e, orderTable, map[string]types.AttributeValue{"pk": str("C#c"), "sk": str("O#2"), "_type": str("Order"), "customer": str("c"), "order": str("2"), "total": str("hunter2")})
	var got []any
	var errs []error
	for v, err := range customers.Partition(customer{ID: "c"}).PageSize(1).Items(t.Context(), customers, orders, lines) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		got = append(got, v)
	}
	var ours *repo.Error
	if len(got) != 2 || len(errs) != 1 || !errors.Is(errs[0], repo.ErrInvalidValue) || !errors.As(errs[0], &ours) || ours.Entity != "Order" || ours.Field != "Total" || strings.Contains(errs[0].Error(), "hunter2") {
		t.Errorf("%d items, %v", len(got), errs)
	}
	who, their := customer{ID: "before"}, []order{{Order: "before"}}
	err := customers.Partition(customer{ID: "c"}).Load(t.Context(), repo.One(customers, &who), repo.Many(orders, &their))
	if !errors.Is(err, repo.ErrInvalidValue) || !errors.As(err, &ours) || ours.Entity != "Order" || who.ID != "before" || their[0].Order != "before" {
		t.Errorf("%v, and the variables are %v, %v", err, who, their)
	}
	// Where the type is not asked for, its rows are no matter.
	if err := customers.Partition(customer{ID: "c"}).Load(t.Context(), repo.One(customers, &who)); err != nil || who.ID != "c" {
		t.Error(err)
	}
}

// An index may lag behind the table: items that are gone when whole ones are fetched, or have another place by then, are left out, and
// the others come once, in order, in pages too.
func TestHydrateBehindTheTable(t *testing.T) {
	c, e := opened(t)
	notes := must[note](t, c, noteTable)
	create(t, e, noteTable, notes)
	var all []note
	for i := range 30 {
		all = append(all, note{User: fmt.Sprint(i), At: midnight, ID: "x", Kind: "a", Title: fmt.Sprintf("%02d", i)})
	}
	put(t, notes, all...)
	e.Inject(repotest.Rule{Operation: "Query", Fault: repotest.Stale()})
	var want []string
	for i, v := range all {
		switch i % 5 {
		case 1:
			if err := notes.Delete(t.Context(), v); err != nil {
				t.Fatal(err)
			}
		case 2:
			v.Kind = "b"
			put(t, notes, v)
		case 3:
			v.Title += "moved"
			put(t, notes, v)
		case 4:
			v.Rank = 7 // no part of the key: the fresh item comes
			put(t, notes, v)
			want = append(want, v.Title+" 7")
		default:
			want = append(want, v.Title+" 0")
		}
	}
	shown := func(v note) string { return fmt.Sprint(v.Title, " ", v.Rank) }
	q := notes.Query(noteKind.Eq("a")).Index("kind").Hydrate()
	for size := 0; size < 8; size++ {
		q := q
		if size > 0 {
			q = q.PageSize(size)
		}
		var got, paged []string
		for v, err := range q.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, shown(v))
		}
		for from := repo.Cursor(""); ; {
			p, err := q.Limit(max(size, 1)).Page(t.Context(), from)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range p.Items {
				paged = append(paged, shown(v))
			}
			if from = p.Next; from == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d: %s", size, diff)
		}
		if diff := cmp.Diff(want, paged); diff != "" {
			t.Errorf("pages of %d through cursors: %s", size, diff)
		}
	}
	// A row that goes between the two requests of one page.
	e.Heal()
	victim := note{User: "0", At: midnight, ID: "x"}
	c.fetch = func() { _ = notes.Delete(context.Background(), victim) }
	found, err := repo.Collect(q.All(t.Context()))
	gone := !slices.ContainsFunc(found, func(v note) bool { return v.User == victim.User })
	if c.fetch = nil; err != nil || len(found) != 17 || !gone { // with the six that moved, which the index knows by now
		t.Errorf("%d found, %v", len(found), err)
	}
	// A batch that fails is the query's error.
	e.Inject(repotest.Rule{Operation: "BatchGetItem", Fault: repotest.Throttle()})
	ctx, cancel := context.WithCancel(t.Context())
	c.fetch = cancel
	if _, err := repo.Collect(q.All(ctx)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while items are fetched: %v", err)
	}
}
