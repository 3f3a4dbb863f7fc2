package integration

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo"
)

// The requests that package txn is known to make, one file of them, are accepted by every engine, and succeed on what they are given.
func TestTxnInputs(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *server) {
		cases := transactionInputs(t, "../txn/testdata/inputs.txt")
		if len(cases) < 50 {
			t.Fatalf("only %d cases were found", len(cases))
		}
		table := uniqueTable(t, repo.Table{Indexes: []repo.Index{{Name: "gsi1"}}})
		s.create(t, table, open[indexed](t, s, table))
		for _, c := range cases {
			s.load(t, table, c.given...)
			for i := range c.ops {
				rename(&c.ops[i], table.Name)
			}
			if _, err := s.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: c.ops}); err != nil {
				t.Errorf("%s: %v", c.reason, err)
			}
			s.empty(t, table)
		}
	})
}

// indexed gives the table its keys.
type indexed struct {
	_ struct{} `entity:"Indexed" pk:"INDEXED#{ID}" sk:"INDEXED"`
	_ struct{} `index:"gsi1" pk:"ALL" sk:"{ID}"`

	ID string `dynamodbav:"id"`
}

// transactionInput is a case of the file: what is there, and the operations.
type transactionInput struct {
	reason string
	given  []item
	ops    []types.TransactWriteItem
}

func transactionInputs(t *testing.T, path string) (out []transactionInput) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for section := range strings.SplitSeq(string(text), "## ") {
		reason, rest, ok := strings.Cut(section, "\n")
		if !ok {
			continue
		}
		c := transactionInput{reason: reason}
		for line := range strings.Lines(rest) {
			line = strings.TrimSuffix(line, "\n")
			row, given := strings.CutPrefix(line, "given ")
			member, inner := strings.CutPrefix(line, "  ")
			switch {
			case line == "":
			case given:
				c.given = append(c.given, attributes(t, reason, row))
			case inner:
				name, value, _ := strings.Cut(member, " ")
				set(t, reason, &c.ops[len(c.ops)-1], name, value)
			default:
				c.ops = append(c.ops, operationOf(t, reason, line))
			}
		}
		out = append(out, c)
	}
	return out
}

func operationOf(t *testing.T, reason, kind string) (op types.TransactWriteItem) {
	t.Helper()
	switch kind {
	case "Put":
		op.Put = &types.Put{}
	case "Update":
		op.Update = &types.Update{}
	case "Delete":
		op.Delete = &types.Delete{}
	case "ConditionCheck":
		op.ConditionCheck = &types.ConditionCheck{}
	default:
		t.Fatalf("%s: the operation %q", reason, kind)
	}
	return op
}

// set sets one member of an operation: attributes as the SDK has them, everything else as JSON has it.
func set(t *testing.T, reason string, op *types.TransactWriteItem, name, value string) {
	t.Helper()
	in := reflect.ValueOf(*op)
	for i := range in.NumField() { // to the one that is there
		if f := in.Field(i); f.Kind() == reflect.Pointer && !f.IsNil() {
			in = f
			break
		}
	}
	field := in.Elem().FieldByName(name)
	if !field.IsValid() {
		t.Fatalf("%s: the member %q", reason, name)
	}
	if _, ok := field.Interface().(map[string]types.AttributeValue); ok {
		field.Set(reflect.ValueOf(attributes(t, reason, value)))
		return
	}
	if err := json.Unmarshal([]byte(value), field.Addr().Interface()); err != nil {
		t.Fatalf("%s: %s: %v", reason, name, err)
	}
}

func attributes(t *testing.T, reason, text string) item {
	t.Helper()
	values, err := attributevalue.UnmarshalMapJSON([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", reason, err)
	}
	return values
}

// rename has an operation be of another table.
func rename(op *types.TransactWriteItem, table string) {
	switch {
	case op.Put != nil:
		op.Put.TableName = &table
	case op.Update != nil:
		op.Update.TableName = &table
	case op.Delete != nil:
		op.Delete.TableName = &table
	default:
		op.ConditionCheck.TableName = &table
	}
}

// empty deletes what is in a table.
func (s *server) empty(t *testing.T, table repo.Table) {
	t.Helper()
	out, err := s.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table.Name, ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range out.Items {
		if _, err := s.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table.Name, Key: item{"pk": it["pk"], "sk": it["sk"]}}); err != nil {
			t.Fatal(err)
		}
	}
}
