package ast

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"
)

// The whole language of expression text: placeholders from counters, list indexes, operators and functions. It is written down
// here once more, apart from the scanner that the package itself uses.
var grammar = regexp.MustCompile(`^(#\d+|:\d+|\[\d+\]|[.,() \n]|=|<>|<|<=|>|>=|\+|AND\b|OR\b|NOT\b|BETWEEN\b|IN\b|SET\b|REMOVE\b|ADD\b|DELETE\b|` +
	`attribute_exists\b|attribute_not_exists\b|begins_with\b|contains\b|size\b|if_not_exists\b|list_append\b)*$`)

var placeholders = regexp.MustCompile(`[#:]\d+`)

// hostile draws text that means something to expressions, to the package that writes them, or to Go.
func hostile(t *rapid.T, label string) string {
	if rapid.Bool().Draw(t, label+" is hostile") {
		return rapid.SampledFrom([]string{
			"a.b", "a[0]", "[1]", "]", "x]", "#0", ":0", ":1", "$n", "$v", "$c", "AND", "size", "a OR b", "a[0] OR size(x) > [1]", "'", `"`, " ", "#", ".", "é", "🙂", "_type",
		}).Draw(t, label)
	}
	return rapid.StringN(1, 8, -1).Draw(t, label)
}

// tree draws requests and keeps what they name and hold.
type tree struct {
	*rapid.T
	names  map[string]bool
	values map[types.AttributeValue]bool
}

func (t *tree) path() Path {
	name := hostile(t.T, "name")
	t.names[name] = true
	p := Attr(name)
	for range rapid.IntRange(0, 3).Draw(t.T, "steps") {
		if rapid.Bool().Draw(t.T, "index") {
			p = p.At(rapid.IntRange(0, 20).Draw(t.T, "index"))
			continue
		}
		key := hostile(t.T, "key")
		t.names[key] = true
		p = p.Key(key)
	}
	return p
}

func (t *tree) value() Operand {
	var av types.AttributeValue = &types.AttributeValueMemberS{Value: hostile(t.T, "value")}
	if rapid.Bool().Draw(t.T, "binary") {
		av = &types.AttributeValueMemberB{Value: []byte(hostile(t.T, "value"))}
	}
	t.values[av] = true
	return Value(av)
}

func (t *tree) operands() (all []Operand) {
	for range rapid.IntRange(1, 4).Draw(t.T, "count") {
		all = append(all, t.value())
	}
	return all
}

// prefix is apart from the other values, for the package makes a new value of its text.
func (t *tree) prefix() Operand {
	return Value(&types.AttributeValueMemberB{Value: []byte(hostile(t.T, "prefix"))})
}

func (t *tree) cond(depth int) *Cond {
	const joins = 3
	kind := rapid.IntRange(0, 14).Draw(t.T, "kind")
	if depth == 0 && kind < joins {
		kind += joins
	}
	switch kind {
	case 0:
		return And(t.cond(depth-1), t.cond(depth-1), t.cond(depth-1))
	case 1:
		return Or(t.cond(depth-1), t.cond(depth-1))
	case 2:
		return Not(t.cond(depth - 1))
	case 3:
		return Exists(t.path())
	case 4:
		return NotExists(t.path())
	case 5:
		return In(t.path(), t.operands()...)
	case 6:
		low, high := t.value(), t.value()
		return Between(t.path(), low, high)
	case 7:
		v := t.prefix()
		t.values[v.AV] = true
		return BeginsWith(t.path(), v)
	case 8:
		return Contains(t.path(), t.value())
	case 9:
		return Size(OpGe, t.path(), t.value())
	case 10:
		p := t.path()
		q := p.Key(hostile(t.T, "key"))
		t.names[q.last.name] = true
		return CompareAttr(OpLt, p, q)
	case 11:
		v := t.value()
		v.Absent = true
		return Compare(OpEq, t.path(), v)
	case 12:
		v := t.value()
		v.Absent = true
		return Compare(OpNe, t.path(), v)
	}
	return Compare(rapid.SampledFrom([]Op{OpEq, OpNe, OpLt, OpLe, OpGt, OpGe}).Draw(t.T, "op"), t.path(), t.value())
}

func (t *tree) change() Change {
	p := t.path()
	switch rapid.IntRange(0, 4).Draw(t.T, "change") {
	case 0:
		return Remove(p)
	case 1:
		return SetIfNotExists(p, t.value())
	case 2:
		v := Value(&types.AttributeValueMemberN{Value: "1"})
		t.values[v.AV] = true
		return Add(p, v)
	case 3:
		v := Value(&types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "x"}}})
		t.values[v.AV] = true
		return Append(p, v)
	}
	return Set(p, t.value())
}

func (t *tree) request() Request {
	r := Request{Condition: t.cond(3), Filter: t.cond(2)}
	for range rapid.IntRange(1, 4).Draw(t.T, "changes") {
		c := t.change()
		if !slices.ContainsFunc(r.Changes, func(other Change) bool { return other.path.Overlaps(c.path) }) {
			r.Changes = append(r.Changes, c)
			continue
		}
		// Drawn, but not used: what it named may be nowhere else.
		t.Skip("overlap")
	}
	return r
}

func TestTextHoldsOnlyPlaceholders(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tr := &tree{T: rt, names: map[string]bool{}, values: map[types.AttributeValue]bool{}}
		r := tr.request()
		e, err := Build(r)
		if err != nil {
			rt.Fatal(err)
		}
		text := *e.Condition + " " + *e.Filter + " " + *e.Update
		if !grammar.MatchString(text) {
			rt.Fatalf("text holds more than placeholders: %s", text)
		}
		checkUsed(rt, text, e)
		if names := slices.Sorted(maps.Values(e.Names)); !slices.Equal(names, slices.Sorted(maps.Keys(tr.names))) {
			rt.Fatalf("names %q, want %q", names, slices.Sorted(maps.Keys(tr.names)))
		}
		for _, av := range e.Values {
			if !tr.values[av] && !isDefault(av) {
				rt.Fatalf("%s is none of the operands", showValue(av))
			}
			delete(tr.values, av)
		}
		if len(tr.values) > 0 {
			rt.Fatalf("%d operands are missing", len(tr.values))
		}
		if operators, err := scan(*e.Condition); err != nil || operators != r.Condition.operators || r.Condition.chars > len(*e.Condition) {
			rt.Fatalf("estimated %d operators and %d characters: %d, %v, %s", r.Condition.operators, r.Condition.chars, operators, err, *e.Condition)
		}
	})
}

// isDefault is what an absent number and an absent list are taken for.
func isDefault(av types.AttributeValue) bool {
	return slices.Contains([]string{"N 0", "L []"}, showValue(av))
}

// checkUsed: each placeholder of the text is in its map, and each in a map is in the text.
func checkUsed(t *rapid.T, text string, e Expression) {
	used := map[string]bool{}
	for _, p := range placeholders.FindAllString(text, -1) {
		used[p] = true
		_, name := e.Names[p]
		_, value := e.Values[p]
		if name != strings.HasPrefix(p, "#") || value != strings.HasPrefix(p, ":") {
			t.Fatalf("%s is not defined: %s", p, text)
		}
	}
	if len(used) != len(e.Names)+len(e.Values) {
		t.Fatalf("%d placeholders are used, %d names and %d values defined: %s", len(used), len(e.Names), len(e.Values), text)
	}
}

// TestRawNamesStayApart: names that differ have placeholders that differ, whatever they look like, next to raw conditions too.
func TestRawNamesStayApart(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ours := fmt.Sprintf("%s%d", rapid.SampledFrom([]string{"#", ":", "x", "\xff"}).Draw(rt, "ours"), rapid.IntRange(0, 2).Draw(rt, "number"))
		raw := rapid.StringMatching(`[a-z#:]{1,3}`).Draw(rt, "raw")
		e, err := Build(Request{Condition: And(Exists(Attr(ours)), Raw(expression.NameNoDotSplit(raw).AttributeExists()))})
		if err != nil {
			rt.Fatal(err)
		}
		if *e.Condition != "(attribute_exists (#0)) AND (attribute_exists (#1))" || e.Names["#0"] != ours || e.Names["#1"] != raw {
			rt.Fatalf("%s %q", *e.Condition, e.Names)
		}
	})
}

// TestScanRefuses: a text that holds a name or a value does not pass for one of placeholders.
func TestScanRefuses(t *testing.T) {
	for _, text := range []string{"#0 = x", "#0[0] OR size(x) > [1]", "#a = :0", "#0 = 1", "#0 = 'x'", "#0.[0]", "#0[x]", `#0 = "x"`, "evil(#0)", "#0 ; #1", "[0]"} {
		if _, err := scan(text); err == nil {
			t.Errorf("%s is taken", text)
		}
		if grammar.MatchString(text) && text != "#0.[0]" && text != "[0]" {
			t.Errorf("%s is taken by the test's own grammar", text)
		}
	}
}
