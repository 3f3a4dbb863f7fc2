package memdb

const keyConditionKind = "KeyConditionExpression"

// A keyCondition is a checked KeyConditionExpression: one term for each key
// attribute that it restricts.
type keyCondition struct{ terms []keyTerm }

// A keyTerm restricts one attribute.
type keyTerm struct {
	name   string
	op     string // "=", "<", "<=", ">", ">=", "BETWEEN" or "begins_with"
	values []value
}

func parseKeyCondition(text string, p *params) (*keyCondition, *Error) {
	root, err := parseConditionTree(keyConditionKind, text)
	if err != nil {
		return nil, err
	}
	c := &checker{kind: keyConditionKind, params: p}
	if err := c.check(root); err != nil {
		return nil, err
	}
	out := &keyCondition{}
	if err := out.collect(root); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, t := range out.terms {
		if seen[t.name] {
			return nil, invalid("KeyConditionExpressions must only contain one condition per key")
		}
		seen[t.name] = true
	}
	return out, nil
}

// collect takes the terms out of a tree of ANDs.
func (k *keyCondition) collect(e *expr) *Error {
	switch e.op {
	case "AND":
		if err := k.collect(e.args[0]); err != nil {
			return err
		}
		return k.collect(e.args[1])
	case "=", "<", "<=", ">", ">=", "BETWEEN", "begins_with":
		return k.addTerm(e)
	}
	return invalid("Invalid operator used in KeyConditionExpression: " + e.op)
}

// flipped are the comparisons with their sides exchanged.
var flipped = map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

func (k *keyCondition) addTerm(e *expr) *Error {
	const preamble = "Invalid condition in KeyConditionExpression: "
	at, names := 0, 0
	for i, arg := range e.args {
		if arg.call {
			return invalid("KeyConditionExpressions cannot contain nested operations")
		}
		if arg.op == opPath {
			at, names = i, names+1
		}
	}
	switch {
	case names > 1:
		return invalid(preamble + "Multiple attribute names used in one condition")
	case names == 0:
		return invalid(preamble + "No key attribute specified")
	}
	pa := e.args[at].path
	if len(pa) > 1 {
		return invalid("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: " + pa[0].name)
	}
	t := keyTerm{name: pa[0].name, op: e.op}
	if at > 0 {
		if t.op = flipped[e.op]; t.op == "" {
			return invalid(preamble + e.op + " operator must have the key attribute as its first operand")
		}
	}
	for i, arg := range e.args {
		if i != at {
			t.values = append(t.values, arg.val)
		}
	}
	k.terms = append(k.terms, t)
	return nil
}

func (k *keyCondition) term(name string) *keyTerm {
	for i := range k.terms {
		if k.terms[i].name == name {
			return &k.terms[i]
		}
	}
	return nil
}

// A span is a range of rows: from low on, up to but without high.
type span struct{ low, high rowKey }

func (s span) has(k rowKey) bool { return !k.less(s.low) && k.less(s.high) }

// span works out the rows that the condition selects under a key: all of the
// partition key by equality, then the sort key's attributes from the left, of
// which the last one may be a range.
func (k *keyCondition) span(ks *keySchema) (span, *Error) {
	if len(ks.hash) == 1 && len(ks.sort) <= 1 && len(k.terms) > 2 {
		return span{}, invalid("Conditions can be of length 1 or 2 only")
	}
	var buf []byte
	for _, a := range ks.hash {
		t := k.term(a.name)
		if t == nil {
			return span{}, missedKey(a.name)
		}
		if t.op != "=" {
			return span{}, invalid("Query key condition not supported")
		}
		if err := t.check(a); err != nil {
			return span{}, err
		}
		buf = appendKeyPart(buf, a.kind, t.values[0].body())
	}
	prefix := rowKey{hash: hashOf(buf), rest: string(buf)}
	used := len(ks.hash)
	for _, a := range ks.sort {
		t := k.term(a.name)
		if t == nil {
			break
		}
		used++
		if err := t.check(a); err != nil {
			return span{}, err
		}
		if t.op != "=" {
			if used < len(k.terms) {
				return span{}, invalid("Query key condition not supported")
			}
			return t.span(prefix, a), nil
		}
		prefix.rest = string(appendKeyPart([]byte(prefix.rest), a.kind, t.values[0].body()))
	}
	if used < len(k.terms) {
		return span{}, missedKey(k.missing(ks))
	}
	return span{prefix, prefix.after()}, nil
}

func missedKey(name string) *Error {
	return invalid("Query condition missed key schema element: " + name)
}

// missing names the first attribute of the sort key without a term, or, where
// there is none, of the partition key.
func (k *keyCondition) missing(ks *keySchema) string {
	for _, a := range ks.sort {
		if k.term(a.name) == nil {
			return a.name
		}
	}
	return ks.hash[0].name
}

// check compares a term's values with the type of the key.
func (t *keyTerm) check(a keyAttr) *Error {
	for _, v := range t.values {
		if v.kind() != a.kind {
			return invalidParameter("Condition parameter type does not match schema type")
		}
		if v.body() == "" {
			return invalid(emptyKeyText(a))
		}
	}
	return nil
}

// span is the range of rows that a term selects under a prefix.
func (t *keyTerm) span(prefix rowKey, a keyAttr) span {
	bound := func(v value) rowKey {
		return rowKey{hash: prefix.hash, rest: string(appendKeyPart([]byte(prefix.rest), a.kind, v.body()))}
	}
	whole := span{prefix, prefix.after()}
	first := bound(t.values[0])
	switch t.op {
	case "<":
		return span{whole.low, first}
	case "<=":
		return span{whole.low, first.after()}
	case ">":
		return span{first.after(), whole.high}
	case ">=":
		return span{first, whole.high}
	case "BETWEEN":
		return span{first, bound(t.values[1]).after()}
	}
	begin := rowKey{hash: prefix.hash, rest: string(appendKeyPrefix([]byte(prefix.rest), t.values[0].body()))}
	return span{begin, begin.after()}
}
