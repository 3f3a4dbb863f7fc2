package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo"
)

// added is the key of the row that the story adds.
var added = row{"Hash": "USER|7", "Sort": "ORD|2026-03-01|2"}

// teller writes the story down.
type teller struct {
	*legacy
	users  *repo.Repository[User]
	orders *repo.Repository[Order]
	mails  *repo.Repository[Mail]
	calls  *repo.Repository[Call]
	out    io.Writer
}

func tell(ctx context.Context, old *legacy, out io.Writer) error {
	t := &teller{
		legacy: old, users: repo.Must(repo.New[User](old.c, table)), orders: repo.Must(repo.New[Order](old.c, table)),
		mails: repo.Must(repo.New[Mail](old.c, table)), calls: repo.Must(repo.New[Call](old.c, table)), out: out,
	}
	for _, chapter := range []func(context.Context) error{t.guess, t.verify, t.everything, t.ofADay, t.open, t.nowhere, t.send, t.create, t.refuse} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

// guess declares the table as somebody might who has not looked.
func (t *teller) guess(ctx context.Context) error {
	type Order struct {
		_ struct{} `entity:"Order" pk:"USER|{User|plain}" sk:"ORD|{Day|plain}|{No|plain}"`
		_ struct{} `index:"ByState" hash:"State" range:"Day"`
		_ struct{} `index:"ByUser" hash:"User" range:"Day"`

		User  int    `dynamodbav:"UserNo"`
		Day   int    `dynamodbav:"Day"`
		No    int    `dynamodbav:"No"`
		State string `dynamodbav:"State" repo:"required"`
	}
	t.say("The table, as somebody thinks that it is, for whom a day is a number:")
	guessed := repo.Table{Name: tableName, Key: repo.Key{Hash: "Hash", Range: "Range"}, Indexes: []repo.Index{
		{Name: "ByState", Hash: []string{"State"}, Range: []string{"Day"}},
		{Name: "ByUser", Hash: []string{"UserNo"}, Range: []string{"Day"}},
	}}
	orders, err := repo.New[Order](t.c, guessed)
	if err != nil {
		return err
	}
	return t.differs(repo.VerifyTable(ctx, t.c, guessed, orders))
}

// differs lists what a wrong declaration was told.
func (t *teller) differs(err error) error {
	schema, ok := errors.AsType[*repo.SchemaError](err)
	if !ok {
		return fmt.Errorf("a wrong declaration passed: %w", err)
	}
	for _, problem := range schema.Problems {
		t.say("  %s", problem)
	}
	return nil
}

func (t *teller) verify(ctx context.Context) error {
	t.say("\nThe table, as it is declared in entities.go:")
	if err := repo.VerifyTable(ctx, t.c, table, t.users, t.orders, t.mails, t.calls); err != nil {
		return err
	}
	t.say("  no difference")
	return nil
}

// everything is all that the table has of a user, in one query. Rows without Kind are told by their keys.
func (t *teller) everything(ctx context.Context) error {
	t.say("\nAll of user 42:")
	var (
		user   User
		orders []Order
		mails  []Mail
		calls  []Call
		rest   []map[string]types.AttributeValue
	)
	err := t.users.Partition(User{No: 42}).Load(ctx,
		repo.One(t.users, &user), repo.Many(t.orders, &orders), repo.Many(t.mails, &mails), repo.Many(t.calls, &calls), repo.Rest(&rest))
	if err != nil {
		return err
	}
	t.say("  %s, since %s", user.Name, user.Since)
	for _, o := range orders {
		t.say("  %s", o)
	}
	for _, m := range mails {
		t.say("  mail %s: %s", m.ID, m.Subject)
	}
	for _, c := range calls {
		t.say("  call %s, %d minutes", c.ID, c.Minutes)
	}
	t.say("  and %d of no type that is declared here", len(rest))
	return nil
}

// ofADay shows what a number without padding can do in a key, and what it can't.
func (t *teller) ofADay(ctx context.Context) error {
	if err := t.list(ctx, "What did user 42 order on 2 January? By its text the 10 comes before the 7.", t.orders.Query(orderUser.Eq(42), orderDay.Eq("2026-01-02"))); err != nil {
		return err
	}
	t.say("\nWhich of them have a number above 7?")
	q := t.orders.Query(orderUser.Eq(42), orderDay.Eq("2026-01-02"), orderNo.Gt(7))
	_, err := q.First(ctx)
	if !errors.Is(err, repo.ErrNoIndex) {
		return fmt.Errorf("numbers were compared as text: %w", err)
	}
	t.say("  no: %v", err)
	return t.list(ctx, "Then read the orders of that day, and filter.",
		t.orders.Query(orderUser.Eq(42), orderDay.Eq("2026-01-02")).Filter(orderNo.Gt(7)))
}

func (t *teller) open(ctx context.Context) error {
	return t.list(ctx, "Which orders of January are open?", t.orders.Query(orderState.Eq("open"), orderDay.HasPrefix("2026-01")))
}

func (t *teller) nowhere(ctx context.Context) error {
	return t.list(ctx, "Which orders since 15 January are of no region?", t.orders.Query(orderRegion.Eq(""), orderDay.Ge("2026-01-15")))
}

func (t *teller) list(ctx context.Context, question string, q repo.Query[Order]) error {
	plan, err := q.Explain()
	if err != nil {
		return err
	}
	where := "the table"
	if plan.Index != "" {
		where = "index " + plan.Index
	}
	t.say("\n%s\n  from %s, %s", question, where, plan.KeyCondition)
	for o, err := range q.All(ctx) {
		if err != nil {
			return err
		}
		t.say("  %s", o)
	}
	return nil
}

// send updates an old row: what it does not name stays, attributes that nobody declared included.
func (t *teller) send(ctx context.Context) error {
	t.say("\nOrder 10 is sent, and turns out to be of no region.")
	before, err := t.show(ctx, "USER|42", "ORD|2026-01-02|10")
	if err != nil {
		return err
	}
	_, err = t.orders.If(orderState.Eq("open")).Update(ctx, Order{User: 42, Day: "2026-01-02", No: 10}, orderState.Set("sent"), orderRegion.Remove())
	if err != nil {
		return err
	}
	after, err := t.show(ctx, "USER|42", "ORD|2026-01-02|10")
	if err != nil {
		return err
	}
	t.say("  was %s\n  is  %s", before, after)
	return nil
}

// create makes a row that the old program can read.
func (t *teller) create(ctx context.Context) error {
	t.say("\nA new order, as the old program sees it.")
	if _, err := t.orders.Create(ctx, Order{User: 7, Day: "2026-03-01", No: 2, State: "open", Cents: 1200}); err != nil {
		return err
	}
	text, err := t.show(ctx, "USER|7", "ORD|2026-03-01|2")
	if err != nil {
		return err
	}
	t.say("  %s", text)
	return nil
}

// refuse tries a value that would reach into the next part of the key.
func (t *teller) refuse(ctx context.Context) error {
	t.say("\nAn order on the day \"2026|03\".")
	_, err := t.orders.Create(ctx, Order{User: 7, Day: "2026|03", No: 2, State: "open"})
	if !errors.Is(err, repo.ErrInvalidKey) {
		return fmt.Errorf("a key was made that has two meanings: %w", err)
	}
	t.say("  no: %v", err)
	return nil
}

func (t *teller) say(format string, args ...any) { fmt.Fprintf(t.out, format+"\n", args...) }
