package repo

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/transact"
)

// Transaction is several writes as the operations of one TransactWriteItems: it puts their unique guards behind them, merges those
// that two writes share, and explains a cancellation to each write. It is what package txn is made of, and sends nothing itself.
type Transaction struct {
	writes []*Write
	guards []sharedGuard
}

// sharedGuard is the guard operation of one write, or of two of which one takes over what the other gives up.
type sharedGuard struct {
	guardOp
	entity *entity
	write  int // the write that it belongs to: that which takes the value
	turns  int // how often it has turned out to be foreign, or not to be any more
}

// PositionError says which writes of a transaction are wrong, by their positions from 0.
type PositionError struct {
	Positions []int
	Reason    string
	kind      error
}

// Error names the positions and what is wrong.
func (e *PositionError) Error() string {
	return fmt.Sprintf("repo: operations %d: %s", e.Positions, e.Reason)
}

// Unwrap is the sentinel.
func (e *PositionError) Unwrap() error { return e.kind }

// NewTransaction checks that the writes can be one transaction. Two writes of one item are a [*PositionError], and so are two that
// give one unique value to two items, which is [ErrNotUnique].
func NewTransaction(writes ...*Write) (*Transaction, error) {
	t := &Transaction{writes: writes}
	at := make(map[string]int, len(writes))
	for i, w := range writes {
		key := itemKey(w.entity.table, w.row())
		if j, twice := at[key]; twice {
			return nil, &PositionError{[]int{j, i}, "both are on the same item, which a transaction takes once; make them one operation", errors.ErrUnsupported}
		}
		at[key] = i
	}
	for i, w := range writes {
		for _, g := range w.guards {
			if err := t.add(sharedGuard{guardOp: g, entity: w.entity, write: i}); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

// row is an item that has the key of the write's, and perhaps more.
func (w *Write) row() item {
	if w.put != nil {
		return w.put.Item
	}
	return w.key()
}

// add takes a guard operation in. A value that one item gives up and another takes is one operation.
func (t *Transaction) add(g sharedGuard) error {
	i := slices.IndexFunc(t.guards, func(o sharedGuard) bool { return o.equal(g.guard) && o.entity.table.Name == g.entity.table.Name })
	if i < 0 {
		t.guards = append(t.guards, g)
		return nil
	}
	other := &t.guards[i]
	switch {
	case !other.drop && !g.drop:
		return &PositionError{[]int{other.write, g.write}, "both give the same unique value of " + g.unique.Ref.Path + " to an item", ErrNotUnique}
	case other.drop && !g.drop:
		g.from = other.owner
		*other = g
	case g.drop:
		other.from = g.owner
	}
	return nil
}

// Len is the number of operations, guards included.
func (t *Transaction) Len() int { return len(t.writes) + len(t.guards) }

// Size is what the transaction counts towards DynamoDB's 4 MB, in bytes.
func (t *Transaction) Size() (n int) {
	for _, w := range t.writes {
		if w.put != nil && len(w.guards) == 0 { // without making operations of it
			n += itemSize(w.put.Item) + itemSize(w.put.ExpressionAttributeValues)
		} else {
			n += w.Size()
		}
	}
	return n
}

// Items are the operations, made anew each time: those of the writes in order, then those of guards.
func (t *Transaction) Items() []types.TransactWriteItem {
	out := make([]types.TransactWriteItem, 0, t.Len())
	for _, w := range t.writes {
		out = append(out, w.operation())
	}
	for _, g := range t.guards {
		out = append(out, g.operation(g.entity))
	}
	return out
}

// Explain gives each write the reason why it canceled the transaction, nil to an innocent one. Where the item itself failed, that
// comes before its guards.
func (t *Transaction) Explain(err error) []error {
	reasons := transact.Reasons(err, t.Len())
	out := make([]error, len(t.writes))
	for i, w := range t.writes {
		out[i] = w.reason(reasons[i], err)
	}
	for n, g := range t.guards {
		r := reasons[len(t.writes)+n]
		if r.Innocent() || out[g.write] != nil {
			continue
		}
		w := t.writes[g.write]
		if r.Code != transact.CodeCondition {
			out[g.write] = w.reason(r, err)
			continue
		}
		out[g.write] = &Error{Op: w.verb, Entity: w.entity.Name, Field: g.unique.Ref.Path, kind: ErrNotUnique, Reason: "another item has this value", cause: err}
	}
	return out
}

// Codes are DynamoDB's codes of the writes, a guard's where the write itself is innocent.
func (t *Transaction) Codes(err error) []string {
	reasons := transact.Reasons(err, t.Len())
	out := make([]string, len(t.writes))
	for i := range t.writes {
		out[i] = reasons[i].Code
	}
	for n, g := range t.guards {
		if r := reasons[len(t.writes)+n]; !r.Innocent() && out[g.write] == transact.CodeNone {
			out[g.write] = r.Code
		}
	}
	return out
}

// reason is why the item's own operation failed.
func (w *Write) reason(r transact.Reason, cause error) error {
	switch r.Code {
	case transact.CodeNone:
		return nil
	case transact.CodeCondition:
		return w.explain(r.Item, cause).in(w.verb, w.entity.Name)
	case transact.CodeConflict:
		return &Error{Op: w.verb, Entity: w.entity.Name, kind: ErrConflict, Reason: "another transaction was at work on the item", cause: cause}
	}
	return &Error{Op: w.verb, Entity: w.entity.Name, Reason: "DynamoDB refused the operation with code " + r.Code, cause: cause}
}

// maxTurns bounds how often a guard may change hands under one write.
const maxTurns = 8

// LeaveForeign leaves guards alone that were to be dropped and turned out to be another item's, and reports whether there were any: then
// it is worth sending the transaction again. It checks that they still are another's, for one that has become the item's own meanwhile
// would be left without an item. Whatever else failed then fails again, unless a token of the caller's own has it that this was carried
// out before.
func (t *Transaction) LeaveForeign(err error) bool {
	reasons := transact.Reasons(err, t.Len())
	left := false
	for n := range t.guards {
		if g := &t.guards[n]; g.drop && g.turns < maxTurns && reasons[len(t.writes)+n].Code == transact.CodeCondition {
			g.foreign, g.turns, left = !g.foreign, g.turns+1, true
		}
	}
	return left
}

// String counts the operations, and shows no value.
func (t Transaction) String() string {
	return fmt.Sprintf("repo.Transaction{%d writes, %d guards}", len(t.writes), len(t.guards))
}

// GoString is String.
func (t Transaction) GoString() string { return t.String() }
