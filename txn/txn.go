package txn

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attempt"
	"github.com/monotable/monotable/internal/transact"
	"github.com/monotable/monotable/repo"
)

// Txn is one transaction: operations are added, and then it is committed, once. It is for one goroutine; use by another at the same
// time is [ErrUsed].
type Txn struct {
	client repo.Client

	mu    sync.Mutex // held while a method runs; whoever finds it held is told
	ops   []Operation
	key   string // the caller's own idempotency key
	state state
	sent  *sent
}

type state uint8

const (
	open    state = iota // operations can be added
	unknown              // a commit ended without knowing; it can be resumed
	done                 // it was committed, or refused
)

// sent is a transaction on its way.
type sent struct {
	plan  *repo.Transaction
	token string
	first time.Time
	tries int // under tokens of their own, while foreign guards were left out
}

// New begins a transaction. Its operations must be of repositories with the same client. It is sent with the options (With) and
// observed by the table (Observe) of the first operation's repository.
func New(c repo.Client) *Txn { return &Txn{client: c} }

// Add adds operations, and returns the transaction. Adding to a transaction that was committed makes Commit fail with [ErrUsed].
func (t *Txn) Add(ops ...Operation) *Txn {
	if !t.mu.TryLock() {
		return &Txn{state: done}
	}
	defer t.mu.Unlock()
	if t.state != open {
		t.state = done
		return t
	}
	t.ops = append(t.ops, ops...)
	return t
}

// Token gives the transaction an idempotency key of the caller's own: committing another one with the same key and contents within ten
// minutes, from whatever process, does nothing. The same key with other contents is [ErrTokenReused]; times that the library stamps,
// and write ids, are contents too. The key is made into a token together with the names of the tables, and may be of any length.
func (t *Txn) Token(key string) *Txn {
	if !t.mu.TryLock() {
		return &Txn{state: done}
	}
	defer t.mu.Unlock()
	t.key = key
	return t
}

// Len is the number of operations that were added.
func (t *Txn) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.ops)
}

// Operations is the number of operations that DynamoDB counts, of which a transaction takes 100: those added, and one for each
// unique guard that they make or drop. It is 0 for a transaction that cannot be sent.
func (t *Txn) Operations() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	plan, err := t.plan()
	if err != nil {
		return 0
	}
	return plan.Len()
}

// Input is the request that Commit sends, but for its token where the caller gave no key: a copy of its own each time. It sends nothing.
func (t *Txn) Input() (*dynamodb.TransactWriteItemsInput, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	plan, err := t.plan()
	if err != nil {
		return nil, err
	}
	in := &dynamodb.TransactWriteItemsInput{TransactItems: copyItems(plan.Items())}
	if t.key != "" {
		in.ClientRequestToken = aws.String(callerToken(t.key, tables(in.TransactItems), 0))
	}
	return in, nil
}

// Commit carries all operations out, or none. It is a success only where DynamoDB said so. A condition that does not hold, a value that
// is not unique, and whatever else cancels the transaction is a [*CanceledError], with a reason for each operation; conflicts with
// other transactions are retried, for about ten seconds, and then are that as well. An operation that is wrong in itself, none or more
// than 100 operations, more than 4 MB, and two operations on one item are an [*Error] with their positions; then nothing is sent.
//
// Where nobody knows what became of it the error is [ErrOutcomeUnknown]; committing the same Txn again, within ten minutes of the first
// time, resumes it under the same token and finds out. In all other cases a second Commit is [ErrUsed].
//
// Costs two write units per KB of each item, and two for each unique guard.
func (t *Txn) Commit(ctx context.Context) error {
	if !t.mu.TryLock() {
		return &Error{kind: ErrUsed, Reason: "another goroutine is using it"}
	}
	defer t.mu.Unlock()
	if err := t.begin(); err != nil {
		return err
	}
	for {
		err, again := t.try(ctx)
		if !again {
			return err
		}
	}
}

// begin plans the transaction, or takes up one whose outcome is unknown.
func (t *Txn) begin() error {
	switch {
	case t.state == done:
		return &Error{kind: ErrUsed, Reason: "it was committed already, or changed afterwards; make a new one"}
	case t.state == unknown && time.Since(t.sent.first) > transact.TokenLife-time.Minute:
		return &Error{kind: ErrOutcomeUnknown, Reason: "it was first sent ten minutes ago, and DynamoDB does not remember its token longer; read the items to see"}
	case t.state == unknown:
		return nil
	}
	plan, err := t.plan()
	if err != nil {
		return err
	}
	t.sent = &sent{plan: plan, first: time.Now()}
	t.sent.token = t.token()
	return nil
}

// token is the token of the next try.
func (t *Txn) token() string {
	if t.key == "" {
		return transact.Token()
	}
	return callerToken(t.key, tables(t.sent.plan.Items()), t.sent.tries)
}

// try sends the transaction once, retries within the SDK included; again where it turned out that guards are to be left alone.
func (t *Txn) try(ctx context.Context) (_ error, again bool) {
	s := t.sent
	in := &dynamodb.TransactWriteItemsInput{TransactItems: s.plan.Items(), ClientRequestToken: aws.String(s.token)}
	_, outcome, err := t.ops[0].sender.TransactWriteItems(ctx, in)
	var mismatch *types.IdempotentParameterMismatchException
	switch {
	case err == nil:
		t.state = done
		return nil, false
	case outcome == attempt.Unknown:
		t.state = unknown
		return &Error{kind: ErrOutcomeUnknown, Reason: "commit it again to find out", cause: err}, false
	case errors.As(err, &mismatch):
		t.state = done
		return &Error{kind: ErrTokenReused, Reason: "the key was used for a transaction with other contents", cause: err}, false
	case s.plan.LeaveForeign(err):
		s.tries++
		s.token = t.token()
		return nil, true
	}
	t.state = done
	return t.canceled(err), false
}

// plan checks the operations together.
func (t *Txn) plan() (*repo.Transaction, error) {
	var writes []*repo.Write
	for i, op := range t.ops {
		switch {
		case op.err != nil:
			return nil, invalid([]int{i}, op.err.Error(), op.err)
		case op.write == nil:
			return nil, invalid([]int{i}, "the operation is empty; make it with the functions of this package", nil)
		case !sameClient(op.sender.Client(), t.client):
			return nil, invalid([]int{i}, "its repository has another client than the transaction", nil)
		}
		writes = append(writes, op.write)
	}
	plan, err := repo.NewTransaction(writes...)
	var at *repo.PositionError
	if errors.As(err, &at) {
		return nil, invalid(at.Positions, at.Reason, err)
	}
	if err != nil {
		return nil, invalid(nil, err.Error(), err)
	}
	if err := transact.CheckLimits(plan.Len(), plan.Size()); err != nil {
		return nil, invalid(nil, err.Error(), repo.ErrTooLarge)
	}
	return plan, nil
}

// sameClient compares clients that may be fakes of any type.
func sameClient(a, b repo.Client) bool {
	if a == nil || b == nil || !reflect.TypeOf(a).Comparable() || !reflect.TypeOf(b).Comparable() {
		return false
	}
	return a == b
}

// tables lists the tables that operations are on, each once.
func tables(items []types.TransactWriteItem) []string {
	var out []string
	for _, op := range items {
		var name *string
		switch {
		case op.Put != nil:
			name = op.Put.TableName
		case op.Update != nil:
			name = op.Update.TableName
		case op.Delete != nil:
			name = op.Delete.TableName
		default:
			name = op.ConditionCheck.TableName
		}
		out = append(out, aws.ToString(name))
	}
	slices.Sort(out)
	return slices.Compact(out)
}
