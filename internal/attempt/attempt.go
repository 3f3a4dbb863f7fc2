// Package attempt watches the HTTP attempts of one call, below the SDK's retries. For each it decides what became of it (applied,
// not applied, or nobody knows), it refuses answers that are damaged, it gives up on those that hang, and it sees to it that a
// call which must not be applied twice is not sent again once it may have been applied.
//
// It stands at the HTTP client of the call's own options, so that it holds for any client of the SDK, whatever its retryer.
package attempt

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// patience is how long an attempt may take, from the request to the last byte of the answer.
const patience = 5 * time.Second

// Outcome is what became of an attempt, or of a whole call.
type Outcome uint8

// The outcomes.
const (
	NotApplied Outcome = iota // the service refused it, or never saw it
	Applied                   // the service answered that it was done
	Unknown                   // it may have been applied
)

// Track is the attempts of one call. Make a new one for each call, and give its Option to the call behind all other options.
type Track struct {
	once      bool // must not be sent again after an attempt of unknown outcome
	transport transport

	mu        sync.Mutex
	watching  bool // the call has a client that was wrapped: what was not counted was not sent
	attempts  int
	ambiguous error // of the first attempt whose outcome is unknown
	applied   bool  // the last attempt was answered as done
}

// New makes the track of a call. A call that is not repeatable must not be applied twice.
func New(repeatable bool) *Track { return &Track{once: !repeatable} }

// Option puts the track into a call.
func (t *Track) Option(o *dynamodb.Options) {
	if o.HTTPClient == nil || o.HTTPClient == dynamodb.HTTPClient(&t.transport) {
		return // no client, or one that is watched already
	}
	t.transport = transport{t, o.HTTPClient}
	o.HTTPClient = &t.transport
	if t.once && o.Retryer != nil {
		o.Retryer = &lastWord{o.Retryer, t}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.watching = true
}

// Attempts is how many were sent so far; 0 where the client is a fake that ignores options.
func (t *Track) Attempts() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.attempts
}

// Ambiguous reports whether some attempt may have been applied although its answer did not come through: what the last attempt
// answered may then be an earlier one's doing.
func (t *Track) Ambiguous() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ambiguous != nil
}

// Outcome is what became of the call, given the error that it ended in. A call that no attempt is known of, as with a fake, is
// judged by its error alone.
func (t *Track) Outcome(err error) Outcome {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err == nil:
		return Applied
	case t.ambiguous != nil:
		return Unknown
	case t.attempts == 0 && !t.watching:
		return outcomeOf(err)
	case t.applied:
		return Unknown // the answer said so, and then something went wrong with it
	}
	return NotApplied
}

// begin opens an attempt, unless it must not be sent. One that follows an answer which said done follows it because nobody could
// read that.
func (t *Track) begin() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.applied && t.ambiguous == nil {
		t.ambiguous = &Damaged{"it could not be read"}
	}
	t.applied = false
	if t.once && t.ambiguous != nil {
		return &stopped{t.ambiguous}
	}
	t.attempts++
	return nil
}

// end notes what became of an attempt.
func (t *Track) end(outcome Outcome, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case outcome == Applied:
		t.applied = true
	case outcome == Unknown && t.ambiguous == nil:
		t.ambiguous = err
	}
}

// transport is the HTTP client of one call.
type transport struct {
	track *Track
	inner dynamodb.HTTPClient
}

// Do sends one attempt. What it returns was read to its end and is whole.
func (c *transport) Do(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := c.track.begin(); err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	resp, err := c.inner.Do(req.WithContext(bounded))
	switch {
	case err == nil && resp == nil:
		err = &Damaged{"there is none"}
	case err == nil:
		err = receive(resp)
	}
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		err = &hung{}
	}
	outcome := judge(resp, err)
	c.track.end(outcome, errOf(resp, err))
	if err == nil {
		return resp, nil
	}
	if outcome == Unknown && c.track.once {
		err = &stopped{err}
	}
	return nil, err
}

// judge decides what became of an attempt.
func judge(resp *http.Response, err error) Outcome {
	switch {
	case resp == nil && err != nil:
		return outcomeOf(err)
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusRequestTimeout:
		return Unknown
	case resp.StatusCode >= 400:
		return pending(resp)
	case err != nil || !succeeded(resp):
		return Unknown
	}
	return Applied
}

func succeeded(resp *http.Response) bool { return resp.StatusCode >= 200 && resp.StatusCode < 300 }

// outcomeOf judges an error alone: a connection that was never made carried nothing.
func outcomeOf(err error) Outcome {
	var dns *net.DNSError
	var op *net.OpError
	var untrusted *tls.CertificateVerificationError
	var refused interface{ HTTPStatusCode() int }
	switch {
	case errors.As(err, &dns), errors.As(err, &untrusted), errors.Is(err, http.ErrSchemeMismatch):
		return NotApplied
	case errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect"):
		return NotApplied
	case errors.As(err, &refused) && refused.HTTPStatusCode() >= 400 && refused.HTTPStatusCode() < 500:
		return NotApplied
	case isRefusal(err):
		return NotApplied
	}
	return Unknown
}

// errOf is the error of an attempt, for its record.
func errOf(resp *http.Response, err error) error {
	if err == nil && !succeeded(resp) {
		return &status{resp.StatusCode}
	}
	return err
}
