package transact_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/internal/transact"
)

// canceled is the error of a transaction whose operations have these codes; "-" is a reason without a code.
func canceled(codes ...string) error {
	e := &types.TransactionCanceledException{}
	for i, code := range codes {
		r := types.CancellationReason{Code: aws.String(code), Item: map[string]types.AttributeValue{"i": &types.AttributeValueMemberN{Value: fmt.Sprint(i)}}}
		if code == "-" {
			r.Code = nil
		}
		e.CancellationReasons = append(e.CancellationReasons, r)
	}
	return &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "TransactWriteItems", Err: e}
}

var codes = []string{"ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "ItemCollectionSizeLimitExceeded",
	"ValidationError", "DuplicateItem", "AccessDenied", "SomethingNew"}

func TestReasonsAtEveryPosition(t *testing.T) {
	const n = 5
	for _, code := range codes {
		for at := range n {
			all := slices.Repeat([]string{"None"}, n)
			all[at] = code
			reasons := transact.Reasons(canceled(all...), n)
			for i, r := range reasons {
				if r.Code != all[i] || r.Innocent() != (i != at) || len(r.Item) != 1 {
					t.Errorf("%s at %d: operation %d has %+v", code, at, i, r)
				}
			}
			conflict := code == "TransactionConflict" || code == "ThrottlingError" || code == "ProvisionedThroughputExceeded"
			if got := transact.IsConflict(canceled(all...)); got != conflict {
				t.Errorf("%s at %d: a conflict: %v", code, at, got)
			}
			if !transact.IsCanceled(canceled(all...)) {
				t.Errorf("%s at %d: not canceled", code, at)
			}
		}
	}
}

func TestConflictsAlone(t *testing.T) {
	for _, c := range []struct {
		reason string
		err    error
		want   bool
	}{
		{"a conflict and a throttle", canceled("TransactionConflict", "None", "ThrottlingError"), true},
		{"a conflict and a failed condition, which stays", canceled("TransactionConflict", "ConditionalCheckFailed"), false},
		{"the other way round", canceled("ConditionalCheckFailed", "TransactionConflict"), false},
		{"a conflict and a code that nobody knows", canceled("TransactionConflict", "SomethingNew"), false},
		{"a conflict and a reason without a code", canceled("-", "TransactionConflict"), true},
		{"nobody did anything", canceled("None", "None"), false},
		{"no reasons", canceled(), false},
		{"another error", &types.TransactionConflictException{}, false},
		{"none", nil, false},
	} {
		if got := transact.IsConflict(c.err); got != c.want {
			t.Errorf("%s: %v", c.reason, got)
		}
	}
}

func TestReasonsOfOtherShapes(t *testing.T) {
	for _, c := range []struct {
		reason string
		err    error
		n      int
		want   []string
	}{
		{"fewer reasons than operations", canceled("ConditionalCheckFailed"), 3, []string{"ConditionalCheckFailed", "None", "None"}},
		{"more reasons than operations", canceled("None", "ConditionalCheckFailed", "ValidationError"), 2, []string{"None", "ConditionalCheckFailed"}},
		{"no reasons", canceled(), 2, []string{"None", "None"}},
		{"a reason without a code", canceled("-", "None"), 2, []string{"None", "None"}},
		{"no operations", canceled("ConditionalCheckFailed"), 0, nil},
		{"a validation error of the whole", &smithy.GenericAPIError{Code: "ValidationException", Message: "[a, b]"}, 2, []string{"None", "None"}},
		{"another error", errors.New("?"), 1, []string{"None"}},
		{"no error", nil, 1, []string{"None"}},
	} {
		reasons := transact.Reasons(c.err, c.n)
		var got []string
		for _, r := range reasons {
			got = append(got, r.Code)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, not %q", c.reason, got, c.want)
		}
	}
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		reason            string
		operations, bytes int
		good              bool
	}{
		{"none", 0, 0, false}, {"one", 1, 1, true}, {"a hundred", 100, 1, true}, {"one more", 101, 1, false},
		{"4 MB", 1, 4 << 20, true}, {"one byte more", 1, 4<<20 + 1, false},
	} {
		if err := transact.CheckLimits(c.operations, c.bytes); (err == nil) != c.good {
			t.Errorf("%s: %v", c.reason, err)
		}
	}
}

func TestTokens(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		token := transact.Token()
		if len(token) == 0 || len(token) > 36 || seen[token] {
			t.Fatalf("token %q: of a bad length, or made twice", token)
		}
		seen[token] = true
	}
}
