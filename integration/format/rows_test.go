package format

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
)

// tableWith is a table with the indexes gsi1 to gsiN of default names, then others.
func tableWith(indexes int, others ...repo.Index) repo.Table {
	t := repo.Table{Name: "app", Now: func() time.Time { return now }}
	for n := range indexes {
		t.Indexes = append(t.Indexes, repo.Index{Name: fmt.Sprintf("gsi%d", n+1)})
	}
	t.Indexes = append(t.Indexes, others...)
	return t
}

func nativeTable() repo.Table {
	t := tableWith(0,
		repo.Index{Name: "gsi1", Hash: []string{"game", "country"}, Range: []string{"points", "device"}},
		repo.Index{Name: "gsi2", Hash: []string{"gsi2pk"}, Range: []string{"binary"}})
	t.Key = repo.Key{Hash: "device", Range: "at"}
	return t
}

func visitTable() repo.Table {
	return tableWith(1, repo.Index{Name: "gsi2", Hash: []string{"gsi2pk"}, Range: []string{"clicks"}})
}

// hostile has every character that a key must escape, and some that it must not.
const hostile = "a b#c$d!\"%\x00\x1f\x7f~äß語\U0001F600"

func frozenRows() []written {
	return slices.Concat(accountRows(), textRows(), numberRows(), timeRows(), shardRows(), nativeRows(), valueRows(), orderRows(), siteRows())
}

func accountRows() []written {
	full := account{
		Tenant: "acme", ID: "a1", Status: "active", Email: "Ann@Example.COM", Number: -42, Phone: "+49 30#1", Joined: now.Add(-time.Hour), Origin: "web",
		Home: address{City: "Köln", Zip: "50667"},
	}
	odd := account{Tenant: hostile, ID: hostile, Status: "closed", Email: hostile, Number: math.MaxInt, Phone: hostile, Joined: now, Home: address{City: hostile}}
	has := func(a *account) { a.Created, a.Updated, a.Version = now, now, 1 }
	withID := tableWith(1)
	withID.WriteID = "_write"
	untyped := tableWith(1)
	untyped.TypeAttribute = "-"
	named := tableWith(1, repo.Index{Name: "other", Hash: []string{"h"}, Range: []string{"r"}})
	named.Key, named.TypeAttribute = repo.Key{Hash: "Hash", Range: "Range"}, "Kind"
	return []written{
		kept[account]{"account", tableWith(1), full, has},
		kept[account]{"account with odd text", tableWith(1), odd, has},
		kept[account]{"account with write id", withID, full, has},
		kept[account]{"account without type", untyped, full, has},
		kept[account]{"account under other names", named, full, has},
	}
}

func siteRows() []written {
	return []written{
		kept[site]{"site", tableWith(0), site{Tenant: "a#b", Region: "eu", ID: "1", Team: "t x", Name: "n", Code: "c", Path: "p", Mark: "m"}, nil},
	}
}

func textRows() (out []written) {
	for _, c := range []struct{ what, s, maybe string }{
		{"plain", "order", "Maybe"},
		{"hostile", hostile, hostile},
		{"upper case", "ÄBC xyz", ""},
		{"one character", "$", "#"},
	} {
		v := texts{S: c.s, ID: "ID " + c.s, Maybe: c.maybe, Loud: loud(c.s), Binary: []byte(c.s), Array: [4]byte{0, 1, 0xab, 0xff}, Home: address{City: c.s}, Named: named(c.s)}
		if v.Bool = c.maybe != ""; v.Bool {
			v.Pointer, v.Flag = &v.Maybe, new(bool)
		}
		out = append(out, kept[texts]{"texts " + c.what, tableWith(9), v, nil})
	}
	return out
}

func numberRows() []written {
	small, low := int16(7), int16(math.MinInt16)
	var out []written
	for _, c := range []struct {
		what string
		v    numbers
	}{
		{"zero", numbers{}},
		{"one", numbers{I64: 1, I8: 1, I32: 1, Int: 1, U8: 1, U32: 1, U64: 1, Maybe: &small, Count: 1}},
		{"below zero", numbers{I64: -1, I8: -1, I32: -1, Int: -1, Maybe: &low}},
		{"least", numbers{I64: math.MinInt64, I8: math.MinInt8, I32: math.MinInt32, Int: math.MinInt}},
		{"greatest", numbers{
			I64: math.MaxInt64, I8: math.MaxInt8, I32: math.MaxInt32, Int: math.MaxInt,
			U8: math.MaxUint8, U32: math.MaxUint32, U64: math.MaxUint64, Maybe: &small, Count: math.MaxUint16,
		}},
	} {
		out = append(out, kept[numbers]{"numbers " + c.what, tableWith(10), c.v, nil})
	}
	return out
}

func timeRows() []written {
	var out []written
	for _, c := range []struct {
		what  string
		at    time.Time
		maybe time.Time
	}{
		{"now", now, now},
		{"the epoch", time.Unix(0, 0).UTC(), time.Time{}},
		{"before the epoch", time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.UTC), now},
		{"a leap day", time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC), time.Time{}},
		{"the last", time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), now},
	} {
		v := times{At: c.at, Late: now, Seconds: c.at.Truncate(time.Second), Maybe: c.maybe, Stamp: stamp(c.at)}
		out = append(out, kept[times]{"times " + c.what, tableWith(8), v, nil})
	}
	return out
}

func shardRows() []written {
	var out []written
	for n, s := range []string{"o1", "a", "b", "c", "order-1", "order-2", hostile, "00000000-0000-4000-8000-000000000000"} {
		v := shards{S: s, Int: n*n*n - 100, Uint: uint8(n * 31), Time: now.AddDate(0, n, n), Bool: n%2 == 0, Binary: []byte(s), Loud: loud(s)}
		out = append(out, kept[shards]{fmt.Sprintf("shards %d", n+1), tableWith(12), v, nil})
	}
	return out
}

func nativeRows() []written {
	full := native{Device: "d#1 ä", At: -5, Game: "chess", Country: "DE", Points: 1200, Binary: []byte{0, 0xff}}
	untyped := nativeTable()
	untyped.TypeAttribute = "-"
	return []written{
		kept[native]{"native", nativeTable(), full, nil},
		kept[native]{"native outside of its indexes", nativeTable(), native{Device: "d", At: math.MaxInt64, Points: -1}, nil},
		kept[native]{"native without type", untyped, full, nil},
		kept[visit]{"visit", visitTable(), visit{At: now, ID: "v1", Page: "/", Clicks: 3, Gone: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}, nil},
	}
}

func valueRows() []written {
	text := "text"
	full := values{
		ID: "full", Bool: true, Int: math.MinInt64, Uint: math.MaxUint64, Float: -1.5e-7, Single: 0.1, Number: "123456789012345678901234567890.5", Quoted: -7,
		Binary: []byte{0, 1, 0xff}, Array: [3]byte{1, 2, 3}, Time: now, Seconds: now.Truncate(time.Second), Pointer: &text, List: []int{3, -1}, Pair: [2]string{"a", hostile},
		Map: map[string]int{"b": 2, "a": 1}, Keys: map[int]bool{-1: true, 10: false}, Struct: address{"c", "z"}, Structs: []address{{City: "d"}},
		Strings: []string{"x", "y"}, Numbers: []int{-1, 2}, Binaries: [][]byte{{1}, {2}}, Text: "loud", Any: map[string]any{"list": []any{"a", true, nil}},
		Empty: "e", Null: "n", Left: "l", Elements: []*string{&text, nil}, Embedded: Embedded{"deep"},
	}
	empty := values{ID: "empty", Number: "0", Binary: []byte{}, List: []int{}, Map: map[string]int{}, Keys: map[int]bool{}, Structs: []address{}, Elements: []*string{}}
	return []written{
		kept[values]{"values", tableWith(0), full, nil},
		kept[values]{"values empty", tableWith(0), empty, nil},
		kept[values]{"values absent", tableWith(0), values{ID: "absent", Number: "0"}, nil},
	}
}

func orderRows() []written {
	return []written{
		kept[purchase]{"purchase", tableWith(1), purchase{Customer: "c1", ID: "o1", Status: "open", Code: "x7"}, nil},
		kept[order]{"order, once a purchase", tableWith(1), order{Customer: "c1", ID: "o1", Status: "open", Code: "x7"}, nil},
	}
}

// What was written under the first names is read under those of today, and becomes what is frozen for them.
func TestFormerNames(t *testing.T) {
	golden := readGolden(t)
	rows := func(what string) (out []record) {
		for _, r := range golden {
			if r.heading == "row "+what || r.heading == "guard "+what+" 1" {
				out = append(out, r)
			}
		}
		if len(out) != 2 {
			t.Fatalf("%d records of %s, want a row and a guard", len(out), what)
		}
		return out
	}
	table := tableWith(1)
	r, c := writer[order](t, table)
	for _, g := range rows("purchase") {
		putRow(t, c, table.Name, g.row(t))
	}
	want := order{Customer: "c1", ID: "o1", Status: "open", Code: "x7"}
	got, err := r.Get(t.Context(), order{Customer: "c1", ID: "o1"})
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v; -want +got\n%s", err, diff)
	}
	if _, err := r.Put(t.Context(), got); err != nil {
		t.Fatal(err)
	}
	now := kept[order]{what: "order, once a purchase"}.records(t, allRows(t, c, table))
	if diff := cmp.Diff(fmt.Sprint(rows("order, once a purchase")), fmt.Sprint(now)); diff != "" {
		t.Errorf("written again; -frozen +now\n%s", diff)
	}
}
