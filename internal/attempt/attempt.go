// Package attempt watches the HTTP attempts of one call, below the SDK's retries: how many there were, and when.
package attempt

import (
	"context"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
)

// Track counts the attempts of one call. It is an option of that call; the zero value is ready. It stays at zero where the client
// is a fake that ignores options.
type Track struct{ attempts atomic.Int32 }

// Attempts is the number of attempts begun so far.
func (t *Track) Attempts() int { return int(t.attempts.Load()) }

// Option installs the track in a call.
func (t *Track) Option(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, t.install)
}

// install puts the track behind the SDK's retry loop, so that it runs once an attempt. A stack without retries is left alone.
func (t *Track) install(stack *middleware.Stack) error {
	if _, ok := stack.Finalize.Get("Retry"); !ok {
		return nil
	}
	return stack.Finalize.Insert(t, "Retry", middleware.After)
}

// ID names the middleware.
func (t *Track) ID() string { return "monotable.Attempt" }

// HandleFinalize counts one attempt.
func (t *Track) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	t.attempts.Add(1)
	return next.HandleFinalize(ctx, in)
}
