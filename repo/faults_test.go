package repo_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// fault is a call that is refused before anything is sent.
type fault struct {
	reason string
	want   error
	call   func(context.Context) (any, error)
}

// of makes a call's result a value to look at: on an error it must be the zero one.
func of[T any](v T, err error) (any, error) { return v, err }

func faults(c repo.Client) []fault {
	orders, events := repo.Must(repo.New[order](c, shopTable)), repo.Must(repo.New[event](c, shopTable))
	aliases := repo.Must(repo.New[alias](c, shopTable))
	var out []fault
	for _, list := range [][]fault{
		keyFaults(orders, events, repo.Must(repo.New[day](c, shopTable))), valueFaults(orders, aliases), updateFaults(orders), staleFaults(orders),
		requiredFaults(orders), conditionFaults(orders), queryFaults(orders, events), readFaults(orders),
	} {
		out = append(out, list...)
	}
	return out
}

func keyFaults(orders *repo.Repository[order], events *repo.Repository[event], days *repo.Repository[day]) []fault {
	whole := order{CustomerID: "c", ID: "o", PlacedAt: placedAt}
	with := func(edit func(*order)) order {
		o := whole
		edit(&o)
		return o
	}
	long := func(n int) string { return strings.Repeat("x", n) }
	put := func(o order) func(context.Context) (any, error) {
		return func(ctx context.Context) (any, error) { return of(orders.Put(ctx, o)) }
	}
	e := anEvent()
	e.Seq = 100_000_000
	return []fault{
		{"Create: a part of the key is missing", repo.ErrIncompleteKey, func(ctx context.Context) (any, error) { return of(orders.Create(ctx, order{ID: "o"})) }},
		{"Put: a part of the key is missing", repo.ErrIncompleteKey, put(order{CustomerID: "c"})},
		{"Get: a part of the key is missing", repo.ErrIncompleteKey, func(ctx context.Context) (any, error) { return of(orders.Get(ctx, order{ID: "o"})) }},
		{"Update: a part of the key is missing", repo.ErrIncompleteKey, func(ctx context.Context) (any, error) {
			return of(orders.Update(ctx, order{CustomerID: "c"}, orderWeight.Set(1)))
		}},
		{"Upsert: a part of the key is missing", repo.ErrIncompleteKey, func(ctx context.Context) (any, error) {
			return of(orders.Upsert(ctx, order{CustomerID: "c"}, orderWeight.Set(1)))
		}},
		{"Delete: a part of the key is missing", repo.ErrIncompleteKey, func(ctx context.Context) (any, error) { return nil, orders.Delete(ctx, order{ID: "o"}) }},
		{"Encode: the whole key is missing", repo.ErrIncompleteKey, func(context.Context) (any, error) { return of(orders.Encode(order{})) }},
		{"Query: an equality with nothing in the primary key", repo.ErrIncompleteKey, func(ctx context.Context) (any, error) { return of(orders.Query(orderCustomer.Eq("")).First(ctx)) }},
		{"Put: the partition key is over 2048 bytes", repo.ErrInvalidKey, put(with(func(o *order) { o.CustomerID = long(2040) }))},
		{"Put: the sort key is over 1024 bytes", repo.ErrInvalidKey, put(with(func(o *order) { o.ID = long(1019) }))},
		{"Put: the partition key of an index is over 2048 bytes", repo.ErrInvalidKey, put(with(func(o *order) { o.Ship.City = long(2044) }))},
		{"Put: the sort key of an index is over 1024 bytes, that of the table is not", repo.ErrInvalidKey, put(with(func(o *order) { o.Status, o.ID = "open", long(1000) }))},
		{"Put: escapes count", repo.ErrInvalidKey, put(with(func(o *order) { o.ID = strings.Repeat("#", 400) }))},
		{"Update: the new key of an index is over 2048 bytes", repo.ErrInvalidKey, func(ctx context.Context) (any, error) {
			return of(orders.Update(ctx, whole, orderCity.Set(long(2044)), orderTotal.Set(1)))
		}},
		{"Query: the partition key is over 2048 bytes", repo.ErrInvalidKey, func(ctx context.Context) (any, error) {
			return of(orders.Query(orderCustomer.Eq(long(2048))).First(ctx))
		}},
		{"Query: a bound is over 1024 bytes", repo.ErrInvalidKey, func(ctx context.Context) (any, error) {
			return of(orders.Query(orderCustomer.Eq("c"), orderID.Ge(long(1024))).First(ctx))
		}},
		{"Query: a prefix is over 1024 bytes", repo.ErrInvalidKey, func(ctx context.Context) (any, error) {
			return of(orders.Query(orderCustomer.Eq("c"), orderID.HasPrefix(long(1024))).First(ctx))
		}},
		{"Query: a whole sort key is over 1024 bytes", repo.ErrInvalidKey, func(ctx context.Context) (any, error) {
			return of(orders.Query(orderCustomer.Eq("c"), orderID.Eq(long(1024))).First(ctx))
		}},
		{"Get: invalid UTF-8 in the key", repo.ErrInvalidKey, func(ctx context.Context) (any, error) {
			return of(orders.Get(ctx, order{CustomerID: "c\xff", ID: "o"}))
		}},
		{"Put: invalid UTF-8 in the key", repo.ErrInvalidKey, put(with(func(o *order) { o.ID = "\xc3" }))},
		{"Query: invalid UTF-8", repo.ErrInvalidKey, func(ctx context.Context) (any, error) { return of(orders.Query(orderCustomer.Eq("\xff")).First(ctx)) }},
		{"Get: a time outside the years 0000 to 9999 in the key", repo.ErrInvalidKey, func(ctx context.Context) (any, error) {
			return of(days.Get(ctx, day{At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}))
		}},
		{"Put: the same in the key of an index", repo.ErrInvalidKey, put(with(func(o *order) {
			o.Status, o.PlacedAt = "open", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
		}))},
		{"Put: more digits than pad", repo.ErrInvalidKey, func(ctx context.Context) (any, error) { return of(events.Put(ctx, e)) }},
		{"Query: more digits than pad", repo.ErrInvalidKey, func(ctx context.Context) (any, error) {
			return of(events.Query(eventStream.Eq("s"), eventSeq.Ge(100_000_000)).First(ctx))
		}},
	}
}

func valueFaults(orders *repo.Repository[order], aliases *repo.Repository[alias]) []fault {
	put := func(edit func(*order)) func(context.Context) (any, error) {
		o := order{CustomerID: "c", ID: "o", PlacedAt: placedAt}
		edit(&o)
		return func(ctx context.Context) (any, error) { return of(orders.Put(ctx, o)) }
	}
	key := order{CustomerID: "c", ID: "o"}
	up := func(ch ...expr.Update[order]) func(context.Context) (any, error) {
		return func(ctx context.Context) (any, error) { return of(orders.Update(ctx, key, ch...)) }
	}
	return []fault{
		{"Put: NaN", repo.ErrInvalidValue, put(func(o *order) { o.Weight = math.NaN() })},
		{"Put: infinity", repo.ErrInvalidValue, put(func(o *order) { o.Weight = math.Inf(1) })},
		{"Update: NaN", repo.ErrInvalidValue, up(orderWeight.Set(math.NaN()))},
		{"Update: minus infinity is added", repo.ErrInvalidValue, up(orderWeight.Add(math.Inf(-1)))},
		{"If: NaN", repo.ErrInvalidValue, func(ctx context.Context) (any, error) {
			return of(orders.If(orderWeight.Gt(math.NaN())).Update(ctx, key, orderPaid.Set(true)))
		}},
		{"Put: invalid UTF-8 in a value", repo.ErrInvalidValue, put(func(o *order) { o.Notes = map[string]string{"k": "\xff"} })},
		{"Put: invalid UTF-8 in a map key", repo.ErrInvalidValue, put(func(o *order) { o.Notes = map[string]string{"\xff": "v"} })},
		{"Put: an empty map key", repo.ErrInvalidValue, put(func(o *order) { o.Notes = map[string]string{"": "v"} })},
		{"Put: invalid UTF-8 in a list element", repo.ErrInvalidValue, put(func(o *order) { o.Lines = []line{{SKU: "\xff"}} })},
		{"Put: an element twice in a set", repo.ErrInvalidValue, put(func(o *order) { o.Tags = []string{"a", "a"} })},
		{"Update: invalid UTF-8", repo.ErrInvalidValue, up(orderNotes.Key("k").Set("\xff"))},
		{"Update: a map key of invalid UTF-8", repo.ErrInvalidValue, up(orderNotes.Key("\xff").Set("v"))},
		{"Update: an empty map key", repo.ErrInvalidValue, up(orderNotes.Key("").Set("v"))},
		{"Update: a negative list index", repo.ErrInvalidValue, up(orderLines.At(-1).Set(line{}))},
		{"Create: over 400 KB", repo.ErrTooLarge, func(ctx context.Context) (any, error) {
			return of(orders.Create(ctx, order{CustomerID: "c", ID: "o", PlacedAt: placedAt, Notes: map[string]string{"k": strings.Repeat("x", 400*1024)}}))
		}},
		{"Put: over 400 KB in many parts", repo.ErrTooLarge, put(func(o *order) {
			o.Notes = map[string]string{}
			for i := range 500 {
				o.Notes[fmt.Sprint(i)] = strings.Repeat("x", 1000)
			}
		})},
		{"Decode: an item of another entity", repo.ErrWrongEntity, func(context.Context) (any, error) {
			return of(orders.Decode(row{"pk": str("CUSTOMER#c"), "sk": str("ORDER#o"), "_type": str("Other")}))
		}},
		{"Decode: an attribute of another kind", repo.ErrInvalidValue, func(context.Context) (any, error) {
			return of(orders.Decode(row{"pk": str("CUSTOMER#c"), "sk": str("ORDER#o"), "_type": str("Order"), "total": &types.AttributeValueMemberBOOL{}}))
		}},
		{"Decode: nothing", repo.ErrWrongEntity, func(context.Context) (any, error) { return of(orders.Decode(nil)) }},
		{"Put: the discriminator has another name", repo.ErrWrongEntity, func(ctx context.Context) (any, error) { return of(aliases.Put(ctx, alias{ID: "n", Kind: "Note"})) }},
	}
}

func updateFaults(orders *repo.Repository[order]) []fault {
	key := order{CustomerID: "c", ID: "o"}
	up := func(ch ...expr.Update[order]) func(context.Context) (any, error) {
		return func(ctx context.Context) (any, error) { return of(orders.Update(ctx, key, ch...)) }
	}
	return []fault{
		{"Update: no change", repo.ErrEmptyUpdate, up()},
		{"Update: zero changes only", repo.ErrEmptyUpdate, up(expr.Update[order]{}, expr.Update[order]{})},
		{"Upsert: no change", repo.ErrEmptyUpdate, func(ctx context.Context) (any, error) { return of(orders.Upsert(ctx, key)) }},
		{"Update: nothing is appended", repo.ErrEmptyUpdate, up(orderLines.Append())},
		{"Update: nothing is added to a set", repo.ErrEmptyUpdate, up(orderTags.Add())},
		{"Update: one path twice", repo.ErrInvalidValue, up(orderWeight.Set(1), orderWeight.Add(1))},
		{"Update: one map key twice", repo.ErrInvalidValue, up(orderNotes.Key("k").Set("a"), orderNotes.Key("k").Remove())},
		{"Update: a path and its parent", repo.ErrInvalidValue, up(orderShip.Set(address{}), orderZip.Set("z"))},
		{"Update: a list and its element", repo.ErrInvalidValue, up(orderLines.At(0).Remove(), orderLines.Append(line{}))},
		{"Update: set to nothing where there is none", repo.ErrInvalidValue, up(orderWeight.SetIfNotExists(0))},
		{"Update: a field of the partition key", repo.ErrImmutable, up(orderCustomer.Set("d"))},
		{"Update: a field of the sort key is removed", repo.ErrImmutable, up(orderID.Remove())},
		{"Upsert: a field of the key", repo.ErrImmutable, func(ctx context.Context) (any, error) { return of(orders.Upsert(ctx, key, orderID.Set("x"))) }},
		{"Update: over 300 operators", repo.ErrTooLarge, up(manyAppends(101)...)},
		{"Update: over 4 KB", repo.ErrTooLarge, up(manySets(600)...)},
	}
}

func manyAppends(n int) (out []expr.Update[order]) {
	for i := range n {
		out = append(out, expr.NestedNumber(orderLines.At(i), func(l *line) *int { return &l.Qty }).Add(1), expr.NestedString(orderLines.At(i), func(l *line) *string { return &l.SKU }).SetIfNotExists("s"))
	}
	return out
}

func manySets(n int) (out []expr.Update[order]) {
	for i := range n {
		out = append(out, orderNotes.Key(fmt.Sprint(i)).Set("v"))
	}
	return out
}

func staleFaults(orders *repo.Repository[order]) []fault {
	key := order{CustomerID: "c", ID: "o", Status: "open", PlacedAt: placedAt, Ship: address{City: "Bern"}, Total: 1}
	up := func(r *repo.Repository[order], ch ...expr.Update[order]) func(context.Context) (any, error) {
		return func(ctx context.Context) (any, error) { return of(r.Update(ctx, key, ch...)) }
	}
	return []fault{
		{"Update: a member is set and another unknown, whatever the example says", repo.ErrStaleIndex, up(orders, orderStatus.Set("open"))},
		{"Update: the other one is set", repo.ErrStaleIndex, up(orders, orderPlaced.Set(placedAt))},
		{"Update: arithmetic on a member", repo.ErrStaleIndex, up(orders, orderTotal.Add(1))},
		{"Update: SetIfNotExists on a member", repo.ErrStaleIndex, up(orders, orderStatus.SetIfNotExists("open"))},
		{"Update: a nested member is set and another unknown", repo.ErrStaleIndex, up(orders, orderCity.Set("Chur"))},
		{"Update: the struct of a nested member is set and another unknown", repo.ErrStaleIndex, up(orders, orderShip.Set(address{City: "Chur"}))},
		{"If: a pin below Or is none", repo.ErrStaleIndex, up(orders.If(expr.Or(orderPlaced.Eq(placedAt), orderPaid.Eq(true))), orderStatus.Set("open"))},
		{"If: a pin below Not is none", repo.ErrStaleIndex, up(orders.If(expr.Not(expr.Not(orderPlaced.Eq(placedAt)))), orderStatus.Set("open"))},
		{"If: a range is no pin", repo.ErrStaleIndex, up(orders.If(orderPlaced.Ge(placedAt), orderPlaced.Le(placedAt)), orderStatus.Set("open"))},
		{"If: a raw condition is no pin", repo.ErrStaleIndex, up(orders.If(expr.RawCond[order](expression.Name("placed_at").Equal(expression.Value("x")))), orderStatus.Set("open"))},
		{"If: a pin that the item was out of the index", repo.ErrStaleIndex, up(orders.If(orderStatus.Eq("closed")), orderStatus.Set("open"))},
		{"Upsert: a member is not among the changes", repo.ErrStaleIndex, func(ctx context.Context) (any, error) {
			return of(orders.Upsert(ctx, order{CustomerID: "c", ID: "o"}, orderPlaced.Set(placedAt), orderCity.Set("Chur"), orderStatus.Set("closed")))
		}},
	}
}

func requiredFaults(orders *repo.Repository[order]) []fault {
	key := order{CustomerID: "c", ID: "o"}
	return []fault{
		{"Create: a required field is empty", repo.ErrInvalidValue, func(ctx context.Context) (any, error) { return of(orders.Create(ctx, key)) }},
		{"Put: a required field is empty", repo.ErrInvalidValue, func(ctx context.Context) (any, error) { return of(orders.Put(ctx, key)) }},
		{"Update: a required field is set empty", repo.ErrInvalidValue, func(ctx context.Context) (any, error) {
			return of(orders.Update(ctx, key, orderPlaced.Set(time.Time{}), orderStatus.Set("closed")))
		}},
		{"Update: a required field is removed", repo.ErrInvalidValue, func(ctx context.Context) (any, error) {
			return of(orders.Update(ctx, key, orderPlaced.Remove(), orderStatus.Set("closed")))
		}},
		{"Upsert: a required field is not set", repo.ErrInvalidValue, func(ctx context.Context) (any, error) { return of(orders.Upsert(ctx, key, orderWeight.Set(1))) }},
	}
}

func conditionFaults(orders *repo.Repository[order]) []fault {
	key := order{CustomerID: "c", ID: "o", PlacedAt: placedAt}
	in := func(n int) []int64 { return make([]int64, n) }
	up := func(conds ...expr.Cond[order]) func(context.Context) (any, error) {
		return func(ctx context.Context) (any, error) {
			return of(orders.If(conds...).Update(ctx, key, orderPaid.Set(true)))
		}
	}
	return []fault{
		{"If: In of nothing", repo.ErrInvalidValue, up(orderTotal.In())},
		{"If: In of 101", repo.ErrTooLarge, up(orderTotal.In(in(101)...))},
		{"Filter: In of nothing", repo.ErrInvalidValue, func(ctx context.Context) (any, error) {
			return of(orders.Query(orderCustomer.Eq("c")).Filter(orderWeight.In()).First(ctx))
		}},
		{"If: over 300 operators", repo.ErrTooLarge, up(many(orderPaid.Eq(true), 301)...)},
		{"If: over 4 KB", repo.ErrTooLarge, up(many(orderTotal.In(in(100)...), 12)...)},
		{"Filter: over 4 KB", repo.ErrTooLarge, func(ctx context.Context) (any, error) {
			return of(orders.Query(orderCustomer.Eq("c")).Filter(many(orderWeight.In(make([]float64, 100)...), 12)...).First(ctx))
		}},
		{"If: Or of nothing", repo.ErrInvalidValue, up(expr.Or[order]())},
		{"If: Not of the zero condition", repo.ErrInvalidValue, up(expr.Not(expr.Cond[order]{}))},
		{"If: an order of what has none", repo.ErrInvalidValue, up(orderPaid.Lt(true))},
		{"If: a field compared with itself", repo.ErrInvalidValue, up(orderTotal.EqAttr(orderTotal))},
		{"If: fields stored in different ways", repo.ErrInvalidValue, up(orderPlaced.LtAttr(orderDue))},
		{"If: a raw condition that cannot be written", repo.ErrInvalidValue, up(expr.RawCond[order](expression.ConditionBuilder{}))},
		{"Put: a condition that is wrong", repo.ErrInvalidValue, func(ctx context.Context) (any, error) { return of(orders.If(orderTotal.In()).Put(ctx, key)) }},
		{"Delete: a condition that is wrong", repo.ErrInvalidValue, func(ctx context.Context) (any, error) { return nil, orders.If(orderTotal.In()).Delete(ctx, key) }},
	}
}

func many[T any](c expr.Cond[T], n int) []expr.Cond[T] {
	out := make([]expr.Cond[T], n)
	for i := range out {
		out[i] = c
	}
	return out
}

func queryFaults(orders *repo.Repository[order], events *repo.Repository[event]) []fault {
	find := func(q repo.Query[order]) func(context.Context) (any, error) {
		return func(ctx context.Context) (any, error) { return of(repo.Collect(q.All(ctx))) }
	}
	c := orderCustomer.Eq("c")
	return []fault{
		{"Query: no conditions, and no index without fields", repo.ErrNoIndex, find(orders.Query())},
		{"Query: a field of no key", repo.ErrNoIndex, find(orders.Query(orderWeight.Eq(1)))},
		{"Query: the sort key alone", repo.ErrNoIndex, find(orders.Query(orderID.Eq("o")))},
		{"Query: a range on the partition key", repo.ErrNoIndex, find(orders.Query(orderCustomer.Gt("c")))},
		{"Query: a range behind a range", repo.ErrNoIndex, find(orders.Query(orderStatus.Eq("open"), orderPlaced.Gt(placedAt), orderID.Gt("o")))},
		{"Query: a member is skipped", repo.ErrNoIndex, find(orders.Query(orderStatus.Eq("open"), orderID.Eq("o")))},
		{"Query: one more condition than a key has room for", repo.ErrNoIndex, find(orders.Query(c, orderTotal.Eq(1)))},
		{"Query: Ne", repo.ErrNoIndex, find(orders.Query(c, orderID.Ne("o")))},
		{"Query: Or", repo.ErrNoIndex, find(orders.Query(expr.Or(c, orderCustomer.Eq("d"))))},
		{"Query: a raw condition", repo.ErrNoIndex, find(orders.Query(c, expr.RawCond[order](expression.Name("x").AttributeExists())))},
		{"Query: Exists", repo.ErrNoIndex, find(orders.Query(c, orderID.Exists()))},
		{"Query: only a sparse index, by its when", repo.ErrNoIndex, find(orders.Query(orderStatus.Eq("closed")))},
		{"Query: only a sparse index, by a field that may be empty", repo.ErrNoIndex, func(ctx context.Context) (any, error) { return of(events.Query(eventAgent.Eq("a")).First(ctx)) }},
		{"Query: an index consistently", repo.ErrNoIndex, find(orders.Query(orderStatus.Eq("open")).Consistent())},
		{"Query: an index by name, consistently", repo.ErrNoIndex, find(orders.Consistent().Query(orderStatus.Eq("open")).Index("gsi1"))},
		{"Query: an index that is not there", repo.ErrNoIndex, find(orders.Query(c).Index("gsi9"))},
		{"Query: an index that the type does not declare", repo.ErrNoIndex, find(orders.Query(c).Index("gsi3"))},
		{"Query: an index that does not serve it, by name", repo.ErrNoIndex, find(orders.Query(c).Index("gsi1"))},
		{"Query: a prefix and a range of one field", repo.ErrNoIndex, find(orders.Query(c, orderID.HasPrefix("o"), orderID.Gt("o1")))},
		{"Query: two prefixes of one field", repo.ErrNoIndex, find(orders.Query(c, orderID.HasPrefix("o"), orderID.HasPrefix("o1")))},
		{"Count: no index", repo.ErrNoIndex, func(ctx context.Context) (any, error) { return of(orders.Query(orderWeight.Eq(1)).Count(ctx)) }},
		{"Page: no index", repo.ErrNoIndex, func(ctx context.Context) (any, error) { return of(orders.Query(orderWeight.Eq(1)).Page(ctx, "")) }},
		{"Input: no index", repo.ErrNoIndex, func(context.Context) (any, error) { return of(orders.Query(orderWeight.Eq(1)).Input()) }},
		{"Limit 0", repo.ErrInvalidValue, find(orders.Query(c).Limit(0))},
		{"Limit -1", repo.ErrInvalidValue, find(orders.Query(c).Limit(-1))},
		{"PageSize 0", repo.ErrInvalidValue, find(orders.Query(c).PageSize(0))},
		{"PageSize -1", repo.ErrInvalidValue, func(ctx context.Context) (any, error) { return of(orders.Query(c).PageSize(-1).Page(ctx, "")) }},
	}
}

func readFaults(orders *repo.Repository[order]) []fault {
	conditional := orders.If(orderStatus.Eq("open"))
	key := order{CustomerID: "c", ID: "o", PlacedAt: placedAt}
	c := orderCustomer.Eq("c")
	return []fault{
		{"If: Get", errors.ErrUnsupported, func(ctx context.Context) (any, error) { return of(conditional.Get(ctx, key)) }},
		{"If: Create", errors.ErrUnsupported, func(ctx context.Context) (any, error) { return of(conditional.Create(ctx, key)) }},
		{"If: Query", errors.ErrUnsupported, func(ctx context.Context) (any, error) { return of(conditional.Query(c).First(ctx)) }},
		{"If: Count", errors.ErrUnsupported, func(ctx context.Context) (any, error) { return of(conditional.Query(c).Count(ctx)) }},
		{"If: Scan", errors.ErrUnsupported, func(ctx context.Context) (any, error) { return of(repo.Collect(conditional.Scan().All(ctx))) }},
		{"Scan: an index that is not there", repo.ErrNoIndex, func(ctx context.Context) (any, error) { return of(repo.Collect(orders.Scan().Index("gsi9").All(ctx))) }},
		{"Scan: an index consistently", repo.ErrNoIndex, func(ctx context.Context) (any, error) {
			return of(repo.Collect(orders.Consistent().Scan().Index("gsi1").All(ctx)))
		}},
		{"Scan: Limit 0", repo.ErrInvalidValue, func(ctx context.Context) (any, error) { return of(repo.Collect(orders.Scan().Limit(0).All(ctx))) }},
		{"Scan: a filter that is wrong", repo.ErrInvalidValue, func(ctx context.Context) (any, error) { return of(orders.Scan().Filter(orderTotal.In()).Count(ctx)) }},
		{"Scan: a cursor that is none", repo.ErrInvalidCursor, func(ctx context.Context) (any, error) { return of(orders.Scan().Page(ctx, "x")) }},
		{"Query: a cursor that is none", repo.ErrInvalidCursor, func(ctx context.Context) (any, error) { return of(orders.Query(c).Page(ctx, "x")) }},
	}
}

// Every kind of faulty call: its sentinel, its whole text, the zero value beside it, and nothing sent.
func TestFaultyCallsSendNothing(t *testing.T) {
	c := &calls{answer: true}
	var out strings.Builder
	seen := map[string]bool{}
	for _, f := range faults(c) {
		if f.reason == "" || seen[f.reason] {
			t.Fatalf("the reason %q is missing or given twice", f.reason)
		}
		seen[f.reason] = true
		v, err := f.call(t.Context())
		if !errors.Is(err, f.want) {
			t.Errorf("%s: the error is %v, want %v", f.reason, err, f.want)
			continue
		}
		if n := c.n.Swap(0); n > 0 {
			t.Errorf("%s: %d requests were sent", f.reason, n)
		}
		if v != nil && !reflect.ValueOf(v).IsZero() {
			t.Errorf("%s: beside the error there is %+v", f.reason, v)
		}
		var where *repo.Error
		if !errors.As(err, &where) || where.Op == "" || where.Entity == "" {
			t.Errorf("%s: no verb or entity in %v", f.reason, err)
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the text has several lines: %v", f.reason, err)
		}
		out.WriteString("## " + f.reason + "\n" + err.Error() + "\n\n")
	}
	golden(t, "faults.txt", out.String())
}
