package schema

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		reason, template, text string
		want                   bool
	}{
		{"a literal is itself", "ORDER", "ORDER", true},
		{"and nothing longer", "ORDER", "ORDER#", false},
		{"and nothing shorter", "ORDER", "ORDE", false},
		{"exact in case", "ORDER", "order", false},
		{"a string takes what is not escaped", "O#{S}", "O#a.b", true},
		{"and what is", "O#{S}", "O#a$23b", true},
		{"a string is not empty", "O#{S}", "O#", false},
		{"a string ends at the delimiter", "O#{S}", "O#a#b", false},
		{"what sorts below the delimiter is never written", "O#{S}", "O#a b", false},
		{"a raw last segment takes anything", "O#{S|raw}", "O#a#b c", true},
		{"but not nothing", "O#{S|raw}", "O#", false},
		{"a raw segment ends at the first byte of what follows", "{S|raw}-{S2}", "a#b-c", true},
		{"and not behind it", "{S|raw}-{S2}", "a-b-c", true}, // S2 takes a dash: the rest is "b-c"
		{"what follows a raw segment is found at the first place", "{S|raw}-X", "a-b-X", false},
		{"an integer has twenty characters", "{I64}", "00000000000000000042", true},
		{"no fewer", "{I64}", "0000000000000000042", false},
		{"no more", "{I64}", "000000000000000000042", false},
		{"a negative one begins with a dash", "{I64}", "-9999999999999999999", true},
		{"an unsigned one does not", "{U64}", "-9999999999999999999", false},
		{"a padded one has its digits", "N#{I64|pad=3}", "N#042", true},
		{"no fewer of them", "N#{I64|pad=3}", "N#42", false},
		{"and no sign", "N#{I64|pad=3}", "N#-42", false},
		{"a plain one has any number of digits", "{I64|plain}#X", "-7#X", true},
		{"but one at least", "{I64|plain}#X", "#X", false},
		{"a time has nine digits behind the point", "{T}", "2026-01-02T03:04:05.000000006Z", true},
		{"never fewer", "{T}", "2026-01-02T03:04:05Z", false},
		{"and is UTC", "{T}", "2026-01-02T03:04:05.000000006+00", false},
		{"a reversed time has the shape of a time", "{T|desc}", "7973-98-97T96:95:94.999999993Z", true},
		{"a bool", "{B}", "true", true},
		{"is no other word", "{B}", "maybe", false},
		{"bytes are hex in lower case", "{Bin}", "00ff", true},
		{"not in upper case", "{Bin}", "00FF", false},
		{"a day is a day", "{T|day}#X", "2026-01-02#X", true},
		{"and no hour", "{T|day}", "2026-01-02T03", false},
		{"a month is a month", "{T|month|desc}", "7973-98", true},
		{"and no day", "{T|month}", "2026-01-02", false},
		{"an hour is an hour", "{T|hour}", "2026-01-02T03", true},
		{"seconds have a sign", "{T|unix}", "-9999999999999999999", true},
		{"and a width", "{T|unix}", "1767323045", false},
		{"but not padded", "{T|unix|pad=10}", "1767323045", true},
		{"nor plain", "{T|unix|plain}", "-5", true},
		{"folded text has no capitals", "{S|fold}", "Gb", false},
		{"but in escapes", "{S|fold}", "a$0Ab", true},
		{"raw it has none at all", "{S|fold|raw}", "a$0Ab", false},
		{"the text of an empty field", "A#{T|day|or=NEVER}", "A#NEVER", true},
		{"or a value's", "A#{T|day|or=NEVER}", "A#2026-01-02", true},
		{"and nothing of other bytes", "A#{T|day|or=NEVER}", "A#never", false},
		{"a bucket has its digits", "A#{S|shard=16}", "A#07", true},
		{"no more", "A#{S|shard=16}", "A#007", false},
		{"the empty text is no key", "{S}", "", false},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			if got := parseTemplate(t, tt.template).Matches(tt.text); got != tt.want {
				t.Errorf("%s matches %q: %v", tt.template, tt.text, got)
			}
		})
	}
}

func TestSameText(t *testing.T) {
	for _, tt := range []struct {
		reason, a, b string
		want         bool
	}{
		{"two strings", "{S}", "{S2}", true},
		{"what follows makes no difference", "{S}", "{S2}#A", true},
		{"two integers of one sign", "{I8}", "{I64}", true},
		{"signed and unsigned", "{I64}", "{U64}", false},
		{"padded otherwise", "{I64|pad=3}", "{I64|pad=4}", false},
		{"reversed", "{T}", "{T|desc}", false},
		{"raw", "{S}", "{S|raw}", false},
		{"plain", "{I64}", "{I64|plain}", false},
		{"cut in one way", "{T|day}", "{Stamp|day}#A", true},
		{"cut otherwise", "{T|day}", "{T|hour}", false},
		{"seconds", "{T}", "{T|unix}", false},
		{"seconds and an integer", "{I64}", "{T|unix}", false},
		{"folded", "{S}", "{S|fold}", false},
		{"with a text for an empty field", "{S}", "{S|or=NONE}", false},
		{"with another one", "{S|or=NIL}", "{S|or=NONE}", false},
		{"with the same", "{S2|or=NONE}", "{S|or=NONE}", true},
		{"spread", "{S}", "{S|shard=16}", false},
		{"spread further", "{S|shard=17}", "{S|shard=16}", false},
		{"spread alike", "{S|shard=16}", "{S2|shard=16}", true},
	} {
		a, b := parseTemplate(t, tt.a).Members()[0], parseTemplate(t, tt.b).Members()[0]
		if got := a.SameText(b); got != tt.want {
			t.Errorf("%s: %s and %s write the same text: %v", tt.reason, tt.a, tt.b, got)
		}
	}
}

func TestMeets(t *testing.T) {
	for _, tt := range []struct {
		reason, a, b string
		want         bool
	}{
		{"different literals", "CUSTOMER#{S}", "ORDER#{S}", false},
		{"one literal, and a field in both", "CUSTOMER#{S}", "CUSTOMER#{S2}", true},
		{"one literal is the beginning of the other, and the delimiter keeps them apart", "ORDER#{S}", "ORDERLINE#{S}", false},
		{"a field may hold the other's literal", "{S}", "ORDER", true},
		{"but not its delimiter", "{S}", "ORDER#{S2}", false},
		{"unless it is raw", "{S|raw}", "ORDER#{S2}", true},
		{"a different number of segments", "C#{S}", "C#{S}#{S2}", false},
		{"a segment of the one is a literal of the other", "C#{S}#X", "C#Y#{S}", true},
		{"two literals in one place", "C#{S}#X", "C#{S}#Y", false},
		{"the length of numbers differs", "{I64|pad=3}", "{I64|pad=4}", false},
		{"a number looks like a string", "{I64|pad=3}", "{S}", true},
		{"no number holds a letter", "{I64}", "A#{S}", false},
		{"a number may hold a literal of its width", "{I64|pad=3}", "007", true},
		{"a plain number any digits", "{I64|plain}", "-12", true},
		{"a signed number begins with a dash, an unsigned one never", "{U64}", "-9999999999999999999", false},
		{"a time has its dashes", "{T}", "{I64}", false},
		{"a reversed time could equal a time", "{T|desc}", "{T}", true},
		{"a bool could be a string", "{B}", "{S}", true},
		{"no bool begins with x", "{B}", "x{S}", false},
		{"hex has no g", "{Bin}", "g", false},
		{"hex of letters is a word", "{Bin}", "cafe", true},
		{"no field is empty", "C#{S}", "C#", false},
		{"a raw segment ends before what follows", "{S|raw}|x", "{S2|raw}|y", false},
		{"a raw segment does not reach past what follows it", "{S|raw}-X", "A-B-X", false},
		{"texts of marshalers are escaped", "{Loud}", "A#B", false},
		{"a day is no month", "{T|day}", "{T|month}", false},
		{"a day may be a string", "{T|day}", "{S}", true},
		{"seconds may be an integer", "{T|unix}", "{I64}", true},
		{"folded text has no capitals", "{S|fold}", "ORDER", false},
		{"the text of an empty field could be another's literal", "A#{T|or=NEVER}", "A#NEVER", true},
		{"also beside a string", "A#{N|or=NONE}#{S}", "A#NONE#X", true},
		{"buckets of different widths", "{S|shard=10}", "{S|shard=11}", false},
		{"a bucket may be a literal", "A#{S|shard=16}", "A#07", true},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			a, b := parseTemplate(t, tt.a), parseTemplate(t, tt.b)
			if got := a.Meets(b); got != tt.want {
				t.Errorf("%s meets %s: %v", tt.a, tt.b, got)
			}
			if a.Meets(b) != b.Meets(a) {
				t.Error("it depends on the order")
			}
			if !a.Meets(a) || !b.Meets(b) {
				t.Error("a template does not meet itself")
			}
		})
	}
	if a := parseTemplate(t, "A"); !a.Meets(nil) || !(*Template)(nil).Meets(a) {
		t.Error("a missing template takes every key")
	}
}

// TestAcrossEntities renders values with templates of different entities. No two that are told apart render one text, and the
// text of one that matches another proves that the two could meet.
func TestAcrossEntities(t *testing.T) {
	var subjects []*subject
	for _, source := range []string{
		"{S}", "{S}#{S2}", "{S}#A", "A#{S}", "A#{S}#{S2}", "A#{S}#A", "A", "A#A", "AA#{S}", "A#A#{S}", "{S|raw}", "A#{S|raw}", "{S|raw}A{S2}", "{S|raw}#{S2}",
		"{I64|plain}", "{U8|plain}#{S}", "{U8|pad=1}", "{U8|pad=3}", "{I64|pad=3}#{S}", "{I8}", "{U64}", "{I8|desc}", "{B}", "{B|desc}#{S}", "{Bin}", "{ID}#{S}", "{T}", "{T|desc}", "{Loud}", "{Loud|raw}", "{Dial}", "A#{Dial}",
		"{T|day}", "{T|month|desc}#{S}", "{T|hour}", "{T|unix}", "{T|unix|plain}#{S}", "{T|unix|pad=12}", "{S|fold}", "A#{S|fold|raw}", "{S|or=A}", "A#{S|or=A}", "{N|pad=3|or=A}#{S}", "{B}#{S|or=true}",
		"{S|shard=16}", "{S|shard=1000}#{S2}",
	} {
		subjects = append(subjects, subjectOf(t, source))
	}
	r := rand.New(rand.NewPCG(7, 0))
	// Texts that one template rendered are offered to the others as their values: a segment, several, or all of it.
	collisions, answered := map[string]bool{}, 0
	for answered < pairs() {
		a, b := subjects[r.IntN(len(subjects))], subjects[r.IntN(len(subjects))]
		text, err := a.render(a.draw(r))
		if err != nil {
			continue
		}
		answered++
		if b.template.Matches(text) && !a.template.Meets(b.template) {
			t.Fatalf("%s rendered %q, which matches %s, and the two are said never to meet", a.template.Source, text, b.template.Source)
		}
		other, err := b.render(b.echo(r, text))
		if err != nil || other != text {
			continue
		}
		collisions[a.template.Source+" "+b.template.Source] = true
		if !a.template.Meets(b.template) {
			t.Fatalf("%s and %s both rendered %q, and are said never to meet", a.template.Source, b.template.Source, text)
		}
	}
	if len(collisions) < 2*len(subjects) {
		t.Errorf("only %d pairs of templates were seen to render one text: the test finds nothing", len(collisions))
	}
}

// echo draws values that are likely to render the text: strings are cut out of it.
func (s *subject) echo(r *rand.Rand, text string) []any {
	out := s.draw(r)
	pieces := strings.Split(strings.TrimPrefix(text, s.template.Prefix()), "#")
	for i, v := range out {
		if _, ok := v.(string); !ok || len(pieces) == 0 {
			continue
		}
		n := 1
		if i == len(out)-1 && s.template.Members()[i].Raw {
			n = len(pieces)
		}
		if piece := unescape(strings.Join(pieces[:n], "#")); piece != "" {
			out[i] = piece
		}
		pieces = pieces[n:]
	}
	return out
}

func unescape(text string) string {
	for b := byte(0); b <= escapeLast; b++ {
		text = strings.ReplaceAll(text, fmt.Sprintf("$%02X", b), string(rune(b)))
	}
	return text
}
