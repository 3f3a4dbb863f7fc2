package repo_test

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo"
)

// One board, whatever identifiers say.
func ExampleRepository_Scope() {
	ctx, tickets := exampleTickets()
	mine := tickets.Scope(ticketBoard.Eq("b1"))

	t, err := mine.Get(ctx, Ticket{ID: "t1"}) // the board is filled in
	fmt.Println(t.Board, t.ID, err)

	n, err := mine.Query(ticketID.HasPrefix("t")).Count(ctx)
	fmt.Println(n, err)

	// Another board is refused, and what an identifier holds stays in its own part of the key.
	_, err = mine.Get(ctx, Ticket{Board: "b2", ID: "t1"})
	fmt.Println(errors.Is(err, repo.ErrOutOfScope))
	in, err := mine.GetInput(Ticket{ID: "t1#BOARD#b2"})
	fmt.Println(in.Key["sk"].(*types.AttributeValueMemberS).Value, err)

	// So is what reaches all boards: a scan, or the index of states.
	_, err = mine.Scan().Count(ctx)
	fmt.Println(err)
	_, err = mine.Query(ticketState.Eq("open")).Index("gsi1").Count(ctx)
	fmt.Println(err)
	// Output:
	// b1 t1 <nil>
	// 3 <nil>
	// true
	// TICKET#t1$23BOARD$23b2 <nil>
	// repo: Scan Ticket: out of scope: a scan reaches the items of every scope; use the repository without Scope, on purpose
	// repo: Query Ticket: out of scope: index gsi1 has a partition that does not begin with the fields of the scope
}
