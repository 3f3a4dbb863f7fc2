package repo

import (
	"context"
	"iter"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/internal/ast"
)

// Scan reads a whole table, or a whole index, on purpose, and yields the items of one entity. Like a [Query] it is an immutable
// value, and nothing is sent until it is run.
type Scan[T any] struct{ scan scan }

// scan is a scan without its type parameter.
type scan struct {
	repo *core
	spec scanSpec
}

type scanSpec struct {
	filter     []*ast.Cond
	index      string
	consistent bool
	hydrate    bool
	bounds     pageBounds
	segments   segmentCount
}

// Scan asks for every item of the entity, in no order that means anything. It reads, and is charged for, every row of the table,
// those of other entities included; an index that only some items are in is cheaper.
func (r *Repository[T]) Scan() Scan[T] {
	return Scan[T]{scan{&r.core, scanSpec{consistent: r.core.view.consistent}}}
}

// Index scans an index in place of the table: one that the entity joins.
func (s Scan[T]) Index(name string) Scan[T] {
	s.scan.spec.index = name
	return s
}

// Hydrate fetches whole items where the index does not hold all attributes of T, as [Query.Hydrate] does. Without it such an index
// is [ErrNoIndex].
func (s Scan[T]) Hydrate() Scan[T] {
	s.scan.spec.hydrate = true
	return s
}

// Filter adds conditions that DynamoDB applies after it has read an item; capacity is paid all the same. An attribute that the index
// does not hold is [ErrNoIndex].
func (s Scan[T]) Filter(conds ...expr.Cond[T]) Scan[T] {
	s.scan.spec.filter = slices.Concat(s.scan.spec.filter, nodes(conds))
	return s
}

// Limit bounds the items that the scan yields, at least 1, after filters.
func (s Scan[T]) Limit(n int) Scan[T] {
	s.scan.spec.bounds.setLimit(n)
	return s
}

// PageSize bounds the rows that one request reads, at least 1, before filters.
func (s Scan[T]) PageSize(n int) Scan[T] {
	s.scan.spec.bounds.setPageSize(n)
	return s
}

// Segments has the scan read so many parts of the table at once, from 1 to 64, each with requests of its own one after another. Items
// come as they arrive, several pages are held at a time, and [Table.Observe] is called from several goroutines. It costs what one
// segment costs, sooner: the table's capacity is used up as fast. See "Parallel scan" in the AWS documentation.
func (s Scan[T]) Segments(n int) Scan[T] {
	s.scan.spec.segments.set(n)
	return s
}

// All yields the items lazily, as [Query.All] does. With Segments, requests are sent ahead, a page of each segment; a break, or an
// error of one segment, ends them all, and when the loop is left none is under way.
func (s Scan[T]) All(ctx context.Context) iter.Seq2[T, error] {
	if s.scan.spec.segments.several() {
		return decodeRows[T](s.scan.repo.entity, "Scan", s.scan.segmentRows(ctx, s.scan.reading))
	}
	return all[T](ctx, s.scan.repo.entity, "Scan", s.scan.reading)
}

// Count counts the items, reading their keys only; it costs what reading them costs.
func (s Scan[T]) Count(ctx context.Context) (int, error) {
	if s.scan.spec.segments.several() {
		return count(s.scan.segmentRows(ctx, s.scan.counted))
	}
	return count(planned(ctx, s.scan.repo.entity, "Scan", s.scan.counted))
}

// Page reads one page from a cursor, as [Query.Page] does. With Segments a page is one request for each segment that is not at its end,
// sent at once, and as many again, up to 8 times, while filters leave nothing; the cursor has a position in each segment, and fits
// scans of as many. What a Limit leaves of a page is read again with the next one: give PageSize with it.
func (s Scan[T]) Page(ctx context.Context, from Cursor) (Page[T], error) {
	if !s.scan.spec.segments.several() {
		return readPage[T](ctx, s.scan.repo.entity, "Scan", from, s.scan.reading)
	}
	var page Page[T]
	next, err := s.scan.segmentPage(ctx, from, func(row item) error {
		v, err := decodeAs[T](s.scan.repo.entity, row)
		page.Items = append(page.Items, v)
		return err
	})
	if err != nil {
		return Page[T]{}, s.scan.repo.entity.failed("Scan", err)
	}
	page.Next = next
	return page, nil
}

// Input is the first request that the scan sends; it sends nothing. With Segments there are several: that is [ErrInvalidValue], and
// Inputs lists them.
func (s Scan[T]) Input() (*dynamodb.ScanInput, error) {
	inputs, err := s.Inputs()
	switch {
	case err != nil:
		return nil, err
	case len(inputs) > 1:
		return nil, s.scan.repo.entity.failed("Scan", &Error{kind: ErrInvalidValue, Reason: "the scan reads several segments, each with a request of its own; use Inputs"})
	}
	return inputs[0], nil
}

// Inputs are the first requests that the scan sends for each segment; it sends nothing.
func (s Scan[T]) Inputs() ([]*dynamodb.ScanInput, error) {
	r, err := s.scan.reading()
	if err != nil {
		return nil, s.scan.repo.entity.failed("Scan", err)
	}
	x, err := s.scan.expression(nil)
	if err != nil {
		return nil, s.scan.repo.entity.failed("Scan", err)
	}
	out := make([]*dynamodb.ScanInput, s.scan.spec.segments.count())
	for i := range out {
		out[i] = s.scan.source(x).input(position{partition: i}, r.bounds.ask(r.bounds.limit, r.filtered))
	}
	return out, nil
}

// reading plans the scan.
func (s scan) reading() (*reading, error) {
	a, err := s.access()
	if err != nil {
		return nil, err
	}
	missing := planning{entity: s.repo.entity}.lacking(a.index)
	if len(missing) > 0 && !s.spec.hydrate {
		return nil, &Error{Index: a.name(), kind: ErrNoIndex, Reason: lacks(missing)}
	}
	x, err := s.expression(nil)
	if err != nil {
		return nil, err
	}
	r := s.over(a, x)
	if len(missing) > 0 {
		r.source = &hydrated{source: r.source, sender: s.repo.sender(), keys: a.keys(), consistent: s.spec.consistent}
	}
	return r, nil
}

// over is the reading of what is scanned.
func (s scan) over(a *access, x ast.Expression) *reading {
	e := s.repo.entity
	return &reading{
		source: s.source(x), bounds: s.spec.bounds, filtered: x.Filter != nil, sifted: x.Filter != nil,
		belongs: func(row item) bool { return e.belongs(row) && !s.repo.hides(row) },
		keys:    e.cursorKeys(a.keys()), envelope: envelope{s.spec.segments.bind(e.readBinding("scan", s.spec.index)), e.table.CursorKeys},
		within: func(at position) bool { return at.partition == 0 },
	}
}

// access is what is scanned: the table, or an index. What is wrong with the scan is found here.
func (s scan) access() (*access, error) {
	for _, err := range []error{s.repo.unconditional(), s.repo.unscoped("a scan"), s.spec.bounds.err(), s.spec.segments.err()} {
		if err != nil {
			return nil, err
		}
	}
	a := &access{hash: s.repo.entity.primary}
	if s.spec.index != "" {
		x := s.repo.entity.indexNamed(s.spec.index)
		switch {
		case x == nil:
			return nil, noSuchIndex(s.spec.index)
		case s.spec.consistent && !x.table.Local:
			return nil, &Error{Index: x.Name, kind: ErrNoIndex, Reason: "the index cannot be read consistently, which only the table and local indexes can"}
		}
		a = &access{index: x, hash: x.keys}
	}
	for _, c := range s.spec.filter {
		if err := s.repo.entity.filterable(c, a, nil); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// expression is what DynamoDB filters by: the type, what has expired, and what the caller says.
func (s scan) expression(project []ast.Path) (ast.Expression, error) {
	filter := ast.And(slices.Concat(s.repo.entity.distinct(nil), s.repo.hiding(), s.spec.filter)...)
	return s.repo.entity.build(ast.Request{Filter: filter, Project: project})
}

// counted plans the same scan for its keys and types only, where those are enough.
func (s scan) counted() (*reading, error) {
	a, err := s.access()
	if err != nil {
		return nil, err
	}
	e := s.repo.entity
	if len(planning{entity: e, asked: asked{keysOnly: true, showExpired: s.repo.view.expired}}.lacking(a.index)) > 0 {
		return s.reading()
	}
	x, err := s.expression(e.withKeys(e.identity(), a))
	if err != nil {
		return nil, err
	}
	return s.over(a, x), nil
}

func (s scan) source(x ast.Expression) *scanSource {
	return &scanSource{spec: s.spec, sending: s.repo.sending, client: s.repo.client, table: s.repo.entity.table, expression: x}
}
