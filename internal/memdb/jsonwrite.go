package memdb

import (
	"encoding/base64"
	"strconv"
	"unicode/utf8"
)

// appendItemJSON writes an item as the protocol carries it.
func appendItemJSON(dst []byte, it item) []byte { return appendFieldsJSON(dst, it.fields()) }

func appendFieldsJSON(dst []byte, fields string) []byte {
	dst = append(dst, '{')
	for fields != "" {
		var name string
		var v value
		name, fields = splitText(fields)
		v, fields = splitValue(fields)
		dst = appendName(dst, name)
		dst = appendValueJSON(dst, v)
	}
	return append(dst, '}')
}

// appendName writes a member's name, with a comma if it is not the first.
func appendName(dst []byte, name string) []byte {
	dst = appendComma(dst)
	return append(appendQuoted(dst, name), ':')
}

// appendComma separates a member or an element from the one before it.
func appendComma(dst []byte) []byte {
	if n := len(dst); n > 0 && dst[n-1] != '{' && dst[n-1] != '[' {
		return append(dst, ',')
	}
	return dst
}

func appendValueJSON(dst []byte, v value) []byte {
	dst = append(dst, `{"`...)
	dst = append(dst, v.typeName()...)
	dst = append(dst, `":`...)
	switch body := v.body(); v.kind() {
	case kindS, kindN, kindB:
		dst = appendScalarJSON(dst, v.kind(), body)
	case kindTrue, kindNull:
		dst = append(dst, "true"...)
	case kindFalse:
		dst = append(dst, "false"...)
	case kindM:
		dst = appendFieldsJSON(dst, body)
	case kindL:
		dst = append(dst, '[')
		for body != "" {
			var e value
			e, body = splitValue(body)
			dst = appendValueJSON(appendComma(dst), e)
		}
		dst = append(dst, ']')
	default:
		dst = append(dst, '[')
		for body != "" {
			var m string
			m, body = splitText(body)
			dst = appendScalarJSON(appendComma(dst), v.kind()-kindSS+kindS, m)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func appendScalarJSON(dst []byte, kind byte, body string) []byte {
	switch kind {
	case kindS:
		return appendQuoted(dst, body)
	case kindN:
		return append(decodeNumber(body).appendText(append(dst, '"')), '"')
	}
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, []byte(body))
	return append(dst, '"')
}

const hexDigits = "0123456789abcdef"

// appendQuoted writes a JSON string.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
		}
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

// A writer builds an answer. The zero value is an empty document.
type writer struct{ buf []byte }

func (w *writer) open(name string, c byte) {
	w.key(name)
	w.buf = append(w.buf, c)
}

// key begins a member, or with an empty name an element.
func (w *writer) key(name string) {
	if name == "" {
		w.buf = appendComma(w.buf)
		return
	}
	w.buf = appendName(w.buf, name)
}

func (w *writer) object(name string, f func()) {
	w.open(name, '{')
	f()
	w.buf = append(w.buf, '}')
}

func (w *writer) array(name string, f func()) {
	w.open(name, '[')
	f()
	w.buf = append(w.buf, ']')
}

func (w *writer) text(name, s string) {
	w.key(name)
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	w.buf = appendQuoted(w.buf, s)
}

func (w *writer) int(name string, n int) {
	w.key(name)
	w.buf = strconv.AppendInt(w.buf, int64(n), 10)
}

// float writes a number as the service does, with a point.
func (w *writer) float(name string, x float64) {
	w.key(name)
	if x == float64(int64(x)) {
		w.buf = append(strconv.AppendInt(w.buf, int64(x), 10), ".0"...)
		return
	}
	w.buf = strconv.AppendFloat(w.buf, x, 'f', -1, 64)
}

func (w *writer) bool(name string, b bool) {
	w.key(name)
	w.buf = strconv.AppendBool(w.buf, b)
}

// item writes an item, a key or a projection.
func (w *writer) item(name string, it item) {
	w.key(name)
	w.buf = appendItemJSON(w.buf, it)
}
