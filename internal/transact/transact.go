// Package transact sends one TransactWriteItems: under one token whatever happens, with conflicts retried and reasons kept.
package transact

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/monotable/monotable/internal/attempt"
)

// TokenLife is how long DynamoDB remembers a token. A request that is sent again later may be applied again.
const TokenLife = 10 * time.Minute

// Margin is how long before the end of a token's life nothing is sent under it any more: a request needs time to arrive.
const Margin = time.Second

// Alive reports whether a request may still be sent under a token that was first sent then. Both clocks must agree: the monotonic one
// stands still while a machine sleeps, and the other one can be set.
func Alive(first time.Time) bool { return age(first) < TokenLife-Margin }

func age(first time.Time) time.Duration {
	now := time.Now()
	return max(now.Sub(first), now.Round(0).Sub(first.Round(0)))
}

// The limits of one transaction.
const (
	MaxOperations = 100
	MaxBytes      = 4 << 20
)

// Token makes a token for one transaction.
func Token() string { return rand.Text() }

// Sender sends the request; *dynamodb.Client's method is one.
type Sender func(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)

// Send wraps a sender, so that a call of it retries conflicts inside the SDK's loop, where every attempt has the same bytes and
// token. Throttles are retried by the client's own retryer. The input must have a token.
func Send(do Sender) Sender {
	return func(ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
		if aws.ToString(in.ClientRequestToken) == "" {
			return nil, errors.New("transact: the request has no token")
		}
		return do(ctx, in, append(options[:len(options):len(options)], retryConflictsOnce)...)
	}
}

// retryConflictsOnce leaves a call alone whose retryer does so already, for the sake of [Request].
func retryConflictsOnce(o *dynamodb.Options) {
	if _, done := o.Retryer.(*retryer); !done {
		RetryConflicts(o)
	}
}

// Request is what several calls know that send one transaction under one token: when it was sent first, and its bytes, which the
// SDK would otherwise write in another order each time.
type Request struct {
	First time.Time
	body  []byte
}

// Option puts the request into a call.
func (r *Request) Option(o *dynamodb.Options) {
	if o.Retryer != nil {
		o.Retryer = &retryer{Retryer: o.Retryer, began: r.First}
	}
	o.APIOptions = append(o.APIOptions[:len(o.APIOptions):len(o.APIOptions)], func(stack *middleware.Stack) error {
		return stack.Build.Add(middleware.BuildMiddlewareFunc("SameBytes", r.sameBytes), middleware.Before)
	})
}

// sameBytes keeps the bytes of the first call, and sends them in the others.
func (r *Request) sameBytes(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (out middleware.BuildOutput, m middleware.Metadata, err error) {
	req, ok := in.Request.(*smithyhttp.Request)
	if !ok {
		return out, m, fmt.Errorf("transact: a request of type %T", in.Request)
	}
	if r.body == nil {
		size, _, err := req.StreamLength()
		if err != nil {
			return out, m, err
		}
		var body bytes.Buffer
		body.Grow(int(size) + bytes.MinRead)
		if _, err := body.ReadFrom(req.GetStream()); err != nil {
			return out, m, err
		}
		r.body = body.Bytes()
	}
	if in.Request, err = req.SetStream(bytes.NewReader(r.body)); err != nil {
		return out, m, err
	}
	return next.HandleBuild(ctx, in)
}

// Outcome is what became of a transaction. A cancellation is final whatever came before it: had an earlier attempt been applied,
// the token would have made this one a success.
func Outcome(track *attempt.Track, err error) attempt.Outcome {
	if err != nil && IsCanceled(err) {
		return attempt.NotApplied
	}
	return track.Outcome(err)
}

// IsCanceled reports whether DynamoDB canceled the transaction, with reasons.
func IsCanceled(err error) bool {
	var canceled *types.TransactionCanceledException
	return errors.As(err, &canceled)
}

// The codes of cancellation reasons that the library knows.
const (
	CodeNone      = "None"
	CodeCondition = "ConditionalCheckFailed"
	CodeConflict  = "TransactionConflict"
)

// Reason is why an operation canceled its transaction.
type Reason struct {
	Code string                          // DynamoDB's; "None" for an innocent operation
	Item map[string]types.AttributeValue // what stood in the way of a condition, where the operation asked for it
}

// Innocent reports whether the operation did nothing wrong.
func (r Reason) Innocent() bool { return r.Code == "" || r.Code == CodeNone }

// Reasons gives a reason for each of n operations. Where DynamoDB gives fewer, as the newer form of an invalid transaction does,
// the others are innocent; where it gives more, those are left out.
func Reasons(err error, n int) []Reason {
	out := make([]Reason, n)
	for i := range out {
		out[i].Code = CodeNone
	}
	var canceled *types.TransactionCanceledException
	if !errors.As(err, &canceled) {
		return out
	}
	for i := range min(n, len(canceled.CancellationReasons)) {
		r := canceled.CancellationReasons[i]
		out[i] = Reason{cmp.Or(aws.ToString(r.Code), CodeNone), r.Item}
	}
	return out
}

// IsConflict reports whether a transaction failed for conflicts with others, or throttles, alone: it was not applied, and the same
// may succeed later.
func IsConflict(err error) bool {
	var canceled *types.TransactionCanceledException
	if !errors.As(err, &canceled) {
		return false
	}
	conflicts := 0
	for _, r := range canceled.CancellationReasons {
		switch aws.ToString(r.Code) {
		case "", CodeNone:
		case CodeConflict, "ThrottlingError", "ProvisionedThroughputExceeded":
			conflicts++
		default:
			return false
		}
	}
	return conflicts > 0
}

// CheckLimits refuses what DynamoDB would refuse: no operation, too many, too large.
func CheckLimits(operations, bytes int) error {
	switch {
	case operations == 0:
		return errors.New("it has no operations")
	case operations > MaxOperations:
		return fmt.Errorf("it has %d operations, unique guards included, and DynamoDB takes %d; split it", operations, MaxOperations)
	case bytes > MaxBytes:
		return errors.New("it is larger than the 4 MB that DynamoDB takes; split it")
	}
	return nil
}
