package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/monotable/monotable/repo"
)

// tell asks what a shop asks, one chapter after the other.
func tell(ctx context.Context, s *shop, out io.Writer) error {
	t := &teller{shop: s, out: out}
	t.stocked()
	for _, chapter := range []func(context.Context) error{
		t.profile,
		t.ordersOfCustomer,
		t.largeOrdersOfCustomer,
		t.linesOfOrder,
		t.openOrders,
		t.openOrdersOfFebruary,
		t.shelf,
		t.ordersOfProduct,
		t.ship,
		t.openOrdersAgain,
		t.shipAgain,
		t.scanInDisguise,
	} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (t *teller) stocked() {
	written := t.spent.take()
	t.say("One table holds %d customers, %d products, %d orders and %d order lines: %d items.",
		len(customers), len(products), len(orders), len(lines), written.requests)
}

func (t *teller) profile(ctx context.Context) error {
	t.ask("Who is ada?")
	c, err := t.customers.Get(ctx, Customer{ID: "ada"})
	if err != nil {
		return err
	}
	t.from("the table, by its whole key")
	t.show(c)
	t.cost(readUnits)
	return nil
}

func (t *teller) ordersOfCustomer(ctx context.Context) error {
	return answer(ctx, t, "What has ada ordered, the latest first?",
		t.orders.Query(orderCustomer.Eq("ada")).Desc())
}

func (t *teller) largeOrdersOfCustomer(ctx context.Context) error {
	return answer(ctx, t, "Which of those were over 40.00? No key knows totals: a filter drops what was read, and paid for.",
		t.orders.Query(orderCustomer.Eq("ada")).Filter(orderTotal.Gt(40_00)))
}

func (t *teller) linesOfOrder(ctx context.Context) error {
	return answer(ctx, t, "What is in order o-1003?",
		t.lines.Query(lineOrder.Eq("o-1003")))
}

func (t *teller) openOrders(ctx context.Context) error {
	return answer(ctx, t, "Which orders are open, the oldest first?",
		t.orders.Query(orderStatus.Eq(Open)))
}

func (t *teller) openOrdersOfFebruary(ctx context.Context) error {
	february, march := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	return answer(ctx, t, "Which of them were placed in February?",
		t.orders.Query(orderStatus.Eq(Open), orderPlacedAt.Ge(february), orderPlacedAt.Lt(march)))
}

func (t *teller) shelf(ctx context.Context) error {
	return answer(ctx, t, "What is there for the kitchen, up to 30.00?",
		t.products.Query(productCategory.Eq("kitchen"), productPrice.Le(30_00)))
}

func (t *teller) ordersOfProduct(ctx context.Context) error {
	return answer(ctx, t, "Who wants a mug?",
		t.lines.Query(lineSKU.Eq("mug")))
}

func (t *teller) ship(ctx context.Context) error {
	t.ask("Ship o-1002, if it is still open.")
	shipped, err := t.orders.If(orderStatus.Eq(Open)).
		Update(ctx, Order{CustomerID: "grace", ID: "o-1002"}, orderStatus.Set(Shipped))
	if err != nil {
		return err
	}
	t.from("the table; the keys of gsi1 are removed in the same request")
	t.show(shipped)
	t.cost(writeUnits)
	return nil
}

func (t *teller) openOrdersAgain(ctx context.Context) error {
	return answer(ctx, t, "Which orders are open now?",
		t.orders.Query(orderStatus.Eq(Open)))
}

func (t *teller) shipAgain(ctx context.Context) error {
	t.ask("Ship it again, if it is still open.")
	_, err := t.orders.If(orderStatus.Eq(Open)).
		Update(ctx, Order{CustomerID: "grace", ID: "o-1002"}, orderStatus.Set(Shipped))
	if !errors.Is(err, repo.ErrConditionFailed) {
		return fmt.Errorf("an order was shipped twice: %w", err)
	}
	t.refused(err)
	return nil
}

func (t *teller) scanInDisguise(ctx context.Context) error {
	t.ask("Which orders of all customers were over 40.00?")
	_, err := t.orders.Query(orderTotal.Gt(40_00)).First(ctx)
	if !errors.Is(err, repo.ErrNoIndex) {
		return fmt.Errorf("a query that no index serves was answered: %w", err)
	}
	t.refused(err)
	t.cost(readUnits)
	return nil
}
