package integration

import (
	"fmt"
	"slices"
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

// A route is a document path before it is written: an attribute and the steps from there.
type route struct {
	attribute string
	steps     []string // ".name" or "[1]"
}

// route leads to an attribute of the kind, mostly, or into a document; to one whose attribute is not taken, mostly.
func (x *expression) route(kind string, taken ...string) route {
	var fits []string
	for _, a := range usual {
		if a.kind == kind || kind == "" {
			fits = append(fits, a.name)
		}
	}
	for range 20 {
		r := x.anyRoute(fits)
		if !slices.Contains(taken, r.attribute) {
			return r
		}
	}
	return x.anyRoute(fits)
}

func (x *expression) anyRoute(fits []string) route {
	switch {
	case len(fits) == 0 || x.chance(5):
		return route{attribute: pick(x.generator, usual...).name}
	case x.chance(20):
		return route{"m", []string{"." + pick(x.generator, "a", "b", "x", "l")}}
	case x.chance(12):
		return route{"l", []string{x.index()}}
	case x.chance(8):
		return route{"m", []string{".l", x.index(), ".a"}[:2+x.rnd.IntN(2)]}
	case x.chance(1):
		return route{attribute: pick(x.generator, "pk", "sk")}
	}
	return route{attribute: pick(x.generator, fits...)}
}

func (x *expression) write(r route) string {
	text := x.name(r.attribute)
	for _, step := range r.steps {
		if name, ok := strings.CutPrefix(step, "."); ok {
			step = "." + x.name(name)
		}
		text += step
	}
	return text
}

func (x *expression) path(kind string, taken ...string) string {
	return x.write(x.route(kind, taken...))
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
		low, high := x.bounds(ordered)
		return x.path(ordered) + " BETWEEN " + low + " AND " + high
	case 8:
		first, list := x.route(kind), []string{x.literal(x.value(x.sound(kind), 1))}
		if x.chance(50) {
			list = append(list, x.literal(x.value(kind, 1)), x.path(kind, first.attribute))
		}
		return x.write(first) + " IN (" + strings.Join(list, ", ") + ")"
	case 9:
		return x.path(kind) + " " + pick(x.generator, "=", "<>") + " " + x.literal(x.value(x.sound(kind), 2))
	case 10:
		first := x.route(ordered)
		return x.write(first) + " " + x.comparator() + " " + x.path(ordered, first.attribute)
	}
	return x.path(ordered) + " " + x.comparator() + " " + x.literal(x.value(x.sound(ordered), 0))
}

func (x *expression) comparator() string { return pick(x.generator, "=", "<>", "<", "<=", ">", ">=") }

func (x *expression) projection() string {
	var list, taken []string
	for range 1 + x.rnd.IntN(3) {
		r := x.route("", taken...)
		list, taken = append(list, x.write(r)), append(taken, r.attribute)
	}
	return strings.Join(list, ", ")
}

// bounds writes two values in their order, or nearly always.
func (x *expression) bounds(kind string) (low, high string) {
	i, j := x.rnd.IntN(len(keyTexts[kind])), x.rnd.IntN(len(keyTexts[kind]))
	if i > j && x.chance(95) {
		i, j = j, i
	}
	low = x.literal(object{kind: keyTexts[kind][i]})
	if x.chance(3) {
		kind = pick(x.generator, "S", "N", "B")
		j = 0
	}
	return low, x.literal(object{kind: keyTexts[kind][j]})
}

// keyCondition makes the condition of a query for a partition, one in twenty of which can't be one.
func (x *expression) keyCondition(key []keyPart, partition object) string {
	hash := x.name(key[0].name) + " = " + x.literal(partition)
	switch {
	case x.chance(1):
		return x.name(key[0].name) + " " + x.comparator() + " " + x.literal(x.keyLiteral(key[0].kind))
	case x.chance(1):
		return x.condition(1)
	case len(key) == 1 || x.chance(25):
		return hash
	}
	sort, kind := x.name(key[1].name), key[1].kind
	bound := func() string { return x.literal(x.keyLiteral(x.sound(kind))) }
	var term string
	switch x.rnd.IntN(8) {
	case 0:
		low, high := x.bounds(kind)
		term = sort + " BETWEEN " + low + " AND " + high
	case 1:
		term = "begins_with(" + sort + ", " + bound() + ")"
	case 2:
		term = bound() + " " + mostly(x.generator, []string{"=", "<", "<=", ">", ">="}, "<>") + " " + sort
	default:
		term = sort + " " + mostly(x.generator, []string{"=", "<", "<=", ">", ">="}, "<>") + " " + bound()
	}
	if x.chance(10) {
		return term + " AND " + hash
	}
	return hash + mostly(x.generator, []string{" AND "}, " OR ") + term
}

// keyLiteral is a value that keys have: of one of the kinds of keys, if it can.
func (x *expression) keyLiteral(kind string) object {
	switch kind {
	case "S", "N", "B":
		return x.keyValue(kind)
	}
	return x.value(kind, 0)
}

// update makes an update with every kind of action. Each has an attribute of its own, nearly always.
func (x *expression) update() string {
	sections := []func(taken []string) (string, []string){x.set, x.remove, x.add, x.drop}
	order := x.rnd.Perm(len(sections))[:1+x.rnd.IntN(2)]
	switch {
	case x.chance(50):
		order = []int{0}
	case x.chance(3):
		order = append(order, order[0])
	}
	var list, taken []string
	for _, i := range order {
		var text string
		text, taken = sections[i](taken)
		list = append(list, text)
	}
	return strings.Join(list, " ")
}

func (x *expression) set(taken []string) (string, []string) {
	var list []string
	for range 1 + x.rnd.IntN(2) {
		r, value := x.assignment(taken)
		list, taken = append(list, x.write(r)+" = "+value), append(taken, r.attribute)
	}
	return "SET " + strings.Join(list, ", "), taken
}

// assignment makes a path and what it is set to.
func (x *expression) assignment(taken []string) (route, string) {
	switch x.rnd.IntN(8) {
	case 0:
		r := x.route("N", taken...)
		return r, x.write(r) + pick(x.generator, " + ", " - ") + x.literal(x.value(x.sound("N"), 0))
	case 1:
		r := x.route("N", taken...)
		return r, "if_not_exists(" + x.write(r) + ", " + x.literal(object{"N": "0"}) + ") + " + x.literal(object{"N": "1"})
	case 2:
		r := x.route("L", taken...)
		return r, "list_append(" + x.write(r) + ", " + x.literal(x.value(x.sound("L"), 1)) + ")"
	case 3:
		r := x.route("L", taken...)
		return r, "list_append(" + x.literal(x.value("L", 1)) + ", if_not_exists(" + x.write(r) + ", " + x.literal(object{"L": []any{}}) + "))"
	case 4:
		return x.route("", taken...), x.path("")
	case 5:
		kind := pick(x.generator, kinds...)
		return x.route(kind, taken...), "if_not_exists(" + x.path("") + ", " + x.literal(x.value(kind, 1)) + ")"
	case 6: // a key of an index, perhaps by a value that it can't have
		a := pick(x.generator, keyPart{"g", "S"}, keyPart{"r", "N"}, keyPart{"k", "S"})
		return route{attribute: a.name}, x.literal(x.keyLiteral(x.sound(a.kind)))
	}
	r := x.route("", taken...)
	kind := pick(x.generator, kinds...)
	for _, a := range usual {
		if a.name == r.attribute && len(r.steps) == 0 {
			kind = x.sound(a.kind)
		}
	}
	return r, x.literal(x.value(kind, 2))
}

func (x *expression) remove(taken []string) (string, []string) {
	var list []string
	for range 1 + x.rnd.IntN(2) {
		r := x.route("", taken...)
		list, taken = append(list, x.write(r)), append(taken, r.attribute)
	}
	return "REMOVE " + strings.Join(list, ", "), taken
}

func (x *expression) add(taken []string) (string, []string) {
	kind := pick(x.generator, "N", "SS", "NS", "BS")
	r, v := x.route(kind, taken...), x.value(x.sound(kind), 0)
	if kind == "N" { // DynamoDB Local stores, and bills, what is added to nothing as it was written: 1.0 stays 1.0
		v = object{"N": pick(x.generator, "1", "-1", "2", "0.5", "100", "12345678901234567890123456789012345678")}
	}
	return "ADD " + x.write(r) + " " + x.literal(v), append(taken, r.attribute)
}

func (x *expression) drop(taken []string) (string, []string) {
	kind := pick(x.generator, "SS", "NS", "BS")
	r := x.route(kind, taken...)
	return "DELETE " + x.write(r) + " " + x.literal(x.value(x.sound(kind), 0)), append(taken, r.attribute)
}
