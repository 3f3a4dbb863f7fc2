package codec_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/schema"
)

var (
	noTag     = schema.Tag{}
	omit      = schema.Tag{OmitEmpty: true}
	omitElem  = schema.Tag{OmitEmptyElem: true}
	nullEmpty = schema.Tag{NullEmpty: true}
	nullElem  = schema.Tag{NullEmptyElem: true}
	asString  = schema.Tag{AsString: true}
	unixTime  = schema.Tag{UnixTime: true}
	stringSet = schema.Tag{Set: schema.StringSet}
	numberSet = schema.Tag{Set: schema.NumberSet}
	binarySet = schema.Tag{Set: schema.BinarySet}
)

func valueCodec(tb testing.TB, t reflect.Type, tag schema.Tag) *codec.Value {
	tb.Helper()
	c, err := codec.Of(t, tag)
	if err != nil {
		tb.Fatalf("Of(%s): %v", t, err)
	}
	return c
}

// valueOf is reflect.ValueOf for a value that may be of an interface type: the element of a pointer to it.
func valueOf(pointer any) reflect.Value { return reflect.ValueOf(pointer).Elem() }

func ptr[T any](v T) *T { return &v }

// onlyMarshals and onlyUnmarshals have half of a codec each.
type onlyMarshals struct{ X int }

func (o onlyMarshals) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &avM{Value: avMap{"X": &avN{Value: "7"}}}, nil
}

type onlyUnmarshals struct{ X int }

func (o *onlyUnmarshals) UnmarshalDynamoDBAttributeValue(types.AttributeValue) error {
	o.X = 9
	return nil
}

// byPointer has methods with pointer receivers only.
type byPointer struct{ X int }

func (p *byPointer) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &avS{Value: strings.Repeat("x", p.X)}, nil
}

func (p *byPointer) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	p.X = len(av.(*avS).Value)
	return nil
}

// returns has a Marshaler that returns what it holds.
type returns struct{ AV types.AttributeValue }

func (r returns) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) { return r.AV, nil }

func (r *returns) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	r.AV = av
	return nil
}

// grade has a zero and a Marshaler.
type grade int

func (g grade) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &avS{Value: string(rune('F' - g))}, nil
}

func (g *grade) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	*g = grade('F' - av.(*avS).Value[0])
	return nil
}

type shouting string

func (s shouting) String() string { return strings.ToUpper(string(s)) }

func TestEncode(t *testing.T) {
	berlin := time.Date(2026, 1, 2, 4, 4, 5, 6, time.FixedZone("CET", 3600))
	for _, tt := range []struct {
		reason string
		tag    schema.Tag
		in     any // a pointer to the value
		want   types.AttributeValue
	}{
		{"a string is S", noTag, ptr("a"), &avS{Value: "a"}},
		{"an empty string is S too", noTag, ptr(""), &avS{}},
		{"omitempty leaves out a zero", omit, ptr(0), nil},
		{"negative zero is zero", omit, ptr(math.Copysign(0, -1)), nil},
		{"nullempty writes NULL for a zero", nullEmpty, ptr(""), avNull()},
		{"nullempty does not write NULL for a nil", nullEmpty, ptr([]string(nil)), nil},
		{"an empty slice is no nil", omit, ptr([]string{}), &avL{Value: avs{}}},
		{"a nil slice is absent", noTag, ptr([]string(nil)), nil},
		{"a nil map is absent", noTag, ptr(map[string]int(nil)), nil},
		{"nil bytes are absent", noTag, ptr([]byte(nil)), nil},
		{"empty bytes are B", noTag, ptr([]byte{}), &avB{Value: []byte{}}},
		{"a nil pointer is absent", noTag, ptr((*int)(nil)), nil},
		{"a nil interface is absent", noTag, new(any), nil},
		{"a nil pointer in an interface is absent", noTag, ptr(any((*int)(nil))), nil},
		{"a nil slice in an interface is a list, as the interface is not nil", noTag, ptr(any([]int(nil))), &avL{Value: avs{}}},
		{"a pointer to a zero is there", omit, ptr(ptr(0)), &avN{Value: "0"}},
		{"behind a second pointer emptiness counts again, as in attributevalue", omit, ptr(ptr(ptr(0))), nil},
		{"a pointer to a zero time is there", omit, ptr(&time.Time{}), &avS{Value: "0001-01-01T00:00:00.000000000Z"}},
		{"a zero time that is omitempty is absent", omit, &time.Time{}, nil},
		{"a zero time of a type with a Marshaler likewise", omit, &attributevalue.UnixTime{}, nil},
		{"a zero time is there otherwise", noTag, &time.Time{}, &avS{Value: "0001-01-01T00:00:00.000000000Z"}},
		{"nullempty does not concern times", nullEmpty, &time.Time{}, &avS{Value: "0001-01-01T00:00:00.000000000Z"}},
		{"times are UTC with nine digits", noTag, &berlin, &avS{Value: "2026-01-02T03:04:05.000000006Z"}},
		{"a year has four digits", noTag, ptr(time.Date(7, 12, 31, 0, 0, 0, 0, time.UTC)), &avS{Value: "0007-12-31T00:00:00.000000000Z"}},
		{"unixtime is N", unixTime, &berlin, &avN{Value: "1767323045"}},
		{"times inside lists are UTC too", noTag, &[]time.Time{berlin}, &avL{Value: avs{&avS{Value: "2026-01-02T03:04:05.000000006Z"}}}},
		{"times in interfaces are UTC too", noTag, ptr(any(berlin)), &avS{Value: "2026-01-02T03:04:05.000000006Z"}},
		{"an integer as a string", asString, ptr(int8(-5)), &avS{Value: "-5"}},
		{"the largest uint64 keeps its digits", noTag, ptr(uint64(math.MaxUint64)), &avN{Value: "18446744073709551615"}},
		{"floats have no exponent", noTag, ptr(1e21), &avN{Value: "1000000000000000000000"}},
		{"float32 has its own shortest text", noTag, ptr(float32(0.1)), &avN{Value: "0.1"}},
		{"number text is kept", noTag, ptr(json.Number("1.50")), &avN{Value: "1.50"}},
		{"38 digits fit", noTag, ptr(attributevalue.Number(strings.Repeat("9", 38))), &avN{Value: strings.Repeat("9", 38)}},
		{"zeros around them do not count", noTag, ptr(attributevalue.Number("000" + strings.Repeat("9", 38) + "00.000")), &avN{Value: "000" + strings.Repeat("9", 38) + "00.000"}},
		{"the largest magnitude", noTag, ptr(attributevalue.Number("-9.9E125")), &avN{Value: "-9.9E125"}},
		{"the smallest magnitude", noTag, ptr(attributevalue.Number("1e-130")), &avN{Value: "1e-130"}},
		{"more digits than DynamoDB takes are a reason to write a string", asString, ptr(json.Number(strings.Repeat("1", 60))), &avS{Value: strings.Repeat("1", 60)}},
		{"byte arrays are B", noTag, &[2]byte{1, 2}, &avB{Value: []byte{1, 2}}},
		{"bytes of a named type are B, where attributevalue panics", noTag, &[]octet{1, 2}, &avB{Value: []byte{1, 2}}},
		{"a set option does not concern bytes", numberSet, &[]byte{1, 2}, &avB{Value: []byte{1, 2}}},
		{"arrays are lists", noTag, &[2]int{1, 2}, &avL{Value: avs{&avN{Value: "1"}, &avN{Value: "2"}}}},
		{"an array is never empty", omit, &[1]int{}, &avL{Value: avs{&avN{Value: "0"}}}},
		{"an array of no elements is", omit, &[0]int{}, nil},
		{"a struct is never empty", omit, &hidden{}, &avM{Value: avMap{"Shown": &avN{Value: "0"}}}},
		{"nil elements are NULL, for they cannot be absent", noTag, &[]*int{nil}, &avL{Value: avs{avNull()}}},
		{"nil elements of maps too", noTag, &map[string][]int{"a": nil}, &avM{Value: avMap{"a": avNull()}}},
		{"nil interfaces in lists too", noTag, &[]any{nil}, &avL{Value: avs{avNull()}}},
		{"an empty set among elements is NULL", noTag, &[][][]byte{{}}, &avL{Value: avs{avNull()}}},
		{"omitemptyelem leaves out empty elements", omitElem, &[]string{"", "a"}, &avL{Value: avs{&avS{Value: "a"}}}},
		{"of maps too", omitElem, &map[string]int{"a": 0}, &avM{Value: avMap{}}},
		{"at every level", omitElem, &[][]int{nil, {0, 1}}, &avL{Value: avs{&avL{Value: avs{&avN{Value: "1"}}}}}},
		{"nullemptyelem writes NULL for empty elements", nullElem, &[]int{0}, &avL{Value: avs{avNull()}}},
		{"nullemptyelem is for one level", nullElem, &[][]int{{0}}, &avL{Value: avs{&avL{Value: avs{&avN{Value: "0"}}}}}},
		{"a string set", stringSet, &[]title{"a", "b"}, &avSS{Value: []string{"a", "b"}}},
		{"an empty string is a member like any other to DynamoDB", stringSet, &[]string{""}, &avSS{Value: []string{""}}},
		{"an empty set is absent", stringSet, &[]string{}, nil},
		{"a nil set is absent", numberSet, ptr([]int(nil)), nil},
		{"a set whose members are all left out is absent", schema.Tag{Set: schema.StringSet, OmitEmptyElem: true}, &[]string{""}, nil},
		{"a number set", numberSet, &[]float64{1.5, 2}, &avNS{Value: []string{"1.5", "2"}}},
		{"a number set of a type with a Marshaler", numberSet, &[]attributevalue.UnixTime{attributevalue.UnixTime(berlin)}, &avNS{Value: []string{"1767323045"}}},
		{"a binary set needs no option", noTag, &[][]byte{{1}, {}}, &avBS{Value: [][]byte{{1}, {}}}},
		{"a binary set of a named type does", noTag, &[]blob{{1}}, &avL{Value: avs{&avB{Value: []byte{1}}}}},
		{"with it, it is one", binarySet, &[]blob{{1}}, &avBS{Value: [][]byte{{1}}}},
		{"a set of an array", stringSet, &[2]string{"a", "b"}, &avSS{Value: []string{"a", "b"}}},
		{"a large set without duplicates", numberSet, &[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, &avNS{Value: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}}},
		{"integer keys", noTag, &map[int]bool{-1: true}, &avM{Value: avMap{"-1": avBool(true)}}},
		{"bool keys", noTag, &map[bool]bool{true: false}, &avM{Value: avMap{"true": avBool(false)}}},
		{"float keys", noTag, &map[float32]bool{1e21: true}, &avM{Value: avMap{"1e+21": avBool(true)}}},
		{"keys by TextMarshaler", noTag, &map[celsius]bool{{20}: true}, &avM{Value: avMap{"20C": avBool(true)}}},
		{"a String method has no say in keys: it could not be undone", noTag, &map[shouting]bool{"a": true}, &avM{Value: avMap{"a": avBool(true)}}},
		{"a Marshaler decides", noTag, &money{100, "EUR"}, &avS{Value: "100 EUR"}},
		{"a Marshaler behind a pointer", noTag, ptr(&money{100, "EUR"}), &avS{Value: "100 EUR"}},
		{"a Marshaler's NULL is kept", noTag, &money{}, avNull()},
		{"unless it is omitempty", omit, &money{}, nil},
		{"a Marshaler's nil is absent", noTag, &returns{}, nil},
		{"a Marshaler with a pointer receiver", noTag, &byPointer{3}, &avS{Value: "xxx"}},
		{"in a map it cannot be addressed, and is called all the same", noTag, &map[string]byPointer{"a": {1}}, &avM{Value: avMap{"a": &avS{Value: "x"}}}},
		{"in an interface too", noTag, ptr(any(byPointer{2})), &avS{Value: "xx"}},
		{"a pointer with a Marshaler in an interface", noTag, ptr(any(&money{1, "EUR"})), &avS{Value: "1 EUR"}},
		{"half a codec: the other half is ours", noTag, &onlyUnmarshals{3}, &avM{Value: avMap{"X": &avN{Value: "3"}}}},
		{"a Marshaler's zero behind two pointers is its own business, as in attributevalue", omit, ptr(ptr(ptr(grade(0)))), &avS{Value: "F"}},
		{"a Marshaler's zero is a zero", omit, ptr(grade(0)), nil},
		{"a Marshaler behind two pointers", omit, ptr(ptr(&money{1, "EUR"})), &avS{Value: "1 EUR"}},
		{"a pointer to a nil pointer is absent", noTag, ptr(ptr((*int)(nil))), nil},
		{"NULL among elements", noTag, &[]**int{ptr((*int)(nil))}, &avL{Value: avs{avNull()}}},
		{"left out with omitemptyelem", omitElem, &[]**int{ptr((*int)(nil))}, &avL{Value: avs{}}},
		{"a pointer to a nil interface is absent", noTag, ptr(new(any)), nil},
		{"a pointer to a nil slice is an empty list", noTag, ptr(new([]int)), &avL{Value: avs{}}},
		{"a pointer to an interface", noTag, ptr(ptr(any(5))), &avN{Value: "5"}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			v := valueOf(tt.in)
			c := valueCodec(t, v.Type(), tt.tag)
			got, err := c.Encode(v)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, exported); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDeepest is not a case of the table: cmp takes time exponential in the depth.
func TestDeepest(t *testing.T) {
	c, in := valueCodec(t, reflect.TypeFor[any](), noTag), nested(32)
	got, err := c.Encode(valueOf(&in))
	if err != nil || !reflect.DeepEqual(got, nestedAV(32)) {
		t.Fatalf("32 lists in each other are refused or changed: %v", err)
	}
	var out any
	if err := c.Decode(got, valueOf(&out)); err != nil || !reflect.DeepEqual(out, in) {
		t.Errorf("they cannot be read: %v", err)
	}
}

func TestOperand(t *testing.T) {
	for _, tt := range []struct {
		reason string
		tag    schema.Tag
		in     any
		want   types.AttributeValue
	}{
		{"zero is a number to compare with", omit, ptr(0), &avN{Value: "0"}},
		{"so is an empty text", omit, ptr(""), &avS{}},
		{"a nil list is an empty one", omit, ptr([]int(nil)), &avL{Value: avs{}}},
		{"a nil map is an empty one", omit, ptr(map[string]int(nil)), &avM{Value: avMap{}}},
		{"nil bytes are empty ones", omit, ptr([]byte(nil)), &avB{Value: []byte{}}},
		{"there is no empty set", stringSet, ptr([]string(nil)), nil},
		{"a nil pointer is NULL", omit, ptr((*int)(nil)), avNull()},
		{"a nil interface is NULL", omit, new(any), avNull()},
		{"a nil pointer in an interface is NULL", omit, ptr(any((*int)(nil))), avNull()},
		{"behind two pointers nothing is omitted either", omit, ptr(ptr(ptr(0))), &avN{Value: "0"}},
		{"a zero time has a text", omit, &time.Time{}, &avS{Value: "0001-01-01T00:00:00.000000000Z"}},
		{"nullempty is what is stored", nullEmpty, ptr(0), avNull()},
		{"a Marshaler's NULL stays", omit, &money{}, avNull()},
		{"inside, all is as it is stored", omitElem, &[]int{0, 1}, &avL{Value: avs{&avN{Value: "1"}}}},
		{"in sets too", schema.Tag{Set: schema.NumberSet, OmitEmptyElem: true}, &[]int{0, 1}, &avNS{Value: []string{"1"}}},
		{"in structs too", noTag, &struct {
			A int `dynamodbav:",omitempty"`
		}{}, &avM{Value: avMap{}}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			v := valueOf(tt.in)
			got, err := valueCodec(t, v.Type(), tt.tag).Operand(v)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, exported); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	for _, tt := range []struct {
		reason string
		tag    schema.Tag
		in     types.AttributeValue
		want   any // a pointer to the value
	}{
		{"NULL is the zero value", noTag, avNull(), ptr("")},
		{"NULL is no pointer", noTag, avNull(), ptr((*int)(nil))},
		{"NULL goes to an Unmarshaler", noTag, avNull(), &onlyUnmarshals{9}},
		{"NULL is a nil pointer, whatever it would point at", noTag, avNull(), ptr((*money)(nil))},
		{"a number is text where text is wanted", noTag, &avN{Value: "1.50"}, ptr("1.50")},
		{"an integral number with a fraction is an integer", noTag, &avN{Value: "1.0"}, ptr(1)},
		{"an exponent is fine", noTag, &avN{Value: "1E2"}, ptr(uint8(100))},
		{"zero is zero with any exponent", noTag, &avN{Value: "-0.0e7"}, ptr(0)},
		{"a large exponent and a fraction may cancel out", noTag, &avN{Value: "0.0001e4"}, ptr(1)},
		{"the smallest int64 is exact", noTag, &avN{Value: "-9223372036854775808"}, ptr(int64(math.MinInt64))},
		{"the largest uint64 is exact in exponent form", noTag, &avN{Value: "1844674407370955161.5e1"}, ptr(uint64(math.MaxUint64))},
		{"a string is a number if the tag says so", asString, &avS{Value: "12"}, ptr(12)},
		{"and a number still is", asString, &avN{Value: "12"}, ptr(12)},
		{"number text keeps its digits", noTag, &avN{Value: "1.2300"}, ptr(json.Number("1.2300"))},
		{"float32 is rounded once", noTag, &avN{Value: "0.1"}, ptr(float32(0.1))},
		{"an interface gets exact numbers", noTag, &avN{Value: "9007199254740993"}, ptr(any(attributevalue.Number("9007199254740993")))},
		{"in sets too", noTag, &avNS{Value: []string{"1", "2"}}, ptr(any([]attributevalue.Number{"1", "2"}))},
		{"an interface gets what is natural", noTag, &avM{Value: avMap{"a": &avL{Value: avs{&avS{Value: "x"}, avBool(true), avNull(), &avB{Value: []byte{1}}, &avSS{Value: []string{"s"}}, &avBS{Value: [][]byte{{2}}}}}}},
			ptr(any(map[string]any{"a": []any{"x", true, nil, []byte{1}, []string{"s"}, [][]byte{{2}}}}))},
		{"an RFC 3339 time with a zone is UTC", noTag, &avS{Value: "2026-01-02T04:04:05+01:00"}, ptr(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))},
		{"epoch seconds are a time whatever the tag says", noTag, &avN{Value: "1767323045"}, ptr(time.Unix(1767323045, 0).UTC())},
		{"and a text is, with unixtime", unixTime, &avS{Value: "2026-01-02T04:04:05+01:00"}, ptr(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))},
		{"a list is a slice", noTag, &avL{Value: avs{&avN{Value: "1"}}}, &[]int{1}},
		{"an empty list is an empty slice", noTag, &avL{}, &[]int{}},
		{"a set is a slice without a tag", noTag, &avSS{Value: []string{"a"}}, &[]string{"a"}},
		{"a list is one with a set tag", stringSet, &avL{Value: avs{&avS{Value: "a"}}}, &[]string{"a"}},
		{"a number set is numbers", noTag, &avNS{Value: []string{"1", "2.0"}}, &[]int{1, 2}},
		{"a string set is interfaces", noTag, &avSS{Value: []string{"a"}}, &[]any{"a"}},
		{"a binary set is binaries", noTag, &avBS{Value: [][]byte{{1}}}, &[]blob{{1}}},
		{"each member of a set goes to its Unmarshaler", noTag, &avSS{Value: []string{"1 EUR", "2 EUR"}}, &[]money{{1, "EUR"}, {2, "EUR"}}},
		{"a list of numbers is bytes, as in attributevalue", noTag, &avL{Value: avs{&avN{Value: "7"}}}, &[]byte{7}},
		{"bytes of a named type", noTag, &avB{Value: []byte{1, 2}}, &[]octet{1, 2}},
		{"a byte array that fits", noTag, &avB{Value: []byte{1, 2}}, &[2]byte{1, 2}},
		{"an array that fits", noTag, &avL{Value: avs{&avN{Value: "1"}}}, &[1]int{1}},
		{"an array whose empty elements were left out", omitElem, &avL{Value: avs{&avN{Value: "1"}}}, &[3]int{1}},
		{"a map", noTag, &avM{Value: avMap{"-1": avBool(true)}}, &map[int8]bool{-1: true}},
		{"a map of strings with something else in it", noTag, &avM{Value: avMap{"a": avNull(), "b": &avN{Value: "1"}}}, &map[string]string{"a": "", "b": "1"}},
		{"bool keys", noTag, &avM{Value: avMap{"true": avBool(true)}}, &map[bool]bool{true: true}},
		{"unsigned keys", noTag, &avM{Value: avMap{"7": avBool(true)}}, &map[uint8]bool{7: true}},
		{"float keys", noTag, &avM{Value: avMap{"1e+21": avBool(true)}}, &map[float64]bool{1e21: true}},
		{"keys by TextUnmarshaler", noTag, &avM{Value: avMap{"20C": avBool(true)}}, &map[celsius]bool{{20}: true}},
		{"a nil map in an M is an empty one", noTag, &avM{}, &map[string]int{}},
		{"an Unmarshaler behind pointers", noTag, &avS{Value: "1 EUR"}, ptr(ptr(&money{1, "EUR"}))},
		{"half a codec: the other half is ours", noTag, &avM{Value: avMap{"X": &avN{Value: "3"}}}, &onlyMarshals{3}},
		{"names match exactly", noTag, &avM{Value: avMap{"shown": &avN{Value: "1"}, "SHOWN": &avN{Value: "2"}}}, &hidden{}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			want := valueOf(tt.want)
			got := reflect.New(want.Type()).Elem()
			if err := valueCodec(t, want.Type(), tt.tag).Decode(tt.in, got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.Interface(), got.Interface(), exported); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCanonicalValues(t *testing.T) {
	zone := time.Date(2026, 1, 2, 4, 4, 5, 6, time.FixedZone("CET", 3600))
	for _, tt := range []struct {
		reason   string
		tag      schema.Tag
		in, want any
	}{
		{"a time is UTC", noTag, &zone, ptr(zone.UTC())},
		{"unixtime keeps seconds", unixTime, &zone, ptr(zone.UTC().Truncate(time.Second))},
		{"behind a pointer too", unixTime, ptr(&zone), ptr(ptr(zone.UTC().Truncate(time.Second)))},
		{"nil stays nil", omit, ptr([]int(nil)), ptr([]int(nil))},
		{"an empty set is nil", stringSet, &[]string{}, ptr([]string(nil))},
		{"a zero that is omitted is zero", omit, ptr(0), ptr(0)},
		{"numbers in interfaces are exact", noTag, ptr(any(5)), ptr(any(attributevalue.Number("5")))},
		{"what a Marshaler makes of it", noTag, &byPointer{2}, &byPointer{2}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			v := valueOf(tt.in)
			got, err := valueCodec(t, v.Type(), tt.tag).Canonical(v)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(valueOf(tt.want).Interface(), got.Interface(), exported); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCanonicalOfExactKindsAllocatesNothing(t *testing.T) {
	for _, in := range []any{ptr("text"), ptr(12345), ptr(uint8(1)), ptr(true), ptr([]byte{1, 2}), ptr(1.5), ptr(json.Number("1.5"))} {
		v := valueOf(in)
		c := valueCodec(t, v.Type(), noTag)
		allocs := testing.AllocsPerRun(100, func() {
			if got, err := c.Canonical(v); err != nil || got != v {
				t.Errorf("%s: got %v, %v", v.Type(), got, err)
			}
		})
		if allocs > 0 {
			t.Errorf("%s: %v allocations", v.Type(), allocs)
		}
	}
}

func TestElem(t *testing.T) {
	set := schema.Tag{Set: schema.NumberSet, OmitEmptyElem: true}
	for _, tt := range []struct {
		reason string
		tag    schema.Tag
		typ    reflect.Type
		want   reflect.Type
	}{
		{"a list", noTag, reflect.TypeFor[[]string](), reflect.TypeFor[string]()},
		{"an array", noTag, reflect.TypeFor[[2]int](), reflect.TypeFor[int]()},
		{"a set", set, reflect.TypeFor[[]int](), reflect.TypeFor[int]()},
		{"a map", noTag, reflect.TypeFor[map[string]money](), reflect.TypeFor[money]()},
		{"through pointers", noTag, reflect.TypeFor[**[]string](), reflect.TypeFor[string]()},
		{"a string has none", noTag, reflect.TypeFor[string](), nil},
		{"nor have bytes", noTag, reflect.TypeFor[[]byte](), nil},
		{"nor has a struct", noTag, reflect.TypeFor[inner](), nil},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			elem := valueCodec(t, tt.typ, tt.tag).Elem()
			switch {
			case tt.want == nil && elem != nil:
				t.Errorf("got a codec of %s", elem.Type())
			case tt.want != nil && (elem == nil || elem.Type() != tt.want):
				t.Errorf("got %v", elem)
			}
		})
	}
	sets := valueCodec(t, reflect.TypeFor[[][][]byte](), noTag).Elem()
	if av, err := sets.Operand(reflect.ValueOf([][]byte{})); av != nil || err != nil {
		t.Errorf("an empty set to compare with: got %v, %v", av, err)
	}
	elem := valueCodec(t, reflect.TypeFor[[]int](), set).Elem()
	if av, err := elem.Encode(reflect.ValueOf(0)); av != nil || err != nil {
		t.Errorf("an empty element that the tag leaves out: got %v, %v", av, err)
	}
	if av, err := elem.Operand(reflect.ValueOf(0)); err != nil || !cmp.Equal(av, types.AttributeValue(&avN{Value: "0"}), exported) {
		t.Errorf("an empty element to compare with: got %v, %v", av, err)
	}
}
