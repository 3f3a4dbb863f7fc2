package memdb

import "net/http"

// An Error is a refusal, as it goes over the wire.
type Error struct {
	Status  int
	Type    string // the short name: ValidationException
	Message string
	Reasons []Reason // of a cancelled transaction
	Item    string   // the stored item that stood in the way of a condition, encoded
	// Throttling tells where a request was throttled, where the service says so.
	Throttling []ThrottlingReason
}

// A Reason tells why one operation of a transaction was cancelled, or "None".
type Reason struct {
	Code    string
	Message string
	item    string // encoded
}

// A ThrottlingReason names the resource and the limit that was met.
type ThrottlingReason struct {
	Reason   string
	Resource string
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

func failure(kind, message string) *Error {
	return &Error{Status: http.StatusBadRequest, Type: kind, Message: message}
}

// invalid is the commonest refusal, a ValidationException.
func invalid(message string) *Error { return failure("ValidationException", message) }

// invalidParameter wraps the texts that follow the service's usual preamble.
func invalidParameter(message string) *Error {
	return invalid("One or more parameter values were invalid: " + message)
}

func malformed(message string) *Error { return failure("SerializationException", message) }

func errConditionFailed(item string) *Error {
	e := failure("ConditionalCheckFailedException", "The conditional request failed")
	e.Item = item
	return e
}

func errNoResource() *Error {
	return failure("ResourceNotFoundException", "Requested resource not found")
}

func errNoTable(name string) *Error {
	return failure("ResourceNotFoundException", "Requested resource not found: Table: "+name+" not found")
}

// shapes says under which name space the service files an error type.
func (e *Error) shape() string {
	switch e.Type {
	case "ValidationException":
		return "com.amazon.coral.validate#" + e.Type
	case "SerializationException", "UnknownOperationException", "RequestEntityTooLargeException",
		"ThrottlingException", "InternalFailure", "AccessDeniedException":
		return "com.amazon.coral.service#" + e.Type
	}
	return "com.amazonaws.dynamodb.v20120810#" + e.Type
}
