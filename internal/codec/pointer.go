package codec

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// pointerForm is the form of pointers: that of what they point at.
type pointerForm struct{ inner *Value }

func (b builder) pointer() (form, *Value, error) {
	k := b.key
	k.typ = b.typ.Elem()
	inner, err := compile(k, b.above)
	if err != nil {
		return nil, nil, err
	}
	return pointerForm{inner}, inner.elem, nil
}

// encode skips the emptiness of what it points at: a pointer to a zero is there, unlike a nil one. Behind a second pointer
// attributevalue asks again, and so does this.
func (f pointerForm) encode(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	return f.inner.pointed(e, v.Elem())
}

// pointed encodes what a pointer or an interface holds.
func (c *Value) pointed(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	f, ok := c.form.(pointerForm)
	switch {
	case !ok && c.typ.Kind() == reflect.Interface && v.IsNil():
		return c.nothing(e), nil
	case !ok:
		return c.form.encode(e, v)
	case v.IsNil():
		if c.tag.OmitEmpty && c.tag.OmitEmptyElem {
			return nil, nil
		}
		return c.nothing(e), nil
	case marshals(f.inner.form):
		return f.inner.form.encode(e, v.Elem())
	}
	return f.inner.encode(e, v.Elem())
}

func (f pointerForm) decode(av types.AttributeValue, dst reflect.Value) error {
	p := reflect.New(dst.Type().Elem())
	if err := f.inner.decode(av, p.Elem()); err != nil {
		return err
	}
	dst.Set(p)
	return nil
}

// tally is nothing, for most pointers are nil.
func (f pointerForm) tally() tally { return tally{} }
