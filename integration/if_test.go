package integration

import (
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// Every condition, where it holds and where it fails, on one and the same item.
func TestConditions(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		put(t, s.orders, anOrder("1"))
		type conds = []expr.Cond[order]
		for _, c := range []struct {
			reason string
			holds  conds
			fails  conds
		}{
			{"equality", conds{orderStatus.Eq("open")}, conds{orderStatus.Eq("shipped")}},
			{"inequality", conds{orderStatus.Ne("shipped")}, conds{orderStatus.Ne("open")}},
			{"one of several", conds{orderStatus.In("shipped", "open")}, conds{orderStatus.In("shipped", "closed")}},
			{"less", conds{orderTotal.Lt(4201)}, conds{orderTotal.Lt(4200)}},
			{"less or equal", conds{orderTotal.Le(4200)}, conds{orderTotal.Le(4199)}},
			{"greater", conds{orderTotal.Gt(4199)}, conds{orderTotal.Gt(4200)}},
			{"greater or equal", conds{orderTotal.Ge(4200)}, conds{orderTotal.Ge(4201)}},
			{"between", conds{orderTotal.Between(4200, 4200)}, conds{orderTotal.Between(4201, 9000)}},
			{"numbers compare as numbers", conds{orderTotal.Gt(999)}, conds{orderTotal.Lt(999)}},
			{"times", conds{orderPlacedAt.Le(noon)}, conds{orderPlacedAt.Lt(noon)}},
			{"a prefix", conds{orderStatus.HasPrefix("op")}, conds{orderStatus.HasPrefix("pe")}},
			{"a part", conds{orderStatus.Contains("pe")}, conds{orderStatus.Contains("x")}},
			{"there", conds{orderCarrier.Exists()}, conds{orderCarrier.NotExists()}},
			{"nested", conds{orderCity.Eq("Oslo")}, conds{orderCity.Eq("Bergen")}},
			{"an element", conds{orderQuantity.Eq(1)}, conds{orderQuantity.Gt(1)}},
			{"a whole element", conds{orderLines.At(1).Eq(line{"mug", 2})}, conds{orderLines.At(1).Eq(line{"mug", 3})}},
			{"an element that is not there", conds{orderLines.At(7).NotExists()}, conds{orderLines.At(7).Exists()}},
			{"a list that holds an element", conds{orderLines.Contains(line{"mug", 2})}, conds{orderLines.Contains(line{"mug", 1})}},
			{"a set that holds an element", conds{orderTags.Contains("gift")}, conds{orderTags.Contains("if")}},
			{"a whole set", conds{orderTags.Eq([]string{"gift"})}, conds{orderTags.Eq([]string{"gift", "red"})}},
			{"the value of a key", conds{orderNotes.Key("door").Eq("blue")}, conds{orderNotes.Key("door").Eq("red")}},
			{"a size", conds{orderLines.Size().Ge(2), orderTags.Size().Eq(1), orderNotes.Size().Lt(2)}, conds{orderLines.Size().Gt(2)}},
			{"two attributes", conds{orderTotal.GtAttr(orderGrams)}, conds{orderTotal.LeAttr(orderGrams)}},
			{"all of several", conds{orderTotal.Gt(1), orderStatus.Eq("open")}, conds{orderTotal.Gt(1), orderStatus.Eq("closed")}},
			{"and", conds{expr.And(orderTotal.Gt(1), orderStatus.Eq("open"))}, conds{expr.And(orderTotal.Lt(1), orderStatus.Eq("open"))}},
			{"or", conds{expr.Or(orderTotal.Lt(1), orderStatus.Eq("open"))}, conds{expr.Or(orderTotal.Lt(1), orderStatus.Eq("closed"))}},
			{"not", conds{expr.Not(orderStatus.Eq("closed"))}, conds{expr.Not(orderStatus.Eq("open"))}},
			{"mixed", conds{expr.Not(expr.Or(orderTotal.Lt(1), expr.And(orderCity.Eq("Oslo"), orderStatus.Eq("closed"))))},
				conds{expr.Not(expr.Or(orderTotal.Lt(1), expr.And(orderCity.Eq("Oslo"), orderStatus.Eq("open"))))}},
			{"the SDK's own", conds{expr.RawCond[order](sdk.Name("grams").Equal(sdk.Value(750)))},
				conds{expr.RawCond[order](sdk.Name("grams").Equal(sdk.Value(751)))}},
			{"no condition", conds{{}, orderStatus.Eq("open")}, conds{{}, orderStatus.Eq("closed")}},
		} {
			if _, err := s.orders.If(c.holds...).Update(t.Context(), keyOf("1"), orderNotes.Key("door").Set("blue")); err != nil {
				t.Errorf("%s: %v does not hold: %v", c.reason, c.holds, err)
			}
			_, err := s.orders.If(c.fails...).Update(t.Context(), keyOf("1"), orderNotes.Key("door").Set("red"))
			if err == nil {
				t.Errorf("%s: %v holds", c.reason, c.fails)
				put(t, s.orders, anOrder("1"))
			}
			expectError(t, err, repo.ErrConditionFailed)
		}
		expectItem(t, s.row(t, "1"), orderRow)
	})
}

// Conditions of several views add up.
func TestIfAddsUp(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		put(t, s.orders, anOrder("1"))
		openOrders := s.orders.If(orderStatus.Eq("open"))
		_, err := openOrders.If(orderTotal.Gt(9000)).Update(t.Context(), keyOf("1"), orderTotal.Add(1))
		expectError(t, err, repo.ErrConditionFailed)
		_, err = openOrders.If(orderTotal.Lt(9000)).Update(t.Context(), keyOf("1"), orderTotal.Add(1))
		expectError(t, err, nil)
		expectAttributes(t, s.row(t, "1"), map[string]string{"total": "4201"})
	})
}

// Reads have no use for conditions, and say so rather than ignore them.
func TestIfIsForWrites(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		view := s.orders.If(orderStatus.Eq("open"))
		sent := s.sends(func() {
			if _, err := view.Get(t.Context(), keyOf("1")); err == nil {
				t.Error("Get ignores the condition")
			}
			if _, err := view.Query(orderCustomer.Eq("ada")).Count(t.Context()); err == nil {
				t.Error("Query ignores the condition")
			}
			if _, err := view.Scan().Count(t.Context()); err == nil {
				t.Error("Scan ignores the condition")
			}
		})
		if sent != 0 {
			t.Errorf("%d requests were sent", sent)
		}
	})
}
