package txn_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
	"github.com/monotable/monotable/txn"
)

// rawItem writes its key unescaped, so that it can be that of a guard.
type rawItem struct {
	_ struct{} `entity:"Raw" pk:"{A|raw}" sk:"{B|raw}"`

	A string `dynamodbav:"a"`
	B string `dynamodbav:"b"`
}

// repeat makes so many operations.
func repeat(n int, op func(i int) txn.Operation) []txn.Operation {
	out := make([]txn.Operation, n)
	for i := range out {
		out[i] = op(i)
	}
	return out
}

// What is wrong with a transaction is said with the positions concerned, and nothing is sent.
func TestRefusedBeforeSending(t *testing.T) {
	engine := repotest.New()
	s, other := openShop(engine.Client()), openShop(engine.Client())
	s.createTable(t)
	before := engine.Requests()
	plain := func(i int) txn.Operation { return txn.Create(s.accounts, account{ID: fmt.Sprint(i)}) }
	guarded := func(i int) txn.Operation {
		return txn.Create(s.customers, customer{ID: fmt.Sprint(i), Email: fmt.Sprint(i, "@example.com")})
	}
	raws := repo.Must(repo.New[rawItem](s.client, shopTable))
	large := strings.Repeat("x", 300_000)
	for _, c := range []struct {
		reason    string
		ops       []txn.Operation
		positions []int
		also      error // beside ErrInvalid
		text      string
	}{
		{"no operation", nil, nil, nil, "no operations"},
		{"over 100 operations", repeat(101, plain), []int{100}, repo.ErrTooLarge, "101 operations"},
		{"over 100 operations, guards counted", slices.Concat(repeat(49, guarded), repeat(4, plain)), []int{51}, repo.ErrTooLarge, "102 operations"},
		{"over 4 MB", repeat(15, func(i int) txn.Operation {
			return txn.Create(s.documents, document{ID: fmt.Sprint(i), Text: large})
		}), []int{13}, repo.ErrTooLarge, "4 MB"},
		{"two operations on one item", []txn.Operation{plain(1), plain(2), txn.Delete(s.accounts, account{ID: "1"})}, []int{0, 2}, nil, "same item"},
		{"the same key, encoded by entities that share it", []txn.Operation{plain(1), txn.Create(s.notes, note{Board: "b", ID: "n"}), txn.Put(s.memos, memo{Board: "b", ID: "n"})}, []int{1, 2}, nil, "same item"},
		{"a write and a check of one item", []txn.Operation{txn.Check(s.accounts, account{ID: "1"}), plain(1)}, []int{0, 1}, nil, "same item"},
		{"one unique value for two items", []txn.Operation{plain(1), guarded(1), txn.Create(s.customers, customer{ID: "2", Email: "1@example.com"})}, []int{1, 2}, repo.ErrNotUnique, "same unique value of Email"},
		{"one unique value for two items, once folded", []txn.Operation{
			txn.Create(s.members, member{Team: "red", ID: "1", Nick: "ACE", Badge: "1"}), txn.Create(s.members, member{Team: "red", ID: "2", Nick: "ace", Badge: "2"}),
		}, []int{0, 1}, repo.ErrNotUnique, "same unique value of Nick"},
		{"an item in the place of a guard", []txn.Operation{plain(1), txn.Create(raws, rawItem{A: "$UNIQUE#Customer#email#1@example.com", B: "$UNIQUE"}), guarded(1)}, []int{1}, repo.ErrInvalidKey, "guards of unique values"},
		{"another client", []txn.Operation{plain(1), txn.Create(other.accounts, account{ID: "2"})}, []int{1}, nil, "another client"},
		{"the zero operation", []txn.Operation{plain(1), {}}, []int{1}, nil, "empty"},
		{"a key without all its parts", []txn.Operation{plain(1), txn.Delete(s.orders, order{ID: "o"})}, []int{1}, repo.ErrIncompleteKey, "CustomerID"},
		{"a key that cannot be", []txn.Operation{txn.Check(s.accounts, account{ID: "\xff"})}, []int{0}, repo.ErrInvalidKey, "Check Account"},
		{"a required field that is missing", []txn.Operation{txn.Create(s.orders, order{CustomerID: "c", ID: "o"})}, []int{0}, repo.ErrInvalidValue, "PlacedAt"},
		{"a value that Validate refuses", []txn.Operation{plain(1), txn.Put(s.orders, order{CustomerID: "c", ID: "o", PlacedAt: morning, Total: -1})}, []int{1}, errNegative, "Validate"},
		{"a change of an immutable field", []txn.Operation{txn.Update(s.orders, anOrder("o"), orderChannel.Set("shop"))}, []int{0}, repo.ErrImmutable, "Channel"},
		{"a change of a key", []txn.Operation{txn.Update(s.orders, anOrder("o"), orderID.Set("p"))}, []int{0}, repo.ErrImmutable, "ID"},
		{"an index that the update does not know enough of", []txn.Operation{txn.Update(s.orders, anOrder("o"), orderStatus.Set("open"))}, []int{0}, repo.ErrStaleIndex, "gsi1"},
		{"an update of nothing", []txn.Operation{txn.Update(s.accounts, account{ID: "1"})}, []int{0}, repo.ErrEmptyUpdate, "Update Account"},
		{"an item over 400 KB", []txn.Operation{plain(1), txn.Create(s.documents, document{ID: "d", Text: large + large})}, []int{1}, repo.ErrTooLarge, "Create Document"},
		{"a version that cannot be", []txn.Operation{txn.Check(s.documents, document{ID: "d", Version: -1})}, []int{0}, repo.ErrInvalidValue, "Version"},
		{"an update of a unique field that is not pinned", []txn.Operation{plain(1), txn.Update(s.customers, customer{ID: "c"}, customerEmail.Set("x"))}, []int{1}, repo.ErrStaleIndex, "pin it with If"},
		{"a deletion of a unique field that is not pinned", []txn.Operation{txn.Delete(s.customers, customer{ID: "c", Email: "x"})}, []int{0}, repo.ErrStaleIndex, "pin it with If"},
		{"a put over a unique field that is not pinned", []txn.Operation{txn.Put(s.customers, customer{ID: "c", Email: "x", Version: 1})}, []int{0}, repo.ErrStaleIndex, "pin it with If"},
		{"one of two unique fields is not pinned", []txn.Operation{txn.Delete(s.members.If(memberNick.Eq("a")), member{Team: "red", ID: "m"})}, []int{0}, repo.ErrStaleIndex, "Badge"},
		{"an upsert of a type with unique fields", []txn.Operation{txn.Upsert(s.customers, customer{ID: "c"}, customerOrders.Add(1))}, []int{0}, errors.ErrUnsupported, "no Upsert"},
		{"a create with conditions", []txn.Operation{txn.Create(s.accounts.If(accountBalance.Ge(1)), account{ID: "1"})}, []int{0}, errors.ErrUnsupported, "no conditions"},
		{"a condition that is wrong in itself", []txn.Operation{txn.Check(s.accounts.If(accountBalance.In()), account{ID: "1"})}, []int{0}, repo.ErrInvalidValue, "Check Account"},
	} {
		tx := txn.New(s.client).Add(c.ops...)
		_, inputErr := tx.Input()
		for call, err := range map[string]error{"Commit": tx.Commit(t.Context()), "Input": inputErr} {
			checkRefused(t, c.reason+": "+call, err, txn.ErrInvalid, c.positions, c.text)
			if c.also != nil && !errors.Is(err, c.also) {
				t.Errorf("%s: %s: %v is not %v", c.reason, call, err, c.also)
			}
			if c.also == nil && (errors.Is(err, repo.ErrTooLarge) || errors.Is(err, repo.ErrNotUnique)) {
				t.Errorf("%s: %s: %v has a sentinel of something else", c.reason, call, err)
			}
		}
		if n := tx.Operations(); n != 0 {
			t.Errorf("%s: Operations is %d for what cannot be sent", c.reason, n)
		}
		if n := tx.Len(); n != len(c.ops) {
			t.Errorf("%s: Len is %d of %d", c.reason, n, len(c.ops))
		}
	}
	if n := engine.Requests() - before; n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func checkRefused(t *testing.T, where string, err, kind error, positions []int, text string) {
	t.Helper()
	e, ok := errors.AsType[*txn.Error](err)
	if !ok || !errors.Is(err, kind) {
		t.Errorf("%s: error %v, want a *txn.Error that is %v", where, err, kind)
		return
	}
	if !slices.Equal(e.Positions, positions) {
		t.Errorf("%s: positions %v, want %v: %v", where, e.Positions, positions, err)
	}
	if !strings.Contains(err.Error(), text) || strings.Count(err.Error(), "txn: ") != 1 || strings.Contains(err.Error(), "repo: ") {
		t.Errorf("%s: the text %q lacks %q, or names a package twice", where, err, text)
	}
}

// 100 operations are a transaction, guards counted.
func TestHundredOperations(t *testing.T) {
	s, engine := newShop(t)
	ops := repeat(33, func(i int) txn.Operation {
		return txn.Create(s.members, member{Team: "red", ID: fmt.Sprint(i), Nick: fmt.Sprint("n", i), Badge: fmt.Sprint("b", i)})
	})
	tx := txn.New(s.client).Add(ops...).Add(anAccount(s))
	if n := tx.Operations(); n != 100 {
		t.Fatalf("%d operations", n)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := engine.Requests("TransactWriteItems"); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// A transaction that was refused before it was sent can be completed.
func TestRefusedAndCompleted(t *testing.T) {
	s, _ := newShop(t)
	tx := txn.New(s.client)
	checkRefused(t, "nothing yet", tx.Commit(t.Context()), txn.ErrInvalid, nil, "no operations")
	if err := tx.Add(anAccount(s)).Commit(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestUseAfterCommit(t *testing.T) {
	for _, c := range []struct {
		reason    string
		commit    func(*shop, *repotest.Engine) *txn.Txn
		again     func(*shop, *txn.Txn)
		positions []int
		text      string
	}{
		{"Commit after a success", committed, func(*shop, *txn.Txn) {}, nil, "committed already"},
		{"Commit after a cancellation", canceled, func(*shop, *txn.Txn) {}, nil, "committed already"},
		{"Add after a success", committed, func(s *shop, tx *txn.Txn) { tx.Add(aDocument(s), aNote(s)) }, []int{1, 2}, "changed after Commit"},
		{"Add twice after a success", committed, func(s *shop, tx *txn.Txn) { tx.Add(aDocument(s)).Add(aNote(s)) }, []int{1, 2}, "changed after Commit"},
		{"Token after a success", committed, func(_ *shop, tx *txn.Txn) { tx.Token("late") }, nil, "changed after Commit"},
		{"Add while the outcome is unknown", inDoubt, func(s *shop, tx *txn.Txn) { tx.Add(aDocument(s)) }, []int{1}, "changed after Commit"},
		{"Token while the outcome is unknown", inDoubt, func(_ *shop, tx *txn.Txn) { tx.Token("late") }, nil, "changed after Commit"},
	} {
		s, engine := newShop(t)
		tx := c.commit(s, engine)
		c.again(s, tx)
		before := engine.Requests()
		checkRefused(t, c.reason, tx.Commit(context.Background()), txn.ErrUsed, c.positions, c.text)
		if n := engine.Requests() - before; n > 0 {
			t.Errorf("%s: %d requests were sent", c.reason, n)
		}
		if n := tx.Len(); n != 1 {
			t.Errorf("%s: Len is %d", c.reason, n)
		}
	}
}

func committed(s *shop, _ *repotest.Engine) *txn.Txn {
	tx := txn.New(s.client).Add(anAccount(s))
	if err := tx.Commit(context.Background()); err != nil {
		panic(err)
	}
	return tx
}

func canceled(s *shop, _ *repotest.Engine) *txn.Txn {
	tx := txn.New(s.client).Add(txn.Check(s.accounts, account{ID: "nobody"}))
	if err := tx.Commit(context.Background()); !errors.Is(err, repo.ErrNotFound) {
		panic(err)
	}
	return tx
}

// inDoubt is a transaction whose outcome is unknown: all answers are lost, and the client tries once.
func inDoubt(s *shop, engine *repotest.Engine) *txn.Txn {
	defer engine.Inject(repotest.Rule{Fault: repotest.LoseResponse()})()
	once := s.accounts.With(func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 })
	tx := txn.New(s.client).Add(txn.Create(once, account{ID: "a1"}))
	if err := tx.Commit(context.Background()); !errors.Is(err, txn.ErrOutcomeUnknown) {
		panic(err)
	}
	return tx
}

// An Add that meets another method is no race and is not lost in silence: nothing is sent.
func TestConcurrentUse(t *testing.T) {
	for _, c := range []struct {
		reason string
		use    func(*shop, *txn.Txn)
		want   error
	}{
		{"Add while Commit runs", func(s *shop, tx *txn.Txn) { tx.Add(aDocument(s)) }, txn.ErrUsed},
		{"Token while Commit runs", func(_ *shop, tx *txn.Txn) { tx.Token("late") }, txn.ErrUsed},
		{"Commit while Commit runs", func(*shop, *txn.Txn) {}, txn.ErrUsed},
	} {
		s, engine := newShop(t)
		running, finish := make(chan struct{}), make(chan struct{})
		stop := engine.Observe(func(repotest.Event) { close(running); <-finish })
		tx := txn.New(s.client).Add(anAccount(s))
		first := make(chan error)
		go func() { first <- tx.Commit(context.Background()) }()
		<-running
		stop()
		before := engine.Requests()
		c.use(s, tx)
		checkRefused(t, c.reason, tx.Commit(t.Context()), c.want, nil, "goroutine")
		close(finish)
		if err := <-first; err != nil {
			t.Errorf("%s: the Commit that runs: %v", c.reason, err)
		}
		checkUsed(t, c.reason+": afterwards", tx.Commit(t.Context()))
		if n := engine.Requests() - before; n > 0 {
			t.Errorf("%s: %d requests were sent", c.reason, n)
		}
	}
}

func checkUsed(t *testing.T, where string, err error) {
	t.Helper()
	if !errors.Is(err, txn.ErrUsed) {
		t.Errorf("%s: error %v, want %v", where, err, txn.ErrUsed)
	}
}

// asked is a context that has ended, and takes its time to say so.
type asked struct {
	context.Context
	asking, answer chan struct{}
}

func (c *asked) Err() error {
	close(c.asking)
	<-c.answer
	return context.Canceled
}

// What an Add lost to a Commit that then sent nothing is not forgotten: without the operation nothing is sent later either.
func TestAddLostToACommitThatSendsNothing(t *testing.T) {
	s, engine := newShop(t)
	for reason, use := range map[string]func(*txn.Txn){
		"Add":   func(tx *txn.Txn) { tx.Add(aDocument(s)) },
		"Token": func(tx *txn.Txn) { tx.Token("key") },
	} {
		tx := txn.New(s.client).Add(anAccount(s))
		ctx := &asked{t.Context(), make(chan struct{}), make(chan struct{})}
		first := make(chan error)
		go func() { first <- tx.Commit(ctx) }()
		<-ctx.asking
		use(tx)
		close(ctx.answer)
		if err := <-first; err == nil {
			t.Errorf("%s: no error", reason)
		}
		before := engine.Requests()
		checkUsed(t, reason, tx.Commit(t.Context()))
		if n := engine.Requests() - before; n > 0 {
			t.Errorf("%s: %d requests were sent", reason, n)
		}
	}
}

// Whether Adds of several goroutines meet is chance: then Commit refuses, and otherwise it has all of them.
func TestConcurrentAdd(t *testing.T) {
	s, engine := newShop(t)
	const each = 10
	for round := range 20 {
		tx := txn.New(s.client)
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := range each {
					tx.Add(txn.Put(s.accounts, account{ID: fmt.Sprint(w, "/", i)}))
				}
			})
		}
		wg.Wait()
		before := engine.Requests()
		err := tx.Commit(t.Context())
		switch n := engine.Requests() - before; {
		case errors.Is(err, txn.ErrUsed) && n == 0:
		case err == nil && n == 1 && tx.Len() == 4*each:
		default:
			t.Errorf("round %d: error %v, %d requests, %d of %d operations", round, err, n, tx.Len(), 4*each)
		}
	}
}

// Clients are compared, whatever they are: those that cannot be are never the same.
func TestClientsOfAnyType(t *testing.T) {
	real := repotest.NewClient()
	type wrapped struct{ repo.Client }
	type loaded struct {
		repo.Client
		_ []string // which cannot be compared
	}
	for _, c := range []struct {
		reason    string
		ours, its repo.Client
		same      bool
	}{
		{"the same", real, real, true},
		{"equal values", wrapped{real}, wrapped{real}, true},
		{"one behind the other", wrapped{real}, real, false},
		{"pointers to equal values", &wrapped{real}, &wrapped{real}, false},
		{"values that cannot be compared", loaded{Client: real}, loaded{Client: real}, false},
		{"values that hold what cannot be compared", wrapped{loaded{Client: real}}, wrapped{loaded{Client: real}}, false},
		{"no client", nil, real, false},
	} {
		accounts := repo.Must(repo.New[account](c.its, shopTable))
		_, err := txn.New(c.ours).Add(txn.Create(accounts, account{ID: "a"})).Input()
		if (err == nil) != c.same {
			t.Errorf("%s: error %v", c.reason, err)
		}
	}
}
