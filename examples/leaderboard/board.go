package main

import (
	"context"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/repo"
)

// board is the table.
type board struct {
	scores *repo.Repository[Score]
	spent  *meter
}

// openBoard makes the table, or checks the one that is there against the tags.
func openBoard(ctx context.Context, c *dynamodb.Client) (*board, error) {
	b := &board{spent: &meter{}}
	table := repo.Table{
		Name: "monotable-leaderboard",
		Indexes: []repo.Index{
			{Name: "board"},
			{Name: "byCountry", Hash: []string{"game", "country"}, Range: []string{"points"}},
		},
		Observe: b.spent.observe,
	}
	var err error
	if b.scores, err = repo.New[Score](c, table); err != nil {
		return nil, err
	}
	return b, repo.CreateTable(ctx, c, table, b.scores)
}

var (
	players = []string{"ada", "alan", "barbara", "claude", "dennis", "donald", "edith", "edsger", "frances", "grace", "hedy", "joan",
		"john", "katherine", "ken", "konrad", "leslie", "linus", "margaret", "niklaus", "peter", "radia", "rosa", "tony"}
	countries = []string{"DE", "FR", "GB", "US"}
)

// fill gives every player points in go, and some of them in chess. It is the same every time.
func (b *board) fill(ctx context.Context) error {
	var all []Score
	for i, player := range players {
		from := countries[i%len(countries)]
		all = append(all, Score{Player: player, Game: "go", Country: from, Points: 1000 + 50*(i*7%20)})
		if i%3 == 0 {
			all = append(all, Score{Player: player, Game: "chess", Country: from, Points: 1500 - i})
		}
	}
	return batch.New(b.scores, batch.Options{}).Put(ctx, all...)
}

// meter counts requests. Shards are read in parallel, so several goroutines come with theirs.
type meter struct{ requests atomic.Int64 }

func (m *meter) observe(context.Context, repo.Call) { m.requests.Add(1) }

// take reads the meter and sets it back.
func (m *meter) take() int64 { return m.requests.Swap(0) }
