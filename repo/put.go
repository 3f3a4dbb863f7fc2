package repo

import (
	"context"
	"reflect"

	"github.com/monotable/monotable/internal/ast"
)

// Put stores an item whether or not one with its key exists, and returns it as stored. It replaces the whole item: attributes that
// this version of T does not know are lost; Update and Modify never touch what they do not name. Where entities are declared
// overlapping, an item of another entity is [ErrWrongEntity] and stays. A version is checked and counted up: 0 means that the item
// must be new, and a mismatch is [ErrVersionConflict]. A field that is immutable and differs is [ErrImmutable], a value of a unique
// field that another item has [ErrNotUnique]. Through If, a condition that does not hold is [ErrConditionFailed]. Values that cannot
// be stored, or that the type's Validate refuses, are [ErrInvalidValue], [ErrInvalidKey] or [ErrIncompleteKey], and an item over
// 400 KB is [ErrTooLarge]; then nothing is sent. The caller's value is not changed.
//
// Costs a write unit per KB. With unique fields it reads the item first, and where their values change it is a transaction, which
// costs twice that, and two units for each guard made or dropped.
func (r *Repository[T]) Put(ctx context.Context, v T) (T, error) {
	root := reflect.ValueOf(&v).Elem()
	if len(r.core.entity.Unique) == 0 {
		w, err := r.PutWrite(v)
		if err != nil {
			var zero T
			return zero, err
		}
		return r.stored(ctx, w)
	}
	row, err := r.core.rewrite(ctx, "Put", root, func(old item) (*Write, error) { return r.core.putOver(root, old) })
	return decodeResult(r, "Put", row, err)
}

// decodeResult decodes what a verb leaves.
func decodeResult[T any](r *Repository[T], verb string, row item, err error) (T, error) {
	var zero T
	if err != nil {
		return zero, err
	}
	v, err := decodeAs[T](r.core.entity, row)
	return v, r.core.entity.failed(verb, err)
}

// PutWrite plans what Put sends, and sends nothing. Where the type has unique fields, their old values must be pinned with
// If(field.Eq(old)), or the version must be 0: nothing is read here.
func (r *Repository[T]) PutWrite(v T) (*Write, error) {
	w, err := r.core.putWrite(reflect.ValueOf(&v).Elem())
	return w, r.core.entity.failed("Put", err)
}

func (r *core) putWrite(root reflect.Value) (*Write, error) {
	w, err := r.planPutOver(root, nil)
	if err != nil || len(r.entity.Unique) == 0 {
		return w, err
	}
	var old []guard
	if w.refuse.version == nil || !w.refuse.version.none {
		before := r.entity.factsOf(root)
		before.pin(r.view.conds)
		drops, err := r.entity.swapKnown(r.entity.keyOf(w.put.Item), before, nil)
		if err != nil {
			return nil, err
		}
		for _, g := range drops {
			old = append(old, g.guard)
		}
	}
	if err := r.entity.guardPut(w, root, old); err != nil {
		return nil, err
	}
	return w, r.inScope(w)
}

// putOver plans a Put of a type with unique fields over the item that was read.
func (r *core) putOver(v reflect.Value, old item) (*Write, error) {
	root := reflect.New(v.Type()).Elem() // stamps go into a copy: there may be another attempt
	root.Set(v)
	if len(old) > 0 && !r.entity.belongs(old) {
		return nil, &Error{kind: ErrWrongEntity, Reason: "the item with this key is of another entity"}
	}
	w, err := r.planPutOver(root, r.entity.pinUnique(old))
	if err != nil {
		return nil, err
	}
	guards, err := r.entity.storedGuards(root, old)
	if err != nil {
		return nil, err
	}
	if err := r.entity.guardPut(w, root, guards); err != nil {
		return nil, err
	}
	return w, r.inScope(w)
}

// planPutOver plans the item's own part of a Put.
func (r *core) planPutOver(root reflect.Value, read *pins) (*Write, error) {
	if err := r.conditionError(); err != nil {
		return nil, err
	}
	if err := r.admit(root); err != nil {
		return nil, err
	}
	if err := validate(root); err != nil {
		return nil, err
	}
	now := r.entity.table.Now()
	r.entity.stampPut(root, now)
	guard, refuse := r.entity.overlapGuard()
	guards := []*ast.Cond{guard, read.condition(r.entity)}
	if r.entity.Version != nil {
		n, err := r.entity.versionOf(root)
		if err != nil {
			return nil, err
		}
		refuse.version = &expected{number: n, none: n == 0}
		r.entity.setVersion(root, n+1)
		if n == 0 {
			guards = append(guards, r.entity.vacant(now))
		} else {
			guards = append(guards, refuse.version.condition(r.entity))
		}
	}
	mustBeNew := refuse.version != nil && refuse.version.none
	if len(r.entity.Immutable) > 0 && !mustBeNew {
		same, err := r.entity.immutableStay(root)
		if err != nil {
			return nil, err
		}
		guards = append(guards, same)
	}
	w, err := r.entity.planPut("Put", root, r.condition(guards...), refuse)
	if err != nil {
		return nil, err
	}
	w.pins = read
	if len(r.entity.Immutable) > 0 && !mustBeNew {
		w.refuse.immutable = func(item) item { return w.put.Item }
	}
	return w, nil
}

// storedGuards lists the guards of an item as it is stored.
func (e *entity) storedGuards(root reflect.Value, old item) ([]guard, error) {
	if len(old) == 0 {
		return nil, nil
	}
	return e.heldGuards(e.factsOfRow(root, old).value)
}

// overlapGuard is the condition of verbs that would touch an item of an overlapping entity.
func (e *entity) overlapGuard() (*ast.Cond, refusal) {
	if len(e.Overlaps) == 0 {
		return nil, refusal{}
	}
	return e.isOurs, refusal{checksType: true}
}
