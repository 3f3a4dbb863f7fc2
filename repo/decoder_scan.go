package repo

import (
	"context"
	"errors"
	"iter"
)

// DecoderScan reads a whole table on purpose, and yields the items of all members of a [Decoder]. It is an immutable value, and nothing
// is sent until it is run.
type DecoderScan struct {
	decoder *Decoder
	spec    scanSpec
	unknown bool
}

// Scan asks for every item of the decoder's members, in no order that means anything. It reads, and is charged for, every row of the
// table. Requests are sent as the first member sends them: by its client, with its options, consistently if it is a Consistent view.
// Expired items are hidden, but for those of a member that is a WithExpired view.
func (d *Decoder) Scan() DecoderScan {
	s := DecoderScan{decoder: d}
	s.spec.consistent = d.sender != nil && d.sender.view.consistent
	return s
}

// Limit bounds the items that the scan yields, of all types together, at least 1.
func (s DecoderScan) Limit(n int) DecoderScan {
	s.spec.bounds.setLimit(n)
	return s
}

// PageSize bounds the rows that one request reads, at least 1.
func (s DecoderScan) PageSize(n int) DecoderScan {
	s.spec.bounds.setPageSize(n)
	return s
}

// Segments has the scan read so many parts of the table at once, as [Scan.Segments] does.
func (s DecoderScan) Segments(n int) DecoderScan {
	s.spec.segments.set(n)
	return s
}

// Unknown yields rows of no member too, each as an [UnknownRow]; without it they are skipped. The guards of unique values are always
// skipped.
func (s DecoderScan) Unknown() DecoderScan {
	s.unknown = true
	return s
}

// All yields the items lazily, each as a value of its member's T for a type switch. At most one error is yielded, last: a row that does
// not fit its type is [ErrInvalidValue], naming the entity. A break stops fetching, and ranging again starts again. Segments read ahead
// as those of [Scan.All] do.
func (s DecoderScan) All(ctx context.Context) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for row, err := range s.rows(ctx) {
			var v any
			if err == nil {
				v, err = s.value(row)
			}
			if !yield(v, failedScan(err)) || err != nil {
				return
			}
		}
	}
}

// Page reads one page from a cursor, "" for the first, as [Scan.Page] does. The cursor fits scans of the same table by any decoder, with
// as many segments.
func (s DecoderScan) Page(ctx context.Context, from Cursor) (Page[any], error) {
	r, err := s.reading()
	if err != nil {
		return Page[any]{}, failedScan(err)
	}
	var page Page[any]
	page.Next, err = r.segmentPage(ctx, s.spec.segments.count(), from, "Scan", "", func(row item) error {
		v, err := s.value(row)
		page.Items = append(page.Items, v)
		return err
	})
	if err != nil {
		return Page[any]{}, failedScan(err)
	}
	return page, nil
}

// failedScan names the verb in an error that was not made by it.
func failedScan(err error) error {
	var ours *Error
	if errors.As(err, &ours) && ours.Op == "" {
		ours.Op = "Scan"
	}
	return err
}

func (s DecoderScan) rows(ctx context.Context) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		r, err := s.reading()
		if err != nil {
			yield(nil, err)
			return
		}
		if s.spec.segments.several() {
			parallel(ctx, r, s.spec.segments.count(), "Scan", "")(yield)
			return
		}
		rows(ctx, r, "Scan", "")(yield)
	}
}

// reading plans the scan.
func (s DecoderScan) reading() (*reading, error) {
	d := s.decoder
	if d.table == nil {
		return nil, &Error{kind: ErrInvalidValue, Reason: "the decoder has no members, and no table; make it with NewDecoder"}
	}
	for _, err := range []error{d.conditional(), s.spec.bounds.err(), s.spec.segments.err()} {
		if err != nil {
			return nil, err
		}
	}
	binding := appendText(appendText(nil, "scan of all"), d.table.Name)
	return &reading{
		source: &scanSource{spec: s.spec, sending: d.sending, client: d.sender.client, table: d.table},
		bounds: s.spec.bounds, sifted: true, belongs: s.wants,
		keys: d.table.keyAttributes(), envelope: envelope{s.spec.segments.bind(binding), d.table.CursorKeys},
	}, nil
}

// conditional refuses members that are views under conditions, which a scan cannot fulfil.
func (d *Decoder) conditional() error {
	for _, r := range d.views {
		for _, err := range []error{r.unconditional(), r.unscoped("a scan")} {
			if err != nil {
				return err
			}
		}
	}
	return d.sender.unconditional()
}

func (d *Decoder) sending(ctx context.Context, operation, index string) sending {
	s := d.sender.sending(ctx, operation, index)
	s.call.Entity = ""
	return s
}

// wants reports whether a row is yielded. One that cannot be told is, for it is an error.
func (s DecoderScan) wants(row item) bool {
	if len(row) == 0 || isGuard(row, s.decoder.table) {
		return false
	}
	e, err := s.decoder.find(row)
	if err != nil {
		return s.unknown || !errors.Is(err, ErrWrongEntity)
	}
	return !s.decoder.views[e].hides(row)
}

// value is what a row is yielded as.
func (s DecoderScan) value(row item) (any, error) {
	e, err := s.decoder.find(row)
	switch {
	case err == nil:
		return e.decodeAny(row)
	case errors.Is(err, ErrWrongEntity):
		return UnknownRow{row}, nil
	}
	return nil, err
}
