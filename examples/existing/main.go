// Command existing puts repositories on a table that was there before them. Its keys have a delimiter of their own and numbers
// without padding, its attributes have names of their own, and most rows do not say what they are. None of that changes: the program
// that made the table could go on beside this one.
//
//	go run ./examples/existing
//	go run ./examples/existing -endpoint http://localhost:8000
//
// Read legacy.go first, which makes the table with the SDK alone, then entities.go, which declares it.
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
		fmt.Fprintln(os.Stderr, "existing:", err)
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
	old := &legacy{c}
	if err := old.create(ctx); err != nil {
		return err
	}
	if err := old.fill(ctx); err != nil {
		return err
	}
	return tell(ctx, old, out)
}
