package codec_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/internal/schema"
)

// grower makes an AttributeValue of any shape from bytes.
type grower struct {
	data  []byte
	names []string
	torn  bool // it has nil or unknown members, on which attributevalue panics
}

func (g *grower) next(n int) int {
	if len(g.data) == 0 {
		return 0
	}
	b := g.data[0]
	g.data = g.data[1:]
	return int(b) % n
}

// words are what is text, number, time, bool, key or money to some field.
var words = []string{
	"", "1", "1.0", "-7", "1e2", "255", "0.1", "9007199254740993", "99999999999999999999", "2026-01-02T03:04:05+01:00", "true", "20C",
	"5 EUR", canary, "\xff", "1e400", "NaN", "0x1p-2", "street", "1_0",
}

func (g *grower) word() string { return words[g.next(len(words))] }

func (g *grower) name() string {
	if g.next(4) == 0 {
		return g.word()
	}
	return g.names[g.next(len(g.names))]
}

func (g *grower) tree(depth int) types.AttributeValue {
	kinds := 14
	if depth == 0 {
		kinds = 12
	}
	switch g.next(kinds) {
	case 0:
		return &avS{Value: g.word()}
	case 1:
		return &avN{Value: g.word()}
	case 2:
		return avBool(g.next(2) == 0)
	case 3:
		return &types.AttributeValueMemberNULL{Value: g.next(2) == 0}
	case 4:
		return &avB{Value: []byte(g.word())}
	case 5:
		return &avSS{Value: some(g, g.word)}
	case 6:
		return &avNS{Value: some(g, g.word)}
	case 7:
		return &avBS{Value: some(g, func() []byte { return []byte(g.word()) })}
	case 8:
		return g.tear([]types.AttributeValue{nil, (*avS)(nil), (*avN)(nil), (*avB)(nil), (*avL)(nil), (*avM)(nil), (*avSS)(nil), (*avNS)(nil), (*avBS)(nil)}[g.next(9)])
	case 9:
		return g.tear([]types.AttributeValue{(*types.AttributeValueMemberBOOL)(nil), (*types.AttributeValueMemberNULL)(nil), &types.UnknownUnionMember{}, (*types.UnknownUnionMember)(nil)}[g.next(4)])
	case 10:
		return &avL{}
	case 11:
		return &avM{}
	case 12:
		return &avL{Value: some(g, func() types.AttributeValue { return g.tree(depth - 1) })}
	}
	return &avM{Value: g.item(depth - 1)}
}

func (g *grower) tear(av types.AttributeValue) types.AttributeValue {
	g.torn = true
	return av
}

func some[T any](g *grower, one func() T) []T {
	var out []T
	for range g.next(4) {
		out = append(out, one())
	}
	return out
}

func (g *grower) item(depth int) avMap {
	out := avMap{}
	for range 1 + g.next(6) {
		out[g.name()] = g.tree(depth)
	}
	return out
}

// FuzzDecode decodes any tree: it must end in a value or an error, never in a panic, nor show values in errors. Where we and
// attributevalue both read it, we read the same.
func FuzzDecode(f *testing.F) {
	s, err := schema.StructOf(reflect.TypeFor[everything]())
	if err != nil {
		f.Fatal(err)
	}
	names := []string{"street", "number", "At", "Many"}
	for _, field := range s.Fields {
		names = append(names, field.Attr)
	}
	c := structCodec[everything](f)
	for i := range len(names) {
		for kind := range byte(14) {
			f.Add([]byte{0, 1, byte(i), kind, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9})
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		g := &grower{data: data, names: names}
		item := g.item(3)
		got := everything{Str: "before"}
		err := c.Decode(item, valueOf(&got))
		switch {
		case err != nil && strings.Contains(err.Error(), canary):
			t.Fatalf("the error shows a value: %v", err)
		case err != nil && !cmp.Equal(got, everything{Str: "before"}, exported):
			t.Fatal("the destination has changed")
		}
		if _, againErr := c.Encode(valueOf(&got), 0); againErr != nil && strings.Contains(againErr.Error(), canary) {
			t.Fatalf("the error shows a value: %v", againErr)
		}
		if err != nil || g.torn {
			return
		}
		var want everything
		if attributevalue.UnmarshalMapWithOptions(exactNames(item, s), &want, asOurs) == nil {
			if diff := cmp.Diff(want, got, exported, nearly32); diff != "" {
				t.Fatalf("attributevalue reads another value (-attributevalue +codec):\n%s", diff)
			}
		}
	})
}

func asOurs(o *attributevalue.DecoderOptions) {
	o.UseNumber, o.FixUnmarshalIndividualSetValues = true, true
}

// nearly32 allows for attributevalue's rounding of a float32 by way of a float64.
var nearly32 = cmp.Comparer(func(a, b float32) bool { return a == b || math.Abs(float64(a-b)) <= 1e-6*math.Abs(float64(a)) })

// exactNames leaves out what attributevalue would match in another case.
func exactNames(item avMap, s *schema.Struct) avMap {
	out := avMap{}
	for name, av := range item {
		if s.ByAttr(name) != nil {
			out[name] = av
		}
	}
	return out
}

// FuzzValues decodes any tree into single values of many types.
func FuzzValues(f *testing.F) {
	dsts := []any{
		new(string), new(int8), new(uint64), new(float32), new(bool), new([]byte), new([2]byte), new([]int), new([2]string), new([][]byte),
		new(map[string]any), new(map[celsius]int), new(map[bool]bool), new(any), new(error), new(*money), new([]money), new(inner),
		new(*deeper), new(stamp), new(**int), new(attributevalue.Number), new(returns), new(attributevalue.UnixTime), new([]any),
	}
	for i := range byte(14) {
		f.Add([]byte{i, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, i, 12, i, 13, i})
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		g := &grower{data: data, names: []string{"street", "number", "1", "true"}}
		av := g.tree(4)
		for _, dst := range dsts {
			v := valueOf(dst)
			c := valueCodec(t, v.Type(), noTag)
			got := reflect.New(v.Type()).Elem()
			if err := c.Decode(av, got); err != nil {
				if strings.Contains(err.Error(), canary) {
					t.Fatalf("the error shows a value: %v", err)
				}
				continue
			}
			operand, err := c.Operand(got)
			if err != nil || operand == nil {
				continue
			}
			again := reflect.New(v.Type()).Elem()
			if err := c.Decode(operand, again); err != nil {
				t.Fatalf("%s: what we wrote, we cannot read: %v", v.Type(), err)
			}
		}
	})
}
