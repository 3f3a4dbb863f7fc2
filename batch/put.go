package batch

import (
	"context"
	"iter"
)

// Put stores items whether or not ones with their keys exist, each by the rules of the repository's Put: index keys, times, Validate;
// it replaces whole items. None is a success that sends nothing. Nil means that every item was written. Otherwise the error is an
// [*Error], with each input that was not: those that cannot be stored are rejected one by one and the rest goes on, and of those whose
// requests failed it says whether they may have been written. Inputs with one key are duplicates, and refuse the call before anything
// is sent, unless Options.Duplicates says otherwise.
//
// Types with a version, a unique or an immutable field, types declared overlapping, and the views If and ExactlyOnce are refused with
// errors.ErrUnsupported: requests of a batch have no conditions. So a batch may also overwrite what somebody else wrote meanwhile.
//
// When the context ends no further request is sent, those under way are cancelled, and the error is the context's by errors.Is.
//
// Costs a write unit per KB of each item. The whole list is encoded in memory; PutSeq is for what does not fit.
func (b *Batch[T]) Put(ctx context.Context, list ...T) error {
	return b.list(ctx, "Put", list, b.putWrite())
}

// PutSeq stores the items of a sequence as [Batch.Put] does, at constant memory. The sequence is drawn on the goroutine of the caller,
// no faster than items are written; a chunk goes out when it is full, or the sequence has ended. An item whose key is on its way waits
// until that one is settled, so that the last one stays.
//
// An error of the sequence ends it: what was drawn before is written, and the error is found by errors.Is. A sequence that panics ends
// likewise, with a [*PanicError]. Error.Next is the first input that was not drawn. A sequence that waits for something itself should
// heed the context, for it is not interrupted.
func (b *Batch[T]) PutSeq(ctx context.Context, seq iter.Seq2[T, error]) error {
	return b.sequence(ctx, "PutSeq", "Put", seq, b.putWrite())
}
