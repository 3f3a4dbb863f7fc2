package repo

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// sortRange is the condition on one attribute of a sort key.
type sortRange struct {
	kind           sortKind
	value          types.AttributeValue // of the equality or the prefix
	lo, hi         types.AttributeValue // nil where there is no bound
	openLo, openHi bool                 // the bound itself is excluded
	near           bool                 // both ends are asked for at once, and one that is excluded must be thrown away here
	shown          string               // the template as far as it is bound, for Explain
}

type sortKind uint8

const (
	sortAny sortKind = iota
	sortEqual
	sortPrefix
	sortBounds
)

// bindSort finds the part of the sort keys that the conditions leave: attributes and fields bound by equalities from the left, then
// at most one with a range or prefix. Whatever lies behind stays open, and bounds never leave the literals of a template.
func (s *serving) bindSort() (reason string, err error) {
	for _, key := range s.rng {
		if s.collection && s.narrowed() {
			break
		}
		bind := s.bindText
		if key.native() {
			bind = s.bindNative
		}
		part, reason, err := bind(key)
		if reason != "" || err != nil {
			return reason, err
		}
		if s.sort = part; part.kind != sortEqual {
			return "", nil
		}
		s.fixed = append(s.fixed, part.value)
	}
	s.sort = sortRange{}
	return "", nil
}

// narrowed reports whether the key decides every bound of a collection: what T's own key goes on with, fields that the partition fixes
// among it, is not that of other types. A shard that a bound chooses decides nothing yet.
func (s *serving) narrowed() bool {
	return !slices.ContainsFunc(s.where, func(k *constraint) bool { return !slices.Contains(s.decided, k) })
}

// bindText finds what the conditions leave of an attribute that is text.
func (s *serving) bindText(key keyAttribute) (part sortRange, reason string, err error) {
	var prefix []byte
	var last *schema.Member // that is bound
	segment := 0            // where the text behind it begins
	shown := ""
	for _, p := range key.template.Parts {
		m := p.Member
		if m == nil {
			prefix = append(prefix, p.Literal...)
			shown += p.Literal
			continue
		}
		k := s.find(m.Ref)
		switch {
		case s.collection && (k == nil || s.narrowed()):
			return subtree(last, string(prefix[:segment]), shown), "", nil
		case k == nil:
			return anything(string(prefix), shown), "", nil
		case len(k.equal) == 0:
			return s.bindRange(key, m, k, string(prefix), shown)
		}
		if reason, err := s.equality(k, m); reason != "" || err != nil {
			return part, reason, err
		}
		if !schema.Present(k.equal[0]) {
			prefix = append(prefix, m.Or...)
		} else if prefix, err = m.AppendText(prefix, k.equal[0]); err != nil {
			return part, "", invalidKey(err)
		}
		last, segment = m, len(prefix)
		shown += "{" + m.Ref.Path + "}"
	}
	if len(prefix) > maxSortKey {
		return part, "", tooLongCondition(key)
	}
	if s.collection {
		return subtree(last, string(prefix[:segment]), shown), "", nil
	}
	return sortRange{kind: sortEqual, value: keyText(string(prefix)), shown: shown}, "", nil
}

// subtree is the condition on a text that it is one which ends with a whole segment, or goes on behind it. Where no segment is bound it
// is any text: the literals before the first are those of one type.
func subtree(last *schema.Member, text, shown string) sortRange {
	if last == nil {
		return sortRange{kind: sortAny}
	}
	return sortRange{kind: sortBounds, lo: keyText(text), hi: keyText(last.Behind(text)), shown: shown}
}

// anything is the condition on a text of which only the beginning is bound.
func anything(prefix, shown string) sortRange {
	if prefix == "" {
		return sortRange{kind: sortAny}
	}
	return sortRange{kind: sortPrefix, value: keyText(prefix), shown: shown}
}

// bindRange serves ranges and prefixes of one field behind a bound beginning.
func (s *serving) bindRange(key keyAttribute, m *schema.Member, k *constraint, prefix, shown string) (part sortRange, reason string, err error) {
	if reason := m.Ordered(); reason != "" && (len(k.prefix) == 0 || !m.ServesPrefix()) {
		return part, "cannot serve the condition on " + m.Ref.Path + ", which " + reason + "; use Filter for it", nil
	}
	shown += "{" + m.Ref.Path + "}"
	if len(k.prefix) > 0 {
		return s.bindPrefix(key, m, k, prefix, shown)
	}
	r, err := s.rangeOf(m, k, prefix)
	if err != nil {
		return part, "", err
	}
	part = sortRange{kind: sortBounds, shown: shown}
	lo, hi, hasLo, hasHi, open := r.Bounds()
	if len(lo) > maxSortKey || len(hi) > maxSortKey {
		return part, "", tooLongCondition(key)
	}
	if hasLo {
		part.lo = keyText(lo)
	}
	if hasHi {
		part.hi, part.openHi = keyText(hi), open && !hasLo
	}
	if hasHi && s.collection {
		if part.openHi, err = excludes(m, k, prefix, hi); err != nil {
			return part, "", err
		}
		part.near = part.openHi && hasLo
	}
	s.empty = s.empty || r.Empty()
	s.serve(k, r.Exact() && !(open && hasLo)) // BETWEEN includes its ends
	return part, "", nil
}

// excludes reports whether an upper bound is the text of a value that is excluded. In the keys of one type something follows it, so that
// none equals the bound; among those of a collection one may end there.
func excludes(m *schema.Member, k *constraint, prefix, hi string) (bool, error) {
	for _, l := range k.upper {
		if l.included {
			continue
		}
		text, err := m.AppendText([]byte(prefix), l.value)
		if err != nil {
			return false, invalidKey(err)
		}
		if string(text) == hi {
			return true, nil
		}
	}
	return false, nil
}

// rangeOf is the part of the texts behind a prefix that a range leaves.
func (s *serving) rangeOf(m *schema.Member, k *constraint, prefix string) (*schema.Range, error) {
	if s.collection {
		m = m.Open()
	}
	r := m.Range(prefix)
	for _, l := range k.lower {
		if err := r.Above(l.value, l.included); err != nil {
			return nil, invalidKey(err)
		}
	}
	for _, l := range k.upper {
		if err := r.Below(l.value, l.included); err != nil {
			return nil, invalidKey(err)
		}
	}
	return r, nil
}

// bindPrefix serves a prefix of a field.
func (s *serving) bindPrefix(key keyAttribute, m *schema.Member, k *constraint, prefix, shown string) (part sortRange, reason string, err error) {
	if reason := k.onePrefix(m); reason != "" {
		return part, reason, nil
	}
	text, err := m.AppendText([]byte(prefix), reflect.ValueOf(k.prefix[0]).Convert(m.Ref.Type()))
	if err != nil {
		return part, "", invalidKey(err)
	}
	if len(text) > maxSortKey {
		return part, "", tooLongCondition(key)
	}
	s.serve(k, !m.Lossy())
	return anything(string(text), shown), "", nil
}

// onePrefix says why a key does not serve the prefixes of a constraint; empty where it does.
func (k *constraint) onePrefix(m *schema.Member) string {
	switch {
	case !m.ServesPrefix():
		return "serves prefixes of plain strings only, not of " + m.Ref.Path + "; use Filter for it"
	case len(k.prefix) > 1 || len(k.lower)+len(k.upper) > 0:
		return "serves one prefix of " + m.Ref.Path + " or a range, not both; use Filter for the other"
	}
	return ""
}

func tooLongCondition(k keyAttribute) error {
	return &Error{kind: ErrInvalidKey, Reason: "the condition on attribute " + k.name + " is longer than the 1024 bytes that DynamoDB takes in a sort key"}
}

// condition is the key condition of an access in one partition.
func (a *access) condition(partition int, last sortRange) (*ast.Cond, error) {
	values, err := a.parts.values(partition)
	if err != nil {
		return nil, err
	}
	var all []*ast.Cond
	for n, k := range a.hash {
		all = append(all, ast.Compare(ast.OpEq, ast.Attr(k.name), ast.Value(values[n])))
	}
	for n, av := range a.fixed {
		all = append(all, ast.Compare(ast.OpEq, ast.Attr(a.rng[n].name), ast.Value(av)))
	}
	if key, ok := a.ranged(); ok {
		all = append(all, last.condition(ast.Attr(key.name)))
	}
	return ast.And(all...), nil
}

// ranged is the attribute of the sort key behind those that are fixed.
func (a *access) ranged() (keyAttribute, bool) {
	if len(a.fixed) == len(a.rng) {
		return keyAttribute{}, false
	}
	return a.rng[len(a.fixed)], true
}

func (s sortRange) condition(at ast.Path) *ast.Cond {
	switch {
	case s.kind == sortPrefix:
		return ast.BeginsWith(at, ast.Value(s.value))
	case s.lo != nil && s.hi != nil:
		return ast.Between(at, ast.Value(s.lo), ast.Value(s.hi))
	case s.lo != nil:
		return ast.Compare(operator(ast.OpGe, ast.OpGt, s.openLo), at, ast.Value(s.lo))
	case s.hi != nil:
		return ast.Compare(operator(ast.OpLe, ast.OpLt, s.openHi), at, ast.Value(s.hi))
	}
	return nil
}

func operator(included, excluded ast.Op, open bool) ast.Op {
	if open {
		return excluded
	}
	return included
}

// holds reports whether an attribute lies within the condition.
func (s sortRange) holds(av types.AttributeValue) bool {
	switch s.kind {
	case sortPrefix:
		return beginsWith(av, s.value)
	case sortBounds:
		return (s.lo == nil || s.above(av)) && (s.hi == nil || s.below(av))
	}
	return true
}

func (s sortRange) above(av types.AttributeValue) bool {
	c := compareKeys(av, s.lo)
	return keyKind(av) == keyKind(s.lo) && (c > 0 || c == 0 && !s.openLo)
}

func (s sortRange) below(av types.AttributeValue) bool {
	c := compareKeys(av, s.hi)
	return keyKind(av) == keyKind(s.hi) && (c < 0 || c == 0 && !s.openHi)
}
