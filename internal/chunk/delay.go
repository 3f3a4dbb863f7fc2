package chunk

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sethvargo/go-retry"
)

const (
	maxDelay  = 5 * time.Second
	minDelay  = time.Millisecond // full jitter may draw nothing at all, and nothing is sent again without a delay
	firstBase = 50 * time.Millisecond
)

// DefaultBackoff doubles from 50 ms. The run caps it and adds the jitter.
func DefaultBackoff() retry.Backoff { return retry.NewExponential(firstBase) }

// CheckBackoff reports what is wrong with a factory: it returns nil, or it panics, as the constructors of go-retry do for a base of
// nothing. It uses up a backoff of its own.
func CheckBackoff(factory func() retry.Backoff) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the backoff factory panics")
		}
	}()
	if factory() == nil {
		return fmt.Errorf("the backoff factory returns nil")
	}
	return nil
}

// delay is the backoff of the items that one request left unprocessed. A Backoff is spent by use and items of one request may part
// ways, so that each step is drawn once and kept.
type delay struct {
	next  retry.Backoff
	steps []time.Duration
	ended bool
}

// newDelay makes a fresh backoff. It is nil where the factory has none to give, which CheckBackoff finds in time.
func newDelay(factory func() retry.Backoff) (d *delay) {
	d = &delay{ended: true}
	defer func() { _ = recover() }()
	if b := factory(); b != nil {
		d.next, d.ended = b, false
	}
	return d
}

// step is the delay before the nth resend, from 1: at most what the backoff says, at most the cap, and a random part of that. There
// is none where the backoff has ended.
func (d *delay) step(n int) (time.Duration, bool) {
	for len(d.steps) < n && !d.ended {
		limit, stop := d.next.Next()
		if d.ended = stop; !stop {
			d.steps = append(d.steps, jitter(min(limit, maxDelay)))
		}
	}
	if len(d.steps) < n {
		return 0, false
	}
	return d.steps[n-1], true
}

// jitter draws from the whole range. The cap is inside: jitter around a capped value could exceed it.
func jitter(limit time.Duration) time.Duration {
	return max(minDelay, time.Duration(rand.Int64N(int64(max(limit, 1)))+1))
}
