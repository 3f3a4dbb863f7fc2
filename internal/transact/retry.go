package transact

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/sethvargo/go-retry"
)

const (
	conflictAttempts = 8                      // of one call, apart from the client's own attempts
	conflictBase     = 100 * time.Millisecond // the first delay; the fixed halves of all of them last 6.3 s
	retryAfter       = 5 * time.Second        // what the SDK adds to a delay at most, where the server asks for more
)

// RetryConflicts is the option of a call whose own retryer is to retry conflicts as well. [Send] gives it to transactions; a write
// of one item can meet a conflict too.
func RetryConflicts(o *dynamodb.Options) {
	if o.Retryer != nil {
		o.Retryer = &retryer{Retryer: o.Retryer, began: time.Now()}
	}
}

// Backoff makes the delays between attempts that met a conflict: they double, half of each is fixed and half is random, and after
// the seventh there is none. A transaction that is in progress elsewhere needs 5 s to be over, which the fixed halves outlast.
func Backoff() retry.Backoff {
	return retry.WithMaxRetries(conflictAttempts-1, halfJitter(retry.NewExponential(conflictBase)))
}

func halfJitter(next retry.Backoff) retry.Backoff {
	return retry.BackoffFunc(func() (time.Duration, bool) {
		delay, stop := next.Next()
		if stop {
			return 0, true
		}
		return delay/2 + rand.N(delay/2+1), false
	})
}

// retryer adds the retries of conflicts to a client's retryer, for one call. The two are counted apart.
type retryer struct {
	aws.Retryer
	began time.Time // the request was sent first

	mu        sync.Mutex
	backoff   retry.Backoff
	conflicts int
	others    int           // attempts that failed otherwise
	delay     time.Duration // before the attempt that follows a conflict
}

// MaxAttempts leaves room for both kinds.
func (r *retryer) MaxAttempts() int {
	own := r.Retryer.MaxAttempts()
	if own <= 0 {
		return own
	}
	return own + conflictAttempts - 1
}

// IsErrorRetryable draws the delay of a conflict, or asks the client's retryer.
func (r *retryer) IsErrorRetryable(err error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.delay = 0
	if !Alive(r.began) {
		return false
	}
	if !isConflict(err) {
		r.others++
		own := r.Retryer.MaxAttempts()
		return (own <= 0 || r.others < own) && r.Retryer.IsErrorRetryable(err)
	}
	if r.backoff == nil {
		r.backoff = Backoff() // fresh for each call: it is spent by use
	}
	delay, stop := r.backoff.Next()
	if stop {
		return false
	}
	r.conflicts++
	r.delay = delay
	return true
}

// RetryDelay is the delay drawn, or the client's own, for which the conflicts do not count. It is an error, which ends the call,
// where the token would be dead by then.
func (r *retryer) RetryDelay(attempt int, err error) (delay time.Duration, _ error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if delay = r.delay; delay == 0 {
		var failed error
		if delay, failed = r.Retryer.RetryDelay(max(attempt-r.conflicts, 1), err); failed != nil {
			return 0, failed
		}
	}
	if !Alive(r.began.Add(-delay - retryAfter)) {
		return 0, err
	}
	return delay, nil
}

// GetRetryToken spares conflicts the client's quota: they are no sign that the service is in trouble.
func (r *retryer) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	if isConflict(err) {
		return func(error) error { return nil }, nil
	}
	return r.Retryer.GetRetryToken(ctx, err)
}

// GetAttemptToken asks the client's retryer, of the newer kind or the older.
func (r *retryer) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	if v2, ok := r.Retryer.(aws.RetryerV2); ok {
		return v2.GetAttemptToken(ctx)
	}
	return r.GetInitialToken(), nil
}

// isConflict reports whether the attempt failed only because another transaction, or an earlier attempt of this one, is at work.
func isConflict(err error) bool {
	var running *types.TransactionInProgressException
	var busy *types.TransactionConflictException
	var replicated *types.ReplicatedWriteConflictException // a write of the same item in another Region
	return errors.As(err, &running) || errors.As(err, &busy) || errors.As(err, &replicated) || IsConflict(err)
}
