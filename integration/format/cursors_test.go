package format

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// The lines of a cursor's record.
const (
	plainLine   = "plain"
	sealedLine  = "sealed" // of random salt
	requestLine = "request"
)

// sealing is the key of the frozen sealed cursors.
var sealing = [][]byte{[]byte("0123456789abcdef0123456789abcdef")}

// place is a cursor: that of a page which ends with an item.
type place[T any] struct {
	what    string
	table   repo.Table
	last    T
	keys    []string // the attributes of the start key: the partition key of what is read first
	segment int      // of a scan, that the item is in
	page    func(*repo.Repository[T]) func(context.Context, repo.Cursor) (repo.Page[T], error)
}

func (p place[T]) name() string { return "cursor " + p.what }

func (p place[T]) write(t *testing.T) []record {
	text, _ := p.at(t, nil, "")
	sealed, _ := p.at(t, sealing, "")
	_, server := p.at(t, nil, text)
	r := record{p.name(), []line{{plainLine, text}, {sealedLine, sealed}}}
	for _, request := range server.requests {
		r.lines = append(r.lines, line{requestLine, request})
	}
	return []record{r}
}

// read goes on behind the frozen cursors, which must lead to the frozen place.
func (p place[T]) read(t *testing.T, golden []record) {
	var want []string
	for _, l := range golden[0].lines {
		if l.name == requestLine {
			want = append(want, l.text)
		}
	}
	changed := [][]byte{[]byte("another key, that seals from now"), sealing[0]}
	for _, c := range []struct {
		line string
		keys [][]byte
	}{{plainLine, nil}, {sealedLine, sealing}, {sealedLine, changed}} {
		_, server := p.at(t, c.keys, golden[0].text(c.line))
		if diff := cmp.Diff(want, server.requests); diff != "" {
			t.Errorf("the %s cursor leads elsewhere: -frozen +now\n%s", c.line, diff)
		}
	}
	sealed, _ := p.at(t, sealing, "")
	if was := golden[0].text(sealedLine); len(sealed) != len(was) || sealed[0] != was[0] {
		t.Errorf("a sealed cursor is %d characters, and was %d", len(sealed), len(was))
	}
}

// at asks for the page behind a cursor, and returns that of the next.
func (p place[T]) at(t *testing.T, keys [][]byte, from string) (string, *server) {
	t.Helper()
	table := p.table
	table.CursorKeys = keys
	s := &server{keys: p.keys, segment: p.segment, rest: from != ""}
	r, err := repo.New[T](s, table)
	if err != nil {
		t.Fatal(err)
	}
	if s.row, err = r.Encode(p.last); err != nil {
		t.Fatal(err)
	}
	page, err := p.page(r)(t.Context(), repo.Cursor(from))
	if err != nil {
		t.Fatalf("from %q: %v", from, err)
	}
	slices.Sort(s.requests)
	return string(page.Next), s
}

// server answers with one row, and says that more follow; with nothing where the rest is asked for. It has as much of DynamoDB as decides
// about cursors, so that they do not depend on an engine.
type server struct {
	repo.Client // panics: nothing else is sent
	row         item
	keys        []string
	segment     int
	rest        bool

	mu       sync.Mutex
	requests []string
}

// note writes down where a request begins.
func (s *server) note(index *string, partition types.AttributeValue, start item, segment, segments *int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := map[string]any{}
	if index != nil {
		r["index"] = *index
	}
	if partition != nil {
		r["partition"] = toJSON(partition)
	}
	if start != nil {
		r["start"] = toJSON(&types.AttributeValueMemberM{Value: start})["M"]
	}
	if segments != nil {
		r["segment"], r["of"] = *segment, *segments
	}
	s.requests = append(s.requests, jsonText(r))
}

func (s *server) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	partition := s.partition(in)
	s.note(in.IndexName, partition, in.ExclusiveStartKey, nil, nil)
	if s.rest || jsonText(toJSON(partition)) != jsonText(toJSON(s.row[s.keys[0]])) {
		return &dynamodb.QueryOutput{}, nil
	}
	return &dynamodb.QueryOutput{Items: []item{s.row}, LastEvaluatedKey: s.key()}, nil
}

// partition is the value that the first key attribute has in a query.
func (s *server) partition(in *dynamodb.QueryInput) types.AttributeValue {
	for name, attribute := range in.ExpressionAttributeNames {
		_, rest, ok := strings.Cut(*in.KeyConditionExpression, name+" = ")
		if ok && attribute == s.keys[0] {
			return in.ExpressionAttributeValues[placeholder.FindString(rest)]
		}
	}
	panic("a query without a partition: " + *in.KeyConditionExpression)
}

var placeholder = regexp.MustCompile(`^:\w+`)

func (s *server) Scan(_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	s.note(in.IndexName, nil, in.ExclusiveStartKey, in.Segment, in.TotalSegments)
	if s.rest || in.Segment != nil && int(*in.Segment) != s.segment {
		return &dynamodb.ScanOutput{}, nil
	}
	return &dynamodb.ScanOutput{Items: []item{s.row}, LastEvaluatedKey: s.key()}, nil
}

func (s *server) key() item {
	out := item{}
	for _, name := range s.keys {
		out[name] = s.row[name]
	}
	return out
}

// What the cursors below are of.
var (
	visitAt     = expr.Field(func(v *visit) *time.Time { return &v.At })
	visitID     = expr.String(func(v *visit) *string { return &v.ID })
	visitPage   = expr.String(func(v *visit) *string { return &v.Page })
	visitClicks = expr.Number(func(v *visit) *int { return &v.Clicks })

	nativeDevice  = expr.String(func(n *native) *string { return &n.Device })
	nativeAt      = expr.Number(func(n *native) *int64 { return &n.At })
	nativeGame    = expr.String(func(n *native) *string { return &n.Game })
	nativeCountry = expr.String(func(n *native) *string { return &n.Country })
	nativePoints  = expr.Number(func(n *native) *int { return &n.Points })

	accountTenant = expr.String(func(a *account) *string { return &a.Tenant })
	accountID     = expr.String(func(a *account) *string { return &a.ID })
	orderCustomer = expr.String(func(o *order) *string { return &o.Customer })
)

func frozenCursors() []written {
	return slices.Concat(visitCursors(), nativeCursors(), otherCursors(), scanCursors())
}

// query is the place behind an item in the answer to a query of one item.
func query[T any](what string, table repo.Table, last T, keys []string, q func(*repo.Repository[T]) repo.Query[T]) written {
	return place[T]{what: what, table: table, last: last, keys: keys, page: func(r *repo.Repository[T]) func(context.Context, repo.Cursor) (repo.Page[T], error) {
		return q(r).Limit(1).Page
	}}
}

var (
	visitKeys  = []string{"pk", "sk"}
	pageKeys   = []string{"gsi1pk", "gsi1sk", "pk", "sk"}
	clicksKeys = []string{"gsi2pk", "clicks", "pk", "sk"}
)

func visitCursors() (out []written) {
	last := visit{At: now, ID: "v#1 ä", Page: "/home#top", Clicks: 17}
	add := func(what string, keys []string, change func(repo.Query[visit]) repo.Query[visit], conds ...expr.Cond[visit]) {
		out = append(out, query("visit "+what, visitTable(), last, keys, func(r *repo.Repository[visit]) repo.Query[visit] { return change(r.Query(conds...)) }))
	}
	as := func(q repo.Query[visit]) repo.Query[visit] { return q }
	gsi1 := func(q repo.Query[visit]) repo.Query[visit] { return q.Index("gsi1") }
	page := visitPage.Eq(last.Page)
	// Each operator of a key condition is part of what binds a cursor.
	add("page", pageKeys, gsi1, page)
	add("eq", pageKeys, gsi1, page, visitClicks.Eq(17))
	add("lt", pageKeys, gsi1, page, visitClicks.Lt(18))
	add("le", pageKeys, gsi1, page, visitClicks.Le(17))
	add("gt", pageKeys, gsi1, page, visitClicks.Gt(16))
	add("ge", pageKeys, gsi1, page, visitClicks.Ge(17))
	add("between", pageKeys, gsi1, page, visitClicks.Between(1, 20))
	add("eq and range", pageKeys, gsi1, page, visitClicks.Eq(17), visitAt.Ge(now))
	add("descending", pageKeys, func(q repo.Query[visit]) repo.Query[visit] { return q.Index("gsi1").Desc() }, page)

	day := visitAt.Between(now.AddDate(0, 0, -1), now.AddDate(0, 0, 1))
	add("one shard", visitKeys, as, visitAt.Eq(now), visitID.Eq(last.ID))
	add("all shards", visitKeys, as, visitAt.Eq(now))
	add("days and shards", visitKeys, as, day)
	add("days and shards, descending", visitKeys, repo.Query[visit].Desc, day)
	add("shards of numbers", clicksKeys, func(q repo.Query[visit]) repo.Query[visit] { return q.Index("gsi2") }, visitClicks.Gt(3))
	return out
}

func nativeCursors() []written {
	last := native{Device: "d#1 ä", At: -5, Game: "chess", Country: "DE", Points: 1200, Binary: []byte{0, 0xff}}
	untyped := nativeTable()
	untyped.TypeAttribute = "-"
	device := func(r *repo.Repository[native]) repo.Query[native] {
		return r.Query(nativeDevice.Eq(last.Device), nativeAt.Lt(0))
	}
	return []written{
		query("native", nativeTable(), last, []string{"device", "at"}, device),
		query("native without type", untyped, last, []string{"device", "at"}, device),
		query("native of four attributes", nativeTable(), last, []string{"game", "country", "points", "device", "at"}, func(r *repo.Repository[native]) repo.Query[native] {
			return r.Query(nativeGame.Eq("chess"), nativeCountry.Eq("DE"), nativePoints.Ge(1000))
		}),
		query("native binary", nativeTable(), last, []string{"gsi2pk", "binary", "device", "at"}, func(r *repo.Repository[native]) repo.Query[native] {
			return r.Query(nativeGame.Eq("chess")).Index("gsi2")
		}),
	}
}

func otherCursors() []written {
	a := account{Tenant: "acme", ID: "a1", Status: "closed", Email: "e", Number: 1, Phone: "1", Joined: now, Home: address{City: "c"}}
	o := order{Customer: "c1", ID: "o1", Status: "open", Code: "x7"}
	return []written{
		query("account prefix", tableWith(1), a, visitKeys, func(r *repo.Repository[account]) repo.Query[account] {
			return r.Query(accountTenant.Eq("acme"), accountID.HasPrefix("a"))
		}),
		query("account scoped", tableWith(1), a, visitKeys, func(r *repo.Repository[account]) repo.Query[account] {
			return r.Scope(accountTenant.Eq("acme")).Query()
		}),
		query("order, once a purchase", tableWith(1), o, visitKeys, func(r *repo.Repository[order]) repo.Query[order] { return r.Query(orderCustomer.Eq("c1")) }),
	}
}

func scanCursors() (out []written) {
	last := visit{At: now, ID: "v#1 ä", Page: "/home#top", Clicks: 17}
	add := func(what string, keys []string, segment int, change func(repo.Scan[visit]) repo.Scan[visit]) {
		out = append(out, place[visit]{"scan " + what, visitTable(), last, keys, segment, func(r *repo.Repository[visit]) func(context.Context, repo.Cursor) (repo.Page[visit], error) {
			return change(r.Scan()).PageSize(1).Limit(1).Page
		}})
	}
	add("of the table", visitKeys, 0, func(s repo.Scan[visit]) repo.Scan[visit] { return s })
	add("of an index", pageKeys, 0, func(s repo.Scan[visit]) repo.Scan[visit] { return s.Index("gsi1") })
	add("in segments", visitKeys, 2, func(s repo.Scan[visit]) repo.Scan[visit] { return s.Segments(4) })
	return out
}
