package batch

import (
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/chunk"
)

// slot is a key that is read ahead, and how many inputs wait for it.
type slot[T any] struct {
	key     string
	waiting int
	settled bool
	row     map[string]types.AttributeValue // as long as further inputs may want a value of their own
	value   T
	found   bool
	used    bool // the value was yielded
	state   State
	err     error
}

// ahead is what a GetSeq has asked for and not yielded yet.
type ahead[T any] struct {
	batch *Batch[T]
	limit int // inputs that may wait
	view  *types.KeysAndAttributes
	asked int // inputs that were taken in

	mu      sync.Mutex // of all below, and of the book
	changed sync.Cond  // some slot was settled
	book    *book
	byKey   map[string]*slot[T]
	queue   []*slot[T] // in the order asked for; a slot that is asked for again stands there again
	decided int        // inputs whose slot is settled
}

func newAhead[T any](b *Batch[T], book *book) *ahead[T] {
	workers := b.options.Workers
	if workers == 0 {
		workers = chunk.DefaultWorkers
	}
	a := &ahead[T]{batch: b, book: book, limit: (workers + 1) * chunk.MaxReads, byKey: map[string]*slot[T]{}}
	a.changed.L = &a.mu
	return a
}

func (a *ahead[T]) config() chunk.Config {
	cfg := a.batch.options.config(a.batch.reads(a.rows), a.book)
	cfg.Settled = a.settled
	if report := a.batch.options.Progress; report != nil {
		cfg.Progress = func(s chunk.Stats) { report(progress(s, a.done(), 0)) }
	}
	return cfg
}

func (a *ahead[T]) done() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.decided
}

// ask takes in an example. It is false where the run takes nothing more.
func (a *ahead[T]) ask(run *chunk.Run, index int, example T) bool {
	it := &chunk.Item{Index: index}
	a.batch.planRead(it, example, &a.view)
	if it.Refused != nil {
		a.enqueue(&slot[T]{settled: true, state: Rejected, err: it.Refused})
		return true
	}
	if a.join(it.Key) {
		return true
	}
	s := &slot[T]{key: it.Key}
	a.mu.Lock()
	a.byKey[it.Key] = s
	a.mu.Unlock()
	if !run.Add(it) {
		return false
	}
	a.enqueue(s)
	return true
}

// join has an input wait for a slot that there is.
func (a *ahead[T]) join(key string) bool {
	a.mu.Lock()
	s := a.byKey[key]
	a.mu.Unlock()
	if s != nil {
		a.enqueue(s)
	}
	return s != nil
}

func (a *ahead[T]) enqueue(s *slot[T]) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked++
	s.waiting++
	if s.settled {
		a.decided++
	}
	a.queue = append(a.queue, s)
}

// rows decodes what a request found, on its goroutine.
func (a *ahead[T]) rows(_ string, rows []map[string]types.AttributeValue) {
	for _, row := range rows {
		key := a.batch.name(row)
		v, found, err := a.batch.repo.DecodeRead(row)
		a.mu.Lock()
		if s := a.byKey[key]; s != nil {
			s.row, s.value, s.found, s.err = row, v, found, err
		}
		a.mu.Unlock()
	}
}

// settled is the run's word.
func (a *ahead[T]) settled(it *chunk.Item, state chunk.State, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.byKey[it.Key]
	if s == nil {
		return
	}
	switch {
	case state != chunk.Done:
		s.state, s.err = State(state), a.book.explain(err)
	case s.err != nil:
		s.state, s.err = Rejected, planned(s.err)
	}
	s.settled = true
	a.decided += s.waiting
	a.changed.Signal()
}

// answer yields from the head of the queue: what is settled and, as long as so many inputs wait, what has to be waited for. It is false
// where the loop was left.
func (a *ahead[T]) answer(run *chunk.Run, yield func(T, error) bool, limit int) bool {
	for {
		v, found, any := a.pop(run, limit)
		if !any {
			return true
		}
		if found && !yield(v, nil) {
			return false
		}
	}
}

// pop takes the head of the queue, and enters in the books what became of it.
func (a *ahead[T]) pop(run *chunk.Run, limit int) (v T, found, any bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.queue) >= limit && !a.queue[0].settled {
		if len(a.byKey) < a.limit { // inputs that wait for one another fill no chunk
			a.mu.Unlock()
			run.Flush()
			a.mu.Lock()
		}
		if !a.queue[0].settled {
			a.changed.Wait()
		}
	}
	if len(a.queue) == 0 || !a.queue[0].settled {
		return v, false, false
	}
	s := a.queue[0]
	a.queue[0] = nil
	a.queue = a.queue[1:]
	a.book.settle(a.asked-len(a.queue)-1, s.state, s.err)
	if s.waiting--; s.waiting == 0 && s.key != "" {
		delete(a.byKey, s.key)
	}
	return a.value(s), s.found && s.state == Written, true
}

// value is the value of a slot: its own for the first input, and fresh ones for the others, so that they share nothing.
func (a *ahead[T]) value(s *slot[T]) T {
	if !s.used || !s.found {
		s.used = true
		return s.value
	}
	v, _, _ := a.batch.repo.DecodeRead(s.row)
	return v
}
