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
// other fields are ignored, but for the version. The item must exist ([ErrNotFound]) and be of this entity ([ErrWrongEntity]).
// Attributes that are not named stay as they are, those that T does not know included.
//
// Index keys are rewritten or removed in the same request where a change touches what they are made of. Where the update does not
// know enough for that, it is [ErrStaleIndex], naming the fields; nothing goes stale in silence. A change of a primary-key field, of
// an immutable one, or of one that the library writes is [ErrImmutable], no change at all [ErrEmptyUpdate]; one path twice, or a path
// and its parent, and values that cannot be stored are [ErrInvalidValue]. In all these cases nothing is sent. A write below an
// absent parent, and through If a condition that does not hold, is [ErrConditionFailed].
//
// A version is always counted up. Where the example carries one it is checked as well, and a mismatch is [ErrVersionConflict]. An
// update that does not check the version, or that adds to a number without a condition that it makes false itself, is not
// repeatable: where an answer is lost it is not sent again and ends in [ErrOutcomeUnknown]. Carry the version, or use
// [Repository.ExactlyOnce]. A condition that the update makes false itself guards it as long as no other writer makes it true again
// between two attempts of the call; a version and ExactlyOnce guard it always.
//
// Costs a write unit per KB of the larger of the item before and after. Where a unique field changes it reads the item first and
// swaps the guard in a transaction, at twice that and two units for each guard; a value that another item has is [ErrNotUnique].
func (r *Repository[T]) Update(ctx context.Context, example T, changes ...expr.Update[T]) (T, error) {
	root := reflect.ValueOf(&example).Elem()
	if steps := changesOf(changes); r.core.entity.changesUnique(steps) {
		row, err := r.core.rewrite(ctx, "Update", root, func(old item) (*Write, error) { return r.core.updateRead(root, steps, old) })
		return decodeResult(r, "Update", row, err)
	}
	w, err := r.UpdateWrite(example, changes...)
	if err != nil {
		var zero T
		return zero, err
	}
	row, err := r.core.writeUpdate(ctx, w)
	return decodeResult(r, "Update", row, err)
}

// UpdateWrite plans what Update sends, and sends nothing. Where a unique field changes, its old value must be pinned with
// If(field.Eq(old)): nothing is read here. Nor is an attribute moved that stands under a former name, as Update does it: a change that
// depends on its value is [ErrConditionFailed] then.
func (r *Repository[T]) UpdateWrite(example T, changes ...expr.Update[T]) (*Write, error) {
	u := &updating{verb: "Update", changes: changesOf(changes)}
	w, err := r.core.planUpdate(u, reflect.ValueOf(&example).Elem())
	return w, r.core.entity.failed("Update", err)
}

// updating is one update while it is planned.
type updating struct {
	verb    string
	upsert  bool
	changes []ast.Change // those of the caller, then those of the library
	named   int          // how many are the caller's
	key     item
	version *expected
	read    *pins // what was read beforehand, where something was
	before  *facts
	after   *facts
	more    []*ast.Cond // conditions that the library adds
}

// changesOf lists the changes that do something.
func changesOf[T any](changes []expr.Update[T]) []ast.Change {
	out := make([]ast.Change, 0, len(changes))
	for _, c := range changes {
		if node := c.Node(); node.Op() != 0 {
			out = append(out, node)
		}
	}
	return out
}

// changesUnique reports whether a change touches what guards are made of.
func (e *entity) changesUnique(changes []ast.Change) bool {
	return slices.ContainsFunc(e.uniqueRefs(), func(ref *schema.Ref) bool { return named(changes, e.pathOf(ref)) })
}

// updateRead plans an update of an item that was read: everything about it is known.
func (r *core) updateRead(root reflect.Value, changes []ast.Change, old item) (*Write, error) {
	u := &updating{verb: "Update", changes: changes}
	switch {
	case len(old) == 0:
		if err := r.entity.checkUnread(u, root, r.view.conds); err != nil {
			return nil, err
		}
		return nil, &Error{kind: ErrNotFound}
	case !r.entity.belongs(old):
		return nil, &Error{kind: ErrWrongEntity, Reason: "the item with this key is of another entity"}
	}
	var err error
	if u.read, err = r.entity.pinAll(old); err != nil { // all of it, for the answer is made of what was read
		return nil, err
	}
	return r.planUpdate(u, root)
}

// planUpdate plans an update within the view.
func (r *core) planUpdate(u *updating, root reflect.Value) (*Write, error) {
	if err := r.admit(root); err != nil {
		return nil, err
	}
	w, err := r.entity.planUpdate(u, root, r.view.conds)
	if err == nil {
		err = r.inScope(w)
	}
	if err != nil {
		return nil, err
	}
	return w, nil
}

// planUpdate is the part of an update that does not depend on T.
func (e *entity) planUpdate(u *updating, root reflect.Value, conds []*ast.Cond) (*Write, error) {
	if err := e.checkUpdate(u, root, conds); err != nil {
		return nil, err
	}
	u.named = len(u.changes)
	u.changes = append(u.changes[:len(u.changes):len(u.changes)], e.stampChanges(u, e.table.Now())...)
	if err := e.learn(u, root, conds); err != nil {
		return nil, err
	}
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
	w, err := e.updateRequest(u, all, conds)
	if err != nil || !e.changesUnique(u.changes) {
		return w, err
	}
	w.guards, err = e.guardUpdate(u, root)
	return w, err
}

// checkUpdate refuses what is wrong whatever the stored item looks like.
func (e *entity) checkUpdate(u *updating, root reflect.Value, conds []*ast.Cond) (err error) {
	if u.key, err = e.primaryKey(root); err != nil {
		return err
	}
	if u.changes == nil {
		u.changes = []ast.Change{}
	}
	if err := ast.CheckChanges(u.changes); err != nil {
		return invalidExpression(err)
	}
	if err := ast.And(conds...).Err(); err != nil {
		return invalidExpression(err)
	}
	if err := e.changeable(u.changes); err != nil {
		return err
	}
	if err := e.checkNativeChanges(u.changes); err != nil {
		return err
	}
	if u.more, err = e.immutableChange(u); err != nil {
		return err
	}
	return e.expectVersion(u, root)
}

// expectVersion finds the version that the update asks for: the example's, or the one that was read.
func (e *entity) expectVersion(u *updating, root reflect.Value) error {
	if e.Version == nil {
		return nil
	}
	n, err := e.versionOf(root)
	if err != nil {
		return err
	}
	u.version = &expected{number: n, gone: u.upsert && n == 0}
	if u.read == nil {
		return nil
	}
	if u.version.conflicts(e, u.read.old) {
		return &Error{Field: e.Version.Path, kind: ErrVersionConflict, Reason: u.version.reason(e, u.read.old), stored: storedItem{e, u.read.old}}
	}
	u.version.number, _ = storedVersion(e, u.read.old)
	return nil
}

// learn finds out what is known of the item before and after the update.
func (e *entity) learn(u *updating, root reflect.Value, conds []*ast.Cond) error {
	if u.read != nil {
		old := e.modern(u.read.old)
		for _, p := range parents(u.changes) {
			if _, ok := p.In(old); !ok {
				return absentParent(p)
			}
		}
		applied, err := ast.Apply(old, u.changes)
		if err != nil {
			return invalidExpression(err)
		}
		u.before, u.after = e.factsOfRow(root, u.read.old), e.factsOfRow(root, applied)
		return nil
	}
	u.before, u.after = e.factsOf(root), e.factsOf(root)
	u.before.pin(conds)
	u.after.pin(conds)
	u.after.change(u.changes)
	return nil
}

// guardUpdate plans the guards of an update that changes a unique field.
func (e *entity) guardUpdate(u *updating, root reflect.Value) ([]guardOp, error) {
	if u.read == nil {
		return e.swapKnown(u.key, u.before, u.after)
	}
	old, err := e.storedGuards(root, u.read.old)
	if err != nil {
		return nil, err
	}
	now, err := e.guardsOf(u.after.value)
	return e.swap(u.key, old, now), err
}

// updateRequest makes the request of a planned update.
func (e *entity) updateRequest(u *updating, all []ast.Change, conds []*ast.Cond) (*Write, error) {
	all, unread := e.renaming(u, all)
	refuse := refusal{unread: unread, mustExist: !u.upsert, checksType: e.table.typed(), parents: parents(u.changes), version: u.version}
	var guards []*ast.Cond
	if !u.upsert {
		guards = append(guards, e.exists)
	}
	guards = append(guards, e.isOurs, u.version.condition(e), u.read.condition(e))
	guards = append(guards, u.more...)
	guards = append(guards, movedAlready(unread)...)
	for _, p := range refuse.parents {
		guards = append(guards, ast.Exists(p))
	}
	if len(u.more) > 0 {
		refuse.immutable = func(stored item) item {
			after, _ := ast.Apply(stored, u.changes) // where it cannot be applied, that is why it failed
			return after
		}
	}
	w := &Write{entity: e, verb: u.verb, refuse: refuse, pins: u.read, id: e.table.writeID(), repeatable: e.repeatable(u, conds)}
	if w.id != "" {
		all = append(all, ast.Set(ast.Attr(e.table.WriteID), text(w.id)))
	}
	if u.read != nil {
		var err error
		if w.result, err = ast.Apply(u.read.old, all); err != nil {
			return nil, invalidExpression(err)
		}
	}
	x, err := e.build(ast.Request{Condition: ast.And(append(guards, conds...)...), Changes: all})
	if err != nil {
		return nil, err
	}
	w.update = &dynamodb.UpdateItemInput{
		TableName: aws.String(e.table.Name), Key: u.key, UpdateExpression: x.Update,
		ConditionExpression: x.Condition, ExpressionAttributeNames: x.Names, ExpressionAttributeValues: x.Values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: asking(x.Condition),
		ReturnConsumedCapacity:              e.table.reporting(),
	}
	return w, nil
}

func absentParent(p ast.Path) error {
	return &Error{Field: p.String(), kind: ErrConditionFailed, Reason: "the field is absent, and the update writes below it; set the whole field"}
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

// changeable refuses changes of fields that may not change, those of the primary key, and of fields that are the library's to write.
func (e *entity) changeable(changes []ast.Change) error {
	for _, c := range changes {
		for _, ref := range e.KeyRefs() {
			if c.Path().Overlaps(e.pathOf(ref)) {
				return &Error{Field: c.Path().String(), kind: ErrImmutable, Reason: "the field is part of the primary key; store the item under its new key, and delete the old one"}
			}
		}
		if reason := e.keptByLibrary(c.Path()); reason != "" {
			return &Error{Field: c.Path().String(), kind: ErrImmutable, Reason: reason}
		}
	}
	return nil
}

// keptByLibrary says why a path is not the caller's to change.
func (e *entity) keptByLibrary(p ast.Path) string {
	is := func(ref *schema.Ref) bool { return ref != nil && p.Overlaps(e.pathOf(ref)) }
	switch {
	case is(e.TypeRef):
		return "the field is the discriminator"
	case is(e.Version):
		return "the library counts the version up with every write"
	case is(e.Updated):
		return "the library sets the field with every write"
	}
	return ""
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
	if c.Removes() { // a part of the field may be removed
		return c.Path().Member() == ref.Path, nil
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
