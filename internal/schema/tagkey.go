package schema

import (
	"reflect"
	"strconv"
	"strings"
)

// tagKeys lists the keys of a struct tag. A tag that breaks Go's convention is reported: reflect reads nothing behind the place
// where it breaks, so whatever stands there would be ignored in silence.
func tagKeys(r *report, at string, tag reflect.StructTag) []string {
	var keys []string
	for rest := strings.TrimLeft(string(tag), " "); rest != ""; rest = strings.TrimLeft(rest, " ") {
		key, after, ok := strings.Cut(rest, `:"`)
		if !ok || key == "" || strings.ContainsFunc(key, breaksKey) {
			r.addf(at, "the struct tag is malformed at %q; write key:\"value\" pairs separated by single spaces", clip(rest))
			return keys
		}
		end := closingQuote(after)
		if end < 0 {
			r.addf(at, "the struct tag is malformed: the value of %q has no closing quote", key)
			return keys
		}
		if _, err := strconv.Unquote(`"` + after[:end] + `"`); err != nil {
			r.addf(at, "the struct tag is malformed: the value of %q is no Go string", key)
			return keys
		}
		for _, earlier := range keys {
			if earlier == key {
				r.addf(at, "tag key %q is given twice, and only the first is read; remove one", key)
			}
		}
		keys = append(keys, key)
		rest = after[end+1:]
		if rest != "" && rest[0] != ' ' {
			r.addf(at, "the struct tag is malformed at %q; separate key:\"value\" pairs with a space", clip(rest))
			return keys
		}
		if rest == "" {
			break
		}
	}
	return keys
}

// breaksKey reports the characters that no key can hold.
func breaksKey(c rune) bool { return c <= ' ' || c == ':' || c == '"' || c == 0x7f }

// closingQuote finds the quote that ends a tag value, past escaped ones.
func closingQuote(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

func clip(s string) string {
	if len(s) > 20 {
		return s[:20] + "..."
	}
	return s
}
