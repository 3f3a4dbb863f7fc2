package attempt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attempt"
)

// reply is what the network does with one attempt.
type reply func(*http.Request) (*http.Response, error)

// network replies to the attempts of a call in turn, and to all further ones as to the last.
type network struct {
	replies []reply
	sent    int
}

func (n *network) Do(r *http.Request) (*http.Response, error) {
	n.sent++
	return n.replies[min(n.sent, len(n.replies))-1](r)
}

// attempts of the client's own retryer.
const attempts = 3

// quick is a standard retryer without delays, and without the switches of the environment.
func quick() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
}

// eager tries again whatever happened.
type eager struct{ aws.Retryer }

func (eager) IsErrorRetryable(error) bool { return true }

func client(h dynamodb.HTTPClient, r aws.Retryer) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", HTTPClient: h, Retryer: r,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		}),
	})
}

var key = map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "p"}}

// update is one call, as the library makes it.
func update(ctx context.Context, c *dynamodb.Client, track *attempt.Track) (*dynamodb.UpdateItemOutput, error) {
	return c.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: aws.String("t"), Key: key, UpdateExpression: aws.String("ADD n :n")}, track.Option)
}

// answering is a whole answer, with or without a checksum.
func answering(status int, body string, edits ...func(*http.Response)) reply {
	return func(r *http.Request) (*http.Response, error) {
		resp := &http.Response{StatusCode: status, Request: r, Header: http.Header{}, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader([]byte(body)))}
		for _, edit := range edits {
			edit(resp)
		}
		return resp, nil
	}
}

func failing(err error) reply {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func checksum(of string) func(*http.Response) {
	return func(r *http.Response) { r.Header.Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE([]byte(of)))) }
}

func header(name, value string) func(*http.Response) {
	return func(r *http.Response) { r.Header.Set(name, value) }
}

func length(n int64) func(*http.Response) { return func(r *http.Response) { r.ContentLength = n } }

// breaking ends a body with an error.
func breaking(err error) func(*http.Response) {
	return func(r *http.Response) { r.Body = io.NopCloser(io.MultiReader(r.Body, broken{err})) }
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

func refusal(code string) string {
	return `{"__type":"com.amazonaws.dynamodb.v20120810#` + code + `","message":"m"}`
}

// check compares what became of a call.
func check(t *testing.T, reason string, track *attempt.Track, err error, sent, wantSent int, want attempt.Outcome) {
	t.Helper()
	if sent != wantSent || track.Attempts() != wantSent {
		t.Errorf("%s: %d attempts were sent and %d counted, not %d (%v)", reason, sent, track.Attempts(), wantSent, err)
	}
	if got := track.Outcome(err); got != want {
		t.Errorf("%s: the outcome is %v, not %v (%v)", reason, got, want, err)
	}
}

func isDamaged(err error) bool {
	var damaged *attempt.Damaged
	return errors.As(err, &damaged)
}

func asFailed(err error, target **types.ConditionalCheckFailedException) bool {
	return errors.As(err, target)
}
