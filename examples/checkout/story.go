package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/monotable/monotable/txn"
)

// chapter is a basket, and what the customer was thinking.
type chapter struct {
	title string
	Basket
	tunnel bool // the train is in one when the button is pressed
}

var story = []chapter{
	{"Ada buys two mugs and a kettle", Basket{"ada", "o-1", "A-1", noon, []Item{{"mug", 2, 8_50}, {"kettle", 1, 39_90}}}, false},
	{"Her browser sends the order again", Basket{"ada", "o-1", "A-1", noon, []Item{{"mug", 2, 8_50}, {"kettle", 1, 39_90}}}, false},
	{"She orders something else, under the same number", Basket{"ada", "o-2", "A-1", noon, []Item{{"mug", 1, 8_50}}}, false},
	{"Grace has a number A-1 too, which is no matter", Basket{"grace", "o-3", "A-1", noon, []Item{{"mug", 1, 8_50}}}, false},
	{"Grace wants five kettles", Basket{"grace", "o-4", "A-2", noon, []Item{{"kettle", 5, 39_90}}}, false},
	{"Grace wants an atlas, ten mugs and a teapot, under a number that she used", Basket{"grace", "o-5", "A-1", noon, []Item{{"atlas", 1, 59_00}, {"mug", 10, 8_50}, {"teapot", 1, 24_00}}}, false},
	{"Grace has mugs in two places", Basket{"grace", "o-6", "A-2", noon, []Item{{"mug", 1, 8_50}, {"kettle", 1, 39_90}, {"mug", 2, 8_50}}}, false},
	{"Grace fills the basket", Basket{"grace", "o-7", "A-2", noon, fifty()}, false},
	{"Mallory has not paid", Basket{"mallory", "o-8", "1", noon, []Item{{"mug", 1, 8_50}}}, false},
	{"Somebody has no account", Basket{"somebody", "o-9", "1", noon, []Item{{"mug", 1, 8_50}}}, false},
	{"Grace buys a kettle on the train, which goes into a tunnel", Basket{"grace", "o-10", "A-2", noon, []Item{{"kettle", 1, 39_90}}}, true},
}

// fifty items are more than an order takes.
func fifty() (items []Item) {
	for i := range 50 {
		items = append(items, Item{fmt.Sprint("spoon-", i), 1, 2_00})
	}
	return items
}

// tell plays the story.
func (s *shop) tell(ctx context.Context, out io.Writer) error {
	if err := s.shelf(ctx, out); err != nil {
		return err
	}
	for _, c := range story {
		fmt.Fprintf(out, "\n%s.\n", c.title)
		tx := s.checkout(c.Basket)
		s.tunnel.inside.Store(c.tunnel)
		err := tx.Commit(ctx)
		s.tunnel.inside.Store(false)
		s.say(out, c.Basket, err)
		if c.tunnel {
			fmt.Fprintln(out, "There is light again, and she presses the button.")
			s.say(out, c.Basket, tx.Commit(ctx)) // the same transaction: it can't be carried out twice
		}
	}
	fmt.Fprintln(out)
	return s.shelf(ctx, out)
}

func (s *shop) say(out io.Writer, b Basket, err error) {
	for _, sentence := range s.explain(b, err) {
		fmt.Fprintf(out, "  %s\n", sentence)
	}
}

// shelf reads what is in stock, all at one moment.
func (s *shop) shelf(ctx context.Context, out io.Writer) error {
	list := slices.Clone(products)
	var gets []txn.Reading
	for i := range list {
		gets = append(gets, txn.Get(s.products, list[i], &list[i]))
	}
	if err := txn.Read(ctx, s.client, gets...); err != nil {
		return err
	}
	fmt.Fprintln(out, "In stock:")
	for _, p := range list {
		fmt.Fprintf(out, "  %2d  %-20s %6s\n", p.Stock, p.Name, p.Price)
	}
	return nil
}
