package txn_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
	"github.com/monotable/monotable/txn"
)

// The shop: an entity for each role that an operation of a transaction must keep.

// account has no roles.
type account struct {
	_ struct{} `entity:"Account" pk:"ACCOUNT#{ID}" sk:"ACCOUNT"`

	ID      string            `dynamodbav:"id"`
	Balance int64             `dynamodbav:"balance"`
	Limits  map[string]int64  `dynamodbav:"limits,omitempty"`
	Labels  []string          `dynamodbav:"labels,stringset,omitempty"`
	Seal    []byte            `dynamodbav:"seal,omitempty"`
	Seals   [][]byte          `dynamodbav:"seals,binaryset,omitempty"`
	Log     []string          `dynamodbav:"log,omitempty"`
	Notes   map[string]string `dynamodbav:"notes,omitempty"`
}

// customer has a version and a unique field.
type customer struct {
	_ struct{} `entity:"Customer" pk:"CUSTOMER#{ID}" sk:"PROFILE"`

	ID      string `dynamodbav:"id"`
	Email   string `dynamodbav:"email" repo:"unique"`
	Orders  int64  `dynamodbav:"orders"`
	Version int64  `dynamodbav:"version" repo:"version"`
}

// member has two unique fields, one of them within its team.
type member struct {
	_ struct{} `entity:"Member" pk:"TEAM#{Team}" sk:"MEMBER#{ID}"`

	Team  string `dynamodbav:"team"`
	ID    string `dynamodbav:"id"`
	Nick  string `dynamodbav:"nick" repo:"unique=Team+Nick,fold"`
	Badge string `dynamodbav:"badge" repo:"unique"`
	Role  string `dynamodbav:"role"`
}

// order has an index, times, an immutable field, a required one, and a Validate.
type order struct {
	_ struct{} `entity:"Order" pk:"CUSTOMER#{CustomerID}" sk:"ORDER#{ID}"`
	_ struct{} `index:"gsi1" pk:"STATUS#{Status}" sk:"{PlacedAt}#{ID}" when:"Status=open|shipped"`

	CustomerID string    `dynamodbav:"customer_id"`
	ID         string    `dynamodbav:"id"`
	Status     string    `dynamodbav:"status"`
	PlacedAt   time.Time `dynamodbav:"placed_at" repo:"required"`
	Channel    string    `dynamodbav:"channel" repo:"immutable"`
	Total      int64     `dynamodbav:"total"`
	CreatedAt  time.Time `dynamodbav:"created_at" repo:"created"`
	UpdatedAt  time.Time `dynamodbav:"updated_at" repo:"updated"`
	ExpiresAt  time.Time `dynamodbav:"expires_at,unixtime,omitempty" repo:"ttl"`
}

var errNegative = errors.New("the total is negative")

func (o order) Validate() error {
	if o.Total < 0 {
		return errNegative
	}
	return nil
}

// document has a version and nothing else.
type document struct {
	_ struct{} `entity:"Document" pk:"DOCUMENT#{ID}" sk:"DOCUMENT"`

	ID      string `dynamodbav:"id"`
	Text    string `dynamodbav:"text"`
	Reads   int64  `dynamodbav:"reads"`
	Version int64  `dynamodbav:"version" repo:"version"`
}

// note and memo share their keys.
type note struct {
	_ struct{} `entity:"Note,overlaps=Memo" pk:"BOARD#{Board}" sk:"{ID}"`

	Board string `dynamodbav:"board"`
	ID    string `dynamodbav:"id"`
	Text  string `dynamodbav:"text"`
}

type memo struct {
	_ struct{} `entity:"Memo,overlaps=Note" pk:"BOARD#{Board}" sk:"{ID}"`

	Board string `dynamodbav:"board"`
	ID    string `dynamodbav:"id"`
	Text  string `dynamodbav:"text"`
}

var (
	accountBalance = expr.Number(func(a *account) *int64 { return &a.Balance })
	accountID      = expr.String(func(a *account) *string { return &a.ID })
	accountLimits  = expr.Map(func(a *account) *map[string]int64 { return &a.Limits })
	accountLabels  = expr.Set(func(a *account) *[]string { return &a.Labels })

	accountNotes = expr.Map(func(a *account) *map[string]string { return &a.Notes })

	customerEmail  = expr.String(func(c *customer) *string { return &c.Email })
	customerOrders = expr.Number(func(c *customer) *int64 { return &c.Orders })

	memberNick  = expr.String(func(m *member) *string { return &m.Nick })
	memberBadge = expr.String(func(m *member) *string { return &m.Badge })
	memberRole  = expr.String(func(m *member) *string { return &m.Role })

	orderID      = expr.String(func(o *order) *string { return &o.ID })
	orderStatus  = expr.String(func(o *order) *string { return &o.Status })
	orderPlaced  = expr.Field(func(o *order) *time.Time { return &o.PlacedAt })
	orderChannel = expr.String(func(o *order) *string { return &o.Channel })
	orderTotal   = expr.Number(func(o *order) *int64 { return &o.Total })
	orderExpires = expr.Field(func(o *order) *time.Time { return &o.ExpiresAt })

	documentText  = expr.String(func(d *document) *string { return &d.Text })
	documentReads = expr.Number(func(d *document) *int64 { return &d.Reads })

	noteText = expr.String(func(n *note) *string { return &n.Text })
	memoText = expr.String(func(m *memo) *string { return &m.Text })
)

// morning is what the table's clock shows.
var morning = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

var shopTable = repo.Table{
	Name:    "shop",
	Indexes: []repo.Index{{Name: "gsi1"}},
	Now:     func() time.Time { return morning },
}

// shop is the table through the eyes of each entity.
type shop struct {
	client    *dynamodb.Client
	accounts  *repo.Repository[account]
	customers *repo.Repository[customer]
	members   *repo.Repository[member]
	orders    *repo.Repository[order]
	documents *repo.Repository[document]
	notes     *repo.Repository[note]
	memos     *repo.Repository[memo]
}

// openShop makes the repositories, and no table.
func openShop(c *dynamodb.Client) *shop {
	return &shop{
		client:    c,
		accounts:  repo.Must(repo.New[account](c, shopTable)),
		customers: repo.Must(repo.New[customer](c, shopTable)),
		members:   repo.Must(repo.New[member](c, shopTable)),
		orders:    repo.Must(repo.New[order](c, shopTable)),
		documents: repo.Must(repo.New[document](c, shopTable)),
		notes:     repo.Must(repo.New[note](c, shopTable)),
		memos:     repo.Must(repo.New[memo](c, shopTable)),
	}
}

func (s *shop) createTable(t testing.TB) {
	t.Helper()
	if err := repo.CreateTable(t.Context(), s.client, shopTable, s.accounts, s.customers, s.members, s.orders, s.documents, s.notes, s.memos); err != nil {
		t.Fatal(err)
	}
}

// newShop is a shop on an engine of its own, with its table.
func newShop(t testing.TB, options ...repotest.Option) (*shop, *repotest.Engine) {
	t.Helper()
	engine := repotest.New(options...)
	s := openShop(engine.Client())
	s.createTable(t)
	return s, engine
}

// commit carries operations out that must succeed.
func (s *shop) commit(t testing.TB, ops ...txn.Operation) {
	t.Helper()
	if err := txn.New(s.client).Add(ops...).Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func anOrder(id string) order {
	return order{CustomerID: "ada", ID: id, Status: "open", PlacedAt: morning, Channel: "web", Total: 4200}
}
