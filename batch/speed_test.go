package batch_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"go.uber.org/goleak"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// latent answers every write after a while, and carries nothing out: what is measured is the client.
type latent time.Duration

func (l latent) Do(req *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	time.Sleep(time.Duration(l))
	return reply(http.StatusOK, `{"UnprocessedItems":{}}`), nil
}

func latentCrates(d time.Duration) *repo.Repository[crate] {
	c := dynamodb.New(repotest.NewClient().Options(), func(o *dynamodb.Options) { o.HTTPClient = latent(d) })
	return repo.Must(repo.New[crate](c, yard))
}

// fastest is the shortest of some runs.
func fastest(tb testing.TB, runs, workers int, crates *repo.Repository[crate], list []crate) time.Duration {
	tb.Helper()
	best := time.Hour
	for range runs {
		begin := time.Now()
		if err := batch.New(crates, batch.Options{Workers: workers}).Put(tb.Context(), list...); err != nil {
			tb.Fatal(err)
		}
		best = min(best, time.Since(begin))
	}
	return best
}

func TestWorkersAreParallel(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("it measures time")
	}
	repository, list := latentCrates(5*time.Millisecond), crates(10_000)
	var ratio float64
	for try := range 6 { // on machines that are busy with something else
		one, many := fastest(t, 1, 1, repository, list), fastest(t, 5, 32, repository, list)
		ratio = max(ratio, float64(one)/float64(many))
		t.Logf("try %d on %d cores: one worker %v, 32 workers %v, %.1f times as fast", try+1, runtime.GOMAXPROCS(0), one, many, float64(one)/float64(many))
		if ratio >= 16 {
			return
		}
	}
	t.Errorf("32 workers are %.1f times as fast as one on %d cores, want 16", ratio, runtime.GOMAXPROCS(0))
}

// Nothing is left of a call: no goroutine, no connection in use, whether it ends well or is cancelled.
func TestNothingIsLeftRunning(t *testing.T) {
	s := newSite(t)
	var mu sync.Mutex
	active := map[net.Conn]bool{}
	server := httptest.NewUnstartedServer(s.engine.Handler())
	server.Config.ConnState = func(c net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		if active[c] = state == http.StateActive; !active[c] {
			delete(active, c)
		}
	}
	server.Start()
	transport := &http.Transport{MaxIdleConnsPerHost: 32}
	overHTTP := dynamodb.New(s.client.Options(), func(o *dynamodb.Options) {
		o.BaseEndpoint, o.HTTPClient = &server.URL, &http.Client{Transport: transport}
	})
	b := batch.New(repo.Must(repo.New[crate](overHTTP, yard)), batch.Options{Workers: 32})
	for _, cancelled := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		if cancelled {
			s.engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Fault: repotest.Latency(50 * time.Millisecond)})
			time.AfterFunc(75*time.Millisecond, cancel)
		}
		list := crates(5000)
		if err := b.Put(ctx, list...); cancelled {
			if balance(t, err, len(list)); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		} else if err != nil {
			t.Error(err)
		}
		cancel()
	}
	transport.CloseIdleConnections()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		mu.Lock()
		n := len(active)
		mu.Unlock()
		if n == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d connections are in use after the calls", n)
		}
	}
	server.Close()
	goleak.VerifyNone(t)
}
