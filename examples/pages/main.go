// Command pages is an HTTP API that hands out a list page by page. What leads from one page to the next is a sealed cursor: a client
// can keep it, bookmark it and send it back, but not read it, change it, or take it to another list. The command starts the API,
// walks through it as a client, and shows what becomes of bad cursors, and of good ones when the keys are changed.
//
//	go run ./examples/pages
//	go run ./examples/pages -endpoint http://localhost:8000
//	go run ./examples/pages -listen 127.0.0.1:8080            # serves: curl 'http://127.0.0.1:8080/journals/ada/entries?limit=2'
//
// Read api.go first.
package main

import (
	"context"
	"crypto/rand"
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
		fmt.Fprintln(os.Stderr, "pages:", err)
		os.Exit(1)
	}
}

func connectAndRun(ctx context.Context, endpoint, listen string, out io.Writer) error {
	c, err := connect(ctx, endpoint)
	if err != nil {
		return err
	}
	if listen != "" {
		return serve(ctx, c, listen)
	}
	return run(ctx, c, out)
}

func connect(ctx context.Context, endpoint string) (*dynamodb.Client, error) {
	if endpoint == "" {
		return repotest.NewClient(), nil
	}
	return client.New(ctx, endpoint)
}

// run plays the story on a server, and writes it to out.
func run(ctx context.Context, c *dynamodb.Client, out io.Writer) error {
	if err := fill(ctx, c); err != nil {
		return err
	}
	return tell(ctx, c, out)
}

// serve answers requests until the context ends.
func serve(ctx context.Context, c *dynamodb.Client, address string) error {
	if err := fill(ctx, c); err != nil {
		return err
	}
	a, err := newAPI(c, newKey())
	if err != nil {
		return err
	}
	server := &http.Server{Addr: address, Handler: a}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// newKey makes a key for cursors. Programs that run as several processes, or are started again, keep theirs with their other secrets.
func newKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return key
}
