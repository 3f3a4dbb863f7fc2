package integration

import (
	"errors"
	"testing"
	"time"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// A missing item is made of its key, its type, what is named, and the keys of the indexes whose members are all known.
func TestUpsertMakes(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		bare := map[string]string{"pk": `"CUSTOMER#ada"`, "sk": `"ORDER#1"`, "_type": `"Order"`, "customer_id": `"ada"`, "id": `"1"`, "placed_at": `"2026-03-14T12:00:00.000000000Z"`}
		for _, c := range []struct {
			reason  string
			changes []expr.Update[order]
			want    map[string]string
		}{
			{"what must be there", []expr.Update[order]{orderPlacedAt.Set(noon), orderStatus.Set("closed")}, map[string]string{"status": `"closed"`}},
			{"a number that counts from zero", []expr.Update[order]{orderPlacedAt.Set(noon), orderStatus.Set("closed"), orderTotal.Add(5)}, map[string]string{"status": `"closed"`, "total": "5"}},
			{"a default", []expr.Update[order]{orderPlacedAt.Set(noon), orderStatus.Set("closed"), orderTotal.SetIfNotExists(5)}, map[string]string{"status": `"closed"`, "total": "5"}},
			{"a list and a set that begin empty", []expr.Update[order]{orderPlacedAt.Set(noon), orderStatus.Set("closed"), orderLines.Append(line{"mug", 1}), orderTags.Add("gift")},
				map[string]string{"status": `"closed"`, "lines": `[{"quantity":1,"sku":"mug"}]`, "tags": `SS("gift")`}},
			{"into an index", []expr.Update[order]{orderPlacedAt.Set(noon), orderStatus.Set("open")},
				map[string]string{"status": `"open"`, "gsi1pk": `"STATUS#open"`, "gsi1sk": `"2026-03-14T12:00:00.000000000Z#1"`}},
			{"into both", []expr.Update[order]{orderPlacedAt.Set(noon), orderStatus.Set("open"), orderCarrier.Set("post"), orderGrams.Set(9)},
				map[string]string{"status": `"open"`, "gsi1pk": `"STATUS#open"`, "gsi1sk": `"2026-03-14T12:00:00.000000000Z#1"`,
					"carrier": `"post"`, "grams": "9", "gsi2pk": `"CARRIER#post"`, "gsi2sk": `"WEIGHT#000009"`}},
		} {
			t.Run(c.reason, func(t *testing.T) {
				expectError(t, s.orders.Delete(t.Context(), keyOf("1")), nil)
				example := keyOf("1")
				example.Tags = []string{"ignored"}
				got, err := s.orders.Upsert(t.Context(), example, c.changes...)
				expectError(t, err, nil)
				want := map[string]string{}
				for _, part := range []map[string]string{bare, c.want} {
					for name, v := range part {
						want[name] = v
					}
				}
				row := s.row(t, "1")
				expectItem(t, row, want)
				decoded, err := s.orders.Decode(row)
				expectError(t, err, nil)
				expectOrder(t, got, decoded)
			})
		}
	})
}

// An item that is there is updated, and keeps the rest.
func TestUpsertUpdates(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		put(t, s.orders, anOrder("1"))
		later := noon.Add(time.Hour)
		_, err := s.orders.Upsert(t.Context(), keyOf("1"), orderPlacedAt.Set(later), orderStatus.Set("shipped"), orderTotal.Add(5))
		expectError(t, err, nil)
		expectItem(t, s.row(t, "1"), changed(map[string]string{
			"placed_at": `"2026-03-14T13:00:00.000000000Z"`, "status": `"shipped"`, "total": "4205",
			"gsi1pk": `"STATUS#shipped"`, "gsi1sk": `"2026-03-14T13:00:00.000000000Z#1"`,
		}))
		_, err = s.orders.Upsert(t.Context(), keyOf("1"), orderPlacedAt.Set(later), orderStatus.Set("closed"), orderTotal.SetIfNotExists(1))
		expectError(t, err, nil)
		expectAttributes(t, s.row(t, "1"), map[string]string{"status": `"closed"`, "total": "4205", "gsi1pk": "", "gsi1sk": "", "gsi2pk": `"CARRIER#post"`})
	})
}

func TestUpsertOutcomes(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		closed := []expr.Update[order]{orderPlacedAt.Set(noon), orderStatus.Set("closed")}
		s.load(t, s.table, item{"pk": text("CUSTOMER#ada"), "sk": text("ORDER#foreign"), "_type": text("Invoice")})
		put(t, s.orders, anOrder("1"))
		for _, c := range []struct {
			reason  string
			orders  *repo.Repository[order]
			id      string
			changes []expr.Update[order]
			err     error
			sent    int64
		}{
			{"of another entity", s.orders, "foreign", closed, repo.ErrWrongEntity, 1},
			{"a condition that holds where there is none", s.orders.If(orderTotal.NotExists()), "new", closed, nil, 1},
			{"a condition that fails", s.orders.If(orderTotal.NotExists()), "1", closed, repo.ErrConditionFailed, 1},
			{"a condition that fails where there is none", s.orders.If(orderTotal.Gt(1)), "none", closed, repo.ErrConditionFailed, 1},
			{"a required field is not named", s.orders, "none", []expr.Update[order]{orderTotal.Add(1)}, repo.ErrInvalidValue, 0},
			{"it would enter an index without all that it needs", s.orders, "none", []expr.Update[order]{orderPlacedAt.Set(noon), orderCarrier.Set("rail")}, repo.ErrStaleIndex, 0},
			{"no change", s.orders, "none", nil, repo.ErrEmptyUpdate, 0},
			{"below what a new item lacks", s.orders, "none", append(closed, orderCity.Set("Oslo")), repo.ErrConditionFailed, 1},
		} {
			t.Run(c.reason, func(t *testing.T) {
				before := written(s.row(t, c.id))
				var err error
				if sent := s.sends(func() { _, err = c.orders.Upsert(t.Context(), keyOf(c.id), c.changes...) }); sent != c.sent {
					t.Errorf("%d requests, want %d", sent, c.sent)
				}
				expectError(t, err, c.err)
				var detail *repo.Error
				if c.err != nil && (!errors.As(err, &detail) || detail.Op != "Upsert") {
					t.Errorf("got %v, want an error of Upsert", err)
				}
				if c.err != nil {
					expectItem(t, s.row(t, c.id), before)
				}
			})
		}
	})
}

// A type without indexes that its changes could touch: the smallest upsert there is.
func TestUpsertCounts(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		for _, want := range []int64{5, 10, 15} {
			got, err := s.customers.Upsert(t.Context(), customer{ID: "ada"}, customerBalance.Add(5))
			if err != nil || got.Balance != want || got.ID != "ada" {
				t.Fatalf("got %+v, error %v; want balance %d", got, err, want)
			}
		}
		expectItem(t, s.stored(t, s.table, "CUSTOMER#ada", "PROFILE"), map[string]string{
			"pk": `"CUSTOMER#ada"`, "sk": `"PROFILE"`, "_type": `"Customer"`, "id": `"ada"`, "balance": "15",
		})
	})
}
