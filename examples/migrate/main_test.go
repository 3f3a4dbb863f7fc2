package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/monotable/monotable/internal/storytest"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// The story is the same on every engine, and the second time on one server too.
func TestOutput(t *testing.T) { storytest.Output(t, connect, run) }

type row = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// scan lists the rows of the table, or of an index, by their keys.
func scan(t *testing.T, c *dynamodb.Client, index *string) map[string]row {
	t.Helper()
	out, err := c.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(table.Name), IndexName: index})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]row{}
	for _, r := range out.Items {
		all[r["pk"].(*types.AttributeValueMemberS).Value+" "+r["sk"].(*types.AttributeValueMemberS).Value] = r
	}
	return all
}

// At the end there is a row of each member and a guard of each address, as if the second release had always been there, and nothing
// else: no row, no attribute, no former name.
func TestAsIfItHadAlwaysBeenThere(t *testing.T) {
	c := repotest.NewClient()
	if err := run(t.Context(), c, io.Discard); err != nil {
		t.Fatal(err)
	}
	plan, visits := map[string]string{}, map[string]int{}
	for i, id := range joined {
		plan[id], visits[id] = plans[i%len(plans)], i*7%20
	}
	delete(plan, "lovelace")
	maps.Copy(plan, map[string]string{"ada": "youth", "radia": "youth", "tony": "full", "rosa": "full", "peter": "youth", "tim": "full", "tina": "youth", "zoe": "basic"})
	maps.Copy(visits, map[string]int{"tony": 3, "rosa": 1})

	rows, guards := map[string]row{}, map[string]row{}
	members := repo.Must(repo.New[Member](repotest.NewClient(), table))
	for id, p := range plan {
		email := id + "@example.com"
		is := row{
			"pk": text("CLUB#chess"), "sk": text("MEMBER#" + id), "_type": text("Member"), "club": text("chess"), "id": text(id), "email": text(email),
			"plan": text(p), "visits": &types.AttributeValueMemberN{Value: fmt.Sprint(visits[id])},
			"byPlanpk": text("CLUB#chess#PLAN#" + p), "byPlansk": text(id),
		}
		encoded, err := members.Encode(Member{Club: club, ID: id, Email: email, Plan: p, Visits: visits[id]})
		if diff := cmp.Diff(is, encoded, values); diff != "" || err != nil {
			t.Errorf("%s is written otherwise: %v -want +got\n%s", id, err, diff)
		}
		rows["CLUB#chess MEMBER#"+id] = is
		pk := "$UNIQUE#User#email#" + email
		guards[pk+" $UNIQUE"] = row{
			"pk": text(pk), "sk": text("$UNIQUE"), "_type": text("$UNIQUE"),
			"_owner": &types.AttributeValueMemberL{Value: []types.AttributeValue{is["pk"], is["sk"]}},
		}
	}
	if diff := cmp.Diff(rows, scan(t, c, aws.String("byPlan")), values); diff != "" {
		t.Errorf("the index: -want +got\n%s", diff)
	}
	maps.Copy(rows, guards)
	if diff := cmp.Diff(rows, scan(t, c, nil), values); diff != "" {
		t.Errorf("the table: -want +got\n%s", diff)
	}
}

var values = cmpopts.IgnoreUnexported(types.AttributeValueMemberS{}, types.AttributeValueMemberN{}, types.AttributeValueMemberL{})

// seen is what a program makes of the rows of members: their texts, and what it says of those that it cannot read.
func seen[T fmt.Stringer](t *testing.T, r *repo.Repository[T], c *dynamodb.Client) map[string]string {
	t.Helper()
	all := map[string]string{}
	for key, stored := range scan(t, c, nil) {
		if stored["_owner"] != nil {
			continue
		}
		switch v, err := r.Decode(stored); {
		case errors.Is(err, repo.ErrWrongEntity):
			all[key] = "wrong entity"
		case errors.Is(err, repo.ErrInvalidValue):
			all[key] = "invalid"
		case err != nil:
			t.Errorf("%s: %v", key, err)
		default:
			all[key] = v.String()
		}
	}
	return all
}

// Whenever two programs run beside each other, each reads whatever the other has written.
func TestWhoReadsWhat(t *testing.T) {
	c := repotest.NewClient()
	if err := fill(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	s := newTeller(&live{c}, io.Discard)
	play := func(chapters ...func(context.Context) error) {
		t.Helper()
		for _, chapter := range chapters {
			if err := chapter(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	count := func(all map[string]string) map[string]int {
		out := map[string]int{}
		for _, v := range all {
			if v != "invalid" && v != "wrong entity" {
				v = "read"
			}
			out[v]++
		}
		return out
	}
	same := func(when string, want, got map[string]string) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s two programs differ: -want +got\n%s", when, diff)
		}
	}
	counted := func(when string, all map[string]string, want map[string]int) {
		t.Helper()
		if diff := cmp.Diff(want, count(all)); diff != "" {
			t.Errorf("%s: -want +got\n%s", when, diff)
		}
	}

	play(s.before, s.index, s.first)
	same("beside the first release", seen(t, s.users, c), seen(t, s.bridge, c))
	counted("the old program, beside the first release", seen(t, s.users, c), map[string]int{"read": 24, "invalid": 1})

	play(s.second, s.refused)
	same("beside the second release", seen(t, s.bridge, c), seen(t, s.members, c))
	counted("the second release", seen(t, s.members, c), map[string]int{"read": 26, "invalid": 1})
	counted("the old program, beside the second release", seen(t, s.users, c), map[string]int{"read": 25, "invalid": 1, "wrong entity": 1})

	before := scan(t, c, nil)
	play(s.dry)
	if diff := cmp.Diff(before, scan(t, c, nil), values); diff != "" {
		t.Errorf("a dry run wrote: -want +got\n%s", diff)
	}

	play(s.walk)
	same("rolled back after the walk", seen(t, s.members, c), seen(t, s.bridge, c))
	counted("the old program, after the walk", seen(t, s.users, c), map[string]int{"invalid": 1, "wrong entity": 27})

	play(s.mend, s.again)
	same("rolled back at the end", seen(t, s.members, c), seen(t, s.bridge, c))
	counted("the second release, at the end", seen(t, s.members, c), map[string]int{"read": 27})
}

// What is as it should be is left alone: an index that is there, and a table that is not.
func TestNothingToChange(t *testing.T) {
	engine := repotest.New()
	l := &live{engine.Client()}
	if err := l.remove(t.Context()); err != nil {
		t.Errorf("a table that is not there: %v", err)
	}
	if err := fill(t.Context(), l.c); err != nil {
		t.Fatal(err)
	}
	members := repo.Must(repo.New[Member](l.c, table))
	for _, turn := range []string{"first", "second"} {
		if err := l.addIndexes(t.Context(), members); err != nil {
			t.Fatalf("the %s time: %v", turn, err)
		}
	}
	if n := engine.Requests("UpdateTable"); n != 1 {
		t.Errorf("%d requests to change the table", n)
	}
	if err := repo.VerifyTable(t.Context(), l.c, table, members); err != nil {
		t.Error(err)
	}
}
