package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo/client"
	"github.com/monotable/monotable/repo/repotest"
)

var update = flag.Bool("update", false, "write testdata/output.txt anew")

// The story is the same on every engine, and the second time on one server too.
func TestOutput(t *testing.T) {
	for _, engine := range []struct {
		name    string
		connect func(*testing.T) *dynamodb.Client
	}{
		{"embedded", func(*testing.T) *dynamodb.Client { return repotest.NewClient() }},
		{"dynamodb-local", dynamoDBLocal},
	} {
		t.Run(engine.name, func(t *testing.T) {
			c := engine.connect(t)
			for _, turn := range []string{"first", "second"} {
				var out bytes.Buffer
				if err := run(t.Context(), c, &out); err != nil {
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

func dynamoDBLocal(t *testing.T) *dynamodb.Client {
	t.Helper()
	endpoint := os.Getenv("DYNAMODB_ENDPOINT")
	switch {
	case endpoint == "" && os.Getenv("INTEGRATION") == "required":
		t.Fatal("DYNAMODB_ENDPOINT is not set, and INTEGRATION=required")
	case endpoint == "":
		t.Skip(`no DynamoDB Local: run make test, or DYNAMODB_ENDPOINT=$(integration/dynamodb-local.sh start) go test ./examples/shop`)
	}
	c, err := client.New(t.Context(), endpoint)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Without an endpoint the shop brings its own engine.
func TestNothingIsNeeded(t *testing.T) {
	var out bytes.Buffer
	if err := connectAndRun(t.Context(), "", &out); err != nil || out.Len() == 0 {
		t.Errorf("without an endpoint: error %v, output %q", err, &out)
	}
}
