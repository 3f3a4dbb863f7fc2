package reindex

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// What is wrong with a row is made right, and nothing else of it changes.
func TestEachDefect(t *testing.T) {
	base := old(1)
	right := with(base, item{"gsi2pk": s("CITY#Oslo"), "gsi2sk": s("active#p00001"), "version": n("1")})
	for _, c := range []struct {
		reason string
		was    item
		is     item
	}{
		{"an index, a version and a guard that are new", base, right},
		{"a version that is there stays", with(base, item{"version": n("7")}), with(right, item{"version": n("7")})},
		{"a version of 0 is none", with(base, item{"version": n("0")}), right},
		{"nor is NULL", with(base, item{"version": &types.AttributeValueMemberNULL{Value: true}}), right},
		{"stale keys", with(base, item{"gsi1pk": s("STATUS#gone"), "gsi1sk": s("Bob"), "gsi2pk": s("CITY#Rome"), "gsi2sk": s("x")}), right},
		{"half a key", with(base, item{"gsi1sk": nil}), right},
		{"out of an index by its when", with(base, item{"status": s("left"), "gsi2pk": s("CITY#Oslo"), "gsi2sk": s("active#p00001")}),
			with(right, item{"status": s("left"), "gsi1pk": s("STATUS#left"), "gsi2pk": nil, "gsi2sk": nil})},
		{"out of an index by an empty field", with(base, item{"name": s("")}), with(right, item{"name": s(""), "gsi1pk": nil, "gsi1sk": nil})},
		{"a field is absent", with(base, item{"home": nil}), with(right, item{"home": nil, "gsi2pk": nil, "gsi2sk": nil})},
		{"no type, but the shape of the key", with(base, item{"_type": nil}), right},
		{"no address, so no guard", with(base, item{"email": nil}), with(right, item{"email": nil})},
		{"a key attribute of another kind", with(base, item{"version": n("2"), "gsi1pk": nil, "gsi1sk": nil}), with(right, item{"version": n("2")})},
	} {
		t.Run(c.reason, func(t *testing.T) {
			w := newWorld(t)
			w.load(c.was)
			guards := 1
			if c.was["email"] == nil {
				guards = 0
			}
			w.counted(w.reindex(repo.ReindexOptions{DryRun: true}), 1, 1, guards, 0, 0)
			if diff := cmp.Diff(c.was, w.stored(c.was), ignore); diff != "" {
				t.Errorf("a dry run wrote:\n%s", diff)
			}
			w.counted(w.reindex(repo.ReindexOptions{}), 1, 1, guards, 0, 0)
			if diff := cmp.Diff(c.is, w.stored(c.was), ignore); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if email := text(c.was["email"]); email != "" {
				if diff := cmp.Diff(guard(email, c.was), w.stored(guardKey(email)), ignore); diff != "" {
					t.Errorf("the guard: -want +got\n%s", diff)
				}
			}
			w.right(nil)
			sent := w.writes()
			w.counted(w.reindex(repo.ReindexOptions{}), 1, 0, 0, 0, 0)
			if w.writes() != sent {
				t.Error("what is right was written again")
			}
		})
	}
}

var ignore = cmp.FilterPath(func(p cmp.Path) bool { return strings.Contains(p.Last().String(), "noSmithyDocumentSerde") }, cmp.Ignore())

// Requests: a scan, a read of a hundred guards, a transaction for each item; then no write any more.
func TestRequests(t *testing.T) {
	w := newWorld(t)
	w.loadOld(250)
	count := func() map[string]int {
		out := map[string]int{}
		for _, op := range []string{"Scan", "BatchGetItem", "GetItem", "TransactGetItems", "UpdateItem", "TransactWriteItems"} {
			if n := w.engine.Requests(op); n > 0 {
				out[op] = n
			}
		}
		return out
	}
	w.counted(w.reindex(repo.ReindexOptions{}), 250, 250, 250, 0, 0)
	if diff := cmp.Diff(map[string]int{"Scan": 1, "BatchGetItem": 3, "TransactWriteItems": 250}, count()); diff != "" {
		t.Error(diff)
	}
	w.counted(w.reindex(repo.ReindexOptions{Segments: 4}), 250, 0, 0, 0, 0)
	if got := count(); got["Scan"] != 5 || got["TransactWriteItems"] != 250 || got["UpdateItem"] != 0 {
		t.Errorf("a second walk: %v", got)
	}
	// A key that is stale needs no transaction.
	w.load(with(w.stored(old(3)), item{"gsi1sk": s("stale")}))
	w.counted(w.reindex(repo.ReindexOptions{}), 250, 1, 0, 0, 0)
	if got := count(); got["UpdateItem"] != 1 || got["TransactWriteItems"] != 250 {
		t.Errorf("one update: %v", got)
	}
	w.right(nil)
}

// The new index serves queries.
func TestTheIndexIsComplete(t *testing.T) {
	w := newWorld(t)
	w.loadOld(30)
	w.reindex(repo.ReindexOptions{Segments: 3})
	n, err := w.persons.Scan().Index("gsi2").Count(t.Context())
	if n != 30 || err != nil {
		t.Error(n, err)
	}
	p, err := w.persons.Update(t.Context(), person{Team: "t1", ID: "p00001"}, personEmail.Set("new@example.com"))
	if p.Version != 2 || err != nil {
		t.Error(p, err)
	}
	w.right(nil)
}

// A value that several items have: one gets the guard, the others are reported, with whoever has it, and what else they need is written.
func TestDuplicates(t *testing.T) {
	w := newWorld(t)
	var all []item
	for i := range 5 {
		all = append(all, with(old(i), item{"email": s("shared@example.com")}))
	}
	taken := with(old(5), item{"email": s("taken@example.com")})
	w.load(all...)
	w.load(taken, guard("taken@example.com", old(77)), old(6))
	found := map[string]string{}
	report := w.reindex(repo.ReindexOptions{Segments: 2, Problem: func(p repo.ReindexProblem) {
		var e *repo.Error
		if !errors.Is(p.Err, repo.ErrNotUnique) || !errors.As(p.Err, &e) || e.Field != "Email" || e.Op != "Reindex" || e.Entity != "Person" {
			t.Error(p.Err)
		}
		if v, ok := p.Item.(person); !ok || "PERSON#"+v.ID != text(p.Key["sk"]) || v.Email == "" {
			t.Errorf("the item is %v", p.Item)
		}
		if shown := fmt.Sprintf("%v %+v %#v %s", p, p, p, p.Err); strings.Contains(shown, "example") || strings.Contains(shown, "p0000") {
			t.Errorf("it shows values: %s", shown)
		}
		found[text(p.Key["sk"])] = text(p.Owner["sk"])
	}})
	w.counted(report, 7, 7, 2, 5, 0)
	if len(report.Problems) != 5 || len(found) != 5 || found["PERSON#p00005"] != "PERSON#p00077" {
		t.Errorf("%d problems, found %v", len(report.Problems), found)
	}
	if shown := fmt.Sprintf("%v %+v", report, report); strings.Contains(shown, "example") {
		t.Errorf("the report shows values: %s", shown)
	}
	owners := map[string]bool{}
	for sk, owner := range found {
		if sk != "PERSON#p00005" {
			owners[owner] = true
		}
	}
	if len(owners) != 1 {
		t.Errorf("the guard had several owners: %v", owners)
	}
	if diff := cmp.Diff(guard("taken@example.com", old(77)), w.stored(guardKey("taken@example.com")), ignore); diff != "" {
		t.Errorf("the guard of another was touched:\n%s", diff)
	}
	// They can be mended with the verbs, and the next walk finds what is left.
	if _, err := w.persons.Update(t.Context(), person{Team: "t5", ID: "p00005"}, personEmail.Set("free@example.com")); err != nil {
		t.Error(err)
	}
	w.counted(w.reindex(repo.ReindexOptions{}), 7, 0, 0, 4, 0)
}

// The list of problems has an end; the function sees all of them.
func TestManyProblems(t *testing.T) {
	w := newWorld(t)
	for i := range 150 {
		w.load(with(old(i), item{"hits": s("many")}))
	}
	seen := 0
	report := w.reindex(repo.ReindexOptions{Problem: func(repo.ReindexProblem) { seen++ }})
	w.counted(report, 150, 0, 0, 0, 150)
	if len(report.Problems) != 100 || seen != 150 {
		t.Errorf("%d are listed, %d were seen", len(report.Problems), seen)
	}
}

// Rows that cannot be made right are reported and counted, nothing of them changes, and the walk goes on.
func TestInvalidRows(t *testing.T) {
	for _, c := range []struct {
		reason  string
		change  item
		kind    error
		field   string
		decoded bool
	}{
		{"a text where a number belongs", item{"hits": s("canary")}, repo.ErrInvalidValue, "Hits", false},
		{"a number beyond the type", item{"version": n("99999999999999999999")}, repo.ErrInvalidValue, "Version", false},
		{"a member of a key of another kind", item{"status": &types.AttributeValueMemberBOOL{Value: true}}, repo.ErrInvalidValue, "Status", false},
		{"a time that is none", item{"updated": s("canary")}, repo.ErrInvalidValue, "Updated", false},
		{"an index key that is too long", item{"name": s(strings.Repeat("canary", 200))}, repo.ErrInvalidKey, "", true},
		{"a unique value that is too long", item{"email": s(strings.Repeat("canary", 400))}, repo.ErrInvalidKey, "Email", true},
		{"fields that make another key", item{"id": s("canary")}, repo.ErrInvalidKey, "", true},
		{"fields that make no key", item{"id": nil}, repo.ErrIncompleteKey, "ID", true},
	} {
		t.Run(c.reason, func(t *testing.T) {
			w := newWorld(t)
			bad := with(old(1), c.change)
			w.load(old(0), bad, old(2))
			report := w.reindex(repo.ReindexOptions{})
			w.counted(report, 3, 2, 2, 0, 1)
			if len(report.Problems) != 1 {
				t.Fatal(report.Problems)
			}
			p := report.Problems[0]
			var e *repo.Error
			if !errors.Is(p.Err, c.kind) || !errors.As(p.Err, &e) || e.Field != c.field || e.Op != "Reindex" {
				t.Errorf("the error is %v", p.Err)
			}
			if strings.Contains(fmt.Sprint(p, p.Err), "canary") {
				t.Errorf("it shows a value: %v", p)
			}
			if (p.Item != nil) != c.decoded || p.Owner != nil || text(p.Key["sk"]) != "PERSON#p00001" {
				t.Errorf("the problem is of %v", p.Key)
			}
			if diff := cmp.Diff(bad, w.stored(bad), ignore); diff != "" {
				t.Errorf("the row was changed:\n%s", diff)
			}
		})
	}
}

// Rows of others pass by: guards, other types, other shapes of keys.
func TestOtherRows(t *testing.T) {
	w := newWorld(t)
	others := []item{
		{"pk": s("TEAM#t1"), "sk": s("PERSON#x"), "_type": s("Robot"), "gsi2pk": s("stale")},
		{"pk": s("TEAM#t1"), "sk": s("SETTINGS"), "gsi2pk": s("stale")},
		{"pk": s("TEAM#t1"), "sk": s("PERSON#y"), "_type": n("1")},
		guard("nobody@example.com", old(9)),
	}
	w.load(others...)
	w.load(old(1))
	w.counted(w.reindex(repo.ReindexOptions{Segments: 2}), 1, 1, 1, 0, 0)
	for _, row := range others {
		if diff := cmp.Diff(row, w.stored(row), ignore); diff != "" {
			t.Error(diff)
		}
	}
}

// Where the keys of two entities may meet, a row without a type is nobody's.
func TestOverlapping(t *testing.T) {
	w := newWorld(t)
	badges := repo.Must(repo.New[badge](w.client, people))
	typed := item{"pk": s("TEAM#a"), "sk": s("b1"), "_type": s("Badge"), "team": s("a"), "id": s("b1"), "colour": s("red")}
	untyped := with(typed, item{"sk": s("b2"), "id": s("b2"), "_type": nil})
	w.load(typed, untyped)
	report, err := badges.Reindex(t.Context(), repo.ReindexOptions{})
	if err != nil || counts(report.ReindexProgress) != [5]int{2, 1, 0, 0, 1} || !errors.Is(report.Problems[0].Err, repo.ErrWrongEntity) {
		t.Errorf("%+v, %v", report, err)
	}
	if diff := cmp.Diff(untyped, w.stored(untyped), ignore); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(with(typed, item{"gsi1pk": s("COLOUR#red"), "gsi1sk": s("b1")}), w.stored(typed), ignore); diff != "" {
		t.Error(diff)
	}
}

// Types and attributes under former names get those that they have now, by which the keys are made.
func TestFormerNames(t *testing.T) {
	w := newWorld(t)
	robots := repo.Must(repo.New[robot](w.client, people))
	is := item{"pk": s("TEAM#a"), "sk": s("ROBOT#r1"), "_type": s("Robot"), "team": s("a"), "id": s("r1"), "place": s("hall"), "rev": n("4"),
		"gsi1pk": s("PLACE#hall"), "gsi1sk": s("r1"), "unknown": s("kept")}
	was := with(is, item{"_type": s("Machine"), "place": nil, "room": s("hall"), "rev": nil, "count": n("4"), "gsi1pk": nil, "gsi1sk": nil})
	for reason, row := range map[string]item{
		"former names alone":              was,
		"the names now count":             with(was, item{"place": s("hall"), "room": s("cellar"), "rev": n("4"), "count": n("2")}),
		"the last of several former ones": with(was, item{"spot": s("hall"), "room": s("cellar")}),
		"a version of 0":                  with(was, item{"count": n("0")}),
	} {
		w.load(row)
		wrote := 0
		w.on(func(operation string) {
			if operation == "UpdateItem" {
				wrote++
			}
		})
		for range 2 {
			if report, err := robots.Reindex(t.Context(), repo.ReindexOptions{}); err != nil || report.Read != 1 || report.Invalid != 0 {
				t.Errorf("%s: %+v, %v", reason, report, err)
			}
		}
		want := is
		if reason == "a version of 0" {
			want = with(is, item{"rev": n("1")})
		}
		if diff := cmp.Diff(want, w.stored(row), ignore); diff != "" || wrote != 1 {
			t.Errorf("%s: %d writes, -want +got\n%s", reason, wrote, diff)
		}
	}
}

// Somebody who knows the former name alone comes between.
func TestRaceForAFormerName(t *testing.T) {
	w := newWorld(t)
	robots := repo.Must(repo.New[robot](w.client, people))
	row := item{"pk": s("TEAM#a"), "sk": s("ROBOT#r1"), "_type": s("Robot"), "team": s("a"), "id": s("r1"), "room": s("hall"), "rev": n("4")}
	w.load(row)
	once := false
	w.on(func(operation string) {
		if operation == "UpdateItem" && !once {
			once = true
			if err := w.set(row, "room", s("attic")); err != nil {
				t.Error(err)
			}
		}
	})
	if _, err := robots.Reindex(t.Context(), repo.ReindexOptions{}); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(with(row, item{"room": nil, "place": s("attic"), "gsi1pk": s("PLACE#attic"), "gsi1sk": s("r1")}), w.stored(row), ignore); diff != "" {
		t.Error(diff)
	}
}

// A table with number keys and without types: expired items are brought up too, and tokens hold numbers.
func TestNumberKeys(t *testing.T) {
	c := repotest.NewClient()
	table := repo.Table{Name: "gauges", Key: repo.Key{Hash: "sensor", Range: "at"}, Indexes: []repo.Index{{Name: "gsi1"}}, TypeAttribute: "-"}
	gauges := repo.Must(repo.New[gauge](c, table))
	if err := repo.CreateTable(t.Context(), c, table, gauges); err != nil {
		t.Fatal(err)
	}
	for i := range 250 {
		row := item{"sensor": n("-1"), "at": n(fmt.Sprint(i)), "level": s("high"), "gone": n("1")}
		if _, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table.Name, Item: row}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	first, err := gauges.Reindex(ctx, repo.ReindexOptions{Progress: func(repo.ReindexProgress) { cancel() }})
	if !errors.Is(err, context.Canceled) || first.Resume == "" || first.Read < 100 {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := gauges.Reindex(t.Context(), repo.ReindexOptions{Resume: first.Resume})
	if err != nil || first.Read+second.Read != 250 || first.Written+second.Written != 250 {
		t.Errorf("%+v, then %+v, %v", first, second, err)
	}
	for _, row := range rows(t, c, table.Name) {
		if len(row) != 6 || text(row["gsi1pk"]) != "LEVEL#high" || text(row["gsi1sk"]) == "" {
			t.Errorf("%v", row)
		}
	}
}

func TestWrongOptions(t *testing.T) {
	w := newWorld(t)
	sent := w.engine.Requests()
	for reason, o := range map[string]repo.ReindexOptions{
		"negative segments": {Segments: -1}, "too many": {Segments: 1_000_001}, "a negative rate": {Rate: -1},
	} {
		report, err := w.persons.Reindex(t.Context(), o)
		if !errors.Is(err, repo.ErrInvalidValue) || !reflect.ValueOf(report).IsZero() {
			t.Errorf("%s: %v", reason, err)
		}
	}
	if _, err := w.persons.If(personStatus.Eq("active")).Reindex(t.Context(), repo.ReindexOptions{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
	if _, err := w.persons.Scope(personTeam.Eq("t1")).Reindex(t.Context(), repo.ReindexOptions{}); !errors.Is(err, repo.ErrOutOfScope) {
		t.Error(err)
	}
	if w.engine.Requests() != sent {
		t.Error("something was sent")
	}
}

// Walks end with their context at any moment, and go on behind it: every item is read once, but for those under way.
func TestResume(t *testing.T) {
	for _, segments := range []int{1, 4, 70} {
		for _, keys := range [][][]byte{nil, {make([]byte, 32)}} {
			w := newWorld(t, func(table *repo.Table) { table.CursorKeys = keys })
			w.loadOld(400)
			var total repo.ReindexProgress
			token, runs := "", 0
			for done := false; !done; runs++ {
				ctx, cancel := context.WithCancel(t.Context())
				shown := ""
				report, err := w.persons.Reindex(ctx, repo.ReindexOptions{Segments: segments, Resume: token, Progress: func(p repo.ReindexProgress) {
					shown = p.Resume
					if p.Read > 150 {
						cancel()
					}
				}})
				cancel()
				done = err == nil
				if !done && (!errors.Is(err, context.Canceled) || report.Resume == "") || report.Resume != shown && keys == nil {
					t.Fatalf("%v, to resume %q, and shown was %q", err, report.Resume, shown)
				}
				token = report.Resume
				total.Read += report.Read
				total.Written += report.Written
			}
			if total.Read != 400 || total.Written != 400 || runs < 2 {
				t.Errorf("%d segments: %+v in %d runs", segments, total, runs)
			}
			w.right(nil)
		}
	}
}

// A token is text that is safe in URLs, and with keys shows nothing. It fits its own walk and no other.
func TestTokens(t *testing.T) {
	w := newWorld(t)
	w.loadOld(900) // three steps of each segment, so that no walk can end before it sees that it should
	interrupted := func(r interface {
		Reindex(context.Context, repo.ReindexOptions) (repo.ReindexReport, error)
	}, o repo.ReindexOptions) string {
		ctx, cancel := context.WithCancel(t.Context())
		o.Progress = func(repo.ReindexProgress) { cancel() }
		report, err := r.Reindex(ctx, o)
		if !errors.Is(err, context.Canceled) || report.Resume == "" {
			t.Fatalf("%+v, %v", report, err)
		}
		return report.Resume
	}
	open := func(change func(*repo.Table)) *repo.Repository[person] {
		table := people
		if change != nil {
			change(&table)
		}
		return repo.Must(repo.New[person](w.client, table))
	}
	keyA, keyB := []byte(strings.Repeat("a", 32)), []byte(strings.Repeat("b", 32))
	sealing := open(func(t *repo.Table) { t.CursorKeys = [][]byte{keyA} })
	token := interrupted(w.persons, repo.ReindexOptions{Segments: 3})
	sealed := interrupted(sealing, repo.ReindexOptions{Segments: 3})
	dry := interrupted(w.persons, repo.ReindexOptions{Segments: 3, DryRun: true})
	for _, text := range []string{token, sealed, dry} {
		if strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Errorf("%q", text)
		}
	}
	type walker interface {
		Reindex(context.Context, repo.ReindexOptions) (repo.ReindexReport, error)
	}
	page, err := w.persons.Consistent().Query(personTeam.Eq("t1")).Limit(1).Page(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	sent := w.engine.Requests()
	for _, c := range []struct {
		reason string
		by     walker
		o      repo.ReindexOptions
	}{
		{"of another number of segments", w.persons, repo.ReindexOptions{Resume: token, Segments: 4}},
		{"of another table", open(func(t *repo.Table) { t.Name = "others" }), repo.ReindexOptions{Resume: token}},
		{"of another type attribute", open(func(t *repo.Table) { t.TypeAttribute = "kind" }), repo.ReindexOptions{Resume: token}},
		{"of another schema", repo.Must(repo.New[veteran](w.client, people)), repo.ReindexOptions{Resume: token}},
		{"of other attributes of an index", open(func(t *repo.Table) {
			t.Indexes = []repo.Index{{Name: "gsi1"}, {Name: "gsi2", Hash: []string{"g2"}, Range: []string{"g3"}}}
		}), repo.ReindexOptions{Resume: token}},
		{"of another entity", repo.Must(repo.New[badge](w.client, people)), repo.ReindexOptions{Resume: token}},
		{"of a dry run", w.persons, repo.ReindexOptions{Resume: dry}},
		{"of a real run, for a dry one", w.persons, repo.ReindexOptions{Resume: token, DryRun: true}},
		{"sealed by others", open(func(t *repo.Table) { t.CursorKeys = [][]byte{keyB} }), repo.ReindexOptions{Resume: sealed}},
		{"plain, where keys are set", sealing, repo.ReindexOptions{Resume: token}},
		{"sealed, where none are", w.persons, repo.ReindexOptions{Resume: sealed}},
		{"a cursor", w.persons, repo.ReindexOptions{Resume: string(page.Next)}},
		{"cut", w.persons, repo.ReindexOptions{Resume: token[:len(token)-3]}},
		{"with more behind it", w.persons, repo.ReindexOptions{Resume: token + "AAAA"}},
		{"with a line break", w.persons, repo.ReindexOptions{Resume: token + "\n"}},
		{"no text of ours", w.persons, repo.ReindexOptions{Resume: "=?="}},
		{"as long as none", w.persons, repo.ReindexOptions{Resume: strings.Repeat("A", 400_000)}},
	} {
		report, err := c.by.Reindex(t.Context(), c.o)
		if !errors.Is(err, repo.ErrInvalidCursor) || !reflect.ValueOf(report).IsZero() || strings.Contains(err.Error(), c.o.Resume) {
			t.Errorf("%s: %v", c.reason, err)
		}
	}
	for i := range len(token) {
		damaged := []byte(token)
		if damaged[i]++; damaged[i] == '{' || damaged[i] == '[' || damaged[i] == ':' {
			damaged[i] = 'A'
		}
		if _, err := w.persons.Reindex(t.Context(), repo.ReindexOptions{Resume: string(damaged), DryRun: false}); !errors.Is(err, repo.ErrInvalidCursor) {
			t.Errorf("character %d: %v", i, err)
		}
	}
	if w.engine.Requests() != sent {
		t.Error("something was sent")
	}
	// Keys can be changed while a walk is under way.
	both := open(func(t *repo.Table) { t.CursorKeys = [][]byte{keyB, keyA} })
	if _, err := both.Reindex(t.Context(), repo.ReindexOptions{Resume: sealed, Segments: 3}); err != nil {
		t.Error(err)
	}
	w.reindex(repo.ReindexOptions{Resume: token})
	w.right(nil)
}

// A writer comes between the read and the write: what it wrote decides.
func TestRaces(t *testing.T) {
	ctx := t.Context()
	for _, c := range []struct {
		reason   string
		first    string // the request that the writer comes before
		was      []item
		write    func(w *world) error
		is       item // what becomes of the item's own attributes
		reported int
	}{
		{reason: "a member of a key changes", first: "TransactWriteItems", was: []item{old(1)}, write: func(w *world) error {
			return w.set(old(1), "status", s("away"))
		}, is: item{"status": s("away")}},
		{reason: "a nested member changes", first: "TransactWriteItems", was: []item{old(1)}, write: func(w *world) error {
			return w.set(old(1), "home", &types.AttributeValueMemberM{Value: item{"city": s("Rome")}})
		}, is: item{"home": &types.AttributeValueMemberM{Value: item{"city": s("Rome")}}}},
		{reason: "the unique value changes", first: "TransactWriteItems", was: []item{old(1)}, write: func(w *world) error {
			return w.set(old(1), "email", s("new@example.com"))
		}, is: item{"email": s("new@example.com")}},
		{reason: "a member of a key that is right changes", first: "TransactWriteItems", was: []item{old(1)}, write: func(w *world) error {
			return w.set(old(1), "name", s("Eve"))
		}, is: item{"name": s("Eve")}},
		{reason: "another attribute changes, which is nobody's business", first: "TransactWriteItems", was: []item{old(1)}, write: func(w *world) error {
			return w.set(old(1), "hits", n("99"))
		}, is: item{"hits": n("99")}},
		{reason: "the version is written", first: "TransactWriteItems", was: []item{old(1)}, write: func(w *world) error {
			return w.set(old(1), "version", n("5"))
		}, is: item{"version": n("5")}},
		{reason: "the item is deleted", first: "TransactWriteItems", was: []item{old(1)}, write: func(w *world) error {
			return w.remove(old(1))
		}},
		{reason: "the item is replaced by another entity's", first: "TransactWriteItems", was: []item{old(1)}, write: func(w *world) error {
			return w.set(old(1), "_type", s("Robot"))
		}},
		{reason: "the value is taken before its guard is made", first: "TransactWriteItems", was: []item{old(1)}, write: func(w *world) error {
			_, err := w.raw.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("people"), Item: guard("p00001@example.com", old(2))})
			return err
		}, is: item{}, reported: 1},
		{reason: "the value changes hands between the read of the item and that of its guard: nothing is held twice", first: "BatchGetItem", was: []item{old(1)}, write: func(w *world) error {
			_, err := w.raw.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("people"), Item: guard("p00001@example.com", old(2))})
			return errors.Join(err, w.set(old(1), "email", s("new@example.com")))
		}, is: item{"email": s("new@example.com")}},
		{reason: "the same, of an item that needs nothing else", first: "BatchGetItem", was: []item{with(old(1), item{"version": n("1"), "gsi2pk": s("CITY#Oslo"), "gsi2sk": s("active#p00001")})}, write: func(w *world) error {
			_, err := w.raw.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("people"), Item: guard("p00001@example.com", old(2))})
			return errors.Join(err, w.set(old(1), "email", s("new@example.com")))
		}, is: item{"email": s("new@example.com")}},
		{reason: "the item is gone before its guard is read", first: "BatchGetItem", was: []item{old(1)}, write: func(w *world) error {
			_, err := w.raw.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("people"), Item: guard("p00001@example.com", old(2))})
			return errors.Join(err, w.remove(old(1)))
		}},
		{reason: "a key is stale and its member changes", first: "UpdateItem", was: []item{with(old(1), item{"version": n("3")}), guard("p00001@example.com", old(1))}, write: func(w *world) error {
			return w.set(old(1), "status", s("left"))
		}, is: item{"status": s("left"), "version": n("3")}},
		{reason: "somebody else makes it right", first: "UpdateItem", was: []item{with(old(1), item{"version": n("3")}), guard("p00001@example.com", old(1))}, write: func(w *world) error {
			return errors.Join(w.set(old(1), "gsi2pk", s("CITY#Oslo")), w.set(old(1), "gsi2sk", s("active#p00001")))
		}, is: item{"version": n("3")}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			w := newWorld(t)
			w.load(c.was...)
			done := false
			w.on(func(operation string) {
				if operation != c.first || done {
					return
				}
				done = true
				if err := c.write(w); err != nil {
					t.Error(err)
				}
			})
			report := w.reindex(repo.ReindexOptions{})
			if !done || report.Duplicates != c.reported || report.Read != 1 || report.Invalid != 0 {
				t.Errorf("%v, %+v", done, report)
			}
			got := w.stored(old(1))
			if c.is == nil {
				if got != nil && (text(got["_type"]) != "Robot" || got["version"] != nil) {
					t.Errorf("%v", got)
				}
				return
			}
			want := with(with(old(1), item{"version": n("1")}), c.is)
			for name, key := range map[string]string{"gsi1pk": "", "gsi1sk": "", "gsi2pk": "", "gsi2sk": ""} {
				if want[name] = s(indexKeys(want)[name]); indexKeys(want)[name] == key {
					delete(want, name)
				}
			}
			if diff := cmp.Diff(want, got, ignore); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			for _, email := range []string{"p00001@example.com", "new@example.com"} {
				its := w.stored(guardKey(email))
				if mine := cmp.Equal(its, guard(email, old(1)), ignore); mine != (text(got["email"]) == email && c.reported == 0) {
					t.Errorf("the item's guard is %v", its)
				}
			}
		})
	}
}

// All reads are consistent: replicas that lag behind are not asked.
func TestStaleReplicas(t *testing.T) {
	w := newWorld(t)
	w.load(old(1), old(2))
	w.engine.Inject(repotest.Rule{Fault: repotest.Stale()})
	w.load(old(3), guard("p00003@example.com", old(3)), with(old(2), item{"status": s("away")}))
	w.counted(w.reindex(repo.ReindexOptions{}), 3, 3, 2, 0, 0)
	w.right(nil)
}

// set writes one attribute, as a program would that knows nothing of the rest.
func (w *world) set(of item, name string, av types.AttributeValue) error {
	_, err := w.raw.UpdateItem(w.Context(), &dynamodb.UpdateItemInput{TableName: aws.String("people"), Key: keyOf(of), UpdateExpression: aws.String("SET #n = :v"),
		ExpressionAttributeNames: map[string]string{"#n": name}, ExpressionAttributeValues: item{":v": av}})
	return err
}

func (w *world) remove(of item) error {
	_, err := w.raw.DeleteItem(w.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("people"), Key: keyOf(of)})
	return err
}

// A writer who always comes between ends the walk, with an error that says so; it can go on.
func TestEndlessRace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(old(0), old(10), old(20))
		tries := 0
		w.on(func(operation string) {
			if operation == "TransactWriteItems" {
				tries++
				if err := errors.Join(w.set(old(0), "name", s(fmt.Sprint("Eve", tries))), w.set(old(10), "name", s(fmt.Sprint("Eve", tries))), w.set(old(20), "name", s(fmt.Sprint("Eve", tries)))); err != nil {
					t.Error(err)
				}
			}
		})
		report, err := w.persons.Reindex(t.Context(), repo.ReindexOptions{})
		if !errors.Is(err, repo.ErrConditionFailed) || tries != 10 || report.Read != 0 || report.Resume == "" {
			t.Errorf("%d tries: %+v, %v", tries, report, err)
		}
		w.on(func(string) {})
		w.counted(w.reindex(repo.ReindexOptions{Resume: report.Resume}), 3, 3, 3, 0, 0)
		w.right(nil)
	})
}

// Faults below: what was lost is done again, and what cannot be is an error that wraps its cause.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		reason string
		rules  []repotest.Rule
		fails  bool
	}{
		{reason: "transactions whose answers are lost", rules: []repotest.Rule{{Operation: "TransactWriteItems", Every: 3, Fault: repotest.LoseResponse()}}},
		{reason: "updates whose answers are lost", rules: []repotest.Rule{{Operation: "UpdateItem", Every: 2, Fault: repotest.LoseResponse()}}},
		{reason: "requests that are lost", rules: []repotest.Rule{{Every: 3, Fault: repotest.LoseRequest()}}},
		{reason: "internal errors", rules: []repotest.Rule{{Every: 3, Fault: repotest.InternalError()}}},
		{reason: "throttles", rules: []repotest.Rule{{Every: 4, Fault: repotest.Throttle()}}},
		{reason: "guards that are left unprocessed", rules: []repotest.Rule{{Operation: "BatchGetItem", Times: 4, Chance: 0.7, Fault: repotest.Unprocessed()}}},
		{reason: "damaged answers", rules: []repotest.Rule{{Operation: "Scan", Every: 2, Fault: repotest.BadChecksum()}, {Operation: "BatchGetItem", Every: 2, Fault: repotest.Truncate()}}},
		{reason: "transactions that are in the way", rules: []repotest.Rule{{Operation: "UpdateItem", Every: 2, Fault: repotest.Conflict()}, {Operation: "TransactWriteItems", Every: 3, Fault: repotest.Conflict()}}},
		{reason: "scans that never work", fails: true, rules: []repotest.Rule{{Operation: "Scan", Fault: repotest.InternalError()}}},
		{reason: "guards that cannot be read", fails: true, rules: []repotest.Rule{{Operation: "BatchGetItem", Fault: repotest.Throttle()}}},
		{reason: "an item that cannot be written", fails: true, rules: []repotest.Rule{{Operation: "TransactWriteItems", Partition: "TEAM#t3", Fault: repotest.Throttle()}}},
		{reason: "an item that is under a transaction for good", fails: true, rules: []repotest.Rule{{Operation: "TransactWriteItems", Partition: "TEAM#t3", Fault: repotest.Conflict()}}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.loadOld(40)
				for i := 40; i < 60; i++ {
					w.load(with(old(i), item{"version": n("2")}), guard(text(old(i)["email"]), old(i)))
				}
				for _, rule := range c.rules {
					w.engine.Inject(rule)
				}
				report, err := w.persons.Reindex(t.Context(), repo.ReindexOptions{Segments: 3})
				w.engine.Heal()
				if c.fails {
					var e *repo.Error
					if !errors.As(err, &e) || e.Op != "Reindex" || e.Entity != "Person" || report.Resume == "" || strings.Contains(err.Error(), "example") {
						t.Fatalf("%+v, %v", report, err)
					}
					if errors.Unwrap(e) != nil || len(e.Unwrap()) == 0 {
						t.Errorf("it wraps nothing: %v", err)
					}
					rest := w.reindex(repo.ReindexOptions{Resume: report.Resume})
					if report.Read+rest.Read != 60 {
						t.Errorf("%d read, then %d", report.Read, rest.Read)
					}
				} else if err != nil || report.Read != 60 {
					t.Fatalf("%+v, %v", report, err)
				}
				w.right(nil)
			})
		})
	}
}

// The rate bounds what is read in a second.
func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.loadOld(300)
		for _, segments := range []int{1, 5} {
			began := time.Now()
			report := w.reindex(repo.ReindexOptions{Segments: segments, Rate: 40})
			// The guards are rows as well: from the second walk on all of them, and of those that the first makes some.
			least, most := 300, 600
			if segments > 1 {
				least = most
			}
			if took := time.Since(began); report.Read != 300 || took < time.Duration(least-10*segments)*time.Second/40 || took > time.Duration(most+10*segments)*time.Second/40 {
				t.Errorf("%d segments: %d read in %v", segments, report.Read, took)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		report, err := w.persons.Reindex(ctx, repo.ReindexOptions{Rate: 1})
		if !errors.Is(err, context.DeadlineExceeded) || report.Resume == "" || report.Read > 2 {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

// Several walks of one table, beside a writer: none undoes what another did.
func TestWalksAtOnce(t *testing.T) {
	w := newWorld(t)
	for i := range 200 {
		w.load(with(old(i), item{"email": s(fmt.Sprintf("%d@example.com", i/2))}))
	}
	var reported sync.Map
	var walks, writer sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	writer.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			id := n % 200
			_, err := w.persons.Modify(t.Context(), person{Team: fmt.Sprint("t", id%97), ID: fmt.Sprintf("p%05d", id)}, func(p *person) error {
				p.Home.City, p.Status = fmt.Sprint("City", n), []string{"active", "away", "left"}[n%3]
				return nil
			})
			if err != nil && !errors.Is(err, repo.ErrVersionConflict) {
				t.Error(err)
			}
		}
	})
	for range 3 {
		walks.Go(func() {
			report, err := w.persons.Reindex(t.Context(), repo.ReindexOptions{Segments: 3, Problem: func(p repo.ReindexProblem) { reported.Store(text(p.Key["sk"]), true) }})
			if err != nil || report.Duplicates != 100 || report.Invalid != 0 {
				t.Errorf("%+v, %v", report.ReindexProgress, err)
			}
		})
	}
	walks.Wait()
	stop()
	writer.Wait()
	all := map[string]bool{}
	reported.Range(func(sk, _ any) bool { all[sk.(string)] = true; return true })
	if len(all) != 100 {
		t.Errorf("%d are reported", len(all))
	}
	w.right(all)
}

// Pages end where the rows of a request do, and steps within them.
func TestPages(t *testing.T) {
	w := newWorld(t)
	for i := range 2300 {
		row := old(i)
		w.load(with(row, item{"version": n("1"), "email": nil, "gsi2pk": s("CITY#Oslo"), "gsi2sk": s("active#" + text(row["id"]))}))
	}
	steps := 0
	w.counted(w.reindex(repo.ReindexOptions{Progress: func(repo.ReindexProgress) { steps++ }}), 2300, 0, 0, 0, 0)
	if scans := w.engine.Requests("Scan"); scans != 3 || steps != 23+2+1 || w.engine.Requests("BatchGetItem") != 0 {
		t.Errorf("%d scans, %d steps", scans, steps)
	}
}

// Progress counts up, and a token of it is as good as that of a report.
func TestProgress(t *testing.T) {
	w := newWorld(t)
	w.loadOld(450)
	var shown []repo.ReindexProgress
	report := w.reindex(repo.ReindexOptions{Segments: 2, Progress: func(p repo.ReindexProgress) { shown = append(shown, p) }})
	if len(shown) < 5 || shown[len(shown)-1] != report.ReindexProgress || !slices.IsSortedFunc(shown, func(a, b repo.ReindexProgress) int { return a.Read - b.Read }) {
		t.Errorf("%+v", shown)
	}
	for i, p := range shown {
		if (p.Resume == "") != (i == len(shown)-1) {
			t.Errorf("of %d steps, step %d is to be resumed at %q", len(shown), i, p.Resume)
		}
		if p.Resume != "" {
			if rest := w.reindex(repo.ReindexOptions{Resume: p.Resume}); p.Read+rest.Read != 450 || rest.Written != 0 {
				t.Errorf("step %d: %d read, then %d", i, p.Read, rest.Read)
			}
		}
	}
}

// A function of the caller's that panics does so to the caller, and no walker is left behind.
func TestPanics(t *testing.T) {
	w := newWorld(t)
	w.loadOld(300)
	for reason, o := range map[string]repo.ReindexOptions{
		"Progress": {Segments: 4, Progress: func(repo.ReindexProgress) { panic("mine") }},
		"Problem":  {Segments: 4, Problem: func(repo.ReindexProblem) { panic("mine") }},
	} {
		w.load(with(old(5), item{"hits": s("many")}))
		func() {
			defer func() {
				if got := recover(); got != "mine" {
					t.Errorf("%s: %v", reason, got)
				}
			}()
			_, _ = w.persons.Reindex(t.Context(), o)
		}()
	}
}

// Everything that is sent is observed, and writes carry a write id where the table has one.
func TestObserved(t *testing.T) {
	seen := map[string]int{}
	w := newWorld(t, func(table *repo.Table) {
		table.WriteID = "wid"
		table.Observe = func(_ context.Context, c repo.Call) {
			if c.Entity != "Person" || c.Attempts != 1 || c.Capacity == 0 && c.Operation != "BatchGetItem" {
				t.Errorf("%+v", c)
			}
			seen[c.Operation]++
		}
	})
	w.load(old(1), with(old(2), item{"email": nil}))
	w.counted(w.reindex(repo.ReindexOptions{}), 2, 2, 1, 0, 0)
	if diff := cmp.Diff(map[string]int{"Scan": 1, "BatchGetItem": 1, "TransactWriteItems": 1, "UpdateItem": 1}, seen); diff != "" {
		t.Error(diff)
	}
	for _, i := range []int{1, 2} {
		if text(w.stored(old(i))["wid"]) == "" {
			t.Errorf("row %d has no write id", i)
		}
	}
	w.counted(w.reindex(repo.ReindexOptions{}), 2, 0, 0, 0, 0)
}

// An ExactlyOnce view writes transactions alone.
func TestExactlyOnce(t *testing.T) {
	w := newWorld(t)
	w.load(old(1), with(old(2), item{"email": nil}))
	if _, err := w.persons.ExactlyOnce().Reindex(t.Context(), repo.ReindexOptions{}); err != nil || w.engine.Requests("UpdateItem") != 0 || w.engine.Requests("TransactWriteItems") != 2 {
		t.Error(err)
	}
	w.right(nil)
}
