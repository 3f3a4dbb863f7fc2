package ast

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// many makes n conditions of one operator each, which And joins by n-1 more.
func many(n int) []*Cond {
	conds := make([]*Cond, n)
	for i := range conds {
		conds[i] = Compare(OpEq, Attr("n"), s("v"))
	}
	return conds
}

func attrs(n int) []Path {
	paths := make([]Path, n)
	for i := range paths {
		paths[i] = Attr(fmt.Sprintf("attribute-with-a-long-name-%d", i))
	}
	return paths
}

func changesOf(n int, change func(Path) Change) []Change {
	all := make([]Change, n)
	for i, p := range attrs(n) {
		all[i] = change(p)
	}
	return all
}

func TestLimits(t *testing.T) {
	status := field(t, "Status")
	values := func(count int) []Operand {
		all := make([]Operand, count)
		for i := range all {
			all[i] = s(secret)
		}
		return all
	}
	sum := func(p Path) Change { return Add(Attr("m").Key(p.String()), n("1")) }
	for _, c := range []struct {
		reason  string
		request Request
		text    string // "" where it is within the limit
	}{
		{"100 values", Request{Condition: In(status, values(100)...)}, ""},
		{"101 values", Request{Condition: In(status, values(101)...)}, "Status: In takes at most 100 values, and was given 101; ask in parts"},
		{"299 operators", Request{Condition: And(many(150)...)}, ""},
		{"301 operators", Request{Condition: And(many(151)...)}, "the expression has 301 operators and functions, and DynamoDB takes 300; ask for less at once"},
		{"301 operators in the middle of others", Request{Filter: Not(Or(Exists(status), And(many(151)...)))}, "the expression has 301 operators and functions, and DynamoDB takes 300; ask for less at once"},
		{"300 operators of an update", Request{Changes: changesOf(75, sum)}, ""},
		{"conditions of 299 operators each, for they are counted one by one", Request{Condition: And(many(150)...), Filter: And(many(150)...)}, ""},
		{"an update of 4 KB", Request{Changes: changesOf(460, func(p Path) Change { return Set(p, n("1")) })}, "update: the expression is at least 4143 characters long, and DynamoDB takes 4096; ask for less at once"},
		{"an update that is 4 KB long only when it is written", Request{Changes: changesOf(350, func(p Path) Change { return Set(p, n("1")) })}, "update: the expression is 4333 characters long, and DynamoDB takes 4096; ask for less at once"},
		{"a condition of 4 KB", Request{Condition: Contains(deep(1500), s("a"))}, "condition: the expression is at least 4517 characters long, and DynamoDB takes 4096; ask for less at once"},
		{"a projection of 4 KB", Request{Project: attrs(1100)}, "projection: the expression is at least 4398 characters long, and DynamoDB takes 4096; ask for less at once"},
		{"a projection that is 4 KB long only when it is written", Request{Project: attrs(1000)}, "projection: the expression is 5888 characters long, and DynamoDB takes 4096; ask for less at once"},
		{"8 keys", Request{Key: And(keysOf(8)...)}, ""},
		{"9 keys", Request{Key: And(keysOf(9)...)}, "key condition: it has 9 parts, and DynamoDB takes 8"},
		{"values just under 2 MB", Request{Changes: []Change{Set(status, s(strings.Repeat("x", 2<<20-20)))}}, ""},
		{"values over 2 MB", Request{Changes: []Change{Set(status, s(strings.Repeat("x", 2<<20)))}}, "the names and values of the request are 2097162 bytes long, and DynamoDB takes 2097152; change or compare less at once"},
		{"a raw condition of 300 operators", Request{Condition: Raw(rawMany(150))}, ""},
		{"a raw condition of 301 operators", Request{Condition: Raw(rawMany(151))}, "the expression has 301 operators and functions, and DynamoDB takes 300; ask for less at once"},
		{"a raw condition next to ours", Request{Condition: And(Raw(rawMany(100)), And(many(100)...))}, "the expression has 399 operators and functions, and DynamoDB takes 300; ask for less at once"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			_, err := Build(c.request)
			switch {
			case c.text == "" && err != nil:
				t.Error(err)
			case c.text != "" && !errors.Is(err, ErrTooLarge):
				t.Errorf("got %v", err)
			case c.text != "" && err.Error() != c.text:
				t.Errorf("got  %s\nwant %s", err, c.text)
			}
		})
	}
}

func deep(steps int) Path {
	p := Attr("m")
	for range steps {
		p = p.Key("k")
	}
	return p
}

func keysOf(n int) []*Cond {
	conds := make([]*Cond, n)
	for i, p := range attrs(n) {
		conds[i] = Compare(OpEq, p, s("v"))
	}
	return conds
}

func rawMany(n int) expression.ConditionBuilder {
	c := expression.Name("n").Equal(expression.Value("v"))
	rest := make([]expression.ConditionBuilder, n-2)
	for i := range rest {
		rest[i] = c
	}
	return c.And(c, rest...)
}

func TestHugeInputIsCheap(t *testing.T) {
	status := field(t, "Status")
	start := time.Now()
	chain := Exists(status)
	for i := range 1_000_000 {
		// Without a bound on the tree, this would double it each time, and then run out of stack.
		if i%2 == 0 {
			chain = Not(chain)
		} else {
			chain = And(chain, Or(chain, chain))
		}
	}
	operands := make([]Operand, 16_000)
	for i := range operands {
		operands[i] = s("v")
	}
	for _, r := range []Request{{Condition: chain}, {Condition: In(status, operands...)}, {Changes: changesOf(8_000, Remove)}, {Project: attrs(16_000)}} {
		if _, err := Build(r); !errors.Is(err, ErrTooLarge) {
			t.Errorf("got %v", err)
		}
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestSize(t *testing.T) {
	for _, c := range []struct {
		value types.AttributeValue
		want  int
	}{
		{&types.AttributeValueMemberS{Value: "abc"}, 3},
		{&types.AttributeValueMemberN{Value: "12"}, 2},
		{&types.AttributeValueMemberB{Value: []byte{1, 2}}, 2},
		{&types.AttributeValueMemberBOOL{Value: true}, 1},
		{&types.AttributeValueMemberNULL{Value: true}, 1},
		{&types.AttributeValueMemberSS{Value: []string{"a", "bc"}}, 3},
		{&types.AttributeValueMemberNS{Value: []string{"1", "22"}}, 3},
		{&types.AttributeValueMemberBS{Value: [][]byte{{1}, {2, 3}}}, 3},
		{&types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "abc"}}}, 5},
		{&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"ab": &types.AttributeValueMemberS{Value: "abc"}}}, 7},
	} {
		if got := size(c.value); got != c.want {
			t.Errorf("%s counts %d, want %d", showValue(c.value), got, c.want)
		}
	}
}
