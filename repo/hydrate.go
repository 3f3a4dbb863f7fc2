package repo

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/chunk"
)

// Hydrate fetches whole items from the table where the index that serves the query does not hold all attributes of T: each page of the
// index is followed by BatchGetItem requests of its keys, which cost what reading the items costs. The index may lag behind the table:
// an item that is gone by then, or has another place in the index, is left out. Filters work on what the index holds. Without effect
// where the index holds everything.
func (q Query[T]) Hydrate() Query[T] {
	q.query.spec.hydrate = true
	return q
}

// hydrated is a source whose rows are whole items in place of those of an index.
type hydrated struct {
	source
	sender     Sender
	keys       []keyAttribute  // of the index
	reaches    func(item) bool // what may be fetched
	consistent bool
}

func (h *hydrated) from(at position) stream { return &hydrating{h, h.source.from(at)} }

// hydrating is a stream that fetches.
type hydrating struct {
	*hydrated
	in stream
}

func (h *hydrating) fetch(ctx context.Context, size int) (fetched, error) {
	page, err := h.in.fetch(ctx, size)
	if err != nil || len(page.rows) == 0 {
		return page, err
	}
	whole, err := h.items(ctx, page.rows)
	if err != nil {
		return fetched{}, err
	}
	page.index, page.rows = page.rows, make([]item, len(page.rows))
	for i, row := range page.index {
		if found := whole[h.nameOf(row)]; h.unmoved(row, found) {
			page.rows[i] = found
		}
	}
	return page, nil
}

// unmoved reports whether an item still has the place in the index at which it was found.
func (h *hydrated) unmoved(row, found item) bool {
	for _, k := range h.keys {
		if !equalKeys(row[k.name], found[k.name]) {
			return false
		}
	}
	return true
}

func (h *hydrated) nameOf(row item) string { return itemKey(h.sender.table, row) }

// items reads the items of rows by their primary keys.
func (h *hydrated) items(ctx context.Context, rows []item) (map[string]item, error) {
	var mu sync.Mutex
	whole := make(map[string]item, len(rows))
	var failed error
	run := chunk.Start(ctx, chunk.Config{
		Kind: &chunk.Reads{
			Name:     func(_ string, key map[string]types.AttributeValue) string { return h.nameOf(key) },
			Capacity: h.sender.table.reporting(),
			Send: func(ctx context.Context, in *dynamodb.BatchGetItemInput, option func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
				s := h.sender
				s.options = append(s.options[:len(s.options):len(s.options)], option)
				return s.BatchGetItem(ctx, in)
			},
			Rows: func(_ string, rows []map[string]types.AttributeValue) {
				mu.Lock()
				defer mu.Unlock()
				for _, row := range rows {
					whole[h.nameOf(row)] = row
				}
			},
		},
		Settled: func(_ *chunk.Item, s chunk.State, err error) {
			if s != chunk.Done && failed == nil {
				failed = err
				if err == nil {
					failed = errors.New("an item was left unprocessed")
				}
			}
		},
	})
	view := &types.KeysAndAttributes{ConsistentRead: aws.Bool(h.consistent)}
	for i, row := range rows {
		if h.reaches != nil && !h.reaches(row) {
			continue
		}
		key := keyOf(row, h.sender.table.keyAttributes())
		if !run.Add(&chunk.Item{Index: i, Table: h.sender.table.Name, Key: h.nameOf(key), Read: key, View: view}) {
			break
		}
	}
	if _, err := run.Wait(); err != nil {
		return nil, err
	}
	return whole, failed
}
