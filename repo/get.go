package repo

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Get reads the item that has the key of the example; the example's other fields are ignored. A missing item is [ErrNotFound], and so is
// an expired one, but through WithExpired; one of another entity [ErrWrongEntity], a key without all its fields [ErrIncompleteKey]. Costs half a read unit per 4 KB, or a whole one
// through Consistent.
func (r *Repository[T]) Get(ctx context.Context, example T) (T, error) {
	v, err := r.get(ctx, example)
	return v, r.core.entity.failed("Get", err)
}

func (r *Repository[T]) get(ctx context.Context, example T) (T, error) {
	row, err := r.core.getRow(ctx, reflect.ValueOf(&example).Elem())
	if err != nil {
		var zero T
		return zero, err
	}
	return decodeAs[T](r.core.entity, row)
}

func (r *core) getRow(ctx context.Context, root reflect.Value) (item, error) {
	in, err := r.getInput(root)
	if err != nil {
		return nil, err
	}
	consumed := func(out *dynamodb.GetItemOutput) float64 { return units(out.ConsumedCapacity) }
	out, err := send(r.sending(ctx, "GetItem", ""), in, r.client.GetItem, consumed)
	if err != nil {
		return nil, requestFailed("Get", r.entity.Name, err)
	}
	if len(out.Item) == 0 || r.hides(out.Item) && r.entity.belongs(out.Item) {
		return nil, &Error{kind: ErrNotFound}
	}
	return out.Item, nil
}

// GetInput is the request that Get sends, and sends nothing.
func (r *Repository[T]) GetInput(example T) (*dynamodb.GetItemInput, error) {
	in, err := r.core.getInput(reflect.ValueOf(&example).Elem())
	return in, r.core.entity.failed("Get", err)
}

func (r *core) getInput(root reflect.Value) (*dynamodb.GetItemInput, error) {
	if err := r.unconditional(); err != nil {
		return nil, err
	}
	if err := r.admit(root); err != nil {
		return nil, err
	}
	key, err := r.entity.primaryKey(root)
	if err != nil {
		return nil, err
	}
	in := &dynamodb.GetItemInput{TableName: aws.String(r.entity.table.Name), Key: key, ReturnConsumedCapacity: r.entity.table.reporting()}
	if r.view.consistent {
		in.ConsistentRead = aws.Bool(true)
	}
	return in, nil
}
