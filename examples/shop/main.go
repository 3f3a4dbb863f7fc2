// Command shop is a small shop on one DynamoDB table: customers, their orders, order lines, products, and an index of
// the orders that are still open. It makes the table, fills it, asks what a shop asks, and ships an order, which leaves
// the index with that. Everything that it stores has a fixed key, so it can be run again on the same server.
//
//	go run ./examples/shop
//	go run ./examples/shop -endpoint http://localhost:8000
//
// Read entities.go first: the design is all in its tags.
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
	endpoint := flag.String("endpoint", "", "`URL` of a DynamoDB server, such as http://localhost:8000; without it the shop runs on an engine in this process")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := connectAndRun(ctx, *endpoint, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

func connectAndRun(ctx context.Context, endpoint string, out io.Writer) error {
	c := repotest.NewClient()
	if endpoint != "" {
		var err error
		if c, err = client.New(ctx, endpoint); err != nil {
			return err
		}
	}
	return run(ctx, c, out)
}

// run plays the story on a server, and writes it to out.
func run(ctx context.Context, c *dynamodb.Client, out io.Writer) error {
	s, err := openShop(ctx, c)
	if err != nil {
		return err
	}
	if err := s.fill(ctx); err != nil {
		return err
	}
	return tell(ctx, s, out)
}
