// Package reindex tests Repository.Reindex: against an engine in process, and against one in a process of its own while writers go on
// and the walker is killed.
package reindex

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.uber.org/goleak"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

func TestMain(m *testing.M) {
	if os.Getenv(walkerVariable) != "" {
		walkAlone()
		return
	}
	goleak.VerifyTestMain(m)
}

// person is what the program knows now; veteran is what it knew before gsi2, the unique address and the version were added.
type person struct {
	_ struct{} `entity:"Person" pk:"TEAM#{Team}" sk:"PERSON#{ID}"`
	_ struct{} `index:"gsi1" pk:"STATUS#{Status}" sk:"{Name}"`
	_ struct{} `index:"gsi2" pk:"CITY#{Home.City}" sk:"{Status}#{ID}" when:"Status=active|away"`

	Team    string    `dynamodbav:"team"`
	ID      string    `dynamodbav:"id"`
	Status  string    `dynamodbav:"status"`
	Name    string    `dynamodbav:"name"`
	Home    home      `dynamodbav:"home"`
	Email   string    `dynamodbav:"email" repo:"unique"`
	Hits    int       `dynamodbav:"hits"`
	Updated time.Time `dynamodbav:"updated" repo:"updated"`
	Version int64     `dynamodbav:"version" repo:"version"`
}

type veteran struct {
	_ struct{} `entity:"Person" pk:"TEAM#{Team}" sk:"PERSON#{ID}"`
	_ struct{} `index:"gsi1" pk:"STATUS#{Status}" sk:"{Name}"`

	Team    string    `dynamodbav:"team"`
	ID      string    `dynamodbav:"id"`
	Status  string    `dynamodbav:"status"`
	Name    string    `dynamodbav:"name"`
	Home    home      `dynamodbav:"home"`
	Email   string    `dynamodbav:"email"`
	Hits    int       `dynamodbav:"hits"`
	Updated time.Time `dynamodbav:"updated" repo:"updated"`
}

type home struct {
	City string `dynamodbav:"city"`
	Zip  int    `dynamodbav:"zip"`
}

// gauge has a key of numbers, and expires.
type gauge struct {
	_ struct{} `entity:"Gauge" hash:"Sensor" range:"At"`
	_ struct{} `index:"gsi1" pk:"LEVEL#{Level}" sk:"{At}"`

	Sensor int       `dynamodbav:"sensor"`
	At     int       `dynamodbav:"at"`
	Level  string    `dynamodbav:"level"`
	Gone   time.Time `dynamodbav:"gone,unixtime" repo:"ttl"`
}

// badge shares the partition of persons, and its keys may be theirs.
type badge struct {
	_ struct{} `entity:"Badge,overlaps=Tag" pk:"TEAM#{Team}" sk:"{ID}"`
	_ struct{} `index:"gsi1" pk:"COLOUR#{Colour}" sk:"{ID}"`

	Team   string `dynamodbav:"team"`
	ID     string `dynamodbav:"id"`
	Colour string `dynamodbav:"colour"`
}

// robot has had other names, and so have its attributes.
type robot struct {
	_ struct{} `entity:"Robot,was=Machine" pk:"TEAM#{Team}" sk:"ROBOT#{ID}"`
	_ struct{} `index:"gsi1" pk:"PLACE#{Place}" sk:"{ID}"`

	Team  string `dynamodbav:"team"`
	ID    string `dynamodbav:"id"`
	Place string `dynamodbav:"place" repo:"was=spot,was=room"`
	Rev   int    `dynamodbav:"rev" repo:"version,was=count"`
}

var (
	personTeam   = expr.String(func(p *person) *string { return &p.Team })
	personStatus = expr.String(func(p *person) *string { return &p.Status })
	personEmail  = expr.String(func(p *person) *string { return &p.Email })
	veteranHits  = expr.Number(func(p *veteran) *int { return &p.Hits })
)

var people = repo.Table{Name: "people", Indexes: []repo.Index{{Name: "gsi1"}, {Name: "gsi2"}}}

type item = map[string]types.AttributeValue

func s(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }
func n(text string) types.AttributeValue { return &types.AttributeValueMemberN{Value: text} }

func text(av types.AttributeValue) string {
	if v, ok := av.(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

// world is an engine with the table of people.
type world struct {
	*testing.T
	engine  *repotest.Engine
	raw     *dynamodb.Client // past every hook
	client  *dynamodb.Client
	persons *repo.Repository[person]
	before  atomic.Pointer[func(operation string)] // called before each request of the client
}

func newWorld(t *testing.T, change ...func(*repo.Table)) *world {
	t.Helper()
	w := &world{T: t, engine: repotest.New()}
	w.raw = w.engine.Client()
	w.client = dynamodb.New(w.raw.Options(), func(o *dynamodb.Options) { o.HTTPClient = hooked{o.HTTPClient, w} })
	table := people
	for _, f := range change {
		f(&table)
	}
	w.persons = repo.Must(repo.New[person](w.client, table))
	if err := repo.CreateTable(t.Context(), w.raw, table, w.persons); err != nil {
		t.Fatal(err)
	}
	return w
}

// hooked is a transport that a test can do something before.
type hooked struct {
	next  dynamodb.HTTPClient
	world *world
}

func (h hooked) Do(r *http.Request) (*http.Response, error) {
	if f := h.world.before.Load(); f != nil {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		(*f)(operation)
	}
	return h.next.Do(r)
}

func (w *world) on(f func(operation string)) { w.before.Store(&f) }

// old is a row as the program wrote it before.
func old(i int) item {
	id := fmt.Sprintf("p%05d", i)
	return item{
		"pk": s("TEAM#t" + fmt.Sprint(i%97)), "sk": s("PERSON#" + id), "_type": s("Person"),
		"gsi1pk": s("STATUS#active"), "gsi1sk": s("Ann" + id),
		"team": s("t" + fmt.Sprint(i%97)), "id": s(id), "status": s("active"), "name": s("Ann" + id),
		"home":  &types.AttributeValueMemberM{Value: item{"city": s("Oslo"), "zip": n("150"), "floor": n("2")}},
		"email": s(id + "@example.com"), "hits": n("3"), "updated": s("2025-01-02T03:04:05.000000000Z"),
		"unknown": &types.AttributeValueMemberSS{Value: []string{"kept"}},
	}
}

// with is a row with changes; nil removes.
func with(row item, changes item) item {
	out := maps.Clone(row)
	for name, av := range changes {
		if out[name] = av; av == nil {
			delete(out, name)
		}
	}
	return out
}

// load stores rows as they are.
func (w *world) load(rows ...item) {
	w.Helper()
	for _, row := range rows {
		if _, err := w.raw.PutItem(w.Context(), &dynamodb.PutItemInput{TableName: aws.String("people"), Item: row}); err != nil {
			w.Fatal(err)
		}
	}
}

func (w *world) loadOld(count int) (rows []item) {
	w.Helper()
	for i := range count {
		rows = append(rows, old(i))
	}
	w.load(rows...)
	return rows
}

// stored is a row as it is.
func (w *world) stored(of item) item {
	w.Helper()
	out, err := w.raw.GetItem(w.Context(), &dynamodb.GetItemInput{TableName: aws.String("people"), Key: keyOf(of), ConsistentRead: aws.Bool(true)})
	if err != nil {
		w.Fatal(err)
	}
	return out.Item
}

func keyOf(row item) item { return item{"pk": row["pk"], "sk": row["sk"]} }

func guardKey(email string) item {
	return item{"pk": s("$UNIQUE#Person#email#" + email), "sk": s("$UNIQUE")}
}

// guard is the guard of an address that an item has.
func guard(email string, owner item) item {
	return with(guardKey(email), item{"_type": s("$UNIQUE"), "_owner": &types.AttributeValueMemberL{Value: []types.AttributeValue{owner["pk"], owner["sk"]}}})
}

// reindex walks, and has no error.
func (w *world) reindex(o repo.ReindexOptions) repo.ReindexReport {
	w.Helper()
	report, err := w.persons.Reindex(w.Context(), o)
	if err != nil {
		w.Fatal(err)
	}
	// An item that only lacks what another has of it is neither right nor written.
	if n := report.Right + report.Written + report.Invalid; n > report.Read || n < report.Read-report.Duplicates {
		w.Errorf("%d right, %d written and %d invalid of %d", report.Right, report.Written, report.Invalid, report.Read)
	}
	return report
}

// counts are a report's without the rest.
func counts(p repo.ReindexProgress) [5]int {
	return [5]int{p.Read, p.Written, p.Guards, p.Duplicates, p.Invalid}
}

func (w *world) counted(report repo.ReindexReport, read, written, guards, duplicates, invalid int) {
	w.Helper()
	if got, want := counts(report.ReindexProgress), [5]int{read, written, guards, duplicates, invalid}; got != want || report.Resume != "" {
		w.Errorf("read, written, guards, duplicates, invalid: %v, not %v, and to resume %q", got, want, report.Resume)
	}
}

// writes counts the requests that write.
func (w *world) writes() int {
	return w.engine.Requests("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem")
}

// rows are all rows of a table.
func rows(t *testing.T, c *dynamodb.Client, table string) []item {
	t.Helper()
	var out []item
	for p := dynamodb.NewScanPaginator(c, &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)}); p.HasMorePages(); {
		page, err := p.NextPage(context.WithoutCancel(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, page.Items...)
	}
	return out
}

// indexKeys are the index keys that a person's row must have, by a renderer of the test's own. No value of it needs escaping.
func indexKeys(row item) map[string]string {
	out := map[string]string{}
	status, name := text(row["status"]), text(row["name"])
	city := ""
	if m, ok := row["home"].(*types.AttributeValueMemberM); ok {
		city = text(m.Value["city"])
	}
	if status != "" && name != "" {
		out["gsi1pk"], out["gsi1sk"] = "STATUS#"+status, name
	}
	if (status == "active" || status == "away") && city != "" {
		out["gsi2pk"], out["gsi2sk"] = "CITY#"+city, status+"#"+text(row["id"])
	}
	return out
}

// wrong says what is not right about the rows of a table: every person has its keys, its type and a version, and every address has a
// guard that names one of those who have it; nobody else has a guard. Those who do not have it themselves must be among the reported,
// given by their sort keys.
func wrong(all []item, reported map[string]bool) (problems []string) {
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	owners, holders := map[string]string{}, map[string][]string{}
	for _, row := range all {
		if list, ok := row["_owner"].(*types.AttributeValueMemberL); ok {
			owners[strings.TrimPrefix(text(row["pk"]), "$UNIQUE#Person#email#")] = text(list.Value[1])
		}
	}
	for _, row := range all {
		sk := text(row["sk"])
		if !strings.HasPrefix(sk, "PERSON#") {
			continue
		}
		want := indexKeys(row)
		for _, name := range []string{"gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk"} {
			if got := text(row[name]); got != want[name] || (row[name] == nil) != (want[name] == "") {
				add("%s has %s %q, not %q", sk, name, got, want[name])
			}
		}
		if text(row["_type"]) != "Person" {
			add("%s has type %q", sk, text(row["_type"]))
		}
		if v, ok := row["version"].(*types.AttributeValueMemberN); !ok || v.Value == "0" {
			add("%s has version %v", sk, row["version"])
		}
		if email := text(row["email"]); email != "" {
			holders[email] = append(holders[email], sk)
			if owners[email] != sk && !reported[sk] {
				add("%s has no guard of its own, and is not reported", sk)
			}
		}
	}
	for email, owner := range owners {
		if !slices.Contains(holders[email], owner) {
			add("the guard of %s names %s, which has another address", email, owner)
		}
	}
	for email, sks := range holders {
		if owners[email] == "" {
			add("%s of %v has no guard", email, sks)
		}
	}
	return problems
}

// right fails the test where something is wrong.
func (w *world) right(reported map[string]bool) {
	w.Helper()
	for i, problem := range wrong(rows(w.T, w.raw, "people"), reported) {
		if i == 10 {
			w.Error("and more")
			return
		}
		w.Error(problem)
	}
}
