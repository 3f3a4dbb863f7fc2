package ast

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Compare compares what the path names with a value; op is [OpEq] to [OpGe].
//
// Equality knows of absence: a value that the tags leave out is equal to an absent attribute as well as to the value itself, of
// which a row may hold either. The orderings compare with the value itself, and no absent attribute fulfils them. Ne of a value that
// is stored holds for an absent attribute too.
func Compare(op Op, p Path, v Operand) *Cond {
	if op > OpNe {
		v.Absent = false
	}
	c := leaf(op, p, v)
	c.operators, c.chars = 1, p.chars()+compareChars(op)+len(":0")
	switch {
	case c.err != nil:
	case v.Absent:
		c.lower(absence(op, p, v))
	case v.AV == nil:
		c.err = problem(ErrInvalid, p, "the value has no stored form to compare with; use Exists or NotExists")
	case op > OpNe:
		c.err = unordered(p, v.AV)
	}
	return c
}

// unordered says why what the path names cannot be compared with the value by size.
func unordered(p Path, av types.AttributeValue) error {
	if f := p.FieldOf(); f != nil && f.Tag.AsString {
		return problem(ErrInvalid, p, "its numbers are stored as text, which sorts in another order; compare for equality, or store it as a number")
	}
	if !ordered(av) {
		return problem(ErrInvalid, p, "%s has no order; compare for equality, or test for existence", stored(av))
	}
	return nil
}

// absence is what a comparison with a value is that the tags leave out.
func absence(op Op, p Path, v Operand) *Cond {
	var same *Cond
	if v.AV != nil {
		same = Compare(op, p, Value(v.AV))
	}
	if op == OpNe {
		return And(Exists(p), same)
	}
	if same == nil {
		return NotExists(p)
	}
	return Or(NotExists(p), same)
}

// In holds where what the path names equals one of the values, as [Compare] with [OpEq] does. It takes 1 to 100.
func In(p Path, values ...Operand) *Cond {
	c := leaf(OpIn, p, values...)
	c.operators, c.chars = 1, p.chars()+len(" IN ()")+len(":0, ")*len(values)-len(", ")
	switch {
	case c.err != nil:
		return c
	case len(values) == 0:
		c.err = problem(ErrInvalid, p, "In needs at least one value: of none it could never hold")
		return c
	case len(values) > maxIn:
		c.err = problem(ErrTooLarge, p, "In takes at most %d values, and was given %d; ask in parts", maxIn, len(values))
		return c
	}
	present, absent := split(values)
	switch {
	case !absent && len(present) < len(values):
		c.err = problem(ErrInvalid, p, "a value has no stored form to compare with; use Exists or NotExists")
	case absent && len(present) == 0:
		c.lower(NotExists(p))
	case absent:
		c.lower(Or(NotExists(p), In(p, present...)))
	}
	return c
}

// split lists the values that have a stored form, and reports whether absence stands for one of them.
func split(values []Operand) (present []Operand, absent bool) {
	for _, v := range values {
		absent = absent || v.Absent
		if v.AV != nil {
			present = append(present, Value(v.AV))
		}
	}
	return present, absent
}

// Between holds from one value to the other, both included. Where they are the wrong way round it holds nowhere, where DynamoDB
// would refuse the request.
func Between(p Path, low, high Operand) *Cond {
	low.Absent, high.Absent = false, false
	c := leaf(OpBetween, p, low, high)
	c.operators, c.chars = 1, p.chars()+len(" BETWEEN :0 AND :0")
	for _, v := range c.operands {
		c.fail(unordered(p, v.AV))
	}
	if c.err == nil && reversed(low.AV, high.AV) {
		c.lower(And(Compare(OpGe, p, low), Compare(OpLe, p, high)))
	}
	return c
}

// BeginsWith holds where the text or binary that the path names begins with the value.
func BeginsWith(p Path, prefix Operand) *Cond {
	prefix.Absent = false
	c := leaf(OpBeginsWith, p, prefix)
	c.operators, c.chars = 1, p.chars()+len("begins_with (, :0)")
	switch prefix.AV.(type) {
	case *types.AttributeValueMemberS, *types.AttributeValueMemberB:
	default:
		c.fail(problem(ErrInvalid, p, "a prefix must be text or binary, and the field's values are stored as %s", stored(prefix.AV)))
	}
	return c
}

// Contains holds where the text that the path names contains the value, or the set or list has it as an element.
func Contains(p Path, v Operand) *Cond {
	v.Absent = false
	c := leaf(OpContains, p, v)
	c.operators, c.chars = 1, p.chars()+len("contains (, :0)")
	if v.AV == nil {
		c.fail(problem(ErrInvalid, p, "the value has no stored form that could be contained"))
	}
	return c
}

// Exists holds where the attribute is there, be it NULL.
func Exists(p Path) *Cond {
	c := leaf(OpExists, p)
	c.operators, c.chars = 1, p.chars()+len("attribute_exists ()")
	return c
}

// NotExists holds where the attribute is absent, or something on the way to it.
func NotExists(p Path) *Cond {
	c := leaf(OpNotExists, p)
	c.operators, c.chars = 1, p.chars()+len("attribute_not_exists ()")
	return c
}

// CompareAttr compares what two paths of the same item name; op is [OpEq] to [OpGe]. Where one of them is absent nothing but
// [OpNe] holds. Paths that are stored in different ways, and a path and itself, which DynamoDB refuses, are errors.
func CompareAttr(op Op, p, q Path) *Cond {
	c := leaf(OpAttr, p)
	c.compare, c.other = op, q
	c.operators, c.chars = 1, p.chars()+compareChars(op)+q.chars()
	c.fail(q.Err())
	switch {
	case c.err != nil:
	case p.Equal(q):
		c.err = problem(ErrInvalid, p, "is compared with itself; name another attribute")
	case !p.comparable(q):
		c.err = &Error{Kind: ErrInvalid, Fields: []string{p.String(), q.String()}, Text: "are stored in different ways by their tags, so that they never compare as their values do"}
	}
	return c
}

// comparable reports whether equal values of both are equal in the table.
func (p Path) comparable(q Path) bool {
	a, b := p.FieldOf(), q.FieldOf()
	if a == nil || b == nil {
		return true
	}
	return a.Tag.UnixTime == b.Tag.UnixTime && a.Tag.AsString == b.Tag.AsString && a.Tag.Set == b.Tag.Set
}

// Size compares the size of what the path names with a number: the length of text and binary in bytes, the elements of lists,
// sets and maps. It holds for no absent attribute: DynamoDB has it that what has no size has another one than any, so that [OpNe] asks for
// both.
func Size(op Op, p Path, v Operand) *Cond {
	c := leaf(OpSize, p, v)
	c.compare = op
	c.operators, c.chars = 2, len("size ()")+p.chars()+compareChars(op)+len(":0")
	if op == OpNe {
		return And(Exists(p), c)
	}
	return c
}

func leaf(op Op, p Path, operands ...Operand) *Cond {
	c := &Cond{op: op, path: p, err: p.Err()}
	if len(operands) == 1 {
		c.single[0] = operands[0]
		c.operands = c.single[:]
	} else {
		c.operands = append(c.operands, operands...)
	}
	for _, v := range operands {
		c.fail(v.err)
	}
	return c
}

// fail keeps the first error.
func (c *Cond) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// lower sets what is sent in place of the node.
func (c *Cond) lower(to *Cond) {
	c.lowered, c.operators, c.chars = to, to.operators, to.chars
	c.fail(to.err)
}

func (p Path) chars() int {
	if p.last == nil {
		return 0
	}
	return p.last.chars
}

func compareChars(op Op) int {
	if op == OpEq || op == OpLt || op == OpGt {
		return len(" = ")
	}
	return len(" <> ")
}
