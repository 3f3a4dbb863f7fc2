package batch

import (
	"context"
	"iter"

	"github.com/monotable/monotable/repo"
)

// Delete removes the items that have the keys of the examples; their other fields are ignored, and a missing item is fine. What is
// refused, the books, duplicates and the context are as with [Batch.Put]. A key without all its fields is rejected, with
// repo.ErrIncompleteKey.
//
// Costs a write unit per KB of each item that there is, and one for each that there is not.
func (b *Batch[T]) Delete(ctx context.Context, examples ...T) error {
	return b.list(ctx, "Delete", examples, b.deleteWrite())
}

// DeleteSeq removes the items of a sequence of examples as [Batch.Delete] does, at constant memory; the sequence is as with
// [Batch.PutSeq].
func (b *Batch[T]) DeleteSeq(ctx context.Context, seq iter.Seq2[T, error]) error {
	return b.sequence(ctx, "DeleteSeq", "Delete", seq, b.deleteWrite())
}

// putWrite plans a put; nil where there is no repository, which no call gets past.
func (b *Batch[T]) putWrite() func(T) (*repo.Write, error) {
	if b == nil || b.repo == nil {
		return nil
	}
	return b.repo.PutWrite
}

func (b *Batch[T]) deleteWrite() func(T) (*repo.Write, error) {
	if b == nil || b.repo == nil {
		return nil
	}
	return b.repo.DeleteWrite
}
