package integration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// Writes whose requests and answers get lost, on both engines: the transport loses them, since DynamoDB Local never does.

type wallet struct {
	_ struct{} `entity:"Wallet" pk:"WALLET#{ID}" sk:"WALLET"`

	ID      string `dynamodbav:"id"`
	Sum     int    `dynamodbav:"sum"`
	Version int64  `dynamodbav:"version" repo:"version"`
}

type tap struct {
	_ struct{} `entity:"Tap" pk:"TAP#{ID}" sk:"TAP"`

	ID  string `dynamodbav:"id"`
	Sum int    `dynamodbav:"sum"`
}

type holder struct {
	_ struct{} `entity:"Holder" pk:"HOLDER#{ID}" sk:"HOLDER"`

	ID    string `dynamodbav:"id"`
	Email string `dynamodbav:"email" repo:"unique"`
}

var (
	walletSum   = expr.Number(func(w *wallet) *int { return &w.Sum })
	tapSum      = expr.Number(func(v *tap) *int { return &v.Sum })
	holderEmail = expr.String(func(h *holder) *string { return &h.Email })
)

// tapes are the repositories of one table, behind a transport of their own.
type tapes struct {
	*server
	table   repo.Table
	wallets *repo.Repository[wallet]
	taps    *repo.Repository[tap]
	holders *repo.Repository[holder]
}

func openTapes(t *testing.T, s *server, writeID string, wrap func(dynamodb.HTTPClient) dynamodb.HTTPClient) tapes {
	t.Helper()
	table := uniqueTable(t, repo.Table{WriteID: writeID})
	s.create(t, table, open[wallet](t, s, table), open[tap](t, s, table), open[holder](t, s, table))
	return tapes{s, table, nil, nil, nil}.behind(t, wrap)
}

// behind is the same table seen through another transport.
func (x tapes) behind(t *testing.T, wrap func(dynamodb.HTTPClient) dynamodb.HTTPClient) tapes {
	t.Helper()
	through := &server{Client: dynamodb.New(x.Options(), func(o *dynamodb.Options) { o.HTTPClient = wrap(o.HTTPClient) })}
	return tapes{x.server, x.table, open[wallet](t, through, x.table), open[tap](t, through, x.table), open[holder](t, through, x.table)}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

func dropped() error { return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET} }

// gale has every twentieth request throttled, lost before it is carried out, or lost afterwards, in turn.
func gale(losses *atomic.Int64) func(dynamodb.HTTPClient) dynamodb.HTTPClient {
	var sent atomic.Int64
	return func(next dynamodb.HTTPClient) dynamodb.HTTPClient {
		return doer(func(r *http.Request) (*http.Response, error) {
			n := sent.Add(1)
			switch {
			case n%20 != 0:
				return next.Do(r)
			case n/20%3 == 0:
				return &http.Response{StatusCode: 400, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"__type":"x#ThrottlingException","message":"m"}`))}, nil
			}
			losses.Add(1)
			if n/20%3 == 1 {
				return nil, dropped()
			}
			resp, err := next.Do(r)
			if err != nil {
				return nil, err
			}
			return nil, errors.Join(dropped(), resp.Body.Close())
		})
	}
}

// parallel runs eight writers.
func parallel(run func(w int, rnd *rand.Rand)) {
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() { run(w, rand.New(rand.NewPCG(uint64(w), 1))) })
	}
	wg.Wait()
}

// outcomes counts what calls answered.
type outcomes struct{ done, unknown, others atomic.Int64 }

func (n *outcomes) add(t *testing.T, err error, others ...error) {
	switch {
	case err == nil:
		n.done.Add(1)
	case errors.Is(err, repo.ErrOutcomeUnknown):
		n.unknown.Add(1)
	default:
		n.others.Add(1)
		for _, want := range others {
			if errors.Is(err, want) {
				return
			}
		}
		t.Error(err)
	}
}

func TestOutcomesInAGale(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *server) {
		for _, writeID := range []string{"", "_wid"} {
			var losses atomic.Int64
			x := openTapes(t, s, writeID, gale(&losses))
			var adds, exact, own, mods, uniques outcomes
			ctx := t.Context()
			parallel(func(w int, rnd *rand.Rand) {
				for i := range 15 {
					_, err := x.taps.Upsert(ctx, tap{ID: "add"}, tapSum.Add(1))
					adds.add(t, err)
					_, err = x.taps.ExactlyOnce().Upsert(ctx, tap{ID: fmt.Sprint("exact", w)}, tapSum.Add(1))
					exact.add(t, err)
					v, err := x.wallets.Create(ctx, wallet{ID: fmt.Sprint(w, "-", i)})
					own.add(t, err)
					if err == nil {
						_, err = x.wallets.Update(ctx, v, walletSum.Add(1))
						own.add(t, err)
					}
					_, err = x.taps.Modify(ctx, tap{ID: fmt.Sprint("exact", w)}, func(*tap) error { return nil })
					mods.add(t, err)
					h := holder{ID: fmt.Sprint(rnd.IntN(4)), Email: string(rune('a' + rnd.IntN(4)))}
					uniques.add(t, uniqueCall(ctx, x, h, rnd.IntN(4)), repo.ErrAlreadyExists, repo.ErrNotUnique, repo.ErrNotFound, repo.ErrConflict, repo.ErrConditionFailed)
				}
			})
			sum := x.sumOf(t, "TAP#add", "TAP")
			if sum < adds.done.Load() || sum > adds.done.Load()+adds.unknown.Load() {
				t.Errorf("the counter is %d after %d additions and %d unknown ones", sum, adds.done.Load(), adds.unknown.Load())
			}
			if exact.unknown.Load() > 0 || exact.done.Load() != 8*15 || x.sumOf(t, "TAP#exact0", "TAP") != 15 {
				t.Errorf("exactly once: %d done, %d unknown, the counter is %d", exact.done.Load(), exact.unknown.Load(), x.sumOf(t, "TAP#exact0", "TAP"))
			}
			unknown := adds.unknown.Load() + own.unknown.Load() + uniques.unknown.Load()
			if unknown > losses.Load() || losses.Load() == 0 || writeID != "" && own.unknown.Load() > 0 {
				t.Errorf("write id %q: %d outcomes are unknown, %d of rows that nobody else wrote, with %d losses", writeID, unknown, own.unknown.Load(), losses.Load())
			}
			x.checkHolders(t)
		}
	})
}

func uniqueCall(ctx context.Context, x tapes, h holder, verb int) error {
	var err error
	switch verb {
	case 0:
		_, err = x.holders.Create(ctx, h)
	case 1:
		_, err = x.holders.Put(ctx, h)
	case 2:
		_, err = x.holders.Update(ctx, h, holderEmail.Set(h.Email))
	default:
		err = x.holders.Delete(ctx, h)
	}
	return err
}

func (x tapes) sumOf(t *testing.T, pk, sk string) (n int64) {
	t.Helper()
	_, _ = fmt.Sscan(strings.Trim(written(x.stored(t, x.table, pk, sk))["sum"], "N:\"{}"), &n)
	return n
}

// checkHolders compares unique values and guards, one to one.
func (x tapes) checkHolders(t *testing.T) {
	t.Helper()
	values, guards := map[string]string{}, map[string]string{}
	p := dynamodb.NewScanPaginator(x, &dynamodb.ScanInput{TableName: &x.table.Name})
	for p.HasMorePages() {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range page.Items {
			pk := plainText(it["pk"])
			if email, guard := strings.CutPrefix(pk, "$UNIQUE#Holder#email#"); guard {
				guards[email] = plainText(listOf(it["_owner"])[0])
			} else if strings.HasPrefix(pk, "HOLDER#") {
				values[plainText(it["email"])] = pk
			}
		}
	}
	if !maps.Equal(values, guards) {
		t.Errorf("the values have the owners %v, and the guards %v", values, guards)
	}
}

func plainText(av types.AttributeValue) string {
	s, _ := av.(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

func listOf(av types.AttributeValue) []types.AttributeValue {
	l, _ := av.(*types.AttributeValueMemberL)
	if l == nil || len(l.Value) == 0 {
		return []types.AttributeValue{nil}
	}
	return l.Value
}
