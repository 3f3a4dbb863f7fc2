package integration

import (
	"strconv"
	"strings"
)

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
