package txn

import (
	"errors"
	"fmt"
	"strings"

	"github.com/monotable/monotable/repo"
)

// What went wrong, beside the sentinels of package repo, which the reasons of a [*CanceledError] answer errors.Is for.
var (
	// ErrConflict: other transactions were at work on the same items, for longer than the call tried; nothing was written. It is
	// repo.ErrConflict.
	ErrConflict = repo.ErrConflict
	// ErrOutcomeUnknown: the transaction may or may not have been carried out. Committing it again within ten minutes finds out. It
	// is repo.ErrOutcomeUnknown.
	ErrOutcomeUnknown = repo.ErrOutcomeUnknown
	// ErrTokenReused: the caller's own key was used for a transaction with other contents.
	ErrTokenReused = errors.New("token reused")
	// ErrUsed: the transaction was committed already, or is being committed or changed by another goroutine.
	ErrUsed = errors.New("transaction used")
	// ErrInvalid: the transaction cannot be sent as it is. Where the reason is one of package repo's sentinels, that is found as well.
	ErrInvalid = errors.New("invalid transaction")
)

// Error says what is wrong with a transaction as a whole, or with operations of it. Its text holds no attribute values and no key text.
type Error struct {
	Positions []int // of the operations concerned, from 0; empty where it is the whole
	Reason    string

	kind, cause error
}

// Error is the text, on one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("txn: ")
	if len(e.Positions) > 0 {
		fmt.Fprintf(&b, "operation %s: ", positions(e.Positions))
	}
	b.WriteString(e.kind.Error())
	if e.Reason != "" {
		b.WriteString(": " + e.Reason)
	}
	return b.String()
}

// Unwrap gives the sentinel and the cause.
func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return []error{e.kind}
	}
	return []error{e.kind, e.cause}
}

func positions(list []int) string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = fmt.Sprint(n)
	}
	return strings.Join(out, " and ")
}

// refuse says what is wrong with operations.
func refuse(at []int, reason string) error {
	return &Error{Positions: at, Reason: reason, kind: ErrInvalid}
}

// invalid says what package repo has against operations.
func invalid(at []int, err error) error {
	var planned *repo.PositionError
	if errors.As(err, &planned) {
		return &Error{Positions: at, Reason: planned.Reason, kind: ErrInvalid, cause: err}
	}
	return &Error{Positions: at, Reason: strings.TrimPrefix(err.Error(), "repo: "), kind: ErrInvalid, cause: err}
}

// tooLarge says which limit operations exceed. Without operations there is none to exceed.
func tooLarge(at []int, err error) error {
	if at == nil {
		return refuse(nil, err.Error())
	}
	return &Error{Positions: at, Reason: err.Error(), kind: ErrInvalid, cause: repo.ErrTooLarge}
}

// positionsOf are the positions that package repo names.
func positionsOf(err error) []int {
	var at *repo.PositionError
	if errors.As(err, &at) {
		return at.Positions
	}
	return nil
}
