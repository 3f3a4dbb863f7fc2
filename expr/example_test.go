package expr_test

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/monotable/monotable/expr"
)

// Invoice is the entity of the examples.
type Invoice struct {
	State   string            `dynamodbav:"state"`
	Note    string            `dynamodbav:"note,omitempty"`
	Due     time.Time         `dynamodbav:"due"`
	Amount  int64             `dynamodbav:"amount"`
	Paid    int64             `dynamodbav:"paid"`
	To      *Recipient        `dynamodbav:"to,omitempty"`
	Entries []Entry           `dynamodbav:"entries"`
	Labels  []string          `dynamodbav:"labels,stringset"`
	Meta    map[string]string `dynamodbav:"meta"`
}

// Recipient is a struct in the entity.
type Recipient struct {
	Name string `dynamodbav:"name"`
}

// Entry is an element of a list in the entity.
type Entry struct {
	Text  string `dynamodbav:"text"`
	Count int    `dynamodbav:"count"`
}

// Paths are made once, as package-level variables.
var (
	state   = expr.String(func(i *Invoice) *string { return &i.State })
	due     = expr.Field(func(i *Invoice) *time.Time { return &i.Due })
	amount  = expr.Number(func(i *Invoice) *int64 { return &i.Amount })
	paid    = expr.Number(func(i *Invoice) *int64 { return &i.Paid })
	to      = expr.Field(func(i *Invoice) **Recipient { return &i.To })
	toName  = expr.String(func(i *Invoice) *string { return &i.To.Name })
	entries = expr.List(func(i *Invoice) *[]Entry { return &i.Entries })
	labels  = expr.Set(func(i *Invoice) *[]string { return &i.Labels })
	meta    = expr.Map(func(i *Invoice) *map[string]string { return &i.Meta })
)

func Example() {
	// Both are given to a repository: invoices.If(open).Update(ctx, invoice, changes...).
	open := expr.And(state.Eq("open"), paid.LtAttr(amount))
	changes := []expr.Update[Invoice]{paid.Add(250), entries.Append(Entry{Text: "payment"})}

	fmt.Println(open)
	fmt.Println(changes)
	// Output:
	// State = ? AND Paid < Amount
	// [ADD Paid ? SET Entries = list_append(Entries, ?)]
}

func ExampleCond() {
	// Conditions are values: deriving one from another changes neither.
	open := state.Eq("open")
	urgent := expr.And(open, due.Lt(time.Now()))

	var none expr.Cond[Invoice]
	fmt.Println(open)
	fmt.Println(urgent)
	fmt.Println(expr.And(none, open))
	// Output:
	// State = ?
	// State = ? AND Due < ?
	// State = ?
}

func ExampleAnd() {
	fmt.Println(expr.And(state.Eq("open"), amount.Gt(100), to.Exists()))
	// Output: State = ? AND Amount > ? AND attribute_exists(To)
}

func ExampleOr() {
	fmt.Println(expr.And(amount.Gt(100), expr.Or(state.Eq("open"), state.Eq("late"))))
	// Output: Amount > ? AND (State = ? OR State = ?)
}

func ExampleNot() {
	fmt.Println(expr.Not(labels.Contains("archived")))
	// Output: NOT (contains(Labels, ?))
}

func ExampleRawCond() {
	// The SDK's package can ask for the type of an attribute. Its names are those of the table.
	text := expression.Name("note").AttributeType(expression.String)
	fmt.Println(expr.And(state.Eq("open"), expr.RawCond[Invoice](text)))
	// Output: State = ? AND (raw condition)
}

func ExampleUpdate() {
	for _, update := range []expr.Update[Invoice]{state.Set("paid"), paid.Add(250), to.Remove()} {
		fmt.Println(update)
	}
	// Output:
	// SET State = ?
	// ADD Paid ?
	// REMOVE To
}

func ExamplePath() {
	// Every path has these, be it of text, a number or a list.
	fmt.Println(entries.Path, entries.Exists(), entries.Set([]Entry{{Text: "first"}}))
	fmt.Println(meta.Key("source").Path)
	// Output:
	// Entries attribute_exists(Entries) SET Entries = ?
	// Meta[key]
}

func ExampleFieldPath() {
	year := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	fmt.Println(due.Between(year, year.AddDate(1, 0, 0)))
	fmt.Println(to.Set(&Recipient{Name: "Ada"}))
	// Output:
	// Due BETWEEN ? AND ?
	// SET To = ?
}

func ExampleStringPath() {
	fmt.Println(toName)
	fmt.Println(toName.HasPrefix("A"))
	fmt.Println(state.In("open", "late"))
	// Output:
	// To.Name
	// begins_with(To.Name, ?)
	// State IN (?, ?)
}

func ExampleNumberPath() {
	fmt.Println(amount.Ge(100))
	fmt.Println(paid.Sub(50))
	// Output:
	// Amount >= ?
	// ADD Paid ?
}

func ExampleListPath() {
	fmt.Println(entries.At(0))
	fmt.Println(entries.Append(Entry{Text: "last"}))
	fmt.Println(entries.Prepend(Entry{Text: "first"}))
	// Output:
	// Entries[0]
	// SET Entries = list_append(Entries, ?)
	// SET Entries = list_append(?, Entries)
}

func ExampleNested() {
	text := expr.NestedString(entries.At(0), func(e *Entry) *string { return &e.Text })
	count := expr.NestedNumber(entries.At(0), func(e *Entry) *int { return &e.Count })

	fmt.Println(text.HasPrefix("pay"))
	fmt.Println(count.Add(1))
	// Output:
	// begins_with(Entries[0].Text, ?)
	// ADD Entries[0].Count ?
}

func ExampleSetPath() {
	fmt.Println(labels.Contains("urgent"))
	fmt.Println(labels.Add("urgent", "late"))
	fmt.Println(labels.Delete("new"))
	// Output:
	// contains(Labels, ?)
	// ADD Labels ?
	// DELETE Labels ?
}

func ExampleMapPath() {
	// A key may be any text. It is data, so it is not shown.
	fmt.Println(meta.Key("origin.host[0]").Eq("a"))
	fmt.Println(meta.Key("seen").Set("yes"))
	// Output:
	// Meta[key] = ?
	// SET Meta[key] = ?
}

func ExampleSizePath() {
	fmt.Println(entries.Size())
	fmt.Println(entries.Size().Lt(100))
	// Output:
	// size(Entries)
	// size(Entries) < ?
}

// Code that is generic over paths says in an interface what it needs of them.
func ExampleAttribute() {
	settled := func(done, owed expr.Attribute[Invoice, int64]) string {
		return fmt.Sprintf("%s covers %s", done, owed)
	}
	fmt.Println(settled(paid, amount))
	fmt.Println(paid.GeAttr(amount))
	// Output:
	// Paid covers Amount
	// Paid >= Amount
}

// counter makes a number path of any type of number.
func counter[T any, V expr.Numeric](field func(*T) *V) expr.Update[T] {
	return expr.Number(field).Add(1)
}

func ExampleNumeric() {
	fmt.Println(counter(func(i *Invoice) *int64 { return &i.Paid }))
	// Output: ADD Paid ?
}
