// Package storytest tests programs that tell a story: what such a program prints is the same on every engine, and the second time on
// one server too, and it is what the file testdata/output.txt of its package says. go test -update writes the file anew.
package storytest

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp" //nolint:depguard // only tests may import this package
)

var update = flag.Bool("update", false, "write testdata/output.txt anew")

// Output plays a story twice on the embedded engine, and twice on the server at DYNAMODB_ENDPOINT. Without one the second half is
// skipped, or fails where INTEGRATION is "required". The program connects to an endpoint, of which none is the engine of its own, and
// plays the story on what it is connected to.
func Output(t *testing.T, connect func(ctx context.Context, endpoint string) (*dynamodb.Client, error), play func(context.Context, *dynamodb.Client, io.Writer) error) {
	t.Helper()
	for _, engine := range []struct{ name, endpoint string }{
		{"embedded", ""},
		{"dynamodb-local", os.Getenv("DYNAMODB_ENDPOINT")},
	} {
		t.Run(engine.name, func(t *testing.T) {
			switch missing := engine.name != "embedded" && engine.endpoint == ""; {
			case missing && os.Getenv("INTEGRATION") == "required":
				t.Fatal("DYNAMODB_ENDPOINT is not set, and INTEGRATION=required")
			case missing:
				t.Skip("no DynamoDB Local: run make test, or DYNAMODB_ENDPOINT=$(integration/dynamodb-local.sh start) go test ./examples/...")
			}
			c, err := connect(t.Context(), engine.endpoint)
			if err != nil {
				t.Fatal(err)
			}
			for _, turn := range []string{"first", "second"} {
				var out bytes.Buffer
				if err := play(t.Context(), c, &out); err != nil {
					t.Fatalf("the %s time: %v", turn, err)
				}
				compare(t, turn, out.Bytes())
			}
		})
	}
}

func compare(t *testing.T, turn string, got []byte) {
	t.Helper()
	golden := filepath.Join("testdata", "output.txt")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the %s time: -want +got\n%s", turn, diff)
	}
}
