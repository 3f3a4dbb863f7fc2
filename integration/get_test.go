package integration

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo"
)

func TestGet(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		put(t, s.orders, anOrder("1"))
		// What T does not know, and what nobody made by Encode.
		s.load(t, s.table,
			item{"pk": text("CUSTOMER#ada"), "sk": text("ORDER#untyped"), "total": number("7")},
			item{"pk": text("CUSTOMER#ada"), "sk": text("ORDER#foreign"), "_type": text("Invoice"), "total": number("7")},
			item{"pk": text("CUSTOMER#ada"), "sk": text("ORDER#unreadable"), "_type": text("Order"), "total": text("seven")},
		)
		for _, c := range []struct {
			reason  string
			example order
			want    order
			err     error
		}{
			{"found, all of it", keyOf("1"), anOrder("1"), nil},
			{"other fields of the example do not matter", order{CustomerID: "ada", ID: "1", Total: -1, Status: "closed"}, anOrder("1"), nil},
			{"missing", keyOf("2"), order{}, repo.ErrNotFound},
			{"of another entity by its type", keyOf("foreign"), order{}, repo.ErrWrongEntity},
			{"without a type: told by its key", keyOf("untyped"), order{Total: 7}, nil},
			{"an attribute that does not fit", keyOf("unreadable"), order{}, repo.ErrInvalidValue},
			{"a part of the key is empty", order{CustomerID: "ada"}, order{}, repo.ErrIncompleteKey},
		} {
			t.Run(c.reason, func(t *testing.T) {
				got, err := s.orders.Get(t.Context(), c.example)
				expectError(t, err, c.err)
				expectOrder(t, got, c.want)
			})
		}
	})
}

// A consistent read costs twice as much, so the capacity shows that it was asked for.
func TestConsistent(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *server) {
		var calls []repo.Call
		table := uniqueTable(t, repo.Table{
			Indexes: []repo.Index{{Name: "gsi1"}, {Name: "gsi2"}},
			Observe: func(_ context.Context, c repo.Call) { calls = append(calls, c) },
		})
		orders := open[order](t, s, table)
		s.create(t, table, orders)
		put(t, orders, anOrder("1"))

		ofAda := orders.Query(orderCustomer.Eq("ada"))
		for _, c := range []struct {
			reason string
			read   func() error
			want   float64
		}{
			{"Get", func() error { _, err := orders.Get(t.Context(), keyOf("1")); return err }, 0.5},
			{"a consistent Get", func() error { _, err := orders.Consistent().Get(t.Context(), keyOf("1")); return err }, 1},
			{"Query", func() error { _, err := repo.Collect(ofAda.All(t.Context())); return err }, 0.5},
			{"a consistent Query", func() error { _, err := repo.Collect(ofAda.Consistent().All(t.Context())); return err }, 1},
			{"Query of a consistent view", func() error {
				_, err := repo.Collect(orders.Consistent().Query(orderCustomer.Eq("ada")).All(t.Context()))
				return err
			}, 1},
			{"Scan", func() error { _, err := orders.Scan().Count(t.Context()); return err }, 0.5},
			{"Scan of a consistent view", func() error { _, err := orders.Consistent().Scan().Count(t.Context()); return err }, 1},
		} {
			calls = nil
			if err := c.read(); err != nil {
				t.Errorf("%s: %v", c.reason, err)
				continue
			}
			if len(calls) != 1 || calls[0].Capacity != c.want || calls[0].Attempts != 1 || calls[0].Entity != "Order" || calls[0].Err != nil {
				t.Errorf("%s: observed %+v, want one call that consumed %v", c.reason, calls, c.want)
			}
		}

		sent := s.sends(func() {
			_, err := orders.Query(orderStatus.Eq("open")).Consistent().First(t.Context())
			expectError(t, err, repo.ErrNoIndex)
			_, err = orders.Consistent().Query(orderStatus.Eq("open")).First(t.Context())
			expectError(t, err, repo.ErrNoIndex)
			_, err = orders.Consistent().Scan().Index("gsi1").Count(t.Context())
			expectError(t, err, repo.ErrNoIndex)
		})
		if sent != 0 {
			t.Errorf("%d requests asked an index for a consistent read", sent)
		}
	})
}

func TestObserveSeesErrors(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *server) {
		var calls []repo.Call
		table := uniqueTable(t, repo.Table{
			Indexes: []repo.Index{{Name: "gsi1"}, {Name: "gsi2"}},
			Observe: func(_ context.Context, c repo.Call) { calls = append(calls, c) },
		})
		orders := open[order](t, s, table) // and no table is made
		_, err := orders.Get(t.Context(), keyOf("1"))
		var missing *types.ResourceNotFoundException
		if !errors.As(err, &missing) {
			t.Errorf("got %v, want the SDK's error in it", err)
		}
		if len(calls) != 1 || calls[0].Operation != "GetItem" || calls[0].Attempts != 1 || !errors.As(calls[0].Err, &missing) {
			t.Errorf("observed %+v, want one GetItem with its error", calls)
		}
	})
}

// With changes what requests of the view are sent with, and those of no other.
func TestWith(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		put(t, s.orders, anOrder("1"))
		view := s.orders.With(func(o *dynamodb.Options) { o.HTTPClient, o.Retryer = refusing{}, aws.NopRetryer{} })
		for _, c := range []struct {
			verb string
			call func() error
		}{
			{"Get", func() error { _, err := view.Get(t.Context(), keyOf("1")); return err }},
			{"Put", func() error { _, err := view.Put(t.Context(), anOrder("1")); return err }},
			{"Update", func() error { _, err := view.Update(t.Context(), keyOf("1"), orderTotal.Add(1)); return err }},
			{"Delete", func() error { return view.Delete(t.Context(), keyOf("1")) }},
			{"Query", func() error { _, err := view.Query(orderCustomer.Eq("ada")).Count(t.Context()); return err }},
			{"Scan", func() error { _, err := view.Scan().Count(t.Context()); return err }},
		} {
			var err error
			if sent := s.sends(func() { err = c.call() }); sent != 0 || !errors.Is(err, errRefused) {
				t.Errorf("%s: got error %v and %d requests by the client's own transport, want that of the view", c.verb, err, sent)
			}
		}
		got, err := s.orders.Get(t.Context(), keyOf("1"))
		expectError(t, err, nil)
		expectOrder(t, got, anOrder("1"))
	})
}

var errRefused = errors.New("refused by the transport")

type refusing struct{}

func (refusing) Do(*http.Request) (*http.Response, error) { return nil, errRefused }
