package repotest

import "github.com/monotable/monotable/internal/memdb"

// An Event is one request and what became of it. Retries are requests of their
// own. The slices belong to whoever gets the event.
type Event struct {
	Operation string // "PutItem"
	Request   []byte // the body that was sent
	Status    int    // of the answer; 0 if there was none
	Response  []byte // the body that was answered
	ErrorType string // "ConditionalCheckFailedException"; "" for success
	Err       error  // how the connection broke, if it did
}

// Observe calls f with every request once it is answered, in the goroutine of the
// caller that made it and possibly at the same time as others, until stop is
// called. f may use the engine.
func (e *Engine) Observe(f func(Event)) (stop func()) {
	o := &observer{f}
	e.observers.mu.Lock()
	defer e.observers.mu.Unlock()
	e.observers.list = append(e.observers.list[:len(e.observers.list):len(e.observers.list)], o)
	return func() { e.observers.remove(o) }
}

// Requests counts the requests that have arrived for the operations, or all of
// them if none is named.
func (e *Engine) Requests(operations ...string) int {
	e.observers.mu.Lock()
	defer e.observers.mu.Unlock()
	if len(operations) == 0 {
		return e.observers.total
	}
	n := 0
	for _, op := range operations {
		n += e.observers.counts[op]
	}
	return n
}

func (o *observers) remove(gone *observer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, other := range o.list {
		if other == gone {
			o.list = append(o.list[:i:i], o.list[i+1:]...)
			return
		}
	}
}

// observe is called by the engine when a request arrives; what it returns, if
// anything, is called when it is answered.
func (e *Engine) observe(operation, request string) func(memdb.Response, error) {
	o := &e.observers
	o.mu.Lock()
	if o.counts == nil {
		o.counts = map[string]int{}
	}
	o.counts[operation]++
	o.total++
	list := o.list
	o.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	return func(r memdb.Response, err error) {
		for _, each := range list {
			each.f(Event{
				Operation: operation, Request: []byte(request), Status: r.Status, Response: clone(r.Body),
				ErrorType: r.ErrorType, Err: err,
			})
		}
	}
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }
