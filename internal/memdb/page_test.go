package memdb

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func seed(t *testing.T, db *DB, n int) {
	t.Helper()
	for i := range n {
		mustServe(t, db, "PutItem", fmt.Sprintf(
			`{"TableName":"tab","Item":{"pk":{"S":"p%d"},"sk":{"S":"s%03d"},"g":{"S":"g%d"},"a":{"S":"a"},"b":{"N":"%d"},"l":{"N":"%d"},"v":{"N":"%d"},"w":{"S":"w"}}}`,
			i%5, i, i%3, i%4-2, 100-i, i))
	}
}

type answer struct {
	Items            []map[string]map[string]any
	Count            int
	ScannedCount     int
	LastEvaluatedKey json.RawMessage
	ConsumedCapacity json.RawMessage
}

func ask(t *testing.T, db *DB, op, body string) (a answer) {
	t.Helper()
	if err := json.Unmarshal([]byte(mustServe(t, db, op, body)), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// texts lists an attribute of the items.
func (a answer) texts(name string) string {
	var out []string
	for _, it := range a.Items {
		for _, v := range it[name] {
			out = append(out, fmt.Sprint(v))
		}
	}
	return strings.Join(out, " ")
}

// TestPaging asks for pages of every size, both ways: each item comes once.
func TestPaging(t *testing.T) {
	db := testDB(t)
	seed(t, db, 40)
	for _, tc := range []struct {
		op, body string
		want     int
	}{
		{"Query", `"KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"p1"}}`, 8},
		{"Query", `"ScanIndexForward":false,"KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"p1"}}`, 8},
		{"Query", `"IndexName":"byG","KeyConditionExpression":"g = :p","ExpressionAttributeValues":{":p":{"S":"g1"}}`, 13},
		{"Query", `"IndexName":"byL","ScanIndexForward":false,"KeyConditionExpression":"pk = :p AND l > :l","ExpressionAttributeValues":{":p":{"S":"p1"},":l":{"N":"80"}}`, 4},
		{"Query", `"IndexName":"multi","KeyConditionExpression":"g = :g AND a = :a AND b >= :b","ExpressionAttributeValues":{":g":{"S":"g1"},":a":{"S":"a"},":b":{"N":"0"}}`, 6},
		{"Scan", `"FilterExpression":"v >= :v","ExpressionAttributeValues":{":v":{"N":"0"}}`, 40},
		{"Scan", `"IndexName":"multi"`, 40},
	} {
		for limit := 1; limit <= 15; limit += 7 {
			seen, start := map[string]bool{}, ""
			for pages := 0; ; pages++ {
				a := ask(t, db, tc.op, fmt.Sprintf(`{"TableName":"tab","Limit":%d,%s%s}`, limit, tc.body, start))
				for _, it := range a.Items {
					k := fmt.Sprint(it["pk"], it["sk"])
					if seen[k] {
						t.Fatalf("%s: %s comes twice", tc.body, k)
					}
					seen[k] = true
				}
				if a.LastEvaluatedKey == nil {
					break
				}
				if pages > 100 {
					t.Fatalf("%s: no end", tc.body)
				}
				start = `,"ExclusiveStartKey":` + string(a.LastEvaluatedKey)
			}
			if len(seen) != tc.want {
				t.Errorf("%s %s, limit %d: %d items, want %d", tc.op, tc.body, limit, len(seen), tc.want)
			}
		}
	}
}

// The lengths of the table's key and of the index's are limited apart, in a start key too.
func TestPagingOverLongKeys(t *testing.T) {
	db := testDB(t)
	g := strings.Repeat("g", 2000)
	for i := range 2 {
		mustServe(t, db, "PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"S":"p%d"},"sk":{"S":"%s"},"g":{"S":"%s"}}}`, i, strings.Repeat("s", 1000), g))
	}
	query := `{"TableName":"tab","IndexName":"byG","Limit":1,"KeyConditionExpression":"g = :g","ExpressionAttributeValues":{":g":{"S":"` + g + `"}}%s}`
	first := ask(t, db, "Query", fmt.Sprintf(query, ""))
	second := ask(t, db, "Query", fmt.Sprintf(query, `,"ExclusiveStartKey":`+string(first.LastEvaluatedKey)))
	if first.Count != 1 || second.Count != 1 || first.texts("pk") == second.texts("pk") {
		t.Errorf("the pages are %s and %s", first.texts("pk"), second.texts("pk"))
	}
}

func TestSegments(t *testing.T) {
	db := testDB(t)
	seed(t, db, 40)
	for _, of := range []int{1, 2, 3, 7} {
		total := 0
		for i := range of {
			total += ask(t, db, "Scan", fmt.Sprintf(`{"TableName":"tab","Segment":%d,"TotalSegments":%d}`, i, of)).Count
		}
		if total != 40 {
			t.Errorf("%d segments have %d items", of, total)
		}
	}
}

func TestIndexes(t *testing.T) {
	db := testDB(t)
	seed(t, db, 20)
	const g = `"TableName":"tab","IndexName":"byG","KeyConditionExpression":"g = :g","ExpressionAttributeValues":{":g":{"S":"g0"}}`
	const l = `"TableName":"tab","IndexName":"byL","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"p0"}}`
	runSteps(t, db, []exchange{
		{"Query", `{` + g + `,"Limit":1}`, `{"Items":[{"g":{"S":"g0"},"pk":`, "what is projected"},
		{"Query", `{` + g + `,"Select":"ALL_ATTRIBUTES"}`, "Select type ALL_ATTRIBUTES is not supported for global secondary index byG because its projection type is not ALL", "a global index has no more"},
		{"Query", `{` + g + `,"ProjectionExpression":"w"}`, "Global secondary index byG does not project [w]", "nor a part of more"},
		{"Query", `{` + g + `,"ConsistentRead":true}`, "Consistent reads are not supported on global secondary indexes", "and is behind"},
		{"Query", `{` + l + `,"Limit":1}`, `{"Items":[{"l":{"N":"85"},"pk":{"S":"p0"},"sk":{"S":"s015"}}]`, "a local index of keys"},
		{"Query", `{` + l + `,"Limit":1,"Select":"ALL_ATTRIBUTES"}`, `"w":{"S":"w"}`, "fetches from the table"},
		{"Query", `{` + l + `,"Limit":1,"ProjectionExpression":"w"}`, `{"Items":[{"w":{"S":"w"}}]`, "parts too"},
		{"Query", `{"TableName":"tab","IndexName":"multi","KeyConditionExpression":"g = :g","ExpressionAttributeValues":{":g":{"S":"g0"}}}`, "Query condition missed key schema element: a", "every part of a partition key"},
		{"Query", `{"TableName":"tab","IndexName":"multi","KeyConditionExpression":"g = :g AND a = :g AND sk = :g","ExpressionAttributeValues":{":g":{"S":"g0"}}}`, "Query condition missed key schema element: b", "a sort key from the left"},
		{"Query", `{"TableName":"tab","IndexName":"multi","KeyConditionExpression":"g = :g AND a = :g AND b > :n AND sk = :g","ExpressionAttributeValues":{":g":{"S":"g0"},":n":{"N":"1"}}}`, "Query key condition not supported", "a range comes last"},
	})
	a := ask(t, db, "Query", `{"TableName":"tab","IndexName":"multi","KeyConditionExpression":"g = :g AND a = :a AND b = :b AND begins_with(sk, :s)","ExpressionAttributeValues":{":g":{"S":"g0"},":a":{"S":"a"},":b":{"N":"-2"},":s":{"S":"s01"}}}`)
	if got := a.texts("sk"); got != "s012" {
		t.Errorf("all parts: %q", got)
	}
}

func TestConsumedCapacity(t *testing.T) {
	db := testDB(t)
	seed(t, db, 12)
	const all = `,"ReturnConsumedCapacity":"INDEXES"`
	runSteps(t, db, []exchange{
		{"PutItem", strings.TrimSuffix(putItemBody(`,"v":{"S":"`+strings.Repeat("x", 1100)+`"}`), "}") + all + `}`, `"CapacityUnits":2.0,"Table":{"CapacityUnits":2.0}}`, "a unit for every KB begun"},
		{"GetItem", `{` + key + `,"ReturnConsumedCapacity":"TOTAL"}`, `"ConsumedCapacity":{"TableName":"tab","CapacityUnits":0.5}`, "half a unit for 4 KB"},
		{"GetItem", `{` + key + `,"ConsistentRead":true,"ReturnConsumedCapacity":"TOTAL"}`, `"CapacityUnits":1.0}`, "a whole one if consistent"},
		{"UpdateItem", updateItemBody("SET g = :g", `":g":{"S":"x"}`, all), `"GlobalSecondaryIndexes":{"byG":{"CapacityUnits":2.0}}`, "into an index"},
		{"UpdateItem", updateItemBody("SET g = :g", `":g":{"S":"y"}`, all), `"GlobalSecondaryIndexes":{"byG":{"CapacityUnits":4.0}}`, "moved within it"},
		{"UpdateItem", updateItemBody("SET w = :g", `":g":{"S":"y"}`, all), `"Table":{"CapacityUnits":2.0}}`, "not touched by what it does not project"},
		{"TransactGetItems", `{"TransactItems":[{"Get":{` + key + `}}],"ReturnConsumedCapacity":"TOTAL"}`, `"CapacityUnits":2.0,"ReadCapacityUnits":2.0`, "twice in a transaction"},
		{"Query", `{"TableName":"tab","IndexName":"byG","KeyConditionExpression":"g = :g","ExpressionAttributeValues":{":g":{"S":"g1"}}` + all + `}`,
			`"CapacityUnits":0.5,"Table":{"CapacityUnits":0.0},"GlobalSecondaryIndexes":{"byG":{"CapacityUnits":0.5}}`, "an index is read, not its table"},
	})
}
