package repo_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
	"github.com/monotable/monotable/txn"
)

// The state machine: random verbs and transactions on thirteen entities, beside a plain Go model. After every step what is stored
// must be what the model says: attributes, index keys as rendered by hand, versions, times, and a guard for each unique value.

// machineSteps is how many steps one run takes; rapid makes a hundred runs.
func machineSteps() int {
	if os.Getenv("SOAK") != "" {
		return 10_000
	}
	return 500
}

func TestStateMachine(t *testing.T) {
	var n machineTallies
	rapid.Check(t, func(rt *rapid.T) { newMachine(rt, repotest.New().Client(), &n).run(rt, machineSteps()) })
	t.Logf("%+v", n)
	if n.IndexChanges*5 < n.Steps {
		t.Errorf("only %d of %d steps changed a key of an index", n.IndexChanges, n.Steps)
	}
	if n.Stale >= n.IndexChanges {
		t.Errorf("%d steps were refused as stale, beside %d that changed keys, which is half or more: the machine says too little", n.Stale, n.IndexChanges)
	}
	for _, verb := range []string{"Create", "Put", "Update", "Upsert", "Modify", "Delete", "Take", "transaction"} {
		if n.Done[verb] == 0 || n.Refused[verb] == 0 {
			t.Errorf("%s was done %d times and refused %d times: the machine says too little", verb, n.Done[verb], n.Refused[verb])
		}
	}
}

type machineTallies struct {
	Steps, IndexChanges, Stale int
	Done, Refused              map[string]int
}

// machine is the engine, and what it must hold.
type machine struct {
	client *dynamodb.Client
	now    time.Time
	actors []actor
	owners map[string]string // guard to owner
	n      *machineTallies
}

// actor is one entity of the machine.
type actor interface {
	member() repo.Member
	// operation draws one; direct ones need not be possible in a transaction.
	operation(t *rapid.T, m *machine, direct bool) *operation
	// count is how many items there are.
	count() int
}

// operation is one verb on one item, what it must do, and how to see that it did.
type operation struct {
	verb    string
	item    string // entity and number: two operations of a transaction must differ in it
	owner   string // the primary key, as guards hold it
	run     func(context.Context) error
	op      txn.Operation
	allowed []error // one of these must come, where there are any
	stale   bool    // it may be refused for what it does not know
	vague   bool    // its conditions may fail: a field that the model has as zero may be absent
	before  []claim
	after   []claim
	moves   bool   // a key of an index changes
	commit  func() // to the model
	verify  func(ctx context.Context, t *rapid.T, c *dynamodb.Client)
}

func machineTable(m *machine) repo.Table {
	table := familyTable
	table.Now = func() time.Time { return m.now }
	return table
}

func newMachine(t *rapid.T, c *dynamodb.Client, n *machineTallies) *machine {
	m := &machine{client: c, now: machineStart, owners: map[string]string{}, n: n}
	if n.Done == nil {
		n.Done, n.Refused = map[string]int{}, map[string]int{}
	}
	table := machineTable(m)
	m.actors = []actor{
		cast(c, table, tickets, roles[ticket]{}), cast(c, table, devices, roles[device]{}), cast(c, table, people, roles[member]{}),
		cast(c, table, scores, roles[score]{}), cast(c, table, docs, roles[doc]{}), cast(c, table, toggles, roles[toggle]{}),
		cast(c, table, accounts, accountRoles), cast(c, table, users, userRoles), cast(c, table, employees, employeeRoles),
		cast(c, table, sessions, sessionRoles), cast(c, table, pacts, pactRoles), cast(c, table, audits, auditRoles), cast(c, table, seats, seatRoles),
		cast(c, table, gauges, roles[gauge]{}),
	}
	members := make([]repo.Member, len(m.actors))
	for i, a := range m.actors {
		members[i] = a.member()
	}
	if err := repo.CreateTable(context.Background(), c, table, members...); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *machine) run(t *rapid.T, steps int) {
	ctx := context.Background()
	for range steps {
		m.n.Steps++
		m.now = m.now.Add(time.Second + time.Nanosecond)
		if rapid.IntRange(0, 9).Draw(t, "step") == 0 {
			m.transact(ctx, t)
			continue
		}
		o := m.actors[rapid.IntRange(0, len(m.actors)-1).Draw(t, "actor")].operation(t, m, true)
		m.judge(ctx, t, o.verb, []*operation{o}, o.run(ctx))
	}
	m.everything(ctx, t)
}

// transact commits up to four operations on different items.
func (m *machine) transact(ctx context.Context, t *rapid.T) {
	var ops []*operation
	tx := txn.New(m.client)
	for range rapid.IntRange(1, 4).Draw(t, "operations") {
		o := m.actors[rapid.IntRange(0, len(m.actors)-1).Draw(t, "actor")].operation(t, m, false)
		if slices.ContainsFunc(ops, func(p *operation) bool { return p.item == o.item }) {
			continue
		}
		ops = append(ops, o)
		tx.Add(o.op)
	}
	m.judge(ctx, t, "transaction", ops, tx.Commit(ctx))
}

// judge compares what came of operations that are done all or not at all with what must.
func (m *machine) judge(ctx context.Context, t *rapid.T, verb string, ops []*operation, err error) {
	var allowed []error
	stale, vague := false, false
	for _, o := range ops {
		for _, err := range o.allowed {
			if !o.vague || !errors.Is(err, repo.ErrConditionFailed) && !errors.Is(err, repo.ErrImmutable) {
				allowed = append(allowed, err)
			}
		}
		stale, vague = stale || o.stale, vague || o.vague
	}
	if m.clash(ops) {
		allowed = append(allowed, repo.ErrNotUnique)
	}
	switch {
	case err == nil && len(allowed) > 0:
		t.Fatalf("%s was done, and must be refused: %v", verb, allowed)
	case err == nil:
		m.n.Done[verb]++
		m.commit(ops)
	case stale && errors.Is(err, repo.ErrStaleIndex):
		m.n.Stale++
		m.n.Refused[verb]++
	case vague && (errors.Is(err, repo.ErrConditionFailed) || errors.Is(err, repo.ErrImmutable)):
		m.n.Refused[verb]++
	case !slices.ContainsFunc(allowed, func(want error) bool { return errors.Is(err, want) }):
		t.Fatalf("%s: %v, want one of %v", verb, err, allowed)
	default:
		m.n.Refused[verb]++
	}
	for _, o := range ops {
		o.verify(ctx, t, m.client)
		for _, c := range slices.Concat(o.before, o.after) {
			m.checkGuard(ctx, t, c)
		}
	}
}

// clash reports whether a value would be held twice: by an item outside, which does not give it up here, or by two of the operations.
func (m *machine) clash(ops []*operation) bool {
	taken := map[string]bool{}
	for _, o := range ops {
		for _, c := range o.after {
			if c.empty {
				continue
			}
			owner, held := m.owners[c.guard]
			given := slices.ContainsFunc(ops, func(p *operation) bool { return p.owner == owner && !hasClaim(p.after, c) })
			if taken[c.guard] || held && owner != o.owner && !given {
				return true
			}
			taken[c.guard] = true
		}
	}
	return false
}

func hasClaim(list []claim, c claim) bool {
	return slices.ContainsFunc(list, func(d claim) bool { return d.guard == c.guard })
}

func (m *machine) commit(ops []*operation) {
	for _, o := range ops {
		for _, c := range o.before {
			if m.owners[c.guard] == o.owner {
				delete(m.owners, c.guard)
			}
		}
	}
	moves := false
	for _, o := range ops {
		for _, c := range o.after {
			m.owners[c.guard] = o.owner
		}
		moves = moves || o.moves
		o.commit()
	}
	if moves {
		m.n.IndexChanges++
	}
}

// checkGuard compares one guard with the model.
func (m *machine) checkGuard(ctx context.Context, t *rapid.T, c claim) {
	row := readRow(ctx, t, m.client, row{"pk": &types.AttributeValueMemberS{Value: c.guard}, "sk": &types.AttributeValueMemberS{Value: "$UNIQUE"}})
	owner, held := m.owners[c.guard]
	if got := ownerText(row); held != (len(row) > 0) || held && got != owner {
		t.Fatalf("the guard of %s belongs to %q, want %q", c.field, got, owner)
	}
}

func ownerText(row row) string {
	l, ok := row["_owner"].(*types.AttributeValueMemberL)
	if !ok || len(l.Value) != 2 {
		return ""
	}
	pk, _ := l.Value[0].(*types.AttributeValueMemberS)
	sk, _ := l.Value[1].(*types.AttributeValueMemberS)
	if pk == nil || sk == nil {
		return ""
	}
	return pk.Value + " " + sk.Value
}

// everything counts the rows: an item or a guard each, and nothing else.
func (m *machine) everything(ctx context.Context, t *rapid.T) {
	rows := 0
	for start := row(nil); ; {
		out, err := m.client.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("family"), ExclusiveStartKey: start})
		if err != nil {
			t.Fatal(err)
		}
		rows += len(out.Items)
		if start = out.LastEvaluatedKey; start == nil {
			break
		}
	}
	want := len(m.owners)
	for _, a := range m.actors {
		want += a.count()
	}
	if rows != want {
		t.Fatalf("the table has %d rows, want %d items and guards", rows, want)
	}
}

// decodedRow reads a row with the SDK's own codec, times in UTC.
func decodedRow[T any](t *rapid.T, stored row) T {
	var v T
	if err := attributevalue.UnmarshalMap(stored, &v); err != nil {
		t.Fatal(err)
	}
	utc(reflect.ValueOf(&v).Elem())
	return v
}

func itemName(kind string, i int) string { return fmt.Sprintf("%s %d", kind, i) }
