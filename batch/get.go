package batch

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/chunk"
	"github.com/monotable/monotable/repo"
)

// read is one key of a Get: where it was asked for, and what was found. The rows of a request are decoded on its goroutine, before its
// items are settled.
type read[T any] struct {
	first int   // the input that asks for it
	again []int // further inputs that do
	value T
	more  []T // of the further inputs: values of their own, which share nothing
	found bool
	err   error // of decoding
}

// Get reads the items that have the keys of the examples; the examples' other fields are ignored. It returns those found, in the order
// in which they were asked for; missing ones are left out, and so are expired ones, but through WithExpired. A key that was asked for
// twice is read once and answered at both places. None is a success that sends nothing.
//
// A nil error means that every key was read. Otherwise it is an [*Error] with those that were not, and what was found is returned with
// it: a key without all its fields and a row that is of another entity or cannot be decoded are rejected. Conditional views are
// refused. The context is as with [Batch.Put].
//
// Costs half a read unit per 4 KB of each item, or a whole one where the reads are consistent.
func (b *Batch[T]) Get(ctx context.Context, examples ...T) ([]T, error) {
	book, err := b.open("Get", len(examples), "")
	if err != nil {
		return nil, book.invalid(err)
	}
	g := getting[T]{batch: b, book: book, reads: make([]read[T], 0, len(examples)), byKey: make(map[string]int, len(examples))}
	items := make([]chunk.Item, 0, len(examples)) // never grows, for its items are pointed to
	for i, v := range examples {
		items = g.plan(items, i, v)
	}
	if len(items) == 0 {
		return nil, book.close(len(examples), nil)
	}
	cfg := b.options.config(b.reads(g.rows), book)
	cfg.Settled = g.settled
	run := chunk.Start(ctx, cfg)
	for i := range items {
		if !run.Add(&items[i]) {
			break
		}
	}
	err = finish(ctx, run, book, len(examples), nil)
	return g.found(len(examples)), err
}

// getting is a Get on its way. While it runs, the maps are only read, and each read has one request.
type getting[T any] struct {
	batch *Batch[T]
	book  *book
	reads []read[T]
	byKey map[string]int
	view  *types.KeysAndAttributes
}

// plan adds the item of an example, unless its key is asked for already.
func (g *getting[T]) plan(items []chunk.Item, index int, example T) []chunk.Item {
	items = append(items, chunk.Item{Index: index})
	it := &items[len(items)-1]
	g.batch.planRead(it, example, &g.view)
	if it.Refused != nil {
		return items
	}
	if at, known := g.byKey[it.Key]; known {
		g.reads[at].again = append(g.reads[at].again, index)
		return items[:len(items)-1]
	}
	g.byKey[it.Key] = len(g.reads)
	g.reads = append(g.reads, read[T]{first: index})
	return items
}

// planRead fills in the item of a key. Consistent reads of one call share their view.
func (b *Batch[T]) planRead(it *chunk.Item, example T, view **types.KeysAndAttributes) {
	in, err := b.repo.GetInput(example)
	if err != nil {
		it.Refused = planned(err)
		return
	}
	if *view == nil && (b.options.Consistent || aws.ToBool(in.ConsistentRead)) {
		*view = &types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
	}
	it.Table, it.Key, it.Read, it.View = aws.ToString(in.TableName), b.name(in.Key), in.Key, *view
}

func (g *getting[T]) rows(_ string, rows []map[string]types.AttributeValue) {
	var space [keySpace]byte
	for _, row := range rows {
		key := appendKey(space[:0], row, g.batch.keys)
		if at, asked := g.byKey[string(key)]; asked {
			g.reads[at].decode(g.batch.repo, row)
		}
	}
}

// decode reads a row once for each input.
func (r *read[T]) decode(from *repo.Repository[T], row map[string]types.AttributeValue) {
	r.value, r.found, r.err = from.DecodeRead(row)
	r.more = nil
	for range r.again {
		v, _, _ := from.DecodeRead(row)
		r.more = append(r.more, v)
	}
}

// settled enters every input that asked for the key.
func (g *getting[T]) settled(it *chunk.Item, s chunk.State, err error) {
	at, known := g.byKey[it.Key]
	if !known {
		g.book.settled(it, s, err)
		return
	}
	r := &g.reads[at]
	state, why := State(s), g.book.explain(err)
	if s == chunk.Done && r.err != nil {
		state, why = Rejected, planned(r.err)
	}
	g.book.settle(r.first, state, why)
	for _, index := range r.again {
		g.book.settle(index, state, why)
	}
}

// found lists what was found in the order of the inputs.
func (g *getting[T]) found(inputs int) []T {
	at := make([]*T, inputs)
	n := 0
	for i := range g.reads {
		if r := &g.reads[i]; r.found {
			at[r.first] = &r.value
			for j, index := range r.again {
				at[index] = &r.more[j]
			}
			n += 1 + len(r.again)
		}
	}
	out := make([]T, 0, n)
	for _, v := range at {
		if v != nil {
			out = append(out, *v)
		}
	}
	return out
}
