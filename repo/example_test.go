package repo_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// Ticket is the entity of the examples: tickets of a board, and an index of those that somebody has to see to.
type Ticket struct {
	_ struct{} `entity:"Ticket" pk:"BOARD#{Board}" sk:"TICKET#{ID}"`
	_ struct{} `index:"gsi1" pk:"STATE#{State}" sk:"{Due}#{ID}" when:"State=open|blocked"`

	Board string    `dynamodbav:"board"`
	ID    string    `dynamodbav:"id"`
	State string    `dynamodbav:"state"`
	Due   time.Time `dynamodbav:"due" repo:"required"`
	Votes int       `dynamodbav:"votes"`
}

var (
	ticketBoard = expr.String(func(t *Ticket) *string { return &t.Board })
	ticketID    = expr.String(func(t *Ticket) *string { return &t.ID })
	ticketState = expr.String(func(t *Ticket) *string { return &t.State })
	ticketDue   = expr.Field(func(t *Ticket) *time.Time { return &t.Due })
	ticketVotes = expr.Number(func(t *Ticket) *int { return &t.Votes })
)

var board = repo.Table{Name: "board", Indexes: []repo.Index{{Name: "gsi1"}}}

// exampleTickets is a table in memory with three tickets.
func exampleTickets() (context.Context, *repo.Repository[Ticket]) {
	ctx, c := context.Background(), repotest.NewClient()
	tickets := repo.Must(repo.New[Ticket](c, board))
	if err := repo.CreateTable(ctx, c, board, tickets); err != nil {
		panic(err)
	}
	for i, state := range []string{"open", "closed", "open"} {
		due := time.Date(2026, 3, 10-i, 0, 0, 0, 0, time.UTC)
		if _, err := tickets.Create(ctx, Ticket{Board: "b1", ID: fmt.Sprint("t", i+1), State: state, Due: due}); err != nil {
			panic(err)
		}
	}
	return ctx, tickets
}

// The verbs: values in, the item as it is stored out.
func ExampleRepository() {
	ctx, tickets := exampleTickets()
	t, err := tickets.Get(ctx, Ticket{Board: "b1", ID: "t1"})
	fmt.Println(t.State, err)

	// A patch of what it names. The ticket leaves the index in the same request.
	t, err = tickets.Update(ctx, t, ticketState.Set("closed"), ticketVotes.Add(2))
	fmt.Println(t.State, t.Votes, err)

	// Under a condition; what it pins is known to the planner of index keys.
	_, err = tickets.If(ticketState.Eq("open")).Update(ctx, t, ticketState.Set("blocked"))
	fmt.Println(errors.Is(err, repo.ErrConditionFailed))

	err = tickets.Delete(ctx, t)
	_, gone := tickets.Get(ctx, t)
	fmt.Println(err, errors.Is(gone, repo.ErrNotFound))
	// Output:
	// open <nil>
	// closed 2 <nil>
	// true
	// <nil> true
}

// The update of an index key says what it needs to know, before anything is sent.
func ExampleRepository_Update() {
	ctx, tickets := exampleTickets()
	_, err := tickets.Update(ctx, Ticket{Board: "b1", ID: "t1"}, ticketDue.Set(time.Now()))
	fmt.Println(err)

	t, err := tickets.If(ticketState.Eq("open")).Update(ctx, Ticket{Board: "b1", ID: "t1"}, ticketDue.Set(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	fmt.Println(t.Due.Format(time.DateOnly), err)
	// Output:
	// repo: Update Ticket: index gsi1: stale index key: the key needs to know State; set every one in the same update, pin it with If(field.Eq(value)), or use Modify, which reads the item first
	// 2026-01-01 <nil>
}

func ExampleQuery() {
	ctx, tickets := exampleTickets()
	all, err := repo.Collect(tickets.Query(ticketBoard.Eq("b1")).Desc().All(ctx))
	for _, t := range all {
		fmt.Println(t.ID, t.State)
	}
	fmt.Println(len(all), err)

	// The index is found by the conditions.
	open := tickets.Query(ticketState.Eq("open"), ticketDue.Lt(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)))
	for t, err := range open.Index("gsi1").All(ctx) {
		fmt.Println(t.ID, err)
	}
	// Output:
	// t3 open
	// t2 closed
	// t1 open
	// 3 <nil>
	// t3 <nil>
}

func ExampleScan() {
	ctx, tickets := exampleTickets()
	n, err := tickets.Scan().Index("gsi1").Count(ctx)
	fmt.Println(n, err)
	// Output: 2 <nil>
}

func ExamplePage() {
	ctx, tickets := exampleTickets()
	q := tickets.Query(ticketBoard.Eq("b1")).Limit(2)
	page, err := q.Page(ctx, "")
	fmt.Println(len(page.Items), page.Next != "", err)
	page, err = q.Page(ctx, page.Next)
	fmt.Println(len(page.Items), page.Next != "", err)
	// Output:
	// 2 true <nil>
	// 1 false <nil>
}

// A cursor fits the query that it was made by, and no other.
func ExampleCursor() {
	ctx, tickets := exampleTickets()
	page, err := tickets.Query(ticketBoard.Eq("b1")).Limit(1).Page(ctx, "")
	if err != nil {
		panic(err)
	}
	_, err = tickets.Query(ticketBoard.Eq("b2")).Page(ctx, page.Next)
	fmt.Println(errors.Is(err, repo.ErrInvalidCursor))
	// Output: true
}

func ExamplePlan() {
	_, tickets := exampleTickets()
	plan, err := tickets.Query(ticketState.Eq("open"), ticketDue.Gt(time.Now())).Filter(ticketVotes.Gt(3)).Explain()
	fmt.Println(plan.Index, err)
	fmt.Println(plan)
	// Output:
	// gsi1 <nil>
	// index gsi1
	//   key: gsi1pk = STATE#{State} AND gsi1sk >= bound of {Due}
	//   filter: Votes > ? AND (attribute_not_exists(_type) OR _type = ?)
	//   left out: the table needs Board to be equal to a value
}

// What was considered, and why it does not serve.
func ExampleCandidate() {
	_, tickets := exampleTickets()
	plan, err := tickets.Query(ticketState.Eq("closed")).Explain()
	fmt.Println(errors.Is(err, repo.ErrNoIndex))
	for _, c := range plan.LeftOut {
		fmt.Printf("%q: %s\n", c.Index, c.Reason)
	}
	// Output:
	// true
	// "": needs Board to be equal to a value
	// "gsi1": holds only items with State=open|blocked, which the conditions do not imply; Index("gsi1") accepts that
}

// A write is planned purely, and looked at without a server.
func ExampleWrite() {
	_, tickets := exampleTickets()
	w, err := tickets.UpdateWrite(Ticket{Board: "b1", ID: "t1"}, ticketState.Set("closed"))
	if err != nil {
		panic(err)
	}
	in := w.UpdateItemInput()
	fmt.Println(w.Verb(), w.Entity())
	fmt.Print(*in.UpdateExpression)
	fmt.Println(in.ExpressionAttributeNames["#2"], in.ExpressionAttributeNames["#3"], in.ExpressionAttributeNames["#4"])
	// Output:
	// Update Ticket
	// REMOVE #2, #3
	// SET #4 = :1
	// gsi1pk gsi1sk state
}

func ExampleError() {
	ctx, tickets := exampleTickets()
	_, err := tickets.Get(ctx, Ticket{ID: "t1"})
	if where, ok := errors.AsType[*repo.Error](err); ok {
		fmt.Println(where.Op, where.Entity, where.Field)
	}
	fmt.Println(errors.Is(err, repo.ErrIncompleteKey))
	fmt.Println(err)
	// Output:
	// Get Ticket Board
	// true
	// repo: Get Ticket: field Board: incomplete key: the field is empty, and the primary key needs it
}

// All that is wrong with a type comes at once.
func ExampleSchemaError() {
	type Reply struct {
		_  struct{} `entity:"Reply" pk:"TICKET#{Ticket}" sk:"REPLY#{ID}"`
		_  struct{} `index:"gsi7" pk:"AUTHOR#{ID}"`
		ID string   `dynamodbav:"id"`
	}
	_, err := repo.New[Reply](repotest.NewClient(), board)
	if schema, ok := errors.AsType[*repo.SchemaError](err); ok {
		fmt.Println(schema.Type, len(schema.Problems) > 0)
	}
	fmt.Println(err)
	// Output:
	// repo_test.Reply true
	// repo: repo_test.Reply.entity.pk: template "TICKET#{Ticket}": unknown field Ticket
}

// A table and its members are checked together, in a unit test of the program say.
func ExampleMember() {
	type Board struct {
		_  struct{} `entity:"Board" pk:"BOARD#{ID}" sk:"BOARD"`
		ID string   `dynamodbav:"id"`
	}
	c := repotest.NewClient()
	members := []repo.Member{repo.Must(repo.New[Ticket](c, board)), repo.Must(repo.New[Board](c, board))}
	fmt.Println(repo.Check(members...))
	// Output: <nil>
}

func ExampleTable() {
	table := repo.Table{
		Name:          "legacy",
		Key:           repo.Key{Hash: "PK", Range: "SK"},
		Indexes:       []repo.Index{{Name: "gsi1", Hash: []string{"GSI1PK"}, Range: []string{"GSI1SK"}}},
		TypeAttribute: "-", // rows have none: the literals of their keys tell them apart
	}
	tickets := repo.Must(repo.New[Ticket](repotest.NewClient(), table))
	in, err := repo.CreateTableInput(table, tickets)
	fmt.Println(len(in.AttributeDefinitions), len(in.GlobalSecondaryIndexes), err)
	// Output: 4 1 <nil>
}

func ExampleKey() {
	table := board
	table.Key = repo.Key{Hash: "partition", Range: "sort"}
	in, err := repo.Must(repo.New[Ticket](repotest.NewClient(), table)).GetInput(Ticket{Board: "b1", ID: "t1"})
	fmt.Println(in.Key["partition"].(*types.AttributeValueMemberS).Value, in.Key["sort"].(*types.AttributeValueMemberS).Value, err)
	// Output: BOARD#b1 TICKET#t1 <nil>
}

// An index without attributes has the default names; one that shares an attribute with a key names it.
func ExampleIndex() {
	table := repo.Table{Name: "board", Indexes: []repo.Index{
		{Name: "gsi1"},
		{Name: "byTitle", Hash: []string{"pk"}, Range: []string{"title_key"}},
	}}
	in, err := repo.CreateTableInput(table, repo.Must(repo.New[Ticket](repotest.NewClient(), table)))
	for _, x := range in.GlobalSecondaryIndexes {
		fmt.Println(*x.IndexName, *x.KeySchema[0].AttributeName, *x.KeySchema[1].AttributeName)
	}
	fmt.Println(err)
	// Output:
	// gsi1 gsi1pk gsi1sk
	// byTitle pk title_key
	// <nil>
}

// What every request was, what it read and what it cost.
func ExampleCall() {
	ctx, c := context.Background(), repotest.NewClient()
	table := board
	table.Observe = func(_ context.Context, call repo.Call) {
		fmt.Println(call.Operation, call.Entity, call.Index, call.Attempts, call.Capacity, call.Err)
	}
	tickets := repo.Must(repo.New[Ticket](c, table))
	if err := repo.CreateTable(ctx, c, table, tickets); err != nil {
		panic(err)
	}
	_, _ = tickets.Create(ctx, Ticket{Board: "b1", ID: "t1", State: "open", Due: time.Unix(0, 1)})
	_, _ = tickets.Query(ticketState.Eq("open")).First(ctx)
	// Output:
	// PutItem Ticket  1 2 <nil>
	// Query Ticket gsi1 1 0.5 <nil>
}

// counter counts what a client is asked for: a fake embeds one, and overrides what it is about.
type counter struct {
	repo.Client
	gets int
}

func (c *counter) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	c.gets++
	return c.Client.GetItem(ctx, in, o...)
}

func ExampleClient() {
	ctx, tickets := exampleTickets()
	c := &counter{Client: repotest.NewClient()}
	counted := repo.Must(repo.New[Ticket](c, board))
	_, err := counted.Get(ctx, Ticket{Board: "b1", ID: "t1"})
	fmt.Println(c.gets, err != nil)
	_, err = tickets.Get(ctx, Ticket{Board: "b1", ID: "t1"})
	fmt.Println(c.gets, err)
	// Output:
	// 1 true
	// 1 <nil>
}

// A table that is there is verified.
func ExampleAdminClient() {
	ctx := context.Background()
	var admin repo.AdminClient = repotest.NewClient()
	tickets := repo.Must(repo.New[Ticket](repotest.NewClient(), board))
	fmt.Println(repo.CreateTable(ctx, admin, board, tickets))
	fmt.Println(repo.VerifyTable(ctx, admin, board, tickets))

	wider := board
	wider.Indexes = append([]repo.Index{{Name: "gsi2"}}, board.Indexes...)
	fmt.Println(repo.VerifyTable(ctx, admin, wider, tickets))
	// Output:
	// <nil>
	// <nil>
	// repo: index gsi2: the live table has no such index; add it with UpdateTable, whose request CreateIndexInput makes: gsi2pk (HASH), gsi2sk (RANGE), projecting ALL
}

// What is read by an old program keeps what it does not know; the codec alone needs no server.
func ExampleRepository_Decode() {
	_, tickets := exampleTickets()
	item, err := tickets.Encode(Ticket{Board: "b#1", ID: "t1", State: "closed", Due: time.Unix(0, 1)})
	fmt.Println(item["pk"].(*types.AttributeValueMemberS).Value, item["gsi1pk"], err)
	t, err := tickets.Decode(item)
	fmt.Println(t.Board, err)
	item["_type"] = &types.AttributeValueMemberS{Value: "Board"}
	_, err = tickets.Decode(item)
	fmt.Println(errors.Is(err, repo.ErrWrongEntity))
	// Output:
	// BOARD#b$231 <nil> <nil>
	// b#1 <nil>
	// true
}

func ExampleCollect() {
	ctx, tickets := exampleTickets()
	list, err := repo.Collect(tickets.Query(ticketBoard.Eq("b1"), ticketID.HasPrefix("t")).All(ctx))
	fmt.Println(len(list), err)
	// Output: 3 <nil>
}
