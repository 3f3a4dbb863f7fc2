package codec_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/schema"
)

// canary stands for a customer's data; no error may show it.
const canary = "s3cr3t"

var errCanary = errors.New(canary)

type failing struct{}

func (failing) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) { return nil, errCanary }

func (*failing) UnmarshalDynamoDBAttributeValue(types.AttributeValue) error { return errCanary }

type failingKey string

func (failingKey) MarshalText() ([]byte, error)     { return nil, errCanary }
func (*failingKey) UnmarshalText(text []byte) error { return errCanary }

// folded keys collide.
type folded string

func (f folded) MarshalText() ([]byte, error) { return []byte(strings.ToLower(string(f))), nil }

type shipment struct {
	Ship struct{ City string }
	Rows []struct{ Qty float64 }
	Memo map[string]title
	Base
}

// nested wraps a list around a value so many times.
func nested(times int) any {
	var v any = "core"
	for range times {
		v = []any{v}
	}
	return v
}

func nestedAV(times int) types.AttributeValue {
	var av types.AttributeValue = &avS{Value: "core"}
	for range times {
		av = &avL{Value: avs{av}}
	}
	return av
}

func nestedMap(times int) types.AttributeValue {
	var av types.AttributeValue = &avS{Value: "core"}
	for range times {
		av = &avM{Value: avMap{"k": av}}
	}
	return av
}

func TestEncodeRefuses(t *testing.T) {
	loop := map[string]any{}
	loop["again"] = loop
	for _, tt := range []struct {
		reason     string
		tag        schema.Tag
		in         any
		path, text string
	}{
		{"NaN is no number", noTag, ptr(math.NaN()), "", "NaN"},
		{"nor is an infinity", noTag, ptr(float32(math.Inf(-1))), "", "infinities"},
		{"not even as a string", asString, ptr(math.NaN()), "", "NaN"},
		{"a float beyond the range", noTag, ptr(1e126), "", "range"},
		{"a float too close to zero", noTag, ptr(-9.9e-131), "", "range"},
		{"39 digits", noTag, ptr(json.Number(strings.Repeat("9", 39))), "", "38"},
		{"39 digits around a point", noTag, ptr(json.Number("1." + strings.Repeat("9", 38))), "", "38"},
		{"a number text beyond the range", noTag, ptr(attributevalue.Number("1e126")), "", "range"},
		{"a number text too close to zero", noTag, ptr(attributevalue.Number("9.9e-131")), "", "range"},
		{"an exponent that would overflow", noTag, ptr(attributevalue.Number("1e99999999999999999999")), "", "decimal"},
		{"no number text", noTag, ptr(json.Number(canary)), "", "decimal"},
		{"an empty number text", noTag, ptr(json.Number("")), "", "decimal"},
		{"a hexadecimal one", noTag, ptr(json.Number("0x10")), "", "decimal"},
		{"a lone sign", noTag, ptr(json.Number("-")), "", "decimal"},
		{"a lone point", noTag, ptr(json.Number(".")), "", "decimal"},
		{"an exponent without digits", noTag, ptr(json.Number("1e")), "", "decimal"},
		{"no number text as a string either", asString, ptr(json.Number(canary)), "", "decimal"},
		{"bytes that are no text", noTag, ptr("\xff" + canary), "", "UTF-8"},
		{"in lists", noTag, &[]string{"", "\xff"}, "[1]", "UTF-8"},
		{"in sets", stringSet, &[]string{"\xff"}, "[0]", "UTF-8"},
		{"in keys of maps", noTag, &map[string]int{"\xff": 1}, "[key]", "UTF-8"},
		{"in keys of maps of strings", noTag, &map[string]string{"\xff": "a"}, "[key]", "UTF-8"},
		{"in values of maps of strings", noTag, &map[string]string{canary: "\xff"}, "[key]", "UTF-8"},
		{"in interfaces", noTag, ptr(any("\xff")), "", "UTF-8"},
		{"an empty key", noTag, &map[string]int{"": 1}, "[key]", "empty"},
		{"keys of one text", noTag, &map[folded]int{"a": 1, "A": 2}, "[key]", "same text"},
		{"a key that is no number", noTag, &map[float64]int{math.NaN(): 1}, "[key]", "NaN"},
		{"a key whose TextMarshaler fails", noTag, &map[failingKey]int{canary: 1}, "[key]", "TextMarshaler"},
		{"a member twice", stringSet, &[]string{"a", "b", "a"}, "[2]", "already"},
		{"a number twice in two texts", numberSet, &[]json.Number{"1", "1.0"}, "[1]", "already"},
		{"a number twice with an exponent", numberSet, &[]json.Number{"-100", "-1E2"}, "[1]", "already"},
		{"zero twice", numberSet, &[]json.Number{"0", "-0.0"}, "[1]", "already"},
		{"a fraction twice", numberSet, &[]json.Number{"0.10", ".1"}, "[1]", "already"},
		{"bytes twice", noTag, &[][]byte{{1}, {1}}, "[1]", "already"},
		{"a member twice among many", numberSet, &[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 1}, "[9]", "already"},
		{"a number among strings", stringSet, &[]any{"a", 1}, "[1]", "strings only"},
		{"a string among numbers", numberSet, &[]string{"1"}, "[0]", "numbers only"},
		{"nil among binaries", noTag, &[][]byte{nil}, "[0]", "binaries only"},
		{"a year of five digits", noTag, ptr(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)), "", "years"},
		{"a year that is one in UTC", noTag, ptr(time.Date(9999, 12, 31, 23, 30, 0, 0, time.FixedZone("", -3600))), "", "years"},
		{"a year before Christ", unixTime, ptr(time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)), "", "years"},
		{"too deep", noTag, ptr(nested(33)), strings.Repeat("[0]", 32), "32 levels"},
		{"a value that contains itself", noTag, ptr(any(loop)), strings.Repeat("[key]", 32), "32 levels"},
		{"what cannot be stored, in an interface", noTag, ptr(any(make(chan int))), "", "cannot be stored"},
		{"a Marshaler that fails", noTag, &failing{}, "", "Marshaler"},
		{"a Marshaler without an answer for an element", noTag, &[]returns{{}}, "[0]", "no AttributeValue"},
		{"a Marshaler that returns a nil in disguise", noTag, &returns{(*avS)(nil)}, "", "refuses"},
		{"a hole", noTag, &returns{&avL{Value: avs{nil}}}, "", "refuses"},
		{"a number that is none", noTag, &returns{&avM{Value: avMap{"a": &avN{Value: canary}}}}, "", "refuses"},
		{"a text that is none", noTag, &returns{&avS{Value: "\xff"}}, "", "refuses"},
		{"an empty set", noTag, &returns{&avSS{}}, "", "refuses"},
		{"a number twice", noTag, &returns{&avNS{Value: []string{"1", "1.0"}}}, "", "refuses"},
		{"an empty name", noTag, &returns{&avM{Value: avMap{"": avNull()}}}, "", "refuses"},
		{"an unknown kind", noTag, &returns{&types.UnknownUnionMember{Tag: canary}}, "", "refuses"},
		{"a name that is no text", noTag, &returns{&avM{Value: avMap{"\xff": avNull()}}}, "", "refuses"},
		{"a hole in a map", noTag, &returns{&avM{Value: avMap{"a": nil}}}, "", "refuses"},
		{"a text in a list that is none", noTag, &returns{&avL{Value: avs{&avS{Value: "\xff"}}}}, "", "refuses"},
		{"a text in a set that is none", noTag, &returns{&avSS{Value: []string{"\xff"}}}, "", "refuses"},
		{"maps too deep", noTag, &returns{&avL{Value: avs{nestedMap(32)}}}, "", "refuses"},
		{"too deep together", noTag, &[]returns{{nestedAV(32)}}, "[0]", "refuses"},
		{"a field of a struct", noTag, &shipment{Ship: struct{ City string }{"\xff"}}, "Ship.City", "UTF-8"},
		{"a field of a struct in a list", noTag, &shipment{Rows: []struct{ Qty float64 }{{1}, {math.NaN()}}}, "Rows[1].Qty", "NaN"},
		{"an element of a map in a struct", noTag, &shipment{Memo: map[string]title{canary: "\xff"}}, "Memo[key]", "UTF-8"},
		{"a promoted field", noTag, &shipment{Base: Base{ID: "\xff"}}, "ID", "UTF-8"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			v := valueOf(tt.in)
			c := valueCodec(t, v.Type(), tt.tag)
			av, err := c.Encode(v)
			checkError(t, av, err, tt.path, tt.text)
			_, err = c.Operand(v)
			checkError(t, nil, err, tt.path, tt.text)
			if _, err := c.Canonical(v); err == nil {
				t.Error("Canonical takes it")
			}
		})
	}
}

func checkError(t *testing.T, got types.AttributeValue, err error, path, text string) {
	t.Helper()
	e, ok := errors.AsType[*codec.Error](err)
	switch {
	case !ok:
		t.Fatalf("got %v, %v", got, err)
	case got != nil:
		t.Error("there is a value beside the error")
	case e.Path != path:
		t.Errorf("path %q, want %q", e.Path, path)
	case !strings.Contains(e.Error(), text):
		t.Errorf("got %q, want something about %q", e, text)
	case strings.Contains(e.Error(), canary):
		t.Errorf("the text shows a value: %q", e)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, tt := range []struct {
		reason     string
		tag        schema.Tag
		in         types.AttributeValue
		dst        any
		path, text string
	}{
		{"no AttributeValue", noTag, nil, ptr(""), "", "missing"},
		{"a nil one in disguise", noTag, (*avS)(nil), ptr(""), "", "nil AttributeValue"},
		{"a nil NULL", noTag, (*types.AttributeValueMemberNULL)(nil), ptr(""), "", "nil AttributeValue"},
		{"an unknown kind", noTag, &types.UnknownUnionMember{Tag: canary}, ptr(""), "", "unknown type"},
		{"none for a pointer", noTag, nil, ptr((*int)(nil)), "", "missing"},
		{"none for an interface", noTag, nil, new(any), "", "missing"},
		{"none for an Unmarshaler", noTag, nil, &money{}, "", "missing"},
		{"none in a list for an Unmarshaler", noTag, &avL{Value: avs{nil}}, &returns{}, "[0]", "missing"},
		{"none in a list", noTag, &avL{Value: avs{nil}}, &[]int{}, "[0]", "missing"},
		{"none in a map", noTag, &avM{Value: avMap{canary: nil}}, &map[string]int{}, "[key]", "missing"},
		{"none in an interface's list", noTag, &avL{Value: avs{nil}}, new(any), "[0]", "missing"},
		{"a string for a number", noTag, &avS{Value: canary}, ptr(1), "", "cannot read a string (S) into int"},
		{"a number for a bool", noTag, &avN{Value: "1"}, ptr(true), "", "cannot read a number (N) into bool"},
		{"a bool for a string", noTag, avBool(true), ptr(""), "", "BOOL"},
		{"a list for a map", noTag, &avL{}, &map[string]int{}, "", "list"},
		{"a map for a list", noTag, &avM{}, &[]int{}, "", "map"},
		{"a binary for a string", noTag, &avB{}, ptr(""), "", "binary"},
		{"a string for bytes", noTag, &avS{}, &[]byte{}, "", "string (S)"},
		{"a list for a struct", noTag, &avL{}, &inner{}, "", "list"},
		{"a list for a time", noTag, &avL{}, &time.Time{}, "", "list"},
		{"a set for a string", noTag, &avSS{}, ptr(""), "", "string set"},
		{"a fraction for an integer", noTag, &avN{Value: "1.5"}, ptr(1), "", "does not fit"},
		{"an overflow", noTag, &avN{Value: "128"}, ptr(int8(1)), "", "does not fit into int8"},
		{"an overflow of 64 bits", noTag, &avN{Value: "1e30"}, ptr(uint64(1)), "", "does not fit"},
		{"a negative for an unsigned", noTag, &avN{Value: "-1"}, ptr(uint(1)), "", "does not fit"},
		{"a number that is none", noTag, &avN{Value: canary}, ptr(1), "", "does not fit"},
		{"a float that is none", noTag, &avN{Value: "Inf"}, ptr(1.0), "", "does not fit"},
		{"a hexadecimal float", noTag, &avN{Value: "0x1p2"}, ptr(1.0), "", "does not fit"},
		{"a float too large", noTag, &avN{Value: "1e39"}, ptr(float32(1)), "", "does not fit"},
		{"number text that is none", noTag, &avS{Value: canary}, ptr(json.Number("")), "", "does not fit"},
		{"a number that is none, for an interface", noTag, &avN{Value: canary}, new(any), "", "decimal"},
		{"a set of such", noTag, &avNS{Value: []string{"1", canary}}, new(any), "[1]", "decimal"},
		{"a time that is none", noTag, &avS{Value: canary}, &time.Time{}, "", "RFC 3339"},
		{"an epoch that is none", noTag, &avN{Value: canary}, &time.Time{}, "", "does not fit"},
		{"an array too short", noTag, &avL{Value: avs{avNull()}}, &[0]int{}, "", "1 elements into [0]int"},
		{"an array too long", noTag, &avL{}, &[1]int{}, "", "0 elements"},
		{"a byte array too short", noTag, &avB{Value: []byte{1, 2}}, &[1]byte{}, "", "2 elements"},
		{"a key that is no number", noTag, &avM{Value: avMap{canary: avNull()}}, &map[int]int{}, "[key]", "does not fit"},
		{"a key that is no unsigned number", noTag, &avM{Value: avMap{"-1": avNull()}}, &map[uint]int{}, "[key]", "does not fit"},
		{"a key that is no float", noTag, &avM{Value: avMap{canary: avNull()}}, &map[float64]int{}, "[key]", "does not fit"},
		{"a key that is no bool", noTag, &avM{Value: avMap{canary: avNull()}}, &map[bool]int{}, "[key]", "bool"},
		{"a key whose TextUnmarshaler fails", noTag, &avM{Value: avMap{canary: avNull()}}, &map[failingKey]int{}, "[key]", "TextUnmarshaler"},
		{"keys that are one in Go", noTag, &avM{Value: avMap{"1": avNull(), "1.0": avNull()}}, &map[int]int{}, "[key]", "same in Go"},
		{"an Unmarshaler that fails", noTag, &avS{Value: canary}, &failing{}, "", "Unmarshaler"},
		{"an interface that has methods", noTag, &avS{Value: canary}, new(error), "", "into error"},
		{"too deep for an interface", noTag, nestedAV(33), new(any), strings.Repeat("[0]", 32), "32 levels"},
		{"maps too deep for an interface", noTag, nestedMap(33), new(any), strings.Repeat("[key]", 32), "32 levels"},
		{"none in an interface's map", noTag, &avM{Value: avMap{canary: nil}}, new(any), "[key]", "missing"},
		{"a nil string for a time", noTag, (*avS)(nil), &time.Time{}, "", "nil AttributeValue"},
		{"a nil number for a time", noTag, (*avN)(nil), &time.Time{}, "", "nil AttributeValue"},
		{"an unknown kind for an interface", noTag, &types.UnknownUnionMember{}, new(any), "", "unknown type"},
		{"an unknown kind for an Unmarshaler", noTag, &types.UnknownUnionMember{}, &returns{}, "", "unknown type"},
		{"too deep for an Unmarshaler", noTag, nestedAV(33), &returns{}, strings.Repeat("[0]", 32), "32 levels"},
		{"a field of a struct", noTag, &avM{Value: avMap{"Rows": &avL{Value: avs{&avM{Value: avMap{"Qty": avBool(true)}}}}}}, &shipment{}, "Rows[0].Qty", "BOOL"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			dst := valueOf(tt.dst)
			before := reflect.New(dst.Type()).Elem()
			before.Set(dst)
			err := valueCodec(t, dst.Type(), tt.tag).Decode(tt.in, dst)
			checkError(t, nil, err, tt.path, tt.text)
			if !reflect.DeepEqual(before.Interface(), dst.Interface()) {
				t.Error("the destination has changed")
			}
		})
	}
}

func TestCausesAreReachable(t *testing.T) {
	_, err := valueCodec(t, reflect.TypeFor[[]failing](), noTag).Encode(reflect.ValueOf([]failing{{}}))
	if !errors.Is(err, errCanary) {
		t.Errorf("got %v", err)
	}
}

type (
	looped      []looped
	loopedMap   map[string]loopedMap
	loopedRef   *loopedRef
	selfish     struct{ Inner *selfish }
	writeOnly   struct{ C chan int }
	keyWithout  struct{ X int }
	keyHalfways struct{ X int }
)

func (writeOnly) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) { return avNull(), nil }

func (keyHalfways) MarshalText() ([]byte, error) { return []byte("x"), nil }

func TestOfRefuses(t *testing.T) {
	for _, tt := range []struct {
		reason string
		typ    reflect.Type
		text   string
	}{
		{"no type", nil, "nil type"},
		{"a channel", reflect.TypeFor[chan int](), "chan int cannot be stored"},
		{"a function behind a pointer", reflect.TypeFor[*func()](), "func() cannot be stored"},
		{"a complex number in a list", reflect.TypeFor[[]complex128](), "complex128 cannot be stored"},
		{"an unsafe pointer in a map", reflect.TypeFor[map[string]uintptr](), "uintptr cannot be stored"},
		{"a list of itself", reflect.TypeFor[looped](), "contains itself"},
		{"a map of itself", reflect.TypeFor[loopedMap](), "contains itself"},
		{"a pointer to itself", reflect.TypeFor[loopedRef](), "contains itself"},
		{"a struct that contains itself", reflect.TypeFor[selfish](), "contains itself"},
		{"a struct that schema refuses", reflect.TypeFor[struct{ C chan int }](), "chan int cannot be stored"},
		{"a struct that schema takes, with the field", reflect.TypeFor[struct{ M map[keyHalfways]int }](), "M: a map with keys of type"},
		{"half a codec, whose other half is impossible", reflect.TypeFor[writeOnly](), "only one of Marshaler and Unmarshaler"},
		{"keys without a text", reflect.TypeFor[map[keyWithout]int](), "keys of type"},
		{"keys with a text that cannot be read", reflect.TypeFor[map[keyHalfways]int](), "keys of type"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			if _, err := codec.Of(tt.typ, noTag); err == nil || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %v, want something about %q", err, tt.text)
			}
		})
	}
}

func TestStructDecodeKeepsDestinationOnError(t *testing.T) {
	for _, item := range []avMap{
		{"Ship": &avM{Value: avMap{"City": &avS{Value: "new"}}}, "Rows": avBool(true)},
		{"ID": &avS{Value: "new"}, "created": avBool(true)},
	} {
		dst := shipment{Base: Base{ID: "old"}, Memo: map[string]title{"a": "old"}}
		if err := structCodec[shipment](t).Decode(item, valueOf(&dst)); err == nil {
			t.Error("no error")
		}
		if !reflect.DeepEqual(dst, shipment{Base: Base{ID: "old"}, Memo: map[string]title{"a": "old"}}) {
			t.Errorf("the destination has changed: %+v", dst)
		}
		fresh := shipment{}
		if err := structCodec[shipment](t).Decode(avMap{}, valueOf(&fresh)); err != nil || !reflect.DeepEqual(fresh, shipment{}) {
			t.Errorf("what failed before is seen again: %+v, %v", fresh, err)
		}
	}
}

func TestEmbeddedPointer(t *testing.T) {
	c := structCodec[everything](t)
	item, err := c.Encode(reflect.ValueOf(everything{Numeral: "1"}), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := item["Color"]; ok {
		t.Error("a field behind a nil embedded pointer has an attribute")
	}
	var out everything
	if err := c.Decode(avMap{"ID": &avS{Value: "x"}}, valueOf(&out)); err != nil || out.Trait != nil {
		t.Errorf("an embedded pointer was allocated without need: %v, %v", out.Trait, err)
	}
	if err := c.Decode(avMap{"Color": &avS{Value: "red"}}, valueOf(&out)); err != nil || out.Trait == nil || out.Color != "red" {
		t.Errorf("an embedded pointer was not allocated: %v, %v", out.Trait, err)
	}
}

func TestConcurrentCompilation(t *testing.T) {
	type leaf struct {
		A string
		B []map[string]*int
	}
	type branch struct {
		Leaf   leaf
		Leaves []leaf
		Any    any
	}
	s, err := schema.StructOf(reflect.TypeFor[branch]())
	if err != nil {
		t.Fatal(err)
	}
	results := make([]*codec.Struct, 8)
	elems := make([]*codec.Value, len(results))
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			c, err := codec.StructOf(s)
			if err != nil {
				t.Error(err)
				return
			}
			results[i] = c
			elems[i] = valueCodec(t, reflect.TypeFor[[]leaf](), omitElem).Elem()
			in := branch{Leaf: leaf{A: "a"}, Any: leaf{A: "any"}}
			item, err := c.Encode(valueOf(&in), 0)
			if err != nil {
				t.Error(err)
				return
			}
			var out branch
			if err := c.Decode(item, valueOf(&out)); err != nil || out.Leaf.A != "a" {
				t.Errorf("got %+v, %v", out, err)
			}
		})
	}
	wg.Wait()
	for i := range results {
		if results[i] != results[0] || elems[i] != elems[0] {
			t.Error("a type was compiled to two codecs")
		}
	}
}
