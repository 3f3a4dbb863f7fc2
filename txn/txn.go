package txn

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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

	mu     sync.Mutex  // held while a method runs
	shared atomic.Bool // a method found it held, and its caller must learn of it

	ops   []Operation
	key   *string // the caller's own idempotency key
	state state
	late  []int // positions of operations that were added after Commit
	sent  *sent
}

type state uint8

const (
	open    state = iota // operations can be added
	unknown              // a commit ended without knowing; it can be resumed
	done                 // it was committed, or refused
	spoilt               // it was changed afterwards
)

// sent is a transaction on its way.
type sent struct {
	transact.Request
	plan      *repo.Transaction
	token     string
	tries     int  // under tokens of their own, while foreign guards were left out
	ambiguous bool // an earlier call with this token may have been applied
}

// New begins a transaction. Its operations must be of repositories with the same client. It is sent with the options (With) and
// observed by the table (Observe) of the first operation's repository.
func New(c repo.Client) *Txn { return &Txn{client: c} }

// Add adds operations, and returns the transaction. Adding to a transaction that was committed, or while another goroutine uses it,
// adds nothing and makes Commit fail with [ErrUsed].
func (t *Txn) Add(ops ...Operation) *Txn {
	if !t.enter() {
		return t
	}
	defer t.mu.Unlock()
	if t.state != open {
		for range ops {
			t.late = append(t.late, len(t.ops)+len(t.late))
		}
		t.state = spoilt
		return t
	}
	t.ops = append(t.ops, ops...)
	return t
}

// Token gives the transaction an idempotency key of the caller's own, and returns the transaction: committing another one with the
// same key and contents within ten minutes, from whatever process, does nothing. The same key with other contents is
// [ErrTokenReused]; times that the library stamps, and write ids, are contents too. The key is made into a token together with the
// names of the tables, and may be of any length; an empty one is [ErrInvalid]. After Commit it is used as Add is.
func (t *Txn) Token(key string) *Txn {
	if !t.enter() {
		return t
	}
	defer t.mu.Unlock()
	if t.state != open {
		t.state = spoilt
		return t
	}
	t.key = &key
	return t
}

// enter begins a method, unless one is running in another goroutine.
func (t *Txn) enter() bool {
	if t.mu.TryLock() {
		return true
	}
	t.shared.Store(true)
	return false
}

// Len is the number of operations that were added. It waits for a Commit that is running.
func (t *Txn) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.ops)
}

// String lists the operations, "txn.Txn[Create Order, Check Customer]". It holds no attribute values and no key text, and waits for
// a Commit that is running.
func (t *Txn) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var b strings.Builder
	for i, op := range t.ops {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(op.String())
	}
	return "txn.Txn[" + b.String() + "]"
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

// Input is the request that Commit sends, but for its token where the caller gave no key: a copy of its own each time. It sends
// nothing, and fails as Commit does before it sends.
func (t *Txn) Input() (*dynamodb.TransactWriteItemsInput, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	plan, err := t.plan()
	if err != nil {
		return nil, err
	}
	in := &dynamodb.TransactWriteItemsInput{TransactItems: copyItems(plan.Items())}
	if t.key != nil {
		in.ClientRequestToken = aws.String(callerToken(*t.key, tables(in.TransactItems), 0))
	}
	return in, nil
}

// Commit carries all operations out, or none. It is a success only where DynamoDB said so. A condition that does not hold, a value that
// is not unique, and whatever else cancels the transaction is a [*CanceledError], with a reason for each operation; conflicts with
// other transactions are retried, for about ten seconds, and then are that as well. An operation that is wrong in itself, none or more
// than 100 operations, more than 4 MB, and two operations on one item are an [*Error] with their positions; then nothing is sent.
//
// Where nobody knows what became of it the error is [ErrOutcomeUnknown]; committing the same Txn again, within ten minutes of the first
// time, resumes it under the same token and finds out. Otherwise a second Commit of what was sent is [ErrUsed].
//
// Costs two write units per KB of each item, and two for each unique guard.
func (t *Txn) Commit(ctx context.Context) error {
	if !t.mu.TryLock() {
		return &Error{kind: ErrUsed, Reason: "another goroutine is using it"}
	}
	defer t.mu.Unlock()
	if err := t.begin(ctx); err != nil {
		return err
	}
	for {
		err, again := t.try(ctx)
		if !again {
			return err
		}
	}
}

// begin plans the transaction, or takes up one whose outcome is unknown. Nothing changes where it fails.
func (t *Txn) begin(ctx context.Context) error {
	switch {
	case t.shared.Load():
		return &Error{kind: ErrUsed, Reason: "several goroutines used it at the same time; make a new one"}
	case t.state == spoilt:
		return &Error{kind: ErrUsed, Positions: t.late, Reason: "it was changed after Commit; make a new one"}
	case t.state == done:
		return &Error{kind: ErrUsed, Reason: "it was committed already; make a new one"}
	case t.state == unknown && !transact.Alive(t.sent.First):
		return &Error{kind: ErrOutcomeUnknown, Reason: "it was first sent ten minutes ago, and DynamoDB does not remember its token longer; read the items to see"}
	case t.state == unknown && ctx.Err() != nil:
		return &Error{kind: ErrOutcomeUnknown, Reason: "commit it again to find out: " + refusal(ctx.Err()), cause: ctx.Err()}
	case t.state == unknown:
		return nil
	}
	plan, err := t.plan()
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return &Error{kind: errRefused, Reason: refusal(err), cause: err}
	}
	t.send(plan, 0)
	return nil
}

// send gets a transaction under way, under a token of its own.
func (t *Txn) send(plan *repo.Transaction, tries int) {
	t.sent = &sent{plan: plan, tries: tries, token: transact.Token()}
	if t.key != nil {
		t.sent.token = callerToken(*t.key, tables(plan.Items()), tries)
	}
	t.sent.First = time.Now()
}

// try sends the transaction once, retries within the SDK included; again where it turned out that guards are to be left alone.
func (t *Txn) try(ctx context.Context) (_ error, again bool) {
	s := t.sent
	in := &dynamodb.TransactWriteItemsInput{TransactItems: s.plan.Items(), ClientRequestToken: aws.String(s.token)}
	_, outcome, err := t.ops[0].sender.TransactWriteItems(ctx, in, s.Option)
	var mismatch *types.IdempotentParameterMismatchException
	reused := errors.As(err, &mismatch)
	switch {
	case err == nil:
		t.state = done
		return nil, false
	case outcome == attempt.Unknown, reused && t.key == nil, s.ambiguous && !transact.IsCanceled(err):
		t.state, s.ambiguous = unknown, true
		return &Error{kind: ErrOutcomeUnknown, Reason: "commit it again to find out", cause: err}, false
	case reused:
		t.state = done
		return &Error{kind: ErrTokenReused, Reason: "the key was used for a transaction with other contents", cause: err}, false
	case s.plan.LeaveForeign(err):
		t.send(s.plan, s.tries+1)
		return nil, true
	}
	t.state = done
	return t.canceled(err), false
}

// plan checks the operations together.
func (t *Txn) plan() (*repo.Transaction, error) {
	writes := make([]*repo.Write, 0, len(t.ops))
	for i, op := range t.ops {
		switch {
		case op.err != nil:
			return nil, invalid([]int{i}, op.err)
		case op.write == nil:
			return nil, refuse([]int{i}, "the operation is empty; make it with the functions of this package")
		case !sameClient(op.sender.Client(), t.client):
			return nil, refuse([]int{i}, "its repository has another client than the transaction")
		}
		writes = append(writes, op.write)
	}
	if t.key != nil && *t.key == "" {
		return nil, refuse(nil, "the key given to Token is empty")
	}
	plan, err := repo.NewTransaction(writes...)
	if err != nil {
		return nil, invalid(positionsOf(err), err)
	}
	if err := transact.CheckLimits(plan.Len(), plan.Size()); err != nil {
		return nil, tooLarge(overLimit(writes), err)
	}
	return plan, nil
}

// overLimit finds the operation with which the transaction becomes too large; none where there is no operation.
func overLimit(writes []*repo.Write) []int {
	bytes := 0
	for i, w := range writes {
		bytes += w.Size()
		plan, err := repo.NewTransaction(writes[:i+1]...)
		if err == nil && transact.CheckLimits(plan.Len(), bytes) != nil {
			return []int{i}
		}
	}
	return nil
}

// sameClient compares clients that may be fakes of any type.
func sameClient(a, b repo.Client) bool {
	return a != nil && b != nil && reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() && a == b
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
