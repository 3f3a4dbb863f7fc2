package repo_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// waiting is a client that answers when the context ends, and never before.
type waiting struct{ repo.Client }

func (waiting) GetItem(ctx context.Context, _ *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (waiting) PutItem(ctx context.Context, _ *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (waiting) UpdateItem(ctx context.Context, _ *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (waiting) DeleteItem(ctx context.Context, _ *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (waiting) Query(ctx context.Context, _ *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (waiting) Scan(ctx context.Context, _ *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// everyVerb is each verb that sends, under one context.
func everyVerb(orders *repo.Repository[order]) map[string]func(context.Context) error {
	o := anOrder()
	q := orders.Query(orderCustomer.Eq("c"))
	return map[string]func(context.Context) error{
		"Create": func(ctx context.Context) error { _, err := orders.Create(ctx, o); return err },
		"Put":    func(ctx context.Context) error { _, err := orders.Put(ctx, o); return err },
		"Get":    func(ctx context.Context) error { _, err := orders.Get(ctx, o); return err },
		"Update": func(ctx context.Context) error { _, err := orders.Update(ctx, o, orderPaid.Set(true)); return err },
		"Upsert": func(ctx context.Context) error {
			_, err := orders.Upsert(ctx, o, orderPlaced.Set(placedAt), orderStatus.Set("closed"), orderShip.Set(address{}))
			return err
		},
		"Delete": func(ctx context.Context) error { return orders.Delete(ctx, o) },
		"All":    func(ctx context.Context) error { _, err := repo.Collect(q.All(ctx)); return err },
		"First":  func(ctx context.Context) error { _, err := q.First(ctx); return err },
		"Count":  func(ctx context.Context) error { _, err := q.Count(ctx); return err },
		"Page":   func(ctx context.Context) error { _, err := q.Page(ctx, ""); return err },
		"Scan":   func(ctx context.Context) error { _, err := repo.Collect(orders.Scan().All(ctx)); return err },
	}
}

// A context without a deadline gets one, and one with a deadline keeps its own.
func TestEveryCallEnds(t *testing.T) {
	orders := repo.Must(repo.New[order](waiting{}, shopTable))
	for name, verb := range everyVerb(orders) {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			if err := verb(context.Background()); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", name, err)
			}
			if took := time.Since(begin); took < 30*time.Second || took > 10*time.Minute {
				t.Errorf("%s without a deadline took %v", name, took)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Hour)
			defer cancel()
			begin = time.Now()
			if err := verb(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", name, err)
			}
			if took := time.Since(begin); took != 3*time.Hour {
				t.Errorf("%s with a deadline in three hours took %v", name, took)
			}
		})
	}
}

func TestACancelledContextSendsNothing(t *testing.T) {
	_, orders := shop(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, verb := range everyVerb(orders) {
		if err := verb(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n, err := orders.Scan().Count(t.Context()); n != 0 || err != nil {
		t.Errorf("%d orders were written, %v", n, err)
	}
}

func TestObserve(t *testing.T) {
	type key struct{}
	var seen []repo.Call
	table := shopTable
	table.Observe = func(ctx context.Context, c repo.Call) {
		if ctx.Value(key{}) != "mine" {
			t.Error("the context is not the caller's")
		}
		seen = append(seen, c)
	}
	c := repotest.NewClient()
	orders := repo.Must(repo.New[order](c, table))
	if err := repo.CreateTable(t.Context(), c, table, orders); err != nil {
		t.Fatal(err)
	}
	ctx := context.WithValue(t.Context(), key{}, "mine")
	o := anOrder()
	q := orders.Query(orderStatus.Eq("open"))
	for _, step := range []struct {
		reason           string
		operation, index string
		fails            bool
		call             func() error
	}{
		{"Create", "PutItem", "", false, func() error { _, err := orders.Create(ctx, o); return err }},
		{"Create again", "PutItem", "", true, func() error { _, err := orders.Create(ctx, o); return err }},
		{"Put", "PutItem", "", false, func() error { _, err := orders.Put(ctx, o); return err }},
		{"Get", "GetItem", "", false, func() error { _, err := orders.Get(ctx, o); return err }},
		{"Update", "UpdateItem", "", false, func() error { _, err := orders.Update(ctx, o, orderPaid.Set(true)); return err }},
		{"Query", "Query", "gsi1", false, func() error { _, err := q.First(ctx); return err }},
		{"Query of the table", "Query", "", false, func() error { _, err := orders.Query(orderCustomer.Eq("c1")).First(ctx); return err }},
		{"Count", "Query", "gsi1", false, func() error { _, err := q.Count(ctx); return err }},
		{"Scan", "Scan", "gsi2", false, func() error { _, err := repo.Collect(orders.Scan().Index("gsi2").All(ctx)); return err }},
		{"Delete", "DeleteItem", "", false, func() error { return orders.Delete(ctx, o) }},
	} {
		seen = nil
		if err := step.call(); (err != nil) != step.fails {
			t.Errorf("%s: %v", step.reason, err)
		}
		if len(seen) != 1 {
			t.Errorf("%s: %d calls were seen", step.reason, len(seen))
			continue
		}
		got := seen[0]
		if got.Operation != step.operation || got.Entity != "Order" || got.Index != step.index || got.Attempts != 1 || (got.Err != nil) != step.fails {
			t.Errorf("%s: seen is %+v", step.reason, got)
		}
		if !step.fails && got.Capacity <= 0 {
			t.Errorf("%s: no capacity in %+v", step.reason, got)
		}
	}
	seen = nil
	if _, err := orders.Get(ctx, order{}); err == nil || len(seen) > 0 {
		t.Errorf("a call that sends nothing is seen: %v, %+v", err, seen)
	}
}

// Capacity is asked for where somebody observes, and only there.
func TestNobodyObserves(t *testing.T) {
	for _, r := range requests() {
		in, err := r.input()
		if err != nil || in == nil {
			continue
		}
		asks := false
		switch in := in.(type) {
		case *dynamodb.GetItemInput:
			asks = in.ReturnConsumedCapacity != ""
		case *dynamodb.PutItemInput:
			asks = in.ReturnConsumedCapacity != ""
		case *dynamodb.UpdateItemInput:
			asks = in.ReturnConsumedCapacity != ""
		case *dynamodb.DeleteItemInput:
			asks = in.ReturnConsumedCapacity != ""
		case *dynamodb.QueryInput:
			asks = in.ReturnConsumedCapacity != ""
		case *dynamodb.ScanInput:
			asks = in.ReturnConsumedCapacity != ""
		}
		if asks != (r.reason == "get: somebody observes") {
			t.Errorf("%s: capacity is asked for: %v", r.reason, asks)
		}
	}
}
