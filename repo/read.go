package repo

import (
	"context"
	"iter"
)

const (
	maxPageSize    = 1<<31 - 1
	maxPageFetches = 8 // requests for one page of a filtered read
)

// reading is a query or scan that was planned: where its rows come from, and what its cursors are bound to.
type reading struct {
	source   source
	query    *querySource // where it is a query
	bounds   pageBounds
	empty    bool // nothing matches, and nothing needs to be sent to know it
	filtered bool // the caller's conditions leave rows out that were read
	sifted   bool // something does, be it only that they are of other entities; or a page may come from a partition that is empty

	belongs  func(row item) bool // rows that do not are skipped
	keys     []string            // attributes that a start key has
	envelope envelope            // of its cursors
	within   func(position) bool
}

// source is where the rows of a reading come from.
type source interface {
	// from begins behind a position.
	from(position) stream
}

// stream sends one request after another, or one for each of several partitions at once.
type stream interface {
	// fetch reads on. The size is what a request asks for at most, 0 for what fits one.
	fetch(ctx context.Context, size int) (fetched, error)
}

// fetched is what a stream read at once. A row may be nil: it is skipped.
type fetched struct {
	rows       []item
	index      []item   // the same as the index has them, where whole items were fetched
	partitions []int    // that each row is in; nil where all are in that of next
	next       position // behind them all
	more       bool     // there may be more behind it
	back       bool     // next lies before where the stream began: what is there was given out before
}

// at is the position behind a row.
func (f *fetched) at(i int, keys []string) position {
	row, partition := f.rows[i], f.next.partition
	if f.index != nil {
		row = f.index[i]
	}
	if f.partitions != nil {
		partition = f.partitions[i]
	}
	return position{partition, keyOf(row, keys)}
}

// pageBounds are how many items a read yields, and how many a request reads.
type pageBounds struct {
	limit, pageSize           int // 0: no bound
	limitGiven, pageSizeGiven bool
}

func (b *pageBounds) setLimit(n int)    { b.limit, b.limitGiven = n, true }
func (b *pageBounds) setPageSize(n int) { b.pageSize, b.pageSizeGiven = n, true }

func (b *pageBounds) err() error {
	bad := ""
	switch {
	case b.limitGiven && b.limit < 1:
		bad = "Limit"
	case b.pageSizeGiven && b.pageSize < 1:
		bad = "PageSize"
	default:
		return nil
	}
	return &Error{kind: ErrInvalidValue, Reason: bad + " must be at least 1; leave it out to read everything"}
}

// ask is the size of the next request when so many items are still wanted, 0 for all of them. Where rows are filtered out, more
// must be read than are wanted, and how many more nobody knows.
func (b *pageBounds) ask(wanted int, filtered bool) int {
	switch {
	case b.pageSize > 0 && (filtered || wanted == 0):
		return b.pageSize
	case b.pageSize > 0:
		return min(b.pageSize, wanted)
	case filtered:
		return 0
	}
	return wanted
}

// grown is ask after so many requests in a row that showed nothing: rows that are hidden, expired or of other entities, come in runs,
// and a small request for each of them would cost more than one large one.
func (b *pageBounds) grown(wanted int, filtered bool, hidden int) int {
	size := b.ask(wanted, filtered)
	switch {
	case b.pageSize > 0 || hidden == 0 || size == 0:
		return size
	case hidden > 3:
		return 0
	}
	return size * 10 << (2 * (hidden - 1))
}

// all yields the items of a reading.
func all[T any](ctx context.Context, e *entity, op string, plan func() (*reading, error)) iter.Seq2[T, error] {
	return decodeRows[T](e, op, planned(ctx, e, op, plan))
}

// planned yields the entity's rows of a reading that is planned when they are asked for.
func planned(ctx context.Context, e *entity, op string, plan func() (*reading, error)) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		r, err := plan()
		if err != nil {
			yield(nil, e.failed(op, err))
			return
		}
		rows(ctx, r, op, e.Name)(yield)
	}
}

// decodeRows makes values of rows. With an error comes the zero T.
func decodeRows[T any](e *entity, op string, rows iter.Seq2[item, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for row, err := range rows {
			var v T
			if err == nil {
				v, err = decodeAs[T](e, row)
			}
			if !yield(v, e.failed(op, err)) || err != nil {
				return
			}
		}
	}
}

// rows yields the rows of a reading that belong to it, up to its limit, and reads nothing ahead.
func rows(ctx context.Context, r *reading, op, entity string) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		if r.empty {
			return
		}
		wanted, hidden := r.bounds.limit, 0
		shown := func(row item, err error) bool {
			hidden = 0
			return yield(row, err)
		}
		for s := r.source.from(position{}); ; {
			page, err := s.fetch(ctx, r.bounds.grown(wanted, r.filtered, hidden))
			if err != nil {
				yield(nil, requestFailed(op, entity, err))
				return
			}
			hidden++
			if !give(r, page, &wanted, shown) || !page.more {
				return
			}
		}
	}
}

// give yields the rows of a page, and reports whether more are wanted. Without a limit the count of those wanted stays at zero.
func give(r *reading, page fetched, wanted *int, yield func(item, error) bool) bool {
	for _, row := range page.rows {
		if !r.belongs(row) {
			continue
		}
		if !yield(row, nil) {
			return false
		}
		if *wanted > 0 {
			if *wanted--; *wanted == 0 {
				return false
			}
		}
	}
	return true
}

// first is the first item that an iterator yields.
func first[T any](items iter.Seq2[T, error], e *entity) (T, error) {
	for v, err := range items {
		return v, err
	}
	var zero T
	return zero, &Error{Op: "Query", Entity: e.Name, kind: ErrNotFound}
}

// count counts rows.
func count(rows iter.Seq2[item, error]) (n int, err error) {
	for _, err := range rows {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// Collect gathers what an iterator yields, in order. On an error it returns that, and no items.
func Collect[T any](items iter.Seq2[T, error]) ([]T, error) {
	var out []T
	for v, err := range items {
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
