package main

import (
	"fmt"
	"time"

	"github.com/monotable/monotable/expr"
)

// Customer may order, unless the account is on hold.
type Customer struct {
	_ struct{} `entity:"Customer" pk:"CUSTOMER#{ID}" sk:"PROFILE"`

	ID     string `dynamodbav:"id"`
	Name   string `dynamodbav:"name"`
	OnHold bool   `dynamodbav:"on_hold"`
}

// Product is something to buy, as long as it is in stock.
type Product struct {
	_ struct{} `entity:"Product" pk:"PRODUCT#{SKU}" sk:"PRODUCT"`

	SKU   string `dynamodbav:"sku"`
	Name  string `dynamodbav:"name"`
	Price Cents  `dynamodbav:"price"`
	Stock int    `dynamodbav:"stock"`
}

// Order has a number that its customer chose, for the customer's own books: no two of a customer's orders share one.
type Order struct {
	_ struct{} `entity:"Order" pk:"CUSTOMER#{CustomerID}" sk:"ORDER#{ID}"`

	CustomerID string    `dynamodbav:"customer_id"`
	ID         string    `dynamodbav:"id"`
	Number     string    `dynamodbav:"number" repo:"unique=CustomerID+Number"`
	PlacedAt   time.Time `dynamodbav:"placed_at"`
	Total      Cents     `dynamodbav:"total"`
}

// Line lives beside the other lines of its order.
type Line struct {
	_ struct{} `entity:"Line" pk:"ORDER#{OrderID}" sk:"LINE#{Place|pad=3}"`

	OrderID  string `dynamodbav:"order_id"`
	Place    int    `dynamodbav:"place"`
	SKU      string `dynamodbav:"sku"`
	Quantity int    `dynamodbav:"quantity"`
	Price    Cents  `dynamodbav:"price"`
}

var (
	customerOnHold = expr.Field(func(c *Customer) *bool { return &c.OnHold })
	productStock   = expr.Number(func(p *Product) *int { return &p.Stock })
)

// Cents is an amount of money.
type Cents int64

func (c Cents) String() string { return fmt.Sprintf("%d.%02d", c/100, c%100) }
