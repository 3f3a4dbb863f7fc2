// Command erase erases an account: every item of its collection, whatever its type, and the guards of its unique values, which stand in
// partitions of their own. It makes three accounts, erases one, and shows what is left of the table: nothing of that one, all of the
// others, and its email is free again.
//
//	go run ./examples/erase
//	go run ./examples/erase -endpoint http://localhost:8000
//
// Read erase.go first.
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
	endpoint := flag.String("endpoint", "", "`URL` of a DynamoDB server, such as http://localhost:8000; without it everything happens in this process")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := connectAndRun(ctx, *endpoint, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "erase:", err)
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
	s, err := openStore(ctx, c)
	if err != nil {
		return err
	}
	for _, id := range []string{"ann", "bob", "cy"} {
		if err := s.fill(ctx, id); err != nil {
			return err
		}
	}
	if err := s.show(ctx, out, "before:"); err != nil {
		return err
	}
	erased, err := s.erase(ctx, "bob")
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "erased of bob:", erased)
	if err := s.show(ctx, out, "after:"); err != nil {
		return err
	}
	_, err = s.accounts.Create(ctx, Account{ID: "bob2", Email: "bob@example.com"})
	fmt.Fprintln(out, "his email is free:", err == nil)
	return err
}
