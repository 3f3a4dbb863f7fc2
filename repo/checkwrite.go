package repo

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// CheckWrite plans a condition check: an operation of a transaction that writes nothing, and cancels the transaction unless the item
// that has the key of the example fulfils the conditions of the view, and has the example's version where it carries one. The item must
// exist, unless a condition is that a field of its key does not; without conditions that is all that is checked. It sends nothing.
func (r *Repository[T]) CheckWrite(example T) (*Write, error) {
	w, err := r.core.checkWrite(reflect.ValueOf(&example).Elem())
	return w, r.core.entity.failed("Check", err)
}

func (r *core) checkWrite(root reflect.Value) (*Write, error) {
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
	w := &Write{entity: r.entity, verb: "Check", repeatable: true, refuse: refusal{checksType: r.entity.table.typed()}}
	guards := []*ast.Cond{r.entity.isOurs}
	conditions := ast.And(r.view.conds...)
	if w.refuse.mustExist = conditions == nil; !r.entity.mayBeMissing(conditions) {
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
	x, err := r.entity.build(ast.Request{Condition: r.condition(guards...)})
	if err != nil {
		return nil, err
	}
	w.check = r.entity.conditionCheck(key, x)
	return w, nil
}

// conditionCheck is the operation of a transaction that checks an item and writes nothing.
func (e *entity) conditionCheck(key item, x ast.Expression) *types.ConditionCheck {
	return &types.ConditionCheck{TableName: aws.String(e.table.Name), Key: key, ConditionExpression: x.Condition,
		ExpressionAttributeNames: x.Names, ExpressionAttributeValues: x.Values,
		ReturnValuesOnConditionCheckFailure: asking(x.Condition)}
}

// mayBeMissing reports whether a condition is that there is no item: a field of its primary key is absent. What a raw condition says
// is the caller's affair.
func (e *entity) mayBeMissing(c *ast.Cond) bool {
	missing := false
	c.Walk(func(c *ast.Cond) bool {
		about := func(ref *schema.Ref) bool { return c.Path().Equal(e.pathOf(ref)) }
		missing = missing || c.Op() == ast.OpRaw || c.Op() == ast.OpNotExists && slices.ContainsFunc(e.KeyRefs(), about)
		return !missing
	})
	return missing
}
