package client

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"go.uber.org/goleak"
)

const reply = "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n\r\n{}"

// TestPool counts connections at a real server: all of them are kept, and used again.
func TestPool(t *testing.T) {
	const workers, rounds = 48, 4
	var opened atomic.Int64
	var here sync.WaitGroup // holds every answer of a round back until all its requests are there
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		here.Done()
		here.Wait()
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, "{}")
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()

	run := func(c *dynamodb.Client) int64 {
		opened.Store(0)
		for range rounds {
			here.Add(workers)
			var calls sync.WaitGroup
			for range workers {
				calls.Go(func() {
					if _, err := c.DescribeTable(t.Context(), get("t")); err != nil {
						t.Error(err)
					}
				})
			}
			calls.Wait()
		}
		return opened.Load()
	}
	if n := run(newClient(t, server.URL)); n != workers {
		t.Errorf("%d connections for %d workers: they are not used again", n, workers)
	}
	if n := run(newClient(t, server.URL, func(o *Options) { o.MaxIdleConns = 1 })); n <= workers {
		t.Errorf("%d connections for %d workers and one idle connection: MaxIdleConns does nothing", n, workers)
	}
}

func TestTimeLimits(t *testing.T) {
	for kind, endpoint := range kinds {
		made, ok := newClient(t, endpoint).Options().HTTPClient.(*awshttp.BuildableClient)
		if !ok {
			t.Fatalf("%s: another HTTP client than the SDK's", kind)
		}
		silence, _ := made.GetReadTimeout()
		tr := made.GetTransport()
		got := []time.Duration{made.GetDialer().Timeout, tr.TLSHandshakeTimeout, tr.ResponseHeaderTimeout, tr.IdleConnTimeout, silence}
		if want := []time.Duration{3e9, 3e9, 10e9, 20e9, 60e9}; !slices.Equal(got, want) {
			t.Errorf("%s: time limits %v, want %v", kind, got, want)
		}
	}
}

// TestSilence lets calls without a deadline meet servers that stop talking, in virtual time.
func TestSilence(t *testing.T) {
	for _, c := range []struct {
		reason string
		serve  func(net.Conn)
		want   time.Duration // for one attempt
	}{
		{"reads nothing", func(net.Conn) {}, silenceTimeout},
		{"reads and says nothing", func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }, answerTimeout},
		{"stops half-way", func(conn net.Conn) {
			if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				time.Sleep(time.Millisecond) // an answer to a request still being sent closes the connection
				_, _ = io.WriteString(conn, reply[:len(reply)-1])
			}
		}, silenceTimeout},
	} {
		synctest.Test(t, func(t *testing.T) {
			http, done := pipe(t, c.serve)
			defer done()
			start := time.Now()
			_, err := newClient(t, kinds["local"]).DescribeTable(context.Background(), get("t"), func(o *dynamodb.Options) {
				o.HTTPClient = http
				o.RetryMaxAttempts = 1
			})
			// Half a second for the moment at which the silence begins.
			if took := time.Since(start); err == nil || took < c.want || took > c.want+time.Second/2 {
				t.Errorf("a server that %s: the call ended after %v with %v, want %v", c.reason, took, err, c.want)
			}
		})
	}
}

// TestSlowAnswerAfterIdling: the limit on silence counts from the last byte received, so it must leave room for an
// answer to a request on a connection that was idle.
func TestSlowAnswerAfterIdling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const idle, slow = idleTimeout - time.Second, answerTimeout - time.Second
		opened := 0
		http, done := pipe(t, func(conn net.Conn) {
			opened++
			for in := bufio.NewReader(conn); ; {
				r, err := http.ReadRequest(in)
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
				time.Sleep(slow)
				_, _ = io.WriteString(conn, reply)
			}
		})
		defer done()
		c := newClient(t, kinds["local"])
		for range 3 {
			if _, err := c.DescribeTable(t.Context(), get("t"), func(o *dynamodb.Options) { o.HTTPClient = http }); err != nil {
				t.Error(err)
			}
			time.Sleep(idle)
		}
		if opened != 1 {
			t.Errorf("%d connections, want 1", opened)
		}
	})
}

// pipe is the pool of this package over connections in memory.
func pipe(t *testing.T, serve func(net.Conn)) (_ dynamodb.HTTPClient, done func()) {
	t.Helper()
	var mu sync.Mutex
	var conns []net.Conn
	buildable := pool(Options{MaxIdleConns: 1}).WithTransportOptions(func(tr *http.Transport) {
		tr.DialContext = func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			mu.Lock()
			defer mu.Unlock()
			conns = append(conns, theirs)
			go serve(theirs)
			return ours, nil
		}
	})
	return buildable, func() {
		mu.Lock()
		defer mu.Unlock()
		for _, conn := range conns {
			_ = conn.Close()
		}
	}
}

// TestNothingIsLeft: no goroutine and no connection outlives 1,000 failed calls.
func TestNothingIsLeft(t *testing.T) {
	before := goleak.IgnoreCurrent()
	fast := func(o *Options) { o.MaxBackoff = time.Microsecond }

	var open, most atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "{}", http.StatusInternalServerError)
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			most.Store(max(most.Load(), open.Add(1)))
		case http.StateClosed:
			open.Add(-1)
		}
	}
	server.Start()
	refused := newClient(t, "http://"+freeAddress(t), fast)
	failed := newClient(t, server.URL, fast)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for i := range 1000 {
		var err error
		switch i % 10 {
		case 0:
			_, err = refused.DescribeTable(t.Context(), get("t"))
		case 1:
			_, err = failed.DescribeTable(cancelled, get("t"))
		default:
			_, err = failed.DescribeTable(t.Context(), get("t"))
		}
		if err == nil || errors.Is(err, context.Canceled) != (i%10 == 1) {
			t.Fatalf("call %d: %v", i, err)
		}
	}
	if n := most.Load(); n > 2 {
		t.Errorf("%d connections at once for calls one after the other", n)
	}
	server.Close()
	goleak.VerifyNone(t, before)
}

// freeAddress is one of this machine on which nothing listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
