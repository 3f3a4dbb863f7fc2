package repo

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
)

// guardOf is the guard of a unique value of this entity that a row is, and the key of the item that it names; not ok where it is none.
func (e *entity) guardOf(row item) (g guard, owner item, ok bool) {
	pk, text := row[e.table.Key.Hash].(*types.AttributeValueMemberS)
	if !text || !isGuard(row, e.table) {
		return g, nil, false
	}
	for _, u := range e.Unique {
		mark := strings.Join([]string{guardWord, escaped(e.First), escaped(e.firstName(u.Ref.Leaf())), ""}, "#")
		if strings.HasPrefix(pk.Value, mark) || strings.Contains(pk.Value, "#"+mark) {
			owner = e.ownerIn(row)
			return guard{u, pk.Value}, owner, owner != nil && wholeKey(owner)
		}
	}
	return g, nil, false
}

// wholeKey reports whether a key is one that could be asked for: entities with guards have text in theirs, and none that is empty.
func wholeKey(key item) bool {
	for _, av := range key {
		if text, ok := av.(*types.AttributeValueMemberS); !ok || text.Value == "" {
			return false
		}
	}
	return true
}

// dropStale deletes those of some guards whose items do not have the value.
func (w *reindexing) dropStale(ctx context.Context, rows []item) (found walkFound, err error) {
	var owners []item
	seen := map[string]bool{}
	for _, row := range rows {
		if _, owner, ok := w.entity.guardOf(row); ok && !seen[itemKey(w.entity.table, owner)] {
			seen[itemKey(w.entity.table, owner)] = true
			owners = append(owners, owner)
		}
	}
	if len(owners) == 0 {
		return found, nil
	}
	read := &hydrated{sender: w.sender(), consistent: true}
	items, err := read.items(ctx, owners)
	if err != nil {
		return found, requestFailed("Reindex", w.entity.Name, err)
	}
	for _, row := range rows {
		g, owner, ok := w.entity.guardOf(row)
		if !ok {
			continue
		}
		write, err := w.entity.dropWrite(g, row[ownerField], owner, items[itemKey(w.entity.table, owner)])
		if err != nil || write == nil {
			continue // nobody knows what the item has, or it has the value
		}
		switch err := w.carryOut(ctx, write); {
		case err == nil:
			found.dropped++
		case !overtaken(err):
			return found, w.entity.failed("Reindex", err)
		}
	}
	return found, nil
}

// dropWrite plans the deletion of a guard, on the condition that its item does not have the value at that moment either; none where
// the item has it, or cannot be read.
func (e *entity) dropWrite(g guard, named types.AttributeValue, owner, stored item) (*Write, error) {
	read := e.pinUnique(stored)
	if len(stored) > 0 {
		if !e.belongs(stored) {
			return nil, nil
		}
		d := e.derive(stored)
		if d.err != nil || slices.ContainsFunc(d.guards, g.equal) {
			return nil, d.err
		}
	}
	x, err := build(ast.Request{Condition: read.condition(e)})
	if err != nil {
		return nil, err
	}
	w := &Write{entity: e, verb: "Reindex", pins: read, guards: []guardOp{{guard: g, drop: true, owner: named}}, repeatable: true, result: stored}
	w.check = &types.ConditionCheck{TableName: aws.String(e.table.Name), Key: owner, ConditionExpression: x.Condition,
		ExpressionAttributeNames: x.Names, ExpressionAttributeValues: x.Values, ReturnValuesOnConditionCheckFailure: asking(x.Condition)}
	return w, nil
}
