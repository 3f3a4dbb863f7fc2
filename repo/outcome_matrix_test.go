package repo_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// What happens to the attempts of a call, a letter each.
var weather = map[rune]repotest.Fault{
	'T': repotest.Throttle(), 'E': repotest.InternalError(), 'B': repotest.LoseRequest(), 'A': repotest.LoseResponse(), 'L': repotest.Latency(time.Second),
	'H': repotest.Hang(), 'C': repotest.BadChecksum(), 'U': repotest.Truncate(), 'X': repotest.Conflict(),
}

const (
	carriedOut = ".LACU" // the engine does what it is asked
	answered   = ".L"    // the caller hears of it
)

// attemptVerb is a verb as far as its outcomes go.
type attemptVerb struct {
	name      string
	operation string // that meets the weather
	seed      func(context.Context, books) error
	call      func(context.Context, books) error
	effect    func(rows []row) int // how often it was applied

	reads       bool // nothing is applied
	once        bool // must not be sent again after an ambiguous attempt
	guarded     bool // a condition of its own keeps it from being applied twice
	carriesID   bool // and its own id proves that it was
	takes       bool // an empty answer after an ambiguous attempt is no proof
	transaction bool
}

// itemRow is the row that is no guard; nil for none.
func itemRow(rows []row) row {
	for _, r := range rows {
		if cell(r, "_type") != "$UNIQUE" {
			return r
		}
	}
	return nil
}

// timesAdded is how often one was added to what was 0.
func timesAdded(rows []row) int {
	n := 0
	_, _ = fmt.Sscan(cell(itemRow(rows), "n"), &n)
	return n
}

func present(rows []row) int { return min(len(rows), 1) }
func absent(rows []row) int  { return 1 - present(rows) }

func attemptVerbs() []attemptVerb {
	oneMeter := func(ctx context.Context, b books) error {
		return only(b.meters.Put(ctx, meter{ID: "m", State: "open"}))
	}
	oneDeed := func(ctx context.Context, b books) error { return only(b.deeds.Create(ctx, deed{ID: "d"})) }
	onePatron := func(ctx context.Context, b books) error {
		return only(b.patrons.Create(ctx, patron{ID: "p", Email: "a"}))
	}
	nothing := func(context.Context, books) error { return nil }
	m, d, p := meter{ID: "m", State: "open"}, deed{ID: "d"}, patron{ID: "p", Email: "a"}
	is := func(n int, want error) error {
		if n != 1 {
			return fmt.Errorf("%d items, not 1", n)
		}
		return want
	}
	mail := func(want string) func([]row) int {
		return func(rows []row) int {
			if cell(itemRow(rows), "email") == want {
				return 1
			}
			return 0
		}
	}
	return []attemptVerb{
		{name: "Create", operation: "PutItem", seed: nothing, call: func(ctx context.Context, b books) error { return only(b.meters.Create(ctx, m)) }, effect: present, guarded: true, carriesID: true},
		{name: "Put", operation: "PutItem", seed: oneMeter, call: func(ctx context.Context, b books) error { return only(b.meters.Put(ctx, meter{ID: "m", N: 1})) }, effect: timesAdded},
		{name: "Put, versioned", operation: "PutItem", seed: oneDeed, call: func(ctx context.Context, b books) error {
			return only(b.deeds.Put(ctx, deed{ID: "d", N: 1, Version: 1}))
		}, effect: timesAdded, guarded: true, carriesID: true},
		{name: "Put, versioned and new", operation: "PutItem", seed: nothing, call: func(ctx context.Context, b books) error { return only(b.deeds.Put(ctx, deed{ID: "d"})) }, effect: present, guarded: true, carriesID: true},
		{name: "Get", operation: "GetItem", seed: oneMeter, call: func(ctx context.Context, b books) error { return only(b.meters.Get(ctx, m)) }, reads: true},
		{name: "Query", operation: "Query", seed: oneMeter, call: func(ctx context.Context, b books) error {
			all, err := repo.Collect(b.meters.Query(meterID.Eq("m")).All(ctx))
			if err != nil {
				return err
			}
			return is(len(all), nil)
		}, reads: true},
		{name: "Scan", operation: "Scan", seed: oneMeter, call: func(ctx context.Context, b books) error {
			n, err := b.meters.Scan().Count(ctx)
			if err != nil {
				return err
			}
			return is(n, nil)
		}, reads: true},
		{name: "Update, set", operation: "UpdateItem", seed: oneMeter, call: func(ctx context.Context, b books) error { return only(b.meters.Update(ctx, m, meterN.Set(1))) }, effect: timesAdded},
		{name: "Update, add", operation: "UpdateItem", seed: oneMeter, call: func(ctx context.Context, b books) error { return only(b.meters.Update(ctx, m, meterN.Add(1))) }, effect: timesAdded, once: true},
		{name: "Update, add, with a condition that stays true", operation: "UpdateItem", seed: oneMeter, call: func(ctx context.Context, b books) error {
			return only(b.meters.If(meterN.Lt(10)).Update(ctx, m, meterN.Add(1)))
		}, effect: timesAdded, once: true},
		{name: "Update, add, guarded by the same field", operation: "UpdateItem", seed: oneMeter, call: func(ctx context.Context, b books) error {
			return only(b.meters.If(meterN.Eq(0)).Update(ctx, m, meterN.Add(1)))
		}, effect: timesAdded, guarded: true, carriesID: true},
		{name: "Update, add, guarded by another field", operation: "UpdateItem", seed: oneMeter, call: func(ctx context.Context, b books) error {
			return only(b.meters.If(meterState.Eq("open")).Update(ctx, m, meterN.Add(1), meterState.Set("shut")))
		}, effect: timesAdded, guarded: true, carriesID: true},
		{name: "Update, versioned", operation: "UpdateItem", seed: oneDeed, call: func(ctx context.Context, b books) error {
			return only(b.deeds.Update(ctx, deed{ID: "d", Version: 1}, deedN.Add(1)))
		}, effect: timesAdded, guarded: true, carriesID: true},
		{name: "Update, the version unchecked", operation: "UpdateItem", seed: oneDeed, call: func(ctx context.Context, b books) error { return only(b.deeds.Update(ctx, d, deedN.Add(1))) }, effect: timesAdded, once: true},
		{name: "Upsert, set", operation: "UpdateItem", seed: nothing, call: func(ctx context.Context, b books) error { return only(b.meters.Upsert(ctx, m, meterN.Set(1))) }, effect: timesAdded},
		{name: "Upsert, add", operation: "UpdateItem", seed: nothing, call: func(ctx context.Context, b books) error { return only(b.meters.Upsert(ctx, m, meterN.Add(1))) }, effect: timesAdded, once: true},
		{name: "Modify", operation: "UpdateItem", seed: oneMeter, call: func(ctx context.Context, b books) error {
			return only(b.meters.Modify(ctx, m, func(m *meter) error { m.N++; return nil }))
		}, effect: timesAdded, guarded: true, carriesID: true},
		{name: "Modify, versioned", operation: "UpdateItem", seed: oneDeed, call: func(ctx context.Context, b books) error {
			return only(b.deeds.Modify(ctx, d, func(d *deed) error { d.N++; return nil }))
		}, effect: timesAdded, guarded: true, carriesID: true},
		{name: "Modify, the read", operation: "GetItem", seed: oneMeter, call: func(ctx context.Context, b books) error {
			return only(b.meters.Modify(ctx, m, func(*meter) error { return nil }))
		}, reads: true},
		{name: "Delete", operation: "DeleteItem", seed: oneMeter, call: func(ctx context.Context, b books) error { return b.meters.Delete(ctx, m) }, effect: absent},
		{name: "Delete, versioned", operation: "DeleteItem", seed: oneDeed, call: func(ctx context.Context, b books) error { return b.deeds.Delete(ctx, deed{ID: "d", Version: 1}) }, effect: absent},
		{name: "Delete, If", operation: "DeleteItem", seed: oneMeter, call: func(ctx context.Context, b books) error { return b.meters.If(meterState.Eq("open")).Delete(ctx, m) }, effect: absent, guarded: true},
		{name: "Take", operation: "DeleteItem", seed: oneMeter, call: func(ctx context.Context, b books) error { return only(b.meters.Take(ctx, m)) }, effect: absent, takes: true},
		{name: "Create, unique", operation: "TransactWriteItems", seed: nothing, call: func(ctx context.Context, b books) error { return only(b.patrons.Create(ctx, p)) }, effect: mail("a"), transaction: true},
		{name: "Put, unique", operation: "TransactWriteItems", seed: onePatron, call: func(ctx context.Context, b books) error { return only(b.patrons.Put(ctx, patron{ID: "p", Email: "b"})) }, effect: mail("b"), transaction: true},
		{name: "Update, unique", operation: "TransactWriteItems", seed: onePatron, call: func(ctx context.Context, b books) error {
			return only(b.patrons.Update(ctx, p, patronMail.Set("b")))
		}, effect: mail("b"), transaction: true},
		{name: "Modify, unique", operation: "TransactWriteItems", seed: onePatron, call: func(ctx context.Context, b books) error {
			return only(b.patrons.Modify(ctx, p, func(p *patron) error { p.Email = "b"; p.N++; return nil }))
		}, effect: timesAdded, transaction: true},
		{name: "Delete, unique", operation: "TransactWriteItems", seed: onePatron, call: func(ctx context.Context, b books) error { return b.patrons.Delete(ctx, p) }, effect: absent, transaction: true},
		{name: "Take, unique", operation: "TransactWriteItems", seed: onePatron, call: func(ctx context.Context, b books) error { return only(b.patrons.Take(ctx, p)) }, effect: absent, transaction: true},
		{name: "Update, exactly once", operation: "TransactWriteItems", seed: oneMeter, call: func(ctx context.Context, b books) error {
			return only(b.meters.ExactlyOnce().Update(ctx, m, meterN.Add(1)))
		}, effect: timesAdded, transaction: true},
		{name: "Create, exactly once", operation: "TransactWriteItems", seed: nothing, call: func(ctx context.Context, b books) error { return only(b.meters.ExactlyOnce().Create(ctx, m)) }, effect: present, transaction: true},
		{name: "Take, exactly once", operation: "TransactWriteItems", seed: oneMeter, call: func(ctx context.Context, b books) error { return only(b.meters.ExactlyOnce().Take(ctx, m)) }, effect: absent, transaction: true},
	}
}

// expectation is what must become of a call.
type expectation struct {
	err      error
	requests int
	applied  int
}

// expect goes through the attempts by hand: five that fail otherwise, eight that meet conflicts.
func (v attemptVerb) expect(script string, writeID bool) (e expectation) {
	ambiguous, others, conflicts := false, 0, 0
	for {
		letter := '.'
		if e.requests < len(script) {
			letter = rune(script[e.requests])
		}
		if letter == 'X' && v.reads {
			letter = '.' // reads meet no conflicts
		}
		e.requests++
		if strings.ContainsRune(carriedOut, letter) {
			again := e.applied > 0
			if !v.reads {
				e.applied = 1
			}
			switch {
			case !strings.ContainsRune(answered, letter):
				ambiguous = true
			case again && (v.takes || v.guarded && (!v.carriesID || !writeID)):
				e.err = repo.ErrOutcomeUnknown
				return e
			default:
				return e
			}
		}
		ambiguous = ambiguous || strings.ContainsRune("EBH", letter)
		refused := letter == 'X' || letter == 'T' && v.transaction
		if refused {
			conflicts++
		} else {
			others++
		}
		switch {
		case conflicts < 8 && others < 5 && (!v.once || !ambiguous):
			continue
		case ambiguous && !v.reads && (!refused || !v.transaction):
			e.err = repo.ErrOutcomeUnknown
		case letter == 'X':
			e.err = repo.ErrConflict
		default:
			e.err = errPlain
		}
		return e
	}
}

// scripts are all weathers of up to two attempts, runs of one, and some that are drawn.
func scripts() []string {
	letters := []rune("TEBALHCUX")
	var out []string
	for _, a := range letters {
		out = append(out, string(a))
		for _, b := range letters {
			out = append(out, string([]rune{a, b}))
		}
		for n := 3; n <= 9; n++ {
			out = append(out, strings.Repeat(string(a), n))
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		s := make([]rune, 3+rnd.IntN(6))
		for i := range s {
			s[i] = letters[rnd.IntN(len(letters))]
		}
		out = append(out, string(s))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// unlikely reports whether a script has DynamoDB cancel a transaction that it has carried out under the same token, which it does not.
func unlikely(script string) bool {
	at := strings.IndexAny(script, "ACU")
	return at >= 0 && strings.ContainsAny(script[at:], "XT")
}

func TestEveryFaultOfEveryVerb(t *testing.T) {
	all := scripts()
	if testing.Short() {
		all = all[:40]
	}
	for _, writeID := range []string{"", "_wid"} {
		for _, v := range attemptVerbs() {
			t.Run(v.name+writeID, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := openBooks(t, writeID)
					ctx, cancel := later(t)
					defer cancel()
					if err := v.seed(ctx, b); err != nil {
						t.Fatal(err)
					}
					seeded := b.engine.Snapshot()
					for _, script := range all {
						if !v.transaction || !unlikely(script) {
							b.engine.Restore(seeded)
							v.meets(ctx, t, b, script, writeID != "")
						}
					}
				})
			})
		}
	}
}

// meets makes one call under a script, and checks all that is to be known of it.
func (v attemptVerb) meets(ctx context.Context, t *testing.T, b books, script string, writeID bool) {
	b.engine.Heal()
	for i, letter := range script {
		b.engine.Inject(repotest.Rule{Operation: v.operation, Nth: i + 1, Fault: weather[letter]})
	}
	before := b.engine.Requests(v.operation)
	err := v.call(ctx, b)
	got := expectation{requests: b.engine.Requests(v.operation) - before}
	rows := b.rows(t)
	if !v.reads {
		got.applied = v.effect(rows)
	}
	want := v.expect(script, writeID)
	if !answersTo(err, want.err) || got.requests != want.requests || got.applied != want.applied {
		t.Errorf("%s: %d requests, applied %d times, %v; not %d, %d, %v", script, got.requests, got.applied, err, want.requests, want.applied, want.err)
	}
	checkGuards(t, script, rows)
}
