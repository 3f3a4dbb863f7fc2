package integration

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// object is a JSON object of a request or an answer.
type object = map[string]any

// A request is one operation as it goes over the wire. The body is one that no client of the SDK would send now and then.
type request struct {
	Operation string
	Body      object
}

// keyPart is an attribute of a key, with its type.
type keyPart struct{ name, kind string }

// A layout is what a table's requests are made from.
type layout struct {
	name    string
	key     []keyPart
	indexes []indexLayout
}

type indexLayout struct {
	name string
	key  []keyPart
}

// A generator makes requests up. It knows nothing of what they do: the pools of keys, names and values are so small that the
// requests meet one another's items.
type generator struct {
	rnd    *rand.Rand
	tables []layout
}

func (g *generator) chance(percent int) bool { return g.rnd.IntN(100) < percent }

func pick[T any](g *generator, from ...T) T { return from[g.rnd.IntN(len(from))] }

// table picks the first table, which has the indexes, as often as all others.
func (g *generator) table() layout {
	if g.chance(50) {
		return g.tables[0]
	}
	return pick(g, g.tables...)
}

// mostly picks one of the things that are as they should be, but in a few cases one that is not.
func mostly[T any](g *generator, sound []T, odd ...T) T {
	if g.chance(4) {
		return pick(g, odd...)
	}
	return pick(g, sound...)
}

// sequence makes some items, and then any requests.
func (g *generator) sequence(length int) (out []request) {
	for len(out) < length/6 {
		t := g.table()
		out = append(out, request{"PutItem", object{"TableName": t.name, "Item": g.item(t)}})
	}
	for len(out) < length {
		out = append(out, g.request())
	}
	return out
}

// request makes one request; one in thirty is spoiled on its way.
func (g *generator) request() request {
	make := pick(g, g.put, g.put, g.update, g.update, g.update, g.delete, g.get, g.query, g.query, g.query, g.scan,
		g.batchWrite, g.batchGet, g.transactWrite, g.transactWrite, g.transactGet)
	if g.chance(1) {
		return g.stranger()
	}
	r := make()
	if g.chance(20) {
		r.Body["ReturnConsumedCapacity"] = mostly(g, []string{"TOTAL", "INDEXES", "NONE"}, "ALL")
	}
	if g.chance(3) {
		g.spoil(r.Body)
	}
	return r
}

// spoil makes one place of a body wrong: a member is lost or of another type, or a text loses or repeats a part.
func (g *generator) spoil(body object) {
	names := sortedNames(body)
	if len(names) == 0 {
		return
	}
	name := pick(g, names...)
	if name == "TableName" { // which of two errors comes first is not documented: see stranger
		delete(body, name)
		return
	}
	switch v := body[name].(type) {
	case object:
		if g.chance(70) {
			g.spoil(v)
			return
		}
	case string:
		if words := strings.Fields(v); len(words) > 1 && g.chance(80) {
			i := g.rnd.IntN(len(words))
			body[name] = strings.Join(slices.Replace(words, i, i+1, pick(g, []string{}, []string{words[i], words[i]}, []string{"("}, []string{"9"})...), " ")
			return
		}
	}
	switch g.rnd.IntN(3) {
	case 0:
		delete(body, name)
	case 1:
		body[name] = pick[any](g, nil, 7, true, "text", []any{}, []any{"x"}, object{}, object{"S": "x"})
	default:
		body["#extra"] = object{"S": "x"}
	}
}

func (g *generator) put() request {
	t := g.table()
	body := object{"TableName": t.name, "Item": g.item(t)}
	g.condition(body, 40)
	g.returnValues(body)
	return request{"PutItem", body}
}

// stranger is a request, otherwise sound, to a table that is not there.
func (g *generator) stranger() request {
	key := object{"pk": object{"S": "a"}}
	body := object{"TableName": "differential-none", "Key": key}
	switch operation := pick(g, "GetItem", "DeleteItem", "UpdateItem", "PutItem", "Scan", "BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"); operation {
	case "PutItem":
		return request{operation, object{"TableName": body["TableName"], "Item": key}}
	case "Scan":
		return request{operation, object{"TableName": body["TableName"]}}
	case "BatchGetItem":
		return request{operation, object{"RequestItems": object{"differential-none": object{"Keys": []any{key}}}}}
	case "BatchWriteItem":
		return request{operation, object{"RequestItems": object{"differential-none": []any{object{"DeleteRequest": object{"Key": key}}}}}}
	case "TransactGetItems":
		return request{operation, object{"TransactItems": []any{object{"Get": body}}}}
	case "TransactWriteItems":
		return request{operation, object{"TransactItems": []any{object{"Delete": body}}}}
	default:
		return request{operation, body}
	}
}

func (g *generator) delete() request {
	t := g.table()
	body := object{"TableName": t.name, "Key": g.key(t)}
	g.condition(body, 40)
	g.returnValues(body)
	return request{"DeleteItem", body}
}

func (g *generator) get() request {
	t := g.table()
	body := object{"TableName": t.name, "Key": g.key(t)}
	g.consistent(body)
	g.projection(body, 40)
	return request{"GetItem", body}
}

func (g *generator) update() request {
	t := g.table()
	body := object{"TableName": t.name, "Key": g.key(t)}
	x := g.expression()
	if g.chance(97) {
		body["UpdateExpression"] = x.update()
	}
	if g.chance(30) {
		body["ConditionExpression"] = x.condition(2)
	}
	x.into(body)
	if g.chance(50) {
		body["ReturnValues"] = mostly(g, []string{"NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW", "UPDATED_NEW"}, "EVERYTHING")
	}
	return request{"UpdateItem", body}
}

func (g *generator) returnValues(body object) {
	if g.chance(40) {
		body["ReturnValues"] = mostly(g, []string{"NONE", "ALL_OLD", "ALL_OLD"}, "ALL_NEW", "EVERYTHING")
	}
}

func (g *generator) consistent(body object) {
	if g.chance(30) {
		body["ConsistentRead"] = g.chance(80)
	}
}

// condition gives so many percent of the bodies a condition.
func (g *generator) condition(body object, percent int) {
	if !g.chance(percent) {
		return
	}
	x := g.expression()
	body["ConditionExpression"] = x.condition(2)
	x.into(body)
	if g.chance(40) {
		body["ReturnValuesOnConditionCheckFailure"] = pick(g, "ALL_OLD", "NONE")
	}
}

func (g *generator) projection(body object, percent int) {
	if !g.chance(percent) {
		return
	}
	x := g.expression()
	body["ProjectionExpression"] = x.projection()
	x.into(body)
}

func (g *generator) query() request {
	t := g.table()
	body := object{"TableName": t.name}
	key := t.key
	if len(t.indexes) > 0 && g.chance(50) {
		x := pick(g, t.indexes...)
		key, body["IndexName"] = x.key, x.name
	}
	x := g.expression()
	hash := x.keyLiteral(key[0].kind)
	body["KeyConditionExpression"] = x.keyCondition(key, hash)
	g.reading(body, x)
	if g.chance(30) {
		body["ScanIndexForward"] = g.chance(30)
	}
	if _, index := body["IndexName"]; !index && g.chance(10) {
		body["ExclusiveStartKey"] = g.key(t)
		if g.chance(90) {
			body["ExclusiveStartKey"].(object)[key[0].name] = hash
		}
	}
	return request{"Query", body}
}

func (g *generator) scan() request {
	t := g.table()
	body := object{"TableName": t.name}
	if len(t.indexes) > 0 && g.chance(50) {
		body["IndexName"] = pick(g, t.indexes...).name
	}
	if g.chance(30) { // all segments are asked for, one after another
		body["Segment"], body["TotalSegments"] = mostly(g, []int{0}, 4), pick(g, 1, 2, 3, 4)
	}
	g.reading(body, g.expression())
	return request{"Scan", body}
}

// reading adds what a query and a scan have in common.
func (g *generator) reading(body object, x *expression) {
	if g.chance(40) {
		body["FilterExpression"] = x.condition(2)
	}
	if g.chance(25) {
		body["ProjectionExpression"] = x.projection()
	}
	x.into(body)
	if body["IndexName"] == nil || g.chance(10) {
		g.consistent(body)
	}
	if g.chance(30) {
		body["Limit"] = mostly(g, []int{1, 2, 3, 7, 7, 50}, 0)
	}
	if g.chance(20) {
		sound := []string{"COUNT", "ALL_ATTRIBUTES"}
		switch {
		case body["ProjectionExpression"] != nil:
			sound = []string{"SPECIFIC_ATTRIBUTES"}
		case body["IndexName"] != nil:
			sound = []string{"COUNT", "ALL_PROJECTED_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "ALL_ATTRIBUTES"}
		}
		body["Select"] = mostly(g, sound, "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES")
	}
}

// some is how many operations a batch or a transaction has: few, and rarely too many.
func (g *generator) some(tooMany int) int {
	if g.chance(1) {
		return tooMany
	}
	return 1 + g.rnd.IntN(5)
}

func (g *generator) batchWrite() request {
	items, seen := object{}, map[string]bool{}
	for range g.some(26) {
		t, key := g.another(seen)
		one := object{"PutRequest": object{"Item": g.attributes(key)}}
		if g.chance(40) {
			one = object{"DeleteRequest": object{"Key": key}}
		}
		list, _ := items[t.name].([]any)
		items[t.name] = append(list, one)
	}
	return request{"BatchWriteItem", object{"RequestItems": items}}
}

func (g *generator) batchGet() request {
	items, seen := object{}, map[string]bool{}
	for range g.some(101) {
		t, key := g.another(seen)
		one, _ := items[t.name].(object)
		if one == nil {
			one = object{}
			g.consistent(one)
			g.projection(one, 30)
		}
		list, _ := one["Keys"].([]any)
		one["Keys"] = append(list, key)
		items[t.name] = one
	}
	return request{"BatchGetItem", object{"RequestItems": items}}
}

func (g *generator) transactGet() request {
	var list []any
	seen := map[string]bool{}
	for range g.some(101) {
		t, key := g.another(seen)
		one := object{"TableName": t.name, "Key": key}
		g.projection(one, 30)
		list = append(list, object{"Get": one})
	}
	return request{"TransactGetItems", object{"TransactItems": list}}
}

func (g *generator) transactWrite() request {
	var list []any
	seen := map[string]bool{}
	for range g.some(101) {
		list = append(list, g.transactItem(g.another(seen)))
	}
	body := object{"TransactItems": list}
	if g.chance(15) {
		body["ClientRequestToken"] = mostly(g, []string{"one", "two", "three"}, strings.Repeat("x", 37))
	}
	return request{"TransactWriteItems", body}
}

// another picks a key that a request has not named yet, nearly always.
func (g *generator) another(seen map[string]bool) (layout, object) {
	for {
		t := g.table()
		key := g.key(t)
		if text := t.name + asJSON(exact(key)); !seen[text] || g.chance(2) {
			seen[text] = true
			return t, key
		}
	}
}

func (g *generator) transactItem(t layout, key object) object {
	switch g.rnd.IntN(4) {
	case 0:
		put := object{"TableName": t.name, "Item": g.attributes(key)}
		g.condition(put, 30)
		return object{"Put": put}
	case 1:
		del := object{"TableName": t.name, "Key": key}
		g.condition(del, 30)
		return object{"Delete": del}
	case 2:
		check := object{"TableName": t.name, "Key": key}
		g.condition(check, 98)
		return object{"ConditionCheck": check}
	}
	x := g.expression()
	up := object{"TableName": t.name, "Key": key, "UpdateExpression": x.update()}
	if g.chance(30) {
		up["ConditionExpression"] = x.condition(1)
	}
	x.into(up)
	return object{"Update": up}
}

// usual are the attributes of items, with the types that they mostly have. g, r and k are keys of indexes.
var usual = []keyPart{{"a", "N"}, {"n", "N"}, {"b", "S"}, {"l", "L"}, {"m", "M"}, {"ss", "SS"}, {"ns", "NS"}, {"bs", "BS"},
	{"flag", "BOOL"}, {"bin", "B"}, {"nil", "NULL"}, {"g", "S"}, {"r", "N"}, {"k", "S"}, {"name", "S"}}

var kinds = []string{"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"}

func (g *generator) item(t layout) object { return g.attributes(g.key(t)) }

// attributes makes an item of a key: most of the usual attributes, and documents in which paths find something.
func (g *generator) attributes(key object) object {
	it := object{}
	for name, v := range key {
		it[name] = v
	}
	for _, a := range usual {
		switch {
		case g.chance(25):
		case a.name == "m" && g.chance(80):
			it["m"] = object{"M": object{"a": g.value("N", 0), "b": g.value("S", 0), "x": g.inner(1), "l": g.list()}}
		case a.name == "l" && g.chance(80):
			it["l"] = g.list()
		case g.chance(2):
			it[a.name] = g.value(pick(g, kinds...), 2)
		default:
			it[a.name] = g.value(a.kind, 2)
		}
	}
	return it
}

// list makes one of at least two elements, of which the first is a map.
func (g *generator) list() object {
	return object{"L": []any{object{"M": object{"a": g.value("N", 0)}}, g.inner(1), g.inner(1)}[:2+g.rnd.IntN(2)]}
}

// key makes a key, one in fifty of which is none.
func (g *generator) key(t layout) object {
	key := object{}
	for _, part := range t.key {
		key[part.name] = g.keyValue(part.kind)
	}
	switch {
	case g.chance(1):
		delete(key, t.key[0].name)
	case g.chance(1):
		key[t.key[0].name] = g.value(pick(g, kinds...), 0)
	}
	return key
}

// keyTexts are the values that keys have, in their order.
var keyTexts = map[string][]string{
	"N": {"-3", "1", "1.0", "2", "10"},
	"B": {"AA==", "AP8=", "AQI=", "/w=="},
	"S": {"a", "ab", "c#1", "é"},
}

func (g *generator) keyValue(kind string) object {
	if g.chance(1) {
		return object{kind: pick(g, "", "x")}
	}
	texts := keyTexts[kind]
	return object{kind: texts[min(g.rnd.IntN(len(texts)), g.rnd.IntN(len(texts)))]} // the first ones more often
}

// oddNumbers are written otherwise than DynamoDB answers them, or are at the end of what it stores.
var oddNumbers = []string{"1.0", "1e2", "-0", "12345678901234567890123456789012345678", "1E-130", "9.9e125"}

// value makes an attribute value, one in three hundred of which is none.
func (g *generator) value(kind string, depth int) object {
	if g.rnd.IntN(300) == 0 {
		return pick(g, object{}, object{"N": "one"}, object{"SS": []any{}}, object{"SS": []any{"a", "a"}}, object{"NS": []any{"1", "1.0"}},
			object{"NULL": false}, object{"S": "a", "N": "1"}, object{"N": "1e126"}, object{"N": strings.Repeat("9", 39)}, object{"X": "a"})
	}
	switch kind {
	case "N":
		if g.chance(8) {
			return object{"N": pick(g, oddNumbers...)}
		}
		return object{"N": pick(g, "0", "1", "-1", "2", "7", "10", "0.5")}
	case "B":
		return object{"B": pick(g, "", "AA==", "AQI=", "AQID", "/w==")}
	case "BOOL":
		return object{"BOOL": g.chance(50)}
	case "NULL":
		return object{"NULL": true}
	case "SS":
		return object{"SS": g.subset("a", "b", "ab", "")}
	case "NS":
		if g.chance(8) {
			return object{"NS": g.subset("1", "2", "0.5", "1e2")}
		}
		return object{"NS": g.subset("1", "2", "0.5", "7")}
	case "BS":
		return object{"BS": g.subset("AA==", "AQI=", "/w==")}
	case "L":
		list := []any{}
		for range g.rnd.IntN(4) {
			list = append(list, g.inner(depth))
		}
		return object{"L": list}
	case "M":
		m := object{}
		for range g.rnd.IntN(4) {
			m[pick(g, "a", "b", "x", "l")] = g.inner(depth)
		}
		return object{"M": m}
	}
	return object{"S": pick(g, "", "a", "ab", "abc", "b", "é", "𝄞", "N", "SS")}
}

// inner is a value within a document.
func (g *generator) inner(depth int) object {
	if depth == 0 {
		return g.value(pick(g, "S", "N", "N", "BOOL"), 0)
	}
	return g.value(pick(g, kinds...), depth-1)
}

// subset picks at least one.
func (g *generator) subset(from ...string) []any {
	var out []any
	for _, i := range g.rnd.Perm(len(from))[:1+g.rnd.IntN(len(from))] {
		out = append(out, from[i])
	}
	return out
}

// index is a place in a list, mostly one that is there.
func (g *generator) index() string { return "[" + strconv.Itoa(pick(g, 0, 0, 1, 2, 9)) + "]" }
