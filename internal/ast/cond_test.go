package ast

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
)

func TestConditions(t *testing.T) {
	status, title, total := field(t, "Status"), field(t, "Title"), field(t, "Total")
	bill, tags, list := field(t, "Bill"), field(t, "Tags"), field(t, "Lines")
	seven := 7
	for _, c := range []struct {
		reason string
		cond   *Cond
		want   string
	}{
		{"equality of a value that is stored", Compare(OpEq, status, of(status, "open")), lines("condition: #0 = :0", "#0 status", `:0 S "open"`)},
		{"inequality of a value that is stored holds for absence too, as DynamoDB has it", Compare(OpNe, status, of(status, "open")), lines("condition: #0 <> :0", "#0 status", `:0 S "open"`)},
		{"less", Compare(OpLt, total, of(total, int64(1))), lines("condition: #0 < :0", "#0 total", ":0 N 1")},
		{"less or equal", Compare(OpLe, total, of(total, int64(1))), lines("condition: #0 <= :0", "#0 total", ":0 N 1")},
		{"greater", Compare(OpGt, total, of(total, int64(1))), lines("condition: #0 > :0", "#0 total", ":0 N 1")},
		{"greater or equal", Compare(OpGe, total, of(total, int64(1))), lines("condition: #0 >= :0", "#0 total", ":0 N 1")},
		{"a zero that the tags keep is a value like any other", Compare(OpEq, status, of(status, "")), lines("condition: #0 = :0", "#0 status", `:0 S ""`)},
		{"a value that the tags leave out may be absent or stored", Compare(OpEq, title, of(title, "")), lines("condition: (attribute_not_exists (#0)) OR (#0 = :0)", "#0 title", `:0 S ""`)},
		{"its opposite", Compare(OpNe, title, of(title, "")), lines("condition: (attribute_exists (#0)) AND (#0 <> :0)", "#0 title", `:0 S ""`)},
		{"an ordering compares with the value itself, left out or not", Compare(OpGt, title, of(title, "")), lines("condition: #0 > :0", "#0 title", `:0 S ""`)},
		{"a nil pointer may be absent or NULL", Compare(OpEq, bill, of(bill, (*address)(nil))), lines("condition: (attribute_not_exists (#0)) OR (#0 = :0)", "#0 bill", ":0 NULL")},
		{"an empty set can only be absent", Compare(OpEq, tags, of(tags, []string{})), lines("condition: attribute_not_exists (#0)", "#0 tags")},
		{"the opposite of an empty set", Compare(OpNe, tags, of(tags, []string(nil))), lines("condition: attribute_exists (#0)", "#0 tags")},
		{"a value without the field's pointer", Compare(OpEq, field(t, "Count"), of(field(t, "Count"), 7)), lines("condition: #0 = :0", "#0 count", ":0 N 7")},
		{"a value with the field's pointer", Compare(OpEq, field(t, "Count"), of(field(t, "Count"), &seven)), lines("condition: #0 = :0", "#0 count", ":0 N 7")},
		{"a field's own encoding: epoch seconds", Compare(OpGt, field(t, "Until"), of(field(t, "Until"), time.Unix(99, 5))), lines("condition: #0 > :0", "#0 until", ":0 N 99")},
		{"a field's own encoding: nine digits in UTC", Compare(OpLt, field(t, "At"), of(field(t, "At"), time.Unix(0, 6).In(time.FixedZone("", 3600)))), lines("condition: #0 < :0", "#0 at", `:0 S "1970-01-01T00:00:00.000000006Z"`)},
		{"a field's own encoding: a number as text", Compare(OpEq, field(t, "Code"), of(field(t, "Code"), 4)), lines("condition: #0 = :0", "#0 code", `:0 S "4"`)},
		{"a field of a nested struct", Compare(OpEq, field(t, "Ship.City"), of(field(t, "Ship.City"), "Ulm")), lines("condition: #0.#1 = :0", "#0 ship", "#1 city", `:0 S "Ulm"`)},
		{"a field behind a pointer", Exists(field(t, "Bill.City")), lines("condition: attribute_exists (#0.#1)", "#0 bill", "#1 city")},
		{"a field of a list element", Compare(OpEq, lineField(t, 12, "SKU"), of(lineField(t, 12, "SKU"), "x")), lines("condition: #0[12].#1 = :0", "#0 lines", "#1 sku", `:0 S "x"`)},
		{"a map key that looks like a path", NotExists(field(t, "Notes").Key("a.b[0] OR #0")), lines("condition: attribute_not_exists (#0.#1)", "#0 notes", "#1 a.b[0] OR #0")},
		{"a plain attribute", Compare(OpEq, Attr("_type"), s("Order")), lines("condition: #0 = :0", "#0 _type", `:0 S "Order"`)},
		{"one of several", In(status, of(status, "a"), of(status, "b"), of(status, "c")), lines("condition: #0 IN (:0, :1, :2)", "#0 status", `:0 S "a"`, `:1 S "b"`, `:2 S "c"`)},
		{"one of one", In(status, of(status, "a")), lines("condition: #0 IN (:0)", "#0 status", `:0 S "a"`)},
		{"one of several, among them one that is left out", In(title, of(title, "a"), of(title, "")), lines("condition: (attribute_not_exists (#0)) OR (#0 IN (:0, :1))", "#0 title", `:0 S "a"`, `:1 S ""`)},
		{"one of nothing but empty sets", In(tags, of(tags, []string{})), lines("condition: attribute_not_exists (#0)", "#0 tags")},
		{"a range", Between(total, of(total, int64(1)), of(total, int64(1))), lines("condition: #0 BETWEEN :0 AND :1", "#0 total", ":0 N 1", ":1 N 1")},
		{"a range from a value that is left out", Between(title, of(title, ""), of(title, "m")), lines("condition: #0 BETWEEN :0 AND :1", "#0 title", `:0 S ""`, `:1 S "m"`)},
		{"a reversed range, which DynamoDB refuses, holds nowhere", Between(total, of(total, int64(10)), of(total, int64(9))), lines("condition: (#0 >= :0) AND (#0 <= :1)", "#0 total", ":0 N 10", ":1 N 9")},
		{"a reversed range of text", Between(status, of(status, "b"), of(status, "a")), lines("condition: (#0 >= :0) AND (#0 <= :1)", "#0 status", `:0 S "b"`, `:1 S "a"`)},
		{"a reversed range of binary", Between(field(t, "Hash"), of(field(t, "Hash"), []byte{2}), of(field(t, "Hash"), []byte{1, 9})), lines("condition: (#0 >= :0) AND (#0 <= :1)", "#0 hash", ":0 B 02", ":1 B 0109")},
		{"a prefix of text", BeginsWith(status, of(status, "o")), lines("condition: begins_with (#0, :0)", "#0 status", `:0 S "o"`)},
		{"a prefix of binary, which the SDK's package cannot say", And(BeginsWith(field(t, "Hash"), of(field(t, "Hash"), []byte{1})), BeginsWith(status, of(status, "o"))), lines("condition: (begins_with (#0, :0)) AND (begins_with (#1, :1))", "#0 hash", "#1 status", ":0 B 01", `:1 S "o"`)},
		{"a part of text", Contains(status, of(status, "pe")), lines("condition: contains (#0, :0)", "#0 status", `:0 S "pe"`)},
		{"an element of a set", Contains(tags, tags.Element(valueOf("x"))), lines("condition: contains (#0, :0)", "#0 tags", `:0 S "x"`)},
		{"an element of a list", Contains(list, list.Element(valueOf(line{"a", 1}))), lines("condition: contains (#0, :0)", "#0 lines", `:0 M {qty: N 1, sku: S "a"}`)},
		{"a size", Size(OpGe, list, n("2")), lines("condition: size (#0) >= :0", "#0 lines", ":0 N 2")},
		{"a comparison of attributes", CompareAttr(OpLe, total, field(t, "Other")), lines("condition: #0 <= #1", "#0 total", "#1 other")},
		{"an attribute and one within another", CompareAttr(OpNe, status, field(t, "Ship.City")), lines("condition: #0 <> #1.#2", "#0 status", "#1 ship", "#2 city")},
		{"all of several, one of them joined already", And(And(Exists(status), Exists(title)), nil, Exists(total)), lines("condition: (attribute_exists (#0)) AND (attribute_exists (#1)) AND (attribute_exists (#2))", "#0 status", "#1 title", "#2 total")},
		{"all of one is that one: DynamoDB refuses redundant brackets", And(nil, Or(And(Exists(status)))), lines("condition: attribute_exists (#0)", "#0 status")},
		{"one of several within all of several", And(Exists(status), Or(Exists(title), Or(NotExists(total), Not(Exists(bill))))), lines("condition: (attribute_exists (#0)) AND ((attribute_exists (#1)) OR (attribute_not_exists (#2)) OR (NOT (attribute_exists (#3))))", "#0 status", "#1 title", "#2 total", "#3 bill")},
		{"not of what is lowered", Not(Compare(OpEq, title, of(title, ""))), lines("condition: NOT ((attribute_not_exists (#0)) OR (#0 = :0))", "#0 title", `:0 S ""`)},
		{"one name has one placeholder, each value its own", And(Compare(OpGt, total, n("1")), Compare(OpNe, total, n("1"))), lines("condition: (#0 > :0) AND (#0 <> :1)", "#0 total", ":0 N 1", ":1 N 1")},
		{"a raw condition next to one of ours, of the same name", And(Exists(status), Raw(expression.Name("status").Equal(expression.Value("x")))), lines("condition: (attribute_exists (#0)) AND (#1 = :0)", "#0 status", "#1 status", `:0 S "x"`)},
		{"a raw condition with a path", Raw(expression.Name("a.b[3]").AttributeExists()), lines("condition: attribute_exists (#0.#1[3])", "#0 a", "#1 b")},
	} {
		t.Run(c.reason, func(t *testing.T) {
			e, err := Build(Request{Condition: c.cond})
			if err != nil {
				t.Fatal(err)
			}
			if got := show(e); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			again, err := Build(Request{Filter: c.cond})
			if err != nil || *again.Filter != *e.Condition || again.Condition != nil {
				t.Errorf("as a filter: %v, %v", again.Filter, err)
			}
			checkEstimate(t, c.cond, *e.Condition, e)
		})
	}
}

// checkEstimate compares what the limits are judged by with the text that was written.
func checkEstimate(t *testing.T, c *Cond, text string, e Expression) {
	t.Helper()
	operators, err := scan(text)
	if err != nil || operators != c.operators {
		t.Errorf("%d operators estimated, %d in %s (%v)", c.operators, operators, text, err)
	}
	if few := len(e.Names) <= 10 && len(e.Values) <= 10; c.chars > len(text) || few && c.chars != len(text) {
		t.Errorf("%d characters estimated, %d in %s", c.chars, len(text), text)
	}
}

func TestConditionText(t *testing.T) {
	status, total, note := field(t, "Status"), field(t, "Total"), field(t, "Notes").Key("secret")
	c := And(
		Compare(OpEq, status, of(status, "secret")), Or(Between(total, n("1"), n("2")), Not(In(note, s("secret"), s("b")))),
		Not(Or(Exists(status), NotExists(status))), Size(OpLt, note, n("3")), CompareAttr(OpGe, total, field(t, "Other")),
		BeginsWith(status, s("secret")), Contains(note, s("secret")), Raw(expression.Name("secret").AttributeExists()),
	)
	const want = "Status = ? AND (Total BETWEEN ? AND ? OR NOT (Notes[key] IN (?, ?))) AND " +
		"NOT (attribute_exists(Status) OR attribute_not_exists(Status)) AND size(Notes[key]) < ? AND Total >= Other AND " +
		"begins_with(Status, ?) AND contains(Notes[key], ?) AND (raw condition)"
	if got := c.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := And(nil).String(); got != "" {
		t.Errorf("no condition is %q", got)
	}
}

func TestWalk(t *testing.T) {
	status, total := field(t, "Status"), field(t, "Total")
	eq, lt := Compare(OpEq, status, s("a")), Compare(OpLt, total, n("1"))
	c := And(eq, Or(lt, Not(eq)), CompareAttr(OpEq, total, field(t, "Other")))
	var ops []Op
	c.Walk(func(c *Cond) bool { ops = append(ops, c.Op()); return true })
	want := []Op{OpAnd, OpEq, OpOr, OpLt, OpNot, OpEq, OpAttr}
	if len(ops) != len(want) {
		t.Fatalf("visited %v", ops)
	}
	for i := range want {
		if ops[i] != want[i] {
			t.Errorf("visited %v, want %v", ops, want)
		}
	}
	visited := 0
	if c.Walk(func(c *Cond) bool { visited++; return c.Op() != OpLt }) || visited != 4 {
		t.Errorf("%d nodes visited after being told to stop", visited)
	}
	if got := c.Conjuncts(); len(got) != 3 || got[0] != eq || got[0].Operand().AV == nil || got[0].Path().Member() != "Status" {
		t.Errorf("conjuncts %v", got)
	}
	if got := eq.Conjuncts(); len(got) != 1 || got[0] != eq {
		t.Errorf("conjuncts of one: %v", got)
	}
	if (*Cond)(nil).Conjuncts() != nil || !(*Cond)(nil).Walk(nil) {
		t.Error("no condition has conjuncts")
	}
	if last := c.Kids()[2]; last.Comparison() != OpEq || last.Other().Member() != "Other" {
		t.Errorf("%s lacks what it compares with", last)
	}
}

func TestConjunctsAreNotShared(t *testing.T) {
	status := field(t, "Status")
	base := And(Exists(status), Exists(status))
	_ = append(base.Conjuncts(), NotExists(status))
	a := And(base, Compare(OpEq, status, s("a")))
	b := And(base, Compare(OpEq, status, s("b")))
	if len(base.Kids()) != 2 || a.Kids()[2].Operand().AV == b.Kids()[2].Operand().AV {
		t.Error("conditions that were derived from one share their kids")
	}
}
