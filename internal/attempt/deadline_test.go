package attempt_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/internal/attempt"
)

// hanging answers when the context of the request ends.
func hanging(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// trickling answers at once, with a body that never ends.
func trickling(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(untilDone{r.Context()})}, nil
}

type untilDone struct{ ctx context.Context }

func (u untilDone) Read([]byte) (int, error) {
	<-u.ctx.Done()
	return 0, u.ctx.Err()
}

func TestHangingAttempts(t *testing.T) {
	good := answering(200, whole)
	for _, c := range []struct {
		reason     string
		repeatable bool
		retryer    aws.Retryer
		replies    []reply
		sent       int
		took       time.Duration
		outcome    attempt.Outcome
	}{
		{"it hangs, and the next is answered", true, quick(), []reply{hanging, good}, 2, 5 * time.Second, attempt.Applied},
		{"its body hangs, and the next is answered", true, quick(), []reply{trickling, good}, 2, 5 * time.Second, attempt.Applied},
		{"all hang", true, quick(), []reply{hanging}, 3, 15 * time.Second, attempt.Unknown},
		{"it hangs, and nothing is retried", true, aws.NopRetryer{}, []reply{hanging}, 1, 5 * time.Second, attempt.Unknown},
		{"it hangs, and must not be sent again", false, eager{quick()}, []reply{hanging, good}, 1, 5 * time.Second, attempt.Unknown},
		{"its body hangs, and must not be sent again", false, eager{quick()}, []reply{trickling, good}, 1, 5 * time.Second, attempt.Unknown},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			n := &network{replies: c.replies}
			track := attempt.New(c.repeatable)
			_, err := update(t.Context(), client(n, c.retryer), track)
			check(t, c.reason, track, err, n.sent, c.sent, c.outcome)
			if took := time.Since(began); took != c.took {
				t.Errorf("%s: it took %v, not %v", c.reason, took, c.took)
			}
			if errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: the context did not end, and the error says so: %v", c.reason, err)
			}
		})
	}
}

func TestTheContextEnds(t *testing.T) {
	throttled := answering(400, refusal("ThrottlingException"))
	for _, c := range []struct {
		reason  string
		after   time.Duration // 0: before the call
		replies []reply
		sent    int
		outcome attempt.Outcome
	}{
		{"before anything is sent", 0, []reply{hanging}, 0, attempt.NotApplied},
		{"while the first attempt is under way", time.Second, []reply{hanging}, 1, attempt.Unknown},
		{"while the second is", 6 * time.Second, []reply{hanging}, 2, attempt.Unknown},
		{"while the second is, and the first was refused", time.Second, []reply{throttled, hanging}, 2, attempt.Unknown},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), c.after)
			defer cancel()
			n := &network{replies: c.replies}
			for _, repeatable := range []bool{true, false} {
				n.sent = 0
				track := attempt.New(repeatable)
				sent := c.sent
				if !repeatable && c.reason == "while the second is" {
					continue
				}
				_, err := update(ctx, client(n, quick()), track)
				check(t, c.reason, track, err, n.sent, sent, c.outcome)
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: the error is %v", c.reason, err)
				}
				if c.after > 0 {
					break // it has ended now
				}
			}
		})
	}
}

// Between two attempts nothing is under way, so what was refused before stays refused.
func TestTheContextEndsBetweenAttempts(t *testing.T) {
	slow := func(o *dynamodb.Options) { o.Retryer = delayed{quick(), time.Minute} }
	for _, c := range []struct {
		reason  string
		reply   reply
		outcome attempt.Outcome
	}{
		{"the one before was refused", answering(400, refusal("ThrottlingException")), attempt.NotApplied},
		{"the one before was lost", failing(reset("read")), attempt.Unknown},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			n := &network{replies: []reply{c.reply}}
			track := attempt.New(true)
			_, err := update(ctx, dynamodb.New(client(n, quick()).Options(), slow), track)
			check(t, c.reason, track, err, n.sent, 1, c.outcome)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: the error is %v", c.reason, err)
			}
		})
	}
}

type delayed struct {
	aws.Retryer
	delay time.Duration
}

func (d delayed) RetryDelay(int, error) (time.Duration, error) { return d.delay, nil }

// Nothing is sent where the credentials cannot be had, and the outcome is no riddle.
func TestFailuresBeforeSending(t *testing.T) {
	want := errors.New("no credentials")
	n := &network{replies: []reply{answering(200, whole)}}
	c := dynamodb.New(client(n, quick()).Options(), func(o *dynamodb.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, want })
	})
	track := attempt.New(false)
	_, err := update(t.Context(), c, track)
	check(t, "no credentials", track, err, n.sent, 0, attempt.NotApplied)
	if !errors.Is(err, want) {
		t.Errorf("the error is %v", err)
	}
}
