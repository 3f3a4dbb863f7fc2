package schema

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Clause is one part of an index's when: the field must have one of the values.
type Clause struct {
	Ref    *Ref
	Source string   // as the tag has it
	Values []string // in the form that Text gives
}

// Holds reports whether a value of the clause's field, as [Ref.Value] found it, is one of those wanted.
func (c Clause) Holds(v reflect.Value) bool {
	text := clauseText(v)
	for _, want := range c.Values {
		if text == want {
			return true
		}
	}
	return false
}

// clauseText is the value as a when writes it.
func clauseText(v reflect.Value) string {
	switch k := v.Kind(); {
	case k == reflect.String:
		return v.String()
	case k == reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case isSigned(k):
		return strconv.FormatInt(v.Int(), 10)
	default:
		return strconv.FormatUint(v.Uint(), 10)
	}
}

// when reads when:"Status=open|shipped,Active=true".
func (p markerParser) when(at, source string) []Clause {
	var out []Clause
	seen := map[*Ref]bool{}
	for _, text := range strings.Split(source, ",") {
		path, values, ok := strings.Cut(text, "=")
		if !ok {
			p.addf(at+".when", `%q is no clause; write Field=value or Field=value|value`, text)
			continue
		}
		ref, reason := p.entity.ref(strings.TrimSpace(path))
		if ref == nil {
			p.addf(at+".when", "%s", reason)
			continue
		}
		if seen[ref] {
			p.addf(at+".when", "field %s is named twice, and both must hold; name its values in one clause, as in %s=a|b", ref.Path, ref.Path)
		}
		seen[ref] = true
		out = append(out, p.clause(at, ref, text, values))
	}
	return out
}

// clause reads the values of one field.
func (p markerParser) clause(at string, ref *Ref, text, values string) Clause {
	c := Clause{Ref: ref, Source: text}
	for _, value := range strings.Split(values, "|") {
		canonical, reason := clauseValue(ref.Type(), value)
		if reason == "" && slices.Contains(c.Values, canonical) {
			reason = strconv.Quote(value) + " is named twice; remove one"
		}
		if reason != "" {
			p.addf(at+".when", "field %s: %s", ref.Path, reason)
			continue
		}
		c.Values = append(c.Values, canonical)
	}
	return c
}

// clauseValue checks a value of a clause against the type of its field and brings it into the form of clauseText.
func clauseValue(t reflect.Type, text string) (canonical, reason string) {
	switch k := t.Kind(); {
	case k == reflect.String && text == "":
		return "", "an empty value never holds, since empty fields leave an index anyway; name the values that do"
	case k == reflect.String && strings.TrimSpace(text) != text:
		return "", strconv.Quote(text) + " begins or ends with a space, which counts; write values without spaces round them"
	case k == reflect.String && !utf8.ValidString(text):
		return "", strconv.Quote(text) + " is not valid UTF-8, so no stored value equals it; correct it"
	case k == reflect.String:
		return text, ""
	case k == reflect.Bool:
		if text != "true" && text != "false" {
			return "", strconv.Quote(text) + " is neither true nor false; name one of them"
		}
		return text, ""
	case isSigned(k):
		n, err := strconv.ParseInt(text, 10, t.Bits())
		if err != nil {
			return "", strconv.Quote(text) + " is no " + t.String() + "; name values that the field can have"
		}
		return strconv.FormatInt(n, 10), ""
	case isUnsigned(k):
		n, err := strconv.ParseUint(text, 10, t.Bits())
		if err != nil {
			return "", strconv.Quote(text) + " is no " + t.String() + "; name values that the field can have"
		}
		return strconv.FormatUint(n, 10), ""
	}
	return "", "when compares strings, integers and bools, not " + t.String() + "; choose another field"
}
