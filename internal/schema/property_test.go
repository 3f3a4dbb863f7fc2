package schema

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// subject is a codec of key text under test: one template, and how its texts are made.
type subject struct {
	template *Template
	axes     []axis
	render   func(values []any) (string, error)
}

func subjectOf(t testing.TB, source string) *subject {
	s := &subject{template: parseTemplate(t, source)}
	for _, m := range s.template.Members() {
		s.axes = append(s.axes, axisFor(m))
	}
	s.render = func(values []any) (string, error) { return renderTemplate(s.template, values) }
	return s
}

func (s *subject) draw(r *rand.Rand) []any {
	out := make([]any, len(s.axes))
	for i, a := range s.axes {
		out[i] = a.draw(r)
	}
	return out
}

// near is a tuple close to another: one member or two differ a little, or two strings share the same characters otherwise.
func (s *subject) near(r *rand.Rand, values []any) []any {
	out := append([]any(nil), values...)
	if r.IntN(4) == 0 && shift(r, out) {
		return out
	}
	for range 1 + r.IntN(2) {
		i := r.IntN(len(out))
		out[i] = s.axes[i].near(r, out[i])
	}
	return out
}

// shift moves the border between two strings to another place: ("a#b", "c") becomes ("a", "b#c").
func shift(r *rand.Rand, values []any) bool {
	i := r.IntN(len(values))
	if i+1 == len(values) {
		return false
	}
	a, ok := values[i].(string)
	b, too := values[i+1].(string)
	if !ok || !too || a == "" || b == "" {
		return false
	}
	joined := []rune(a + "#" + b)
	at := 1 + r.IntN(len(joined)-1)
	right := strings.TrimPrefix(string(joined[at:]), "#")
	if right == "" {
		return false
	}
	values[i], values[i+1] = string(joined[:at]), right
	return true
}

// compare is the order that keys must have: by what each member's text says, in turn, reversed where the template says |desc.
func (s *subject) compare(a, b []any) int {
	for i, m := range s.template.Members() {
		c := s.axes[i].compareKept(a[i], b[i])
		switch {
		case c != 0 && m.Desc:
			return -c
		case c != 0:
			return c
		}
	}
	return 0
}

func (s *subject) sorts() bool {
	for _, m := range s.template.Members() {
		if m.Ordered() != "" {
			return false
		}
	}
	return true
}

// check draws pairs and returns the first that breaks a property of key text: tuples have different texts where they differ in what
// the verbs keep of them, order of texts is order of tuples, a prefix of a last string is a prefix of the text and nothing else is,
// and the template matches.
func (s *subject) check(seed uint64, pairs int) error {
	r := rand.New(rand.NewPCG(seed, 0))
	answered := 0
	for range pairs {
		a := s.draw(r)
		b := s.near(r, a)
		ta, errA := s.render(a)
		tb, errB := s.render(b)
		if errA != nil || errB != nil {
			continue // a value that |raw refuses
		}
		answered++
		if err := s.pair(a, b, ta, tb); err != nil {
			return fmt.Errorf("seed %d: %w\n\t%#v\n\t%#v\n\t%q\n\t%q", seed, err, a, b, ta, tb)
		}
	}
	if answered < pairs/4 {
		return fmt.Errorf("only %d of %d pairs could be rendered", answered, pairs)
	}
	return nil
}

func (s *subject) pair(a, b []any, ta, tb string) error {
	c := s.compare(a, b)
	switch {
	case (ta == tb) != (c == 0):
		return fmt.Errorf("%s is not injective", s.template.Source)
	case s.sorts() && strings.Compare(ta, tb) != c:
		return fmt.Errorf("%s does not sort: the tuples compare %d, their texts %d", s.template.Source, c, strings.Compare(ta, tb))
	case !s.template.Matches(ta):
		return fmt.Errorf("%s does not match its own text", s.template.Source)
	case !utf8.ValidString(ta):
		return fmt.Errorf("%s renders what is not UTF-8", s.template.Source)
	}
	last := len(a) - 1
	m := s.template.Members()[last]
	if !m.Last || !m.ServesPrefix() {
		return nil
	}
	keep := s.axes[last].keep
	begins := strings.HasPrefix(keep(a[last]).(string), keep(b[last]).(string)) && s.compare(append(a[:last:last], b[last]), b) == 0
	if strings.HasPrefix(ta, tb) != begins {
		return fmt.Errorf("%s does not keep prefixes", s.template.Source)
	}
	return nil
}

func TestKeyText(t *testing.T) {
	for _, source := range []string{
		"{S}", "{S|raw}",
		"{I8}", "{I16}", "{I32}", "{I64}", "{Int}", "{Named}", "{U8}", "{U16}", "{U32}", "{U64}", "{Uint}",
		"{I8|desc}", "{I64|desc}", "{Named|desc}", "{U8|desc}", "{U64|desc}", "{Uint|desc}",
		"{I64|pad=1}", "{I64|pad=8}", "{I32|pad=20}", "{U64|pad=19}", "{U64|pad=20}", "{Int|pad=8|desc}", "{U64|pad=20|desc}", "{I64|desc|pad=19}",
		"{I64|plain}", "{U64|plain}",
		"{T}", "{T|desc}", "{Stamp}", "{Stamp|desc}", "{B}", "{B|desc}",
		"{Bin}", "{ID}", "{Loud}", "{Loud|raw}", "{Dial}",
		"A#{S}#{S2}", "{S}##{S2}#B", "{S}#S#{S2}", "A#{S}#{I64|desc}#{S2}", "{Loud}#{S}", "{Bin}#{S}", "{B|desc}#{T|desc}#{S}", "{T}#{S}",
		"{T|month}", "{T|day}", "{T|hour}", "{Stamp|month|desc}", "{T|day|desc}", "{T|desc|hour}", "{T|day}#{T}", "{T|month|desc}#{S}", "{Secs|day}",
		"{T|unix}", "{Stamp|unix|desc}", "{T|unix|pad=10}", "{T|unix|pad=12|desc}", "{T|plain|unix}.{S}", "{Secs|unix}#{T|unix}", "{Secs|unix|desc}",
		"{S|fold}", "{S|fold|raw}", "{Loud|fold}", "{S|fold}#{S2|fold}", "{S|raw|fold}|{S2}",
		"{S|or=NONE}", "{S|or=NONE}#{S2}", "{S|or=none|fold}", "{S|or= #|raw}", "{S|raw|or= #}|{S2|or=NONE}", "{T|or=NEVER}#{T|day|or=NEVER}", "{T|desc|or=9999}", "{T|unix|or=0}",
		"{Bin|or=ff}#{S}", "{N|or=0}", "{N|plain|or=0}.{S}", "{N|desc|pad=2|or=00}", "{Loud|or=NONE}", "{Deep.City|or=%}#{S}",
		"{S|shard=2}", "{S|shard=16}#{S}", "{I64|shard=10}", "{T|shard=11}#{S2}", "{Bin|shard=1000}", "{Loud|shard=101}", "{B|shard=2}#{N|or=NONE}",
		"{I64|plain}.{U8|plain}#{S}", "{S|raw}|{S2|raw}", "{S|raw}#{S2}", "{U8|pad=3}#{I8}#{S|raw}",
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			if err := subjectOf(t, source).check(1, pairs()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestKeyTextTest plants the faults that codecs of keys are known for: the properties must find each.
func TestKeyTextTest(t *testing.T) {
	escaping := func(low byte) func(any) string {
		return func(v any) string {
			var b strings.Builder
			for _, c := range []byte(v.(string)) {
				if c <= low && (low != '#' || c == '#') {
					fmt.Fprintf(&b, "$%02X", c)
				} else {
					b.WriteByte(c)
				}
			}
			return b.String()
		}
	}
	for _, tt := range []struct {
		reason, template string
		text             func(any) string // of each member, joined by #
	}{
		{"a codec that escapes nothing lets a value reach into the next segment", "{S}#{S2}", func(v any) string { return v.(string) }},
		{"one that escapes only # loses the order of what sorts below it, and writes $23 for two values", "{S}#{S2}", escaping('#')},
		{"one that escapes what is below #, and not the escape character", "{S}", escaping('#' - 1)},
		{"one that escapes all but the escape character", "{S}", func(v any) string {
			return strings.ReplaceAll(string(AppendEscaped(nil, v.(string))), "$24", "$")
		}},
		{"one that forgets the sign", "{I64}", func(v any) string { return fmt.Sprintf("%020d", uint64(v.(int64))) }},
		{"one that pads negative numbers as if they were positive", "{I64}", func(v any) string { return fmt.Sprintf("%020d", v) }},
		{"one that does not pad", "{U64}", func(v any) string { return fmt.Sprint(v) }},
		{"one that trims nanoseconds", "{T}", func(v any) string { return v.(time.Time).UTC().Format(time.RFC3339Nano) }},
		{"one that drops them", "{T}", func(v any) string { return v.(time.Time).UTC().Format(time.RFC3339) }},
		{"one that keeps the zone", "{T}", func(v any) string { return v.(time.Time).Format("2006-01-02T15:04:05.000000000Z07:00") }},
		{"one that forgets desc of integers", "{I64|desc}", func(v any) string { return fmt.Sprintf("%020d", uint64(v.(int64))+1<<63) }},
		{"one that forgets desc of times", "{T|desc}", func(v any) string { return v.(time.Time).UTC().Format(keyTime) }},
		{"one that forgets desc of bools", "{B|desc}", func(v any) string { return fmt.Sprint(v) }},
		{"one that reverses by negation, which the smallest number has none of", "{I8|desc}", func(v any) string { return fmt.Sprintf("%03d", uint8(-v.(int8))^0x80) }},
		{"one that forgets desc of days", "{T|day|desc}", func(v any) string { return v.(time.Time).UTC().Format("2006-01-02") }},
		{"one that cuts a day in the zone of its value", "{T|day}", func(v any) string { return v.(time.Time).Format("2006-01-02") }},
		{"one that rounds an hour", "{T|hour}", func(v any) string { return v.(time.Time).UTC().Round(time.Hour).Format("2006-01-02T15") }},
		{"one that counts the months of a year only", "{T|month}", func(v any) string { return v.(time.Time).UTC().Format("01") }},
		{"one that rounds seconds towards zero", "{T|unix}", func(v any) string {
			t := v.(time.Time)
			if t.Unix() < 0 && t.Nanosecond() > 0 {
				t = t.Add(time.Second)
			}
			return fmt.Sprintf("%020d", uint64(t.Unix())+1<<63)
		}},
		{"one that writes seconds without a width", "{T|unix}", func(v any) string { return fmt.Sprint(v.(time.Time).Unix() + 1e12) }},
		{"one that keeps the fraction of a second", "{T|unix|plain}", func(v any) string { return fmt.Sprint(v.(time.Time).UnixMilli()) }},
		{"one that folds nothing", "{S|fold}", func(v any) string { return string(AppendEscaped(nil, v.(string))) }},
		{"one that folds all letters that there are", "{S|fold}", func(v any) string { return string(AppendEscaped(nil, strings.ToLower(v.(string)))) }},
		{"one that folds by a bit of the byte", "{S|fold}", func(v any) string {
			return strings.Map(func(r rune) rune {
				if r >= '@' && r < 0x7f {
					return r | 0x20
				}
				return r
			}, string(AppendEscaped(nil, v.(string))))
		}},
		{"one that takes a value for the text of an empty field", "{S|or=NONE}", func(v any) string {
			if v == "" {
				return "NONE"
			}
			return string(AppendEscaped(nil, v.(string)))
		}},
		{"one that spreads by something else", "{S|shard=16}", func(v any) string { return fmt.Sprintf("%02d", len(v.(string))%16) }},
		{"one with a bucket too many", "{S|shard=16}", func(v any) string { return fmt.Sprintf("%02d", bucketOf(string(AppendEscaped(nil, v.(string))), 17)) }},
		{"one that writes bytes as they are", "{Bin}", func(v any) string { return string(v.([]byte)) }},
		{"one whose digits do not sort", "{Bin}", func(v any) string {
			return strings.NewReplacer("0", "z", "1", "y").Replace(hex.EncodeToString(v.([]byte)))
		}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			s := subjectOf(t, tt.template)
			s.render = func(values []any) (string, error) {
				texts := make([]string, len(values))
				for i, v := range values {
					texts[i] = tt.text(v)
				}
				return strings.Join(texts, "#"), nil
			}
			// The properties alone must find the fault, not the pattern of the template, which knows how the real codec writes.
			s.template.atoms = []atom{{many: true}}
			s.template.atoms[0].set.add(0, 0xFF)
			if err := s.check(1, 50_000); err == nil {
				t.Error("the fault was not found")
			}
		})
	}
}
