package repo_test

import (
	"context"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo"
)

// calls is a client that counts requests, ignores its options and answers with nothing. Its answer is nil where none is set.
type calls struct {
	n      atomic.Int64
	answer bool
	query  *dynamodb.QueryOutput
}

var _ repo.Client = (*calls)(nil)

func reply[Out any](c *calls) (*Out, error) {
	c.n.Add(1)
	if !c.answer {
		return nil, nil
	}
	return new(Out), nil
}

func (c *calls) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return reply[dynamodb.GetItemOutput](c)
}

func (c *calls) PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return reply[dynamodb.PutItemOutput](c)
}

func (c *calls) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return reply[dynamodb.UpdateItemOutput](c)
}

func (c *calls) DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return reply[dynamodb.DeleteItemOutput](c)
}

func (c *calls) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	if c.query != nil {
		c.n.Add(1)
		return c.query, nil
	}
	return reply[dynamodb.QueryOutput](c)
}

func (c *calls) Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	return reply[dynamodb.ScanOutput](c)
}

func (c *calls) BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return reply[dynamodb.BatchGetItemOutput](c)
}

func (c *calls) BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	return reply[dynamodb.BatchWriteItemOutput](c)
}

func (c *calls) TransactGetItems(context.Context, *dynamodb.TransactGetItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	return reply[dynamodb.TransactGetItemsOutput](c)
}

func (c *calls) TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return reply[dynamodb.TransactWriteItemsOutput](c)
}
