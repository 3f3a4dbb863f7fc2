package reading

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
)

// bearer is a query or scan, and all cursors of its pages.
type bearer struct {
	name    string
	client  *counter
	page    func(context.Context, repo.Cursor) (int, repo.Cursor, error)
	cursors []repo.Cursor
	valid   map[repo.Cursor]bool
}

func bearing[T any](t *testing.T, name string, c *counter, page func(context.Context, repo.Cursor) (repo.Page[T], error)) *bearer {
	t.Helper()
	b := &bearer{name: name, client: c, valid: map[repo.Cursor]bool{}}
	b.page = func(ctx context.Context, from repo.Cursor) (int, repo.Cursor, error) {
		p, err := page(ctx, from)
		return len(p.Items), p.Next, err
	}
	for from := repo.Cursor(""); ; {
		_, next, err := b.page(t.Context(), from)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if next == "" {
			break
		}
		b.cursors = append(b.cursors, next)
		b.valid[next] = true
		from = next
	}
	if len(b.cursors) < 2 {
		t.Fatalf("%s has %d cursors, and needs some", name, len(b.cursors))
	}
	return b
}

// stocked is a table of one kind with rows that are always the same.
func stocked(t *testing.T, k *kind, n int, keys ...[]byte) *store {
	t.Helper()
	s := newStore(t.Context(), t, k, keys...)
	rng := rand.New(rand.NewPCG(1, 2))
	for range n {
		row := reflect.ValueOf(s.handle.blank()).Elem()
		for _, f := range k.fields {
			row.FieldByName(f.name).Set(reflect.ValueOf(f.pool[rng.IntN(len(f.pool))]))
		}
		if _, err := s.handle.put(t.Context(), row.Interface()); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func kindOf(name string) *kind {
	for _, k := range kinds {
		if k.name == name {
			return k
		}
	}
	return nil
}

func repository[T any](s *store) *repo.Repository[T] { return s.handle.(*typed[T]).r }

// bearers are queries of every sort: of the table and of indexes, of text and natural keys, of shards, of buckets, of both, and a scan.
func bearers(t *testing.T, keys ...[]byte) (out []*bearer) {
	t.Helper()
	ns := stocked(t, kindOf("note"), 60, keys...)
	notes := repository[note](ns)
	es := stocked(t, kindOf("event"), 80, keys...)
	events := repository[event](es)
	ls := stocked(t, kindOf("ledger"), 80, keys...)
	ledgers := repository[ledger](ls)
	bs := stocked(t, kindOf("blob"), 30, keys...)
	blobs := repository[blob](bs)
	vs := stocked(t, kindOf("visit"), 60, keys...)
	visits := repository[visit](vs)
	ss := stocked(t, kindOf("seat"), 60, keys...)
	seats := repository[seat](ss)
	from, to := midnight.Add(-48*time.Hour), midnight.Add(72*time.Hour)
	return []*bearer{
		bearing(t, "a table", ns.client, notes.Query(noteUser.Eq("ann")).PageSize(2).Page),
		bearing(t, "a table, turned round", ns.client, notes.Query(noteUser.Eq("ann")).Desc().PageSize(2).Page),
		bearing(t, "an index", ns.client, notes.Query(noteTag.Eq("")).Index("tag").PageSize(2).Page),
		bearing(t, "a projected index", ns.client, notes.Query(noteKind.Eq("a")).Index("kind").Hydrate().PageSize(2).Page),
		bearing(t, "a local index", ns.client, notes.Query(noteUser.Eq("bob")).Index("rank").PageSize(1).Page),
		bearing(t, "numbers", ls.client, ledgers.Query(ledgerAccount.Eq(7)).PageSize(2).Page),
		bearing(t, "an index of numbers", ls.client, ledgers.Query(ledgerRegion.Eq("eu")).Index("scores").Hydrate().PageSize(2).Page),
		bearing(t, "an index that is not declared", ls.client, ledgers.Query(ledgerTier.Eq(1)).Index("loose").PageSize(1).Page),
		bearing(t, "shards and buckets", es.client, events.Query(eventKind.Eq("a"), eventAt.Between(from, to)).PageSize(2).Page),
		bearing(t, "shards of an index", es.client, events.Query(eventAt.Between(from, to)).Index("all").PageSize(2).Page),
		bearing(t, "buckets of an index", es.client, events.Query(eventKind.Eq("a"), eventAt.Between(from, to)).Index("hour").PageSize(1).Page),
		bearing(t, "an index without a sort key", bs.client, blobs.Query(blobOwner.Eq("o")).PageSize(2).Page),
		bearing(t, "shards without a sort key", bs.client, blobs.Query(blobKind.Eq("k")).Index("kinds").PageSize(2).Page),
		bearing(t, "a table without types", vs.client, visits.Query(visitSite.Eq("s")).PageSize(1).Page),
		bearing(t, "shards", ss.client, seats.Query(seatRoom.Eq("r")).PageSize(2).Page),
		bearing(t, "shards of natural keys", ss.client, seats.Query().Index("price").PageSize(2).Page),
		bearing(t, "a scan", ns.client, notes.Scan().PageSize(5).Page),
		bearing(t, "a scan of binary keys", bs.client, blobs.Scan().PageSize(3).Page),
	}
}

// Each of 100,000 random flips, truncations, splices and foreign uses is refused without a request.
func TestCursorsAreDecodedStrictly(t *testing.T) {
	all := append(bearers(t), bearers(t, bytes.Repeat([]byte{7}, 32))...)
	sent := func() (n int) {
		for _, b := range all {
			n += b.client.sent("")
		}
		return n
	}
	sent()
	rng := rand.New(rand.NewPCG(3, 4))
	count := map[string]int{}
	for done := 0; done < 100_000; {
		b := all[rng.IntN(len(all))]
		how, forged := mutated(rng, b, all)
		if forged == "" || b.valid[forged] {
			continue
		}
		n, next, err := b.page(t.Context(), forged)
		if !errors.Is(err, repo.ErrInvalidCursor) || n > 0 || next != "" {
			t.Fatalf("%s: %s: %q gives %d items, %v", b.name, how, forged, n, err)
		}
		count[how]++
		done++
		if done%1000 == 0 && sent() > 0 {
			t.Fatalf("%s: %s: a request was sent", b.name, how)
		}
	}
	t.Log(count)
	for _, b := range all {
		for _, c := range b.cursors {
			if _, _, err := b.page(t.Context(), c); err != nil {
				t.Fatalf("%s: its own cursor: %v", b.name, err)
			}
		}
	}
}

// mutated makes a cursor that is none of a query's own, most of the time.
func mutated(rng *rand.Rand, b *bearer, all []*bearer) (how string, forged repo.Cursor) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=\r\n .%#\x00\xff"
	own := string(b.cursors[rng.IntN(len(b.cursors))])
	other := all[rng.IntN(len(all))]
	foreign := string(other.cursors[rng.IntN(len(other.cursors))])
	raw, err := base64.RawURLEncoding.DecodeString(own)
	if err != nil {
		return "a cursor that is not base64url", repo.Cursor(own)
	}
	encode := func(b []byte) repo.Cursor { return repo.Cursor(base64.RawURLEncoding.EncodeToString(b)) }
	at := rng.IntN(len(own))
	switch rng.IntN(11) {
	case 0:
		raw[rng.IntN(len(raw))] ^= 1 << rng.IntN(8)
		return "bit flipped", encode(raw)
	case 1:
		raw[rng.IntN(len(raw))] = byte(rng.IntN(256))
		return "byte replaced", encode(raw)
	case 2:
		return "character replaced", repo.Cursor(own[:at] + string(alphabet[rng.IntN(len(alphabet))]) + own[at+1:])
	case 3:
		return "truncated", repo.Cursor(own[:at])
	case 4:
		return "bytes cut off", encode(raw[:rng.IntN(len(raw))])
	case 5:
		return "beginning cut off", repo.Cursor(own[at+1:])
	case 6:
		return "character added", repo.Cursor(own[:at] + string(alphabet[rng.IntN(len(alphabet))]) + own[at:])
	case 7:
		return "bytes added", encode(append(raw, make([]byte, 1+rng.IntN(9))...))
	case 8:
		return "foreign", repo.Cursor(foreign)
	case 9:
		return "spliced", repo.Cursor(own[:at] + foreign[min(at, len(foreign)):])
	}
	theirs, err := base64.RawURLEncoding.DecodeString(foreign)
	if err != nil {
		return "a cursor that is not base64url", repo.Cursor(foreign)
	}
	cut := rng.IntN(len(raw))
	return "bytes spliced", encode(append(raw[:cut:cut], theirs[min(cut, len(theirs)):]...))
}

// A cursor fits its own query alone.
func TestCursorsAreBound(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		var keys [][]byte
		if sealed {
			keys = append(keys, bytes.Repeat([]byte{1}, 32))
		}
		ns := stocked(t, kindOf("note"), 60, keys...)
		notes := repository[note](ns)
		elsewhere := ns.table
		elsewhere.Name = "notes2"
		others := must[note](t, ns.client, elsewhere)
		ss := stocked(t, kindOf("seat"), 60, keys...)
		seats := repository[seat](ss)
		wider := must[widerSeat](t, ss.client, ss.table)
		es := stocked(t, kindOf("event"), 80, keys...)
		events := repository[event](es)
		unsealed, rekeyed := ns.table, ns.table
		unsealed.CursorKeys, rekeyed.CursorKeys = nil, [][]byte{bytes.Repeat([]byte{2}, 32)}
		if !sealed {
			unsealed.CursorKeys = [][]byte{bytes.Repeat([]byte{1}, 32)}
		}
		lo, hi := midnight.Add(-48*time.Hour), midnight.Add(72*time.Hour)

		note1 := bearing(t, "notes", ns.client, notes.Query(noteUser.Eq("ann")).PageSize(1).Page)
		tagged := bearing(t, "tagged", ns.client, notes.Query(noteTag.Eq("a")).Index("tag").PageSize(1).Page)
		room := bearing(t, "seats", ss.client, seats.Query(seatRoom.Eq("r")).PageSize(1).Page)
		price := bearing(t, "prices", ss.client, seats.Query().Index("price").PageSize(1).Page)
		free := bearing(t, "free", ss.client, seats.Query(seatFree.Eq(true)).Index("free").PageSize(1).Page)
		hours := bearing(t, "hours", es.client, events.Query(eventKind.Eq("a"), eventAt.Between(lo, hi)).Index("hour").PageSize(1).Page)
		scan := bearing(t, "scan", ns.client, notes.Scan().PageSize(3).Page)
		for _, c := range []struct {
			reason string
			of     *bearer
			use    func(context.Context, repo.Cursor) error
		}{
			{"another value", note1, use(notes.Query(noteUser.Eq("bob")).Page)},
			{"the same partition under another value", note1, use(notes.Query(noteUser.Eq("Ann")).Page)},
			{"one condition more", note1, use(notes.Query(noteUser.Eq("ann"), noteAt.Gt(lo)).Page)},
			{"another direction", note1, use(notes.Query(noteUser.Eq("ann")).Desc().Page)},
			{"a local index", note1, use(notes.Query(noteUser.Eq("ann")).Index("rank").Page)},
			{"another table", note1, use(others.Query(noteUser.Eq("ann")).Page)},
			{"a scan", note1, use(notes.Scan().Page)},
			{"of a scan", scan, use(notes.Query(noteUser.Eq("ann")).Page)},
			{"of an index, in another value", tagged, use(notes.Query(noteTag.Eq("ab")).Index("tag").Page)},
			{"of an index, in the table", tagged, use(notes.Query(noteUser.Eq("ann")).Page)},
			{"another key, or none", note1, use(must[note](t, ns.client, unsealed).Query(noteUser.Eq("ann")).Page)},
			{"other keys", note1, use(must[note](t, ns.client, rekeyed).Query(noteUser.Eq("ann")).Page)},
			{"another count of shards", room, use(wider.Query(widerRoom.Eq("r")).Page)},
			{"another count of shards in an index of natural keys", price, use(wider.Query().Index("price").Page)},
			{"another count of shards in an index", free, use(wider.Query(widerFree.Eq(true)).Index("free").Page)},
			{"one shard of them", room, use(seats.Query(seatRoom.Eq("r"), seatRow.Eq(1)).Page)},
			{"another range of buckets", hours, use(events.Query(eventKind.Eq("a"), eventAt.Between(lo, hi.Add(time.Hour))).Index("hour").Page)},
			{"another entity", room, use(notes.Query(noteUser.Eq("ann")).Page)},
		} {
			for _, from := range c.of.cursors {
				ns.client.sent("")
				ss.client.sent("")
				es.client.sent("")
				err := c.use(t.Context(), from)
				if sent := ns.client.sent("") + ss.client.sent("") + es.client.sent(""); !errors.Is(err, repo.ErrInvalidCursor) || sent > 0 {
					t.Errorf("sealed %v: %s: %v, %d requests", sealed, c.reason, err, sent)
					break
				}
			}
		}
		// What is no part of a query's place makes no difference.
		for _, from := range note1.cursors {
			for _, q := range []repo.Query[note]{
				notes.Query(noteUser.Eq("ann")).Limit(3), notes.Query(noteUser.Eq("ann")).Filter(noteRank.Gt(1)), notes.Query(noteUser.Eq("ann")).Consistent(),
			} {
				if _, err := q.Page(t.Context(), from); err != nil {
					t.Errorf("sealed %v: the same query: %v", sealed, err)
				}
			}
		}
	}
}

func use[T any](page func(context.Context, repo.Cursor) (repo.Page[T], error)) func(context.Context, repo.Cursor) error {
	return func(ctx context.Context, from repo.Cursor) error {
		_, err := page(ctx, from)
		return err
	}
}

// Sealed cursors reveal no key bytes; keys rotate.
func TestSealedCursors(t *testing.T) {
	oldKey, newKey := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	c, e := opened(t)
	repos := map[string]*repo.Repository[note]{}
	for name, keys := range map[string][][]byte{"none": nil, "old": {oldKey}, "new": {newKey}, "both": {newKey, oldKey}} {
		table := noteTable
		table.CursorKeys = keys
		repos[name] = must[note](t, c, table)
	}
	create(t, e, noteTable, repos["none"])
	const user, id = "someone@example.com", "0123456789abcdef"
	for i := range 5 {
		put(t, repos["none"], note{User: user, At: midnight, ID: fmt.Sprint(id, i), Kind: "a", Tag: "invoice"})
	}
	query := func(name string) repo.Query[note] { return repos[name].Query(noteUser.Eq(user)).PageSize(2) }
	cursor := func(name string) repo.Cursor {
		t.Helper()
		p, err := query(name).Page(t.Context(), "")
		if err != nil || p.Next == "" {
			t.Fatalf("%v, %q", err, p.Next)
		}
		return p.Next
	}
	shows := func(c repo.Cursor) []string {
		raw, err := base64.RawURLEncoding.DecodeString(string(c))
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, text := range []string{user, id, "USER#", "N#", "notes", "Note"} {
			for i := 0; i+4 <= len(text) || i == 0; i++ {
				if part := text[i:min(i+4, len(text))]; len(part) > 3 && (bytes.Contains(raw, []byte(part)) || strings.Contains(string(c), part)) {
					out = append(out, part)
				}
			}
		}
		return out
	}
	if len(shows(cursor("none"))) == 0 {
		t.Error("a plain cursor shows no key, and the test would not see one in a sealed one")
	}
	seen := map[repo.Cursor]bool{}
	for range 100 {
		c := cursor("old")
		if parts := shows(c); len(parts) > 0 || seen[c] {
			t.Fatalf("a sealed cursor shows %q, or is as another one: %v", parts, seen[c])
		}
		seen[c] = true
	}
	for _, tc := range []struct {
		reason, made, read string
		ok                 bool
	}{
		{"the key itself", "old", "old", true},
		{"a new key before the old one", "old", "both", true},
		{"sealed with the first key", "both", "new", true},
		{"not with the second", "both", "old", false},
		{"the old key is gone", "old", "new", false},
		{"unsealed, once there are keys", "none", "both", false},
		{"sealed, without keys", "both", "none", false},
	} {
		from := cursor(tc.made)
		c.sent("")
		p, err := query(tc.read).Page(t.Context(), from)
		sent := c.sent("")
		if tc.ok && (err != nil || len(p.Items) != 2 || p.Items[0].ID != id+"2") || !tc.ok && (!errors.Is(err, repo.ErrInvalidCursor) || sent > 0) {
			t.Errorf("%s: %v, %d items, %d requests", tc.reason, err, len(p.Items), sent)
		}
	}
	shown := fmt.Sprintf("%v %+v %#v %s", repo.Table{CursorKeys: [][]byte{[]byte("a key of 32 bytes, all of it text")}}, repo.Table{CursorKeys: [][]byte{[]byte("a key of 32 bytes, all of it text")}},
		repo.Table{CursorKeys: [][]byte{[]byte("a key of 32 bytes, all of it text")}}, repo.Table{CursorKeys: [][]byte{[]byte("a key of 32 bytes, all of it text")}})
	if strings.Contains(shown, "all of it") || strings.Contains(shown, "97 32 107") || strings.Contains(shown, "0x61, 0x20") {
		t.Errorf("a table shows its keys: %s", shown)
	}
}

// Long keys make a cursor within the cap, and what is longer is not even decoded.
func TestCursorSizes(t *testing.T) {
	for _, keys := range [][][]byte{nil, {bytes.Repeat([]byte{9}, 32)}} {
		table := ledgerTable
		table.CursorKeys = keys
		c, e := opened(t)
		ledgers := must[ledger](t, c, table)
		create(t, e, table, ledgers)
		long := ledger{Region: strings.Repeat("r", 400), Plan: strings.Repeat("p", 200), Tier: 1, Unit: 1 << 63, Score: 1, Day: midnight, Blob: bytes.Repeat([]byte{255}, 300), Memo: "first"}
		next := long
		next.Seq, next.Memo = 5, "second"
		put(t, ledgers, long, next)
		q := ledgers.Query(ledgerRegion.Eq(long.Region), ledgerTier.Eq(1), ledgerPlan.Eq(long.Plan), ledgerUnit.Eq(long.Unit)).Index("wide").Limit(1)
		p, err := q.Page(t.Context(), "")
		if err != nil || p.Next == "" {
			t.Fatal(err)
		}
		second, err := q.Page(t.Context(), p.Next)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"first", "second"}, []string{p.Items[0].Memo, second.Items[0].Memo}); diff != "" {
			t.Error(diff)
		}
		c.sent("")
		for _, forged := range []string{strings.Repeat("A", 24*1024+1), string(p.Next) + strings.Repeat("A", 24*1024), strings.Repeat("A", 1<<24), strings.Repeat("\n", 1<<20)} {
			if _, err := q.Page(t.Context(), repo.Cursor(forged)); !errors.Is(err, repo.ErrInvalidCursor) || c.sent("") > 0 {
				t.Errorf("a cursor of %d characters: %v", len(forged), err)
			}
		}
	}
}
