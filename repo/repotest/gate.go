package repotest

import (
	"context"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/monotable/monotable/internal/memdb"
)

// gate applies an engine's rules to the calls that come in.
type gate struct{ engine *Engine }

// An effect is what the rules make of one call.
type effect struct {
	verdict memdb.Verdict
	delay   time.Duration
	hang    bool
	settled bool // the call has its fault; later rules only count
}

// Open implements [memdb.Gate]: without rules nothing can happen to a call.
func (g gate) Open() bool { return !g.engine.faults.active.Load() }

// Enter implements [memdb.Gate].
func (g gate) Enter(ctx context.Context, c *memdb.Call) memdb.Verdict {
	e := g.engine.decide(c)
	if e.delay > 0 {
		if err := sleep(ctx, e.delay); err != nil {
			return memdb.Verdict{Broken: err}
		}
	}
	if e.hang {
		<-ctx.Done()
		return memdb.Verdict{Broken: ctx.Err()}
	}
	return e.verdict
}

// sleep waits, outside every lock.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *Engine) decide(c *memdb.Call) effect {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	var out effect
	for _, in := range e.faults.rules {
		targets := in.matches(c)
		if targets == nil {
			continue
		}
		if targets = in.pick(e, c, targets); targets != nil {
			out.add(in, c, targets)
		}
	}
	return out
}

func (out *effect) add(in *injected, c *memdb.Call, targets []int) {
	switch in.Fault.kind {
	case latency:
		out.delay += in.Fault.delay
		return
	case unprocessed:
		out.verdict.Unprocessed = append(out.verdict.Unprocessed, targets...)
		return
	}
	if out.settled {
		return
	}
	out.settled = true
	switch in.Fault.kind {
	case hang:
		out.hang = true
	case loseRequest:
		out.verdict.Broken = broken("write")
	case loseResponse:
		out.verdict.Lost = broken("read")
	case internalError:
		out.verdict.Err = &memdb.Error{Status: http.StatusInternalServerError, Type: "InternalServerError", Message: "Internal server error"}
	case badChecksum:
		out.verdict.BadChecksum = true
	case truncate:
		out.verdict.Truncated = true
	case stale:
		out.verdict.Stale = in.replica
	case conflict:
		out.verdict.Err = conflictError(c, targets)
	case throttle, writeRate:
		out.throttle(c, targets)
	}
}

// broken is what a client sees of a connection that was reset.
func broken(op string) error {
	return &net.OpError{Op: op, Net: "tcp", Err: syscall.ECONNRESET}
}

const (
	textThrottled = "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API."
	textTooFast   = "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly."
	textConflict  = "Transaction is ongoing for the item"
)

// throttle refuses the targets: with an error, or in a batch of which something
// is left, one by one.
func (out *effect) throttle(c *memdb.Call, targets []int) {
	batch := c.Operation == "BatchWriteItem" || c.Operation == "BatchGetItem"
	switch {
	case c.Operation == "TransactWriteItems" || c.Operation == "TransactGetItems":
		out.verdict.Err = cancelled(c, targets, "ThrottlingError", textTooFast)
	case batch && len(targets) < len(c.Targets):
		out.verdict.Unprocessed = append(out.verdict.Unprocessed, targets...)
	default:
		out.verdict.Err = throttled(c, c.Targets[targets[0]])
	}
}

func throttled(c *memdb.Call, t memdb.Target) *memdb.Error {
	if !c.Data {
		return &memdb.Error{Status: http.StatusBadRequest, Type: "ThrottlingException", Message: "Rate exceeded"}
	}
	reason := "TableReadKeyRangeThroughputExceeded"
	resource := memdb.TableARN(t.Table)
	switch {
	case t.Index != "":
		reason, resource = "IndexReadKeyRangeThroughputExceeded", resource+"/index/"+t.Index
	case c.Write:
		reason = "TableWriteKeyRangeThroughputExceeded"
	}
	return &memdb.Error{Status: http.StatusBadRequest, Type: "ProvisionedThroughputExceededException", Message: textThrottled,
		Throttling: []memdb.ThrottlingReason{{Reason: reason, Resource: resource}}}
}

func conflictError(c *memdb.Call, targets []int) *memdb.Error {
	if c.Operation == "TransactWriteItems" || c.Operation == "TransactGetItems" {
		return cancelled(c, targets, "TransactionConflict", textConflict)
	}
	return &memdb.Error{Status: http.StatusBadRequest, Type: "TransactionConflictException", Message: textConflict}
}

// cancelled cancels a transaction, with a code for the targets and none for the
// other operations.
func cancelled(c *memdb.Call, targets []int, code, message string) *memdb.Error {
	reasons := make([]memdb.Reason, len(c.Targets))
	for i := range reasons {
		reasons[i].Code = "None"
	}
	for _, i := range targets {
		reasons[i] = memdb.Reason{Code: code, Message: message}
	}
	return memdb.Cancelled(reasons)
}
