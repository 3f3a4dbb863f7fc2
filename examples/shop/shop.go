package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo"
)

// shop is the table, through the eyes of each entity in it.
type shop struct {
	customers *repo.Repository[Customer]
	orders    *repo.Repository[Order]
	lines     *repo.Repository[OrderLine]
	products  *repo.Repository[Product]

	spent *meter
}

// openShop makes the table, or checks the one that is there against the tags.
func openShop(ctx context.Context, c *dynamodb.Client) (*shop, error) {
	s := &shop{spent: &meter{}}
	table := repo.Table{
		Name:    "monotable-shop",
		Indexes: []repo.Index{{Name: "gsi1"}},
		Observe: s.spent.observe,
	}
	var err error
	if s.customers, err = repo.New[Customer](c, table); err != nil {
		return nil, err
	}
	if s.orders, err = repo.New[Order](c, table); err != nil {
		return nil, err
	}
	if s.lines, err = repo.New[OrderLine](c, table); err != nil {
		return nil, err
	}
	if s.products, err = repo.New[Product](c, table); err != nil {
		return nil, err
	}
	return s, repo.CreateTable(ctx, c, table, s.customers, s.orders, s.lines, s.products)
}

// meter adds up what requests consume.
type meter struct {
	requests int
	units    float64
}

func (m *meter) observe(_ context.Context, c repo.Call) {
	m.requests++
	m.units += c.Capacity
}

// take reads the meter and sets it back.
func (m *meter) take() meter {
	was := *m
	*m = meter{}
	return was
}
