package integration

import (
	"math/rand/v2"
	"slices"
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
	kind := pick(g, g.put, g.put, g.update, g.update, g.update, g.delete, g.get, g.query, g.query, g.query, g.scan,
		g.batchWrite, g.batchGet, g.transactWrite, g.transactWrite, g.transactGet)
	if g.chance(1) {
		return g.stranger()
	}
	r := kind()
	if g.chance(20) {
		r.Body["ReturnConsumedCapacity"] = mostly(g, []string{"TOTAL", "INDEXES", "NONE"}, "ALL")
	}
	if g.chance(3) {
		g.spoil(r.Body)
		// DynamoDB Local takes an empty map of values beside no expression for none at all. No page says what it is.
		if values, ok := r.Body["ExpressionAttributeValues"].(object); ok && len(values) == 0 && !hasExpression(r.Body) {
			delete(r.Body, "ExpressionAttributeValues")
		}
	}
	return r
}

func hasExpression(body object) bool {
	return slices.ContainsFunc(sortedNames(body), func(name string) bool { return strings.HasSuffix(name, "Expression") })
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
	switch {
	case g.chance(2):
		body["TransactItems"] = append([]any{g.bareCheck()}, list...)
	case g.chance(15):
		body["ClientRequestToken"] = mostly(g, []string{"one", "two", "three"}, strings.Repeat("x", 37))
	}
	return request{"TransactWriteItems", body}
}

// bareCheck is a check without its condition. It stands first in a transaction without a token, and its key has the right types:
// which of two faults comes first is not documented.
func (g *generator) bareCheck() object {
	t, key := g.table(), object{}
	for _, part := range t.key {
		key[part.name] = g.keyValue(part.kind)
	}
	return object{"ConditionCheck": object{"TableName": t.name, "Key": key}}
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
		g.condition(check, 100) // but see bareCheck
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
