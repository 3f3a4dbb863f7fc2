package txn_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
	"github.com/monotable/monotable/txn"
)

// sentinels are all that a reason may be.
var sentinels = []error{
	repo.ErrNotFound, repo.ErrAlreadyExists, repo.ErrConditionFailed, repo.ErrIncompleteKey, repo.ErrInvalidKey, repo.ErrInvalidValue,
	repo.ErrStaleIndex, repo.ErrImmutable, repo.ErrTooLarge, repo.ErrWrongEntity, repo.ErrVersionConflict, repo.ErrNotUnique,
	txn.ErrConflict, txn.ErrOutcomeUnknown, txn.ErrTokenReused, txn.ErrUsed, txn.ErrInvalid,
}

// checkSentinels expects errors.Is to be true of these sentinels and of no others.
func checkSentinels(t *testing.T, where string, err error, want ...error) {
	t.Helper()
	for _, s := range sentinels {
		if is := errors.Is(err, s); is != slices.Contains(want, s) {
			t.Errorf("%s: errors.Is for %q is %v: %v", where, s, is, err)
		}
	}
}

// physical is an operation as DynamoDB counts them, and what a failed condition of it means.
type physical struct {
	what      string
	operation int // the caller's
	condition error
	field     string
}

// guardedOps are operations with no guard, one and two, and the physical ones that they are.
func guardedOps(s *shop) ([]txn.Operation, []physical) {
	return []txn.Operation{
			anAccount(s),
			aCustomer(s),
			aMember(s),
			txn.Update(s.accounts, account{ID: "a2"}, accountBalance.Add(1)),
			txn.Check(s.accounts.If(accountBalance.Ge(10)), account{ID: "a3"}),
		}, []physical{
			{"the first item", 0, repo.ErrAlreadyExists, ""},
			{"an item with one guard", 1, repo.ErrAlreadyExists, ""},
			{"an item with two guards", 2, repo.ErrAlreadyExists, ""},
			{"an update", 3, repo.ErrNotFound, ""},
			{"a check", 4, repo.ErrConditionFailed, ""},
			{"the only guard", 1, repo.ErrNotUnique, "Email"},
			{"the first of two guards", 2, repo.ErrNotUnique, "Nick"},
			{"the second of two guards", 2, repo.ErrNotUnique, "Badge"},
		}
}

var guardedVerbs = []string{"Create Account", "Create Customer", "Create Member", "Update Account", "Check Account"}

// checkReasons expects these operations to be blamed, with these codes, and no others.
func checkReasons(t *testing.T, where string, err error, blamed map[int]string) *txn.CanceledError {
	t.Helper()
	canceled, ok := errors.AsType[*txn.CanceledError](err)
	if !ok {
		t.Fatalf("%s: error %v, want a *txn.CanceledError", where, err)
	}
	if _, ok := errors.AsType[*types.TransactionCanceledException](err); !ok {
		t.Errorf("%s: the exception of the SDK is not reached", where)
	}
	if len(canceled.Reasons) != len(guardedVerbs) {
		t.Fatalf("%s: %d reasons for %d operations", where, len(canceled.Reasons), len(guardedVerbs))
	}
	for i, r := range canceled.Reasons {
		code, guilty := blamed[i]
		if !guilty {
			code = "None"
		}
		if r.Index != i || r.Operation+" "+r.Entity != guardedVerbs[i] || r.Code != code || (r.Err != nil) != guilty {
			t.Errorf("%s: the reason of operation %d, %s with code %s, is %+v", where, i, guardedVerbs[i], code, r)
		}
		if told := strings.Contains(err.Error(), fmt.Sprintf(": operation %d: ", i)); told != guilty {
			t.Errorf("%s: the text tells of operation %d: %v: %s", where, i, told, err)
		}
	}
	return canceled
}

// canceledAnswer is a cancellation with these codes; an empty one is an innocent operation.
func canceledAnswer(codes ...string) string {
	reasons := make([]string, len(codes))
	for i, code := range codes {
		if reasons[i] = `{"Code":"None"}`; code != "" {
			reasons[i] = `{"Code":"` + code + `","Message":"some text"}`
		}
	}
	return canceledWith(`"CancellationReasons":[` + strings.Join(reasons, ",") + `]`)
}

func canceledWith(member string) string {
	return `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"canceled",` + member + `}`
}

// commitAnswered commits the guarded operations, with a canned answer to each attempt.
func commitAnswered(t *testing.T, body string) (err error, attempts int) {
	t.Helper()
	c := &script{do: func(int, func() (*http.Response, error)) (*http.Response, error) { return answer(400, body), nil }}
	s := openShop(through(repotest.NewClient(), c))
	ops, _ := guardedOps(s)
	return txn.New(s.client).Add(ops...).Commit(t.Context()), c.sent()
}

// Each code of a cancellation, at each position, is bound to the operation that the caller added.
func TestReasonsByCodeAndPosition(t *testing.T) {
	_, list := guardedOps(openShop(repotest.NewClient()))
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			code     string
			attempts int
			sentinel error // but for a failed condition, where the operation says
		}{
			{"ConditionalCheckFailed", 1, nil},
			{"TransactionConflict", 8, txn.ErrConflict},
			{"ThrottlingError", 8, nil},
			{"ProvisionedThroughputExceeded", 8, nil},
			{"ItemCollectionSizeLimitExceeded", 1, nil},
			{"ValidationError", 1, nil},
			{"DuplicateItem", 1, nil},
			{"AccessDenied", 1, nil},
			{"InventedNextYear", 1, nil},
		} {
			for i, p := range list {
				where := c.code + " of " + p.what
				codes := make([]string, len(list))
				codes[i] = c.code
				err, attempts := commitAnswered(t, canceledAnswer(codes...))
				canceled := checkReasons(t, where, err, map[int]string{p.operation: c.code})
				if attempts != c.attempts {
					t.Errorf("%s: %d attempts, want %d", where, attempts, c.attempts)
				}
				want := c.sentinel
				if c.code == "ConditionalCheckFailed" {
					want = p.condition
				}
				if want != nil {
					checkSentinels(t, where, err, want)
					checkSentinels(t, where+", the reason", canceled.Reasons[p.operation].Err, want)
				} else {
					checkSentinels(t, where, err)
				}
				if c.code != "ConditionalCheckFailed" && c.code != "TransactionConflict" && !strings.Contains(err.Error(), c.code) {
					t.Errorf("%s: the text keeps the code to itself: %v", where, err)
				}
			}
		}
	})
}

// Several operations can be at fault; the item comes before its guards.
func TestSeveralReasons(t *testing.T) {
	const condition, conflict = "ConditionalCheckFailed", "TransactionConflict"
	for _, c := range []struct {
		reason string
		codes  [8]string
		blamed map[int]string
		want   []error
	}{
		{"two items", [8]string{0: condition, 3: condition}, map[int]string{0: condition, 3: condition}, []error{repo.ErrAlreadyExists, repo.ErrNotFound}},
		{"an item and its guard", [8]string{1: condition, 5: condition}, map[int]string{1: condition}, []error{repo.ErrAlreadyExists}},
		{"an item and another's guard", [8]string{1: condition, 6: condition}, map[int]string{1: condition, 2: condition}, []error{repo.ErrAlreadyExists, repo.ErrNotUnique}},
		{"both guards of an item", [8]string{6: condition, 7: condition}, map[int]string{2: condition}, []error{repo.ErrNotUnique}},
		{"a condition ends it, whatever conflicts beside it", [8]string{0: conflict, 4: condition}, map[int]string{0: conflict, 4: condition}, []error{txn.ErrConflict, repo.ErrConditionFailed}},
		{"a conflict of a guard beside a failed one", [8]string{5: conflict, 7: condition}, map[int]string{1: conflict, 2: condition}, []error{txn.ErrConflict, repo.ErrNotUnique}},
	} {
		err, attempts := commitAnswered(t, canceledAnswer(c.codes[:]...))
		checkReasons(t, c.reason, err, c.blamed)
		checkSentinels(t, c.reason, err, c.want...)
		if attempts != 1 {
			t.Errorf("%s: %d attempts", c.reason, attempts)
		}
	}
}

// Answers that are not as they should be are errors, and blame nobody without a reason.
func TestUnusualCancellations(t *testing.T) {
	const failed = `{"Code":"ConditionalCheckFailed"}`
	none := strings.Repeat(`{"Code":"None"},`, 7) + `{"Code":"None"}`
	for _, c := range []struct {
		reason  string
		body    string
		blamed  map[int]string
		refused bool // it is no cancellation, or none that can be read
	}{
		{"no list of reasons", canceledWith(`"X":1`), nil, false},
		{"null for a list", canceledWith(`"CancellationReasons":null`), nil, false},
		{"an empty list", canceledWith(`"CancellationReasons":[]`), nil, false},
		{"one reason too few", canceledAnswer("", "", "", "", "", "", ""), nil, false},
		{"one reason, that fails", canceledAnswer("ConditionalCheckFailed"), map[int]string{0: "ConditionalCheckFailed"}, false},
		{"one reason too many, that fails", canceledAnswer("", "", "", "", "", "", "", "", "ConditionalCheckFailed"), nil, false},
		{"reasons without a code", canceledWith(`"CancellationReasons":[{},{"Message":null},{"Code":null},` + failed + `]`), map[int]string{3: "ConditionalCheckFailed"}, false},
		{"nobody is guilty", canceledWith(`"CancellationReasons":[` + none + `]`), nil, false},
		{"an item of a strange type stands in the way", canceledWith(`"CancellationReasons":[{"Code":"ConditionalCheckFailed","Item":{"_type":{"N":"1"},"pk":{"BOOL":true}}}]`), map[int]string{0: "ConditionalCheckFailed"}, false},
		{"the newer shape of an invalid transaction", `{"__type":"com.amazon.coral.validate#ValidationException","message":"1 validation error"}`, nil, true},
		{"the newer shape, with reasons nevertheless", `{"__type":"com.amazon.coral.validate#ValidationException","message":"m","CancellationReasons":[` + failed + `]}`, nil, true},
		{"an exception that nobody knows", `{"__type":"com.amazonaws.dynamodb.v20120810#InventedNextYearException","message":"m"}`, nil, true},
		{"no answer at all", ``, nil, true},
	} {
		err, _ := commitAnswered(t, c.body)
		if c.refused {
			if _, ok := errors.AsType[*txn.Error](err); !ok {
				t.Errorf("%s: error %v, want a *txn.Error", c.reason, err)
			}
			checkSentinels(t, c.reason, err)
			continue
		}
		checkReasons(t, c.reason, err, c.blamed)
	}
}

// On the engine: each physical item fails in turn, and the operation that the caller added is named.
func TestEachPhysicalItemFails(t *testing.T) {
	for i, stand := range []func(*shop) txn.Operation{
		anAccount,
		func(s *shop) txn.Operation {
			return txn.Create(s.customers, customer{ID: "ada", Email: "other@example.com"})
		},
		func(s *shop) txn.Operation {
			return txn.Create(s.members, member{Team: "red", ID: "m1", Nick: "other", Badge: "other"})
		},
		func(s *shop) txn.Operation { return txn.Delete(s.accounts, account{ID: "a2"}) },
		func(s *shop) txn.Operation { return txn.Put(s.accounts, account{ID: "a3", Balance: 9}) },
		func(s *shop) txn.Operation {
			return txn.Create(s.customers, customer{ID: "bob", Email: "ada@example.com"})
		},
		func(s *shop) txn.Operation {
			return txn.Create(s.members, member{Team: "red", ID: "m2", Nick: "ACE", Badge: "other"})
		},
		func(s *shop) txn.Operation {
			return txn.Create(s.members, member{Team: "blue", ID: "m2", Nick: "Ace", Badge: "b1"})
		},
	} {
		s, engine := newShop(t)
		s.commit(t, txn.Create(s.accounts, account{ID: "a2"}), txn.Create(s.accounts, account{ID: "a3", Balance: 10}))
		s.commit(t, stand(s))
		before := rows(t, s)
		ops, list := guardedOps(s)
		p := list[i]
		sent := engine.Requests("TransactWriteItems")
		err := txn.New(s.client).Add(ops...).Commit(t.Context())
		canceled := checkReasons(t, p.what, err, map[int]string{p.operation: "ConditionalCheckFailed"})
		checkSentinels(t, p.what, err, p.condition)
		if e, ok := errors.AsType[*repo.Error](canceled.Reasons[p.operation].Err); !ok || e.Field != p.field || e.Op+" "+e.Entity != guardedVerbs[p.operation] {
			t.Errorf("%s: the error is %v, want field %q", p.what, canceled.Reasons[p.operation].Err, p.field)
		}
		if n := engine.Requests("TransactWriteItems") - sent; n != 1 {
			t.Errorf("%s: %d requests", p.what, n)
		}
		if !slices.Equal(before, rows(t, s)) {
			t.Errorf("%s: something was written", p.what)
		}
	}
}

// What stood in the way comes with the reason, in the same round trip.
func TestStored(t *testing.T) {
	s, engine := newShop(t)
	s.commit(t, anAccount(s), aDocument(s), aNote(s), aCustomer(s))
	damaged := repo.Must(repo.New[damagedAccount](s.client, shopTable))
	if _, err := damaged.Put(t.Context(), damagedAccount{ID: "a9", Balance: "much"}); err != nil {
		t.Fatal(err)
	}
	before := engine.Requests()
	err := txn.New(s.client).Add(
		txn.Update(s.accounts.If(accountBalance.Ge(500)), account{ID: "a1"}, accountBalance.Sub(500)),
		txn.Put(s.documents, document{ID: "d1", Version: 7}),
		txn.Create(s.documents, document{ID: "d2"}),
		txn.Update(s.memos, memo{Board: "b", ID: "n1"}, memoText.Set("x")),
		txn.Create(s.customers, customer{ID: "bob", Email: "ada@example.com"}),
		txn.Check(s.accounts, account{ID: "nobody"}),
		txn.Create(s.accounts, account{ID: "a9"}),
	).Commit(t.Context())
	canceled, ok := errors.AsType[*txn.CanceledError](err)
	if !ok {
		t.Fatal(err)
	}
	if n := engine.Requests() - before; n != 1 {
		t.Errorf("%d requests", n)
	}
	checkSentinels(t, "all", err, repo.ErrConditionFailed, repo.ErrVersionConflict, repo.ErrWrongEntity, repo.ErrNotUnique, repo.ErrNotFound, repo.ErrAlreadyExists)
	if a, ok, err := txn.Stored(s.accounts, canceled.Reasons[0]); !ok || err != nil || a.Balance != 100 {
		t.Errorf("a condition: %+v %v %v", a, ok, err)
	}
	if d, ok, err := txn.Stored(s.documents, canceled.Reasons[1]); !ok || err != nil || d.Version != 1 || d.Text != "first" {
		t.Errorf("a version: %+v %v %v", d, ok, err)
	}
	if a, ok, err := txn.Stored(s.accounts, canceled.Reasons[6]); ok || !errors.Is(err, repo.ErrInvalidValue) {
		t.Errorf("an item that cannot be decoded: %+v %v %v", a, ok, err)
	}
	for reason, none := range map[string]func() (bool, error){
		"an innocent operation":     func() (bool, error) { _, ok, err := txn.Stored(s.documents, canceled.Reasons[2]); return ok, err },
		"the reason of another":     func() (bool, error) { _, ok, err := txn.Stored(s.documents, canceled.Reasons[0]); return ok, err },
		"an item of another entity": func() (bool, error) { _, ok, err := txn.Stored(s.memos, canceled.Reasons[3]); return ok, err },
		"a guard":                   func() (bool, error) { _, ok, err := txn.Stored(s.customers, canceled.Reasons[4]); return ok, err },
		"a missing item":            func() (bool, error) { _, ok, err := txn.Stored(s.accounts, canceled.Reasons[5]); return ok, err },
	} {
		if ok, err := none(); ok || err != nil {
			t.Errorf("%s: %v %v", reason, ok, err)
		}
	}
}

// damagedAccount writes accounts that an account cannot be read from.
type damagedAccount struct {
	_ struct{} `entity:"Account" pk:"ACCOUNT#{ID}" sk:"ACCOUNT"`

	ID      string `dynamodbav:"id"`
	Balance string `dynamodbav:"balance"`
}

// A missing item fulfils conditions such as Ne; a check is for one that is there, unless it says otherwise.
func TestCheckOfAMissingItem(t *testing.T) {
	s, _ := newShop(t)
	for _, c := range []struct {
		reason string
		op     txn.Operation
		want   error
	}{
		{"without a condition", txn.Check(s.accounts, account{ID: "no"}), repo.ErrNotFound},
		{"an empty condition", txn.Check(s.accounts.If(expr.Cond[account]{}), account{ID: "no"}), repo.ErrNotFound},
		{"a version", txn.Check(s.documents, document{ID: "no", Version: 1}), repo.ErrNotFound},
		{"a condition that it fulfils", txn.Check(s.accounts.If(accountBalance.Ne(1)), account{ID: "no"}), repo.ErrConditionFailed},
		{"a field that is absent", txn.Check(s.accounts.If(accountBalance.NotExists()), account{ID: "no"}), repo.ErrConditionFailed},
		{"it must be missing", txn.Check(s.accounts.If(accountID.NotExists()), account{ID: "no"}), nil},
		{"it must be missing, or rich", txn.Check(s.accounts.If(expr.Or(accountBalance.Gt(9), accountID.NotExists())), account{ID: "no"}), nil},
		{"the caller's own words", txn.Check(s.accounts.If(expr.RawCond[account](expression.Name("pk").AttributeNotExists())), account{ID: "no"}), nil},
	} {
		if err := txn.New(s.client).Add(c.op).Commit(t.Context()); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.reason, err, c.want)
		}
	}
}
