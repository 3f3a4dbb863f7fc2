package repo_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// shop is an embedded table for orders, and their repository.
func shop(t testing.TB) (*dynamodb.Client, *repo.Repository[order]) {
	t.Helper()
	c := repotest.NewClient()
	orders := repo.Must(repo.New[order](c, shopTable))
	if err := repo.CreateTable(t.Context(), c, shopTable, orders); err != nil {
		t.Fatal(err)
	}
	return c, orders
}

// No verb changes the value that it is given, or keeps any of its memory, or gives any of its memory back.
func TestTheCallersValueStaysAsItIs(t *testing.T) {
	_, orders := shop(t)
	for _, verb := range []struct {
		name string
		call func(order) (order, error)
	}{
		{"Create", func(o order) (order, error) { return orders.Create(t.Context(), o) }},
		{"Create again", func(o order) (order, error) { return orders.Create(t.Context(), o) }},
		{"Put", func(o order) (order, error) { return orders.Put(t.Context(), o) }},
		{"Put through If", func(o order) (order, error) { return orders.If(orderPaid.Eq(false)).Put(t.Context(), o) }},
		{"Get", func(o order) (order, error) { return orders.Get(t.Context(), o) }},
		{"Update", func(o order) (order, error) {
			return orders.Update(t.Context(), o, orderBill.Set(o.Bill), orderLines.Set(o.Lines), orderTags.Set(o.Tags), orderNotes.Set(o.Notes), orderSig.Set(o.Sig))
		}},
		{"Upsert", func(o order) (order, error) {
			return orders.Upsert(t.Context(), o, orderPlaced.Set(o.PlacedAt), orderStatus.Set("closed"), orderShip.Set(address{}), orderLines.Append(o.Lines...))
		}},
		{"Delete", func(o order) (order, error) { return order{}, orders.Delete(t.Context(), o) }},
	} {
		given := anOrder()
		got, err := verb.call(given)
		if !reflect.DeepEqual(given, anOrder()) {
			t.Errorf("%s changed its argument to %+v", verb.name, given)
		}
		if err != nil {
			if !reflect.DeepEqual(got, order{}) {
				t.Errorf("%s: beside %v there is %+v", verb.name, err, got)
			}
			continue
		}
		if got.Lines == nil {
			continue
		}
		// What came back is fresh: changing it changes nothing of the caller's.
		got.Lines[0].SKU, got.Notes["door"], got.Bill.City = "other", "other", "other"
		if !reflect.DeepEqual(given, anOrder()) {
			t.Errorf("%s gave memory of its argument back", verb.name)
		}
	}
}

// A planned request shares no memory with the value that it was made of, nor with another plan of the same conditions.
func TestPlansShareNoMemory(t *testing.T) {
	orders := repo.Must(repo.New[order](&calls{}, shopTable))
	o := anOrder()
	w, err := orders.PutWrite(o)
	if err != nil {
		t.Fatal(err)
	}
	before := showRequest(w.PutItemInput())
	o.Lines[0].SKU, o.Notes["door"], o.Bill.City, o.Sig[0], o.Tags[0] = "other", "other", "other", 9, "other"
	if after := showRequest(w.PutItemInput()); after != before {
		t.Errorf("the plan changed with the value:\n%s", after)
	}
	change := orderNotes.Set(o.Notes)
	w, err = orders.UpdateWrite(o, change)
	if err != nil {
		t.Fatal(err)
	}
	before = showRequest(w.UpdateItemInput())
	o.Notes["door"] = "another"
	if after := showRequest(w.UpdateItemInput()); after != before {
		t.Errorf("the plan changed with the value:\n%s", after)
	}
}

// Deriving two views, queries or scans from one changes neither it nor each other, whatever spare room its lists have.
func TestViewsAreImmutable(t *testing.T) {
	orders := repo.Must(repo.New[order](&calls{}, shopTable))
	show := func(r *repo.Repository[order]) string {
		w, err := r.UpdateWrite(anOrder(), orderPaid.Set(true))
		if err != nil {
			t.Fatal(err)
		}
		return showRequest(w.UpdateItemInput())
	}
	base := orders.If(orderTotal.Gt(1)).If(orderTotal.Gt(2)).If(orderTotal.Gt(3))
	want := show(base)
	a, b := base.If(orderTotal.Lt(10)), base.If(orderTotal.Lt(20))
	if show(base) != want || show(a) == show(b) || show(a) != show(base.If(orderTotal.Lt(10))) {
		t.Error("views of one repository share their conditions")
	}

	find := func(q repo.Query[order]) string {
		in, err := q.Input()
		if err != nil {
			t.Fatal(err)
		}
		return showRequest(in)
	}
	q := orders.Query(orderCustomer.Eq("c")).Filter(orderTotal.Gt(1)).Filter(orderTotal.Gt(2)).Filter(orderTotal.Gt(3))
	want = find(q)
	x, y := q.Filter(orderTotal.Lt(10)), q.Filter(orderTotal.Lt(20)).Desc().Limit(3).PageSize(4).Consistent()
	if find(q) != want || find(x) == find(y) || find(x) != find(q.Filter(orderTotal.Lt(10))) {
		t.Error("queries derived from one share their filters")
	}
	conds := []expr.Cond[order]{orderCustomer.Eq("c"), orderID.Eq("o")}
	q = orders.Query(conds...)
	want = find(q)
	conds[0] = orderCustomer.Eq("d")
	if find(q) != want {
		t.Error("a query keeps the caller's slice")
	}

	s := orders.Scan().Filter(orderTotal.Gt(1)).Filter(orderTotal.Gt(2)).Filter(orderTotal.Gt(3))
	read := func(s repo.Scan[order]) string {
		in, err := s.Input()
		if err != nil {
			t.Fatal(err)
		}
		return showRequest(in)
	}
	want = read(s)
	if m, n := s.Filter(orderTotal.Lt(10)), s.Filter(orderTotal.Lt(20)).Limit(1); read(s) != want || read(m) == read(n) {
		t.Error("scans derived from one share their filters")
	}

	var seen []string
	option := func(name string) func(*dynamodb.Options) {
		return func(*dynamodb.Options) { seen = append(seen, name) }
	}
	_, live := shop(t)
	w := live.With(option("a")).With(option("b")).With(option("c"))
	one, two := w.With(option("one")), w.With(option("two"))
	for _, r := range []*repo.Repository[order]{one, two, w} {
		if err := r.Delete(t.Context(), anOrder()); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"a", "b", "c", "one", "a", "b", "c", "two", "a", "b", "c"}; !slices.Equal(seen, want) {
		t.Errorf("options ran as %v, want %v", seen, want)
	}
}

func TestConcurrentUse(t *testing.T) {
	_, orders := shop(t)
	view, q := orders.If(orderTotal.Gt(-1)), orders.Query(orderCustomer.Eq("c1")).Filter(orderTotal.Ge(0))
	paid := orderPaid.Set(true)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 20 {
				o := anOrder()
				o.ID = fmt.Sprintf("o%d-%d", i, j)
				if _, err := orders.Create(t.Context(), o); err != nil {
					t.Error(err)
				}
				if got, err := view.If(orderPaid.Eq(true)).Update(t.Context(), o, paid, orderWeight.Add(1)); err != nil || got.Weight != 2.5 {
					t.Error(got, err)
				}
				if _, err := q.Desc().Limit(3).Page(t.Context(), ""); err != nil {
					t.Error(err)
				}
				if _, err := q.Explain(); err != nil {
					t.Error(err)
				}
				if _, err := orders.Consistent().Get(t.Context(), o); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n, err := q.Count(t.Context()); n != 160 || err != nil {
		t.Errorf("%d orders, %v", n, err)
	}
	if list, err := repo.Collect(q.PageSize(7).All(t.Context())); len(list) != 160 || err != nil {
		t.Errorf("%d orders, %v", len(list), err)
	}
}

// A fake that answers with nothing makes an error of every verb, and no panic; one that answers with empty outputs is "nothing there".
func TestFakesThatAnswerNothing(t *testing.T) {
	o := anOrder()
	verbs := func(orders *repo.Repository[order]) map[string]error {
		_, create := orders.Create(t.Context(), o)
		_, put := orders.Put(t.Context(), o)
		_, get := orders.Get(t.Context(), o)
		_, update := orders.Update(t.Context(), o, orderPaid.Set(true))
		_, upsert := orders.Upsert(t.Context(), o, orderPlaced.Set(placedAt), orderStatus.Set("closed"), orderShip.Set(address{}))
		q := orders.Query(orderCustomer.Eq("c"))
		_, all := repo.Collect(q.All(t.Context()))
		_, first := q.First(t.Context())
		_, count := q.Count(t.Context())
		_, page := q.Page(t.Context(), "")
		_, scan := repo.Collect(orders.Scan().All(t.Context()))
		return map[string]error{"Create": create, "Put": put, "Get": get, "Update": update, "Upsert": upsert, "Delete": orders.Delete(t.Context(), o),
			"All": all, "First": first, "Count": count, "Page": page, "Scan": scan}
	}
	c := &calls{}
	for verb, err := range verbs(repo.Must(repo.New[order](c, shopTable))) {
		if err == nil {
			t.Errorf("%s: no error, though the client answered nothing", verb)
		}
	}
	if c.n.Load() < 11 {
		t.Errorf("%d requests", c.n.Load())
	}
	c.answer = true
	for verb, err := range verbs(repo.Must(repo.New[order](c, shopTable))) {
		want := map[string]error{"Get": repo.ErrNotFound, "First": repo.ErrNotFound}[verb]
		fails := verb == "Update" || verb == "Upsert" // which ask for the item, and there is none in the answer
		if fails && err == nil || !fails && !errors.Is(err, want) {
			t.Errorf("%s: %v", verb, err)
		}
	}
	if _, err := repo.New[order](nil, shopTable); err == nil {
		t.Error("a nil client is taken")
	}
	if _, err := repo.New[order]((*dynamodb.Client)(nil), shopTable); err == nil {
		t.Error("a nil *dynamodb.Client is taken")
	}
}

// What is read is decoded into fresh memory: nothing of an item stays in the next.
func TestReadsAreFresh(t *testing.T) {
	c, orders := shop(t)
	for i := range 3 {
		o := anOrder()
		o.ID = fmt.Sprint("o", i)
		if i == 1 {
			o.Lines, o.Notes, o.Bill, o.Tags = nil, nil, nil, nil
		}
		if _, err := orders.Put(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	// A row of another entity, and attributes whose names differ in case only, in the same partition.
	for _, item := range []row{
		{"pk": str("CUSTOMER#c1"), "sk": str("ORDER#o0a"), "_type": str("Return"), "id": str("o0a")},
		{"pk": str("CUSTOMER#c1"), "sk": str("ORDER#o3"), "_type": str("Order"), "ID": str("no"), "id": str("o3"), "Id": str("no"), "customer_id": str("c1"), "placed_at": str("2026-01-02T03:04:05.000000006Z")},
	} {
		if _, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("app"), Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := repo.Collect(orders.Query(orderCustomer.Eq("c1")).All(t.Context()))
	if err != nil || len(list) != 4 {
		t.Fatalf("%d orders, %v", len(list), err)
	}
	if o := list[1]; o.Lines != nil || o.Notes != nil || o.Bill != nil || o.Tags != nil {
		t.Errorf("the second order has something of the first: %+v", o)
	}
	if list[3].ID != "o3" {
		t.Errorf("the fourth order is %+v", list[3])
	}
	if n, err := orders.Query(orderCustomer.Eq("c1")).Count(t.Context()); n != 4 || err != nil {
		t.Errorf("Count is %d, %v", n, err)
	}
	if _, err := orders.Get(t.Context(), order{CustomerID: "c1", ID: "o0a"}); !errors.Is(err, repo.ErrWrongEntity) {
		t.Errorf("Get of another entity: %v", err)
	}
	if _, err := orders.Update(t.Context(), order{CustomerID: "c1", ID: "o0a"}, orderPaid.Set(true)); !errors.Is(err, repo.ErrWrongEntity) {
		t.Errorf("Update of another entity: %v", err)
	}
}

// A failed condition tells what it means.
func TestFailedConditions(t *testing.T) {
	_, orders := shop(t)
	o := anOrder()
	o.Bill = nil
	if _, err := orders.Create(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	gone := order{CustomerID: "c1", ID: "gone", PlacedAt: placedAt}
	result := func(_ any, err error) error { return err }
	for _, c := range []struct {
		reason string
		want   error
		err    error
	}{
		{"Create of what is there", repo.ErrAlreadyExists, result(orders.Create(t.Context(), o))},
		{"Update of what is not there", repo.ErrNotFound, result(orders.Update(t.Context(), gone, orderPaid.Set(true)))},
		{"Update under a false condition", repo.ErrConditionFailed, result(orders.If(orderTotal.Lt(0)).Update(t.Context(), o, orderPaid.Set(true)))},
		{"Update below an absent parent", repo.ErrConditionFailed, result(orders.Update(t.Context(), o, orderBillCity.Set("x")))},
		{"Put under a false condition", repo.ErrConditionFailed, result(orders.If(orderTotal.Lt(0)).Put(t.Context(), o))},
		{"Upsert under a false condition", repo.ErrConditionFailed, result(orders.If(orderTotal.Lt(0)).Upsert(t.Context(), o, orderPlaced.Set(placedAt), orderStatus.Set("closed")))},
		{"Delete under a false condition", repo.ErrConditionFailed, orders.If(orderTotal.Lt(0)).Delete(t.Context(), o)},
		{"Delete under a condition of what is not there", repo.ErrConditionFailed, orders.If(orderTotal.NotExists()).Delete(t.Context(), gone)},
		{"Get of what is not there", repo.ErrNotFound, result(orders.Get(t.Context(), gone))},
		{"First of nothing", repo.ErrNotFound, result(orders.Query(orderCustomer.Eq("nobody")).First(t.Context()))},
		{"Delete of what is not there", nil, orders.Delete(t.Context(), gone)},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", c.reason, c.err, c.want)
		}
		var sdk *types.ConditionalCheckFailedException
		if errors.Is(c.err, repo.ErrConditionFailed) && !errors.As(c.err, &sdk) {
			t.Errorf("%s: the error of the SDK is out of reach", c.reason)
		}
	}
	_, err := orders.Update(t.Context(), o, orderBillCity.Set("x"))
	var where *repo.Error
	if !errors.As(err, &where) || where.Field != "Bill" {
		t.Errorf("the absent parent is not named: %v", err)
	}
}

func TestIterationStopsAsAsked(t *testing.T) {
	c, plainOrders := shop(t)
	for i := range 10 {
		o := anOrder()
		o.ID = fmt.Sprint("o", i)
		if _, err := plainOrders.Put(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	r := &reader{Client: c}
	q := repo.Must(repo.New[order](r, shopTable)).Query(orderCustomer.Eq("c1")).PageSize(3)
	n := 0
	for _, err := range q.All(t.Context()) {
		if n++; err != nil || n == 3 {
			break
		}
	}
	if r.requests != 1 {
		t.Errorf("a break at the end of the first page: %d requests", r.requests)
	}
	all := q.All(t.Context())
	for range 2 { // ranging again starts again
		r.requests = 0
		if list, err := repo.Collect(all); len(list) != 10 || err != nil || r.requests != 4 {
			t.Errorf("%d orders, %v, %d requests", len(list), err, r.requests)
		}
	}
	r.requests = 0
	if list, err := repo.Collect(q.Limit(5).All(t.Context())); len(list) != 5 || err != nil || r.requests != 2 {
		t.Errorf("%d orders, %v, %d requests", len(list), err, r.requests)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n = 0
	var last error
	for o, err := range q.All(ctx) {
		if last != nil {
			t.Error("something comes behind the error")
		}
		if last = err; err != nil && !reflect.DeepEqual(o, order{}) {
			t.Errorf("beside the error there is %+v", o)
		}
		if n++; n == 3 {
			cancel()
		}
	}
	if !errors.Is(last, context.Canceled) || n != 4 {
		t.Errorf("%d items, the last error is %v", n, last)
	}
}
