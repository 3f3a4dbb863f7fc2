package memdb

import (
	"strconv"
	"strings"
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

// object calls f with each name that has a value; f must read it. A null is as
// good as a member that is not there. want says what the service calls an object
// of this kind when it finds an array in its place.
func (r *reader) object(want string, f func(name string)) {
	r.entries(want, func(name string) {
		if !r.null() && r.err == nil {
			f(name)
		}
	})
}

// entries is object for maps, whose values are the request's own: none is left
// out, and f must read nulls too.
func (r *reader) entries(want string, f func(name string)) {
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
		if r.peek(); r.err == nil {
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
