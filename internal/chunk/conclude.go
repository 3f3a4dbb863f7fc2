package chunk

import (
	"errors"
	"fmt"
	"time"
)

// errNoAnswer is of a client that ended its goroutine.
var errNoAnswer = errors.New("the client returned nothing")

// conclude settles what a request decided, and keeps the rest.
func (r *Run) conclude(a answer) {
	r.calls--
	r.stats.Requests++
	r.stats.Capacity += a.reply.capacity
	if a.reply.err != nil {
		r.failed(a)
		r.pace.release(&a.call.permit)
		return
	}
	done := a.reply.acknowledged(a.items)
	r.pace.answered(&a.call.permit, weight(done), float64(len(a.reply.left))/float64(len(a.items)))
	r.pace.release(&a.call.permit)
	for _, it := range done {
		r.settle(it, Done, nil)
	}
	r.keep(a.reply)
}

// keep has items that an answer left over wait for their next turn, those that were left equally often together.
func (r *Run) keep(back reply) {
	fresh := newDelayOnce(r.cfg)
	type again struct {
		delays *delay
		tries  int
	}
	groups := map[again]*group{}
	now := time.Now()
	for _, it := range back.left {
		it.tries++
		it.ambiguous = it.ambiguous || back.clouded
		it.cause = ErrUnprocessed
		if it.delays == nil {
			it.delays = fresh()
		}
		key := again{it.delays, it.tries}
		g := groups[key]
		if g == nil {
			delay, more := it.delays.step(it.tries)
			if !more || it.tries >= r.cfg.Attempts || r.stopped != nil {
				r.settle(it, Unprocessed, r.why(it))
				continue
			}
			g = &group{delay: delay, due: now.Add(delay)}
			groups[key] = g
		}
		g.items = append(g.items, it)
	}
	for _, g := range groups {
		r.line.wait(g)
	}
}

func newDelayOnce(cfg Config) func() *delay {
	var d *delay
	return func() *delay {
		if d == nil {
			d = newDelay(cfg.Backoff)
		}
		return d
	}
}

// failed takes in a request that was not answered, after all attempts of the SDK. It is not sent again as it is.
func (r *Run) failed(a answer) {
	err := a.reply.err
	for _, it := range a.items {
		it.cause = err
		it.ambiguous = it.ambiguous || a.reply.unknown
	}
	blame := judge(err)
	var ended *Ended
	switch {
	case errors.As(err, &ended):
		r.settleAll(a.items, Unprocessed, err)
		r.stop(ended)
	case blame == anItem && len(a.items) == 1:
		r.settle(a.items[0], Rejected, err)
	case blame == anItem && namesTwice(err): // apart, both would be written, in whatever order
		r.settleAll(a.items, Rejected, fmt.Errorf("%w: %w", ErrDuplicates, err))
	case blame == anItem:
		r.again(a.items[:len(a.items)/2], a.items[len(a.items)/2:])
	case blame == theTable && severalTables(a.items):
		r.again(byTable(a.items)...)
	case blame == theTable:
		r.settleAll(a.items, Unprocessed, err)
		r.halt(a.items[0].Table, err)
	case blame == everyone:
		r.settleAll(a.items, Unprocessed, err)
		r.stop(&Ended{Cause: err})
	default:
		r.settleAll(a.items, Unprocessed, err)
	}
}

// again has parts of a request sent by themselves, next.
func (r *Run) again(parts ...[]*Item) {
	if r.stopped == nil {
		r.line.ready = append(r.line.ready, parts...)
		return
	}
	for _, items := range parts {
		for _, it := range items {
			r.settle(it, Unprocessed, r.why(it))
		}
	}
}

func severalTables(items []*Item) bool {
	for _, it := range items {
		if it.Table != items[0].Table {
			return true
		}
	}
	return false
}

func byTable(items []*Item) (out [][]*Item) {
	at := map[string]int{}
	for _, it := range items {
		i, ok := at[it.Table]
		if !ok {
			i = len(out)
			at[it.Table], out = i, append(out, nil)
		}
		out[i] = append(out[i], it)
	}
	return out
}

// halt gives up a table that refuses everything; with the last one the run ends.
func (r *Run) halt(table string, err error) {
	r.halted[table] = err
	if len(r.halted) >= r.cfg.Tables {
		r.stop(&Ended{Cause: err})
		return
	}
	for _, it := range r.line.drain() {
		if it.Table == table {
			r.settle(it, Unprocessed, err)
		} else {
			r.line.held--
			r.readd(it)
		}
	}
}

// readd puts an item back into the line. One that has waited for its next turn goes on waiting, for as long again.
func (r *Run) readd(it *Item) {
	if it.tries == 0 {
		r.line.add(it)
		return
	}
	r.line.held++
	delay, _ := it.delays.step(it.tries)
	r.line.wait(&group{items: []*Item{it}, delay: delay, due: time.Now().Add(delay)})
}
