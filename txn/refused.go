package txn

import (
	"context"
	"errors"

	"github.com/aws/smithy-go"
)

// errRefused is the kind of an error that says no more than that the request did not succeed; its cause does.
var errRefused = errors.New("the transaction was not carried out")

// refusal shows what of an SDK error is safe to show: its code, or that the context ended.
func refusal(err error) string {
	var api smithy.APIError
	switch {
	case errors.As(err, &api):
		return api.ErrorCode()
	case errors.Is(err, context.Canceled):
		return context.Canceled.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded.Error()
	}
	return ""
}
