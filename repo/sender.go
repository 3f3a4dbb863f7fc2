package repo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attempt"
	"github.com/monotable/monotable/internal/transact"
)

// Sender sends the requests of packages txn and batch, which concern several items, as the verbs of a repository send theirs: with
// a deadline, the options of With, what becomes of each attempt, and Table.Observe.
type Sender struct {
	client  Client
	table   *Table
	entity  string
	options []func(*dynamodb.Options)
}

// Sender is how this repository sends.
func (r *Repository[T]) Sender() Sender { return r.core.sender() }

func (r *core) sender() Sender {
	return Sender{r.client, r.entity.table, r.entity.Name, r.view.options}
}

// NewSender sends raw requests of a client, which nobody observes.
func NewSender(c Client) Sender { return Sender{client: c, table: Table{}.withDefaults()} }

// Client is what the sender sends with.
func (s Sender) Client() Client { return s.client }

func (s Sender) sending(ctx context.Context, operation string) sending {
	return sending{ctx: ctx, table: s.table, call: Call{Operation: operation, Entity: s.entity}, options: s.options, track: attempt.New(true)}
}

// TransactWriteItems sends a transaction, and says what became of it. The input must have a token. The options come behind those of
// With.
func (s Sender) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, attempt.Outcome, error) {
	if in.ReturnConsumedCapacity == "" {
		in.ReturnConsumedCapacity = s.table.reporting()
	}
	consumed := func(out *dynamodb.TransactWriteItemsOutput) float64 { return unitsOf(out.ConsumedCapacity) }
	sending := s.sending(ctx, "TransactWriteItems")
	sending.options = append(sending.options[:len(sending.options):len(sending.options)], options...)
	out, err := send(sending, in, transact.Send(s.client.TransactWriteItems), consumed)
	return out, transact.Outcome(sending.track, err), err
}

// TransactGetItems reads several items at one moment.
func (s Sender) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput) (*dynamodb.TransactGetItemsOutput, error) {
	if in.ReturnConsumedCapacity == "" {
		in.ReturnConsumedCapacity = s.table.reporting()
	}
	consumed := func(out *dynamodb.TransactGetItemsOutput) float64 { return unitsOf(out.ConsumedCapacity) }
	sending := s.sending(ctx, "TransactGetItems")
	sending.options = append(sending.options[:len(sending.options):len(sending.options)], transact.RetryConflicts)
	return send(sending, in, s.client.TransactGetItems, consumed)
}

// BatchWriteItem sends one request of a batch, and says what became of it as a whole.
func (s Sender) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput) (*dynamodb.BatchWriteItemOutput, attempt.Outcome, error) {
	if in.ReturnConsumedCapacity == "" {
		in.ReturnConsumedCapacity = s.table.reporting()
	}
	consumed := func(out *dynamodb.BatchWriteItemOutput) float64 { return unitsOf(out.ConsumedCapacity) }
	sending := s.sending(ctx, "BatchWriteItem")
	out, err := send(sending, in, s.client.BatchWriteItem, consumed)
	return out, sending.track.Outcome(err), err
}

// BatchGetItem sends one request of a batch.
func (s Sender) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput) (*dynamodb.BatchGetItemOutput, error) {
	if in.ReturnConsumedCapacity == "" {
		in.ReturnConsumedCapacity = s.table.reporting()
	}
	consumed := func(out *dynamodb.BatchGetItemOutput) float64 { return unitsOf(out.ConsumedCapacity) }
	return send(s.sending(ctx, "BatchGetItem"), in, s.client.BatchGetItem, consumed)
}

// DecodeRead decodes a row that was read by its key, as Get does: false where there is none, or an expired one.
func (r *Repository[T]) DecodeRead(row map[string]types.AttributeValue) (v T, ok bool, err error) {
	if len(row) > 0 && !r.core.sees(row) {
		return v, false, r.core.entity.failed("Get", foreignRow())
	}
	if len(row) == 0 || r.core.hides(row) && r.core.entity.belongs(row) {
		return v, false, nil
	}
	if v, err = decodeAs[T](r.core.entity, row); err != nil {
		return v, false, r.core.entity.failed("Get", err)
	}
	return v, true, nil
}

// Entity is the name of the repository's entity.
func (r *Repository[T]) Entity() string { return r.core.entity.Name }

// ItemKey is a text that tells items apart: the table and an encoded primary key, as [Write.Key] gives it.
func (r *Repository[T]) ItemKey(key map[string]types.AttributeValue) string {
	return itemKey(r.core.entity.table, key)
}
