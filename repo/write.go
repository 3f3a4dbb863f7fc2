package repo

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// Write is one write that was planned and checked and is not sent yet: the pure half of a verb. It is what the verbs send, what
// transactions and batches are made of, and what tests and escape hatches look at. A Write is made by the ...Write methods of a
// [Repository]; it belongs to its caller.
type Write struct {
	entity *entity
	verb   string
	put    *dynamodb.PutItemInput
	update *dynamodb.UpdateItemInput
	delete *dynamodb.DeleteItemInput
	check  *types.ConditionCheck
	guards []guardOp
	refuse refusal
	pins   *pins // what was read beforehand, where something was

	repeatable bool   // sending it again after it was applied changes nothing more
	id         string // the write id that it stores, where the table has one
	result     item   // the item as stored out, where that is known beforehand
}

// Entity is the name of the entity that is written.
func (w *Write) Entity() string { return w.entity.Name }

// Verb is the verb that planned the write: "Create".
func (w *Write) Verb() string { return w.verb }

// String is the verb and the entity, and shows no value.
func (w Write) String() string {
	if w.entity == nil {
		return "repo.Write"
	}
	return "repo.Write{" + w.verb + " " + w.entity.Name + "}"
}

// GoString is String.
func (w Write) GoString() string { return w.String() }

// Repeatable reports whether the write may be sent again when nobody knows whether it was applied: it leaves the same item, or a
// condition of its own keeps it from being applied twice.
func (w *Write) Repeatable() bool { return w.repeatable }

// PutItemInput is the request of a Create or Put; nil for other verbs.
func (w *Write) PutItemInput() *dynamodb.PutItemInput { return w.put }

// UpdateItemInput is the request of an Update or Upsert; nil for other verbs.
func (w *Write) UpdateItemInput() *dynamodb.UpdateItemInput { return w.update }

// DeleteItemInput is the request of a Delete or Take; nil for other verbs.
func (w *Write) DeleteItemInput() *dynamodb.DeleteItemInput { return w.delete }

// ConditionCheck is the operation of a CheckWrite; nil for other verbs. It can be sent in a transaction only.
func (w *Write) ConditionCheck() *types.ConditionCheck { return w.check }

// TransactItems are the operations of a transaction that does the same: the item's own, then those of its unique guards. A write
// with guards cannot be sent otherwise.
func (w *Write) TransactItems() []types.TransactWriteItem {
	out := []types.TransactWriteItem{w.operation()}
	for _, g := range w.guards {
		out = append(out, g.operation(w.entity))
	}
	return out
}

// operation is the item's own part of a transaction.
func (w *Write) operation() types.TransactWriteItem {
	switch {
	case w.put != nil:
		return types.TransactWriteItem{Put: &types.Put{TableName: w.put.TableName, Item: w.put.Item, ConditionExpression: w.put.ConditionExpression,
			ExpressionAttributeNames: w.put.ExpressionAttributeNames, ExpressionAttributeValues: w.put.ExpressionAttributeValues,
			ReturnValuesOnConditionCheckFailure: w.put.ReturnValuesOnConditionCheckFailure}}
	case w.update != nil:
		return types.TransactWriteItem{Update: &types.Update{TableName: w.update.TableName, Key: w.update.Key, UpdateExpression: w.update.UpdateExpression, ConditionExpression: w.update.ConditionExpression,
			ExpressionAttributeNames: w.update.ExpressionAttributeNames, ExpressionAttributeValues: w.update.ExpressionAttributeValues,
			ReturnValuesOnConditionCheckFailure: w.update.ReturnValuesOnConditionCheckFailure}}
	case w.delete != nil:
		return types.TransactWriteItem{Delete: &types.Delete{TableName: w.delete.TableName, Key: w.delete.Key, ConditionExpression: w.delete.ConditionExpression,
			ExpressionAttributeNames: w.delete.ExpressionAttributeNames, ExpressionAttributeValues: w.delete.ExpressionAttributeValues,
			ReturnValuesOnConditionCheckFailure: w.delete.ReturnValuesOnConditionCheckFailure}}
	}
	check := *w.check
	return types.TransactWriteItem{ConditionCheck: &check}
}

// key is the primary key of the item.
func (w *Write) key() item {
	switch {
	case w.put != nil:
		return w.entity.keyOf(w.put.Item)
	case w.update != nil:
		return w.update.Key
	case w.delete != nil:
		return w.delete.Key
	}
	return w.check.Key
}

// Key is a text that tells items apart: the table and the encoded primary key of the item that is written. It holds key text, so it
// belongs in no log.
func (w *Write) Key() string { return itemKey(w.entity.table, w.key()) }

func itemKey(t *Table, key item) string {
	out := appendText(nil, t.Name)
	for _, name := range t.keyAttributes() {
		out = appendValue(out, key[name])
	}
	return string(out)
}

// Size is what the write counts towards the 4 MB of a transaction, in bytes: the item or key and the values of its expressions,
// guards included. DynamoDB's own count is of the items that the transaction touches.
func (w *Write) Size() int {
	n := 0
	for _, op := range w.TransactItems() {
		switch {
		case op.Put != nil:
			n += itemSize(op.Put.Item) + itemSize(op.Put.ExpressionAttributeValues)
		case op.Update != nil:
			n += itemSize(op.Update.Key) + itemSize(op.Update.ExpressionAttributeValues)
		case op.Delete != nil:
			n += itemSize(op.Delete.Key) + itemSize(op.Delete.ExpressionAttributeValues)
		default:
			n += itemSize(op.ConditionCheck.Key) + itemSize(op.ConditionCheck.ExpressionAttributeValues)
		}
	}
	return n
}

// Operations is how many operations of a transaction the write is: one, and one for each unique guard.
func (w *Write) Operations() int { return 1 + len(w.guards) }

// refusal says what a failed condition of the write means.
type refusal struct {
	create     bool                   // the item must not exist
	mustExist  bool                   // the item must exist
	parents    []ast.Path             // must be there, for paths below them are written
	checksType bool                   // an item of another entity is refused
	version    *expected              // the version must be this one
	immutable  func(stored item) item // what the item becomes, where fields that may not change must be as they were
	unread     []schema.Rename        // attributes that must have no former name that counts
}

// explain makes the error of a failed condition, from the item that stood in the way: none where there was no item.
func (w *Write) explain(stored item, cause error) *Error {
	e := &Error{kind: ErrConditionFailed, cause: cause, stored: storedItem{w.entity, stored}}
	switch {
	case w.refuse.create:
		e.kind = ErrAlreadyExists
	case w.refuse.mustExist && len(stored) == 0:
		e.kind = ErrNotFound
	case w.refuse.checksType && len(stored) > 0 && !w.entity.belongs(stored):
		e.kind, e.Reason = ErrWrongEntity, "the item with this key is of another entity"
	case w.refuse.version.conflicts(w.entity, stored):
		e.kind, e.Field, e.Reason = ErrVersionConflict, w.entity.Version.Path, w.refuse.version.reason(w.entity, stored)
	default:
		w.explainField(e, stored)
	}
	return e
}

// explainField names the field that a condition failed for, where it is one of the library's own conditions.
func (w *Write) explainField(e *Error, stored item) {
	row := w.entity.modern(stored)
	if w.refuse.immutable != nil {
		if field := w.entity.changedImmutable(w.refuse.immutable(row), row); field != "" {
			e.kind, e.Field, e.Reason = ErrImmutable, field, "the stored item has another value in this field, which may not change"
			return
		}
	}
	if names := w.toMove(stored); len(names) > 0 {
		e.Field, e.Reason = names[0].ref.Path, "the stored item has the attribute under a former name, and the change depends on its value; use Update or Upsert of the repository, which move it first, or Modify or Reindex"
		return
	}
	for _, p := range w.refuse.parents {
		if _, ok := p.In(row); !ok {
			e.Field, e.Reason = p.String(), "the field is absent, and the update writes below it; set the whole field"
			return
		}
	}
}

// storedItem is the item that stood in the way of a condition, and the entity that can tell whether it is one of its own.
type storedItem struct {
	entity *entity
	item   item
}

func text(s string) ast.Operand { return ast.Value(&types.AttributeValueMemberS{Value: s}) }

// planPut plans the request of a Create or Put of a value that is the library's own copy.
func (e *entity) planPut(verb string, root reflect.Value, condition *ast.Cond, refuse refusal) (*Write, error) {
	row, err := e.encode(root)
	if err != nil {
		return nil, err
	}
	w := &Write{entity: e, verb: verb, refuse: refuse, repeatable: true, result: row, id: e.table.writeID()}
	if w.id != "" {
		row[e.table.WriteID] = &types.AttributeValueMemberS{Value: w.id}
	}
	if err := checkSize(row); err != nil {
		return nil, err
	}
	x, err := e.build(ast.Request{Condition: condition})
	if err != nil {
		return nil, err
	}
	w.put = &dynamodb.PutItemInput{
		TableName: aws.String(e.table.Name), Item: row,
		ConditionExpression: x.Condition, ExpressionAttributeNames: x.Names, ExpressionAttributeValues: x.Values,
		ReturnValuesOnConditionCheckFailure: asking(x.Condition),
		ReturnConsumedCapacity:              e.table.reporting(),
	}
	return w, nil
}

// condition joins the guards of a verb with the conditions of the view.
func (r *core) condition(guards ...*ast.Cond) *ast.Cond {
	return ast.And(append(guards, r.view.conds...)...)
}

// asking has a conditional request return the item that stood in the way.
func asking(condition *string) types.ReturnValuesOnConditionCheckFailure {
	if condition == nil {
		return ""
	}
	return types.ReturnValuesOnConditionCheckFailureAllOld
}

// build lowers a request's expressions, and makes errors of them ours.
func build(req ast.Request) (ast.Expression, error) {
	x, err := ast.Build(req)
	return x, invalidExpression(err)
}
