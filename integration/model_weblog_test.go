package integration

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// The web server log of the AWS labs: a table without a sort key, and an index of keys alone that is spread over ten shards. The
// library finds the shard of a request in a way of its own, so the shards hold other rows than those of the lab, and together the
// same.

type webRequest struct {
	_ struct{} `entity:"Request" pk:"request#{ID|plain}"`
	_ struct{} `index:"GSI_1" pk:"shard#{ID|shard=10}" sk:"{Code|plain}#{Date}#{Hour}"`

	ID        int    `dynamodbav:"requestid" json:"requestid"`
	Host      string `dynamodbav:"host" json:"host"`
	Date      string `dynamodbav:"date" json:"date" repo:"required"`
	Hour      string `dynamodbav:"hourofday" json:"hourofday" repo:"required"`
	Zone      string `dynamodbav:"timezone" json:"timezone"`
	Method    string `dynamodbav:"method" json:"method"`
	URL       string `dynamodbav:"url" json:"url"`
	Code      int    `dynamodbav:"responsecode" json:"responsecode"`
	Sent      int    `dynamodbav:"bytessent" json:"bytessent"`
	UserAgent string `dynamodbav:"useragent" json:"useragent"`
}

var (
	webRequestCode = expr.Number(func(v *webRequest) *int { return &v.Code })
	webRequestDate = expr.String(func(v *webRequest) *string { return &v.Date })
)

const webShards = 10

func TestModelWeblogSharded(t *testing.T) {
	set := readBulk[webRequest](t, "bulk/weblog-sharded.json")
	those := func(holds func(webRequest) bool) []webRequest {
		return slices.DeleteFunc(slices.Clone(set.Data), func(v webRequest) bool { return !holds(v) })
	}
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{
			Key: repo.Key{Hash: "PK"}, TypeAttribute: "-",
			Indexes: []repo.Index{{Name: "GSI_1", Hash: []string{"GSI_1_PK"}, Range: []string{"GSI_1_SK"}, KeysOnly: true}},
		})
		requests := open[webRequest](t, s, table)
		s.create(t, table, requests)
		expectVerified(t, s, table, requests)
		if err := batch.New(requests, batch.Options{Workers: 2}).Put(t.Context(), set.Data...); err != nil {
			t.Fatal(err)
		}
		expectWeblog(t, s, table, set)

		expect := func(t *testing.T, p bulkPattern, q repo.Query[webRequest], want []webRequest) {
			t.Helper()
			if len(want) != p.Expected.Count {
				t.Errorf("the set has %d such requests, and the answer says %d", len(want), p.Expected.Count)
			}
			expectCount(t, q, p.Expected.Count)
			expectMerged(t, q.Hydrate(), want, bySortKey)
			expectMerged(t, q.Hydrate().Desc().PageSize(5), want, func(a, b webRequest) int { return bySortKey(b, a) })
		}
		set.expectAnswers(t, map[string]func(*testing.T, bulkPattern){
			"code-404": func(t *testing.T, p bulkPattern) {
				q := requests.Query(webRequestCode.Eq(p.Params.ResponseCode))
				expect(t, p, q, those(func(v webRequest) bool { return v.Code == p.Params.ResponseCode }))
				expectShards(t, s, q.Hydrate(), p)
			},
			"code-404-date": func(t *testing.T, p bulkPattern) {
				q := requests.Query(webRequestCode.Eq(p.Params.ResponseCode), webRequestDate.Eq(p.Params.Date))
				expect(t, p, q, those(func(v webRequest) bool { return v.Code == p.Params.ResponseCode && v.Date == p.Params.Date }))
			},
			"merge-order": func(t *testing.T, p bulkPattern) {
				q := requests.Query(webRequestCode.Eq(p.Params.ResponseCode)).Hydrate()
				expectFirst(t, requests, q, p)
			},
		})

		// The index has the keys alone, which are enough to be counted, and not to be read as requests.
		if n, err := requests.Scan().Index("GSI_1").Count(t.Context()); err != nil || n != len(set.Data) {
			t.Errorf("the index holds %d requests, %v, want %d", n, err, len(set.Data))
		}
		whole, err := repo.Collect(requests.Scan().Index("GSI_1").Hydrate().All(t.Context()))
		slices.SortFunc(whole, func(a, b webRequest) int { return cmp.Compare(a.ID, b.ID) })
		if err != nil || !slices.Equal(whole, set.Data) {
			t.Errorf("the index leads to %d whole requests, %v, want %d", len(whole), err, len(set.Data))
		}
		for name, found := range map[string]iter.Seq2[webRequest, error]{
			"query": requests.Query(webRequestCode.Eq(404)).All(t.Context()),
			"scan":  requests.Scan().Index("GSI_1").All(t.Context()),
		} {
			if got, err := repo.Collect(found); !errors.Is(err, repo.ErrNoIndex) || len(got) != 0 {
				t.Errorf("a %s of the index found %d requests, %v", name, len(got), err)
			}
		}
	})
}

// bySortKey orders requests as the index does; those that tie are in any order.
func bySortKey(a, b webRequest) int {
	return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Date, b.Date), cmp.Compare(a.Hour, b.Hour))
}

// expectMerged compares what a query over all shards finds: the values, whole, and their order.
func expectMerged(t *testing.T, q repo.Query[webRequest], want []webRequest, order func(a, b webRequest) int) {
	t.Helper()
	got, err := repo.Collect(q.All(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(got, order) {
		t.Error("the shards are not merged in order")
	}
	byID := func(a, b webRequest) int { return cmp.Compare(a.ID, b.ID) }
	if diff := gocmp.Diff(slices.SortedFunc(slices.Values(want), byID), slices.SortedFunc(slices.Values(got), byID)); diff != "" {
		t.Errorf("-want +found\n%s", diff)
	}
}

// expectFirst compares the rows that a query begins with: their sort keys, and that it finds the rows of the answer, which tie with
// others.
func expectFirst(t *testing.T, r *repo.Repository[webRequest], q repo.Query[webRequest], p bulkPattern) {
	t.Helper()
	sortKey := func(v webRequest) string {
		it, err := r.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		return row(it).text("GSI_1_SK")
	}
	first, err := repo.Collect(q.Limit(len(p.Expected.First)).All(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if len(first) != len(p.Expected.First) || len(first) == 0 {
		t.Fatalf("found %d requests first, want %d", len(first), len(p.Expected.First))
	}
	for i, v := range first {
		if want := p.Expected.First[i][0]; sortKey(v) != want {
			t.Errorf("request %d is number %d, at %q, want %q", v.ID, i, sortKey(v), want)
		}
	}
	tied := map[string]map[float64]bool{}
	for v, err := range q.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if tied[sortKey(v)] == nil {
			tied[sortKey(v)] = map[float64]bool{}
		}
		tied[sortKey(v)][float64(v.ID)] = true
	}
	for _, want := range p.Expected.First {
		if !tied[want[0].(string)][want[1].(float64)] {
			t.Errorf("request %v is not among those at %q", want[1], want[0])
		}
	}
	for _, v := range first {
		if !tied[sortKey(v)][float64(v.ID)] {
			t.Errorf("request %d is found first, and not among all", v.ID)
		}
	}
}

// expectShards sends the requests that a query is made of, and counts what they find: the shards of the answer together.
func expectShards(t *testing.T, s *server, q repo.Query[webRequest], p bulkPattern) {
	t.Helper()
	inputs, err := q.Inputs()
	if err != nil {
		t.Fatal(err)
	}
	if len(inputs) != len(p.Expected.PerShard) {
		t.Errorf("%d requests, want one for each of %d shards", len(inputs), len(p.Expected.PerShard))
	}
	found, want := 0, 0
	for _, in := range inputs {
		for pages := dynamodb.NewQueryPaginator(s, in); pages.HasMorePages(); {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			found += int(page.Count)
		}
	}
	for _, n := range p.Expected.PerShard {
		want += n
	}
	if found != want || want != p.Expected.Count {
		t.Errorf("the shards hold %d requests, want %d", found, want)
	}
}

// expectWeblog reads the table without the library, and compares it with the set: values, keys by the rules of the set, and as many
// shards as there.
func expectWeblog(t *testing.T, s *server, table repo.Table, set *bulk[webRequest]) {
	t.Helper()
	pk, index, _ := strings.Cut(set.KeyRules["Request"], " GSI_1=")
	_, sk, _ := strings.Cut(index, "/")
	rule := func(rule string, v webRequest) string {
		return strings.NewReplacer("{requestid}", strconv.Itoa(v.ID), "{responsecode}", strconv.Itoa(v.Code), "{date}", v.Date, "{hourofday}", v.Hour).Replace(rule)
	}
	shards, found := map[string]bool{}, map[int]webRequest{}
	for pages := dynamodb.NewScanPaginator(s, &dynamodb.ScanInput{TableName: &table.Name}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range page.Items {
			var v webRequest
			if err := attributevalue.UnmarshalMap(it, &v); err != nil {
				t.Fatal(err)
			}
			found[v.ID] = v
			shards[row(it).text("GSI_1_PK")] = true
			if got := row(it).text("PK"); "PK="+got != rule(pk, v) {
				t.Errorf("request %d has key %q, want %q", v.ID, got, rule(pk, v))
			}
			if got := row(it).text("GSI_1_SK"); got != rule(sk, v) {
				t.Errorf("request %d has sort key %q in the index, want %q", v.ID, got, rule(sk, v))
			}
		}
	}
	for _, want := range set.Data {
		if found[want.ID] != want {
			t.Errorf("request %d: -set +stored\n%s", want.ID, gocmp.Diff(want, found[want.ID]))
		}
	}
	if len(found) != len(set.Data) || len(shards) != webShards {
		t.Errorf("the table holds %d requests in %d shards, want %d in %d", len(found), len(shards), len(set.Data), webShards)
	}
}
