package memdb

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxJSONDepth bounds how deep a body may nest. The deepest attribute that the
// service takes needs 64 levels and those of the request around it.
const maxJSONDepth = 256

// A reader reads one JSON document, forwards, into what the caller asks for. It
// keeps the first error; after that every method returns zero.
type reader struct {
	text  string
	pos   int
	depth int
	err   *Error
}

func (r *reader) fail(message string) {
	if r.err == nil {
		r.err = malformed(message)
		r.pos = len(r.text)
	}
}

// peek skips white space and returns the next byte, or 0 at the end.
func (r *reader) peek() byte {
	for r.pos < len(r.text) {
		switch c := r.text[r.pos]; c {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

// take reads c, or fails.
func (r *reader) take(c byte) bool {
	if r.peek() != c || r.err != nil {
		r.fail("")
		return false
	}
	r.pos++
	return true
}

// null reads a null if that is next.
func (r *reader) null() bool {
	if r.peek() != 'n' {
		return false
	}
	return r.word("null")
}

func (r *reader) word(word string) bool {
	if !strings.HasPrefix(r.text[r.pos:], word) {
		r.fail("")
		return false
	}
	r.pos += len(word)
	return true
}

// object calls f with each name; f must read the value. want says what the
// service calls an object of this kind when it finds an array in its place.
func (r *reader) object(want string, f func(name string)) {
	switch r.peek() {
	case '{':
	case '[':
		r.fail("Unrecognized collection type " + want)
		return
	default:
		r.wrong("Unexpected field type")
		return
	}
	if !r.enter() {
		return
	}
	for first := true; r.err == nil; first = false {
		if r.peek() == '}' {
			r.pos++
			break
		}
		if !first && !r.take(',') {
			return
		}
		if r.peek() != '"' {
			r.fail("")
			return
		}
		name := r.quoted()
		if !r.take(':') {
			return
		}
		r.peek()
		if !r.null() && r.err == nil {
			f(name)
		}
	}
	r.depth--
}

// array calls f for each element; f must read it.
func (r *reader) array(f func()) {
	switch r.peek() {
	case '[':
	case '{':
		r.fail("Start of structure or map found where not expected")
		return
	default:
		r.wrong("Unexpected field type")
		return
	}
	if !r.enter() {
		return
	}
	for first := true; r.err == nil; first = false {
		if r.peek() == ']' {
			r.pos++
			break
		}
		if !first && !r.take(',') {
			return
		}
		r.peek()
		f()
	}
	r.depth--
}

func (r *reader) enter() bool {
	r.pos++
	r.depth++
	if r.depth > maxJSONDepth {
		r.fail("The document is nested too deeply")
	}
	return r.err == nil
}

// wrong fails with message if a JSON value is next, and as malformed text if not.
func (r *reader) wrong(message string) {
	switch c := r.peek(); {
	case c == '"', c == 't', c == 'f', c == '{', c == '[', c == '-', '0' <= c && c <= '9':
		r.fail(message)
	default:
		r.fail("")
	}
}

// token names the scalar that is next, as the service does.
func (r *reader) token() string {
	switch c := r.peek(); {
	case c == '"':
		return "STRING_VALUE"
	case c == 't':
		return "TRUE_VALUE"
	case c == 'f':
		return "FALSE_VALUE"
	case c == '-', '0' <= c && c <= '9':
		if strings.ContainsAny(r.number(), ".eE") {
			return "DECIMAL_VALUE"
		}
		return "NUMBER_VALUE"
	}
	return ""
}

// mismatch fails because what is next is no value of the Java class named.
func (r *reader) mismatch(class, path string) {
	switch r.peek() {
	case '[':
		r.fail("Unrecognized collection type class " + path)
	case '{':
		r.fail("Start of structure or map found where not expected")
	default:
		if t := r.token(); t != "" {
			r.fail(t + " cannot be converted to " + class)
			return
		}
		r.fail("")
	}
}

// str reads a string.
func (r *reader) str() string {
	if r.peek() != '"' {
		r.mismatch("String", "java.lang.String")
		return ""
	}
	return r.quoted()
}

// boolean reads true or false.
func (r *reader) boolean() bool {
	switch r.peek() {
	case 't':
		return r.word("true")
	case 'f':
		r.word("false")
		return false
	case '"':
		r.fail("Unexpected token received from parser")
		return false
	}
	r.mismatch("Boolean", "java.lang.Boolean")
	return false
}

// integer reads a number, cut to a whole one as the service does.
func (r *reader) integer() int64 {
	if c := r.peek(); c != '-' && (c < '0' || c > '9') {
		r.mismatch("Integer", "java.lang.Integer")
		return 0
	}
	text := r.number()
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || x > 1<<62 || x < -1<<62 {
		r.fail("NUMBER_VALUE cannot be converted to Integer")
		return 0
	}
	return int64(x)
}

// number reads the text of a JSON number.
func (r *reader) number() string {
	start := r.pos
	digits := func() bool {
		from := r.pos
		for r.pos < len(r.text) && '0' <= r.text[r.pos] && r.text[r.pos] <= '9' {
			r.pos++
		}
		return r.pos > from
	}
	at := func(set string) bool {
		if r.pos < len(r.text) && strings.IndexByte(set, r.text[r.pos]) >= 0 {
			r.pos++
			return true
		}
		return false
	}
	at("-")
	zero := r.pos < len(r.text) && r.text[r.pos] == '0'
	whole := r.pos
	ok := digits() && !(zero && r.pos-whole > 1)
	if ok && at(".") {
		ok = digits()
	}
	if ok && at("eE") {
		at("+-")
		ok = digits()
	}
	if !ok {
		r.fail("")
		return ""
	}
	return r.text[start:r.pos]
}

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

// skip reads a value of any kind and forgets it.
func (r *reader) skip() {
	switch c := r.peek(); {
	case c == '"':
		r.quoted()
	case c == '{':
		r.object("", func(string) { r.skip() })
	case c == '[':
		r.array(r.skip)
	case c == 't':
		r.word("true")
	case c == 'f':
		r.word("false")
	case c == 'n':
		r.word("null")
	default:
		r.number()
	}
}

// end checks that nothing follows the document.
func (r *reader) end() {
	if r.err == nil && r.peek() != 0 {
		r.fail("")
	}
}
