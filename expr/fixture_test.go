package expr_test

import (
	"encoding"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/internal/ast"
)

type Status string

type Address struct {
	City string `dynamodbav:"city"`
	Zip  *int   `dynamodbav:"zip,omitempty"`
}

type Line struct {
	SKU    string            `dynamodbav:"sku"`
	Qty    int               `dynamodbav:"qty"`
	Serial []string          `dynamodbav:"serial"`
	Labels []string          `dynamodbav:"labels,stringset"`
	Props  map[string]string `dynamodbav:"props"`
}

type Audit struct {
	By string    `dynamodbav:"by"`
	On time.Time `dynamodbav:"on,unixtime"`
}

// Key is a map key with a text of its own.
type Key struct{ a, b string }

var _ encoding.TextMarshaler = Key{}

func (k Key) MarshalText() ([]byte, error) { return []byte(k.a + "/" + k.b), nil }

func (k *Key) UnmarshalText(text []byte) error {
	var ok bool
	if k.a, k.b, ok = strings.Cut(string(text), "/"); !ok {
		return errors.New("no key")
	}
	return nil
}

// Sealed brings its own encoding.
type Sealed []string

func (s Sealed) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberS{Value: strings.Join(s, ",")}, nil
}

func (s *Sealed) UnmarshalDynamoDBAttributeValue(types.AttributeValue) error { return nil }

type Names []string

// Order starts with a struct whose first field is a struct: all three share an address.
type Order struct {
	_ struct{} `entity:"Order" pk:"ORDER#{ID}"`

	Audit
	ID      string            `dynamodbav:"id"`
	Status  Status            `dynamodbav:"status"`
	Title   string            `dynamodbav:"title,omitempty"`
	Total   int64             `dynamodbav:"total"`
	Stock   uint              `dynamodbav:"stock"`
	Weight  float64           `dynamodbav:"weight"`
	Count   *int              `dynamodbav:"count,omitempty"`
	Deep    **int             `dynamodbav:"deep"`
	Placed  time.Time         `dynamodbav:"placed"`
	Expires time.Time         `dynamodbav:"expires,unixtime,omitempty"`
	Paid    bool              `dynamodbav:"paid"`
	Code    int               `dynamodbav:"code,string"`
	Ship    Address           `dynamodbav:"ship"`
	Bill    *Address          `dynamodbav:"bill,omitempty"`
	Lines   []Line            `dynamodbav:"lines"`
	Parcels []*Line           `dynamodbav:"parcels"`
	Stops   []int             `dynamodbav:"stops"`
	Grid    [][]string        `dynamodbav:"grid"`
	Names   Names             `dynamodbav:"names"`
	Tags    []string          `dynamodbav:"tags,stringset,omitempty"`
	Sizes   []int             `dynamodbav:"sizes,numberset"`
	Hashes  [][]byte          `dynamodbav:"hashes"`
	Blob    []byte            `dynamodbav:"blob"`
	Sealed  Sealed            `dynamodbav:"sealed"`
	Notes   map[string]string `dynamodbav:"notes,omitempty"`
	Ranks   map[int]int       `dynamodbav:"ranks"`
	Keyed   map[Key]Line      `dynamodbav:"keyed"`
	Any     any               `dynamodbav:"any"`
	Cache   string            `dynamodbav:"-"`
	hidden  string
}

var (
	status  = expr.String(func(o *Order) *Status { return &o.Status })
	title   = expr.String(func(o *Order) *string { return &o.Title })
	total   = expr.Number(func(o *Order) *int64 { return &o.Total })
	stock   = expr.Number(func(o *Order) *uint { return &o.Stock })
	weight  = expr.Number(func(o *Order) *float64 { return &o.Weight })
	placed  = expr.Field(func(o *Order) *time.Time { return &o.Placed })
	expires = expr.Field(func(o *Order) *time.Time { return &o.Expires })
	bill    = expr.Field(func(o *Order) **Address { return &o.Bill })
	city    = expr.String(func(o *Order) *string { return &o.Ship.City })
	items   = expr.List(func(o *Order) *[]Line { return &o.Lines })
	stops   = expr.List(func(o *Order) *[]int { return &o.Stops })
	tags    = expr.Set(func(o *Order) *[]string { return &o.Tags })
	notes   = expr.Map(func(o *Order) *map[string]string { return &o.Notes })
	ranks   = expr.Map(func(o *Order) *map[int]int { return &o.Ranks })
	keyed   = expr.Map(func(o *Order) *map[Key]Line { return &o.Keyed })
	sku     = expr.NestedString(items.At(0), func(l *Line) *string { return &l.SKU })
	qty     = expr.NestedNumber(items.At(0), func(l *Line) *int { return &l.Qty })
)

// written is the expression of a condition or an update, with names and values in their places.
func written(t testing.TB, r ast.Request) string {
	t.Helper()
	e, err := ast.Build(r)
	if err != nil {
		return "error: " + err.Error()
	}
	text := e.Condition
	if text == nil {
		text = e.Update
	}
	var pairs []string
	for _, p := range slices.Backward(slices.Sorted(maps.Keys(e.Names))) {
		pairs = append(pairs, p, e.Names[p])
	}
	for _, p := range slices.Backward(slices.Sorted(maps.Keys(e.Values))) {
		pairs = append(pairs, p, inPlace(e.Values[p]))
	}
	return strings.TrimSpace(strings.NewReplacer(pairs...).Replace(*text))
}

func cond[T any](t testing.TB, c expr.Cond[T]) string {
	t.Helper()
	return written(t, ast.Request{Condition: c.Node()})
}

func change[T any](t testing.TB, u expr.Update[T]) string {
	t.Helper()
	return written(t, ast.Request{Changes: []ast.Change{u.Node()}})
}

func inPlace(av types.AttributeValue) string {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return fmt.Sprintf("%q", v.Value)
	case *types.AttributeValueMemberN:
		return v.Value
	case *types.AttributeValueMemberB:
		return fmt.Sprintf("%x", v.Value)
	case *types.AttributeValueMemberBOOL:
		return fmt.Sprint(v.Value)
	case *types.AttributeValueMemberNULL:
		return "NULL"
	case *types.AttributeValueMemberSS:
		return fmt.Sprintf("{%s}", strings.Join(v.Value, " "))
	case *types.AttributeValueMemberNS:
		return fmt.Sprintf("{%s}", strings.Join(v.Value, " "))
	case *types.AttributeValueMemberBS:
		return fmt.Sprintf("{%x}", v.Value)
	case *types.AttributeValueMemberL:
		texts := make([]string, len(v.Value))
		for i, element := range v.Value {
			texts[i] = inPlace(element)
		}
		return "[" + strings.Join(texts, " ") + "]"
	case *types.AttributeValueMemberM:
		var texts []string
		for _, name := range slices.Sorted(maps.Keys(v.Value)) {
			texts = append(texts, name+":"+inPlace(v.Value[name]))
		}
		return "{" + strings.Join(texts, " ") + "}"
	}
	return fmt.Sprintf("%T", av)
}
