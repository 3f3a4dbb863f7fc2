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

// oldTickets is a board with tickets of a program that knew no index, of which one cannot be read.
func oldTickets() (context.Context, *repo.Repository[Ticket]) {
	ctx, c := context.Background(), repotest.NewClient()
	tickets := repo.Must(repo.New[Ticket](c, board))
	if err := repo.CreateTable(ctx, c, board, tickets); err != nil {
		panic(err)
	}
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	for i, votes := range []types.AttributeValue{&types.AttributeValueMemberN{Value: "3"}, text("three"), &types.AttributeValueMemberN{Value: "5"}} {
		id := fmt.Sprint("t", i+1)
		if _, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("board"), Item: map[string]types.AttributeValue{
			"pk": text("BOARD#b1"), "sk": text("TICKET#" + id), "board": text("b1"), "id": text(id), "state": text("open"),
			"due": text(time.Date(2026, 3, 10-i, 0, 0, 0, 0, time.UTC).Format(time.RFC3339)), "votes": votes,
		}}); err != nil {
			panic(err)
		}
	}
	return ctx, tickets
}

// An index is added to a live table, and Reindex brings up the items that are there. In an application the token goes where a process
// that is started again finds it.
func ExampleReindexOptions() {
	ctx, tickets := oldTickets()
	kept := ""
	o := repo.ReindexOptions{Segments: 4, Rate: 2000, Progress: func(p repo.ReindexProgress) { kept = p.Resume }}
	report, err := tickets.Reindex(ctx, o)
	for err != nil {
		o.Resume = kept
		report, err = tickets.Reindex(ctx, o)
	}
	n, err := tickets.Scan().Index("gsi1").Count(ctx)
	fmt.Println(report.Written, n, err)
	// Output: 2 2 <nil>
}

// A dry run says what would be written.
func ExampleReindexReport() {
	ctx, tickets := oldTickets()
	for _, dry := range []bool{true, false, false} {
		report, err := tickets.Reindex(ctx, repo.ReindexOptions{DryRun: dry})
		fmt.Println(report.Read, report.Written, report.Invalid, len(report.Problems), err)
	}
	// Output:
	// 3 2 1 1 <nil>
	// 3 2 1 1 <nil>
	// 3 0 1 1 <nil>
}

// What cannot be made right is reported, and not touched. A value that two items have is one of these, with both their keys.
func ExampleReindexProblem() {
	ctx, tickets := oldTickets()
	_, err := tickets.Reindex(ctx, repo.ReindexOptions{Problem: func(p repo.ReindexProblem) {
		fmt.Println(p)
		fmt.Println(errors.Is(p.Err, repo.ErrInvalidValue), p.Key["sk"].(*types.AttributeValueMemberS).Value)
	}})
	fmt.Println(err)
	// Output:
	// repo.ReindexProblem{repo: Reindex Ticket: field Votes: invalid value: cannot read a string (S) into int}
	// true TICKET#t2
	// <nil>
}

// Whatever ends a walk, what it did is known, and so is where to go on.
func ExampleReindexProgress() {
	ctx, tickets := oldTickets()
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	report, err := tickets.Reindex(ctx, repo.ReindexOptions{})
	fmt.Println(errors.Is(err, context.Canceled), report.Read, report.Resume != "")

	report, err = tickets.Reindex(context.Background(), repo.ReindexOptions{Resume: report.Resume, Progress: func(p repo.ReindexProgress) {
		fmt.Println(p.Read, p.Written, p.Resume == "")
	}})
	fmt.Println(report.Resume == "", err)
	// Output:
	// true 0 true
	// 3 2 false
	// 3 2 true
	// true <nil>
}
