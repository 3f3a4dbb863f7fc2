package chunk

import (
	"context"

	"github.com/sethvargo/go-retry"
)

// The defaults of a [Config].
const (
	DefaultWorkers  = 8
	DefaultBytes    = 12 << 20
	DefaultAttempts = 128
)

// Config says how a run works. Kind is needed; everything else has a default.
type Config struct {
	Kind Kind

	Workers  int                  // requests at a time, at most
	Bytes    int                  // of a request
	Attempts int                  // answers that may leave an item before it is unprocessed for good
	Backoff  func() retry.Backoff // a fresh one for each request; the run caps its delays at 5 s and takes a random part of them
	Ordered  bool                 // the same key may be added again, and is sent after the one before it is settled
	Tables   int                  // how many tables there are; once all of them refuse everything nothing more is taken in
	Fixed    bool                 // the workers never shrink, for comparison

	// Settled is called once for each item, Progress after each request; both on one goroutine at a time.
	Settled  func(*Item, State, error)
	Progress func(Stats)
}

// Kind is a kind of request: [Writes] or [Reads].
type Kind interface {
	limit() int
	size(*Item) int
	send(context.Context, []*Item, *call) reply
}

// Stats are the counts of a run so far.
type Stats struct {
	Settled  int     // items
	Retried  int     // items that were sent again
	Requests int     // that were answered, or failed; those that the SDK repeated count once
	Bytes    int64   // of items sent, as JSON
	Capacity float64 // units consumed, as far as they were reported
	Workers  int     // allowed now
}

func (c Config) withDefaults() Config {
	c.Workers = orDefault(c.Workers, DefaultWorkers)
	c.Bytes = orDefault(c.Bytes, DefaultBytes)
	c.Attempts = orDefault(c.Attempts, DefaultAttempts)
	c.Tables = orDefault(c.Tables, 1)
	if c.Backoff == nil {
		c.Backoff = DefaultBackoff
	}
	return c
}

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}
