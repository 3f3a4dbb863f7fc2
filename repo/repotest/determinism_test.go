package repotest_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo/repotest"
)

// storm is an engine with every fault that a chance can pick, and its table.
func storm(t *testing.T, seed uint64) *dynamodb.Client {
	t.Helper()
	_, c := harness(t, repotest.WithSeed(seed), repotest.WithFaults(
		repotest.Rule{Table: "tab", Chance: 0.2, Fault: repotest.Throttle()},
		repotest.Rule{Table: "tab", Chance: 0.2, Fault: repotest.InternalError()},
		repotest.Rule{Operation: "PutItem", Chance: 0.2, Fault: repotest.LoseResponse()},
		repotest.Rule{Operation: "BatchWriteItem", Chance: 0.3, Fault: repotest.Unprocessed()},
		repotest.Rule{Operation: "PutItem", Every: 7, Fault: repotest.Conflict()},
	))
	return c
}

// suffer makes requests and writes down what each got.
func suffer(t *testing.T, seed uint64) []string {
	t.Helper()
	c := storm(t, seed)
	var log []string
	for i := range 60 {
		pk := fmt.Sprint(i % 7)
		err := put(t.Context(), c, "tab", pk, i)
		log = append(log, fmt.Sprint("put ", pk, err != nil, code(err)))
		_, err = get(t.Context(), c, "tab", pk, i%2 == 0)
		log = append(log, fmt.Sprint("get ", pk, err != nil, code(err)))
		out, err := batch(t, c, pk, "x"+pk, "y"+pk)
		if err != nil {
			log = append(log, "batch "+code(err))
			continue
		}
		log = append(log, fmt.Sprint("batch ", left(out)))
	}
	return log
}

func TestOneCallerSeesTheSameFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := suffer(t, 42)
		for i, other := range suffer(t, 42) {
			if first[i] != other {
				t.Fatalf("request %d: first %q, then %q", i, first[i], other)
			}
		}
		if slices.Equal(first, suffer(t, 43)) {
			t.Error("another seed makes no difference")
		}
	})
}

// concurrent runs callers over the same keys, each key asked for several times by
// whoever comes first, and returns what each key met, in its own order.
func concurrent(t *testing.T, seed uint64) map[string][]string {
	t.Helper()
	_, c := harness(t, repotest.WithSeed(seed), repotest.WithFaults(
		repotest.Rule{Operation: "PutItem", Chance: 0.3, Fault: repotest.InternalError()},
		repotest.Rule{Operation: "GetItem", Chance: 0.3, Fault: repotest.Throttle()},
		repotest.Rule{Operation: "PutItem", Partition: "3", Nth: 4, Fault: repotest.LoseRequest()},
	))
	var mu sync.Mutex
	met := map[string][]string{}
	queues := map[string]*sync.Mutex{}
	for k := range 8 {
		queues[fmt.Sprint(k)] = &sync.Mutex{}
	}
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 40 {
				pk := fmt.Sprint((i + w) % 8)
				queues[pk].Lock() // one request at a time for each key, whoever makes it
				log := strike(t.Context(), c, pk)
				mu.Lock()
				met[pk] = append(met[pk], log)
				mu.Unlock()
				queues[pk].Unlock()
			}
		})
	}
	wg.Wait()
	return met
}

func strike(ctx context.Context, c *dynamodb.Client, pk string) string {
	putErr := put(ctx, c, "tab", pk, 1)
	_, getErr := get(ctx, c, "tab", pk, false)
	return fmt.Sprint(putErr != nil, code(putErr), getErr != nil, code(getErr))
}

func TestConcurrentCallersSeeTheSameFaultsByKey(t *testing.T) {
	first, second := concurrent(t, 7), concurrent(t, 7)
	faults := 0
	for pk, log := range first {
		if !slices.Equal(log, second[pk]) {
			t.Errorf("key %s: first %q, then %q", pk, log, second[pk])
		}
		for _, l := range log {
			if l != "falsefalse" {
				faults++
			}
		}
	}
	if faults == 0 {
		t.Error("nothing went wrong at all")
	}
}

func TestRulesCount(t *testing.T) {
	for _, tc := range []struct {
		rule   repotest.Rule
		want   string
		reason string
	}{
		{repotest.Rule{Nth: 3}, "..x......", "Nth picks one"},
		{repotest.Rule{Every: 3}, "..x..x..x", "Every picks every third"},
		{repotest.Rule{Times: 2}, "xx.......", "Times stops"},
		{repotest.Rule{Every: 2, Times: 2}, ".x.x.....", "Times counts what was picked"},
		{repotest.Rule{Chance: 1}, "xxxxxxxxx", "a chance of 1 is certain"},
		{repotest.Rule{Sort: "2"}, ".........", "another sort key"},
		{repotest.Rule{Table: "other"}, ".........", "another table"},
		{repotest.Rule{Operation: "GetItem"}, ".........", "another operation"},
		{repotest.Rule{}, "xxxxxxxxx", "everything"},
		{repotest.Rule{Partition: "a", Sort: "1", Table: "tab", Operation: "PutItem"}, "xxxxxxxxx", "all that can be named"},
	} {
		e, c := harness(t)
		tc.rule.Fault = repotest.InternalError()
		e.Inject(tc.rule)
		got := ""
		for range 9 {
			mark := "."
			if put(t.Context(), c, "tab", "a", 1) != nil {
				mark = "x"
			}
			got += mark
		}
		if got != tc.want {
			t.Errorf("%+v: got %s, want %s: %s", tc.rule, got, tc.want, tc.reason)
		}
	}
}

func TestHeal(t *testing.T) {
	e, c := harness(t)
	e.Inject(repotest.Rule{Fault: repotest.InternalError()})
	e.Inject(repotest.Rule{Fault: repotest.LoseRequest()})
	if err := put(t.Context(), c, "tab", "a", 1); code(err) != "InternalServerError" {
		t.Errorf("two rules: %v, want the first one's fault", err)
	}
	e.Heal()
	if err := put(t.Context(), c, "tab", "a", 1); err != nil {
		t.Error(err)
	}
}
