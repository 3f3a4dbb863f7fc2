package integration

import (
	"errors"
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/txn"
)

// purse has a version and a unique owner.
type purse struct {
	_ struct{} `entity:"Purse" pk:"PURSE#{ID}" sk:"PURSE"`

	ID      string `dynamodbav:"id"`
	Owner   string `dynamodbav:"owner" repo:"unique"`
	Coins   int64  `dynamodbav:"coins"`
	Version int64  `dynamodbav:"version" repo:"version"`
}

// receipt says that a transfer was made.
type receipt struct {
	_ struct{} `entity:"Receipt" pk:"RECEIPT#{ID}" sk:"RECEIPT"`

	ID    string `dynamodbav:"id"`
	Coins int64  `dynamodbav:"coins"`
}

var (
	purseOwner = expr.String(func(p *purse) *string { return &p.Owner })
	purseCoins = expr.Number(func(p *purse) *int64 { return &p.Coins })
)

// treasury is a table of purses and receipts.
type treasury struct {
	*server
	table    repo.Table
	purses   *repo.Repository[purse]
	receipts *repo.Repository[receipt]
}

func onEveryTreasury(t *testing.T, test func(*testing.T, *treasury)) {
	onEveryEngine(t, func(t *testing.T, s *server) { test(t, newTreasury(t, s)) })
}

func newTreasury(t *testing.T, s *server) *treasury {
	t.Helper()
	table := uniqueTable(t, repo.Table{})
	tr := &treasury{s, table, open[purse](t, s, table), open[receipt](t, s, table)}
	s.create(t, table, tr.purses, tr.receipts)
	return tr
}

// commit carries operations out.
func (tr *treasury) commit(t *testing.T, ops ...txn.Operation) error {
	t.Helper()
	return txn.New(tr.server).Add(ops...).Commit(t.Context())
}

func (tr *treasury) read(t *testing.T, id string) (p purse, found bool) {
	t.Helper()
	if err := txn.Read(t.Context(), tr.server, txn.Get(tr.purses, purse{ID: id}, &p).Found(&found)); err != nil {
		t.Fatal(err)
	}
	return p, found
}

// Reasons, the item that stood in the way and guards are the same on every engine, and a canceled transaction leaves nothing.
func TestTxnReasons(t *testing.T) {
	onEveryTreasury(t, func(t *testing.T, tr *treasury) {
		if err := tr.commit(t, txn.Create(tr.purses, purse{ID: "ada", Owner: "ada", Coins: 10}), txn.Create(tr.purses, purse{ID: "bob", Owner: "bob"})); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			reason string
			op     txn.Operation
			want   error
			code   string
			coins  int64 // of the item that stood in the way; -1 for none
		}{
			{"there is one", txn.Create(tr.purses, purse{ID: "ada", Owner: "x"}), repo.ErrAlreadyExists, "ConditionalCheckFailed", 10},
			{"there is none", txn.Update(tr.purses, purse{ID: "eve"}, purseCoins.Add(1)), repo.ErrNotFound, "ConditionalCheckFailed", -1},
			{"there is none to check", txn.Check(tr.purses.If(purseCoins.Ne(1)), purse{ID: "eve"}), repo.ErrConditionFailed, "ConditionalCheckFailed", -1},
			{"a condition", txn.Update(tr.purses.If(purseCoins.Ge(11)), purse{ID: "ada"}, purseCoins.Sub(11)), repo.ErrConditionFailed, "ConditionalCheckFailed", 10},
			{"a version", txn.Update(tr.purses, purse{ID: "ada", Version: 9}, purseCoins.Add(1)), repo.ErrVersionConflict, "ConditionalCheckFailed", 10},
			{"a unique value", txn.Create(tr.purses, purse{ID: "eve", Owner: "ada"}), repo.ErrNotUnique, "ConditionalCheckFailed", -1},
			{"a pinned value", txn.Update(tr.purses.If(purseOwner.Eq("eve")), purse{ID: "ada"}, purseOwner.Set("x")), repo.ErrConditionFailed, "ConditionalCheckFailed", 10},
		} {
			err := tr.commit(t, txn.Create(tr.receipts, receipt{ID: "r"}), c.op, txn.Check(tr.purses, purse{ID: "bob"}))
			canceled, ok := errors.AsType[*txn.CanceledError](err)
			if !ok {
				t.Errorf("%s: error %v", c.reason, err)
				continue
			}
			for i, r := range canceled.Reasons {
				if guilty := i == 1; (r.Err != nil) != guilty || errors.Is(r.Err, c.want) != guilty || r.Code != map[bool]string{true: c.code, false: "None"}[guilty] {
					t.Errorf("%s: the reason of operation %d is %s, %v", c.reason, i, r.Code, r.Err)
				}
			}
			stored, found, err := txn.Stored(tr.purses, canceled.Reasons[1])
			if err != nil || found != (c.coins >= 0) || found && stored.Coins != c.coins {
				t.Errorf("%s: the item that stood in the way: %+v %v %v", c.reason, stored, found, err)
			}
		}
		if _, err := tr.receipts.Get(t.Context(), receipt{ID: "r"}); !errors.Is(err, repo.ErrNotFound) {
			t.Errorf("something was written: %v", err)
		}
		if p, _ := tr.read(t, "ada"); p != (purse{ID: "ada", Owner: "ada", Coins: 10, Version: 1}) {
			t.Errorf("the purse is %+v", p)
		}
	})
}

// A unique value moves from item to item, and is free when nobody has it.
func TestTxnUnique(t *testing.T) {
	onEveryTreasury(t, func(t *testing.T, tr *treasury) {
		pinned := func(owner string) *repo.Repository[purse] { return tr.purses.If(purseOwner.Eq(owner)) }
		for _, c := range []struct {
			reason string
			ops    []txn.Operation
			want   error
		}{
			{"two are made", []txn.Operation{txn.Create(tr.purses, purse{ID: "1", Owner: "ada"}), txn.Create(tr.purses, purse{ID: "2", Owner: "bob"})}, nil},
			{"they swap", []txn.Operation{txn.Update(pinned("ada"), purse{ID: "1"}, purseOwner.Set("bob")), txn.Update(pinned("bob"), purse{ID: "2"}, purseOwner.Set("ada"))}, nil},
			{"both are taken", []txn.Operation{txn.Create(tr.purses, purse{ID: "3", Owner: "ada"}), txn.Create(tr.purses, purse{ID: "4", Owner: "bob"})}, repo.ErrNotUnique},
			{"one is handed on as its item goes", []txn.Operation{txn.Delete(pinned("ada"), purse{ID: "2"}), txn.Create(tr.purses, purse{ID: "3", Owner: "ada"})}, nil},
			{"both go", []txn.Operation{txn.Delete(pinned("bob"), purse{ID: "1"}), txn.Delete(pinned("ada"), purse{ID: "3"})}, nil},
			{"both are free", []txn.Operation{txn.Create(tr.purses, purse{ID: "5", Owner: "ada"}), txn.Create(tr.purses, purse{ID: "6", Owner: "bob"})}, nil},
		} {
			if err := tr.commit(t, c.ops...); !errors.Is(err, c.want) {
				t.Errorf("%s: error %v, want %v", c.reason, err, c.want)
			}
		}
	})
}

// A key of the caller's own is remembered by the engine.
func TestTxnToken(t *testing.T) {
	onEveryTreasury(t, func(t *testing.T, tr *treasury) {
		put(t, tr.purses, purse{ID: "ada", Owner: "ada"})
		add := func(n int64) error {
			return txn.New(tr.server).Token("key of " + tr.table.Name).Add(txn.Update(tr.purses, purse{ID: "ada"}, purseCoins.Add(n))).Commit(t.Context())
		}
		first, again, other := add(1), add(1), add(2)
		if first != nil || again != nil || !errors.Is(other, txn.ErrTokenReused) {
			t.Errorf("the first time %v, again %v, with other contents %v", first, again, other)
		}
		if p, _ := tr.read(t, "ada"); p.Coins != 1 || p.Version != 2 {
			t.Errorf("the purse is %+v", p)
		}
	})
}

// Items are read at one moment, and missing ones said.
func TestTxnRead(t *testing.T) {
	onEveryTreasury(t, func(t *testing.T, tr *treasury) {
		put(t, tr.purses, purse{ID: "ada", Owner: "ada", Coins: 7})
		var p purse
		var r receipt
		found := true
		if err := txn.Read(t.Context(), tr.server, txn.Get(tr.receipts, receipt{ID: "no"}, &r).Found(&found), txn.Get(tr.purses, purse{ID: "ada"}, &p)); err != nil || found || p.Coins != 7 {
			t.Errorf("%+v, found %v, error %v", p, found, err)
		}
		err := txn.Read(t.Context(), tr.server, txn.Get(tr.purses, purse{ID: "ada"}, &p), txn.Get(tr.receipts, receipt{ID: "no"}, &r))
		if e, ok := errors.AsType[*txn.Error](err); !ok || !errors.Is(err, repo.ErrNotFound) || len(e.Positions) != 1 || e.Positions[0] != 1 {
			t.Errorf("error %v", err)
		}
	})
}
