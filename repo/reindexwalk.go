package repo

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/transact"
)

const (
	walkersAtOnce = 64
	walkStep      = 100 // items, for whose guards one request is enough
)

// reindexing is one call of Reindex. Each segment is read by a goroutine that reports its steps; what is known of the whole is known to the
// caller's goroutine alone.
type reindexing struct {
	*core
	options ReindexOptions
	filter  ast.Expression
	pace    pace
	token   walkToken

	place  walkPlace
	report ReindexReport
}

// walkPlace is how far a walk has come: segments below next were begun, and those of them that are not open have ended.
type walkPlace struct {
	segments, next int
	open           map[int]item // the key behind which each goes on; none at its beginning
}

// ended reports whether nothing is left.
func (p walkPlace) ended() bool { return p.next == p.segments && len(p.open) == 0 }

// walkStepped is what a segment reports: what it found, and where it is then.
type walkStepped struct {
	segment  int
	found    walkFound
	at       item
	ended    bool // nothing more comes from the segment: it is done, or it failed
	err      error
	panicked any
}

// walkFound is what became of some items.
type walkFound struct {
	read, right, written, guards, dropped, duplicates, invalid int
	problems                                                   []ReindexProblem
}

// run walks all segments, as many at once as are allowed.
func (w *reindexing) run(ctx context.Context) (ReindexReport, error) {
	ctx, cancel := context.WithCancel(ctx)
	steps, walking := make(chan walkStepped), 0
	defer func() { // also where a function of the caller's panics
		cancel()
		for walking > 0 {
			if s := <-steps; s.ended {
				walking--
			}
		}
	}()
	var failed error
	for begun := w.place.resumed(); ; {
		for ; failed == nil && walking < walkersAtOnce && (len(begun) > 0 || w.place.next < w.place.segments); walking++ {
			n := w.place.next
			if len(begun) > 0 {
				n, begun = begun[0], begun[1:]
			} else {
				w.place.next++
				w.place.open[n] = nil
			}
			go w.segment(ctx, n, w.place.open[n], steps)
		}
		if walking == 0 {
			break
		}
		s := <-steps
		if s.ended {
			walking--
		}
		if s.panicked != nil {
			panic(s.panicked)
		}
		if s.err != nil && failed == nil {
			failed = s.err
			cancel()
		}
		w.take(s)
	}
	w.report.Resume = w.token.seal(w.place)
	return w.report, failed
}

// resumed lists the segments that were open when the walk was interrupted.
func (p walkPlace) resumed() []int {
	var out []int
	for n := range p.open {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// take takes a step into the report, and shows it.
func (w *reindexing) take(s walkStepped) {
	switch {
	case s.ended && s.err == nil:
		delete(w.place.open, s.segment)
	case !s.ended:
		w.place.open[s.segment] = s.at
	}
	r := &w.report
	r.Read += s.found.read
	r.Right += s.found.right
	r.Written += s.found.written
	r.Guards += s.found.guards
	r.Dropped += s.found.dropped
	r.Duplicates += s.found.duplicates
	r.Invalid += s.found.invalid
	for _, p := range s.found.problems {
		if len(r.Problems) < maxProblems {
			r.Problems = append(r.Problems, p)
		}
		if w.options.Problem != nil {
			w.options.Problem(p)
		}
	}
	if w.options.Progress != nil {
		progress := r.ReindexProgress
		progress.Resume = w.token.seal(w.place)
		w.options.Progress(progress)
	}
}

// segment walks one segment from a key. Its last step is the one that ends it.
func (w *reindexing) segment(ctx context.Context, n int, from item, steps chan<- walkStepped) {
	last := walkStepped{segment: n, ended: true}
	defer func() {
		last.panicked = recover() // of a method of the caller's types
		steps <- last
	}()
	for {
		page, err := w.page(ctx, n, from)
		if err != nil {
			last.err = requestFailed("Reindex", w.entity.Name, err)
			return
		}
		if w.options.DropGuards { // before the items, for behind the first of them nobody comes back to the guards before it
			found, err := w.dropStale(ctx, page.Items)
			steps <- walkStepped{segment: n, found: found, at: from}
			if err != nil {
				last.err = err
				return
			}
		}
		rows := slices.DeleteFunc(page.Items, func(row item) bool { return !w.entity.belongs(row) })
		for some := range slices.Chunk(rows, walkStep) {
			found, done, err := w.settleAll(ctx, some)
			if done > 0 {
				steps <- walkStepped{segment: n, found: found, at: w.entity.keyOf(some[done-1])}
			}
			if err != nil {
				last.err = w.entity.failed("Reindex", err)
				return
			}
		}
		if from = page.LastEvaluatedKey; len(from) == 0 {
			return
		}
		steps <- walkStepped{segment: n, at: from}
	}
}

// page reads on in a segment.
func (w *reindexing) page(ctx context.Context, n int, from item) (*dynamodb.ScanOutput, error) {
	size := w.pace.size()
	if err := w.pace.wait(ctx, size); err != nil {
		return nil, err
	}
	in := &dynamodb.ScanInput{
		TableName: aws.String(w.entity.table.Name), ConsistentRead: aws.Bool(true), ExclusiveStartKey: from,
		Segment: aws.Int32(int32(n)), TotalSegments: aws.Int32(int32(w.place.segments)),
		FilterExpression: w.filter.Filter, ExpressionAttributeNames: w.filter.Names, ExpressionAttributeValues: w.filter.Values,
		Limit: aws.Int32(int32(size)), ReturnConsumedCapacity: w.entity.table.reporting(),
	}
	consumed := func(out *dynamodb.ScanOutput) float64 { return units(out.ConsumedCapacity) }
	out, err := send(w.sending(ctx, "Scan", ""), in, w.client.Scan, consumed)
	if err == nil {
		w.pace.giveBack(size - int(out.ScannedCount))
	}
	return out, err
}

// walkFilter has DynamoDB leave out rows that are certainly of other entities, and guards that nobody asks for.
func (e *entity) walkFilter(guards bool) (ast.Expression, error) {
	filter := ast.And(e.distinct(nil)...)
	if guards && filter != nil {
		filter = ast.Or(filter, ast.Exists(ast.Attr(ownerField)))
	}
	return build(ast.Request{Filter: filter})
}

// settleAll makes some items right, one after another. On an error it says how many are done.
func (w *reindexing) settleAll(ctx context.Context, rows []item) (found walkFound, done int, err error) {
	all := make([]*derived, len(rows))
	for i, row := range rows {
		all[i] = w.entity.derive(row)
	}
	held, err := w.guardsHeld(ctx, all)
	if err != nil {
		return found, 0, err
	}
	for i, d := range all {
		if err := ctx.Err(); err != nil {
			return found, i, &Error{Reason: "the context ended between two items", cause: err}
		}
		if err := w.settle(ctx, d, held, &found); err != nil {
			return found, i, err
		}
		found.read++
	}
	return found, len(all), nil
}

// settle makes one item right, reading it again where another writer came between. A value that another item seems to have may have
// changed hands since the item was read, so that is looked at again as well.
func (w *reindexing) settle(ctx context.Context, d *derived, held map[string]item, found *walkFound) error {
	backoff := raceBackoff()
	var maybe *Write // carried out, perhaps: its answer was lost

	for again := false; d != nil; again = true { // there is none any more where the item is gone
		write, taken := w.entity.repair(d, held)
		if d.err != nil {
			found.refuse(d)
			return nil
		}
		if len(taken) == 0 || again {
			err := w.carryOut(ctx, write)
			if err == nil {
				if write == nil {
					write = maybe
				}
				found.take(d, write, taken)
				return nil
			}
			if errors.Is(err, ErrOutcomeUnknown) {
				maybe = write
			}
			if unfit(err) {
				d.err = err
				found.refuse(d)
				return nil
			}
			if delay, stop := backoff.Next(); stop || !overtaken(err) {
				return err
			} else if pause(ctx, delay) != nil {
				return &Error{Reason: "the context ended between two tries", cause: ctx.Err()}
			}
		}
		var err error
		if d, held, err = w.reread(ctx, d.key); err != nil {
			return err
		}
	}
	found.right++
	return nil
}

func (w *reindexing) carryOut(ctx context.Context, write *Write) error {
	if write == nil || w.options.DryRun {
		return nil
	}
	_, err := w.write(ctx, write)
	return err
}

// overtaken reports whether a write failed because the item, or the guard of a value, is not as it was read; or may have, which another
// look at it shows.
func overtaken(err error) bool {
	return slices.ContainsFunc([]error{ErrConditionFailed, ErrNotUnique, ErrOutcomeUnknown}, func(kind error) bool { return errors.Is(err, kind) })
}

// unfit reports whether DynamoDB takes no write of this item, whoever sends it: it is larger than the library's own count has it, say.
// That is the item's affair, and no reason to stop at it.
func unfit(err error) bool {
	codes := []string{"ValidationException", "ItemCollectionSizeLimitExceededException", "ValidationError", "ItemCollectionSizeLimitExceeded"}
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) {
		return slices.ContainsFunc(canceled.CancellationReasons, func(r types.CancellationReason) bool { return slices.Contains(codes, aws.ToString(r.Code)) })
	}
	var refused smithy.APIError
	return errors.As(err, &refused) && slices.Contains(codes, refused.ErrorCode())
}

// guardsHeld reads the guards of the unique values of some items, by their names.
func (w *reindexing) guardsHeld(ctx context.Context, all []*derived) (map[string]item, error) {
	var keys []item
	seen := map[string]bool{}
	for _, d := range all {
		for _, g := range d.guards {
			if key := g.item(w.entity.table); !seen[g.key] {
				seen[g.key] = true
				keys = append(keys, key)
			}
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	read := &hydrated{sender: w.sender(), consistent: true}
	held, err := read.items(ctx, keys)
	if err != nil {
		return nil, requestFailed("Reindex", w.entity.Name, err)
	}
	return held, nil
}

// reread reads an item again, and its guards at the same moment. There is none where it is gone, or of another entity now.
func (w *reindexing) reread(ctx context.Context, key item) (*derived, map[string]item, error) {
	var before *derived
	for range raceRetries {
		rows, err := w.together(ctx, key, before)
		if err != nil {
			return nil, nil, err
		}
		row := rows[itemKey(w.entity.table, key)]
		if !w.entity.belongs(row) {
			return nil, nil, nil
		}
		now := w.entity.derive(row)
		if len(now.guards) == 0 || before != nil && slices.EqualFunc(now.guards, before.guards, guard.equal) {
			return now, rows, nil
		}
		before = now
	}
	return nil, nil, &Error{kind: ErrConditionFailed, Reason: "other writers changed the unique values of an item again and again; go on from where the walk is"}
}

// together reads an item, and with it the guards that it is known to have at the same moment, by their names.
func (w *reindexing) together(ctx context.Context, key item, known *derived) (map[string]item, error) {
	rows := map[string]item{}
	if known == nil {
		row, err := w.readRow(ctx, key)
		if err != nil {
			return nil, requestFailed("Reindex", w.entity.Name, err)
		}
		rows[itemKey(w.entity.table, key)] = row
		return rows, nil
	}
	in := &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{{Get: &types.Get{TableName: aws.String(w.entity.table.Name), Key: key}}}}
	for _, g := range known.guards {
		in.TransactItems = append(in.TransactItems, types.TransactGetItem{Get: &types.Get{TableName: aws.String(w.entity.table.Name), Key: g.item(w.entity.table)}})
	}
	out, err := w.sender().TransactGetItems(ctx, in)
	switch {
	case transact.IsConflict(err):
		return nil, &Error{kind: ErrConflict, Reason: "transactions on the item or on its guards did not end in time", cause: err}
	case err != nil:
		return nil, requestFailed("Reindex", w.entity.Name, err)
	case len(out.Responses) != len(in.TransactItems):
		return nil, &Error{Reason: "the answer has not as many items as were asked for"}
	}
	for i, answer := range out.Responses {
		rows[itemKey(w.entity.table, in.TransactItems[i].Get.Key)] = answer.Item
	}
	return rows, nil
}

// take takes in an item that is right now, but for what others have taken of it.
func (f *walkFound) take(d *derived, w *Write, taken []takenValue) {
	switch {
	case w != nil:
		f.written++
		f.guards += len(w.guards)
	case len(taken) == 0:
		f.right++
	}
	f.duplicates += len(taken)
	for _, t := range taken {
		f.problems = append(f.problems, ReindexProblem{Err: t.err, Key: copied(d.key), Owner: copied(t.owner), Item: d.root.Interface()})
	}
}

// refuse takes in an item that cannot be made right.
func (f *walkFound) refuse(d *derived) {
	f.invalid++
	p := ReindexProblem{Err: d.err, Key: copied(d.key)}
	if d.decoded {
		p.Item = d.root.Interface()
	}
	f.problems = append(f.problems, p)
}

// copied is a key that shares nothing with the walk, which goes on from it: it is written as in a token, and read again.
func copied(key item) item {
	if key == nil {
		return nil
	}
	names := slices.Collect(maps.Keys(key))
	out, _, _ := cutStart(appendStart(nil, key, names), names)
	return out
}
