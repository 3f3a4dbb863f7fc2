package client

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

const baseDelay = 50 * time.Millisecond

// retryer is the SDK's standard one, for what it knows about errors, with everything that its environment switches
// or its next version might change set here. draw returns a number in [0, n).
func retryer(o Options, draw func(n int64) int64) aws.Retryer {
	return retry.NewStandard(func(s *retry.StandardOptions) {
		s.MaxAttempts = o.MaxAttempts
		s.MaxBackoff = o.MaxBackoff
		s.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			return time.Duration(draw(int64(delayBound(attempt, o.MaxBackoff)))), nil
		})
		s.RateLimiter = ratelimit.None
		if o.RetryQuota > 0 {
			s.RateLimiter = ratelimit.NewTokenRateLimit(uint(o.RetryQuota))
			s.RetryCost, s.ThrottlingRetryCost, s.NoRetryIncrement = 1, 1, 1
		}
	})
}

// delayBound is what the wait after the given attempt, counted from 1, stays below. The jitter is full, not around
// the bound: clients that were throttled together come back spread over the whole of it.
func delayBound(attempt int, limit time.Duration) time.Duration {
	bound := baseDelay
	for ; attempt > 1 && bound < limit; attempt-- {
		if bound > limit/2 {
			return limit // doubling could overflow
		}
		bound *= 2
	}
	return min(bound, limit)
}
