package repo

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
)

// heldGuard is a guard of a unique value of the entity, as a row of the table.
type heldGuard struct {
	guard
	named types.AttributeValue // the item that it names
	owner item                 // its key
}

// heldGuardOf is the guard that a row is; not ok where it is none of this entity, or names no item that there could be.
func (e *entity) heldGuardOf(row item) (held heldGuard, ok bool) {
	pk, text := row[e.table.Key.Hash].(*types.AttributeValueMemberS)
	if !text || !isGuard(row, e.table) {
		return held, false
	}
	for _, u := range e.Unique {
		mark := e.guardMark(u) + "#"
		if strings.HasPrefix(pk.Value, mark) || strings.Contains(pk.Value, "#"+mark) {
			owner := e.ownerIn(row)
			return heldGuard{guard{u, pk.Value}, row[ownerField], owner}, owner != nil
		}
	}
	return held, false
}

// dropStale deletes those of the guards among some rows whose items do not have the value.
func (w *reindexing) dropStale(ctx context.Context, rows []item) (found walkFound, err error) {
	var guards []heldGuard
	var owners []item
	seen := map[string]bool{}
	for _, row := range rows {
		g, ok := w.entity.heldGuardOf(row)
		if !ok {
			continue
		}
		guards = append(guards, g)
		if key := itemKey(w.entity.table, g.owner); !seen[key] {
			seen[key] = true
			owners = append(owners, g.owner)
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
	for _, g := range guards {
		write, err := w.entity.dropWrite(g, items[itemKey(w.entity.table, g.owner)])
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
func (e *entity) dropWrite(g heldGuard, stored item) (*Write, error) {
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
	return &Write{
		entity: e, verb: "Reindex", pins: read, guards: []guardOp{{guard: g.guard, drop: true, owner: g.named}}, repeatable: true, result: stored,
		check: e.conditionCheck(g.owner, x),
	}, nil
}
