package memdb

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// blob reads a base64 text.
func (r *reader) blob() string {
	switch r.peek() {
	case '"':
	case '[':
		r.fail("Unrecognized collection type class java.nio.ByteBuffer")
		return ""
	case '{':
		r.fail("Start of structure or map found where not expected")
		return ""
	default:
		r.wrong("only base-64-encoded strings are convertible to bytes")
		return ""
	}
	text := r.quoted()
	if len(text)%4 != 0 {
		r.fail("Base64 encoded length is expected a multiple of 4 bytes but found: " + strconv.Itoa(len(text)))
		return ""
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		r.fail("Invalid base64 text")
		return ""
	}
	return string(raw)
}

// quoted reads a string whose opening quote is next. Text without escapes is a
// part of the document, not a copy.
func (r *reader) quoted() string {
	r.pos++
	start := r.pos
	for r.pos < len(r.text) {
		switch c := r.text[r.pos]; {
		case c == '"':
			s := r.text[start:r.pos]
			r.pos++
			return r.checkUTF8(s)
		case c == '\\':
			return r.escaped(start)
		case c < 0x20:
			r.fail("")
			return ""
		}
		r.pos++
	}
	r.fail("")
	return ""
}

func (r *reader) checkUTF8(s string) string {
	if !utf8.ValidString(s) {
		r.fail("Invalid UTF-8 text")
		return ""
	}
	return s
}

// escaped reads on from the first escape of a string that began at start.
func (r *reader) escaped(start int) string {
	buf := append(make([]byte, 0, 2*(r.pos-start)+16), r.text[start:r.pos]...)
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		r.pos++
		switch {
		case c == '"':
			return r.checkUTF8(string(buf))
		case c < 0x20:
			r.fail("")
			return ""
		case c != '\\':
			buf = append(buf, c)
		default:
			buf = r.escape(buf)
		}
	}
	r.fail("")
	return ""
}

func (r *reader) escape(buf []byte) []byte {
	if r.pos >= len(r.text) {
		r.fail("")
		return buf
	}
	c := r.text[r.pos]
	r.pos++
	if c == 'u' {
		return utf8.AppendRune(buf, r.unicode())
	}
	i := strings.IndexByte(`"\/bfnrt`, c)
	if i < 0 {
		r.fail("")
		return buf
	}
	return append(buf, "\"\\/\b\f\n\r\t"[i])
}

// unicode reads the four digits of an escape, and the other half of a pair.
func (r *reader) unicode() rune {
	c := r.hex()
	if !utf16.IsSurrogate(c) {
		return c
	}
	if strings.HasPrefix(r.text[r.pos:], `\u`) {
		back := r.pos
		r.pos += 2
		if pair := utf16.DecodeRune(c, r.hex()); pair != utf8.RuneError {
			return pair
		}
		if r.err == nil {
			r.pos = back
		}
	}
	return utf8.RuneError
}

func (r *reader) hex() rune {
	if r.pos+4 > len(r.text) {
		r.fail("")
		return 0
	}
	n, err := strconv.ParseUint(r.text[r.pos:r.pos+4], 16, 32)
	if err != nil {
		r.fail("")
		return 0
	}
	r.pos += 4
	return rune(n)
}
