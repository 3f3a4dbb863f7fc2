package integration

import (
	"fmt"
	"strings"
)

// An expression makes up the texts of one request, which share the names and values that stand in them.
type expression struct {
	*generator
	names, values object
}

func (g *generator) expression() *expression { return &expression{g, object{}, object{}} }

// into puts the names and values beside the expressions; now and then one is missing, or one too many.
func (x *expression) into(body object) {
	if len(x.values) > 0 && x.chance(1) {
		delete(x.values, sortedNames(x.values)[0])
	}
	if x.chance(1) {
		x.values[":unused"] = object{"S": "x"}
	}
	if len(x.names) > 0 {
		body["ExpressionAttributeNames"] = x.names
	}
	if len(x.values) > 0 {
		body["ExpressionAttributeValues"] = x.values
	}
}

// name writes an attribute's name, as it is or behind a placeholder.
func (x *expression) name(attribute string) string {
	if attribute != "name" && x.chance(60) || x.chance(2) { // "name" is reserved
		return attribute
	}
	alias := "#" + attribute
	x.names[alias] = attribute
	return alias
}

// literal writes a value, behind its placeholder.
func (x *expression) literal(v object) string {
	name := fmt.Sprintf(":v%d", len(x.values))
	x.values[name] = v
	return name
}

// path leads to an attribute of the kind, mostly, or into a document.
func (x *expression) path(kind string) string {
	var fits []string
	for _, a := range usual {
		if a.kind == kind || kind == "" {
			fits = append(fits, a.name)
		}
	}
	switch {
	case len(fits) == 0 || x.chance(5):
		return x.name(pick(x.generator, usual...).name)
	case x.chance(20):
		return x.name("m") + "." + x.name(pick(x.generator, "a", "b", "x", "l"))
	case x.chance(12):
		return x.name("l") + x.index()
	case x.chance(4):
		return x.name("m") + ".l" + x.index() + pick(x.generator, "", ".a")
	case x.chance(2):
		return x.name(pick(x.generator, "pk", "sk"))
	}
	return x.name(pick(x.generator, fits...))
}

// sound is the kind, or now and then another one.
func (x *expression) sound(kind string) string {
	if x.chance(3) {
		return pick(x.generator, kinds...)
	}
	return kind
}

// condition makes a condition or a filter with so many levels of AND, OR and NOT.
func (x *expression) condition(depth int) string {
	if depth > 0 {
		switch x.rnd.IntN(8) {
		case 0:
			return x.condition(depth-1) + " AND " + x.condition(depth-1)
		case 1:
			return x.condition(depth-1) + " OR " + x.condition(depth-1)
		case 2:
			return "NOT " + x.condition(depth-1)
		case 3:
			return "( " + x.condition(depth-1) + " )"
		}
	}
	return x.term()
}

func (x *expression) term() string {
	kind := pick(x.generator, "N", "N", "S", "S", "B", "BOOL", "SS", "L", "M")
	ordered := pick(x.generator, "N", "S", "S", "B")
	switch x.rnd.IntN(12) {
	case 0, 1:
		return "attribute_exists(" + x.path("") + ")"
	case 2:
		return "attribute_not_exists(" + x.path("") + ")"
	case 3:
		return "begins_with(" + x.path("S") + ", " + x.literal(x.value(x.sound(pick(x.generator, "S", "S", "B")), 0)) + ")"
	case 4:
		part := pick(x.generator, "S", "N", "B")
		return "contains(" + x.path(pick(x.generator, "S", "SS", "NS", "BS", "L")) + ", " + x.literal(x.value(x.sound(part), 0)) + ")"
	case 5:
		return "attribute_type(" + x.path("") + ", " + x.literal(object{"S": pick(x.generator, append(kinds, "N", "S", "BOO")...)}) + ")"
	case 6:
		return "size(" + x.path("") + ") " + x.comparator() + " " + x.literal(object{"N": pick(x.generator, "0", "1", "2", "3")})
	case 7:
		low, high := x.value(x.sound(ordered), 0), x.value(x.sound(ordered), 0)
		return x.path(ordered) + " BETWEEN " + x.literal(low) + " AND " + x.literal(high)
	case 8:
		list := []string{x.literal(x.value(x.sound(kind), 1)), x.literal(x.value(kind, 1)), x.path(kind)}
		return x.path(kind) + " IN (" + strings.Join(list[:1+x.rnd.IntN(3)], ", ") + ")"
	case 9:
		return x.path(kind) + " " + pick(x.generator, "=", "<>") + " " + x.literal(x.value(x.sound(kind), 2))
	case 10:
		return x.path(ordered) + " " + x.comparator() + " " + x.path(ordered)
	}
	return x.path(ordered) + " " + x.comparator() + " " + x.literal(x.value(x.sound(ordered), 0))
}

func (x *expression) comparator() string { return pick(x.generator, "=", "<>", "<", "<=", ">", ">=") }

func (x *expression) projection() string {
	var list []string
	for range 1 + x.rnd.IntN(3) {
		list = append(list, x.path(""))
	}
	return strings.Join(list, ", ")
}

// keyCondition makes the condition of a query, one in twenty of which can't be one.
func (x *expression) keyCondition(key []keyPart) string {
	hash := x.name(key[0].name) + " = " + x.literal(x.keyLiteral(key[0].kind))
	switch {
	case x.chance(1):
		return x.name(key[0].name) + " " + x.comparator() + " " + x.literal(x.keyLiteral(key[0].kind))
	case x.chance(1):
		return x.condition(1)
	case len(key) == 1 || x.chance(25):
		return hash
	}
	sort, kind := x.name(key[1].name), x.sound(key[1].kind)
	bound := func() string { return x.literal(x.keyLiteral(kind)) }
	var term string
	switch x.rnd.IntN(8) {
	case 0:
		term = sort + " BETWEEN " + bound() + " AND " + bound()
	case 1:
		term = "begins_with(" + sort + ", " + bound() + ")"
	case 2:
		term = bound() + " " + x.comparator() + " " + sort
	default:
		term = sort + " " + pick(x.generator, "=", "<", "<=", ">", ">=", "<", "<=", ">", ">=", "<>") + " " + bound()
	}
	if x.chance(10) {
		return term + " AND " + hash
	}
	return hash + pick(x.generator, " AND ", " AND ", " AND ", " AND ", " AND ", " AND ", " AND ", " AND ", " AND ", " OR ") + term
}

// keyLiteral is a value that keys have: of one of the kinds of keys, if it can.
func (x *expression) keyLiteral(kind string) object {
	switch kind {
	case "S", "N", "B":
		return x.keyValue(kind)
	}
	return x.value(kind, 0)
}

// update makes an update with every kind of action.
func (x *expression) update() string {
	sections := []func() string{x.set, x.set, x.remove, x.add, x.drop}
	var list []string
	for _, i := range x.rnd.Perm(len(sections))[:1+x.rnd.IntN(2)] {
		list = append(list, sections[i]())
	}
	return strings.Join(list, " ")
}

func (x *expression) set() string {
	var list []string
	for range 1 + x.rnd.IntN(3) {
		list = append(list, x.assignment())
	}
	return "SET " + strings.Join(list, ", ")
}

func (x *expression) assignment() string {
	switch x.rnd.IntN(7) {
	case 0:
		p := x.path("N")
		return p + " = " + p + pick(x.generator, " + ", " - ") + x.literal(x.value(x.sound("N"), 0))
	case 1:
		p := x.path("N")
		return p + " = if_not_exists(" + p + ", " + x.literal(object{"N": "0"}) + ") + " + x.literal(object{"N": "1"})
	case 2:
		p := x.path("L")
		return p + " = list_append(" + p + ", " + x.literal(x.value(x.sound("L"), 1)) + ")"
	case 3:
		p := x.path("L")
		return p + " = list_append(" + x.literal(x.value("L", 1)) + ", if_not_exists(" + p + ", " + x.literal(object{"L": []any{}}) + "))"
	case 4:
		return x.path("") + " = " + x.path("")
	case 5:
		return x.path("") + " = if_not_exists(" + x.path("") + ", " + x.literal(x.value(pick(x.generator, kinds...), 1)) + ")"
	}
	a := pick(x.generator, usual...)
	return x.name(a.name) + " = " + x.literal(x.value(x.sound(a.kind), 2))
}

func (x *expression) remove() string {
	list := []string{x.path("")}
	if x.chance(40) {
		list = append(list, x.path(pick(x.generator, "L", "M", "S")))
	}
	return "REMOVE " + strings.Join(list, ", ")
}

func (x *expression) add() string {
	if x.chance(40) { // DynamoDB Local stores, and bills, what is added to nothing as it was written: 1.0 stays 1.0
		return "ADD " + x.path("N") + " " + x.literal(object{"N": pick(x.generator, "1", "-1", "2", "0.5", "100", "12345678901234567890123456789012345678")})
	}
	kind := pick(x.generator, "SS", "NS", "BS")
	return "ADD " + x.path(kind) + " " + x.literal(x.value(x.sound(kind), 0))
}

func (x *expression) drop() string {
	kind := pick(x.generator, "SS", "NS", "BS")
	return "DELETE " + x.path(kind) + " " + x.literal(x.value(x.sound(kind), 0))
}
