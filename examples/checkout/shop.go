package main

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo"
)

// shop is the table, through the eyes of each entity in it.
type shop struct {
	client    *dynamodb.Client
	tunnel    *tunnel // between the client and DynamoDB
	customers *repo.Repository[Customer]
	products  *repo.Repository[Product]
	orders    *repo.Repository[Order]
	lines     *repo.Repository[Line]
}

// openShop makes the table, or checks the one that is there against the tags.
func openShop(ctx context.Context, c *dynamodb.Client) (*shop, error) {
	s := &shop{tunnel: &tunnel{}}
	s.client = dynamodb.New(c.Options(), func(o *dynamodb.Options) { o.HTTPClient = s.tunnel.before(o.HTTPClient) })
	table := repo.Table{Name: "monotable-checkout"}
	var errs [4]error
	s.customers, errs[0] = repo.New[Customer](s.client, table)
	s.products, errs[1] = repo.New[Product](s.client, table)
	s.orders, errs[2] = repo.New[Order](s.client, table)
	s.lines, errs[3] = repo.New[Line](s.client, table)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return s, repo.CreateTable(ctx, s.client, table, s.customers, s.products, s.orders, s.lines)
}

var (
	customers = []Customer{
		{ID: "ada", Name: "Ada"},
		{ID: "grace", Name: "Grace"},
		{ID: "mallory", Name: "Mallory", OnHold: true},
	}
	products = []Product{
		{SKU: "atlas", Name: "Atlas of the world", Price: 59_00, Stock: 0},
		{SKU: "kettle", Name: "Kettle, 1.7 litres", Price: 39_90, Stock: 3},
		{SKU: "mug", Name: "Mug, blue", Price: 8_50, Stock: 12},
	}
	noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
)

// fill puts the shop into the state that the story begins with, also after it was told before.
func (s *shop) fill(ctx context.Context) error {
	for _, c := range customers {
		if _, err := s.customers.Put(ctx, c); err != nil {
			return err
		}
	}
	for _, p := range products {
		if _, err := s.products.Put(ctx, p); err != nil {
			return err
		}
	}
	for _, b := range story {
		if err := s.orders.Delete(ctx, Order{CustomerID: b.Customer, ID: b.OrderID}); err != nil {
			return err
		}
		for i := range b.Items {
			if err := s.lines.Delete(ctx, Line{OrderID: b.OrderID, Place: i + 1}); err != nil {
				return err
			}
		}
	}
	return nil
}
