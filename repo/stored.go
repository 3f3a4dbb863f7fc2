package repo

import "errors"

// Stored is the item that stood in the way of a failed condition, from the same round trip: of an error that a verb of the
// repository returned. It is false where there was no item, or none of this entity. An item that cannot be decoded is
// [ErrInvalidValue].
func Stored[T any](r *Repository[T], err error) (T, bool, error) {
	var ours *Error
	if !errors.As(err, &ours) || ours.stored.entity == nil || ours.stored.entity.Type != r.core.entity.Type || len(ours.stored.item) == 0 || !r.core.entity.belongs(ours.stored.item) || !r.core.sees(ours.stored.item) {
		var zero T
		return zero, false, nil
	}
	v, err := decodeAs[T](r.core.entity, ours.stored.item)
	if err != nil {
		return v, false, r.core.entity.failed("Stored", err)
	}
	return v, true, nil
}
