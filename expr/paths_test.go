package expr_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/monotable/monotable/expr"
)

// What each path offers, by its own types.
type equatable[T, V any] interface {
	expr.Attribute[T, V]
	Eq(V) expr.Cond[T]
	Ne(V) expr.Cond[T]
	In(...V) expr.Cond[T]
	Exists() expr.Cond[T]
	NotExists() expr.Cond[T]
	EqAttr(expr.Attribute[T, V]) expr.Cond[T]
	NeAttr(expr.Attribute[T, V]) expr.Cond[T]
	Set(V) expr.Update[T]
	SetIfNotExists(V) expr.Update[T]
	Remove() expr.Update[T]
}

var (
	_ equatable[Order, Status]            = status
	_ equatable[Order, int64]             = total
	_ equatable[Order, *Address]          = bill
	_ equatable[Order, []Line]            = items
	_ equatable[Order, []string]          = tags
	_ equatable[Order, map[string]string] = notes
	_ equatable[Order, Line]              = items.At(0)
	_ equatable[Order, string]            = notes.Key("k")
)

func TestConditions(t *testing.T) {
	noon := time.Date(2026, 1, 2, 13, 0, 0, 6, time.FixedZone("CET", 3600))
	count := expr.Number(func(o *Order) *int { return o.Count })
	stop := expr.NestedNumber(stops.At(1), func(n *int) *int { return n })
	for _, c := range []struct {
		reason string
		cond   expr.Cond[Order]
		want   string
	}{
		{"equality", status.Eq("open"), `status = "open"`},
		{"inequality", status.Ne("open"), `status <> "open"`},
		{"one of several", status.In("open", "paid"), `status IN ("open", "paid")`},
		{"one of none", status.In(), "error: Status: In needs at least one value: of none it could never hold"},
		{"a value that the tags leave out", title.Eq(""), `(attribute_not_exists (title)) OR (title = "")`},
		{"its opposite", title.Ne(""), `(attribute_exists (title)) AND (title <> "")`},
		{"existence", bill.Exists(), "attribute_exists (bill)"},
		{"absence", bill.NotExists(), "attribute_not_exists (bill)"},
		{"a nil pointer", bill.Eq(nil), "(attribute_not_exists (bill)) OR (bill = NULL)"},
		{"a pointer", bill.Eq(&Address{City: "Ulm"}), `bill = {city:"Ulm"}`},
		{"what a pointer points at is never left out", count.Eq(0), "count = 0"},
		{"less", total.Lt(5), "total < 5"},
		{"less or equal", total.Le(5), "total <= 5"},
		{"greater", total.Gt(5), "total > 5"},
		{"greater or equal", total.Ge(5), "total >= 5"},
		{"a range", total.Between(1, 5), "total BETWEEN 1 AND 5"},
		{"a reversed range", total.Between(5, 1), "(total >= 5) AND (total <= 1)"},
		{"a time, by the field's own encoding", placed.Lt(noon), `placed < "2026-01-02T12:00:00.000000006Z"`},
		{"a time in seconds, by the field's own encoding", expires.Gt(noon), "expires > 1767355200"},
		{"an ordering of a zero that the tags leave out", title.Gt(""), `title > ""`},
		{"a prefix", status.HasPrefix("o"), `begins_with (status, "o")`},
		{"the empty prefix of a field that is omitempty", title.HasPrefix(""), `begins_with (title, "")`},
		{"a part of text", city.Contains("l"), `contains (ship.city, "l")`},
		{"an element of a set", tags.Contains("x"), `contains (tags, "x")`},
		{"an element of a set of numbers", expr.Set(func(o *Order) *[]int { return &o.Sizes }).Contains(3), "contains (sizes, 3)"},
		{"an element of a list", stops.Contains(3), "contains (stops, 3)"},
		{"the size of a list", items.Size().Gt(2), "size (lines) > 2"},
		{"the size of a set", tags.Size().Le(2), "size (tags) <= 2"},
		{"the size of a map", notes.Size().Eq(2), "size (notes) = 2"},
		{"the other sizes", expr.And(items.Size().Ne(1), items.Size().Lt(2), items.Size().Ge(3)), "(attribute_exists (lines)) AND (size (lines) <> 1) AND (size (lines) < 2) AND (size (lines) >= 3)"},
		{"a field of a list element", sku.HasPrefix("A-"), `begins_with (lines[0].sku, "A-")`},
		{"an element as what it is", stop.Between(1, 2), "stops[1] BETWEEN 1 AND 2"},
		{"an element of an element", expr.NestedList(items.At(1), func(l *Line) *[]string { return &l.Serial }).At(2).Eq("x"), `lines[1].serial[2] = "x"`},
		{"a set in an element", expr.NestedSet(items.At(1), func(l *Line) *[]string { return &l.Labels }).Contains("x"), `contains (lines[1].labels, "x")`},
		{"a map in an element", expr.NestedMap(items.At(1), func(l *Line) *map[string]string { return &l.Props }).Key("a.b").Eq("x"), `lines[1].props.a.b = "x"`},
		{"a map value", notes.Key("a[0]").Eq("v"), `notes.a[0] = "v"`},
		{"a map value by a number", ranks.Key(-7).Ge(1), "ranks.-7 >= 1"},
		{"a field of a map value by a key with its own text", expr.Nested(keyed.Key(Key{"a", "b"}), func(l *Line) *int { return &l.Qty }).Eq(1), "keyed.a/b.qty = 1"},
		{"an attribute that equals another", title.EqAttr(city), "title = ship.city"},
		{"attributes of different kinds of paths", title.NeAttr(notes.Key("k")), "title <> notes.k"},
		{"the orderings of attributes", expr.And(title.LtAttr(city), title.LeAttr(city), title.GtAttr(city), title.GeAttr(city)), "(title < ship.city) AND (title <= ship.city) AND (title > ship.city) AND (title >= ship.city)"},
		{"no other attribute", title.EqAttr(nil), "error: a path is missing; make it with the functions of package expr"},
		{"all, one, and not", expr.And(total.Gt(1), expr.Or(city.Eq("x"), expr.Not(notes.Key("k").Eq("v")))), `(total > 1) AND ((ship.city = "x") OR (NOT (notes.k = "v")))`},
		{"all of one and of none", expr.And(expr.Cond[Order]{}, total.Gt(1), expr.And[Order]()), "total > 1"},
		{"one of no condition", expr.Or[Order](), "error: Or needs at least one condition"},
		{"not of no condition", expr.Not(expr.Cond[Order]{}), "error: Not needs a condition, and was given an empty one"},
		{"a raw condition", expr.RawCond[Order](expression.Name("x.y").AttributeExists()), "attribute_exists (x.y)"},
		{"an index below 0", items.At(-1).Exists(), "error: Lines[-1]: a list index must lie between 0 and 2147483647"},
		{"the zero path", expr.FieldPath[Order, int]{}.Eq(1), "error: a path is missing; make it with the functions of package expr"},
		{"the zero path of a list", expr.ListPath[Order, []int, int]{}.At(1).Exists(), "error: a path is missing; make it with the functions of package expr"},
		{"the zero path of a map", expr.MapPath[Order, map[string]int, string, int]{}.Key("a").Exists(), "error: a path is missing; make it with the functions of package expr"},
		{"an ordering of bools", expr.Field(func(o *Order) *bool { return &o.Paid }).Lt(true), "error: Paid: a bool has no order; compare for equality, or test for existence"},
		{"a field that encodes itself", expr.Field(func(o *Order) *Sealed { return &o.Sealed }).Eq(Sealed{"a", "b"}), `sealed = "a,b"`},
		{"a field of any type", expr.Field(func(o *Order) *any { return &o.Any }).Eq(3), "any = 3"},
	} {
		if got := cond(t, c.cond); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.reason, got, c.want)
		}
	}
	if expr.And[Order]().Node() != nil || expr.And[Order]().String() != "" {
		t.Error("And of nothing is a condition")
	}
}

func TestUpdates(t *testing.T) {
	stop := expr.NestedNumber(stops.At(1), func(n *int) *int { return n })
	serial := expr.NestedList(items.At(1), func(l *Line) *[]string { return &l.Serial })
	for _, c := range []struct {
		reason string
		update expr.Update[Order]
		want   string
	}{
		{"set", status.Set("paid"), `SET status = "paid"`},
		{"set of a value that the tags leave out", title.Set(""), "REMOVE title"},
		{"set of a zero time that the tags leave out", expires.Set(time.Time{}), "REMOVE expires"},
		{"set of a nil pointer", bill.Set(nil), "REMOVE bill"},
		{"set of a pointer", bill.Set(&Address{City: "Ulm"}), `SET bill = {city:"Ulm"}`},
		{"set of no map", notes.Set(nil), "REMOVE notes"},
		{"set of a set", tags.Set([]string{"a", "b"}), "SET tags = {a b}"},
		{"set of an empty set", tags.Set([]string{}), "REMOVE tags"},
		{"set where there is none", status.SetIfNotExists("open"), `SET status = if_not_exists(status, "open")`},
		{"set of nothing where there is none", title.SetIfNotExists(""), "error: Title: SetIfNotExists was given a value that the tags leave out of the item, so there is nothing to set; leave the change out"},
		{"remove", city.Remove(), "REMOVE ship.city"},
		{"add", total.Add(5), "ADD total 5"},
		{"add a fraction", weight.Add(0.5), "ADD weight 0.5"},
		{"subtract", total.Sub(2), "ADD total -2"},
		{"subtract from an unsigned number", stock.Sub(2), "ADD stock -2"},
		{"add in a list element", qty.Add(1), "SET lines[0].qty = if_not_exists(lines[0].qty, 0) + 1"},
		{"add to a list element", stop.Sub(1), "SET stops[1] = if_not_exists(stops[1], 0) + -1"},
		{"add to what is stored as text", expr.Number(func(o *Order) *int { return &o.Code }).Add(1), "error: Code: only numbers can be added to, and this is stored as text"},
		{"append", stops.Append(1, 2), "SET stops = list_append(if_not_exists(stops, []), [1 2])"},
		{"prepend", stops.Prepend(1), "SET stops = list_append([1], if_not_exists(stops, []))"},
		{"append of nothing", stops.Append(), "error: Stops: Append needs at least one element that is stored; leave the change out where there is none"},
		{"append in a list element", serial.Append("x"), `SET lines[1].serial = list_append(if_not_exists(lines[1].serial, []), ["x"])`},
		{"append to a list of its own type", expr.List(func(o *Order) *Names { return &o.Names }).Append("x"), `SET names = list_append(if_not_exists(names, []), ["x"])`},
		{"append of a list", expr.List(func(o *Order) *[][]string { return &o.Grid }).Append([]string{"a"}), `SET grid = list_append(if_not_exists(grid, []), [["a"]])`},
		{"set of a list element", stops.At(3).Set(0), "SET stops[3] = 0"},
		{"set of a list element to nil", expr.List(func(o *Order) *[]*Line { return &o.Parcels }).At(0).Set(nil), "SET parcels[0] = NULL"},
		{"set of a map value", notes.Key("k").Set("v"), `SET notes.k = "v"`},
		{"add to a set", tags.Add("a", "b"), "ADD tags {a b}"},
		{"add of nothing to a set", tags.Add(), "error: Tags: Add needs at least one element; leave the change out where there is none"},
		{"delete from a set", tags.Delete("c"), "DELETE tags {c}"},
		{"a set of binaries", expr.Set(func(o *Order) *[][]byte { return &o.Hashes }).Add([]byte{1}), "ADD hashes {[01]}"},
		{"a set of numbers", expr.Set(func(o *Order) *[]int { return &o.Sizes }).Add(3, 1), "ADD sizes {3 1}"},
		{"the zero update", expr.Update[Order]{}, "error: the update names no change"},
		{"the zero path", expr.NumberPath[Order, int]{}.Add(1), "error: a path is missing; make it with the functions of package expr"},
	} {
		if got := change(t, c.update); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.reason, got, c.want)
		}
	}
	if (expr.Update[Order]{}).String() != "" || total.Add(5).String() != "ADD Total ?" {
		t.Error("the text of an update")
	}
}

func TestBadMapKeys(t *testing.T) {
	for _, key := range []string{"", "\xff"} {
		if got := change(t, notes.Key(key).Set("v")); !strings.HasPrefix(got, "error: Notes[key]: ") {
			t.Errorf("key %q: %s", key, got)
		}
	}
}
