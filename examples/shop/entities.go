package main

import (
	"fmt"
	"time"

	"github.com/monotable/monotable/expr"
)

// Customer has a profile in the partition that its orders are in too.
type Customer struct {
	_ struct{} `entity:"Customer" pk:"CUSTOMER#{ID}" sk:"PROFILE"`

	ID    string `dynamodbav:"id"`
	Name  string `dynamodbav:"name"`
	Email string `dynamodbav:"email"`
}

// Status is how far an order has come.
type Status string

const (
	Open    Status = "open"
	Shipped Status = "shipped"
)

// Order is found through its customer. As long as it is open, and no longer, it is also in the index gsi1, with the
// oldest order first.
type Order struct {
	_ struct{} `entity:"Order" pk:"CUSTOMER#{CustomerID}" sk:"ORDER#{ID}"`
	_ struct{} `index:"gsi1" pk:"ORDERS#{Status}" sk:"ORDER#{PlacedAt}#{ID}" when:"Status=open"`

	CustomerID string    `dynamodbav:"customer_id"`
	ID         string    `dynamodbav:"id"`
	Status     Status    `dynamodbav:"status"`
	PlacedAt   time.Time `dynamodbav:"placed_at" repo:"required"`
	Total      Cents     `dynamodbav:"total"`
}

// OrderLine lives beside the other lines of its order. The index gsi1 finds it through the product.
type OrderLine struct {
	_ struct{} `entity:"OrderLine" pk:"ORDER#{OrderID}" sk:"LINE#{Number|pad=3}"`
	_ struct{} `index:"gsi1" pk:"PRODUCT#{SKU}" sk:"ORDER#{OrderID}#{Number|pad=3}"`

	OrderID  string `dynamodbav:"order_id"`
	Number   int    `dynamodbav:"number"`
	SKU      string `dynamodbav:"sku" repo:"required"`
	Quantity int    `dynamodbav:"quantity"`
	Price    Cents  `dynamodbav:"price"`
}

// Product is on a shelf of its category, in the index gsi1, with the cheapest first.
type Product struct {
	_ struct{} `entity:"Product" pk:"PRODUCT#{SKU}" sk:"PRODUCT"`
	_ struct{} `index:"gsi1" pk:"SHELF#{Category}" sk:"PRODUCT#{Price|pad=8}#{SKU}"`

	SKU      string `dynamodbav:"sku"`
	Name     string `dynamodbav:"name"`
	Category string `dynamodbav:"category" repo:"required"`
	Price    Cents  `dynamodbav:"price"`
}

// The fields that the shop asks about. The compiler checks that they exist, and what may be compared with them.
var (
	orderCustomer = expr.String(func(o *Order) *string { return &o.CustomerID })
	orderStatus   = expr.String(func(o *Order) *Status { return &o.Status })
	orderPlacedAt = expr.Field(func(o *Order) *time.Time { return &o.PlacedAt })
	orderTotal    = expr.Number(func(o *Order) *Cents { return &o.Total })

	lineOrder = expr.String(func(l *OrderLine) *string { return &l.OrderID })
	lineSKU   = expr.String(func(l *OrderLine) *string { return &l.SKU })

	productCategory = expr.String(func(p *Product) *string { return &p.Category })
	productPrice    = expr.Number(func(p *Product) *Cents { return &p.Price })
)

// Cents is an amount of money. Money is counted in integers: they sort in a key, and lose nothing.
type Cents int64

func (c Cents) String() string { return fmt.Sprintf("%d.%02d", c/100, c%100) }

func (c Customer) String() string { return fmt.Sprintf("%-8s %s <%s>", c.ID, c.Name, c.Email) }

func (o Order) String() string {
	return fmt.Sprintf("%-8s %s  %-8s %-8s %8s", o.ID, o.PlacedAt.Format(time.DateOnly), o.CustomerID, o.Status, o.Total)
}

func (l OrderLine) String() string {
	return fmt.Sprintf("%-8s %d  %d x %-8s %8s", l.OrderID, l.Number, l.Quantity, l.SKU, l.Price)
}

func (p Product) String() string { return fmt.Sprintf("%-8s %-22s %8s", p.SKU, p.Name, p.Price) }
