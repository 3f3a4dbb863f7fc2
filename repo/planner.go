package repo

import (
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// access is how a query is answered: partitions of the table or of an index, one in most cases, and a part of their sort keys.
type access struct {
	index     *boundIndex // nil for the table itself
	hash, rng []keyAttribute
	parts     partitions
	fixed     []types.AttributeValue // what the first attributes of the sort key are equal to
	sort      sortRange              // on the attribute behind them
	exact     []*ast.Cond            // conditions that the key serves only nearly, repeated as a filter
	empty     bool                   // the conditions contradict each other: nothing matches
	lacks     bool                   // the index does not hold all attributes that are wanted: whole items are fetched
}

// name of the index; "" for the table.
func (a *access) name() string {
	if a.index == nil {
		return ""
	}
	return a.index.Name
}

// keys lists the key attributes of what is read.
func (a *access) keys() []keyAttribute { return append(a.hash[:len(a.hash):len(a.hash)], a.rng...) }

// candidate is an index that was considered, and why it does not serve.
type candidate struct {
	index  string
	reason string
}

// asked is what a plan is made for.
type asked struct {
	conds       []*ast.Cond
	index       string
	consistent  bool
	hydrate     bool // what an index lacks is fetched from the table
	keysOnly    bool // no attributes are wanted
	showExpired bool // expired items too
	scope       *scope
	given       []*ast.Cond // those without the scope's
}

// plan finds how to answer conditions: the table first, then the indexes in the order declared. With an index named, only that
// one, whose sparseness the caller accepts.
func (e *entity) plan(q asked) (*access, []candidate, error) {
	constraints, err := e.constraints(q.conds)
	if err != nil {
		return nil, nil, err
	}
	p := planning{entity: e, constraints: constraints, asked: q}
	var leftOut []candidate
	for _, x := range e.candidates(q.index) {
		a, reason, err := p.try(x)
		if err != nil {
			return nil, nil, err
		}
		if reason == "" {
			return a, leftOut, nil
		}
		leftOut = append(leftOut, candidate{indexName(x), reason})
	}
	if q.index != "" && len(leftOut) == 0 {
		return nil, nil, noSuchIndex(q.index)
	}
	return nil, leftOut, e.beyond(q, noIndex(leftOut))
}

// beyond is the error of a query that nothing serves: where something would without the scope, that is what is wrong with it.
func (e *entity) beyond(q asked, err *Error) error {
	if q.scope == nil {
		return err
	}
	q.scope = nil
	for _, conds := range [][]*ast.Cond{q.given, q.conds} {
		q.conds = conds
		if _, _, without := e.plan(q); without == nil {
			err.kind = ErrOutOfScope
		}
	}
	return err
}

// beyondScope is why an index whose partition does not begin with the scope does not serve.
const beyondScope = "has a partition that does not begin with the fields of the scope"

// candidates are what a query may read: nil is the table. An index of the table that the type does not declare must be named.
func (e *entity) candidates(name string) []*boundIndex {
	var out []*boundIndex
	if name == "" {
		out = append(out, nil)
		for i := range e.indexes {
			out = append(out, &e.indexes[i])
		}
		return out
	}
	if x := e.indexNamed(name); x != nil {
		out = append(out, x)
	}
	return out
}

// indexNamed finds an index that the entity can read: one it declares, or one of the table whose keys it knows.
func (e *entity) indexNamed(name string) *boundIndex {
	for _, list := range [][]boundIndex{e.indexes, e.others} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}

func noSuchIndex(name string) error {
	return &Error{Index: name, kind: ErrNoIndex, Reason: "the entity declares no such index, and its keys are none of the entity's"}
}

func indexName(x *boundIndex) string {
	if x == nil {
		return "the table"
	}
	return "index " + x.Name
}

// noIndex says of every candidate why it does not serve.
func noIndex(leftOut []candidate) *Error {
	reasons := make([]string, len(leftOut))
	for i, c := range leftOut {
		reasons[i] = c.index + " " + c.reason
	}
	return &Error{kind: ErrNoIndex, Reason: strings.Join(reasons, "; ")}
}

// planning is one search for an access.
type planning struct {
	*entity
	asked
	constraints []*constraint
}

// try plans the access through one index, or the table itself for nil. The reason says why it does not serve.
func (p planning) try(x *boundIndex) (_ *access, reason string, err error) {
	a, reason := p.access(x)
	if reason != "" {
		return nil, reason, nil
	}
	if p.scope != nil && !p.scope.leads(a.hash) {
		return nil, beyondScope, nil
	}
	s := serving{planning: p, access: a}
	for _, bind := range []func() (string, error){s.bindPartition, s.bindSort} {
		if reason, err := bind(); reason != "" || err != nil {
			return nil, reason, err
		}
	}
	if reason := s.unserved(); reason != "" {
		return nil, reason, nil
	}
	if x != nil && p.index == "" {
		if reason := p.incomplete(x); reason != "" {
			return nil, reason, nil
		}
	}
	if missing := p.lacking(x); len(missing) > 0 {
		if a.lacks = true; !p.hydrate {
			return nil, lacks(missing), nil
		}
	}
	s.repeatNear()
	return a, "", nil
}

// access begins the access through an index, or the table for nil.
func (p planning) access(x *boundIndex) (_ *access, reason string) {
	if x == nil {
		return &access{hash: p.primary[:1], rng: p.primary[1:]}, ""
	}
	if p.consistent && !x.table.Local {
		return nil, "cannot be read consistently, which only the table and local indexes can"
	}
	return &access{index: x, hash: x.keys[:x.hash], rng: x.keys[x.hash:]}, ""
}

func lacks(missing []string) string {
	return "lacks the attributes of " + strings.Join(missing, ", ") + "; fetch whole items with Hydrate"
}

// serving is how the key of one candidate serves the constraints.
type serving struct {
	planning
	*access
	served     []*constraint // those that the key bounds
	decided    []*constraint // those that it decides
	where      []*constraint // bounds of a collection
	collection bool          // bounds are for keys of all types: what follows the fields that are bound is open
}

// serve notes that the key bounds what a constraint admits, and whether it decides it.
func (s *serving) serve(k *constraint, decides bool) {
	s.served = append(s.served, k)
	if decides {
		s.decided = append(s.decided, k)
	}
}

// repeatNear has the conditions that the key bounds and does not decide repeated as a filter.
func (s *serving) repeatNear() {
	for _, k := range s.constraints {
		if !slices.Contains(s.decided, k) {
			s.exact = append(s.exact, k.conds...)
		}
	}
}

// unserved says which condition the key has no place for; empty where it serves all.
func (s *serving) unserved() string {
	for _, k := range s.constraints {
		if slices.Contains(s.served, k) {
			continue
		}
		for _, key := range s.rng {
			for _, m := range key.template.Members() {
				if m.Ref == k.ref {
					return "cannot use the condition on " + k.ref.Path + " while a field before it in the sort key is not equal to a value; use Filter for it"
				}
			}
		}
		return "has no place in its key for the condition on " + k.ref.Path + "; use Filter for it"
	}
	return ""
}

// find is the constraint on a field; nil where there is none.
func (p planning) find(ref *schema.Ref) *constraint {
	for _, k := range p.constraints {
		if k.ref == ref {
			return k
		}
	}
	return nil
}

// equality binds a field by an equality: the value must be one that a key can hold.
func (s *serving) equality(k *constraint, m *schema.Member) (reason string, err error) {
	if !s.inKey(m, k.equal[0]) && m.Or == "" {
		if s.index == nil {
			return "", &Error{Field: m.Ref.Path, kind: ErrIncompleteKey, Reason: "the field is empty, and the primary key needs it"}
		}
		return "holds no items whose " + m.Ref.Path + " is empty", nil
	}
	holds, err := s.settle(k, m)
	s.empty = s.empty || !holds
	s.serve(k, !m.Lossy())
	return "", err
}

// incomplete says why an index may lack items that match; empty where it holds them all.
func (p planning) incomplete(x *boundIndex) string {
	accept := "; Index(\"" + x.Name + "\") accepts that"
	for _, c := range x.When {
		k := p.find(c.Ref)
		if k == nil || len(k.equal) == 0 || !c.Holds(k.equal[0]) {
			return "holds only items with " + c.Source + ", which the conditions do not imply" + accept
		}
	}
	for _, t := range x.Templates() {
		for _, m := range t.Members() {
			if k := p.find(m.Ref); k != nil && p.excludesMissing(k, m) || p.alwaysThere(m) {
				continue
			}
			return "lacks items whose " + m.Ref.Path + " is empty, and the field is not required" + accept
		}
	}
	return ""
}

// excludesMissing reports whether no item whose key lacks the member fulfils the constraint. A zero that the tags of a native number
// leave out has numbers on both sides, where an empty text has nothing below it.
func (p planning) excludesMissing(k *constraint, m *schema.Member) bool {
	zero := reflect.Zero(m.Ref.Type())
	if m.Present(zero) || !schema.Present(zero) {
		return k.excludesEmpty()
	}
	holds, err := p.settle(&constraint{ref: k.ref, equal: append([]reflect.Value{zero}, k.equal...), lower: k.lower, upper: k.upper}, m)
	return err == nil && !holds
}

// lacking lists what is wanted and an index does not hold.
func (p planning) lacking(x *boundIndex) []string {
	if x == nil {
		return nil
	}
	var out []string
	for _, f := range p.Fields {
		wanted := !p.keysOnly || p.TTL != nil && p.TTL.Leaf() == f && !p.showExpired
		if wanted && !p.entity.holds(x.table, f.Attr) {
			out = append(out, f.Name)
		}
	}
	if len(p.Overlaps) > 0 && !x.table.holds(p.entity.table, p.entity.table.TypeAttribute) {
		out = append(out, "the type")
	}
	return out
}

// alwaysThere reports whether the key of every stored item has the member. The tags of a native one may leave out a zero that
// counts as present elsewhere, in required fields too; the primary key alone is there all the same.
func (e *entity) alwaysThere(m *schema.Member) bool {
	switch {
	case m.Or != "" || m.AlwaysPresent():
		return true
	case m.Native && m.Ref.AlwaysPresent():
		return e.keyOfTable(m.Ref)
	}
	return slices.Contains(e.KeyRefs(), m.Ref) || slices.Contains(e.Required, m.Ref)
}

// keyOfTable reports whether a field's own attribute is a key of the table: every item has it, also where its tags leave a zero out.
func (e *entity) keyOfTable(ref *schema.Ref) bool {
	return slices.ContainsFunc(e.primary, func(k keyAttribute) bool { return k.template.Native() == ref })
}

// inKey reports whether a value gives a member a place in the keys of an index.
func (e *entity) inKey(m *schema.Member, v reflect.Value) bool {
	return m.Present(v) || m.Native && schema.Present(v) && e.keyOfTable(m.Ref)
}
