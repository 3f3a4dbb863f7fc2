package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// Entry is an entry in somebody's journal.
type Entry struct {
	_ struct{} `entity:"Entry" pk:"JOURNAL#{Journal}" sk:"{At}"`

	Journal string    `dynamodbav:"journal" json:"-"`
	At      time.Time `dynamodbav:"at" json:"at"`
	Text    string    `dynamodbav:"text" json:"text"`
}

var journal = expr.String(func(e *Entry) *string { return &e.Journal })

var table = repo.Table{Name: "monotable-pages"}

var written = map[string][]string{
	"ada":   {"The engine weaves.", "Bernoulli numbers, all day.", "Mr Babbage came to tea.", "Note G is done.", "A letter from Turin.", "Rain.", "It could compose music."},
	"grace": {"Moved to Mark II.", "A moth in relay 70.", "Compiled something."},
}

// fill writes the journals. Put creates or replaces, so they are the same every time.
func fill(ctx context.Context, c *dynamodb.Client) error {
	entries, err := repo.New[Entry](c, table)
	if err != nil {
		return err
	}
	if err := repo.CreateTable(ctx, c, table, entries); err != nil {
		return err
	}
	for who, texts := range written {
		for i, text := range texts {
			at := time.Date(2026, time.March, 1+i, 20, 30, 0, 0, time.UTC)
			if _, err := entries.Put(ctx, Entry{Journal: who, At: at, Text: text}); err != nil {
				return err
			}
		}
	}
	return nil
}
