package repo

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/internal/ast"
)

// Delete removes the item that has the key of the example; the example's other fields are ignored, but for the version: where it
// carries one, another stored version is [ErrVersionConflict]. A missing item is fine, unless a condition asks for one: through If
// it is [ErrConditionFailed]. Where entities are declared overlapping, an item of another entity is [ErrWrongEntity] and stays. A
// key without all its fields is [ErrIncompleteKey]. An item that is created again starts at version 1, so
// where an answer is lost and somebody creates the item anew before the next attempt, that one is removed; ExactlyOnce does not.
//
// Costs a write unit per KB of the item. With unique fields it reads the item first and drops their guards in a transaction, which
// costs twice that, and two units for each guard.
func (r *Repository[T]) Delete(ctx context.Context, example T) error {
	root := reflect.ValueOf(&example).Elem()
	if len(r.core.entity.Unique) > 0 {
		_, err := r.core.rewrite(ctx, "Delete", root, func(old item) (*Write, error) {
			if len(old) == 0 && len(r.core.view.conds) == 0 {
				return nil, nil
			}
			return r.core.deleteRead("Delete", root, old, r.core.entity.pinUnique(old))
		})
		return err
	}
	w, err := r.DeleteWrite(example)
	if err != nil {
		return err
	}
	_, err = r.core.write(ctx, w)
	return err
}

// DeleteWrite plans what Delete sends, and sends nothing. Where the type has unique fields, their values must be pinned with
// If(field.Eq(value)): nothing is read here.
func (r *Repository[T]) DeleteWrite(example T) (*Write, error) {
	root := reflect.ValueOf(&example).Elem()
	w, err := r.core.planDelete("Delete", root, nil)
	if err == nil && len(r.core.entity.Unique) > 0 {
		before := r.core.entity.factsOf(root)
		before.pin(r.core.view.conds)
		w.guards, err = r.core.entity.swapKnown(w.delete.Key, before, nil)
	}
	if err == nil {
		err = r.core.inScope(w)
	}
	if err != nil {
		return nil, r.core.entity.failed("Delete", err)
	}
	return w, nil
}

// deleteRead plans the deletion of an item that was read, with its guards.
func (r *core) deleteRead(verb string, root reflect.Value, old item, read *pins) (*Write, error) {
	if len(old) > 0 && !r.entity.belongs(old) {
		return nil, &Error{kind: ErrWrongEntity, Reason: "the item with this key is of another entity"}
	}
	w, err := r.planDelete(verb, root, read)
	if err != nil {
		return nil, err
	}
	guards, err := r.entity.storedGuards(root, old)
	w.guards = r.entity.swap(w.delete.Key, guards, nil)
	return w, err
}

// planDelete plans the item's own part of a deletion.
func (r *core) planDelete(verb string, root reflect.Value, read *pins) (*Write, error) {
	if err := r.admit(root); err != nil {
		return nil, err
	}
	key, err := r.entity.primaryKey(root)
	if err != nil {
		return nil, err
	}
	if err := r.conditionError(); err != nil {
		return nil, err
	}
	guard, refuse := r.entity.overlapGuard()
	guards := []*ast.Cond{guard, read.condition(r.entity)}
	if r.entity.Version != nil {
		n, err := r.entity.versionOf(root)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			refuse.version = &expected{number: n, gone: true}
			guards = append(guards, refuse.version.condition(r.entity))
		}
	}
	if len(r.view.conds) > 0 {
		guards = append(guards, r.entity.exists)
	}
	x, err := r.entity.build(ast.Request{Condition: r.condition(guards...)})
	if err != nil {
		return nil, err
	}
	return &Write{entity: r.entity, verb: verb, refuse: refuse, pins: read, repeatable: true, delete: &dynamodb.DeleteItemInput{
		TableName: aws.String(r.entity.table.Name), Key: key,
		ConditionExpression: x.Condition, ExpressionAttributeNames: x.Names, ExpressionAttributeValues: x.Values,
		ReturnValuesOnConditionCheckFailure: asking(x.Condition),
		ReturnConsumedCapacity:              r.entity.table.reporting(),
	}}, nil
}
