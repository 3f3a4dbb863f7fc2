package codec

import (
	"encoding"
	"math"
	"reflect"
	"strconv"
)

// keyForm is how the keys of a Go map become names of attributes, and back.
type keyForm struct {
	format func(reflect.Value) (string, error)
	parse  func(string, reflect.Value) error
	own    bool // by methods of the key's type
}

var (
	textMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// keyFormOf chooses the form of keys. A String method has no say, unlike in attributevalue, which cannot read what it wrote by it.
func keyFormOf(t reflect.Type) (keyForm, error) {
	k, known := kindKeyForm(t)
	formats := t.Implements(textMarshalerType) || t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(textMarshalerType)
	parses := t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(textUnmarshalerType)
	if formats {
		k.format, k.own = marshalKey, true
	}
	if parses {
		k.parse, k.own = unmarshalKey, true
	}
	if known || formats && parses {
		return k, nil
	}
	return keyForm{}, fail("a map with keys of type " + t.String() + " cannot be stored; use strings, integers, bools, or a TextMarshaler that is a TextUnmarshaler too")
}

// kindKeyForm is the form of keys without methods.
func kindKeyForm(t reflect.Type) (keyForm, bool) {
	switch k := t.Kind(); {
	case k == reflect.String:
		return keyForm{format: formatText, parse: parseText}, true
	case k == reflect.Bool:
		return keyForm{format: formatBool, parse: parseBool}, true
	case k >= reflect.Int && k <= reflect.Int64:
		return keyForm{format: formatInt, parse: parseIntKey}, true
	case k >= reflect.Uint && k <= reflect.Uint64:
		return keyForm{format: formatUint, parse: parseUintKey}, true
	case k == reflect.Float32 || k == reflect.Float64:
		return keyForm{format: formatFloat, parse: parseFloatKey}, true
	}
	return keyForm{}, false
}

func formatText(v reflect.Value) (string, error) { return v.String(), nil }

func parseText(s string, dst reflect.Value) error {
	dst.SetString(s)
	return nil
}

func formatBool(v reflect.Value) (string, error) { return strconv.FormatBool(v.Bool()), nil }

func parseBool(s string, dst reflect.Value) error {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return failAs("the key is no bool", err)
	}
	dst.SetBool(b)
	return nil
}

func formatInt(v reflect.Value) (string, error) { return strconv.FormatInt(v.Int(), 10), nil }

func parseIntKey(s string, dst reflect.Value) error {
	n, ok := parseInt(s)
	if !ok || dst.OverflowInt(n) {
		return misfit(dst)
	}
	dst.SetInt(n)
	return nil
}

func formatUint(v reflect.Value) (string, error) { return strconv.FormatUint(v.Uint(), 10), nil }

func parseUintKey(s string, dst reflect.Value) error {
	n, ok := parseUint(s)
	if !ok || dst.OverflowUint(n) {
		return misfit(dst)
	}
	dst.SetUint(n)
	return nil
}

func formatFloat(v reflect.Value) (string, error) {
	if x := v.Float(); math.IsNaN(x) || math.IsInf(x, 0) {
		return "", fail("NaN and infinities cannot be keys")
	}
	return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits()), nil
}

func parseFloatKey(s string, dst reflect.Value) error {
	n, ok := parseFloat(s, dst.Type().Bits())
	if !ok {
		return misfit(dst)
	}
	dst.SetFloat(n)
	return nil
}

func marshalKey(v reflect.Value) (string, error) {
	text, err := receiver(v, textMarshalerType).(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return "", failAs("the TextMarshaler of a key failed", err)
	}
	return string(text), nil
}

func unmarshalKey(s string, dst reflect.Value) error {
	if err := dst.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s)); err != nil {
		return failAs("the TextUnmarshaler of a key failed", err)
	}
	return nil
}
