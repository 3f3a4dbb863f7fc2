package txn_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
	"github.com/monotable/monotable/txn"
)

// canary stands in every key and value below, and must be in no text.
const canary = "ca#na$ry"

func checkQuiet(t *testing.T, where string, v any) {
	t.Helper()
	texts := []string{fmt.Sprintf("%v", v), fmt.Sprintf("%+v", v), fmt.Sprintf("%s", v)}
	if err, ok := v.(error); ok {
		texts = append(texts, err.Error())
	}
	for _, text := range texts {
		for _, form := range []string{canary, "ca$23na$24ry", "na$ry", "na$24ry"} {
			if strings.Contains(text, form) {
				t.Errorf("%s: a value is shown: %s", where, text)
			}
		}
	}
}

// secretOps are operations of all kinds, full of canaries.
func secretOps(s *shop) []txn.Operation {
	o := order{CustomerID: canary, ID: canary, Status: canary, PlacedAt: morning, Channel: canary}
	return []txn.Operation{
		txn.Create(s.orders, o),
		txn.Put(s.accounts.If(accountNotes.Key(canary).Ne(canary)), account{ID: canary, Notes: map[string]string{canary: canary}}),
		txn.Update(s.customers.If(customerEmail.Eq(canary)), customer{ID: canary}, customerEmail.Set(canary+"2")),
		txn.Upsert(s.documents, document{ID: canary}, documentText.Set(canary)),
		txn.Delete(s.members.If(memberNick.Eq(canary), memberBadge.Eq(canary)), member{Team: canary, ID: canary}),
		txn.Check(s.notes.If(noteText.Eq(canary)), note{Board: canary, ID: canary}),
	}
}

func TestErrorsOfTheServiceAreNotQuoted(t *testing.T) {
	stored := `"Item":{"pk":{"S":"` + canary + `"},"sk":{"S":"` + canary + `"},"_type":{"S":"` + canary + `"}}`
	reason := func(code string) string {
		return `{"Code":"` + code + `","Message":"` + canary + `",` + stored + `}`
	}
	all := func(code string) string {
		list := make([]string, 10)
		for i := range list {
			list[i] = reason(code)
		}
		return `{"__type":"x#TransactionCanceledException","Message":"` + canary + `","CancellationReasons":[` + strings.Join(list, ",") + `]}`
	}
	for _, c := range []struct {
		reason string
		do     step
	}{
		{"failed conditions", func(send) (*http.Response, error) { return answer(400, all("ConditionalCheckFailed")), nil }},
		{"conflicts", func(send) (*http.Response, error) { return answer(400, all("TransactionConflict")), nil }},
		{"invalid operations", func(send) (*http.Response, error) { return answer(400, all("ValidationError")), nil }},
		{"an invalid transaction", func(send) (*http.Response, error) {
			return answer(400, `{"__type":"x#ValidationException","message":"`+canary+`"}`), nil
		}},
		{"a server error", func(send) (*http.Response, error) {
			return answer(500, `{"__type":"x#InternalServerError","message":"`+canary+`"}`), nil
		}},
		{"a mismatch", func(send) (*http.Response, error) {
			return answer(400, `{"__type":"x#IdempotentParameterMismatchException","Message":"`+canary+`"}`), nil
		}},
		{"a broken connection", func(send) (*http.Response, error) { return nil, errors.New("dial " + canary) }},
		{"an answer that is no JSON", func(send) (*http.Response, error) { return answer(200, canary), nil }},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := openShop(through(repotest.NewClient(), &script{do: func(_ int, send send) (*http.Response, error) { return c.do(send) }}))
			tx := txn.New(s.client).Token(canary).Add(secretOps(s)...)
			read := txn.Read(t.Context(), s.client, txn.Get(s.accounts, account{ID: canary}, new(account)), txn.Get(s.notes, note{Board: canary, ID: canary}, new(note)))
			for call, err := range map[string]error{"Commit": tx.Commit(t.Context()), "Commit again": tx.Commit(t.Context()), "Read": read} {
				if err == nil {
					t.Errorf("%s, %s: no error", c.reason, call)
					continue
				}
				checkQuiet(t, c.reason+", "+call, err)
				if canceled, ok := errors.AsType[*txn.CanceledError](err); ok {
					for _, r := range canceled.Reasons {
						checkQuiet(t, c.reason+", a reason", r)
						_, _, err := txn.Stored(s.orders, r)
						checkQuiet(t, c.reason+", Stored", err)
					}
				}
			}
		})
	}
}

func TestRefusalsAreNotQuoted(t *testing.T) {
	s := openShop(repotest.NewClient())
	for reason, ops := range map[string][]txn.Operation{
		"two operations on one item":  {txn.Delete(s.accounts, account{ID: canary}), txn.Check(s.accounts, account{ID: canary})},
		"one unique value twice":      {txn.Create(s.customers, customer{ID: "1", Email: canary}), txn.Create(s.customers, customer{ID: "2", Email: canary})},
		"a key that cannot be":        {txn.Delete(s.accounts, account{ID: canary + "\xff"})},
		"an over-long key":            {txn.Delete(s.accounts, account{ID: strings.Repeat(canary, 400)})},
		"a value that cannot be":      {txn.Put(s.accounts, account{ID: canary, Log: []string{canary + "\xff"}})},
		"an incomplete key":           {txn.Delete(s.orders, order{ID: canary})},
		"a unique value not pinned":   {txn.Delete(s.customers, customer{ID: canary, Email: canary})},
		"a stale index":               {txn.Update(s.orders, order{CustomerID: canary, ID: canary}, orderStatus.Set("open"))},
		"an immutable field":          {txn.Update(s.orders, order{CustomerID: canary, ID: canary}, orderChannel.Set(canary))},
		"Validate":                    {txn.Create(s.orders, order{CustomerID: canary, ID: canary, PlacedAt: morning, Total: -1})},
		"a part of what is unique":    {txn.Create(s.members, member{Team: canary, ID: canary, Nick: canary})},
		"a create through conditions": {txn.Create(s.accounts.If(accountID.Eq(canary)), account{ID: canary})},
		"too large":                   repeat(101, func(i int) txn.Operation { return txn.Delete(s.accounts, account{ID: fmt.Sprint(canary, i)}) }),
	} {
		tx := txn.New(s.client).Token(canary).Add(ops...)
		err := tx.Commit(t.Context())
		if !errors.Is(err, txn.ErrInvalid) {
			t.Errorf("%s: error %v", reason, err)
		}
		checkQuiet(t, reason, err)
	}
	for reason, get := range map[string]txn.Reading{
		"a key that cannot be": txn.Get(s.accounts, account{ID: canary + "\xff"}, new(account)),
		"an incomplete key":    txn.Get(s.orders, order{ID: canary}, new(order)),
	} {
		checkQuiet(t, "Read: "+reason, txn.Read(t.Context(), s.client, get))
	}
}

// A read of what is stored otherwise says where, and nothing of what is there.
func TestDamagedItemsAreNotQuoted(t *testing.T) {
	s, _ := newShop(t)
	if _, err := repo.Must(repo.New[damagedAccount](s.client, shopTable)).Put(t.Context(), damagedAccount{ID: canary, Balance: canary}); err != nil {
		t.Fatal(err)
	}
	s.commit(t, txn.Create(s.notes, note{Board: canary, ID: canary}))
	for reason, get := range map[string]txn.Reading{
		"a damaged item":            txn.Get(s.accounts, account{ID: canary}, new(account)),
		"an item of another entity": txn.Get(s.memos, memo{Board: canary, ID: canary}, new(memo)),
		"a missing item":            txn.Get(s.accounts, account{ID: canary + "x"}, new(account)),
	} {
		err := txn.Read(t.Context(), s.client, get)
		if err == nil {
			t.Errorf("%s: no error", reason)
		}
		checkQuiet(t, reason, err)
	}
}

func TestValuesOfThePackagePrintQuietly(t *testing.T) {
	s := openShop(repotest.NewClient())
	tx := txn.New(s.client).Token(canary).Add(secretOps(s)...)
	var a account
	for where, c := range map[string]struct {
		v    fmt.Stringer
		want string
	}{
		"Txn":              {tx, "txn.Txn[Create Order, Put Account, Update Customer, Upsert Document, Delete Member, Check Note]"},
		"an empty Txn":     {txn.New(s.client), "txn.Txn[]"},
		"Operation":        {secretOps(s)[0], "Create Order"},
		"a wrong one":      {txn.Delete(s.orders, order{ID: canary}), "repo: Delete Order: field CustomerID: incomplete key: the field is empty, and the primary key needs it"},
		"the zero one":     {txn.Operation{}, "no operation"},
		"Reading":          {txn.Get(s.accounts, account{ID: canary}, &a), "Get Account"},
		"a wrong Reading":  {txn.Get(s.accounts, account{ID: canary}, nil), "the destination is nil"},
		"the zero Reading": {txn.Reading{}, "no read"},
	} {
		checkQuiet(t, where, c.v)
		if got := fmt.Sprintf("%+v", c.v); got != c.want {
			t.Errorf("%s prints as %q, want %q", where, got, c.want)
		}
	}
}
