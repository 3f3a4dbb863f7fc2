package repo_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/anishathalye/porcupine"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo"
)

const writers = 8

// storm is a network on which every twentieth request is throttled, lost before it is carried out, or lost afterwards, in turn.
type storm struct {
	next   dynamodb.HTTPClient
	sent   atomic.Int64
	losses atomic.Int64
}

func (s *storm) option(o *dynamodb.Options) { s.next, o.HTTPClient = o.HTTPClient, s }

func (s *storm) Do(r *http.Request) (*http.Response, error) {
	n := s.sent.Add(1)
	if n%20 != 0 {
		return s.next.Do(r)
	}
	lost := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	switch n / 20 % 3 {
	case 0:
		return &http.Response{StatusCode: 400, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"__type":"x#ThrottlingException","message":"m"}`))}, nil
	case 1:
		s.losses.Add(1)
		return nil, lost
	}
	s.losses.Add(1)
	resp, err := s.next.Do(r)
	if err != nil {
		return nil, err
	}
	return nil, errors.Join(lost, resp.Body.Close())
}

// inStorm runs eight writers, each with its own random numbers, in a storm, and checks that there was one.
func inStorm(t *testing.T, writeID string, run func(ctx context.Context, b books, s *storm, w int, rnd *rand.Rand), after func(t *testing.T, b books, s *storm)) {
	synctest.Test(t, func(t *testing.T) {
		s := &storm{}
		b := openBooks(t, writeID, s.option)
		ctx, cancel := later(t)
		defer cancel()
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() { run(ctx, b, s, w, rand.New(rand.NewPCG(uint64(w), 7))) })
		}
		wg.Wait()
		if s.losses.Load() < 10 {
			t.Errorf("only %d losses in %d requests", s.losses.Load(), s.sent.Load())
		}
		after(t, b, s)
	})
}

// tally counts what calls answered.
type tally struct{ done, unknown, refused atomic.Int64 }

func (n *tally) count(err error) {
	switch {
	case err == nil:
		n.done.Add(1)
	case errors.Is(err, repo.ErrOutcomeUnknown):
		n.unknown.Add(1)
	default:
		n.refused.Add(1)
	}
}

func TestCountersInAStorm(t *testing.T) {
	for _, exactly := range []bool{false, true} {
		var n tally
		run := func(ctx context.Context, b books, _ *storm, _ int, _ *rand.Rand) {
			meters := b.meters
			if exactly {
				meters = meters.ExactlyOnce()
			}
			for range 60 {
				_, err := meters.Upsert(ctx, meter{ID: "m"}, meterN.Add(1))
				n.count(err)
			}
		}
		inStorm(t, "", run, func(t *testing.T, b books, s *storm) {
			value, done, unknown := int64(timesAdded(b.rows(t))), n.done.Load(), n.unknown.Load()
			if value < done || value > done+unknown || unknown > s.losses.Load() || n.refused.Load() > 0 {
				t.Errorf("exactly once %v: the counter is %d after %d additions, %d unknown ones, %d refused and %d losses", exactly, value, done, unknown, n.refused.Load(), s.losses.Load())
			}
			if exactly && (unknown > 0 || value != writers*60) {
				t.Errorf("exactly once: the counter is %d, and %d outcomes are unknown", value, unknown)
			}
			if !exactly && unknown == 0 {
				t.Error("no outcome is unknown: the storm spared the additions")
			}
		})
	}
}

// With a write id, nobody is left in doubt about a row that nobody else wrote.
func TestOwnRowsInAStorm(t *testing.T) {
	for _, writeID := range []string{"", "_wid"} {
		var n tally
		run := func(ctx context.Context, b books, _ *storm, w int, _ *rand.Rand) {
			for i := range 20 {
				d, err := b.deeds.Create(ctx, deed{ID: fmt.Sprintf("%d-%d", w, i)})
				n.count(err)
				for k := 0; k < 3 && err == nil; k++ {
					if k == 1 {
						d.N++
						d, err = b.deeds.Put(ctx, d)
					} else {
						d, err = b.deeds.Update(ctx, d, deedN.Add(1))
					}
					n.count(err)
				}
				if err == nil && (d.Version != 4 || d.N != 3) {
					t.Errorf("after three changes there is %+v", d)
				}
			}
		}
		inStorm(t, writeID, run, func(t *testing.T, _ books, s *storm) {
			if n.refused.Load() > 0 || n.unknown.Load() > s.losses.Load() || writeID != "" && n.unknown.Load() > 0 {
				t.Errorf("write id %q: %d writes were refused, %d outcomes are unknown, with %d losses", writeID, n.refused.Load(), n.unknown.Load(), s.losses.Load())
			}
			if writeID == "" && n.unknown.Load() == 0 {
				t.Error("no outcome is unknown: the storm spared the writes")
			}
		})
	}
}

func TestModifyInAStorm(t *testing.T) {
	for _, versioned := range []bool{true, false} {
		var n tally
		run := func(ctx context.Context, b books) {
			for range 25 {
				var err error
				for lost := true; lost; lost = errors.Is(err, repo.ErrVersionConflict) || errors.Is(err, repo.ErrConditionFailed) {
					if versioned {
						_, err = b.deeds.Modify(ctx, deed{ID: "d"}, func(d *deed) error { d.N++; return nil })
					} else {
						_, err = b.meters.Modify(ctx, meter{ID: "m"}, func(m *meter) error { m.N++; return nil })
					}
				}
				n.count(err)
			}
		}
		synctest.Test(t, func(t *testing.T) {
			s := &storm{}
			b := openBooks(t, "_wid", s.option)
			ctx, cancel := later(t)
			defer cancel()
			if err := errors.Join(only(b.deeds.Create(ctx, deed{ID: "d"})), only(b.meters.Create(ctx, meter{ID: "m"}))); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for range writers {
				wg.Go(func() { run(ctx, b) })
			}
			wg.Wait()
			want := map[bool]string{true: "Deed", false: "Meter"}[versioned]
			for _, r := range b.rows(t) {
				if cell(r, "_type") != want {
					continue
				}
				value, done, unknown := int64(timesAdded([]row{r})), n.done.Load(), n.unknown.Load()
				if value < done || value > done+unknown || unknown > s.losses.Load() || n.refused.Load() > 0 || done < writers*25/2 {
					t.Errorf("versioned %v: the value is %d after %d changes, %d unknown, %d refused", versioned, value, done, unknown, n.refused.Load())
				}
				if versioned && cell(r, "version") != fmt.Sprint(value+1) {
					t.Errorf("the version is %s after %d changes", cell(r, "version"), value)
				}
			}
		})
	}
}

func TestUniqueValuesInAStorm(t *testing.T) {
	var n tally
	values := []string{"a", "b", "c", "d", "e"}
	run := func(ctx context.Context, b books, _ *storm, w int, rnd *rand.Rand) {
		for range 60 {
			p := patron{ID: fmt.Sprint(rnd.IntN(6)), Email: values[rnd.IntN(len(values))]}
			var err error
			switch rnd.IntN(5) {
			case 0:
				_, err = b.patrons.Create(ctx, p)
			case 1:
				_, err = b.patrons.Put(ctx, p)
			case 2:
				_, err = b.patrons.Update(ctx, p, patronMail.Set(p.Email))
			case 3:
				_, err = b.patrons.Modify(ctx, p, func(stored *patron) error { stored.Email = p.Email; return nil })
			case 4:
				err = b.patrons.Delete(ctx, p)
			}
			if n.count(err); err != nil && !refusedByOthers(err) {
				t.Errorf("writer %d: %v", w, err)
			}
		}
	}
	inStorm(t, "", run, func(t *testing.T, b books, s *storm) {
		rows := b.rows(t)
		checkGuards(t, "in the end", rows)
		if n.unknown.Load() > s.losses.Load() || n.done.Load() < 100 {
			t.Errorf("%d done, %d unknown, %d losses", n.done.Load(), n.unknown.Load(), s.losses.Load())
		}
	})
}

// refusedByOthers reports whether an error is one that another writer may cause.
func refusedByOthers(err error) bool {
	for _, want := range []error{repo.ErrAlreadyExists, repo.ErrNotUnique, repo.ErrNotFound, repo.ErrConflict, repo.ErrOutcomeUnknown, repo.ErrConditionFailed} {
		if errors.Is(err, want) {
			return true
		}
	}
	return false
}

// versionOp is one write that carries a version, or a read.
type versionOp struct {
	read    bool
	version int64 // carried
}

type versionAnswer struct {
	version int64 // read
	done    bool
	unknown bool
}

// versions is the model: a register that only the version it holds can move on.
var versions = porcupine.NondeterministicModel{
	Init: func() []any { return []any{int64(1)} },
	Step: func(state, in, out any) []any {
		v, op, got := state.(int64), in.(versionOp), out.(versionAnswer)
		fits := op.version == v
		switch {
		case op.read && got.version == v, !op.read && !got.done && !got.unknown && !fits:
			return []any{v}
		case got.unknown && fits:
			return []any{v, v + 1}
		case got.unknown:
			return []any{v}
		case got.done && fits:
			return []any{v + 1}
		}
		return nil
	},
	Equal:             func(a, b any) bool { return a == b },
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v -> %+v", in, out) },
}

func TestVersionsAreLinearizable(t *testing.T) {
	for _, writeID := range []string{"", "_wid"} {
		var clock, unknown atomic.Int64
		var mu sync.Mutex
		var history []porcupine.Operation
		var losses int64
		synctest.Test(t, func(t *testing.T) {
			s := &storm{}
			b := openBooks(t, writeID, s.option)
			ctx, cancel := later(t)
			defer cancel()
			if _, err := b.deeds.Create(ctx, deed{ID: "d"}); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for w := range writers {
				wg.Go(func() {
					rnd := rand.New(rand.NewPCG(uint64(w), 3))
					seen := deed{ID: "d", Version: 1}
					for range 40 {
						op := versionOp{read: rnd.IntN(2) == 0, version: seen.Version}
						called := clock.Add(1)
						got, answer, err := versionCall(ctx, b, op, seen)
						returned := clock.Add(1)
						if err != nil {
							t.Error(err)
							return
						}
						if seen.Version = max(seen.Version, got.Version); answer.unknown {
							unknown.Add(1)
							returned = math.MaxInt64
						}
						mu.Lock()
						history = append(history, porcupine.Operation{ClientId: w, Input: op, Output: answer, Call: called, Return: returned})
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			losses = s.losses.Load()
		})
		if ok := porcupine.CheckOperations(versions.ToModel(), history); !ok || len(history) != writers*40 {
			t.Errorf("write id %q: the history of %d operations is not linearizable", writeID, len(history))
		}
		if unknown.Load() > losses || losses == 0 {
			t.Errorf("write id %q: %d unknown outcomes of %d losses", writeID, unknown.Load(), losses)
		}
	}
}

// versionCall makes a call of the history, and says what it answered.
func versionCall(ctx context.Context, b books, op versionOp, seen deed) (deed, versionAnswer, error) {
	if op.read {
		d, err := b.deeds.Consistent().Get(ctx, seen)
		return d, versionAnswer{version: d.Version}, err
	}
	d, err := b.deeds.Update(ctx, seen, deedN.Add(1))
	switch {
	case err == nil && d.Version != op.version+1:
		return d, versionAnswer{}, fmt.Errorf("version %d became %d", op.version, d.Version)
	case err == nil:
		return d, versionAnswer{done: true}, nil
	case errors.Is(err, repo.ErrOutcomeUnknown):
		return d, versionAnswer{unknown: true}, nil
	case errors.Is(err, repo.ErrVersionConflict):
		return d, versionAnswer{}, nil
	}
	return d, versionAnswer{}, err
}
