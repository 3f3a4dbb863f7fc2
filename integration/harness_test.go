// Package integration is one suite that runs on every engine: the same calls, and the same answers to compare.
//
//	make test                                                          # DynamoDB Local is started for it
//	DYNAMODB_ENDPOINT=http://localhost:8000 go test ./integration/...  # one that runs already
//
// Without DYNAMODB_ENDPOINT the tests on DynamoDB Local skip, and with INTEGRATION=required they fail. MODELS_DIR names the
// folder with the real designs; without it their tests skip.
package integration

import (
	"context"
	"crypto/rand"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/client"
	"github.com/monotable/monotable/repo/repotest"
)

// engines are what the suite runs on.
var engines = []struct {
	name    string
	connect func(*testing.T) *dynamodb.Client
}{
	{"embedded", func(*testing.T) *dynamodb.Client { return repotest.NewClient() }},
	{"dynamodb-local", dynamoDBLocal},
}

func dynamoDBLocal(t *testing.T) *dynamodb.Client {
	t.Helper()
	endpoint := os.Getenv("DYNAMODB_ENDPOINT")
	switch {
	case endpoint == "" && os.Getenv("INTEGRATION") == "required":
		t.Fatal("DYNAMODB_ENDPOINT is not set, and INTEGRATION=required")
	case endpoint == "":
		t.Skip("no DynamoDB Local: run make test, or DYNAMODB_ENDPOINT=$(integration/dynamodb-local.sh start) go test ./integration/...")
	}
	c, err := client.New(t.Context(), endpoint)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// onEveryEngine runs a test on each engine, as a subtest.
func onEveryEngine(t *testing.T, test func(*testing.T, *server)) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) { test(t, newServer(e.connect(t))) })
	}
}

// server is an engine, with a count of the requests that reach its transport.
type server struct {
	*dynamodb.Client
	sent atomic.Int64
}

func newServer(c *dynamodb.Client) *server {
	s := &server{}
	s.Client = dynamodb.New(c.Options(), func(o *dynamodb.Options) { o.HTTPClient = counting{o.HTTPClient, &s.sent} })
	return s
}

// counting is a transport that counts what it sends.
type counting struct {
	next dynamodb.HTTPClient
	sent *atomic.Int64
}

func (c counting) Do(r *http.Request) (*http.Response, error) {
	c.sent.Add(1)
	return c.next.Do(r)
}

// uniqueTable completes a table with a name of its own.
func uniqueTable(t *testing.T, table repo.Table) repo.Table {
	name, _, _ := strings.Cut(t.Name(), "/")
	table.Name = "integration-" + name + "-" + rand.Text()
	return table
}

// create makes a table, and deletes it when the test ends.
func (s *server) create(t *testing.T, table repo.Table, members ...repo.Member) {
	t.Helper()
	if err := repo.CreateTable(t.Context(), s, table, members...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		if _, err := s.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &table.Name}); err != nil {
			t.Errorf("the table stays behind: %v", err)
		}
	})
}

// open makes the repository of a type.
func open[T any](t *testing.T, s *server, table repo.Table) *repo.Repository[T] {
	t.Helper()
	r, err := repo.New[T](s, table)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// put stores values.
func put[T any](t *testing.T, r *repo.Repository[T], values ...T) {
	t.Helper()
	for _, v := range values {
		if _, err := r.Put(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
}

type item = map[string]types.AttributeValue

// load stores raw items without the library, in batches.
func (s *server) load(t *testing.T, table repo.Table, items ...item) {
	t.Helper()
	for chunk := range slices.Chunk(items, 25) {
		var writes []types.WriteRequest
		for _, it := range chunk {
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}})
		}
		out, err := s.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table.Name: writes}})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.UnprocessedItems) > 0 {
			t.Fatalf("%d tables have items that were not written", len(out.UnprocessedItems))
		}
	}
}

// stored reads an item without the library; none where it is missing.
func (s *server) stored(t *testing.T, table repo.Table, pk, sk string) item {
	t.Helper()
	out, err := s.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &table.Name, Key: item{"pk": text(pk), "sk": text(sk)}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

func text(s string) types.AttributeValue   { return &types.AttributeValueMemberS{Value: s} }
func number(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

// expectItem compares a stored item, all of it.
func expectItem(t *testing.T, got item, want map[string]string) {
	t.Helper()
	if diff := cmp.Diff(want, written(got)); diff != "" {
		t.Errorf("the stored item: -want +got\n%s", diff)
	}
}

// expectAttributes compares some attributes of a stored item; "" is an absent one.
func expectAttributes(t *testing.T, got item, want map[string]string) {
	t.Helper()
	have := written(got)
	maps.DeleteFunc(have, func(name, _ string) bool { _, asked := want[name]; return !asked })
	for name, v := range want {
		if _, there := have[name]; v == "" && !there {
			have[name] = ""
		}
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("attributes of the stored item: -want +got\n%s", diff)
	}
}

// sends counts the requests that a call sends.
func (s *server) sends(call func()) int64 {
	before := s.sent.Load()
	call()
	return s.sent.Load() - before
}
