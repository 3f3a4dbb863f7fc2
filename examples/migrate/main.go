// Command migrate changes the declaration of a table while programs go on using it. An index and a unique field are added, and the
// entity and an attribute get other names. Nobody stops for it: it takes two releases, of which the first knows all that is new and
// still writes the old names. At the end Reindex brings up what was written before, and names what it cannot mend. The table is called
// monotable-migrate; one of that name is deleted first.
//
//	go run ./examples/migrate
//	go run ./examples/migrate -endpoint http://localhost:8000
//
// Read before.go first, which has the old declaration, then bridge.go and entities.go, which have those of the two releases. story.go
// has them replace one another, and reindex.go does what is left.
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
		fmt.Fprintln(os.Stderr, "migrate:", err)
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
	l := &live{c}
	if err := l.remove(ctx); err != nil {
		return err
	}
	if err := fill(ctx, c); err != nil {
		return err
	}
	return tell(ctx, l, out)
}
