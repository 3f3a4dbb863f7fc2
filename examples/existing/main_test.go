package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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
				t.Skip("no DynamoDB Local: run make test, or DYNAMODB_ENDPOINT=$(integration/dynamodb-local.sh start) go test ./examples/existing")
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

// Every old row that is declared would be written again as it is, but for its Kind and for what nobody declared.
func TestWrittenAsTheyWere(t *testing.T) {
	c := repotest.NewClient()
	users, orders := repo.Must(repo.New[User](c, table)), repo.Must(repo.New[Order](c, table))
	mails, calls := repo.Must(repo.New[Mail](c, table)), repo.Must(repo.New[Call](c, table))
	decoder, err := repo.NewDecoder(users, orders, mails, calls)
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	for _, r := range rows {
		item := r.item()
		v, err := decoder.Decode(item)
		if err != nil {
			continue
		}
		known++
		var again map[string]types.AttributeValue
		switch v := v.(type) {
		case User:
			again, err = users.Encode(v)
		case Order:
			again, err = orders.Encode(v)
		case Mail:
			again, err = mails.Encode(v)
		case Call:
			again, err = calls.Encode(v)
		}
		if err != nil {
			t.Errorf("%v: %v", r, err)
		}
		delete(again, "Kind")
		delete(item, "Kind")
		delete(item, "Flags")
		if diff := cmp.Diff(item, again, cmpopts.IgnoreUnexported(types.AttributeValueMemberS{}, types.AttributeValueMemberN{})); diff != "" {
			t.Errorf("%v: -was +is\n%s", r, diff)
		}
	}
	if known != len(rows)-1 {
		t.Errorf("%d of %d rows are known; all are but the audit's", known, len(rows))
	}
}
