package integration

import (
	"errors"
	"net/http"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo"
)

// losing loses the first request of an operation before or after it is carried out. What then happens elsewhere happens before the
// next attempt.
func losing(operation string, after bool, meanwhile func()) func(dynamodb.HTTPClient) dynamodb.HTTPClient {
	var once sync.Once
	return func(next dynamodb.HTTPClient) dynamodb.HTTPClient {
		return doer(func(r *http.Request) (*http.Response, error) {
			lost := false
			if r.Header.Get("X-Amz-Target") == "DynamoDB_20120810."+operation {
				once.Do(func() { lost = true })
			}
			if !lost {
				return next.Do(r)
			}
			var err error
			if after {
				var resp *http.Response
				if resp, err = next.Do(r); err == nil {
					err = resp.Body.Close()
				}
			}
			meanwhile()
			return nil, errors.Join(dropped(), err)
		})
	}
}

// Two writers do the same, and the first one's request is lost. Nobody is told that he won who did not.
func TestTwins(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *server) {
		for _, writeID := range []string{"", "_wid"} {
			for _, after := range []bool{false, true} {
				t.Run(twinName(writeID, after), func(t *testing.T) {
					x := openTapes(t, s, writeID, func(c dynamodb.HTTPClient) dynamodb.HTTPClient { return c })
					x.twinAdds(t, writeID, after)
					x.twinCreates(t, writeID, after)
				})
			}
		}
	})
}

func twinName(writeID string, after bool) string {
	name := "without a write id, "
	if writeID != "" {
		name = "with a write id, "
	}
	if after {
		return name + "lost afterwards"
	}
	return name + "lost before"
}

// twinAdds has both add the same to the same version.
func (x tapes) twinAdds(t *testing.T, writeID string, after bool) {
	t.Helper()
	ctx := t.Context()
	v, err := x.wallets.Create(ctx, wallet{ID: "w"})
	if err != nil {
		t.Fatal(err)
	}
	var second error
	first := x.behind(t, losing("UpdateItem", after, func() { _, second = x.wallets.Update(ctx, v, walletSum.Add(5)) }))
	_, err = first.wallets.Update(ctx, v, walletSum.Add(5))
	won := int64(0)
	for _, e := range []error{err, second} {
		if e == nil {
			won++
		} else if !errors.Is(e, repo.ErrOutcomeUnknown) && !errors.Is(e, repo.ErrVersionConflict) {
			t.Errorf("an addition: %v", e)
		}
	}
	if sum := x.sumOf(t, "WALLET#w", "WALLET"); sum != 5 || won > 1 || (writeID != "" || !after) && sum != 5*won {
		t.Errorf("the sum is %d, and %d were told that they added: %v, %v", sum, won, err, second)
	}
}

// twinCreates has both create the same item.
func (x tapes) twinCreates(t *testing.T, writeID string, after bool) {
	t.Helper()
	ctx := t.Context()
	var second error
	first := x.behind(t, losing("PutItem", after, func() { _, second = x.taps.Create(ctx, tap{ID: "twin"}) }))
	_, err := first.taps.Create(ctx, tap{ID: "twin"})
	won := 0
	for _, e := range []error{err, second} {
		if e == nil {
			won++
		} else if !errors.Is(e, repo.ErrOutcomeUnknown) && !errors.Is(e, repo.ErrAlreadyExists) {
			t.Errorf("a Create: %v", e)
		}
	}
	if won > 1 || writeID != "" && won != 1 {
		t.Errorf("%d were told that they created the item: %v, %v", won, err, second)
	}
	if errors.Is(err, repo.ErrAlreadyExists) {
		t.Errorf("the first is told that another was there, which nobody knows: %v", err)
	}
}
