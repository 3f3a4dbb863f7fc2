package main

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/monotable/monotable/internal/storytest"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// The story is the same on every engine, and the second time on one server too.
func TestOutput(t *testing.T) { storytest.Output(t, connect, run) }

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
