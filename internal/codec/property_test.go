package codec_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/schema"
)

func structCodec[T any](tb interface {
	Helper()
	Fatal(...any)
}) *codec.Struct {
	tb.Helper()
	s, err := schema.StructOf(reflect.TypeFor[T]())
	if err != nil {
		tb.Fatal(err)
	}
	c, err := codec.StructOf(s)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// exported lets cmp look into unexported fields; it compares times by instant.
var exported = cmp.Options{
	cmp.Exporter(func(reflect.Type) bool { return true }),
	cmp.Comparer(func(a, b stamp) bool { return time.Time(a).Equal(time.Time(b)) }),
	cmp.Comparer(func(a, b attributevalue.UnixTime) bool { return time.Time(a).Equal(time.Time(b)) }),
}

func TestRoundTrip(t *testing.T) {
	c := structCodec[everything](t)
	rapid.Check(t, func(t *rapid.T) {
		in := makeEverything(t, true)
		item, err := c.Encode(reflect.ValueOf(in).Elem(), 0)
		if err != nil {
			t.Fatal(err)
		}
		out := everything{Str: "stale", Trait: &Trait{Color: "stale"}, List: []string{"stale"}}
		if err := c.Decode(item, reflect.ValueOf(&out).Elem()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(in, &out, exported); diff != "" {
			t.Fatalf("decode(encode(v)) is not v (-v +got):\n%s", diff)
		}
		if !isUTC(out) {
			t.Fatal("a decoded time is not UTC")
		}
	})
}

func isUTC(v everything) bool {
	return v.Time.Location() == time.UTC && v.Unix.Location() == time.UTC && v.Created.Location() == time.UTC &&
		v.Inner.Since.Location() == time.UTC && time.Time(v.Stamp).Location() == time.UTC
}

// reference encodes as attributevalue does, given the options that it has for the differences on our list.
func reference(t *rapid.T, v any) avMap {
	item, err := attributevalue.MarshalMapWithOptions(v, func(o *attributevalue.EncoderOptions) {
		o.OmitEmptyTime, o.OmitNullAttributeValues = true, true
		o.EncodeTime = func(t time.Time) (types.AttributeValue, error) {
			return &avS{Value: t.UTC().Format("2006-01-02T15:04:05.000000000Z")}, nil
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return item
}

func TestEncodesAsAttributevalue(t *testing.T) {
	c := structCodec[everything](t)
	rapid.Check(t, func(t *rapid.T) {
		in := makeEverything(t, false)
		got, err := c.Encode(reflect.ValueOf(in).Elem(), 3)
		if err != nil {
			t.Fatal(err)
		}
		want := reference(t, in)
		absentNotNull(want, reflect.TypeFor[everything]())
		if diff := cmp.Diff(want, got, exported); diff != "" {
			t.Fatalf("attributevalue encodes otherwise (-attributevalue +codec):\n%s", diff)
		}
		again, err := c.Encode(reflect.ValueOf(*in), 0)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, again, exported); diff != "" {
			t.Fatalf("a value that cannot be addressed is encoded otherwise:\n%s", diff)
		}
	})
}

// absentNotNull takes the NULLs of nil and of empty sets out of the fields of structs.
func absentNotNull(item avMap, t reflect.Type) {
	s, err := schema.StructOf(t)
	if err != nil {
		panic(err)
	}
	for _, f := range s.Fields {
		av, ok := item[f.Attr]
		if !ok {
			continue
		}
		_, null := av.(*types.AttributeValueMemberNULL)
		switch f.Type.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
			if null {
				delete(item, f.Attr)
				continue
			}
		}
		absentBelow(av, f.Type)
	}
}

func absentBelow(av types.AttributeValue, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch m := av.(type) {
	case *avM:
		switch {
		case t.Kind() == reflect.Struct:
			absentNotNull(m.Value, t)
		case t.Kind() == reflect.Map:
			for _, elem := range m.Value {
				absentBelow(elem, t.Elem())
			}
		case t.Kind() == reflect.Interface && m.Value["street"] != nil:
			absentNotNull(m.Value, reflect.TypeFor[inner]())
		case t.Kind() == reflect.Interface:
			for _, elem := range m.Value {
				absentBelow(elem, t)
			}
		}
	case *avL:
		for _, elem := range m.Value {
			if t.Kind() == reflect.Interface {
				absentBelow(elem, t)
			} else {
				absentBelow(elem, t.Elem())
			}
		}
	}
}

func TestAttributevalueReadsOurs(t *testing.T) {
	c := structCodec[everything](t)
	rapid.Check(t, func(t *rapid.T) {
		in := makeEverything(t, true)
		item, err := c.Encode(reflect.ValueOf(in).Elem(), 0)
		if err != nil {
			t.Fatal(err)
		}
		out := new(everything)
		err = attributevalue.UnmarshalMapWithOptions(item, out, func(o *attributevalue.DecoderOptions) { o.UseNumber = true })
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(in, out, exported); diff != "" {
			t.Fatalf("attributevalue reads another value (-written +read):\n%s", diff)
		}
	})
}

func TestReadsAttributevalues(t *testing.T) {
	c := structCodec[everything](t)
	rapid.Check(t, func(t *rapid.T) {
		in := makeEverything(t, true)
		item, err := attributevalue.MarshalMap(in)
		if err != nil {
			t.Fatal(err)
		}
		out := new(everything)
		if err := c.Decode(item, reflect.ValueOf(out).Elem()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(in, out, exported); diff != "" {
			t.Fatalf("attributevalue wrote another value (-written +read):\n%s", diff)
		}
	})
}

// TestCanonical checks that Canonical is what it says, field by field.
func TestCanonical(t *testing.T) {
	s, err := schema.StructOf(reflect.TypeFor[everything]())
	if err != nil {
		t.Fatal(err)
	}
	c := structCodec[everything](t)
	rapid.Check(t, func(t *rapid.T) {
		in := makeEverything(t, false)
		item, err := c.Encode(reflect.ValueOf(in).Elem(), 0)
		if err != nil {
			t.Fatal(err)
		}
		out := new(everything)
		if err := c.Decode(item, reflect.ValueOf(out).Elem()); err != nil {
			t.Fatal(err)
		}
		for _, f := range s.Fields {
			if in.Trait == nil && len(f.Index) > 1 && f.Index[0] == 1 || out.Trait == nil && len(f.Index) > 1 && f.Index[0] == 1 {
				continue
			}
			v := reflect.ValueOf(in).Elem().FieldByIndex(f.Index)
			got, err := c.Field(f).Canonical(v)
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			want := reflect.ValueOf(out).Elem().FieldByIndex(f.Index)
			if diff := cmp.Diff(want.Interface(), got.Interface(), exported); diff != "" {
				t.Fatalf("%s: canonical is not decode(encode(v)):\n%s", f.Name, diff)
			}
		}
	})
}
