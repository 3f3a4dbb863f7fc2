package reindex

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/txn"
)

// settler is a person to a program that gives versions to the rows that it writes, and takes those that have none.
type settler struct {
	_ struct{} `entity:"Person" pk:"TEAM#{Team}" sk:"PERSON#{ID}"`
	_ struct{} `index:"gsi1" pk:"STATUS#{Status}" sk:"{Name}"`

	Team    string `dynamodbav:"team"`
	ID      string `dynamodbav:"id"`
	Status  string `dynamodbav:"status"`
	Name    string `dynamodbav:"name"`
	Email   string `dynamodbav:"email"`
	Hits    int    `dynamodbav:"hits"`
	Version uint8  `dynamodbav:"version" repo:"version,optional"`
}

// burgher has unique addresses and a version of another name before.
type burgher struct {
	_ struct{} `entity:"Person" pk:"TEAM#{Team}" sk:"PERSON#{ID}"`

	Team  string `dynamodbav:"team"`
	ID    string `dynamodbav:"id"`
	Email string `dynamodbav:"email" repo:"unique"`
	Hits  int    `dynamodbav:"hits"`
	Rev   int    `dynamodbav:"rev" repo:"version,optional,was=version"`
}

var (
	settlerHits  = expr.Number(func(v *settler) *int { return &v.Hits })
	burgherEmail = expr.String(func(v *burgher) *string { return &v.Email })
	burgherHits  = expr.Number(func(v *burgher) *int { return &v.Hits })
)

// Where versions are optional, writes give a row without one its first, whatever else they rely on.
func TestOptionalVersion(t *testing.T) {
	ctx := t.Context()
	type people struct {
		settlers *repo.Repository[settler]
		burghers *repo.Repository[burgher]
		persons  *repo.Repository[person]
		client   *dynamodb.Client
	}
	key, guarded, strict := settler{Team: "t1", ID: "p00001"}, burgher{Team: "t1", ID: "p00001"}, person{Team: "t1", ID: "p00001"}
	whole := settler{Team: "t1", ID: "p00001", Status: "active", Name: "Annp00001", Email: "p00001@example.com", Hits: 4}
	without, first := old(1), item{"hits": n("4"), "version": n("1")}
	for _, c := range []struct {
		reason string
		was    item
		write  func(p people) error
		fails  error
		says   string
		is     item // what differs in the row afterwards; nil for a row that is gone
	}{
		{reason: "Update", write: func(p people) error { _, err := p.settlers.Update(ctx, key, settlerHits.Add(1)); return err }, is: first},
		{reason: "Update with a condition", write: func(p people) error {
			_, err := p.settlers.If(settlerHits.Eq(3)).Update(ctx, key, settlerHits.Set(4))
			return err
		}, is: first},
		{reason: "Upsert", write: func(p people) error { _, err := p.settlers.Upsert(ctx, key, settlerHits.Set(4)); return err }, is: first},
		{reason: "Modify", write: func(p people) error {
			_, err := p.settlers.Modify(ctx, key, func(v *settler) error { v.Hits++; return nil })
			return err
		}, is: first},
		{reason: "Update in a transaction", write: func(p people) error {
			return txn.New(p.client).Add(txn.Update(p.settlers, key, settlerHits.Add(1))).Commit(ctx)
		}, is: first},
		{reason: "the second write", was: with(without, item{"version": n("1"), "hits": n("3")}), write: func(p people) error { _, err := p.settlers.Update(ctx, key, settlerHits.Add(1)); return err }, is: item{"hits": n("4"), "version": n("2")}},
		{reason: "Delete", write: func(p people) error { return p.settlers.Delete(ctx, key) }},
		{reason: "Take", write: func(p people) error { _, err := p.settlers.Take(ctx, key); return err }},

		{reason: "Update by a version that is not there", write: func(p people) error {
			_, err := p.settlers.Update(ctx, settler{Team: "t1", ID: "p00001", Version: 1}, settlerHits.Add(1))
			return err
		}, fails: repo.ErrVersionConflict, says: "another version", is: item{}},
		{reason: "Put of a value that carries none: it must be new", write: func(p people) error { _, err := p.settlers.Put(ctx, whole); return err },
			fails: repo.ErrVersionConflict, says: "so does Modify", is: item{}},
		{reason: "a text in its place", was: with(without, item{"version": s("1")}), write: func(p people) error { _, err := p.settlers.Update(ctx, key, settlerHits.Add(1)); return err },
			fails: repo.ErrVersionConflict, says: "no version that can be counted up", is: item{}},
		{reason: "a text in its place, read", was: with(without, item{"version": s("1")}), write: func(p people) error {
			_, err := p.settlers.Modify(ctx, key, func(v *settler) error { v.Hits++; return nil })
			return err
		}, fails: repo.ErrInvalidValue, is: item{}},
		{reason: "the greatest version", was: with(without, item{"version": n("255")}), write: func(p people) error { _, err := p.settlers.Update(ctx, key, settlerHits.Add(1)); return err },
			fails: repo.ErrVersionConflict, says: "no version that can be counted up", is: item{}},
		{reason: "a declaration that is not optional", write: func(p people) error {
			_, err := p.persons.Modify(ctx, strict, func(v *person) error { v.Hits++; return nil })
			return err
		}, fails: repo.ErrVersionConflict, says: "declare version,optional", is: item{}},

		{reason: "a unique value, which is read first", write: func(p people) error {
			_, err := p.burghers.Update(ctx, guarded, burgherEmail.Set("new@example.com"))
			return err
		}, is: item{"email": s("new@example.com"), "rev": n("1")}},
		{reason: "a version under a former name", was: with(without, item{"version": n("7")}), write: func(p people) error {
			_, err := p.burghers.Update(ctx, guarded, burgherHits.Add(1))
			return err
		}, is: item{"hits": n("4"), "version": nil, "rev": n("8")}},
		{reason: "none under either name", write: func(p people) error { _, err := p.burghers.Update(ctx, guarded, burgherHits.Add(1)); return err },
			is: item{"hits": n("4"), "rev": n("1")}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			w := newWorld(t)
			p := people{open[settler](w), open[burgher](w), w.persons, w.client}
			was := c.was
			if was == nil {
				was = without
			}
			w.load(was)
			err := c.write(p)
			if !errors.Is(err, c.fails) || c.says != "" && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %v and %q", err, c.fails, c.says)
			}
			var want item
			if c.is != nil {
				want = with(was, c.is)
			}
			if diff := cmp.Diff(want, w.stored(was), ignore); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func open[T any](w *world) *repo.Repository[T] { return repo.Must(repo.New[T](w.client, people)) }

// A row without a version may be changed by those who know none, and by those who give it one: Modify loses neither.
func TestOptionalVersionRaces(t *testing.T) {
	for _, c := range []struct {
		reason string
		other  func(context.Context, *world) error
		is     item
	}{
		{"a program that knows no version", func(_ context.Context, w *world) error { return w.set(old(1), "hits", n("10")) }, item{"hits": n("11"), "version": n("1")}},
		{"Reindex", func(ctx context.Context, w *world) error {
			_, err := repo.Must(repo.New[settler](w.raw, people)).Reindex(ctx, repo.ReindexOptions{})
			return err
		}, item{"hits": n("4"), "version": n("2")}},
	} {
		w := newWorld(t)
		w.load(old(1))
		done := false
		w.on(func(operation string) {
			if operation != "UpdateItem" || done {
				return
			}
			done = true
			if err := c.other(t.Context(), w); err != nil {
				t.Error(err)
			}
		})
		_, err := open[settler](w).Modify(t.Context(), settler{Team: "t1", ID: "p00001"}, func(v *settler) error { v.Hits++; return nil })
		if diff := cmp.Diff(with(old(1), c.is), w.stored(old(1)), ignore); err != nil || !done || diff != "" {
			t.Errorf("%s: %v, error %v; -want +got\n%s", c.reason, done, err, diff)
		}
	}
}

// Many begin to count at a row without a version, and none of them is lost.
func TestOptionalVersionCounts(t *testing.T) {
	w := newWorld(t)
	w.load(old(1))
	settlers := open[settler](w)
	key := settler{Team: "t1", ID: "p00001"}
	const workers, each = 4, 12
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range each {
				for { // losing ten races in a row is no failure of what is tested
					_, err := settlers.Modify(t.Context(), key, func(v *settler) error { v.Hits++; return nil })
					if err == nil {
						break
					}
					if !errors.Is(err, repo.ErrVersionConflict) && !errors.Is(err, repo.ErrConditionFailed) {
						t.Error(err)
						return
					}
				}
				if _, err := settlers.Update(t.Context(), key, settlerHits.Add(1)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	got, err := settlers.Get(t.Context(), key)
	if err != nil || got.Hits != 3+2*workers*each || got.Version != 2*workers*each {
		t.Errorf("%d hits, version %d, error %v; want %d and %d", got.Hits, got.Version, err, 3+2*workers*each, 2*workers*each)
	}
}
