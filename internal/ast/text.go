package ast

import "strings"

var symbols = [...]string{OpEq: " = ", OpNe: " <> ", OpLt: " < ", OpLe: " <= ", OpGt: " > ", OpGe: " >= "}

// String is the condition in Go's names, with a question mark for each value: for messages and logs. For nil it is empty.
func (c *Cond) String() string {
	if c == nil {
		return ""
	}
	p := c.path.String()
	switch c.op {
	case OpBetween:
		return p + " BETWEEN ? AND ?"
	case OpIn:
		return p + " IN (" + strings.TrimSuffix(strings.Repeat("?, ", len(c.operands)), ", ") + ")"
	case OpBeginsWith:
		return "begins_with(" + p + ", ?)"
	case OpContains:
		return "contains(" + p + ", ?)"
	case OpExists:
		return "attribute_exists(" + p + ")"
	case OpNotExists:
		return "attribute_not_exists(" + p + ")"
	case OpAttr:
		return p + symbols[c.compare] + c.other.String()
	case OpSize:
		return "size(" + p + ")" + symbols[c.compare] + "?"
	case OpAnd:
		return c.joined(" AND ")
	case OpOr:
		return c.joined(" OR ")
	case OpNot:
		return "NOT (" + c.joined("") + ")"
	case OpRaw:
		return "(raw condition)"
	}
	return p + symbols[c.op] + "?"
}

// joined puts the word between the conditions below, which are in brackets where they are joined themselves. A node that is
// only an error has none.
func (c *Cond) joined(word string) string {
	if len(c.kids) == 0 {
		return "(invalid)"
	}
	texts := make([]string, len(c.kids))
	for i, kid := range c.kids {
		texts[i] = kid.String()
		if word != "" && (kid.op == OpAnd || kid.op == OpOr) {
			texts[i] = "(" + texts[i] + ")"
		}
	}
	return strings.Join(texts, word)
}

// String is the change in Go's names, with a question mark for the value. For the zero Change it is empty.
func (c Change) String() string {
	p := c.path.String()
	switch c.op {
	case ChangeSet:
		return "SET " + p + " = ?"
	case ChangeSetIfNotExists:
		return "SET " + p + " = if_not_exists(" + p + ", ?)"
	case ChangeRemove:
		return "REMOVE " + p
	case ChangeAdd, ChangeAddToSet:
		return "ADD " + p + " ?"
	case ChangeDeleteFromSet:
		return "DELETE " + p + " ?"
	case ChangeAppend:
		return "SET " + p + " = list_append(" + p + ", ?)"
	case ChangePrepend:
		return "SET " + p + " = list_append(?, " + p + ")"
	}
	return ""
}
