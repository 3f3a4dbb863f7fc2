package repo

import (
	"context"

	"github.com/monotable/monotable/internal/ast"
)

// Create stores a new item and returns it as stored. An item with the same key, of any entity, is [ErrAlreadyExists], and stays as
// it is. Values that cannot be stored are [ErrInvalidValue], [ErrInvalidKey] or [ErrIncompleteKey], and an item over 400 KB is
// [ErrTooLarge]; then nothing is sent. The caller's value is not changed. Costs a write unit per KB, also where the item exists.
func (r *Repository[T]) Create(ctx context.Context, v T) (T, error) {
	w, err := r.CreateWrite(v)
	if err != nil {
		var zero T
		return zero, err
	}
	return r.sendPut(ctx, w)
}

// CreateWrite plans what Create sends, and sends nothing.
func (r *Repository[T]) CreateWrite(v T) (*Write, error) {
	w, err := r.putWrite("Create", v, ast.NotExists(ast.Attr(r.table.Key.Hash)), refusal{create: true})
	return w, r.failed("Create", err)
}
