package ast

import (
	_ "embed"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestRequests(t *testing.T) {
	status, total := field(t, "Status"), field(t, "Total")
	b := Value(&types.AttributeValueMemberB{Value: []byte{7}})
	for _, c := range []struct {
		reason  string
		request Request
		want    string
	}{
		{"nothing gives nothing", Request{}, ""},
		{"a key", Request{Key: Compare(OpEq, Attr("pk"), s("a"))}, lines("key: #0 = :0", "#0 pk", `:0 S "a"`)},
		{"a key and a range, each kind", Request{Key: And(Compare(OpEq, Attr("pk"), s("a")), Between(Attr("sk"), s("b"), s("c")))}, lines("key: (#0 = :0) AND (#1 BETWEEN :1 AND :2)", "#0 pk", "#1 sk", `:0 S "a"`, `:1 S "b"`, `:2 S "c"`)},
		{"less", Request{Key: And(Compare(OpEq, Attr("pk"), s("a")), Compare(OpLt, Attr("sk"), s("b")))}, lines("key: (#0 = :0) AND (#1 < :1)", "#0 pk", "#1 sk", `:0 S "a"`, `:1 S "b"`)},
		{"less or equal", Request{Key: And(Compare(OpEq, Attr("pk"), s("a")), Compare(OpLe, Attr("sk"), s("b")))}, lines("key: (#0 = :0) AND (#1 <= :1)", "#0 pk", "#1 sk", `:0 S "a"`, `:1 S "b"`)},
		{"greater", Request{Key: And(Compare(OpEq, Attr("pk"), s("a")), Compare(OpGt, Attr("sk"), s("b")))}, lines("key: (#0 = :0) AND (#1 > :1)", "#0 pk", "#1 sk", `:0 S "a"`, `:1 S "b"`)},
		{"greater or equal", Request{Key: And(Compare(OpEq, Attr("pk"), s("a")), Compare(OpGe, Attr("sk"), s("b")))}, lines("key: (#0 = :0) AND (#1 >= :1)", "#0 pk", "#1 sk", `:0 S "a"`, `:1 S "b"`)},
		{"a prefix", Request{Key: And(Compare(OpEq, Attr("pk"), s("a")), BeginsWith(Attr("sk"), s("b")))}, lines("key: (#0 = :0) AND (begins_with (#1, :1))", "#0 pk", "#1 sk", `:0 S "a"`, `:1 S "b"`)},
		{"a binary prefix", Request{Key: And(Compare(OpEq, Attr("pk"), s("a")), BeginsWith(Attr("sk"), b))}, lines("key: (#0 = :0) AND (begins_with (#1, :1))", "#0 pk", "#1 sk", `:0 S "a"`, ":1 B 07")},
		{"three keys, which the package takes only when they are chained to the left", Request{Key: And(Compare(OpEq, Attr("a"), s("1")), Compare(OpEq, Attr("b"), s("2")), Compare(OpGt, Attr("c"), s("3")))}, lines("key: (#0 = :0) AND (#1 = :1) AND (#2 > :2)", "#0 a", "#1 b", "#2 c", `:0 S "1"`, `:1 S "2"`, `:2 S "3"`)},
		{"a key with dots in its name", Request{Key: Compare(OpEq, Attr("p.k[0]"), s("a"))}, lines("key: #0 = :0", "#0 p.k[0]", `:0 S "a"`)},
		{"a projection", Request{Project: []Path{status, lineField(t, 3, "SKU"), field(t, "Notes").Key("a.b")}}, lines("project: #0, #1[3].#2, #3.#4", "#0 status", "#1 lines", "#2 sku", "#3 notes", "#4 a.b")},
		{"all parts meet in one expression and share their names", Request{
			Key:       Compare(OpEq, Attr("pk"), s("a")),
			Condition: Compare(OpEq, status, s("b")),
			Filter:    Compare(OpGt, total, n("1")),
			Changes:   []Change{Set(status, s("c")), Add(total, n("2"))},
			Project:   []Path{status, Attr("pk")},
		}, lines("key: #2 = :2", "condition: #0 = :0", "filter: #1 > :1", "update: ADD #1 :3 | SET #0 = :4", "project: #0, #2", "#0 status", "#1 total", "#2 pk", `:0 S "b"`, ":1 N 1", `:2 S "a"`, ":3 N 2", `:4 S "c"`)},
	} {
		t.Run(c.reason, func(t *testing.T) {
			first, err := Build(c.request)
			if err != nil {
				t.Fatal(err)
			}
			if got := show(first); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			for range 20 {
				again, err := Build(c.request)
				if err != nil || show(again) != c.want {
					t.Fatalf("another time: %v\n%s", err, show(again))
				}
			}
		})
	}
}

func TestNothingIsNil(t *testing.T) {
	e, err := Build(Request{Condition: Exists(field(t, "Status"))})
	if err != nil || e.Values != nil || e.Key != nil || e.Filter != nil || e.Update != nil || e.Projection != nil {
		t.Errorf("got %+v, %v", e, err)
	}
	if e, err = Build(Request{}); err != nil || e.Names != nil || e.Values != nil || e.Condition != nil {
		t.Errorf("got %+v, %v", e, err)
	}
}

// TestResultsAreApart changes what one call returned, maps and the operands that lowering added, and builds again.
func TestResultsAreApart(t *testing.T) {
	r := Request{Changes: []Change{Append(field(t, "Opts"), of(field(t, "Opts"), []string{"a"}))}}
	first, err := Build(r)
	if err != nil {
		t.Fatal(err)
	}
	want := show(first)
	list := first.Values[":0"].(*types.AttributeValueMemberL)
	list.Value = append(list.Value, list)
	first.Names["#0"] = "changed"
	if again, err := Build(r); err != nil || show(again) != want {
		t.Errorf("%v\n%s", err, show(again))
	}
}

//go:embed testdata/reserved_words.txt
var reservedWords string

func TestReservedWords(t *testing.T) {
	words := strings.Fields(reservedWords)
	if len(words) != 573 {
		t.Fatalf("%d reserved words, and DynamoDB has 573", len(words))
	}
	for _, word := range words {
		for _, name := range []string{word, strings.ToLower(word)} {
			e, err := Build(Request{Condition: Exists(Attr(name)), Changes: []Change{Set(Attr("not reserved").Key(name), n("1"))}})
			if err != nil || *e.Condition != "attribute_exists (#0)" || e.Names["#0"] != name || *e.Update != "SET #1.#0 = :0\n" {
				t.Errorf("%s: %v\n%s", name, err, show(e))
			}
		}
	}
}

func TestHostileNames(t *testing.T) {
	for _, name := range []string{
		"a.b", "a[0]", "[0]", "]", "[", "a]b[", "#0", ":0", "#", ":", " ", "\t\n", `"`, "'", "`", "naïve", "名前", "🙂", "\x00", "0", "1a", "-", "a b",
		"$n", "$v", "$c", "a OR b", "a[0] OR size(x) > [1]", ") OR attribute_exists(#0", "\xff0", "\ufffd0", ".", "..", "a.", ".a", "\\", "%s", strings.Repeat("x", 60_000),
	} {
		p := Attr(name)
		e, err := Build(Request{Condition: And(Exists(p), Exists(Attr("plain"))), Changes: []Change{Remove(Attr("m").Field(field(t, "Status").FieldOf(), nil)), Set(p, n("1"))}})
		if err != nil {
			t.Errorf("%.20q: %v", name, err)
			continue
		}
		if *e.Condition != "(attribute_exists (#0)) AND (attribute_exists (#1))" || e.Names["#0"] != name || e.Names["#1"] != "plain" {
			t.Errorf("%.20q: %s %.99q", name, *e.Condition, e.Names)
		}
	}
}
