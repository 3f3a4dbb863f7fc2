package txn_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
	"github.com/monotable/monotable/txn"
)

type Ticket struct {
	_ struct{} `entity:"Ticket" pk:"SHOW#{Show}" sk:"TICKET#{Seat}"`

	Show  string `dynamodbav:"show"`
	Seat  string `dynamodbav:"seat"`
	Guest string `dynamodbav:"guest"`
}

type Show struct {
	_ struct{} `entity:"Show" pk:"SHOW#{ID}" sk:"SHOW"`

	ID   string `dynamodbav:"id"`
	Free int    `dynamodbav:"free"`
}

var showFree = expr.Number(func(s *Show) *int { return &s.Free })

// theatre is a table with one show that has two free seats.
func theatre() (*dynamodb.Client, *repo.Repository[Show], *repo.Repository[Ticket]) {
	ctx := context.Background()
	client := repotest.NewClient() // or client.New of package repo/client
	table := repo.Table{Name: "theatre"}
	shows, tickets := repo.Must(repo.New[Show](client, table)), repo.Must(repo.New[Ticket](client, table))
	if err := repo.CreateTable(ctx, client, table, shows, tickets); err != nil {
		log.Fatal(err)
	}
	if _, err := shows.Create(ctx, Show{ID: "hamlet", Free: 2}); err != nil {
		log.Fatal(err)
	}
	return client, shows, tickets
}

// A seat is sold: the ticket and the number of free seats are written together or not at all.
func Example() {
	client, shows, tickets := theatre()
	ctx := context.Background()
	err := txn.New(client).Add(
		txn.Create(tickets, Ticket{Show: "hamlet", Seat: "A1", Guest: "ada"}),
		txn.Update(shows.If(showFree.Ge(1)), Show{ID: "hamlet"}, showFree.Sub(1)),
	).Commit(ctx)
	fmt.Println(err)

	var show Show
	var ticket Ticket
	err = txn.Read(ctx, client,
		txn.Get(shows, Show{ID: "hamlet"}, &show),
		txn.Get(tickets, Ticket{Show: "hamlet", Seat: "A1"}, &ticket),
	)
	fmt.Println(show.Free, ticket.Guest, err)
	// Output:
	// <nil>
	// 1 ada <nil>
}

func ExampleTxn() {
	client, shows, tickets := theatre()
	tx := txn.New(client)
	for _, seat := range []string{"A1", "A2"} {
		tx.Add(txn.Create(tickets, Ticket{Show: "hamlet", Seat: seat, Guest: "ada"}))
	}
	tx.Add(txn.Update(shows.If(showFree.Ge(2)), Show{ID: "hamlet"}, showFree.Sub(2)))
	fmt.Println(tx.Len(), tx)

	// Until the outcome is known it is the same transaction, and cannot be carried out twice.
	err := tx.Commit(context.Background())
	for range 2 {
		if errors.Is(err, txn.ErrOutcomeUnknown) {
			err = tx.Commit(context.Background())
		}
	}
	fmt.Println(err)
	// Output:
	// 3 txn.Txn[Create Ticket, Create Ticket, Update Show]
	// <nil>
}

// A request that comes twice, from a queue that delivers twice say, is carried out once.
func ExampleTxn_Token() {
	client, shows, _ := theatre()
	sell := func() error {
		return txn.New(client).Token("request 17").Add(txn.Update(shows, Show{ID: "hamlet"}, showFree.Sub(1))).Commit(context.Background())
	}
	fmt.Println(sell(), sell())
	show, err := shows.Get(context.Background(), Show{ID: "hamlet"})
	fmt.Println(show.Free, err)
	// Output:
	// <nil> <nil>
	// 1 <nil>
}

// The request can be looked at, changed and sent without this package.
func ExampleTxn_Input() {
	client, _, tickets := theatre()
	in, err := txn.New(client).Add(txn.Create(tickets, Ticket{Show: "hamlet", Seat: "A1"})).Input()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*in.TransactItems[0].Put.ConditionExpression)
	_, err = client.TransactWriteItems(context.Background(), in)
	fmt.Println(err)
	// Output:
	// attribute_not_exists (#0)
	// <nil>
}

// An operation is a value: it can be made in one place and committed in another.
func ExampleOperation() {
	client, shows, tickets := theatre()
	sell := func(seat, guest string) []txn.Operation {
		return []txn.Operation{
			txn.Create(tickets, Ticket{Show: "hamlet", Seat: seat, Guest: guest}),
			txn.Update(shows.If(showFree.Ge(1)), Show{ID: "hamlet"}, showFree.Sub(1)),
		}
	}
	ops := sell("A1", "ada")
	fmt.Println(ops)
	fmt.Println(txn.New(client).Add(ops...).Commit(context.Background()))
	// Output:
	// [Create Ticket Update Show]
	// <nil>
}

func ExampleCanceledError() {
	client, shows, tickets := theatre()
	err := txn.New(client).Add(
		txn.Create(tickets, Ticket{Show: "hamlet", Seat: "A1", Guest: "ada"}),
		txn.Update(shows.If(showFree.Ge(3)), Show{ID: "hamlet"}, showFree.Sub(3)),
	).Commit(context.Background())

	fmt.Println(errors.Is(err, repo.ErrConditionFailed), errors.Is(err, repo.ErrAlreadyExists))
	if canceled, ok := errors.AsType[*txn.CanceledError](err); ok {
		for _, reason := range canceled.Reasons {
			fmt.Println(reason.Index, reason.Operation, reason.Entity, reason.Code)
		}
	}
	// Output:
	// true false
	// 0 Create Ticket None
	// 1 Update Show ConditionalCheckFailed
}

// What stood in the way comes with the reason; nothing more is read.
func ExampleReason() {
	client, shows, _ := theatre()
	err := txn.New(client).Add(
		txn.Update(shows.If(showFree.Ge(3)), Show{ID: "hamlet"}, showFree.Sub(3)),
	).Commit(context.Background())
	if canceled, ok := errors.AsType[*txn.CanceledError](err); ok {
		show, found, err := txn.Stored(shows, canceled.Reasons[0])
		fmt.Println("only", show.Free, "seats are left", found, err)
	}
	// Output: only 2 seats are left true <nil>
}

func ExampleError() {
	client, shows, tickets := theatre()
	err := txn.New(client).Add(
		txn.Update(shows, Show{ID: "hamlet"}, showFree.Sub(1)),
		txn.Create(tickets, Ticket{Seat: "A1"}),
	).Commit(context.Background())
	fmt.Println(err)
	if wrong, ok := errors.AsType[*txn.Error](err); ok {
		fmt.Println(wrong.Positions, errors.Is(err, repo.ErrIncompleteKey))
	}
	// Output:
	// txn: operation 1: invalid transaction: Create Ticket: field Show: incomplete key: the field is empty, and the primary key needs it
	// [1] true
}

func ExampleReading() {
	client, shows, tickets := theatre()
	var show Show
	var ticket Ticket
	var sold bool
	err := txn.Read(context.Background(), client,
		txn.Get(shows, Show{ID: "hamlet"}, &show),
		txn.Get(tickets, Ticket{Show: "hamlet", Seat: "A1"}, &ticket).Found(&sold),
	)
	fmt.Println(show.Free, sold, err)

	err = txn.Read(context.Background(), client, txn.Get(tickets, Ticket{Show: "hamlet", Seat: "A1"}, &ticket))
	fmt.Println(errors.Is(err, repo.ErrNotFound))
	// Output:
	// 2 false <nil>
	// true
}
