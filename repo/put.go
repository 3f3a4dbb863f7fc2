package repo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
)

// Put stores an item whether or not one with its key exists, and returns it as stored. It replaces the whole item: attributes that
// this version of T does not know are lost; Update and Modify never touch what they do not name. Where entities are declared
// overlapping, an item of another entity is [ErrWrongEntity] and stays. Values that cannot be stored are [ErrInvalidValue],
// [ErrInvalidKey] or [ErrIncompleteKey], and an item over 400 KB is [ErrTooLarge]; then nothing is sent. Through If, a condition
// that does not hold is [ErrConditionFailed]. The caller's value is not changed. Costs a write unit per KB.
func (r *Repository[T]) Put(ctx context.Context, v T) (T, error) {
	w, err := r.PutWrite(v)
	if err != nil {
		var zero T
		return zero, err
	}
	return r.sendPut(ctx, w)
}

// PutWrite plans what Put sends, and sends nothing.
func (r *Repository[T]) PutWrite(v T) (*Write, error) {
	guard, refuse := r.overlapGuard()
	w, err := r.putWrite("Put", v, guard, refuse)
	return w, r.failed("Put", err)
}

// overlapGuard is the condition of verbs that would touch an item of an overlapping entity.
func (e *entity) overlapGuard() (*ast.Cond, refusal) {
	if len(e.Overlaps) == 0 {
		return nil, refusal{}
	}
	return e.isOurs(), refusal{checksType: true}
}

// sendPut sends a Create or Put and returns what was stored.
func (r *Repository[T]) sendPut(ctx context.Context, w *Write) (T, error) {
	var zero T
	consumed := func(out *dynamodb.PutItemOutput) *types.ConsumedCapacity { return out.ConsumedCapacity }
	if _, err := send(r.sending(ctx, "PutItem", ""), w.put, r.client.PutItem, consumed); err != nil {
		return zero, w.failed(err)
	}
	v, err := decodeAs[T](r.entity, w.put.Item)
	return v, r.failed(w.verb, err)
}

// failed makes the error of a write that was sent.
func (w *Write) failed(err error) error {
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) {
		return w.explain(refused.Item, err).in(w.verb, w.entity.Name)
	}
	return requestFailed(w.verb, w.entity.Name, err)
}

// requestFailed wraps an error of the SDK. Its text may quote values, so that only its code is shown.
func requestFailed(op, entity string, err error) error {
	return &Error{Op: op, Entity: entity, cause: err}
}
