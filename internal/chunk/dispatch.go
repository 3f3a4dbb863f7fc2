package chunk

import "time"

// dispatch sends what may be sent now, and sets the timer for what may be later.
func (r *Run) dispatch() {
	wake := time.Time{}
	for r.stopped == nil && r.calls < r.pace.allowed() {
		now := time.Now()
		items, at := r.line.next(now, !r.closed)
		if items == nil {
			wake = at
			break
		}
		c := &call{permit: permit{pace: r.pace, weight: weight(items)}}
		ok, wait := r.pace.try(&c.permit)
		if !ok {
			r.line.ready = append([][]*Item{items}, r.line.ready...)
			if wait > 0 {
				wake = now.Add(wait)
			}
			break
		}
		r.send(items, c)
	}
	r.timer.Stop()
	if !wake.IsZero() {
		r.timer.Reset(time.Until(wake))
	}
}

func (r *Run) send(items []*Item, c *call) {
	r.calls++
	for _, it := range items {
		r.stats.Bytes += int64(it.size)
		if it.tries > 0 {
			r.stats.Retried++
		}
	}
	r.senders.Go(func() {
		a := answer{items: items, call: c, reply: reply{err: errNoAnswer, unknown: true}}
		defer func() {
			if p := recover(); p != nil { // of a client or a callback; nobody else would learn of it
				a.reply = reply{err: &Ended{Panic: p}, unknown: true}
			}
			r.answers <- a
		}()
		a.reply = r.cfg.Kind.send(r.ctx, items, c)
	})
}

// weight is about the units that items cost.
func weight(items []*Item) float64 {
	n := 0
	for _, it := range items {
		n += 1 + it.size/1024
	}
	return float64(n)
}
