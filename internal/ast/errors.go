package ast

import (
	"errors"
	"fmt"
	"strings"
)

// The kinds of [Error].
var (
	ErrTooLarge = errors.New("expression too large") // a limit of DynamoDB is exceeded
	ErrOverlap  = errors.New("overlapping paths")    // one path twice, or a path and its parent
	ErrEmpty    = errors.New("empty update")         // an update that changes nothing, or a change without values
	ErrInvalid  = errors.New("invalid operand")      // a value or a path that the operator cannot take
)

// Error says what is wrong with a condition or a change. Its text names fields and what to do, never a value or a map key.
type Error struct {
	Kind   error    // one of the kinds above; errors.Is finds it
	Fields []string // the Go names of the paths that are concerned; empty where it is the whole expression
	Text   string   // what is wrong and what to do, without the fields
	Err    error    // the cause, if there is one: of the codec, or of the SDK; its text may quote values, so Text leaves it out

	_ [0]func() // not to be compared
}

// Error is the fields and the text.
func (e *Error) Error() string {
	if len(e.Fields) == 0 {
		return e.Text
	}
	return strings.Join(e.Fields, ", ") + ": " + e.Text
}

// Unwrap gives the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// problem is an error about one path.
func problem(kind error, p Path, format string, args ...any) *Error {
	return &Error{Kind: kind, Fields: []string{p.String()}, Text: fmt.Sprintf(format, args...)}
}

// general is an error about no path in particular.
func general(kind error, format string, args ...any) *Error {
	return &Error{Kind: kind, Text: fmt.Sprintf(format, args...)}
}

// in says in which part of the request the error is.
func in(part string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	return &Error{Kind: e.Kind, Fields: e.Fields, Text: part + ": " + e.Text, Err: e.Err}
}
