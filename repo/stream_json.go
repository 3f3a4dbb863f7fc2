package repo

import (
	"encoding/base64"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// jsonReader walks a JSON text that is known to be valid. What is valid but not what it must be is noted, the first of it, and passed
// over, so that the reader finds the rest.
type jsonReader struct {
	text []byte
	at   int

	part string // of the record: "NewImage"
	bad  string // the first thing that is not as it must be, and where; never what stands there
}

// fail notes what is wrong with the value that begins at a byte.
func (r *jsonReader) fail(at int, reason string) {
	if r.bad == "" {
		r.bad = r.part + " at byte " + strconv.Itoa(at) + ": " + reason
	}
}

// next is the first byte of the next value or the next sign; 0 at the end.
func (r *jsonReader) next() byte {
	for ; r.at < len(r.text); r.at++ {
		switch b := r.text[r.at]; b {
		case ' ', '\t', '\n', '\r':
		default:
			return b
		}
	}
	return 0
}

// begins reports whether the next value begins so. One that does not is noted, and passed over.
func (r *jsonReader) begins(with byte, want string) bool {
	if r.next() == with {
		return true
	}
	r.fail(r.at, "it is no "+want)
	r.skip()
	return false
}

// null takes a null.
func (r *jsonReader) null() bool {
	if r.next() != 'n' {
		return false
	}
	r.at += len("null")
	return true
}

// object walks an object. The callback must take the value.
func (r *jsonReader) object(member func(name string)) {
	if !r.begins('{', "object") {
		return
	}
	r.at++
	for r.next() == '"' {
		name := r.quoted()
		r.next()
		r.at++ // the colon
		member(name)
		if r.next() == ',' {
			r.at++
		}
		r.next()
	}
	r.at++
}

// members walks an object whose nulls are as good as nothing.
func (r *jsonReader) members(member func(name string)) {
	r.object(func(name string) {
		if !r.null() {
			member(name)
		}
	})
}

// array walks an array. The callback must take the element, and reports whether to go on.
func (r *jsonReader) array(element func() bool) {
	if !r.begins('[', "array") {
		return
	}
	r.at++
	for r.next() != ']' {
		if !element() {
			return
		}
		if r.next() == ',' {
			r.at++
		}
	}
	r.at++
}

// skip passes a value over.
func (r *jsonReader) skip() {
	for depth := 0; ; {
		switch b := r.next(); b {
		case '{', '[':
			r.at++
			depth++
		case '}', ']':
			r.at++
			depth--
		case ',', ':':
			r.at++
			continue
		case '"':
			r.skipQuoted()
		case 0:
			return
		default: // a number or a word
			for r.at < len(r.text) && isWord(r.text[r.at]) {
				r.at++
			}
		}
		if depth == 0 {
			return
		}
	}
}

func isWord(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b == 'E' || b == '-' || b == '+' || b == '.'
}

// skipQuoted passes a string over, and reports whether it has escapes.
func (r *jsonReader) skipQuoted() (escaped bool) {
	for r.at++; r.text[r.at] != '"'; r.at++ {
		if r.text[r.at] == '\\' {
			escaped = true
			r.at++
		}
	}
	r.at++
	return escaped
}

// str takes a string.
func (r *jsonReader) str() string {
	if !r.begins('"', "string") {
		return ""
	}
	return r.quoted()
}

// quoted takes a string that is there.
func (r *jsonReader) quoted() string {
	from := r.at
	escaped := r.skipQuoted()
	inner := r.text[from+1 : r.at-1]
	if !escaped {
		return string(inner)
	}
	out, ok := unescape(inner)
	if !ok {
		r.fail(from, "half of a surrogate pair stands alone")
	}
	return out
}

// unescape is what a string means. encoding/json would make U+FFFD of half a surrogate pair, in silence.
func unescape(in []byte) (string, bool) {
	out := make([]byte, 0, len(in))
	for i := 0; i < len(in); i++ {
		if in[i] != '\\' {
			out = append(out, in[i])
			continue
		}
		i++
		if in[i] != 'u' {
			out = append(out, plain(in[i]))
			continue
		}
		c := hexRune(in[i+1:])
		i += 4
		if utf16.IsSurrogate(c) {
			if i+6 >= len(in) || in[i+1] != '\\' || in[i+2] != 'u' {
				return "", false
			}
			if c = utf16.DecodeRune(c, hexRune(in[i+3:])); c == utf8.RuneError {
				return "", false
			}
			i += 6
		}
		out = utf8.AppendRune(out, c)
	}
	return string(out), true
}

// plain is what an escaped letter means.
func plain(b byte) byte {
	switch b {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return b // a quote or a stroke
}

func hexRune(four []byte) rune {
	n, _ := strconv.ParseUint(string(four[:4]), 16, 16)
	return rune(n)
}

// boolean takes true or false.
func (r *jsonReader) boolean() bool {
	b := r.next()
	if b != 't' && b != 'f' {
		r.fail(r.at, "it is no bool")
	}
	r.skip()
	return b == 't'
}

// image takes the attributes of an item, or of a map.
func (r *jsonReader) image(depth int) item {
	out := item{}
	r.object(func(name string) {
		at := r.at
		if _, twice := out[name]; twice {
			r.fail(at, "an attribute is there twice")
		}
		out[name] = r.attribute(depth)
	})
	return out
}

// attribute takes one attribute: an object whose one member names its type. Some who write it list all types, all but one null.
func (r *jsonReader) attribute(depth int) (av types.AttributeValue) {
	r.next()
	at, n := r.at, 0
	r.members(func(name string) {
		n++
		av = r.value(name, depth)
	})
	switch {
	case n == 0:
		r.fail(at, attributeHole)
	case n > 1:
		r.fail(at, "an attribute has two types")
	}
	return av
}

// value takes the value of an attribute whose type is named.
func (r *jsonReader) value(kind string, depth int) types.AttributeValue {
	switch kind {
	case "S":
		return &types.AttributeValueMemberS{Value: r.str()}
	case "N":
		return &types.AttributeValueMemberN{Value: r.str()}
	case "B":
		return &types.AttributeValueMemberB{Value: r.bytes()}
	case "BOOL":
		return &types.AttributeValueMemberBOOL{Value: r.boolean()}
	case "NULL":
		return &types.AttributeValueMemberNULL{Value: r.boolean()}
	case "SS":
		return &types.AttributeValueMemberSS{Value: each(r, r.str)}
	case "NS":
		return &types.AttributeValueMemberNS{Value: each(r, r.str)}
	case "BS":
		return &types.AttributeValueMemberBS{Value: each(r, r.bytes)}
	case "L", "M":
		return r.tree(kind, depth+1)
	}
	r.fail(r.at, attributeType)
	r.skip()
	return nil
}

func (r *jsonReader) tree(kind string, depth int) types.AttributeValue {
	switch {
	case depth > maxNesting:
		r.next()
		r.fail(r.at, attributeNested)
		r.skip()
		return nil
	case kind == "M":
		return &types.AttributeValueMemberM{Value: r.image(depth)}
	}
	return &types.AttributeValueMemberL{Value: each(r, func() types.AttributeValue { return r.attribute(depth) })}
}

// each takes an array of values of one kind.
func each[T any](r *jsonReader, one func() T) []T {
	out := []T{}
	r.array(func() bool {
		out = append(out, one())
		return true
	})
	return out
}

// bytes takes a binary, which is base64.
func (r *jsonReader) bytes() []byte {
	r.next()
	at := r.at
	out, err := base64.StdEncoding.Strict().DecodeString(r.str())
	if err != nil {
		r.fail(at, "it is no base64")
	}
	return out
}
