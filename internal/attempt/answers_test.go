package attempt_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/internal/attempt"
)

const whole = `{"Attributes":{"pk":{"S":"p"},"n":{"N":"1"}}}`

// answer is one thing that can happen to every attempt of a call.
type answer struct {
	reason   string
	reply    reply
	outcome  attempt.Outcome
	repeated bool             // the client's retryer tries again
	is       func(error) bool // the error of the call; nil for none
}

func code(want string) func(error) bool {
	return func(err error) bool {
		var api smithy.APIError
		return errors.As(err, &api) && api.ErrorCode() == want
	}
}

func wraps(want error) func(error) bool {
	return func(err error) bool { return errors.Is(err, want) }
}

func some(err error) bool { return err != nil }

func reset(op string) error {
	return &url.Error{Op: "Post", URL: "http://x", Err: &net.OpError{Op: op, Net: "tcp", Err: syscall.ECONNRESET}}
}

func zipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

func answers() []answer {
	const inProgress = "TransactionInProgressException"
	gzipped := header("Content-Encoding", "gzip")
	quoting := `{"__type":"x#ConditionalCheckFailedException","message":"m","Item":{"note":{"S":"` + inProgress + `"}}}`
	return []answer{
		{"whole, with its checksum", answering(200, whole, checksum(whole)), attempt.Applied, false, nil},
		{"whole, without a checksum", answering(200, whole), attempt.Applied, false, nil},
		{"whole, of a length nobody said", answering(200, whole, length(-1)), attempt.Applied, false, nil},
		{"whole, from a client that leaves the length zero", answering(200, whole, length(0)), attempt.Applied, false, nil},
		{"white space around it", answering(200, " \r\n\t"+whole+"\n "), attempt.Applied, false, nil},
		{"an encoding that is none", answering(200, whole, header("Content-Encoding", "identity")), attempt.Applied, false, nil},

		{"empty", answering(200, ""), attempt.Unknown, true, isDamaged},
		{"no body at all", answering(200, "", func(r *http.Response) { r.Body = nil }), attempt.Unknown, true, isDamaged},
		{"neither an answer nor an error", func(*http.Request) (*http.Response, error) { return nil, nil }, attempt.Unknown, true, some},
		{"white space only", answering(200, " \n"), attempt.Unknown, true, isDamaged},
		{"a wrong checksum", answering(200, whole, checksum(whole+" ")), attempt.Unknown, true, isDamaged},
		{"a checksum that is no number", answering(200, whole, header("X-Amz-Crc32", "x")), attempt.Unknown, true, isDamaged},
		{"a checksum of more than 32 bits", answering(200, whole, header("X-Amz-Crc32", "4294967296")), attempt.Unknown, true, isDamaged},
		{"shorter than said, but JSON", answering(200, whole, length(int64(len(whole)+1))), attempt.Unknown, true, isDamaged},
		{"longer than said", answering(200, whole, length(int64(len(whole)-1))), attempt.Unknown, true, isDamaged},
		{"the connection breaks behind it", answering(200, whole, breaking(io.ErrUnexpectedEOF)), attempt.Unknown, true, wraps(io.ErrUnexpectedEOF)},
		{"the connection breaks in it", answering(200, whole[:9], length(-1), breaking(reset("read"))), attempt.Unknown, true, wraps(syscall.ECONNRESET)},
		{"something behind it", answering(200, whole+whole), attempt.Unknown, true, isDamaged},
		{"no JSON", answering(200, "<html>"), attempt.Unknown, true, isDamaged},
		{"null", answering(200, "null"), attempt.Unknown, true, isDamaged},
		{"a list", answering(200, "[]"), attempt.Unknown, true, isDamaged},
		{"a text", answering(200, `"x"`), attempt.Unknown, true, isDamaged},
		{"success that is not 200, whole", answering(202, whole), attempt.Applied, false, nil},
		{"success that is not 200, empty", answering(204, ""), attempt.Unknown, true, isDamaged},
		{"a redirection", answering(302, ""), attempt.Unknown, false, some},
		{"text that does not decode", answering(200, `{"Attributes":{"b":{"B":"!"}}}`), attempt.Unknown, false, some},

		{"zipped but not said so", answering(200, zipped(whole)), attempt.Unknown, true, isDamaged},
		{"zipped, a null attribute within", answering(200, zipped(`{"Attributes":{"n":null}}`), gzipped), attempt.Unknown, true, isDamaged},
		{"zipped and cut", answering(200, zipped(whole)[:20], gzipped), attempt.Unknown, true, isDamaged},
		{"said to be zipped", answering(200, whole, gzipped), attempt.Unknown, true, isDamaged},
		{"zipped, with a wrong checksum", answering(200, zipped(whole), gzipped, checksum(whole)), attempt.Unknown, true, isDamaged},

		{"a failed condition", answering(400, refusal("ConditionalCheckFailedException")), attempt.NotApplied, false, code("ConditionalCheckFailedException")},
		{"a failed condition whose item quotes the code of another", answering(400, quoting), attempt.NotApplied, false, code("ConditionalCheckFailedException")},
		{"a throttle", answering(400, refusal("ProvisionedThroughputExceededException")), attempt.NotApplied, true, code("ProvisionedThroughputExceededException")},
		{"a throttle that is not 400", answering(429, refusal("ThrottlingException")), attempt.NotApplied, true, code("ThrottlingException")},
		{"a refusal", answering(400, refusal("ValidationException")), attempt.NotApplied, false, code("ValidationException")},
		{"a refusal with a wrong checksum", answering(400, refusal("ValidationException"), checksum("")), attempt.NotApplied, true, isDamaged},
		{"a refusal whose item is null", answering(400, `{"__type":"x#ConditionalCheckFailedException","Item":{"a":null}}`), attempt.NotApplied, true, isDamaged},
		{"the same behind white space", answering(400, ` {"__type":"x#ConditionalCheckFailedException","Item":{"a":null}}`), attempt.NotApplied, true, isDamaged},
		{"a refusal without a body", answering(403, ""), attempt.NotApplied, false, some},
		{"a refusal by something else", answering(413, "<html>"), attempt.NotApplied, false, some},
		{"a transaction in progress", answering(400, refusal(inProgress)), attempt.Unknown, true, code(inProgress)},
		{"the same, zipped", answering(400, zipped(refusal(inProgress)), gzipped), attempt.Unknown, false, some},
		{"the same, said in a header", answering(400, `{"message":"m"}`, header("X-Amzn-ErrorType", inProgress+":http://x")), attempt.Unknown, true, some},
		{"the same, behind other members", answering(400, `{"Message":"m","code":"`+inProgress+`"}`), attempt.Unknown, true, some},
		{"a request that came too slowly", answering(408, ""), attempt.Unknown, false, some},
		{"an internal error", answering(500, refusal("InternalServerError")), attempt.Unknown, true, code("InternalServerError")},
		{"unavailable", answering(503, "<html>"), attempt.Unknown, true, some},
		{"a gateway's time limit", answering(504, ""), attempt.Unknown, true, some},

		{"the dial is refused", failing(&url.Error{Op: "Post", Err: &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}}), attempt.NotApplied, true, wraps(syscall.ECONNREFUSED)},
		{"the proxy is not reached", failing(&url.Error{Op: "Post", Err: &net.OpError{Op: "proxyconnect", Net: "tcp", Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}}), attempt.NotApplied, true, wraps(syscall.ECONNREFUSED)},
		{"there is no such host", failing(&url.Error{Op: "Post", Err: &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}}), attempt.NotApplied, false, some},
		{"the name server does not answer", failing(&net.DNSError{Err: "timeout", IsTimeout: true}), attempt.NotApplied, true, some},
		{"the certificate is not trusted", failing(&url.Error{Op: "Post", Err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}), attempt.NotApplied, true, some},
		{"TLS to a server without it", failing(&url.Error{Op: "Post", Err: http.ErrSchemeMismatch}), attempt.NotApplied, true, some},
		{"an alert of TLS, which may come late", failing(&url.Error{Op: "Post", Err: &net.OpError{Op: "remote error", Err: tls.AlertError(40)}}), attempt.Unknown, true, some},
		{"the connection is reset while it is written", failing(reset("write")), attempt.Unknown, true, wraps(syscall.ECONNRESET)},
		{"the connection is reset while it is read", failing(reset("read")), attempt.Unknown, true, wraps(syscall.ECONNRESET)},
		{"the connection ends", failing(&url.Error{Op: "Post", Err: io.EOF}), attempt.Unknown, true, wraps(io.EOF)},
		{"an error nobody knows", failing(errors.New("?")), attempt.Unknown, true, some},
	}
}

func TestEveryAnswer(t *testing.T) {
	for _, c := range answers() {
		for _, call := range []struct {
			name       string
			repeatable bool
			retryer    aws.Retryer
			sent       int
		}{
			{"repeatable", true, quick(), sends(c.repeated, true, c.outcome)},
			{"once", false, quick(), sends(c.repeated, false, c.outcome)},
			{"repeatable, no retries", true, aws.NopRetryer{}, 1},
			{"once, no retries", false, aws.NopRetryer{}, 1},
			{"repeatable, eager", true, eager{quick()}, sends(c.is != nil, true, c.outcome)},
			{"once, eager", false, eager{quick()}, sends(c.is != nil, false, c.outcome)},
		} {
			n := &network{replies: []reply{c.reply}}
			track := attempt.New(call.repeatable)
			out, err := update(t.Context(), client(n, call.retryer), track)
			reason := c.reason + ", " + call.name
			check(t, reason, track, err, n.sent, call.sent, c.outcome)
			if c.is == nil && (err != nil || len(out.Attributes) != 2) {
				t.Errorf("%s: %v", reason, err)
			}
			if c.is != nil && (err == nil || !c.is(err)) {
				t.Errorf("%s: another error: %v", reason, err)
			}
			// What a single attempt answered itself is no doubt about an earlier one; that it is unclear is.
			if want := c.outcome == attempt.Unknown && (call.sent > 1 || !strings.HasPrefix(c.reason, "text")); track.Ambiguous() != want {
				t.Errorf("%s: ambiguous: %v", reason, track.Ambiguous())
			}
		}
	}
}

// sends is how many attempts a call makes that meets the same answer each time.
func sends(repeated, repeatable bool, outcome attempt.Outcome) int {
	if !repeated || !repeatable && outcome == attempt.Unknown {
		return 1
	}
	return attempts
}

// An answer that is cut anywhere is damaged, however the cut is hidden.
func TestCutAtEveryByte(t *testing.T) {
	for n := range len(whole) {
		for reason, r := range map[string]reply{
			"its length is that of the rest": answering(200, whole[:n]),
			"nobody said its length":         answering(200, whole[:n], length(-1)),
			"its length is said":             answering(200, whole[:n], length(int64(len(whole)))),
			"its checksum is said":           answering(200, whole[:n], length(-1), checksum(whole)),
			"its own checksum":               answering(200, whole[:n], length(-1), checksum(whole[:n])),
		} {
			net := &network{replies: []reply{r}}
			track := attempt.New(true)
			out, err := update(t.Context(), client(net, aws.NopRetryer{}), track)
			if !isDamaged(err) || out != nil || track.Outcome(err) != attempt.Unknown {
				t.Fatalf("cut to %d bytes, %s: %v, %v", n, reason, out, err)
			}
		}
	}
}

// The SDK decodes what is zipped only where it was told to; there it is checked as well.
func TestZippedAnswers(t *testing.T) {
	for _, c := range []struct {
		reason, body string
		good         bool
	}{
		{"whole", whole, true},
		{"a null attribute", `{"Attributes":{"n":null}}`, false},
		{"an attribute of unknown type", `{"Attributes":{"n":{"X":"1"}}}`, false},
		{"nothing in it", "", false},
	} {
		body := zipped(c.body)
		n := &network{replies: []reply{answering(200, body, header("Content-Encoding", "gzip"), checksum(body))}}
		track := attempt.New(true)
		zipping := dynamodb.New(client(n, quick()).Options(), func(o *dynamodb.Options) { o.EnableAcceptEncodingGzip = true })
		out, err := update(t.Context(), zipping, track)
		if c.good && (err != nil || len(out.Attributes) != 2) || !c.good && !isDamaged(err) {
			t.Errorf("%s: %v", c.reason, err)
		}
	}
}

// The whole history of a call counts, not its last error.
func TestHistories(t *testing.T) {
	lost, good := failing(reset("read")), answering(200, whole)
	throttled, failed := answering(400, refusal("ThrottlingException")), answering(400, refusal("ConditionalCheckFailedException"))
	undecodable := answering(200, `{"Attributes":{"b":{"B":"!"}}}`)
	for _, c := range []struct {
		reason    string
		retryer   aws.Retryer
		replies   []reply
		sent      int
		outcome   attempt.Outcome
		ambiguous bool
	}{
		{"throttled, then done", quick(), []reply{throttled, good}, 2, attempt.Applied, false},
		{"lost, then done: an earlier attempt may have been it", quick(), []reply{lost, good}, 2, attempt.Applied, true},
		{"lost, then throttled to the end", quick(), []reply{lost, throttled}, 3, attempt.Unknown, true},
		{"throttled, then lost, then throttled", quick(), []reply{throttled, lost, throttled}, 3, attempt.Unknown, true},
		{"throttled to the end", quick(), []reply{throttled}, 3, attempt.NotApplied, false},
		{"throttled, then refused", quick(), []reply{throttled, failed}, 2, attempt.NotApplied, false},
		{"lost, then refused", quick(), []reply{lost, failed}, 2, attempt.Unknown, true},
		{"done, not decoded, sent again by an eager retryer, and refused", eager{quick()}, []reply{undecodable, failed}, 3, attempt.Unknown, true},
	} {
		n := &network{replies: c.replies}
		track := attempt.New(true)
		_, err := update(t.Context(), client(n, c.retryer), track)
		check(t, c.reason, track, err, n.sent, c.sent, c.outcome)
		if track.Ambiguous() != c.ambiguous {
			t.Errorf("%s: ambiguous: %v", c.reason, !c.ambiguous)
		}
	}
}

// A call that cannot be repeated is not sent again once it may have been applied, however eager the retryer is; before, it is.
func TestOnce(t *testing.T) {
	lost, throttled := failing(reset("read")), answering(400, refusal("ThrottlingException"))
	undecodable, good := answering(200, `{"Attributes":{"b":{"B":"!"}}}`), answering(200, whole)
	for _, c := range []struct {
		reason  string
		replies []reply
		sent    int
		outcome attempt.Outcome
	}{
		{"lost", []reply{lost, good}, 1, attempt.Unknown},
		{"throttled, then lost", []reply{throttled, lost, good}, 2, attempt.Unknown},
		{"throttled twice", []reply{throttled, throttled, good}, 3, attempt.Applied},
		{"done, and the answer does not decode", []reply{undecodable, good}, 1, attempt.Unknown},
	} {
		n := &network{replies: c.replies}
		track := attempt.New(false)
		_, err := update(t.Context(), client(n, eager{quick()}), track)
		check(t, c.reason, track, err, n.sent, c.sent, c.outcome)
	}
}

// The guarantees are those of the call, and hold for a client that was made of another with its HTTP client and retryer replaced.
func TestOtherClients(t *testing.T) {
	first := &network{replies: []reply{answering(200, whole)}}
	second := &network{replies: []reply{failing(reset("read")), answering(200, whole)}}
	c := dynamodb.New(client(first, quick()).Options(), func(o *dynamodb.Options) {
		o.HTTPClient, o.Retryer = second, eager{quick()}
	})
	track := attempt.New(false)
	_, err := update(t.Context(), c, track)
	check(t, "another HTTP client and retryer", track, err, second.sent, 1, attempt.Unknown)
	if first.sent > 0 {
		t.Error("the client that was replaced is used")
	}
}

func TestFakes(t *testing.T) {
	for _, c := range []struct {
		reason string
		err    error
		want   attempt.Outcome
	}{
		{"no error", nil, attempt.Applied},
		{"a failed condition", &types.ConditionalCheckFailedException{}, attempt.NotApplied},
		{"a throttle", &types.ProvisionedThroughputExceededException{}, attempt.NotApplied},
		{"a transaction in progress", &types.TransactionInProgressException{}, attempt.Unknown},
		{"an error of the server", &types.InternalServerError{}, attempt.Unknown},
		{"the context ended, nobody knows when", context.DeadlineExceeded, attempt.Unknown},
		{"anything else", errors.New("?"), attempt.Unknown},
	} {
		track := attempt.New(false)
		if got := track.Outcome(c.err); got != c.want || track.Attempts() != 0 || track.Ambiguous() {
			t.Errorf("%s: the outcome is %v, not %v", c.reason, got, c.want)
		}
	}
	var o dynamodb.Options
	track := attempt.New(true)
	track.Option(&o)
	if o.HTTPClient != nil {
		t.Error("options without an HTTP client got one")
	}
	n := &network{replies: []reply{answering(200, whole)}}
	if _, err := update(t.Context(), dynamodb.New(client(n, quick()).Options(), track.Option, track.Option), track); err != nil || n.sent != 1 {
		t.Errorf("a track that was put in three times: %v, %d sent", err, n.sent)
	}
}

// Whoever sends again, be it no retryer but something else between the call and the network, sends nothing.
func TestTheTransportItselfRefuses(t *testing.T) {
	for reason, first := range map[string]reply{"lost": failing(reset("read")), "done": answering(200, whole)} {
		n := &network{replies: []reply{first, answering(200, whole)}}
		o := dynamodb.Options{HTTPClient: n}
		attempt.New(false).Option(&o)
		for i := range 3 {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://x", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := o.HTTPClient.Do(req)
			if resp != nil {
				err = errors.Join(err, resp.Body.Close())
			}
			if i > 0 && err == nil {
				t.Errorf("%s: attempt %d is answered", reason, i)
			}
		}
		if n.sent != 1 {
			t.Errorf("%s: %d were sent", reason, n.sent)
		}
	}
}
