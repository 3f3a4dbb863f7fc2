package repo

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
)

// CheckWrite plans a condition check: an operation of a transaction that writes nothing, and cancels the transaction unless the item
// that has the key of the example fulfils the conditions of the view, and has the example's version where it carries one. The item must exist
// unless a condition is that it does not; without conditions that is all that is checked. It sends nothing.
func (r *Repository[T]) CheckWrite(example T) (*Write, error) {
	w, err := r.checkWrite(reflect.ValueOf(&example).Elem())
	return w, r.entity.failed("Check", err)
}

func (r *Repository[T]) checkWrite(root reflect.Value) (*Write, error) {
	key, err := r.entity.primaryKey(root)
	if err != nil {
		return nil, err
	}
	if err := r.conditionError(); err != nil {
		return nil, err
	}
	w := &Write{entity: r.entity, verb: "Check", repeatable: true, refuse: refusal{checksType: r.entity.table.typed()}}
	guards := []*ast.Cond{r.entity.isOurs}
	if len(r.view.conds) == 0 {
		w.refuse.mustExist = true
		guards = append(guards, r.entity.exists)
	}
	if r.entity.Version != nil {
		n, err := r.entity.versionOf(root)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			w.refuse.version = &expected{number: n}
			guards = append(guards, w.refuse.version.condition(r.entity))
		}
	}
	x, err := build(ast.Request{Condition: r.condition(guards...)})
	if err != nil {
		return nil, err
	}
	w.check = &types.ConditionCheck{TableName: aws.String(r.entity.table.Name), Key: key, ConditionExpression: x.Condition,
		ExpressionAttributeNames: x.Names, ExpressionAttributeValues: x.Values,
		ReturnValuesOnConditionCheckFailure: asking(x.Condition)}
	return w, nil
}
