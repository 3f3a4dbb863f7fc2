package memdb

import (
	"context"
	"encoding/json"
	"sort"
	"strings"
	"testing"
)

// FuzzServe sends any body to any operation: it is answered in JSON, with 200 or
// a 4xx with a type, and leaves the tables usable.
func FuzzServe(f *testing.F) {
	ops := make([]string, 0, len(operations))
	for op := range operations {
		ops = append(ops, op)
	}
	sort.Strings(ops)
	for _, body := range []string{
		`{}`, `{`, `[]`, `null`, `"x"`, ``, `{"TableName":"tab"}`, `{"TableName":"tab","Item":{"pk":{"S":"a"},"sk":{"S":"b"},"m":{"M":{"l":{"L":[{"N":"1e5"},{"NULL":true}]}}}}}`,
		`{"TableName":"tab","Key":{"pk":{"S":"a"},"sk":{"S":"b"}},"UpdateExpression":"SET a = :x ADD b :x","ExpressionAttributeValues":{":x":{"N":"1"}}}`,
		`{"TableName":"tab","KeyConditionExpression":"pk = :p AND begins_with(sk, :p)","ExpressionAttributeValues":{":p":{"S":"a"}},"Limit":1}`,
		`{"TransactItems":[{"Put":{"TableName":"tab","Item":{"pk":{"S":"a"},"sk":{"S":"b"}}}}],"ClientRequestToken":"t"}`,
		`{"RequestItems":{"tab":[{"PutRequest":{"Item":{"pk":{"S":"a"},"sk":{"S":"b"}}}}]}}`,
		`{"RequestItems":{"tab":{"Keys":[{"pk":{"S":"a"},"sk":{"S":"b"}}]}}}`,
		`{"TableName":"\ud800\u0041","Item":{"a":{"B":"YQ=="},"b":{"SS":["\u00e9"]}}}`,
		strings.Repeat(`{"M":{"a":`, 300), strings.Repeat("[", 1000),
		`{"TableName":"new","AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"}],"KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],"BillingMode":"PAY_PER_REQUEST"}`,
	} {
		for i := range ops {
			f.Add(i, body)
		}
	}
	f.Fuzz(func(t *testing.T, op int, body string) {
		db := testDB(t)
		name := ops[uint(op)%uint(len(ops))]
		r, err := db.Serve(context.Background(), targetPrefix+name, body)
		if err != nil {
			t.Fatalf("broken connection: %v", err)
		}
		if !json.Valid(r.Body) || r.Status != 200 && (r.Status < 400 || r.Status >= 500 || r.ErrorType == "") {
			t.Fatalf("%s: %d %s", name, r.Status, r.Body)
		}
		if r.Status == 200 && name == "DeleteTable" {
			return
		}
		mustServe(t, db, "DescribeTable", `{"TableName":"tab"}`)
	})
}

// fuzzParams are the names and values that the fuzzed expressions may use.
func fuzzParams(t testing.TB) *params {
	r := &reader{text: `{":n":{"N":"1"},":s":{"S":"a"},":l":{"L":[]},":ss":{"SS":["a"]},":m":{"M":{}},":b":{"BOOL":true}}`}
	p := &params{names: map[string]string{"#a": "a", "#b": "x.y"}, values: r.valueMap()}
	if r.err != nil || p.values.bad != nil {
		t.Fatal(r.err, p.values.bad)
	}
	return p
}

func fuzzItem(t testing.TB) item {
	r := &reader{text: `{"a":{"N":"1"},"b":{"S":"abc"},"c":{"L":[{"N":"1"},{"M":{"d":{"S":"x"}}}]},"d":{"M":{"e":{"SS":["a","b"]}}},"x.y":{"BOOL":true}}`}
	a := r.attributeMap()
	if r.err != nil || a.bad != nil {
		t.Fatal(r.err, a.bad)
	}
	return a.item
}

var expressions = []string{
	"a = :n", "a = = :n", "NOT (a < :n OR begins_with(b, :s)) AND size(c) >= :n", "#a IN (:n, :s)", "c[1].d = :s", "a BETWEEN :n AND :n",
	"SET a = a + :n, d.e = if_not_exists(d.e, :ss) REMOVE c[0], b ADD a :n DELETE d.e :ss", "SET c = list_append(c, :l)", "a, b, c[0], d.e", "#b.#a",
	"pk = :s AND sk > :s", "((a = :n))", "attribute_type(a, :s)", "contains(c, :n)", "a[99999999999]", "a.", "(", "", "  ",
	"SET a = (:n + (b - :n))", strings.Repeat("(", 4000), strings.Repeat("NOT ", 1000) + "a = :n",
}

func FuzzCondition(f *testing.F) {
	for _, e := range expressions {
		f.Add(e)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCondition("ConditionExpression", text, fuzzParams(t))
		if err == nil {
			c.holds(fuzzItem(t))
			c.holds("")
		}
	})
}

func FuzzUpdate(f *testing.F) {
	for _, e := range expressions {
		f.Add(e)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := parseUpdate(text, fuzzParams(t))
		if err != nil {
			return
		}
		for _, old := range []item{fuzzItem(t), ""} {
			it, err := u.apply(old)
			if err != nil {
				continue
			}
			checkItem(t, it)
			checkItem(t, newPathTree(u.paths).project(it))
		}
	})
}

// checkItem writes an item and reads it back.
func checkItem(t *testing.T, it item) {
	t.Helper()
	text := string(appendItemJSON(nil, it))
	r := &reader{text: text}
	back := r.attributeMap()
	if r.err != nil || back.bad != nil || back.item != it {
		t.Fatalf("%s is not read back: %v %v", text, r.err, back.bad)
	}
	if it.size() != fieldsSize(it.fields()) {
		t.Fatalf("size %d of %s", it.size(), text)
	}
}

func FuzzProjection(f *testing.F) {
	for _, e := range expressions {
		f.Add(e)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := parseProjection(text, fuzzParams(t)); err == nil {
			checkItem(t, p.apply(fuzzItem(t)))
		}
	})
}

func FuzzKeyCondition(f *testing.F) {
	for _, e := range expressions {
		f.Add(e)
	}
	ks := &keySchema{hash: []keyAttr{{"pk", kindS}}, sort: []keyAttr{{"sk", kindS}}}
	f.Fuzz(func(t *testing.T, text string) {
		k, err := parseKeyCondition(text, fuzzParams(t))
		if err != nil {
			return
		}
		if s, err := k.span(ks); err == nil && s.high.less(s.low) {
			t.Fatalf("span from %q to %q", s.low.rest, s.high.rest)
		}
	})
}
