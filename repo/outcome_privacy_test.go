package repo_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// quietlyFails checks that a call fails, and that neither its error nor any error in it that is the library's shows a value. Those
// of the service may, which is why their texts are never part of ours.
func quietlyFails(t *testing.T, reason string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", reason)
		return
	}
	checkQuiet(t, reason, err)
	if text := fmt.Sprintf("%#v", fmt.Sprintf("%q %v", err, err)); leaks(text) {
		t.Errorf("%s: %s", reason, text)
	}
	var ours *repo.Error
	if errors.As(err, &ours) {
		checkQuiet(t, reason+", the struct", ours)
		for _, part := range []string{ours.Op, ours.Entity, ours.Field, ours.Index, ours.Reason} {
			if leaks(part) {
				t.Errorf("%s: a field of the error shows a value: %s", reason, part)
			}
		}
	}
}

// Every refusal of the outcome machinery, with a canary in every key and value.
func TestRefusalsAreQuiet(t *testing.T) {
	l := openLibrary(t)
	ctx := t.Context()
	secretTome := tome{ID: canary, Title: canary, Shelf: canary}
	a, b := patron{ID: canary, Email: canary}, patron{ID: canary + "2", Email: canary + "2"}
	if err := errors.Join(only(l.tomes.Create(ctx, secretTome)), only(l.books.patrons.Create(ctx, a)), only(l.books.patrons.Create(ctx, b)), only(l.books.meters.Create(ctx, meter{ID: canary, State: canary}))); err != nil {
		t.Fatal(err)
	}
	text := tomeRow(canary+"text", str(canary))
	text["title"], text["shelf"] = str(canary), str(canary)
	l.raw(t, text)
	foreign := tomeRow(canary+"foreign", num("1"))
	foreign["_type"], foreign["title"] = str(canary), str(canary)
	l.raw(t, foreign)
	wrongOwner := patron{ID: canary + "3", Email: canary}
	versioned := secretTome
	versioned.Version = 9
	shelved := secretTome
	shelved.Version, shelved.Shelf = 1, canary+"!"
	userError := errors.New("the user's own: " + canary)
	for reason, err := range map[string]error{
		"Create, already exists":              only(l.tomes.Create(ctx, secretTome)),
		"Put, must be new":                    only(l.tomes.Put(ctx, secretTome)),
		"Put, another version":                only(l.tomes.Put(ctx, versioned)),
		"Put, an immutable field":             only(l.tomes.Put(ctx, shelved)),
		"Update, another version":             only(l.tomes.Update(ctx, versioned, tomeTitle.Set(canary))),
		"Update, no version in the row":       only(l.tomes.Update(ctx, tome{ID: canary + "text"}, tomeTitle.Set(canary))),
		"Update, another entity":              only(l.tomes.Update(ctx, tome{ID: canary + "foreign"}, tomeTitle.Set(canary))),
		"Update, not found":                   only(l.tomes.Update(ctx, tome{ID: canary + "none"}, tomeTitle.Set(canary))),
		"Update, an immutable field":          only(l.tomes.Update(ctx, secretTome, tomeShelf.Set(canary))),
		"Upsert, an immutable field":          only(l.tomes.Upsert(ctx, tome{ID: canary}, tomeShelf.Set(canary+"!"))),
		"Delete, another version":             l.tomes.Delete(ctx, versioned),
		"Take, another version":               only(l.tomes.Take(ctx, versioned)),
		"Take, not found":                     only(l.tomes.Take(ctx, tome{ID: canary + "none"})),
		"Modify, a row that does not read":    only(l.tomes.Modify(ctx, tome{ID: canary + "text"}, func(*tome) error { return nil })),
		"Modify, the key":                     only(l.tomes.Modify(ctx, secretTome, func(v *tome) error { v.ID += canary; return nil })),
		"Modify, the function refuses":        only(l.tomes.Modify(ctx, secretTome, func(*tome) error { return userError })),
		"Modify, a value out of bounds":       only(l.tomes.Modify(ctx, secretTome, func(v *tome) error { v.Title = canary + "\xff"; return nil })),
		"Create, not unique":                  only(l.books.patrons.Create(ctx, wrongOwner)),
		"Create, exists and not unique":       only(l.books.patrons.Create(ctx, patron{ID: canary, Email: canary + "2"})),
		"Put, not unique":                     only(l.books.patrons.Put(ctx, patron{ID: canary, Email: canary + "2"})),
		"Update, not unique":                  only(l.books.patrons.Update(ctx, a, patronMail.Set(canary+"2"))),
		"Modify, not unique":                  only(l.books.patrons.Modify(ctx, a, func(p *patron) error { p.Email = canary + "2"; return nil })),
		"Update, unpinned":                    only(l.books.patrons.UpdateWrite(a, patronMail.Set(canary+"2"))),
		"Upsert, unique":                      only(l.books.patrons.Upsert(ctx, a, patronMail.Set(canary))),
		"If, a failed condition":              only(l.books.meters.If(meterState.Eq(canary+"!")).Update(ctx, meter{ID: canary}, meterN.Set(1))),
		"If, a failed condition of a Delete":  l.books.meters.If(meterState.Eq(canary+"!")).Delete(ctx, meter{ID: canary}),
		"If, a read":                          only(l.books.meters.If(meterState.Eq(canary)).Get(ctx, meter{ID: canary})),
		"a condition of an exactly-once view": only(l.books.meters.ExactlyOnce().If(meterState.Eq(canary+"!")).Update(ctx, meter{ID: canary}, meterN.Set(1))),
	} {
		quietlyFails(t, reason, err)
	}
	write, err := l.books.patrons.CreateWrite(a)
	if err != nil {
		t.Fatal(err)
	}
	transaction, err := repo.NewTransaction(write)
	if err != nil {
		t.Fatal(err)
	}
	for where, v := range map[string]any{"a Write with guards": write, "its value": *write, "a Transaction": transaction, "the value of that": *transaction, "its Go form": fmt.Sprintf("%#v %#v", write, transaction), "a repository of unique values": l.books.patrons, "a view": l.tomes.WithExpired(), "exactly once": l.books.meters.ExactlyOnce()} {
		checkQuiet(t, where, v)
	}
}

// Every fault of the engine, with a canary in every key and value.
func TestFaultsOfTheEngineAreQuiet(t *testing.T) {
	faults := map[string]repotest.Fault{}
	for _, f := range weather {
		if !reflect.DeepEqual(f, repotest.Latency(time.Second)) {
			faults[f.String()] = f
		}
	}
	for name, f := range faults {
		synctest.Test(t, func(t *testing.T) {
			b := openBooks(t, "")
			ctx, cancel := later(t)
			defer cancel()
			m, p := meter{ID: canary, State: canary}, patron{ID: canary, Email: canary}
			if err := errors.Join(only(b.meters.Create(ctx, m)), only(b.patrons.Create(ctx, p))); err != nil {
				t.Fatal(err)
			}
			b.engine.Inject(repotest.Rule{Fault: f})
			for verb, call := range map[string]func(context.Context) error{
				"Create": func(ctx context.Context) error { return only(b.meters.Create(ctx, m)) },
				"Put":    func(ctx context.Context) error { return only(b.meters.Put(ctx, m)) },
				"Update": func(ctx context.Context) error {
					return only(b.meters.If(meterState.Eq(canary)).Update(ctx, m, meterN.Add(1)))
				},
				"Take":          func(ctx context.Context) error { return only(b.meters.Take(ctx, m)) },
				"Delete":        func(ctx context.Context) error { return b.meters.Delete(ctx, m) },
				"unique Create": func(ctx context.Context) error { return only(b.patrons.Create(ctx, p)) },
				"exactly once":  func(ctx context.Context) error { return only(b.meters.ExactlyOnce().Update(ctx, m, meterN.Add(1))) },
				"Get":           func(ctx context.Context) error { return only(b.meters.Get(ctx, m)) },
				"Query":         func(ctx context.Context) error { return only(b.meters.Query(meterID.Eq(canary)).First(ctx)) },
				"Modify": func(ctx context.Context) error {
					return only(b.meters.Modify(ctx, m, func(m *meter) error { m.State += canary; return nil }))
				},
			} {
				if name == "Conflict" && (verb == "Get" || verb == "Query") {
					continue // reads meet none
				}
				quietlyFails(t, name+", "+verb, call(ctx))
			}
		})
	}
}
