// Command checkout places orders as transactions on one DynamoDB table: the order, its lines and the stock change together or not
// at all, and whatever stands in the way is explained to the customer in words.
//
//	go run ./examples/checkout                                   # on an engine in memory
//	go run ./examples/checkout -endpoint http://localhost:8000   # on a DynamoDB server
//
// Read checkout.go first: it is the transaction. words.go has the words.
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
		fmt.Fprintln(os.Stderr, "checkout:", err)
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
	s, err := openShop(ctx, c)
	if err != nil {
		return err
	}
	if err := s.fill(ctx); err != nil {
		return err
	}
	return s.tell(ctx, out)
}
