package repo

import (
	"context"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Take removes the item that has the key of the example and returns what was there. A missing item is [ErrNotFound]. Where an answer
// was lost and a later attempt finds nothing, it is [ErrOutcomeUnknown]: the lost one may have taken the item. Version, overlapping
// entities and costs are as with [Repository.Delete]; conditional views have no Take.
func (r *Repository[T]) Take(ctx context.Context, example T) (T, error) {
	var zero T
	root := reflect.ValueOf(&example).Elem()
	if err := r.core.unconditional(); err != nil {
		return zero, r.core.entity.failed("Take", err)
	}
	row, err := r.core.take(ctx, root)
	if err == nil && len(row) == 0 {
		err = &Error{Op: "Take", Entity: r.core.entity.Name, kind: ErrNotFound}
	}
	v, err := decodeResult(r, "Take", row, err)
	var undecodable *Error
	if len(row) > 0 && errors.As(err, &undecodable) {
		undecodable.Reason += "; the item was removed all the same"
		undecodable.stored = storedItem{r.core.entity, row}
	}
	return v, err
}

func (r *core) take(ctx context.Context, root reflect.Value) (item, error) {
	if len(r.entity.Unique) > 0 || r.view.exactlyOnce {
		return r.rewrite(ctx, "Take", root, func(old item) (*Write, error) {
			if len(old) == 0 {
				return nil, nil
			}
			read, err := r.entity.pinAll(old)
			if err != nil {
				return nil, err
			}
			w, err := r.deleteRead("Take", root, old, read)
			if err == nil {
				w.result = old
			}
			return w, err
		})
	}
	w, err := r.planDelete("Take", root, nil)
	if err != nil {
		return nil, r.entity.failed("Take", err)
	}
	w.delete.ReturnValues = types.ReturnValueAllOld
	return r.write(ctx, w)
}
