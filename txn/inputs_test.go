package txn_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo/repotest"
	"github.com/monotable/monotable/txn"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// inputCase is one case of testdata/inputs.txt: what is there, and the transaction that DynamoDB gets. It must succeed.
type inputCase struct {
	reason string
	given  func(*shop) []txn.Operation
	ops    func(*shop) []txn.Operation
}

// ops is what a function without a choice gives.
func ops(f func(*shop) txn.Operation) func(*shop) []txn.Operation {
	return func(s *shop) []txn.Operation { return []txn.Operation{f(s)} }
}

// there is an item that exists.
func there(list ...func(*shop) txn.Operation) func(*shop) []txn.Operation {
	return func(s *shop) (out []txn.Operation) {
		for _, f := range list {
			out = append(out, f(s))
		}
		return out
	}
}

func anAccount(s *shop) txn.Operation {
	return txn.Create(s.accounts, account{ID: "a1", Balance: 100, Limits: map[string]int64{"day": 50}})
}
func aCustomer(s *shop) txn.Operation {
	return txn.Create(s.customers, customer{ID: "ada", Email: "ada@example.com"})
}
func aMember(s *shop) txn.Operation {
	return txn.Create(s.members, member{Team: "red", ID: "m1", Nick: "Ace", Badge: "b1"})
}
func openOrder(s *shop) txn.Operation { return txn.Create(s.orders, anOrder("o1")) }
func aDocument(s *shop) txn.Operation {
	return txn.Create(s.documents, document{ID: "d1", Text: "first"})
}
func aNote(s *shop) txn.Operation {
	return txn.Create(s.notes, note{Board: "b", ID: "n1", Text: "milk"})
}

func inputCases() []inputCase {
	return slices.Concat(createInputs(), putInputs(), updateInputs(), upsertInputs(), deleteInputs(), checkInputs(), mixedInputs())
}

func createInputs() []inputCase {
	return []inputCase{
		{"create: no roles", nil, ops(anAccount)},
		{"create: a version starts at 1, and a unique field has a guard", nil, ops(aCustomer)},
		{"create: two unique fields, one of them within its team and folded", nil, ops(aMember)},
		{"create: an index, times of the table's clock, an immutable field", nil, ops(openOrder)},
		{"create: a created time of the caller's, an expiry, and a status that keeps it out of the index", nil, ops(func(s *shop) txn.Operation {
			o := anOrder("o1")
			o.Status, o.CreatedAt, o.ExpiresAt = "closed", morning.Add(-time.Hour), morning.Add(time.Hour)
			return txn.Create(s.orders, o)
		})},
		{"create: an expired item gives way", ops(func(s *shop) txn.Operation {
			o := anOrder("o1")
			o.ExpiresAt = morning.Add(-time.Hour)
			return txn.Create(s.orders, o)
		}), ops(openOrder)},
		{"create: entities that share keys", nil, ops(aNote)},
	}
}

func putInputs() []inputCase {
	return []inputCase{
		{"put: without roles or conditions it asks nothing", nil, ops(func(s *shop) txn.Operation { return txn.Put(s.accounts, account{ID: "a1"}) })},
		{"put: a condition", there(anAccount), ops(func(s *shop) txn.Operation {
			return txn.Put(s.accounts.If(accountBalance.Ge(1)), account{ID: "a1", Balance: 7})
		})},
		{"put: two conditions of two views", there(anAccount), ops(func(s *shop) txn.Operation {
			return txn.Put(s.accounts.If(accountBalance.Ge(1)).If(accountLimits.Key("day").Eq(50)), account{ID: "a1"})
		})},
		{"put: version 0 must be new", nil, ops(func(s *shop) txn.Operation { return txn.Put(s.documents, document{ID: "d1"}) })},
		{"put: a version is checked and counted up", there(aDocument), ops(func(s *shop) txn.Operation {
			return txn.Put(s.documents, document{ID: "d1", Text: "second", Version: 1})
		})},
		{"put: a unique field of a new item", nil, ops(func(s *shop) txn.Operation {
			return txn.Put(s.customers, customer{ID: "ada", Email: "ada@example.com"})
		})},
		{"put: a unique field that stays has its guard already", there(aCustomer), ops(func(s *shop) txn.Operation {
			return txn.Put(s.customers.If(customerEmail.Eq("ada@example.com")), customer{ID: "ada", Email: "ada@example.com", Orders: 3, Version: 1})
		})},
		{"put: a unique field that changes swaps its guards", there(aCustomer), ops(func(s *shop) txn.Operation {
			return txn.Put(s.customers.If(customerEmail.Eq("ada@example.com")), customer{ID: "ada", Email: "lovelace@example.com", Version: 1})
		})},
		{"put: two unique fields, of which one changes", there(aMember), ops(func(s *shop) txn.Operation {
			return txn.Put(s.members.If(memberNick.Eq("Ace"), memberBadge.Eq("b1")), member{Team: "red", ID: "m1", Nick: "ACE", Badge: "b2"})
		})},
		{"put: an immutable field stays as it is, and the keys of the index follow", there(openOrder), ops(func(s *shop) txn.Operation {
			o := anOrder("o1")
			o.Status = "shipped"
			return txn.Put(s.orders, o)
		})},
		{"put: entities that share keys", there(aNote), ops(func(s *shop) txn.Operation { return txn.Put(s.notes, note{Board: "b", ID: "n1"}) })},
	}
}

func updateInputs() []inputCase {
	return []inputCase{
		{"update: a number, a nested one, a set", there(anAccount), ops(func(s *shop) txn.Operation {
			return txn.Update(s.accounts, account{ID: "a1"}, accountBalance.Add(5), accountLimits.Key("day").Set(9), accountLabels.Add("gold"))
		})},
		{"update: a condition", there(anAccount), ops(func(s *shop) txn.Operation {
			return txn.Update(s.accounts.If(accountBalance.Ge(30)), account{ID: "a1"}, accountBalance.Sub(30))
		})},
		{"update: a version that is not carried is counted up", there(aDocument), ops(func(s *shop) txn.Operation {
			return txn.Update(s.documents, document{ID: "d1"}, documentText.Set("second"))
		})},
		{"update: a version that is carried is checked", there(aDocument), ops(func(s *shop) txn.Operation {
			return txn.Update(s.documents, document{ID: "d1", Version: 1}, documentText.Set("second"), documentReads.Add(1))
		})},
		{"update: of a type with a unique field, another field", there(aCustomer), ops(func(s *shop) txn.Operation {
			return txn.Update(s.customers, customer{ID: "ada"}, customerOrders.Add(1))
		})},
		{"update: a unique field whose old value is pinned", there(aCustomer), ops(func(s *shop) txn.Operation {
			return txn.Update(s.customers.If(customerEmail.Eq("ada@example.com")), customer{ID: "ada", Version: 1}, customerEmail.Set("lovelace@example.com"))
		})},
		{"update: a unique field within its team, whose guards are the same when folded", there(aMember), ops(func(s *shop) txn.Operation {
			return txn.Update(s.members.If(memberNick.Eq("Ace"), memberBadge.Eq("b1")), member{Team: "red", ID: "m1"}, memberNick.Set("aCE"))
		})},
		{"update: two unique fields", there(aMember), ops(func(s *shop) txn.Operation {
			return txn.Update(s.members.If(memberNick.Eq("Ace"), memberBadge.Eq("b1")), member{Team: "red", ID: "m1"}, memberNick.Set("Bee"), memberBadge.Set("b2"), memberRole.Set("lead"))
		})},
		{"update: a key of the index is rewritten where the rest is pinned", there(openOrder), ops(func(s *shop) txn.Operation {
			return txn.Update(s.orders.If(orderStatus.Eq("open")), anOrder("o1"), orderStatus.Set("shipped"))
		})},
		{"update: the keys of the index go where it is left", there(openOrder), ops(func(s *shop) txn.Operation {
			return txn.Update(s.orders, anOrder("o1"), orderStatus.Set("closed"))
		})},
		{"update: an expiry that goes", there(openOrder), ops(func(s *shop) txn.Operation {
			return txn.Update(s.orders, anOrder("o1"), orderTotal.Set(1), orderExpires.Set(time.Time{}))
		})},
		{"update: entities that share keys", there(aNote), ops(func(s *shop) txn.Operation {
			return txn.Update(s.notes, note{Board: "b", ID: "n1"}, noteText.Set("bread"))
		})},
	}
}

func upsertInputs() []inputCase {
	return []inputCase{
		{"upsert: there is nothing", nil, ops(func(s *shop) txn.Operation { return txn.Upsert(s.accounts, account{ID: "a1"}, accountBalance.Add(5)) })},
		{"upsert: there is an item", there(anAccount), ops(func(s *shop) txn.Operation { return txn.Upsert(s.accounts, account{ID: "a1"}, accountBalance.Add(5)) })},
		{"upsert: a condition", there(anAccount), ops(func(s *shop) txn.Operation {
			return txn.Upsert(s.accounts.If(accountBalance.Lt(1000)), account{ID: "a1"}, accountBalance.Add(5))
		})},
		{"upsert: a version that starts", nil, ops(func(s *shop) txn.Operation { return txn.Upsert(s.documents, document{ID: "d1"}, documentText.Set("x")) })},
		{"upsert: a version that is checked", there(aDocument), ops(func(s *shop) txn.Operation {
			return txn.Upsert(s.documents, document{ID: "d1", Version: 1}, documentText.Set("x"))
		})},
		{"upsert: required and immutable fields, times, and the keys of the index", nil, ops(func(s *shop) txn.Operation {
			return txn.Upsert(s.orders, anOrder("o1"), orderPlaced.Set(morning), orderStatus.Set("open"), orderChannel.Set("web"))
		})},
		{"upsert: entities that share keys", nil, ops(func(s *shop) txn.Operation {
			return txn.Upsert(s.memos, memo{Board: "b", ID: "n2"}, memoText.Set("eggs"))
		})},
	}
}

func deleteInputs() []inputCase {
	return []inputCase{
		{"delete: without roles or conditions it asks nothing", nil, ops(func(s *shop) txn.Operation { return txn.Delete(s.accounts, account{ID: "a1"}) })},
		{"delete: a condition asks for an item", there(anAccount), ops(func(s *shop) txn.Operation {
			return txn.Delete(s.accounts.If(accountBalance.Ge(1)), account{ID: "a1"})
		})},
		{"delete: a version that is not carried", there(aDocument), ops(func(s *shop) txn.Operation { return txn.Delete(s.documents, document{ID: "d1"}) })},
		{"delete: a version that is carried", there(aDocument), ops(func(s *shop) txn.Operation { return txn.Delete(s.documents, document{ID: "d1", Version: 1}) })},
		{"delete: the guard of a unique field goes as well", there(aCustomer), ops(func(s *shop) txn.Operation {
			return txn.Delete(s.customers.If(customerEmail.Eq("ada@example.com")), customer{ID: "ada"})
		})},
		{"delete: both guards", there(aMember), ops(func(s *shop) txn.Operation {
			return txn.Delete(s.members.If(memberNick.Eq("Ace"), memberBadge.Eq("b1")), member{Team: "red", ID: "m1"})
		})},
		{"delete: an item in an index, with times", there(openOrder), ops(func(s *shop) txn.Operation { return txn.Delete(s.orders, anOrder("o1")) })},
		{"delete: entities that share keys", there(aNote), ops(func(s *shop) txn.Operation { return txn.Delete(s.notes, note{Board: "b", ID: "n1"}) })},
	}
}

func checkInputs() []inputCase {
	return []inputCase{
		{"check: it exists", there(anAccount), ops(func(s *shop) txn.Operation { return txn.Check(s.accounts, account{ID: "a1"}) })},
		{"check: an empty condition is none", there(anAccount), ops(func(s *shop) txn.Operation {
			return txn.Check(s.accounts.If(expr.Cond[account]{}), account{ID: "a1"})
		})},
		{"check: a condition", there(anAccount), ops(func(s *shop) txn.Operation { return txn.Check(s.accounts.If(accountBalance.Ne(0)), account{ID: "a1"}) })},
		{"check: it does not exist", nil, ops(func(s *shop) txn.Operation {
			return txn.Check(s.accounts.If(accountID.NotExists()), account{ID: "a1"})
		})},
		{"check: it does not exist, or is rich", nil, ops(func(s *shop) txn.Operation {
			return txn.Check(s.accounts.If(expr.Or(accountID.NotExists(), accountBalance.Gt(1000))), account{ID: "a1"})
		})},
		{"check: a version", there(aDocument), ops(func(s *shop) txn.Operation { return txn.Check(s.documents, document{ID: "d1", Version: 1}) })},
		{"check: a version and a condition", there(aDocument), ops(func(s *shop) txn.Operation {
			return txn.Check(s.documents.If(documentText.Eq("first")), document{ID: "d1", Version: 1})
		})},
		{"check: a unique field is like any other", there(aCustomer), ops(func(s *shop) txn.Operation {
			return txn.Check(s.customers.If(customerEmail.Eq("ada@example.com")), customer{ID: "ada"})
		})},
		{"check: entities that share keys", there(aNote), ops(func(s *shop) txn.Operation { return txn.Check(s.notes, note{Board: "b", ID: "n1"}) })},
	}
}

func mixedInputs() []inputCase {
	return []inputCase{
		{"mixed: each kind once, guards behind", there(aCustomer, openOrder, aDocument, anAccount), func(s *shop) []txn.Operation {
			return []txn.Operation{
				txn.Create(s.orders, anOrder("o2")),
				txn.Update(s.customers.If(customerEmail.Eq("ada@example.com")), customer{ID: "ada"}, customerEmail.Set("lovelace@example.com"), customerOrders.Add(1)),
				txn.Put(s.documents, document{ID: "d1", Text: "second", Version: 1}),
				txn.Upsert(s.accounts, account{ID: "a2"}, accountBalance.Add(1)),
				txn.Delete(s.orders, anOrder("o1")),
				txn.Check(s.accounts.If(accountBalance.Ge(100)), account{ID: "a1"}),
			}
		}},
		{"mixed: a unique value goes from one item to another, with one guard", there(aCustomer), func(s *shop) []txn.Operation {
			return []txn.Operation{
				txn.Create(s.customers, customer{ID: "bob", Email: "ada@example.com"}),
				txn.Delete(s.customers.If(customerEmail.Eq("ada@example.com")), customer{ID: "ada"}),
			}
		}},
		{"mixed: two items swap their unique values", func(s *shop) []txn.Operation {
			return []txn.Operation{aCustomer(s), txn.Create(s.customers, customer{ID: "bob", Email: "bob@example.com"})}
		}, func(s *shop) []txn.Operation {
			return []txn.Operation{
				txn.Update(s.customers.If(customerEmail.Eq("ada@example.com")), customer{ID: "ada"}, customerEmail.Set("bob@example.com")),
				txn.Update(s.customers.If(customerEmail.Eq("bob@example.com")), customer{ID: "bob"}, customerEmail.Set("ada@example.com")),
			}
		}},
	}
}

// Each case makes the request of the golden file, and the engine carries it out.
func TestInputs(t *testing.T) {
	var text strings.Builder
	seen := map[string]bool{}
	for _, c := range inputCases() {
		if c.reason == "" || seen[c.reason] {
			t.Fatalf("the reason %q is missing or there twice", c.reason)
		}
		seen[c.reason] = true
		s, engine := newShop(t)
		if c.given != nil {
			s.commit(t, c.given(s)...)
		}
		fmt.Fprintf(&text, "## %s\n", c.reason)
		for _, row := range rows(t, s) {
			fmt.Fprintf(&text, "given %s\n", row)
		}
		tx := txn.New(s.client).Add(c.ops(s)...)
		in, err := tx.Input()
		if err != nil {
			t.Errorf("%s: %v", c.reason, err)
			continue
		}
		if n := len(in.TransactItems); n != tx.Operations() {
			t.Errorf("%s: %d operations, and Operations says %d", c.reason, n, tx.Operations())
		}
		var sent []byte
		stop := engine.Observe(func(e repotest.Event) { sent = e.Request })
		err = tx.Commit(t.Context())
		stop()
		if err != nil {
			t.Errorf("%s: %v", c.reason, err)
		}
		request := readable(t, c.reason, sent)
		if diff := cmp.Diff(readable(t, c.reason, written(t, in)), request); diff != "" {
			t.Errorf("%s: Input is not what Commit sends: -Input +Commit\n%s", c.reason, diff)
		}
		text.WriteString(request + "\n")
	}
	golden(t, "testdata/inputs.txt", text.String())
}

// rows are the items of the table as JSON, in the order of their keys.
func rows(t *testing.T, s *shop) []string {
	t.Helper()
	var answer []byte
	c := dynamodb.New(s.client.Options(), func(o *dynamodb.Options) { o.HTTPClient = tap{o.HTTPClient, nil, &answer} })
	if _, err := c.Scan(t.Context(), &dynamodb.ScanInput{TableName: &shopTable.Name}); err != nil {
		t.Fatal(err)
	}
	var out struct{ Items []map[string]any }
	if err := json.Unmarshal(answer, &out); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, it := range out.Items {
		lines = append(lines, compact(t, it))
	}
	slices.Sort(lines)
	return lines
}

// written is a request as the SDK writes it.
func written(t *testing.T, in *dynamodb.TransactWriteItemsInput) []byte {
	t.Helper()
	var request []byte
	c := dynamodb.New(repotest.NewClient().Options(), func(o *dynamodb.Options) { o.HTTPClient = tap{nil, &request, nil} })
	if _, err := c.TransactWriteItems(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	return request
}

// readable writes a request with a line for each member of an operation, as testdata/inputs.txt has it, without its token.
func readable(t *testing.T, reason string, request []byte) string {
	t.Helper()
	var in struct{ TransactItems []map[string]map[string]any }
	if err := json.Unmarshal(request, &in); err != nil {
		t.Fatalf("%s: %v", reason, err)
	}
	var b strings.Builder
	for _, op := range in.TransactItems {
		for kind, members := range op {
			b.WriteString(kind + "\n")
			for _, name := range slices.Sorted(maps.Keys(members)) {
				fmt.Fprintf(&b, "  %s %s\n", name, compact(t, members[name]))
			}
		}
	}
	return b.String()
}

func compact(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// golden compares with a file, or rewrites it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s: -want +got (run with -update, and read the difference)\n%s", path, diff)
	}
}
