// Package repotest is DynamoDB in the test's own process: a real
// [*dynamodb.Client] over an engine in memory that behaves as the service does,
// down to its error messages, and that fails on demand.
//
//	client := repotest.NewClient() // empty, private to this test, ready at once
//
// There is no server to start, no port, no Java and nothing to clean up. Several
// clients share tables through one [Engine]:
//
//	engine := repotest.New()
//	client := engine.Client()
//	http.ListenAndServe("127.0.0.1:8000", engine.Handler()) // for other processes
//
// What DynamoDB does only on bad days, an engine does when it is asked to. A
// [Rule] says which requests suffer which [Fault]:
//
//	heal := engine.Inject(repotest.Rule{
//		Operation: "PutItem",
//		Nth:       1,
//		Fault:     repotest.LoseResponse(), // applied, but the client never hears of it
//	})
//	defer heal()
//
// Faults are deterministic. A rule that counts (Nth, Every, Times) counts the
// requests that match it, in the order in which they arrive. A rule with a Chance
// decides by a hash of the engine's seed, the operation, the key and how often
// that key was asked for before, so concurrent callers meet the same faults by
// operation and key, however they are scheduled.
//
// The clock is the test's too: [WithClock] replaces it, [Engine.Advance] moves it,
// and expired items are deleted when [Engine.DeleteExpired] says so. An engine
// starts no goroutines, so it may be made outside a testing/synctest bubble and
// used inside one.
//
// What the engine covers, what it does not, and how faithful it was measured to
// be is written down in the documentation of internal/memdb. In short: tables,
// items, queries, scans, indexes, batches, transactions and time to live, with
// every kind of expression; no streams, no PartiQL, no backups and none of the
// parameters from before expressions, all of which are refused by name.
package repotest
