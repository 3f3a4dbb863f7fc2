package txn_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
	"github.com/monotable/monotable/txn"
)

// Items of several entities come from one moment, in one request, each where it belongs whatever the order.
func TestRead(t *testing.T) {
	s, engine := newShop(t)
	s.commit(t, anAccount(s), aCustomer(s), aDocument(s), openOrder(s))
	var a account
	var c customer
	var d document
	gets := []txn.Reading{
		txn.Get(s.documents, document{ID: "d1", Text: "ignored", Version: 99}, &d),
		txn.Get(s.accounts, account{ID: "a1"}, &a),
		txn.Get(s.customers.Consistent(), customer{ID: "ada"}, &c),
	}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}} {
		a, c, d = account{ID: "old", Notes: map[string]string{"old": "old"}}, customer{ID: "old"}, document{ID: "old"}
		var turned []txn.Reading
		for _, i := range order {
			turned = append(turned, gets[i])
		}
		before := engine.Requests()
		if err := txn.Read(t.Context(), s.client, turned...); err != nil {
			t.Fatal(err)
		}
		if n := engine.Requests() - before; n != 1 || engine.Requests("TransactGetItems") == 0 {
			t.Errorf("%d requests", n)
		}
		want := []any{account{ID: "a1", Balance: 100, Limits: map[string]int64{"day": 50}}, customer{ID: "ada", Email: "ada@example.com", Version: 1}, document{ID: "d1", Text: "first", Version: 1}}
		if diff := cmp.Diff(want, []any{a, c, d}, cmp.AllowUnexported(a, c, d)); diff != "" {
			t.Errorf("in the order %v: -want +got\n%s", order, diff)
		}
	}
}

// What a missing or strange item does to a read. Destinations, found or not, stay as they were on every error.
func TestReadOutcomes(t *testing.T) {
	expired := anOrder("late")
	expired.ExpiresAt = morning.Add(-time.Second)
	s, _ := newShop(t)
	s.commit(t, openOrder(s), txn.Create(s.orders, expired), aNote(s))
	if _, err := repo.Must(repo.New[damagedAccount](s.client, shopTable)).Put(t.Context(), damagedAccount{ID: "bad", Balance: "much"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason string
		get    func(*order) txn.Reading
		more   txn.Reading // behind it, so that it fails at position 1
		want   error
		text   string
		found  bool // what the variable of Found says, where there is no error
	}{
		{"found", func(o *order) txn.Reading { return txn.Get(s.orders, anOrder("o1"), o) }, txn.Reading{}, nil, "", true},
		{"missing", func(o *order) txn.Reading { return txn.Get(s.orders, anOrder("no"), o) }, txn.Reading{}, nil, "", false},
		{"expired", func(o *order) txn.Reading { return txn.Get(s.orders, anOrder("late"), o) }, txn.Reading{}, nil, "", false},
		{"expired, and asked for", func(o *order) txn.Reading { return txn.Get(s.orders.WithExpired(), anOrder("late"), o) }, txn.Reading{}, nil, "", true},
		{"another is missing", func(o *order) txn.Reading { return txn.Get(s.orders, anOrder("o1"), o) }, txn.Get(s.orders, anOrder("no"), new(order)), repo.ErrNotFound, "operation 1: not found: Order", false},
		{"another is expired", func(o *order) txn.Reading { return txn.Get(s.orders, anOrder("o1"), o) }, txn.Get(s.orders, anOrder("late"), new(order)), repo.ErrNotFound, "operation 1: not found: Order", false},
		{"another is of another entity", func(o *order) txn.Reading { return txn.Get(s.orders, anOrder("o1"), o) }, txn.Get(s.memos, memo{Board: "b", ID: "n1"}, new(memo)), repo.ErrWrongEntity, "operation 1: the items were not read: Get Memo", false},
		{"another is of another entity, and may be missing", func(o *order) txn.Reading { return txn.Get(s.orders, anOrder("o1"), o) }, txn.Get(s.memos, memo{Board: "b", ID: "n1"}, new(memo)).Found(new(bool)), repo.ErrWrongEntity, "operation 1: ", false},
		{"another cannot be decoded", func(o *order) txn.Reading { return txn.Get(s.orders, anOrder("o1"), o) }, txn.Get(s.accounts, account{ID: "bad"}, new(account)), repo.ErrInvalidValue, "operation 1: the items were not read: Get Account: field Balance", false},
	} {
		was := order{ID: "as it was", Total: 7}
		o, found := was, !c.found
		gets := []txn.Reading{c.get(&o).Found(&found)}
		if c.want != nil {
			gets = append(gets, c.more)
		}
		err := txn.Read(t.Context(), s.client, gets...)
		switch {
		case c.want != nil:
			checkPositions(t, c.reason, err, c.want, []int{1}, c.text)
			if o != was || found != !c.found {
				t.Errorf("%s: a destination was touched: %v %+v", c.reason, found, o)
			}
		case err != nil || found != c.found:
			t.Errorf("%s: found %v, error %v", c.reason, found, err)
		case found == (o == was):
			t.Errorf("%s: found %v, and the destination is %+v", c.reason, found, o)
		}
	}
}

func checkPositions(t *testing.T, where string, err, kind error, positions []int, text string) {
	t.Helper()
	checkRefused(t, where, err, kind, positions, text)
	checkSentinels(t, where, err, kind)
}

// What is wrong with a read is said with its positions, and nothing is sent.
func TestReadRefusedBeforeSending(t *testing.T) {
	engine := repotest.New()
	s, other := openShop(engine.Client()), openShop(engine.Client())
	var a account
	var o order
	get := func(id string) txn.Reading { return txn.Get(s.accounts, account{ID: id}, &a) }
	many := make([]txn.Reading, 101)
	for i := range many {
		many[i] = get(fmt.Sprint(i))
	}
	for _, c := range []struct {
		reason    string
		gets      []txn.Reading
		positions []int
		also      error
		text      string
	}{
		{"nothing", nil, nil, nil, "no operations"},
		{"over 100", many, []int{100}, repo.ErrTooLarge, "101 operations"},
		{"one item twice", []txn.Reading{get("1"), get("2"), get("1")}, []int{0, 2}, nil, "same item"},
		{"one item twice, of entities that share it", []txn.Reading{txn.Get(s.notes, note{Board: "b", ID: "n"}, new(note)), txn.Get(s.memos, memo{Board: "b", ID: "n"}, new(memo))}, []int{0, 1}, nil, "same item"},
		{"a nil destination", []txn.Reading{get("1"), txn.Get(s.accounts, account{ID: "2"}, nil)}, []int{1}, nil, "destination is nil"},
		{"nil for Found", []txn.Reading{get("1"), get("2").Found(nil)}, []int{1}, nil, "Found is nil"},
		{"a nil destination and nil for Found", []txn.Reading{txn.Get(s.accounts, account{ID: "2"}, nil).Found(nil)}, []int{0}, nil, "destination is nil"},
		{"the zero read", []txn.Reading{get("1"), {}}, []int{1}, nil, "empty"},
		{"another client", []txn.Reading{get("1"), txn.Get(other.accounts, account{ID: "2"}, &a)}, []int{1}, nil, "another client"},
		{"a key without all its parts", []txn.Reading{get("1"), txn.Get(s.orders, order{ID: "o"}, &o)}, []int{1}, repo.ErrIncompleteKey, "CustomerID"},
		{"a key that cannot be", []txn.Reading{get("\xff")}, []int{0}, repo.ErrInvalidKey, "Get Account"},
		{"a view with conditions", []txn.Reading{get("1"), txn.Get(s.accounts.If(accountBalance.Ge(1)), account{ID: "2"}, &a)}, []int{1}, errors.ErrUnsupported, "If"},
	} {
		err := txn.Read(t.Context(), s.client, c.gets...)
		checkRefused(t, c.reason, err, txn.ErrInvalid, c.positions, c.text)
		if c.also != nil && !errors.Is(err, c.also) || c.also == nil && errors.Is(err, repo.ErrTooLarge) {
			t.Errorf("%s: %v, which should be %v", c.reason, err, c.also)
		}
	}
	if n := engine.Requests(); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// 100 items are one read.
func TestReadHundred(t *testing.T) {
	s, _ := newShop(t)
	accounts := make([]account, 100)
	gets, puts := make([]txn.Reading, 100), make([]txn.Operation, 100)
	for i := range gets {
		puts[i] = txn.Put(s.accounts, account{ID: fmt.Sprint(i), Balance: int64(i)})
		gets[i] = txn.Get(s.accounts, account{ID: fmt.Sprint(i)}, &accounts[i])
	}
	s.commit(t, puts...)
	if err := txn.Read(t.Context(), s.client, gets...); err != nil {
		t.Fatal(err)
	}
	for i, a := range accounts {
		if a.Balance != int64(i) {
			t.Errorf("item %d is %+v", i, a)
		}
	}
}

// Answers of a read, attempt after attempt.
func TestReadAnswers(t *testing.T) {
	canceledRead := func(codes ...string) string { return canceledAnswer(codes...) }
	for _, c := range []struct {
		reason    string
		status    int
		body      string
		until     int // attempts that get it; then the engine answers
		want      []error
		positions []int
		attempts  int
		text      string
	}{
		{"a conflict that ends", 400, canceledRead("", "TransactionConflict"), 7, nil, nil, 8, ""},
		{"conflicts to the end", 400, canceledRead("TransactionConflict", "TransactionConflict"), 99, []error{txn.ErrConflict}, []int{0, 1}, 8, "did not end in time"},
		{"a conflict of the second", 400, canceledRead("", "TransactionConflict"), 99, []error{txn.ErrConflict}, []int{1}, 8, "operation 1"},
		{"throttles to the end are no conflict", 400, canceledRead("ThrottlingError", ""), 99, nil, []int{0}, 8, "ThrottlingError"},
		{"something else is wrong", 400, canceledRead("", "ValidationError"), 99, nil, []int{1}, 1, "ValidationError"},
		{"the newer shape of an invalid transaction", 400, `{"__type":"com.amazon.coral.validate#ValidationException","message":"m"}`, 99, nil, nil, 1, "ValidationException"},
		{"a cancellation without reasons", 400, canceledWith(`"X":1`), 99, nil, nil, 1, "TransactionCanceledException"},
		{"an answer too few", 200, `{"Responses":[{}]}`, 99, nil, nil, 1, "1 answers to 2 reads"},
		{"an answer too many", 200, `{"Responses":[{},{},{}]}`, 99, nil, nil, 1, "3 answers to 2 reads"},
		{"no answers", 200, `{}`, 99, nil, nil, 1, "0 answers to 2 reads"},
		{"a server error that ends", 500, `{}`, 4, nil, nil, 5, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			plain, _ := newShop(t)
			plain.commit(t, anAccount(plain), aDocument(plain))
			script := &script{}
			script.do = func(n int, send send) (*http.Response, error) {
				if n <= c.until {
					return answer(c.status, c.body), nil
				}
				return send()
			}
			s := openShop(through(plain.client, script))
			a, d := account{ID: "as it was"}, document{ID: "as it was"}
			err := txn.Read(t.Context(), s.client, txn.Get(s.accounts, account{ID: "a1"}, &a), txn.Get(s.documents, document{ID: "d1"}, &d))
			if script.sent() != c.attempts || len(slices.Compact(script.bodies)) != 1 {
				t.Errorf("%s: %d attempts, want %d", c.reason, script.sent(), c.attempts)
			}
			if c.text == "" {
				if err != nil || a.ID != "a1" || d.ID != "d1" {
					t.Errorf("%s: %+v %+v %v", c.reason, a, d, err)
				}
				return
			}
			checkSentinels(t, c.reason, err, c.want...)
			e, ok := errors.AsType[*txn.Error](err)
			if !ok {
				t.Fatalf("%s: error %v", c.reason, err)
			}
			checkRefused(t, c.reason, err, err, c.positions, c.text)
			if a.ID != "as it was" || d.ID != "as it was" || !slices.Equal(e.Positions, c.positions) {
				t.Errorf("%s: %+v %+v %v", c.reason, a, d, err)
			}
		})
	}
}
