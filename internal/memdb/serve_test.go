package memdb

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// testDB has a table with the key pk, sk, a global index byG over g with some
// attributes, one over two pairs of attributes, and a local index.
func testDB(tb testing.TB) *DB {
	tb.Helper()
	db := New(Config{})
	mustServe(tb, db, "CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST",
		"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"},{"AttributeName":"g","AttributeType":"S"},
			{"AttributeName":"l","AttributeType":"N"},{"AttributeName":"a","AttributeType":"S"},{"AttributeName":"b","AttributeType":"N"}],
		"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
		"LocalSecondaryIndexes":[{"IndexName":"byL","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}],
		"GlobalSecondaryIndexes":[
			{"IndexName":"byG","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["v"]}},
			{"IndexName":"multi","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"a","KeyType":"HASH"},{"AttributeName":"b","KeyType":"RANGE"},{"AttributeName":"sk","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}]}`)
	return db
}

// An exchange is one request and what must come of it: a part of the answer's text.
type exchange struct{ op, body, want, reason string }

func runSteps(t *testing.T, db *DB, steps []exchange) {
	t.Helper()
	for _, s := range steps {
		r, err := db.Serve(context.Background(), targetPrefix+s.op, s.body)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(r.Body) {
			t.Errorf("%s %.300s: not JSON: %.300s", s.op, s.body, r.Body)
		}
		if got := plainAnswer(r); !strings.Contains(got, s.want) {
			t.Errorf("%s: %s %.300s:\n got %.300s\nwant %.300s", s.reason, s.op, s.body, got, s.want)
		}
	}
}

var messages = regexp.MustCompile(`"(?i:message)":("(?:[^"\\]|\\.)*")`)

// plainAnswer is an answer's body, or an error's type and text.
func plainAnswer(r Response) string {
	if r.ErrorType == "" {
		return string(r.Body)
	}
	text := ""
	if all := messages.FindAllSubmatch(r.Body, -1); all != nil { // those of reasons come first
		_ = json.Unmarshal(all[len(all)-1][1], &text)
	}
	return r.ErrorType + ": " + text
}

// key is the key of the item that most tests use.
const key = `"TableName":"tab","Key":{"pk":{"S":"p"},"sk":{"S":"s"}}`

// put is a PutItem of that item with more attributes.
func putItemBody(more string) string {
	return `{"TableName":"tab","Item":{"pk":{"S":"p"},"sk":{"S":"s"}` + more + `}}`
}

func updateItemBody(expression, values, rest string) string {
	if values != "" {
		values = `,"ExpressionAttributeValues":{` + values + `}`
	}
	return `{` + key + `,"UpdateExpression":"` + expression + `"` + values + rest + `}`
}

func TestWire(t *testing.T) {
	runSteps(t, testDB(t), []exchange{
		{"GetItem", ``, "SerializationException: ", "an empty body"},
		{"GetItem", `{`, "SerializationException: ", "cut JSON"},
		{"GetItem", `{"TableName":"tab",}`, "SerializationException: ", "a comma too many"},
		{"GetItem", `{"TableName":"tab"} x`, "SerializationException: ", "more than one document"},
		{"GetItem", `{"TableName":1}`, "SerializationException: NUMBER_VALUE cannot be converted to String", "a number for a text"},
		{"GetItem", `{"TableName":true}`, "SerializationException: TRUE_VALUE cannot be converted to String", "a boolean for a text"},
		{"GetItem", `{"TableName":1.5}`, "SerializationException: DECIMAL_VALUE cannot be converted to String", "a fraction for a text"},
		{"GetItem", `{"TableName":["x"]}`, "SerializationException: Unrecognized collection type class java.lang.String", "a list for a text"},
		{"GetItem", `{"TableName":{"x":1}}`, "SerializationException: Start of structure or map found where not expected", "an object for a text"},
		{"GetItem", `{"TableName":"tab","Key":"x"}`, "SerializationException: Unexpected field type", "a text for a map"},
		{"GetItem", `{"TableName":"tab","Key":{"pk":{"B":"x"}}}`, "SerializationException: Base64 encoded length", "not base64"},
		{"GetItem", `{"TableName":"tab","Key":{"pk":{"S":"` + "\xff" + `"}}}`, "SerializationException: ", "not UTF-8"},
		{"GetItem", `{"TableName":"tab","ConsistentRead":1}`, "SerializationException: NUMBER_VALUE cannot be converted to Boolean", "a number for a boolean"},
		{"GetItem", `{"a":` + strings.Repeat(`[`, 500), "SerializationException: The document is nested too deeply", "bounded depth"},
		{"GetItem", `{"Unknown":{"a":[1,"x",null,{"b":true}]},"TableName":null}`, "2 validation errors detected: Value null at 'tableName'", "unknown members are skipped, null is absent"},
		{"Frobnicate", `{}`, "UnknownOperationException: ", "no such operation"},
		{"ExecuteStatement", `{}`, "UnknownOperationException: ExecuteStatement is not supported by the embedded engine", "PartiQL is refused by name"},
		{"CreateBackup", `{}`, "UnknownOperationException: CreateBackup is not supported by the embedded engine", "so are backups"},
		{"GetItem", `{` + key + `,"AttributesToGet":["a"]}`, "ValidationException: The parameter AttributesToGet dates from before expressions", "and old parameters"},
		{"Query", `{"TableName":"tab","KeyConditions":{}}`, "ValidationException: The parameter KeyConditions dates from before expressions", "even empty ones"},
	})
	r, _ := New(Config{}).Serve(context.Background(), "Other.GetItem", "")
	if r.ErrorType != "UnknownOperationException" {
		t.Errorf("another service's target: %s", r.Body)
	}
	r, _ = New(Config{}).Serve(context.Background(), targetPrefix+"GetItem", strings.Repeat(" ", maxBody+1))
	if r.Status != 413 || r.ErrorType == "" {
		t.Errorf("too large a body: %d %s", r.Status, r.Body)
	}
}

func TestValues(t *testing.T) {
	deep := strings.Repeat(`{"M":{"a":`, 31) + `{"S":"x"}` + strings.Repeat(`}}`, 31)
	runSteps(t, testDB(t), []exchange{
		{"PutItem", putItemBody(`,"x":{}`), "Supplied AttributeValue is empty, must contain exactly one", "no type"},
		{"PutItem", putItemBody(`,"x":{"S":"a","N":"1"}`), "Supplied AttributeValue has more than one datatypes set", "two types"},
		{"PutItem", putItemBody(`,"x":{"NULL":false}`), "Null attribute value types must have the value of true", "a false null"},
		{"PutItem", putItemBody(`,"x":{"SS":[]}`), "An string set  may not be empty", "an empty set"},
		{"PutItem", putItemBody(`,"x":{"NS":[]}`), "An number set  may not be empty", "an empty set"},
		{"PutItem", putItemBody(`,"x":{"BS":[]}`), "Binary sets should not be empty", "an empty set"},
		{"PutItem", putItemBody(`,"x":{"SS":["b","a","b"]}`), "Input collection [b, a, b] contains duplicates.", "a member twice, in the order sent"},
		{"PutItem", putItemBody(`,"x":{"NS":["1","1.0"]}`), "Input collection contains duplicates", "equal numbers are one"},
		{"PutItem", putItemBody(`,"x":{"BS":["Yg==","Yg=="]}`), "Input collection [Yg==, Yg==]of type BS contains duplicates.", "in base64"},
		{"PutItem", putItemBody(`,"x":{"L":[{"M":{"y":{"N":"z"}}}]}`), "The parameter cannot be converted to a numeric value: z", "nested values count"},
		{"PutItem", putItemBody(`,"x":` + deep), "{}", "31 maps around a value"},
		{"PutItem", putItemBody(`,"x":{"L":[` + deep + `]}`), "Nesting Levels have exceeded supported limits", "and one more"},
		{"PutItem", putItemBody(`,"x":{"S":"` + strings.Repeat("x", maxItem-len("pkpsksx")+1) + `"}`), "ValidationException: Item size has exceeded the maximum allowed size", "one byte too many"},
		{"PutItem", putItemBody(`,"":{"S":"x"}`), "ValidationException: ", "a name must not be empty"},
		{"PutItem", putItemBody(`,"x":{"SS":["b","a"]},"e":{"S":""},"z":{"L":[]}`), "{}", "empty texts and lists are fine"},
		{"GetItem", `{` + key + `}`, `{"Item":{"e":{"S":""},"pk":{"S":"p"},"sk":{"S":"s"},"x":{"SS":["a","b"]},"z":{"L":[]}}}`, "answers have one order"},
	})
}

func TestExpressionErrors(t *testing.T) {
	const one = `":x":{"N":"1"}`
	runSteps(t, testDB(t), []exchange{
		{"UpdateItem", updateItemBody("SET v = :x", "", ""), "Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :x", "no values"},
		{"UpdateItem", updateItemBody("SET v = :x SET w = :x", one, ""), `The "SET" section can only be used once in an update expression;`, "a section twice"},
		{"UpdateItem", updateItemBody("SET pk = :x", one, ""), "Cannot update attribute pk. This attribute is part of the key", "the key is fixed"},
		{"UpdateItem", updateItemBody("SET v = :x, v.w = :x", one, ""), "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [v], path two: [v, w]", "overlap"},
		{"UpdateItem", updateItemBody("SET v[0] = :x, v.w = :x", one, ""), "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [v, [0]], path two: [v, w]", "conflict"},
		{"UpdateItem", updateItemBody("SET d[1] = v, d.b = v, c[1].v = v, c = if_not_exists(v)", "", ""), "path one: [c, [1], v], path two: [c]", "overlaps before conflicts before operands"},
		{"UpdateItem", updateItemBody("SET v = :x + :x + :x", one, ""), `Syntax error; token: "+", near: ":x + :x"`, "one operator in a SET"},
		{"UpdateItem", updateItemBody("ADD v :x", `":x":{"S":"a"}`, ""), "operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND", "ADD takes numbers and sets"},
		{"UpdateItem", updateItemBody("SET v = w", "", ""), "The provided expression refers to an attribute that does not exist in the item", "a missing operand"},
		{"UpdateItem", updateItemBody("SET v.w = :x", one, ""), "The document path provided in the update expression is invalid for update", "a missing parent"},
		{"UpdateItem", updateItemBody("SET g = :x", one, ""), "Type mismatch for Index Key g Expected: S Actual: N IndexName: byG", "an index key of another type"},
		{"UpdateItem", updateItemBody("SET g = :x", `":x":{"S":""}`, ""), "cannot contain an empty string value. IndexName: byG, IndexKey: g", "an empty index key"},
		{"UpdateItem", updateItemBody("SET v = :x", `":x":{"N":"1"},":z":{"N":"1"},":y":{"N":"1"}`, ""), "Value provided in ExpressionAttributeValues unused in expressions: keys: {:y, :z}", "unused values"},
		{"UpdateItem", `{` + key + `,"ExpressionAttributeNames":{"#a":"a"}}`, "ExpressionAttributeNames can only be specified when using expressions", "names for nothing"},
		{"UpdateItem", `{` + key + `,"ExpressionAttributeValues":{}}`, "ExpressionAttributeValues can only be specified when using expressions", "no values for nothing"},
		{"UpdateItem", updateItemBody("SET v = :x", one, `,"ExpressionAttributeNames":{}`), "ExpressionAttributeNames must not be empty", "no names"},
		{"UpdateItem", updateItemBody("SET v = :x", one, `,"ExpressionAttributeNames":{"a":"a"}`), `ExpressionAttributeNames contains invalid key: Syntax error; key: "a"`, "not a placeholder"},
		{"UpdateItem", updateItemBody("SET v = :x", `":x":{"N":"z"}`, ""), "ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: z for key :x", "a bad value"},
		{"UpdateItem", updateItemBody("REMOVE v", "", `,"ConditionExpression":"size(v)"`), "The function is not allowed to be used this way in an expression; function: size", "size is no condition"},
		{"UpdateItem", updateItemBody("REMOVE v", "", `,"ConditionExpression":"v = v"`), "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [v]", "one path twice"},
		{"UpdateItem", updateItemBody("REMOVE v", one, `,"ConditionExpression":"attribute_type(v, :x)"`), "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N", "a type is a text"},
		{"UpdateItem", updateItemBody("REMOVE v", "", `,"ConditionExpression":"`+strings.Repeat("a OR ", 2000)+`"`), "Expression size has exceeded the maximum allowed size; expression size: 10000", "4 KB"},
		{"UpdateItem", updateItemBody("REMOVE v", one, `,"ConditionExpression":"`+strings.Repeat("v=:x OR ", 200)+`v=:x"`), "The expression contains too many operators; operator count: 401", "300 operators"},
		{"PutItem", `{"TableName":"tab","Item":{"pk":{"S":"p"},"sk":{"S":"s"}},"ReturnValues":"ALL_NEW"}`, "ReturnValues can only be ALL_OLD or NONE", "a put has no new values to tell"},
		{"PutItem", `{"TableName":"x","ReturnValues":"y","ReturnConsumedCapacity":"z"}`, "3 validation errors detected: ", "all at once"},
	})
}

func TestUpdate(t *testing.T) {
	runSteps(t, testDB(t), []exchange{
		{"UpdateItem", updateItemBody("REMOVE v", "", `,"ReturnValues":"ALL_NEW"`), "{}", "only REMOVE makes no item"},
		{"GetItem", `{` + key + `}`, "{}", "there is none"},
		{"UpdateItem", `{` + key + `}`, "{}", "no expression makes one"},
		{"GetItem", `{` + key + `}`, `{"Item":{"pk":{"S":"p"},"sk":{"S":"s"}}}`, "of its key"},
		{"UpdateItem", updateItemBody("SET m = :m, c = :c", `":m":{"M":{"x":{"N":"1"},"y":{"N":"2"}}},":c":{"L":[{"N":"0"},{"N":"1"},{"N":"2"}]}`, ""), "{}", "documents"},
		{"UpdateItem", updateItemBody("SET m.x = m.x + :n, c[7] = :n, c[5] = m.y REMOVE c[0]", `":n":{"N":"5"}`, `,"ReturnValues":"ALL_NEW"`),
			`"c":{"L":[{"N":"1"},{"N":"2"},{"N":"2"},{"N":"5"}]},"m":{"M":{"x":{"N":"6"},"y":{"N":"2"}}}`, "places are those of the old list; beyond its end they append in order"},
		{"UpdateItem", updateItemBody("SET m.x = :n", `":n":{"N":"9"}`, `,"ReturnValues":"UPDATED_NEW"`), `{"Attributes":{"m":{"M":{"x":{"N":"9"}}}}}`, "UPDATED_NEW is the path, no more"},
		{"UpdateItem", updateItemBody("SET m.x = :n", `":n":{"N":"8"}`, `,"ReturnValues":"UPDATED_OLD"`), `{"Attributes":{"m":{"M":{"x":{"N":"9"}}}}}`, "UPDATED_OLD too"},
		{"UpdateItem", updateItemBody("REMOVE m.x", "", `,"ReturnValues":"UPDATED_NEW"`), `{}`, "nothing is left of what is removed"},
		{"UpdateItem", updateItemBody("ADD t :t", `":t":{"SS":["b","a"]}`, `,"ReturnValues":"UPDATED_NEW"`), `{"Attributes":{"t":{"SS":["a","b"]}}}`, "ADD makes a set"},
		{"UpdateItem", updateItemBody("DELETE t :t", `":t":{"SS":["b","a","z"]}`, `,"ReturnValues":"ALL_NEW"`), `"sk":{"S":"s"}}}`, "an empty set goes"},
		{"UpdateItem", updateItemBody("ADD k :n", `":n":{"N":"9e125"}`, ""), `{}`, "large numbers"},
		{"UpdateItem", updateItemBody("ADD k :n", `":n":{"N":"9e125"}`, ""), "Number overflow.", "add up to too large ones"},
		{"UpdateItem", updateItemBody("SET k = :a + :b", `":a":{"N":"1"},":b":{"N":"1e-40"}`, ""), textPrecision, "a sum of over 38 digits"},
		{"UpdateItem", updateItemBody("SET big = :b", `":b":{"S":"`+strings.Repeat("x", 409600)+`"}`, ""), "Item size to update has exceeded the maximum allowed size", "too large"},
	})
}

func TestTransactions(t *testing.T) {
	db := testDB(t)
	tx := func(items, rest string) string { return `{"TransactItems":[` + items + `]` + rest + `}` }
	const add = `{"Update":{` + key + `,"UpdateExpression":"ADD n :n","ExpressionAttributeValues":{":n":{"N":"1"}}}}`
	const sameAdd = `{"Update":{"ExpressionAttributeValues":{":n":{"N":"1.0"}},"UpdateExpression":"ADD n :n","Key":{"sk":{"S":"s"},"pk":{"S":"p"}},"TableName":"tab"}}`
	runSteps(t, db, []exchange{
		{"TransactWriteItems", tx(``, ""), "Member must have length greater than or equal to 1", "nothing to do"},
		{"TransactWriteItems", tx(`{}`, ""), "TransactWriteRequest should contain Delete or Put or Update request", "an empty operation"},
		{"TransactWriteItems", tx(add+","+sameAdd, ""), "Transaction request cannot include multiple operations on one item", "one item twice"},
		{"TransactWriteItems", tx(add, `,"ClientRequestToken":"t"`), "{}", "the first call"},
		{"TransactWriteItems", tx(sameAdd, `,"ClientRequestToken":"t"`), "{}", "the same by value, in another order"},
		{"GetItem", `{` + key + `}`, `"n":{"N":"1"}`, "was made once"},
		{"TransactWriteItems", tx(strings.Replace(add, `"1"`, `"2"`, 1), `,"ClientRequestToken":"t"`), "IdempotentParameterMismatchException: ", "another request"},
		{"TransactWriteItems", tx(`{"ConditionCheck":{`+key+`}}`, `,"ClientRequestToken":"t"`), "Value null at 'transactItems.1.member.conditionCheck.conditionExpression'", "a member that is missing comes before the token"},
		{"TransactWriteItems", tx(`{"ConditionCheck":{"TableName":"tab","Key":{"pk":{"N":"1"},"sk":{"S":"s"}}}}`, ""), "Value null at 'transactItems.1.member.conditionCheck.conditionExpression'", "and before the key"},
		{"TransactWriteItems", tx(strings.Replace(add, "ADD n", "SET v.w =", 1)+`,{"Put":{"TableName":"tab","Item":{"pk":{"S":"q"},"sk":{"S":"s"}}}}`, ""),
			"TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [ValidationError, None]", "an update that can't be made"},
		{"GetItem", strings.Replace(`{`+key+`}`, `"p"`, `"q"`, 1), `{}`, "cancels all"},
		{"TransactWriteItems", tx(`{"ConditionCheck":{`+key+`,"ConditionExpression":"n = :z","ExpressionAttributeValues":{":z":{"N":"9"}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}`, ""),
			"[ConditionalCheckFailed]", "a failed check"},
		{"TransactWriteItems", tx(`{"Put":{"TableName":"none","Item":{"pk":{"S":"p"},"sk":{"S":"s"}}}}`, ""), "ResourceNotFoundException: Requested resource not found", "no table"},
		{"TransactGetItems", tx(`{"Get":{`+key+`}},{"Get":{`+strings.Replace(key, `"p"`, `"q"`, 1)+`}}`, ""), `{"Responses":[{"Item":{"n":{"N":"1"},"pk":{"S":"p"},"sk":{"S":"s"}}},{}]}`, "in order, with a hole"},
		{"TransactGetItems", tx(`{"Get":{`+key+`}},{"Get":{`+key+`}}`, ""), "Transaction request cannot include multiple operations on one item", "one item twice"},
	})
	r, _ := db.Serve(context.Background(), targetPrefix+"TransactWriteItems",
		tx(`{"ConditionCheck":{`+key+`,"ConditionExpression":"n = :z","ExpressionAttributeValues":{":z":{"N":"9"}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}`, ""))
	if want := `"CancellationReasons":[{"Code":"ConditionalCheckFailed","Item":{"n":{"N":"1"},`; !strings.Contains(string(r.Body), want) {
		t.Errorf("reasons: %s", r.Body)
	}
}

func TestTables(t *testing.T) {
	db := New(Config{})
	create := func(more string) string {
		return `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]` + more + `}`
	}
	runSteps(t, db, []exchange{
		{"CreateTable", `{}`, "3 validation errors detected: ", "nothing given"},
		{"CreateTable", strings.Replace(create(""), `"tab"`, `"t"`, 1), "Table/index names must be between 3 and 255 characters long", "a short name"},
		{"CreateTable", create(`,"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}`), "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST", "two ways to pay"},
		{"CreateTable", create(`,"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}`), "streams are not supported by the embedded engine", "streams are refused"},
		{"CreateTable", create(`,"LocalSecondaryIndexes":[{"IndexName":"loc","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}]`), "Table KeySchema does not have a range key", "a local index needs a sort key"},
		{"CreateTable", create(`,"DeletionProtectionEnabled":true`), `"TableStatus":"ACTIVE"`, "ready at once"},
		{"CreateTable", create(""), "ResourceInUseException: Table already exists: tab", "twice"},
		{"DeleteTable", `{"TableName":"tab"}`, "Resource cannot be deleted as it is currently protected against deletion", "protected"},
		{"UpdateTable", `{"TableName":"tab"}`, "At least one of", "nothing to update"},
		{"UpdateTable", `{"TableName":"tab","DeletionProtectionEnabled":false}`, `"DeletionProtectionEnabled":false`, "unprotected"},
		{"PutItem", `{"TableName":"tab","Item":{"pk":{"S":"1"},"g":{"S":"x"}}}`, "{}", "an item"},
		{"PutItem", `{"TableName":"tab","Item":{"pk":{"S":"2"},"g":{"N":"1"}}}`, "{}", "another, whose g is a number"},
		{"UpdateTable", `{"TableName":"tab","AttributeDefinitions":[{"AttributeName":"g","AttributeType":"S"}],"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"byG","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}]}`, `"IndexName":"byG"`, "a new index"},
		{"Scan", `{"TableName":"tab","IndexName":"byG","Select":"COUNT"}`, `{"Count":1,"ScannedCount":1}`, "is filled with what fits"},
		{"UpdateTable", `{"TableName":"tab","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"none"}}]}`, "ResourceNotFoundException: ", "no such index"},
		{"UpdateTable", `{"TableName":"tab","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"byG"}}]}`, `"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}]`, "goes with its definition"},
		{"ListTables", `{"Limit":101}`, "Member must have value less than or equal to 100", "too many"},
		{"ListTables", `{}`, `{"TableNames":["tab"]}`, "one table"},
		{"UpdateTimeToLive", `{"TableName":"tab","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"e"}}`, `"Enabled":true`, "turned on"},
		{"UpdateTimeToLive", `{"TableName":"tab","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"e"}}`, "TimeToLive is already enabled", "once"},
		{"DescribeTimeToLive", `{"TableName":"tab"}`, `{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"e"}}`, "described"},
		{"DeleteTable", `{"TableName":"tab"}`, `"TableStatus":"DELETING"`, "gone"},
		{"DescribeTable", `{"TableName":"tab"}`, "ResourceNotFoundException: Requested resource not found: Table: tab not found", "for good"},
	})
}
