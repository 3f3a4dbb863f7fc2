package repo

import (
	"context"
	"sync"
)

// segmentPlace is how far a segment was read.
type segmentPlace struct {
	at   position
	done bool
}

// segmentPage reads one page of a segmented scan, and returns the cursor behind it.
func (s scan) segmentPage(ctx context.Context, from Cursor, take func(row item) error) (Cursor, error) {
	r, err := s.reading()
	if err != nil {
		return "", err
	}
	return r.segmentPage(ctx, s.spec.segments.count(), from, "Scan", s.repo.entity.Name, take)
}

func (r *reading) segmentPage(ctx context.Context, segments int, from Cursor, op, entity string, take func(row item) error) (Cursor, error) {
	places, err := r.openSegments(from, segments)
	if err != nil {
		return "", err
	}
	taken := 0
	for fetches := 1; ; fetches++ {
		size := r.bounds.grown(max(r.bounds.limit-taken, 0), r.filtered, fetches-1)
		round, err := r.round(ctx, places, size)
		if err != nil {
			return "", requestFailed(op, entity, err)
		}
		for i := range places {
			if err := places[i].take(r, round[i], &taken, take); err != nil {
				return "", err
			}
		}
		switch {
		case allDone(places):
			return "", nil
		case r.full(taken), r.bounds.limit == 0 && taken > 0, r.sifted && fetches == maxPageFetches:
			return r.sealSegments(places), nil
		}
	}
}

// full reports whether a page has as many items as were asked for.
func (r *reading) full(taken int) bool { return r.bounds.limit > 0 && taken >= r.bounds.limit }

func allDone(places []segmentPlace) bool {
	for _, p := range places {
		if !p.done {
			return false
		}
	}
	return true
}

// take takes the rows of a page of the segment, as far as there is room for them, and goes on to behind what it took.
func (p *segmentPlace) take(r *reading, page *fetched, taken *int, take func(row item) error) error {
	if page == nil {
		return nil
	}
	for i, row := range page.rows {
		if r.full(*taken) {
			return nil
		}
		if r.belongs(row) {
			if err := take(row); err != nil {
				return err
			}
			*taken++
		}
		p.at = page.at(i, r.keys)
	}
	p.at, p.done = page.next, !page.more
	return nil
}

// round reads one page of every segment that is not at its end, at once. A segment that is has none.
func (r *reading) round(ctx context.Context, places []segmentPlace, size int) ([]*fetched, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out, failed := make([]*fetched, len(places)), make(chan error, len(places))
	var wg sync.WaitGroup
	for i, p := range places {
		if p.done {
			continue
		}
		wg.Go(func() {
			page, err := r.source.from(p.at).fetch(ctx, size)
			if err != nil {
				failed <- err
				cancel()
			}
			out[i] = &page
		})
	}
	wg.Wait()
	close(failed)
	return out, <-failed // the first one: the others were cancelled for it
}

// What a cursor says of a segment. A place behind a row is followed by its key.
const (
	segmentBegins = iota
	segmentDone
	segmentBehind
)

// sealSegments makes the cursor of a position in every segment.
func (r *reading) sealSegments(places []segmentPlace) Cursor {
	var b []byte
	for _, p := range places {
		switch {
		case p.done:
			b = append(b, segmentDone)
		case len(p.at.start) == 0:
			b = append(b, segmentBegins)
		default:
			b = appendStart(append(b, segmentBehind), p.at.start, r.keys)
		}
	}
	return Cursor(r.envelope.seal(b))
}

// openSegments finds the position in every segment.
func (r *reading) openSegments(c Cursor, segments int) ([]segmentPlace, error) {
	places := make([]segmentPlace, segments)
	for i := range places {
		places[i].at.partition = i
	}
	if c == "" {
		return places, nil
	}
	b, err := r.envelope.open(string(c), maxCursor*segments)
	if err != nil {
		return nil, err
	}
	for i := range places {
		var ok bool
		if b, ok = places[i].read(b, r.keys); !ok {
			return nil, invalidCursor("it is damaged")
		}
	}
	if len(b) > 0 {
		return nil, invalidCursor("it is damaged")
	}
	return places, nil
}

// read reads what sealSegments wrote of one segment.
func (p *segmentPlace) read(b []byte, keys []string) (rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, false
	}
	kind, b := b[0], b[1:]
	switch kind {
	case segmentBegins:
		return b, true
	case segmentDone:
		p.done = true
		return b, true
	case segmentBehind:
		p.at.start, b, ok = cutStart(b, keys)
		return b, ok
	}
	return nil, false
}
