package attempt

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// lastWord keeps a retryer from trying again what must not be sent again, so that the call ends in the SDK's own error. That it is
// not sent the transport sees to.
type lastWord struct {
	aws.Retryer
	track *Track
}

// IsErrorRetryable asks the retryer, unless the call is over.
func (r *lastWord) IsErrorRetryable(err error) bool {
	return !r.track.over() && r.Retryer.IsErrorRetryable(err)
}

// GetAttemptToken asks a retryer of the newer kind or the older.
func (r *lastWord) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	if v2, ok := r.Retryer.(aws.RetryerV2); ok {
		return v2.GetAttemptToken(ctx)
	}
	return r.GetInitialToken(), nil
}

// over reports whether the call must not be sent again.
func (t *Track) over() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.once && (t.ambiguous != nil || t.applied)
}
