// Command leaderboard keeps the points of a game's players on one DynamoDB table. The board of a game is written by all its players
// at once, so the index spreads it over sixteen partitions; what is read from it is one list all the same: the best five, page after
// page, the players around a player. A second index ranks the players of a country by the number itself.
//
//	go run ./examples/leaderboard
//	go run ./examples/leaderboard -endpoint http://localhost:8000
//
// Read entities.go first: the design is all in its tags. story.go asks.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo/client"
	"github.com/monotable/monotable/repo/repotest"
)

func main() {
	endpoint := flag.String("endpoint", "", "`URL` of a DynamoDB server, such as http://localhost:8000; without one the story is played in memory")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	c, err := connect(ctx, *endpoint)
	if err == nil {
		err = run(ctx, c, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "leaderboard:", err)
		os.Exit(1)
	}
}

func connect(ctx context.Context, endpoint string) (*dynamodb.Client, error) {
	if endpoint == "" {
		return repotest.NewClient(), nil
	}
	return client.New(ctx, endpoint)
}

// run plays the story on a server, and writes it to out.
func run(ctx context.Context, c *dynamodb.Client, out io.Writer) error {
	b, err := openBoard(ctx, c)
	if err != nil {
		return err
	}
	if err := b.fill(ctx); err != nil {
		return err
	}
	return tell(ctx, b, out)
}
