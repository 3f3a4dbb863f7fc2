package chunk_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/chunk"
	"github.com/monotable/monotable/repo/repotest"
)

// reads is the kind that reads with a client, and keeps the rows.
func reads(c *dynamodb.Client, rows *[]row) *chunk.Reads {
	var mu sync.Mutex
	return &chunk.Reads{
		Name: name,
		Rows: func(_ string, found []row) {
			mu.Lock()
			defer mu.Unlock()
			*rows = append(*rows, found...)
		},
		Send: func(ctx context.Context, in *dynamodb.BatchGetItemInput, o func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
			return c.BatchGetItem(ctx, in, o)
		},
	}
}

func get(index int, table, pk string, view *types.KeysAndAttributes) *chunk.Item {
	key := keyOf(pk, index)
	return &chunk.Item{Index: index, Table: table, Key: name(table, key), Read: key, View: view}
}

func write(t *testing.T, b *bench, items int) {
	t.Helper()
	r := chunk.Start(t.Context(), chunk.Config{Kind: writes(b.client)})
	for i := range items {
		for _, table := range []string{"tab", "other"} {
			r.Add(put(i, table, "p", 10))
		}
	}
	if stats, err := r.Wait(); err != nil || stats.Settled != 2*items {
		t.Fatalf("%+v, %v", stats, err)
	}
}

// A read of two tables that are read differently: everything is read, whatever is left over, and nothing twice.
func TestReads(t *testing.T) {
	b := newBench(t)
	synctest.Test(t, func(t *testing.T) {
		write(t, b, 250)
		b.engine.Inject(repotest.Rule{Operation: "BatchGetItem", Chance: 0.5, Fault: repotest.Unprocessed()})
		var rows []row
		book := newBooks()
		view := &types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
		r := chunk.Start(t.Context(), chunk.Config{Kind: reads(b.client, &rows), Workers: 3, Tables: 2, Settled: book.settled})
		for i := range 250 {
			r.Add(get(2*i, "tab", "p", view))
			r.Add(get(2*i+1, "other", "p", nil))
		}
		stats, err := r.Wait()
		if err != nil || book.count(chunk.Done) != 500 || len(book.twice) > 0 || stats.Retried == 0 {
			t.Errorf("%+v, %v, %d done", stats, err, book.count(chunk.Done))
		}
		found := map[string]int{}
		for _, r := range rows {
			found[name("", r)]++
		}
		for key, n := range found {
			if n != 1 && n != 2 {
				t.Errorf("%s was read %d times", key, n)
			}
		}
		if len(rows) != 125+125 { // the even keys of one table, and the odd ones of the other
			t.Errorf("%d rows", len(rows))
		}
	})
}

// Nothing more is taken in once the run has ended, and what was is settled.
func TestAddAfterTheEnd(t *testing.T) {
	b := newBench(t)
	synctest.Test(t, func(t *testing.T) {
		b.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Fault: repotest.Latency(time.Second)})
		book := newBooks()
		ctx, cancel := context.WithCancel(t.Context())
		r := chunk.Start(ctx, chunk.Config{Kind: writes(b.client), Workers: 2, Settled: book.settled})
		time.AfterFunc(100*time.Millisecond, cancel)
		taken := 0
		for r.Add(put(taken, "tab", "p", 10)) {
			taken++
		}
		for range 2 { // it may be waited for again
			stats, err := r.Wait()
			if !errors.Is(err, context.Canceled) || stats.Settled != taken || len(book.states) != taken || len(book.twice) > 0 {
				t.Errorf("%d taken, %d settled, %v", taken, stats.Settled, err)
			}
		}
		if taken > 2*25+4*25 {
			t.Errorf("%d taken in by 2 workers", taken)
		}
		for i, err := range book.errs {
			if book.states[i] == chunk.Unprocessed && !errors.Is(err, context.Canceled) {
				t.Errorf("item %d is unprocessed: %v", i, err)
			}
		}
	})
}

// A part of a chunk goes out when it is told to.
func TestFlush(t *testing.T) {
	b := newBench(t)
	synctest.Test(t, func(t *testing.T) {
		book := newBooks()
		r := chunk.Start(t.Context(), chunk.Config{Kind: writes(b.client), Settled: book.settled})
		for i := range 3 {
			r.Add(put(i, "tab", "p", 10))
		}
		synctest.Wait()
		if n := len(book.states); n != 0 {
			t.Errorf("%d settled before", n)
		}
		r.Flush()
		synctest.Wait()
		if n := len(book.states); n != 3 {
			t.Errorf("%d settled after", n)
		}
		if _, err := r.Wait(); err != nil {
			t.Error(err)
		}
		r.Flush() // no harm afterwards
		r.Stop()
	})
}

// A table that refuses everything is given up, and the others go on.
func TestATableThatIsMissing(t *testing.T) {
	b := newBench(t)
	synctest.Test(t, func(t *testing.T) {
		book := newBooks()
		before := b.engine.Requests("BatchWriteItem")
		r := chunk.Start(t.Context(), chunk.Config{Kind: writes(b.client), Workers: 2, Tables: 2, Settled: book.settled})
		for i := range 600 {
			r.Add(put(i, []string{"tab", "missing"}[i%2], "p", 10))
		}
		if _, err := r.Wait(); err != nil {
			t.Error(err)
		}
		if done, left := book.count(chunk.Done), book.count(chunk.Unprocessed); done != 300 || left != 300 {
			t.Errorf("%d done, %d unprocessed", done, left)
		}
		if n := b.engine.Requests("BatchWriteItem") - before; n > 12+8 {
			t.Errorf("%d requests for 12 full chunks", n)
		}
	})
}

// A client's goroutine that ends itself is no answer.
func TestAClientThatNeverReturns(t *testing.T) {
	kind := writes(dynamodb.New(dynamodb.Options{}))
	kind.Send = nil // calling it panics
	book := newBooks()
	r := chunk.Start(t.Context(), chunk.Config{Kind: kind, Settled: book.settled})
	r.Add(put(0, "tab", "p", 10))
	var ended *chunk.Ended
	if _, err := r.Wait(); !errors.As(err, &ended) || ended.Panic == nil || book.states[0] != chunk.Ambiguous {
		t.Errorf("%v, item %v", err, book.states[0])
	}
}
