package ast

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"
)

func TestRenamed(t *testing.T) {
	status, total, title, tags, city := field(t, "Status"), field(t, "Total"), field(t, "Title"), field(t, "Tags"), field(t, "Ship.City")
	for _, c := range []struct {
		reason string
		cond   *Cond
		want   string
	}{
		{"what holds of no absent attribute needs no other proof of presence", Compare(OpEq, status, of(status, "open")).Renamed("status", "state"),
			lines("condition: (#0 = :0) OR ((attribute_not_exists (#0)) AND (#1 = :1))", "#0 status", "#1 state", `:0 S "open"`, `:1 S "open"`)},
		{"what holds of an absent attribute does", Compare(OpNe, status, of(status, "open")).Renamed("status", "state"),
			lines("condition: ((attribute_exists (#0)) AND (#0 <> :0)) OR ((attribute_not_exists (#0)) AND (#1 <> :1))", "#0 status", "#1 state", `:0 S "open"`, `:1 S "open"`)},
		{"several names, the last one first", Exists(status).Renamed("status", "state", "st"),
			lines("condition: (attribute_exists (#0)) OR (attribute_exists (#1)) OR (attribute_exists (#2))", "#0 status", "#1 state", "#2 st")},
		{"absence under all of them", NotExists(status).Renamed("status", "state", "st"),
			lines("condition: (attribute_not_exists (#0)) AND (attribute_not_exists (#1)) AND (attribute_not_exists (#2))", "#0 status", "#1 state", "#2 st")},
		{"a comparison under each of them", Compare(OpLt, total, n("5")).Renamed("total", "sum", "amount"),
			lines("condition: (#0 < :0) OR ((attribute_not_exists (#0)) AND ((#1 < :1) OR ((attribute_not_exists (#1)) AND (#2 < :2))))", "#0 total", "#1 sum", "#2 amount", ":0 N 5", ":1 N 5", ":2 N 5")},
		{"a value that is left out", Compare(OpEq, title, of(title, "")).Renamed("title", "name"),
			lines("condition: ((attribute_not_exists (#0)) AND (attribute_not_exists (#1))) OR (#0 = :0) OR ((attribute_not_exists (#0)) AND (#1 = :1))", "#0 title", "#1 name", `:0 S ""`, `:1 S ""`)},
		{"a path below the attribute", NotExists(city).Renamed("ship", "address"),
			lines("condition: ((attribute_exists (#0)) AND (attribute_not_exists (#0.#1))) OR ((attribute_not_exists (#0)) AND (attribute_not_exists (#2.#1)))", "#0 ship", "#1 city", "#2 address")},
		{"both sides of a comparison", CompareAttr(OpLt, total, field(t, "Other")).Renamed("total", "sum").Renamed("other", "rest"),
			lines("condition: (#0 < #1) OR ((attribute_not_exists (#1)) AND (#0 < #2)) OR ((attribute_not_exists (#0)) AND ((#3 < #1) OR ((attribute_not_exists (#1)) AND (#3 < #2))))", "#0 total", "#1 other", "#2 rest", "#3 sum")},
		{"an element of a set", Contains(tags, s("x")).Renamed("tags", "labels"),
			lines("condition: (contains (#0, :0)) OR ((attribute_not_exists (#0)) AND (contains (#1, :1)))", "#0 tags", "#1 labels", `:0 S "x"`, `:1 S "x"`)},
		{"inside what joins conditions, which else stay", And(Exists(total), Not(Exists(status)), Exists(Attr("status"))).Renamed("status", "state"),
			lines("condition: (attribute_exists (#0)) AND (NOT ((attribute_exists (#1)) OR (attribute_exists (#2)))) AND (attribute_exists (#1))", "#0 total", "#1 status", "#2 state")},
	} {
		e, err := Build(Request{Condition: c.cond})
		if err != nil {
			t.Errorf("%s: %v", c.reason, err)
		} else if got := show(e); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.reason, got, c.want)
		}
	}
}

func TestRenamedStays(t *testing.T) {
	status := field(t, "Status")
	for reason, c := range map[string]*Cond{
		"nothing":                nil,
		"another field":          And(Exists(field(t, "Total")), Or(Exists(field(t, "Title")), Not(Exists(field(t, "Ship.City"))))),
		"a plain attribute":      Exists(Attr("status")),
		"a raw condition":        Raw(expression.Name("status").AttributeExists()),
		"an error":               And(Exists(status), Or()),
		"a value of another one": Compare(OpEq, field(t, "Title"), of(field(t, "Title"), "")),
	} {
		if c.Renamed("status", "state") != c {
			t.Errorf("%s: is another condition", reason)
		}
	}
	if c := Exists(status); c.Renamed("status") != c {
		t.Error("without former names it is another condition")
	}
	long := make([]Operand, maxIn)
	for i := range long {
		long[i] = s("x")
	}
	many := And(slices.Repeat([]*Cond{In(status, long...)}, 7)...)
	if many.Err() != nil {
		t.Fatal(many.Err())
	}
	if c := many.Renamed("status", "state"); !errors.Is(c.Err(), ErrTooLarge) {
		t.Errorf("a condition that grows beyond a limit: %v", c.Err())
	}
}

// TestRenamedMeansTheSame: of any row, the condition holds as the original does of the row under the names now.
func TestRenamedMeansTheSame(t *testing.T) {
	names := map[string][]string{"status": {"status", "state", "st"}, "total": {"total", "sum"}, "ship": {"ship", "address"}}
	both := map[bool]int{}
	rapid.Check(t, func(rt *rapid.T) {
		c := leaves{rt, t}.cond(3)
		renamed := c
		for _, attr := range slices.Sorted(maps.Keys(names)) {
			renamed = renamed.Renamed(attr, names[attr][1:]...)
		}
		for range 8 {
			row, now := map[string]types.AttributeValue{}, map[string]types.AttributeValue{}
			for _, attr := range slices.Sorted(maps.Keys(names)) {
				for _, name := range names[attr] {
					if rapid.Bool().Draw(rt, name) {
						row[name] = leaves{rt, t}.value(attr)
						if _, ok := now[attr]; !ok {
							now[attr] = row[name]
						}
					}
				}
			}
			want := holds(c, now)
			if both[want]++; holds(renamed, row) != want {
				rt.Fatalf("%s: %t of %v, and as renamed %s not of %v", c, want, now, renamed, row)
			}
		}
	})
	if both[true] < 50 || both[false] < 50 {
		t.Errorf("it held %d times and failed %d times", both[true], both[false])
	}
}

// leaves draws conditions about three attributes.
type leaves struct {
	*rapid.T
	tb testing.TB
}

func (l leaves) cond(depth int) *Cond {
	kind := rapid.IntRange(0, 10).Draw(l.T, "kind")
	if depth == 0 && kind < 3 {
		kind += 3
	}
	path := map[string]Path{"status": field(l.tb, "Status"), "total": field(l.tb, "Total"), "ship": field(l.tb, "Ship.City")}
	attr := rapid.SampledFrom([]string{"status", "total", "ship"}).Draw(l.T, "attribute")
	p, v := path[attr], Value(l.scalar(attr))
	v.Absent = rapid.Bool().Draw(l.T, "left out")
	switch kind {
	case 0:
		return And(l.cond(depth-1), l.cond(depth-1))
	case 1:
		return Or(l.cond(depth-1), l.cond(depth-1))
	case 2:
		return Not(l.cond(depth - 1))
	case 3:
		return Exists(p.Top())
	case 4:
		return NotExists(p)
	case 5:
		return In(p, v, Value(l.scalar(attr)))
	case 6:
		return CompareAttr(rapid.SampledFrom([]Op{OpEq, OpNe, OpLt}).Draw(l.T, "op"), path["status"], path["ship"])
	case 7:
		return BeginsWith(path["status"], Value(l.scalar("status")))
	}
	return Compare(rapid.SampledFrom([]Op{OpEq, OpNe, OpLt, OpGe}).Draw(l.T, "op"), p, v)
}

// scalar is what the attribute, or the field within it, is compared with. Numbers have one digit, so that they compare as text.
func (l leaves) scalar(attr string) types.AttributeValue {
	if attr == "total" {
		return &types.AttributeValueMemberN{Value: rapid.SampledFrom([]string{"1", "2"}).Draw(l.T, "number")}
	}
	return &types.AttributeValueMemberS{Value: rapid.SampledFrom([]string{"a", "b", "ab"}).Draw(l.T, "text")}
}

func (l leaves) value(attr string) types.AttributeValue {
	if attr != "ship" {
		return l.scalar(attr)
	}
	m := map[string]types.AttributeValue{}
	if rapid.Bool().Draw(l.T, "has a city") {
		m["city"] = l.scalar(attr)
	}
	return &types.AttributeValueMemberM{Value: m}
}

// holds evaluates a condition as DynamoDB does.
func holds(c *Cond, row map[string]types.AttributeValue) bool {
	if c.lowered != nil {
		c = c.lowered
	}
	kid := func(k *Cond) bool { return holds(k, row) }
	av, ok := c.path.In(row)
	switch c.op {
	case OpAnd:
		return !slices.ContainsFunc(c.kids, func(k *Cond) bool { return !holds(k, row) })
	case OpOr:
		return slices.ContainsFunc(c.kids, kid)
	case OpNot:
		return !kid(c.kids[0])
	case OpExists:
		return ok
	case OpNotExists:
		return !ok
	case OpAttr:
		other, there := c.other.In(row)
		return compared(c.compare, av, other, ok && there)
	case OpIn:
		return slices.ContainsFunc(c.operands, func(o Operand) bool { return compared(OpEq, av, o.AV, ok) })
	case OpBeginsWith:
		return ok && strings.HasPrefix(showValue(av), strings.TrimSuffix(showValue(c.operands[0].AV), `"`))
	}
	return compared(c.op, av, c.operands[0].AV, ok)
}

func compared(op Op, a, b types.AttributeValue, there bool) bool {
	if !there {
		return op == OpNe
	}
	x, y := showValue(a), showValue(b)
	if op != OpEq && op != OpNe && x[0] != y[0] {
		return false
	}
	switch order := strings.Compare(x, y); op {
	case OpEq:
		return order == 0
	case OpNe:
		return order != 0
	case OpLt:
		return order < 0
	}
	return strings.Compare(x, y) >= 0
}

func TestUnder(t *testing.T) {
	p := lineField(t, 2, "SKU").Under("rows")
	if e, err := Build(Request{Condition: Exists(p)}); err != nil || *e.Condition != "attribute_exists (#0[2].#1)" || e.Names["#0"] != "rows" {
		t.Errorf("%v, %v", e, err)
	}
	if p.String() != "Lines[2].SKU" || p.Attribute() != "rows" || lineField(t, 2, "SKU").Attribute() != "lines" {
		t.Errorf("%s, %s", p, p.Attribute())
	}
}
