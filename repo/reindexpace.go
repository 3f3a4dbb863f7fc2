package repo

import (
	"context"
	"sync"
	"time"
)

// walkPage is the most rows that a walker asks for at once, and holds.
const walkPage = 1000

// pace bounds the rows that all walkers together read in a second. The zero pace bounds nothing.
type pace struct {
	rate int

	mu  sync.Mutex
	due time.Time // of the next row
}

// size is how many rows a request asks for: with a bound a quarter of a second's worth.
func (p *pace) size() int {
	if p.rate == 0 {
		return walkPage
	}
	return min(max(p.rate/4, 1), walkPage)
}

// wait waits until so many rows may be read.
func (p *pace) wait(ctx context.Context, rows int) error {
	if p.rate == 0 {
		return nil
	}
	return pause(ctx, time.Until(p.take(rows)))
}

// take is the time at which so many rows may be read; more may be read after them.
func (p *pace) take(rows int) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); p.due.Before(now) {
		p.due = now
	}
	at := p.due
	p.due = at.Add(p.last(rows))
	return at
}

// giveBack says that so many rows were not there.
func (p *pace) giveBack(rows int) {
	if p.rate == 0 || rows <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.due = p.due.Add(-p.last(rows))
}

func (p *pace) last(rows int) time.Duration {
	return time.Duration(float64(rows) / float64(p.rate) * float64(time.Second))
}
