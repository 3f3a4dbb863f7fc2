package integration

import (
	"testing"

	"github.com/monotable/monotable/repo"
)

func TestDelete(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		for _, c := range []struct {
			reason string
			orders *repo.Repository[order]
			id     string
			err    error
			gone   bool
		}{
			{"there", s.orders, "1", nil, true},
			{"missing is fine", s.orders, "2", nil, true},
			{"a condition that holds", s.orders.If(orderStatus.Eq("open")), "1", nil, true},
			{"a condition that fails", s.orders.If(orderStatus.Eq("closed")), "1", repo.ErrConditionFailed, false},
			{"a condition asks for an item, here too", s.orders.If(orderStatus.Eq("open")), "2", repo.ErrConditionFailed, true},
			{"also one that holds where there is none", s.orders.If(orderStatus.Ne("open")), "2", repo.ErrConditionFailed, true},
			{"a part of the key is empty", s.orders, "", repo.ErrIncompleteKey, true},
		} {
			t.Run(c.reason, func(t *testing.T) {
				put(t, s.orders, anOrder("1"), anOrder("neighbour"))
				expectError(t, c.orders.Delete(t.Context(), keyOf(c.id)), c.err)
				if gone := s.row(t, c.id) == nil; c.id != "" && gone != c.gone {
					t.Errorf("gone: %v, want %v", gone, c.gone)
				}
				if s.row(t, "neighbour") == nil {
					t.Error("another item is gone")
				}
			})
		}
	})
}
