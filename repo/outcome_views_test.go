package repo_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// An item whose time has come is hidden from every read, to the second, unless the view shows such items.
func TestExpiredItemsAreHidden(t *testing.T) {
	for _, c := range []struct {
		reason string
		ends   time.Time
		hidden bool
	}{
		{"it never expires", time.Time{}, false},
		{"its time is over", placedAt.Add(-time.Hour), true},
		{"its time is this second", placedAt.Truncate(time.Second), true},
		{"its time is the next second", placedAt.Truncate(time.Second).Add(time.Second), false},
	} {
		l := openLibrary(t)
		ctx, key := t.Context(), tome{ID: "a"}
		if _, err := l.tomes.Create(ctx, tome{ID: "a", Title: "t", Ends: c.ends}); err != nil {
			t.Fatal(err)
		}
		for view, tomes := range map[string]*repo.Repository[tome]{"": l.tomes, "WithExpired": l.tomes.WithExpired(), "Consistent and WithExpired": l.tomes.Consistent().WithExpired()} {
			n := 1
			if c.hidden && view == "" {
				n = 0
			}
			_, get := tomes.Get(ctx, key)
			_, modify := tomes.Modify(ctx, key, func(*tome) error { return nil })
			_, first := tomes.Query(tomeID.Eq("a")).First(ctx)
			for verb, err := range map[string]error{"Get": get, "Modify": modify, "First": first} {
				if errors.Is(err, repo.ErrNotFound) != (n == 0) || n == 1 && err != nil {
					t.Errorf("%s, %s %s: %v", c.reason, view, verb, err)
				}
			}
			all, errAll := repo.Collect(tomes.Query(tomeID.Eq("a")).All(ctx))
			page, errPage := tomes.Query(tomeID.Eq("a")).Page(ctx, "")
			count, errCount := tomes.Query(tomeID.Eq("a")).Count(ctx)
			scan, errScan := repo.Collect(tomes.Scan().All(ctx))
			scanned, errScanned := tomes.Scan().Count(ctx)
			if err := errors.Join(errAll, errPage, errCount, errScan, errScanned); err != nil {
				t.Fatal(err)
			}
			if len(all) != n || len(page.Items) != n || count != n || len(scan) != n || scanned != n {
				t.Errorf("%s, %s: All %d, Page %d, Count %d, Scan %d, its Count %d; not %d", c.reason, view, len(all), len(page.Items), count, len(scan), scanned, n)
			}
		}
	}
}

// Writes see an expired item as the row it is, but Create and a versioned Put of a new item, which replace it.
func TestExpiredItemsAndWrites(t *testing.T) {
	over := placedAt.Add(-time.Hour)
	for _, c := range []struct {
		reason string
		ends   time.Time
		call   func(context.Context, library) error
		want   error
	}{
		{"Create over an expired item", over, func(ctx context.Context, l library) error {
			return only(l.tomes.Create(ctx, tome{ID: "a", Title: "new"}))
		}, nil},
		{"Create over a living item", time.Time{}, func(ctx context.Context, l library) error {
			return only(l.tomes.Create(ctx, tome{ID: "a", Title: "new"}))
		}, repo.ErrAlreadyExists},
		{"Put of a new item over an expired one", over, func(ctx context.Context, l library) error { return only(l.tomes.Put(ctx, tome{ID: "a", Title: "new"})) }, nil},
		{"Put of a new item over a living one", time.Time{}, func(ctx context.Context, l library) error { return only(l.tomes.Put(ctx, tome{ID: "a", Title: "new"})) }, repo.ErrVersionConflict},
		{"Update of an expired item", over, func(ctx context.Context, l library) error {
			return only(l.tomes.Update(ctx, tome{ID: "a"}, tomeTitle.Set("new"), tomeEnds.Remove()))
		}, nil},
		{"Delete of an expired item through If", over, func(ctx context.Context, l library) error {
			return l.tomes.If(tomeTitle.Eq("old")).Delete(ctx, tome{ID: "a"})
		}, nil},
		{"Take of an expired item", over, func(ctx context.Context, l library) error { return only(l.tomes.Take(ctx, tome{ID: "a"})) }, nil},
		{"Modify of an expired item", over, func(ctx context.Context, l library) error {
			return only(l.tomes.Modify(ctx, tome{ID: "a"}, func(v *tome) error { v.Title = "new"; return nil }))
		}, repo.ErrNotFound},
		{"Modify of an expired item that is shown", over, func(ctx context.Context, l library) error {
			return only(l.tomes.WithExpired().Modify(ctx, tome{ID: "a"}, func(v *tome) error { v.Title = "new"; return nil }))
		}, nil},
	} {
		l := openLibrary(t)
		if _, err := l.tomes.Create(t.Context(), tome{ID: "a", Title: "old", Ends: over}); err != nil {
			t.Fatal(err)
		}
		if c.ends.IsZero() {
			if _, err := l.tomes.Update(t.Context(), tome{ID: "a"}, tomeEnds.Remove()); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.call(t.Context(), l); !answersTo(err, c.want) {
			t.Errorf("%s: %v, not %v", c.reason, err, c.want)
		}
		rows := tableRows(t, l.engine, "library")
		if c.want != nil && (len(rows) != 1 || cell(rows[0], "title") != "old") {
			t.Errorf("%s: the item is not as it was", c.reason)
		}
		if replaced := strings.Contains(c.reason, "over an expired"); replaced && (cell(rows[0], "version") != "1" || cell(rows[0], "title") != "new" || cell(rows[0], "ends") != "") {
			t.Errorf("%s: there is %v", c.reason, rows[0])
		}
	}
	l := openLibrary(t)
	foreign := tomeRow("a", num("1"))
	foreign["_type"], foreign["ends"] = str("Other"), num("1")
	l.raw(t, foreign)
	if _, err := l.tomes.Create(t.Context(), tome{ID: "a"}); !errors.Is(err, repo.ErrAlreadyExists) {
		t.Errorf("Create over an expired item of another entity: %v", err)
	}
}

func TestStored(t *testing.T) {
	l := openLibrary(t)
	seedLibrary(t, l)
	ctx := t.Context()
	_, exists := l.books.meters.Create(ctx, meter{ID: "m"})
	_, conflict := l.tomes.Update(ctx, tome{ID: "one", Version: 7}, tomeTitle.Set("x"))
	_, failed := l.books.meters.If(meterState.Eq("shut")).Update(ctx, meter{ID: "m"}, meterN.Set(1))
	_, gone := l.tomes.Update(ctx, tome{ID: "nobody", Version: 7}, tomeTitle.Set("x"))
	_, taken := l.books.patrons.Create(ctx, patron{ID: "x", Email: "a"})
	_, twice := l.books.patrons.Create(ctx, patron{ID: "p", Email: "z"})
	_, unreadable := l.tomes.Update(ctx, tome{ID: "text", Version: 7}, tomeTitle.Set("x"))
	foreign := tomeRow("f", num("1"))
	foreign["_type"] = str("Other")
	l.raw(t, foreign)
	_, other := l.tomes.Update(ctx, tome{ID: "f"}, tomeTitle.Set("x"))

	check := func(reason string, ok, want bool, err error) {
		t.Helper()
		if ok != want || err != nil {
			t.Errorf("%s: stored: %v, %v", reason, ok, err)
		}
	}
	m, ok, err := repo.Stored(l.books.meters, exists)
	check("already exists", ok && m == meter{ID: "m", State: "open"}, true, err)
	m, ok, err = repo.Stored(l.books.meters, failed)
	check("a failed condition", ok && m.State == "open", true, err)
	v, ok, err := repo.Stored(l.tomes, conflict)
	check("a version conflict", ok && v.Version == 1 && v.Title == "t", true, err)
	p, ok, err := repo.Stored(l.books.patrons, twice)
	check("already exists, in a transaction", ok && p.Email == "a", true, err)
	_, ok, err = repo.Stored(l.tomes, gone)
	check("there is no item", ok, false, err)
	_, ok, err = repo.Stored(l.books.patrons, taken)
	check("a guard is no item", ok, false, err)
	_, ok, err = repo.Stored(l.tomes, other)
	check("an item of another entity", ok, false, err)
	_, ok, err = repo.Stored(l.books.deeds, exists)
	check("an error of another repository", ok, false, err)
	_, ok, err = repo.Stored(l.tomes, nil)
	check("no error", ok, false, err)
	if _, _, err = repo.Stored(l.tomes, unreadable); !errors.Is(err, repo.ErrInvalidValue) {
		t.Errorf("an item that cannot be decoded: %v", err)
	}
}

// What ended a call of unknown outcome is reached, and so is what the service said.
func TestWhatEndedACall(t *testing.T) {
	for _, c := range []struct {
		reason  string
		fault   repotest.Fault
		ended   bool // by the context
		unknown bool
	}{
		{"it hangs, and the context ends", repotest.Hang(), true, true},
		{"it is throttled, and the context ends", repotest.Throttle(), true, false},
		{"other transactions are at work, and the context ends", repotest.Conflict(), true, false},
		{"the answer is lost", repotest.LoseResponse(), false, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := openBooks(t, "")
			b.engine.Inject(repotest.Rule{Operation: "UpdateItem", Fault: c.fault})
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			_, err := b.meters.Upsert(ctx, meter{ID: "m"}, meterN.Add(1))
			if errors.Is(err, repo.ErrOutcomeUnknown) != c.unknown || errors.Is(err, context.DeadlineExceeded) != c.ended {
				t.Errorf("%s: %v", c.reason, err)
			}
		})
	}
	b := openBooks(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	before := b.engine.Requests()
	_, err := b.meters.Upsert(ctx, meter{ID: "m"}, meterN.Add(1))
	if !errors.Is(err, context.Canceled) || errors.Is(err, repo.ErrOutcomeUnknown) || b.engine.Requests() != before {
		t.Errorf("the context ended before the call: %v", err)
	}
}
