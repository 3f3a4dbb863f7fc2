package memdb

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// benchTable makes a DB with one table and n items of 200 B, by DynamoDB's count.
func benchTable(tb testing.TB, n int) *DB {
	db := New(Config{})
	mustServe(tb, db, "CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST",
		"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"}],
		"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}]}`)
	for i := range n {
		mustServe(tb, db, "PutItem", benchItem(i))
	}
	return db
}

func benchItem(i int) string {
	return fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"S":"customer#%08d"},"sk":{"S":"order#%010d"},"name":{"S":"%s"},"total":{"N":"%d"},"note":{"S":"%s"}}}`,
		i%5000, i, strings.Repeat("n", 70), i, strings.Repeat("x", 77))
}

func mustServe(tb testing.TB, db *DB, operation, body string) string {
	r, err := db.Serve(context.Background(), targetPrefix+operation, body)
	if err != nil || r.Status != 200 {
		tb.Fatalf("%s: %v %s", operation, err, r.Body)
	}
	return string(r.Body)
}

// BenchmarkPut shows that a Put costs little more in a large table: its cost
// grows with the logarithm, and a row is two pointers to the collector.
func BenchmarkPut(b *testing.B) {
	for _, n := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			db := benchTable(b, n)
			bodies := make([]string, 10_000)
			for i := range bodies {
				bodies[i] = benchItem((i * 7919) % n)
			}
			runtime.GC()
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				mustServe(b, db, "PutItem", bodies[i%len(bodies)])
			}
		})
	}
}

func BenchmarkGet(b *testing.B) {
	db := benchTable(b, 10_000)
	b.ReportAllocs()
	for i := range b.N {
		i %= 10_000
		mustServe(b, db, "GetItem", fmt.Sprintf(`{"TableName":"tab","Key":{"pk":{"S":"customer#%08d"},"sk":{"S":"order#%010d"}}}`, i%5000, i))
	}
}

// TestHeap holds the engine to its promise about memory.
func TestHeap(t *testing.T) {
	n := 50_000
	if testing.Short() {
		n = 20_000
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	db := benchTable(t, n)
	runtime.GC()
	runtime.ReadMemStats(&after)
	size := db.tables["tab"].bytes
	heap := after.HeapAlloc - before.HeapAlloc
	if each := size / n; each < 190 || each > 210 {
		t.Fatalf("an item counts %d bytes", each)
	}
	if ratio := float64(heap) / float64(size); ratio > 4 {
		t.Errorf("%d items of %d B take %.1f times their size", n, size/n, ratio)
	} else {
		t.Logf("heap %.2f times the items' size", ratio)
	}
	runtime.KeepAlive(db)
}
