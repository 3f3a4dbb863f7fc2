package integration

import (
	"testing"
	"time"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// The entities of the tests of verbs: a customer, and its orders in the same partition.

type customer struct {
	_ struct{} `entity:"Customer" pk:"CUSTOMER#{ID}" sk:"PROFILE"`

	ID      string `dynamodbav:"id"`
	Name    string `dynamodbav:"name"`
	Balance int64  `dynamodbav:"balance"`
}

type status string

type order struct {
	_ struct{} `entity:"Order" pk:"CUSTOMER#{CustomerID}" sk:"ORDER#{ID}"`
	_ struct{} `index:"gsi1" pk:"STATUS#{Status}" sk:"{PlacedAt}#{ID}" when:"Status=open|shipped"`
	_ struct{} `index:"gsi2" pk:"CARRIER#{Carrier}" sk:"WEIGHT#{Grams|pad=6}"`

	CustomerID string            `dynamodbav:"customer_id"`
	ID         string            `dynamodbav:"id"`
	Status     status            `dynamodbav:"status"`
	PlacedAt   time.Time         `dynamodbav:"placed_at" repo:"required"`
	Total      int64             `dynamodbav:"total"`
	Carrier    string            `dynamodbav:"carrier,omitempty"`
	Grams      int64             `dynamodbav:"grams"`
	Ship       *address          `dynamodbav:"ship,omitempty"`
	Lines      []line            `dynamodbav:"lines,omitempty"`
	Tags       []string          `dynamodbav:"tags,stringset,omitempty"`
	Notes      map[string]string `dynamodbav:"notes,omitempty"`
}

type address struct {
	City string `dynamodbav:"city"`
}

type line struct {
	SKU      string `dynamodbav:"sku"`
	Quantity int    `dynamodbav:"quantity"`
}

var (
	orderCustomer = expr.String(func(o *order) *string { return &o.CustomerID })
	orderID       = expr.String(func(o *order) *string { return &o.ID })
	orderStatus   = expr.String(func(o *order) *status { return &o.Status })
	orderPlacedAt = expr.Field(func(o *order) *time.Time { return &o.PlacedAt })
	orderTotal    = expr.Number(func(o *order) *int64 { return &o.Total })
	orderCarrier  = expr.String(func(o *order) *string { return &o.Carrier })
	orderGrams    = expr.Number(func(o *order) *int64 { return &o.Grams })
	orderShip     = expr.Field(func(o *order) **address { return &o.Ship })
	orderCity     = expr.String(func(o *order) *string { return &o.Ship.City })
	orderLines    = expr.List(func(o *order) *[]line { return &o.Lines })
	orderTags     = expr.Set(func(o *order) *[]string { return &o.Tags })
	orderNotes    = expr.Map(func(o *order) *map[string]string { return &o.Notes })
	orderQuantity = expr.NestedNumber(orderLines.At(0), func(l *line) *int { return &l.Quantity })

	customerBalance = expr.Number(func(c *customer) *int64 { return &c.Balance })
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// store is a table of customers and orders on one engine.
type store struct {
	*server
	table     repo.Table
	customers *repo.Repository[customer]
	orders    *repo.Repository[order]
}

// onEveryStore runs a test on a fresh table of every engine.
func onEveryStore(t *testing.T, test func(*testing.T, *store)) {
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{Indexes: []repo.Index{{Name: "gsi1"}, {Name: "gsi2"}}})
		st := &store{s, table, open[customer](t, s, table), open[order](t, s, table)}
		s.create(t, table, st.customers, st.orders)
		test(t, st)
	})
}

// anOrder is an order that is in both indexes.
func anOrder(id string) order {
	return order{
		CustomerID: "ada", ID: id, Status: "open", PlacedAt: noon, Total: 4200, Carrier: "post", Grams: 750,
		Ship: &address{City: "Oslo"}, Lines: []line{{SKU: "kettle", Quantity: 1}, {SKU: "mug", Quantity: 2}},
		Tags: []string{"gift"}, Notes: map[string]string{"door": "blue"},
	}
}

// keyOf is the example that names an order, and says nothing else of it.
func keyOf(id string) order { return order{CustomerID: "ada", ID: id} }

func (s *store) row(t *testing.T, id string) item {
	t.Helper()
	return s.stored(t, s.table, "CUSTOMER#ada", "ORDER#"+id)
}
