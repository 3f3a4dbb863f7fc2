package attempt

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/aws/smithy-go"
)

// hung is an attempt that was given up. The SDK may try again.
type hung struct{}

func (*hung) Error() string        { return "no answer within " + patience.String() }
func (*hung) Timeout() bool        { return true }
func (*hung) RetryableError() bool { return true }

// Damaged is an answer that cannot be trusted: its checksum is wrong, it is cut or empty, or an attribute in it is none. The text
// says which, and nothing of what the answer holds. The SDK may try again.
type Damaged struct{ Reason string }

func (e *Damaged) Error() string { return "the answer is damaged: " + e.Reason }

// RetryableError tells the SDK's retryer to try again.
func (*Damaged) RetryableError() bool { return true }

// stopped ends a call that must not be sent again.
type stopped struct{ cause error }

func (e *stopped) Error() string {
	return "an attempt may have been applied, and the call cannot be repeated: " + e.cause.Error()
}
func (e *stopped) Unwrap() error      { return e.cause }
func (*stopped) RetryableError() bool { return false }

// status stands for an answer that the SDK makes an error of.
type status struct{ code int }

func (e *status) Error() string {
	return "status " + strconv.Itoa(e.code) + " " + http.StatusText(e.code)
}

// isRefusal reports whether a service error says that nothing was applied; for fakes, whose errors have no status.
func isRefusal(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorFault() != smithy.FaultServer && api.ErrorCode() != inProgress
}
