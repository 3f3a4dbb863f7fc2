package repo

import (
	"context"
	"reflect"
	"time"

	"github.com/monotable/monotable/internal/ast"
)

// Create stores a new item and returns it as stored. An item with the same key, of any entity, is [ErrAlreadyExists], and stays as
// it is; an expired one of the same entity is replaced. A value of a unique field that another item has is [ErrNotUnique]. Values
// that cannot be stored, or that the type's Validate refuses, are [ErrInvalidValue], [ErrInvalidKey] or [ErrIncompleteKey], and
// an item over 400 KB is [ErrTooLarge]; then nothing is sent. A version starts at 1. The caller's value is not changed.
//
// Costs a write unit per KB, also where the item exists. With unique fields it is a transaction of one operation and one more for
// each of them, and costs twice that, and two units for each guard.
func (r *Repository[T]) Create(ctx context.Context, v T) (T, error) {
	w, err := r.CreateWrite(v)
	if err != nil {
		var zero T
		return zero, err
	}
	return r.stored(ctx, w)
}

// CreateWrite plans what Create sends, and sends nothing.
func (r *Repository[T]) CreateWrite(v T) (*Write, error) {
	w, err := r.core.createWrite(reflect.ValueOf(&v).Elem())
	return w, r.core.entity.failed("Create", err)
}

func (r *core) createWrite(root reflect.Value) (*Write, error) {
	if err := r.unconditional(); err != nil {
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
	if r.entity.Version != nil {
		r.entity.setVersion(root, 1)
	}
	w, err := r.entity.planPut("Create", root, r.entity.vacant(now), refusal{create: true})
	if err != nil {
		return nil, err
	}
	if err := r.entity.guardPut(w, root, nil); err != nil {
		return nil, err
	}
	return w, r.inScope(w)
}

// vacant is the condition that the key is free: no item has it, or one of this entity that has expired.
func (e *entity) vacant(now time.Time) *ast.Cond {
	if e.TTL == nil {
		return e.missing
	}
	return ast.Or(e.missing, ast.And(e.isOurs, e.expired(now)))
}

// guardPut adds the guards of a whole value to its write; old are those that the item had before.
func (e *entity) guardPut(w *Write, root reflect.Value, old []guard) error {
	if len(e.Unique) == 0 {
		return nil
	}
	now, err := e.guardsOf(e.valuesOf(root))
	if err != nil {
		return err
	}
	w.guards = e.swap(e.keyOf(w.put.Item), old, now)
	return nil
}

// keyOf is the primary key of a row.
func (e *entity) keyOf(row item) item { return keyOf(row, e.table.keyAttributes()) }
