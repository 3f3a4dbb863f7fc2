package batch_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/repo/repotest"
)

func n(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }

func rawPut(i int, more map[string]types.AttributeValue) types.WriteRequest {
	row := rawKey(i)
	for name, v := range more {
		row[name] = v
	}
	return types.WriteRequest{PutRequest: &types.PutRequest{Item: row}}
}

func rawDelete(i int) types.WriteRequest {
	return types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: rawKey(i)}}
}

// Puts and deletes of several tables, whatever is left over: everything is done, and the outputs add up.
func TestRawRequestsOfSeveralTables(t *testing.T) {
	s := newSite(t)
	if err := createLike(t, s, "other"); err != nil {
		t.Fatal(err)
	}
	in := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{}, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}
	keys := &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{}, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}
	for _, table := range []string{"yard", "other"} {
		var of types.KeysAndAttributes
		for i := range 120 {
			in.RequestItems[table] = append(in.RequestItems[table], rawPut(i, map[string]types.AttributeValue{
				"n": n("1.50"), "set": &types.AttributeValueMemberNS{Value: []string{"3", "1.0", "2"}}, "list": &types.AttributeValueMemberL{Value: []types.AttributeValue{n("1e2"), &types.AttributeValueMemberNULL{Value: true}}},
			}))
			of.Keys = append(of.Keys, rawKey(i))
		}
		of.Keys = append(of.Keys, rawKey(0)) // asked for twice
		keys.RequestItems[table] = of
	}
	synctest.Test(t, func(t *testing.T) {
		for _, operation := range []string{"BatchWriteItem", "BatchGetItem"} {
			s.engine.Inject(repotest.Rule{Operation: operation, Chance: 0.4, Fault: repotest.Unprocessed()})
		}
		out, err := batch.WriteItems(t.Context(), s.client, in, batch.Options{Workers: 3})
		if err != nil || len(out.UnprocessedItems) != 0 || len(out.ConsumedCapacity) != 2 || *out.ConsumedCapacity[0].CapacityUnits != 120 {
			t.Fatalf("%+v, %v", out, err)
		}
		got, err := batch.GetItems(t.Context(), s.client, keys, batch.Options{Consistent: true})
		if err != nil || len(got.Responses["yard"]) != 120 || len(got.Responses["other"]) != 120 || len(got.ConsumedCapacity) != 2 {
			t.Fatalf("%d and %d rows, %v", len(got.Responses["yard"]), len(got.Responses["other"]), err)
		}
		for _, r := range s.wire.requests("BatchGetItem") {
			if !strings.Contains(string(r.body), `"ConsistentRead":true`) {
				t.Fatal("a read is not consistent")
			}
		}
	})
	if len(in.RequestItems["yard"]) != 120 || len(keys.RequestItems["yard"].Keys) != 121 || keys.RequestItems["yard"].ConsistentRead != nil {
		t.Error("the input was changed")
	}
	checkRequests(t, s.wire.requests(""), 12<<20)
}

// What is not written is named by its place and its table, and given back.
func TestRawFailures(t *testing.T) {
	s := newSite(t)
	if err := createLike(t, s, "other"); err != nil {
		t.Fatal(err)
	}
	s.wire.answer = poisoned
	in := map[string][]types.WriteRequest{
		"missing": {rawPut(1, nil), rawPut(2, nil)},
		"other":   {rawPut(1, nil), {}, rawPut(2, map[string]types.AttributeValue{"x": nil}), rawPut(3, nil)},
		"yard":    {rawPut(1, nil), rawPut(2, map[string]types.AttributeValue{"x": &types.AttributeValueMemberS{Value: "poison"}}), rawPut(3, nil), {PutRequest: &types.PutRequest{}}},
	}
	out, err := batch.WriteItems(t.Context(), s.client, &dynamodb.BatchWriteItemInput{RequestItems: in}, batch.Options{})
	e := balance(t, err, 10)
	got := ""
	for _, f := range e.Failures {
		got += fmt.Sprintf("%d %s %v; ", f.Index, f.Table, f.State)
	}
	if want := "0 missing unprocessed; 1 missing unprocessed; 3 other rejected; 4 other rejected; 7 yard rejected; 9 yard rejected; "; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var missing *types.ResourceNotFoundException
	if !errors.As(err, &missing) || !errors.Is(err, batch.ErrInvalid) {
		t.Errorf("%v", err)
	}
	if len(out.UnprocessedItems) != 1 || len(out.UnprocessedItems["missing"]) != 2 {
		t.Errorf("given back: %v", out.UnprocessedItems)
	}
	keys := map[string]types.KeysAndAttributes{"missing": {Keys: []map[string]types.AttributeValue{rawKey(1)}}, "yard": {Keys: []map[string]types.AttributeValue{rawKey(1), {}, rawKey(3)}}}
	read, err := batch.GetItems(t.Context(), s.client, &dynamodb.BatchGetItemInput{RequestItems: keys}, batch.Options{})
	if e := balance(t, err, 4); e.Unprocessed != 1 || e.Rejected != 1 || len(read.Responses["yard"]) != 2 || len(read.UnprocessedKeys["missing"].Keys) != 1 {
		t.Errorf("%v, %v", err, read)
	}
}

func TestRawDuplicates(t *testing.T) {
	for _, tc := range []struct {
		reason string
		list   []types.WriteRequest
		keys   map[string][]string
		sent   bool
	}{
		{"equal in every attribute", []types.WriteRequest{rawPut(1, map[string]types.AttributeValue{"a": n("1.0")}), rawPut(1, map[string]types.AttributeValue{"a": n("1")})}, nil, false},
		{"a delete shows the key", []types.WriteRequest{rawPut(1, map[string]types.AttributeValue{"a": n("1")}), rawDelete(1)}, nil, false},
		{"the key attributes are named", []types.WriteRequest{rawPut(1, map[string]types.AttributeValue{"a": n("1")}), rawPut(1, map[string]types.AttributeValue{"a": n("2")})}, map[string][]string{"yard": {"pk", "sk"}}, false},
		{"only the service can tell", []types.WriteRequest{rawPut(1, map[string]types.AttributeValue{"a": n("1")}), rawPut(1, map[string]types.AttributeValue{"a": n("2")})}, nil, true},
	} {
		s := newSite(t)
		in := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"yard": tc.list}}
		_, err := batch.WriteItems(t.Context(), s.client, in, batch.Options{Keys: tc.keys})
		if e := balance(t, err, 2); !errors.Is(err, batch.ErrDuplicate) || e.Rejected != 2 {
			t.Errorf("%s: %v", tc.reason, err)
		}
		if sent := len(s.wire.requests("")) > 0; sent != tc.sent || len(s.stored(t)) > 0 {
			t.Errorf("%s: sent %v", tc.reason, sent)
		}
		if tc.sent {
			continue
		}
		if _, err := batch.WriteItems(t.Context(), s.client, in, batch.Options{Keys: tc.keys, Duplicates: batch.LastWins}); err != nil {
			t.Errorf("%s, and the last one wins: %v", tc.reason, err)
		}
		if n := len(s.wire.requests("")); n != 1 {
			t.Errorf("%s: %d requests", tc.reason, n)
		}
	}
}

// An answer that names what was not asked leaves nothing unsaid: what may not be written is sent again.
func TestAnAnswerThatNamesAStranger(t *testing.T) {
	s := newSite(t)
	s.wire.answer = func(n int, _ string, _ []byte) *http.Response {
		if n > 0 {
			return nil
		}
		return reply(http.StatusOK, `{"UnprocessedItems":{"yard":[{"PutRequest":{"Item":{"pk":{"S":"DOCK#9"},"sk":{"S":"CRATE#stranger"}}}}]}}`)
	}
	synctest.Test(t, func(t *testing.T) {
		if err := batch.New(s.crates, batch.Options{}).Put(t.Context(), crates(5)...); err != nil {
			t.Error(err)
		}
	})
	if got := len(s.stored(t)); got != 5 {
		t.Errorf("%d stored", got)
	}
}
