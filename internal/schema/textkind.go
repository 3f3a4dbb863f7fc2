package schema

import "reflect"

// textKind says how the text of a member is made.
type textKind uint8

const (
	noText textKind = iota
	kindString
	kindSigned
	kindUnsigned
	kindTime
	kindBool
	kindBytes
	kindMarshaler
)

// kindOf finds how values of a type (behind pointers) become key text; noText with a reason where they cannot.
func kindOf(t reflect.Type) (kind textKind, reason string) {
	switch k := t.Kind(); {
	case k == reflect.Interface || k == reflect.Array && t.Len() == 0:
	case isTime(t):
		return kindTime, ""
	case hidden(t):
		return noText, "keeps its value in unexported fields, which are not stored; give it a Marshaler and Unmarshaler of package attributevalue"
	case isNumberText(t):
		return noText, "is a number held as text, which does not sort; use an integer"
	case implements(t, textMarshalerType):
		return kindMarshaler, ""
	case k == reflect.String:
		return kindString, ""
	case isSigned(k):
		return kindSigned, ""
	case isUnsigned(k):
		return kindUnsigned, ""
	case k == reflect.Bool:
		return kindBool, ""
	case isBytes(t):
		return kindBytes, ""
	case k == reflect.Float32 || k == reflect.Float64:
		return noText, "is a float, which has no exact text; use an integer (of cents, say) or a string"
	}
	return noText, "has no key text; use a string, an integer, a time, a bool, a []byte or a TextMarshaler"
}

// hidden reports whether a struct with a text of its own holds what is not stored: read again, it would have another text.
func hidden(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || IsOpaque(t) || !implements(t, textMarshalerType) {
		return false
	}
	for i := range t.NumField() {
		if sf := t.Field(i); sf.Name != "_" && !sf.IsExported() {
			return true
		}
	}
	return false
}
