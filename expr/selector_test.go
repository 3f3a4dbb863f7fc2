package expr_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/monotable/monotable/expr"
)

func TestSelectors(t *testing.T) {
	for want, path := range map[string]fmt.Stringer{
		"ID":                expr.String(func(o *Order) *string { return &o.ID }),
		"Count":             expr.Number(func(o *Order) *int { return o.Count }),
		"Deep":              expr.Number(func(o *Order) *int { return *o.Deep }),
		"By":                expr.String(func(o *Order) *string { return &o.By }),
		"On":                expr.Field(func(o *Order) *time.Time { return &o.Audit.On }),
		"Ship":              expr.Field(func(o *Order) *Address { return &o.Ship }),
		"Ship.City":         city,
		"Ship.Zip":          expr.Field(func(o *Order) **int { return &o.Ship.Zip }),
		"Bill":              expr.Field(func(o *Order) *Address { return o.Bill }),
		"Bill.City":         expr.String(func(o *Order) *string { return &o.Bill.City }),
		"Bill.Zip":          expr.Number(func(o *Order) *int { return o.Bill.Zip }),
		"Blob":              expr.Field(func(o *Order) *[]byte { return &o.Blob }),
		"Lines[0].SKU":      sku,
		"Lines[7]":          items.At(7),
		"Notes[key]":        notes.Key("k"),
		"Grid[1][2]":        expr.NestedList(expr.List(func(o *Order) *[][]string { return &o.Grid }).At(1), func(s *[]string) *[]string { return s }).At(2),
		"Parcels[0].Qty":    expr.NestedNumber(expr.List(func(o *Order) *[]*Line { return &o.Parcels }).At(0), func(l **Line) *int { return &(*l).Qty }),
		"Keyed[key].Labels": expr.NestedSet(keyed.Key(Key{"a", "b"}), func(l *Line) *[]string { return &l.Labels }),
		"size(Lines)":       items.Size(),
	} {
		if got := path.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := bill.Node().Member(); got != "Bill" {
		t.Errorf("member %q", got)
	}
}

// Embedded structs that are pointers, unexported, or hide each other.
type base struct {
	Made string `dynamodbav:"made"`
	Same string `dynamodbav:"same"`
}

type Owner struct {
	Name string `dynamodbav:"name"`
}

type embedding struct {
	base
	*Owner
	Same string `dynamodbav:"same"`
}

func TestEmbedded(t *testing.T) {
	made := expr.String(func(e *embedding) *string { return &e.Made })
	name := expr.String(func(e *embedding) *string { return &e.Name })
	same := expr.String(func(e *embedding) *string { return &e.Same })
	for want, got := range map[string]string{
		`made = "x"`: cond(t, made.Eq("x")),
		`name = "x"`: cond(t, name.Eq("x")),
		`same = "x"`: cond(t, same.Eq("x")),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	mustPanic(t, "must return the address of a field", func() { expr.String(func(e *embedding) *string { return &e.base.Same }) })
}

type sizeless struct {
	A struct{} `dynamodbav:"a"`
	B struct{} `dynamodbav:"b"`
}

type broken struct {
	A string `dynamodbav:"a,omitempy"`
	B chan int
}

var elsewhere string

func TestBadSelectors(t *testing.T) {
	const field = "the selector must return the address of a field of expr_test.Order that is stored, such as &x.Field"
	for _, c := range []struct {
		reason  string
		declare func()
		text    string
	}{
		{"nil", func() { expr.String[Order, string](nil) }, "expr.String(func(*expr_test.Order) *string): the selector is nil"},
		{"an address that is nil", func() { expr.String(func(*Order) *string { return nil }) }, "expr.String(func(*expr_test.Order) *string): " + field},
		{"an address elsewhere", func() { expr.String(func(*Order) *string { return &elsewhere }) }, "expr.String(func(*expr_test.Order) *string): " + field},
		{"a field that is not stored", func() { expr.String(func(o *Order) *string { return &o.Cache }) }, field},
		{"an unexported field", func() { expr.String(func(o *Order) *string { return &o.hidden }) }, field},
		{"the entity itself", func() { expr.Field(func(o *Order) *Order { return o }) }, "expr.Field(func(*expr_test.Order) *expr_test.Order): " + field},
		{"an embedded struct, which is no attribute", func() { expr.Field(func(o *Order) *Audit { return &o.Audit }) }, field},
		{"an element of a list", func() { expr.String(func(o *Order) *string { return &o.Lines[0].SKU }) }, "the selector panicked (runtime error: index out of range [0] with length 0); it must return the address of a field, and elements of lists and maps have At, Key and Nested"},
		{"a list of what is a set", func() { expr.List(func(o *Order) *[]string { return &o.Tags }) }, "expr.List(func(*expr_test.Order) *[]string): Tags is stored as a set; use expr.Set"},
		{"a list of what is always a set", func() { expr.List(func(o *Order) *[][]byte { return &o.Hashes }) }, "Hashes is stored as a set; use expr.Set"},
		{"a list of what is binary", func() { expr.List(func(o *Order) *[]byte { return &o.Blob }) }, "Blob is stored as binary; use expr.Field"},
		{"a list of what encodes itself", func() { expr.List(func(o *Order) *Sealed { return &o.Sealed }) }, "Sealed is stored by an encoding of its own; use expr.Field"},
		{"a set of what is a list", func() { expr.Set(func(o *Order) *[]int { return &o.Stops }) }, "Stops is stored as a list; use expr.List, or make it a set by the tag stringset, numberset or binaryset"},
		{"fields without size", func() { expr.Field(func(s *sizeless) *struct{} { return &s.A }) }, "fields without size, such as A and B, cannot be told apart by their address"},
		{"a type with problems, all of them", func() { expr.String(func(b *broken) *string { return &b.A }) }, `unknown option "omitempy"`},
		{"a type with problems, all of them", func() { expr.String(func(b *broken) *string { return &b.A }) }, "chan int"},
		{"a type that is no struct", func() { expr.String(func(s *string) *string { return s }) }, "must return the address of a field of string"},
		{"a field below an element", func() { expr.Nested(items.At(0), func(*Line) *string { return &elsewhere }) }, "expr.Nested(func(*expr_test.Line) *string): the selector must return the address of a field of expr_test.Line"},
	} {
		t.Run(c.reason, func(t *testing.T) { mustPanic(t, c.text, c.declare) })
	}
}

func mustPanic(t *testing.T, text string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), text) {
			t.Errorf("got  %v\nwant %s", r, text)
		}
	}()
	f()
}
