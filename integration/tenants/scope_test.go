package tenants

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/txn"
)

// A cursor of another tenant's query is none of the same query of ours, sealed or not.
func TestCursorsOfOthers(t *testing.T) {
	for _, keys := range [][][]byte{nil, {make([]byte, 32)}} {
		s := newStore(t)
		table := textTable
		table.CursorKeys = keys
		all := repo.Must(repo.New[doc](s.client, table))
		mine, theirs := all.Scope(docs.tenant.Eq(ours)), all.Scope(docs.tenant.Eq("b"))
		for reason, ask := range map[string]func(*repo.Repository[doc]) repo.Query[doc]{
			"the table": func(r *repo.Repository[doc]) repo.Query[doc] { return r.Query(docFolder.Eq("x1")) },
			"an index":  func(r *repo.Repository[doc]) repo.Query[doc] { return r.Query(docs.second.Eq("x1")).Index("led") },
			"an index of attributes of their own": func(r *repo.Repository[doc]) repo.Query[doc] {
				return r.Query(docs.second.Eq("x1")).Index("multi").Hydrate()
			},
		} {
			var stolen []repo.Cursor
			for _, r := range []*repo.Repository[doc]{theirs, all} {
				q := ask(r)
				if r == all {
					q = ask(all.Scope(docs.tenant.Eq("ab")))
				}
				page, err := q.Limit(1).Page(t.Context(), "")
				if err != nil || page.Next == "" {
					t.Fatalf("%s: %v, next %q", reason, err, page.Next)
				}
				stolen = append(stolen, page.Next)
			}
			s.watch.take()
			for _, c := range stolen {
				if page, err := ask(mine).Limit(1).Page(t.Context(), c); !errors.Is(err, repo.ErrInvalidCursor) || len(page.Items) > 0 {
					t.Errorf("%s: %v, %d items", reason, err, len(page.Items))
				}
			}
			if sent, _ := s.watch.take(); sent > 0 {
				t.Errorf("%s: %d requests were sent", reason, sent)
			}
			if page, err := ask(mine).Limit(1).Page(t.Context(), ""); err != nil || len(page.Items) != 1 {
				t.Errorf("%s: ours: %v", reason, err)
			} else if page, err = ask(mine).Limit(1).Page(t.Context(), page.Next); err != nil || len(page.Items) != 1 {
				t.Errorf("%s: our own cursor: %v", reason, err)
			}
			if _, wrong := s.watch.take(); len(wrong) > 0 {
				t.Errorf("%s: %s", reason, wrong)
			}
		}
	}
}

// Cursors without keys can be forged by whoever takes the trouble. One at another tenant's item is none, though it lies in our part of
// the index.
func TestForgedCursor(t *testing.T) {
	s := newStore(t)
	mine := free(s, docs).Scope(docs.tenant.Eq(ours))
	q := mine.Query(docs.second.Eq("x1")).Index("led").Limit(1)
	page, err := q.Page(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(string(page.Next))
	if err != nil {
		t.Fatal(err)
	}
	sum, place := raw[1:13], raw[13:]
	binding := bindingOf(t, sum, place)
	forge := func(place []byte) repo.Cursor {
		h := sha256.Sum256(slices.Concat(binding, place))
		return repo.Cursor(base64.RawURLEncoding.EncodeToString(slices.Concat(raw[:1], h[:12], place)))
	}
	if forge(place) != page.Next {
		t.Fatal("a cursor is not made as this test thinks")
	}
	s.watch.take()
	forged := strings.Replace(string(place), "TENANT#a#FOLDER", "TENANT#b#FOLDER", 1)
	if forged == string(place) {
		t.Fatalf("no partition key in %q", place)
	}
	if _, err := q.Page(t.Context(), forge([]byte(forged))); !errors.Is(err, repo.ErrInvalidCursor) {
		t.Errorf("a cursor at another tenant's item: %v", err)
	}
	if sent, _ := s.watch.take(); sent > 0 {
		t.Errorf("%d requests were sent", sent)
	}
}

// bindingOf finds what a cursor is bound to, as its documentation says: table, entity, index, direction and conditions.
func bindingOf(t *testing.T, sum, place []byte) []byte {
	t.Helper()
	text := func(s string) []byte { return append(binary.AppendUvarint(nil, uint64(len(s))), s...) }
	head := slices.Concat(text("query"), text("app"), text("Doc"), text("led"))
	for op := range 256 { // of an equality
		binding := slices.Concat(head, []byte{byte(op)}, text("State"), []byte{'S'}, text("x1"), []byte{byte(op)}, text("Tenant"), []byte{'S'}, text(ours))
		if h := sha256.Sum256(slices.Concat(binding, place)); string(h[:12]) == string(sum) {
			return binding
		}
	}
	t.Fatal("the binding of a cursor is another one")
	return nil
}

// What a mistake of another program has put into our part of an index is neither read by its key nor shown.
func TestMisplacedRow(t *testing.T) {
	s := newStore(t)
	mine := free(s, docs).Scope(docs.tenant.Eq(ours))
	text := func(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
	s.watch.quietly(func() {
		for _, row := range []map[string]types.AttributeValue{
			{"pk": text("TENANT#b#FOLDER#x1"), "sk": text("DOC#0"), "owner": text(ours), "status": text("x1"), "doc": text("0"), "note": text(secret), "folder": text("x1"),
				"_type": text("Doc"), "ledpk": text("TENANT#a#STATE#x1"), "ledsk": text("DOC#0"), "created": text("2026-01-01T00:00:00.000000000Z")},
			{"pk": text("TENANT#b#WHAT#x1"), "sk": text("W"), "owner": text(ours), "status": text("x1"), "doc": text("w"), "note": text(secret)},
			{"pk": text("TENANT#a#WHAT#x1"), "sk": text("W"), "owner": text(ours), "status": text("x1"), "doc": text("w"), "note": text("a note")},
		} {
			if _, err := s.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("app"), Item: row}); err != nil {
				t.Fatal(err)
			}
		}
	})
	q := mine.Query(docs.second.Eq("x1")).Index("multi").Hydrate()
	list, err := repo.Collect(q.All(t.Context()))
	if err != nil || len(list) != len(known) {
		t.Errorf("%d items are read, %v", len(list), err)
	}
	if n, err := q.Count(t.Context()); err != nil || n != len(known) {
		t.Errorf("%d items are counted, %v", n, err)
	}
	items, unknown := 0, 0
	for v, err := range mine.IndexPartition("multi", doc{State: "x1"}).Hydrate().Unknown().Items(t.Context(), mine) {
		switch v := v.(type) {
		case doc:
			items++
		case repo.UnknownRow:
			if unknown++; v.Item["note"].(*types.AttributeValueMemberS).Value == secret {
				t.Error("another tenant's row is shown")
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if items != len(known) || unknown != 1 {
		t.Errorf("the collection has %d items and %d other rows", items, unknown)
	}
	if _, wrong := s.watch.take(); len(wrong) > 0 {
		t.Errorf("%s", wrong)
	}
	s.watch.quietly(func() { // the index holds whole rows here, so that the answer has it, and the repository leaves it out
		list, err := repo.Collect(mine.Query(docs.second.Eq("x1")).Index("led").All(t.Context()))
		if err != nil || len(list) != len(known) {
			t.Errorf("%d items are read, %v", len(list), err)
		}
	})
}

// A bad scope is an error of every verb, and nothing is sent.
func TestBadScopes(t *testing.T) {
	s := newStore(t)
	u, e := free(s, users), free(s, events)
	d := free(s, docs)
	for _, c := range []struct {
		reason string
		get    func(context.Context) error
	}{
		{"no condition", use(u.Scope())},
		{"not the first field", use(u.Scope(users.id.Eq("x1")))},
		{"not the next field", use(d.Scope(docs.tenant.Eq(ours), docs.id.Eq("x1")))},
		{"the second field first", use(d.Scope(docFolder.Eq("x1"), docs.tenant.Eq(ours)))},
		{"a field of no key", use(u.Scope(users.tenant.Eq(ours), users.note.Eq("x")))},
		{"an empty value", use(u.Scope(users.tenant.Eq("")))},
		{"a prefix", use(u.Scope(users.tenant.HasPrefix("a")))},
		{"a range", use(u.Scope(users.tenant.Ge("a")))},
		{"a range that holds one value", use(u.Scope(users.tenant.Between("a", "a")))},
		{"an equality and a range", use(u.Scope(users.tenant.Eq(ours), users.tenant.Ge("a")))},
		{"no equality", use(u.Scope(users.tenant.Ne("b")))},
		{"one of several", use(u.Scope(users.tenant.In(ours, "b")))},
		{"one of one", use(u.Scope(users.tenant.In(ours)))},
		{"either", use(u.Scope(expr.Or(users.tenant.Eq(ours), users.tenant.Eq("b"))))},
		{"not another", use(u.Scope(expr.Not(users.tenant.Eq("b"))))},
		{"two values", use(u.Scope(users.tenant.Eq(ours), users.tenant.Eq("b")))},
		{"two values, one after another", use(u.Scope(users.tenant.Eq(ours)).Scope(users.tenant.Eq("b")))},
		{"a bad one, and a good one behind it", use(u.Scope(users.id.Eq("x1")).Scope(users.tenant.Eq(ours)))},
		{"a zero condition", use(u.Scope(expr.Cond[user]{}))},
		{"no condition after all", use(u.Scope(expr.And[user](), expr.And(expr.Cond[user]{})))},
		{"a zero condition behind a good one", use(u.Scope(users.tenant.Eq(ours)).Scope(expr.Cond[user]{}))},
		{"another attribute's value", use(u.Scope(users.tenant.EqAttr(users.note)))},
		{"a field that is spread", use(e.Scope(events.tenant.Eq(ours), events.id.Eq("x1")))},
		{"a text that no key can hold", use(u.Scope(users.tenant.Eq("\xff")))},
		{"a text that is too long for a key", use(u.Scope(users.tenant.Eq(strings.Repeat("a", 3000))))},
	} {
		err := c.get(t.Context())
		if !errors.Is(err, repo.ErrOutOfScope) && !errors.Is(err, repo.ErrInvalidKey) {
			t.Errorf("%s: %v", c.reason, err)
		}
		if sent, _ := s.watch.take(); sent > 0 {
			t.Errorf("%s: %d requests were sent", c.reason, sent)
		}
	}
}

// use tries verbs of a view until one does not fail.
func use[T any](r *repo.Repository[T]) func(context.Context) error {
	return func(ctx context.Context) error {
		var zero T
		var last error
		for _, do := range []func() error{
			func() error { _, err := r.Get(ctx, zero); return err },
			func() error { _, err := r.Put(ctx, zero); return err },
			func() error { _, err := r.Create(ctx, zero); return err },
			func() error { return r.Delete(ctx, zero) },
			func() error { _, err := r.Take(ctx, zero); return err },
			func() error { _, err := r.Query().Count(ctx); return err },
			func() error { _, err := r.Query().Explain(); return err },
			func() error { _, err := r.Scan().Count(ctx); return err },
			func() error { return r.Partition(zero).Load(ctx, repo.Many(r, new([]T))) },
			func() error { _, err := r.Encode(zero); return err },
			func() error { return txn.Read(ctx, r.Sender().Client(), txn.Get(r, zero, &zero)) },
		} {
			if last = do(); !errors.Is(last, repo.ErrOutOfScope) && !errors.Is(last, repo.ErrInvalidKey) {
				return errors.Join(errors.New("a verb of the view went on"), last)
			}
		}
		return last
	}
}

// A value that is unique among all tenants has a guard of none, which a scope does not touch.
func TestUnscopedUnique(t *testing.T) {
	s := newStore(t)
	mine := free(s, badges).Scope(badges.tenant.Eq(ours))
	for reason, do := range map[string]func() error{
		"Create":       func() error { _, err := mine.Create(t.Context(), badge{ID: "new", Code: "b x1"}); return err },
		"CreateWrite":  func() error { _, err := mine.CreateWrite(badge{ID: "new", Code: "c"}); return err },
		"Put of a new": func() error { _, err := mine.Put(t.Context(), badge{ID: "new", Code: "c"}); return err },
		"Update": func() error {
			_, err := mine.Update(t.Context(), badge{ID: "x1"}, badges.second.Set("b x1"))
			return err
		},
		"Delete": func() error { return mine.Delete(t.Context(), badge{ID: "x1"}) },
		"Take":   func() error { _, err := mine.Take(t.Context(), badge{ID: "x1"}); return err },
		"a transaction": func() error {
			return txn.New(s.client).Add(txn.Create(mine, badge{ID: "n", Code: "c"})).Commit(t.Context())
		},
	} {
		if err := do(); !errors.Is(err, repo.ErrOutOfScope) || errors.Is(err, repo.ErrNotUnique) {
			t.Errorf("%s: %v", reason, err)
		}
	}
	if _, err := mine.Update(t.Context(), badge{ID: "x1"}, badges.note.Set("fine")); err != nil {
		t.Errorf("an update that has nothing to do with the code: %v", err)
	}
	if _, wrong := s.watch.take(); len(wrong) > 0 {
		t.Errorf("%s", wrong)
	}
}

// Within the tenant values are unique, and what another tenant has is free.
func TestScopedUnique(t *testing.T) {
	s := newStore(t)
	mine := free(s, users).Scope(users.tenant.Eq(ours))
	if _, err := mine.Create(t.Context(), user{ID: "new", Mail: "x1"}); !errors.Is(err, repo.ErrNotUnique) {
		t.Errorf("an address that our x1 has: %v", err)
	}
	theirs := free(s, users).Scope(users.tenant.Eq("b"))
	s.watch.quietly(func() {
		if _, err := theirs.Create(t.Context(), user{ID: "only", Mail: "only@b"}); err != nil {
			t.Fatal(err)
		}
	})
	if u, err := mine.Create(t.Context(), user{ID: "only", Mail: "only@b"}); err != nil || u.Tenant != ours {
		t.Errorf("an address that b has: %v", err)
	}
	if _, wrong := s.watch.take(); len(wrong) > 0 {
		t.Errorf("%s", wrong)
	}
}
