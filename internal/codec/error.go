package codec

import (
	"errors"
	"reflect"
)

// Error is a value that cannot be written or an attribute that cannot be read. Its text names places and types, never what
// stands there: values of customers must not end in logs by way of an error.
type Error struct {
	Path   string // in Go: "Ship.City", "Lines[2].Qty", "Notes[key]"; empty for the value itself
	Reason string
	Cause  error // of a user's Marshaler, say; its text may quote the value, so it is no part of this one's
}

func (e *Error) Error() string {
	if e.Path == "" {
		return e.Reason
	}
	return e.Path + ": " + e.Reason
}

// Unwrap gives the cause, whose text is left to those who want it.
func (e *Error) Unwrap() error { return e.Cause }

func fail(reason string) error { return &Error{Reason: reason} }

// under puts a step of the path before what an error of this package has gathered below it. Paths are built on the way out, so that a success
// costs nothing.
func under(step string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Reason: "it cannot be stored or read", Cause: err}
	}
	switch {
	case e.Path == "":
		e.Path = step
	case e.Path[0] == '[':
		e.Path = step + e.Path
	default:
		e.Path = step + "." + e.Path
	}
	return e
}

func failAs(reason string, cause error) error { return &Error{Reason: reason, Cause: cause} }

func unstorable(t reflect.Type, why string) error {
	return fail("type " + t.String() + " cannot be stored: " + why)
}
