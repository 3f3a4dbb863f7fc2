package batch_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/repo/repotest"
)

// entries are the keys that a request of a batch names, as JSON.
func entries(t *testing.T, r sent) (keys []string) {
	t.Helper()
	type row = map[string]json.RawMessage
	keyText := func(table string, r row) string { return fmt.Sprintf("%s %s %s", table, r["pk"], r["sk"]) }
	switch r.operation {
	case "BatchWriteItem":
		var in struct {
			RequestItems map[string][]struct {
				PutRequest    *struct{ Item row }
				DeleteRequest *struct{ Key row }
			}
		}
		if err := json.Unmarshal(r.body, &in); err != nil {
			t.Fatal(err)
		}
		for table, list := range in.RequestItems {
			for _, w := range list {
				if w.PutRequest != nil {
					keys = append(keys, keyText(table, w.PutRequest.Item))
				} else {
					keys = append(keys, keyText(table, w.DeleteRequest.Key))
				}
			}
		}
	case "BatchGetItem":
		var in struct {
			RequestItems map[string]struct{ Keys []row }
		}
		if err := json.Unmarshal(r.body, &in); err != nil {
			t.Fatal(err)
		}
		for table, of := range in.RequestItems {
			for _, key := range of.Keys {
				keys = append(keys, keyText(table, key))
			}
		}
	}
	return keys
}

// checkRequests checks what holds for every request of a batch, and returns how many there were.
func checkRequests(t *testing.T, requests []sent, budget int) int {
	t.Helper()
	for _, r := range requests {
		limit := map[string]int{"BatchWriteItem": 25, "BatchGetItem": 100}[r.operation]
		keys := entries(t, r)
		seen := map[string]bool{}
		for _, key := range keys {
			if seen[key] {
				t.Errorf("a %s names a key twice", r.operation)
			}
			seen[key] = true
		}
		if len(keys) == 0 || len(keys) > limit || len(r.body) > budget {
			t.Errorf("a %s has %d items in %d bytes; it may have 1 to %d, in %d", r.operation, len(keys), len(r.body), limit, budget)
		}
	}
	return len(requests)
}

func TestWithoutFaultsRequestsAreFull(t *testing.T) {
	for _, size := range []int{0, 1, 24, 25, 26, 50, 99, 100, 101, 999, 1000, 1001} {
		for _, workers := range []int{1, 3, 64} {
			s := newSite(t)
			b := batch.New(s.crates, batch.Options{Workers: workers})
			list := crates(size)
			ctx := t.Context()
			for _, step := range []struct {
				name  string
				limit int
				call  func() error
			}{
				{"Put", 25, func() error { return b.Put(ctx, list...) }},
				{"PutSeq", 25, func() error { return b.PutSeq(ctx, each(list)) }},
				{"Get", 100, func() error { _, err := b.Get(ctx, list...); return err }},
				{"GetSeq", 100, func() error {
					for _, err := range b.GetSeq(ctx, each(list)) {
						if err != nil {
							return err
						}
					}
					return nil
				}},
				{"Delete", 25, func() error { return b.Delete(ctx, list...) }},
				{"DeleteSeq", 25, func() error { return b.DeleteSeq(ctx, each(list)) }},
			} {
				s.wire.reset()
				if err := step.call(); err != nil {
					t.Fatalf("%s of %d: %v", step.name, size, err)
				}
				if n, want := checkRequests(t, s.wire.requests(""), 12<<20), (size+step.limit-1)/step.limit; n != want {
					t.Errorf("%s of %d with %d workers: %d requests, want %d", step.name, size, workers, n, want)
				}
			}
		}
	}
}

// What a request may hold is counted as it is sent: escapes and all.
func TestByteBudget(t *testing.T) {
	texts := []string{"x", `"`, `\`, "\n", "\x01", "é", "\u2028", "<&>", "😀"}
	for _, budget := range []int{2000, 10_000, 100_000, 12 << 20} {
		s := newSite(t)
		rng := rand.New(rand.NewPCG(uint64(budget), 2))
		list := crates(300)
		for i := range list {
			list[i].Body = strings.Repeat(texts[rng.IntN(len(texts))], rng.IntN(60))
			list[i].Tags = []string{texts[rng.IntN(len(texts))], "b"}
		}
		b := batch.New(s.crates, batch.Options{Bytes: budget})
		if err := b.Put(t.Context(), list...); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Get(t.Context(), list...); err != nil || len(got) != len(list) {
			t.Fatalf("%d read, %v", len(got), err)
		}
		checkRequests(t, s.wire.requests("BatchWriteItem"), budget)
		checkRequests(t, s.wire.requests("BatchGetItem"), budget)
	}
}

// With items of one size the fewest requests are those that are as full as the budget allows.
func TestByteBudgetIsUsed(t *testing.T) {
	s := newSite(t)
	list := crates(100)
	for i := range list {
		list[i].Body = strings.Repeat("x", 1000)
	}
	if err := batch.New(s.crates, batch.Options{}).Put(t.Context(), list[:1]...); err != nil {
		t.Fatal(err)
	}
	one := len(s.wire.requests("BatchWriteItem")[0].body)
	s.wire.reset()
	if err := batch.New(s.crates, batch.Options{Bytes: 10*one + 200}).Put(t.Context(), list...); err != nil {
		t.Fatal(err)
	}
	if n := checkRequests(t, s.wire.requests("BatchWriteItem"), 10*one+200); n != 10 {
		t.Errorf("%d requests of ten items each, want 10", n)
	}
}

// The largest items that there are fill requests by their bytes: 25 of 399 KB with quotes do not fit into 16 MB.
func TestLargeItemsThatNeedEscapes(t *testing.T) {
	s := newSite(t)
	list := crates(25)
	for i := range list {
		list[i].Body = strings.Repeat(`"`, 399<<10)
	}
	if err := batch.New(s.crates, batch.Options{}).Put(t.Context(), list...); err != nil {
		t.Fatal(err)
	}
	if n := checkRequests(t, s.wire.requests("BatchWriteItem"), 12<<20); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

// Items left over go together with those that wait, so that the requests stay full.
func TestLeftoversFillRequests(t *testing.T) {
	for _, tc := range []struct {
		size   int
		chance float64
	}{{1000, 0.2}, {2000, 0.35}} {
		s := newSite(t)
		synctest.Test(t, func(t *testing.T) {
			s.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Chance: tc.chance, Fault: repotest.Unprocessed()})
			if err := batch.New(s.crates, batch.Options{Workers: 4}).Put(t.Context(), crates(tc.size)...); err != nil {
				t.Fatal(err)
			}
		})
		items := 0
		for _, r := range s.wire.requests("BatchWriteItem") {
			items += len(entries(t, r))
		}
		n := checkRequests(t, s.wire.requests("BatchWriteItem"), 12<<20)
		t.Logf("%d requests for %d items sent", n, items)
		// The workers' turns are drawn by the scheduler, and a worker that finds little waiting sends that: a tenth more at most.
		if fewest := (items + 24) / 25; n > fewest+fewest/10 {
			t.Errorf("%d requests for %d items, and %d would do", n, items, fewest)
		}
	}
}

// A leftover is sent again byte for byte, in every table that the answer names; a get keeps how it is to be read.
func TestLeftoversAreSentAsTheyCameBack(t *testing.T) {
	s := newSite(t)
	other := yard
	other.Name = "other"
	if err := createLike(t, s, other.Name); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s.wire.after = func(int, string) { s.engine.Heal() }
		s.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Fault: repotest.Unprocessed()})
		writes := map[string][]types.WriteRequest{}
		keys := map[string]types.KeysAndAttributes{}
		for _, table := range []string{"yard", "other"} {
			of := types.KeysAndAttributes{ConsistentRead: aws.Bool(true), ProjectionExpression: aws.String("#p, pk"), ExpressionAttributeNames: map[string]string{"#p": "payload"}}
			for i := range 3 {
				key := rawKey(i)
				row := rawKey(i)
				row["payload"] = &types.AttributeValueMemberN{Value: "1.50"}
				writes[table] = append(writes[table], types.WriteRequest{PutRequest: &types.PutRequest{Item: row}})
				of.Keys = append(of.Keys, key)
			}
			keys[table] = of
		}
		if out, err := batch.WriteItems(t.Context(), s.client, &dynamodb.BatchWriteItemInput{RequestItems: writes}, batch.Options{}); err != nil || len(out.UnprocessedItems) > 0 {
			t.Fatalf("%v, %v", out, err)
		}
		s.engine.Inject(repotest.Rule{Operation: "BatchGetItem", Fault: repotest.Unprocessed()})
		out, err := batch.GetItems(t.Context(), s.client, &dynamodb.BatchGetItemInput{RequestItems: keys}, batch.Options{})
		if err != nil || len(out.Responses["yard"]) != 3 || len(out.Responses["other"]) != 3 || len(out.UnprocessedKeys) > 0 {
			t.Fatalf("%v, %v", out, err)
		}
		if row := out.Responses["other"][0]; len(row) != 2 {
			t.Errorf("a row of a projection has %d attributes, want 2", len(row))
		}
	})
	gets := s.wire.requests("BatchGetItem")
	if len(gets) != 2 || !sameJSON(t, gets[0].body, gets[1].body) {
		t.Errorf("%d requests, want the same one twice", len(gets))
	}
	puts := s.wire.requests("BatchWriteItem")
	if len(puts) != 2 || len(entries(t, puts[1])) != 6 {
		t.Errorf("%d requests, want twice the six puts of two tables", len(puts))
	}
}

func rawKey(i int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: fmt.Sprint("p", i)}, "sk": &types.AttributeValueMemberS{Value: "s"}}
}

func createLike(t *testing.T, s *site, name string) error {
	t.Helper()
	_, err := s.engine.Client().CreateTable(t.Context(), &dynamodb.CreateTableInput{TableName: aws.String(name), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS}, {AttributeName: aws.String("sk"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange}}})
	return err
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		t.Fatal("no JSON")
	}
	return fmt.Sprint(x) == fmt.Sprint(y)
}
