package schema

import (
	"reflect"
	"strconv"
	"strings"
)

// Member is a field in a template, with the verbs that shape its text.
type Member struct {
	Ref *Ref

	Pad   int  // digits, for |pad=n
	Desc  bool // reversed order
	Raw   bool // unescaped
	Plain bool // an integer without padding
	Last  bool // nothing follows in the template

	kind textKind
	stop byte // the first byte of the literal that follows a raw member
}

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

// verbs is the closed table of what may follow a bar in a template.
var verbs = map[string]func(m *Member, arg string) (reason string){
	"pad":   func(m *Member, arg string) string { return m.setPad(arg) },
	"desc":  func(m *Member, arg string) string { m.Desc = true; return m.ordered("desc") },
	"raw":   func(m *Member, arg string) string { m.Raw = true; return m.textual("raw") },
	"plain": func(m *Member, arg string) string { m.Plain = true; return m.integral("plain") },
}

// laterVerbs are documented and not there yet: they are refused by name.
var laterVerbs = map[string]bool{"day": true, "month": true, "hour": true, "unix": true, "fold": true, "or": true, "shard": true}

// takesArgument are the verbs that are written verb=argument.
var takesArgument = map[string]bool{"pad": true}

// parseVerb applies one verb to a member; the reason says why it cannot be.
func (m *Member) parseVerb(text string) (reason string) {
	name, arg, given := strings.Cut(text, "=")
	apply := verbs[name]
	switch {
	case laterVerbs[name]:
		return "the verb " + strconv.Quote(name) + " is not available yet; remove it"
	case apply == nil:
		return "unknown verb " + strconv.Quote(name) + hint(name, verbs) + "; the verbs are " + list(verbs)
	case given && !takesArgument[name]:
		return "the verb " + name + " takes no argument; remove it"
	}
	return apply(m, arg)
}

func (m *Member) setPad(arg string) string {
	n, err := strconv.Atoi(arg)
	if err != nil || n < 1 || n > intDigits {
		return "pad wants a number of digits from 1 to 20, as in pad=8, not " + strconv.Quote(arg)
	}
	m.Pad = n
	return m.integral("pad")
}

func (m *Member) integral(verb string) string {
	if m.kind != kindSigned && m.kind != kindUnsigned {
		return "the verb " + verb + " is for integers, not for " + m.Ref.Type().String() + "; remove it"
	}
	return ""
}

func (m *Member) textual(verb string) string {
	if m.kind != kindString && m.kind != kindMarshaler {
		return "the verb " + verb + " is for strings, not for " + m.Ref.Type().String() + "; remove it"
	}
	return ""
}

// foreign says how the member is written in tables whose keys have delimiters of their own.
func (m *Member) foreign() string {
	switch m.kind {
	case kindString, kindMarshaler:
		return "; for a table with delimiters of its own use {" + m.Ref.Path + "|raw}"
	case kindSigned, kindUnsigned:
		return "; for a table with delimiters of its own use {" + m.Ref.Path + "|plain}, and nothing that could be a digit or sign behind it"
	}
	return ""
}

func (m *Member) ordered(verb string) string {
	switch m.kind {
	case kindSigned, kindUnsigned, kindTime, kindBool:
		return ""
	}
	return "the verb " + verb + " is for integers, times and bools, not for " + m.Ref.Type().String() + "; remove it"
}

// ServesPrefix reports whether a prefix of the field's text is a prefix of its key text: strings as they are.
func (m *Member) ServesPrefix() bool { return m.kind == kindString && !IsOpaque(m.Ref.Type()) }

// SameText reports whether two members write the same text for a value.
func (m *Member) SameText(o *Member) bool {
	return m.kind == o.kind && m.Pad == o.Pad && m.Desc == o.Desc && m.Raw == o.Raw && m.Plain == o.Plain
}
