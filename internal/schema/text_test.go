package schema

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

var (
	moment2026 = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	newYear    = time.Date(2025, 12, 31, 14, 30, 0, 0, places[2]) // 01:30 in UTC
)

// TestKeyFormat pins the format that stands in users' tables: a change of any line makes rows unreachable.
func TestKeyFormat(t *testing.T) {
	for _, tt := range []struct {
		reason, template string
		values           []any
		want             string
	}{
		{"letters and digits read as themselves", "ORDER#{S}", []any{"o1"}, "ORDER#o1"},
		{"what could end a segment is escaped", "{S}", []any{"a b#c"}, "a$20b$23c"},
		{"so is the escape character, and control characters", "{S}", []any{"$\x00\x1f!\""}, "$24$00$1F$21$22"},
		{"what sorts above it is not", "{S}", []any{"%&'()*+,-./:@[]é\U0010FFFF"}, "%&'()*+,-./:@[]é\U0010FFFF"},
		{"zero", "{I64}", []any{int64(0)}, "00000000000000000000"},
		{"a positive integer", "{I64}", []any{int64(42)}, "00000000000000000042"},
		{"a negative one", "{I64}", []any{int64(-1)}, "-9999999999999999999"},
		{"the least", "{I64}", []any{int64(math.MinInt64)}, "-0776627963145224192"},
		{"the greatest", "{U64}", []any{uint64(math.MaxUint64)}, "18446744073709551615"},
		{"all kinds of integers have one format", "{I8}", []any{int8(-128)}, "-9999999999999999872"},
		{"reversed", "{I64|desc}", []any{int64(0)}, "-9999999999999999999"},
		{"reversed, unsigned", "{U8|desc}", []any{uint8(1)}, "18446744073709551614"},
		{"padded", "{I64|pad=8}", []any{int64(42)}, "00000042"},
		{"padded and reversed", "{I64|pad=8|desc}", []any{int64(42)}, "99999957"},
		{"the order of verbs does not matter", "{I64|desc|pad=8}", []any{int64(42)}, "99999957"},
		{"reversed in all twenty digits", "{U64|pad=20|desc}", []any{uint64(0)}, "18446744073709551615"},
		{"plain", "{I64|plain}", []any{int64(-42)}, "-42"},
		{"a time in UTC with nine digits", "{T}", []any{moment2026.In(places[1])}, "2026-01-02T03:04:05.000000006Z"},
		{"the first time", "{T}", []any{firstTime}, "0000-01-01T00:00:00.000000000Z"},
		{"a type that is defined as a time", "{Stamp}", []any{stamp(moment2026)}, "2026-01-02T03:04:05.000000006Z"},
		{"reversed", "{T|desc}", []any{moment2026}, "7973-98-97T96:95:94.999999993Z"},
		{"bools", "{B}#{B|desc}", []any{true, true}, "true#-true"},
		{"the other ones", "{B}#{B|desc}", []any{false, false}, "false#false"},
		{"bytes", "{Bin}", []any{[]byte{0, 0x23, 0xff}}, "0023ff"},
		{"an array of bytes", "{ID}", []any{[4]byte{1}}, "01000000"},
		{"a text of its own, escaped", "{Loud}", []any{loud("x")}, "$23x$24"},
		{"or raw", "{Loud|raw}", []any{loud("x")}, "#x$"},
		{"by a pointer receiver", "{Dial}", []any{dial{7}}, "10007"},
		{"raw text", "{S|raw}", []any{"a b#c"}, "a b#c"},
		{"a month, a day and an hour, in UTC", "{T|month}#{T|day}#{T|hour}", []any{newYear, newYear, newYear}, "2026-01#2026-01-01#2026-01-01T01"},
		{"reversed", "{T|month|desc}#{T|desc|day}#{T|hour|desc}", []any{moment2026, moment2026, moment2026}, "7973-98#7973-98-97#7973-98-97T96"},
		{"of a type that is defined as a time", "{Stamp|day}", []any{stamp(firstTime)}, "0000-01-01"},
		{"seconds", "{T|unix}", []any{moment2026}, "00000000001767323045"},
		{"seconds before 1970 are rounded down, and sort below zero", "{T|unix}", []any{time.Unix(-1, 999_999_999)}, "-9999999999999999999"},
		{"reversed", "{T|unix|desc}", []any{time.Unix(0, 0)}, "-9999999999999999999"},
		{"padded", "{T|unix|pad=10}#{T|pad=10|unix|desc}", []any{moment2026, moment2026}, "1767323045#8232676954"},
		{"plain, with a delimiter of its own", "{T|unix|plain}.{S}", []any{time.Unix(-7, 5), "a"}, "-7.a"},
		{"ASCII letters in lower case, before anything is escaped", "{S|fold}", []any{"A b\nZ@[É"}, "a$20b$0Az@[É"},
		{"raw too", "{S|raw|fold}", []any{"A B"}, "a b"},
		{"a text of its own in lower case", "{Loud|fold}", []any{loud("XY")}, "$23xy$24"},
		{"the text of an empty field", "{S|or=NONE}#{T|day|or=NEVER}#{N|or=0}#{Deep.City|or=a=b}", []any{"", time.Time{}, nil, ""}, "NONE#NEVER#0#a=b"},
		{"which a value takes the place of", "{S|or=NONE}#{T|day|or=NEVER}#{N|plain|or=-}", []any{"none", moment2026, int64(3)}, "none#2026-01-02#3"},
		{"raw it may be anything that does not end its part", "{S|raw|or=# é}|{S2|raw|or=a#$}", []any{"", ""}, "# é|a#$"},
		{"the bucket of a string", "A#{S|shard=16}#{S}", []any{"o1", "o1"}, "A#10#o1"},
		{"has as many digits as the last one", "{S|shard=1000}", []any{"o1"}, "794"},
		{"and no more", "{S|shard=10}", []any{"o1"}, "4"},
		{"it is that of the escaped text", "{S|shard=1000}", []any{"a b#c"}, "935"},
		{"of the twenty digits of an integer, whatever its type", "{I64|shard=1000}", []any{int64(-42)}, "427"},
		{"of the nine digits of a time in UTC", "{T|shard=1000}", []any{moment2026.In(places[2])}, "156"},
		{"of the hex of bytes", "{Bin|shard=1000}", []any{[]byte{0xff}}, "362"},
		{"of the word of a bool", "{B|shard=1000}", []any{true}, "554"},
		{"of an escaped text of its own", "{Loud|shard=1000}", []any{loud("x")}, "301"},
		{"a template without fields", "META", nil, "META"},
		{"spaces within braces count for nothing", "{ S }", []any{"a"}, "a"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			if got, err := renderTemplate(parseTemplate(t, tt.template), tt.values); got != tt.want || err != nil {
				t.Errorf("got %q, want %q (%v)", got, tt.want, err)
			}
		})
	}
}

func TestKeyRefused(t *testing.T) {
	silent := errors.New("no text")
	for _, tt := range []struct {
		reason, template string
		value            any
		want             string
	}{
		{"invalid UTF-8", "{S}", "a\xffb", "S: the text is not valid UTF-8, which DynamoDB would change in silence"},
		{"in raw text too", "{S|raw}", "\xed\xa0\x80", "S: the text is not valid UTF-8, which DynamoDB would change in silence"},
		{"the delimiter in raw text", "{S|raw}#{S2}", "a#b", "S: the text holds the character that ends this part of the key, and |raw cannot escape it"},
		{"whichever that is", "{S|raw}|{S2}", "a|b", "S: the text holds the character that ends this part of the key, and |raw cannot escape it"},
		{"too many digits", "{I64|pad=2}", int64(100), "I64: the number has more digits than |pad=2 leaves room for"},
		{"reversed too", "{U8|pad=2|desc}", uint8(100), "U8: the number has more digits than |pad=2 leaves room for"},
		{"a negative number", "{I8|pad=20}", int8(-1), "I8: the number is negative, and |pad takes only numbers from zero up"},
		{"a time before the year 0", "{T}", firstTime.Add(-1), "T: the time lies outside the years 0000 to 9999, whose text sorts"},
		{"a time after the year 9999", "{T|desc}", lastTime.Add(1), "T: the time lies outside the years 0000 to 9999, whose text sorts"},
		{"the year counts in UTC", "{T}", time.Date(9999, 12, 31, 23, 0, 0, 0, places[2]), "T: the time lies outside the years 0000 to 9999, whose text sorts"},
		{"a day of such a year", "{T|day|desc}", lastTime.Add(1), "T: the time lies outside the years 0000 to 9999, whose text sorts"},
		{"seconds of such a year", "{T|unix|plain}", firstTime.Add(-1), "T: the time lies outside the years 0000 to 9999, whose text sorts"},
		{"seconds before 1970 in so many digits", "{T|unix|pad=10}", time.Unix(-1, 999_999_999), "T: the time lies before 1970, and |pad takes only seconds from zero up"},
		{"seconds that have more", "{T|unix|pad=9}", moment2026, "T: the number has more digits than |pad=9 leaves room for"},
		{"invalid UTF-8 that would be folded", "{S|fold}", "A\xff", "S: the text is not valid UTF-8, which DynamoDB would change in silence"},
		{"and that would be hashed", "{S|shard=16}", "A\xff", "S: the text is not valid UTF-8, which DynamoDB would change in silence"},
		{"a folded text that ends this part of the key", "{S|raw|fold}x{S2}", "aX", "S: the text holds the character that ends this part of the key, and |raw cannot escape it"},
		{"the text of an empty field", "{S|or=NONE}", "NONE", "S: its text is the one that |or writes for an empty field; no value can have it"},
		{"folded too", "{S|or=none|fold}", "None", "S: its text is the one that |or writes for an empty field; no value can have it"},
		{"raw too", "{S|raw|or= }", " ", "S: its text is the one that |or writes for an empty field; no value can have it"},
		{"the day that has it", "{T|day|or=2026-01-02}", moment2026, "T: its text is the one that |or writes for an empty field; no value can have it"},
		{"the number that has it", "{N|plain|or=0}", int64(0), "N: its text is the one that |or writes for an empty field; no value can have it"},
		{"an empty text of its own", "{Mute}", mute{}, "Mute: its text is empty, and a key needs one"},
		{"a failing one", "{Mute}", mute{silent}, "Mute: its MarshalText failed"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			var template *Template
			if strings.HasPrefix(tt.template, "{Mute") {
				template = muteTemplate(t)
			} else {
				template = parseTemplate(t, tt.template)
			}
			_, err := renderTemplate(template, []any{tt.value, "b"})
			var key *KeyError
			if !errors.As(err, &key) || err.Error() != tt.want {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if m, ok := tt.value.(mute); ok && !errors.Is(err, m.Err) && m.Err != nil {
				t.Error("the cause is not behind the error")
			}
		})
	}
}

// mute has no text, or fails to give one.
type mute struct{ Err error }

func (m mute) MarshalText() ([]byte, error) { return nil, m.Err }

func muteTemplate(t *testing.T) *Template {
	f := &Field{Name: "Mute", Attr: "mute", Index: []int{0}, Type: reflect.TypeFor[mute]()}
	m := &Member{Ref: &Ref{Path: "Mute", Steps: []*Field{f}}, Last: true}
	var reason string
	if m.kind, reason = kindOf(f.Type); reason != "" {
		t.Fatal(reason)
	}
	return &Template{Source: "{Mute}", Parts: []Part{{Member: m}}}
}

func TestMissing(t *testing.T) {
	template := parseTemplate(t, "A#{S}#{I64}#{T}#{Bin}#{B}")
	full := []any{"s", int64(0), moment2026, []byte{1}, false}
	for _, tt := range []struct {
		reason string
		at     int
		value  any
		want   string
	}{
		{"nothing is missing: integers and bools are there when they are zero", 0, "s", ""},
		{"an empty string is missing", 0, "", "S"},
		{"a zero time is", 2, time.Time{}, "T"},
		{"no bytes are", 3, []byte{}, "Bin"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			values := append([]any(nil), full...)
			values[tt.at] = tt.value
			_, err := renderTemplate(template, values)
			var key *KeyError
			if tt.want == "" && err != nil || tt.want != "" && (!errors.As(err, &key) || !key.Missing || key.Field != tt.want) {
				t.Errorf("got %v, want %q to be missing", err, tt.want)
			}
		})
	}
}
