package ast

// And is true where all conditions are. Those that are nil are left out; of none it is nil, of one that one. Conditions that are
// themselves made by And are taken apart, so that the result has one level of them.
func And(conds ...*Cond) *Cond {
	var kids []*Cond
	for _, c := range conds {
		switch {
		case c == nil:
		case c.op == OpAnd && c.err == nil:
			kids = append(kids, c.kids...)
		default:
			kids = append(kids, c)
		}
	}
	switch len(kids) {
	case 0:
		return nil
	case 1:
		return kids[0]
	}
	return join(OpAnd, kids, len(" AND "))
}

// Or is true where one of the conditions is; of one it is that one. Of none it is an error, and so is a nil among them, which
// would hold always: both are more likely a mistake than a wish to read or write everything.
func Or(conds ...*Cond) *Cond {
	if len(conds) == 0 {
		return &Cond{op: OpOr, err: general(ErrInvalid, "Or needs at least one condition")}
	}
	var kids []*Cond
	for _, c := range conds {
		switch {
		case c == nil:
			return &Cond{op: OpOr, err: general(ErrInvalid, "Or was given an empty condition, which would always hold; leave it out")}
		case c.op == OpOr && c.err == nil:
			kids = append(kids, c.kids...)
		default:
			kids = append(kids, c)
		}
	}
	if len(kids) == 1 {
		return kids[0]
	}
	return join(OpOr, kids, len(" OR "))
}

// Not is true where the condition is not. Of nil it is an error.
func Not(c *Cond) *Cond {
	if c == nil {
		return &Cond{op: OpNot, err: general(ErrInvalid, "Not needs a condition, and was given an empty one")}
	}
	n := &Cond{op: OpNot, kids: []*Cond{c}, operators: 1 + c.operators, chars: len("NOT ()") + c.chars, err: c.err}
	return n.bounded()
}

// join makes the node of And and Or; the word between two conditions is so long.
func join(op Op, kids []*Cond, word int) *Cond {
	c := &Cond{op: op, kids: kids, operators: len(kids) - 1, chars: (len(kids) - 1) * word}
	for _, kid := range kids {
		c.operators += kid.operators
		c.chars += kid.chars + len("()")
		if c.err == nil {
			c.err = kid.err
		}
	}
	return c.bounded()
}
