package repotest

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/internal/memdb"
)

// An Engine is a DynamoDB in memory: the tables of one account in one Region. It
// is safe for concurrent use. Make one with [New].
type Engine struct {
	db    *memdb.DB
	base  func() time.Time
	moved atomic.Int64 // by how much Advance moved the clock
	seed  uint64

	faults    faults
	observers observers
}

// An Option changes how [New] makes an engine.
type Option func(*Engine)

// WithClock makes now tell the engine's time, instead of [time.Now]. It is called
// concurrently. The clock decides about creation times, the ten minutes of
// idempotency tokens, expiry and write rates; latency is real time.
func WithClock(now func() time.Time) Option {
	return func(e *Engine) { e.base = now }
}

// WithSeed sets the seed of the faults that happen with a chance. It is 1 by
// default: a test is repeatable unless it asks not to be.
func WithSeed(seed uint64) Option {
	return func(e *Engine) { e.seed = seed }
}

// WithFaults injects the rules before the first request.
func WithFaults(rules ...Rule) Option {
	return func(e *Engine) { e.faults.pending = append(e.faults.pending, rules...) }
}

// New returns an engine without tables.
func New(opts ...Option) *Engine {
	e := &Engine{base: time.Now, seed: 1}
	for _, opt := range opts {
		if opt != nil {
			opt(e)
		}
	}
	e.db = memdb.New(memdb.Config{Clock: e.Now, Gate: gate{e}, Observe: e.observe})
	for _, r := range e.faults.pending {
		e.Inject(r)
	}
	e.faults.pending = nil
	return e
}

// NewClient is [New] and [Engine.Client] in one: a client with an empty DynamoDB
// of its own.
func NewClient(opts ...Option) *dynamodb.Client { return New(opts...).Client() }

// Handler serves the engine's tables over HTTP as DynamoDB's endpoint does.
func (e *Engine) Handler() http.Handler { return e.db.Handler() }

// Now is the engine's time.
func (e *Engine) Now() time.Time { return e.base().Add(time.Duration(e.moved.Load())) }

// Advance moves the engine's clock forward, whatever clock it is.
func (e *Engine) Advance(d time.Duration) { e.moved.Add(int64(d)) }

// DeleteExpired deletes the items that the tables' time to live says have expired
// by now, and returns how many there were. DynamoDB does it by itself, some time
// between minutes and days after; an engine only here.
func (e *Engine) DeleteExpired() int { return e.db.DeleteExpired() }

// A Snapshot is the state of all tables at one time. It does not change.
type Snapshot struct{ state *memdb.Snapshot }

// Snapshot takes the state of all tables: their definitions, items and indexes.
// What it costs does not depend on how many items there are.
func (e *Engine) Snapshot() *Snapshot { return &Snapshot{e.db.Snapshot()} }

// Restore puts the tables back as they were, as often as wanted. Faults, observers,
// the clock and the idempotency tokens of finished transactions stay as they are.
func (e *Engine) Restore(s *Snapshot) { e.db.Restore(s.state) }

// observers are called with every request.
type observers struct {
	mu     sync.Mutex
	list   []*observer
	counts map[string]int
	total  int
}

type observer struct{ f func(Event) }
