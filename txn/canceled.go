package txn

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/transact"
	"github.com/monotable/monotable/repo"
)

// CanceledError says why DynamoDB canceled a transaction: nothing of it was written. It answers errors.Is for every sentinel that is
// the reason of some operation; the SDK's exception is reached by errors.As. It is for reading, from any goroutine.
type CanceledError struct {
	// Reasons has one for each operation that was added, in order.
	Reasons []Reason

	cause error
}

// Reason is what one operation had to do with the cancellation.
type Reason struct {
	Index     int    // of the operation, from 0
	Operation string // its verb: "Create"
	Entity    string
	Code      string // DynamoDB's, "None" for an innocent operation; that of a unique guard where the guard failed
	Err       error  // why it failed, as the verb of the repository would have said; nil for an innocent one
}

// Error names the operations that failed, and why.
func (e *CanceledError) Error() string {
	var b strings.Builder
	b.WriteString("txn: canceled")
	for _, r := range e.Reasons {
		if r.Err != nil {
			fmt.Fprintf(&b, ": operation %d: %s", r.Index, strings.TrimPrefix(r.Err.Error(), "repo: "))
		}
	}
	return b.String()
}

// Unwrap gives the errors of the operations, and the SDK's.
func (e *CanceledError) Unwrap() []error {
	var out []error
	for _, r := range e.Reasons {
		if r.Err != nil {
			out = append(out, r.Err)
		}
	}
	return append(out, e.cause)
}

// canceled makes the error of a transaction that was not carried out.
func (t *Txn) canceled(err error) error {
	var busy *types.TransactionConflictException
	switch {
	case errors.As(err, &busy):
		return &Error{kind: ErrConflict, Reason: "transactions on the items did not end in time", cause: err}
	case !transact.IsCanceled(err):
		return &Error{kind: errRefused, Reason: refusal(err), cause: err}
	}
	out := &CanceledError{cause: err}
	codes := t.sent.plan.Codes(err)
	for i, reason := range t.sent.plan.Explain(err) {
		w := t.ops[i].write
		out.Reasons = append(out.Reasons, Reason{Index: i, Operation: w.Verb(), Entity: w.Entity(), Code: codes[i], Err: reason})
	}
	return out
}

// Stored is the item that stood in the way of an operation of this repository, from the same round trip. It is false where there was
// none, or where the reason is that of another entity. An item that cannot be decoded is an error.
func Stored[T any](r *repo.Repository[T], reason Reason) (T, bool, error) {
	return repo.Stored(r, reason.Err)
}
