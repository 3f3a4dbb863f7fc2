package repo

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/sethvargo/go-retry"

	"github.com/monotable/monotable/internal/ast"
)

// Verbs that must know the stored item read it first, and make their write conditional on what they read. Where somebody else wrote
// in between they read again, a bounded number of times.
const (
	raceRetries = 9
	raceBase    = 20 * time.Millisecond
	raceCap     = time.Second
)

// raceBackoff makes the delays between the tries of one call: full jitter, for whoever lost a race should not meet the winner again.
func raceBackoff() retry.Backoff {
	delays := retry.WithCappedDuration(raceCap, retry.NewExponential(raceBase))
	return retry.WithMaxRetries(raceRetries, retry.WithJitterPercent(100, delays))
}

// pins is what a write relies on of the item that was read: the version, or attributes as they were; or that there was none.
type pins struct {
	missing    bool
	attributes []string
	present    []string // attributes that must be there, or not, as they were
	old        item
}

// condition is that the item is still as it was read.
func (p *pins) condition(e *entity) *ast.Cond {
	if p == nil {
		return nil
	}
	if p.missing {
		return e.missing
	}
	all := append([]*ast.Cond{e.exists}, stands(p.old, p.attributes...)...)
	for _, name := range p.present {
		if _, ok := p.old[name]; ok {
			all = append(all, ast.Exists(ast.Attr(name)))
		} else {
			all = append(all, ast.NotExists(ast.Attr(name)))
		}
	}
	return ast.And(all...)
}

// row is the item as it was read; none where nothing was.
func (p *pins) row() item {
	if p == nil {
		return nil
	}
	return p.old
}

// moved reports whether a stored item is no longer as it was read.
func (p *pins) moved(stored item) bool {
	if p.missing || len(stored) == 0 {
		return p.missing != (len(stored) == 0)
	}
	for _, name := range p.attributes {
		if !reflect.DeepEqual(p.old[name], stored[name]) {
			return true
		}
	}
	for _, name := range p.present {
		if (p.old[name] == nil) != (stored[name] == nil) {
			return true
		}
	}
	return false
}

// rewrite reads an item, plans a write from it, and sends that, until no other writer comes between. A plan of nil is done already.
// The first plan is that of no item, for what can be refused without reading.
// It returns what write returns.
func (r *core) rewrite(ctx context.Context, verb string, root reflect.Value, plan func(old item) (*Write, error)) (item, error) {
	if err := r.admit(root); err != nil {
		return nil, r.entity.failed(verb, err)
	}
	key, err := r.entity.primaryKey(root)
	if err != nil {
		return nil, r.entity.failed(verb, err)
	}
	if _, err := plan(nil); err != nil && !errors.Is(err, ErrNotFound) {
		return nil, r.entity.failed(verb, err) // it is wrong whatever is stored, so nothing is sent
	}
	for backoff := raceBackoff(); ; {
		old, err := r.readRow(ctx, key)
		if err != nil {
			return nil, requestFailed(verb, r.entity.Name, err)
		}
		w, err := plan(old)
		if err == nil {
			err = r.inScope(w)
		}
		if err != nil {
			return nil, r.entity.failed(verb, err)
		}
		if w == nil {
			return old, nil
		}
		row, err := r.write(ctx, w)
		if !w.raced(err) {
			return row, err
		}
		delay, stop := backoff.Next()
		if stop {
			return nil, err
		}
		if pause(ctx, delay) != nil {
			return nil, &Error{Op: verb, Entity: r.entity.Name, Reason: "the context ended between two tries", cause: errors.Join(ctx.Err(), err)}
		}
	}
}

// raced reports whether a write failed because the item is no longer as it was read.
func (w *Write) raced(err error) bool {
	var ours *Error
	if w.pins == nil || !errors.As(err, &ours) || errors.Is(err, ErrOutcomeUnknown) || ours.stored.entity == nil {
		return false
	}
	return w.pins.moved(ours.stored.item)
}

// pause waits, or returns the error of the context that ended first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// pinUnique relies on the fields that guards are made of.
func (e *entity) pinUnique(old item) *pins {
	if len(old) == 0 {
		return &pins{missing: true}
	}
	p := &pins{old: old}
	for _, ref := range e.uniqueRefs() {
		for _, name := range e.names(ref.Root().Attr) {
			p.attributes = appendNew(p.attributes, name)
		}
	}
	return p
}

// pinAll relies on the version or, without one, on every attribute of the type: a row that lacks it may be changed by programs that do not
// know it.
func (e *entity) pinAll(old item) (*pins, error) {
	p := &pins{old: old}
	if e.Version != nil && !e.mayLackVersion(old) {
		p.attributes = e.names(e.Version.Leaf().Attr)
		for _, r := range e.Renames { // what moves an attribute to another name counts no version up
			if r.Ref == e.Version {
				continue // it is among them already
			}
			p.present = append(p.present, e.names(r.Ref.Leaf().Attr)...)
		}
		return p, nil
	}
	for _, f := range e.Fields {
		p.attributes = append(p.attributes, e.names(f.Attr)...)
	}
	if len(p.attributes) > maxPinned {
		return nil, &Error{kind: ErrTooLarge, Reason: "the type has more attributes than one condition can compare; add a version field"}
	}
	return p, nil
}

// maxPinned is how many attributes one condition compares: DynamoDB takes 300 operators, of which an attribute needs two.
const maxPinned = 145
