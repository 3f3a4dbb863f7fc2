package repo

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// ReindexOptions say how Reindex walks. The zero value is valid.
type ReindexOptions struct {
	// Segments is how many parts the table is read in, each by a walker of its own: up to 64 at a time, the others after them. Up to
	// 1,000,000; defaults to 1, and where Resume is given to as many as the walk was begun with, of which no other number is allowed.
	Segments int
	// Rate bounds the rows that are read in a second, those of other entities included, by all walkers together, and with them the
	// writes: an item has at most one. Defaults to no bound.
	Rate int
	// Resume is the token of a walk that was interrupted, to go on where that was. Defaults to the beginning.
	Resume string
	// DryRun reads and counts, and writes nothing. It cannot see that two items hold one value while neither has a guard: it counts a
	// guard for each.
	DryRun bool
	// DropGuards deletes guards of unique values whose items do not have the value, so that others can have it: programs that did not
	// know the guards, and deletions past this library, leave such behind. Each goes on the condition that its item is still so. Costs
	// a consistent read of the item for each guard. The guard of an item that cannot be decoded stays.
	DropGuards bool
	// Progress is called again and again, about every hundred items, with what the call has done so far. It runs on the goroutine of
	// the caller; a walker that has something to report meanwhile waits for it.
	Progress func(ReindexProgress)
	// Problem is called with every item that needs somebody's attention, before a Progress counts it, as Progress is.
	Problem func(ReindexProblem)
}

// ReindexProgress counts what a call of Reindex has done; not what was done before it, where it resumes a walk.
type ReindexProgress struct {
	Read       int // items of the entity
	Right      int // items that nothing was wrong with, or that were deleted before it could be mended
	Written    int // items that something was wrong with and that were written, for a guard alone as well
	Guards     int // unique guards that were made
	Dropped    int // unique guards that were deleted, with DropGuards
	Duplicates int // values of unique fields that another item has the guard of
	Invalid    int // items that cannot be decoded, or whose keys cannot be made
	// Resume is where to go on, for ReindexOptions.Resume: everything before it is done. It is empty once the walk is complete. Like a
	// [Cursor] it is text that is safe in URLs, encrypted with [Table.CursorKeys] and readable without them.
	Resume string
}

// ReindexReport is what a call of Reindex did.
type ReindexReport struct {
	ReindexProgress
	Problems []ReindexProblem // the first 100; ReindexOptions.Problem sees all of them
}

// ReindexProblem is an item that Reindex could not make right: somebody else has a value of it that is unique, or it cannot be decoded.
// Printing it shows no values.
type ReindexProblem struct {
	// Err is [ErrNotUnique], naming the field, [ErrInvalidValue] for an item that cannot be decoded, [ErrInvalidKey] or
	// [ErrIncompleteKey] for one whose keys cannot be made or are not its own, [ErrTooLarge] for one that its keys would make so, or
	// [ErrWrongEntity] for one of which nobody knows whether it is of this entity. Where DynamoDB itself takes no write of the item it
	// has no sentinel, and wraps the SDK's error.
	Err error
	// Key is the primary key of the item.
	Key map[string]types.AttributeValue
	// Owner is the primary key of the item that has the value; nil where that is not the problem.
	Owner map[string]types.AttributeValue
	// Item is the item, a T; nil where it cannot be decoded.
	Item any
}

// String is the text of the error, and shows no value.
func (p ReindexProblem) String() string { return fmt.Sprint("repo.ReindexProblem{", p.Err, "}") }

// GoString is String.
func (p ReindexProblem) GoString() string { return p.String() }

// maxProblems is how many problems a report lists.
const maxProblems = 100

// maxSegments is how many segments DynamoDB lets a scan have.
const maxSegments = 1_000_000

// Reindex reads every item of the entity and makes right what is derived from it: the keys of every declared index, the type
// attribute, a version of 1 where there is none, the guards of unique values where they are missing, and the names of attributes that
// have former ones. So an index, a version or a unique field can be added to a live table: once all writers know them, Reindex brings up
// the items written before. Expired items are brought up as well. Until then items without a version refuse updates, unless the role is
// version,optional: then Update, Upsert and Modify give them their first, and optional can go once Reindex has ended.
//
// Only what differs is written: one request for an item, and none for one that is right already. It leaves all other attributes,
// updated times and versions that are there as they are. Each write is conditional on everything that it was made of being as it was
// read; where a writer came between, the item is read again, up to ten times in all, and then it is [ErrConditionFailed]. So other
// writers can go on, and none of their changes is lost. Attributes of indexes that the type does not declare, and old guards of values
// that an item no longer has, are left alone, but for DropGuards.
//
// An item that cannot be decoded, or whose keys cannot be made, is counted, reported and not touched. Neither is the guard of a value
// that another item has: that is counted and reported as [ErrNotUnique], and what else the item needs is written, so that the verbs can
// mend it. Reindex goes on behind both.
//
// Any other error ends the walk, and so does the context; the error is typed and wraps its cause, and the report beside it says what was
// done and where to go on. Tokens of another entity, table or schema, of a dry run for a real one, and damaged ones, are
// [ErrInvalidCursor], other wrong options [ErrInvalidValue]; then nothing is sent. A process that is killed loses no more than what came
// behind the last Progress whose token was kept: going on there, or beginning again, is always right. Views by If and Scope are refused.
//
// Costs a consistent read of the whole table, one of each guard, and the write units of an update for each item that is written; twice
// that, and two for each guard, where guards are made. For each walker it holds a page of at most 1,000 rows
// and 1 MB.
func (r *Repository[T]) Reindex(ctx context.Context, o ReindexOptions) (ReindexReport, error) {
	return r.core.reindex(ctx, o)
}

func (r *core) reindex(ctx context.Context, o ReindexOptions) (ReindexReport, error) {
	w, err := r.newWalk(o)
	if err != nil {
		return ReindexReport{}, r.entity.failed("Reindex", err)
	}
	return w.run(ctx)
}

// newWalk checks what is asked for.
func (r *core) newWalk(o ReindexOptions) (*reindexing, error) {
	for _, err := range []error{r.unconditional(), r.unscoped("Reindex"), o.err()} {
		if err != nil {
			return nil, err
		}
	}
	w := &reindexing{core: r, options: o, pace: pace{rate: o.Rate}, token: r.entity.walkToken(o.DryRun)}
	var err error
	if w.place, err = w.token.open(o); err != nil {
		return nil, err
	}
	w.filter, err = r.entity.walkFilter(o.DropGuards)
	return w, err
}

func (o ReindexOptions) err() error {
	switch {
	case o.Segments < 0 || o.Segments > maxSegments:
		return &Error{kind: ErrInvalidValue, Reason: "Segments must be from 1 to " + strconv.Itoa(maxSegments) + "; leave it out to read the table in one"}
	case o.Rate < 0:
		return &Error{kind: ErrInvalidValue, Reason: "Rate must be at least 1; leave it out to read without a bound"}
	}
	return nil
}
