package repo_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// verified is in every kind of index, and expires.
type verified struct {
	_ struct{} `entity:"Verified" pk:"V#{ID}" sk:"{Name}"`
	_ struct{} `index:"gsi1" pk:"NAME#{Name}" sk:"{ID}"`
	_ struct{} `index:"gsi2" hash:"Name" range:"Points"`
	_ struct{} `index:"lsi1" sk:"{Points}"`

	ID     string    `dynamodbav:"id"`
	Name   string    `dynamodbav:"name"`
	Points int       `dynamodbav:"points"`
	Gone   time.Time `dynamodbav:"gone,unixtime" repo:"ttl"`
}

// lasting has the attribute by which verified expires, and does not expire.
type lasting struct {
	_ struct{} `entity:"Lasting" pk:"L#{ID}" sk:"L"`

	ID   string `dynamodbav:"id"`
	Gone int    `dynamodbav:"gone"`
}

var verifiedTable = repo.Table{Name: "app", Indexes: []repo.Index{
	{Name: "gsi1", Project: []string{"id", "name", "points", "gone", "_type"}},
	{Name: "gsi2", Hash: []string{"name"}, Range: []string{"points"}},
	{Name: "lsi1", Local: true},
}}

// described is a live table: what it answers can be changed.
type described struct {
	repo.AdminClient
	table *types.TableDescription
	ttl   *types.TimeToLiveDescription
}

func (d *described) DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	return &dynamodb.DescribeTableOutput{Table: d.table}, nil
}

func (d *described) DescribeTimeToLive(context.Context, *dynamodb.DescribeTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error) {
	return &dynamodb.DescribeTimeToLiveOutput{TimeToLiveDescription: d.ttl}, nil
}

// newDescribed is a live table as it is declared, made by the engine.
func newDescribed(t *testing.T, members ...repo.Member) *described {
	t.Helper()
	c := repotest.NewClient()
	if err := repo.CreateTable(t.Context(), c, verifiedTable, members...); err != nil {
		t.Fatal(err)
	}
	out, err := c.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &verifiedTable.Name})
	if err != nil {
		t.Fatal(err)
	}
	ttl, err := c.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: &verifiedTable.Name})
	if err != nil {
		t.Fatal(err)
	}
	return &described{table: out.Table, ttl: ttl.TimeToLiveDescription}
}

// Every way in which a live table can differ has its words, which say what would mend it.
func TestVerifyTable(t *testing.T) {
	const again = "; delete the index and make it anew with UpdateTable, or declare it so"
	const ever = "; a local index cannot be changed: declare it so, or use another table"
	keys := func(names ...string) (out []types.KeySchemaElement) {
		for i, name := range names {
			out = append(out, types.KeySchemaElement{AttributeName: aws.String(name), KeyType: []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}[i]})
		}
		return out
	}
	onKeys := &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
	including := func(names ...string) *types.Projection {
		return &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: names}
	}
	gsi := func(d *described, n int) *types.GlobalSecondaryIndexDescription {
		return &d.table.GlobalSecondaryIndexes[n]
	}
	for _, c := range []struct {
		reason string
		change func(*described)
		want   []string
	}{
		{"as it is declared", func(*described) {}, nil},
		{"not described", func(d *described) { d.table = nil }, []string{"the live table was not described"}},
		{"being made", func(d *described) { d.table.TableStatus = types.TableStatusCreating }, []string{"the table: it cannot be used while it is CREATING; wait until it is ACTIVE"}},
		{"being changed, which does no harm", func(d *described) { d.table.TableStatus = types.TableStatusUpdating }, nil},
		{"without a sort key", func(d *described) { d.table.KeySchema = keys("pk") }, []string{
			"the primary key: the live table has pk (HASH), declared are pk (HASH), sk (RANGE); a primary key cannot be changed: correct Table.Key, or use another table"}},
		{"other names in the key", func(d *described) { d.table.KeySchema = keys("PK", "SK") }, []string{
			"the primary key: the live table has PK (HASH), SK (RANGE), declared are pk (HASH), sk (RANGE); a primary key cannot be changed: correct Table.Key, or use another table"}},
		{"another type of a key", func(d *described) {
			for i, a := range d.table.AttributeDefinitions {
				if *a.AttributeName == "points" {
					d.table.AttributeDefinitions[i].AttributeType = types.ScalarAttributeTypeS
				}
			}
		}, []string{"key attribute points: it is of type S in the live table, and N is declared; correct the field, or delete every global index that has the attribute and make it anew with UpdateTable"}},
		{"another type of the table's key", func(d *described) {
			for i, a := range d.table.AttributeDefinitions {
				if *a.AttributeName == "sk" {
					d.table.AttributeDefinitions[i].AttributeType = types.ScalarAttributeTypeN
				}
			}
		}, []string{"key attribute sk: it is of type N in the live table, and S is declared; a key attribute of the table or of a local index cannot change its type: correct the field, or use another table"}},
		{"no global indexes", func(d *described) { d.table.GlobalSecondaryIndexes = nil }, []string{
			"index gsi1: the live table has no such index; add it with UpdateTable, whose request CreateIndexInput makes: gsi1pk (HASH), gsi1sk (RANGE), projecting INCLUDE",
			"index gsi2: the live table has no such index; add it with UpdateTable, whose request CreateIndexInput makes: name (HASH), points (RANGE), projecting ALL"}},
		{"no local index", func(d *described) { d.table.LocalSecondaryIndexes = nil }, []string{
			"index lsi1: the live table has no such index; a local index is made with its table: use another table, or make it a global one"}},
		{"an index more", func(d *described) {
			more := *gsi(d, 0)
			more.IndexName = aws.String("more")
			d.table.GlobalSecondaryIndexes = append(d.table.GlobalSecondaryIndexes, more)
		}, nil},
		{"an index that is being filled", func(d *described) { gsi(d, 0).IndexStatus = types.IndexStatusCreating }, []string{
			"index gsi1: the live table is still filling it, and cannot be queried by it; wait until it is ACTIVE"}},
		{"an index that is going", func(d *described) { gsi(d, 1).IndexStatus = types.IndexStatusDeleting }, []string{
			"index gsi2: the live table is deleting it; wait until it is gone, and add it with UpdateTable"}},
		{"other keys of an index", func(d *described) { gsi(d, 1).KeySchema = keys("points", "name") }, []string{
			"index gsi2: it has the keys points (HASH), name (RANGE) in the live table, declared are name (HASH), points (RANGE)" + again}},
		{"other keys of a local index", func(d *described) { d.table.LocalSecondaryIndexes[0].KeySchema = keys("pk", "other") }, []string{
			"index lsi1: it has the keys pk (HASH), other (RANGE) in the live table, declared are pk (HASH), lsi1sk (RANGE)" + ever}},
		{"a global index that is local", func(d *described) {
			x := gsi(d, 1)
			d.table.LocalSecondaryIndexes = append(d.table.LocalSecondaryIndexes, types.LocalSecondaryIndexDescription{IndexName: x.IndexName, KeySchema: x.KeySchema, Projection: x.Projection})
			d.table.GlobalSecondaryIndexes = d.table.GlobalSecondaryIndexes[:1]
		}, []string{"index gsi2: it is local in the live table, declared global" + ever}},
		{"an index that holds less", func(d *described) { gsi(d, 1).Projection = onKeys }, []string{
			"index gsi2: it projects KEYS_ONLY in the live table, declared is ALL" + again}},
		{"a local index that holds less", func(d *described) { d.table.LocalSecondaryIndexes[0].Projection = including("id") }, []string{
			"index lsi1: it projects INCLUDE in the live table, declared is ALL" + ever}},
		{"an index that lacks two attributes", func(d *described) { gsi(d, 0).Projection = including("id", "name", "gone") }, []string{
			"index gsi1: it does not hold points, _type in the live table" + again}},
		{"an index of keys alone", func(d *described) { gsi(d, 0).Projection = onKeys }, []string{
			"index gsi1: it does not hold id, name, points, gone, _type in the live table" + again}},
		{"an index that holds more", func(d *described) { gsi(d, 0).Projection = including("id", "name", "points", "gone", "_type", "more") }, nil},
		{"an index that holds everything", func(d *described) { gsi(d, 0).Projection = &types.Projection{ProjectionType: types.ProjectionTypeAll} }, nil},
		{"time to live is off", func(d *described) { d.ttl.TimeToLiveStatus = types.TimeToLiveStatusDisabled }, []string{
			"time to live: it is off in the live table, and attribute gone is declared; turn it on with UpdateTimeToLive, or items that expire are hidden and never deleted"}},
		{"time to live is going", func(d *described) { d.ttl.TimeToLiveStatus = types.TimeToLiveStatusDisabling }, []string{
			"time to live: it is off in the live table, and attribute gone is declared; turn it on with UpdateTimeToLive, or items that expire are hidden and never deleted"}},
		{"time to live is coming", func(d *described) { d.ttl.TimeToLiveStatus = types.TimeToLiveStatusEnabling }, nil},
		{"time to live was never on", func(d *described) { d.ttl = nil }, []string{
			"time to live: it is off in the live table, and attribute gone is declared; turn it on with UpdateTimeToLive, or items that expire are hidden and never deleted"}},
		{"time to live by another attribute", func(d *described) { d.ttl.AttributeName = aws.String("expires") }, []string{
			"time to live: the live table has it on another attribute than gone, and a table has but one; turn it off there first, then turn it on with UpdateTimeToLive, or items that expire are hidden and never deleted"}},
		{"several at once", func(d *described) { gsi(d, 1).Projection, d.ttl = onKeys, nil }, []string{
			"index gsi2: it projects KEYS_ONLY in the live table, declared is ALL" + again,
			"time to live: it is off in the live table, and attribute gone is declared; turn it on with UpdateTimeToLive, or items that expire are hidden and never deleted"}},
	} {
		r := repo.Must(repo.New[verified](repotest.NewClient(), verifiedTable))
		d := newDescribed(t, r)
		c.change(d)
		sameProblems(t, c.reason, c.want, repo.VerifyTable(t.Context(), d, verifiedTable, r))
	}
}

// Where no member expires, a time to live matters to those that have its attribute.
func TestVerifyTableExpiresUndeclared(t *testing.T) {
	r := repo.Must(repo.New[lasting](repotest.NewClient(), repo.Table{Name: "app"}))
	for _, c := range []struct {
		attr   string
		status types.TimeToLiveStatus
		want   []string
	}{
		{"gone", types.TimeToLiveStatusEnabled, []string{"time to live: the live table has it on attribute gone, and Lasting has that attribute and no ttl, so that its items would be deleted; give the field the role ttl, or turn it off with UpdateTimeToLive"}},
		{"gone", types.TimeToLiveStatusDisabled, nil},
		{"expires", types.TimeToLiveStatusEnabled, nil},
	} {
		d := newDescribed(t, repo.Must(repo.New[verified](repotest.NewClient(), verifiedTable)))
		d.ttl = &types.TimeToLiveDescription{AttributeName: &c.attr, TimeToLiveStatus: c.status}
		sameProblems(t, c.attr+" "+string(c.status), c.want, repo.VerifyTable(t.Context(), d, repo.Table{Name: "app"}, r))
	}
}

func sameProblems(t *testing.T, reason string, want []string, err error) {
	t.Helper()
	var got []string
	if schema, ok := errors.AsType[*repo.SchemaError](err); ok {
		got = schema.Problems
	} else if err != nil {
		t.Errorf("%s: %v", reason, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: -want +got\n%s", reason, diff)
	}
}

// An index that was forgotten is added by the request that is made for it, and then nothing differs.
func TestCreateIndexInput(t *testing.T) {
	c := repotest.NewClient()
	r := repo.Must(repo.New[verified](c, verifiedTable))
	fewer := verifiedTable
	fewer.Indexes = fewer.Indexes[2:]
	old := repo.Must(repo.New[lasting](c, fewer))
	if err := repo.CreateTable(t.Context(), c, fewer, old); err != nil {
		t.Fatal(err)
	}
	for _, index := range []string{"gsi1", "gsi2"} {
		in, err := repo.CreateIndexInput(verifiedTable, index, r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.UpdateTable(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	sameProblems(t, "with its indexes", []string{
		"time to live: it is off in the live table, and attribute gone is declared; turn it on with UpdateTimeToLive, or items that expire are hidden and never deleted",
	}, repo.VerifyTable(t.Context(), c, verifiedTable, r))

	for _, index := range []string{"lsi1", "nope", ""} {
		if _, err := repo.CreateIndexInput(verifiedTable, index, r); !errors.Is(err, repo.ErrNoIndex) || !strings.Contains(err.Error(), "local one is made with its table") {
			t.Errorf("%q: %v", index, err)
		}
	}
}
