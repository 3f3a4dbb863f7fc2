package repo_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo"
)

// Package txn is the way to write several items at once; this is what it is made of.
func ExampleTransaction() {
	_, tickets := exampleTickets()
	open, err := tickets.If(ticketState.Eq("open")).UpdateWrite(Ticket{Board: "b1", ID: "t1"}, ticketVotes.Add(1))
	if err != nil {
		panic(err)
	}
	closed, err := tickets.DeleteWrite(Ticket{Board: "b1", ID: "t2"})
	if err != nil {
		panic(err)
	}
	tx, err := repo.NewTransaction(open, closed)
	fmt.Println(tx.Len(), len(tx.Items()), err)
	// Output: 2 2 <nil>
}

func ExamplePositionError() {
	_, tickets := exampleTickets()
	w, err := tickets.DeleteWrite(Ticket{Board: "b1", ID: "t1"})
	if err != nil {
		panic(err)
	}
	_, err = repo.NewTransaction(w, w)
	if where, ok := errors.AsType[*repo.PositionError](err); ok {
		fmt.Println(where.Positions)
	}
	fmt.Println(err)
	// Output:
	// [0 1]
	// repo: operations [0 1]: both are on the same item, which a transaction takes once; make them one operation
}

func ExampleSender() {
	_, tickets := exampleTickets()
	w, err := tickets.DeleteWrite(Ticket{Board: "b1", ID: "t1"})
	if err != nil {
		panic(err)
	}
	tx, err := repo.NewTransaction(w)
	if err != nil {
		panic(err)
	}
	_, _, err = tickets.Sender().TransactWriteItems(context.Background(), &dynamodb.TransactWriteItemsInput{
		TransactItems: tx.Items(), ClientRequestToken: aws.String("one-token-per-transaction"),
	})
	fmt.Println(err)
	// Output: <nil>
}
