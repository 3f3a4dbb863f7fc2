package schema

import (
	"reflect"
	"strings"
	"unicode/utf8"
)

// Template is one key template: literals and fields, in turn.
type Template struct {
	Source string // as the tag has it
	Parts  []Part

	members []*Member // those of the parts
	atoms   []atom    // the shape of its texts
}

// Part is a literal or a field.
type Part struct {
	Literal string
	Member  *Member // nil for a literal
}

// Members lists the fields of a template in order. The list is the template's own.
func (t *Template) Members() []*Member {
	if t == nil {
		return nil
	}
	return t.members
}

// Prefix is the literal that every text of the template begins with.
func (t *Template) Prefix() string {
	if t == nil || t.Parts[0].Member != nil {
		return ""
	}
	return t.Parts[0].Literal
}

// templateParser reads the templates of one entity.
type templateParser struct {
	*report
	entity *Entity
}

// parse reads a template, and reports all that is wrong with it; at names the marker and key, for messages.
func (p templateParser) parse(at, source string) *Template {
	before := len(p.problems)
	t := &Template{Source: source}
	switch {
	case source == "":
		p.addf(at, `the template is empty; write literals and fields, as in "ORDER#{ID}"`)
		return nil
	case !utf8.ValidString(source):
		p.addf(at, "template %q is not valid UTF-8, which DynamoDB would change in silence", source)
		return nil
	}
	for rest := source; rest != ""; {
		literal, inner, after, reason := cutMember(rest)
		if reason != "" {
			p.addf(at, "template %q has %s; braces enclose a field, as in {ID}", source, reason)
			return nil
		}
		t.literal(literal)
		if literal != rest {
			m := p.member(at, source, inner)
			t.Parts, t.members = append(t.Parts, Part{Member: m}), append(t.members, m)
		}
		rest = after
	}
	p.separated(at, t)
	p.sharded(at, t)
	if len(p.problems) > before {
		return nil
	}
	t.compile()
	return t
}

// cutMember splits a template behind its first member: the literal before it, what its braces hold, and the rest.
func cutMember(text string) (literal, inner, after, reason string) {
	literal, behind, found := strings.Cut(text, "{")
	if strings.Contains(literal, "}") {
		return "", "", "", "a } without its {"
	}
	if !found {
		return literal, "", "", ""
	}
	inner, after, found = strings.Cut(behind, "}")
	if !found || strings.Contains(inner, "{") {
		return "", "", "", "a { without its }"
	}
	return literal, inner, after, ""
}

func (t *Template) literal(text string) {
	if text != "" {
		t.Parts = append(t.Parts, Part{Literal: text})
	}
}

// member reads what stands between braces: a path and its verbs.
func (p templateParser) member(at, source, text string) *Member {
	words := strings.Split(text, "|")
	path := strings.TrimSpace(words[0])
	ref, reason := p.entity.ref(path)
	if ref == nil {
		p.addf(at, "template %q: %s", source, reason)
		return &Member{Ref: &Ref{Path: path}}
	}
	m := &Member{Ref: ref}
	if m.kind, reason = kindOf(ref.Type()); reason != "" {
		p.addf(at, "template %q: field %s of type %s %s", source, ref.Path, ref.Leaf().Type, reason)
		return m
	}
	for _, reason := range m.shape(words[1:]) {
		p.addf(at, "template %q: field %s: %s", source, ref.Path, reason)
	}
	return m
}

// sharded checks that a template spreads its items once, and that it is one of partitions.
func (p templateParser) sharded(at string, t *Template) {
	first := ""
	for _, m := range t.members {
		switch {
		case m.Shard == 0:
		case strings.HasSuffix(at, ".sk"):
			p.addf(at, "template %q: field %s: shard spreads a partition over several, and this is a sort key; move it to pk or remove it", t.Source, m.Ref.Path)
		case first != "":
			p.addf(at, "template %q: fields %s and %s are both sharded, and a partition is spread once; remove one", t.Source, first, m.Ref.Path)
		default:
			first = m.Ref.Path
		}
	}
}

// separated checks that every text splits into its segments in one way only: fields do not touch, and what follows a field
// begins with the delimiter. A raw field may be followed by anything, and then must not hold the first byte of it; so may a
// plain integer be, by anything that is no digit.
func (p templateParser) separated(at string, t *Template) {
	for i, part := range t.Parts {
		m := part.Member
		if m == nil {
			continue
		}
		if i == len(t.Parts)-1 {
			m.Last = true
			break
		}
		next := t.Parts[i+1]
		if next.Member != nil {
			p.addf(at, "template %q: {%s} and {%s} touch, so two values could make one key; write a delimiter between them, as in {%s}#{%s}",
				t.Source, m.Ref.Path, next.Member.Ref.Path, m.Ref.Path, next.Member.Ref.Path)
			continue
		}
		m.stop = next.Literal[0]
		if (m.Raw || m.stop != delimiter) && strings.IndexByte(m.Or, m.stop) >= 0 {
			p.addf(at, "template %q: field %s: the text of or holds the character that ends this part of the key; choose another, as in or=NONE", t.Source, m.Ref.Path)
		}
		plain := m.Plain && (m.stop < '0' || m.stop > '9') && m.stop != '-'
		if m.stop != delimiter && !m.Raw && !plain {
			p.addf(at, "template %q: the text behind {%s} must begin with the delimiter #, which no value holds%s", t.Source, m.Ref.Path, m.foreign())
		}
	}
}

// ref resolves a path to the entity's one Ref for it.
func (e *Entity) ref(path string) (*Ref, string) {
	if path == "" {
		return nil, "{} names no field; write one, as in {ID}"
	}
	if r, ok := e.refs[path]; ok {
		return r, ""
	}
	steps, reason := e.resolve(path)
	if reason != "" {
		return nil, reason
	}
	r := &Ref{Path: path, Steps: steps}
	e.refs[path] = r
	return r, ""
}

// Append appends the text of the template to dst. The callback finds the canonical value of a member; a member without one has the
// text that its |or gives, or else makes the whole template missing, and missing names it.
func (t *Template) Append(dst []byte, value func(*Member) (reflect.Value, bool, error)) (text []byte, missing *Member, err error) {
	for _, part := range t.Parts {
		if part.Member == nil {
			dst = append(dst, part.Literal...)
			continue
		}
		v, present, err := value(part.Member)
		if err != nil {
			return dst, nil, err
		}
		if !present && part.Member.Or != "" {
			dst = append(dst, part.Member.Or...)
			continue
		}
		if !present {
			return dst, part.Member, nil
		}
		if dst, err = part.Member.AppendText(dst, v); err != nil {
			return dst, nil, err
		}
	}
	return dst, nil, nil
}
