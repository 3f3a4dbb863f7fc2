package chunk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Run is one call: items are added by one goroutine, which then waits. What it starts has ended when Wait returns.
type Run struct {
	cfg    Config
	ctx    context.Context
	cancel context.CancelFunc

	in    chan *Item
	flush chan struct{}
	over  chan struct{} // closed when nothing more is taken in
	done  chan struct{} // closed when the coordinator has ended
	once  sync.Once

	senders sync.WaitGroup

	// Of the coordinator alone, until it has ended.
	line    line
	pace    *pace
	stats   Stats
	calls   int // requests under way
	answers chan answer
	closed  bool             // no more items will come
	stopped error            // why nothing more is sent
	halted  map[string]error // tables that refuse everything
	timer   *time.Timer

	reported int // items that were settled at the last report
}

// answer is a request that has come back.
type answer struct {
	items []*Item
	call  *call
	reply reply
}

// Start begins a run. Its requests end with the context.
func Start(ctx context.Context, cfg Config) *Run {
	cfg = cfg.withDefaults()
	r := &Run{cfg: cfg, in: make(chan *Item, cfg.Kind.limit()), flush: make(chan struct{}), over: make(chan struct{}), done: make(chan struct{}),
		answers: make(chan answer), halted: map[string]error{}, pace: newPace(cfg.Workers, cfg.Fixed)}
	r.ctx, r.cancel = context.WithCancel(ctx)
	r.line = line{limit: cfg.Kind.limit(), budget: cfg.Bytes, room: (cfg.Workers + 2) * cfg.Kind.limit(), ordered: cfg.Ordered, behind: map[string][]*Item{}}
	go r.coordinate()
	return r
}

// Add gives an item to the run, and waits while it holds as many as it may. It is false where the run takes nothing more; then the item
// was not drawn, and is not settled.
func (r *Run) Add(it *Item) bool {
	select {
	case <-r.over:
		return false
	default:
	}
	select {
	case r.in <- it:
		return true
	case <-r.over:
		return false
	}
}

// Flush has items that were added go out without waiting for a full chunk.
func (r *Run) Flush() {
	select {
	case r.flush <- struct{}{}:
	case <-r.done:
	}
}

// Finish says that no more items come, so that the last chunk goes out. Wait does so as well.
func (r *Run) Finish() { r.once.Do(func() { close(r.in) }) }

// Stop ends the run early: requests under way are cancelled, and nothing more is sent.
func (r *Run) Stop() { r.cancel() }

// Wait waits until every item is settled. The error says why the run ended early: the context's, or an [*Ended]. It may be called
// again.
func (r *Run) Wait() (Stats, error) {
	r.Finish()
	<-r.done
	return r.stats, r.stopped
}

// Ended is a run that the service or the caller's own code put an end to.
type Ended struct {
	Cause error // of the request; nil after a panic
	Panic any   // what a callback panicked with
}

func (e *Ended) Error() string {
	if e.Cause == nil {
		return "a callback panicked"
	}
	return "the service refuses every request"
}

func (e *Ended) Unwrap() error { return e.Cause }

// coordinate is the one goroutine that knows the state of the run.
func (r *Run) coordinate() {
	defer close(r.done)
	defer r.senders.Wait()
	defer r.cancel()
	r.timer = time.NewTimer(time.Hour)
	defer r.timer.Stop()
	for {
		if r.stopped == nil && r.ctx.Err() != nil {
			r.stop(r.ctx.Err())
		}
		r.dispatch()
		if r.closed && r.calls == 0 && r.line.held == 0 {
			if r.stats.Settled > r.reported {
				r.report()
			}
			return
		}
		r.await()
	}
}

// await takes in the next thing that happens.
func (r *Run) await() {
	in := r.in
	if r.closed || r.line.full() {
		in = nil
	}
	ended := r.ctx.Done()
	if r.stopped != nil {
		ended = nil
	}
	select {
	case it, ok := <-in:
		r.take(it, ok)
		r.takeMore()
	case a := <-r.answers:
		r.conclude(a)
		r.report()
	case <-r.flush:
		r.takeMore()
		r.line.flushing = true
	case <-r.timer.C:
	case <-ended:
	}
}

// takeMore takes what was added already, as far as there is room.
func (r *Run) takeMore() {
	for !r.closed && !r.line.full() {
		select {
		case it, ok := <-r.in:
			r.take(it, ok)
		default:
			return
		}
	}
}

func (r *Run) take(it *Item, ok bool) {
	if !ok {
		r.closed = true
		return
	}
	if it.Refused == nil {
		it.size = r.cfg.Kind.size(it)
		if envelope+it.size+tableSize(it.Table, it.View) > r.cfg.Bytes {
			it.Refused = ErrTooLarge
		}
	}
	switch {
	case it.Refused != nil:
		r.count(it, Rejected, it.Refused)
	case r.stopped != nil: // added while the run was ending
		r.count(it, Unprocessed, r.why(it))
	case r.halted[it.Table] != nil:
		r.count(it, Unprocessed, r.halted[it.Table])
	default:
		r.line.add(it)
	}
}

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
		if it.cause == nil {
			it.cause = ErrUnprocessed
		}
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

// stop ends the run: nothing more is sent or taken in, and what waits is settled. Requests under way are waited for.
func (r *Run) stop(why error) {
	if r.stopped != nil {
		return
	}
	r.stopped = why
	close(r.over)
	for _, it := range r.line.drain() {
		r.count(it, Unprocessed, r.why(it))
		r.line.held--
	}
}

// Stopped is the cause of an item that was not sent, or not sent again, because the run ended.
type Stopped struct {
	Why  error // why the run ended
	Last error // what became of the item's last request; nil where there was none
}

func (e *Stopped) Error() string { return "the run ended before the item was done" }

// Unwrap gives both causes.
func (e *Stopped) Unwrap() []error {
	if e.Last == nil {
		return []error{e.Why}
	}
	return []error{e.Why, e.Last}
}

// why is the cause of an item that is not done.
func (r *Run) why(it *Item) error {
	if r.stopped != nil {
		return &Stopped{Why: r.stopped, Last: it.cause}
	}
	return it.cause
}

func (r *Run) settleAll(items []*Item, s State, err error) {
	for _, it := range items {
		r.settle(it, s, err)
	}
}

// settle decides about an item that is in the line's books.
func (r *Run) settle(it *Item, s State, err error) {
	r.count(it, s, err)
	r.line.settled(it)
}

// count tells the caller. Ambiguity sticks until the item is acknowledged.
func (r *Run) count(it *Item, s State, err error) {
	if it.ambiguous && s != Done {
		s = Ambiguous
	}
	r.stats.Settled++
	if r.cfg.Settled != nil {
		r.cfg.Settled(it, s, err)
	}
}

// report shows the progress. A callback that panics ends the run, and is not called again.
func (r *Run) report() {
	if r.cfg.Progress == nil {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			r.cfg.Progress = nil
			r.stop(&Ended{Panic: p})
			r.cancel()
		}
	}()
	r.stats.Workers, r.reported = r.pace.allowed(), r.stats.Settled
	r.cfg.Progress(r.stats)
}
