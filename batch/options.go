package batch

import (
	"fmt"

	"github.com/sethvargo/go-retry"

	"github.com/monotable/monotable/internal/chunk"
)

// Options say how a batch works. The zero value is valid. What is wrong with them comes out of every call as [ErrInvalid].
type Options struct {
	// Workers is how many requests are under way at a time, at most. They become fewer while the service throttles or leaves items
	// unprocessed. Above the idle connections of the HTTP client, which are 10 per host for a client of the SDK's own, connections
	// are made and dropped all the time. From 1 to 1,000; defaults to 8.
	Workers int
	// Backoff makes the delays before unprocessed items are sent again: a new one for each request that left some. Delays are cut at
	// 5 s, and each is a random part of what is left; a backoff that stops ends the attempts of its items. Defaults to one that
	// doubles from 50 ms.
	Backoff func() retry.Backoff
	// Progress is called after each request, one call at a time, on a goroutine of the batch, which waits for it. It also turns
	// the reporting of consumed capacity on. If it panics the call ends, with a [*PanicError].
	Progress func(Progress)
	// Bytes is how large a request may be, as JSON. An item that is larger by itself is rejected. From 1 KiB to 16 MiB, which is
	// what DynamoDB takes; defaults to 12 MiB.
	Bytes int
	// Duplicates says what becomes of several inputs of a list with one key. Defaults to RefuseDuplicates.
	Duplicates Duplicates
	// Attempts is how many answers may leave an item unprocessed before it is so for good. At least 1; defaults to 128, which
	// takes about five minutes. The attempts of the SDK within a request do not count.
	Attempts int
	// Consistent makes reads strongly consistent, at twice the read capacity. So does a repository's Consistent view.
	Consistent bool
	// Keys names the attributes of the primary keys of tables, for WriteItems: without them two puts of a table are taken for puts of
	// one item only if they are equal in all attributes, unless a delete of the same call shows what the table's keys are.
	Keys map[string][]string
}

// Duplicates say what becomes of several inputs of a list with one key. Sequences keep order instead: there the next one waits.
type Duplicates uint8

// What may become of duplicates.
const (
	RefuseDuplicates Duplicates = iota // nothing is sent, and the duplicates are rejected
	LastWins                           // the last one is sent, and the others share its fate
)

// Progress is how far a call has come.
type Progress struct {
	Done     int     // inputs whose fate is decided, failures included
	Total    int     // inputs; 0 for a sequence, where nobody knows
	Retried  int     // items that were sent again
	Requests int     // requests that have come back; those that the SDK repeated count once
	Bytes    int64   // of items sent, as JSON
	Capacity float64 // units consumed, as DynamoDB reports them
	Workers  int     // requests that may be under way at this moment
}

const (
	maxWorkers = 1000
	minBytes   = 1 << 10
	maxBytes   = 16 << 20
)

// check says what is wrong with the options; "" for nothing.
func (o *Options) check() string {
	switch {
	case o.Workers < 0 || o.Workers > maxWorkers:
		return fmt.Sprintf("Workers is %d; it must be from 1 to %d, or 0 for the default", o.Workers, maxWorkers)
	case o.Bytes != 0 && (o.Bytes < minBytes || o.Bytes > maxBytes):
		return fmt.Sprintf("Bytes is %d; it must be from %d to %d, or 0 for the default", o.Bytes, minBytes, maxBytes)
	case o.Attempts < 0:
		return fmt.Sprintf("Attempts is %d; it must be at least 1, or 0 for the default", o.Attempts)
	case o.Duplicates > LastWins:
		return fmt.Sprintf("Duplicates is %d; it must be RefuseDuplicates or LastWins", o.Duplicates)
	}
	if o.Backoff != nil {
		if err := chunk.CheckBackoff(o.Backoff); err != nil {
			return err.Error() + "; it must return a new backoff each time"
		}
	}
	return ""
}

// config is the machinery's part of the options.
func (o *Options) config(kind chunk.Kind, book *book) chunk.Config {
	cfg := chunk.Config{Kind: kind, Workers: o.Workers, Bytes: o.Bytes, Attempts: o.Attempts, Backoff: o.Backoff, Settled: book.settled}
	if o.Progress != nil {
		cfg.Progress = func(s chunk.Stats) { o.Progress(progress(s, book.done(), book.total)) }
	}
	return cfg
}

func progress(s chunk.Stats, done, total int) Progress {
	return Progress{Done: done, Total: total, Retried: s.Retried, Requests: s.Requests, Bytes: s.Bytes, Capacity: s.Capacity, Workers: s.Workers}
}
