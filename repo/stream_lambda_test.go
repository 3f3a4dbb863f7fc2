package repo_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/monotable/monotable/repo"
)

// lambdaRecord writes one record as Lambda does.
func lambdaRecord(t testing.TB, name string, old, now row) string {
	t.Helper()
	body := map[string]any{"SequenceNumber": "4421584500000000017450439091", "ApproximateCreationDateTime": 1767323045, "SizeBytes": 26, "StreamViewType": "NEW_AND_OLD_IMAGES"}
	keys := row{}
	for i, item := range []row{old, now} {
		if item == nil {
			continue
		}
		part := []string{"OldImage", "NewImage"}[i]
		text, err := attributevalue.MarshalMapJSON(item)
		if err != nil {
			t.Fatal(err)
		}
		body[part] = json.RawMessage(text)
		keys["pk"], keys["sk"] = item["pk"], item["sk"]
	}
	text, err := attributevalue.MarshalMapJSON(keys)
	if err != nil {
		t.Fatal(err)
	}
	body["Keys"] = json.RawMessage(text)
	out, err := json.Marshal(map[string]any{"eventID": "e1", "eventName": name, "eventVersion": "1.1", "eventSource": "aws:dynamodb",
		"awsRegion": "us-east-1", "dynamodb": body, "eventSourceARN": "arn:aws:dynamodb:us-east-1:1:table/app/stream/2026"})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// lambdaEvent is the event of some records.
func lambdaEvent(records ...string) []byte {
	return []byte(`{"Records": [` + strings.Join(records, ", ") + "]}\n")
}

// changes decodes an event: what it yields, errors and all.
func changes(d *repo.Decoder, event []byte) (out []repo.Change, failed []error) {
	for c, err := range d.LambdaEvent(event) {
		out, failed = append(out, c), append(failed, err)
	}
	return out, failed
}

// Both formats of a record give the same change.
func TestLambdaEventIsWhatTheStreamIs(t *testing.T) {
	m := allMembers(nowhere{}, shopTable)
	d := newDecoder(t, m.told()...)
	now := anOrder()
	now.Total = 1<<62 + 1 // which a float would round
	images := []row{nil, encoded(t, m.orders, anOrder()), encoded(t, m.orders, now), encoded(t, m.events, anEvent()), ofAllTypes(), guardRow(t, shopTable)}
	var texts []string
	var want []repo.Change
	for _, name := range []string{"INSERT", "MODIFY", "REMOVE"} {
		for _, old := range images {
			for _, now := range images {
				if old == nil && now == nil {
					continue
				}
				c, err := d.StreamRecord(streamed(streams.OperationType(name), old, now))
				if err != nil {
					t.Fatal(err)
				}
				want, texts = append(want, c), append(texts, lambdaRecord(t, name, old, now))
			}
		}
	}
	got, failed := changes(d, lambdaEvent(texts...))
	if len(got) != len(want) {
		t.Fatalf("%d changes of %d records: %v", len(got), len(want), failed)
	}
	for i := range want {
		if failed[i] != nil || !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("record %d: %v\n got %v\nwant %v", i, failed[i], showRequest(got[i]), showRequest(want[i]))
		}
	}
}

func TestLambdaEventForms(t *testing.T) {
	m := allMembers(nowhere{}, shopTable)
	d := newDecoder(t, m.told()...)
	record := lambdaRecord(t, "INSERT", nil, encoded(t, m.orders, anOrder()))
	ttl := `{"userIdentity":{"principalId":"dynamodb.amazonaws.com","type":"Service"},` + strings.Replace(record, "INSERT", "REMOVE", 1)[1:]
	kinesis := `{"awsRegion":"us-east-1","eventID":"e1","eventName":"INSERT","userIdentity":null,"recordFormat":"application/json","tableName":"app",` +
		`"dynamodb":{"ApproximateCreationDateTime":1767323045123456,"ApproximateCreationDateTimePrecision":"MICROSECOND","Keys":{"pk":{"S":"a"}}}}`
	for _, c := range []struct {
		reason string
		event  string
		want   string // the operation of each change, and when it was
	}{
		{"as Lambda sends it", string(lambdaEvent(record, record)), "inserted 1767323045000 e1, inserted 1767323045000 e1"},
		{"no records", `{"Records":[]}`, ""},
		{"as EventBridge Pipes sends it", "[" + record + "," + record + "]", "inserted 1767323045000 e1, inserted 1767323045000 e1"},
		{"an empty array", " [ ] ", ""},
		{"one record alone", record, "inserted 1767323045000 e1"},
		{"members that nobody knows, before and behind", `{"x":[{"]":"}"},-1.5E+3,true,null,"\\"],"Records":[` + record + `],"y":{}}`, "inserted 1767323045000 e1"},
		{"a record that has Records, in vain", `{"Records":null,` + record[1:], "inserted 1767323045000 e1"},
		{"by time to live", ttl, "removed expired 1767323045000 e1"},
		{"as Kinesis carries it", kinesis, "inserted 1767323045123 e1"},
		{"as Kinesis carries it, in milliseconds", strings.Replace(strings.Replace(kinesis, "MICRO", "MILLI", 1), "5123456,", "5123,", 1), "inserted 1767323045123 e1"},
		{"a time in a unit that nobody knows is none", strings.Replace(kinesis, "MICRO", "NANO", 1), "inserted 0 e1"},
		{"a time as Java writes it", strings.Replace(record, "1767323045", "1.767323045E9", 1), "inserted 1767323045000 e1"},
		{"a time with a fraction", strings.Replace(record, "1767323045", "1767323045.123456", 1), "inserted 1767323045123 e1"},
		{"a time in a text is none", strings.Replace(record, "1767323045", `"2026-01-02"`, 1), "inserted 0 e1"},
		{"a time that is out of all bounds is none", strings.Replace(record, "1767323045", `9e99999`, 1), "inserted 0 e1"},
		{"no time", strings.Replace(record, "1767323045", `null`, 1), "inserted 0 e1"},
	} {
		var got []string
		for change, err := range d.LambdaEvent([]byte(c.event)) {
			if err != nil {
				t.Errorf("%s: %v", c.reason, err)
			}
			at := int64(0)
			if !change.At.IsZero() {
				at = change.At.UnixMilli()
			}
			op := change.Op.String()
			if change.Expired {
				op += " expired"
			}
			got = append(got, fmt.Sprint(op, " ", at, " ", change.EventID))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %v, want %s", c.reason, got, c.want)
		}
	}
}

func TestLambdaAttributes(t *testing.T) {
	d := newDecoder(t, allMembers(nowhere{}, shopTable).told()...)
	for _, c := range []struct {
		reason, text string
		want         types.AttributeValue
	}{
		{"all types listed, all but one null", `{"B":null,"BOOL":null,"BS":null,"L":null,"M":null,"N":"3.14","NS":null,"NULL":null,"S":null,"SS":null}`, num("3.14")},
		{"white space everywhere", " {\t\"S\" :\r\n \"a\" } ", str("a")},
		{"every escape", `{"S":"\"\\\/\b\f\n\r\t\u00e9\u0000\ud83d\ude00"}`, str("\"\\/\b\f\n\r\té\x00😀")},
		{"an escaped name of a type", `{"\u0053":"a"}`, str("a")},
		{"an escaped escape", `{"S":"\\ud83d"}`, str(`\ud83d`)},
		{"38 digits", `{"N":"-99999999999999999999999999999999999999"}`, num("-99999999999999999999999999999999999999")},
		{"an empty binary", `{"B":""}`, &types.AttributeValueMemberB{Value: []byte{}}},
		{"an empty set, as some write it", `{"SS":[]}`, &types.AttributeValueMemberSS{Value: []string{}}},
		{"an empty map", `{"M":{}}`, &types.AttributeValueMemberM{Value: row{}}},
	} {
		got, failed := changes(d, []byte(`{"eventName":"INSERT","dynamodb":{"NewImage":{"x":`+c.text+`}}}`))
		if len(got) != 1 || failed[0] != nil || !reflect.DeepEqual(got[0].NewImage["x"], c.want) {
			t.Errorf("%s: %+v, %v", c.reason, got, failed)
		}
	}
}

func TestLambdaEventRefuses(t *testing.T) {
	d := newDecoder(t, allMembers(nowhere{}, shopTable).told()...)
	attribute := func(text string) string {
		return `{"Records":[{"eventName":"INSERT","dynamodb":{"NewImage":{"x":` + text + `}}}]}`
	}
	const image = "repo: LambdaEvent: invalid value: record 0: NewImage at byte "
	deep := func(n int) string { return strings.Repeat(`{"L":[`, n) + `{"S":""}` + strings.Repeat(`]}`, n) }
	for _, c := range []struct{ reason, event, want string }{
		{"nothing", "", "repo: LambdaEvent: invalid value: the event is no JSON, or cut, at byte 0"},
		{"cut", `{"Records":[{"eventID":"` + canary, "repo: LambdaEvent: invalid value: the event is no JSON, or cut, at byte 32"},
		{"something behind it", `{"Records":[]} "` + canary + `"`, "repo: LambdaEvent: invalid value: the event is no JSON, or cut, at byte 16"},
		{"nested without end", strings.Repeat("[", 20000), "repo: LambdaEvent: invalid value: the event is no JSON, or cut, at byte 10001"},
		{"other bytes than UTF-8", "{\"Records\":[\"\xff\"]}", "repo: LambdaEvent: invalid value: the event is no valid UTF-8"},
		{"a text", `"` + canary + `"`, "repo: LambdaEvent: invalid value: record 0: the record at byte 0: it is no object"},
		{"no record", `[null]`, "repo: LambdaEvent: invalid value: record 0: the record at byte 1: it is no object"},
		{"an object that is no record", `{"Records":{"` + canary + `":1}}`, "repo: LambdaEvent: invalid value: record 0: its eventName is none of INSERT, MODIFY and REMOVE"},
		{"the event of another source", `{"Records":[{"kinesis":{"data":"e30="},"eventName":"aws:kinesis:record"}]}`, "repo: LambdaEvent: invalid value: record 0: its eventName is none of INSERT, MODIFY and REMOVE"},
		{"names in another case", `{"EventName":"INSERT"}`, "repo: LambdaEvent: invalid value: record 0: its eventName is none of INSERT, MODIFY and REMOVE"},
		{"an operation that is a number", `{"eventName":1}`, "repo: LambdaEvent: invalid value: record 0: the record at byte 13: it is no string"},
		{"a sequence number that is a number", `{"eventName":"INSERT","dynamodb":{"SequenceNumber":4421584500000000017450439091}}`, "repo: LambdaEvent: invalid value: record 0: the record at byte 51: it is no string"},
		{"an identity that is a text", `{"eventName":"INSERT","userIdentity":"` + canary + `"}`, "repo: LambdaEvent: invalid value: record 0: the record at byte 37: it is no object"},
		{"half a surrogate in a name that nobody knows", `{"` + canary + `":1,"\ud83d":1,"eventName":"INSERT"}`, "repo: LambdaEvent: invalid value: record 0: the record at byte 14: half of a surrogate pair stands alone"},
		{"an image that is an array", `{"eventName":"INSERT","dynamodb":{"NewImage":[]}}`, image + "45: it is no object"},
		{"a null attribute", attribute(`null`), image + "62: it is no object"},
		{"a bare attribute", attribute(`"` + canary + `"`), image + "62: it is no object"},
		{"no type", attribute(`{}`), image + "62: an attribute has no value"},
		{"only nulls", attribute(`{"S":null}`), image + "62: an attribute has no value"},
		{"two types", attribute(`{"S":"a","N":"1"}`), image + "62: an attribute has two types"},
		{"an unknown type", attribute(`{"` + canary + `":"a"}`), image + "74: an attribute is of an unknown type"},
		{"an attribute twice", attribute(`{"S":"a"},"x":{"S":"b"}`), image + "76: an attribute is there twice"},
		{"a number that is a number", attribute(`{"N":12345}`), image + "67: it is no string"},
		{"a bool that is a text", attribute(`{"BOOL":"true"}`), image + "70: it is no bool"},
		{"a NULL that is a text", attribute(`{"NULL":"` + canary + `"}`), image + "70: it is no bool"},
		{"a set that is a text", attribute(`{"SS":"` + canary + `"}`), image + "68: it is no array"},
		{"a set of numbers that are numbers", attribute(`{"NS":["1",2]}`), image + "73: it is no string"},
		{"a null in a set", attribute(`{"SS":[null]}`), image + "69: it is no string"},
		{"a binary that is no base64", attribute(`{"B":"` + canary + `"}`), image + "67: it is no base64"},
		{"a binary cut", attribute(`{"B":"AAE"}`), image + "67: it is no base64"},
		{"a binary with bits behind its end", attribute(`{"B":"AAF="}`), image + "67: it is no base64"},
		{"a null in a list", attribute(`{"L":[{"S":"a"},null]}`), image + "78: it is no object"},
		{"a null in a map", attribute(`{"M":{"` + canary + `":null}}`), image + "79: it is no object"},
		{"deeper than DynamoDB", attribute(deep(33)), image + "259: an attribute is nested deeper than the 32 levels of DynamoDB"},
		{"far deeper than DynamoDB", attribute(deep(4000)), image + "259: an attribute is nested deeper than the 32 levels of DynamoDB"},
		{"half a surrogate pair", attribute(`{"S":"\ud83d"}`), image + "67: half of a surrogate pair stands alone"},
		{"the other half", attribute(`{"S":"\ude00x"}`), image + "67: half of a surrogate pair stands alone"},
		{"two first halves", attribute(`{"S":"\ud83d\ud83d"}`), image + "67: half of a surrogate pair stands alone"},
		{"half a pair, and another escape", attribute(`{"S":"\ud83d\nude00"}`), image + "67: half of a surrogate pair stands alone"},
		{"half a pair in a name", attribute(`{"M":{"\ud83d":{"S":"a"}}}`), image + "68: half of a surrogate pair stands alone"},
	} {
		got, failed := changes(d, []byte(c.event))
		if len(failed) != 1 || !errors.Is(failed[0], repo.ErrInvalidValue) {
			t.Errorf("%s: %+v, %v", c.reason, got, failed)
			continue
		}
		checkQuiet(t, c.reason, failed[0])
		if failed[0].Error() != c.want {
			t.Errorf("%s: it says\n%s\nwant\n%s", c.reason, failed[0], c.want)
		}
		if got[0].New != nil || got[0].NewImage != nil {
			t.Errorf("%s: beside the error there is %+v", c.reason, got[0])
		}
	}
	if got, failed := changes(d, []byte(attribute(deep(32)))); failed[0] != nil || got[0].NewImage == nil {
		t.Errorf("as deep as DynamoDB: %v", failed)
	}
}

var somewhere = regexp.MustCompile(`at byte \d+`)

// A record that fails leaves the others alone, and says by its sequence number where to go on.
func TestLambdaEventGoesOnBehindAnError(t *testing.T) {
	m := allMembers(nowhere{}, shopTable)
	d := newDecoder(t, m.told()...)
	good := encoded(t, m.orders, anOrder())
	bad := encoded(t, m.orders, anOrder())
	bad["total"] = str(canary)
	number := func(n int, record string) string {
		return strings.Replace(record, "4421584500000000017450439091", fmt.Sprint("10", n), 1)
	}
	event := lambdaEvent(
		number(0, lambdaRecord(t, "INSERT", nil, good)),
		number(1, lambdaRecord(t, "MODIFY", good, bad)),
		number(2, strings.Replace(lambdaRecord(t, "INSERT", nil, good), `"Bern"`, `["Bern"]`, 1)),
		number(3, lambdaRecord(t, "MODIFY", bad, good)),
		number(4, lambdaRecord(t, "REMOVE", good, nil)),
	)
	got, failed := changes(d, event)
	var said []string
	for i, c := range got {
		text := "fine"
		if failed[i] != nil {
			checkQuiet(t, "a bad record", failed[i])
			text = somewhere.ReplaceAllString(failed[i].Error(), "at byte N")
		}
		said = append(said, fmt.Sprint(c.SequenceNumber, " ", c.Op, " ", c.Old != nil, " ", c.New != nil, " ", len(c.Keys), " ", text))
	}
	want := []string{
		"100 inserted false true 2 fine",
		"101 modified true false 2 repo: LambdaEvent Order: field Total: invalid value: record 1: NewImage: cannot read a string (S) into int64",
		"102 inserted false false 2 repo: LambdaEvent: invalid value: record 2: NewImage at byte N: it is no string",
		"103 modified false true 2 repo: LambdaEvent Order: field Total: invalid value: record 3: OldImage: cannot read a string (S) into int64",
		"104 removed true false 2 fine",
	}
	if !slices.Equal(said, want) {
		t.Errorf("it says\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
	// Collect ends at the first, a break ends at once, and ranging again begins again.
	if list, err := repo.Collect(d.LambdaEvent(event)); list != nil || !errors.Is(err, repo.ErrInvalidValue) {
		t.Errorf("%v, %v", list, err)
	}
	seq := d.LambdaEvent(event)
	for range 2 {
		for c, err := range seq {
			if err != nil || c.SequenceNumber != "100" {
				t.Errorf("it begins with %+v, %v", c, err)
			}
			break
		}
	}
}

// Nothing of an event is kept.
func TestLambdaEventIsNotKept(t *testing.T) {
	d := newDecoder(t, allMembers(nowhere{}, shopTable).told()...)
	event := lambdaEvent(lambdaRecord(t, "INSERT", nil, ofAllTypes()))
	got, failed := changes(d, event)
	clear(event)
	if failed[0] != nil || !reflect.DeepEqual(got[0].NewImage, ofAllTypes()) {
		t.Errorf("%v, %v", got[0].NewImage, failed)
	}
}

// Every value of an event is damaged in turn, by one that quotes the canary where it can: no error shows it, and none is a panic.
func TestLambdaErrorsAreQuiet(t *testing.T) {
	m := allMembers(nowhere{}, shopTable)
	d := newDecoder(t, m.told()...)
	text := lambdaRecord(t, "MODIFY", encoded(t, m.orders, anOrder()), ofAllTypes())
	text = `{"userIdentity":{"type":"Service","principalId":"p"},` + text[1:]
	var tree any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	spoils := []any{nil, canary, []any{canary}, map[string]any{canary: canary}, map[string]any{"S": []any{canary}}, json.Number("12345678"), true}
	tried, refused := 0, 0
	try := func(name string) {
		event, err := json.Marshal(map[string]any{"Records": []any{tree}})
		if err != nil {
			t.Fatal(err)
		}
		event = bytes.ReplaceAll(event, []byte(`\u0026`), []byte("&"))
		tried++
		for _, err := range d.LambdaEvent(event) {
			if err != nil {
				refused++
				checkQuiet(t, "damage at "+name, err)
				if !errors.Is(err, repo.ErrInvalidValue) {
					t.Errorf("damage at %s: %v", name, err)
				}
			}
		}
	}
	var damage func(at string, node any, put func(any))
	damage = func(at string, node any, put func(any)) {
		for _, spoil := range spoils {
			put(spoil)
			try(at)
		}
		put(node)
		switch v := node.(type) {
		case map[string]any:
			for name, inner := range v {
				damage(at+"."+name, inner, func(x any) { v[name] = x })
			}
		case []any:
			for i, inner := range v {
				damage(fmt.Sprint(at, i), inner, func(x any) { v[i] = x })
			}
		}
	}
	damage("record", tree, func(x any) { tree = x })
	if refused < tried/2 {
		t.Errorf("only %d of %d were refused", refused, tried)
	}
	// And cut at every byte.
	event := lambdaEvent(strings.ReplaceAll(text, "Basel", canary))
	for n := range len(event) - 2 {
		_, failed := changes(d, event[:n])
		if len(failed) != 1 || !errors.Is(failed[0], repo.ErrInvalidValue) {
			t.Fatalf("cut at %d: %v", n, failed)
		}
		checkQuiet(t, "cut", failed[0])
	}
}

// FuzzLambdaEvent: whatever the event, it is decoded or refused; what is taken is what the SDK's own reader makes of the image.
func FuzzLambdaEvent(f *testing.F) {
	m := allMembers(nowhere{}, shopTable)
	d := newDecoder(f, m.told()...)
	order := encoded(f, m.orders, anOrder())
	f.Add(lambdaEvent(lambdaRecord(f, "MODIFY", order, ofAllTypes()), lambdaRecord(f, "REMOVE", ofAllTypes(), nil)))
	f.Add([]byte(lambdaRecord(f, "INSERT", nil, order)))
	f.Add([]byte(`[{"eventName":"INSERT","userIdentity":null,"dynamodb":{"NewImage":{"a":{"S":null,"N":"1"},"b":{"S":"\ud83d\ude00"}}}}]`))
	f.Add([]byte(`{"Records":[{"eventName":"INSERT","dynamodb":{"NewImage":{"a":{"B":"AA\nE="},"b":{"NULL":false}}}}]}`))
	f.Add([]byte(`{"Records":[{"dynamodb":{"ApproximateCreationDateTime":1e400,"Keys":{"":{"M":{}}}}},{}]}`))
	f.Add([]byte("[[[{\"\\u0000\":1}"))
	f.Fuzz(func(t *testing.T, event []byte) {
		got, failed := changes(d, event)
		images := referenceImages(event)
		for i, c := range got {
			if failed[i] != nil {
				if !errors.Is(failed[i], repo.ErrInvalidValue) {
					t.Fatalf("%v", failed[i])
				}
				continue
			}
			if images == nil {
				t.Fatalf("an event is taken that is none: %q", event)
			}
			want, err := attributevalue.UnmarshalMapJSON(images[i])
			if err != nil || len(want) != len(c.NewImage) || len(want) > 0 && !reflect.DeepEqual(c.NewImage, want) {
				t.Fatalf("record %d is %v, and by the SDK %v, %v", i, c.NewImage, want, err)
			}
		}
	})
}

// referenceImages finds the new images of an event's records, the simple way.
func referenceImages(event []byte) []json.RawMessage {
	type object = map[string]json.RawMessage
	var records []json.RawMessage
	var top object
	if json.Unmarshal(event, &records) != nil {
		if json.Unmarshal(event, &top) != nil {
			return nil
		}
		if json.Unmarshal(top["Records"], &records) != nil || records == nil {
			records = []json.RawMessage{event}
		}
	}
	out := []json.RawMessage{}
	for _, r := range records {
		var outer, body object
		_ = json.Unmarshal(r, &outer)
		_ = json.Unmarshal(outer["dynamodb"], &body)
		image := body["NewImage"]
		if image == nil {
			image = json.RawMessage("{}")
		}
		out = append(out, image)
	}
	return out
}
