package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
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
				t.Skip("no DynamoDB Local: run make test, or DYNAMODB_ENDPOINT=$(integration/dynamodb-local.sh start) go test ./examples/leaderboard")
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

// A page is at one place in all shards, so the pages together are the board, whatever their size.
func TestPagesOfAnySize(t *testing.T) {
	b, err := openBoard(t.Context(), repotest.NewClient())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	q := (&teller{board: b}).ranking()
	want, err := repo.Collect(q.All(t.Context()))
	if err != nil || len(want) != len(players) {
		t.Fatalf("%d scores, %v", len(want), err)
	}
	if !slices.IsSortedFunc(want, func(a, b Score) int { return b.Points - a.Points }) {
		t.Errorf("not the best first: %v", want)
	}
	for _, size := range []int{2, 5, len(want), len(want) + 1} {
		var got []Score
		for cursor, first := repo.Cursor(""), true; first || cursor != ""; first = false {
			page, err := q.Limit(size).Page(t.Context(), cursor)
			if err != nil {
				t.Fatal(err)
			}
			got, cursor = append(got, page.Items...), page.Next
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d: -want +got\n%s", size, diff)
		}
	}
}
