package ast

// Under is the same path in an item that has the attribute under another name.
func (p Path) Under(name string) Path {
	var up *step
	for _, s := range p.steps() {
		own := *s
		if own.up = up; up == nil {
			own.name = name
		}
		up = &own
	}
	return Path{up}
}

// ofField reports whether the path names the attribute of a field, or leads into it. A plain attribute of the same name, made by
// [Attr], is none: it means that name and no other.
func (p Path) ofField(attr string) bool {
	top := p.Top()
	return top.last != nil && top.last.field != nil && top.last.name == attr
}

// Renamed is the condition on items some of which have an attribute under a former name: it holds where c would hold if the
// attribute had its name now. Where an item has several of the names, the first one counts: attr, then the former ones, the last
// one first. Conditions on plain attributes stay as they are, and so do raw ones, which cannot be looked into. Without such an
// attribute in it the result is c itself.
func (c *Cond) Renamed(attr string, was ...string) *Cond {
	switch {
	case c == nil || c.err != nil || len(was) == 0:
		return c
	case c.lowered != nil:
		if to := c.lowered.Renamed(attr, was...); to != c.lowered {
			return to
		}
		return c
	case c.op == OpAnd || c.op == OpOr || c.op == OpNot:
		return c.rejoined(attr, was)
	case !c.path.ofField(attr) && !c.other.ofField(attr):
		return c
	}
	return c.either(attr, was)
}

// rejoined is a node whose kids were renamed.
func (c *Cond) rejoined(attr string, was []string) *Cond {
	kids, same := make([]*Cond, len(c.kids)), true
	for i, kid := range c.kids {
		kids[i] = kid.Renamed(attr, was...)
		same = same && kids[i] == kid
	}
	switch {
	case same:
		return c
	case c.op == OpNot:
		return Not(kids[0])
	case c.op == OpAnd:
		return And(kids...)
	}
	return Or(kids...)
}

// either is a leaf for each of the names, from the oldest to the one now: it counts where no later name is there.
func (c *Cond) either(attr string, was []string) *Cond {
	out := c.under(attr, was[len(was)-1])
	for i := len(was) - 2; i >= -1; i-- {
		name := attr
		if i >= 0 {
			name = was[i]
		}
		is, at := c.under(attr, name), Attr(name)
		switch {
		case c.op == OpExists && !c.path.Nested():
			out = Or(is, out)
			continue
		case c.op == OpNotExists && !c.path.Nested():
			out = And(is, out)
			continue
		case c.holdsOfNothing():
			is = And(Exists(at), is)
		}
		out = Or(is, And(NotExists(at), out))
	}
	return out
}

// holdsOfNothing reports whether a leaf holds where its attribute is absent.
func (c *Cond) holdsOfNothing() bool {
	return c.op == OpNe || c.op == OpNotExists || (c.op == OpAttr || c.op == OpSize) && c.compare == OpNe
}

// under is a leaf about the attribute under another name.
func (c *Cond) under(attr, name string) *Cond {
	out := *c
	if c.path.ofField(attr) {
		out.path = c.path.Under(name)
	}
	if c.other.ofField(attr) {
		out.other = c.other.Under(name)
	}
	return &out
}
