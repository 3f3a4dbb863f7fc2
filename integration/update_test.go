package integration

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// changed is orderRow with some attributes changed; "" takes one away.
func changed(changes map[string]string) map[string]string {
	out := maps.Clone(orderRow)
	maps.Copy(out, changes)
	maps.DeleteFunc(out, func(_, v string) bool { return v == "" })
	return out
}

// What each change leaves in the table, index keys included. Where nothing is named, nothing is touched.
func TestUpdate(t *testing.T) {
	later := noon.Add(time.Hour)
	type changes = []expr.Update[order]
	cases := []struct {
		reason  string
		changes changes
		want    map[string]string
	}{
		{"set", changes{orderTotal.Set(5)}, map[string]string{"total": "5"}},
		{"set of what the tags omit removes", changes{orderTags.Set(nil), orderShip.Set(nil)}, map[string]string{"tags": "", "ship": ""}},
		{"set where there is something", changes{orderTotal.SetIfNotExists(5)}, nil},
		{"remove", changes{orderNotes.Remove()}, map[string]string{"notes": ""}},
		{"add", changes{orderTotal.Add(5)}, map[string]string{"total": "4205"}},
		{"subtract", changes{orderTotal.Sub(5000)}, map[string]string{"total": "-800"}},
		{"append", changes{orderLines.Append(line{"cup", 3})}, map[string]string{"lines": `[{"quantity":1,"sku":"kettle"},{"quantity":2,"sku":"mug"},{"quantity":3,"sku":"cup"}]`}},
		{"prepend", changes{orderLines.Prepend(line{"cup", 3})}, map[string]string{"lines": `[{"quantity":3,"sku":"cup"},{"quantity":1,"sku":"kettle"},{"quantity":2,"sku":"mug"}]`}},
		{"an element", changes{orderLines.At(1).Set(line{"cup", 3})}, map[string]string{"lines": `[{"quantity":1,"sku":"kettle"},{"quantity":3,"sku":"cup"}]`}},
		{"a field of an element", changes{orderQuantity.Add(4)}, map[string]string{"lines": `[{"quantity":5,"sku":"kettle"},{"quantity":2,"sku":"mug"}]`}},
		{"a nested field", changes{orderCity.Set("Bergen")}, map[string]string{"ship": `{"city":"Bergen"}`}},
		{"into a set", changes{orderTags.Add("red", "gift")}, map[string]string{"tags": `SS("gift","red")`}},
		{"out of a set, which is absent when it is empty", changes{orderTags.Delete("gift", "none")}, map[string]string{"tags": ""}},
		{"a key of a map", changes{orderNotes.Key("bell").Set("no")}, map[string]string{"notes": `{"bell":"no","door":"blue"}`}},
		{"a key is removed", changes{orderNotes.Key("door").Remove()}, map[string]string{"notes": `{}`}},
		{"several at once", changes{orderTotal.Add(1), orderShip.Remove(), orderNotes.Key("bell").Set("no")}, map[string]string{"total": "4201", "ship": "", "notes": `{"bell":"no","door":"blue"}`}},
		{"no change among changes", changes{{}, orderTotal.Set(5)}, map[string]string{"total": "5"}},

		{"when is made false: the item leaves the index", changes{orderStatus.Set("closed")}, map[string]string{"status": `"closed"`, "gsi1pk": "", "gsi1sk": ""}},
		{"a member is removed: it leaves", changes{orderCarrier.Remove()}, map[string]string{"carrier": "", "gsi2pk": "", "gsi2sk": ""}},
		{"a member is set to nothing: it leaves", changes{orderCarrier.Set("")}, map[string]string{"carrier": "", "gsi2pk": "", "gsi2sk": ""}},
		{"every member is known: it moves", changes{orderStatus.Set("shipped"), orderPlacedAt.Set(later)},
			map[string]string{"status": `"shipped"`, "placed_at": `"2026-03-14T13:00:00.000000000Z"`, "gsi1pk": `"STATUS#shipped"`, "gsi1sk": `"2026-03-14T13:00:00.000000000Z#1"`}},
		{"the other index moves by itself", changes{orderCarrier.Set("rail"), orderGrams.Set(9)},
			map[string]string{"carrier": `"rail"`, "grams": "9", "gsi2pk": `"CARRIER#rail"`, "gsi2sk": `"WEIGHT#000009"`}},
		{"both at once", changes{orderStatus.Set("closed"), orderCarrier.Remove()},
			map[string]string{"status": `"closed"`, "carrier": "", "gsi1pk": "", "gsi1sk": "", "gsi2pk": "", "gsi2sk": ""}},
	}
	onEveryStore(t, func(t *testing.T, s *store) {
		for _, c := range cases {
			t.Run(c.reason, func(t *testing.T) {
				put(t, s.orders, anOrder("1"))
				example := keyOf("1")
				example.Status, example.Grams = "lost", 1 // stale, and ignored
				var got order
				var err error
				if sent := s.sends(func() { got, err = s.orders.Update(t.Context(), example, c.changes...) }); sent != 1 || err != nil {
					t.Fatalf("%d requests, error %v", sent, err)
				}
				row := s.row(t, "1")
				expectItem(t, row, changed(c.want))
				decoded, err := s.orders.Decode(row)
				expectError(t, err, nil)
				expectOrder(t, got, decoded)
			})
		}
	})
}

// A condition that proves that the item was in the index is as good as knowing the fields: what stays the same is left alone.
func TestUpdateWithPins(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		put(t, s.orders, anOrder("1"))
		_, err := s.orders.If(orderStatus.Eq("open")).Update(t.Context(), keyOf("1"), orderStatus.Set("shipped"))
		expectError(t, err, nil)
		expectItem(t, s.row(t, "1"), changed(map[string]string{"status": `"shipped"`, "gsi1pk": `"STATUS#shipped"`}))

		_, err = s.orders.If(orderStatus.Eq("open")).Update(t.Context(), keyOf("1"), orderStatus.Set("shipped"))
		expectError(t, err, repo.ErrConditionFailed)
	})
}

// The item leaves the sparse index, is found in it no more, and enters it again.
func TestSparseIndexFollowsUpdates(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		put(t, s.orders, anOrder("1"), anOrder("2"))
		open := func() (ids []string) {
			for o, err := range s.orders.Query(orderStatus.Eq("open")).All(t.Context()) {
				expectError(t, err, nil)
				ids = append(ids, o.ID)
			}
			return ids
		}
		expectIDs(t, open(), "1", "2")
		_, err := s.orders.Update(t.Context(), keyOf("1"), orderStatus.Set("closed"))
		expectError(t, err, nil)
		expectIDs(t, open(), "2")
		if n, err := s.orders.Scan().Index("gsi1").Count(t.Context()); n != 1 || err != nil {
			t.Errorf("the index holds %d items (%v), want 1", n, err)
		}
		_, err = s.orders.Update(t.Context(), keyOf("1"), orderStatus.Set("open"), orderPlacedAt.Set(noon.Add(time.Minute)))
		expectError(t, err, nil)
		expectIDs(t, open(), "2", "1")
	})
}

func TestUpdateRefused(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		put(t, s.orders, anOrder("1"))
		type changes = []expr.Update[order]
		for _, c := range []struct {
			reason  string
			orders  *repo.Repository[order]
			changes changes
			want    error
		}{
			{"the rest of the key is not known", s.orders, changes{orderStatus.Set("shipped")}, repo.ErrStaleIndex},
			{"the value is not known before", s.orders, changes{orderGrams.Add(1)}, repo.ErrStaleIndex},
			{"nor here", s.orders, changes{orderGrams.SetIfNotExists(1), orderCarrier.Set("rail")}, repo.ErrStaleIndex},
			{"one member of two", s.orders, changes{orderCarrier.Set("rail")}, repo.ErrStaleIndex},
			{"a condition that pins nothing", s.orders.If(orderTotal.Gt(1)), changes{orderStatus.Set("shipped")}, repo.ErrStaleIndex},
			{"a field of the primary key", s.orders, changes{orderID.Set("2")}, repo.ErrImmutable},
			{"no change", s.orders, nil, repo.ErrEmptyUpdate},
			{"no change but the zero one", s.orders, changes{{}}, repo.ErrEmptyUpdate},
			{"one path twice", s.orders, changes{orderTotal.Set(1), orderTotal.Add(1)}, repo.ErrInvalidValue},
			{"a path and its parent", s.orders, changes{orderShip.Remove(), orderCity.Set("Bergen")}, repo.ErrInvalidValue},
			{"a required field is removed", s.orders, changes{orderPlacedAt.Remove(), orderStatus.Set("closed")}, repo.ErrInvalidValue},
			{"a required field is emptied", s.orders, changes{orderPlacedAt.Set(time.Time{}), orderStatus.Set("closed")}, repo.ErrInvalidValue},
			{"no UTF-8", s.orders, changes{orderNotes.Key("door").Set("\xff")}, repo.ErrInvalidValue},
			{"more digits than the pad of the key", s.orders, changes{orderGrams.Set(1_000_000), orderCarrier.Set("rail")}, repo.ErrInvalidKey},
			{"no element", s.orders, changes{orderLines.Append()}, repo.ErrEmptyUpdate},
		} {
			var err error
			if sent := s.sends(func() { _, err = c.orders.Update(t.Context(), keyOf("1"), c.changes...) }); sent != 0 {
				t.Errorf("%s: %d requests were sent", c.reason, sent)
			}
			if !errors.Is(err, c.want) {
				t.Errorf("%s: got error %v, want %v", c.reason, err, c.want)
			}
		}
		expectItem(t, s.row(t, "1"), orderRow)
	})
}

// The error says which index, and what it would have to know.
func TestStaleIndexIsNamed(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		_, err := s.orders.Update(t.Context(), keyOf("1"), orderCarrier.Set("rail"))
		var detail *repo.Error
		if !errors.As(err, &detail) || detail.Index != "gsi2" || detail.Op != "Update" || !strings.Contains(detail.Reason, "Grams") {
			t.Errorf("got %v, want an error that names gsi2 and Grams", err)
		}
	})
}

// What the table answers to an update that was sent.
func TestUpdateOutcomes(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		put(t, s.orders, anOrder("1"), order{CustomerID: "ada", ID: "bare", PlacedAt: noon})
		s.load(t, s.table,
			item{"pk": text("CUSTOMER#ada"), "sk": text("ORDER#foreign"), "_type": text("Invoice"), "total": number("7")},
			item{"pk": text("CUSTOMER#ada"), "sk": text("ORDER#untyped"), "total": number("7")},
		)
		for _, c := range []struct {
			reason string
			orders *repo.Repository[order]
			id     string
			change expr.Update[order]
			err    error
			field  string
		}{
			{"missing", s.orders, "2", orderTotal.Add(1), repo.ErrNotFound, ""},
			{"missing, and a condition on it", s.orders.If(orderTotal.Gt(1)), "2", orderTotal.Add(1), repo.ErrNotFound, ""},
			{"of another entity", s.orders, "foreign", orderTotal.Add(1), repo.ErrWrongEntity, ""},
			{"without a type: told by its key", s.orders, "untyped", orderTotal.Add(1), nil, ""},
			{"a condition that holds", s.orders.If(orderTotal.Eq(4200)), "1", orderTotal.Add(1), nil, ""},
			{"a condition that fails", s.orders.If(orderTotal.Eq(4200)), "1", orderTotal.Add(1), repo.ErrConditionFailed, ""},
			{"below an absent pointer", s.orders, "bare", orderCity.Set("Oslo"), repo.ErrConditionFailed, "Ship"},
			{"below an absent element", s.orders, "bare", orderQuantity.Set(1), repo.ErrConditionFailed, "Lines[0]"},
			{"below an absent map", s.orders, "bare", orderNotes.Key("door").Set("red"), repo.ErrConditionFailed, "Notes"},
			{"to an absent list", s.orders, "bare", orderLines.Append(line{"mug", 1}), nil, ""},
			{"to an absent set", s.orders, "bare", orderTags.Add("gift"), nil, ""},
			{"of what is not there", s.orders, "bare", orderNotes.Remove(), nil, ""},
		} {
			t.Run(c.reason, func(t *testing.T) {
				before := written(s.row(t, c.id))
				got, err := c.orders.Update(t.Context(), keyOf(c.id), c.change)
				expectError(t, err, c.err)
				if c.err == nil {
					return
				}
				expectOrder(t, got, order{})
				expectItem(t, s.row(t, c.id), before)
				var detail *repo.Error
				if !errors.As(err, &detail) || detail.Field != c.field {
					t.Errorf("got %v, want an error of field %q", err, c.field)
				}
			})
		}
		expectAttributes(t, s.row(t, "1"), map[string]string{"total": "4201"})
		expectAttributes(t, s.row(t, "bare"), map[string]string{"lines": `[{"quantity":1,"sku":"mug"}]`, "tags": `SS("gift")`, "ship": "", "notes": ""})
		expectAttributes(t, s.row(t, "untyped"), map[string]string{"total": "8", "_type": ""})
	})
}

// What this version of T does not know stays as it is, at the top and inside.
func TestUpdateKeepsUnknownAttributes(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		row, err := s.orders.Encode(anOrder("1"))
		expectError(t, err, nil)
		row["invented"] = &types.AttributeValueMemberL{Value: []types.AttributeValue{number("1")}}
		row["Total"] = text("a name that differs only in case")
		row["ship"].(*types.AttributeValueMemberM).Value["zip"] = text("0150")
		s.load(t, s.table, row)

		_, err = s.orders.Update(t.Context(), keyOf("1"), orderTotal.Add(1), orderCity.Set("Bergen"), orderStatus.Set("closed"))
		expectError(t, err, nil)
		expectItem(t, s.row(t, "1"), changed(map[string]string{
			"total": "4201", "ship": `{"city":"Bergen","zip":"0150"}`, "status": `"closed"`, "gsi1pk": "", "gsi1sk": "",
			"invented": "[1]", "Total": `"a name that differs only in case"`,
		}))
	})
}

func expectIDs(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
