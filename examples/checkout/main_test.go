package main

import (
	"errors"
	"slices"
	"testing"

	"github.com/monotable/monotable/internal/storytest"
	"github.com/monotable/monotable/repo/repotest"
	"github.com/monotable/monotable/txn"
)

// The story is the same on every engine, and the second time on one server too.
func TestOutput(t *testing.T) { storytest.Output(t, connect, run) }

// What the story does not come to has its words too.
func TestWords(t *testing.T) {
	s, err := openShop(t.Context(), repotest.NewClient())
	if err != nil {
		t.Fatal(err)
	}
	b := Basket{Items: []Item{{SKU: "mug"}}}
	for _, c := range []struct {
		reason string
		err    error
		want   string
	}{
		{"a conflict", &txn.CanceledError{Reasons: []txn.Reason{{}, {}, {}, {Index: 3, Entity: "Product", Err: txn.ErrConflict}}},
			"Many people are ordering just now, and nothing was ordered. Please try again."},
		{"a cancellation for a reason that nobody knows", &txn.CanceledError{}, "Nothing was ordered. Please try again later."},
		{"anything else", errors.New("lightning"), "Something went wrong, and nothing was ordered. Please try again later."},
		{"an order without a customer", s.checkout(b).Commit(t.Context()), "There is something in the basket that cannot be ordered."},
	} {
		if got := s.explain(b, c.err); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: %q, want %q", c.reason, got, c.want)
		}
	}
}
