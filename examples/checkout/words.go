package main

import (
	"errors"
	"fmt"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/txn"
)

// explain says in words of the customer what became of a checkout. Nothing is read for it: what stood in the way came with the error.
func (s *shop) explain(b Basket, err error) []string {
	if canceled, ok := errors.AsType[*txn.CanceledError](err); ok {
		return s.reasons(b, canceled)
	}
	switch {
	case err == nil:
		return []string{fmt.Sprintf("Thank you. Your order %s is placed.", b.Number)}
	case errors.Is(err, txn.ErrOutcomeUnknown):
		return []string{"We have no answer yet. Please press the button again: nothing is ordered twice."}
	case errors.Is(err, repo.ErrTooLarge):
		return []string{fmt.Sprintf("An order takes up to %d lines. Please make two of it.", mostLines)}
	case errors.Is(err, txn.ErrInvalid):
		return []string{twice(b, err)}
	}
	return []string{"Something went wrong, and nothing was ordered. Please try again later."}
}

// reasons has a sentence for each operation that stood in the way. The lines stand or fall with their order.
func (s *shop) reasons(b Basket, canceled *txn.CanceledError) (out []string) {
	for _, r := range canceled.Reasons {
		switch {
		case r.Err == nil:
		case errors.Is(r.Err, txn.ErrConflict):
			out = append(out, "Many people are ordering just now, and nothing was ordered. Please try again.")
		case r.Entity == "Customer":
			out = append(out, s.aboutCustomer(r))
		case errors.Is(r.Err, repo.ErrNotUnique):
			out = append(out, fmt.Sprintf("You used the order number %s before. Please choose another.", b.Number))
		case r.Entity == "Product":
			out = append(out, s.aboutStock(b.Items[(r.Index-firstItem)/perItem], r))
		case r.Entity == "Order":
			out = append(out, "This order was placed already.")
		}
	}
	if len(out) == 0 {
		out = append(out, "Nothing was ordered. Please try again later.")
	}
	return out
}

func (s *shop) aboutCustomer(r txn.Reason) string {
	customer, found, err := txn.Stored(s.customers, r)
	if err != nil || !found {
		return "We don't know you yet. Please open an account first."
	}
	return fmt.Sprintf("Your account is on hold, %s. Please call us.", customer.Name)
}

func (s *shop) aboutStock(item Item, r txn.Reason) string {
	product, found, err := txn.Stored(s.products, r)
	switch {
	case err != nil || !found:
		return fmt.Sprintf("We don't sell %q any more.", item.SKU)
	case product.Stock == 0:
		return fmt.Sprintf("%s is sold out.", product.Name)
	}
	return fmt.Sprintf("%s: there are only %d left, and you wanted %d.", product.Name, product.Stock, item.Quantity)
}

// twice finds the product that is in the basket in two places: a transaction takes an item once.
func twice(b Basket, err error) string {
	wrong, ok := errors.AsType[*txn.Error](err)
	if !ok || len(wrong.Positions) != 2 {
		return "There is something in the basket that cannot be ordered."
	}
	places := make([]int, 2)
	for i, at := range wrong.Positions {
		places[i] = (at - firstItem) / perItem
	}
	return fmt.Sprintf("Lines %d and %d are both %q. Please make one line of them.", places[0]+1, places[1]+1, b.Items[places[1]].SKU)
}
