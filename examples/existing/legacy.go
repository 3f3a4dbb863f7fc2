package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// legacy is the program that made the table: it knows the SDK, and nothing of this library.
type legacy struct{ c *dynamodb.Client }

const tableName = "monotable-existing"

// row is an item: its values are strings and ints.
type row map[string]any

// rows are as the years have left them.
var rows = []row{
	{"Hash": "USER|42", "Sort": "INFO", "UserNo": 42, "FullName": "Ada Lovelace", "Since": "2019-05-01"},
	{"Hash": "USER|42", "Sort": "ORD|2026-01-02|10", "UserNo": 42, "Day": "2026-01-02", "No": 10, "State": "open", "Cents": 2400, "Region": "EU", "RegionHash": "REGION|EU", "Flags": "gift"},
	{"Hash": "USER|42", "Sort": "ORD|2026-01-02|7", "UserNo": 42, "Day": "2026-01-02", "No": 7, "State": "sent", "Cents": 5900, "RegionHash": "REGION|NONE"},
	{"Hash": "USER|42", "Sort": "ORD|2026-02-11|3", "UserNo": 42, "Day": "2026-02-11", "No": 3, "State": "open", "Cents": 850, "RegionHash": "REGION|NONE"},
	{"Hash": "USER|42", "Sort": "MSG|a1", "UserNo": 42, "Id": "a1", "Kind": "Mail", "Subject": "Your order"},
	{"Hash": "USER|42", "Sort": "MSG|a2", "UserNo": 42, "Id": "a2", "Kind": "Call", "Minutes": 12},
	{"Hash": "USER|42", "Sort": "AUDIT|88121", "By": "batch"},
	{"Hash": "USER|7", "Sort": "INFO", "UserNo": 7, "FullName": "Grace Hopper", "Since": "2021-12-09"},
	{"Hash": "USER|7", "Sort": "ORD|2026-01-20|1", "UserNo": 7, "Day": "2026-01-20", "No": 1, "State": "open", "Cents": 4100, "RegionHash": "REGION|NONE"},
}

// create makes the table, with two indexes: by state and day, which are attributes of their own, and by region.
func (l *legacy) create(ctx context.Context) error {
	key := func(name string, kind types.KeyType) types.KeySchemaElement {
		return types.KeySchemaElement{AttributeName: aws.String(name), KeyType: kind}
	}
	keys := func(hash, sort string) []types.KeySchemaElement {
		return []types.KeySchemaElement{key(hash, types.KeyTypeHash), key(sort, types.KeyTypeRange)}
	}
	everything := &types.Projection{ProjectionType: types.ProjectionTypeAll}
	in := &dynamodb.CreateTableInput{
		TableName: aws.String(tableName), BillingMode: types.BillingModePayPerRequest, KeySchema: keys("Hash", "Sort"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{IndexName: aws.String("ByState"), KeySchema: keys("State", "Day"), Projection: everything},
			{IndexName: aws.String("ByRegion"), KeySchema: keys("RegionHash", "Day"), Projection: everything},
		},
	}
	for _, name := range []string{"Hash", "Sort", "State", "Day", "RegionHash"} {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS})
	}
	var exists *types.ResourceInUseException
	if _, err := l.c.CreateTable(ctx, in); err != nil && !errors.As(err, &exists) {
		return err
	}
	return dynamodb.NewTableExistsWaiter(l.c).Wait(ctx, &dynamodb.DescribeTableInput{TableName: in.TableName}, time.Minute)
}

// fill writes the rows, and removes what the story added the last time.
func (l *legacy) fill(ctx context.Context) error {
	for _, r := range append(rows, added) {
		key := map[string]types.AttributeValue{"Hash": r.value("Hash"), "Sort": r.value("Sort")}
		if _, err := l.c.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String(tableName), Key: key}); err != nil {
			return err
		}
	}
	for _, r := range rows {
		if _, err := l.c.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(tableName), Item: r.item()}); err != nil {
			return err
		}
	}
	return nil
}

func (r row) item() map[string]types.AttributeValue {
	item := map[string]types.AttributeValue{}
	for name := range r {
		item[name] = r.value(name)
	}
	return item
}

func (r row) value(name string) types.AttributeValue {
	if n, ok := r[name].(int); ok {
		return &types.AttributeValueMemberN{Value: strconv.Itoa(n)}
	}
	return &types.AttributeValueMemberS{Value: r[name].(string)}
}

// show reads a row, and writes it in one line.
func (l *legacy) show(ctx context.Context, hash, sort string) (string, error) {
	key := row{"Hash": hash, "Sort": sort}
	out, err := l.c.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(tableName), Key: map[string]types.AttributeValue{"Hash": key.value("Hash"), "Sort": key.value("Sort")},
	})
	if err != nil {
		return "", err
	}
	var words []string
	for _, name := range slices.Sorted(maps.Keys(out.Item)) {
		switch v := out.Item[name].(type) {
		case *types.AttributeValueMemberS:
			words = append(words, name+"="+strconv.Quote(v.Value))
		case *types.AttributeValueMemberN:
			words = append(words, name+"="+v.Value)
		}
	}
	return strings.Join(words, " "), nil
}
