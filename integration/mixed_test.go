package integration

import (
	"errors"
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// Rows of several entities share partitions of the table and of the index, some of them with attributes that would fail to
// decode, and some without a type: each repository sees its own, and nothing else.

type ticket struct {
	_ struct{} `entity:"Ticket" pk:"EVENT#{Event}" sk:"{Seat}"`
	_ struct{} `index:"gsi1" pk:"HOLDER#{Holder}" sk:"{Event}"`

	Event  string `dynamodbav:"event"`
	Seat   string `dynamodbav:"seat"`
	Holder string `dynamodbav:"holder" repo:"required"`
	Price  int64  `dynamodbav:"price"`
}

type review struct {
	_ struct{} `entity:"Review" pk:"EVENT#{Event}" sk:"REVIEW#{ID}"`
	_ struct{} `index:"gsi1" pk:"HOLDER#{Author}" sk:"{Event}"`

	Event  string `dynamodbav:"event"`
	ID     string `dynamodbav:"id"`
	Author string `dynamodbav:"author" repo:"required"`
	Price  string `dynamodbav:"price"` // the attribute of a ticket, with another type
}

var (
	ticketEvent  = expr.String(func(v *ticket) *string { return &v.Event })
	ticketSeat   = expr.String(func(v *ticket) *string { return &v.Seat })
	ticketHolder = expr.String(func(v *ticket) *string { return &v.Holder })
	reviewEvent  = expr.String(func(v *review) *string { return &v.Event })
	reviewAuthor = expr.String(func(v *review) *string { return &v.Author })
)

func TestMixedPartition(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{Indexes: []repo.Index{{Name: "gsi1"}}})
		tickets, reviews := open[ticket](t, s, table), open[review](t, s, table)
		s.create(t, table, tickets, reviews)
		put(t, tickets, ticket{Event: "opera", Seat: "A1", Holder: "ada", Price: 90}, ticket{Event: "opera", Seat: "B2", Holder: "ada", Price: 50}, ticket{Event: "opera", Seat: "C3", Holder: "bob", Price: 50})
		put(t, reviews, review{Event: "opera", ID: "1", Author: "ada", Price: "dear"}, review{Event: "opera", ID: "2", Author: "bob", Price: "fair"})
		s.load(t, table,
			item{"pk": text("EVENT#opera"), "sk": text("A0"), "event": text("opera"), "seat": text("A0"), "price": number("10"), "gsi1pk": text("HOLDER#ada"), "gsi1sk": text("opera"), "holder": text("ada")},
			item{"pk": text("EVENT#opera"), "sk": text("POSTER"), "_type": text("Poster"), "price": text("no number"), "gsi1pk": text("HOLDER#ada"), "gsi1sk": text("opera")},
			item{"pk": text("EVENT#opera"), "sk": text("SCORE#1"), "price": text("no number"), "gsi1pk": text("HOLDER#ada"), "gsi1sk": text("opera")},
		)

		seats := func(q repo.Query[ticket]) (out []string) {
			for v, err := range q.All(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, v.Seat)
			}
			return out
		}
		for _, c := range []struct {
			reason string
			query  repo.Query[ticket]
			want   []string
		}{
			{"the whole partition: typed rows, and the one whose key is a ticket's", tickets.Query(ticketEvent.Eq("opera")), []string{"A0", "A1", "B2", "C3"}},
			{"a range", tickets.Query(ticketEvent.Eq("opera"), ticketSeat.Gt("A0")), []string{"A1", "B2", "C3"}},
			{"a prefix", tickets.Query(ticketEvent.Eq("opera"), ticketSeat.HasPrefix("A")), []string{"A0", "A1"}},
			{"up to what sorts behind the foreign rows", tickets.Query(ticketEvent.Eq("opera"), ticketSeat.Le("Z")), []string{"A0", "A1", "B2", "C3"}},
		} {
			expectIDs(t, seats(c.query), c.want...)
			expectIDs(t, seats(c.query.PageSize(1)), c.want...)
			expectIDs(t, seats(c.query.Limit(2)), c.want[:2]...)
			n, err := c.query.Count(t.Context())
			if expectError(t, err, nil); n != len(c.want) {
				t.Errorf("%s: counts %d, want %d", c.reason, n, len(c.want))
			}
		}
		held := seats(tickets.Query(ticketHolder.Eq("ada")))
		if len(held) != 3 { // in no order: the sort key is the event alone
			t.Errorf("ada holds %v, want A0, A1 and B2", held)
		}
		n, err := reviews.Query(reviewEvent.Eq("opera")).Count(t.Context())
		if expectError(t, err, nil); n != 2 {
			t.Errorf("%d reviews, want 2", n)
		}
		n, err = reviews.Query(reviewAuthor.Eq("ada")).Count(t.Context())
		if expectError(t, err, nil); n != 1 {
			t.Errorf("%d reviews by ada, want 1", n)
		}
		n, err = tickets.Scan().Count(t.Context())
		if expectError(t, err, nil); n != 4 {
			t.Errorf("%d tickets, want 4", n)
		}
	})
}

// A row of the entity that does not fit the type is an error, at the end of what was good, and no zero value.
func TestUnreadableRow(t *testing.T) {
	onEveryStation(t, func(t *testing.T, s *station) {
		row, err := s.readings.Encode(reading{Sensor: "s1", At: at("09:30:00"), Site: "oslo"})
		expectError(t, err, nil)
		row["level"] = text("seven")
		s.load(t, s.table, row)

		var good []string
		var failed error
		for r, err := range s.readings.Query(readingSensor.Eq("s1")).All(t.Context()) {
			if failed != nil {
				t.Error("the iterator goes on behind an error")
			}
			if failed = err; err == nil {
				good = append(good, r.ID)
			} else if r != (reading{}) {
				t.Errorf("%+v beside an error", r)
			}
		}
		expectIDs(t, good, "a", "b", "c")
		var detail *repo.Error
		if !errors.Is(failed, repo.ErrInvalidValue) || !errors.As(failed, &detail) || detail.Field != "Level" {
			t.Errorf("got %v, want an error of field Level", failed)
		}
	})
}
