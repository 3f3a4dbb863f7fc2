package reading

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// Bad input is a typed error with a remedy, without a value in it, and nothing is sent.
func TestBadInput(t *testing.T) {
	ctx := t.Context()
	c := counting(nil)
	c.Client = c // never asked
	notes, events, ledgers := must[note](t, c, noteTable), must[event](t, c, eventTable), must[ledger](t, c, ledgerTable)
	visits, seats := must[visit](t, c, visitTable), must[seat](t, c, seatTable)
	customers, orders, lines := must[customer](t, c, orderTable), must[order](t, c, orderTable), must[line](t, c, orderTable)
	kindOnly := noteTable // an index that does not hold the type
	kindOnly.Indexes = []repo.Index{{Name: "tag"}, {Name: "kind", KeysOnly: true}, {Name: "rank", Local: true}}
	keyed := must[note](t, c, kindOnly)
	badKeys := noteTable
	badKeys.CursorKeys = [][]byte{bytes.Repeat([]byte{1}, 31)}
	_, badKeysErr := repo.New[note](c, badKeys)
	const secret = "hunter2"
	lo, hi := midnight, midnight.Add(time.Hour)
	for _, tc := range []struct {
		reason string
		err    error
		is     error // nil for a *repo.SchemaError
		says   string
	}{
		{"nothing is asked of the partition", run(ctx, notes.Query()), repo.ErrNoIndex, "needs User to be equal to a value"},
		{"a query that would need a scan", run(ctx, notes.Query(noteTitle.Eq(secret))), repo.ErrNoIndex, "needs User to be equal to a value"},
		{"a field that is in no key", run(ctx, events.Query(eventNote.Eq(secret))), repo.ErrNoIndex, "use Filter"},
		{"an inequality", run(ctx, notes.Query(noteUser.Ne(secret))), repo.ErrNoIndex, "use Filter"},
		{"one of two", run(ctx, notes.Query(noteUser.In(secret, "b"))), repo.ErrNoIndex, "use Filter"},
		{"either", run(ctx, notes.Query(expr.Or(noteUser.Eq(secret), noteUser.Eq("b")))), repo.ErrNoIndex, "use Filter"},
		{"a range on |raw in the middle", run(ctx, visits.Query(visitZone.Eq(1), visitSite.Gt(secret))), repo.ErrNoIndex, "raw in the middle"},
		{"a range on |plain", run(ctx, visits.Query(visitZone.Gt(1)).Index("zone")), repo.ErrNoIndex, "needs Zone to be equal to a value"},
		{"a range on |fold", run(ctx, notes.Query(noteUser.Gt(secret))), repo.ErrNoIndex, "needs User to be equal to a value"},
		{"a range on |or", run(ctx, notes.Query(noteKind.Eq("a"), noteTag.Gt(secret)).Index("kind")), repo.ErrNoIndex, "or"},
		{"a prefix of |or", run(ctx, notes.Query(noteKind.Eq("a"), noteTag.HasPrefix(secret)).Index("kind")), repo.ErrNoIndex, "use Filter"},
		{"a range on |shard", run(ctx, seats.Query(seatNum.Gt(1)).Index("price")), repo.ErrNoIndex, "use Filter"},
		{"a prefix behind a segment that is open", run(ctx, notes.Query(noteUser.Eq("ann"), noteID.HasPrefix(secret))), repo.ErrNoIndex, "use Filter"},
		{"a range behind a segment that is a range", run(ctx, events.Query(eventKind.Eq("a"), eventAt.Between(lo, hi), eventID.Gt(secret))), repo.ErrNoIndex, "use Filter"},
		{"a range behind a natural key that is open", run(ctx, ledgers.Query(ledgerRegion.Eq(secret), ledgerTier.Eq(1), ledgerPlan.Eq("p"), ledgerUnit.Eq(1), ledgerDay.Gt(lo)).Index("wide")), repo.ErrNoIndex, "use Filter"},
		{"a part of a partition key", run(ctx, ledgers.Query(ledgerRegion.Eq(secret), ledgerTier.Eq(1), ledgerUnit.Eq(1)).Index("wide")), repo.ErrNoIndex, "needs Plan"},
		{"two prefixes", run(ctx, visits.Query(visitSite.Eq("s"), visitPath.HasPrefix(secret), visitPath.HasPrefix("h"))), repo.ErrNoIndex, "use Filter"},
		{"a consistent read of a global index", run(ctx, notes.Query(noteTag.Eq(secret)).Index("tag").Consistent()), repo.ErrNoIndex, "only the table and local indexes"},
		{"a consistent view of one", run(ctx, notes.Consistent().Query(noteTag.Eq(secret)).Index("tag")), repo.ErrNoIndex, "only the table and local indexes"},
		{"an index that is not there", run(ctx, notes.Query(noteTag.Eq(secret)).Index("nope")), repo.ErrNoIndex, "declares no such index"},
		{"one that may lack matches", run(ctx, notes.Query(noteKind.Eq(secret))), repo.ErrNoIndex, `Index("kind") accepts that`},
		{"a zero that is no attribute", run(ctx, ledgers.Query(ledgerTier.Eq(0)).Index("loose")), repo.ErrNoIndex, "is empty"},
		{"natural numbers on both sides of a zero that is no attribute", run(ctx, ledgers.Query(ledgerRegion.Eq(secret), ledgerScore.Gt(-1)).Hydrate()), repo.ErrNoIndex, `Index("scores") accepts that`},
		{"an empty partition key", run(ctx, visits.Query(visitSite.Eq(""))), repo.ErrIncompleteKey, "the primary key needs it"},
		{"half of a range of buckets", run(ctx, events.Query(eventKind.Eq(secret), eventAt.Ge(lo))), repo.ErrNoIndex, "needs both ends of a range on At"},
		{"the other half", run(ctx, events.Query(eventKind.Eq(secret), eventAt.Lt(lo)).Index("hour")), repo.ErrNoIndex, "needs both ends of a range on At"},
		{"too many buckets", run(ctx, events.Query(eventKind.Eq(secret), eventAt.Between(lo, lo.Add(1000*time.Hour))).Index("hour")), repo.ErrInvalidValue, "shorter range"},
		{"Input of a sharded query", input(seats.Query(seatRoom.Eq(secret))), repo.ErrInvalidValue, "use Inputs"},
		{"Input of a range of buckets", input(events.Query(eventKind.Eq(secret), eventAt.Between(lo, hi)).Index("hour")), repo.ErrInvalidValue, "use Inputs"},
		{"a projected index without Hydrate", run(ctx, notes.Query(noteKind.Eq("a")).Index("kind")), repo.ErrNoIndex, "lacks the attributes of User, At, ID"},
		{"an index of keys alone", run(ctx, ledgers.Query(ledgerRegion.Eq(secret)).Index("scores")), repo.ErrNoIndex, "fetch whole items with Hydrate"},
		{"a filter on a natural key", run(ctx, ledgers.Query(ledgerAccount.Eq(1)).Filter(ledgerSeq.Eq(5))), repo.ErrInvalidValue, "make it a condition of the query"},
		{"a filter on a natural key of an index", run(ctx, ledgers.Query(ledgerRegion.Eq(secret)).Index("scores").Hydrate().Filter(ledgerScore.Gt(1))), repo.ErrInvalidValue, "make it a condition of the query"},
		{"a filter on what an index lacks", run(ctx, notes.Query(noteKind.Eq("a")).Index("kind").Hydrate().Filter(noteUser.Eq(secret))), repo.ErrNoIndex, "the index does not hold the attribute"},
		{"no limit at all", run(ctx, notes.Query(noteUser.Eq(secret)).Limit(0)), repo.ErrInvalidValue, "at least 1"},
		{"pages of none", run(ctx, notes.Query(noteUser.Eq(secret)).PageSize(-1)), repo.ErrInvalidValue, "at least 1"},
		{"a cursor that is none", page(ctx, notes.Query(noteUser.Eq("ann")), repo.Cursor(secret)), repo.ErrInvalidCursor, "damaged"},
		{"a cursor at an item of another partition", at(notes.Query(noteUser.Eq("ann")), note{User: secret, At: lo, ID: "x"}), repo.ErrInvalidValue, "as the query yields it"},
		{"a cursor at an item beyond the range", at(notes.Query(noteUser.Eq("ann"), noteAt.Lt(lo)), note{User: "ann", At: hi, ID: secret}), repo.ErrInvalidValue, "as the query yields it"},
		{"a cursor at the end that a range excludes", at(ledgers.Query(ledgerAccount.Eq(1), ledgerSeq.Gt(5)), ledger{Account: 1, Seq: 5}), repo.ErrInvalidValue, "as the query yields it"},
		{"a cursor at that end of a closed range", at(ledgers.Query(ledgerAccount.Eq(1), ledgerSeq.Gt(5), ledgerSeq.Lt(9)), ledger{Account: 1, Seq: 5}), repo.ErrInvalidValue, "as the query yields it"},
		{"a cursor at an item that is not in the index", at(notes.Query(noteKind.Eq("c")).Index("kind").Hydrate(), note{User: "a", At: lo, ID: "x", Kind: "c", Title: secret}), repo.ErrInvalidValue, "as the query yields it"},
		{"a cursor at an item without a key", at(notes.Query(noteUser.Eq("ann")), note{User: "ann", ID: secret}), repo.ErrIncompleteKey, "the primary key needs it"},
		{"keys of 31 bytes", badKeysErr, nil, "must have 32"},

		{"a collection without types", items(ctx, customers.Partition(customer{ID: secret})), repo.ErrInvalidValue, "name the repositories"},
		{"a collection without its key", items(ctx, customers.Partition(customer{}), customers), repo.ErrIncompleteKey, "the partition key needs it"},
		{"types of two tables", items(ctx, customers.Partition(customer{ID: secret}), customers, notes), nil, "lives in another table"},
		{"a type that is none", items(ctx, customers.Partition(customer{ID: secret}), customers, nil), nil, "nil"},
		{"types that cannot be told apart", items(ctx, seats.Partition(seat{Room: secret}), seats, must[widerSeat](t, c, seatTable)), nil, "two types are named so"},
		{"a condition on the partition key", items(ctx, orders.Partition(order{Customer: secret}).Where(orderCustomer.Eq("x")), orders), repo.ErrInvalidValue, "which the example names"},
		{"a bound that no key decides", items(ctx, orders.Partition(order{Customer: secret}).Where(orderTotal.Eq(1)), orders), repo.ErrNoIndex, "use Filter"},
		{"a bound behind an open field", items(ctx, lines.Partition(line{Customer: secret}).Where(lineNum.Eq(1)), lines), repo.ErrNoIndex, ""},
		{"a consistent collection of a global index", items(ctx, orders.IndexPartition("feed", order{Customer: secret}).Consistent(), orders), repo.ErrNoIndex, "only the table and local indexes"},
		{"a collection of no index", items(ctx, orders.IndexPartition("nope", order{Customer: secret}), orders), repo.ErrNoIndex, "declares no such index"},
		{"a collection of a projected index", items(ctx, notes.IndexPartition("kind", note{Kind: secret}), notes), repo.ErrNoIndex, "Hydrate"},
		{"a filter where the index does not hold the type", items(ctx, keyed.IndexPartition("kind", note{Kind: secret}).Hydrate().Filter(noteKind.Exists()), keyed), repo.ErrNoIndex, "project it"},
		{"a filter where there are no types", items(ctx, visits.Partition(visit{Site: secret}).Filter(visitZone.Eq(1)), visits), repo.ErrInvalidValue, "use Query"},
		{"a limit of none", items(ctx, orders.Partition(order{Customer: secret}).Limit(0), orders), repo.ErrInvalidValue, "at least 1"},
		{"one type in two variables", orders.Partition(order{Customer: secret}).Load(ctx, repo.Many(orders, new([]order)), repo.One(orders, new(order))), repo.ErrInvalidValue, "once"},
		{"no variables", orders.Partition(order{Customer: secret}).Load(ctx), repo.ErrInvalidValue, "name the repositories"},
	} {
		var ours *repo.Error
		var schema *repo.SchemaError
		switch {
		case tc.is == nil && !errors.As(tc.err, &schema), tc.is != nil && (!errors.Is(tc.err, tc.is) || !errors.As(tc.err, &ours)):
			t.Errorf("%s: %T %v", tc.reason, tc.err, tc.err)
		case !strings.Contains(tc.err.Error(), tc.says):
			t.Errorf("%s: %q does not say %q", tc.reason, tc.err, tc.says)
		case strings.Contains(tc.err.Error(), secret):
			t.Errorf("%s: %q tells a value", tc.reason, tc.err)
		}
	}
	if n := c.sent(""); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// More conditions than a key has attributes are not more attributes: eight are the most, and are served.
func TestMostKeyConditions(t *testing.T) {
	c, e := opened(t)
	ledgers := must[ledger](t, c, ledgerTable)
	create(t, e, ledgerTable, ledgers)
	v := ledger{Account: 1, Region: "eu", Tier: 1, Plan: "p", Unit: 1, Score: 2, Day: midnight, Blob: []byte{1}, Num: 3}
	put(t, ledgers, v)
	eight := []expr.Cond[ledger]{
		ledgerRegion.Eq("eu"), ledgerTier.Eq(1), ledgerPlan.Eq("p"), ledgerUnit.Eq(1), ledgerScore.Eq(2), ledgerDay.Eq(midnight), ledgerBlob.Eq([]byte{1}), ledgerNum.Ge(3),
	}
	q := ledgers.Query(eight...).Index("wide")
	if found, err := repo.Collect(q.All(t.Context())); err != nil || len(found) != 1 || found[0].Num != 3 {
		t.Error(found, err)
	}
	c.sent("")
	_, err := repo.Collect(ledgers.Query(append(eight, ledgerSeq.Eq(0))...).Index("wide").All(t.Context()))
	if !errors.Is(err, repo.ErrNoIndex) || !strings.Contains(err.Error(), "has no place in its key for the condition on Seq; use Filter") || c.sent("") > 0 {
		t.Error(err)
	}
	// A table with an index of more than four and four attributes is refused before it is made.
	table := ledgerTable
	table.Indexes = append(table.Indexes[:4:4], repo.Index{Name: "five", Hash: []string{"region", "tier", "plan", "unit", "account"}})
	var schema *repo.SchemaError
	if _, err := repo.New[ledger](c, table); !errors.As(err, &schema) || !strings.Contains(err.Error(), "at most four") {
		t.Error(err)
	}
}

func run[T any](ctx context.Context, q repo.Query[T]) error {
	found, err := repo.Collect(q.All(ctx))
	if err == nil || len(found) > 0 {
		return errors.New("no error")
	}
	if _, other := q.Page(ctx, ""); other == nil || other.Error() != err.Error() {
		return errors.Join(errors.New("All and Page disagree"), err, other)
	}
	return err
}

func page[T any](ctx context.Context, q repo.Query[T], from repo.Cursor) error {
	_, err := q.Page(ctx, from)
	return err
}

func input[T any](q repo.Query[T]) error {
	_, err := q.Input()
	return err
}

func at[T any](q repo.Query[T], v T) error {
	c, err := q.CursorAt(v)
	if c != "" {
		return errors.New("there is a cursor")
	}
	return err
}

func items[T any](ctx context.Context, p repo.Partition[T], members ...repo.Member) (last error) {
	n := 0
	for _, err := range p.Items(ctx, members...) {
		n, last = n+1, err
	}
	if n != 1 {
		return errors.New("the error is not the one thing that is yielded")
	}
	return last
}
