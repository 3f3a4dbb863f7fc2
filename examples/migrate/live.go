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

	"github.com/monotable/monotable/repo"
)

// live is the table as DynamoDB has it.
type live struct{ c *dynamodb.Client }

// remove deletes the table, with what the story made of it the last time.
func (l *live) remove(ctx context.Context) error {
	var missing *types.ResourceNotFoundException
	if _, err := l.c.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(table.Name)}); errors.As(err, &missing) {
		return nil
	} else if err != nil {
		return err
	}
	return l.until(ctx, func(d *types.TableDescription) bool { return d == nil })
}

// addIndexes makes the indexes that are declared and that the table lacks, one after another: DynamoDB makes but one at a time. It
// fills each from the rows that have its keys, which takes a while for a large table.
func (l *live) addIndexes(ctx context.Context, members ...repo.Member) error {
	out, err := l.c.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(table.Name)})
	if err != nil {
		return err
	}
	for _, x := range table.Indexes {
		if find(out.Table, x.Name) != nil {
			continue
		}
		in, err := repo.CreateIndexInput(table, x.Name, members...)
		if err != nil {
			return err
		}
		if _, err := l.c.UpdateTable(ctx, in); err != nil {
			return err
		}
		err = l.until(ctx, func(d *types.TableDescription) bool {
			made := find(d, x.Name)
			return made != nil && made.IndexStatus == types.IndexStatusActive
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func find(d *types.TableDescription, name string) *types.GlobalSecondaryIndexDescription {
	if d == nil {
		return nil
	}
	i := slices.IndexFunc(d.GlobalSecondaryIndexes, func(x types.GlobalSecondaryIndexDescription) bool { return aws.ToString(x.IndexName) == name })
	if i < 0 {
		return nil
	}
	return &d.GlobalSecondaryIndexes[i]
}

// until waits until the table is as it should be; its description is nil where there is none.
func (l *live) until(ctx context.Context, is func(*types.TableDescription) bool) error {
	for delay := 20 * time.Millisecond; ; delay = min(2*delay, 5*time.Second) {
		var description *types.TableDescription
		var missing *types.ResourceNotFoundException
		out, err := l.c.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(table.Name)})
		switch {
		case err == nil:
			description = out.Table
		case !errors.As(err, &missing):
			return err
		}
		if is(description) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(delay):
		}
	}
}

// show reads the row of a member as it is, and writes it in one line.
func (l *live) show(ctx context.Context, id string) (string, error) {
	out, err := l.c.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(table.Name), ConsistentRead: aws.Bool(true), Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "CLUB#" + club}, "sk": &types.AttributeValueMemberS{Value: "MEMBER#" + id},
	}})
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
