package codec

import (
	"reflect"
	"slices"
	"sync"

	"github.com/monotable/monotable/internal/schema"
)

// key is what a compiled codec depends on.
type key struct {
	typ     reflect.Type
	tag     schema.Tag
	element bool
}

var values sync.Map // key -> *Value

// Of compiles the codec of a type under the options of a tag. The result is cached; it is an error if values of the type
// cannot be stored.
func Of(t reflect.Type, tag schema.Tag) (*Value, error) {
	return compile(key{typ: t, tag: tag}, nil)
}

// compile finds or builds the codec of a key; above holds the types on the way to it, for cycles.
func compile(k key, above []reflect.Type) (*Value, error) {
	if cached, ok := values.Load(k); ok {
		return cached.(*Value), nil
	}
	if k.typ == nil {
		return nil, fail("a nil type cannot be stored")
	}
	if slices.Contains(above, k.typ) {
		return nil, unstorable(k.typ, "it contains itself")
	}
	b := builder{key: k, above: append(slices.Clip(above), k.typ)}
	f, elem, err := b.form()
	if err != nil {
		return nil, err
	}
	c := &Value{typ: k.typ, tag: k.tag, element: k.element, form: f, elem: elem, empty: b.emptiness()}
	c.foreign = isForeign(c)
	cached, _ := values.LoadOrStore(k, c)
	return cached.(*Value), nil
}

// isForeign reports whether a Marshaler or Unmarshaler would get a pointer into the memory of a value, and might keep it. What
// pointers, slices and maps hold is allocated anew for each value.
func isForeign(c *Value) bool {
	switch f := c.form.(type) {
	case *opaqueForm:
		return true
	case *Struct:
		return f.foreign
	}
	return c.typ.Kind() == reflect.Array && c.elem != nil && c.elem.foreign
}

// builder chooses the form of one type.
type builder struct {
	key
	above []reflect.Type
}

// emptiness leaves out checks whose answer nobody asks for.
func (b builder) emptiness() emptiness {
	switch k := b.typ.Kind(); {
	case k == reflect.Pointer, k == reflect.Interface, k == reflect.Slice, k == reflect.Map:
		return isNil
	case !b.tag.OmitEmpty && !b.tag.NullEmpty:
		return never
	case schema.IsTime(b.typ):
		// A time with a Marshaler of its own is as much a zero time.
		return isEpoch
	case k == reflect.Struct, k == reflect.Array && b.typ.Len() > 0:
		return never
	default:
		return isZero
	}
}

// form returns the form of the type and, for lists, sets and maps, the codec of its elements.
func (b builder) form() (form, *Value, error) {
	switch {
	case b.typ.Kind() == reflect.Pointer:
		return b.pointer()
	case b.typ.Kind() != reflect.Interface && schema.IsOpaque(b.typ):
		return b.opaque()
	}
	return b.plain()
}

// plain is the form of a type whose own methods are left out of account.
func (b builder) plain() (form, *Value, error) {
	t := b.typ
	switch k := t.Kind(); {
	case schema.IsTime(t):
		return timeForm{unix: b.tag.UnixTime}, nil, nil
	case schema.IsNumberText(t):
		return numeralForm{asString: b.tag.AsString}, nil, nil
	case k == reflect.String:
		return textForm{}, nil, nil
	case k == reflect.Bool:
		return boolForm{}, nil, nil
	case k >= reflect.Int && k <= reflect.Int64:
		return intForm{asString: b.tag.AsString}, nil, nil
	case k >= reflect.Uint && k <= reflect.Uint64:
		return uintForm{asString: b.tag.AsString}, nil, nil
	case k == reflect.Float32 || k == reflect.Float64:
		return floatForm{asString: b.tag.AsString, bits: t.Bits()}, nil, nil
	case k == reflect.Interface:
		return &anyForm{tag: b.tag, element: b.element}, nil, nil
	case k == reflect.Struct:
		return b.structure()
	case k == reflect.Slice || k == reflect.Array:
		return b.list()
	case k == reflect.Map:
		return b.dictionary()
	}
	return nil, nil, unstorable(t, "give it a Marshaler and Unmarshaler of package attributevalue, or leave it out")
}

// elem compiles the codec of the elements: they have options of their own, and the other ones of the field do not reach them.
func (b builder) elem(t reflect.Type) (*Value, error) {
	tag := schema.Tag{OmitEmpty: b.tag.OmitEmptyElem, OmitEmptyElem: b.tag.OmitEmptyElem, NullEmpty: b.tag.NullEmptyElem}
	return compile(key{typ: t, tag: tag, element: true}, b.above)
}
