package repo_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// canary stands in every key and value below, and must be in no text.
const canary = "ca#na$ry"

// leaks reports whether a text shows the canary: as it is, or as key text writes it.
func leaks(text string) bool {
	for _, form := range []string{canary, "ca$23na$24ry", "na$ry", "na$24ry", "naryMap"} {
		if strings.Contains(text, form) {
			return true
		}
	}
	return false
}

// talkative is a client whose every answer is an error that quotes what it was sent.
type talkative struct {
	calls
	err error
}

func (c *talkative) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return nil, c.err
}

func (c *talkative) PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return nil, c.err
}

func (c *talkative) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return nil, c.err
}

func (c *talkative) DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return nil, c.err
}

func (c *talkative) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return nil, c.err
}

func (c *talkative) Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	return nil, c.err
}

// unwritable is a value that says what it holds when it fails.
type unwritable struct{}

func (unwritable) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return nil, errors.New("cannot write " + canary)
}

// secret is an order full of canaries.
func secret() order {
	return order{
		ID: canary, CustomerID: canary, Status: canary, PlacedAt: placedAt, Total: 1, Ship: address{canary, canary}, Bill: &address{City: canary},
		Lines: []line{{SKU: canary}}, Tags: []string{canary}, Notes: map[string]string{canary: canary}, Sig: []byte(canary),
	}
}

func checkQuiet(t *testing.T, where string, v any) {
	t.Helper()
	for _, format := range []string{"%v", "%+v", "%s"} {
		if text := fmt.Sprintf(format, v); leaks(text) {
			t.Errorf("%s: %s shows a value: %s", where, format, text)
		}
	}
	if err, ok := v.(error); ok && leaks(err.Error()) {
		t.Errorf("%s: the error shows a value: %s", where, err)
	}
}

func TestErrorsOfTheServiceAreNotQuoted(t *testing.T) {
	stored := row{"pk": str("CUSTOMER#" + canary), "sk": str("ORDER#" + canary), "_type": str("Order"), "note": str(canary)}
	foreign := row{"pk": str("CUSTOMER#" + canary), "sk": str("ORDER#" + canary), "_type": str(canary)}
	answers := map[string]error{
		"a validation error":                 &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "PutItem", Err: &smithy.GenericAPIError{Code: "ValidationException", Message: canary}},
		"a failed condition":                 &types.ConditionalCheckFailedException{Message: aws.String(canary), Item: stored},
		"a failed condition, nothing stored": &types.ConditionalCheckFailedException{Message: aws.String(canary)},
		"a failed condition, another entity": &types.ConditionalCheckFailedException{Message: aws.String(canary), Item: foreign},
		"a broken connection":                errors.New("dial " + canary),
		"the end of the context":             fmt.Errorf("%s: %w", canary, context.DeadlineExceeded),
	}
	for reason, answer := range answers {
		c := &talkative{err: answer}
		orders := repo.Must(repo.New[order](c, shopTable))
		s := secret()
		view := orders.If(orderBillCity.Eq(canary))
		_, create := orders.Create(t.Context(), s)
		_, put := view.Put(t.Context(), s)
		_, get := orders.Get(t.Context(), s)
		_, up := view.Update(t.Context(), s, orderBillCity.Set(canary), orderNotes.Key(canary).Set(canary))
		_, upsert := orders.Upsert(t.Context(), s, orderPlaced.Set(placedAt), orderStatus.Set("closed"), orderShip.Set(address{}), orderNotes.Set(s.Notes))
		_, query := repo.Collect(orders.Query(orderCustomer.Eq(canary)).Filter(orderBillCity.Eq(canary)).All(t.Context()))
		_, count := orders.Query(orderCustomer.Eq(canary)).Count(t.Context())
		_, page := orders.Query(orderCustomer.Eq(canary)).Page(t.Context(), "")
		_, scan := repo.Collect(orders.Scan().Filter(orderBillCity.Eq(canary)).All(t.Context()))
		for verb, err := range map[string]error{"Create": create, "Put": put, "Get": get, "Update": up, "Upsert": upsert,
			"Delete": view.Delete(t.Context(), s), "All": query, "Count": count, "Page": page, "Scan": scan} {
			if err == nil {
				t.Errorf("%s, %s: no error", reason, verb)
				continue
			}
			checkQuiet(t, reason+", "+verb, err)
		}
	}
}

func TestFaultsAreNotQuoted(t *testing.T) {
	c := &calls{answer: true}
	orders, aliases, days := repo.Must(repo.New[order](c, shopTable)), repo.Must(repo.New[alias](c, shopTable)), repo.Must(repo.New[day](c, shopTable))
	s := secret()
	bad := func(edit func(*order)) error {
		o := secret()
		edit(&o)
		_, err := orders.Put(t.Context(), o)
		return err
	}
	up := func(r *repo.Repository[order], ch ...expr.Update[order]) error {
		_, err := r.Update(t.Context(), s, ch...)
		return err
	}
	find := func(q repo.Query[order]) error {
		_, err := q.First(t.Context())
		return err
	}
	_, wrong := aliases.Put(t.Context(), alias{ID: canary, Kind: canary})
	_, foreign := orders.Decode(row{"pk": str("CUSTOMER#" + canary), "sk": str("ORDER#" + canary), "_type": str(canary)})
	_, kind := orders.Decode(row{"pk": str("CUSTOMER#" + canary), "sk": str("ORDER#" + canary), "_type": str("Order"), "total": str(canary)})
	_, number := orders.Decode(row{"pk": str("CUSTOMER#" + canary), "sk": str("ORDER#" + canary), "_type": str("Order"), "total": &types.AttributeValueMemberN{Value: canary}})
	_, stamp := orders.Decode(row{"pk": str("CUSTOMER#" + canary), "sk": str("ORDER#" + canary), "_type": str("Order"), "placed_at": str(canary)})
	_, late := days.Get(t.Context(), day{At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)})
	_, cursor := orders.Query(orderCustomer.Eq(canary)).Page(t.Context(), canary)
	for reason, err := range map[string]error{
		"invalid UTF-8 in the key":     bad(func(o *order) { o.ID += "\xff" }),
		"an over-long key":             bad(func(o *order) { o.ID = strings.Repeat(canary, 200) }),
		"an over-long index key":       bad(func(o *order) { o.Ship.City = strings.Repeat(canary, 300) }),
		"invalid UTF-8 in a value":     bad(func(o *order) { o.Notes[canary] = canary + "\xff" }),
		"invalid UTF-8 in a map key":   bad(func(o *order) { o.Notes[canary+"\xff"] = canary }),
		"an element twice":             bad(func(o *order) { o.Tags = []string{canary, canary} }),
		"over 400 KB":                  bad(func(o *order) { o.Notes[canary] = strings.Repeat(canary, 60_000) }),
		"the discriminator":            wrong,
		"another entity":               foreign,
		"another kind":                 kind,
		"a damaged number":             number,
		"a damaged time":               stamp,
		"a time out of range":          late,
		"a cursor":                     cursor,
		"a stale index":                up(orders, orderStatus.Set(canary+"x"), orderTotal.Add(1)),
		"a key field":                  up(orders, orderID.Set(canary)),
		"a map key twice":              up(orders, orderNotes.Key(canary).Set(canary), orderNotes.Key(canary).Remove()),
		"a map key of invalid UTF-8":   up(orders, orderNotes.Key(canary+"\xff").Set(canary)),
		"a raw condition":              up(orders.If(expr.RawCond[order](expression.Name("").Equal(expression.Value(canary)))), orderPaid.Set(true)),
		"a raw condition with no name": up(orders.If(expr.RawCond[order](expression.Name(canary+"[x]").Equal(expression.Value(canary)))), orderPaid.Set(true)),
		"a raw value":                  up(orders.If(expr.RawCond[order](expression.Name("x").Equal(expression.Value(unwritable{})))), orderPaid.Set(true)),
		"no index":                     find(orders.Query(orderStatus.Eq(canary))),
		"a bound too long":             find(orders.Query(orderCustomer.Eq(canary), orderID.Ge(strings.Repeat(canary, 200)))),
		"a prefix of invalid UTF-8":    find(orders.Query(orderCustomer.Eq(canary), orderID.HasPrefix(canary+"\xff"))),
	} {
		if err == nil {
			t.Errorf("%s: no error", reason)
			continue
		}
		checkQuiet(t, reason, err)
	}
	if n := c.n.Load(); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestValuesOfTheLibraryPrintQuietly(t *testing.T) {
	table := shopTable
	table.CursorKeys = [][]byte{[]byte(canary)}
	if text := fmt.Sprintf("%v %+v %#v %s", table, table, table, table); leaks(text) || strings.Contains(text, fmt.Sprint([]byte(canary))) {
		t.Errorf("the table shows its cursor keys: %s", text)
	}
	orders := repo.Must(repo.New[order](&calls{}, shopTable))
	view := orders.If(orderStatus.Eq(canary), orderBillCity.Eq(canary))
	q := orders.Query(orderCustomer.Eq(canary), orderID.Gt(canary)).Filter(orderStatus.Eq(canary))
	plan, err := q.Explain()
	if err != nil {
		t.Fatal(err)
	}
	refused, err := orders.Query(orderStatus.Eq(canary)).Explain()
	if err == nil {
		t.Fatal("the query is answered")
	}
	write, err := view.UpdateWrite(secret(), orderBillCity.Set(canary))
	if err != nil {
		t.Fatal(err)
	}
	for where, v := range map[string]any{
		"Repository": orders, "view": view, "Query": q, "Scan": orders.Scan().Filter(orderStatus.Eq(canary)), "Plan": plan, "Plan of nothing": refused,
		"Write": write, "a condition": orderStatus.Eq(canary), "an update": orderNotes.Key(canary).Set(canary), "a path": orderNotes.Key(canary),
	} {
		checkQuiet(t, where, v)
	}
	checkQuiet(t, "Plan.String", plan.String()+refused.String())
}
