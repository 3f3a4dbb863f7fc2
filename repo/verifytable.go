package repo

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// VerifyTable compares the live table with the declared one: the attributes of its primary key and their types, and the keys and
// projections of every declared index. All differences come in one [*SchemaError]. Indexes that are not declared are no difference.
func VerifyTable(ctx context.Context, c AdminClient, t Table, members ...Member) error {
	want, err := CreateTableInput(t, members...)
	if err != nil {
		return err
	}
	out, err := c.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: want.TableName})
	if err != nil {
		return requestFailed("VerifyTable", "", err)
	}
	if problems := drift(want, out.Table); len(problems) > 0 {
		return &SchemaError{Type: "the live table", Problems: problems}
	}
	return nil
}

// drift says how a live table differs from what is wanted.
func drift(want *dynamodb.CreateTableInput, live *types.TableDescription) []string {
	if live == nil {
		return []string{"the live table was not described"}
	}
	var out []string
	add := func(where, what string) { out = append(out, where+": "+what) }
	if !slices.EqualFunc(want.KeySchema, live.KeySchema, sameKey) {
		add("the primary key", "the live table has "+describeKeys(live.KeySchema)+", declared are "+describeKeys(want.KeySchema)+"; a primary key cannot be changed: correct Table.Key, or use another table")
	}
	kinds := map[string]types.ScalarAttributeType{}
	for _, a := range live.AttributeDefinitions {
		kinds[aws.ToString(a.AttributeName)] = a.AttributeType
	}
	for _, a := range want.AttributeDefinitions {
		name := aws.ToString(a.AttributeName)
		if kind, ok := kinds[name]; ok && kind != a.AttributeType {
			add("key attribute "+name, "it is of type "+string(kind)+" in the live table, and "+string(a.AttributeType)+" is declared")
		}
	}
	for _, x := range want.GlobalSecondaryIndexes {
		at := "index " + aws.ToString(x.IndexName)
		i := slices.IndexFunc(live.GlobalSecondaryIndexes, func(y types.GlobalSecondaryIndexDescription) bool {
			return aws.ToString(y.IndexName) == aws.ToString(x.IndexName)
		})
		if i < 0 {
			add(at, "the live table has no such index; add it with UpdateTable")
			continue
		}
		found := live.GlobalSecondaryIndexes[i]
		if !slices.EqualFunc(x.KeySchema, found.KeySchema, sameKey) {
			add(at, "it has the keys "+describeKeys(found.KeySchema)+" in the live table, declared are "+describeKeys(x.KeySchema))
		}
		if p := found.Projection; p != nil && p.ProjectionType != types.ProjectionTypeAll {
			add(at, "it projects "+string(p.ProjectionType)+" in the live table, and must project ALL")
		}
	}
	return out
}

func sameKey(a, b types.KeySchemaElement) bool {
	return aws.ToString(a.AttributeName) == aws.ToString(b.AttributeName) && a.KeyType == b.KeyType
}

func describeKeys(keys []types.KeySchemaElement) string {
	out := ""
	for i, k := range keys {
		if i > 0 {
			out += ", "
		}
		out += aws.ToString(k.AttributeName) + " (" + string(k.KeyType) + ")"
	}
	return out
}
