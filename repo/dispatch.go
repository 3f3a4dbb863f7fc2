package repo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attempt"
	"github.com/monotable/monotable/internal/transact"
)

// write sends a planned write, and returns the item that it leaves or, for Take, the item that was there. A write with guards goes
// out as a transaction, and so does every write of an ExactlyOnce view.
func (r *core) write(ctx context.Context, w *Write) (item, error) {
	switch {
	case len(w.guards) > 0 || r.view.exactlyOnce:
		return r.writeTransaction(ctx, w)
	case w.put != nil:
		consumed := func(out *dynamodb.PutItemOutput) float64 { return units(out.ConsumedCapacity) }
		s := r.writing(ctx, "PutItem", w)
		_, err := send(s, w.put, r.client.PutItem, consumed)
		return w.settle(s.track, w.put.Item, err)
	case w.update != nil:
		consumed := func(out *dynamodb.UpdateItemOutput) float64 { return units(out.ConsumedCapacity) }
		s := r.writing(ctx, "UpdateItem", w)
		out, err := send(s, w.update, r.client.UpdateItem, consumed)
		if err != nil {
			return w.settle(s.track, nil, err)
		}
		return out.Attributes, nil
	}
	consumed := func(out *dynamodb.DeleteItemOutput) float64 { return units(out.ConsumedCapacity) }
	s := r.writing(ctx, "DeleteItem", w)
	out, err := send(s, w.delete, r.client.DeleteItem, consumed)
	if err != nil {
		return w.settle(s.track, nil, err)
	}
	return w.taken(s.track, out.Attributes)
}

// writing is sending for a write: not again once it may have been applied and is not repeatable, and again where another
// transaction was at work on the item.
func (r *core) writing(ctx context.Context, operation string, w *Write) sending {
	options := append(r.view.options[:len(r.view.options):len(r.view.options)], transact.RetryConflicts)
	call := Call{Operation: operation, Entity: w.entity.Name}
	return sending{ctx: ctx, table: w.entity.table, call: call, options: options, track: attempt.New(w.repeatable)}
}

// settle makes of the end of a single write what the caller is told: the item that it left, or an error. A condition that failed
// after an attempt of unknown outcome may have failed because of that attempt; only the write's own id in the stored item proves it.
func (w *Write) settle(track *attempt.Track, stored item, err error) (item, error) {
	if err == nil {
		return stored, nil
	}
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) {
		switch {
		case !track.Ambiguous():
			return nil, w.explain(refused.Item, err).in(w.verb, w.entity.Name)
		case w.wrote(refused.Item):
			return refused.Item, nil
		}
		return nil, w.unknown("a condition failed, and an earlier attempt of the same call may be why", err)
	}
	var conflict *types.TransactionConflictException
	var replicated *types.ReplicatedWriteConflictException
	switch {
	case track.Outcome(err) == attempt.Unknown:
		return nil, w.unknown("", err)
	case errors.As(err, &conflict), errors.As(err, &replicated):
		return nil, &Error{Op: w.verb, Entity: w.entity.Name, kind: ErrConflict, Reason: "transactions on the item did not end in time", cause: err}
	}
	return nil, requestFailed(w.verb, w.entity.Name, err)
}

// wrote reports whether a stored item carries the id of this write.
func (w *Write) wrote(stored item) bool {
	s, ok := stored[w.entity.table.WriteID].(*types.AttributeValueMemberS)
	return ok && w.id != "" && s.Value == w.id
}

func (w *Write) unknown(reason string, err error) error {
	if reason == "" {
		reason = "the write may have been applied; read the item to see"
	}
	return &Error{Op: w.verb, Entity: w.entity.Name, kind: ErrOutcomeUnknown, Reason: reason, cause: err}
}

// taken is what a deletion answers. Where a Take finds nothing after an attempt of unknown outcome, that attempt may have taken it.
func (w *Write) taken(track *attempt.Track, old item) (item, error) {
	if w.delete.ReturnValues == types.ReturnValueAllOld && len(old) == 0 && track.Ambiguous() {
		return nil, w.unknown("there is no item, and an earlier attempt of the same call may be why", nil)
	}
	return old, nil
}

// writeTransaction sends a write as a transaction. Under its token it is applied once, whatever answers are lost.
func (r *core) writeTransaction(ctx context.Context, w *Write) (item, error) {
	t, err := NewTransaction(w)
	for err == nil {
		var outcome attempt.Outcome
		in := &dynamodb.TransactWriteItemsInput{TransactItems: t.Items(), ClientRequestToken: aws.String(transact.Token())}
		_, outcome, err = r.sender().TransactWriteItems(ctx, in)
		switch {
		case err == nil:
			return r.written(ctx, w)
		case outcome == attempt.Unknown:
			return nil, w.unknown("", err)
		case t.LeaveForeign(err):
			err = nil
		default:
			return nil, w.transactionFailed(t.Explain(err)[0], err)
		}
	}
	return nil, r.entity.failed(w.verb, err)
}

// transactionFailed is the error of a transaction of this write alone: the write's own reason, where it has one.
func (w *Write) transactionFailed(reason, err error) error {
	switch {
	case reason != nil:
		return reason
	case transact.IsConflict(err):
		return &Error{Op: w.verb, Entity: w.entity.Name, kind: ErrConflict, Reason: "other transactions on the same items did not end in time", cause: err}
	}
	return requestFailed(w.verb, w.entity.Name, err)
}

// written is the item that a transaction left: known beforehand, or read now.
func (r *core) written(ctx context.Context, w *Write) (item, error) {
	if w.result != nil || w.update == nil {
		return w.result, nil
	}
	row, err := r.readRow(ctx, w.update.Key)
	if err != nil {
		return nil, &Error{Op: w.verb, Entity: w.entity.Name, kind: ErrApplied, Reason: "the item could not be read back", cause: err}
	}
	if len(row) == 0 {
		return nil, &Error{Op: w.verb, Entity: w.entity.Name, kind: ErrApplied, Reason: "somebody deleted the item since"}
	}
	return row, nil
}

// readRow reads an item consistently, as it is stored; nil where there is none.
func (r *core) readRow(ctx context.Context, key item) (item, error) {
	in := &dynamodb.GetItemInput{TableName: aws.String(r.entity.table.Name), Key: key, ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: r.entity.table.reporting()}
	consumed := func(out *dynamodb.GetItemOutput) float64 { return units(out.ConsumedCapacity) }
	out, err := send(r.sending(ctx, "GetItem", ""), in, r.client.GetItem, consumed)
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

// stored sends a write and decodes the item that it leaves.
func (r *Repository[T]) stored(ctx context.Context, w *Write) (T, error) {
	var zero T
	row, err := r.core.write(ctx, w)
	if err != nil {
		return zero, err
	}
	v, err := decodeAs[T](r.core.entity, row)
	return v, r.core.entity.failed(w.verb, err)
}

// requestFailed wraps an error of the SDK. Its text may quote values, so that only its code is shown.
func requestFailed(op, entity string, err error) error {
	return &Error{Op: op, Entity: entity, cause: err}
}
