package memdb

import "strings"

// holds tells whether a condition is true of an item; no condition always is.
func (c *condition) holds(it item) bool { return c == nil || c.root.holds(it) }

func (e *expr) holds(it item) bool {
	switch e.op {
	case "AND":
		return e.args[0].holds(it) && e.args[1].holds(it)
	case "OR":
		return e.args[0].holds(it) || e.args[1].holds(it)
	case "NOT":
		return !e.args[0].holds(it)
	case "attribute_exists":
		_, ok := e.args[0].operand(it)
		return ok
	case "attribute_not_exists":
		_, ok := e.args[0].operand(it)
		return !ok
	}
	first, ok := e.args[0].operand(it)
	if e.op == "<>" {
		second, ok2 := e.args[1].operand(it)
		return !ok || !ok2 || first != second
	}
	if !ok {
		return false
	}
	return e.compare(it, first)
}

// compare applies an operator whose first operand exists.
func (e *expr) compare(it item, first value) bool {
	if e.op == "IN" {
		for _, arg := range e.args[1:] {
			if v, ok := arg.operand(it); ok && v == first {
				return true
			}
		}
		return false
	}
	second, ok := e.args[1].operand(it)
	if !ok {
		return false
	}
	switch e.op {
	case "=":
		return first == second
	case "BETWEEN":
		third, ok := e.args[2].operand(it)
		return ok && ordered(second, first) && ordered(first, third)
	case "begins_with":
		return first.kind() == second.kind() && (first.kind() == kindS || first.kind() == kindB) &&
			strings.HasPrefix(first.body(), second.body())
	case "contains":
		return first.contains(second)
	case "attribute_type":
		return first.typeName() == second.body()
	case "<=":
		return ordered(first, second)
	case ">=":
		return ordered(second, first)
	case "<":
		return ordered(first, second) && first != second
	default: // ">"
		return ordered(second, first) && first != second
	}
}

// ordered tells whether a and b are of one type that has an order, and a <= b.
func ordered(a, b value) bool {
	return a.kind() == b.kind() && a.kind() <= kindB && a.body() <= b.body()
}

// operand yields an operand's value, if it has one for this item.
func (e *expr) operand(it item) (value, bool) {
	switch e.op {
	case opValue:
		return e.val, true
	case opPath:
		return e.path.look(it)
	}
	v, ok := e.args[0].operand(it) // size
	if !ok {
		return "", false
	}
	switch v.kind() {
	case kindN, kindTrue, kindFalse, kindNull:
		return "", false
	case kindS, kindB:
		return numberValue(decimalOf(len(v.body()))), true
	}
	return numberValue(decimalOf(v.count())), true
}

// contains tells whether v has part in it, as a substring or as a member.
func (v value) contains(part value) bool {
	switch v.kind() {
	case kindS, kindB:
		return v.kind() == part.kind() && strings.Contains(v.body(), part.body())
	case kindSS, kindNS, kindBS:
		if part.kind() != v.kind()-kindSS+kindS {
			return false
		}
		for rest := v.body(); rest != ""; {
			var m string
			if m, rest = splitText(rest); m == part.body() {
				return true
			}
		}
	case kindL:
		for rest := v.body(); rest != ""; {
			var e value
			if e, rest = splitValue(rest); e == part {
				return true
			}
		}
	}
	return false
}
