package chunk

import (
	"context"
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
