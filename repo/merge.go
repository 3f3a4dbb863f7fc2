package repo

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/schema"
)

// merge is a stream of the rows of all shards of a bucket, in order of their sort keys; among equal ones in order of the shards. Shards
// are read in parallel, and only those that must be read for the next row to be known. It holds a page of each.
//
// A position in it is a row, or where a row could be: of every shard, what is at it or before it was given out. So one position is
// enough to begin again, however many shards there are.
type merge struct {
	source *querySource
	shards []*shard
}

// shard is one partition of a merge.
type shard struct {
	number int // of the partition
	in     partition
	rows   []item   // read, and not given out
	head   place    // of the first of them
	behind position // what was read reaches so far
	begun  bool     // something was read
	done   bool     // there is nothing behind that
	after  *place   // rows up to it were given out before
}

// place is a row, or where one could be, in the order of a merge.
type place struct {
	sort   []types.AttributeValue
	number int
}

func newMerge(s *querySource, at position) *merge {
	per := s.parts.perBucket()
	first := at.partition / per * per
	m := &merge{source: s}
	var from *place
	if len(at.start) > 0 {
		p := s.placeOf(at.partition, at.start)
		from = &p
	}
	for n := first; n < first+per; n++ {
		sh := &shard{number: n, in: partition{source: s, at: position{partition: n}}, after: from}
		sh.behind = sh.in.at
		switch {
		case from == nil:
		case n == at.partition:
			sh.in.at, sh.after = at, nil
		default:
			sh.narrow(s, *from)
		}
		m.shards = append(m.shards, sh)
	}
	return m
}

// placeOf is the place of a row, or of a start key.
func (a *access) placeOf(number int, row item) place {
	p := place{number: number}
	for _, k := range a.rng {
		p.sort = append(p.sort, row[k.name])
	}
	return p
}

// compare orders places: by the sort key, then by shard, all of it turned round where the query is.
func (s *querySource) compare(a, b place) int {
	c := 0
	for i := range a.sort {
		if c = compareKeys(a.sort[i], b.sort[i]); c != 0 {
			break
		}
	}
	if c = cmp.Or(c, cmp.Compare(a.number, b.number)); s.desc {
		return -c
	}
	return c
}

// narrow has a shard begin at a place in another one, as near as a key condition can say it.
func (sh *shard) narrow(s *querySource, from place) {
	if len(s.fixed) == len(s.rng) { // one sort key: the shards before that of the place were given out
		sh.done = s.compare(place{from.sort, sh.number}, from) < 0
		return
	}
	sort := s.sort.beginning(from.sort[len(s.fixed)], s.desc)
	if x, err := s.expressionOf(sh.number, sort); err == nil {
		sh.in.x = &x
	}
}

// beginning is the range from a key on, that key included: the narrower of both.
func (r sortRange) beginning(av types.AttributeValue, desc bool) sortRange {
	out := r.wide()
	if r.kind == sortPrefix {
		out.lo = r.value
		if hi, ok := schema.Successor(r.value.(*types.AttributeValueMemberS).Value); ok {
			out.hi = keyText(hi)
		}
	}
	out.kind, out.value = sortBounds, nil
	if desc {
		out.hi = av
	} else {
		out.lo = av
	}
	return out
}

// sent is the range as a request says it: DynamoDB's BETWEEN includes both ends.
func (r sortRange) sent() sortRange {
	if r.lo != nil && r.hi != nil {
		return r.wide()
	}
	return r
}

// wide is the range with both ends included.
func (r sortRange) wide() sortRange {
	r.openLo, r.openHi = false, false
	return r
}

func (m *merge) fetch(ctx context.Context, size int) (fetched, error) {
	out := m.ready()
	if len(out.rows) == 0 && out.more {
		if err := m.read(ctx, size); err != nil {
			return fetched{}, err
		}
		out = m.ready()
	}
	return out, nil
}

// ready gives out the rows that are known to be next: those before which no shard may have anything unread.
func (m *merge) ready() fetched {
	var out fetched
	unread := m.unread()
	for {
		sh := m.first()
		if sh == nil || unread != nil && m.before(unread, sh) {
			break
		}
		out.rows, out.partitions = append(out.rows, sh.rows[0]), append(out.partitions, sh.number)
		if sh.drop(1); len(sh.rows) == 0 && !sh.done {
			unread = m.unread()
		}
	}
	if unread != nil {
		out.next, out.more = unread.behind, true
		out.back = unread.after != nil && m.source.compare(m.reach(unread), *unread.after) < 0
	}
	return out
}

// first is the shard with the row that comes first of those that were read; nil where none is left.
func (m *merge) first() *shard {
	var best *shard
	for _, sh := range m.shards {
		if len(sh.rows) > 0 && (best == nil || m.source.compare(sh.head, best.head) < 0) {
			best = sh
		}
	}
	return best
}

// unread is the shard that was read least far of those that have no row left and are not at their end; nil where there is none.
func (m *merge) unread() *shard {
	var least *shard
	for _, sh := range m.shards {
		switch {
		case len(sh.rows) > 0 || sh.done:
		case !sh.begun:
			return sh
		case least == nil || m.source.compare(m.reach(sh), m.reach(least)) < 0:
			least = sh
		}
	}
	return least
}

// before reports whether a shard that has no row left may have unread ones before the first row of another.
func (m *merge) before(unread, sh *shard) bool {
	return !unread.begun || m.source.compare(m.reach(unread), sh.head) < 0
}

// reach is the place up to which a shard was read.
func (m *merge) reach(sh *shard) place { return m.source.placeOf(sh.number, sh.behind.start) }

// read reads every shard that has no row left and may come before the first row of the others.
func (m *merge) read(ctx context.Context, size int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	first := m.first()
	var wanted []*shard
	for _, sh := range m.shards {
		if len(sh.rows) == 0 && !sh.done && (first == nil || m.before(sh, first)) {
			wanted = append(wanted, sh)
		}
	}
	errs := make(chan error, len(wanted))
	limit := make(chan struct{}, maxParallel)
	var wg sync.WaitGroup
	for _, sh := range wanted {
		limit <- struct{}{}
		wg.Go(func() {
			defer func() { <-limit }()
			if err := sh.read(ctx, size); err != nil {
				errs <- err
				cancel()
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs // the first one: the others were cancelled for it
}

// maxParallel bounds the requests that one query has under way.
const maxParallel = 64

// read reads one page of a shard.
func (sh *shard) read(ctx context.Context, size int) error {
	page, err := sh.in.fetch(ctx, size)
	if err != nil {
		return err
	}
	sh.rows, sh.behind, sh.done, sh.begun = page.rows, page.next, !page.more || sh.in.source.past(page.next.start), true
	if sh.after != nil {
		sh.rows = slices.DeleteFunc(sh.rows, sh.given)
	}
	sh.drop(0)
	return nil
}

// past reports whether nothing of the query lies behind a start key: a key condition that was made anew includes an end that the query's
// own does not, and a start key there would lie outside of that.
func (s *querySource) past(start item) bool {
	key, ranged := s.ranged()
	switch {
	case !ranged || len(start) == 0:
		return false
	case s.sort.kind == sortPrefix:
		return !s.sort.holds(start[key.name]) // keys before the prefix are never read
	case s.desc:
		return s.sort.lo != nil && !s.sort.above(start[key.name])
	}
	return s.sort.hi != nil && !s.sort.below(start[key.name])
}

// given reports whether a row was given out before, or is there only because the key condition was made anew.
func (sh *shard) given(row item) bool {
	s := sh.in.source
	key, ranged := s.ranged()
	return s.compare(s.placeOf(sh.number, row), *sh.after) <= 0 || ranged && !s.sort.holds(row[key.name])
}

// drop drops the first rows.
func (sh *shard) drop(n int) {
	if sh.rows = sh.rows[n:]; len(sh.rows) > 0 {
		sh.head = sh.in.source.placeOf(sh.number, sh.rows[0])
	}
}
