// Package memdb is DynamoDB in memory and in process: an engine for tests, for
// examples and for work without a network. Package repotest is its public face.
//
// # What it covers
//
// Tables: CreateTable, DescribeTable, UpdateTable, DeleteTable, ListTables,
// UpdateTimeToLive, DescribeTimeToLive, DescribeLimits, DescribeEndpoints; local
// and global secondary indexes with every projection, and global ones with up to
// four attributes in either part of their key. Tables and indexes are ACTIVE at
// once, and global indexes follow the table without delay. Billing, throughput and
// table class are accepted and shown, and limit nothing.
//
// Items: PutItem, GetItem, UpdateItem, DeleteItem, Query, Scan with segments,
// BatchGetItem, BatchWriteItem, TransactGetItems, TransactWriteItems; condition,
// filter, key condition, projection and update expressions; ReturnValues, also on
// a failed condition; Select, Limit, ExclusiveStartKey; consumed capacity, by
// DynamoDB's own sizes; item collection metrics.
//
// Limits: items of 400 KB, pages of 1 MB, batches of 25 writes or 100 keys and
// 16 MB, transactions of 100 operations and 4 MB, expressions of 4 KB and 300
// operators, with names and values of 2 MB together, IN of 100 operands, 32 levels
// of nesting, names of 64 KB, keys of 2,048 and 1,024 bytes, requests of 16 MB,
// numbers of 38 digits.
//
// Transactions are serializable: every write holds one lock, for as long as the
// write itself takes and never while anything waits. A ClientRequestToken is kept
// for ten minutes of the engine's clock and compared by what the request means; it
// is held while the first call under it runs.
//
// # What it does not
//
// Streams, PartiQL, backups and restores, exports and imports, global tables,
// resource policies, tags, Kinesis and Contributor Insights are not there, and
// neither are the parameters from before expressions (AttributesToGet,
// AttributeUpdates, ConditionalOperator, Expected, KeyConditions, QueryFilter,
// ScanFilter). All are refused by name, never ignored. Requests are not
// authenticated. An item collection has no limit of 10 GB. What DynamoDB does
// under load (throttling, conflicts, unprocessed items, stale reads) happens only
// where a [Gate] says so; repotest has one.
//
// # How faithful it is
//
// Engine-checks, 136 checks of DynamoDB's behaviour driven through the SDK, were
// run against the server in integration/memserver with
//
//	go run ./cmd/run -endpoint http://127.0.0.1:8000 -q
//
// 135 pass. The one that does not creates a table with a stream. DynamoDB Local
// 3.3.1 passes 129. The server deletes expired items every second, which the
// check of time to live needs; an engine in a test does it when it is told to.
//
// The differential test in integration sends random requests, valid and invalid, to
// this engine and to DynamoDB Local, and compares answers, types of errors and rows:
// 2,000 in an ordinary run, 50,000 with SOAK=1. Every difference that it lets pass
// is one of 20 in integration/engine_accepted_test.go, each with the page of AWS's
// documentation that decides it, in favour of this engine. What the test does not
// look at, and where the two differ as well, is
//
//   - the text of TransactionCanceledException, which lists the codes;
//   - where pages end: one that ends at its Limit always has a LastEvaluatedKey, also
//     where the last item is the end of the range that was asked for (Paginating
//     table query results);
//   - "size", a reserved word (Reserved words in DynamoDB);
//   - violated constraints of a request's members, which are reported together, with
//     their number, before anything else is looked at;
//   - missing keys, empty keys and index keys of a wrong type, which are reported
//     with the attribute, the index and both types;
//   - a transaction's check without a condition, which is refused before its key and
//     the transaction's token are looked at (ConditionCheck);
//   - an empty map of names or values beside no expression, which is refused as one
//     that is not empty is;
//   - throughput together with PAY_PER_REQUEST, and an empty list of local indexes,
//     which are refused (CreateTable).
//
// Error texts are DynamoDB's where its documentation, engine-checks or a report
// gives them, and DynamoDB Local's where none does.
//
// # How it is built
//
// An item is one immutable string in a code of the package's own, with its size in
// front, maps and sets sorted, so that equal values have equal bytes, and numbers
// in a form whose bytes sort as they do. Reads take items out under the lock and do
// all else behind it; nothing that leaves the package shares memory with a table.
//
// A table is a B-tree ordered by a hash of the partition key, then by the key; an
// index is another one, over the same items. A row costs two pointers however
// large it is, so the garbage collector's work grows little with a table. Trees
// share nodes with their snapshots until either side changes.
package memdb
