package repo_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// exampleBoard is the collection of a board: a comment, two tickets, and a row that another program wrote.
func exampleBoard() (context.Context, *repo.Repository[Ticket], *repo.Repository[Comment]) {
	ctx, c := context.Background(), repotest.NewClient()
	tickets, comments := repo.Must(repo.New[Ticket](c, board)), repo.Must(repo.New[Comment](c, board))
	day := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	err := repo.CreateTable(ctx, c, board, tickets, comments)
	if err == nil {
		_, err = comments.Create(ctx, Comment{Board: "b1", At: day, Text: "well done"})
	}
	for _, id := range []string{"t1", "t2"} {
		if err == nil {
			_, err = tickets.Create(ctx, Ticket{Board: "b1", ID: id, State: "open", Due: day})
		}
	}
	if err == nil {
		text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
		_, err = c.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(board.Name), Item: map[string]types.AttributeValue{
			"pk": text("BOARD#b1"), "sk": text("SETTINGS"), "_type": text("Settings"), "colour": text("blue"),
		}})
	}
	if err != nil {
		panic(err)
	}
	return ctx, tickets, comments
}

// What belongs together is read together, in the order of the sort keys.
func ExamplePartition() {
	ctx, tickets, comments := exampleBoard()
	all := tickets.Partition(Ticket{Board: "b1"})
	for item, err := range all.Items(ctx, tickets, comments) {
		switch v := item.(type) {
		case Comment:
			fmt.Println("comment", v.Text)
		case Ticket:
			fmt.Println("ticket", v.ID)
		default:
			fmt.Println(err)
		}
	}

	last := all.Where(ticketID.Ge("t1")).Desc().Limit(1)
	for item, err := range last.Items(ctx, tickets) {
		fmt.Println(item.(Ticket).ID, err)
	}
	// Output:
	// comment well done
	// ticket t1
	// ticket t2
	// t2 <nil>
}

// An index has collections too.
func ExampleRepository_IndexPartition() {
	ctx, tickets, comments := exampleBoard()
	for item, err := range tickets.IndexPartition("gsi1", Ticket{State: "open"}).Items(ctx, tickets, comments) {
		fmt.Println(item.(Ticket).ID, err)
	}
	// Output:
	// t1 <nil>
	// t2 <nil>
}

// Rows of types that are not asked for are skipped, unless they are.
func ExampleUnknownRow() {
	ctx, tickets, comments := exampleBoard()
	for item := range tickets.Partition(Ticket{Board: "b1"}).Unknown().Items(ctx, tickets, comments) {
		if row, ok := item.(repo.UnknownRow); ok {
			fmt.Println(row.Item["colour"].(*types.AttributeValueMemberS).Value)
		}
	}
	// Output: blue
}

// One query fills several variables.
func ExampleLoader() {
	ctx, tickets, comments := exampleBoard()
	var (
		comment Comment
		open    []Ticket
	)
	err := tickets.Partition(Ticket{Board: "b1"}).Load(ctx, repo.One(comments, &comment), repo.Many(tickets, &open))
	fmt.Println(comment.Text, len(open), err)
	// Output: well done 2 <nil>
}

func ExampleOneLoader() {
	ctx, tickets, comments := exampleBoard()
	var comment Comment
	nowhere := tickets.Partition(Ticket{Board: "b2"})
	err := nowhere.Load(ctx, repo.One(comments, &comment))
	fmt.Println(errors.Is(err, repo.ErrNotFound))

	var found bool
	err = nowhere.Load(ctx, repo.One(comments, &comment).Found(&found))
	fmt.Println(found, err)

	// Where there are several, one of them would be a guess.
	var ticket Ticket
	err = tickets.Partition(Ticket{Board: "b1"}).Load(ctx, repo.One(tickets, &ticket))
	fmt.Println(err)
	// Output:
	// true
	// false <nil>
	// repo: Load Ticket: invalid value: the collection has more than one item of the type; read them with Many
}

func ExampleManyLoader() {
	ctx, tickets, _ := exampleBoard()
	var latest []Ticket
	err := tickets.Partition(Ticket{Board: "b1"}).Desc().Load(ctx, repo.Many(tickets, &latest))
	for _, t := range latest {
		fmt.Println(t.ID)
	}
	fmt.Println(err)
	// Output:
	// t2
	// t1
	// <nil>
}

// Whoever moves or deletes a whole collection wants the rows that they do not know, too.
func ExampleRestLoader() {
	ctx, tickets, comments := exampleBoard()
	var (
		known   []Ticket
		remarks []Comment
		rest    []map[string]types.AttributeValue
	)
	err := tickets.Partition(Ticket{Board: "b1"}).Load(ctx, repo.Many(tickets, &known), repo.Many(comments, &remarks), repo.Rest(&rest))
	fmt.Println(len(known), len(remarks), len(rest), err)
	// Output: 2 1 1 <nil>
}
