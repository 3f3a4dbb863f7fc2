package repotest

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

const (
	maxAttempts = 5
	firstDelay  = 50 * time.Millisecond
	maxDelay    = 20 * time.Second
)

// Client returns a client whose requests are answered by the engine, in process
// and without a socket. Every call returns a new one; all see the same tables.
//
// It retries as the library's own client does, whatever the environment says: at
// most 5 attempts, after delays that double from 50 ms up to 20 s, each cut to a
// random part, without a quota. A test puts something between client and engine
// through its HTTP client:
//
//	client = dynamodb.New(client.Options(), func(o *dynamodb.Options) { o.HTTPClient = wrap(o.HTTPClient) })
func (e *Engine) Client() *dynamodb.Client {
	base := "http://" + host
	return dynamodb.New(dynamodb.Options{
		Region:                "us-east-1",
		BaseEndpoint:          &base,
		EndpointResolverV2:    endpoint{dynamodb.NewDefaultEndpointResolverV2()},
		AccountIDEndpointMode: aws.AccountIDEndpointModeDisabled,
		Credentials:           aws.CredentialsProviderFunc(madeUpCredentials),
		HTTPClient:            transport{e},
		HTTPSignerV4:          signer{v4.NewSigner()},
		RetryMode:             aws.RetryModeStandard,
		RetryMaxAttempts:      maxAttempts,
		Retryer:               newRetryer(),
	})
}

// transport answers requests in process.
type transport struct{ engine *Engine }

func (t transport) Do(r *http.Request) (*http.Response, error) { return t.engine.db.Do(r) }

func madeUpCredentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "REPOTEST", SecretAccessKey: "REPOTEST", Source: "repotest"}, nil
}

// newRetryer sets everything that the SDK would otherwise take from its defaults,
// which an environment variable can change.
func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.MaxBackoff = maxDelay
		o.Backoff = retry.BackoffDelayerFunc(fullJitter)
		o.RateLimiter = ratelimit.None
	})
}

// fullJitter is a random part of a delay that doubles with each attempt, which are
// counted from 1.
func fullJitter(attempt int, _ error) (time.Duration, error) {
	limit := maxDelay
	if attempt < 10 { // 50 ms doubled 9 times is over 20 s
		limit = firstDelay << max(attempt-1, 0)
	}
	return rand.N(limit), nil
}
