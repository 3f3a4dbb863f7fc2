package codec_test

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// bag holds what could be shared with an item.
type bag struct {
	Bytes []byte
	Fixed [2]byte
	Set   [][]byte
	Texts []string `dynamodbav:",stringset"`
	Any   any
	Anys  []any
	Own   returns
	Owns  []returns
}

func newBag() bag {
	own := func() []returns {
		return []returns{{&avBS{Value: [][]byte{{1, 2}}}}, {&avSS{Value: []string{"a"}}}, {&avNS{Value: []string{"1"}}}, {&avM{Value: avMap{"k": &avB{Value: []byte{1, 2}}}}}}
	}
	return bag{
		Bytes: []byte{1, 2}, Fixed: [2]byte{1, 2}, Set: [][]byte{{1, 2}}, Texts: []string{"a"}, Any: []byte{1, 2},
		Anys: []any{[][]byte{{1, 2}}, []byte{3}}, Own: returns{&avB{Value: []byte{1, 2}}}, Owns: own(),
	}
}

func TestNothingIsShared(t *testing.T) {
	c := structCodec[bag](t)
	in, untouched := newBag(), newBag()
	item, err := c.Encode(valueOf(&in), 0)
	if err != nil {
		t.Fatal(err)
	}
	item["Any"] = &avL{Value: avs{item["Any"], &avSS{Value: []string{"a"}}}}
	var out, expected bag
	if err := c.Decode(item, valueOf(&out)); err != nil {
		t.Fatal(err)
	}
	for _, av := range item {
		scribble(av)
	}
	if !reflect.DeepEqual(in, untouched) {
		t.Errorf("the encoded value shares memory with the item: %v", in)
	}
	fresh := newBag()
	again, err := c.Encode(valueOf(&fresh), 0)
	if err != nil {
		t.Fatal(err)
	}
	again["Any"] = &avL{Value: avs{again["Any"], &avSS{Value: []string{"a"}}}}
	if err := c.Decode(again, valueOf(&expected)); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(out, expected) {
		t.Errorf("the decoded value shares memory with the item: %v", out)
	}
}

// scribble writes all over an attribute.
func scribble(av types.AttributeValue) {
	switch m := av.(type) {
	case *avS:
		m.Value = "scribble"
	case *avB:
		m.Value[0] = 99
	case *avBS:
		m.Value[0][0] = 99
	case *avSS:
		m.Value[0] = "scribble"
	case *avNS:
		m.Value[0] = "99"
	case *avL:
		for _, elem := range m.Value {
			scribble(elem)
		}
	case *avM:
		for _, elem := range m.Value {
			scribble(elem)
		}
	}
}

// keeper keeps the pointers that its methods are called with, as a type that refers to itself would.
type keeper struct{ text string }

var kept []*keeper

func (k *keeper) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	kept = append(kept, k)
	k.text = av.(*avS).Value
	return nil
}

func (k *keeper) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	kept = append(kept, k)
	return &avS{Value: k.text}, nil
}

func (k *keeper) UnmarshalText(text []byte) error {
	kept = append(kept, k)
	k.text = string(text)
	return nil
}

func (k *keeper) MarshalText() ([]byte, error) {
	kept = append(kept, k)
	return []byte(k.text), nil
}

func TestMemoryThatMethodsHaveSeenIsNotReused(t *testing.T) {
	k := func(text string) keeper { return keeper{text} }
	type inside struct{ Deep keeper }
	testKeeping(t, func(s string) struct{ One keeper } { return struct{ One keeper }{k(s)} })
	testKeeping(t, func(s string) struct{ Array [1]keeper } { return struct{ Array [1]keeper }{[1]keeper{k(s)}} })
	testKeeping(t, func(s string) struct{ Inner inside } { return struct{ Inner inside }{inside{k(s)}} })
	testKeeping(t, func(s string) struct{ Map map[string]keeper } {
		return struct{ Map map[string]keeper }{map[string]keeper{"a": k(s + "a"), "b": k(s + "b")}}
	})
	testKeeping(t, func(s string) struct{ Map map[string]inside } {
		return struct{ Map map[string]inside }{map[string]inside{"a": {k(s + "a")}, "b": {k(s + "b")}}}
	})
	testKeeping(t, func(s string) struct{ Keys map[keeper]int } {
		return struct{ Keys map[keeper]int }{map[keeper]int{k(s + "a"): 1, k(s + "b"): 2}}
	})
}

// testKeeping encodes and decodes two values, which must not meet in the memory that was seen.
func testKeeping[T any](t *testing.T, value func(string) T) {
	t.Helper()
	c := structCodec[T](t)
	kept = nil
	var texts []string
	for _, text := range []string{"first", "second"} {
		in, before := value(text), len(kept)
		item, err := c.Encode(valueOf(&in), 0)
		if err != nil {
			t.Fatal(err)
		}
		var out T
		if err := c.Decode(item, valueOf(&out)); err != nil {
			t.Fatal(err)
		}
		for _, k := range kept[before:] {
			texts = append(texts, k.text)
		}
	}
	seen := map[*keeper]bool{}
	for i, k := range kept {
		if seen[k] || k.text != texts[i] {
			t.Errorf("%T: the memory of call %d was used again", *new(T), i)
		}
		seen[k] = true
	}
}
