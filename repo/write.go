package repo

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
)

// Write is one write that was planned and checked and is not sent yet: the pure half of a verb. It is what the verbs send, and
// what tests and escape hatches look at. A Write is made by the ...Write methods of a [Repository]; it belongs to its caller.
type Write struct {
	entity *entity
	verb   string
	put    *dynamodb.PutItemInput
	update *dynamodb.UpdateItemInput
	delete *dynamodb.DeleteItemInput
	refuse refusal
}

// Entity is the name of the entity that is written.
func (w *Write) Entity() string { return w.entity.Name }

// Verb is the verb that planned the write: "Create".
func (w *Write) Verb() string { return w.verb }

// PutItemInput is the request of a Create or Put; nil for other verbs.
func (w *Write) PutItemInput() *dynamodb.PutItemInput { return w.put }

// UpdateItemInput is the request of an Update or Upsert; nil for other verbs.
func (w *Write) UpdateItemInput() *dynamodb.UpdateItemInput { return w.update }

// DeleteItemInput is the request of a Delete; nil for other verbs.
func (w *Write) DeleteItemInput() *dynamodb.DeleteItemInput { return w.delete }

// refusal says what a failed condition of the write means.
type refusal struct {
	create     bool       // the item must not exist
	mustExist  bool       // the item must exist
	conds      bool       // the caller gave conditions
	parents    []ast.Path // must be there, for paths below them are written
	checksType bool       // an item of another entity is refused
}

// explain makes the error of a failed condition, from the item that stood in the way: none where there was no item.
func (w *Write) explain(stored item, cause error) *Error {
	e := &Error{kind: ErrConditionFailed, cause: cause, stored: storedItem{w.entity, stored}}
	switch {
	case w.refuse.create:
		e.kind = ErrAlreadyExists
	case w.refuse.mustExist && stored == nil:
		e.kind = ErrNotFound
	case w.refuse.checksType && stored != nil && !w.entity.belongs(stored):
		e.kind, e.Reason = ErrWrongEntity, "the item with this key is of another entity"
	default:
		if parent := w.absentParent(stored); parent != "" {
			e.Field, e.Reason = parent, "the field is absent, and the update writes below it; set the whole field"
		}
	}
	return e
}

// absentParent names the first parent that the stored item lacks.
func (w *Write) absentParent(stored item) string {
	for _, p := range w.refuse.parents {
		if _, ok := p.In(stored); !ok {
			return p.String()
		}
	}
	return ""
}

// storedItem is the item that stood in the way of a condition, and the entity that can tell whether it is one of its own.
type storedItem struct {
	entity *entity
	item   item
}

// isOurs is the condition that an item is of this entity, given that its key is: rows without a type attribute are.
func (e *entity) isOurs() *ast.Cond {
	if !e.table.typed() {
		return nil
	}
	at := ast.Attr(e.table.TypeAttribute)
	return ast.Or(ast.NotExists(at), ast.Compare(ast.OpEq, at, text(e.Name)))
}

// exists is the condition that there is an item with the key.
func (e *entity) exists() *ast.Cond { return ast.Exists(ast.Attr(e.table.Key.Hash)) }

func text(s string) ast.Operand { return ast.Value(&types.AttributeValueMemberS{Value: s}) }

// putWrite plans a Create or Put.
func (r *Repository[T]) putWrite(verb string, v T, guard *ast.Cond, refuse refusal) (*Write, error) {
	row, err := r.encode(reflect.ValueOf(&v).Elem())
	if err != nil {
		return nil, err
	}
	if err := checkSize(row); err != nil {
		return nil, err
	}
	refuse.conds = len(r.view.conds) > 0
	x, err := build(ast.Request{Condition: r.condition(guard)})
	if err != nil {
		return nil, err
	}
	return &Write{entity: r.entity, verb: verb, refuse: refuse, put: &dynamodb.PutItemInput{
		TableName: aws.String(r.table.Name), Item: row,
		ConditionExpression: x.Condition, ExpressionAttributeNames: x.Names, ExpressionAttributeValues: x.Values,
		ReturnValuesOnConditionCheckFailure: asking(x.Condition),
		ReturnConsumedCapacity:              r.table.reporting(),
	}}, nil
}

// condition joins the guard of a verb with the conditions of the view.
func (r *Repository[T]) condition(guard *ast.Cond) *ast.Cond {
	return ast.And(append([]*ast.Cond{guard}, r.view.conds...)...)
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
