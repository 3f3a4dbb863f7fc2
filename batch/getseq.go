package batch

import (
	"context"
	"iter"
	"runtime/debug"

	"github.com/monotable/monotable/internal/chunk"
)

// GetSeq reads the items of a sequence of examples as [Batch.Get] does, and yields those found in the order in which they were asked
// for, at constant memory: it draws as many examples ahead as its workers need. A key that is asked for again while it is on its way is
// read once. Items come first and then at most one error, an [*Error] with the zero value of T, which the sequence ends with; an error
// of the examples, and a panic of theirs, is in it. Breaking off cancels the requests under way. Nothing is sent before it is ranged
// over, and ranging again reads again.
func (b *Batch[T]) GetSeq(ctx context.Context, examples iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		book, err := b.open("GetSeq", -1, "")
		if err == nil && examples == nil {
			err = errNoSequence
		}
		if err != nil {
			yield(zero, book.invalid(err))
			return
		}
		if err := stream(ctx, b, book, examples, yield); err != nil {
			yield(zero, err)
		}
	}
}

// stream draws, sends and yields. It is nil where the loop was left, for then nobody is there to hear of an error.
func stream[T any](ctx context.Context, b *Batch[T], book *book, examples iter.Seq2[T, error], yield func(T, error) bool) error {
	a := newAhead(b, book)
	run := chunk.Start(ctx, a.config())
	defer func() { _, _ = run.Wait() }()
	defer run.Stop()
	next, stop := iter.Pull2(examples)
	defer stop()
	var failed error
	for index := 0; ; index++ {
		v, err, more := draw(next)
		if failed = err; !more || err != nil || !a.ask(run, index, v) {
			break
		}
		if !a.answer(run, yield, a.limit) {
			return nil
		}
	}
	run.Finish()
	if !a.answer(run, yield, 1) {
		return nil
	}
	return finish(ctx, run, book, a.asked, failed)
}

// draw takes the next example. What the sequence panics with is an error of it.
func draw[T any](next func() (T, error, bool)) (v T, err error, more bool) {
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{Value: p, Stack: debug.Stack()}
		}
	}()
	v, err, more = next()
	if err != nil {
		err = sequenceFailed(err)
	}
	return v, err, more
}
