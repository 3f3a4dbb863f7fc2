// Command tenants is an HTTP API of notes that many companies share: one table, and for each request the repository of one tenant. Which
// tenant says the token that the request carries, and nothing else in it: whatever stands in paths and bodies, the notes of another one
// are out of reach. The command starts the API, and walks through it as two companies that name their notes alike, and as one that
// tries to get at the other's.
//
//	go run ./examples/tenants
//	go run ./examples/tenants -endpoint http://localhost:8000
//	go run ./examples/tenants -listen 127.0.0.1:8080   # serves: curl -H 'Authorization: Bearer acme-token' http://127.0.0.1:8080/notes
//
// Read api.go first.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo/client"
	"github.com/monotable/monotable/repo/repotest"
)

func main() {
	endpoint := flag.String("endpoint", "", "`URL` of a DynamoDB server, such as http://localhost:8000; without one the table is in memory")
	listen := flag.String("listen", "", "serve at this `address` until interrupted, and tell no story")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := connectAndRun(ctx, *endpoint, *listen, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tenants:", err)
		os.Exit(1)
	}
}

func connectAndRun(ctx context.Context, endpoint, listen string, out io.Writer) error {
	c, err := connect(ctx, endpoint)
	if err != nil {
		return err
	}
	if listen == "" {
		return run(ctx, c, out)
	}
	a, err := openAPI(ctx, c)
	if err != nil {
		return err
	}
	server := &http.Server{Addr: listen, Handler: a}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func connect(ctx context.Context, endpoint string) (*dynamodb.Client, error) {
	if endpoint == "" {
		return repotest.NewClient(), nil
	}
	return client.New(ctx, endpoint)
}

// run plays the story on a server, and writes it to out.
func run(ctx context.Context, c *dynamodb.Client, out io.Writer) error {
	a, err := openAPI(ctx, c)
	if err != nil {
		return err
	}
	return tell(ctx, a, out)
}
