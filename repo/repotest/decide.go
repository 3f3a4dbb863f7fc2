package repotest

import (
	"encoding/binary"
	"hash/fnv"
	"sync"
	"sync/atomic"

	"github.com/monotable/monotable/internal/memdb"
)

// faults are an engine's rules.
type faults struct {
	mu      sync.Mutex
	rules   []*injected
	serial  int
	pending []Rule      // of options, before there are tables
	active  atomic.Bool // there are rules
}

// An injected rule remembers what it has seen.
type injected struct {
	Rule
	serial  int
	seen    int            // requests that matched
	done    int            // requests that it picked
	met     map[string]int // how often each key came, for Chance
	buckets map[string]*bucket
	replica *memdb.Snapshot
}

// set puts rules in place of those there are. The lock must be held.
func (f *faults) set(rules []*injected) {
	f.rules = rules
	f.active.Store(len(rules) > 0)
}

func (f *faults) remove(in *injected) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, r := range f.rules {
		if r == in {
			f.set(append(f.rules[:i:i], f.rules[i+1:]...))
			return
		}
	}
}

// matches lists the targets of a call that a rule is about.
func (in *injected) matches(c *memdb.Call) []int {
	named := in.Operation == c.Operation || in.Operation == "" && c.Data
	if !named || !in.Fault.concerns(c) {
		return nil
	}
	var out []int
	for i, t := range c.Targets {
		if (in.Table == "" || in.Table == t.Table) && (in.Index == "" || in.Index == t.Index) &&
			(in.Partition == "" || in.Partition == t.Partition) && (in.Sort == "" || in.Sort == t.Sort) {
			out = append(out, i)
		}
	}
	return out
}

// concerns tells whether a fault can happen to an operation at all.
func (f Fault) concerns(c *memdb.Call) bool {
	switch f.kind {
	case none:
		return false
	case unprocessed:
		return c.Operation == "BatchWriteItem" || c.Operation == "BatchGetItem"
	case conflict:
		switch c.Operation {
		case "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "TransactGetItems":
			return true
		}
		return false
	case writeRate:
		return c.Write
	case stale:
		return !c.Write && !c.Consistent
	}
	return true
}

// pick decides which of the matching targets the rule strikes. One by one for
// unprocessed items and write rates, all or none for the rest.
func (in *injected) pick(e *Engine, c *memdb.Call, targets []int) []int {
	if in.Fault.kind == unprocessed {
		var out []int
		for _, i := range targets {
			if in.strikes(e.seed, c, []int{i}) {
				out = append(out, i)
			}
		}
		return out
	}
	if !in.strikes(e.seed, c, targets) {
		return nil
	}
	if in.Fault.kind == writeRate {
		return in.overRate(e, c, targets)
	}
	return targets
}

// strikes counts a match and says whether it is one to strike.
func (in *injected) strikes(seed uint64, c *memdb.Call, targets []int) bool {
	in.seen++
	switch {
	case in.Nth > 0 && in.seen != in.Nth,
		in.Every > 0 && in.seen%in.Every != 0,
		in.Times > 0 && in.done >= in.Times,
		in.Chance > 0 && in.Chance < 1 && !in.draw(seed, c, targets):
		return false
	}
	in.done++
	return true
}

// draw is a coin that falls the same way for one operation, the same keys and the
// same number of times that they came before.
func (in *injected) draw(seed uint64, c *memdb.Call, targets []int) bool {
	key := []byte(c.Operation)
	for _, i := range targets {
		t := c.Targets[i]
		for _, s := range []string{t.Table, t.Index, t.Partition, t.Sort} {
			key = binary.AppendUvarint(key, uint64(len(s)))
			key = append(key, s...)
		}
	}
	n := in.met[string(key)]
	in.met[string(key)]++
	h := fnv.New64a()
	var head [24]byte
	binary.BigEndian.PutUint64(head[0:], seed)
	binary.BigEndian.PutUint64(head[8:], uint64(in.serial))
	binary.BigEndian.PutUint64(head[16:], uint64(n))
	_, _ = h.Write(head[:])
	_, _ = h.Write(key)
	return unit(h.Sum64()) < in.Chance
}

// unit spreads a hash over [0, 1).
func unit(h uint64) float64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return float64((h^h>>31)>>11) / (1 << 53)
}
