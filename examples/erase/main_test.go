package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo/repotest"
)

const story = `before: ann has 43 bob has 43 cy has 43
erased of bob: 43
after: ann has 43 cy has 43
his email is free: true
`

func TestOutput(t *testing.T) {
	var out bytes.Buffer
	if err := connectAndRun(t.Context(), "", &out); err != nil || out.String() != story {
		t.Errorf("%v, and it says\n%s\nwant\n%s", err, &out, story)
	}
}

// rows are all rows of the table, guards among them.
func rows(t *testing.T, c *dynamodb.Client) int {
	t.Helper()
	out, err := c.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table.Name})
	if err != nil {
		t.Fatal(err)
	}
	return len(out.Items)
}

func opened(t *testing.T, c *dynamodb.Client) *store {
	t.Helper()
	s, err := openStore(t.Context(), c)
	if err == nil {
		err = s.fill(t.Context(), "ann")
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Nothing is left, guards included; what is not there is erased already.
func TestNothingIsLeft(t *testing.T) {
	c := repotest.NewClient()
	s := opened(t, c)
	if n := rows(t, c); n != 44 {
		t.Fatalf("%d rows at first", n)
	}
	for _, want := range []int{43, 0} {
		if n, err := s.erase(t.Context(), "ann"); n != want || err != nil || rows(t, c) != 0 {
			t.Errorf("erased %d, %v; %d rows are left", n, err, rows(t, c))
		}
	}
}

// cut is a connection that is lost.
type cut struct{}

func (cut) Do(*http.Request) (*http.Response, error) { return nil, context.Canceled }

// Wherever it is interrupted, the account is there until all else is gone, and erasing it again goes on.
func TestInterrupted(t *testing.T) {
	c := repotest.NewClient()
	s := opened(t, c)
	calls := 0
	s.posts = s.posts.With(func(o *dynamodb.Options) {
		if calls++; calls%10 == 0 {
			o.HTTPClient, o.Retryer = cut{}, aws.NopRetryer{}
		}
	})
	for runs := 0; ; runs++ {
		_, err := s.erase(t.Context(), "ann")
		if err == nil {
			if left := rows(t, c); left != 0 || runs < 3 {
				t.Errorf("%d rows are left after %d runs", left, runs)
			}
			return
		}
		if _, err := s.accounts.Get(t.Context(), Account{ID: "ann"}); err != nil || runs > 10 {
			t.Fatalf("run %d: the account is gone before its items: %v", runs, err)
		}
	}
}

// An item of a type that is not known stops it, and so does somebody who writes on and on.
func TestStopped(t *testing.T) {
	c := repotest.NewClient()
	s := opened(t, c)
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	foreign := map[string]types.AttributeValue{"pk": text("ACCOUNT#ann"), "sk": text("BADGE#1"), "_type": text("Badge")}
	if _, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table.Name), Item: foreign}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.erase(t.Context(), "ann"); !errors.Is(err, errForeign) {
		t.Errorf("a foreign type: %v", err)
	}

	busy := opened(t, repotest.NewClient())
	n, sessions := 0, busy.sessions
	busy.sessions = sessions.With(func(*dynamodb.Options) { // with each session that is deleted comes another
		n++
		_, err := sessions.Put(t.Context(), Session{Account: "ann", ID: fmt.Sprint("new", n), Expires: time.Now()})
		if err != nil {
			t.Error(err)
		}
	})
	if _, err := busy.erase(t.Context(), "ann"); !errors.Is(err, errWritten) {
		t.Errorf("a busy writer: %v", err)
	}
}
