package repotest

import "time"

// A Fault is something that goes wrong. The functions that return one say what.
type Fault struct {
	kind  kind
	delay time.Duration
	rate  float64
	name  string
}

type kind int

const (
	none kind = iota
	throttle
	writeRate
	internalError
	loseRequest
	loseResponse
	latency
	hang
	badChecksum
	truncate
	unprocessed
	conflict
	stale
)

// String is the fault's name, as in the name of the function that makes it.
func (f Fault) String() string {
	if f.name == "" {
		return "none"
	}
	return f.name
}

// Throttle refuses a request because its partition is too busy: with a
// ProvisionedThroughputExceededException and ThrottlingReasons. Of a batch, the
// items that match are left unprocessed, unless that is all of them; a transaction
// is cancelled, with the code ThrottlingError for the operations that match.
func Throttle() Fault { return Fault{kind: throttle, name: "Throttle"} }

// WriteRate throttles writes beyond so many units per second and partition, as
// Throttle does. A partition can save up one second's worth. A unit is a write of
// up to 1 KB; time is the engine's clock.
func WriteRate(unitsPerSecond float64) Fault {
	return Fault{kind: writeRate, rate: unitsPerSecond, name: "WriteRate"}
}

// InternalError answers with an InternalServerError, status 500, and does nothing.
func InternalError() Fault { return Fault{kind: internalError, name: "InternalError"} }

// LoseRequest breaks the connection before the request has any effect.
func LoseRequest() Fault { return Fault{kind: loseRequest, name: "LoseRequest"} }

// LoseResponse carries the request out and then breaks the connection: the client
// can't tell it from LoseRequest.
func LoseResponse() Fault { return Fault{kind: loseResponse, name: "LoseResponse"} }

// Latency makes a request wait before it is carried out. It ends with the
// request's context. Meanwhile the token of a transaction is held, so a second
// call under it is a TransactionInProgressException.
func Latency(d time.Duration) Fault { return Fault{kind: latency, delay: d, name: "Latency"} }

// Hang keeps a request, without any effect, until its context ends.
func Hang() Fault { return Fault{kind: hang, name: "Hang"} }

// BadChecksum carries the request out and answers with a wrong X-Amz-Crc32. The
// library refuses such an answer; the SDK by itself compares the checksums too, and
// as of version 1.74 then drops the error.
func BadChecksum() Fault { return Fault{kind: badChecksum, name: "BadChecksum"} }

// Truncate carries the request out and breaks the connection half way through the
// answer's body.
func Truncate() Fault { return Fault{kind: truncate, name: "Truncate"} }

// Unprocessed hands back items of a BatchWriteItem or BatchGetItem instead of
// processing them. Items are picked one by one: a Chance of 0.1 leaves a tenth of
// them, by key. Other operations are left alone.
func Unprocessed() Fault { return Fault{kind: unprocessed, name: "Unprocessed"} }

// Conflict has a transaction under way on the item: TransactionConflictException
// for a single write, and for a transaction a TransactionCanceledException with
// the code TransactionConflict for the operations that match. Other operations
// are left alone, as DynamoDB does.
func Conflict() Fault { return Fault{kind: conflict, name: "Conflict"} }

// Stale gives eventually consistent reads stale answers. A GetItem, BatchGetItem,
// Query or Scan without ConsistentRead, of a table or an index, that the rule picks
// sees the rows as they were when the rule was injected: what was written since is
// missing, what was deleted is there. Reads with ConsistentRead, transactions and
// the conditions of writes see what is stored, and a table made since is seen as it
// is. To let reads lag behind again, inject the rule again.
func Stale() Fault { return Fault{kind: stale, name: "Stale"} }
