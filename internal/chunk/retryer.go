package chunk

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// call is one request as the SDK carries it out: every attempt at its turn.
type call struct{ permit permit }

// option puts the call into the options of its request.
func (c *call) option(o *dynamodb.Options) {
	if v2, ok := o.Retryer.(aws.RetryerV2); ok {
		o.Retryer = &turns{v2, &c.permit}
	}
}

// turns has every attempt of a call keep the pace. A throttled one gives its leave back at once, so that what it learned holds for all.
type turns struct {
	aws.RetryerV2
	permit *permit
}

func (t *turns) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	if err := t.permit.pace.again(ctx, t.permit); err != nil {
		return nil, err
	}
	release, err := t.RetryerV2.GetAttemptToken(ctx)
	if err != nil {
		return nil, err
	}
	return func(err error) error {
		if err != nil {
			if isThrottle(err) {
				t.permit.pace.throttled(t.permit)
			}
			t.permit.pace.release(t.permit)
		}
		return release(err)
	}, nil
}
