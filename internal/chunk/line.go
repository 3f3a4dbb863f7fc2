package chunk

import (
	"slices"
	"time"
)

// line holds the items that wait to be sent, and makes chunks of them. It knows no clock and sends nothing.
type line struct {
	limit, budget int // items and bytes of a request
	room          int // items that the run may hold at a time

	ready     [][]*Item // parts of chunks that were refused as a whole
	fresh     []*Item   // never sent
	freshSize int       // their bytes
	due       []*group  // whose delay is over
	waiting   []*group  // in the order in which they become due
	behind    map[string][]*Item
	held      int // all items of the run that are not settled, those on their way included

	ordered  bool // items of one key may come twice, and are sent one after the other
	flushing bool // fresh items go out without waiting for a full chunk
}

// group is what one answer left over.
type group struct {
	items []*Item
	due   time.Time
	delay time.Duration
}

// deadline is how long a group waits for others to fill its chunk: as long again as its own delay.
func (g *group) deadline() time.Time { return g.due.Add(g.delay) }

func (l *line) full() bool { return l.held >= l.room }

// add takes in an item. One whose key is held already waits until that is settled.
func (l *line) add(it *Item) {
	l.held++
	if l.ordered {
		if queue, held := l.behind[it.Key]; held {
			l.behind[it.Key] = append(queue, it)
			return
		}
		l.behind[it.Key] = nil
	}
	l.refresh(it)
}

func (l *line) refresh(it *Item) {
	l.fresh = append(l.fresh, it)
	l.freshSize += it.size
}

// settled lets the next item of the same key go.
func (l *line) settled(it *Item) {
	l.held--
	if !l.ordered {
		return
	}
	queue := l.behind[it.Key]
	if len(queue) == 0 {
		delete(l.behind, it.Key)
		return
	}
	l.behind[it.Key] = queue[1:]
	l.refresh(queue[0])
}

func (l *line) wait(g *group) {
	at, _ := slices.BinarySearchFunc(l.waiting, g, func(a, b *group) int { return a.due.Compare(b.due) })
	l.waiting = slices.Insert(l.waiting, at, g)
}

// drain empties the line.
func (l *line) drain() []*Item {
	all := slices.Concat(l.ready...)
	for _, g := range slices.Concat(l.due, l.waiting) {
		all = append(all, g.items...)
	}
	all = append(all, l.fresh...)
	for _, queue := range l.behind {
		all = append(all, queue...)
	}
	l.ready, l.fresh, l.due, l.waiting, l.behind = nil, nil, nil, nil, map[string][]*Item{}
	slices.SortStableFunc(all, func(a, b *Item) int { return a.Index - b.Index })
	return all
}

// next takes the next chunk out of the line: none where it is better to wait, and then until when; the zero time is until something
// happens. More says that more items may be added.
func (l *line) next(now time.Time, more bool) ([]*Item, time.Time) {
	if len(l.ready) > 0 {
		c := l.ready[0]
		l.ready = l.ready[1:]
		return c, time.Time{}
	}
	for len(l.waiting) > 0 && !l.waiting[0].due.After(now) {
		l.due = append(l.due, l.waiting[0])
		l.waiting = l.waiting[1:]
	}
	if len(l.due) == 0 && l.few() && l.holdFresh(more) {
		return nil, l.firstDue()
	}
	p := packing{line: l, bytes: envelope}
	switch whole := p.pack(); {
	case len(p.items) == 0:
		return nil, l.firstDue()
	case whole:
	case len(l.due) == 0 && l.holdFresh(more), len(l.due) > 0 && !l.goes(now, more):
		return nil, l.wake()
	}
	l.take(&p)
	return p.items, time.Time{}
}

// few reports whether the fresh items certainly fill no chunk.
func (l *line) few() bool { return len(l.fresh) < l.limit && l.freshSize < l.budget/2 }

// holdFresh reports whether fresh items that fill no chunk wait: for others to come, or for those that must be sent again anyway.
func (l *line) holdFresh(more bool) bool {
	switch {
	case l.flushing:
		return false
	case len(l.waiting) > 0:
		return true
	}
	return more && !l.full()
}

// goes reports whether a chunk of due items that is not full is to wait no longer: its time is over, or there is nobody to wait for.
func (l *line) goes(now time.Time, more bool) bool {
	at := l.dueDeadline()
	if !now.Before(at) || l.flushing || l.full() && !l.comes(at) {
		return true
	}
	return !more && !l.comes(at)
}

// comes reports whether a waiting group becomes due in time.
func (l *line) comes(at time.Time) bool {
	return len(l.waiting) > 0 && !l.waiting[0].due.After(at)
}

func (l *line) dueDeadline() time.Time {
	at := l.due[0].deadline()
	for _, g := range l.due[1:] {
		if d := g.deadline(); d.Before(at) {
			at = d
		}
	}
	return at
}

func (l *line) firstDue() time.Time {
	if len(l.waiting) == 0 {
		return time.Time{}
	}
	return l.waiting[0].due
}

// wake is when a chunk that is not full may be one, or must go.
func (l *line) wake() time.Time {
	at := l.firstDue()
	if len(l.due) > 0 {
		if d := l.dueDeadline(); at.IsZero() || d.Before(at) {
			at = d
		}
	}
	return at
}

// packing is a chunk in the making: due items first, then fresh ones, until one does not fit.
type packing struct {
	line   *line
	items  []*Item
	bytes  int
	due    int // how many of the items were due
	tables []*Item
}

// pack fills the chunk, and reports whether nothing more fits.
func (p *packing) pack() (whole bool) {
	p.items = make([]*Item, 0, p.line.limit)
	for _, g := range p.line.due {
		for _, it := range g.items {
			if !p.put(it) {
				return true
			}
			p.due++
		}
	}
	for _, it := range p.line.fresh {
		if !p.put(it) {
			return true
		}
	}
	return len(p.items) == p.line.limit
}

func (p *packing) put(it *Item) bool {
	size := it.size
	at := slices.IndexFunc(p.tables, func(other *Item) bool { return other.Table == it.Table })
	switch {
	case at < 0:
		size += tableSize(it.Table, it.View)
	case p.tables[at].View != it.View:
		return false
	}
	if len(p.items) > 0 && (len(p.items) == p.line.limit || p.bytes+size > p.line.budget) {
		return false
	}
	if at < 0 {
		p.tables = append(p.tables, it)
	}
	p.bytes += size
	p.items = append(p.items, it)
	return true
}

// take removes what was packed.
func (l *line) take(p *packing) {
	left := p.due
	for left > 0 {
		g := l.due[0]
		n := min(left, len(g.items))
		if g.items, left = g.items[n:], left-n; len(g.items) == 0 {
			l.due = l.due[1:]
		}
	}
	fresh := len(p.items) - p.due
	for _, it := range p.items[p.due:] {
		l.freshSize -= it.size
	}
	clear(l.fresh[:fresh])
	if l.fresh = l.fresh[fresh:]; len(l.fresh) == 0 {
		l.flushing = false
	}
}
