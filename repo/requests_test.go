package repo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
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
	"github.com/monotable/monotable/repo/client"
	"github.com/monotable/monotable/repo/repotest"
)

var rewrite = flag.Bool("update", false, "rewrite the golden files")

// request is one case of testdata/requests.txt: what is asked, and the request that DynamoDB gets.
type request struct {
	reason string
	input  func() (any, error)
}

// nowhere is a client that nothing may be sent through.
type nowhere struct{ repo.Client }

func requests() []request {
	orders, events := repo.Must(repo.New[order](nowhere{}, shopTable)), repo.Must(repo.New[event](nowhere{}, shopTable))
	pages := repo.Must(repo.New[page](nowhere{}, shopTable))
	notes, aliases := repo.Must(repo.New[note](nowhere{}, shopTable)), repo.Must(repo.New[alias](nowhere{}, shopTable))
	bare := repo.Must(repo.New[order](nowhere{}, bareTable))
	watched := shopTable
	watched.Observe = func(context.Context, repo.Call) {}
	observed := repo.Must(repo.New[order](nowhere{}, watched))
	key := order{CustomerID: "c1", ID: "o1"}
	return slices.Concat(
		putRequests(orders, notes, aliases, bare, events, pages),
		updateRequests(orders, pages, notes, bare, events, key),
		otherRequests(orders, notes, bare, observed, key),
		orderQueries(orders, bare),
		eventQueries(events),
		pageQueries(pages),
	)
}

func put(reason string, w *repo.Write, err error) request {
	return request{reason, func() (any, error) {
		if err != nil {
			return nil, err
		}
		return w.PutItemInput(), nil
	}}
}

func changed(reason string, w *repo.Write, err error) request {
	return request{reason, func() (any, error) {
		if err != nil {
			return nil, err
		}
		return w.UpdateItemInput(), nil
	}}
}

func asked[T any](reason string, q repo.Query[T]) request {
	return request{reason, func() (any, error) {
		in, err := q.Input()
		if in == nil && err == nil {
			return nil, nil
		}
		return in, err
	}}
}

func putRequests(orders *repo.Repository[order], notes *repo.Repository[note], aliases *repo.Repository[alias], bare *repo.Repository[order], events *repo.Repository[event], pages *repo.Repository[page]) []request {
	closed, small := anOrder(), order{ID: "o2", CustomerID: "c1", PlacedAt: placedAt}
	closed.Status, closed.ID = "closed", "o3"
	var out []request
	add := func(reason string, w *repo.Write, err error) { out = append(out, put(reason, w, err)) }
	w, err := orders.CreateWrite(anOrder())
	add("create: every field set, in both indexes", w, err)
	w, err = orders.CreateWrite(small)
	add("create: empty fields leave the indexes", w, err)
	w, err = orders.PutWrite(closed)
	add("put: when keeps it out of gsi1", w, err)
	w, err = orders.If(orderStatus.Eq("open"), orderTotal.Lt(9)).PutWrite(anOrder())
	add("put: through If", w, err)
	w, err = notes.PutWrite(note{ID: "n1", Text: "t"})
	add("put: overlapping entities check the type", w, err)
	w, err = aliases.PutWrite(alias{ID: "n2", Text: "t"})
	add("put: a field for the discriminator is filled in", w, err)
	w, err = bare.PutWrite(anOrder())
	add("put: a table without types", w, err)
	w, err = bare.CreateWrite(order{ID: "o2", CustomerID: "c#1", PlacedAt: placedAt})
	add("create: a table without types, and a delimiter in a value", w, err)
	w, err = events.PutWrite(anEvent())
	add("put: every kind of key text", w, err)
	w, err = pages.PutWrite(page{Book: "b1", No: 3, Title: "One"})
	add("put: an index that shares the partition key", w, err)
	w, err = pages.PutWrite(page{Book: "b1", No: 4})
	add("put: out of an index that shares the partition key", w, err)
	return out
}

func updateRequests(orders *repo.Repository[order], pages *repo.Repository[page], notes *repo.Repository[note], bare *repo.Repository[order], events *repo.Repository[event], key order) []request {
	var out []request
	add := func(reason string, w *repo.Write, err error) { out = append(out, changed(reason, w, err)) }
	up := func(reason string, changes ...expr.Update[order]) {
		w, err := orders.UpdateWrite(key, changes...)
		add("update: "+reason, w, err)
	}
	up("a field of no index", orderWeight.Set(2))
	up("a field that the tags leave out when empty is removed", orderWeight.Set(0), orderPaid.Set(false), orderBill.Set(nil))
	up("the item leaves an index by a literal", orderStatus.Set("closed"))
	up("the item leaves an index because a member is removed", orderStatus.Remove())
	up("every member is a literal or of the primary key: the item enters", orderStatus.Set("shipped"), orderPlaced.Set(placedAt))
	up("both members of an index, one of them nested", orderCity.Set("Chur"), orderTotal.Set(-5))
	up("a whole nested struct", orderShip.Set(address{City: "Chur"}), orderTotal.Set(5))
	up("a nested field that no index has", orderZip.Set("7000"))
	up("below a pointer", orderBillCity.Set("Chur"))
	up("a pointer whole", orderBill.Set(&address{City: "Chur"}))
	up("arithmetic, on an attribute", orderWeight.Add(0.5))
	up("arithmetic, downwards", orderWeight.Sub(0.5))
	up("arithmetic, in a list element", firstQty.Add(1))
	up("set where there is none", orderSig.SetIfNotExists([]byte("x")))
	up("a list: append", orderLines.Append(line{"p3", 1}, line{"p4", 2}))
	up("a list: prepend", orderLines.Prepend(line{"p0", 1}))
	up("a list: an element", orderLines.At(1).Set(line{"p9", 9}))
	up("a list: a field of an element", firstSKU.Set("p8"))
	up("a list: an element is removed", orderLines.At(1).Remove())
	up("a list: whole", orderLines.Set([]line{{"p1", 1}}))
	up("a set: elements are added", orderTags.Add("a", "b"))
	up("a set: elements are taken", orderTags.Delete("a"))
	up("a map: a value, by a key of any text", orderNotes.Key("a.b[0]").Set("x"))
	up("a map: a value is removed", orderNotes.Key("door").Remove())
	up("a map: whole", orderNotes.Set(map[string]string{"k": "v"}))
	up("everything at once", orderStatus.Set("closed"), orderWeight.Add(1), orderTags.Add("a"), orderLines.Append(line{}), orderBill.Remove(), orderNotes.Key("k").Set("v"), orderDue.Set(placedAt))
	w, err := orders.If(orderStatus.Eq("open")).UpdateWrite(key, orderStatus.Set("shipped"))
	add("update: a pinned field writes one key of the index and leaves the other alone", w, err)
	w, err = orders.If(orderPlaced.Eq(placedAt)).UpdateWrite(key, orderStatus.Set("open"))
	add("update: a pinned field makes the item enter", w, err)
	w, err = orders.If(orderBill.NotExists(), orderLines.Size().Gt(1), orderTotal.In(1, 2, 3), expr.Or(orderPaid.Eq(true), expr.Not(orderTags.Contains("x")))).UpdateWrite(key, orderWeight.Set(1))
	add("update: conditions of every kind", w, err)
	w, err = orders.If(expr.RawCond[order](expression.Name("legacy").AttributeExists())).UpdateWrite(key, orderWeight.Set(1))
	add("update: a raw condition", w, err)
	w, err = orders.If(orderTotal.Between(1, 5), orderTotal.GtAttr(orderBudget), orderCity.HasPrefix("B"), orderCity.Contains("er")).UpdateWrite(key, orderPaid.Set(true))
	add("update: ranges, prefixes, parts, attributes compared", w, err)
	w, err = pages.UpdateWrite(page{Book: "b1", No: 3}, pageTitle.Remove())
	add("update: an index that shares the partition key is left, and the partition key stays", w, err)
	w, err = pages.UpdateWrite(page{Book: "b1", No: 3}, pageTitle.Set("Two"))
	add("update: an index that shares the partition key is entered", w, err)
	w, err = notes.UpdateWrite(note{ID: "n1"}, noteText.Set("u"))
	add("update: overlapping entities", w, err)
	w, err = bare.UpdateWrite(key, orderWeight.Set(2))
	add("update: a table without types", w, err)
	w, err = orders.UpsertWrite(order{CustomerID: "c1", ID: "o4"}, orderPlaced.Set(placedAt), orderStatus.Set("open"), orderTotal.Add(5), orderShip.Set(address{}))
	add("upsert: fields that leave no index in doubt", w, err)
	w, err = orders.If(orderWeight.NotExists()).UpsertWrite(order{CustomerID: "c1", ID: "o4"}, orderPlaced.Set(placedAt), orderStatus.Set("closed"), orderWeight.Set(1))
	add("upsert: through If", w, err)
	w, err = pages.UpsertWrite(page{Book: "b1", No: 9}, pageText.Set("x"))
	add("upsert: of an item that may be new", w, err)
	w, err = bare.UpsertWrite(order{CustomerID: "c1", ID: "o5"}, orderPlaced.Set(placedAt), orderStatus.Set("closed"))
	add("upsert: a table without types", w, err)
	w, err = events.UpsertWrite(event{Stream: "s1", Seq: 8}, eventKind.Set("k"), eventAt.Set(placedAt), eventName.Set("n"), eventPath.Set("p"), eventLive.Set(false), eventScore.Set(0))
	add("upsert: every index decided", w, err)
	return out
}

func otherRequests(orders *repo.Repository[order], notes *repo.Repository[note], bare, observed *repo.Repository[order], key order) []request {
	del := func(reason string, w *repo.Write, err error) request {
		return request{reason, func() (any, error) {
			if err != nil {
				return nil, err
			}
			return w.DeleteItemInput(), nil
		}}
	}
	get := func(reason string, in *dynamodb.GetItemInput, err error) request {
		return request{reason, func() (any, error) { return in, err }}
	}
	scan := func(reason string, s repo.Scan[order]) request {
		return request{reason, func() (any, error) { return s.Input() }}
	}
	var out []request
	in, err := orders.GetInput(key)
	out = append(out, get("get", in, err))
	in, err = orders.Consistent().GetInput(key)
	out = append(out, get("get: consistent", in, err))
	in, err = bare.GetInput(key)
	out = append(out, get("get: other key attributes", in, err))
	in, err = observed.GetInput(key)
	out = append(out, get("get: somebody observes", in, err))
	out = append(out,
		scan("scan: the table", orders.Scan()),
		scan("scan: a table without types", bare.Scan()),
		scan("scan: an index, filtered, in pages", orders.Scan().Index("gsi1").Filter(orderTotal.Gt(1)).PageSize(10)),
		scan("scan: consistent", orders.Consistent().Scan().Filter(orderPaid.Eq(true))),
	)
	w, err := orders.DeleteWrite(order{CustomerID: "c1", ID: "gone"})
	out = append(out, del("delete", w, err))
	w, err = orders.If(orderStatus.Eq("open")).DeleteWrite(key)
	out = append(out, del("delete: through If", w, err))
	w, err = notes.DeleteWrite(note{ID: "n1"})
	out = append(out, del("delete: overlapping entities", w, err))
	return out
}

func orderQueries(orders, bare *repo.Repository[order]) []request {
	c := orderCustomer.Eq("c1")
	open := orderStatus.Eq("open")
	return []request{
		asked("query: the partition of the table", orders.Query(c)),
		asked("query: one item by its whole key", orders.Query(c, orderID.Eq("o1"))),
		asked("query: last text of the table, <", orders.Query(c, orderID.Lt("o5"))),
		asked("query: last text of the table, <=", orders.Query(c, orderID.Le("o5"))),
		asked("query: last text of the table, >", orders.Query(c, orderID.Gt("o5"))),
		asked("query: last text of the table, >=", orders.Query(c, orderID.Ge("o5"))),
		asked("query: last text of the table, between", orders.Query(c, orderID.Between("o1", "o5"))),
		asked("query: last text of the table, a prefix with a delimiter in it", orders.Query(c, orderID.HasPrefix("o#"))),
		asked("query: last text of the table, > and <", orders.Query(c, orderID.Gt("a"), orderID.Lt("z"))),
		asked("query: last text of the table, an empty range", orders.Query(c, orderID.Gt("z"), orderID.Lt("a"))),
		asked("query: equalities that contradict each other", orders.Query(c, orderCustomer.Eq("c2"))),
		asked("query: an equality outside its range", orders.Query(c, orderID.Eq("b"), orderID.Lt("a"))),
		asked("query: a partition with a delimiter in the value", orders.Query(orderCustomer.Eq("a#b $"))),
		asked("query: consistent, descending, limited", orders.Query(c).Consistent().Desc().Limit(20)),
		asked("query: a page size", orders.Query(c).Limit(20).PageSize(5)),
		asked("query: a filter", orders.Query(c).Filter(orderTotal.Gt(100), expr.Or(orderPaid.Eq(true), orderBill.NotExists()))),
		asked("query: a filter and a limit", orders.Query(c).Filter(orderTotal.Gt(100)).Limit(3)),
		asked("query: an index whose when the conditions imply", orders.Query(open)),
		asked("query: time, >", orders.Query(open, orderPlaced.Gt(placedAt))),
		asked("query: time, >=", orders.Query(open, orderPlaced.Ge(placedAt))),
		asked("query: time, <, an index that lacks items, named", orders.Query(open, orderPlaced.Lt(placedAt)).Index("gsi1")),
		asked("query: time, <=", orders.Query(open, orderPlaced.Le(placedAt))),
		asked("query: time, between", orders.Query(open, orderPlaced.Between(placedAt, placedAt.Add(time.Hour)))),
		asked("query: time, equal", orders.Query(open, orderPlaced.Eq(placedAt))),
		asked("query: time, equal, then the last text", orders.Query(open, orderPlaced.Eq(placedAt), orderID.Ge("o1"))),
		asked("query: time, between the wrong way round", orders.Query(open, orderPlaced.Between(placedAt.Add(1), placedAt))),
		asked("query: a nested field, by name of the index", orders.Query(orderCity.Eq("Bern")).Index("gsi2")),
		asked("query: integer, <", orders.Query(orderCity.Eq("Bern"), orderTotal.Lt(-1))),
		asked("query: a table without types", bare.Query(c)),
		asked("query: a table without types, an index that begins with a field", bare.Query(open)),
	}
}

func eventQueries(events *repo.Repository[event]) []request {
	s, k, every := eventStream.Eq("s1"), eventKind.Eq("login"), []expr.Cond[event]{eventLive.Eq(true)}
	with := func(more ...expr.Cond[event]) []expr.Cond[event] { return append(slices.Clone(every), more...) }
	return []request{
		asked("query: padded, =", events.Query(s, eventSeq.Eq(7))),
		asked("query: padded, <", events.Query(s, eventSeq.Lt(7))),
		asked("query: padded, <= at the end of its digits", events.Query(s, eventSeq.Le(99999999))),
		asked("query: padded, > at the end of its digits finds nothing", events.Query(s, eventSeq.Gt(99999999))),
		asked("query: padded, >=", events.Query(s, eventSeq.Ge(0))),
		asked("query: padded, < 0 finds nothing", events.Query(s, eventSeq.Lt(0))),
		asked("query: padded, between", events.Query(s, eventSeq.Between(1, 5))),
		asked("query: reversed time, >", events.Query(k, eventAt.Gt(placedAt))),
		asked("query: reversed time, >=", events.Query(k, eventAt.Ge(placedAt))),
		asked("query: reversed time, <", events.Query(k, eventAt.Lt(placedAt))),
		asked("query: reversed time, <=", events.Query(k, eventAt.Le(placedAt))),
		asked("query: reversed time, between", events.Query(k, eventAt.Between(placedAt, placedAt.Add(time.Hour)))),
		asked("query: reversed time, =, then padded", events.Query(k, eventAt.Eq(placedAt), eventSeq.Gt(3))),
		asked("query: a partition without fields, nothing else", events.Query()),
		asked("query: bool, =", events.Query(every...)),
		asked("query: bool, >", events.Query(eventLive.Eq(false), eventScore.Gt(-5))),
		asked("query: integer, >=", events.Query(with(eventScore.Ge(-3))...)),
		asked("query: integer, <=", events.Query(with(eventScore.Le(-3))...)),
		asked("query: integer, between", events.Query(with(eventScore.Between(-3, 3))...)),
		asked("query: integer, > the greatest finds nothing", events.Query(with(eventScore.Gt(1<<63-1))...)),
		asked("query: integer, =, then a prefix of the last text", events.Query(with(eventScore.Eq(0), eventName.HasPrefix("n"))...)),
		asked("query: text that is not last, <", events.Query(s, eventName.Lt("n"))),
		asked("query: text that is not last, <=", events.Query(s, eventName.Le("n"))),
		asked("query: text that is not last, >", events.Query(s, eventName.Gt("n"))),
		asked("query: text that is not last, >=", events.Query(s, eventName.Ge("n"))),
		asked("query: text that is not last, between", events.Query(s, eventName.Between("a", "n#"))),
		asked("query: text that is not last, a prefix", events.Query(s, eventName.HasPrefix("n#"))),
		asked("query: raw last, =", events.Query(s, eventName.Eq("n"), eventPath.Eq("/a#b"))),
		asked("query: raw last, <", events.Query(s, eventName.Eq("n"), eventPath.Lt("/b"))),
		asked("query: raw last, >", events.Query(s, eventName.Eq("n"), eventPath.Gt("/b"))),
		asked("query: raw last, between", events.Query(s, eventName.Eq("n"), eventPath.Between("/a", "/b"))),
		asked("query: raw last, a prefix", events.Query(s, eventName.Eq("n"), eventPath.HasPrefix("/a"))),
		asked("query: a sparse index, named, with a filter", events.Query(eventAgent.Eq("x")).Index("gsi4").Filter(eventNote.Contains("n"))),
	}
}

func pageQueries(pages *repo.Repository[page]) []request {
	b := pageBook.Eq("b1")
	return []request{
		asked("query: an index that shares the partition key", pages.Query(b, pageTitle.HasPrefix("O"))),
		asked("query: the same, by name alone", pages.Query(b).Index("titles")),
	}
}

func TestRequests(t *testing.T) {
	var out strings.Builder
	seen := map[string]bool{}
	queries := 0
	for _, c := range requests() {
		if c.reason == "" || seen[c.reason] {
			t.Fatalf("the reason %q is missing or given twice", c.reason)
		}
		seen[c.reason] = true
		in, err := c.input()
		if err != nil {
			t.Errorf("%s: %v", c.reason, err)
			continue
		}
		if _, ok := in.(*dynamodb.QueryInput); ok {
			queries++
		}
		out.WriteString("## " + c.reason + "\n" + showRequest(in) + "\n")
	}
	if queries < 30 {
		t.Errorf("only %d queries", queries)
	}
	golden(t, "requests.txt", out.String())
}

// golden compares with a file of testdata, or rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *rewrite {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	section := ""
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		if i >= len(gotLines) || i >= len(wantLines) || gotLines[i] != wantLines[i] {
			t.Fatalf("%s differs in line %d, %s\n got: %s\nwant: %s\nrun with -update, and read the difference", path, i+1, section, lineOf(gotLines, i), lineOf(wantLines, i))
		}
		if strings.HasPrefix(gotLines[i], "## ") {
			section = gotLines[i]
		}
	}
}

func lineOf(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(the end)"
}

// showRequest is an input as text: a line for each field that is set, a line for each attribute of an item.
func showRequest(in any) string {
	if in == nil {
		return "nothing is sent\n"
	}
	v := reflect.ValueOf(in).Elem()
	out := strings.TrimSuffix(v.Type().Name(), "Input") + "\n"
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || v.Field(i).IsZero() {
			continue
		}
		out += strings.Replace(strings.TrimRight("  "+f.Name+": "+showField(v.Field(i).Interface()), "\n"), ": \n", ":\n", 1) + "\n"
	}
	return out
}

func showField(v any) string {
	switch x := v.(type) {
	case *string:
		return strings.ReplaceAll(strings.TrimSpace(*x), "\n", "\n    ")
	case *bool:
		return fmt.Sprint(*x)
	case *int32:
		return fmt.Sprint(*x)
	case row:
		out := ""
		for _, name := range slices.Sorted(maps.Keys(x)) {
			out += "\n    " + name + ": " + asJSON(showValue(x[name]))
		}
		return out
	case map[string]string:
		return asJSON(x)
	}
	return fmt.Sprint(v)
}

func asJSON(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

// showValue is an attribute in the form of DynamoDB's own JSON.
func showValue(av types.AttributeValue) any {
	switch x := av.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": x.Value}
	case *types.AttributeValueMemberN:
		return map[string]any{"N": x.Value}
	case *types.AttributeValueMemberB:
		return map[string]any{"B": x.Value}
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": x.Value}
	case *types.AttributeValueMemberNULL:
		return map[string]any{"NULL": x.Value}
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": x.Value}
	case *types.AttributeValueMemberNS:
		return map[string]any{"NS": x.Value}
	case *types.AttributeValueMemberL:
		list := make([]any, len(x.Value))
		for i, e := range x.Value {
			list[i] = showValue(e)
		}
		return map[string]any{"L": list}
	case *types.AttributeValueMemberM:
		m := map[string]any{}
		for name, e := range x.Value {
			m[name] = showValue(e)
		}
		return map[string]any{"M": m}
	}
	return fmt.Sprintf("%T", av)
}

// Whatever the names and values are, expression text is placeholders, operators and functions.
func TestExpressionTextHoldsOnlyPlaceholders(t *testing.T) {
	words := regexp.MustCompile(`#\d+|:\d+|\[\d+\]|\b(AND|OR|NOT|BETWEEN|IN|SET|REMOVE|ADD|DELETE|attribute_exists|attribute_not_exists|begins_with|contains|size|if_not_exists|list_append)\b|[=<>+,.()\s-]`)
	n := 0
	for _, c := range requests() {
		in, err := c.input()
		if err != nil || in == nil {
			continue
		}
		v := reflect.ValueOf(in).Elem()
		for i := range v.NumField() {
			if !strings.HasSuffix(v.Type().Field(i).Name, "Expression") || v.Field(i).IsZero() {
				continue
			}
			text := v.Field(i).Interface().(*string)
			n++
			if rest := words.ReplaceAllString(*text, ""); rest != "" {
				t.Errorf("%s: %q holds %q", c.reason, *text, rest)
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d expressions", n)
	}
}

// Every request of the goldens is one that DynamoDB takes: a failed condition is an answer, a ValidationException is not.
func TestRequestsAreAccepted(t *testing.T) {
	t.Run("embedded", func(t *testing.T) { accepted(t, repotest.NewClient()) })
	t.Run("DynamoDB", func(t *testing.T) {
		endpoint := os.Getenv("DYNAMODB_ENDPOINT")
		if endpoint == "" {
			if os.Getenv("INTEGRATION") == "required" {
				t.Fatal("DYNAMODB_ENDPOINT is not set, and INTEGRATION=required")
			}
			t.Skip("DYNAMODB_ENDPOINT is not set")
		}
		c, err := client.New(t.Context(), endpoint)
		if err != nil {
			t.Fatal(err)
		}
		accepted(t, c)
	})
}

func accepted(t *testing.T, c *dynamodb.Client) {
	suffix := fmt.Sprintf("-requests-%d", time.Now().UnixNano())
	for _, table := range []repo.Table{shopTable, bareTable} {
		table.Name += suffix
		orders := repo.Must(repo.New[order](c, table))
		if err := repo.CreateTable(t.Context(), c, table, orders); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_, err := c.DeleteTable(context.WithoutCancel(t.Context()), &dynamodb.DeleteTableInput{TableName: aws.String(table.Name)})
			if err != nil {
				t.Error(err)
			}
		})
	}
	sent, applied := 0, 0
	for _, r := range requests() {
		in, err := r.input()
		if err != nil || in == nil {
			continue
		}
		name := reflect.ValueOf(in).Elem().FieldByName("TableName").Interface().(*string)
		*name += suffix
		sent++
		err = sendAny(t.Context(), c, in)
		var refused *types.ConditionalCheckFailedException
		var api smithy.APIError
		switch {
		case err == nil:
			applied++
		case errors.As(err, &refused):
		case errors.As(err, &api):
			t.Errorf("%s: %s: %s", r.reason, api.ErrorCode(), api.ErrorMessage())
		default:
			t.Errorf("%s: %v", r.reason, err)
		}
	}
	if sent < 100 || applied < sent*3/4 {
		t.Errorf("%d requests were sent and %d applied, which says too little", sent, applied)
	}
}

func sendAny(ctx context.Context, c *dynamodb.Client, in any) (err error) {
	switch in := in.(type) {
	case *dynamodb.PutItemInput:
		_, err = c.PutItem(ctx, in)
	case *dynamodb.UpdateItemInput:
		_, err = c.UpdateItem(ctx, in)
	case *dynamodb.DeleteItemInput:
		_, err = c.DeleteItem(ctx, in)
	case *dynamodb.GetItemInput:
		_, err = c.GetItem(ctx, in)
	case *dynamodb.QueryInput:
		_, err = c.Query(ctx, in)
	case *dynamodb.ScanInput:
		_, err = c.Scan(ctx, in)
	default:
		err = fmt.Errorf("%T is sent nowhere", in)
	}
	return err
}
