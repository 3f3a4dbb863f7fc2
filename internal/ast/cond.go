package ast

import "slices"

// Op is what a condition asks.
type Op uint8

// The operators of a [Cond]. A condition that compares with another attribute or by size has an operator of its own, so that
// who looks for a field's value never takes one for the other.
const (
	OpEq Op = iota + 1
	OpNe
	OpLt
	OpLe
	OpGt
	OpGe
	OpBetween    // two operands, both included
	OpIn         // up to 100 operands
	OpBeginsWith // of text or binary
	OpContains   // of text, a set or a list
	OpExists
	OpNotExists
	OpAttr // the path compared with another: Comparison, Other
	OpSize // the path's size compared with a number: Comparison
	OpAnd
	OpOr
	OpNot
	OpRaw // an expression of the SDK's package
)

// Cond is one node of a condition. It is immutable, so nodes may be shared; nil stands for no condition.
type Cond struct {
	op, compare Op
	path, other Path
	operands    []Operand
	kids        []*Cond
	raw         *rawCond
	single      [1]Operand

	// lowered is what is sent in place of a node that DynamoDB has no operator for.
	lowered *Cond

	operators int // and functions, as DynamoDB counts them
	chars     int // at least so long is the text
	err       error
}

// Op is the node's operator.
func (c *Cond) Op() Op { return c.op }

// Comparison is how the node compares, [OpEq] to [OpGe], where the operator is [OpAttr] or [OpSize].
func (c *Cond) Comparison() Op { return c.compare }

// Path is what the node asks about; zero for And, Or, Not and Raw.
func (c *Cond) Path() Path { return c.path }

// Other is the path that the node compares with, where the operator is [OpAttr].
func (c *Cond) Other() Path { return c.other }

// Operands are the values that the node compares with. The slice must not be changed.
func (c *Cond) Operands() []Operand { return c.operands }

// Operand is the only operand, of a comparison; the zero Operand where there is none.
func (c *Cond) Operand() Operand {
	if len(c.operands) == 0 {
		return Operand{}
	}
	return c.operands[0]
}

// Kids are the conditions that And, Or and Not join; none where Err tells what is wrong. The slice must not be changed.
func (c *Cond) Kids() []*Cond { return c.kids }

// Err is what is wrong with the node or one below it; the first such thing.
func (c *Cond) Err() error {
	if c == nil {
		return nil
	}
	return c.err
}

// Conjuncts are the conditions that must all hold for c to hold: those that And joins, or c alone; none for nil, and none that is
// of use where Err tells what is wrong.
func (c *Cond) Conjuncts() []*Cond {
	switch {
	case c == nil:
		return nil
	case c.op == OpAnd:
		return slices.Clip(c.kids)
	}
	return []*Cond{c}
}

// Walk visits the node and all below it, outer ones first, until visit returns false. A raw condition is one node: what it holds
// is not visible.
func (c *Cond) Walk(visit func(*Cond) bool) bool {
	if c == nil {
		return true
	}
	if !visit(c) {
		return false
	}
	for _, kid := range c.kids {
		if !kid.Walk(visit) {
			return false
		}
	}
	return true
}

// bounded gives the node, or in its place one that is only an error, where it exceeds a limit. So trees stay small, and nothing
// that walks them can run out of stack: each level counts at least one operator.
func (c *Cond) bounded() *Cond {
	if c.err == nil && c.operators > maxOperators {
		c.err = tooManyOperators(c.operators)
	}
	if c.err == nil && c.chars > maxChars {
		c.err = tooLong(c.chars)
	}
	if c.err != nil && (c.op == OpAnd || c.op == OpOr || c.op == OpNot) {
		return &Cond{op: c.op, err: c.err}
	}
	return c
}
