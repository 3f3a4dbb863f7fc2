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
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		for _, x := range []struct {
			s    *subject
			l, r []any
		}{{one, []any{a}, []any{c}}, {two, []any{a, b, a}, []any{c, d, b}}} {
			tl, errL := x.s.render(x.l)
			tr, errR := x.s.render(x.r)
			for i, v := range x.l {
				if text := v.(string); errL == nil && (text == "" || !utf8.ValidString(text)) {
					t.Fatalf("member %d is %q, and is in a key", i, text)
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

// FuzzTemplate reads any text as a template. What is accepted renders, matches what it renders, and is valid UTF-8.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{
		"ORDER#{S}", "{T}#{S2}", "{I64|pad=8|desc}", "{S|raw}-{S2|raw}", "{I64|plain}.{S}", "{Deep.City}#{Zone}", // as in tables
		"", "{}", "{", "}", "{S", "S}", "{{S}}", "{S{S2}}", "}{", "{S}}", // braces
		"{S}{S2}", "{S}S2", "{S|raw}{S2}", "{I64|plain}0", "{I64|plain}-", // what follows a field
		"{S|}", "{S||}", "{|pad}", "{I64|pad=}", "{I64|pad=99999999999999999999}", "{I64|pad=+5}", "{I64|pad=8|pad=9}", "{S|raw|raw}", "{S|desc}", "{I64|pad=1|desc|plain}", // verbs
		"{.}", "{S.}", "{.S}", "{Deep..City}", "{Promoted.Zone}", "{ S }", "{s}", // paths
		"\xff{S}", "é{S|raw}é{S2}", "\x00#{S}", "{S}#\xff", "#", "#{S}#", // bytes
	} {
		f.Add(seed)
	}
	city := struct{ City string }{"c"}
	row := kinds{S: "s!", S2: "#", I64: 7, U8: 9, T: moment2026, Stamp: stamp(moment2026), Bin: []byte{1}, Loud: "l", Deep: &city, Promoted: Promoted{"z"}}
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
