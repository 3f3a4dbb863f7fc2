package main

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/internal/storytest"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// The story is the same on every engine, and the second time on one server too.
func TestOutput(t *testing.T) { storytest.Output(t, connect, run) }

// A page is at one place in all shards, so the pages together are the board, whatever their size.
func TestPagesOfAnySize(t *testing.T) {
	b, err := openBoard(t.Context(), repotest.NewClient())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	q := (&teller{board: b}).ranking()
	want, err := repo.Collect(q.All(t.Context()))
	if err != nil || len(want) != len(players) {
		t.Fatalf("%d scores, %v", len(want), err)
	}
	if !slices.IsSortedFunc(want, func(a, b Score) int { return b.Points - a.Points }) {
		t.Errorf("not the best first: %v", want)
	}
	for _, size := range []int{2, 5, len(want), len(want) + 1} {
		var got []Score
		for cursor, first := repo.Cursor(""), true; first || cursor != ""; first = false {
			page, err := q.Limit(size).Page(t.Context(), cursor)
			if err != nil {
				t.Fatal(err)
			}
			got, cursor = append(got, page.Items...), page.Next
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d: -want +got\n%s", size, diff)
		}
	}
}
