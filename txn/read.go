package txn

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/transact"
	"github.com/monotable/monotable/repo"
)

// Reading is one read of a [Read]: an item, and where it goes. It is made by [Get], and can be used again, by one goroutine at a time.
type Reading struct {
	sender repo.Sender
	get    *types.Get
	entity string
	key    string
	found  *bool
	err    error

	// decode decodes a row, and returns what fills the destination.
	decode func(row map[string]types.AttributeValue) (fill func(), found bool, err error)
}

// Get reads the item that has the key of the example into a destination. Where it is missing or expired Read is [repo.ErrNotFound],
// unless Found takes note of it.
func Get[T any](r *repo.Repository[T], example T, into *T) Reading {
	in, err := r.GetInput(example)
	switch {
	case err != nil:
		return Reading{err: err}
	case into == nil:
		return Reading{err: errors.New("the destination is nil")}
	}
	return Reading{
		sender: r.Sender(), entity: r.Entity(), key: r.ItemKey(in.Key),
		get: &types.Get{TableName: in.TableName, Key: in.Key},
		decode: func(row map[string]types.AttributeValue) (func(), bool, error) {
			v, found, err := r.DecodeRead(row)
			return func() { *into = v }, found, err
		},
	}
}

// String is "Get" and the entity, or what is wrong. It holds no key text.
func (g Reading) String() string {
	switch {
	case g.err != nil:
		return g.err.Error()
	case g.get == nil:
		return "no read"
	}
	return "Get " + g.entity
}

// GoString is String: %#v shows no more.
func (g Reading) GoString() string { return g.String() }

// Found has a missing item be no error: the variable says whether it was there, and the destination stays as it was where it was not.
func (g Reading) Found(ok *bool) Reading {
	if g.found = ok; ok == nil && g.err == nil {
		g.err = errors.New("the variable given to Found is nil")
	}
	return g
}

// Read reads up to 100 items as they are at one moment, of any entities, into their destinations. On an error all destinations stay as
// they were. None or more than 100 reads, two of one item, a nil destination and an incomplete key are an [*Error] with the positions,
// and nothing is sent. A missing item is [repo.ErrNotFound], one of another entity [repo.ErrWrongEntity], with the position. Transactions
// at work on the items are waited for, for about ten seconds; then it is [ErrConflict].
//
// Costs two read units per 4 KB of each item.
func Read(ctx context.Context, c repo.Client, gets ...Reading) error {
	in, err := readInput(c, gets)
	if err != nil {
		return err
	}
	out, err := gets[0].sender.TransactGetItems(ctx, in)
	switch {
	case err != nil:
		return notRead(err, len(gets))
	case len(out.Responses) != len(gets):
		return &Error{kind: errNotRead, Reason: fmt.Sprintf("%d answers to %d reads", len(out.Responses), len(gets))}
	}
	return fill(gets, out.Responses)
}

// errNotRead is the kind of an error that says no more than that nothing was read.
var errNotRead = errors.New("the items were not read")

// notRead says why nothing was read, and for which reads.
func notRead(err error, n int) error {
	conflicts, others := &Error{kind: ErrConflict, Reason: "transactions on the items did not end in time", cause: err}, &Error{kind: errNotRead, Reason: refusal(err), cause: err}
	for i, r := range transact.Reasons(err, n) {
		switch {
		case r.Code == transact.CodeConflict:
			conflicts.Positions = append(conflicts.Positions, i)
		case !r.Innocent():
			others.Positions, others.Reason = append(others.Positions, i), r.Code
		}
	}
	if len(conflicts.Positions) > 0 {
		return conflicts
	}
	return others
}

// readInput checks the reads together and makes their request.
func readInput(c repo.Client, gets []Reading) (*dynamodb.TransactGetItemsInput, error) {
	in := &dynamodb.TransactGetItemsInput{}
	at := map[string]int{}
	for i, g := range gets {
		switch {
		case g.err != nil:
			return nil, invalid([]int{i}, g.err)
		case g.get == nil:
			return nil, refuse([]int{i}, "the read is empty; make it with Get")
		case !sameClient(g.sender.Client(), c):
			return nil, refuse([]int{i}, "its repository has another client than the read")
		}
		if j, twice := at[g.key]; twice {
			return nil, refuse([]int{j, i}, "both read the same item, which a transaction takes once")
		}
		at[g.key] = i
		in.TransactItems = append(in.TransactItems, types.TransactGetItem{Get: g.get})
	}
	if err := transact.CheckLimits(len(gets), 0); err != nil {
		return nil, tooLarge(beyond(len(gets)), err)
	}
	return in, nil
}

// beyond is the first position that a transaction has no room for; none where nothing is read.
func beyond(n int) []int {
	if n == 0 {
		return nil
	}
	return []int{transact.MaxOperations}
}

// fill decodes all rows, and only then fills the destinations.
func fill(gets []Reading, rows []types.ItemResponse) error {
	var fills []func()
	for i, g := range gets {
		put, found, err := g.decode(rows[i].Item)
		switch {
		case err != nil:
			return &Error{Positions: []int{i}, kind: errNotRead, Reason: strings.TrimPrefix(err.Error(), "repo: "), cause: err}
		case !found && g.found == nil:
			return &Error{Positions: []int{i}, kind: repo.ErrNotFound, Reason: g.entity}
		case found:
			fills = append(fills, put)
		}
		if g.found != nil {
			fills = append(fills, func() { *g.found = found })
		}
	}
	for _, put := range fills {
		put()
	}
	return nil
}
