package memdb

// A condition is a checked expression over an item.
type condition struct{ root *expr }

// parseCondition reads a condition or a filter.
func parseCondition(kind, text string, p *params) (*condition, *Error) {
	root, err := parseConditionTree(kind, text)
	if err != nil {
		return nil, err
	}
	c := &checker{kind: kind, params: p}
	if err := c.check(root); err != nil {
		return nil, err
	}
	return &condition{root: root}, nil
}

func parseConditionTree(kind, text string) (*expr, *Error) {
	ps := newParser(kind, text)
	root := ps.or(false)
	if err := ps.finish(); err != nil {
		return nil, err
	}
	return root, checkWords(kind, root, asCondition)
}

// A checker resolves a condition's operands and checks what each operator and
// function takes, operands first.
type checker struct {
	kind   string
	params *params
}

func (c *checker) check(e *expr) *Error {
	if err := c.params.resolve(c.kind, e); err != nil {
		return err
	}
	for _, arg := range e.args {
		if err := c.check(arg); err != nil {
			return err
		}
	}
	if e.call {
		return c.checkCall(e)
	}
	switch e.op {
	case "=", "<>", "<", "<=", ">", ">=", "BETWEEN", "IN":
		return c.checkComparison(e)
	}
	return nil
}

func (c *checker) checkComparison(e *expr) *Error {
	if e.op == "IN" && len(e.args)-1 > maxInOperands {
		return invalidExpression(c.kind, "The IN operator is provided with too many operands; number of operands: "+itoa(len(e.args)-1))
	}
	if e.op != "=" && e.op != "<>" && e.op != "IN" {
		for _, arg := range e.args {
			if err := c.scalar(e.op, arg); err != nil {
				return err
			}
		}
	}
	if err := c.distinct(e); err != nil {
		return err
	}
	if e.op == "BETWEEN" && e.args[1].op == opValue && e.args[2].op == opValue {
		return c.checkBounds(e.args[1].val, e.args[2].val)
	}
	return nil
}

func (c *checker) checkBounds(low, high value) *Error {
	text := "The BETWEEN operator requires same data type for lower and upper bounds"
	if low.kind() == high.kind() {
		if low.body() <= high.body() {
			return nil
		}
		text = "The BETWEEN operator requires upper bound to be greater than or equal to lower bound"
	}
	return invalidExpression(c.kind, text+"; lower bound operand: AttributeValue: "+plainText(low)+", upper bound operand: AttributeValue: "+plainText(high))
}

// plainText writes a scalar as the service's messages do: {N:1}.
func plainText(v value) string {
	text := v.body()
	if v.kind() == kindN {
		text = decodeNumber(text).text()
	}
	return "{" + v.typeName() + ":" + text + "}"
}

// scalar refuses a literal that has no order.
func (c *checker) scalar(op string, arg *expr) *Error {
	if arg.op == opValue && arg.val.kind() > kindB {
		return c.wrongType(op, arg.val.typeName())
	}
	return nil
}

func (c *checker) wrongType(op, name string) *Error {
	return invalidExpression(c.kind, "Incorrect operand type for operator or function; operator or function: "+op+", operand type: "+name)
}

// distinct refuses an operator whose first operand is a path that comes again.
func (c *checker) distinct(e *expr) *Error { return distinct(c.kind, e) }

func distinct(kind string, e *expr) *Error {
	first := e.args[0]
	for _, arg := range e.args[1:] {
		if first.op == opPath && arg.op == opPath && first.path.equal(arg.path) {
			return invalidExpression(kind, "The first operand must be distinct from the remaining operands for this operator or function; operator: "+
				e.op+", first operand: "+first.path.String())
		}
	}
	return nil
}

var conditionArity = map[string]int{"attribute_exists": 1, "attribute_not_exists": 1, "size": 1,
	"attribute_type": 2, "begins_with": 2, "contains": 2}

func (c *checker) checkCall(e *expr) *Error {
	if len(e.args) != conditionArity[e.op] {
		return wrongArity(c.kind, e)
	}
	first := e.args[0]
	switch e.op {
	case "attribute_exists", "attribute_not_exists":
		if first.op != opPath {
			return needsPath(c.kind, e.op)
		}
		return nil
	case "size":
		return c.checkSize(first)
	case "attribute_type":
		return c.checkAttributeType(e)
	case "begins_with":
		for _, arg := range e.args {
			switch {
			case arg.call:
				return c.wrongType(e.op, "N")
			case arg.op == opValue && arg.val.kind() != kindS && arg.val.kind() != kindB:
				return c.wrongType(e.op, arg.val.typeName())
			}
		}
	}
	return c.distinct(e)
}

func wrongArity(kind string, e *expr) *Error {
	return invalidExpression(kind, "Incorrect number of operands for operator or function; operator or function: "+e.op+", number of operands: "+itoa(len(e.args)))
}

func needsPath(kind, op string) *Error {
	return invalidExpression(kind, "Operator or function requires a document path; operator or function: "+op)
}

func (c *checker) checkSize(arg *expr) *Error {
	if arg.call {
		return c.wrongType("size", "N")
	}
	if arg.op == opValue {
		switch arg.val.kind() {
		case kindN, kindTrue, kindFalse, kindNull:
			return c.wrongType("size", arg.val.typeName())
		}
	}
	return nil
}

const attributeTypes = "{N,BS,L,B,NULL,M,S,SS,NS,BOOL}"

func (c *checker) checkAttributeType(e *expr) *Error {
	if err := c.distinct(e); err != nil {
		return err
	}
	arg := e.args[1]
	switch {
	case arg.op == opPath:
		return c.wrongType(e.op, attributeTypes)
	case arg.call:
		return c.wrongType(e.op, "N")
	case arg.val.kind() != kindS:
		return c.wrongType(e.op, arg.val.typeName())
	case !isKind(arg.val.body()):
		return invalidExpression(c.kind, "Invalid attribute type name found; type: "+arg.val.body()+", valid types: "+attributeTypes)
	}
	return nil
}

// paths are the condition's, in the order of the text.
func (c *condition) paths() (out []path) {
	if c != nil {
		c.root.paths(func(p path) { out = append(out, p) })
	}
	return out
}

// paths calls f with each path of the tree, in the order of the text.
func (e *expr) paths(f func(path)) {
	if e.op == opPath {
		f(e.path)
	}
	for _, arg := range e.args {
		arg.paths(f)
	}
}
