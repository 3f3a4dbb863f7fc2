package repo_test

import (
	"time"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// The shop: entities with one of everything, for goldens, faults and examples.

type status string

type line struct {
	SKU string `dynamodbav:"sku"`
	Qty int    `dynamodbav:"qty"`
}

type address struct {
	City string `dynamodbav:"city"`
	Zip  string `dynamodbav:"zip,omitempty"`
}

type order struct {
	_ struct{} `entity:"Order" pk:"CUSTOMER#{CustomerID}" sk:"ORDER#{ID}"`
	_ struct{} `index:"gsi1" pk:"STATUS#{Status}" sk:"{PlacedAt}#{ID}" when:"Status=open|shipped"`
	_ struct{} `index:"gsi2" pk:"CITY#{Ship.City}" sk:"TOTAL#{Total}"`

	ID         string            `dynamodbav:"id"`
	CustomerID string            `dynamodbav:"customer_id"`
	Status     status            `dynamodbav:"status"`
	PlacedAt   time.Time         `dynamodbav:"placed_at" repo:"required"`
	Total      int64             `dynamodbav:"total"`
	Budget     int64             `dynamodbav:"budget,omitempty"`
	Weight     float64           `dynamodbav:"weight,omitempty"`
	Ship       address           `dynamodbav:"ship"`
	Bill       *address          `dynamodbav:"bill,omitempty"`
	Lines      []line            `dynamodbav:"lines"`
	Tags       []string          `dynamodbav:"tags,stringset,omitempty"`
	Notes      map[string]string `dynamodbav:"notes,omitempty"`
	Paid       bool              `dynamodbav:"paid,omitempty"`
	Sig        []byte            `dynamodbav:"sig,omitempty"`
	Due        time.Time         `dynamodbav:"due,unixtime,omitempty"`
}

var (
	orderID       = expr.String(func(o *order) *string { return &o.ID })
	orderCustomer = expr.String(func(o *order) *string { return &o.CustomerID })
	orderStatus   = expr.String(func(o *order) *status { return &o.Status })
	orderPlaced   = expr.Field(func(o *order) *time.Time { return &o.PlacedAt })
	orderTotal    = expr.Number(func(o *order) *int64 { return &o.Total })
	orderBudget   = expr.Number(func(o *order) *int64 { return &o.Budget })
	orderWeight   = expr.Number(func(o *order) *float64 { return &o.Weight })
	orderShip     = expr.Field(func(o *order) *address { return &o.Ship })
	orderCity     = expr.String(func(o *order) *string { return &o.Ship.City })
	orderZip      = expr.String(func(o *order) *string { return &o.Ship.Zip })
	orderBill     = expr.Field(func(o *order) **address { return &o.Bill })
	orderBillCity = expr.String(func(o *order) *string { return &o.Bill.City })
	orderLines    = expr.List(func(o *order) *[]line { return &o.Lines })
	orderTags     = expr.Set(func(o *order) *[]string { return &o.Tags })
	orderNotes    = expr.Map(func(o *order) *map[string]string { return &o.Notes })
	orderPaid     = expr.Field(func(o *order) *bool { return &o.Paid })
	orderSig      = expr.Field(func(o *order) *[]byte { return &o.Sig })
	orderDue      = expr.Field(func(o *order) *time.Time { return &o.Due })
	firstSKU      = expr.NestedString(orderLines.At(0), func(l *line) *string { return &l.SKU })
	firstQty      = expr.NestedNumber(orderLines.At(0), func(l *line) *int { return &l.Qty })
)

// event has a key of every kind: padded, time, bool, integer, reversed, raw, text last and text before it.
type event struct {
	_ struct{} `entity:"Event" pk:"STREAM#{Stream}" sk:"EVENT#{Seq|pad=8}"`
	_ struct{} `index:"gsi1" pk:"KIND#{Kind}" sk:"AT#{At|desc}#{Seq|pad=8}"`
	_ struct{} `index:"gsi2" pk:"EVENTS" sk:"L#{Live}#{Score}#{Name}"`
	_ struct{} `index:"gsi3" pk:"STREAM#{Stream}" sk:"{Name}#{Path|raw}"`
	_ struct{} `index:"gsi4" pk:"AGENT#{Agent}" sk:"{At}" when:"Live=true"`

	Stream string    `dynamodbav:"stream"`
	Seq    uint32    `dynamodbav:"seq"`
	Kind   string    `dynamodbav:"kind" repo:"required"`
	At     time.Time `dynamodbav:"at" repo:"required"`
	Live   bool      `dynamodbav:"live"`
	Score  int       `dynamodbav:"score"`
	Name   string    `dynamodbav:"name" repo:"required"`
	Path   string    `dynamodbav:"path" repo:"required"`
	Agent  string    `dynamodbav:"agent,omitempty"`
	Note   string    `dynamodbav:"note"`
}

var (
	eventStream = expr.String(func(e *event) *string { return &e.Stream })
	eventSeq    = expr.Number(func(e *event) *uint32 { return &e.Seq })
	eventKind   = expr.String(func(e *event) *string { return &e.Kind })
	eventAt     = expr.Field(func(e *event) *time.Time { return &e.At })
	eventLive   = expr.Field(func(e *event) *bool { return &e.Live })
	eventScore  = expr.Number(func(e *event) *int { return &e.Score })
	eventName   = expr.String(func(e *event) *string { return &e.Name })
	eventPath   = expr.String(func(e *event) *string { return &e.Path })
	eventAgent  = expr.String(func(e *event) *string { return &e.Agent })
	eventNote   = expr.String(func(e *event) *string { return &e.Note })
)

// alias shares the rows of note by agreement.
type alias struct {
	_ struct{} `entity:"Alias,overlaps=Note" pk:"NOTE#{ID}" sk:"NOTE"`

	ID   string `dynamodbav:"id"`
	Kind string `dynamodbav:"_type" repo:"type"`
	Text string `dynamodbav:"text"`
}

type note struct {
	_ struct{} `entity:"Note,overlaps=Alias" pk:"NOTE#{ID}" sk:"NOTE"`

	ID   string `dynamodbav:"id"`
	Text string `dynamodbav:"text"`
}

var (
	noteText = expr.String(func(n *note) *string { return &n.Text })
)

// day has a time in its primary key.
type day struct {
	_ struct{} `entity:"Day" pk:"DAYS" sk:"{At}"`

	At time.Time `dynamodbav:"at"`
}

// page shares an index attribute with its own primary key.
type page struct {
	_ struct{} `entity:"Page" pk:"BOOK#{Book}" sk:"PAGE#{No|pad=4}"`
	_ struct{} `index:"titles" pk:"BOOK#{Book}" sk:"TITLE#{Title}"`

	Book  string `dynamodbav:"book"`
	No    int    `dynamodbav:"no"`
	Title string `dynamodbav:"title,omitempty"`
	Text  string `dynamodbav:"text"`
}

var (
	pageBook  = expr.String(func(p *page) *string { return &p.Book })
	pageTitle = expr.String(func(p *page) *string { return &p.Title })
	pageText  = expr.String(func(p *page) *string { return &p.Text })
)

var (
	shopTable = repo.Table{Name: "app", Indexes: []repo.Index{
		{Name: "gsi1"}, {Name: "gsi2"}, {Name: "gsi3"}, {Name: "gsi4"},
		{Name: "titles", Hash: []string{"pk"}, Range: []string{"title_key"}},
	}}
	bareTable = repo.Table{Name: "bare", Key: repo.Key{Hash: "hk", Range: "rk"}, TypeAttribute: "-", Indexes: []repo.Index{
		{Name: "gsi1"}, {Name: "gsi2"},
	}}
)

var placedAt = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

// anOrder has every field set.
func anOrder() order {
	return order{
		ID: "o1", CustomerID: "c1", Status: "open", PlacedAt: placedAt, Total: 4200, Weight: 1.5,
		Ship: address{City: "Bern", Zip: "3000"}, Bill: &address{City: "Basel"},
		Lines: []line{{"p1", 2}, {"p2", 1}}, Tags: []string{"gift", "rush"}, Notes: map[string]string{"door": "left"},
		Paid: true, Sig: []byte{1, 2}, Due: placedAt.Add(time.Hour).Truncate(time.Second),
	}
}

func anEvent() event {
	return event{Stream: "s1", Seq: 7, Kind: "login", At: placedAt, Live: true, Score: -3, Name: "n#1", Path: "/a#b", Agent: "x", Note: "n"}
}
