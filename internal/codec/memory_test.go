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

// keeper keeps the pointer that its Unmarshaler is called with, as a type that refers to itself would.
type keeper struct {
	self *keeper
	text string
}

var kept []*keeper

func (k *keeper) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	kept = append(kept, k)
	k.self, k.text = k, av.(*avS).Value
	return nil
}

func (k *keeper) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &avS{Value: k.text}, nil
}

func TestMemoryThatUserCodeHasSeenIsNotReused(t *testing.T) {
	type holder struct {
		One   keeper
		Array [1]keeper
		Inner struct{ Deep keeper }
		Map   map[string]keeper
	}
	s := func(text string) types.AttributeValue { return &avS{Value: text} }
	item := func(text string) avMap {
		return avMap{
			"One": s(text), "Array": &avL{Value: avs{s(text)}}, "Inner": &avM{Value: avMap{"Deep": s(text)}},
			"Map": &avM{Value: avMap{"a": s(text), "b": s(text)}},
		}
	}
	kept = nil
	c := structCodec[holder](t)
	for _, text := range []string{"first", "second"} {
		var out holder
		if err := c.Decode(item(text), valueOf(&out)); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[*keeper]bool{}
	for i, k := range kept {
		want := "first"
		if i >= len(kept)/2 {
			want = "second"
		}
		if seen[k] || k.text != want {
			t.Errorf("the memory of call %d was used again: %q, want %q", i, k.text, want)
		}
		seen[k] = true
	}
}
