package integration

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// odd has the attribute names that break programs which write expressions by hand: reserved words, dots, brackets, hyphens, what
// begins a placeholder. The key attributes of its table and of its index are no better.
type odd struct {
	_ struct{} `entity:"Odd" pk:"ODD#{Name}" sk:"{Size}"`
	_ struct{} `index:"by.status-1" pk:"ODD#{Status}" sk:"{Dotted}"`

	Name     string         `dynamodbav:"name"`
	Size     int            `dynamodbav:"size"`
	Status   string         `dynamodbav:"status" repo:"required"`
	Dotted   int            `dynamodbav:"total.of.all"`
	Brackets string         `dynamodbav:"lines[0]"`
	Hyphen   string         `dynamodbav:"GSI-1"`
	Hash     string         `dynamodbav:"#n0"`
	Colon    string         `dynamodbav:":v0"`
	Space    string         `dynamodbav:" a b "`
	Foreign  string         `dynamodbav:"größe"`
	Digits   int            `dynamodbav:"0"`
	Inner    oddInner       `dynamodbav:"a.b"`
	List     []oddInner     `dynamodbav:"list"`
	Keys     map[string]int `dynamodbav:"keys"`
}

type oddInner struct {
	Dotted int `dynamodbav:"x.y"`
	Index  int `dynamodbav:"[1]"`
}

var (
	oddName     = expr.String(func(o *odd) *string { return &o.Name })
	oddSize     = expr.Number(func(o *odd) *int { return &o.Size })
	oddStatus   = expr.String(func(o *odd) *string { return &o.Status })
	oddDotted   = expr.Number(func(o *odd) *int { return &o.Dotted })
	oddBrackets = expr.String(func(o *odd) *string { return &o.Brackets })
	oddHyphen   = expr.String(func(o *odd) *string { return &o.Hyphen })
	oddHash     = expr.String(func(o *odd) *string { return &o.Hash })
	oddColon    = expr.String(func(o *odd) *string { return &o.Colon })
	oddSpace    = expr.String(func(o *odd) *string { return &o.Space })
	oddForeign  = expr.String(func(o *odd) *string { return &o.Foreign })
	oddDigits   = expr.Number(func(o *odd) *int { return &o.Digits })
	oddInnerDot = expr.Number(func(o *odd) *int { return &o.Inner.Dotted })
	oddInnerIdx = expr.Number(func(o *odd) *int { return &o.Inner.Index })
	oddList     = expr.List(func(o *odd) *[]oddInner { return &o.List })
	oddElement  = expr.NestedNumber(oddList.At(0), func(i *oddInner) *int { return &i.Dotted })
	oddKeys     = expr.Map(func(o *odd) *map[string]int { return &o.Keys })
)

func TestOddNames(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{
			Key: repo.Key{Hash: "p.k", Range: "s[k]"}, TypeAttribute: "#type",
			Indexes: []repo.Index{{Name: "by.status-1", Hash: []string{"a-b"}, Range: []string{"where"}}},
		})
		odds := open[odd](t, s, table)
		s.create(t, table, odds)
		given := odd{
			Name: "n", Size: 1, Status: "open", Dotted: 2, Brackets: "b", Hyphen: "h", Hash: "#", Colon: ":", Space: " ", Foreign: "f", Digits: 3,
			Inner: oddInner{4, 5}, List: []oddInner{{6, 7}}, Keys: map[string]int{"plain": 1, "a.b": 2, "c[0]": 3, "#n0": 4, " ": 5, "naïve": 6},
		}
		put(t, odds, given, odd{Name: "n", Size: 2, Status: "closed"})
		s.expectOdd(t, table, map[string]string{
			"p.k": `"ODD#n"`, "s[k]": `"00000000000000000001"`, "#type": `"Odd"`, "a-b": `"ODD#open"`, "where": `"00000000000000000002"`,
			"name": `"n"`, "size": "1", "status": `"open"`, "total.of.all": "2", "lines[0]": `"b"`, "GSI-1": `"h"`, "#n0": `"#"`, ":v0": `":"`,
			" a b ": `" "`, "größe": `"f"`, "0": "3", "a.b": `{"[1]":5,"x.y":4}`, "list": `[{"[1]":7,"x.y":6}]`,
			"keys": `{" ":5,"#n0":4,"a.b":2,"c[0]":3,"naïve":6,"plain":1}`,
		})

		whole := []expr.Cond[odd]{
			oddDotted.Eq(2), oddBrackets.Eq("b"), oddHyphen.Eq("h"), oddHash.Eq("#"), oddColon.Eq(":"), oddSpace.Eq(" "), oddForeign.Eq("f"), oddDigits.Eq(3),
			oddInnerDot.Eq(4), oddInnerIdx.Eq(5), oddElement.Eq(6), oddKeys.Key("a.b").Eq(2), oddKeys.Key("c[0]").Eq(3), oddKeys.Key("#n0").Eq(4), oddKeys.Key(" ").Eq(5),
			oddKeys.Key("naïve").Eq(6), oddKeys.Key("a").NotExists(), oddKeys.Key("c").NotExists(),
		}
		key := odd{Name: "n", Size: 1}
		got, err := odds.If(whole...).Update(t.Context(), key,
			oddBrackets.Set("B"), oddHyphen.Remove(), oddHash.Set("?"), oddColon.SetIfNotExists("no"), oddSpace.Set(""), oddForeign.Set("ö"), oddDigits.Add(1),
			oddInnerDot.Add(10), oddInnerIdx.Set(11), oddElement.Sub(6), oddKeys.Key("a.b").Set(20), oddKeys.Key("c[0]").Remove(), oddKeys.Key("new.key[1]").Set(7),
			oddDotted.Set(9), oddStatus.Set("shut"))
		expectError(t, err, nil)
		want := map[string]string{
			"p.k": `"ODD#n"`, "s[k]": `"00000000000000000001"`, "#type": `"Odd"`, "a-b": `"ODD#shut"`, "where": `"00000000000000000009"`,
			"name": `"n"`, "size": "1", "status": `"shut"`, "total.of.all": "9", "lines[0]": `"B"`, "#n0": `"?"`, ":v0": `":"`,
			" a b ": `""`, "größe": `"ö"`, "0": "4", "a.b": `{"[1]":11,"x.y":14}`, "list": `[{"[1]":7,"x.y":0}]`,
			"keys": `{" ":5,"#n0":4,"a.b":20,"naïve":6,"new.key[1]":7,"plain":1}`,
		}
		s.expectOdd(t, table, want)

		for _, c := range []struct {
			reason string
			query  repo.Query[odd]
		}{
			{"the table", odds.Query(oddName.Eq("n"), oddSize.Lt(2))},
			{"the index", odds.Query(oddStatus.Eq("shut"), oddDotted.Between(1, 9))},
			{"a filter", odds.Query(oddName.Eq("n")).Filter(oddBrackets.Eq("B"), oddKeys.Key("new.key[1]").Exists(), oddInnerIdx.Gt(5))},
		} {
			found, err := repo.Collect(c.query.All(t.Context()))
			expectError(t, err, nil)
			if diff := cmp.Diff([]odd{got}, found); diff != "" {
				t.Errorf("%s: -updated +found\n%s", c.reason, diff)
			}
			n, err := c.query.Count(t.Context())
			if expectError(t, err, nil); n != 1 {
				t.Errorf("%s: counts %d, want 1", c.reason, n)
			}
		}
	})
}

// expectOdd compares the whole item of size 1 with what is in the table.
func (s *server) expectOdd(t *testing.T, table repo.Table, want map[string]string) {
	t.Helper()
	out, err := s.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &table.Name, Key: item{"p.k": text("ODD#n"), "s[k]": text("00000000000000000001")}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	expectItem(t, out.Item, want)
}
