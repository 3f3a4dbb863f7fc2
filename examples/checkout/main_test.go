package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo/repotest"
	"github.com/monotable/monotable/txn"
)

var update = flag.Bool("update", false, "write testdata/output.txt anew")

// The story is the same on every engine, and the second time on one server too.
func TestOutput(t *testing.T) {
	for _, engine := range []struct{ name, endpoint string }{
		{"embedded", ""},
		{"dynamodb-local", os.Getenv("DYNAMODB_ENDPOINT")},
	} {
		t.Run(engine.name, func(t *testing.T) {
			switch missing := engine.name != "embedded" && engine.endpoint == ""; {
			case missing && os.Getenv("INTEGRATION") == "required":
				t.Fatal("DYNAMODB_ENDPOINT is not set, and INTEGRATION=required")
			case missing:
				t.Skip("no DynamoDB Local: run make test, or DYNAMODB_ENDPOINT=$(integration/dynamodb-local.sh start) go test ./examples/checkout")
			}
			c, err := connect(t.Context(), engine.endpoint)
			if err != nil {
				t.Fatal(err)
			}
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

// What the story does not come to has its words too.
func TestWords(t *testing.T) {
	s, err := openShop(t.Context(), repotest.NewClient())
	if err != nil {
		t.Fatal(err)
	}
	b := Basket{Items: []Item{{SKU: "mug"}}}
	for _, c := range []struct {
		reason string
		err    error
		want   string
	}{
		{"a conflict", &txn.CanceledError{Reasons: []txn.Reason{{}, {}, {}, {Index: 3, Entity: "Product", Err: txn.ErrConflict}}},
			"Many people are ordering just now, and nothing was ordered. Please try again."},
		{"a cancellation for a reason that nobody knows", &txn.CanceledError{}, "Nothing was ordered. Please try again later."},
		{"anything else", errors.New("lightning"), "Something went wrong, and nothing was ordered. Please try again later."},
		{"an order without a customer", s.checkout(b).Commit(t.Context()), "There is something in the basket that cannot be ordered."},
	} {
		if got := s.explain(b, c.err); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: %q, want %q", c.reason, got, c.want)
		}
	}
}
