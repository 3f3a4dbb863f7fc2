package batch_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// Get answers in the order of the request: missing ones left out, a key asked for twice answered at both places, with one read.
func TestGetKeepsOrder(t *testing.T) {
	s := newSite(t)
	if err := batch.New(s.crates, batch.Options{}).Put(t.Context(), crates(500)...); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s.engine.Inject(repotest.Rule{Operation: "BatchGetItem", Chance: 0.4, Fault: repotest.Unprocessed()})
		s.engine.Inject(repotest.Rule{Operation: "BatchGetItem", Chance: 0.5, Fault: repotest.Latency(7 * time.Millisecond)})
		rng := rand.New(rand.NewPCG(1, 2))
		var asked []crate
		var want []string
		distinct := map[string]bool{}
		for range 900 {
			c := numbered(rng.IntN(700)) // those above 499 are missing
			asked = append(asked, c)
			distinct[c.ID] = true
			if c.ID < "000500" {
				want = append(want, c.ID)
			}
		}
		for _, workers := range []int{1, 16} {
			b := batch.New(s.crates, batch.Options{Workers: workers})
			got, err := b.Get(t.Context(), asked...)
			if ids := idsOf(got); err != nil || !slices.Equal(ids, want) {
				t.Errorf("Get: %v, %d found, want %d", err, len(ids), len(want))
			}
			got, err = repo.Collect(b.GetSeq(t.Context(), each(asked)))
			if ids := idsOf(got); err != nil || !slices.Equal(ids, want) {
				t.Errorf("GetSeq: %v, %d found, want %d", err, len(ids), len(want))
			}
		}
		s.engine.Heal()
		s.wire.reset()
		if _, err := batch.New(s.crates, batch.Options{}).Get(t.Context(), asked...); err != nil {
			t.Fatal(err)
		}
		read := 0
		for _, r := range s.wire.requests("BatchGetItem") {
			read += len(entries(t, r))
		}
		if read != len(distinct) {
			t.Errorf("%d keys read for %d that differ", read, len(distinct))
		}
	})
}

func idsOf(list []crate) []string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = c.ID
	}
	return out
}

// What is answered at two places is two values.
func TestDuplicatesShareNothing(t *testing.T) {
	s := newSite(t)
	c := numbered(1)
	c.Tags = []string{"a", "b"}
	b := batch.New(s.crates, batch.Options{})
	if err := b.Put(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func() ([]crate, error){
		"Get":    func() ([]crate, error) { return b.Get(t.Context(), c, c) },
		"GetSeq": func() ([]crate, error) { return repo.Collect(b.GetSeq(t.Context(), each([]crate{c, c}))) },
	} {
		got, err := read()
		if err != nil || len(got) != 2 {
			t.Fatalf("%s: %v, %v", name, got, err)
		}
		got[0].Tags[0] = "changed"
		if got[1].Tags[0] != "a" {
			t.Errorf("%s: two answers share memory", name)
		}
	}
}

// A GetSeq of one key over and over is read once for all that wait, and does not wait for a chunk that never fills.
func TestGetSeqOfOneKey(t *testing.T) {
	s := newSite(t)
	b := batch.New(s.crates, batch.Options{Workers: 1})
	if err := b.Put(t.Context(), numbered(1)); err != nil {
		t.Fatal(err)
	}
	s.wire.reset()
	n := 0
	for _, err := range b.GetSeq(t.Context(), each(slices.Repeat([]crate{numbered(1)}, 1000))) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if requests := len(s.wire.requests("")); n != 1000 || requests > 10 {
		t.Errorf("%d answers from %d requests, want 1000 from at most 10", n, requests)
	}
}

// With LastWins the last one of a key is sent, and the others share its fate.
func TestLastWins(t *testing.T) {
	s := newSite(t)
	var list []crate
	for i := range 90 {
		c := numbered(i % 30)
		c.Round = i
		list = append(list, c)
	}
	list[61].Body = "broken" // so that the second one is the last that can be written
	list[62].Body = "poison"
	s.wire.answer = poisoned
	err := batch.New(s.crates, batch.Options{Duplicates: batch.LastWins}).Put(t.Context(), list...)
	e := balance(t, err, 90)
	if got, want := fmt.Sprint(indexes(e)), "[2 32 61 62]"; got != want {
		t.Errorf("failed are %s, want %s: %v", got, want, e)
	}
	stored := s.stored(t)
	for i := range 30 {
		want := 60 + i
		switch i {
		case 1:
			want = 31
		case 2:
			want = 0
		}
		if got := stored[numbered(i).ID].Round; got != want {
			t.Errorf("crate %d holds round %d, want %d", i, got, want)
		}
	}
}

func indexes(e *batch.Error) (out []int) {
	for _, f := range e.Failures {
		out = append(out, f.Index)
	}
	return out
}
