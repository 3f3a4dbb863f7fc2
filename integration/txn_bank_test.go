package integration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/txn"
)

var errCut = errors.New("the connection was cut")

// faulty is a transport that loses requests and answers of transactions, and has others at work on their items.
type faulty struct {
	next dynamodb.HTTPClient
	mu   sync.Mutex
	rng  *rand.Rand
}

// dark marks the context of a commit that hears nothing.
type dark struct{}

func (f *faulty) Do(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems") {
		return f.next.Do(r)
	}
	f.mu.Lock()
	p := f.rng.Float64()
	f.mu.Unlock()
	hears := r.Context().Value(dark{}) == nil
	switch {
	case p < 0.05, !hears && p < 0.5:
		return nil, errCut
	case p < 0.1, !hears:
		resp, err := f.next.Do(r)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		return nil, errors.Join(errCut, err, resp.Body.Close())
	case p < 0.15:
		body := `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionInProgressException","Message":"m"}`
		return &http.Response{StatusCode: 400, Header: http.Header{}, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body))}, nil
	}
	return f.next.Do(r)
}

// Coins move between purses through a faulty transport: their number never changes, no transfer is made twice, and each comes to a
// known end.
func TestTxnBank(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *server) {
		calm := newTreasury(t, s)
		c := dynamodb.New(s.Options(), func(o *dynamodb.Options) {
			o.HTTPClient = &faulty{next: o.HTTPClient, rng: rand.New(rand.NewPCG(1, 2))}
		})
		const purses, opening, workers, transfers = 10, 100, 8, 40
		for i := range purses {
			put(t, calm.purses, purse{ID: fmt.Sprint(i), Owner: fmt.Sprint("owner", i), Coins: opening})
		}
		bank := &treasury{table: calm.table, purses: repo.Must(repo.New[purse](c, calm.table)), receipts: repo.Must(repo.New[receipt](c, calm.table))}
		var mu sync.Mutex
		var unknown, done, refused int
		made := map[string]bool{}
		expected := map[string]int64{}
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(3, uint64(w)))
				for i := range transfers {
					from := rng.IntN(purses)
					to := (from + 1 + rng.IntN(purses-1)) % purses
					id, coins := fmt.Sprint(w, "-", i), 1+rng.Int64N(60)
					tx := txn.New(c).Add(
						txn.Update(bank.purses.If(purseCoins.Ge(coins)), purse{ID: fmt.Sprint(from)}, purseCoins.Sub(coins)),
						txn.Update(bank.purses, purse{ID: fmt.Sprint(to)}, purseCoins.Add(coins)),
						txn.Create(bank.receipts, receipt{ID: id, Coins: coins}),
					)
					ctx := t.Context()
					if rng.IntN(20) == 0 {
						ctx = context.WithValue(ctx, dark{}, true)
					}
					err := tx.Commit(ctx)
					first := errors.Is(err, txn.ErrOutcomeUnknown)
					for range 2 {
						if errors.Is(err, txn.ErrOutcomeUnknown) {
							err = tx.Commit(t.Context())
						}
					}
					mu.Lock()
					if first {
						unknown++
					}
					switch {
					case err == nil:
						done++
						made[id] = true
						expected[fmt.Sprint(from)] -= coins
						expected[fmt.Sprint(to)] += coins
					case errors.Is(err, repo.ErrConditionFailed) && !errors.Is(err, repo.ErrAlreadyExists):
						refused++
					default:
						t.Errorf("transfer %s: %v", id, err)
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		t.Logf("%d done, %d refused, %d unknown at first", done, refused, unknown)
		if unknown == 0 || refused == 0 || done == 0 {
			t.Error("the day was too good for a test")
		}
		total := int64(0)
		for i := range purses {
			p, _ := calm.read(t, fmt.Sprint(i))
			if total += p.Coins; p.Coins != opening+expected[p.ID] || p.Coins < 0 {
				t.Errorf("purse %s has %d coins, want %d", p.ID, p.Coins, opening+expected[p.ID])
			}
		}
		if total != purses*opening {
			t.Errorf("there are %d coins, want %d", total, purses*opening)
		}
		found := 0
		for r, err := range calm.receipts.Scan().All(t.Context()) {
			if found++; err != nil || !made[r.ID] {
				t.Errorf("receipt %s is of no transfer: %v", r.ID, err)
			}
		}
		if found != done {
			t.Errorf("there are %d receipts of %d transfers", found, done)
		}
	})
}
