package memdb

import (
	"context"
	"sync"
	"time"
)

// A DB is an empty DynamoDB: the tables of one account in one Region. It is safe
// for concurrent use, starts no goroutines and sets no timers.
type DB struct {
	clock   func() time.Time
	gate    Gate
	observe func(operation, request string) func(Response, error)

	mu     sync.RWMutex // guards what follows, and every table; never held while waiting
	tables map[string]*table
	serial int // makes table ids and request ids

	tokens tokenStore
}

// Config says how a DB differs from the default. The zero value is fine.
type Config struct {
	// Clock tells the time; time.Now by default.
	Clock func() time.Time
	// Gate sees each request between its validation and its effect.
	Gate Gate
	// Observe is called with each request as it arrives; what it returns, unless
	// nil, is called with the answer, whose body it may neither keep nor change.
	Observe func(operation, request string) func(Response, error)
}

// New returns a DB without tables.
func New(c Config) *DB {
	db := &DB{clock: c.Clock, gate: c.Gate, observe: c.Observe, tables: map[string]*table{}}
	if db.clock == nil {
		db.clock = time.Now
	}
	return db
}

// A Gate decides what becomes of a request that is well formed. It may wait, as
// long as it stops when the context ends; the DB holds no lock meanwhile.
type Gate interface {
	// Open tells that every call would pass: Enter is not asked then.
	Open() bool
	Enter(ctx context.Context, c *Call) Verdict
}

// A Call is what a request is about to do.
type Call struct {
	Operation  string
	Data       bool // it is about items, not about tables
	Write      bool // it may change items
	Consistent bool // a strongly consistent read
	Targets    []Target
}

// A Target is something that a call touches: one for each item of a batch or a
// transaction, in the order of the request; one for everything else.
type Target struct {
	Table     string
	Index     string
	Partition string // the partition key's text, if the request names one
	Sort      string // the sort key's text, likewise
	Write     bool
	Units     int // write units by the size of what was sent, at least 1 for a write
}

// A Verdict is a gate's decision. The zero value lets the call pass.
type Verdict struct {
	Err    *Error // the answer, in place of an effect
	Broken error  // the connection breaks before anything happened
	Lost   error  // it happens, and then the connection breaks
	// Stale, if not nil, is what eventually consistent reads see.
	Stale *Snapshot
	// Unprocessed are the targets of a batch to hand back.
	Unprocessed []int
	// BadChecksum and Truncated spoil the answer on its way.
	BadChecksum, Truncated bool
}

// A Snapshot is the state of a DB at one time. It is never changed.
type Snapshot struct{ tables map[string]*table }

// Snapshot takes the state of all tables, in time that depends on their number
// and not on their size.
func (db *DB) Snapshot() *Snapshot {
	db.mu.Lock()
	defer db.mu.Unlock()
	return &Snapshot{tables: cloneTables(db.tables)}
}

// Restore puts the state back. It can be done again with the same snapshot.
func (db *DB) Restore(s *Snapshot) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.tables = cloneTables(s.tables)
}

// cloneTables needs the write lock: it makes the trees share their nodes.
func cloneTables(tables map[string]*table) map[string]*table {
	out := make(map[string]*table, len(tables))
	for name, t := range tables {
		out[name] = t.clone()
	}
	return out
}

// table finds a table; the lock must be held.
func (db *DB) table(name string) (*table, *Error) {
	if t := db.tables[name]; t != nil {
		return t, nil
	}
	return nil, errNoResource()
}
