package repo

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// In the code below, modern is a row as it would be had everything its name now: all that looks at fields looks at that. Conditions on
// rows that were read name what is really there.

// modern is the row under the names that its attributes have now. It shares values with the row, and is the row itself where that
// has no former name in it; a former name that does not count is left out.
func (e *entity) modern(row item) item {
	own := false
	for _, r := range e.Renames {
		for _, name := range r.Was {
			av, ok := row[name]
			if !ok {
				continue
			}
			if !own {
				row, own = maps.Clone(row), true
			}
			delete(row, name)
			if now := r.Ref.Leaf().Attr; row[now] == nil {
				row[now] = av
			}
		}
	}
	return row
}

// outdatedAttribute is an attribute of a row that has one of its former names, or more.
type outdatedAttribute struct {
	ref   *schema.Ref
	now   string               // its name now
	was   []string             // the former names that the row has, that which counts first
	value types.AttributeValue // what counts
	moved bool                 // the row has it under its name now as well, so that no former name counts
}

// outdated lists the attributes of a row that have former names in it, in the order of the fields.
func (e *entity) outdated(row item) []outdatedAttribute {
	var out []outdatedAttribute
	for _, r := range e.Renames {
		o := outdatedAttribute{ref: r.Ref, now: r.Ref.Leaf().Attr}
		for _, name := range r.Was {
			if av, ok := row[name]; ok {
				if o.was = append(o.was, name); o.value == nil {
					o.value = av
				}
			}
		}
		if len(o.was) == 0 {
			continue
		}
		if av, ok := row[o.now]; ok {
			o.value, o.moved = av, true
		}
		out = append(out, o)
	}
	return out
}

// names lists the names that an attribute of a field can have in a row, in the order in which they count.
func (e *entity) names(attr string) []string {
	for _, r := range e.Renames {
		if r.Ref.Leaf().Attr == attr {
			return append([]string{attr}, r.Was...)
		}
	}
	return []string{attr}
}

// attribute is the attribute of a field in a row, under whichever name counts.
func (e *entity) attribute(row item, f *schema.Field) (types.AttributeValue, bool) {
	if av, ok := row[f.Attr]; ok || len(e.Renames) == 0 {
		return av, ok
	}
	av, ok := e.modern(row)[f.Attr]
	return av, ok
}

// firstName is the first name that the attribute of a field ever had.
func (e *entity) firstName(f *schema.Field) string {
	for _, r := range e.Renames {
		if r.Ref.Leaf() == f {
			return r.First
		}
	}
	return f.Attr
}

// holds reports whether an index holds an attribute under each of its names. With one of them missing, rows that have the attribute
// under it would look as if they lacked it.
func (e *entity) holds(x *Index, attr string) bool {
	return !slices.ContainsFunc(e.names(attr), func(name string) bool { return !x.holds(e.table, name) })
}

// anyName is a condition on fields as it holds of rows under former names too.
func (e *entity) anyName(c *ast.Cond) *ast.Cond {
	for _, r := range e.Renames {
		c = c.Renamed(r.Ref.Leaf().Attr, r.Was...)
	}
	return c
}

// build lowers a request about fields.
func (e *entity) build(req ast.Request) (ast.Expression, error) {
	req.Condition, req.Filter = e.anyName(req.Condition), e.anyName(req.Filter)
	return build(req)
}

// renaming makes of the changes of an update those that leave no former name behind, as far as it concerns the attributes. Of an item
// that was read, every attribute gets its name now. Otherwise those that depend on the stored value are listed: the write must be
// conditional on their having no former name that counts.
func (e *entity) renaming(u *updating, changes []ast.Change) (out []ast.Change, unread []schema.Rename) {
	out = changes
	if u.read != nil {
		for _, o := range e.outdated(u.read.old) {
			out = append(o.brought(out, u.after.row), removals(o.was)...)
		}
	} else {
		for _, r := range e.Renames {
			its := about(changes, r.Ref.Leaf().Attr)
			if len(its) == 0 {
				continue
			}
			out = append(out[:len(out):len(out)], removals(r.Was)...)
			if slices.ContainsFunc(its, func(c ast.Change) bool {
				return c.Path().Nested() || c.Op() != ast.ChangeSet && c.Op() != ast.ChangeRemove
			}) {
				unread = append(unread, r)
			}
		}
	}
	at := ast.Attr(e.table.TypeAttribute)
	if len(e.Was) > 0 && e.table.typed() && !named(out, at) {
		out = append(out[:len(out):len(out)], ast.Set(at, text(e.Name)))
	}
	return out, unread
}

// about lists the changes of one attribute of the item.
func about(changes []ast.Change, attr string) []ast.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c ast.Change) bool { return c.Path().Attribute() != attr })
}

// brought sets the attribute as a whole in place of the changes of it, where the row that was read has it under a former name only.
func (o outdatedAttribute) brought(changes []ast.Change, after item) []ast.Change {
	if o.moved {
		return slices.Clip(changes)
	}
	out := slices.DeleteFunc(slices.Clone(changes), func(c ast.Change) bool { return c.Path().Attribute() == o.now })
	if av, ok := after[o.now]; ok {
		out = append(out, ast.Set(ast.Path{}.Field(o.ref.Leaf(), nil), ast.Value(av)))
	}
	return out
}

func removals(names []string) []ast.Change {
	var out []ast.Change
	for _, name := range names {
		out = append(out, ast.Remove(ast.Attr(name)))
	}
	return out
}

// movedAlready are the conditions that what a write depends on has no former name that counts.
func movedAlready(unread []schema.Rename) []*ast.Cond {
	var out []*ast.Cond
	for _, r := range unread {
		var none []*ast.Cond
		for _, name := range r.Was {
			none = append(none, ast.NotExists(ast.Attr(name)))
		}
		out = append(out, ast.Or(ast.Exists(ast.Attr(r.Ref.Leaf().Attr)), ast.And(none...)))
	}
	return out
}

// toMove lists what kept a write from being carried out by standing under a former name.
func (w *Write) toMove(stored item) []outdatedAttribute {
	if len(w.refuse.unread) == 0 {
		return nil
	}
	return slices.DeleteFunc(w.entity.outdated(stored), func(o outdatedAttribute) bool {
		return o.moved || !slices.ContainsFunc(w.refuse.unread, func(r schema.Rename) bool { return r.Ref == o.ref })
	})
}

// writeUpdate sends an update. Where attributes that it depends on stand under former names it moves them and sends it again, a bounded
// number of times: another program may move them back.
func (r *core) writeUpdate(ctx context.Context, w *Write) (item, error) {
	for n, backoff := 0, raceBackoff(); ; n++ {
		row, err := r.write(ctx, w)
		var ours *Error
		if !errors.As(err, &ours) || !errors.Is(ours.kind, ErrConditionFailed) {
			return row, err
		}
		names := w.toMove(ours.stored.item)
		delay, stop := backoff.Next()
		if len(names) == 0 || stop {
			return nil, err
		}
		if n > 0 && pause(ctx, delay) != nil {
			return nil, &Error{Op: w.verb, Entity: w.entity.Name, Reason: "the context ended between two tries", cause: errors.Join(ctx.Err(), err)}
		}
		if err := r.move(ctx, w, names, ours.stored.item); err != nil {
			return nil, err
		}
	}
}

// move gives attributes of an item the names that they have now, and changes nothing else. Where they are no longer as they were
// found it does nothing.
func (r *core) move(ctx context.Context, w *Write, names []outdatedAttribute, stored item) error {
	in, err := r.entity.moveInput(w.key(), names, stored)
	if err != nil {
		return r.entity.failed(w.verb, err)
	}
	consumed := func(out *dynamodb.UpdateItemOutput) float64 { return units(out.ConsumedCapacity) }
	_, err = send(r.writing(ctx, "UpdateItem", &Write{entity: w.entity, repeatable: true}), in, r.client.UpdateItem, consumed)
	var refused *types.ConditionalCheckFailedException
	if err == nil || errors.As(err, &refused) {
		return nil
	}
	return &Error{Op: w.verb, Entity: w.entity.Name, Reason: "attributes could not be moved to their names now, and the write was not sent again", cause: err}
}

func (e *entity) moveInput(key item, names []outdatedAttribute, stored item) (*dynamodb.UpdateItemInput, error) {
	var changes []ast.Change
	conds := []*ast.Cond{e.isOurs}
	for _, o := range names {
		changes = append(append(changes, ast.Set(ast.Attr(o.now), ast.Value(o.value))), removals(o.was)...)
		conds = append(conds, stands(stored, e.names(o.now)...)...)
	}
	x, err := build(ast.Request{Condition: ast.And(conds...), Changes: changes})
	return &dynamodb.UpdateItemInput{
		TableName: aws.String(e.table.Name), Key: key, UpdateExpression: x.Update,
		ConditionExpression: x.Condition, ExpressionAttributeNames: x.Names, ExpressionAttributeValues: x.Values,
		ReturnConsumedCapacity: e.table.reporting(),
	}, err
}

// stands are the conditions that attributes are as a row has them.
func stands(row item, names ...string) []*ast.Cond {
	var out []*ast.Cond
	for _, name := range names {
		at := ast.Attr(name)
		if av, ok := row[name]; ok {
			out = append(out, ast.Compare(ast.OpEq, at, ast.Value(av)))
		} else {
			out = append(out, ast.NotExists(at))
		}
	}
	return out
}

// former checks that former names are no attributes that the table keeps for itself, and that no key is renamed.
func (b *binder) former(e *entity) {
	owners := e.table.owners()
	for _, r := range e.Renames {
		f := r.Ref.Leaf()
		for _, name := range r.Was {
			switch attr, owner := foldedOwner(owners, name); {
			case attr == "":
			case attr == name:
				b.add(f.Name, "was="+name+" is "+owner+", which every write would remove; remove was")
			default:
				b.add(f.Name, "was="+name+" differs only in case from \""+attr+"\", "+owner+"; remove was")
			}
		}
		if e.isNative(f.Attr) {
			b.add(f.Name, "the attribute is "+owners[f.Attr]+", and rows under another name would not be there; remove was")
		}
	}
}

// nameTwice is a name that two entities have or had.
func nameTwice(a, b *entity) string {
	for _, name := range a.typeNames() {
		if slices.Contains(b.typeNames(), name) {
			return name
		}
	}
	return ""
}
