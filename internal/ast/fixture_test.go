package ast

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/schema"
)

// order has a field for each thing that lowering treats in its own way.
type order struct {
	ID     string            `dynamodbav:"id"`
	Status string            `dynamodbav:"status"`
	Title  string            `dynamodbav:"title,omitempty"`
	Total  int64             `dynamodbav:"total"`
	Stock  uint              `dynamodbav:"stock,omitempty"`
	Count  *int              `dynamodbav:"count"`
	Paid   bool              `dynamodbav:"paid"`
	Code   int               `dynamodbav:"code,string"`
	Other  int               `dynamodbav:"other"`
	Until  time.Time         `dynamodbav:"until,unixtime"`
	At     time.Time         `dynamodbav:"at"`
	Hash   []byte            `dynamodbav:"hash"`
	Weight float64           `dynamodbav:"weight"`
	Ship   address           `dynamodbav:"ship"`
	Bill   *address          `dynamodbav:"bill,omitempty"`
	Lines  []line            `dynamodbav:"lines"`
	Opts   []string          `dynamodbav:"opts,omitemptyelem"`
	Tags   []string          `dynamodbav:"tags,stringset,omitempty"`
	Notes  map[string]string `dynamodbav:"notes,omitempty"`
	Slots  map[int]*int      `dynamodbav:"slots,omitemptyelem"`
}

type address struct {
	City   string   `dynamodbav:"city"`
	Visits int      `dynamodbav:"visits"`
	Labels []string `dynamodbav:"labels,stringset"`
}

type line struct {
	SKU string `dynamodbav:"sku"`
	Qty int    `dynamodbav:"qty"`
}

// field is the path of a dotted Go name in order.
func field(t testing.TB, dotted string) Path {
	t.Helper()
	s, err := schema.StructOf(reflect.TypeFor[order]())
	if err != nil {
		t.Fatal(err)
	}
	return within(t, Path{}, s, dotted)
}

func within(t testing.TB, p Path, s *schema.Struct, dotted string) Path {
	t.Helper()
	name, rest, more := strings.Cut(dotted, ".")
	c, err := codec.StructOf(s)
	if err != nil {
		t.Fatal(err)
	}
	f := s.ByName(name)
	if f == nil {
		t.Fatalf("no field %q", name)
	}
	p = p.Field(f, c.Field(f))
	if more {
		return within(t, p, f.Struct, rest)
	}
	return p
}

// lineField is the path of a field of the line at the index.
func lineField(t testing.TB, index int, name string) Path {
	t.Helper()
	s, err := schema.StructOf(reflect.TypeFor[line]())
	if err != nil {
		t.Fatal(err)
	}
	return within(t, field(t, "Lines").At(index), s, name)
}

func of(p Path, v any) Operand { return p.Operand(reflect.ValueOf(v)) }

func s(text string) Operand   { return Value(&types.AttributeValueMemberS{Value: text}) }
func n(number string) Operand { return Value(&types.AttributeValueMemberN{Value: number}) }

// show writes an expression out on a line for each part.
func show(e Expression) string {
	var b strings.Builder
	for _, part := range []struct {
		name string
		text *string
	}{{"key", e.Key}, {"condition", e.Condition}, {"filter", e.Filter}, {"update", e.Update}, {"project", e.Projection}} {
		if part.text != nil {
			fmt.Fprintf(&b, "%s: %s\n", part.name, strings.ReplaceAll(strings.TrimSpace(*part.text), "\n", " | "))
		}
	}
	for _, placeholder := range slices.Sorted(maps.Keys(e.Names)) {
		fmt.Fprintf(&b, "%s %s\n", placeholder, e.Names[placeholder])
	}
	for _, placeholder := range slices.Sorted(maps.Keys(e.Values)) {
		fmt.Fprintf(&b, "%s %s\n", placeholder, showValue(e.Values[placeholder]))
	}
	return b.String()
}

func showValue(av types.AttributeValue) string {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return fmt.Sprintf("S %q", v.Value)
	case *types.AttributeValueMemberN:
		return "N " + v.Value
	case *types.AttributeValueMemberB:
		return fmt.Sprintf("B %x", v.Value)
	case *types.AttributeValueMemberBOOL:
		return fmt.Sprintf("BOOL %t", v.Value)
	case *types.AttributeValueMemberNULL:
		return "NULL"
	case *types.AttributeValueMemberSS:
		return fmt.Sprintf("SS %q", v.Value)
	case *types.AttributeValueMemberL:
		texts := make([]string, len(v.Value))
		for i, element := range v.Value {
			texts[i] = showValue(element)
		}
		return "L [" + strings.Join(texts, ", ") + "]"
	case *types.AttributeValueMemberM:
		var texts []string
		for _, name := range slices.Sorted(maps.Keys(v.Value)) {
			texts = append(texts, name+": "+showValue(v.Value[name]))
		}
		return "M {" + strings.Join(texts, ", ") + "}"
	}
	return fmt.Sprintf("%T", av)
}

// lines joins what a golden says.
func lines(all ...string) string { return strings.Join(all, "\n") + "\n" }
