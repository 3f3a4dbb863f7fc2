package main

import (
	"time"

	"github.com/monotable/monotable/txn"
)

// Basket is what a customer wants to buy, and the order that is to become of it.
type Basket struct {
	Customer string
	OrderID  string
	Number   string // the customer's own
	PlacedAt time.Time
	Items    []Item
}

// Item is so many of a product, at the price that the customer was shown.
type Item struct {
	SKU      string
	Quantity int
	Price    Cents
}

// The operations of a checkout: the customer's and the order's first, then an item's line and its stock, and so on.
const (
	firstItem = 2
	perItem   = 2
	mostLines = (100 - firstItem - 1) / perItem // of the 100 that a transaction takes; the order's number costs one more
)

// checkout is the whole purchase, as one transaction: the order, its lines and the stock change together or not at all.
func (s *shop) checkout(b Basket) *txn.Txn {
	order := Order{CustomerID: b.Customer, ID: b.OrderID, Number: b.Number, PlacedAt: b.PlacedAt}
	for _, item := range b.Items {
		order.Total += item.Price * Cents(item.Quantity)
	}
	tx := txn.New(s.client).Add(
		txn.Check(s.customers.If(customerOnHold.Eq(false)), Customer{ID: b.Customer}),
		txn.Create(s.orders, order),
	)
	for i, item := range b.Items {
		tx.Add(
			txn.Create(s.lines, Line{OrderID: b.OrderID, Place: i + 1, SKU: item.SKU, Quantity: item.Quantity, Price: item.Price}),
			txn.Update(s.products.If(productStock.Ge(item.Quantity)), Product{SKU: item.SKU}, productStock.Sub(item.Quantity)),
		)
	}
	return tx
}
