package memdb

import (
	"math/bits"
	"strings"
)

// maxPage is how much a query or a scan reads at most, before filtering.
const maxPage = 1 << 20

// A page is one request of a Query or a Scan.
type page struct {
	in         *input
	scan       bool
	keys       *keyCondition // of a Query
	filter     *condition
	projection *projection

	// What follows is found under the lock.
	table *table
	index *index
	whole bool // a local index reads the whole items, from the table
	cut   bool // but only for the filter: the answer is what the index projects
	rows  []item
	last  item // the key to go on from, if there is more
	size  int  // of what was read
}

func (c *call) servePage(p *page) *Error {
	info := Call{Consistent: p.in.consistent}
	if err := c.enter(info, func() []Target { return []Target{p.target()} }); err != nil {
		return err
	}
	if err := c.reading(p.in.consistent, p.read); err != nil {
		return err
	}
	p.write(&c.out)
	return nil
}

// target describes the page to the gate; a query names its partition.
func (p *page) target() Target {
	out := Target{Table: p.in.tableName(), Index: given(p.in.index)}
	if p.keys == nil {
		return out
	}
	for _, t := range p.keys.terms {
		if t.op == "=" && out.Partition == "" {
			out.Partition = keyText(itemOf([]field{{"k", t.values[0]}}), []keyAttr{{name: "k"}})
		}
	}
	return out
}

// read collects the page's rows.
func (p *page) read(tables view) *Error {
	if p.table = tables(p.in.tableName()); p.table == nil {
		return errNoResource()
	}
	if err := p.findIndex(); err != nil {
		return err
	}
	if err := p.table.checkAllScalars(append(p.filter.paths(), p.projectionPaths()...)); err != nil {
		return err
	}
	ks := p.schema()
	if err := p.checkFilter(ks); err != nil {
		return err
	}
	if err := p.checkIndex(); err != nil {
		return err
	}
	s, err := p.span(ks)
	if err != nil {
		return err
	}
	if p.in.start.given {
		if s, err = p.startAfter(s); err != nil {
			return err
		}
	}
	p.collect(s)
	return nil
}

func (p *page) schema() *keySchema {
	if p.index != nil {
		return &p.index.keys
	}
	return &p.table.keys
}

func (p *page) findIndex() *Error {
	if p.in.index == nil {
		return nil
	}
	name := *p.in.index
	if p.index = p.table.index(name); p.index == nil {
		return invalid("The table does not have the specified index: " + name)
	}
	return nil
}

// checkIndex refuses what an index can't answer, and decides what a local one
// fetches from the table.
func (p *page) checkIndex() *Error {
	if p.index == nil {
		return nil
	}
	if p.index.global {
		if err := p.checkGlobal(); err != nil {
			return err
		}
	}
	byFilter := p.notProjected(p.filter.paths())
	if byFilter != nil && !p.scan {
		return invalidParameter("Secondary index " + p.index.name + " does not project one or more filter attributes: [" + strings.Join(byFilter, ", ") + "]")
	}
	if !p.index.global {
		p.whole = given(p.in.selects) == "ALL_ATTRIBUTES" || p.notProjected(p.projectionPaths()) != nil
		p.cut = byFilter != nil && !p.whole
		p.whole = p.whole || p.cut
	}
	return nil
}

// checkGlobal refuses what a global index has not got.
func (p *page) checkGlobal() *Error {
	if p.in.consistent {
		return invalid("Consistent reads are not supported on global secondary indexes")
	}
	if given(p.in.selects) == "ALL_ATTRIBUTES" && p.index.projection != "ALL" {
		return invalidParameter("Select type ALL_ATTRIBUTES is not supported for global secondary index " + p.index.name +
			" because its projection type is not ALL")
	}
	if missing := p.notProjected(p.projectionPaths()); missing != nil {
		return invalidParameter("Global secondary index " + p.index.name + " does not project [" + strings.Join(missing, ", ") + "]")
	}
	return nil
}

// notProjected names the attributes of paths that the index does not hold.
func (p *page) notProjected(paths []path) []string {
	missing := map[string]bool{}
	for _, pa := range paths {
		if !p.index.projects(p.table, pa[0].name) {
			missing[pa[0].name] = true
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return sortedKeys(missing)
}

func (p *page) projectionPaths() []path {
	if p.projection == nil {
		return nil
	}
	return p.projection.paths
}

// checkFilter keeps a query's filter off the key that it is queried by.
func (p *page) checkFilter(ks *keySchema) (err *Error) {
	if p.filter == nil || p.scan {
		return nil
	}
	p.filter.root.paths(func(pa path) {
		if err == nil && ks.has(pa[0].name) {
			err = invalid("Filter Expression can only contain non-primary key attributes: Primary key attribute: " + pa[0].name)
		}
	})
	return err
}

// span is the range of rows that the request is about.
func (p *page) span(ks *keySchema) (span, *Error) {
	if !p.scan {
		return p.keys.span(ks)
	}
	all := span{high: rowKey{hash: 1<<64 - 1, rest: "\xff\xff"}}
	if p.in.segment == nil {
		return all, nil
	}
	n, of := uint64(*p.in.segment), uint64(*p.in.segments)
	all.low.hash, _ = bits.Div64(n, 0, of)
	if n+1 < of {
		all.high = rowKey{}
		all.high.hash, _ = bits.Div64(n+1, 0, of)
	}
	return all, nil
}

// startAfter cuts off what came up to the ExclusiveStartKey.
func (p *page) startAfter(s span) (span, *Error) {
	const preamble = "The provided starting key is invalid"
	it := p.in.start.item
	ks := keySchema{hash: p.table.keys.hash, sort: p.table.keys.sort, joined: true}
	if p.index != nil {
		for a := range p.index.keys.each {
			if !ks.has(a.name) {
				ks.sort = append(ks.sort[:len(ks.sort):len(ks.sort)], a)
			}
		}
	}
	err := ks.checkKey(p.in.start)
	for _, part := range []*keySchema{&p.table.keys, p.schema()} {
		if err == nil {
			err = part.checkLengths(it)
		}
	}
	if err != nil {
		if err.Message == textNoSuchKey || p.index == nil {
			return s, invalid(preamble + ": " + err.Message)
		}
		return s, invalid(preamble)
	}
	key, _ := p.table.keys.rowKey(it)
	if p.index != nil {
		key, _ = p.index.rowKey(key, it)
	}
	switch {
	case p.scan && !s.has(key):
		return s, invalid(preamble + ": Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: " +
			itoa(int(*p.in.segments)) + " Segment: " + itoa(int(*p.in.segment)))
	case !s.has(key):
		return s, invalid("The provided starting key is outside query boundaries based on provided conditions")
	}
	if p.in.backward {
		s.high = key
	} else {
		s.low = rowKey{hash: key.hash, rest: key.rest + "\x00"}
	}
	return s, nil
}

// collect takes rows out of the tree until the page is full.
func (p *page) collect(s span) {
	rows := &p.table.rows
	if p.index != nil {
		rows = &p.index.rows
	}
	take := func(r row) bool {
		it := r.item
		if p.index != nil && !p.whole {
			it = p.index.project(p.table, it)
		}
		p.rows = append(p.rows, it)
		p.size += it.size()
		if p.size >= maxPage || p.in.limit != nil && int64(len(p.rows)) >= *p.in.limit {
			p.last = p.table.keys.keyOf(it)
			if p.index != nil {
				p.last = pickAttributes(it, append(p.table.keys.attrs(), p.index.keys.attrs()...))
			}
			return false
		}
		return true
	}
	if p.in.backward {
		rows.descend(s.high, func(r row) bool { return !r.key.less(s.low) && take(r) })
		return
	}
	rows.ascend(s.low, func(r row) bool { return r.key.less(s.high) && take(r) })
}

// write filters and projects the rows into the answer.
func (p *page) write(out *writer) {
	count := 0
	each := func() {
		for _, it := range p.rows {
			if p.filter.holds(it) {
				count++
				if p.cut {
					it = p.index.project(p.table, it)
				}
				if given(p.in.selects) != "COUNT" {
					out.item("", p.projection.apply(it))
				}
			}
		}
	}
	if given(p.in.selects) == "COUNT" {
		each()
	} else {
		out.array("Items", each)
	}
	out.int("Count", count)
	out.int("ScannedCount", len(p.rows))
	if p.last != "" {
		out.item("LastEvaluatedKey", p.last)
	}
	if level := given(p.in.capacity); level != "" {
		p.consumed().write(out, level)
	}
}

func (p *page) consumed() *consumed {
	var used consumed
	units := readUnits(p.size, p.in.consistent)
	if p.index == nil {
		used.addRead(p.table.name, units)
		return &used
	}
	if p.whole && p.index.projection != "ALL" {
		// Every item is fetched from the table, and counted on its own.
		size := 0
		for _, it := range p.rows {
			size += p.index.projectedSize(p.table, it)
			used.addRead(p.table.name, readUnits(it.size(), p.in.consistent))
		}
		units = readUnits(size, p.in.consistent)
	}
	used.addRead(p.table.name, 0)
	used.addIndexRead(p.table.name, p.index, units)
	return &used
}
