package attempt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// The reference: encoding/json reads the answer into a tree, and the grammar is checked on that, one small function for each form.

type tree struct {
	kind    byte // '{', '[', '"', 'b' for a bool, 'n' for null, '0' for a number
	names   []string
	members []tree
	depth   int // of containers, itself included
}

// plant reads one value. The text is known to be JSON.
func plant(d *json.Decoder) tree {
	token, err := d.Token()
	if err != nil {
		panic(err)
	}
	switch v := token.(type) {
	case json.Delim:
		return grow(d, v)
	case string:
		return tree{kind: '"'}
	case bool:
		return tree{kind: 'b'}
	case nil:
		return tree{kind: 'n'}
	}
	return tree{kind: '0'}
}

func grow(d *json.Decoder, open json.Delim) tree {
	t := tree{kind: byte(open)}
	for d.More() {
		if open == '{' {
			name, _ := d.Token()
			t.names = append(t.names, name.(string))
		}
		t.members = append(t.members, plant(d))
	}
	if _, err := d.Token(); err != nil {
		panic(err)
	}
	for _, m := range t.members {
		t.depth = max(t.depth, m.depth)
	}
	t.depth++
	return t
}

func (t tree) every(kind byte, good func(name string, m tree) bool) bool {
	if t.kind != kind {
		return false
	}
	for i, m := range t.members {
		name := ""
		if kind == '{' {
			name = t.names[i]
		}
		if !good(name, m) {
			return false
		}
	}
	return true
}

func goodAttributes(t tree) bool {
	return t.every('{', func(_ string, m tree) bool { return goodAttribute(m) })
}

func goodAttribute(t tree) bool {
	if t.kind != '{' || len(t.names) != 1 {
		return false
	}
	m := t.members[0]
	switch t.names[0] {
	case "S", "N", "B":
		return m.kind == '"'
	case "SS", "NS", "BS":
		return m.every('[', func(_ string, e tree) bool { return e.kind == '"' })
	case "BOOL", "NULL":
		return m.kind == 'b'
	case "L":
		return m.every('[', func(_ string, e tree) bool { return goodAttribute(e) })
	case "M":
		return goodAttributes(m)
	}
	return false
}

func goodList(t tree) bool {
	return t.every('[', func(_ string, e tree) bool { return goodAttributes(e) })
}

func goodHolder(t tree) bool {
	return t.every('{', func(name string, m tree) bool { return name != "Item" && name != "Key" || goodAttributes(m) })
}

func goodMember(name string, t tree) bool {
	switch name {
	case "Item", "Attributes", "LastEvaluatedKey":
		return goodAttributes(t)
	case "Items":
		return goodList(t)
	case "Responses":
		if t.kind == '[' {
			return t.every('[', func(_ string, e tree) bool { return goodHolder(e) })
		}
		return t.every('{', func(_ string, e tree) bool { return goodList(e) })
	case "CancellationReasons":
		return t.kind == 'n' || t.every('[', func(_ string, e tree) bool { return e.kind == 'n' || goodHolder(e) })
	case "UnprocessedKeys":
		return t.every('{', func(_ string, table tree) bool {
			return table.every('{', func(name string, m tree) bool { return name != "Keys" || goodList(m) })
		})
	case "UnprocessedItems":
		return t.every('{', func(_ string, list tree) bool {
			return list.every('[', func(_ string, w tree) bool { return w.every('{', func(_ string, m tree) bool { return goodHolder(m) }) })
		})
	}
	return true
}

func goodAnswer(raw []byte) bool {
	if !json.Valid(raw) {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	t := plant(d)
	return t.depth <= maxDepth+1 && t.every('{', goodMember)
}

// attributeForms are attributes as they should be, and as they should not.
var attributeForms = map[string]bool{
	`{"S":""}`: true, `{"N":"1"}`: true, `{"B":"eA=="}`: true, `{"BOOL":false}`: true, `{"NULL":true}`: true, `{"SS":[]}`: true,
	`{"SS":["a","b"]}`: true, `{"NS":["1"]}`: true, `{"BS":["eA=="]}`: true, `{"L":[]}`: true, `{"M":{}}`: true, `{"L":[{"M":{"a":{"S":"x"}}},{"N":"2"}]}`: true,
	`{"\u0053":"an escaped name"}`: true, `{"S":"\ud800 \\ \" \/ \b\f\n\r\t"}`: true, "{\n\"S\" :\t\"x\" } ": true,

	`null`: false, `{}`: false, `"x"`: false, `1`: false, `true`: false, `[]`: false, `[{"S":"x"}]`: false,
	`{"X":"x"}`: false, `{"s":"x"}`: false, `{"":"x"}`: false, `{"SDK_UNKNOWN_MEMBER":{"name":"S"}}`: false, `{"__type":"x","S":"x"}`: false,
	`{"S":"x","N":"1"}`: false, `{"S":"x","S":"y"}`: false, `{"S":null}`: false, `{"N":null}`: false, `{"B":null}`: false, `{"BOOL":null}`: false, `{"NULL":null}`: false,
	`{"S":1}`: false, `{"N":1}`: false, `{"BOOL":"true"}`: false, `{"BOOL":0}`: false, `{"SS":"a"}`: false, `{"SS":null}`: false, `{"SS":[null]}`: false, `{"NS":[1]}`: false, `{"BS":[["eA=="]]}`: false,
	`{"L":null}`: false, `{"L":{}}`: false, `{"L":[null]}`: false, `{"L":[{}]}`: false, `{"L":["x"]}`: false, `{"L":[{"S":"x"},{"X":1}]}`: false,
	`{"M":null}`: false, `{"M":[]}`: false, `{"M":{"a":null}}`: false, `{"M":{"a":{}}}`: false, `{"M":{"a":"x"}}`: false, `{"M":{"a":{"M":{"b":{"L":[{"S":null}]}}}}}`: false,
	`{"S":"x"`: false, `{"S"}`: false, `{"S":}`: false, `{S:"x"}`: false, `{"S":"x",}`: false, `{"L":[{"S":"x"},]}`: false, `{"S":'x'}`: false, `{"S":"\x"}`: false, `{"S":"\u12g4"}`: false, "{\"S\":\"\n\"}": false,
}

// places are where attributes stand in answers; %s is one of them.
var places = map[string]string{
	"Item of GetItem":                        `{"ConsumedCapacity":{"CapacityUnits":0.5},"Item":{"pk":{"S":"p"},"a":%s}}`,
	"Item behind an escaped name":            `{"\u0049tem":{"a":%s}}`,
	"Item twice":                             `{"Item":{"a":%s},"Item":{"pk":{"S":"p"}}}`,
	"Attributes of UpdateItem":               `{"Attributes":{"a":%s,"z":{"N":"1"}}}`,
	"Items of Query":                         `{"Count":2,"Items":[{"pk":{"S":"p"}},{"a":%s}],"ScannedCount":2}`,
	"LastEvaluatedKey":                       `{"Count":0,"Items":[],"LastEvaluatedKey":{"pk":{"S":"p"},"a":%s}}`,
	"Responses of BatchGetItem":              `{"Responses":{"t":[],"u":[{"pk":{"S":"p"}},{"a":%s}]},"UnprocessedKeys":{}}`,
	"UnprocessedKeys":                        `{"Responses":{},"UnprocessedKeys":{"t":{"ConsistentRead":true,"Keys":[{"pk":%s}]}}}`,
	"UnprocessedItems, a put":                `{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"pk":{"S":"p"},"a":%s}}}]}}`,
	"UnprocessedItems, a deletion":           `{"UnprocessedItems":{"t":[{"DeleteRequest":{"Key":{"pk":%s}}}]}}`,
	"Responses of TransactGetItems":          `{"Responses":[{},{"Item":{"a":%s}}]}`,
	"the item of a failed condition":         `{"__type":"x#ConditionalCheckFailedException","Item":{"a":%s},"message":"m"}`,
	"the item of a canceled transaction":     `{"__type":"x","CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","Item":{"a":%s},"Message":"m"}],"Message":"m"}`,
	"the item of a later reason, after null": `{"CancellationReasons":[null,{"Code":"x","Item":{"a":%s}}]}`,
}

func TestAttributesEverywhere(t *testing.T) {
	for place, format := range places {
		for form, good := range attributeForms {
			raw := []byte(fmt.Sprintf(format, form))
			if _, err := scanAnswer(raw); (err == nil) != good {
				t.Errorf("%s: %s: %v", place, form, err)
			}
			if goodAnswer(raw) != good {
				t.Errorf("%s: the reference takes %s for the contrary", place, form)
			}
		}
	}
}

func TestAnswersThatHoldNoAttributes(t *testing.T) {
	for raw, good := range map[string]bool{
		`{}`: true, `{"Item":{}}`: true, `{"Items":[]}`: true, `{"Items":[{}]}`: true, `{"Responses":{}}`: true, `{"Responses":[]}`: true, `{"Responses":[{}]}`: true,
		`{"CancellationReasons":null}`: true, `{"UnprocessedItems":{}}`: true, `{"Count":1e2,"x":[0,-1,1.5,1E+3,true,false,null,{"a":[]}]}`: true,
		`{"Item":null}`: false, `{"Item":[]}`: false, `{"Attributes":null}`: false, `{"Items":null}`: false, `{"Items":{}}`: false, `{"Items":[null]}`: false, `{"LastEvaluatedKey":null}`: false,
		`{"Responses":null}`: false, `{"Responses":[null]}`: false, `{"Responses":{"t":null}}`: false, `{"Responses":{"t":[null]}}`: false, `{"Responses":[{"Item":null}]}`: false,
		`{"UnprocessedKeys":null}`: false, `{"UnprocessedKeys":{"t":null}}`: false, `{"UnprocessedKeys":{"t":{"Keys":null}}}`: false, `{"UnprocessedItems":{"t":null}}`: false,
		`{"UnprocessedItems":{"t":[null]}}`: false, `{"UnprocessedItems":{"t":[{"PutRequest":null}]}}`: false, `{"CancellationReasons":[{"Item":null}]}`: false,
		`{"Count":01}`: false, `{"Count":1.}`: false, `{"Count":.5}`: false, `{"Count":+1}`: false, `{"Count":-}`: false, `{"Count":1e}`: false, `{"Count":1-2}`: false, `{"Count":nul}`: false, `{"Count":truE}`: false,
		`{"a":1,}`: false, `{"a" 1}`: false, `{a:1}`: false, `{,}`: false, `{"a":[1,]}`: false, `{"a":[,]}`: false, `{} {}`: false, `{}x`: false, ``: false, `[]`: false, `null`: false, `"{}"`: false, "\ufeff{}": false,
	} {
		if _, err := scanAnswer([]byte(raw)); (err == nil) != good {
			t.Errorf("%s: %v", raw, err)
		}
		if goodAnswer([]byte(raw)) != good {
			t.Errorf("the reference takes %s for the contrary", raw)
		}
	}
}

func nested(levels int) string {
	return `{"Item":{"a":` + strings.Repeat(`{"M":{"a":`, levels) + `{"S":"x"}` + strings.Repeat(`}}`, levels) + `}}`
}

func TestNesting(t *testing.T) {
	for _, c := range []struct {
		reason string
		raw    string
		good   bool
	}{
		{"as deep as DynamoDB goes", nested(32), true},
		{"far deeper", nested(60), false},
		{"so deep that a recursion would end the program", strings.Repeat(`{"a":`, 5_000_000), false},
		{"lists likewise", `{"Item":{"a":` + strings.Repeat(`{"L":[`, 5_000_000), false},
	} {
		if _, err := scanAnswer([]byte(c.raw)); (err == nil) != c.good {
			t.Errorf("%s: %v", c.reason, err)
		}
	}
}

func TestCodes(t *testing.T) {
	for raw, want := range map[string]string{
		`{"__type":"a#B","message":"m"}`: "a#B", `{"message":"m","code":"C"}`: "C", `{"Item":{"__type":{"S":"D"}}}`: "", `{"code":{"a":1}}`: "", `{"x":{"code":"E"}}`: "",
	} {
		if got, err := scanAnswer([]byte(raw)); got != want || err != nil {
			t.Errorf("%s: %q, %v", raw, got, err)
		}
	}
}

// The scanner never panics, takes all that encoding/json and the grammar of answers take, and nothing else.
func FuzzScanAnswer(f *testing.F) {
	for _, format := range places {
		for form := range attributeForms {
			f.Add([]byte(fmt.Sprintf(format, form)))
		}
	}
	for _, s := range []string{`{"Count":1e2,"x":[0,-1,1.5,true,null]}`, nested(40), nested(49), nested(50), "{\"\xff\":\"\xff\"}", `{"a":"\ud800"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, err := scanAnswer(raw)
		if want := goodAnswer(raw); (err == nil) != want {
			t.Errorf("%q: %v, and the reference says %v", raw, err, want)
		}
	})
}
