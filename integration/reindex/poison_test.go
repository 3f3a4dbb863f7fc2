package reindex

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// parcel is what the program knew; wideParcel knows an index more, which takes attributes as they are.
type parcel struct {
	_ struct{} `entity:"Parcel" pk:"P#{ID}" sk:"P"`

	ID string `dynamodbav:"id"`
	A  string `dynamodbav:"a"`
	B  string `dynamodbav:"b"`
}

type wideParcel struct {
	_ struct{} `entity:"Parcel" pk:"P#{ID}" sk:"P"`
	_ struct{} `index:"wide" hash:"A,B"`
	_ struct{} `index:"gsi1" pk:"ID#{ID}" sk:"P"`

	ID string `dynamodbav:"id"`
	A  string `dynamodbav:"a,omitempty"`
	B  string `dynamodbav:"b,omitempty"`
}

var (
	parcelTable = repo.Table{Name: "parcels"}
	wideTable   = repo.Table{Name: "parcels", Indexes: []repo.Index{{Name: "wide", Hash: []string{"a", "b"}}, {Name: "gsi1"}}}
)

// One item that DynamoDB would not take into a new index is a problem of its own, and the walk goes on behind it.
func TestPoisonedItems(t *testing.T) {
	for _, c := range []struct {
		reason string
		bad    item
	}{
		{"an empty attribute that an index has as a key", item{"a": s("")}},
		{"attributes that are too long together", item{"a": s(strings.Repeat("a", 1500)), "b": s(strings.Repeat("b", 1500))}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			client := repotest.NewClient()
			parcels, wide := repo.Must(repo.New[parcel](client, parcelTable)), repo.Must(repo.New[wideParcel](client, wideTable))
			if err := repo.CreateTable(t.Context(), client, parcelTable, parcels); err != nil {
				t.Fatal(err)
			}
			for i := range 5 {
				row := item{"pk": s(fmt.Sprint("P#", i)), "sk": s("P"), "_type": s("Parcel"), "id": s(fmt.Sprint(i)), "a": s("a"), "b": s("b")}
				if i == 2 {
					row = with(row, c.bad)
				}
				if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("parcels"), Item: row}); err != nil {
					t.Fatal(err)
				}
			}
			for _, index := range []string{"wide", "gsi1"} {
				in, err := repo.CreateIndexInput(wideTable, index, wide)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := client.UpdateTable(t.Context(), in); err != nil {
					t.Fatal(err)
				}
			}
			report, err := wide.Reindex(t.Context(), repo.ReindexOptions{})
			if err != nil || report.Read != 5 || report.Written != 4 || report.Invalid != 1 {
				t.Fatalf("%+v, %v", report.ReindexProgress, err)
			}
			if p := report.Problems[0]; !errors.Is(p.Err, repo.ErrInvalidKey) || text(p.Key["pk"]) != "P#2" {
				t.Errorf("%v of %v", p.Err, p.Key)
			}
		})
	}
}

// Whatever a function of the caller's does to what it is shown, the walk goes on from where it is.
func TestProblemsAreTheCallers(t *testing.T) {
	w := newWorld(t)
	for i := range 250 {
		w.load(with(old(i), item{"hits": s("three")}))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	spoil := func(p repo.ReindexProblem) {
		p.Key["pk"].(*types.AttributeValueMemberS).Value = "TEAM#zzz"
		delete(p.Key, "sk")
	}
	first, err := w.persons.Reindex(ctx, repo.ReindexOptions{Problem: spoil, Progress: func(repo.ReindexProgress) { cancel() }})
	if !errors.Is(err, context.Canceled) || first.Resume == "" {
		t.Fatal(first.ReindexProgress, err)
	}
	if rest := w.reindex(repo.ReindexOptions{Problem: spoil, Resume: first.Resume}); first.Read+rest.Read != 250 || first.Invalid+rest.Invalid != 250 {
		t.Errorf("%d read, then %d", first.Read, rest.Read)
	}
}

// What was written is counted, also where the answer that said so was lost.
func TestWrittenAfterLostAnswers(t *testing.T) {
	w := newWorld(t)
	for i := range 10 {
		w.load(with(old(i), item{"version": n("1")}), guard(fmt.Sprintf("p%05d@example.com", i), old(i)))
	}
	w.engine.Inject(repotest.Rule{Operation: "UpdateItem", Every: 2, Fault: repotest.LoseResponse()})
	w.counted(w.reindex(repo.ReindexOptions{}), 10, 10, 0, 0, 0)
}

// A token is of the names by which guards are keyed: with others the rest of the walk would make guards that know nothing of the first.
func TestTokenOfOtherGuards(t *testing.T) {
	type mailed struct {
		_ struct{} `entity:"Person" pk:"TEAM#{Team}" sk:"PERSON#{ID}"`

		Team  string `dynamodbav:"team"`
		ID    string `dynamodbav:"id"`
		Email string `dynamodbav:"email" repo:"unique,was=mail"`
	}
	type mailedFirst struct {
		_ struct{} `entity:"Person" pk:"TEAM#{Team}" sk:"PERSON#{ID}"`

		Team  string `dynamodbav:"team"`
		ID    string `dynamodbav:"id"`
		Email string `dynamodbav:"email" repo:"unique,was=mail,was=email"`
	}
	w := newWorld(t)
	w.loadOld(250)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first, err := open[mailed](w).Reindex(ctx, repo.ReindexOptions{Progress: func(repo.ReindexProgress) { cancel() }})
	if !errors.Is(err, context.Canceled) || first.Resume == "" {
		t.Fatal(first.ReindexProgress, err)
	}
	if _, err := open[mailedFirst](w).Reindex(t.Context(), repo.ReindexOptions{Resume: first.Resume}); !errors.Is(err, repo.ErrInvalidCursor) {
		t.Errorf("%v, want ErrInvalidCursor", err)
	}
}

// An item whose value another one has the guard of gives the value up. While that is under way the other goes, and a walk makes the
// guard the item's: it must not be left behind with nobody to own it.
func TestGuardOfNobody(t *testing.T) {
	const value = "p00001@example.com"
	key := person{Team: "t1", ID: "p00001"}
	for verb, write := range map[string]func(context.Context, *world) error{
		"Delete": func(ctx context.Context, w *world) error { return w.persons.Delete(ctx, key) },
		"Take":   func(ctx context.Context, w *world) error { _, err := w.persons.Take(ctx, key); return err },
		"Update": func(ctx context.Context, w *world) error {
			_, err := w.persons.Update(ctx, key, personEmail.Set("own@example.com"))
			return err
		},
		"Put": func(ctx context.Context, w *world) error {
			_, err := w.persons.Put(ctx, person{Team: "t1", ID: "p00001", Email: "own@example.com", Version: 1})
			return err
		},
	} {
		w := newWorld(t)
		w.load(right(1, value), right(2, value), guard(value, old(2)))
		transactions := 0
		w.on(func(operation string) {
			if operation != "TransactWriteItems" {
				return
			}
			if transactions++; transactions != 2 { // before, the guard was the other's
				return
			}
			raw := repo.Must(repo.New[person](w.raw, people))
			if err := raw.Delete(t.Context(), person{Team: "t2", ID: "p00002"}); err != nil {
				t.Error(err)
			}
			if report, err := raw.Reindex(t.Context(), repo.ReindexOptions{}); err != nil || report.Guards != 1 {
				t.Error(report.ReindexProgress, err)
			}
		})
		if err := write(t.Context(), w); err != nil {
			t.Errorf("%s: %v", verb, err)
		}
		if left := w.stored(guardKey(value)); left != nil || transactions < 3 {
			t.Errorf("%s: the guard is left of %v, after %d transactions", verb, left["_owner"], transactions)
		}
	}
}
