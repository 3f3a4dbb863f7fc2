package schema

import (
	"encoding"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
)

var (
	timeType            = reflect.TypeFor[time.Time]()
	marshalerType       = reflect.TypeFor[attributevalue.Marshaler]()
	unmarshalerType     = reflect.TypeFor[attributevalue.Unmarshaler]()
	textMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// isTime reports whether attributevalue treats the type as a time: time.Time or a type defined as it.
func isTime(t reflect.Type) bool { return t.Kind() == reflect.Struct && t.ConvertibleTo(timeType) }

// IsTime reports whether values of the type are times.
func IsTime(t reflect.Type) bool { return isTime(t) }

// IsOpaque reports whether the type brings its own encoding, by attributevalue's Marshaler or Unmarshaler: what it looks like
// inside says nothing about what is stored.
func IsOpaque(t reflect.Type) bool {
	return implements(t, marshalerType) || implements(t, unmarshalerType)
}

// implements reports whether the type, or a pointer to it, implements the interface.
func implements(t, iface reflect.Type) bool {
	return t.Implements(iface) || t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(iface)
}

// isNumberText reports whether attributevalue writes the type as a number although it is a string: json.Number and its like.
func isNumberText(t reflect.Type) bool {
	type number interface {
		Float64() (float64, error)
		Int64() (int64, error)
		String() string
	}
	return t.Kind() == reflect.String && t.Implements(reflect.TypeFor[number]())
}

// IsNumberText is isNumberText for the codec.
func IsNumberText(t reflect.Type) bool { return isNumberText(t) }

func isSigned(k reflect.Kind) bool { return k >= reflect.Int && k <= reflect.Int64 }

func isUnsigned(k reflect.Kind) bool { return k >= reflect.Uint && k <= reflect.Uint64 }

func isInteger(k reflect.Kind) bool { return isSigned(k) || isUnsigned(k) }

func isNumber(k reflect.Kind) bool {
	return isInteger(k) || k == reflect.Float32 || k == reflect.Float64
}

// indirect strips the pointers from a type. type P *P has no end: a pointer is left of it, which cannot be stored.
func indirect(t reflect.Type) reflect.Type {
	for n := 0; t.Kind() == reflect.Pointer && n < maxDepth; n++ {
		t = t.Elem()
	}
	return t
}

// isBytes reports whether the type is stored as a binary.
func isBytes(t reflect.Type) bool {
	return (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) && t.Elem().Kind() == reflect.Uint8
}
