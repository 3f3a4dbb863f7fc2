// Package renames tests entities and attributes that have former names: a table written by an older declaration, read and written by
// a newer one, and by both at once.
package renames

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/client"
	"github.com/monotable/monotable/repo/repotest"
)

// The order, as four programs declare it. They have the same fields, so that one is converted to another.
type (
	// purchase is the first program: it knows nothing of later names.
	purchase struct {
		_        struct{}  `entity:"Purchase" pk:"CUSTOMER#{Customer}" sk:"ORDER#{ID}"`
		_        struct{}  `index:"gsi1" pk:"STATUS#{Status}#{Customer}" sk:"{ID}" when:"Status=open|shipped"`
		Customer string    `dynamodbav:"customer"`
		ID       string    `dynamodbav:"number"`
		Status   string    `dynamodbav:"state,omitempty"`
		Total    int       `dynamodbav:"sum,omitempty"`
		Limit    int       `dynamodbav:"limit,omitempty"`
		Tags     []string  `dynamodbav:"labels,stringset"`
		Lines    []string  `dynamodbav:"rows,omitempty"`
		Ship     *shipping `dynamodbav:"address"`
		Note     string    `dynamodbav:"note,omitempty"`
		Placed   time.Time `dynamodbav:"made" repo:"created"`
		Until    time.Time `dynamodbav:"expires,unixtime" repo:"ttl"`
	}
	// bridge is the release before the renaming: it writes the first names, and reads the later ones too.
	bridge struct {
		_        struct{}  `entity:"Purchase,was=Order,was=Purchase" pk:"CUSTOMER#{Customer}" sk:"ORDER#{ID}"`
		_        struct{}  `index:"gsi1" pk:"STATUS#{Status}#{Customer}" sk:"{ID}" when:"Status=open|shipped"`
		Customer string    `dynamodbav:"customer"`
		ID       string    `dynamodbav:"number" repo:"was=id"`
		Status   string    `dynamodbav:"state,omitempty" repo:"was=status,was=st"`
		Total    int       `dynamodbav:"sum,omitempty" repo:"was=total"`
		Limit    int       `dynamodbav:"limit,omitempty"`
		Tags     []string  `dynamodbav:"labels,stringset" repo:"was=tags"`
		Lines    []string  `dynamodbav:"rows,omitempty" repo:"was=lines"`
		Ship     *shipping `dynamodbav:"address" repo:"was=ship"`
		Note     string    `dynamodbav:"note,omitempty"`
		Placed   time.Time `dynamodbav:"made" repo:"created,was=placed"`
		Until    time.Time `dynamodbav:"expires,unixtime" repo:"ttl,was=until"`
	}
	// order is the renaming.
	order struct {
		_        struct{}  `entity:"Order,was=Purchase" pk:"CUSTOMER#{Customer}" sk:"ORDER#{ID}"`
		_        struct{}  `index:"gsi1" pk:"STATUS#{Status}#{Customer}" sk:"{ID}" when:"Status=open|shipped"`
		Customer string    `dynamodbav:"customer"`
		ID       string    `dynamodbav:"id" repo:"was=number"`
		Status   string    `dynamodbav:"status,omitempty" repo:"was=state,was=st"`
		Total    int       `dynamodbav:"total,omitempty" repo:"was=sum"`
		Limit    int       `dynamodbav:"limit,omitempty"`
		Tags     []string  `dynamodbav:"tags,stringset" repo:"was=labels"`
		Lines    []string  `dynamodbav:"lines,omitempty" repo:"was=rows"`
		Ship     *shipping `dynamodbav:"ship" repo:"was=address"`
		Note     string    `dynamodbav:"note,omitempty"`
		Placed   time.Time `dynamodbav:"placed" repo:"created,was=made"`
		Until    time.Time `dynamodbav:"until,unixtime" repo:"ttl,was=expires"`
	}
	// plain is the order as if it had always had its names: what the others must do in effect.
	plain struct {
		_        struct{}  `entity:"Order" pk:"CUSTOMER#{Customer}" sk:"ORDER#{ID}"`
		_        struct{}  `index:"gsi1" pk:"STATUS#{Status}#{Customer}" sk:"{ID}" when:"Status=open|shipped"`
		Customer string    `dynamodbav:"customer"`
		ID       string    `dynamodbav:"id"`
		Status   string    `dynamodbav:"status,omitempty"`
		Total    int       `dynamodbav:"total,omitempty"`
		Limit    int       `dynamodbav:"limit,omitempty"`
		Tags     []string  `dynamodbav:"tags,stringset"`
		Lines    []string  `dynamodbav:"lines,omitempty"`
		Ship     *shipping `dynamodbav:"ship"`
		Note     string    `dynamodbav:"note,omitempty"`
		Placed   time.Time `dynamodbav:"placed" repo:"created"`
		Until    time.Time `dynamodbav:"until,unixtime" repo:"ttl"`
	}
	shipping struct {
		City   string `dynamodbav:"city,omitempty"`
		Visits int    `dynamodbav:"visits,omitempty"`
	}
)

// The member, with all that is told by an attribute: version, unique, immutable, required, updated.
type (
	user struct { // the first program
		_       struct{}  `entity:"User" pk:"MEMBER#{ID}" sk:"MEMBER"`
		ID      string    `dynamodbav:"id"`
		Email   string    `dynamodbav:"mail" repo:"unique"`
		Team    string    `dynamodbav:"group" repo:"immutable,required"`
		Points  int       `dynamodbav:"score"`
		Version int       `dynamodbav:"rev" repo:"version"`
		Changed time.Time `dynamodbav:"touched" repo:"updated"`
	}
	crew struct { // the release before the renaming
		_       struct{}  `entity:"User,was=Member,was=User" pk:"MEMBER#{ID}" sk:"MEMBER"`
		ID      string    `dynamodbav:"id"`
		Email   string    `dynamodbav:"mail" repo:"unique,was=email,was=mail"`
		Team    string    `dynamodbav:"group" repo:"immutable,required,was=team"`
		Points  int       `dynamodbav:"score" repo:"was=points"`
		Version int       `dynamodbav:"rev" repo:"version,was=version"`
		Changed time.Time `dynamodbav:"touched" repo:"updated,was=changed"`
	}
	member struct { // the renaming
		_       struct{}  `entity:"Member,was=User" pk:"MEMBER#{ID}" sk:"MEMBER"`
		ID      string    `dynamodbav:"id"`
		Email   string    `dynamodbav:"email" repo:"unique,was=mail"`
		Team    string    `dynamodbav:"team" repo:"immutable,required,was=group"`
		Points  int       `dynamodbav:"points" repo:"was=score"`
		Version int       `dynamodbav:"version" repo:"version,was=rev"`
		Changed time.Time `dynamodbav:"changed" repo:"updated,was=touched"`
	}
)

// former is what the names of orders were, and of members.
var former = map[string]string{
	"number": "id", "state": "status", "st": "status", "sum": "total", "labels": "tags", "rows": "lines", "address": "ship", "made": "placed", "expires": "until",
	"mail": "email", "group": "team", "score": "points", "rev": "version", "touched": "changed",
}

type row = map[string]types.AttributeValue

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// shop is a table, and a client of the engine that has it.
type shop struct {
	repo.Table
	*dynamodb.Client
}

// newShop makes a table with a fixed clock.
func newShop(t testing.TB, c *dynamodb.Client, name string) *shop {
	t.Helper()
	s := &shop{repo.Table{Name: name, Indexes: []repo.Index{{Name: "gsi1"}}, Now: func() time.Time { return noon }}, c}
	if err := repo.CreateTable(t.Context(), c, s.Table, of[plain](s), of[member](s)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = c.DeleteTable(context.WithoutCancel(t.Context()), &dynamodb.DeleteTableInput{TableName: &s.Name})
	})
	return s
}

func of[T any](s *shop) *repo.Repository[T] { return repo.Must(repo.New[T](s.Client, s.Table)) }

// onEveryEngine runs a test on the embedded engine, and on DynamoDB Local where one runs.
func onEveryEngine(t *testing.T, test func(*testing.T, *shop)) {
	t.Run("embedded", func(t *testing.T) { test(t, newShop(t, repotest.NewClient(), "renames")) })
	t.Run("dynamodb-local", func(t *testing.T) {
		endpoint := os.Getenv("DYNAMODB_ENDPOINT")
		switch {
		case endpoint == "" && os.Getenv("INTEGRATION") == "required":
			t.Fatal("DYNAMODB_ENDPOINT is not set, and INTEGRATION=required")
		case endpoint == "":
			t.Skip("DYNAMODB_ENDPOINT is not set")
		}
		c, err := client.New(t.Context(), endpoint)
		if err != nil {
			t.Fatal(err)
		}
		test(t, newShop(t, c, fmt.Sprintf("renames-%d", time.Now().UnixNano())))
	})
}

// store puts a row as it is.
func (s *shop) store(t fataler, r row) {
	t.Helper()
	if _, err := s.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: &s.Name, Item: r}); err != nil {
		t.Fatalf("%v", err)
	}
}

// stored reads a row as it is; nil where there is none.
func (s *shop) stored(t fataler, pk, sk string) row {
	t.Helper()
	key := row{"pk": text(pk), "sk": text(sk)}
	out, err := s.GetItem(context.Background(), &dynamodb.GetItemInput{TableName: &s.Name, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return out.Item
}

// fataler is what tests and properties have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// nowNamed is a row under the names now, independent of the library: a former name counts where no later one is there.
func nowNamed(r row) row {
	out := row{}
	for name, av := range r {
		if former[name] == "" {
			out[name] = av
		}
	}
	for _, name := range []string{"number", "state", "sum", "labels", "rows", "address", "made", "expires", "mail", "group", "score", "rev", "touched", "st"} { // st is the oldest
		if av, ok := r[name]; ok && out[former[name]] == nil {
			out[former[name]] = av
		}
	}
	return out
}

// formerIn lists the former names that a row has.
func formerIn(r row) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(r)), func(name string) bool { return former[name] == "" })
}

func typeOf(r row) string {
	s, _ := r["_type"].(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}
