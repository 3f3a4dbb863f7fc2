package chunk

import (
	"context"
	"sync"
	"time"
)

// The constants of the pace. Rates are in weights a second: an item weighs 1 and another 1 for each KB, about the units that it costs.
const (
	firstWindow = 8                      // workers at the start; they double in each round until something is refused
	firstPause  = 100 * time.Millisecond // after a throttle, as long as nothing is known of the rate; it doubles
	maxPause    = 2 * time.Second
	measurable  = 20 * time.Millisecond // shorter intervals say nothing of the rate
	slowest     = 25.0                  // the rate is never brought below
	paced       = 4                     // with fewer workers than that, the rate is limited as well
	enough      = 6                     // times that it was limited further, before it is judged
	helps       = 0.1                   // part of the items left, of late, below which it is of use
	futile      = 0.2                   // and above which it is of none
)

// pace decides when a request may be sent. It is the additive increase and multiplicative decrease of the number of workers and, since
// one worker alone may be more than a partition takes, a rate as well: what got through between two refusals is what the table takes,
// and the rate begins a little below that and grows faster and faster until the next.
type pace struct {
	workers int
	fixed   bool // never changes, for comparison

	mu      sync.Mutex
	window  float64 // requests at a time
	sending int     // attempts on their way
	waiting int     // attempts of the SDK that wait for their turn; they go before new requests
	slow    bool    // something was refused: no more doubling

	hold   time.Time // nothing is sent before
	pause  time.Duration
	rate   float64   // 0 while nothing limits it
	since  time.Time // of the rate
	clock  time.Time // the next request is due, at this rate
	last   time.Time // of the last refusal that counted
	passed float64   // weight acknowledged since

	lost   float64 // part of the items of an answer that was left, of late
	cuts   int     // times that the rate was limited further since it was last of use
	random bool    // slower did not help: what is left is left at any rate

	changed chan struct{} // closed when an attempt that waits may look again
}

func newPace(workers int, fixed bool) *pace {
	p := &pace{workers: workers, fixed: fixed, window: float64(min(workers, firstWindow)), pause: firstPause, changed: make(chan struct{})}
	if fixed {
		p.window = float64(workers)
	}
	return p
}

// allowed is how many requests may be under way.
func (p *pace) allowed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return int(p.window)
}

// permit is the leave of one request, taken for each of its attempts.
type permit struct {
	pace   *pace
	weight float64
	began  time.Time // of the attempt under way
	held   bool
}

// try takes the leave for a new request, or says how long to wait; 0 until another one ends.
func (p *pace) try(w *permit) (ok bool, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting > 0 {
		return false, 0
	}
	return p.take(w)
}

func (p *pace) take(w *permit) (bool, time.Duration) {
	now := time.Now()
	switch {
	case p.sending >= int(p.window):
		return false, 0
	case p.hold.After(now):
		return false, p.hold.Sub(now)
	case p.rate > 0 && p.clock.After(now):
		return false, p.clock.Sub(now)
	}
	if p.rate > 0 {
		if p.clock.Before(now) {
			p.clock = now
		}
		p.clock = p.clock.Add(time.Duration(w.weight / p.current(now) * float64(time.Second)))
	}
	p.sending++
	w.began, w.held = now, true
	return true, 0
}

// current is the rate by now: it starts at 95 %, is what it was after a second, half as much again after two and seven times that
// after four, since what was measured may have been too little.
func (p *pace) current(now time.Time) float64 {
	t := now.Sub(p.since).Seconds()
	return p.rate * (0.95 + 0.06*t*t + 0.02*t*t*t*t)
}

// again takes the leave for a further attempt of a request that gave it back, and waits for it.
func (p *pace) again(ctx context.Context, w *permit) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.held {
		return nil
	}
	p.waiting++
	defer func() { p.waiting-- }()
	for {
		ok, wait := p.take(w)
		if ok {
			return nil
		}
		changed := p.changed
		p.mu.Unlock()
		err := sleep(ctx, wait, changed)
		p.mu.Lock()
		if err != nil {
			return err
		}
	}
}

// sleep waits for a time, if it is any, or until something has changed.
func sleep(ctx context.Context, d time.Duration, changed <-chan struct{}) error {
	var over <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		over = t.C
	}
	select {
	case <-over:
	case <-changed:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// release gives the leave back.
func (p *pace) release(w *permit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.held {
		w.held = false
		p.sending--
	}
	p.wakeAll()
}

func (p *pace) wakeAll() {
	if p.waiting > 0 {
		close(p.changed)
		p.changed = make(chan struct{})
	}
}

// throttled takes in that an attempt was refused as a whole.
func (p *pace) throttled(w *permit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cuts, p.random = 0, false
	p.refused(w, 1, true)
}

// answered takes in an answer: the weight that it acknowledged, and the share of its items that it left.
func (p *pace) answered(w *permit, weight, left float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if weight > 0 && !w.began.Before(p.last) {
		p.passed += weight
		p.pause = firstPause
	}
	p.judge(left)
	switch {
	case p.fixed:
	case left > 0:
		p.refused(w, left, false)
	case p.slow:
		p.window = min(p.window+1/p.window, float64(p.workers))
	default:
		p.window = min(p.window+1, float64(p.workers))
	}
}

// judge sees whether a limited rate is of use: where the table takes less than is sent, hardly anything is left once it is.
func (p *pace) judge(left float64) {
	p.lost += (left - p.lost) / 4
	switch {
	case p.lost < helps:
		p.cuts = 0
	case p.rate > 0 && p.lost > futile && p.cuts > enough:
		p.rate, p.random = 0, true
	}
}

// refused slows down, once for all attempts that were under way at the time.
func (p *pace) refused(w *permit, share float64, throttled bool) {
	if p.fixed || w.began.Before(p.last) {
		return
	}
	now := time.Now()
	elapsed := now.Sub(p.last)
	measured := p.passed / elapsed.Seconds()
	useless := !throttled && (p.passed == 0 || p.random)
	known := !p.last.IsZero() && elapsed >= measurable && p.passed > 0
	p.last, p.passed, p.slow = now, 0, true
	if share < 1 && p.window >= paced && p.rate == 0 {
		p.window = max(1, p.window*(1-share/2))
		return
	}
	p.window = max(1, p.window/2)
	if useless {
		return // it does not help to be slow: the delays of the items are enough
	}
	switch {
	case p.rate > 0 && known:
		was := p.current(now)
		p.limit(now, min(max(measured, was/2), was))
	case p.rate > 0:
		p.limit(now, p.current(now)/2)
	case known:
		p.limit(now, measured)
	default:
		p.window, p.hold = 1, now.Add(p.pause) // nothing is known yet: feel the way
		p.pause = min(2*p.pause, maxPause)
		return
	}
	// What it takes is used up. A request of that size needs as long to be taken whole.
	p.clock = now.Add(time.Duration(w.weight / p.current(now) * float64(time.Second)))
}

func (p *pace) limit(now time.Time, rate float64) {
	p.cuts++
	p.rate, p.since = max(rate, slowest), now
}
