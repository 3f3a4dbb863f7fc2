package repo

import (
	"context"
	"encoding/binary"
	"iter"
	"strconv"
	"sync"
)

// segmentCount is how many segments a scan has: one, unless it was set.
type segmentCount struct {
	n     int
	given bool
}

func (c *segmentCount) set(n int) { c.n, c.given = n, true }

func (c segmentCount) count() int { return max(c.n, 1) }

func (c segmentCount) several() bool { return c.n > 1 }

// err refuses what is no count of segments.
func (c segmentCount) err() error {
	if !c.given || c.n >= 1 && c.n <= maxParallel {
		return nil
	}
	return &Error{kind: ErrInvalidValue, Reason: "Segments must be from 1 to " + strconv.Itoa(maxParallel) + "; leave it out to read one after another"}
}

// bind adds the count to what a cursor is for. One segment is the same scan as none.
func (c segmentCount) bind(binding []byte) []byte {
	if !c.several() {
		return binding
	}
	return binary.AppendUvarint(appendText(binding, "segments"), uint64(c.n))
}

// segmentRows yields the rows of all segments as they come.
func (s scan) segmentRows(ctx context.Context, plan func() (*reading, error)) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		r, err := plan()
		if err != nil {
			yield(nil, s.repo.entity.failed("Scan", err))
			return
		}
		parallel(ctx, r, s.spec.segments.count(), "Scan", s.repo.entity.Name)(yield)
	}
}

// parallel yields the rows of several segments that are read at once, up to the reading's limit. However it ends, no goroutine is left:
// it waits until every request was given up.
func parallel(ctx context.Context, r *reading, segments int, op, entity string) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		pages, failed := make(chan fetched), make(chan error, segments)
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		for n := range segments {
			wg.Go(func() {
				if err := readSegment(ctx, r, n, pages); err != nil {
					failed <- err
				}
			})
		}
		wanted := r.bounds.limit
		for left := segments; left > 0; {
			select {
			case err := <-failed:
				yield(nil, requestFailed(op, entity, err))
				return
			case page := <-pages:
				if !give(r, page, &wanted, yield) {
					return
				}
				if !page.more {
					left--
				}
			}
		}
	}
}

// readSegment reads a segment to its end, a page ahead of those who take them.
func readSegment(ctx context.Context, r *reading, segment int, pages chan<- fetched) error {
	s := r.source.from(position{partition: segment})
	for n := 0; ; n++ {
		page, err := s.fetch(ctx, r.bounds.grown(r.bounds.limit, r.filtered, n))
		if err != nil {
			return err
		}
		select {
		case pages <- page:
		case <-ctx.Done():
			return ctx.Err()
		}
		if !page.more {
			return nil
		}
	}
}
