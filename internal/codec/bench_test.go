package codec_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/schema"
)

// order is the item of the measurements: 12 fields, about 520 bytes of JSON.
type order struct {
	ID         string            `dynamodbav:"id"`
	CustomerID string            `dynamodbav:"customer_id"`
	Status     string            `dynamodbav:"status"`
	Note       string            `dynamodbav:"note"`
	Total      int64             `dynamodbav:"total"`
	Version    int64             `dynamodbav:"version"`
	Weight     float64           `dynamodbav:"weight"`
	Paid       bool              `dynamodbav:"paid"`
	PlacedAt   time.Time         `dynamodbav:"placed_at"`
	Tags       []string          `dynamodbav:"tags"`
	Notes      map[string]string `dynamodbav:"notes"`
	Ship       address           `dynamodbav:"ship"`
	Bill       *address          `dynamodbav:"bill"`
}

type address struct {
	Street string `dynamodbav:"street"`
	City   string `dynamodbav:"city"`
}

func sampleOrder() order {
	return order{
		ID: "01J8Z6Q4Y7W9K2M5N8P1R4T7V0", CustomerID: "customer-1234567", Status: "shipped", Note: "leave it at the door, please",
		Total: 123456, Version: 17, Weight: 12.75, Paid: true, PlacedAt: time.Date(2026, 1, 2, 3, 4, 5, 678900000, time.UTC),
		Tags: []string{"red", "fragile", "express"}, Notes: map[string]string{"gift": "yes", "card": "happy birthday"},
		Ship: address{"1 Main Street", "Springfield"}, Bill: &address{"2 Side Street", "Shelbyville"},
	}
}

func orderCodec(tb testing.TB) *codec.Struct {
	tb.Helper()
	s, err := schema.StructOf(reflect.TypeFor[order]())
	if err != nil {
		tb.Fatal(err)
	}
	c, err := codec.StructOf(s)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func BenchmarkEncode(b *testing.B) {
	o := sampleOrder()
	b.Run("codec", func(b *testing.B) {
		c, v := orderCodec(b), reflect.ValueOf(&o).Elem()
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Encode(v, 0); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("attributevalue", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := attributevalue.MarshalMap(&o); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	o := sampleOrder()
	c := orderCodec(b)
	item, err := c.Encode(reflect.ValueOf(o), 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("codec", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var out order
			if err := c.Decode(item, reflect.ValueOf(&out).Elem()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("attributevalue", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var out order
			if err := attributevalue.UnmarshalMap(item, &out); err != nil {
				b.Fatal(err)
			}
		}
	})
}
