package integration

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/monotable/monotable/repo"
)

// orderRow is what anOrder("1") is stored as.
var orderRow = map[string]string{
	"pk": `"CUSTOMER#ada"`, "sk": `"ORDER#1"`, "_type": `"Order"`,
	"gsi1pk": `"STATUS#open"`, "gsi1sk": `"2026-03-14T12:00:00.000000000Z#1"`,
	"gsi2pk": `"CARRIER#post"`, "gsi2sk": `"WEIGHT#000750"`,
	"customer_id": `"ada"`, "id": `"1"`, "status": `"open"`, "placed_at": `"2026-03-14T12:00:00.000000000Z"`,
	"total": "4200", "carrier": `"post"`, "grams": "750", "ship": `{"city":"Oslo"}`,
	"lines": `[{"quantity":1,"sku":"kettle"},{"quantity":2,"sku":"mug"}]`, "tags": `SS("gift")`, "notes": `{"door":"blue"}`,
}

func TestCreate(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		given := anOrder("1")
		got, err := s.orders.Create(t.Context(), given)
		if err != nil {
			t.Fatal(err)
		}
		expectOrder(t, got, anOrder("1"))
		expectOrder(t, given, anOrder("1")) // the caller's value stays as it was
		expectItem(t, s.row(t, "1"), orderRow)

		other := anOrder("1")
		other.Total = 1
		got, err = s.orders.Create(t.Context(), other)
		expectError(t, err, repo.ErrAlreadyExists)
		expectOrder(t, got, order{})
		expectItem(t, s.row(t, "1"), orderRow)
	})
}

func TestPut(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		put(t, s.orders, anOrder("1"))
		expectItem(t, s.row(t, "1"), orderRow)

		// Replaced as a whole: what the new value lacks is gone, its index keys too.
		small := order{CustomerID: "ada", ID: "1", Status: "closed", PlacedAt: noon}
		got, err := s.orders.Put(t.Context(), small)
		if err != nil {
			t.Fatal(err)
		}
		expectOrder(t, got, small)
		expectItem(t, s.row(t, "1"), map[string]string{
			"pk": `"CUSTOMER#ada"`, "sk": `"ORDER#1"`, "_type": `"Order"`, "customer_id": `"ada"`, "id": `"1"`,
			"status": `"closed"`, "placed_at": `"2026-03-14T12:00:00.000000000Z"`, "total": "0", "grams": "0",
		})
	})
}

// What cannot be stored is refused before anything is sent.
func TestPutRefused(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		for _, c := range []struct {
			reason string
			spoil  func(*order)
			want   error
			field  string
		}{
			{"a part of the key is empty", func(o *order) { o.CustomerID = "" }, repo.ErrIncompleteKey, "CustomerID"},
			{"no UTF-8 in the key", func(o *order) { o.ID = "\xff" }, repo.ErrInvalidKey, "ID"},
			{"a key that is too long", func(o *order) { o.ID = strings.Repeat("x", 1025) }, repo.ErrInvalidKey, ""},
			{"a required field is empty", func(o *order) { o.PlacedAt = time.Time{} }, repo.ErrInvalidValue, "PlacedAt"},
			{"an index key with more digits than its pad", func(o *order) { o.Grams = 1_000_000 }, repo.ErrInvalidKey, "Grams"},
			{"no UTF-8 in a value", func(o *order) { o.Notes = map[string]string{"door": "\xff"} }, repo.ErrInvalidValue, ""},
			{"more than 400 KB", func(o *order) { o.Notes = map[string]string{"door": strings.Repeat("x", 400*1024)} }, repo.ErrTooLarge, ""},
		} {
			for verb, write := range map[string]func(order) (order, error){
				"Create": func(o order) (order, error) { return s.orders.Create(t.Context(), o) },
				"Put":    func(o order) (order, error) { return s.orders.Put(t.Context(), o) },
			} {
				o := anOrder("1")
				c.spoil(&o)
				var err error
				if sent := s.sends(func() { _, err = write(o) }); sent != 0 {
					t.Errorf("%s: %s sent %d requests", c.reason, verb, sent)
				}
				var detail *repo.Error
				if !errors.Is(err, c.want) || !errors.As(err, &detail) || detail.Op != verb || detail.Entity != "Order" || c.field != "" && detail.Field != c.field {
					t.Errorf("%s: %s: got %v, want %v of field %q", c.reason, verb, err, c.want, c.field)
				}
			}
		}
	})
}

func TestPutIf(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		cheaper := anOrder("1")
		cheaper.Total = 1000

		_, err := s.orders.If(orderStatus.Eq("open")).Put(t.Context(), cheaper)
		expectError(t, err, repo.ErrConditionFailed) // no item has no status
		if s.row(t, "1") != nil {
			t.Error("the item was written although the condition failed")
		}

		put(t, s.orders, anOrder("1"))
		_, err = s.orders.If(orderTotal.Gt(9000)).Put(t.Context(), cheaper)
		expectError(t, err, repo.ErrConditionFailed)
		expectItem(t, s.row(t, "1"), orderRow)

		got, err := s.orders.If(orderStatus.Eq("open"), orderTotal.Gt(4000)).Put(t.Context(), cheaper)
		if err != nil {
			t.Fatal(err)
		}
		expectOrder(t, got, cheaper)
		want := maps.Clone(orderRow)
		want["total"] = "1000"
		expectItem(t, s.row(t, "1"), want)
	})
}

func expectOrder(t *testing.T, got, want order) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// expectError compares an error with a sentinel; want is nil where there must be none.
func expectError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}
