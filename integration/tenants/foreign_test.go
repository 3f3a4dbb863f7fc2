package tenants

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// letter is in the partition of its tenant, in an index too.
type letter struct {
	_ struct{} `entity:"Letter" pk:"T#{Tenant}" sk:"L#{ID}"`
	_ struct{} `index:"mine" hash:"Tenant" range:"ID"`

	Tenant string `dynamodbav:"tenant"`
	ID     string `dynamodbav:"id"`
	Name   string `dynamodbav:"name" repo:"unique=Tenant+ID+Name"`
}

// invite is in the partition of who sends it, and in that part of the index which is of whom it is for.
type invite struct {
	_ struct{} `entity:"Invite" pk:"T#{From}" sk:"I#{ID}"`
	_ struct{} `index:"mine" hash:"To" range:"ID"`

	From string `dynamodbav:"from"`
	To   string `dynamodbav:"tenant"`
	ID   string `dynamodbav:"id"`
}

var (
	letterTenant = expr.String(func(l *letter) *string { return &l.Tenant })
	inviteFrom   = expr.String(func(i *invite) *string { return &i.From })
	letters      = repo.Table{Name: "letters", Indexes: []repo.Index{{Name: "mine", Hash: []string{"tenant"}, Range: []string{"id"}}}}
)

// In an index whose partition has items of others too, pages of a scope show nothing of those, go on behind them, and have every item
// once.
func TestPagesAmongOthers(t *testing.T) {
	for seed := range 10 {
		c := repotest.NewClient()
		free, invites := repo.Must(repo.New[letter](c, letters)), repo.Must(repo.New[invite](c, letters))
		if err := repo.CreateTable(t.Context(), c, letters, free, invites); err != nil {
			t.Fatal(err)
		}
		mine, want := free.Scope(letterTenant.Eq("acme")), 0
		for i := range 40 {
			var err error
			if id := fmt.Sprintf("%02d", i); (i*7+seed*i*i+i/3)%(2+seed%5) == 0 {
				want++
				_, err = mine.Create(t.Context(), letter{ID: id, Name: "n"})
			} else {
				_, err = invites.Put(t.Context(), invite{From: "secretcorp", To: "acme", ID: id})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, size := range []int{1, 2, 3, 5, 7} {
			for _, limit := range []int{0, 1, 2, 4, 9} {
				q := mine.Query().Index("mine").PageSize(size)
				if limit > 0 {
					q = q.Limit(limit)
				}
				if got := paged(t, q); len(got) != want {
					t.Errorf("seed %d, size %d, limit %d: %d of %d", seed, size, limit, len(got), want)
				}
			}
		}
	}
}

// paged reads a query page by page, and has every item once.
func paged(t *testing.T, q repo.Query[letter]) map[string]bool {
	t.Helper()
	got := map[string]bool{}
	from := repo.Cursor("")
	for range 200 {
		page, err := q.Page(t.Context(), from)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range page.Items {
			if got[l.ID] {
				t.Errorf("%s twice", l.ID)
			}
			got[l.ID] = true
		}
		if raw, err := base64.RawURLEncoding.DecodeString(string(page.Next)); err != nil || strings.Contains(string(raw), "secretcorp") {
			t.Errorf("the cursor shows another tenant: %v", err)
		}
		if from = page.Next; from == "" {
			return got
		}
	}
	t.Error("the pages have no end")
	return got
}

// mate has values that are unique within less than its tenant, by a field that is in no partition key.
type mate struct {
	_ struct{} `entity:"Mate" pk:"T#{Tenant}" sk:"M#{ID}"`

	Tenant string `dynamodbav:"tenant"`
	Team   string `dynamodbav:"team"`
	ID     string `dynamodbav:"id"`
	Name   string `dynamodbav:"name" repo:"unique=Tenant+Team+Name"`
}

// What is unique within less than the scope is within the scope all the more.
func TestUniqueWithinLess(t *testing.T) {
	c := repotest.NewClient()
	mates := repo.Must(repo.New[mate](c, repo.Table{Name: "mates"}))
	if err := repo.CreateTable(t.Context(), c, repo.Table{Name: "mates"}, mates); err != nil {
		t.Fatal(err)
	}
	tenant := expr.String(func(m *mate) *string { return &m.Tenant })
	for _, who := range []string{"acme", "bolt"} {
		mine := mates.Scope(tenant.Eq(who))
		if _, err := mine.Create(t.Context(), mate{Team: "a", ID: "1", Name: "n"}); err != nil {
			t.Errorf("%s: %v", who, err)
		}
		if _, err := mine.Create(t.Context(), mate{Team: "b", ID: "2", Name: "n"}); err != nil {
			t.Errorf("%s, another team: %v", who, err)
		}
		if _, err := mine.Create(t.Context(), mate{Team: "a", ID: "3", Name: "n"}); !errors.Is(err, repo.ErrNotUnique) {
			t.Errorf("%s, the same team: %v", who, err)
		}
	}
}

// seat has values that are unique among fields which have nothing to do with its tenant.
type seat struct {
	_ struct{} `entity:"Seat" pk:"T#{Tenant}" sk:"S#{ID}"`

	Tenant string `dynamodbav:"tenant"`
	ID     string `dynamodbav:"id"`
	Kind   string `dynamodbav:"kind"`
	Team   string `dynamodbav:"team"`
	Mail   string `dynamodbav:"mail" repo:"unique=Kind+Team+Mail"`
}

// Text of other fields that looks like the scope makes no guard of the scope.
func TestGuardsThatLookLikeTheScopes(t *testing.T) {
	c := repotest.NewClient()
	seats := repo.Must(repo.New[seat](c, repo.Table{Name: "seats"}))
	if err := repo.CreateTable(t.Context(), c, repo.Table{Name: "seats"}, seats); err != nil {
		t.Fatal(err)
	}
	if _, err := seats.Create(t.Context(), seat{Tenant: "bolt", ID: "1", Kind: "T", Team: "acme", Mail: "ann"}); err != nil {
		t.Fatal(err)
	}
	mine := seats.Scope(expr.String(func(s *seat) *string { return &s.Tenant }).Eq("acme"))
	for _, mail := range []string{"ann", "bob"} {
		if _, err := mine.Create(t.Context(), seat{ID: "9", Kind: "T", Team: "acme", Mail: mail}); !errors.Is(err, repo.ErrOutOfScope) {
			t.Errorf("%s: %v", mail, err)
		}
	}
}

// record and memo have keys that are their attributes, unescaped.
type record struct {
	_ struct{} `entity:"Record,overlaps=Memo" hash:"Tenant" range:"ID"`

	Tenant string `dynamodbav:"tenant"`
	ID     string `dynamodbav:"id"`
	Mail   string `dynamodbav:"mail" repo:"unique=Tenant+Mail"`
}

type memo struct {
	_ struct{} `entity:"Memo,overlaps=Record" hash:"Tenant" range:"ID"`

	Tenant string `dynamodbav:"tenant"`
	ID     string `dynamodbav:"id"`
}

// Where the tenant's own attribute is the partition key, any name will do, and none is the key of another one's guard.
func TestTenantsAsTheyAre(t *testing.T) {
	ctx, c := t.Context(), repotest.NewClient()
	table := repo.Table{Name: "natural", Key: repo.Key{Hash: "tenant", Range: "id"}}
	records, memos := repo.Must(repo.New[record](c, table)), repo.Must(repo.New[memo](c, table))
	if err := repo.CreateTable(ctx, c, table, records, memos); err != nil {
		t.Fatal(err)
	}
	ofRecord, ofMemo := expr.String(func(r *record) *string { return &r.Tenant }), expr.String(func(m *memo) *string { return &m.Tenant })
	for _, name := range []string{"Acme", "Acme Inc", "a#b", "a!", "$"} {
		mine := records.Scope(ofRecord.Eq(name))
		if _, err := mine.Create(ctx, record{ID: "1", Mail: "ann"}); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := mine.Create(ctx, record{ID: "2", Mail: "ann"}); !errors.Is(err, repo.ErrNotUnique) {
			t.Errorf("%q: a value twice: %v", name, err)
		}
	}
	for _, value := range []string{"ann", "cid"} {
		evil := memos.Scope(ofMemo.Eq("Acme#$UNIQUE#Record#mail#" + value))
		if _, err := evil.Create(ctx, memo{ID: "$UNIQUE"}); !errors.Is(err, repo.ErrInvalidKey) {
			t.Errorf("an item in the place of the guard of %s: %v", value, err)
		}
		if _, err := evil.Get(ctx, memo{ID: "$UNIQUE"}); !errors.Is(err, repo.ErrInvalidKey) {
			t.Errorf("who has %s: %v", value, err)
		}
	}
	if _, err := records.Scope(ofRecord.Eq("Acme")).Create(ctx, record{ID: "3", Mail: "cid"}); err != nil {
		t.Errorf("a value that nobody has: %v", err)
	}
}

// A record that is out of the scope of its own type's view shows nothing of its item, whatever the other members are.
func TestRecordsOfMixedScopes(t *testing.T) {
	c := repotest.NewClient()
	free, invites := repo.Must(repo.New[letter](c, letters)), repo.Must(repo.New[invite](c, letters))
	s := func(text string) streams.AttributeValue { return &streams.AttributeValueMemberS{Value: text} }
	image := map[string]streams.AttributeValue{"pk": s("T#bolt"), "sk": s("L#1"), "_type": s("Letter"), "tenant": s("bolt"), "id": s("1"), "name": s("secret")}
	r := streams.Record{EventName: streams.OperationTypeInsert, Dynamodb: &streams.StreamRecord{
		SequenceNumber: aws.String("1"), NewImage: image, Keys: map[string]streams.AttributeValue{"pk": image["pk"], "sk": image["sk"]},
	}}
	mine := free.Scope(letterTenant.Eq("acme"))
	for reason, members := range map[string][]repo.Member{
		"one scope":      {mine, invites.Scope(inviteFrom.Eq("acme"))},
		"two scopes":     {mine, invites.Scope(inviteFrom.Eq("bolt"))},
		"half of a kind": {mine, invites},
	} {
		d, err := repo.NewDecoder(members...)
		if err != nil {
			t.Fatal(err)
		}
		change, err := d.StreamRecord(r)
		if !errors.Is(err, repo.ErrOutOfScope) || change.New != nil || len(change.NewImage)+len(change.OldImage)+len(change.Keys) > 0 {
			t.Errorf("%s: %v, and the change shows %d attributes, %d keys", reason, err, len(change.NewImage), len(change.Keys))
		}
	}
}
