package integration

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// thing has a text in both halves of its key, and values of every kind.
type thing struct {
	_ struct{} `entity:"Thing" pk:"THING#{Owner}#{Name}" sk:"{Name}#{Rank}"`
	_ struct{} `index:"rank" pk:"RANKED" sk:"{Rank}#{Name}"`
	_ struct{} `index:"size" pk:"SIZED" sk:"{Size|desc}#{Name}"`

	Owner    string                `dynamodbav:"owner"`
	Name     string                `dynamodbav:"name"`
	Rank     int64                 `dynamodbav:"rank"`
	Size     uint64                `dynamodbav:"size"`
	Text     string                `dynamodbav:"text"`
	Digits   attributevalue.Number `dynamodbav:"digits,omitempty"`
	Float    float64               `dynamodbav:"float"`
	At       time.Time             `dynamodbav:"at"`
	Epoch    time.Time             `dynamodbav:"epoch,unixtime,omitempty"`
	Blob     []byte                `dynamodbav:"blob,omitempty"`
	Numbers  []int64               `dynamodbav:"numbers,numberset,omitempty"`
	Blobs    [][]byte              `dynamodbav:"blobs,omitempty"`
	Any      any                   `dynamodbav:"any,omitempty"`
	Pointer  *int                  `dynamodbav:"pointer,omitempty"`
	Empties  []string              `dynamodbav:"empties"`
	Nested   map[string][]string   `dynamodbav:"nested"`
	AsString int                   `dynamodbav:"as_string,string"`
}

var (
	thingOwner = expr.String(func(v *thing) *string { return &v.Owner })
	thingName  = expr.String(func(v *thing) *string { return &v.Name })
	thingRank  = expr.Number(func(v *thing) *int64 { return &v.Rank })
	thingSize  = expr.Number(func(v *thing) *uint64 { return &v.Size })
	thingText  = expr.String(func(v *thing) *string { return &v.Text })
	thingFloat = expr.Number(func(v *thing) *float64 { return &v.Float })
	thingAt    = expr.Field(func(v *thing) *time.Time { return &v.At })
	thingDigit = expr.Field(func(v *thing) *attributevalue.Number { return &v.Digits })
)

// oddTexts are texts that would fall out of their segment, or out of their order, in a key that escaped too little.
var oddTexts = []string{
	"a", "a#b", "a#", "#", "##", "$", "$23", "a$", "a b", " ", "\x00", "\x01\x1f", "!", "~", "é", "日本", "\U0010FFFF", "\uFFFD", "a\nb", "{Name}", "%", "THING#a", strings.Repeat("x", 900),
}

// Every text is a key of its own, found by itself alone, also beside texts that begin like it.
func TestOddTexts(t *testing.T) {
	onEveryThing(t, func(t *testing.T, s *server, things *repo.Repository[thing]) {
		for _, name := range oddTexts {
			put(t, things, thing{Owner: "ada", Name: name, Text: name, At: noon})
			put(t, things, thing{Owner: name, Name: "fixed", Text: name, At: noon})
		}
		for _, name := range oddTexts {
			for _, key := range []thing{{Owner: "ada", Name: name}, {Owner: name, Name: "fixed"}} {
				got, err := things.Get(t.Context(), key)
				if err != nil || got.Text != name {
					t.Errorf("%q: got %q, error %v", name, got.Text, err)
				}
				found, err := repo.Collect(things.Query(thingOwner.Eq(key.Owner), thingName.Eq(key.Name)).All(t.Context()))
				if err != nil || len(found) != 1 || found[0].Text != name {
					t.Errorf("%q: a query finds %d items, error %v", name, len(found), err)
				}
				got, err = things.If(thingText.Eq(name)).Update(t.Context(), key, thingText.Set(name+"!"))
				if err != nil || got.Text != name+"!" {
					t.Errorf("%q: updated to %q, error %v", name, got.Text, err)
				}
			}
		}
		n, err := things.Scan().Count(t.Context())
		if expectError(t, err, nil); n != 2*len(oddTexts) {
			t.Errorf("%d items, want %d: texts share a key", n, 2*len(oddTexts))
		}
	})
}

// Numbers sort as numbers, up to their ends.
func TestExtremeNumbers(t *testing.T) {
	onEveryThing(t, func(t *testing.T, s *server, things *repo.Repository[thing]) {
		ranks := []int64{math.MinInt64, math.MinInt64 + 1, -1 << 53, -1000, -999, -1, 0, 1, 9, 10, 1 << 53, 1<<53 + 1, math.MaxInt64 - 1, math.MaxInt64}
		sizes := []uint64{0, 1, 9, 10, 1<<53 + 1, math.MaxInt64, 1 << 63, math.MaxUint64 - 1, math.MaxUint64}
		for i, rank := range ranks {
			put(t, things, thing{Owner: "ada", Name: "x", Rank: rank, Size: sizes[i%len(sizes)], At: noon})
		}
		numbers := func(q repo.Query[thing]) (out []int64) {
			for v, err := range q.All(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, v.Rank)
			}
			return out
		}
		for i, rank := range ranks {
			for _, c := range []struct {
				cond expr.Cond[thing]
				want []int64
			}{
				{thingRank.Lt(rank), ranks[:i]}, {thingRank.Le(rank), ranks[:i+1]}, {thingRank.Gt(rank), ranks[i+1:]}, {thingRank.Ge(rank), ranks[i:]}, {thingRank.Eq(rank), ranks[i : i+1]},
			} {
				for place, q := range map[string]repo.Query[thing]{
					"table": things.Query(thingOwner.Eq("ada"), thingName.Eq("x"), c.cond), "index": things.Query(c.cond).Index("rank"),
				} {
					if diff := cmp.Diff(append([]int64{}, c.want...), append([]int64{}, numbers(q)...)); diff != "" {
						t.Errorf("%v of %d in the %s: -want +got\n%s", c.cond, rank, place, diff)
					}
				}
			}
		}
		last := uint64(math.MaxUint64)
		for v, err := range things.Query().Index("size").All(t.Context()) {
			if expectError(t, err, nil); v.Size > last {
				t.Errorf("size %d behind %d in an index that is |desc", v.Size, last)
			}
			last = v.Size
		}
		for _, size := range sizes {
			n, err := things.Query(thingSize.Eq(size)).Index("size").Count(t.Context())
			if expectError(t, err, nil); n == 0 {
				t.Errorf("size %d is not found", size)
			}
		}
	})
}

// What is stored is what is read, and what is asked for is compared as it is stored.
func TestValuesRoundTrip(t *testing.T) {
	seven := 7
	full := thing{
		Owner: "ada", Name: "full", Rank: -1, Size: math.MaxUint64, Text: "", Digits: "12345678901234567890123456789012345678", Float: 0.1,
		At: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Epoch: time.Unix(1_700_000_000, 0).UTC(), Blob: []byte{0, 255}, Numbers: []int64{math.MinInt64, 0, math.MaxInt64},
		Blobs: [][]byte{{1}, {2}}, Any: map[string]any{"list": []any{"x", true}}, Pointer: &seven, Empties: []string{""}, Nested: map[string][]string{"a": {"", "b"}}, AsString: 42,
	}
	onEveryThing(t, func(t *testing.T, s *server, things *repo.Repository[thing]) {
		put(t, things, full)
		got, err := things.Get(t.Context(), thing{Owner: "ada", Name: "full", Rank: -1})
		expectError(t, err, nil)
		sortNumbers := cmp.Transformer("set", func(in []int64) map[int64]bool {
			out := map[int64]bool{}
			for _, n := range in {
				out[n] = true
			}
			return out
		})
		if diff := cmp.Diff(full, got, sortNumbers); diff != "" {
			t.Errorf("-put +got\n%s", diff)
		}
		for _, held := range []expr.Cond[thing]{
			thingDigit.Eq(full.Digits), thingFloat.Eq(0.1), thingAt.Eq(full.At), thingText.Eq(""), thingSize.Eq(math.MaxUint64),
			thingAt.Gt(full.At.Add(-1)), thingAt.Lt(full.At.Add(1)), thingAt.Eq(full.At.In(time.FixedZone("east", 3600))),
		} {
			if _, err := things.If(held).Update(t.Context(), full, thingFloat.Set(0.1)); err != nil {
				t.Errorf("%v: %v", held, err)
			}
		}
		near := full
		near.Digits = "12345678901234567890123456789012345679"
		_, err = things.If(thingDigit.Eq(near.Digits)).Update(t.Context(), full, thingFloat.Set(0.1))
		expectError(t, err, repo.ErrConditionFailed) // a float64 would take the two for one
	})
}

func onEveryThing(t *testing.T, test func(*testing.T, *server, *repo.Repository[thing])) {
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{Indexes: []repo.Index{{Name: "rank"}, {Name: "size"}}})
		things := open[thing](t, s, table)
		s.create(t, table, things)
		test(t, s, things)
	})
}
