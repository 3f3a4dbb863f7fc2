package schema

import "slices"

// A template as a pattern of bytes, for telling keys apart: what text could this template render?

// byteSet is a set of byte values.
type byteSet [4]uint64

func (s *byteSet) add(lo, hi byte) {
	for b := int(lo); b <= int(hi); b++ {
		s[b>>6] |= 1 << (b & 63)
	}
}

func (s *byteSet) remove(b byte) { s[b>>6] &^= 1 << (b & 63) }

func (s *byteSet) merge(t *byteSet) {
	for i := range s {
		s[i] |= t[i]
	}
}

func (s *byteSet) has(b byte) bool { return s[b>>6]&(1<<(b&63)) != 0 }

func (s *byteSet) meets(t *byteSet) bool {
	for i := range s {
		if s[i]&t[i] != 0 {
			return true
		}
	}
	return false
}

// atom is one byte of a pattern, or one and more of the same set.
type atom struct {
	set  byteSet
	many bool
}

func single(lo, hi byte) atom {
	var a atom
	a.set.add(lo, hi)
	return a
}

// compile makes the template's pattern, once its members are known in full. It takes every text that the template can render, and perhaps a few more.
func (t *Template) compile() {
	var out []atom
	for _, part := range t.Parts {
		if part.Member != nil {
			out = append(out, part.Member.pattern()...)
			continue
		}
		for i := range len(part.Literal) {
			out = append(out, single(part.Literal[i], part.Literal[i]))
		}
	}
	t.atoms = out
}

// pattern is the shape of a member's text, and of the one for an empty field.
func (m *Member) pattern() []atom {
	shape := m.valuePattern()
	if m.Or == "" {
		return shape
	}
	// Two shapes are one of any length that takes the bytes of both.
	either := atom{many: true}
	for _, a := range shape {
		either.set.merge(&a.set)
	}
	for i := range len(m.Or) {
		either.set.add(m.Or[i], m.Or[i])
	}
	return []atom{either}
}

func (m *Member) valuePattern() []atom {
	switch {
	case m.Shard > 0:
		return digits(m.shardWidth())
	case m.kind == kindSigned || m.kind == kindUnsigned || m.Unix:
		return m.integerPattern()
	}
	switch m.kind {
	case kindTime:
		return timePattern(m.unit.layout())
	case kindBool:
		a := atom{many: true}
		for _, b := range []byte("truefals-") {
			a.set.add(b, b)
		}
		return []atom{a}
	case kindBytes:
		a := single('0', '9')
		a.set.add('a', 'f')
		a.many = true
		return []atom{a}
	}
	return []atom{m.stringPattern()}
}

func (m *Member) stringPattern() atom {
	a := atom{many: true}
	switch {
	case !m.Raw:
		a.set.add(escapeLast, 0xFF)
	case m.Last:
		a.set.add(0, 0xFF)
	default:
		a.set.add(0, 0xFF)
		a.set.remove(m.stop)
	}
	if !m.Fold {
		return a
	}
	for b := byte('A'); b <= 'Z'; b++ {
		if m.Raw || b > 'F' { // up to F it is the digit of an escape
			a.set.remove(b)
		}
	}
	return a
}

func (m *Member) integerPattern() []atom {
	first := single('0', '9')
	if m.kind != kindUnsigned && m.Pad == 0 {
		first.set.add('-', '-')
	}
	if m.Plain {
		first.many = true
		return []atom{first}
	}
	width := m.Pad
	if width == 0 {
		width = intDigits
	}
	out := digits(width)
	out[0] = first
	return out
}

func digits(n int) []atom { return slices.Repeat([]atom{single('0', '9')}, n) }

func timePattern(layout string) []atom {
	var out []atom
	for i := range len(layout) {
		if b := layout[i]; b >= '0' && b <= '9' {
			out = append(out, single('0', '9'))
		} else {
			out = append(out, single(b, b))
		}
	}
	return out
}

// Matches reports whether the template could have rendered a text.
func (t *Template) Matches(text string) bool {
	atoms := t.atoms
	states, next := make([]bool, len(atoms)+1), make([]bool, len(atoms)+1)
	states[0] = true
	for i := range len(text) {
		clear(next)
		for s, a := range atoms {
			if states[s] && a.set.has(text[i]) {
				next[s+1] = true
				next[s] = next[s] || a.many
			}
		}
		states, next = next, states
	}
	return states[len(atoms)]
}

// Meets reports whether two templates could render the same text. A missing template is that of a table without the attribute.
func (t *Template) Meets(u *Template) bool {
	if t == nil || u == nil {
		return true
	}
	a, b := t.atoms, u.atoms
	type pair = struct{ i, j int }
	seen := map[pair]bool{{}: true}
	for queue := []pair{{}}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at.i == len(a) && at.j == len(b) {
			return true
		}
		if at.i == len(a) || at.j == len(b) || !a[at.i].set.meets(&b[at.j].set) {
			continue
		}
		for _, next := range successors(at.i, a[at.i].many, at.j, b[at.j].many) {
			if !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return false
}

// successors are the states after one byte that both atoms took: each goes on, or stays where it takes many.
func successors(i int, manyI bool, j int, manyJ bool) []struct{ i, j int } {
	type pair = struct{ i, j int }
	out := []pair{{i + 1, j + 1}}
	if manyI {
		out = append(out, pair{i, j + 1})
	}
	if manyJ {
		out = append(out, pair{i + 1, j})
	}
	if manyI && manyJ {
		out = append(out, pair{i, j})
	}
	return out
}
