package memdb

import "strconv"

// Where a function may stand.
const (
	asCondition = iota
	asOperand
	asUpdateValue  // the whole right side of a SET
	asUpdateInside // a part of it
)

// checkWords refuses, in the order of the text, reserved words, indexes that are
// too large, and functions that are unknown or stand in the wrong place.
func checkWords(kind string, e *expr, place int) *Error {
	if e.op == opPath {
		return checkPathWords(kind, e.path)
	}
	if e.call {
		if err := checkFunction(kind, e.op, place); err != nil {
			return err
		}
	}
	inner := asOperand
	switch {
	case e.op == "AND" || e.op == "OR" || e.op == "NOT":
		inner = asCondition
	case place == asUpdateValue || place == asUpdateInside:
		inner = asUpdateInside
	}
	for _, arg := range e.args {
		if err := checkWords(kind, arg, inner); err != nil {
			return err
		}
	}
	return nil
}

func checkPathWords(kind string, p path) *Error {
	for i, s := range p {
		if s.index >= 0 {
			n, err := strconv.ParseInt(s.name, 10, 32)
			if err != nil {
				return invalidExpression(kind, "List index is not within the allowable range; index: ["+s.name+"]")
			}
			p[i] = step{index: int(n)}
			continue
		}
		if isReserved(s.name) {
			return invalidExpression(kind, "Attribute name is a reserved keyword; reserved keyword: "+s.name)
		}
	}
	return nil
}

func checkFunction(kind, name string, place int) *Error {
	update := place == asUpdateValue || place == asUpdateInside
	misplaced := false
	switch name {
	case "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size":
		if update {
			return invalidExpression(kind, "The function is not allowed in an update expression; function: "+name)
		}
		misplaced = (place == asCondition) == (name == "size")
	case "if_not_exists", "list_append":
		if !update {
			return invalidExpression(kind, "The function is not allowed in a condition expression; function: "+name)
		}
		misplaced = name == "list_append" && place == asUpdateInside
	default:
		return invalidExpression(kind, "Invalid function name; function: "+name)
	}
	if misplaced {
		return invalidExpression(kind, "The function is not allowed to be used this way in an expression; function: "+name)
	}
	return nil
}
