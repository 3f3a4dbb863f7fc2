package repo

import (
	"reflect"
	"slices"
	"strings"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// access is how a query is answered: one partition of the table or of an index, and a part of its sort keys.
type access struct {
	index     *boundIndex // nil for the table itself
	keys      []keyAttribute
	partition string
	sort      sortRange
	exact     []*ast.Cond // conditions that the key serves only nearly, repeated as a filter
	empty     bool        // the conditions contradict each other: nothing matches
}

// name of the index; "" for the table.
func (a *access) name() string {
	if a.index == nil {
		return ""
	}
	return a.index.Name
}

// sortRange is the condition on a sort key.
type sortRange struct {
	kind         sortKind
	text         string // of the equality or the prefix
	lo, hi       string
	hasLo, hasHi bool
	open         bool   // hi itself is excluded
	shown        string // the template as far as it is bound, for Explain
	ranged       *schema.Member
}

type sortKind uint8

const (
	sortAny sortKind = iota
	sortEqual
	sortPrefix
	sortBounds
)

// candidate is an index that was considered, and why it does not serve.
type candidate struct {
	index  string
	reason string
}

// plan finds how to answer conditions: the table first, then the indexes in the order declared. With an index named, only that
// one, whose sparseness the caller accepts.
func (e *entity) plan(conds []*ast.Cond, index string, consistent bool) (*access, []candidate, error) {
	constraints, err := e.constraints(conds)
	if err != nil {
		return nil, nil, err
	}
	p := planning{entity: e, constraints: constraints, consistent: consistent, sparse: index != ""}
	var leftOut []candidate
	for n := -1; n < len(e.indexes); n++ {
		var x *boundIndex
		if n >= 0 {
			x = &e.indexes[n]
		}
		if index != "" && (x == nil || x.Name != index) {
			continue
		}
		a, reason, err := p.try(x)
		if err != nil {
			return nil, nil, err
		}
		if reason == "" {
			return a, leftOut, nil
		}
		leftOut = append(leftOut, candidate{indexName(x), reason})
	}
	if index != "" && len(leftOut) == 0 {
		return nil, nil, &Error{Index: index, kind: ErrNoIndex, Reason: "the entity declares no such index"}
	}
	return nil, leftOut, noIndex(leftOut)
}

func indexName(x *boundIndex) string {
	if x == nil {
		return "the table"
	}
	return "index " + x.Name
}

// noIndex says of every candidate why it does not serve.
func noIndex(leftOut []candidate) error {
	reasons := make([]string, len(leftOut))
	for i, c := range leftOut {
		reasons[i] = c.index + " " + c.reason
	}
	return &Error{kind: ErrNoIndex, Reason: strings.Join(reasons, "; ")}
}

// planning is one search for an access.
type planning struct {
	*entity
	constraints []*constraint
	consistent  bool
	sparse      bool // the caller accepts that the index holds only a part of the items
}

// try plans the access through one index, or the table itself for nil. The reason says why it does not serve.
func (p planning) try(x *boundIndex) (_ *access, reason string, err error) {
	a := &access{index: x, keys: p.primary}
	if x != nil {
		a.keys = x.keys
		if p.consistent {
			return nil, "cannot be read consistently, which only the table can", nil
		}
	}
	left := slices.Clone(p.constraints)
	if reason, err := p.bindPartition(a, &left); reason != "" || err != nil {
		return nil, reason, err
	}
	if len(a.keys) > 1 {
		if reason, err := p.bindSort(a, &left); reason != "" || err != nil {
			return nil, reason, err
		}
	}
	if len(left) > 0 {
		return nil, "has no place in its key for the condition on " + left[0].ref.Path + "; use Filter for it", nil
	}
	if x != nil && !p.sparse {
		if reason := p.incomplete(x); reason != "" {
			return nil, reason, nil
		}
	}
	return a, "", nil
}

// take removes the constraint on a field from a list and returns it.
func take(left *[]*constraint, ref *schema.Ref) *constraint {
	for i, k := range *left {
		if k.ref == ref {
			*left = slices.Delete(*left, i, i+1)
			return k
		}
	}
	return nil
}

// find is take without the removal, among all constraints.
func (p planning) find(ref *schema.Ref) *constraint {
	for _, k := range p.constraints {
		if k.ref == ref {
			return k
		}
	}
	return nil
}

// bindPartition renders the partition key, each field of which must be bound by an equality.
func (p planning) bindPartition(a *access, left *[]*constraint) (reason string, err error) {
	for _, m := range a.keys[0].template.Members() {
		k := p.find(m.Ref)
		if k == nil || len(k.equal) == 0 {
			return "needs " + m.Ref.Path + " to be equal to a value", nil
		}
		if reason, err := p.equality(a, k, m); reason != "" || err != nil {
			return reason, err
		}
		take(left, m.Ref)
	}
	a.partition, _, err = keyText(a.keys[0], maxPartitionKey, p.bound)
	return "", err
}

// equality checks a field that is bound by an equality: the value must be one that a key can hold.
func (p planning) equality(a *access, k *constraint, m *schema.Member) (reason string, err error) {
	if !schema.Present(k.equal[0]) {
		if a.index == nil {
			return "", &Error{Field: m.Ref.Path, kind: ErrIncompleteKey, Reason: "the field is empty, and the primary key needs it"}
		}
		return "holds no items whose " + m.Ref.Path + " is empty", nil
	}
	holds, err := k.settle(m)
	a.empty = a.empty || !holds
	return "", err
}

// bound is the value that a field is equal to.
func (p planning) bound(m *schema.Member) (reflect.Value, bool, error) {
	return p.find(m.Ref).equal[0], true, nil
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
			if k := p.find(m.Ref); k != nil && k.excludesEmpty() || p.alwaysThere(m.Ref) {
				continue
			}
			return "lacks items whose " + m.Ref.Path + " is empty, and the field is not required" + accept
		}
	}
	return ""
}

// alwaysThere reports whether no stored item lacks the field.
func (e *entity) alwaysThere(ref *schema.Ref) bool {
	return ref.AlwaysPresent() || slices.Contains(e.Required, ref) || slices.Contains(e.KeyRefs(), ref)
}
