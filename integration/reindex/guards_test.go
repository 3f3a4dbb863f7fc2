package reindex

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
)

// right is an item of which nothing is wrong, with another address than an old one has.
func right(i int, email string) item {
	return with(old(i), item{"version": n("1"), "gsi2pk": s("CITY#Oslo"), "gsi2sk": s(fmt.Sprintf("active#p%05d", i)), "email": s(email)})
}

// Guards go whose items do not have the value, and no others.
func TestDropGuards(t *testing.T) {
	const stale = "stale@example.com"
	for _, c := range []struct {
		reason string
		rows   []item // beside an item that is right, and its guard
		guard  item
		stays  bool
	}{
		{"the item has another value", []item{right(1, "now@example.com"), guard("now@example.com", old(1))}, guard(stale, old(1)), false},
		{"the item is gone", nil, guard(stale, old(1)), false},
		{"the item has no value any more", []item{with(right(1, ""), item{"email": nil})}, guard(stale, old(1)), false},
		{"the item has the value", []item{right(1, stale)}, guard(stale, old(1)), true},
		{"the item cannot be decoded", []item{with(right(1, stale), item{"hits": s("three")})}, guard(stale, old(1)), true},
		{"the key has another entity's item", []item{with(right(1, "now@example.com"), item{"_type": s("Robot")})}, guard(stale, old(1)), true},
		{"it is of another entity", nil, with(guard(stale, old(1)), item{"pk": s("$UNIQUE#Company#email#" + stale)}), true},
		{"it is of another field", nil, with(guard(stale, old(1)), item{"pk": s("$UNIQUE#Person#phone#" + stale)}), true},
		{"it is of a field whose name begins alike", nil, with(guard(stale, old(1)), item{"pk": s("$UNIQUE#Person#emails#" + stale)}), true},
		{"it begins with a scope", nil, with(guard(stale, old(1)), item{"pk": s("TEAM#t1#$UNIQUE#Person#email#" + stale)}), false},
		{"it names no item", nil, with(guard(stale, old(1)), item{"_owner": s("p00001")}), true},
		{"it names too little of one", nil, with(guard(stale, old(1)), item{"_owner": &types.AttributeValueMemberL{Value: []types.AttributeValue{s("TEAM#t1")}}}), true},
		{"it names an item by a number", nil, with(guard(stale, old(1)), item{"_owner": &types.AttributeValueMemberL{Value: []types.AttributeValue{s("TEAM#t1"), n("5")}}}), true},
		{"it names an item by an empty text", nil, with(guard(stale, old(1)), item{"_owner": &types.AttributeValueMemberL{Value: []types.AttributeValue{s("TEAM#t1"), s("")}}}), true},
		{"it is no guard", nil, with(guard(stale, old(1)), item{"sk": s("OTHER")}), true},
	} {
		t.Run(c.reason, func(t *testing.T) {
			w := newWorld(t)
			w.load(append(c.rows, c.guard, right(2, "two@example.com"), guard("two@example.com", old(2)))...)
			before := w.all()
			dry := w.reindex(repo.ReindexOptions{DropGuards: true, DryRun: true})
			if diff := cmp.Diff(before, w.all(), ignore); diff != "" {
				t.Errorf("a dry run wrote: %s", diff)
			}
			w.reindex(repo.ReindexOptions{})
			if w.stored(c.guard) == nil {
				t.Fatal("it went unasked")
			}
			report := w.reindex(repo.ReindexOptions{DropGuards: true})
			if gone := w.stored(c.guard) == nil; gone == c.stays || report.Dropped != dry.Dropped || (report.Dropped == 1) == c.stays {
				t.Errorf("gone: %v; dropped %d, in the dry run %d", gone, report.Dropped, dry.Dropped)
			}
			want := before
			if !c.stays {
				delete(want, key(c.guard))
			}
			if diff := cmp.Diff(want, w.all(), ignore); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if again := w.reindex(repo.ReindexOptions{DropGuards: true}); again.Dropped != 0 {
				t.Errorf("again: %d dropped", again.Dropped)
			}
		})
	}
}

func key(row item) string { return text(row["pk"]) + "\n" + text(row["sk"]) }

// all are the rows of the table by their keys.
func (w *world) all() map[string]item {
	w.Helper()
	out, err := w.raw.Scan(w.Context(), &dynamodb.ScanInput{TableName: aws.String("people")})
	if err != nil {
		w.Fatal(err)
	}
	rows := map[string]item{}
	for _, row := range out.Items {
		rows[key(row)] = row
	}
	return rows
}

// A guard that its item needs again by the time it would go stays, whatever comes between.
func TestDropGuardsRaces(t *testing.T) {
	const value = "stale@example.com"
	for _, c := range []struct {
		reason string
		at     string
		was    []item
		other  func(*world) error
		owner  item
	}{
		{"the item gets the value back", "TransactWriteItems", []item{right(1, "now@example.com")}, func(w *world) error {
			return w.set(old(1), "email", s(value))
		}, old(1)},
		{"the item is made again", "TransactWriteItems", nil, func(w *world) error { w.load(right(1, value)); return nil }, old(1)},
		{"the guard changes hands", "TransactWriteItems", nil, func(w *world) error {
			w.load(right(2, value), guard(value, old(2)))
			return nil
		}, old(2)},
		{"between the read of the guard and that of its item", "BatchGetItem", []item{right(1, "now@example.com")}, func(w *world) error {
			return w.set(old(1), "email", s(value))
		}, old(1)},
	} {
		t.Run(c.reason, func(t *testing.T) {
			w := newWorld(t)
			w.load(append(c.was, guard(value, old(1)))...)
			done := false
			w.on(func(operation string) {
				if operation != c.at || done {
					return
				}
				done = true
				if err := c.other(w); err != nil {
					t.Error(err)
				}
			})
			w.reindex(repo.ReindexOptions{DropGuards: true})
			if diff := cmp.Diff(guard(value, c.owner), w.stored(guardKey(value)), ignore); !done || diff != "" {
				t.Errorf("%v; -want +got\n%s", done, diff)
			}
		})
	}
}

// A value that nobody has becomes free, and the item that has it by now gets its guard.
func TestDroppedGuardsAreFree(t *testing.T) {
	w := newWorld(t)
	w.load(right(1, "now@example.com"), guard("now@example.com", old(1)), right(2, "old@example.com"), guard("old@example.com", old(1)))
	first := w.reindex(repo.ReindexOptions{DropGuards: true})
	w.reindex(repo.ReindexOptions{DropGuards: true})
	if diff := cmp.Diff(guard("old@example.com", old(2)), w.stored(guardKey("old@example.com")), ignore); diff != "" || first.Dropped != 1 {
		t.Errorf("%d dropped; -want +got\n%s", first.Dropped, diff)
	}
}

// An interruption leaves no stale guard behind that the rest of the walk would not see, and no item.
func TestDropGuardsResumed(t *testing.T) {
	w := newWorld(t)
	for i := range 40 {
		email := fmt.Sprintf("now%d@example.com", i)
		w.load(with(right(i, email), item{"version": nil}), guard(email, old(i)), guard(fmt.Sprintf("old%d@example.com", i), old(i)))
	}
	total, token := 0, ""
	for turn := 0; ; turn++ {
		ctx, cancel := context.WithCancel(t.Context())
		reads := atomic.Int64{}
		w.on(func(operation string) { // the first such read is that of guards' items, the next one that of items' guards
			if operation == "BatchGetItem" && reads.Add(1) == int64(1+turn%4) {
				cancel()
			}
		})
		report, err := w.persons.Reindex(ctx, repo.ReindexOptions{DropGuards: true, Rate: 100, Resume: token})
		cancel()
		total += report.Dropped
		if err == nil && report.Resume == "" {
			break
		}
		if !errors.Is(err, context.Canceled) || turn > 1000 {
			t.Fatal(turn, err)
		}
		token = report.Resume
	}
	if rows := w.all(); len(rows) != 80 || total < 40 {
		t.Errorf("%d rows, %d dropped", len(rows), total)
	}
	for k, row := range w.all() {
		if row["email"] != nil && row["version"] == nil {
			t.Errorf("%q was passed over", k)
		}
	}
}

// While addresses move to and fro and the walk goes on, every item has its guard at the end, and no guard is left without its item.
func TestDropGuardsUnderWriters(t *testing.T) {
	w := newWorld(t)
	const items, values, writers = 12, 16, 4
	var wg, walking sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	for i := range items {
		email := fmt.Sprintf("e%d@example.com", i)
		w.load(right(i, email), guard(email, old(i)))
	}
	walking.Go(func() {
		for ctx.Err() == nil {
			if _, err := w.persons.Reindex(t.Context(), repo.ReindexOptions{DropGuards: true, Segments: 2}); err != nil && !errors.Is(err, repo.ErrConditionFailed) && !errors.Is(err, repo.ErrConflict) {
				t.Error(err)
			}
		}
	})
	for n := range writers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(n), 7))
			for range 60 {
				i := r.IntN(items)
				who := person{Team: fmt.Sprintf("t%d", i), ID: fmt.Sprintf("p%05d", i)}
				email := fmt.Sprintf("e%d@example.com", r.IntN(values))
				var err error
				switch r.IntN(6) {
				case 0:
					err = w.persons.Delete(ctx, who)
				case 1:
					who.Email, who.Status, who.Name = email, "active", "Ann"
					_, err = w.persons.Create(ctx, who)
				default:
					_, err = w.persons.Update(ctx, who, personEmail.Set(email))
				}
				if err != nil && !expected(err) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	stop()
	walking.Wait()

	guards := map[string]string{}
	for _, row := range w.all() {
		if email, ok := strings.CutPrefix(text(row["pk"]), "$UNIQUE#Person#email#"); ok {
			guards[email] = key(ownerOf(row))
		}
	}
	held := map[string]string{}
	for k, row := range w.all() {
		if email := text(row["email"]); email != "" {
			if held[email] != "" {
				t.Errorf("%s is held twice", email)
			}
			held[email] = k
		}
	}
	if diff := cmp.Diff(held, guards); diff != "" || len(held) == 0 {
		t.Errorf("-held +guarded\n%s", diff)
	}
	if n := w.engine.Requests(); n == 0 {
		t.Error("nothing was sent")
	}
}

func expected(err error) bool {
	for _, kind := range []error{repo.ErrNotUnique, repo.ErrNotFound, repo.ErrAlreadyExists, repo.ErrConflict, repo.ErrVersionConflict, repo.ErrConditionFailed} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

func ownerOf(row item) item {
	list := row["_owner"].(*types.AttributeValueMemberL).Value
	return item{"pk": list[0], "sk": list[1]}
}
