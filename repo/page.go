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
	var page Page[T]
	next, err := pageRows(ctx, e, op, from, plan, func(row item) error {
		v, err := decodeAs[T](e, row)
		page.Items = append(page.Items, v)
		return err
	})
	if err != nil {
		return Page[T]{}, e.failed(op, err)
	}
	page.Next = next
	return page, nil
}

// pageRows takes the rows of one page, and returns the cursor behind them.
func pageRows(ctx context.Context, e *entity, op string, from Cursor, plan func() (*reading, error), take func(item) error) (Cursor, error) {
	r, err := plan()
	if err != nil {
		return "", err
	}
	start, err := r.open(from)
	if err != nil || r.empty {
		return "", err
	}
	taken, hidden := 0, 0
	var behind *position // the last place that a cursor may name: in a scope, not the keys of others
	for s, fetches := r.source.from(start), 1; ; fetches++ {
		wanted := max(r.bounds.limit-taken, 0)
		found, err := s.fetch(ctx, r.bounds.grown(wanted, r.filtered, hidden))
		if err != nil {
			return "", requestFailed(op, e.Name, err)
		}
		n, end, err := r.fill(found, wanted, take)
		if err != nil {
			return "", err
		}
		taken += n
		if at, ok := r.nameable(found); ok {
			behind = &at
		}
		full := r.bounds.limit > 0 && taken == r.bounds.limit
		enough := r.bounds.limit == 0 && taken > 0
		switch {
		case full && end < len(found.rows)-1:
			return r.seal(found.at(end, r.keys)), nil
		case !found.more:
			return "", nil
		case behind != nil && (full || enough || r.sifted && fetches >= maxPageFetches):
			return r.seal(*behind), nil
		}
		if hidden++; n > 0 {
			hidden = 0
		}
	}
}

// nameable is the last place in what was fetched that a cursor may name; not ok where only rows of others are there.
func (r *reading) nameable(found fetched) (at position, ok bool) {
	if !found.back && r.owns(found.next) {
		return found.next, true
	}
	for i := len(found.rows) - 1; i >= 0; i-- {
		if at := found.at(i, r.keys); r.owns(at) {
			return at, true
		}
	}
	return position{}, false
}

// fill takes rows until so many are taken, all of them for zero: how many, and the place of the last one.
func (r *reading) fill(found fetched, wanted int, take func(item) error) (taken, last int, err error) {
	for i, row := range found.rows {
		if !r.belongs(row) {
			continue
		}
		if err := take(row); err != nil {
			return taken, i, err
		}
		if taken++; taken == wanted {
			return taken, i, nil
		}
	}
	return taken, len(found.rows) - 1, nil
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
