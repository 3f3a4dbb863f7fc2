package main

import (
	"context"
	"time"

	"github.com/monotable/monotable/repo"
)

func day(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 12, 0, 0, 0, time.UTC)
}

var (
	customers = []Customer{
		{ID: "ada", Name: "Ada Lovelace", Email: "ada@example.com"},
		{ID: "grace", Name: "Grace Hopper", Email: "grace@example.com"},
	}
	products = []Product{
		{SKU: "kettle", Name: "Kettle, 1.7 litres", Category: "kitchen", Price: 39_90},
		{SKU: "mug", Name: "Mug, blue", Category: "kitchen", Price: 8_50},
		{SKU: "teapot", Name: "Teapot for six", Category: "kitchen", Price: 24_00},
		{SKU: "atlas", Name: "Atlas of the world", Category: "books", Price: 59_00},
	}
	orders = []Order{
		{CustomerID: "ada", ID: "o-1001", Status: Shipped, PlacedAt: day(time.January, 14), Total: 59_00},
		{CustomerID: "grace", ID: "o-1002", Status: Open, PlacedAt: day(time.February, 3), Total: 41_00},
		{CustomerID: "ada", ID: "o-1003", Status: Open, PlacedAt: day(time.February, 20), Total: 48_40},
		{CustomerID: "ada", ID: "o-1004", Status: Open, PlacedAt: day(time.March, 2), Total: 24_00},
	}
	lines = []OrderLine{
		{OrderID: "o-1001", Number: 1, SKU: "atlas", Quantity: 1, Price: 59_00},
		{OrderID: "o-1002", Number: 1, SKU: "teapot", Quantity: 1, Price: 24_00},
		{OrderID: "o-1002", Number: 2, SKU: "mug", Quantity: 2, Price: 8_50},
		{OrderID: "o-1003", Number: 1, SKU: "kettle", Quantity: 1, Price: 39_90},
		{OrderID: "o-1003", Number: 2, SKU: "mug", Quantity: 1, Price: 8_50},
		{OrderID: "o-1004", Number: 1, SKU: "teapot", Quantity: 1, Price: 24_00},
	}
)

// fill puts the goods into the table. Put creates or replaces, so the story begins the same every time.
func (s *shop) fill(ctx context.Context) error {
	if err := putAll(ctx, s.customers, customers); err != nil {
		return err
	}
	if err := putAll(ctx, s.products, products); err != nil {
		return err
	}
	if err := putAll(ctx, s.orders, orders); err != nil {
		return err
	}
	return putAll(ctx, s.lines, lines)
}

func putAll[T any](ctx context.Context, r *repo.Repository[T], values []T) error {
	for _, v := range values {
		if _, err := r.Put(ctx, v); err != nil {
			return err
		}
	}
	return nil
}
