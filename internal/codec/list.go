package codec

import (
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/schema"
)

// listForm is the form of slices and arrays.
type listForm struct {
	typ  reflect.Type
	elem *Value
}

var binariesType = reflect.TypeFor[[][]byte]()

// list chooses between bytes, sets and lists.
func (b builder) list() (form, *Value, error) {
	elem, err := b.elem(b.typ.Elem())
	if err != nil {
		return nil, nil, err
	}
	list := &listForm{typ: b.typ, elem: elem}
	switch {
	case b.typ.Elem().Kind() == reflect.Uint8:
		return bytesForm{list}, nil, nil
	case b.typ == binariesType:
		return &setForm{listForm: list, kind: schema.BinarySet}, elem, nil
	case b.tag.Set != schema.NoSet:
		return &setForm{listForm: list, kind: b.tag.Set}, elem, nil
	}
	return list, elem, nil
}

func (f *listForm) encode(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	if err := e.enter(); err != nil {
		return nil, err
	}
	n := v.Len()
	outer := e.push(f.elem, n)
	list := make([]types.AttributeValue, 0, n)
	for i := range n {
		av, err := f.elem.encode(e, v.Index(i))
		if err != nil {
			return nil, under(at(i), err)
		}
		if av != nil {
			list = append(list, av)
		}
	}
	e.pop(outer)
	e.leave()
	return &types.AttributeValueMemberL{Value: list}, nil
}

// at is the step of a path to an element.
func at(i int) string { return "[" + strconv.Itoa(i) + "]" }

// decode takes lists and sets alike, whatever the tag says.
func (f *listForm) decode(av types.AttributeValue, dst reflect.Value) error {
	if set, ok := av.(*types.AttributeValueMemberSS); ok && set != nil {
		if _, ok := f.elem.form.(textForm); ok {
			return f.decodeTexts(set.Value, dst)
		}
	}
	items, ok := elements(av)
	if !ok {
		return mismatch(av, dst)
	}
	if err := f.resize(dst, len(items)); err != nil {
		return err
	}
	for i, item := range items {
		if err := f.elem.decode(item, dst.Index(i)); err != nil {
			return under(at(i), err)
		}
	}
	return nil
}

// decodeTexts is the short way for the commonest set.
func (f *listForm) decodeTexts(texts []string, dst reflect.Value) error {
	if err := f.resize(dst, len(texts)); err != nil {
		return err
	}
	for i, s := range texts {
		dst.Index(i).SetString(s)
	}
	return nil
}

// resize makes room for n elements. An array has to fit: elements that are cut off, or made up, would go unnoticed. Only where
// the tag leaves out empty elements there may be fewer.
func (f *listForm) resize(dst reflect.Value, n int) error {
	if f.typ.Kind() == reflect.Array {
		if size := f.typ.Len(); n > size || n < size && !f.elem.tag.OmitEmpty {
			return fail("cannot read " + strconv.Itoa(n) + " elements into " + f.typ.String())
		}
		return nil
	}
	if n == 0 {
		dst.Set(reflect.MakeSlice(f.typ, 0, 0))
		return nil
	}
	dst.Grow(n)
	dst.SetLen(n)
	return nil
}

// tally is nothing: how long a list is, the type does not say.
func (f *listForm) tally() tally { return tally{} }

// elements gives the elements of a list or a set.
func elements(av types.AttributeValue) ([]types.AttributeValue, bool) {
	switch m := av.(type) {
	case *types.AttributeValueMemberL:
		if m != nil {
			return m.Value, true
		}
	case *types.AttributeValueMemberSS:
		if m != nil {
			return members(m.Value, func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }), true
		}
	case *types.AttributeValueMemberNS:
		if m != nil {
			return members(m.Value, func(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }), true
		}
	case *types.AttributeValueMemberBS:
		if m != nil {
			return members(m.Value, func(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }), true
		}
	}
	return nil, false
}

func members[T any](set []T, member func(T) types.AttributeValue) []types.AttributeValue {
	items := make([]types.AttributeValue, len(set))
	for i, x := range set {
		items[i] = member(x)
	}
	return items
}
