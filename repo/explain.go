package repo

import (
	"fmt"
	"slices"
	"strings"
)

// Plan says how a query is answered, without a value in it: it can be logged.
type Plan struct {
	Index        string      // the index read, "" for the table itself
	KeyCondition string      // on the key attributes, in terms of the templates
	Filter       string      // what is thrown away after it was read and paid for; "" for nothing
	Empty        bool        // the conditions contradict each other: nothing is sent, and nothing found
	Partitions   int         // that are read: shards in parallel, buckets of time one after another; 1 in most cases
	LeftOut      []Candidate // what was considered before, and why it does not serve
}

// Candidate is an index, or the table itself, that does not serve a query.
type Candidate struct {
	Index  string // "" for the table itself
	Reason string
}

// Explain plans the query and sends nothing. Where nothing serves it the error is [ErrNoIndex], and the plan beside it lists what
// was considered.
func (q Query[T]) Explain() (Plan, error) {
	plan, err := q.query.explain()
	return plan, q.query.repo.entity.failed("Query", err)
}

func (q query) explain() (Plan, error) {
	ask, err := q.repo.narrow(q.asked())
	if err != nil {
		return Plan{}, err
	}
	a, leftOut, err := q.repo.entity.plan(ask)
	plan := Plan{LeftOut: exported(leftOut)}
	if err != nil {
		return plan, err
	}
	filter, err := q.repo.filter(a, q.spec.filter)
	if err != nil {
		return Plan{}, err
	}
	plan.Index, plan.KeyCondition, plan.Filter, plan.Empty, plan.Partitions = a.name(), a.shown(), filter.String(), a.empty, a.parts.count()
	return plan, nil
}

func exported(list []candidate) []Candidate {
	var out []Candidate
	for _, c := range list {
		out = append(out, Candidate{Index: strings.TrimPrefix(strings.TrimPrefix(c.index, "the table"), "index "), Reason: c.reason})
	}
	return out
}

// shown is the key condition in terms of the templates.
func (a *access) shown() string {
	var out []string
	for _, k := range slices.Concat(a.hash, a.rng[:len(a.fixed)]) {
		out = append(out, k.name+" = "+k.template.Source)
	}
	key, ranged := a.ranged()
	if !ranged || a.sort.kind == sortAny {
		return strings.Join(out, " AND ")
	}
	return strings.Join(append(out, a.sort.said(key.name)), " AND ")
}

// said is the condition on a sort key in terms of its template.
func (s sortRange) said(name string) string {
	switch {
	case s.kind == sortPrefix:
		return "begins_with(" + name + ", " + s.shown + ")"
	case s.lo != nil && s.hi != nil:
		return name + " BETWEEN bounds of " + s.shown
	case s.lo != nil && s.openLo:
		return name + " > bound of " + s.shown
	case s.lo != nil:
		return name + " >= bound of " + s.shown
	case s.openHi:
		return name + " < bound of " + s.shown
	}
	return name + " <= bound of " + s.shown
}

// String is the plan in a few lines.
func (p Plan) String() string {
	var b strings.Builder
	where := "the table"
	if p.Index != "" {
		where = "index " + p.Index
	}
	if p.KeyCondition == "" {
		where = "nothing serves the query"
	}
	b.WriteString(where)
	for _, part := range []struct{ name, text string }{{"key", p.KeyCondition}, {"filter", p.Filter}} {
		if part.text != "" {
			b.WriteString("\n  " + part.name + ": " + part.text)
		}
	}
	if p.Partitions > 1 {
		fmt.Fprintf(&b, "\n  partitions: %d", p.Partitions)
	}
	if p.Empty {
		b.WriteString("\n  nothing matches: the conditions contradict each other")
	}
	for _, c := range p.LeftOut {
		name := "the table"
		if c.Index != "" {
			name = "index " + c.Index
		}
		b.WriteString("\n  left out: " + name + " " + c.Reason)
	}
	return b.String()
}
