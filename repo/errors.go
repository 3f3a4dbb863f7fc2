package repo

import (
	"cmp"
	"errors"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/internal/attempt"
)

// What went wrong. Every error of this package answers errors.Is for the sentinel that says what happened, and errors.As for
// [*Error], which says where. Errors of the SDK stay reachable by errors.As.
var (
	// ErrNotFound: there is no such item.
	ErrNotFound = errors.New("not found")
	// ErrAlreadyExists: Create found an item with this key.
	ErrAlreadyExists = errors.New("already exists")
	// ErrConditionFailed: a condition of the call did not hold, and nothing was written.
	ErrConditionFailed = errors.New("condition failed")
	// ErrIncompleteKey: a field that a key needs is empty.
	ErrIncompleteKey = errors.New("incomplete key")
	// ErrInvalidKey: a value cannot be part of a key.
	ErrInvalidKey = errors.New("invalid key")
	// ErrInvalidValue: a value cannot be stored, or a stored one cannot be read.
	ErrInvalidValue = errors.New("invalid value")
	// ErrInvalidCursor: the cursor is damaged, or of another query.
	ErrInvalidCursor = errors.New("invalid cursor")
	// ErrNoIndex: no index serves the query as it is asked.
	ErrNoIndex = errors.New("no index serves this query")
	// ErrStaleIndex: the update would leave a stale key in an index.
	ErrStaleIndex = errors.New("stale index key")
	// ErrImmutable: the update would change a field that may not change.
	ErrImmutable = errors.New("immutable field")
	// ErrEmptyUpdate: the update changes nothing.
	ErrEmptyUpdate = errors.New("empty update")
	// ErrTooLarge: a limit of DynamoDB is exceeded.
	ErrTooLarge = errors.New("too large")
	// ErrWrongEntity: the item belongs to another entity.
	ErrWrongEntity = errors.New("wrong entity")
	// ErrVersionConflict: the stored version is not the one expected; somebody else wrote the item.
	ErrVersionConflict = errors.New("version conflict")
	// ErrNotUnique: another item has the value of a unique field.
	ErrNotUnique = errors.New("not unique")
	// ErrOutOfScope: the call would lead out of the scope of the repository, or the scope itself is wrong.
	ErrOutOfScope = errors.New("out of scope")
	// ErrConflict: other transactions were at work on the same items, for longer than the call tried; nothing was written.
	ErrConflict = errors.New("transaction conflict")
	// ErrApplied: the write was applied, and only the item that it left cannot be returned. It must not be repeated.
	ErrApplied = errors.New("the write was applied")
	// ErrOutcomeUnknown: the write may or may not have been applied, and trying again could apply it twice. Read the item to see.
	ErrOutcomeUnknown = errors.New("outcome unknown")
)

// Error says where a call failed: the verb, the entity, the field and the index concerned, and what to do. Its text never holds
// attribute values or key text; errors of the SDK, whose texts may, are reached by errors.As and show only their code here.
type Error struct {
	Op     string // the verb: "Update"
	Entity string // the entity's name
	Field  string // the Go path of the field, if one is concerned
	Index  string // the index, if one is concerned
	Reason string // what is wrong and what to do

	kind   error // a sentinel of this package
	cause  error
	stored storedItem // what stood in the way of a condition
}

// Error is the text, on one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("repo: ")
	b.WriteString(strings.TrimSpace(e.Op + " " + e.Entity))
	if e.Index != "" {
		b.WriteString(": index " + e.Index)
	}
	if e.Field != "" {
		b.WriteString(": field " + e.Field)
	}
	if e.kind != nil {
		b.WriteString(": " + e.kind.Error())
	}
	if e.Reason != "" {
		b.WriteString(": " + e.Reason)
	}
	if text := causeText(e.cause); text != "" {
		b.WriteString(": " + text)
	} else if e.kind == nil && e.Reason == "" {
		b.WriteString(": the request did not succeed")
	}
	return b.String()
}

// Unwrap gives the sentinel and the cause.
func (e *Error) Unwrap() []error {
	out := make([]error, 0, 2)
	for _, err := range []error{e.kind, e.cause} {
		if err != nil {
			out = append(out, err)
		}
	}
	return out
}

// in completes an error with the verb and entity that it happened in.
func (e *Error) in(op, entity string) *Error {
	if e.Op == "" {
		e.Op = op
		e.Entity = cmp.Or(e.Entity, entity)
	}
	return e
}

// causeText shows what of a cause is safe to show: the code of a service error, and nothing of its message, which may quote values.
func causeText(cause error) string {
	var api smithy.APIError
	var damaged *attempt.Damaged
	switch {
	case cause == nil:
		return ""
	case errors.As(cause, &api):
		return api.ErrorCode()
	case errors.As(cause, &damaged):
		return damaged.Error()
	case isContext(cause):
		return contextText(cause)
	}
	return ""
}
