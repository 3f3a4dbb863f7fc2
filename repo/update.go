package repo

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// Update changes what it names of the item that has the key of the example, and returns the item as it is then; the example's
// other fields are ignored. The item must exist ([ErrNotFound]) and be of this entity ([ErrWrongEntity]). Attributes that are not
// named stay as they are, those that T does not know included.
//
// Index keys are rewritten or removed in the same request where a change touches what they are made of. Where the update does not
// know enough for that, it is [ErrStaleIndex], naming the fields; nothing goes stale in silence. A change of a primary-key field is
// [ErrImmutable], no change at all [ErrEmptyUpdate]; one path twice, or a path and its parent, and values that cannot be stored are
// [ErrInvalidValue]. In all these cases nothing is sent. A write below an absent parent, and through If a condition that does not
// hold, is [ErrConditionFailed]. Costs a write unit per KB of the larger of the item before and after.
func (r *Repository[T]) Update(ctx context.Context, example T, changes ...expr.Update[T]) (T, error) {
	w, err := r.UpdateWrite(example, changes...)
	if err != nil {
		var zero T
		return zero, err
	}
	return r.sendUpdate(ctx, w)
}

// UpdateWrite plans what Update sends, and sends nothing.
func (r *Repository[T]) UpdateWrite(example T, changes ...expr.Update[T]) (*Write, error) {
	w, err := r.updateWrite(&updating{verb: "Update"}, example, changes)
	return w, r.failed("Update", err)
}

// updating is one update while it is planned.
type updating struct {
	verb    string
	upsert  bool
	changes []ast.Change // those of the caller
	key     item
	before  *facts
	after   *facts
}

func (r *Repository[T]) updateWrite(u *updating, example T, changes []expr.Update[T]) (*Write, error) {
	for _, c := range changes {
		if node := c.Node(); node.Op() != 0 {
			u.changes = append(u.changes, node)
		}
	}
	root := reflect.ValueOf(&example).Elem()
	return r.planUpdate(u, root, r.view.conds)
}

// planUpdate is the part of an update that does not depend on T.
func (e *entity) planUpdate(u *updating, root reflect.Value, conds []*ast.Cond) (*Write, error) {
	var err error
	if u.key, err = e.primaryKey(root); err != nil {
		return nil, err
	}
	if err := ast.CheckChanges(u.changes); err != nil {
		return nil, invalidExpression(err)
	}
	if err := ast.And(conds...).Err(); err != nil {
		return nil, invalidExpression(err)
	}
	if err := e.changeable(u.changes); err != nil {
		return nil, err
	}
	u.before, u.after = e.factsOf(root), e.factsOf(root)
	u.before.pin(conds)
	u.after.pin(conds)
	u.after.change(u.changes)
	if err := e.requiredStay(u); err != nil {
		return nil, err
	}
	plan, err := e.planIndexes(u.before, u.after, u.changes, u.upsert)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(u.changes, plan.keyChanges())
	if u.upsert {
		more, err := e.upsertChanges(root)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return e.updateRequest(u, all, conds)
}

// updateRequest makes the request of a planned update.
func (e *entity) updateRequest(u *updating, all []ast.Change, conds []*ast.Cond) (*Write, error) {
	refuse := refusal{mustExist: !u.upsert, conds: len(conds) > 0, checksType: e.table.typed(), parents: parents(u.changes)}
	var guards []*ast.Cond
	if !u.upsert {
		guards = append(guards, e.exists())
	}
	guards = append(guards, e.isOurs())
	for _, p := range refuse.parents {
		guards = append(guards, ast.Exists(p))
	}
	x, err := build(ast.Request{Condition: ast.And(append(guards, conds...)...), Changes: all})
	if err != nil {
		return nil, err
	}
	return &Write{entity: e, verb: u.verb, refuse: refuse, update: &dynamodb.UpdateItemInput{
		TableName: aws.String(e.table.Name), Key: u.key, UpdateExpression: x.Update,
		ConditionExpression: x.Condition, ExpressionAttributeNames: x.Names, ExpressionAttributeValues: x.Values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: asking(x.Condition),
		ReturnConsumedCapacity:              e.table.reporting(),
	}}, nil
}

// parents lists what must be there for the changes to be possible: DynamoDB makes no documents on the way.
func parents(changes []ast.Change) []ast.Path {
	var out []ast.Path
	for _, c := range changes {
		if parent, nested := c.Path().Parent(); nested && !slices.ContainsFunc(out, parent.Equal) {
			out = append(out, parent)
		}
	}
	return out
}

// changeable refuses changes of fields that may not change: those of the primary key, and the discriminator.
func (e *entity) changeable(changes []ast.Change) error {
	for _, c := range changes {
		for _, ref := range e.KeyRefs() {
			if c.Path().Overlaps(e.pathOf(ref)) {
				return &Error{Field: c.Path().String(), kind: ErrImmutable, Reason: "the field is part of the primary key; store the item under its new key, and delete the old one"}
			}
		}
		if e.TypeRef != nil && c.Path().Overlaps(e.pathOf(e.TypeRef)) {
			return &Error{Field: c.Path().String(), kind: ErrImmutable, Reason: "the field is the discriminator"}
		}
	}
	return nil
}

// requiredStay refuses to empty a required field, and an upsert that does not set one.
func (e *entity) requiredStay(u *updating) error {
	for _, ref := range e.Required {
		at := e.pathOf(ref)
		i := slices.IndexFunc(u.changes, func(c ast.Change) bool { return c.Path().Overlaps(at) })
		switch {
		case i < 0 && u.upsert && !u.after.isKey(ref):
			return &Error{Field: ref.Path, kind: ErrInvalidValue, Reason: "the field is required, and an upsert that may make the item must set it"}
		case i < 0:
			continue
		}
		if empty, err := e.empties(u.changes[i], ref); err != nil || empty {
			return errors.Join(err, &Error{Field: ref.Path, kind: ErrInvalidValue, Reason: "the field is required, and the update would leave it empty"})
		}
	}
	return nil
}

// empties reports whether a change leaves a field empty.
func (e *entity) empties(c ast.Change, ref *schema.Ref) (bool, error) {
	if c.Removes() {
		return true, nil
	}
	if c.Op() != ast.ChangeSet && c.Op() != ast.ChangeSetIfNotExists || c.Path().Member() != ref.Path {
		return false, nil
	}
	v := reflect.New(e.Type).Elem()
	row := item{}
	nest(row, c.Path(), c.Operand().AV)
	if err := e.codec.Decode(row, v); err != nil {
		return false, invalidValue(err)
	}
	left, ok := ref.Value(v)
	return !ok || !schema.Present(left), nil
}

// sendUpdate sends an Update or Upsert and returns the item as it is then.
func (r *Repository[T]) sendUpdate(ctx context.Context, w *Write) (T, error) {
	var zero T
	consumed := func(out *dynamodb.UpdateItemOutput) *types.ConsumedCapacity { return out.ConsumedCapacity }
	out, err := send(r.sending(ctx, "UpdateItem", ""), w.update, r.client.UpdateItem, consumed)
	if err != nil {
		return zero, w.failed(err)
	}
	v, err := decodeAs[T](r.entity, out.Attributes)
	return v, r.failed(w.verb, err)
}
