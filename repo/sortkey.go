package repo

import (
	"reflect"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// bindSort finds the part of the sort keys that the conditions leave: fields bound by equalities from the left, then at most one
// with a range or prefix. Whatever lies behind stays open, and bounds never leave the literals of the template.
func (p planning) bindSort(a *access, left *[]*constraint) (reason string, err error) {
	template := a.keys[1].template
	var prefix []byte
	shown := ""
	for _, part := range template.Parts {
		m := part.Member
		if m == nil {
			prefix = append(prefix, part.Literal...)
			shown += part.Literal
			continue
		}
		k := p.find(m.Ref)
		switch {
		case k == nil:
			a.sort = anything(string(prefix), shown)
			return "", nil
		case len(k.equal) == 0:
			take(left, m.Ref)
			return p.bindRange(a, m, k, string(prefix), shown)
		}
		if reason, err := p.equality(a, k, m); reason != "" || err != nil {
			return reason, err
		}
		take(left, m.Ref)
		if prefix, err = m.AppendText(prefix, k.equal[0]); err != nil {
			return "", invalidKey(err)
		}
		shown += "{" + m.Ref.Path + "}"
	}
	if len(prefix) > maxSortKey {
		return "", tooLongKey(a.keys[1])
	}
	a.sort = sortRange{kind: sortEqual, text: string(prefix), shown: shown}
	return "", nil
}

// anything is the condition on a sort key of which only the beginning is bound.
func anything(prefix, shown string) sortRange {
	if prefix == "" {
		return sortRange{kind: sortAny}
	}
	return sortRange{kind: sortPrefix, text: prefix, shown: shown}
}

// bindRange serves ranges and prefixes of one field behind a bound beginning.
func (p planning) bindRange(a *access, m *schema.Member, k *constraint, prefix, shown string) (reason string, err error) {
	if reason := m.Ordered(); reason != "" {
		return "cannot serve the condition on " + m.Ref.Path + ", which " + reason + "; use Filter for it", nil
	}
	shown += "{" + m.Ref.Path + "}"
	if len(k.prefix) > 0 {
		if !m.ServesPrefix() {
			return "serves prefixes of plain strings only, not of " + m.Ref.Path + "; use Filter for it", nil
		}
		if len(k.prefix) > 1 || len(k.lower)+len(k.upper) > 0 {
			return "serves one prefix of " + m.Ref.Path + " or a range, not both; use Filter for the other", nil
		}
		text, err := m.AppendText([]byte(prefix), reflect.ValueOf(k.prefix[0]).Convert(m.Ref.Type()))
		if err != nil {
			return "", invalidKey(err)
		}
		if len(text) > maxSortKey {
			return "", tooLongKey(a.keys[1])
		}
		a.sort = anything(string(text), shown)
		return "", nil
	}
	r := m.Range(prefix)
	for _, l := range k.lower {
		if err := r.Above(l.value, l.included); err != nil {
			return "", invalidKey(err)
		}
	}
	for _, l := range k.upper {
		if err := r.Below(l.value, l.included); err != nil {
			return "", invalidKey(err)
		}
	}
	a.empty = a.empty || r.Empty()
	a.sort = sortRange{kind: sortBounds, shown: shown, ranged: m}
	a.sort.lo, a.sort.hi, a.sort.hasLo, a.sort.hasHi, a.sort.open = r.Bounds()
	if len(a.sort.lo) > maxSortKey || len(a.sort.hi) > maxSortKey {
		return "", tooLongKey(a.keys[1])
	}
	if a.sort.open && a.sort.hasLo {
		a.exact = append(a.exact, k.conds...)
	}
	return "", nil
}

func tooLongKey(k keyAttribute) error {
	return &Error{kind: ErrInvalidKey, Reason: "the condition on attribute " + k.name + " is longer than the 1024 bytes that DynamoDB takes in a sort key"}
}

// condition is the key condition of an access.
func (a *access) condition() *ast.Cond {
	c := ast.Compare(ast.OpEq, ast.Attr(a.keys[0].name), text(a.partition))
	if len(a.keys) == 1 {
		return c
	}
	return ast.And(c, a.sort.condition(ast.Attr(a.keys[1].name)))
}

func (s sortRange) condition(at ast.Path) *ast.Cond {
	switch {
	case s.kind == sortEqual:
		return ast.Compare(ast.OpEq, at, text(s.text))
	case s.kind == sortPrefix:
		return ast.BeginsWith(at, text(s.text))
	case s.hasLo && s.hasHi:
		return ast.Between(at, text(s.lo), text(s.hi))
	case s.hasLo:
		return ast.Compare(ast.OpGe, at, text(s.lo))
	case s.hasHi && s.open:
		return ast.Compare(ast.OpLt, at, text(s.hi))
	case s.hasHi:
		return ast.Compare(ast.OpLe, at, text(s.hi))
	}
	return nil
}

// holds reports whether a sort key lies within the condition; for cursors, which must not lead out of their query.
func (s sortRange) holds(key string) bool {
	switch s.kind {
	case sortEqual:
		return key == s.text
	case sortPrefix:
		return len(key) >= len(s.text) && key[:len(s.text)] == s.text
	case sortBounds:
		return (!s.hasLo || key >= s.lo) && (!s.hasHi || key <= s.hi)
	}
	return true
}
