package batch

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/internal/attempt"
	"github.com/monotable/monotable/internal/chunk"
	"github.com/monotable/monotable/repo"
)

// What went wrong, beside the sentinels of package repo.
var (
	// ErrInvalid: the call cannot be made as it is: its options, its repository or client, its sequence. Nothing was sent.
	ErrInvalid = errors.New("invalid batch")
	// ErrDuplicate: several inputs have one key.
	ErrDuplicate = errors.New("duplicate key")
	// ErrUnprocessed: the service left the item unprocessed until the attempts were over.
	ErrUnprocessed = errors.New("left unprocessed")
)

// State is what became of an input.
type State uint8

// The states. Every input ends as exactly one of them.
const (
	Written     State = iota // acknowledged by the service; of a read, that the item was read or is not there
	Unprocessed              // not written by this call; it may be tried again
	Rejected                 // refused for what it is, here or by the service, and not written
	Ambiguous                // it may have been written: a request of it was sent, and its answer never came
)

// String is the state in one word.
func (s State) String() string {
	switch s {
	case Written:
		return "written"
	case Unprocessed:
		return "unprocessed"
	case Rejected:
		return "rejected"
	case Ambiguous:
		return "ambiguous"
	}
	return "state " + strconv.Itoa(int(s))
}

// Failure is an input that is not written, or could not be read.
type Failure struct {
	Index int    // of the input, from 0
	Table string // the table, in calls that concern several; else empty
	State State  // never Written
	Err   error  // the cause: errors.Is and errors.As reach what is behind it, and its text quotes nothing
}

// Error says what became of the inputs of a call that are not written, or not read. Errors.Is and errors.As reach why the call
// ended early (the context's error, the sequence's own), and the causes of the failures. Its text counts, and holds neither attribute
// values nor key text.
type Error struct {
	Op     string // the method: "PutSeq"
	Entity string // the entity's name; empty for raw requests

	// Failures are in input order. Those of a sequence are listed up to 10,000, and counted in Unlisted beyond.
	Failures []Failure
	Unlisted int

	// The books: of the inputs that were drawn, how many ended in each state.
	Written, Unprocessed, Rejected, Ambiguous int

	// Next is the first input that was never drawn: where a sequence resumes, together with the failures. For a list it is the
	// number of inputs.
	Next int

	cause error // why the call ended early; nil where it did not
}

// Total is the number of inputs that were drawn.
func (e *Error) Total() int { return e.Written + e.Unprocessed + e.Rejected + e.Ambiguous }

// Cause is why the call ended before every input had its turn: the context's error, the sequence's own, a refusal of every request; nil
// where none did.
func (e *Error) Cause() error { return e.cause }

// Error is the text, on one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("batch: " + strings.TrimSpace(e.Op+" "+e.Entity))
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	failed := e.Total() - e.Written
	done := "written"
	if strings.HasPrefix(e.Op, "Get") {
		done = "read"
	}
	fmt.Fprintf(&b, ": %d of %d not %s", failed, e.Total(), done)
	sep := ": "
	for _, of := range []struct {
		n     int
		state State
	}{{e.Unprocessed, Unprocessed}, {e.Rejected, Rejected}, {e.Ambiguous, Ambiguous}} {
		if of.n > 0 {
			fmt.Fprintf(&b, "%s%d %s", sep, of.n, of.state)
			sep = ", "
		}
	}
	if len(e.Failures) > 0 {
		first := e.Failures[0]
		fmt.Fprintf(&b, "; the first is input %d: %v", first.Index, first.Err)
	}
	return b.String()
}

// Unwrap gives why the call ended early, and then the causes of the failures, each once.
func (e *Error) Unwrap() []error {
	var out []error
	if e.cause != nil {
		out = append(out, e.cause)
	}
	seen := map[*cause]bool{}
	for _, f := range e.Failures {
		if c, ok := f.Err.(*cause); ok { //nolint:errorlint // identity of the library's own pointer is meant
			if seen[c] {
				continue
			}
			seen[c] = true
		}
		out = append(out, f.Err)
	}
	return out
}

// PanicError is a sequence, or a Progress, that panicked. What was drawn before is in the books like everything else.
type PanicError struct {
	Value any    // what it panicked with
	Stack []byte // where, for a sequence
}

// Error is the text, which does not show the value.
func (e *PanicError) Error() string { return "the caller's own function panicked" }

// Unwrap gives the value, where that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// cause is an error whose text quotes nothing, whatever is behind it.
type cause struct {
	text   string
	behind []error
}

func (c *cause) Error() string   { return c.text }
func (c *cause) Unwrap() []error { return c.behind }

func invalid(text string) error { return &cause{ErrInvalid.Error() + ": " + text, []error{ErrInvalid}} }

// explain makes an error safe to show.
func explain(err error) error {
	var stopped *chunk.Stopped
	var ended *chunk.Ended
	switch {
	case err == nil:
		return nil
	case errors.As(err, &stopped):
		c := &cause{"the call ended before", []error{explain(stopped.Why)}}
		if stopped.Last != nil {
			c.behind = append(c.behind, explain(stopped.Last))
			c.text += ", and the last request said: " + c.behind[1].Error()
		}
		return c
	case errors.As(err, &ended) && ended.Cause == nil:
		return &PanicError{Value: ended.Panic}
	case errors.Is(err, chunk.ErrUnprocessed):
		return &cause{"the service left it unprocessed, again and again", []error{ErrUnprocessed}}
	case errors.Is(err, chunk.ErrTooLarge):
		return &cause{repo.ErrTooLarge.Error() + ": the item alone is over the byte budget of a request", []error{repo.ErrTooLarge}}
	case errors.Is(err, chunk.ErrDuplicates):
		return &cause{ErrDuplicate.Error() + ": the service says that the request names an item twice; name the attributes of the table's key in Options.Keys", []error{ErrDuplicate, err}}
	}
	switch err.(type) { //nolint:errorlint // one that wraps them may have a text of its own
	case *repo.Error, *cause:
		return err
	}
	return &cause{codeOf(err), []error{err}}
}

// codeOf is what of an error is safe to show: the code of a service error, and nothing of its message, which may quote values.
func codeOf(err error) string {
	var api smithy.APIError
	var damaged *attempt.Damaged
	switch {
	case errors.As(err, &api):
		return "the request failed: " + api.ErrorCode()
	case errors.As(err, &damaged):
		return damaged.Error()
	case errors.Is(err, context.Canceled):
		return context.Canceled.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded.Error()
	}
	return "the request failed"
}
