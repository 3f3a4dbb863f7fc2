package repo

import (
	"strings"
)

// Plan says how a query is answered, without a value in it: it can be logged.
type Plan struct {
	Index        string      // the index read, "" for the table itself
	KeyCondition string      // on the key attributes, in terms of the templates
	Filter       string      // what is thrown away after it was read and paid for; "" for nothing
	Empty        bool        // the conditions contradict each other: nothing is sent, and nothing found
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
	a, leftOut, err := q.repo.entity.plan(q.spec.conds, q.spec.index, q.spec.consistent)
	plan := Plan{LeftOut: exported(leftOut)}
	if err != nil {
		return plan, q.repo.entity.failed("Query", err)
	}
	filter, err := q.repo.filter(a, q.spec.filter)
	if err != nil {
		return Plan{}, q.repo.entity.failed("Query", err)
	}
	plan.Index, plan.KeyCondition, plan.Filter, plan.Empty = a.name(), a.shown(), filter.String(), a.empty
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
	out := a.keys[0].name + " = " + a.keys[0].template.Source
	if len(a.keys) == 1 || a.sort.kind == sortAny {
		return out
	}
	at := " AND " + a.keys[1].name
	switch {
	case a.sort.kind == sortEqual:
		return out + at + " = " + a.sort.shown
	case a.sort.kind == sortPrefix:
		return out + " AND begins_with(" + a.keys[1].name + ", " + a.sort.shown + ")"
	case a.sort.hasLo && a.sort.hasHi:
		return out + at + " BETWEEN bounds of " + a.sort.shown
	case a.sort.hasLo:
		return out + at + " >= bound of " + a.sort.shown
	case a.sort.open:
		return out + at + " < bound of " + a.sort.shown
	}
	return out + at + " <= bound of " + a.sort.shown
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
