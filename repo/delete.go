package repo

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
)

// Delete removes the item that has the key of the example; the example's other fields are ignored. A missing item is fine, unless
// a condition asks for one: through If it is [ErrConditionFailed]. Where entities are declared overlapping, an item of another
// entity is [ErrWrongEntity] and stays. A key without all its fields is [ErrIncompleteKey]. Costs a write unit per KB of the item.
func (r *Repository[T]) Delete(ctx context.Context, example T) error {
	w, err := r.DeleteWrite(example)
	if err != nil {
		return err
	}
	consumed := func(out *dynamodb.DeleteItemOutput) *types.ConsumedCapacity { return out.ConsumedCapacity }
	if _, err := send(r.sending(ctx, "DeleteItem", ""), w.delete, r.client.DeleteItem, consumed); err != nil {
		return w.failed(err)
	}
	return nil
}

// DeleteWrite plans what Delete sends, and sends nothing.
func (r *Repository[T]) DeleteWrite(example T) (*Write, error) {
	w, err := r.deleteWrite(example)
	return w, r.failed("Delete", err)
}

func (r *Repository[T]) deleteWrite(example T) (*Write, error) {
	key, err := r.primaryKey(reflect.ValueOf(&example).Elem())
	if err != nil {
		return nil, err
	}
	guard, refuse := r.overlapGuard()
	refuse.conds = len(r.view.conds) > 0
	if refuse.conds {
		guard = ast.And(r.exists(), guard)
	}
	x, err := build(ast.Request{Condition: r.condition(guard)})
	if err != nil {
		return nil, err
	}
	return &Write{entity: r.entity, verb: "Delete", refuse: refuse, delete: &dynamodb.DeleteItemInput{
		TableName: aws.String(r.table.Name), Key: key,
		ConditionExpression: x.Condition, ExpressionAttributeNames: x.Names, ExpressionAttributeValues: x.Values,
		ReturnValuesOnConditionCheckFailure: asking(x.Condition),
		ReturnConsumedCapacity:              r.table.reporting(),
	}}, nil
}
