package repo_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// opened asks for the page behind a cursor and says whether a request was sent.
type opened struct {
	reason string
	page   func(*calls, repo.Cursor) error
}

func pageOf[T any](t *testing.T, reason string, table repo.Table, ask func(*repo.Repository[T]) repo.Query[T]) opened {
	return opened{reason, func(c *calls, from repo.Cursor) error {
		_, err := ask(repo.Must(repo.New[T](c, table))).Page(t.Context(), from)
		return err
	}}
}

// someCursors are cursors of one query on the table and of one on an index, as the library makes them.
func someCursors(t testing.TB) (table, index, scan repo.Cursor) {
	t.Helper()
	c := repotest.NewClient()
	orders := repo.Must(repo.New[order](c, shopTable))
	if err := repo.CreateTable(t.Context(), c, shopTable, orders); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		o := anOrder()
		o.ID = fmt.Sprint("o", i)
		if _, err := orders.Put(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	next := func(p repo.Page[order], err error) repo.Cursor {
		t.Helper()
		if err != nil || p.Next == "" {
			t.Fatal(p, err)
		}
		return p.Next
	}
	return next(orders.Query(orderCustomer.Eq("c1")).Limit(1).Page(t.Context(), "")),
		next(orders.Query(orderStatus.Eq("open")).Limit(1).Page(t.Context(), "")),
		next(orders.Scan().Limit(1).Page(t.Context(), ""))
}

func TestCursorsFitTheirOwnQueryOnly(t *testing.T) {
	table, index, scan := someCursors(t)
	other := shopTable
	other.Name = "another"
	byCustomer := func(r *repo.Repository[order]) repo.Query[order] { return r.Query(orderCustomer.Eq("c1")) }
	byStatus := func(r *repo.Repository[order]) repo.Query[order] { return r.Query(orderStatus.Eq("open")) }
	fits := []struct {
		opened
		from repo.Cursor
	}{
		{pageOf(t, "the table", shopTable, byCustomer), table},
		{pageOf(t, "the index", shopTable, byStatus), index},
		{pageOf(t, "another filter, limit and page size", shopTable, func(r *repo.Repository[order]) repo.Query[order] {
			return byCustomer(r).Filter(orderTotal.Gt(1)).Limit(7).PageSize(3)
		}), table},
		{pageOf(t, "consistent", shopTable, func(r *repo.Repository[order]) repo.Query[order] { return byCustomer(r.Consistent()) }), table},
	}
	for _, f := range fits {
		c := &calls{answer: true}
		if err := f.page(c, f.from); err != nil || c.n.Load() == 0 {
			t.Errorf("%s: %v, %d requests", f.reason, err, c.n.Load())
		}
	}
	foreign := []struct {
		opened
		from repo.Cursor
	}{
		{pageOf(t, "another value of the partition key", shopTable, func(r *repo.Repository[order]) repo.Query[order] { return r.Query(orderCustomer.Eq("c2")) }), table},
		{pageOf(t, "one more condition", shopTable, func(r *repo.Repository[order]) repo.Query[order] {
			return r.Query(orderCustomer.Eq("c1"), orderID.Ge("o0"))
		}), table},
		{pageOf(t, "the other direction", shopTable, func(r *repo.Repository[order]) repo.Query[order] { return byCustomer(r).Desc() }), table},
		{pageOf(t, "an index", shopTable, byStatus), table},
		{pageOf(t, "the table, with a cursor of an index", shopTable, byCustomer), index},
		{pageOf(t, "another status", shopTable, func(r *repo.Repository[order]) repo.Query[order] { return r.Query(orderStatus.Eq("shipped")) }), index},
		{pageOf(t, "a range with other ends", shopTable, func(r *repo.Repository[order]) repo.Query[order] {
			return r.Query(orderStatus.Eq("open"), orderPlaced.Ge(placedAt))
		}), index},
		{pageOf(t, "another table", other, byCustomer), table},
		{pageOf(t, "another entity", shopTable, func(r *repo.Repository[event]) repo.Query[event] { return r.Query(eventStream.Eq("c1")) }), table},
		{pageOf(t, "a query, with a cursor of a scan", shopTable, byCustomer), scan},
		{opened{"a scan, with a cursor of a query", func(c *calls, from repo.Cursor) error {
			_, err := repo.Must(repo.New[order](c, shopTable)).Scan().Page(t.Context(), from)
			return err
		}}, table},
		{opened{"a scan of an index, with a cursor of one of the table", func(c *calls, from repo.Cursor) error {
			_, err := repo.Must(repo.New[order](c, shopTable)).Scan().Index("gsi1").Page(t.Context(), from)
			return err
		}}, scan},
		{pageOf(t, "over-long", shopTable, byCustomer), table + repo.Cursor(strings.Repeat("A", 20_000))},
		{pageOf(t, "over-long and valid", shopTable, byCustomer), repo.Cursor(strings.Repeat(string(table), 300))},
		{pageOf(t, "padding", shopTable, byCustomer), table + "="},
		{pageOf(t, "a line break, which decoders skip", shopTable, byCustomer), table[:5] + "\n" + table[5:]},
		{pageOf(t, "a space", shopTable, byCustomer), " " + table},
		{pageOf(t, "something behind it", shopTable, byCustomer), table + table},
		{pageOf(t, "no text", shopTable, byCustomer), "\x00\xff"},
	}
	for _, f := range foreign {
		f.refuses(t, f.from)
	}
}

func (o opened) refuses(t testing.TB, from repo.Cursor) {
	t.Helper()
	c := &calls{answer: true}
	if err := o.page(c, from); !errors.Is(err, repo.ErrInvalidCursor) || c.n.Load() > 0 {
		t.Errorf("%s: %v, %d requests", o.reason, err, c.n.Load())
	}
}

// Every change of a byte, every bit of it, and every truncation of a cursor is found.
func TestDamagedCursors(t *testing.T) {
	table, index, _ := someCursors(t)
	queries := []struct {
		opened
		from repo.Cursor
	}{
		{pageOf(t, "the table", shopTable, func(r *repo.Repository[order]) repo.Query[order] { return r.Query(orderCustomer.Eq("c1")) }), table},
		{pageOf(t, "the index", shopTable, func(r *repo.Repository[order]) repo.Query[order] { return r.Query(orderStatus.Eq("open")) }), index},
	}
	n := 0
	for _, q := range queries {
		for cut := 1; cut < len(q.from); cut++ {
			q.refuses(t, q.from[:cut])
			q.refuses(t, q.from[cut:])
			n += 2
		}
		for i := range len(q.from) {
			for _, b := range []byte("A_z0-=\n\x00\xff") {
				if q.from[i] == b {
					continue
				}
				q.refuses(t, q.from[:i]+repo.Cursor(rune(b))+q.from[i+1:])
				n++
			}
		}
		raw, err := base64.RawURLEncoding.DecodeString(string(q.from))
		if err != nil {
			t.Fatal(err)
		}
		for i := range raw {
			for bit := range 8 {
				raw[i] ^= 1 << bit
				q.refuses(t, repo.Cursor(base64.RawURLEncoding.EncodeToString(raw)))
				raw[i] ^= 1 << bit
				n++
			}
		}
	}
	if n < 1000 {
		t.Errorf("only %d damages", n)
	}
}

// Whatever text comes as a cursor, it is opened, or refused with nothing sent; it never panics.
func FuzzCursor(f *testing.F) {
	table, index, scan := someCursors(f)
	for _, seed := range []repo.Cursor{"", table, index, scan, table[:10], "AQ", "AQAAAAAAAAAAAAAAAA", "AQAAAAAAAAAAAAAAAP____________", "\xff"} {
		f.Add(string(seed))
	}
	c := &calls{answer: true}
	orders := repo.Must(repo.New[order](c, shopTable))
	f.Fuzz(func(t *testing.T, text string) {
		for _, page := range []func() error{
			func() error {
				_, err := orders.Query(orderCustomer.Eq("c1")).Page(t.Context(), repo.Cursor(text))
				return err
			},
			func() error {
				_, err := orders.Query(orderStatus.Eq("open")).Page(t.Context(), repo.Cursor(text))
				return err
			},
			func() error { _, err := orders.Scan().Page(t.Context(), repo.Cursor(text)); return err },
		} {
			err := page()
			sent := c.n.Swap(0)
			if err == nil && sent == 1 || errors.Is(err, repo.ErrInvalidCursor) && sent == 0 {
				continue
			}
			t.Errorf("%q: %v, %d requests", text, err, sent)
		}
	})
}
