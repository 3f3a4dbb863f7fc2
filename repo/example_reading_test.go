package repo_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// A page can begin behind any item: here with the neighbours of one, on both sides.
func ExampleQuery_CursorAt() {
	ctx, tickets := exampleTickets()
	middle, err := tickets.Get(ctx, Ticket{Board: "b1", ID: "t2"})
	if err != nil {
		panic(err)
	}
	q := tickets.Query(ticketBoard.Eq("b1")).Limit(1)
	for _, side := range []repo.Query[Ticket]{q.Desc(), q} {
		at, err := side.CursorAt(middle)
		if err != nil {
			panic(err)
		}
		page, err := side.Page(ctx, at)
		fmt.Println(page.Items[0].ID, err)
	}

	_, err = tickets.Query(ticketBoard.Eq("b2")).CursorAt(middle)
	fmt.Println(errors.Is(err, repo.ErrInvalidValue))
	// Output:
	// t1 <nil>
	// t3 <nil>
	// true
}

// An index that holds keys alone is small. Items that lack something are never made of it: they are fetched, or it is said what lacks.
func ExampleQuery_Hydrate() {
	ctx, c := context.Background(), repotest.NewClient()
	slim := repo.Table{Name: "board", Indexes: []repo.Index{{Name: "gsi1", KeysOnly: true}}}
	slim.Observe = func(_ context.Context, call repo.Call) { fmt.Println(call.Operation) }
	tickets := repo.Must(repo.New[Ticket](c, slim))
	if err := repo.CreateTable(ctx, c, slim, tickets); err != nil {
		panic(err)
	}
	if _, err := tickets.Create(ctx, Ticket{Board: "b1", ID: "t1", State: "open", Due: time.Unix(0, 1), Votes: 3}); err != nil {
		panic(err)
	}
	_, err := tickets.Query(ticketState.Eq("open")).First(ctx)
	fmt.Println(err)

	t, err := tickets.Query(ticketState.Eq("open")).Hydrate().First(ctx)
	fmt.Println(t.ID, t.Votes, err)
	// Output:
	// PutItem
	// repo: Query Ticket: no index serves this query: the table needs Board to be equal to a value; index gsi1 lacks the attributes of Board, ID, State, Due, Votes; fetch whole items with Hydrate
	// Query
	// BatchGetItem
	// t1 3 <nil>
}

// Visit is written faster than one partition takes: four shards share the visits of a day.
type Visit struct {
	_ struct{} `entity:"Visit" pk:"VISITS#{At|day}#{ID|shard=4}" sk:"{At}#{ID}"`

	At time.Time `dynamodbav:"at"`
	ID string    `dynamodbav:"id"`
}

var visitAt = expr.Field(func(v *Visit) *time.Time { return &v.At })

// A query over shards and buckets of time is written like any other. Shards are read in parallel and merged, and the days of a range
// are read one after another.
func ExampleQuery_shards() {
	ctx, c := context.Background(), repotest.NewClient()
	table := repo.Table{Name: "visits"}
	visits := repo.Must(repo.New[Visit](c, table))
	if err := repo.CreateTable(ctx, c, table, visits); err != nil {
		panic(err)
	}
	noon := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for i, id := range []string{"ada", "grace", "alan", "barbara"} {
		if _, err := visits.Create(ctx, Visit{At: noon.Add(time.Duration(i) * 10 * time.Hour), ID: id}); err != nil {
			panic(err)
		}
	}
	q := visits.Query(visitAt.Ge(noon.Add(time.Hour)), visitAt.Lt(noon.AddDate(0, 0, 1)))
	plan, err := q.Explain()
	fmt.Println(plan.Partitions, err)
	for v, err := range q.All(ctx) {
		fmt.Println(v.At.Format(time.DateTime), v.ID, err)
	}

	page, err := q.Limit(1).Page(ctx, "")
	fmt.Println(page.Items[0].ID, err)
	page, err = q.Limit(1).Page(ctx, page.Next)
	fmt.Println(page.Items[0].ID, err)
	// Output:
	// 8 <nil>
	// 2026-03-10 22:00:00 grace <nil>
	// 2026-03-11 08:00:00 alan <nil>
	// grace <nil>
	// alan <nil>
}
