package attempt

import (
	"bytes"
	"encoding/json"
)

func (s *scanner) fail(reason string) {
	if s.bad == "" {
		s.bad = reason
	}
}

func (s *scanner) syntax() { s.fail("it is no JSON, or cut") }

func (s *scanner) space() {
	for s.at < len(s.in) {
		switch s.in[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// peek is the next byte behind white space; 0 at the end or after a mistake.
func (s *scanner) peek() byte {
	s.space()
	if s.bad != "" || s.at >= len(s.in) {
		return 0
	}
	return s.in[s.at]
}

// take takes one byte, which must be the one expected.
func (s *scanner) take(b byte) bool {
	if s.peek() != b {
		s.syntax()
		return false
	}
	s.at++
	return true
}

func (s *scanner) word(w string) {
	if s.at+len(w) > len(s.in) || string(s.in[s.at:s.at+len(w)]) != w {
		s.syntax()
		return
	}
	s.at += len(w)
}

// object walks an object and hands each member to the callback, which must take its value.
func (s *scanner) object(depth int, member func(name []byte, depth int)) {
	if !s.open('{', depth) {
		return
	}
	if s.peek() == '}' {
		s.at++
		return
	}
	for s.bad == "" {
		name := s.name()
		if !s.take(':') {
			return
		}
		s.space()
		member(name, depth+1)
		if s.closes('}') {
			return
		}
	}
}

// array walks an array likewise.
func (s *scanner) array(depth int, element func(depth int)) {
	if !s.open('[', depth) {
		return
	}
	if s.peek() == ']' {
		s.at++
		return
	}
	for s.bad == "" {
		s.space()
		element(depth + 1)
		if s.closes(']') {
			return
		}
	}
}

func (s *scanner) open(b byte, depth int) bool {
	if depth > maxDepth {
		s.fail("it is nested too deep")
		return false
	}
	if p := s.peek(); p != b && p != 0 {
		s.fail("a part of it is of another kind than it must be")
		return false
	}
	return s.take(b)
}

// closes takes what follows a member: the end, or a comma before the next.
func (s *scanner) closes(end byte) bool {
	switch s.peek() {
	case end:
		s.at++
		return true
	case ',':
		s.at++
		return false
	}
	s.syntax()
	return true
}

// name takes a string and returns what it means: the SDK knows members by that.
func (s *scanner) name() []byte {
	raw := s.text()
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw
	}
	var plain string
	if json.Unmarshal(s.in[s.at-len(raw)-2:s.at], &plain) != nil {
		s.syntax()
	}
	return []byte(plain)
}

// text takes a string and returns what stands between its quotes, escapes and all.
func (s *scanner) text() []byte {
	if !s.take('"') {
		return nil
	}
	from := s.at
	for ; s.at < len(s.in); s.at++ {
		switch b := s.in[s.at]; {
		case b == '"':
			s.at++
			return s.in[from : s.at-1]
		case b == '\\':
			if !s.escape() {
				s.syntax()
				return nil
			}
		case b < ' ':
			s.syntax()
			return nil
		}
	}
	s.syntax()
	return nil
}

// escape walks to the last byte of an escape, and reports whether it is one.
func (s *scanner) escape() bool {
	s.at++
	if s.at >= len(s.in) {
		return false
	}
	if s.in[s.at] != 'u' {
		return bytes.IndexByte([]byte(`"\/bfnrt`), s.in[s.at]) >= 0
	}
	for range 4 {
		s.at++
		if s.at >= len(s.in) || !hex(s.in[s.at]) {
			return false
		}
	}
	return true
}

func hex(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F'
}

// value walks any value.
func (s *scanner) value(depth int) {
	switch b := s.peek(); {
	case b == '{':
		s.object(depth, func(_ []byte, depth int) { s.value(depth) })
	case b == '[':
		s.array(depth, s.value)
	case b == '"':
		s.text()
	case b == 't':
		s.word("true")
	case b == 'f':
		s.word("false")
	case b == 'n':
		s.word("null")
	case b == '-' || b >= '0' && b <= '9':
		s.number()
	default:
		s.syntax()
	}
}

// number walks a number by JSON's grammar.
func (s *scanner) number() {
	s.skip("-")
	if !s.skip("0") && s.digits() == 0 || s.skip(".") && s.digits() == 0 {
		s.syntax()
		return
	}
	if s.skip("eE") {
		s.skip("+-")
		if s.digits() == 0 {
			s.syntax()
		}
	}
}

// skip takes one byte if it is one of those.
func (s *scanner) skip(any string) bool {
	if s.at >= len(s.in) || bytes.IndexByte([]byte(any), s.in[s.at]) < 0 {
		return false
	}
	s.at++
	return true
}

func (s *scanner) digits() int {
	from := s.at
	for s.skip("0123456789") {
	}
	return s.at - from
}
