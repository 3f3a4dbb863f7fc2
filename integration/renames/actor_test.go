package renames

import (
	"context"
	"errors"
	"slices"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// step is one call of any of the programs.
type step struct {
	verb    string
	value   order // of Put; its key fields are the example of the others
	changes []edit
	conds   []check
	byIndex bool // a Query through the index
}

// edit is a change of a field, or what the function of a Modify does.
type edit struct {
	of, do string
	s      string
	n      int
}

// check is a condition.
type check struct {
	of, is string
	s      string
	n      int
	kids   []check
}

// answer is what a call gives.
type answer struct {
	Values  []order
	Count   int
	Failure string // the sentinels and the field
}

// actor is one program.
type actor struct {
	name string // of the entity, as it writes it
	do   func(context.Context, step) answer
}

// program makes an actor of a declaration. The callbacks convert what differs in tags only.
func program[T any](name string, r *repo.Repository[T], at func(*T) *order, from func(order) T) actor {
	p := paths[T]{
		status: expr.String(func(v *T) *string { return &at(v).Status }),
		total:  expr.Number(func(v *T) *int { return &at(v).Total }),
		limit:  expr.Number(func(v *T) *int { return &at(v).Limit }),
		tags:   expr.Set(func(v *T) *[]string { return &at(v).Tags }),
		lines:  expr.List(func(v *T) *[]string { return &at(v).Lines }),
		ship:   expr.Field(func(v *T) **shipping { return &at(v).Ship }),
		city:   expr.String(func(v *T) *string { return &at(v).Ship.City }),
		visits: expr.Number(func(v *T) *int { return &at(v).Ship.Visits }),
		note:   expr.String(func(v *T) *string { return &at(v).Note }),

		customer: expr.String(func(v *T) *string { return &at(v).Customer }),
	}
	one := func(v T, err error) answer {
		a := answer{Failure: failure(err), Values: []order{*at(&v)}}
		if stored, ok, _ := repo.Stored(r, err); ok {
			a.Values = append(a.Values, *at(&stored))
		}
		return a
	}
	return actor{name, func(ctx context.Context, s step) answer {
		conds, changes := p.conds(s.conds), p.changes(s.changes)
		view := r
		if len(conds) > 0 {
			view = r.If(conds...)
		}
		v := from(s.value)
		switch s.verb {
		case "Create":
			return one(r.Create(ctx, v))
		case "Put":
			return one(view.Put(ctx, v))
		case "Get":
			return one(r.Get(ctx, v))
		case "Update":
			return one(view.Update(ctx, v, changes...))
		case "Upsert":
			return one(view.Upsert(ctx, v, changes...))
		case "ExactlyOnce":
			return one(view.ExactlyOnce().Update(ctx, v, changes...))
		case "Modify":
			return one(r.Modify(ctx, v, func(v *T) error {
				for _, e := range s.changes {
					e.modify(at(v))
				}
				return nil
			}))
		case "Delete":
			err := view.Delete(ctx, v)
			return one(v, err)
		case "Take":
			return one(r.Take(ctx, v))
		}
		q := r.Query(p.customer.Eq(s.value.Customer))
		if s.byIndex {
			q = r.Query(p.customer.Eq(s.value.Customer), p.status.Eq("open"))
		}
		if q = q.Filter(conds...); s.byIndex {
			q = q.Index("gsi1")
		}
		var a answer
		found, err := repo.Collect(q.All(ctx))
		for _, v := range found {
			a.Values = append(a.Values, *at(&v))
		}
		n, _ := q.Count(ctx)
		a.Count, a.Failure = n, failure(err)
		return a
	}}
}

// failure is what an error says, as far as programs can ask.
func failure(err error) string {
	out := ""
	for _, sentinel := range []error{repo.ErrNotFound, repo.ErrAlreadyExists, repo.ErrConditionFailed, repo.ErrStaleIndex, repo.ErrInvalidValue,
		repo.ErrImmutable, repo.ErrWrongEntity, repo.ErrVersionConflict, repo.ErrNotUnique, repo.ErrNoIndex, repo.ErrOutcomeUnknown} {
		if errors.Is(err, sentinel) {
			out += sentinel.Error() + "; "
		}
	}
	var ours *repo.Error
	switch {
	case errors.As(err, &ours):
		return out + ours.Field
	case err != nil:
		return err.Error()
	}
	return out
}

// paths are the fields of one declaration.
type paths[T any] struct {
	customer, status, city, note expr.StringPath[T, string]
	total, limit, visits         expr.NumberPath[T, int]
	tags                         expr.SetPath[T, []string, string]
	lines                        expr.ListPath[T, []string, string]
	ship                         expr.FieldPath[T, *shipping]
}

func (p paths[T]) changes(edits []edit) []expr.Update[T] {
	var out []expr.Update[T]
	for _, e := range edits {
		out = append(out, p.change(e))
	}
	return out
}

func (p paths[T]) change(e edit) expr.Update[T] {
	switch e.of + " " + e.do {
	case "status set":
		return p.status.Set(e.s)
	case "status remove":
		return p.status.Remove()
	case "status default":
		return p.status.SetIfNotExists(e.s + "x")
	case "total set":
		return p.total.Set(e.n)
	case "total add":
		return p.total.Add(e.n + 1)
	case "total default":
		return p.total.SetIfNotExists(e.n + 1)
	case "tags set":
		return p.tags.Set([]string{e.s + "x"})
	case "tags add":
		return p.tags.Add(e.s+"x", "b")
	case "tags delete":
		return p.tags.Delete("a", "b")
	case "lines set":
		return p.lines.Set([]string{e.s})
	case "lines append":
		return p.lines.Append(e.s, "y")
	case "lines prepend":
		return p.lines.Prepend(e.s)
	case "lines first":
		return p.lines.At(0).Set(e.s)
	case "ship set":
		return p.ship.Set(&shipping{City: e.s, Visits: e.n})
	case "ship remove":
		return p.ship.Remove()
	case "city set":
		return p.city.Set(e.s)
	case "city remove":
		return p.city.Remove()
	case "visits add":
		return p.visits.Add(e.n + 1)
	case "limit add":
		return p.limit.Add(e.n + 1)
	}
	return p.note.Set(e.s)
}

// modify is the edit as a function of a Modify does it.
func (e edit) modify(v *order) {
	switch e.of {
	case "status":
		v.Status = e.s
	case "total":
		v.Total += e.n
	case "tags":
		v.Tags = append(slices.Clone(v.Tags), e.s+"x")
		slices.Sort(v.Tags)
		v.Tags = slices.Compact(v.Tags)
	case "lines":
		v.Lines = append(slices.Clone(v.Lines), e.s)
	case "ship":
		v.Ship = &shipping{City: e.s, Visits: e.n}
	case "city", "visits":
		if v.Ship != nil {
			v.Ship.City = e.s
		}
	case "limit":
		v.Limit = e.n
	default:
		v.Note = e.s
	}
}

func (p paths[T]) conds(checks []check) []expr.Cond[T] {
	var out []expr.Cond[T]
	for _, c := range checks {
		out = append(out, p.cond(c))
	}
	return out
}

func (p paths[T]) cond(c check) expr.Cond[T] {
	switch c.is {
	case "and":
		return expr.And(p.conds(c.kids)...)
	case "or":
		return expr.Or(p.conds(c.kids)...)
	case "not":
		return expr.Not(p.cond(c.kids[0]))
	}
	switch c.of + " " + c.is {
	case "status =":
		return p.status.Eq(c.s)
	case "status <>":
		return p.status.Ne(c.s)
	case "status in":
		return p.status.In(c.s, "shipped")
	case "status prefix":
		return p.status.HasPrefix("o")
	case "status contains":
		return p.status.Contains("p")
	case "status there":
		return p.status.Exists()
	case "status gone":
		return p.status.NotExists()
	case "total =":
		return p.total.Eq(c.n)
	case "total <":
		return p.total.Lt(c.n)
	case "total between":
		return p.total.Between(c.n, 3)
	case "total < limit":
		return p.total.LtAttr(p.limit.FieldPath)
	case "total <> limit":
		return p.total.NeAttr(p.limit.FieldPath)
	case "tags contains":
		return p.tags.Contains("a")
	case "tags size":
		return p.tags.Size().Ge(c.n)
	case "tags other size":
		return p.tags.Size().Ne(c.n)
	case "lines other size":
		return p.lines.Size().Ne(c.n)
	case "lines size":
		return p.lines.Size().Eq(c.n)
	case "lines there":
		return p.lines.At(1).Exists()
	case "city =":
		return p.city.Eq(c.s)
	case "city gone":
		return p.city.NotExists()
	case "ship there":
		return p.ship.Exists()
	}
	return p.note.Eq(c.s)
}
