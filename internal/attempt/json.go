package attempt

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
		name := s.text()
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
			s.at++
		case b < ' ':
			s.syntax()
			return nil
		}
	}
	s.syntax()
	return nil
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
		for s.at < len(s.in) && numberByte(s.in[s.at]) {
			s.at++
		}
	default:
		s.syntax()
	}
}

func numberByte(b byte) bool {
	return b >= '0' && b <= '9' || b == '-' || b == '+' || b == '.' || b == 'e' || b == 'E'
}
