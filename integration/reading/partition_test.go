package reading

import (
	"errors"
	"flag"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// piece is an item of a collection as the model has it: orders are those without a number, and customers those without an order.
type piece struct {
	order string
	num   int // of a line, from 1
	total int // of an order
	other string
}

func (p piece) String() string {
	switch {
	case p.other != "":
		return "other " + p.other
	case p.order == "":
		return "customer"
	case p.num == 0:
		return fmt.Sprintf("order %s %d", p.order, p.total)
	}
	return fmt.Sprintf("line %s %d", p.order, p.num)
}

// before is the order of the collection: customers, then orders, each with its lines behind it.
func before(a, b piece) int {
	if c := strings.Compare(a.order, b.order); c != 0 {
		return c
	}
	if c := a.num - b.num; c != 0 {
		return c
	}
	return strings.Compare(a.other, b.other)
}

func named(v any) string {
	switch v := v.(type) {
	case customer:
		return "customer"
	case order:
		return fmt.Sprintf("order %s %d", v.Order, v.Total)
	case line:
		return fmt.Sprintf("line %s %d", v.Order, v.Num)
	case repo.UnknownRow:
		return "other " + v.Item["name"].(*types.AttributeValueMemberS).Value
	}
	return fmt.Sprintf("%T", v)
}

// A collection yields every item of its types once, in order of the keys, whatever bounds, filters, directions, limits and page sizes.
func TestCollectionEqualsFilteringAndSorting(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); !soak && f.Value.String() == f.DefValue {
		_ = flag.Set("rapid.checks", "60")
		defer func() { _ = flag.Set("rapid.checks", f.DefValue) }()
	}
	var n struct{ Runs, Asked, WithItems, Items, Unknown, Sharded int }
	rapid.Check(t, func(rt *rapid.T) {
		n.Runs++
		c, e := opened(t)
		customers, orders, lines := must[customer](t, c, orderTable), must[order](t, c, orderTable), must[line](t, c, orderTable)
		create(t, e, orderTable, customers, orders, lines)
		var all []piece
		add := func(p piece) bool {
			if slices.ContainsFunc(all, func(q piece) bool { return before(p, q) == 0 }) {
				return false
			}
			all = append(all, p)
			return true
		}
		name := func(t *rapid.T) string { return rapid.SampledFrom(words).Draw(t, "order").(string) }
		for i := range rapid.IntRange(5, 30).Draw(rt, "items") {
			switch p := (piece{order: name(rt)}); rapid.IntRange(0, 5).Draw(rt, "type") {
			case 0:
				if add(piece{}) {
					put(t, customers, customer{ID: "c"})
				}
			case 1:
				p.other = fmt.Sprint(i)
				all = append(all, p)
				sk := "O#" + escaped(p.order) + "#X#" + fmt.Sprintf("%03d", i)
				plant(t, e, orderTable, map[string]types.AttributeValue{"pk": str("C#c"), "sk": str(sk), "_type": str("Extra"), "name": str(p.other)})
			case 2, 3:
				if p.total = i % 3; add(p) {
					put(t, orders, order{Customer: "c", Order: p.order, Total: p.total})
				}
			default:
				if p.num = 1 + i%4; add(p) {
					put(t, lines, line{Customer: "c", Order: p.order, Num: p.num})
				}
			}
		}
		put(t, orders, order{Customer: "d", Order: "a"})
		for range 6 {
			n.Asked++
			index := rapid.Bool().Draw(rt, "index")
			p := orders.Partition(order{Customer: "c"})
			if index {
				p = orders.IndexPartition("feed", order{Customer: "c"})
			}
			keep := func(q piece) bool { return !index || q.order != "" && q.other == "" } // who is in the index
			also := func(more func(piece) bool) {
				so := keep
				keep = func(q piece) bool { return so(q) && more(q) }
			}
			if rapid.Bool().Draw(rt, "where") {
				k := kind{fields: []field{{name: "Order", pool: words}}}
				a := k.drawAsk(rt, "Order", struct{ Order string }{name(rt)}, false)
				p = p.Where(text(orderOrder)(a))
				also(func(q piece) bool { return q.order != "" && a.matches(q.order) })
			}
			if rapid.Bool().Draw(rt, "filter") {
				p = p.Filter(orderTotal.Ge(1))
				also(func(q piece) bool { return q.order == "" || q.num > 0 || q.other != "" || q.total >= 1 })
			}
			members := []repo.Member{customers, orders, lines}
			if rapid.Bool().Draw(rt, "no lines") {
				members = members[:2]
			}
			unknown := rapid.Bool().Draw(rt, "unknown")
			if unknown {
				p = p.Unknown()
				n.Unknown++
			}
			var want []string
			sorted := slices.Clone(all)
			slices.SortStableFunc(sorted, func(a, b piece) int {
				if c := before(a, b); a.order != b.order || a.other == "" && b.other == "" {
					return c
				}
				return strings.Compare(extraLast(a), extraLast(b)) // #L# stands before #X#
			})
			for _, q := range sorted {
				asked := q.other == "" && (q.num == 0 || len(members) == 3)
				if !keep(q) || !asked && !unknown {
					continue
				}
				if !asked && q.other == "" {
					want = append(want, "row")
				} else {
					want = append(want, q.String())
				}
			}
			desc := rapid.Bool().Draw(rt, "desc")
			if desc {
				p = p.Desc()
				slices.Reverse(want)
			}
			if size := rapid.IntRange(0, 4).Draw(rt, "page size"); size > 0 {
				p = p.PageSize(size)
			}
			limit := rapid.IntRange(0, 12).Draw(rt, "limit")
			if limit > 0 {
				p, want = p.Limit(limit), want[:min(limit, len(want))]
			}
			var got []string
			for v, err := range p.Items(t.Context(), members...) {
				if err != nil {
					rt.Fatal(err)
				}
				if row, ok := v.(repo.UnknownRow); ok && row.Item["name"] == nil {
					got = append(got, "row")
					continue
				}
				got = append(got, named(v))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				rt.Fatalf("index %v desc %v limit %d: -want +got\n%s", index, desc, limit, diff)
			}
			if len(got) > 0 {
				n.WithItems++
			}
			n.Items += len(got)
			if index {
				n.Sharded++
			}
			// Load is the same in groups.
			var who customer
			var there bool
			var their []order
			var items []line
			var rest []map[string]types.AttributeValue
			into := []repo.Loader{repo.One(customers, &who).Found(&there), repo.Many(orders, &their)}
			if len(members) == 3 {
				into = append(into, repo.Many(lines, &items))
			}
			if unknown {
				into = append(into, repo.Rest(&rest))
			}
			if err := p.Load(t.Context(), into...); err != nil {
				rt.Fatal(err)
			}
			count := map[string]int{}
			for _, s := range want {
				what, _, _ := strings.Cut(s, " ")
				count[what]++
			}
			if there != (count["customer"] == 1) || len(their) != count["order"] || len(items) != count["line"] || len(rest) != count["other"]+count["row"] {
				rt.Fatalf("Load gives %v, %d, %d, %d; want %v", there, len(their), len(items), len(rest), count)
			}
		}
	})
	t.Logf("%+v", n)
	if n.WithItems*2 < n.Asked || n.Unknown == 0 || n.Sharded == 0 {
		t.Error("the property says too little")
	}
}

// extraLast orders what stands in one order: it, its lines, then what is planted.
func extraLast(p piece) string {
	if p.other != "" {
		return fmt.Sprintf("X%03s", p.other)
	}
	return fmt.Sprintf("L%03d", p.num)
}

// escaped is the text of a value in a key, by hand.
func escaped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] <= '$' {
			fmt.Fprintf(&b, "$%02X", s[i])
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// Where bounds the keys of all types by the fields that they begin with.
func TestCollectionBounds(t *testing.T) {
	c, e := opened(t)
	customers, orders, lines := must[customer](t, c, orderTable), must[order](t, c, orderTable), must[line](t, c, orderTable)
	create(t, e, orderTable, customers, orders, lines)
	put(t, customers, customer{ID: "c"})
	for _, name := range []string{"1", "10", "1#L#1", "2"} {
		put(t, orders, order{Customer: "c", Order: name})
		put(t, lines, line{Customer: "c", Order: name, Num: 1}, line{Customer: "c", Order: name, Num: 2})
	}
	one := func(name string) string { return fmt.Sprintf("order %s 0, line %[1]s 1, line %[1]s 2", name) }
	whole := strings.Join([]string{one("1"), one("1#L#1"), one("10"), one("2")}, ", ")
	for _, tc := range []struct {
		reason string
		where  []expr.Cond[order]
		want   string
	}{
		{"an order and its lines, and none of 10", []expr.Cond[order]{orderOrder.Eq("1")}, one("1")},
		{"from one on", []expr.Cond[order]{orderOrder.Ge("10")}, one("10") + ", " + one("2")},
		{"behind one, and its lines", []expr.Cond[order]{orderOrder.Gt("1")}, one("1#L#1") + ", " + one("10") + ", " + one("2")},
		{"up to one, with its lines", []expr.Cond[order]{orderOrder.Le("1")}, one("1")},
		{"before one", []expr.Cond[order]{orderOrder.Lt("10")}, one("1") + ", " + one("1#L#1")},
		{"between two", []expr.Cond[order]{orderOrder.Between("1#", "10")}, one("1#L#1") + ", " + one("10")},
		{"between two that are excluded", []expr.Cond[order]{orderOrder.Gt("1"), orderOrder.Lt("2")}, one("1#L#1") + ", " + one("10")},
		{"a prefix", []expr.Cond[order]{orderOrder.HasPrefix("1")}, one("1") + ", " + one("1#L#1") + ", " + one("10")},
		{"none", []expr.Cond[order]{orderOrder.Between("b", "a")}, ""},
		{"all", nil, "customer, " + whole},
	} {
		var got []string
		for v, err := range orders.Partition(order{Customer: "c"}).Where(tc.where...).Items(t.Context(), customers, orders, lines) {
			if err != nil {
				t.Fatalf("%s: %v", tc.reason, err)
			}
			got = append(got, named(v))
		}
		if diff := cmp.Diff(tc.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s: -want +got\n%s", tc.reason, diff)
		}
	}
	var got []string
	for v, err := range lines.Partition(line{Customer: "c"}).Where(lineOrder.Eq("1"), lineNum.Ge(2)).Items(t.Context(), customers, orders, lines) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, named(v))
	}
	if diff := cmp.Diff([]string{"line 1 2"}, got); diff != "" {
		t.Error(diff)
	}
}

// One wants one item, Rest takes what nobody else does, and the guards of unique values are nobody's.
func TestLoaders(t *testing.T) {
	c, e := opened(t)
	customers, orders := must[customer](t, c, orderTable), must[order](t, c, orderTable)
	create(t, e, orderTable, customers, orders)
	put(t, orders, order{Customer: "c", Order: "1"}, order{Customer: "c", Order: "2"})
	plant(t, e, orderTable, map[string]types.AttributeValue{"pk": str("C#c"), "sk": str("Z"), "_type": str("Extra"), "name": str("x")})
	ctx := t.Context()
	p := customers.Partition(customer{ID: "c"})
	who, first, there := customer{Name: "before"}, order{Order: "before"}, true
	if err := p.Load(ctx, repo.One(customers, &who)); !errors.Is(err, repo.ErrNotFound) || who.Name != "before" {
		t.Errorf("one of none: %v", err)
	}
	if err := p.Load(ctx, repo.One(orders, &first)); !errors.Is(err, repo.ErrInvalidValue) || first.Order != "before" {
		t.Errorf("one of two: %v", err)
	}
	if err := p.Load(ctx, repo.One(customers, &who).Found(&there)); err != nil || there || who.Name != "" {
		t.Errorf("one of none, asked for: %v %v %v", err, there, who)
	}
	var rest []map[string]types.AttributeValue
	if err := p.Load(ctx, repo.Many(orders, new([]order)), repo.Rest(&rest)); err != nil || len(rest) != 1 {
		t.Errorf("the rest: %d, %v", len(rest), err)
	}
	if err := p.Load(ctx, repo.Rest(&rest), repo.Rest(&rest)); !errors.Is(err, repo.ErrInvalidValue) {
		t.Errorf("two rests: %v", err)
	}
	many := []order{{Order: "before"}}
	if err := customers.Partition(customer{ID: "nobody"}).Load(ctx, repo.Many(orders, &many)); err != nil || many != nil {
		t.Errorf("many of none: %v, %v", many, err)
	}
	out, err := e.Client().Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String("orders"), KeyConditionExpression: aws.String("pk = :p"), ExpressionAttributeValues: map[string]types.AttributeValue{":p": str("C#c")},
	})
	if err != nil || len(out.Items) != 3 {
		t.Fatal(err)
	}
	n := 0
	for v, err := range p.Unknown().Items(ctx, customers) {
		row, ok := v.(repo.UnknownRow)
		if err != nil || !ok || !reflect.DeepEqual(row.Item["sk"], out.Items[n]["sk"]) || len(row.Item) != len(out.Items[n]) {
			t.Errorf("row %d: %T, %v", n, v, err)
		}
		n++
	}
	if n != 3 {
		t.Errorf("%d rows", n)
	}
}
