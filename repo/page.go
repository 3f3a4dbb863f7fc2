package repo

import (
	"context"
)

// Page is one page of a query or scan.
type Page[T any] struct {
	// Items in order; there may be none although more pages follow.
	Items []T
	// Next leads to the page behind this one; empty at the end, and only there.
	Next Cursor
}

// readPage reads one page.
func readPage[T any](ctx context.Context, e *entity, op string, from Cursor, plan func() (*reading, error)) (Page[T], error) {
	page, err := pageOf[T](ctx, e, op, from, plan)
	if err != nil {
		return Page[T]{}, e.failed(op, err)
	}
	return page, nil
}

func pageOf[T any](ctx context.Context, e *entity, op string, from Cursor, plan func() (*reading, error)) (Page[T], error) {
	var page Page[T]
	r, err := plan()
	if err != nil {
		return page, err
	}
	start, err := r.open(from)
	if err != nil || r.empty {
		return page, err
	}
	hidden := 0
	for fetches := 1; ; fetches++ {
		had := len(page.Items)
		wanted := max(r.bounds.limit-len(page.Items), 0)
		found, next, err := r.source.fetch(ctx, start, r.bounds.grown(wanted, r.filtered, hidden))
		if err != nil {
			return page, requestFailed(op, e.Name, err)
		}
		full, err := page.fill(e, r, found, next)
		if full || err != nil {
			return page, err
		}
		enough := r.bounds.limit == 0 && len(page.Items) > 0
		if len(next) == 0 || enough || r.sifted && fetches == maxPageFetches {
			page.Next = r.seal(next)
			return page, nil
		}
		if hidden++; len(page.Items) > had {
			hidden = 0
		}
		start = next
	}
}

// fill takes rows into the page up to its limit. Where it is full before the rows are at their end, the page's cursor is the last
// row taken.
func (p *Page[T]) fill(e *entity, r *reading, found []item, next item) (full bool, err error) {
	for i, row := range found {
		if !e.belongs(row) {
			continue
		}
		v, err := decodeAs[T](e, row)
		if err != nil {
			return false, err
		}
		p.Items = append(p.Items, v)
		if len(p.Items) != r.bounds.limit {
			continue
		}
		if i < len(found)-1 {
			next = keyOf(row, r.keys)
		}
		p.Next = r.seal(next)
		return true, nil
	}
	return false, nil
}

// keyOf is the start key behind a row.
func keyOf(row item, keys []string) item {
	out := make(item, len(keys))
	for _, name := range keys {
		if v, ok := row[name]; ok {
			out[name] = v
		}
	}
	return out
}
