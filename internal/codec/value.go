package codec

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/schema"
)

// Value is the compiled codec of values of one type under one set of tag options. It is immutable and safe for concurrent use.
type Value struct {
	typ     reflect.Type
	tag     schema.Tag
	element bool // of a list or map, where a nil cannot be absent
	empty   emptiness
	form    form
	elem    *Value
	foreign bool // methods of the user's see the memory of a value, which must not be used again
}

// form is how the values of one type look as attributes. Emptiness is decided before it is asked: encode never sees a nil.
type form interface {
	// encode returns nil for what has no attribute: an empty set, or a Marshaler's nil.
	encode(e *encoder, v reflect.Value) (types.AttributeValue, error)
	// decode fills dst, which is the zero value; on an error dst is left as it happens to be.
	decode(av types.AttributeValue, dst reflect.Value) error
	// tally counts the members of a value that is not empty.
	tally() tally
}

// emptiness is which values of a kind count as empty.
type emptiness uint8

const (
	never   emptiness = iota // structs and arrays always have an attribute
	isNil                    // pointers, interfaces, slices and maps
	isZero                   // strings, numbers and bools; asked only where the tag acts on it
	isEpoch                  // times, likewise
)

func (em emptiness) of(v reflect.Value) bool {
	switch em {
	case isNil:
		return v.IsNil()
	case isZero:
		return isZeroScalar(v)
	case isEpoch:
		return timeOf(v).IsZero()
	}
	return false
}

// isZeroScalar is not reflect's IsZero, which tells -0 from 0.
func isZeroScalar(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		return v.Float() == 0
	case reflect.String:
		return v.Len() == 0
	}
	return v.IsZero()
}

// Encode returns the attribute of a value. It is nil for a value that has none: a nil pointer, slice, map or interface, an
// empty set, and what omitempty leaves out. As an element of a list or map a nil is NULL, for it cannot be absent.
func (c *Value) Encode(v reflect.Value) (types.AttributeValue, error) {
	e := newEncoder(1)
	defer e.done()
	return c.encode(e, v)
}

func (c *Value) encode(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	if c.empty != never && c.empty.of(v) {
		switch {
		case e.isOperand():
			return c.emptyOperand(e, v)
		case c.tag.OmitEmpty:
			return nil, nil
		case c.empty == isNil:
			return c.nothing(e), nil
		case c.tag.NullEmpty && c.empty != isEpoch:
			return null(), nil
		}
	}
	av, err := c.form.encode(e, v)
	if av == nil && err == nil && c.element && !c.tag.OmitEmpty && !e.isOperand() {
		return null(), nil
	}
	return av, err
}

// nothing is what a nil leaves: NULL among the elements of a list or map and for comparisons, no attribute elsewhere.
func (c *Value) nothing(e *encoder) types.AttributeValue {
	if c.element || e.isOperand() {
		return null()
	}
	return nil
}

// Operand returns the encoding without omission, for comparisons: zero values that omitempty leaves out give their encoding
// (N 0, S "", an empty list or map for a nil one), a nil pointer or interface gives NULL. An empty set gives nil: there is none.
func (c *Value) Operand(v reflect.Value) (types.AttributeValue, error) {
	e := newEncoder(1)
	defer e.done()
	e.operand = true
	return c.encode(e, v)
}

// emptyOperand is what Operand gives for what Encode may leave out.
func (c *Value) emptyOperand(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	kind := c.typ.Kind()
	switch {
	case c.empty == isNil && (marshals(c.form) || kind != reflect.Slice && kind != reflect.Map):
		return null(), nil
	case c.empty == isZero && c.tag.NullEmpty:
		return null(), nil
	}
	return c.form.encode(e, v)
}

// Decode reads an attribute into dst, which must be settable. The value is built afresh: nothing of what dst holds survives, and
// dst is set only on success. NULL makes it the zero value, unless its type has an Unmarshaler that is asked.
func (c *Value) Decode(av types.AttributeValue, dst reflect.Value) error {
	fresh := reflect.New(c.typ).Elem()
	if err := c.decode(av, fresh); err != nil {
		return err
	}
	dst.Set(fresh)
	return nil
}

// tally counts the members of a value, unless it is likely to be absent.
func (c *Value) tally() tally {
	if c.tag.OmitEmpty {
		return tally{}
	}
	return c.form.tally()
}

// decode fills dst, which is the zero value.
func (c *Value) decode(av types.AttributeValue, dst reflect.Value) error {
	if n, ok := av.(*types.AttributeValueMemberNULL); ok && n != nil && !unmarshals(c.form) {
		return nil
	}
	return c.form.decode(av, dst)
}

// Canonical returns decode(encode(v)) without omission: what a value is after a round trip. Times are UTC, with the precision
// that the tag keeps. Values that a round trip leaves alone are returned as they are, once it is clear that they can be stored.
func (c *Value) Canonical(v reflect.Value) (reflect.Value, error) {
	if c.empty == isNil && v.IsNil() {
		return v, nil
	}
	if x, ok := c.form.(exact); ok {
		return v, x.check(v)
	}
	av, err := c.Operand(v)
	if err != nil {
		return reflect.Value{}, err
	}
	fresh := reflect.New(c.typ).Elem()
	if av == nil {
		return fresh, nil
	}
	return fresh, c.decode(av, fresh)
}

// exact is a form whose values survive a round trip unchanged.
type exact interface {
	// check reports why a value cannot be stored.
	check(v reflect.Value) error
}

// Elem is the codec of the elements of a list, a set or a map, pointers to one included; nil for other types.
func (c *Value) Elem() *Value { return c.elem }

// Type is the type whose values it encodes.
func (c *Value) Type() reflect.Type { return c.typ }
