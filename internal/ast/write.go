package ast

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// cond is the condition in the package's terms.
func (w *writer) cond(c *Cond) expression.ConditionBuilder {
	if c.lowered != nil {
		c = c.lowered
	}
	switch c.op {
	case OpRaw:
		return c.raw.builder
	case OpNot:
		return expression.Not(w.cond(c.kids[0]))
	case OpAnd:
		return expression.And(w.cond(c.kids[0]), w.cond(c.kids[1]), w.conds(c.kids[2:])...)
	case OpOr:
		return expression.Or(w.cond(c.kids[0]), w.cond(c.kids[1]), w.conds(c.kids[2:])...)
	}
	return w.leaf(c, w.path(c.path))
}

func (w *writer) conds(kids []*Cond) []expression.ConditionBuilder {
	if len(kids) == 0 {
		return nil
	}
	all := make([]expression.ConditionBuilder, len(kids))
	for i, kid := range kids {
		all[i] = w.cond(kid)
	}
	return all
}

func (w *writer) leaf(c *Cond, p expression.NameBuilder) expression.ConditionBuilder {
	switch c.op {
	case OpExists:
		return p.AttributeExists()
	case OpNotExists:
		return p.AttributeNotExists()
	case OpBeginsWith:
		return p.BeginsWith(w.prefix(c.operands[0].AV))
	case OpContains:
		return p.Contains(c.operands[0].AV)
	case OpBetween:
		return p.Between(value(c.operands[0]), value(c.operands[1]))
	case OpIn:
		return p.In(value(c.operands[0]), values(c.operands[1:])...)
	case OpAttr:
		return compare(c.compare, p, w.path(c.other))
	case OpSize:
		return compare(c.compare, p.Size(), value(c.operands[0]))
	}
	return compare(c.op, p, value(c.operands[0]))
}

func compare(op Op, left, right expression.OperandBuilder) expression.ConditionBuilder {
	switch op {
	case OpNe:
		return expression.NotEqual(left, right)
	case OpLt:
		return expression.LessThan(left, right)
	case OpLe:
		return expression.LessThanEqual(left, right)
	case OpGt:
		return expression.GreaterThan(left, right)
	case OpGe:
		return expression.GreaterThanEqual(left, right)
	}
	return expression.Equal(left, right)
}

// value passes a finished attribute value through. One at a time: the package would encode those in a slice or a map once more.
func value(o Operand) expression.ValueBuilder { return expression.Value(o.AV) }

func values(operands []Operand) []expression.OperandBuilder {
	if len(operands) == 0 {
		return nil
	}
	all := make([]expression.OperandBuilder, len(operands))
	for i, o := range operands {
		all[i] = value(o)
	}
	return all
}

// keys is the key condition. It is joined to the left: the package takes no more than two conditions in any other way.
func (w *writer) keys(c *Cond) expression.KeyConditionBuilder {
	conjuncts := c.Conjuncts()
	all := w.key(conjuncts[0])
	for _, next := range conjuncts[1:] {
		all = all.And(w.key(next))
	}
	return all
}

func (w *writer) key(c *Cond) expression.KeyConditionBuilder {
	k := expression.Key(w.name(c.path.last.name))
	v := value(c.operands[0])
	switch c.op {
	case OpLt:
		return k.LessThan(v)
	case OpLe:
		return k.LessThanEqual(v)
	case OpGt:
		return k.GreaterThan(v)
	case OpGe:
		return k.GreaterThanEqual(v)
	case OpBetween:
		return k.Between(v, value(c.operands[1]))
	case OpBeginsWith:
		return k.BeginsWith(w.prefix(c.operands[0].AV))
	}
	return k.Equal(v)
}

func (w *writer) projection(paths []Path) expression.ProjectionBuilder {
	rest := make([]expression.NameBuilder, len(paths)-1)
	first := w.path(paths[0])
	for i, p := range paths[1:] {
		rest[i] = w.path(p)
	}
	return expression.NamesList(first, rest...)
}

// update is the update in the package's terms, which groups it by clause.
func (w *writer) update(changes []Change) expression.UpdateBuilder {
	var u expression.UpdateBuilder
	for _, c := range changes {
		if c.op != 0 {
			u = c.write(u, w.path(c.path))
		}
	}
	return u
}

func (c Change) write(u expression.UpdateBuilder, p expression.NameBuilder) expression.UpdateBuilder {
	v := value(c.operand)
	switch {
	case c.Removes():
		return u.Remove(p)
	case c.op == ChangeSetIfNotExists:
		return u.Set(p, p.IfNotExists(v))
	case c.op == ChangeAdd && c.path.Nested():
		return u.Set(p, expression.Plus(p.IfNotExists(absentNumber()), v))
	case c.op == ChangeAdd || c.op == ChangeAddToSet:
		return u.Add(p, v)
	case c.op == ChangeDeleteFromSet:
		return u.Delete(p, v)
	case c.op == ChangeAppend:
		return u.Set(p, expression.ListAppend(p.IfNotExists(absentList()), v))
	case c.op == ChangePrepend:
		return u.Set(p, expression.ListAppend(v, p.IfNotExists(absentList())))
	}
	return u.Set(p, v)
}

// absentNumber and absentList are what an absent attribute is taken for. They are made anew each time: a caller gets them in a
// request, and may change it.
func absentNumber() expression.ValueBuilder {
	return expression.Value(&types.AttributeValueMemberN{Value: "0"})
}

func absentList() expression.ValueBuilder {
	return expression.Value(&types.AttributeValueMemberL{Value: []types.AttributeValue{}})
}
