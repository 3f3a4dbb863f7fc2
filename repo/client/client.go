// Package client makes the [dynamodb.Client] that repositories are built on: a connection pool that keeps up with
// parallel work, and retries that are few, spread out and the same on every machine.
//
//	aws, err := client.New(ctx, "")                        // AWS, with the default credential chain
//	local, err := client.New(ctx, "http://localhost:8000") // DynamoDB Local, without an account
//
// Nothing in monotable needs it: every function takes any *dynamodb.Client. It is a package of its own because
// it alone imports the AWS config module, with the sign-in services that module brings along.
package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

const (
	defaultMaxAttempts  = 5
	defaultMaxBackoff   = 20 * time.Second
	defaultMaxIdleConns = 64

	// What a local server is told where nothing is configured. DynamoDB Local takes letters and digits only,
	// and without -sharedDb keeps one database for each pair of key and region.
	localRegion = "us-east-1"
	localKey    = "local"
)

// Options are the settings of [New]. The zero value is valid, and a zero field means its default.
type Options struct {
	// MaxAttempts is how often one call is sent, the first time included. Defaults to 5; 1 is no retries.
	MaxAttempts int

	// MaxBackoff bounds the wait before each retry. Defaults to 20 s. The wait before retry n, counted from 0, is
	// uniform in [0, min(MaxBackoff, 50 ms × 2ⁿ)); a server that asks for longer gets up to 5 s more.
	MaxBackoff time.Duration

	// MaxIdleConns is how many idle connections are kept open for each host. Defaults to 64. Make it at least the
	// number of requests that run at once, batch workers included: beyond it every request opens a connection and
	// throws it away.
	MaxIdleConns int

	// RetryQuota, if positive, is a stock of retries shared by all calls of the client. A retry takes one and
	// puts it back if it succeeds, as does a call that succeeds at once, up to the stock. While none is left,
	// calls end with their last error joined with the SDK's ratelimit.QuotaExceededError. Defaults to no quota:
	// one throttled partition then can't stop the retries of the others.
	RetryQuota int

	// Region defaults to the one that the environment configures; for a local server to "us-east-1" without one.
	Region string

	// Credentials default to the AWS credential chain; for an endpoint to made-up ones, so that real keys are
	// never sent to a server that has no use for them.
	Credentials aws.CredentialsProvider
}

// New returns a client of AWS if endpoint is "", and of the server at endpoint otherwise, such as
// "http://localhost:8000". It sends nothing by itself, apart from what the credential chain needs.
//
// For AWS, region, credentials and endpoint come from where the SDK looks for them: the environment (with
// AWS_ENDPOINT_URL_DYNAMODB for a VPC endpoint), the shared files, the machine's role. For an endpoint none of these
// is read but AWS_REGION and AWS_DEFAULT_REGION.
//
// Retries and connections are as [Options] say, whatever the SDK's own switches say (AWS_MAX_ATTEMPTS,
// AWS_RETRY_MODE, AWS_NEW_RETRIES_2026, AWS_DEFAULTS_MODE and their like in the shared files). An attempt is given up
// after 3 s without a connection, 3 s without a TLS handshake, 10 s without an answer once it is sent, or 60 s in
// which nothing arrives. A call ends when its context ends, and also without that after its last attempt.
//
// New fails with an [*EndpointError] for an endpoint that can't be used, and with an [*OptionError] for each option
// that can't (all of them, joined), a missing region included; and with the SDK's error if the AWS configuration
// can't be loaded.
//
// The client is safe for concurrent use. Each has its own connections; make one and share it.
func New(ctx context.Context, endpoint string, opts ...func(*Options)) (*dynamodb.Client, error) {
	var o Options
	for _, opt := range opts {
		opt(&o)
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	o.MaxAttempts = cmp.Or(o.MaxAttempts, defaultMaxAttempts)
	o.MaxBackoff = cmp.Or(o.MaxBackoff, defaultMaxBackoff)
	o.MaxIdleConns = cmp.Or(o.MaxIdleConns, defaultMaxIdleConns)

	if endpoint == "" {
		return newAWS(ctx, o)
	}
	return newLocal(endpoint, o)
}

func newAWS(ctx context.Context, o Options) (*dynamodb.Client, error) {
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithHTTPClient(pool(o)), // takes the certificates of AWS_CA_BUNDLE
		// Every other mode replaces time limits of the pool; "auto" asks the machine's metadata service, too.
		config.WithDefaultsMode(aws.DefaultsModeLegacy),
		config.WithRegion(o.Region),
		config.WithCredentialsProvider(o.Credentials),
	)
	if err != nil {
		return nil, fmt.Errorf("client: loading the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return nil, &OptionError{Option: "Region", Problem: "is not configured: set it, AWS_REGION, or a region in the shared config file"}
	}
	return dynamodb.NewFromConfig(cfg, func(d *dynamodb.Options) {
		// Set here and not in cfg: the sign-in clients that share cfg keep the SDK's own retries.
		d.Retryer = retryer(o, rand.Int64N)
		d.RetryMaxAttempts = 0 // or AWS_MAX_ATTEMPTS would wrap the retryer
	}), nil
}

func newLocal(endpoint string, o Options) (*dynamodb.Client, error) {
	if err := checkEndpoint(endpoint, o.Credentials != nil); err != nil {
		return nil, err
	}
	if o.Credentials == nil {
		o.Credentials = credentials.NewStaticCredentialsProvider(localKey, localKey, "")
	}
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: &endpoint,
		Region:       cmp.Or(o.Region, os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"), localRegion),
		Credentials:  aws.NewCredentialsCache(o.Credentials),
		Retryer:      retryer(o, rand.Int64N),
		HTTPClient:   pool(o),
	}), nil
}

// An OptionError says which field of [Options] can't be used, and what to do.
type OptionError struct {
	Option  string // the name of the field
	Problem string // what is wrong and what to do, to be read after the name
}

func (e *OptionError) Error() string { return "client: Options." + e.Option + " " + e.Problem }

func (o Options) check() error {
	var errs []error
	negative := func(option string, v int64, zero string) {
		if v < 0 {
			errs = append(errs, &OptionError{Option: option, Problem: "is negative: use a positive value, or 0 for " + zero})
		}
	}
	negative("MaxAttempts", int64(o.MaxAttempts), "the default")
	negative("MaxBackoff", int64(o.MaxBackoff), "the default")
	negative("MaxIdleConns", int64(o.MaxIdleConns), "the default")
	negative("RetryQuota", int64(o.RetryQuota), "no quota")
	return errors.Join(errs...)
}
