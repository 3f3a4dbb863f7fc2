package txn_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/txn"
)

// A unique rename, a version bump, an index that follows and a counter in one transaction.
func renaming(s *shop) []txn.Operation {
	return []txn.Operation{
		txn.Update(s.customers.If(customerEmail.Eq("ada@example.com")), customer{ID: "ada", Version: 1}, customerEmail.Set("lovelace@example.com")),
		txn.Update(s.orders.If(orderStatus.Eq("open")), anOrder("o1"), orderStatus.Set("shipped")),
		txn.Update(s.documents, document{ID: "d1"}, documentReads.Add(1)),
	}
}

func renamed(lines []string) []string {
	change := strings.NewReplacer(
		`"email":{"S":"ada@example.com"},"id":{"S":"ada"},"orders":{"N":"0"},"pk":{"S":"CUSTOMER#ada"},"sk":{"S":"PROFILE"},"version":{"N":"1"}`,
		`"email":{"S":"lovelace@example.com"},"id":{"S":"ada"},"orders":{"N":"0"},"pk":{"S":"CUSTOMER#ada"},"sk":{"S":"PROFILE"},"version":{"N":"2"}`,
		`$UNIQUE#Customer#email#ada@example.com`, `$UNIQUE#Customer#email#lovelace@example.com`,
		`STATUS#open`, `STATUS#shipped`, `"status":{"S":"open"}`, `"status":{"S":"shipped"}`,
		`"reads":{"N":"0"}`, `"reads":{"N":"1"}`, `"text":{"S":"first"},"version":{"N":"1"}`, `"text":{"S":"first"},"version":{"N":"2"}`,
	)
	var out []string
	for _, line := range lines {
		out = append(out, change.Replace(line))
	}
	slices.Sort(out)
	return out
}

// Two items swap their unique values.
func swapping(s *shop) []txn.Operation {
	return []txn.Operation{
		txn.Update(s.customers.If(customerEmail.Eq("ada@example.com")), customer{ID: "ada"}, customerEmail.Set("bob@example.com")),
		txn.Update(s.customers.If(customerEmail.Eq("bob@example.com")), customer{ID: "bob"}, customerEmail.Set("ada@example.com")),
	}
}

func swapped(lines []string) []string {
	change := strings.NewReplacer(
		`"email":{"S":"ada@example.com"},"id":{"S":"ada"}`, `"email":{"S":"bob@example.com"},"id":{"S":"ada"}`,
		`"email":{"S":"bob@example.com"},"id":{"S":"bob"}`, `"email":{"S":"ada@example.com"},"id":{"S":"bob"}`,
		`"version":{"N":"1"}`, `"version":{"N":"2"}`,
		`{"S":"CUSTOMER#ada"},{"S":"PROFILE"}`, `{"S":"CUSTOMER#bob"},{"S":"PROFILE"}`, // the owners
		`{"S":"CUSTOMER#bob"},{"S":"PROFILE"}`, `{"S":"CUSTOMER#ada"},{"S":"PROFILE"}`,
	)
	var out []string
	for _, line := range lines {
		out = append(out, change.Replace(line))
	}
	slices.Sort(out)
	return out
}

// Three items pass their unique values round.
func rotating(s *shop) []txn.Operation {
	pass := func(id, from, to string) txn.Operation {
		return txn.Update(s.customers.If(customerEmail.Eq(from+"@example.com")), customer{ID: id, Version: 1}, customerEmail.Set(to+"@example.com"))
	}
	return []txn.Operation{pass("ada", "ada", "bob"), pass("bob", "bob", "cyd"), pass("cyd", "cyd", "ada")}
}

// Guards, versions and index keys are right after a success, a cancellation and lost answers alike.
func TestGuardsAndVersions(t *testing.T) {
	known := func(id string) func(*shop) txn.Operation {
		return func(s *shop) txn.Operation {
			return txn.Create(s.customers, customer{ID: id, Email: id + "@example.com"})
		}
	}
	poor := func(s *shop) txn.Operation {
		return txn.Check(s.accounts.If(accountBalance.Ge(1000)), account{ID: "a1"})
	}
	for _, story := range []struct {
		reason     string
		given      func(*shop) []txn.Operation
		ops        func(*shop) []txn.Operation
		after      func([]string) []string
		operations int
	}{
		{"a unique rename, a version and a counter", there(anAccount, aCustomer, openOrder, aDocument), renaming, renamed, 5},
		{"a swap of unique values", there(anAccount, known("ada"), known("bob")), swapping, swapped, 4},
		{"unique values go round", there(anAccount, known("ada"), known("bob"), known("cyd")), rotating, nil, 6},
	} {
		for _, fate := range []struct {
			reason  string
			steps   []step
			extra   []func(*shop) txn.Operation
			unknown int // commits that end without knowing
			want    error
		}{
			{reason: "success"},
			{reason: "a conflict, then success", steps: []step{conflicting}},
			{reason: "the answer is lost", steps: []step{lostAfter}},
			{reason: "the request is lost", steps: []step{lostBefore}},
			{reason: "all answers are lost", steps: five(lostAfter), unknown: 1},
			{reason: "all requests are lost", steps: five(lostBefore), unknown: 1},
			{reason: "canceled", extra: []func(*shop) txn.Operation{poor}, want: repo.ErrConditionFailed},
			{reason: "canceled once the request was lost", steps: []step{lostBefore}, extra: []func(*shop) txn.Operation{poor}, want: repo.ErrConditionFailed},
			{reason: "canceled when resumed", steps: five(lostBefore), extra: []func(*shop) txn.Operation{poor}, unknown: 1, want: repo.ErrConditionFailed},
		} {
			where := story.reason + ", " + fate.reason
			synctest.Test(t, func(t *testing.T) {
				plain, _ := newShop(t)
				plain.commit(t, story.given(plain)...)
				before := rows(t, plain)
				script := &script{}
				script.do = func(n int, send send) (*http.Response, error) {
					if n <= len(fate.steps) {
						return fate.steps[n-1](send)
					}
					return send()
				}
				s := openShop(through(plain.client, script))
				tx := txn.New(s.client).Add(story.ops(s)...)
				if n := tx.Operations(); n != story.operations {
					t.Errorf("%s: %d operations, want %d", where, n, story.operations)
				}
				for _, op := range fate.extra {
					tx.Add(op(s))
				}
				for range fate.unknown {
					if err := tx.Commit(t.Context()); !errors.Is(err, txn.ErrOutcomeUnknown) {
						t.Errorf("%s: error %v, want %v", where, err, txn.ErrOutcomeUnknown)
					}
				}
				if err := tx.Commit(t.Context()); !errors.Is(err, fate.want) {
					t.Errorf("%s: error %v, want %v", where, err, fate.want)
				}
				checkGuards(t, where, plain)
				want := before
				if fate.want == nil {
					if story.after == nil {
						return
					}
					want = story.after(before)
				}
				if diff := cmp.Diff(want, rows(t, plain)); diff != "" {
					t.Errorf("%s: the table: -want +got\n%s", where, diff)
				}
			})
		}
	}
}

// checkGuards expects exactly one guard for each customer's value, which names the customer.
func checkGuards(t *testing.T, where string, s *shop) {
	t.Helper()
	want, got := map[string]string{}, map[string]string{}
	for _, line := range rows(t, s) {
		it := decoded(t, line).(map[string]any)
		at := func(name string) string {
			m, _ := it[name].(map[string]any)
			text, _ := m["S"].(string)
			return text
		}
		switch at("_type") {
		case "Customer":
			want["$UNIQUE#Customer#email#"+at("email")] = at("pk")
		case "$UNIQUE":
			owner := it["_owner"].(map[string]any)["L"].([]any)[0].(map[string]any)["S"].(string)
			got[at("pk")] = owner
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: the guards and their owners: -want +got\n%s", where, diff)
	}
}

// A value that a third item has stops a swap, and the operation that wanted it is named.
func TestSwapWithAValueThatIsTaken(t *testing.T) {
	s, _ := newShop(t)
	for _, id := range []string{"ada", "bob", "cyd"} {
		s.commit(t, txn.Create(s.customers, customer{ID: id, Email: id + "@example.com"}))
	}
	before := rows(t, s)
	err := txn.New(s.client).Add(
		txn.Update(s.customers.If(customerEmail.Eq("ada@example.com")), customer{ID: "ada"}, customerEmail.Set("bob@example.com")),
		txn.Update(s.customers.If(customerEmail.Eq("bob@example.com")), customer{ID: "bob"}, customerEmail.Set("cyd@example.com")),
	).Commit(t.Context())
	checkSentinels(t, "taken", err, repo.ErrNotUnique)
	canceled, ok := errors.AsType[*txn.CanceledError](err)
	if !ok || canceled.Reasons[0].Err != nil || !errors.Is(canceled.Reasons[1].Err, repo.ErrNotUnique) {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(before, rows(t, s)); diff != "" {
		t.Errorf("something was written: %s", diff)
	}
}

// foreign has the guard of ada's value name another owner, as old data may.
func foreign(t *testing.T, s *shop) {
	t.Helper()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	owner := &types.AttributeValueMemberL{Value: []types.AttributeValue{text("CUSTOMER#somebody"), text("PROFILE")}}
	_, err := s.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &shopTable.Name, Item: map[string]types.AttributeValue{
		"pk": text("$UNIQUE#Customer#email#ada@example.com"), "sk": text("$UNIQUE"), "_type": text("$UNIQUE"), "_owner": owner,
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// A guard that was to go and is another item's is left alone: it is nobody's fault, whatever else fails.
func TestForeignGuards(t *testing.T) {
	remove := func(s *shop) txn.Operation {
		return txn.Delete(s.customers.If(customerEmail.Eq("ada@example.com")), customer{ID: "ada"})
	}
	rename := func(s *shop) txn.Operation {
		return txn.Update(s.customers.If(customerEmail.Eq("ada@example.com")), customer{ID: "ada"}, customerEmail.Set("lovelace@example.com"))
	}
	nobody := func(s *shop) txn.Operation { return txn.Check(s.accounts, account{ID: "nobody"}) }
	taken := func(s *shop) txn.Operation { return txn.Create(s.accounts, account{ID: "a1"}) }
	for _, c := range []struct {
		reason   string
		ops      []func(*shop) txn.Operation
		blamed   []int
		requests int
		gone     bool // the customer is not as it was
	}{
		{"a deletion", []func(*shop) txn.Operation{remove}, nil, 2, true},
		{"a rename", []func(*shop) txn.Operation{rename}, nil, 2, true},
		{"a deletion beside a check that fails", []func(*shop) txn.Operation{remove, nobody}, []int{1}, 2, false},
		{"a check that fails beside a rename", []func(*shop) txn.Operation{nobody, rename, taken}, []int{0, 2}, 2, false},
	} {
		s, engine := newShop(t)
		s.commit(t, aCustomer(s), anAccount(s))
		foreign(t, s)
		tx := txn.New(s.client)
		for _, op := range c.ops {
			tx.Add(op(s))
		}
		before := engine.Requests()
		err := tx.Commit(t.Context())
		if n := engine.Requests() - before; n != c.requests {
			t.Errorf("%s: %d requests, want %d", c.reason, n, c.requests)
		}
		if (err == nil) != (c.blamed == nil) {
			t.Errorf("%s: error %v", c.reason, err)
		}
		if canceled, ok := errors.AsType[*txn.CanceledError](err); ok {
			for i, r := range canceled.Reasons {
				if guilty := slices.Contains(c.blamed, i); (r.Err != nil) != guilty || (r.Code != "None") != guilty {
					t.Errorf("%s: the reason of operation %d is %s, %v", c.reason, i, r.Code, r.Err)
				}
			}
		}
		left := strings.Join(rows(t, s), "\n")
		if !strings.Contains(left, "CUSTOMER#somebody") {
			t.Errorf("%s: the other item's guard is gone", c.reason)
		}
		if was := strings.Contains(left, `"email":{"S":"ada@example.com"}`); was == c.gone {
			t.Errorf("%s: the table is\n%s", c.reason, left)
		}
	}
}

// With a caller's own key, repeating a transaction that left a foreign guard alone does nothing.
func TestForeignGuardsUnderTheCallersKey(t *testing.T) {
	s, _ := newShop(t)
	s.commit(t, aCustomer(s))
	foreign(t, s)
	for range 2 {
		err := txn.New(s.client).Token("rename").Add(
			txn.Update(s.customers.If(customerEmail.Eq("ada@example.com")), customer{ID: "ada"}, customerEmail.Set("lovelace@example.com")),
			txn.Upsert(s.accounts, account{ID: "a1"}, accountBalance.Add(1)),
		).Commit(t.Context())
		if err != nil {
			t.Error(err)
		}
	}
	a, err := s.accounts.Get(t.Context(), account{ID: "a1"})
	if err != nil || a.Balance != 1 {
		t.Errorf("the counter is %d: %v", a.Balance, err)
	}
}
