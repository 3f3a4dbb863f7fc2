package schema

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzKeyText holds the text of strings against the strings: alone, and as the two fields of a template.
func FuzzKeyText(f *testing.F) {
	for _, seed := range [][4]string{
		{"a#b", "c", "a", "b#c"},           // the delimiter in a value
		{"a", "b", "a!", "b"},              // a value that is the beginning of another, with what sorts below the delimiter
		{"a b", "", "a", " b"},             // a space, and an empty value
		{"$23", "x", "#", "x"},             // an escape written out
		{"$", "$", "$24", "$"},             // the escape character
		{"a\x00", "b", "a", "b"},           // NUL
		{"\u007f", "a", "\u0080", "a"},     // where UTF-8 begins to take two bytes
		{"\ud7ff", "a", "\ue000", "a"},     // round the surrogates
		{"\uffff", "a", "\U00010000", "a"}, // where UTF-16 sorts otherwise
		{"\U0010ffff", "a", "\U0010ffff", "b"},
		{"\xff", "a", "\xfe", "a"},      // no UTF-8
		{"\xed\xa0\x80", "a", "a", "a"}, // a surrogate in UTF-8
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	one, two := subjectOf(f, "P#{S}"), subjectOf(f, "P#{S}#{S2}#{S}")
	folded, or := subjectOf(f, "P#{S|fold}"), subjectOf(f, "P#{S|or=NONE}#{S2|fold|or=none}#{S|raw}")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		for _, x := range []struct {
			s    *subject
			l, r []any
		}{{one, []any{a}, []any{c}}, {two, []any{a, b, a}, []any{c, d, b}}, {folded, []any{a}, []any{c}}, {or, []any{a, b, "x"}, []any{c, d, "x"}}} {
			tl, errL := x.s.render(x.l)
			tr, errR := x.s.render(x.r)
			for i, v := range x.l {
				empty := v == "" && x.s.template.Members()[i].Or == ""
				if errL == nil && (empty || !utf8.ValidString(v.(string))) {
					t.Fatalf("member %d is %q, and is in a key", i, v)
				}
			}
			if errL != nil || errR != nil {
				continue
			}
			if err := x.s.pair(x.l, x.r, tl, tr); err != nil {
				t.Fatalf("%v\n\t%q\n\t%q", err, tl, tr)
			}
		}
	})
}

// FuzzTimeText holds the text of times against the times, two at a time: as pairs, and one as the bound of a range that the other is
// in or not.
func FuzzTimeText(f *testing.F) {
	for _, seed := range [][4]int64{
		{0, 0, 0, -1}, {-1, 999_999_999, 0, 0}, {86399, 999_999_999, 86400, 0}, // round 1970, and a day's end
		{firstTime.Unix(), 0, lastTime.Unix(), 999_999_999}, {253402300800, 0, firstTime.Unix() - 1, 0}, // the ends, and what lies behind them
		{951782400, 0, 951868799, 999_999_999}, {-2208988801, 0, -2208988800, 0}, // a leap day, a century
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	var subjects []*ranged
	for _, source := range []string{"P#{T}", "P#{T|day}", "P#{T|month|desc}#B", "P#{T|hour|desc}", "P#{T|unix}", "P#{T|unix|pad=10|desc}#B"} {
		subjects = append(subjects, &ranged{subject: subjectOf(f, source), prefix: "P#"})
	}
	f.Fuzz(func(t *testing.T, sec, nano, sec2, nano2 int64) {
		a, b := time.Unix(sec, nano%1e9), time.Unix(sec2, nano2%1e9)
		for _, x := range subjects {
			ta, errA := x.render([]any{a})
			tb, errB := x.render([]any{b})
			if errA != nil || errB != nil {
				continue
			}
			if err := x.pair([]any{a}, []any{b}, ta, tb); err != nil {
				t.Fatalf("%v\n\t%v %q\n\t%v %q", err, a, ta, b, tb)
			}
			for _, op := range []string{">", ">=", "<", "<="} {
				x.bounded(t, limitOf{op, a}, b, tb)
			}
		}
	})
}

// bounded checks one value and its key against one restriction.
func (x *ranged) bounded(t *testing.T, l limitOf, v time.Time, key string) {
	r := x.template.Members()[0].Range(x.prefix)
	if err := l.apply(r); err != nil {
		t.Fatal(err)
	}
	lo, hi, hasLo, hasHi, open := r.Bounds()
	got, want := !r.Empty() && within(key, lo, hi, hasLo, hasHi, open), l.holds(x.axes[0].compare, v)
	if want && !got || got && !want && r.Exact() {
		t.Fatalf("%s: %v is %s %v: %v, and its key is within the bounds: %v", x.template.Source, v, l.op, l.value, want, got)
	}
}

// FuzzTemplate reads any text as a template. What is accepted renders, matches what it renders, and is valid UTF-8.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{
		"ORDER#{S}", "{T}#{S2}", "{I64|pad=8|desc}", "{S|raw}-{S2|raw}", "{I64|plain}.{S}", "{Deep.City}#{Zone}", // as in tables
		"", "{}", "{", "}", "{S", "S}", "{{S}}", "{S{S2}}", "}{", "{S}}", // braces
		"{S}{S2}", "{S}S2", "{S|raw}{S2}", "{I64|plain}0", "{I64|plain}-", // what follows a field
		"{S|}", "{S||}", "{|pad}", "{I64|pad=}", "{I64|pad=99999999999999999999}", "{I64|pad=+5}", "{I64|pad=8|pad=9}", "{S|raw|raw}", "{S|desc}", "{I64|pad=1|desc|plain}", // verbs
		"{T|day|desc}", "{T|month}#{T|hour}", "{T|unix|pad=10}", "{T|unix|plain}.{S}", "{T|pad=3}", "{T|day|unix}", "{S|fold|raw}", "{S|fold|desc}", // verbs of times and strings
		"{S|or=NONE}", "{S|or=}", "{S|or==}", "{S|or=a#b}", "{S|raw|or=-}-", "{N|plain|or=.}.", "{I64|or=0}", "{Promoted.Zone|or=x}", "{Zone|or=\xc3}", "{Deep.City|or=é}#", // empty fields
		"{S|shard=16}", "{S|shard=1}", "{S|shard=1001}", "{S|shard=+7}", "{S|shard=2}#{S2|shard=3}", "{T|day|shard=2}", // buckets
		"{.}", "{S.}", "{.S}", "{Deep..City}", "{Promoted.Zone}", "{ S }", "{s}", // paths
		"\xff{S}", "é{S|raw}é{S2}", "\x00#{S}", "{S}#\xff", "#", "#{S}#", // bytes
	} {
		f.Add(seed)
	}
	city := struct{ City string }{"c"}
	row := kinds{S: "s!", S2: "#", I64: 7, U8: 9, T: moment2026, Stamp: stamp(moment2026), Secs: moment2026, Bin: []byte{1}, Loud: "l", Deep: &city, Promoted: Promoted{"z"}}
	f.Fuzz(func(t *testing.T, source string) {
		r := &report{typ: "kinds"}
		e := &Entity{Struct: structOf(reflect.TypeFor[kinds]()).Struct, refs: map[string]*Ref{}}
		p := markerParser{templateParser: templateParser{r, e}, seen: map[string]bool{}}
		p.marker(reflect.StructTag(`entity:"Kinds" pk:` + strconv.Quote(source) + ` sk:"K"`))
		if (e.PK == nil) != (len(r.problems) > 0) {
			t.Fatalf("%q: the problems are %v, and there is a template: %v", source, r.problems, e.PK != nil)
		}
		if e.PK == nil {
			return
		}
		text, missing, err := e.PK.Append(nil, func(m *Member) (reflect.Value, bool, error) {
			v, ok := m.Ref.Value(reflect.ValueOf(row))
			return v, ok && Present(v), nil
		})
		if err != nil || missing != nil {
			return // raw text that holds its delimiter, and numbers that have no room
		}
		if !e.PK.Matches(string(text)) || !e.PK.Meets(e.PK) || !utf8.Valid(text) || len(text) == 0 {
			t.Fatalf("%q renders %q", source, text)
		}
		if !strings.HasPrefix(string(text), e.PK.Prefix()) {
			t.Fatalf("%q renders %q, without its prefix", source, text)
		}
	})
}

// FuzzTag reads any text as the tag of a field, and compares the keys found with what reflect finds. Whatever reflect would pass
// over in silence must be a problem.
func FuzzTag(f *testing.F) {
	for _, seed := range []string{
		`dynamodbav:"id,omitempty" repo:"required"`, `json:"id"`, ``, ` `, `   json:"a"   xml:"b"  `, // as people write them
		`dynamodbav:id`, `dynamodbav: "id"`, `dynamodbav:"id`, `:"id"`, `dynamodbav`, `dynamodbav:`, `"id"`, // cut off
		`json:"a"dynamodbav:"b"`, "json:\"a\"\tdynamodbav:\"b\"", "json:\"a\"\ndynamodbav:\"b\"", `json:"a",dynamodbav:"b"`, // ill separated
		`a:b:"c"`, `a b:"c"`, "\x01a:\"b\"", "a\x7f:\"b\"", `a":"b"`, // keys that are none
		`a:"\"" b:"c"`, `a:"\\" b:"c"`, `a:"\q"`, "a:\"\n\"", `a:"\xff"`, `a:"\`, // values and escapes
		`a:"1" a:"2"`, `é:"x"`, `dynamodbav:"-"`, `dynamodbav:"-,"`, `dynamodbav:",,"`, `dynamodbav:"omitempty"`, `repo:","`, // ours
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tag := reflect.StructTag(text)
		r := &report{typ: "T"}
		keys := tagKeys(r, "ID", tag)
		for _, key := range keys {
			if _, ok := tag.Lookup(key); !ok {
				t.Fatalf("%q: key %q is found, and reflect finds none", text, key)
			}
		}
		for _, key := range []string{"dynamodbav", "repo", "json", "entity", "pk", "a", "b"} {
			if _, ok := tag.Lookup(key); ok != has(keys, key) && len(r.problems) == 0 {
				t.Fatalf("%q: there is no problem, and key %q is found by one reader only", text, key)
			}
		}
		if strings.TrimLeft(text, " ") != "" && len(keys) == 0 && len(r.problems) == 0 {
			t.Fatalf("%q: nothing was found, and there is no problem", text)
		}
		// The rest must take whatever text a tag holds; what it reports is for the table of problems.
		parseTag(r, "ID", reflect.StructField{Name: "ID", Tag: tag, Type: reflect.TypeFor[time.Time]()})
		e := &Entity{Struct: structOf(reflect.TypeFor[kinds]()).Struct, refs: map[string]*Ref{}}
		p := markerParser{templateParser: templateParser{r, e}, seen: map[string]bool{}}
		p.marker(tag)
		p.when("index", text)
		p.declareEntity(text, `pk:"A" sk:"A"`)
		for _, word := range strings.Split(text, ",") {
			p.role(&fieldRoles{}, e.Fields[0], word)
		}
	})
}

func has(keys []string, key string) bool {
	for _, k := range keys {
		if k == key {
			return true
		}
	}
	return false
}
