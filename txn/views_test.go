package txn_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
	"github.com/monotable/monotable/txn"
)

// Views that concern how something is read or sent leave each kind of operation as it is.
func TestViewsThatChangeNoOperation(t *testing.T) {
	s := openShop(repotest.NewClient())
	type accounts = *repo.Repository[account]
	kinds := map[string]func(accounts) txn.Operation{
		"Create": func(r accounts) txn.Operation { return txn.Create(r, account{ID: "a"}) },
		"Put":    func(r accounts) txn.Operation { return txn.Put(r, account{ID: "a"}) },
		"Update": func(r accounts) txn.Operation { return txn.Update(r, account{ID: "a"}, accountBalance.Add(1)) },
		"Upsert": func(r accounts) txn.Operation { return txn.Upsert(r, account{ID: "a"}, accountBalance.Add(1)) },
		"Delete": func(r accounts) txn.Operation { return txn.Delete(r, account{ID: "a"}) },
		"Check":  func(r accounts) txn.Operation { return txn.Check(r, account{ID: "a"}) },
	}
	views := map[string]accounts{
		"Consistent":  s.accounts.Consistent(),
		"With":        s.accounts.With(func(*dynamodb.Options) {}),
		"ExactlyOnce": s.accounts.ExactlyOnce(),
		"WithExpired": s.accounts.WithExpired(),
	}
	for kind, make := range kinds {
		want, err := txn.New(s.client).Add(make(s.accounts)).Input()
		if err != nil {
			t.Fatal(err)
		}
		for view, r := range views {
			got, err := txn.New(s.client).Add(make(r)).Input()
			if err != nil {
				t.Errorf("%s through %s: %v", kind, view, err)
				continue
			}
			if diff := cmp.Diff(readable(t, kind, written(t, want)), readable(t, kind, written(t, got))); diff != "" {
				t.Errorf("%s through %s: -plain +view\n%s", kind, view, diff)
			}
		}
	}
}

// The first operation's repository says how the transaction is sent.
func TestOptionsOfTheFirstOperation(t *testing.T) {
	s, engine := newShop(t)
	var used []string
	with := func(name string) *repo.Repository[account] {
		return s.accounts.With(func(*dynamodb.Options) { used = append(used, name) })
	}
	s.commit(t, txn.Create(with("first"), account{ID: "a"}), txn.Create(with("second"), account{ID: "b"}))
	if diff := cmp.Diff([]string{"first"}, used); diff != "" {
		t.Errorf("options used: -want +got\n%s", diff)
	}
	if n := engine.Requests("TransactWriteItems"); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// Input is a copy of its own each time: what the caller does to one changes neither another nor what is sent.
func TestInputIsPrivate(t *testing.T) {
	s, engine := newShop(t)
	s.commit(t, aCustomer(s), aDocument(s), anAccount(s))
	rich := account{ID: "a2", Balance: 1, Limits: map[string]int64{"day": 1}, Labels: []string{"x"}, Seal: []byte("seal"),
		Seals: [][]byte{[]byte("one"), []byte("two")}, Log: []string{"a"}, Notes: map[string]string{"k": "v"}}
	tx := txn.New(s.client).Token("mine").Add(
		txn.Put(s.accounts.If(accountBalance.NotExists()), rich),
		txn.Update(s.customers.If(customerEmail.Eq("ada@example.com")), customer{ID: "ada"}, customerEmail.Set("lovelace@example.com")),
		txn.Delete(s.documents.If(documentText.Eq("first")), document{ID: "d1", Version: 1}),
		txn.Check(s.accounts.If(accountBalance.Ge(100)), account{ID: "a1"}),
	)
	first, err := tx.Input()
	if err != nil {
		t.Fatal(err)
	}
	before := string(written(t, first))
	spoil(first)
	second, err := tx.Input()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(decoded(t, before), decoded(t, string(written(t, second)))); diff != "" {
		t.Errorf("another Input, after one was changed: -before +after\n%s", diff)
	}
	spoil(second)
	var sent string
	defer engine.Observe(func(e repotest.Event) { sent = string(e.Request) })()
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(decoded(t, before), decoded(t, sent)); diff != "" {
		t.Errorf("Commit, after its Inputs were changed: -before +after\n%s", diff)
	}
}

func decoded(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}
