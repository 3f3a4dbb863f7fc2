package repo

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// derived is a row of the entity, and what is wrong with the attributes that are derived from others.
type derived struct {
	row, key item
	root     reflect.Value // the row, decoded
	decoded  bool
	err      error // why it cannot be made right

	changes []ast.Change
	changed []string // attributes of the row
	guards  []guard  // those that the item should have
}

// derive finds what is wrong with a row.
func (e *entity) derive(row item) *derived {
	d := &derived{row: row, key: e.keyOf(row)}
	if d.err = e.failed("Reindex", d.find(e)); d.err != nil {
		d.changes, d.guards = nil, nil
	}
	return d
}

func (d *derived) find(e *entity) error {
	if err := e.certain(d.row); err != nil {
		return err
	}
	d.root = reflect.New(e.Type).Elem()
	if err := e.codec.Decode(e.modern(d.row), d.root); err != nil {
		return invalidValue(err)
	}
	d.decoded = true
	for _, find := range []func(*entity) error{d.ownKey, d.indexKeys, d.roles, d.unique, d.renames} {
		if err := find(e); err != nil {
			return err
		}
	}
	return nil
}

// certain refuses a row without a type that may be of another entity.
func (e *entity) certain(row item) error {
	if len(e.Overlaps) == 0 || row[e.table.TypeAttribute] != nil {
		return nil
	}
	return &Error{kind: ErrWrongEntity, Reason: "the item has no type attribute, and keys of the entity may be those of another; write the attribute first"}
}

// ownKey checks that the item's fields make its own primary key. What would be made of fields that do not is right for no item.
func (d *derived) ownKey(e *entity) error {
	key, err := e.primaryKey(d.root)
	if err != nil {
		return err
	}
	for name, av := range key {
		if !equalKeys(av, d.key[name]) {
			return &Error{kind: ErrInvalidKey, Reason: "the fields of the item do not make its primary key"}
		}
	}
	return nil
}

// indexKeys finds index keys that are not what a Put would write. Attributes that are fields of their own, and those of the primary
// key, are what they are.
func (d *derived) indexKeys(e *entity) error {
	right := item{}
	if err := e.setIndexKeys(right, d.root); err != nil {
		return err
	}
	writes := (&indexPlan{entity: e}).written
	for _, x := range e.indexes {
		for _, k := range x.keys {
			if writes(k) {
				d.become(k.name, right[k.name])
			}
		}
	}
	return nil
}

// roles finds a type attribute and a version that are missing.
func (d *derived) roles(e *entity) error {
	if e.table.typed() {
		d.become(e.table.TypeAttribute, &types.AttributeValueMemberS{Value: e.Name})
	}
	if e.Version == nil {
		return nil
	}
	if v, ok := e.Version.Value(d.root); !ok || v.IsZero() {
		d.become(e.Version.Leaf().Attr, &types.AttributeValueMemberN{Value: "1"})
	}
	return nil
}

// unique finds the guards that the item should have.
func (d *derived) unique(e *entity) (err error) {
	d.guards, err = e.heldGuards(e.valuesOf(d.root))
	return err
}

// renames finds attributes under former names, which move to those that they have now.
func (d *derived) renames(e *entity) error {
	for _, o := range e.outdated(d.row) {
		d.become(o.now, o.value)
		for _, name := range o.was {
			d.become(name, nil)
		}
	}
	return nil
}

// become has an attribute become a value, or go where there is none.
func (d *derived) become(name string, av types.AttributeValue) {
	old := d.row[name]
	switch {
	case old == nil && av == nil, reflect.DeepEqual(old, av), slices.Contains(d.changed, name):
		return
	case av == nil:
		d.changes = append(d.changes, ast.Remove(ast.Attr(name)))
	default:
		d.changes = append(d.changes, ast.Set(ast.Attr(name), ast.Value(av)))
	}
	d.changed = append(d.changed, name)
}

// takenValue is a unique value that another item has.
type takenValue struct {
	owner item
	err   error
}

// repair plans the write that makes an item right, from its guards as they are stored; none where nothing is wrong. Values that others
// have are left to them.
func (e *entity) repair(d *derived, held map[string]item) (*Write, []takenValue) {
	var missing []guard
	var taken []takenValue
	owner := e.ownerOf(d.key)
	for _, g := range d.guards {
		row := held[itemKey(e.table, g.item(e.table))]
		switch {
		case len(row) == 0:
			missing = append(missing, g)
		case !reflect.DeepEqual(row[ownerField], owner):
			taken = append(taken, takenValue{e.ownerIn(row), &Error{Op: "Reindex", Entity: e.Name, Field: g.unique.Ref.Path, kind: ErrNotUnique, Reason: "another item has the guard of this value"}})
		}
	}
	if len(d.changes) == 0 && len(missing) == 0 || d.err != nil {
		return nil, taken
	}
	w, err := e.repairWrite(d, missing)
	d.err = e.failed("Reindex", err)
	return w, taken
}

// asRead relies on everything that was looked at: what the derived attributes are made of, and those that change.
func (d *derived) asRead(e *entity) *pins {
	read := &pins{old: d.row, attributes: slices.Clone(d.changed)}
	rely := func(refs []*schema.Ref) {
		for _, ref := range refs {
			for _, name := range e.names(ref.Root().Attr) {
				read.attributes = appendNew(read.attributes, name)
			}
		}
	}
	for _, x := range e.indexes {
		rely(x.Refs())
	}
	rely(e.uniqueRefs())
	if e.table.typed() {
		read.attributes = appendNew(read.attributes, e.table.TypeAttribute)
	}
	return read
}

// repairWrite plans the write of what is wrong.
func (e *entity) repairWrite(d *derived, missing []guard) (*Write, error) {
	read := d.asRead(e)
	w := &Write{entity: e, verb: "Reindex", pins: read, guards: e.swap(d.key, nil, missing), repeatable: true, result: d.row}
	changes := d.changes
	if w.id = e.table.writeID(); w.id != "" && len(changes) > 0 {
		changes = append(slices.Clip(changes), ast.Set(ast.Attr(e.table.WriteID), text(w.id)))
	}
	x, err := build(ast.Request{Condition: read.condition(e), Changes: changes})
	if err != nil {
		return nil, err
	}
	if len(changes) == 0 {
		w.check = e.conditionCheck(d.key, x)
		return w, nil
	}
	if w.result, err = ast.Apply(d.row, changes); err != nil {
		return nil, invalidExpression(err)
	}
	w.update = &dynamodb.UpdateItemInput{TableName: aws.String(e.table.Name), Key: d.key, UpdateExpression: x.Update, ConditionExpression: x.Condition,
		ExpressionAttributeNames: x.Names, ExpressionAttributeValues: x.Values,
		ReturnValuesOnConditionCheckFailure: asking(x.Condition), ReturnConsumedCapacity: e.table.reporting()}
	return w, cmp.Or(e.checkKeys(w.result), checkSize(w.result))
}

// ownerIn is the primary key of the item that a guard names; nil where there could be none. Entities with guards have text in their keys.
func (e *entity) ownerIn(row item) item {
	list, ok := row[ownerField].(*types.AttributeValueMemberL)
	if !ok || len(list.Value) != len(e.primary) {
		return nil
	}
	out := item{}
	for n, k := range e.primary {
		if text, ok := list.Value[n].(*types.AttributeValueMemberS); !ok || text.Value == "" {
			return nil
		}
		out[k.name] = list.Value[n]
	}
	return out
}
