package txn_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
	"github.com/monotable/monotable/txn"
)

const (
	bankAccounts = 50
	bankWorkers  = 16
	bankOpening  = 1000 // in each account
	bankCommits  = 3    // within which every transfer comes to a known end
)

// bankTransfers is how many there are in one run.
func bankTransfers() int {
	if os.Getenv("SOAK") != "" {
		return 100_000
	}
	return 5_000
}

// entry is the ledger's record of a transfer.
type entry struct {
	_ struct{} `entity:"Entry" pk:"LEDGER#{ID}" sk:"ENTRY"`

	ID     string `dynamodbav:"id"`
	From   string `dynamodbav:"from"`
	To     string `dynamodbav:"to"`
	Amount int64  `dynamodbav:"amount"`
}

// bank moves money between accounts, on a bad day.
type bank struct {
	client   *dynamodb.Client
	accounts *repo.Repository[account]
	ledger   *repo.Repository[entry]
	auditor  *repo.Repository[account] // reads behind the faults

	mu       sync.Mutex
	complain []string
	expected map[string]int64 // balances, by the transfers that are known to be done
	done     map[string]bool  // transfers with a ledger entry
	n        bankTallies
}

// bankTallies are what happened.
type bankTallies struct {
	Transfers, Done, Refused, Contended int // by how they ended; contended ones met conflicts to the end
	Unknown, UnknownTwice               int // after the first commit, after the second
	Conflicts                           int // transfers that met a conflict
	Audits                              int
}

// openBank makes a bank whose requests pass through wrap.
func openBank(ctx context.Context, engine *repotest.Engine, wrap func(dynamodb.HTTPClient) dynamodb.HTTPClient) (*bank, error) {
	calm := engine.Client()
	c := dynamodb.New(calm.Options(), func(o *dynamodb.Options) { o.HTTPClient = wrap(o.HTTPClient) })
	table := repo.Table{Name: "bank"}
	b := &bank{client: c, expected: map[string]int64{}, done: map[string]bool{}}
	b.accounts, b.ledger = repo.Must(repo.New[account](c, table)), repo.Must(repo.New[entry](c, table))
	b.auditor = repo.Must(repo.New[account](calm, table))
	if err := repo.CreateTable(ctx, calm, table, b.accounts, b.ledger); err != nil {
		return nil, err
	}
	for i := range bankAccounts {
		b.expected[number(i)] = bankOpening
		if _, err := b.auditor.Create(ctx, account{ID: number(i), Balance: bankOpening}); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func number(i int) string { return fmt.Sprintf("%02d", i) }

// transfer moves money and sees to its end. Every fourth leaves no entry in the ledger, so that nothing but the token keeps it from
// being carried out twice.
func (b *bank) transfer(ctx context.Context, id int, rng *rand.Rand) {
	from := rng.IntN(bankAccounts)
	to := (from + 1 + rng.IntN(bankAccounts-1)) % bankAccounts
	e := entry{ID: fmt.Sprint(id), From: number(from), To: number(to), Amount: 1 + rng.Int64N(400)}
	tx := txn.New(b.client).Add(
		txn.Update(b.accounts.If(accountBalance.Ge(e.Amount)), account{ID: e.From}, accountBalance.Sub(e.Amount)),
		txn.Update(b.accounts, account{ID: e.To}, accountBalance.Add(e.Amount)),
	)
	recorded := id%4 != 0
	if recorded {
		tx.Add(txn.Create(b.ledger, e))
	}
	day := &badDay{conflicts: rng.Float64() < 0.12}
	if day.blackout = rng.Float64() < 0.02; day.blackout {
		day.after = rng.IntN(2) == 0
	}
	err := tx.Commit(context.WithValue(ctx, badDay{}, day))
	unknown := 0
	for errors.Is(err, txn.ErrOutcomeUnknown) && unknown < bankCommits-1 {
		unknown++
		day.blackout = unknown == 1 && rng.IntN(20) == 0
		err = tx.Commit(context.WithValue(ctx, badDay{}, day))
	}
	b.note(e, recorded, unknown, day, err)
}

// note takes in how a transfer ended.
func (b *bank) note(e entry, recorded bool, unknown int, day *badDay, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n.Transfers++
	if day.met.Load() {
		b.n.Conflicts++
	}
	if unknown > 0 {
		b.n.Unknown++
	}
	if unknown > 1 {
		b.n.UnknownTwice++
	}
	canceled, _ := errors.AsType[*txn.CanceledError](err)
	switch {
	case err == nil:
		b.n.Done++
		b.done[e.ID] = recorded
		b.expected[e.From] -= e.Amount
		b.expected[e.To] += e.Amount
	case canceled != nil && errors.Is(canceled.Reasons[0].Err, repo.ErrConditionFailed) && canceled.Reasons[1].Err == nil && !errors.Is(err, repo.ErrAlreadyExists):
		b.n.Refused++
	case canceled != nil && contended(canceled):
		b.n.Contended++
	default:
		b.complain = append(b.complain, fmt.Sprintf("transfer %s ends after %d unknown commits in: %v", e.ID, unknown, err))
	}
}

// contended reports whether a transfer met conflicts and throttles alone, to the end.
func contended(canceled *txn.CanceledError) bool {
	return !slices.ContainsFunc(canceled.Reasons, func(r txn.Reason) bool {
		return r.Code != "None" && r.Code != "TransactionConflict" && r.Code != "ThrottlingError"
	})
}

// audit reads all accounts at one moment; their sum must be what it always was.
func (b *bank) audit(ctx context.Context, c *dynamodb.Client) {
	list := make([]account, bankAccounts)
	var gets []txn.Reading
	for i := range list {
		gets = append(gets, txn.Get(b.auditor, account{ID: number(i)}, &list[i]))
	}
	err := txn.Read(ctx, c, gets...)
	sum := int64(0)
	negative := false
	for _, a := range list {
		sum += a.Balance
		negative = negative || a.Balance < 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.n.Audits++; err != nil || sum != bankAccounts*bankOpening || negative {
		b.complain = append(b.complain, fmt.Sprintf("an audit finds %d, negative %v, error %v", sum, negative, err))
	}
}

// balance compares what is stored with what is known of the transfers.
func (b *bank) balance(ctx context.Context) {
	for id, want := range b.expected {
		a, err := b.auditor.Get(ctx, account{ID: id})
		if err != nil || a.Balance != want {
			b.complain = append(b.complain, fmt.Sprintf("account %s has %d, want %d: %v", id, a.Balance, want, err))
		}
	}
	found := 0
	for e, err := range b.ledger.Scan().All(ctx) {
		if err != nil || !b.done[e.ID] {
			b.complain = append(b.complain, fmt.Sprintf("the ledger has transfer %s, which was not done: %v", e.ID, err))
		}
		found++
	}
	want := 0
	for _, recorded := range b.done {
		if recorded {
			want++
		}
	}
	if found != want {
		b.complain = append(b.complain, fmt.Sprintf("the ledger has %d transfers, want %d", found, want))
	}
}

// run makes all transfers, and returns what is wrong.
func (b *bank) run(ctx context.Context, engine *repotest.Engine, transfers int) []string {
	calm := b.auditor.Sender().Client().(*dynamodb.Client)
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range bankWorkers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(1, uint64(w)))
			for id := int(next.Add(1)); id <= transfers; id = int(next.Add(1)) {
				b.transfer(ctx, id, rng)
				if id%100 == 0 {
					b.audit(ctx, calm)
				}
			}
		})
	}
	wg.Wait()
	engine.Heal()
	b.balance(ctx)
	return b.complain
}

// badDay is what happens to the attempts of one transfer's commits.
type badDay struct {
	conflicts bool        // more than others
	blackout  bool        // no answer arrives
	after     bool        // the blackout's, though the requests did
	arrived   bool        // a request did whose answer was lost
	met       atomic.Bool // a conflict
}

// weather is a transport on which requests, answers and partitions fail.
type weather struct {
	next dynamodb.HTTPClient
	mu   sync.Mutex
	rng  *rand.Rand
}

func (w *weather) chance() float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rng.Float64()
}

func (w *weather) Do(r *http.Request) (*http.Response, error) {
	day, ok := r.Context().Value(badDay{}).(*badDay)
	if !ok {
		return w.next.Do(r)
	}
	time.Sleep(time.Duration(w.chance() * float64(20*time.Millisecond)))
	switch p := w.chance(); {
	case day.blackout && !day.after, p < 0.02:
		return nil, errReset
	case day.blackout, p < 0.04:
		day.arrived = true
		return lose(func() (*http.Response, error) { return w.next.Do(r) })
	case p < 0.05:
		return answer(500, `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"m"}`), nil
	case day.arrived && p < 0.2: // DynamoDB cancels nothing that it may have carried out
		return answer(400, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionInProgressException","Message":"m"}`), nil
	case day.arrived:
	case p < 0.06:
		return answer(400, canceledAnswer("ThrottlingError", "")), nil
	case p < 0.07 || day.conflicts && p < 0.6:
		day.met.Store(true)
		return answer(400, canceledAnswer("", "TransactionConflict")), nil
	}
	return w.next.Do(r)
}

// Money is moved by many at once, on a bad day: the total never changes, nothing is applied twice, and every transfer comes to a
// known end.
func TestBank(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := repotest.New()
		b, err := openBank(t.Context(), engine, func(next dynamodb.HTTPClient) dynamodb.HTTPClient {
			return &weather{next: next, rng: rand.New(rand.NewPCG(2, 3))}
		})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		complaints := b.run(t.Context(), engine, bankTransfers())
		t.Logf("%+v, in %v of the bank's time", b.n, time.Since(begin))
		for _, c := range complaints[:min(len(complaints), 10)] {
			t.Error(c)
		}
		n := b.n
		if n.Unknown*100 < n.Transfers || n.UnknownTwice == 0 || n.Conflicts*20 < n.Transfers || n.Refused == 0 || n.Audits*200 < n.Transfers || n.Done*2 < n.Transfers {
			t.Errorf("the day was too good for a test: %+v", n)
		}
	})
}

// A bank whose requests are sent again under other tokens must not pass: the test of the test.
func TestBankNoticesOtherTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := repotest.New()
		b, err := openBank(t.Context(), engine, func(next dynamodb.HTTPClient) dynamodb.HTTPClient {
			return &weather{next: forgetful{next}, rng: rand.New(rand.NewPCG(2, 3))}
		})
		if err != nil {
			t.Fatal(err)
		}
		complaints := strings.Join(b.run(t.Context(), engine, 1000), "\n")
		for _, want := range []string{"already exists", "account"} {
			if !strings.Contains(complaints, want) {
				t.Errorf("nothing is said of %s", want)
			}
		}
	})
}

// forgetful gives each attempt a token of its own.
type forgetful struct{ next dynamodb.HTTPClient }

var clientToken = regexp.MustCompile(`"ClientRequestToken":"[^"]*"`)

func (f forgetful) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	body = clientToken.ReplaceAll(slices.Clone(body), fmt.Appendf(nil, `"ClientRequestToken":"%020d"`, rand.Int64()))
	again := r.Clone(r.Context())
	again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return f.next.Do(again)
}
