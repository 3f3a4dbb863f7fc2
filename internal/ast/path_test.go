package ast

import "testing"

func TestPaths(t *testing.T) {
	notes := field(t, "Notes").Key("secret")
	for _, c := range []struct {
		reason, label, member, attribute string
		path                             Path
		nested                           bool
	}{
		{"a field", "Total", "Total", "total", field(t, "Total"), false},
		{"a field of a struct", "Ship.City", "Ship.City", "ship", field(t, "Ship.City"), true},
		{"a list element is no member", "Lines[2]", "", "lines", field(t, "Lines").At(2), true},
		{"neither is a field of one", "Lines[2].SKU", "", "lines", lineField(t, 2, "SKU"), true},
		{"a map key is not shown", "Notes[key]", "", "notes", notes, true},
		{"a plain attribute is no member", "gsi1pk", "", "gsi1pk", Attr("gsi1pk"), false},
		{"no path", "", "", "", Path{}, false},
	} {
		if c.path.String() != c.label || c.path.Member() != c.member || c.path.Attribute() != c.attribute {
			t.Errorf("%s: %q, %q, %q", c.reason, c.path, c.path.Member(), c.path.Attribute())
		}
		if !c.path.IsZero() && c.path.Nested() != c.nested {
			t.Errorf("%s: nested %v", c.reason, c.path.Nested())
		}
	}
	sku := lineField(t, 2, "SKU")
	if sku.FieldOf().Attr != "sku" || notes.FieldOf() != nil || (Path{}).FieldOf() != nil || sku.Top().Member() != "Lines" {
		t.Error("a path lost its field")
	}
	if sku.Value() == nil || Attr("pk").Value() != nil || notes.Value().Type().String() != "string" {
		t.Error("a path lost its codec")
	}
	up, ok := sku.Parent()
	if _, more := field(t, "Total").Parent(); !ok || up.String() != "Lines[2]" || more {
		t.Errorf("parent %s", up)
	}
}

func TestOverlaps(t *testing.T) {
	list, notes := field(t, "Lines"), field(t, "Notes")
	for _, c := range []struct {
		reason          string
		a, b            Path
		overlaps, equal bool
	}{
		{"itself", field(t, "Total"), field(t, "Total"), true, true},
		{"a field and a plain attribute of its name", field(t, "Total"), Attr("total"), true, true},
		{"two fields", field(t, "Total"), field(t, "Status"), false, false},
		{"a struct and its field", field(t, "Ship"), field(t, "Ship.City"), true, false},
		{"two fields of a struct", field(t, "Ship.Visits"), field(t, "Ship.City"), false, false},
		{"one name in two structs", field(t, "Bill.City"), field(t, "Ship.City"), false, false},
		{"a list and a field of its element", list, lineField(t, 0, "SKU"), true, false},
		{"one element", list.At(1), list.At(1), true, true},
		{"two elements", list.At(1), list.At(0), false, false},
		{"one field of two elements", lineField(t, 0, "SKU"), lineField(t, 1, "SKU"), false, false},
		{"one key", notes.Key("a"), notes.Key("a"), true, true},
		{"two keys", notes.Key("a"), notes.Key("b"), false, false},
		{"a key that looks like a path", notes.Key("a.b"), notes.Key("a"), false, false},
		{"an index and a key of the same text", list.At(0), list.Key("0"), false, false},
		{"nothing", Path{}, list, false, false},
	} {
		if c.a.Overlaps(c.b) != c.overlaps || c.b.Overlaps(c.a) != c.overlaps || c.a.Equal(c.b) != c.equal || c.b.Equal(c.a) != c.equal {
			t.Errorf("%s: %s and %s", c.reason, c.a, c.b)
		}
	}
}

func TestReversed(t *testing.T) {
	for _, c := range []struct {
		reason    string
		low, high Operand
		want      bool
	}{
		{"by value, not by text", n("9"), n("10"), false},
		{"by value, not by text, the other way", n("10"), n("9"), true},
		{"negative ones", n("-1"), n("-2"), true},
		{"beyond a float64", n("9007199254740993"), n("9007199254740992"), true},
		{"38 digits", n("99999999999999999999999999999999999999"), n("99999999999999999999999999999999999998"), true},
		{"exponents", n("1e125"), n("9.9e124"), true},
		{"equal", n("1.0"), n("1"), false},
		{"text by its bytes", s("Z"), s("a"), false},
		{"two kinds are for DynamoDB to judge", s("9"), n("1"), false},
		{"what is no number is for DynamoDB to judge", n("x"), n("1"), false},
	} {
		if got := reversed(c.low.AV, c.high.AV); got != c.want {
			t.Errorf("%s: %v", c.reason, got)
		}
	}
}
