package schema

import (
	"cmp"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"
)

// axisFor is the axis of a member of a template over kinds: that of its field, with what its verbs keep of the values.
func axisFor(m *Member) axis {
	x := fieldAxis(m)
	switch {
	case m.Unix && m.Pad > 0:
		x = x.fitting(func(t time.Time) time.Time {
			sec := t.Unix()
			if sec < 0 {
				sec = ^sec
			}
			return time.Unix(sec%min(int64(math.Pow10(m.Pad)), lastTime.Unix()), int64(t.Nanosecond()))
		})
	case m.Shard > 0:
		text := x.plainText(m)
		x.keep = func(v any) any { return bucketOf(text(v), uint64(m.Shard)) }
		x.order = func(a, b any) int { return cmp.Compare(a.(uint64), b.(uint64)) }
	}
	if m.truncates() {
		x.keep = func(v any) any { return cut(m, reflect.ValueOf(v).Convert(timeType).Interface().(time.Time)) }
		x.order = func(a, b any) int { return a.(time.Time).Compare(b.(time.Time)) }
	}
	if m.Fold {
		x.keep = func(v any) any {
			return lower.Replace(reflect.ValueOf(v).String())
		}
		x.order = func(a, b any) int { return strings.Compare(a.(string), b.(string)) }
	}
	if m.Or != "" {
		x = x.orMissing(m)
	}
	return x
}

// fitting changes the times that are drawn.
func (x axis) fitting(fit func(time.Time) time.Time) axis {
	draw, near := x.draw, x.near
	x.draw = func(r *rand.Rand) any { return fit(draw(r).(time.Time)) }
	x.near = func(r *rand.Rand, v any) any { return fit(near(r, v).(time.Time)) }
	return x
}

// orMissing adds the empty value, and the one that |or keeps for it.
func (x axis) orMissing(m *Member) axis {
	inner := x
	var missing any // below a nil pointer
	if t := m.Ref.Type(); m.kind == kindString || m.kind == kindTime || m.kind == kindMarshaler || m.kind == kindBytes {
		missing = reflect.Zero(t).Interface()
	}
	gone := func(v any) bool { return v == nil || !Present(reflect.ValueOf(v)) }
	x.draw = func(r *rand.Rand) any {
		switch n := r.IntN(8); {
		case n == 0 && m.kind == kindString:
			return m.Or
		case n < 3:
			return missing
		}
		return inner.draw(r)
	}
	x.near = func(r *rand.Rand, v any) any {
		if gone(v) || r.IntN(8) == 0 {
			return x.draw(r)
		}
		return inner.near(r, v)
	}
	first := func(compare func(a, b any) int) func(a, b any) int {
		return func(a, b any) int {
			switch {
			case gone(a) && gone(b):
				return 0
			case gone(a):
				return -1
			case gone(b):
				return 1
			}
			return compare(a, b)
		}
	}
	x.compare = first(inner.compare)
	x.keep = func(v any) any { return v }
	x.order = first(inner.compareKept)
	return x
}

// cut is what the verbs of a time keep of it.
func cut(m *Member, t time.Time) time.Time {
	t = t.UTC()
	switch {
	case m.Unix:
		return t.Truncate(time.Second)
	case m.unit == hour:
		return t.Truncate(time.Hour)
	case m.unit == day:
		return t.Truncate(24 * time.Hour)
	}
	return startOfMonth(t)
}

var lower = func() *strings.Replacer {
	var pairs []string
	for c := 'A'; c <= 'Z'; c++ {
		pairs = append(pairs, string(c), string(c+'a'-'A'))
	}
	return strings.NewReplacer(pairs...)
}()

// plainText makes the text of values as a template without verbs has it.
func (x axis) plainText(m *Member) func(any) string {
	plain := Member{Ref: m.Ref, kind: m.kind, Last: true}
	return func(v any) string {
		text, err := plain.AppendText(nil, reflect.ValueOf(v))
		if err != nil {
			panic(err)
		}
		return string(text)
	}
}

// bucketOf is FNV-1a, written out.
func bucketOf(text string, n uint64) uint64 {
	hash := uint64(0xcbf29ce484222325)
	for i := range len(text) {
		hash = (hash ^ uint64(text[i])) * 0x100000001b3
	}
	return (hash ^ hash>>32) % n
}
