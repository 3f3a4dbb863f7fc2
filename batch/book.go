package batch

import (
	"cmp"
	"context"
	"reflect"
	"slices"

	"github.com/monotable/monotable/internal/chunk"
)

// maxListed is how many failures of a sequence are listed.
const maxListed = 10_000

// book is where every input ends. It is used by one goroutine at a time: the run's, and before and after that the caller's.
type book struct {
	op, entity string
	total      int // inputs of a list; 0 for a sequence

	counts   [4]int
	failures []Failure
	unlisted int
	decided  []bool        // of a list: which inputs are
	others   map[int][]int // inputs that share the fate of one that is sent
	tables   []string      // of each input, where they are on several

	last     error // the last cause and what was made of it: requests fail by the chunk
	lastMade error
}

// newBook opens the books of a list, or with a negative number those of a sequence.
func newBook(op, entity string, inputs int) *book {
	b := &book{op: op, entity: entity}
	if inputs >= 0 {
		b.total, b.decided = inputs, make([]bool, inputs)
	}
	return b
}

func (b *book) done() int { return b.counts[0] + b.counts[1] + b.counts[2] + b.counts[3] }

// settled is the run's word.
func (b *book) settled(it *chunk.Item, s chunk.State, err error) {
	b.settle(it.Index, State(s), b.explain(err))
}

func (b *book) explain(err error) error {
	if err == nil {
		return nil
	}
	if stopped, ok := err.(*chunk.Stopped); ok && stopped.Last == nil { //nolint:errorlint // these differ only by identity
		err = stopped.Why
		return &cause{"the call ended before", []error{explain(err)}}
	}
	if reflect.TypeOf(err).Kind() != reflect.Pointer {
		return explain(err)
	}
	if err != b.last { //nolint:errorlint // identity is meant
		b.last, b.lastMade = err, explain(err)
	}
	return b.lastMade
}

// settle decides about an input, and about those that share its fate.
func (b *book) settle(index int, s State, err error) {
	b.enter(index, s, err)
	for _, other := range b.others[index] {
		b.enter(other, s, err)
	}
}

func (b *book) enter(index int, s State, err error) {
	b.counts[s]++
	if b.decided != nil {
		b.decided[index] = true
	}
	switch {
	case s == Written:
	case b.decided == nil && len(b.failures) >= maxListed:
		b.unlisted++
	default:
		f := Failure{Index: index, State: s, Err: err}
		if b.tables != nil {
			f.Table = b.tables[index]
		}
		b.failures = append(b.failures, f)
	}
}

// refuse decides about all inputs that nothing is decided about yet: they are not sent.
func (b *book) refuse(err error) {
	for i, decided := range b.decided {
		if !decided {
			b.enter(i, Unprocessed, err)
		}
	}
}

// close is the error of the call: nil where everything is written. Next is the first input that was never drawn.
func (b *book) close(next int, why error) error {
	if why != nil {
		b.refuse(&cause{"the call ended before", []error{why}})
	}
	if why == nil && b.done() == b.counts[Written] {
		return nil
	}
	slices.SortFunc(b.failures, func(x, y Failure) int { return cmp.Compare(x.Index, y.Index) })
	return &Error{Op: b.op, Entity: b.entity, Failures: b.failures, Unlisted: b.unlisted, Next: next, cause: why,
		Written: b.counts[Written], Unprocessed: b.counts[Unprocessed], Rejected: b.counts[Rejected], Ambiguous: b.counts[Ambiguous]}
}

// invalid is the error of a call that is refused as it is.
func (b *book) invalid(err error) error {
	b.refuse(err)
	return b.close(b.total, err)
}

// ending is why a run ended early, made safe to show, with the cause that the context was given.
func ending(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	why := explain(err)
	if given := context.Cause(ctx); given != nil && ctx.Err() != nil && given != ctx.Err() { //nolint:errorlint // the same or another
		return &cause{why.Error(), []error{why, given}}
	}
	return why
}
