package codec

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/schema"
)

var textsType = reflect.TypeFor[map[string]string]()

// mapForm is the form of Go maps.
type mapForm struct {
	typ  reflect.Type
	key  keyForm
	elem *Value

	texts bool // map[string]string, the commonest, is read and written without reflection
}

func (b builder) dictionary() (form, *Value, error) {
	k, err := keyFormOf(b.typ.Key())
	if err != nil {
		return nil, nil, err
	}
	elem, err := b.elem(b.typ.Elem())
	if err != nil {
		return nil, nil, err
	}
	texts := b.typ == textsType && elem.tag == schema.Tag{}
	return &mapForm{typ: b.typ, key: k, elem: elem, texts: texts}, elem, nil
}

// inMap is the step of a path to an element. Which one it is, is the user's secret.
const inMap = "[key]"

func (f *mapForm) encode(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	if err := e.enter(); err != nil {
		return nil, err
	}
	n := v.Len()
	outer := e.push(f.elem, n)
	out := make(map[string]types.AttributeValue, n)
	var err error
	if f.texts {
		err = encodeTexts(e, v.Interface().(map[string]string), out)
	} else {
		err = f.encodeElements(e, v, out)
	}
	if err != nil {
		return nil, under(inMap, err)
	}
	e.pop(outer)
	e.leave()
	return &types.AttributeValueMemberM{Value: out}, nil
}

func (f *mapForm) encodeElements(e *encoder, v reflect.Value, out map[string]types.AttributeValue) error {
	key, elem := reflect.New(f.typ.Key()).Elem(), reflect.New(f.typ.Elem()).Elem()
	count := 0
	for iter := v.MapRange(); iter.Next(); {
		key, elem = f.next(key, elem)
		key.SetIterKey(iter)
		elem.SetIterValue(iter)
		name, err := f.name(key)
		if err != nil {
			return err
		}
		av, err := f.elem.encode(e, elem)
		if err != nil {
			return err
		}
		if av == nil {
			continue
		}
		out[name] = av
		if count++; len(out) != count {
			return fail("two keys of the map have the same text")
		}
	}
	return nil
}

// next is the memory for the next key and element: that of the last ones, unless methods of the user's have seen it.
func (f *mapForm) next(key, elem reflect.Value) (reflect.Value, reflect.Value) {
	if f.key.own {
		key = reflect.New(f.typ.Key()).Elem()
	}
	if f.elem.foreign {
		elem = reflect.New(f.typ.Elem()).Elem()
	}
	return key, elem
}

func encodeTexts(e *encoder, texts map[string]string, out map[string]types.AttributeValue) error {
	for name, s := range texts {
		if err := checkName(name); err != nil {
			return err
		}
		av, err := e.text(s)
		if err != nil {
			return err
		}
		out[name] = av
	}
	return nil
}

func (f *mapForm) name(key reflect.Value) (string, error) {
	name, err := f.key.format(key)
	if err != nil {
		return "", err
	}
	return name, checkName(name)
}

func (f *mapForm) decode(av types.AttributeValue, dst reflect.Value) error {
	m, ok := av.(*types.AttributeValueMemberM)
	if !ok || m == nil {
		return mismatch(av, dst)
	}
	if f.texts {
		if texts, ok := textsOf(m.Value); ok {
			*dst.Addr().Interface().(*map[string]string) = texts
			return nil
		}
	}
	out := reflect.MakeMapWithSize(f.typ, len(m.Value))
	if err := f.decodeElements(m.Value, out); err != nil {
		return under(inMap, err)
	}
	dst.Set(out)
	return nil
}

// textsOf reads a map that holds nothing but strings.
func textsOf(in map[string]types.AttributeValue) (map[string]string, bool) {
	out := make(map[string]string, len(in))
	for name, av := range in {
		m, ok := av.(*types.AttributeValueMemberS)
		if !ok || m == nil {
			return nil, false
		}
		out[name] = m.Value
	}
	return out, true
}

func (f *mapForm) decodeElements(in map[string]types.AttributeValue, out reflect.Value) error {
	key, elem := reflect.New(f.typ.Key()).Elem(), reflect.New(f.typ.Elem()).Elem()
	for name, av := range in {
		key, elem = f.next(key, elem)
		elem.SetZero()
		if err := f.key.parse(name, key); err != nil {
			return err
		}
		if err := f.elem.decode(av, elem); err != nil {
			return err
		}
		out.SetMapIndex(key, elem)
	}
	if out.Len() != len(in) {
		return fail("two keys of the map are the same in Go")
	}
	return nil
}

func (f *mapForm) tally() tally { return tally{} }
