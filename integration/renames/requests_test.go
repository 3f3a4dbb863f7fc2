package renames

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

var rewrite = flag.Bool("update", false, "rewrite the golden files")

var (
	purchaseTotal  = expr.Number(func(p *purchase) *int { return &p.Total })
	orderCustomer  = expr.String(func(o *order) *string { return &o.Customer })
	orderStatus    = expr.String(func(o *order) *string { return &o.Status })
	orderTotal     = expr.Number(func(o *order) *int { return &o.Total })
	orderLimit     = expr.Number(func(o *order) *int { return &o.Limit })
	orderTags      = expr.Set(func(o *order) *[]string { return &o.Tags })
	orderShip      = expr.Field(func(o *order) **shipping { return &o.Ship })
	orderCity      = expr.String(func(o *order) *string { return &o.Ship.City })
	bridgeCustomer = expr.String(func(o *bridge) *string { return &o.Customer })
	orderNote      = expr.String(func(o *order) *string { return &o.Note })
)

// nowhere is a client that nothing may be sent through.
type nowhere struct{ repo.Client }

// TestRequests compares requests with testdata/requests.txt, which -update rewrites.
func TestRequests(t *testing.T) {
	table := repo.Table{Name: "app", Indexes: []repo.Index{{Name: "gsi1"}}, Now: func() time.Time { return noon }}
	orders, members := repo.Must(repo.New[order](nowhere{}, table)), repo.Must(repo.New[member](nowhere{}, table))
	key := order{Customer: "c", ID: "1"}
	var out strings.Builder
	updates := func(reason string, w *repo.Write, err error) {
		if err != nil {
			t.Fatalf("%s: %v", reason, err)
		}
		in := w.UpdateItemInput()
		show(&out, reason, in.ExpressionAttributeNames, in.ExpressionAttributeValues, "update", in.UpdateExpression, "condition", in.ConditionExpression)
	}
	update := func(reason string, changes ...expr.Update[order]) {
		w, err := orders.UpdateWrite(key, changes...)
		updates(reason, w, err)
	}
	update("an attribute is set: the former names go", orderTotal.Set(5))
	update("one with an index, and several former names", orderStatus.Set("open"))
	update("one is removed", orderShip.Remove())
	update("a sum depends on what is stored", orderTotal.Add(5))
	update("so do the elements of a set", orderTags.Add("x"))
	update("and a path within", orderCity.Set("Ulm"))
	update("an attribute that was never renamed", orderNote.Set("n"))
	w, err := orders.If(orderStatus.Eq("open"), orderTotal.LtAttr(orderLimit.FieldPath)).UpdateWrite(key, orderNote.Set("n"))
	updates("conditions mean whichever name counts", w, err)
	w, err = orders.UpsertWrite(key, orderTotal.Set(5))
	updates("an upsert sets what it may make where it is absent", w, err)
	w, err = members.UpdateWrite(member{ID: "1", Version: 3}, memberPoints.Set(1))
	updates("a version that is carried", w, err)
	w, err = members.UpdateWrite(member{ID: "1"}, memberPoints.Set(1))
	updates("one that is not", w, err)

	d, err := members.If(memberEmail.Eq("ann")).DeleteWrite(member{ID: "1", Version: 3})
	if err != nil {
		t.Fatal(err)
	}
	in := d.DeleteItemInput()
	show(&out, "a deletion", in.ExpressionAttributeNames, in.ExpressionAttributeValues, "condition", in.ConditionExpression)
	p, err := orders.CreateWrite(order{Customer: "c", ID: "1", Status: "open"})
	if err != nil {
		t.Fatal(err)
	}
	put := p.PutItemInput()
	show(&out, "a new item has the names now, and an expired one under any makes room", put.ExpressionAttributeNames, put.ExpressionAttributeValues,
		"condition", put.ConditionExpression, "item", aws.String(fmt.Sprint(slices.Sorted(maps.Keys(put.Item)))))
	q, err := orders.Query(orderCustomer.Eq("c")).Filter(expr.Not(orderStatus.HasPrefix("o"))).Input()
	if err != nil {
		t.Fatal(err)
	}
	show(&out, "a query: its filter, and what has expired", q.ExpressionAttributeNames, q.ExpressionAttributeValues, "key", q.KeyConditionExpression, "filter", q.FilterExpression)
	s, err := orders.Scan().Filter(orderShip.NotExists()).Input()
	if err != nil {
		t.Fatal(err)
	}
	show(&out, "a scan: the types of all names", s.ExpressionAttributeNames, s.ExpressionAttributeValues, "filter", s.FilterExpression)
	golden(t, out.String())
}

// TestMoving shows the requests of a verb that finds what it depends on under a former name.
func TestMoving(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *shop) {
		must(of[purchase](s).Create(t.Context(), purchase{Customer: "c", ID: "1", Total: 5, Tags: []string{"a"}, Ship: &shipping{City: "Ulm"}, Until: noon.Add(-time.Hour)}))
		var ops []string
		s.Table.Observe = func(_ context.Context, c repo.Call) { ops = append(ops, c.Operation) }
		orders := of[order](s)
		got := must(orders.Update(t.Context(), order{Customer: "c", ID: "1"}, orderTotal.Add(1), orderCity.Set("Bonn"), orderNote.Set("n")))
		if got.Total != 6 || got.Ship.City != "Bonn" || got.Note != "n" || !slices.Equal(got.Tags, []string{"a"}) {
			t.Errorf("%+v", got)
		}
		if diff := cmp.Diff([]string{"UpdateItem", "UpdateItem", "UpdateItem"}, ops); diff != "" {
			t.Errorf("requests: -want +got\n%s", diff)
		}
		if left := formerIn(s.stored(t, "CUSTOMER#c", "ORDER#1")); !slices.Equal(left, []string{"expires", "labels", "made", "number"}) {
			t.Errorf("former names %v are left, of what was not named", left)
		}
		ops = nil
		must(orders.Update(t.Context(), order{Customer: "c", ID: "1"}, orderTotal.Add(1)))
		if len(ops) != 1 {
			t.Errorf("a second time it takes %v", ops)
		}
		ops = nil
		_, err := orders.If(orderTotal.Eq(0)).Update(t.Context(), order{Customer: "c", ID: "1"}, orderTotal.Add(1))
		if want(t, "a condition that fails anyway", err, repo.ErrConditionFailed, ""); len(ops) != 1 {
			t.Errorf("it takes %v", ops)
		}
	})
}

func show(out *strings.Builder, reason string, names map[string]string, values row, parts ...any) {
	fmt.Fprintf(out, "## %s\n", reason)
	for i := 0; i < len(parts); i += 2 {
		if text := parts[i+1].(*string); text != nil {
			fmt.Fprintf(out, "%s: %s\n", parts[i], strings.ReplaceAll(strings.TrimSpace(*text), "\n", " | "))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(out, "%s %s\n", name, names[name])
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		var v any
		_ = attributevalue.Unmarshal(values[name], &v)
		fmt.Fprintf(out, "%s %v\n", name, v)
	}
	out.WriteString("\n")
}

func golden(t *testing.T, got string) {
	t.Helper()
	const path = "testdata/requests.txt"
	if *rewrite {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got (run with -update, and read the difference)\n%s", path, diff)
	}
}
