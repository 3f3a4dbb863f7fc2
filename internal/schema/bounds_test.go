package schema

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

// limitOf is one restriction of a range.
type limitOf struct {
	op    string // > >= < <=
	value any
}

func (l limitOf) apply(r *Range) error {
	if l.op[0] == '>' {
		return r.Above(reflect.ValueOf(l.value), len(l.op) == 2)
	}
	return r.Below(reflect.ValueOf(l.value), len(l.op) == 2)
}

func (l limitOf) holds(compare func(a, b any) int, v any) bool {
	c := compare(v, l.value)
	return l.op[0] == '>' && c > 0 || l.op[0] == '<' && c < 0 || len(l.op) == 2 && c == 0
}

// within is what a key condition of these bounds, and the caller's exact filter where they are open, let through.
func within(key, lo, hi string, hasLo, hasHi, open bool) bool {
	return (!hasLo || key >= lo) && (!hasHi || key < hi || key == hi && !open)
}

// ranged is a template whose member at the position is restricted, the ones before it being bound.
type ranged struct {
	*subject
	at     int
	prefix string
	bound  []any
	exact  map[bool]int // how many ranges said that they are, and that they are not
}

// bind draws values for what stands before the member, and renders them.
func (x *ranged) bind(r *rand.Rand) {
	for rendered := false; !rendered; {
		all := x.draw(r)
		_, err := x.render(all)
		x.bound, rendered = all[:x.at], err == nil
	}
	var prefix []byte
	seen := 0
	for _, part := range x.template.Parts {
		switch {
		case part.Member == nil:
			prefix = append(prefix, part.Literal...)
		case seen == x.at:
			x.prefix = string(prefix)
			return
		default:
			v := reflect.ValueOf(x.bound[seen])
			if part.Member.Or != "" && !Present(v) {
				prefix = append(prefix, part.Member.Or...)
			} else {
				prefix, _ = part.Member.AppendText(prefix, v)
			}
			seen++
		}
	}
}

// TestRange restricts a member at random and compares which keys lie within the bounds with which values fulfil the restriction.
func TestRange(t *testing.T) {
	for _, tt := range []struct {
		template string
		at       int
	}{
		{"A#{S}", 0}, {"A#{S}#{S2}", 0}, {"A#{S}#B#{I64}", 0}, {"{S}", 0}, {"{S}#{S2}", 0}, {"A#{S}#B", 0}, {"A#{S}#{S2}", 1}, {"A#{U8}#{S}#{S2}", 1},
		{"A#{S|raw}", 0}, {"{S|raw}", 0}, {"A#{S2}#{S|raw}", 1},
		{"A#{I8}", 0}, {"A#{I8}#{S}", 0}, {"{I8}", 0}, {"{I8|desc}#{S}", 0}, {"A#{I8|desc}", 0}, {"A#{S}#{I64|desc}#{S2}", 1}, {"A#{I64}", 0}, {"A#{Named}#{S}", 0},
		{"A#{U8}", 0}, {"A#{U8|desc}#{S}", 0}, {"A#{U64}", 0}, {"A#{U64|desc}", 0}, {"A#{I64|pad=2}#{S}", 0}, {"A#{I8|pad=3|desc}", 0}, {"A#{U64|pad=20|desc}#{S}", 0}, {"A#{U8|pad=1}", 0},
		{"A#{B}", 0}, {"A#{B|desc}#{S}", 0}, {"A#{T}", 0}, {"A#{T}#{S}", 0}, {"A#{T|desc}#{S}", 0}, {"{T|desc}", 0}, {"A#{Stamp|desc}", 0},
		{"A#{T|day}", 0}, {"A#{T|day}#{S}", 0}, {"{T|day}", 0}, {"A#{T|month|desc}", 0}, {"A#{T|hour|desc}#{S}", 0}, {"A#{Stamp|hour}#B", 0}, {"A#{T|month}#{T}", 0},
		{"A#{T|unix}#{S}", 0}, {"A#{T|unix|desc}", 0}, {"{Stamp|unix|desc}#{S}", 0}, {"A#{T|unix|pad=12}#{S}", 0}, {"A#{T|unix|pad=10|desc}", 0},
		{"A#{Secs}", 0}, {"A#{Secs|unix}", 0}, {"A#{Secs|unix|desc}#{S}", 0}, {"A#{Secs|day}#{S}", 0}, {"A#{Secs|hour|desc}", 0},
		{"A#{S|fold}#{T|day}#{S2}", 1}, {"A#{S|or=NONE}#{I64}", 1}, {"{T|unix|plain}.{T|hour|desc}", 1}, {"A#{T|month}#{Stamp|day}", 1},
		{"A#{Bin}", 0}, {"A#{Bin}#{S}", 0}, {"A#{ID}#{S}", 0}, {"A#{Loud}", 0}, {"A#{Loud}#{S}", 0}, {"A#{Dial}#{S}", 0},
	} {
		t.Run(fmt.Sprintf("%s at %d", tt.template, tt.at), func(t *testing.T) {
			t.Parallel()
			x := &ranged{subject: subjectOf(t, tt.template), at: tt.at, exact: map[bool]int{}}
			if reason := x.template.Members()[tt.at].Ordered(); reason != "" {
				t.Fatal("the member has no ranges: it " + reason)
			}
			r := rand.New(rand.NewPCG(3, 0))
			seen := map[bool]int{}
			for n := 0; n < pairs()/10; n++ {
				x.bind(r)
				x.restrict(t, r, seen)
			}
			if lossy := x.template.Members()[tt.at].Lossy(); lossy && (x.exact[true] < pairs()/200 || x.exact[false] < pairs()/200) {
				t.Errorf("of the ranges, %d were exact and %d were not: the test finds nothing", x.exact[true], x.exact[false])
			}
			if seen[true] < pairs()/10 || seen[false] < pairs()/10 {
				t.Errorf("%d keys fulfilled their restriction and %d did not: the test finds nothing", seen[true], seen[false])
			}
		})
	}
}

// restrict draws one range, and ten keys around it: the entity's own, and others'.
func (x *ranged) restrict(t *testing.T, r *rand.Rand, seen map[bool]int) {
	a, m := x.axes[x.at], x.template.Members()[x.at]
	around := a.draw(r)
	var limits []limitOf
	bounds := m.Range(x.prefix)
	for range r.IntN(4) {
		l := limitOf{[]string{">", ">=", "<", "<="}[r.IntN(4)], a.near(r, around)}
		if err := l.apply(bounds); err != nil {
			t.Fatalf("%v: %v", l, err)
		}
		limits = append(limits, l)
	}
	lo, hi, hasLo, hasHi, open := bounds.Bounds()
	shown := fmt.Sprintf("%s behind %q with %#v: from %q %v to %q %v, open %v", x.template.Source, x.prefix, limits, lo, hasLo, hi, hasHi, open)
	x.inside(t, shown, lo, hi, hasLo, hasHi)
	exact := bounds.Exact() || bounds.Empty()
	x.exact[exact]++
	if !m.Lossy() {
		if want := !open || !hasLo; bounds.Exact() != want {
			t.Fatalf("%s: said to be exact: %v", shown, !want)
		}
		exact = true // but for what open says
	}
	for range 10 {
		values := x.draw(r)
		copy(values, x.bound)
		values[x.at] = a.near(r, around)
		key, err := x.render(values)
		if err != nil {
			t.Fatal(err)
		}
		want := true
		for _, l := range limits {
			want = want && l.holds(a.compare, values[x.at])
		}
		seen[want]++
		got := within(key, lo, hi, hasLo, hasHi, open)
		if got != want && (want || exact && !bounds.Empty()) {
			t.Fatalf("%s: the key %q is within them: %v", shown, key, got)
		}
		if want && bounds.Empty() {
			t.Fatalf("%s: said to be empty, and %#v fulfils it", shown, values[x.at])
		}
	}
	x.others(t, r, shown, lo, hi, hasLo, hasHi)
}

// inside checks that bounds stay behind the prefix, but for the text directly above all of it.
func (x *ranged) inside(t *testing.T, shown, lo, hi string, hasLo, hasHi bool) {
	if x.prefix == "" {
		return
	}
	next, _ := successor(x.prefix)
	if !hasLo || !strings.HasPrefix(lo, x.prefix) {
		t.Fatalf("%s: the lower bound leaves the prefix", shown)
	}
	if !hasHi || !strings.HasPrefix(hi, x.prefix) && hi != next {
		t.Fatalf("%s: the upper bound leaves the prefix", shown)
	}
}

// others checks that keys of other entities, and of other values before the member, are outside.
func (x *ranged) others(t *testing.T, r *rand.Rand, shown, lo, hi string, hasLo, hasHi bool) {
	if x.prefix == "" {
		return
	}
	next, _ := successor(x.prefix)
	for _, key := range []string{"", "@#a", "A", "A\"z", "A!", "A$a", "A0", "B#a", x.prefix[:len(x.prefix)-1], x.prefix[:len(x.prefix)-1] + "$", next + "0", drawString(r)} {
		if !strings.HasPrefix(key, x.prefix) && key != next && within(key, lo, hi, hasLo, hasHi, false) {
			t.Fatalf("%s: the key %q of another entity is within them", shown, key)
		}
	}
}

// timesAround are times at and beside the edges of spans, and all that lies directly beside these.
func timesAround(tick time.Duration, first, last time.Time) (times, all []any) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	if at.After(last) {
		at = time.Unix(60, 0)
	}
	for _, t := range []time.Time{first, last, at, at.Add(-time.Hour), at.Add(time.Minute), at.Add(30 * time.Second), at.Add(time.Hour), at.AddDate(0, 1, 0)} {
		for n := -2; n <= 2; n++ {
			beside := t.Add(time.Duration(n) * tick)
			if beside.Before(first) || beside.After(last) {
				continue
			}
			if all = append(all, beside); n > -2 && n < 2 {
				times = append(times, beside)
			}
		}
	}
	return times, all
}

// TestEmptyRange tries every value of the small kinds, and of times those that lie beside a restriction: a range is said to be empty
// exactly where none fulfils it.
func TestEmptyRange(t *testing.T) {
	var bytes, bools []any
	for n := -128; n < 128; n++ {
		bytes = append(bytes, int8(n))
	}
	bools = []any{false, true}
	times, allTimes := timesAround(1, firstTime, lastTime)
	seconds, allSeconds := timesAround(time.Second, firstTime, lastTime.Truncate(time.Second))
	few, allFew := timesAround(1, time.Unix(0, 0), time.Unix(99, 999_999_999))
	for _, tt := range []struct {
		template string
		limits   []any // what the ranges are restricted by
		values   []any
	}{
		{"A#{I8}", bytes, bytes}, {"A#{I8}#{S}", bytes, bytes}, {"A#{I8|desc}", bytes, bytes}, {"{I8|desc}#{S}", bytes, bytes},
		{"A#{I8|pad=3}#{S}", bytes[128:], bytes[128:]}, {"A#{I8|pad=2|desc}", bytes[128:228], bytes[128:228]},
		{"A#{B}", bools, bools}, {"A#{B|desc}#{S}", bools, bools},
		{"A#{T}", times, allTimes}, {"A#{T|day}", times, allTimes}, {"A#{T|month|desc}#{S}", times, allTimes}, {"{T|hour|desc}", times, allTimes},
		{"A#{T|unix}#{S}", times, allTimes}, {"A#{T|unix|desc}", times, allTimes}, {"A#{T|unix|pad=2}", few, allFew}, {"A#{T|unix|pad=2|desc}#{S}", few, allFew},
		{"A#{Secs|unix}", seconds, allSeconds}, {"A#{Secs|day|desc}#{S}", seconds, allSeconds},
	} {
		t.Run(tt.template, func(t *testing.T) {
			s := subjectOf(t, tt.template)
			r := rand.New(rand.NewPCG(11, 0))
			empty := 0
			for range 5000 {
				bounds := s.template.Members()[0].Range(s.template.Prefix())
				limits := make([]limitOf, 1+r.IntN(3))
				for i := range limits {
					limits[i] = limitOf{[]string{">", ">=", "<", "<="}[r.IntN(4)], tt.limits[r.IntN(len(tt.limits))]}
					if err := limits[i].apply(bounds); err != nil {
						t.Fatal(err)
					}
				}
				want := true
				for _, v := range tt.values {
					ok := true
					for _, l := range limits {
						ok = ok && l.holds(s.axes[0].compare, v)
					}
					want = want && !ok
				}
				if want {
					empty++
				}
				if got := bounds.Empty(); got != want {
					t.Fatalf("%#v: said to be empty: %v", limits, got)
				}
			}
			if empty == 0 {
				t.Error("no range was empty: the test finds nothing")
			}
		})
	}
}

func TestRangeBounds(t *testing.T) {
	for _, tt := range []struct {
		reason, template string
		limits           []limitOf
		want             string // lo and hi, "empty", or the error
	}{
		{"no restriction is the whole prefix", "A#{S}", nil, `"A#" to "A$"`},
		{"a text above includes longer ones", "A#{S}#{S2}", []limitOf{{">", "b"}}, `"A#b$" to "A$"`},
		{"a text below excludes its subtree", "A#{S}#{S2}", []limitOf{{"<", "b"}}, `"A#" to "A#b"`},
		{"a text at most includes its subtree", "A#{S}#{S2}", []limitOf{{"<=", "b"}}, `"A#" to "A#b$"`},
		{"the upper bound of a last text is excluded by a filter", "A#{S}", []limitOf{{"<", "b"}}, `"A#" to "A#b" open`},
		{"the least of several upper bounds", "A#{S}", []limitOf{{"<=", "c"}, {"<", "b"}, {"<=", "b"}}, `"A#" to "A#b" open`},
		{"the greatest of several lower bounds", "A#{S}", []limitOf{{">=", "a"}, {">", "b"}, {">=", "b"}}, `"A#b$" to "A$"`},
		{"above and at most one text of a segment", "A#{S}#{S2}", []limitOf{{">", "b"}, {"<=", "b"}}, "empty"},
		{"above and at most one last text", "A#{S}", []limitOf{{">", "b"}, {"<=", "b"}}, "empty"},
		{"a last text and nothing else", "A#{S}", []limitOf{{">=", "b"}, {"<=", "b"}}, `"A#b" to "A#b"`},
		{"no text is below the empty one", "A#{S}", []limitOf{{"<", ""}}, "empty"},
		{"and none in a key equals it", "A#{S}", []limitOf{{"<=", ""}}, "empty"},
		{"nor in a segment", "A#{S}#{S2}", []limitOf{{"<=", ""}}, "empty"},
		{"every text is above it", "A#{S}", []limitOf{{">", ""}}, `"A#" to "A$"`},
		{"also where nothing stands before it", "{S}", []limitOf{{">=", ""}}, `to`},
		{"a template that begins with the member has one end", "{S}", []limitOf{{">", "b"}}, `"b$" to`},
		{"integers step", "{I64}", []limitOf{{">", int64(-1)}}, `"00000000000000000000" to`},
		{"the greatest integer has none above it", "A#{I64}", []limitOf{{">", int64(1<<63 - 1)}}, "empty"},
		{"the least has none below it", "A#{I8}", []limitOf{{"<", int8(-128)}}, "empty"},
		{"a reversed integer turns the bounds round", "A#{U8|desc}", []limitOf{{">", uint8(254)}}, `"A#" to "A#18446744073709551360"`},
		{"a padded one ends with its digits", "A#{I64|pad=2}", []limitOf{{">", int64(99)}}, "empty"},
		{"and begins at zero", "A#{I64|pad=2}", []limitOf{{"<", int64(0)}}, "empty"},
		{"more digits are no key", "A#{I64|pad=2}", []limitOf{{">=", int64(100)}}, "I64: the number has more digits than |pad=2 leaves room for"},
		{"nor is less than zero", "A#{I64|pad=2}", []limitOf{{"<=", int64(-1)}}, "I64: the number is negative, and |pad takes only numbers from zero up"},
		{"directly above what fits is what fits", "A#{I64|pad=2}", []limitOf{{"<", int64(100)}}, `"A#" to "A#99"`},
		{"no time is above the last", "A#{T}", []limitOf{{">", lastTime}}, "empty"},
		{"none is below the first", "A#{T}", []limitOf{{"<", firstTime}}, "empty"},
		{"a time after the last is no key", "A#{T}", []limitOf{{">=", lastTime.Add(1)}}, "T: the time lies outside the years 0000 to 9999, whose text sorts"},
		{"directly below it is the last", "A#{T}", []limitOf{{"<", lastTime.Add(1)}}, `"A#" to "A#9999-12-31T23:59:59.999999999Z"`},
		{"the last instant of a day", "A#{T}#{S}", []limitOf{{"<", time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)}}, `"A#" to "A#2026-03-01T23:59:59.999999999Z$"`},
		{"only true is above false", "A#{B|desc}", []limitOf{{">", false}}, `"A#" to "A#-true"`},
		{"nothing is above true", "A#{B}", []limitOf{{">", true}}, "empty"},
		{"raw text has no character to spare", "A#{S|raw}", []limitOf{{">", "b"}}, `"A#b\x00" to "A$"`},
		{"a time that no key holds is no bound, however it is asked", "A#{T}", []limitOf{{"<", lastTime.Add(2)}}, "T: the time lies outside the years 0000 to 9999, whose text sorts"},
		{"a day is included whole, and holds more than asked", "A#{T|day}", []limitOf{{">=", moment2026}}, `"A#2026-01-02" to "A$" rough`},
		{"from its first instant it holds all of it", "A#{T|day}", []limitOf{{">=", moment2026.Truncate(24 * time.Hour)}}, `"A#2026-01-02" to "A$"`},
		{"above its first instant it does not", "A#{T|day}", []limitOf{{">", moment2026.Truncate(24 * time.Hour)}}, `"A#2026-01-02" to "A$" rough`},
		{"above its last instant is the next day", "A#{T|day}", []limitOf{{">", moment2026.Truncate(24 * time.Hour).Add(-1)}}, `"A#2026-01-02" to "A$"`},
		{"below its first instant is the day before", "A#{T|day}#{S}", []limitOf{{"<", moment2026.Truncate(24 * time.Hour)}}, `"A#" to "A#2026-01-01$"`},
		{"up to its first instant is a part of it", "A#{T|day}#{S}", []limitOf{{"<=", moment2026.Truncate(24 * time.Hour)}}, `"A#" to "A#2026-01-02$" rough`},
		{"up to its last instant is all of it", "A#{T|day}#{S}", []limitOf{{"<=", moment2026.Truncate(24 * time.Hour).Add(-1)}}, `"A#" to "A#2026-01-01$"`},
		{"the narrowest of several decides", "A#{T|day}", []limitOf{{">=", moment2026}, {">=", moment2026.Truncate(24*time.Hour).AddDate(0, 0, 2)}}, `"A#2026-01-04" to "A$"`},
		{"also within one day", "A#{T|day}", []limitOf{{">=", moment2026.Truncate(24 * time.Hour)}, {">", moment2026}}, `"A#2026-01-02" to "A$" rough`},
		{"a reversed month turns the bounds round", "A#{T|month|desc}#{S}", []limitOf{{">=", moment2026}}, `"A#" to "A#7973-98$" rough`},
		{"its first instant too", "A#{T|month|desc}#{S}", []limitOf{{"<", moment2026.Truncate(24*time.Hour).AddDate(0, 0, -1)}}, `"A#7974-87" to "A$"`},
		{"nothing lies between two times of one hour that are the wrong way round", "A#{T|hour}", []limitOf{{">", moment2026}, {"<=", moment2026}}, "empty"},
		{"a second is a span, too", "A#{T|unix}", []limitOf{{">", time.Unix(7, 0)}}, `"A#00000000000000000007" to "A$" rough`},
		{"but where seconds are all that is stored", "A#{Secs|unix}", []limitOf{{">", time.Unix(7, 0)}}, `"A#00000000000000000008" to "A$"`},
		{"which decide about a day's last", "A#{Secs|day}", []limitOf{{">", time.Unix(86399, 0)}}, `"A#1970-01-02" to "A$"`},
		{"padded seconds end with their digits", "A#{T|unix|pad=2}", []limitOf{{">", time.Unix(99, 999_999_999)}}, "empty"},
		{"and begin in 1970", "A#{T|unix|pad=2}", []limitOf{{"<", time.Unix(0, 0)}}, "empty"},
		{"before that is no key", "A#{T|unix|pad=2}", []limitOf{{"<", time.Unix(-1, 0)}}, "T: the time lies before 1970, and |pad takes only seconds from zero up"},
		{"nor is behind its digits", "A#{T|unix|pad=2}", []limitOf{{"<", time.Unix(101, 0)}}, "T: the number has more digits than |pad=2 leaves room for"},
		{"what is not UTF-8 is no bound", "A#{S}", []limitOf{{">", "\xff"}}, "S: the text is not valid UTF-8, which DynamoDB would change in silence"},
		{"a prefix may end in the greatest character", "A\U0010FFFF{S|raw}", nil, "\"A\U0010FFFF\" to \"B\""},
		{"or before the surrogates", "A\uD7FF{S|raw}", nil, "\"A\uD7FF\" to \"A\uE000\""},
		{"nothing is above the greatest characters", "\U0010FFFF{S|raw}", nil, "\"\U0010FFFF\" to"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			template := parseTemplate(t, tt.template)
			if got := describeRange(template, tt.limits); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func describeRange(template *Template, limits []limitOf) string {
	r := template.Members()[0].Range(template.Prefix())
	for _, l := range limits {
		if err := l.apply(r); err != nil {
			return err.Error()
		}
	}
	if r.Empty() {
		return "empty"
	}
	quoted := func(s string, has bool) string {
		if !has {
			return ""
		}
		return `"` + strings.ReplaceAll(s, "\x00", `\x00`) + `"`
	}
	lo, hi, hasLo, hasHi, open := r.Bounds()
	text := quoted(lo, hasLo) + " to " + quoted(hi, hasHi)
	if open {
		text += " open"
	}
	if !r.Exact() && !(open && hasLo) {
		text += " rough"
	}
	return strings.TrimSpace(text)
}

func TestOrdered(t *testing.T) {
	for _, tt := range []struct{ reason, template, want string }{
		{"a string serves ranges", "A#{S}#{S2}", ""},
		{"a plain integer does not", "{I64|plain}", "is written |plain, which does not sort"},
		{"raw text does in a last segment", "A#{S|raw}", ""},
		{"and not before that", "A#{S|raw}#{S2}", "is written |raw in the middle of a key, which does not sort"},
		{"a day does", "A#{T|day|desc}", ""},
		{"so do seconds", "A#{T|unix}", ""},
		{"but not plain ones", "A#{T|unix|plain}", "is written |plain, which does not sort"},
		{"folded text does not", "A#{S|fold}", "is written |fold, whose order is not that of the values"},
		{"nor does what may be empty", "A#{T|or=NEVER}", "is written |or, whose text for an empty field sorts among the others"},
		{"nor do buckets", "A#{T|shard=16}", "is written |shard, whose buckets are in no order"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			if got := parseTemplate(t, tt.template).Members()[0].Ordered(); got != tt.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

// TestOrder compares the text that results are merged by with the order of the values, whatever the template makes of them.
func TestOrder(t *testing.T) {
	for _, source := range []string{"{S}", "{S|raw}", "{I64|desc}", "{I64|plain}", "{U64|pad=20|desc}", "{T|desc}", "{B|desc}", "{Bin}", "{Loud|raw}", "{T|day|desc}", "{T|unix|plain}", "{S|fold}", "{S|shard=2}", "{Bin|shard=16}"} {
		t.Run(source, func(t *testing.T) {
			s := subjectOf(t, source)
			m := s.template.Members()[0]
			r := rand.New(rand.NewPCG(5, 0))
			for range 5000 {
				a := s.axes[0].draw(r)
				b := s.axes[0].near(r, a)
				ta, errA := m.Order(reflect.ValueOf(a))
				tb, errB := m.Order(reflect.ValueOf(b))
				if errA != nil || errB != nil {
					t.Fatal(errA, errB)
				}
				if strings.Compare(ta, tb) != s.axes[0].compare(a, b) {
					t.Fatalf("%#v and %#v are merged by %q and %q", a, b, ta, tb)
				}
			}
			if text, err := m.Order(reflect.Zero(reflect.TypeFor[string]())); text != "" || err != nil {
				t.Error("what is missing does not come first")
			}
		})
	}
}
