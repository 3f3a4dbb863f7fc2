package repo

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// tableTimeout bounds the wait for a new table where the context has no deadline.
const tableTimeout = 5 * time.Minute

// CreateTable makes the table with its indexes and its time to live, billed on demand, and waits until it can be used. A table that is there already is
// verified instead, as [VerifyTable] does. The members are checked together, as [Check] does. Without a deadline in the context it
// gives up after five minutes.
func CreateTable(ctx context.Context, c AdminClient, t Table, members ...Member) error {
	in, err := CreateTableInput(t, members...)
	if err != nil {
		return err
	}
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, tableTimeout)
		defer cancel()
	}
	var exists *types.ResourceInUseException
	if _, err := c.CreateTable(ctx, in); err != nil && !errors.As(err, &exists) {
		return requestFailed("CreateTable", "", err)
	}
	if err := untilActive(ctx, c, t.Name); err != nil {
		return requestFailed("CreateTable", "", err)
	}
	if err := expire(ctx, c, t.Name, members); err != nil {
		return requestFailed("CreateTable", "", err)
	}
	return VerifyTable(ctx, c, t, members...)
}

// CreateTableInput is the request that CreateTable sends; it sends nothing.
func CreateTableInput(t Table, members ...Member) (*dynamodb.CreateTableInput, error) {
	table, err := sameTable(t, members)
	if err != nil {
		return nil, err
	}
	in := &dynamodb.CreateTableInput{
		TableName: aws.String(table.Name), BillingMode: types.BillingModePayPerRequest,
		KeySchema: keySchema([]string{table.Key.Hash}, rangeKey(table.Key)),
	}
	attributes := table.keyAttributes()
	for _, x := range table.Indexes {
		name, keys, holds := aws.String(x.Name), keySchema(x.Hash, x.Range), x.projection()
		if x.Local {
			in.LocalSecondaryIndexes = append(in.LocalSecondaryIndexes, types.LocalSecondaryIndex{IndexName: name, KeySchema: keys, Projection: holds})
		} else {
			in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{IndexName: name, KeySchema: keys, Projection: holds})
		}
		attributes = append(append(attributes, x.Hash...), x.Range...)
	}
	slices.Sort(attributes)
	for _, name := range slices.Compact(attributes) {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: keyTypeAmong(members, name)})
	}
	return in, nil
}

// CreateIndexInput is the UpdateTable request that adds a declared global index to a live table; it sends nothing. DynamoDB makes one
// index at a time, and fills it with the items that have its keys already, which takes minutes or hours: see "Managing global secondary
// indexes" in the AWS documentation. Items that were written before the index was declared get its keys by [Repository.Reindex]. An
// index that the table does not declare, or a local one, which is made with its table alone, is [ErrNoIndex]. Where the table is not billed
// on demand the request needs the throughput of the index as well.
func CreateIndexInput(t Table, index string, members ...Member) (*dynamodb.UpdateTableInput, error) {
	whole, err := CreateTableInput(t, members...)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(whole.GlobalSecondaryIndexes, func(x types.GlobalSecondaryIndex) bool { return *x.IndexName == index })
	if i < 0 {
		return nil, &Error{Op: "CreateIndexInput", Index: index, kind: ErrNoIndex, Reason: "Table.Indexes has no global index of the name; a local one is made with its table"}
	}
	x := whole.GlobalSecondaryIndexes[i]
	out := &dynamodb.UpdateTableInput{TableName: whole.TableName, GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{
		Create: &types.CreateGlobalSecondaryIndexAction{IndexName: x.IndexName, KeySchema: x.KeySchema, Projection: x.Projection},
	}}}
	for _, a := range whole.AttributeDefinitions {
		if slices.ContainsFunc(x.KeySchema, func(k types.KeySchemaElement) bool { return *k.AttributeName == *a.AttributeName }) {
			out.AttributeDefinitions = append(out.AttributeDefinitions, a)
		}
	}
	return out, nil
}

// projection is what an index holds beside keys.
func (x *Index) projection() *types.Projection {
	switch {
	case x.KeysOnly:
		return &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
	case len(x.Project) > 0:
		return &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: slices.Clone(x.Project)}
	}
	return &types.Projection{ProjectionType: types.ProjectionTypeAll}
}

// keyTypeAmong is the type of a key attribute, as the members have it; they agree. One that no member has is taken for text.
func keyTypeAmong(members []Member, attr string) types.ScalarAttributeType {
	for _, m := range members {
		if typ, ok := m.member().entity.keyType(attr); ok {
			return types.ScalarAttributeType(typ)
		}
	}
	return types.ScalarAttributeTypeS
}

// sameTable checks the members together, and that the table named beside them is theirs.
func sameTable(t Table, members []Member) (*Table, error) {
	table := t.withDefaults()
	if problems := table.problems(); len(problems) > 0 {
		return nil, &SchemaError{Type: "repo.Table", Problems: texts(problems)}
	}
	theirs, err := together(members)
	if err != nil {
		return nil, err
	}
	if theirs.Name != table.Name || theirs.Key != table.Key {
		return nil, &SchemaError{Type: "repo.Table", Problems: []string{"the members live in another table than the one named"}}
	}
	var lacks []string
	for _, m := range members {
		e := m.member().entity
		for i := range e.table.Indexes {
			x := &e.table.Indexes[i]
			if y := table.index(x.Name); (y == nil || !x.equal(y)) && !slices.Contains(lacks, x.Name) {
				lacks = append(lacks, x.Name)
			}
		}
	}
	if len(lacks) > 0 {
		return nil, &SchemaError{Type: "repo.Table", Problems: []string{"the members' own tables have other indexes than the one named: " + strings.Join(lacks, ", ") + "; declare one repo.Table for all"}}
	}
	return table, nil
}

func rangeKey(k Key) []string {
	if k.Range == "" {
		return nil
	}
	return []string{k.Range}
}

func keySchema(hash, rng []string) []types.KeySchemaElement {
	var out []types.KeySchemaElement
	for _, name := range hash {
		out = append(out, types.KeySchemaElement{AttributeName: aws.String(name), KeyType: types.KeyTypeHash})
	}
	for _, name := range rng {
		out = append(out, types.KeySchemaElement{AttributeName: aws.String(name), KeyType: types.KeyTypeRange})
	}
	return out
}

// untilActive waits until the table can be used.
func untilActive(ctx context.Context, c AdminClient, name string) error {
	for delay := 20 * time.Millisecond; ; delay = min(2*delay, 2*time.Second) {
		out, err := c.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(name)})
		if err != nil {
			return err
		}
		if out.Table != nil && out.Table.TableStatus == types.TableStatusActive {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(delay):
		}
	}
}

// expire turns the deletion of expired items on, where a member has a ttl and the table does not delete yet.
func expire(ctx context.Context, c AdminClient, name string, members []Member) error {
	attr := ttlAttribute(members)
	if attr == "" {
		return nil
	}
	live, err := c.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: aws.String(name)})
	if err != nil {
		return err
	}
	if expires(live.TimeToLiveDescription) {
		return nil
	}
	_, err = c.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: aws.String(name),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(attr), Enabled: aws.Bool(true)}})
	return err
}

// ttlAttribute is the attribute of the members' ttl; they agree about it.
func ttlAttribute(members []Member) string {
	for _, m := range members {
		if e := m.member().entity; e.TTL != nil {
			return e.TTL.Leaf().Attr
		}
	}
	return ""
}
