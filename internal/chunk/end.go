package chunk

// Ended is a run that the service or the caller's own code put an end to.
type Ended struct {
	Cause error // of the request; nil after a panic
	Panic any   // what a callback panicked with
}

func (e *Ended) Error() string {
	if e.Cause == nil {
		return "a callback panicked"
	}
	return "the service refuses every request"
}

func (e *Ended) Unwrap() error { return e.Cause }

// stop ends the run: nothing more is sent or taken in, and what waits is settled. Requests under way are waited for.
func (r *Run) stop(why error) {
	if r.stopped != nil {
		return
	}
	r.stopped = why
	close(r.over)
	for _, it := range r.line.drain() {
		r.count(it, Unprocessed, r.why(it))
		r.line.held--
	}
}

// Stopped is the cause of an item that was not sent, or not sent again, because the run ended.
type Stopped struct {
	Why  error // why the run ended
	Last error // what became of the item's last request; nil where there was none
}

func (e *Stopped) Error() string { return "the run ended before the item was done" }

// Unwrap gives both causes.
func (e *Stopped) Unwrap() []error {
	if e.Last == nil {
		return []error{e.Why}
	}
	return []error{e.Why, e.Last}
}

// why is the cause of an item that is not done.
func (r *Run) why(it *Item) error {
	if r.stopped != nil {
		return &Stopped{Why: r.stopped, Last: it.cause}
	}
	return it.cause
}
