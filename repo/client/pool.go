package client

import (
	"net"
	"net/http"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

const (
	connectTimeout = 3 * time.Second
	answerTimeout  = 10 * time.Second

	// Shorter than a server waits: a request sent on a connection that is being closed fails with an EOF that
	// doesn't say whether a write was applied. DynamoDB Local closes after 30 s; the SDK would wait for 90.
	idleTimeout = 20 * time.Second

	// Counted from the last byte received, idle time included: a request on a connection that was idle for
	// idleTimeout still has the difference.
	silenceTimeout = 60 * time.Second
)

// pool is the SDK's HTTP client with room for parallel requests to one host and with time limits on everything: the
// SDK's own waits for an answer without end.
func pool(o Options) *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = connectTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConnsPerHost = o.MaxIdleConns
			t.MaxIdleConns = 0 // no limit over all hosts, or it would undercut the one per host
			t.IdleConnTimeout = idleTimeout
			t.TLSHandshakeTimeout = connectTimeout
			t.ResponseHeaderTimeout = answerTimeout
		}).
		WithReadTimeout(silenceTimeout)
}
