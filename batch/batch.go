package batch

import (
	"context"
	"errors"
	"iter"
	"runtime/debug"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attempt"
	"github.com/monotable/monotable/internal/chunk"
	"github.com/monotable/monotable/repo"
)

// Batch writes and reads many items of one entity. It is immutable and safe for concurrent use; each call has workers of its own.
type Batch[T any] struct {
	repo    *repo.Repository[T]
	options Options
	keys    []string // the attributes of the table's key
	wrong   string   // what every call is refused for
}

// New makes a batch of a repository or of a view of one, whose options (With) its requests are sent with. It sends nothing and refuses
// nothing: a nil repository and options that mean nothing are [ErrInvalid] of every call.
func New[T any](r *repo.Repository[T], o Options) *Batch[T] {
	b := &Batch[T]{repo: r, options: o}
	if r == nil {
		b.wrong = "the repository is nil; make one with repo.New"
	} else {
		b.keys, b.wrong = r.KeyAttributes(), o.check()
	}
	return b
}

// open opens the books of a call, and reports whether it can be made; with a verb, whether the entity can be written.
func (b *Batch[T]) open(op string, inputs int, verb string) (*book, error) {
	switch {
	case b == nil || b.repo == nil:
		return newBook(op, "", inputs), invalid("the repository is nil; make one with repo.New")
	case b.wrong != "":
		return newBook(op, b.repo.Entity(), inputs), invalid(b.wrong)
	}
	book := newBook(op, b.repo.Entity(), inputs)
	if verb == "" {
		return book, nil
	}
	return book, b.repo.BatchWritable(verb)
}

// name tells the items of the table apart: it is their key.
func (b *Batch[T]) name(row map[string]types.AttributeValue) string {
	var space [keySpace]byte
	return string(appendKey(space[:0], row, b.keys))
}

// writes is the kind of run that writes with this batch.
func (b *Batch[T]) writes() *chunk.Writes {
	sender := b.repo.Sender()
	return &chunk.Writes{
		Name:     func(_ string, row map[string]types.AttributeValue, _ bool) string { return b.name(row) },
		Capacity: b.options.reporting(),
		Send: func(ctx context.Context, in *dynamodb.BatchWriteItemInput, o func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, attempt.Outcome, error) {
			return sender.With(o).BatchWriteItem(ctx, in)
		},
	}
}

// reads is the kind of run that reads with this batch.
func (b *Batch[T]) reads(rows func(string, []map[string]types.AttributeValue)) *chunk.Reads {
	sender := b.repo.Sender()
	return &chunk.Reads{
		Name:     func(_ string, key map[string]types.AttributeValue) string { return b.name(key) },
		Rows:     rows,
		Capacity: b.options.reporting(),
		Send: func(ctx context.Context, in *dynamodb.BatchGetItemInput, o func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
			return sender.With(o).BatchGetItem(ctx, in)
		},
	}
}

// reporting asks for consumed capacity where somebody follows the progress. Otherwise it is the table's to ask.
func (o *Options) reporting() types.ReturnConsumedCapacity {
	if o.Progress == nil {
		return ""
	}
	return types.ReturnConsumedCapacityTotal
}

// inputs are the elements of a call, from a list or a sequence.
type inputs[T any] struct {
	run  *chunk.Run
	plan func(index int, v T) *chunk.Item
	next int // the first that was not drawn
}

// feed draws a sequence to its end, to its error, or until the run takes no more. What it panics with is its error.
func (in *inputs[T]) feed(seq iter.Seq2[T, error]) (failed error) {
	defer func() {
		if p := recover(); p != nil {
			failed = &PanicError{Value: p, Stack: debug.Stack()}
		}
	}()
	for v, err := range seq {
		if err != nil {
			return sequenceFailed(err)
		}
		if !in.run.Add(in.plan(in.next, v)) {
			return nil
		}
		in.next++
	}
	return nil
}

func sequenceFailed(err error) error { return &cause{"the sequence failed", []error{err}} }

// errNoSequence is of a sequence that is nil.
var errNoSequence = invalid("the sequence is nil")

// finish waits for a run and closes the books. The failure of a sequence comes first.
func finish(ctx context.Context, run *chunk.Run, b *book, next int, failed error) error {
	_, stopped := run.Wait()
	why := ending(ctx, stopped)
	if failed != nil && why != nil {
		why = &cause{failed.Error() + ", and " + why.Error(), []error{failed, why}}
	} else if failed != nil {
		why = failed
	}
	return b.close(next, why)
}

// planned is the error of an item that is not sent, safe to show.
func planned(err error) error {
	var ours *repo.Error
	if errors.As(err, &ours) && error(ours) == err { //nolint:errorlint // one that wraps it may have a text of its own
		return err
	}
	return &cause{"the item cannot be sent", []error{err}}
}
