// Command bulkload writes a file of parts, one JSON document a line, into a DynamoDB table: as fast as the table takes them, with a
// line that shows the progress, and so that it can be stopped at any time. Ctrl-C prints the books and keeps in a file what is left;
// the same command again goes on from there, unless the table was in memory and is gone with the command.
//
//	go run ./examples/bulkload                                       into memory, from a file that it makes up
//	go run ./examples/bulkload -endpoint http://localhost:8000 -file parts.jsonl
//
// Read load.go first: a batch does the work, and its error says what is left.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo/client"
	"github.com/monotable/monotable/repo/repotest"
)

func main() {
	endpoint := flag.String("endpoint", "", "`URL` of the DynamoDB server, such as http://localhost:8000; without one it is in memory")
	file := flag.String("file", "", "the `file` to load; without one it is made up")
	workers := flag.Int("workers", 16, "requests at a time")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := prepareAndRun(ctx, *endpoint, *file, *workers, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bulkload:", err)
		os.Exit(1)
	}
}

func prepareAndRun(ctx context.Context, endpoint, file string, workers int, out io.Writer) error {
	c, err := connect(ctx, endpoint, workers)
	if err != nil {
		return err
	}
	if file == "" {
		if file, err = makeUp(); err != nil {
			return err
		}
	}
	j := job{file: file, workers: workers, out: out}
	if endpoint != "" {
		j.left = file + ".left"
	}
	return j.run(ctx, c)
}

// connect is a client of the server or, without one, of an engine in memory that takes its time as a server does.
func connect(ctx context.Context, endpoint string, workers int) (*dynamodb.Client, error) {
	if endpoint != "" {
		return client.New(ctx, endpoint, func(o *client.Options) { o.MaxIdleConns = max(workers, 64) })
	}
	slow := repotest.Rule{Operation: "BatchWriteItem", Fault: repotest.Latency(20 * time.Millisecond)}
	return repotest.NewClient(repotest.WithFaults(slow)), nil
}

// makeUp writes a file of 12,000 parts, unless it is there from the last time.
func makeUp() (string, error) {
	name := filepath.Join(os.TempDir(), "bulkload-parts.jsonl")
	if _, err := os.Stat(name); err == nil || !errors.Is(err, os.ErrNotExist) {
		return name, err
	}
	return name, writeParts(name, 12_000)
}
