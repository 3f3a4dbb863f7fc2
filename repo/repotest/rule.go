package repotest

// A Rule says which requests suffer a fault. Its fields narrow it down, and a zero
// field matches everything: a Rule with nothing but a Fault fails every request
// about items. Operations on tables, such as CreateTable, suffer only where they
// are named.
//
// A batch or a transaction matches if one of its items does. The fault then
// concerns the items that match where it can (a throttle, a conflict, an item left
// unprocessed), and the whole request where it can't.
type Rule struct {
	// Operation is the name of an operation, such as "PutItem". Without one it is
	// every operation on items.
	Operation string
	// Table and Index are names. An index is only ever read.
	Table, Index string
	// Partition and Sort are key values as text: strings as they are, numbers in
	// decimal ("1.5"), binary as its bytes. A Query has no sort key, a Scan no key.
	Partition, Sort string

	// Of the requests that match, Nth picks one (from 1), Every picks every so
	// many, and Times stops the rule after so many. They count in the order of
	// arrival; with concurrent callers, name the key to know who it will be.
	Nth, Every, Times int
	// Chance picks requests with a probability from 0 to 1, by a hash of the
	// engine's seed, the operation, the keys, and how often they came before. It
	// is 1 if it is left out.
	Chance float64

	// Fault is what happens.
	Fault Fault
}

// Inject sets a rule. It works on requests that arrive from now on, beside the
// rules that were set before, until remove is called, which may be at any time and
// more than once. Where several rules pick one request, delays add up and the
// first other fault wins, in the order of injection.
func (e *Engine) Inject(r Rule) (remove func()) {
	in := &injected{Rule: r, met: map[string]int{}, buckets: map[string]*bucket{}}
	if r.Fault.kind == stale {
		in.replica = e.db.Snapshot()
	}
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.serial++
	in.serial = e.faults.serial
	e.faults.set(append(e.faults.rules, in))
	return func() { e.faults.remove(in) }
}

// Heal removes all rules.
func (e *Engine) Heal() {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.set(nil)
}
