package batch

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/chunk"
	"github.com/monotable/monotable/repo"
)

// planWrite fills in the item of a planned write, or of the error that it ended in.
func (b *Batch[T]) planWrite(it *chunk.Item, w *repo.Write, err error) {
	if err != nil {
		it.Refused = planned(err)
		return
	}
	if in := w.PutItemInput(); in != nil {
		it.Table, it.Key = aws.ToString(in.TableName), b.name(in.Item)
		it.Write.PutRequest = &types.PutRequest{Item: in.Item}
		return
	}
	in := w.DeleteItemInput()
	it.Table, it.Key = aws.ToString(in.TableName), b.name(in.Key)
	it.Write.DeleteRequest = &types.DeleteRequest{Key: in.Key}
}

// list writes a list: all of it is planned, and duplicates are found, before anything is sent.
func (b *Batch[T]) list(ctx context.Context, op string, list []T, plan func(T) (*repo.Write, error)) error {
	book, err := b.open(op, len(list), op)
	if err != nil {
		return book.invalid(err)
	}
	items, all := make([]*chunk.Item, len(list)), make([]chunk.Item, len(list))
	for i, v := range list {
		w, err := plan(v)
		items[i] = &all[i]
		items[i].Index = i
		b.planWrite(items[i], w, err)
	}
	return b.options.run(ctx, b.writes(), 1, book, items)
}

// run sends a list of planned items, which is not empty of duplicates.
func (o *Options) run(ctx context.Context, kind chunk.Kind, tables int, b *book, items []*chunk.Item) error {
	items, refused := o.unique(b, items)
	if refused != nil {
		return refused
	}
	if len(items) == 0 {
		return b.close(b.total, nil)
	}
	cfg := o.config(kind, b)
	cfg.Tables = tables
	r := chunk.Start(ctx, cfg)
	for _, it := range items {
		if !r.Add(it) {
			break
		}
	}
	return finish(ctx, r, b, b.total, nil)
}

// unique leaves one item of each key, or refuses the call.
func (o *Options) unique(b *book, items []*chunk.Item) ([]*chunk.Item, error) {
	last := make(map[string]int, len(items)) // positions, by key
	twice := false
	for i, it := range items {
		if it.Refused == nil {
			_, known := last[it.Key]
			last[it.Key], twice = i, twice || known
		}
	}
	switch {
	case !twice:
		return items, nil
	case o.Duplicates == LastWins:
		return supersede(b, items, last), nil
	}
	return nil, refuseDuplicates(b, items)
}

// supersede keeps the last item of each key; the others share its fate.
func supersede(b *book, items []*chunk.Item, last map[string]int) []*chunk.Item {
	b.others = map[int][]int{}
	kept := make([]*chunk.Item, 0, len(last))
	for i, it := range items {
		if at := last[it.Key]; it.Refused == nil && at != i {
			winner := items[at].Index
			b.others[winner] = append(b.others[winner], it.Index)
			continue
		}
		kept = append(kept, it)
	}
	return kept
}

// refuseDuplicates rejects every input whose key another one has, and what cannot be sent anyway; the rest is not sent.
func refuseDuplicates(b *book, items []*chunk.Item) error {
	times := map[string]int{}
	for _, it := range items {
		if it.Refused == nil {
			times[it.Key]++
		}
	}
	duplicate := &cause{ErrDuplicate.Error() + ": another input has the same key; set Options.Duplicates to LastWins, or use a sequence, which keeps their order", []error{ErrDuplicate}}
	for _, it := range items {
		switch {
		case it.Refused != nil:
			b.settle(it.Index, Rejected, it.Refused)
		case times[it.Key] > 1:
			b.settle(it.Index, Rejected, duplicate)
		}
	}
	why := &cause{"refused before anything was sent, because several inputs have one key", []error{ErrDuplicate}}
	b.refuse(why)
	return b.close(b.total, why)
}

// sequence writes a sequence, at constant memory.
func (b *Batch[T]) sequence(ctx context.Context, op, verb string, seq iter.Seq2[T, error], plan func(T) (*repo.Write, error)) error {
	book, err := b.open(op, -1, verb)
	switch {
	case err != nil:
		return book.invalid(err)
	case seq == nil:
		return book.invalid(errNoSequence)
	}
	cfg := b.options.config(b.writes(), book)
	cfg.Ordered = true
	in := inputs[T]{run: chunk.Start(ctx, cfg), plan: func(i int, v T) *chunk.Item {
		it := &chunk.Item{Index: i}
		w, err := plan(v)
		b.planWrite(it, w, err)
		return it
	}}
	defer func() { _, _ = in.run.Wait() }() // also where the sequence ends its goroutine
	failed := in.feed(seq)
	return finish(ctx, in.run, book, in.next, failed)
}
