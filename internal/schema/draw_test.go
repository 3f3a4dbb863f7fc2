package schema

import (
	"bytes"
	"cmp"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// axis is the values of one member: how they are drawn, which are close to one another, and how they compare. Values drawn
// far apart would find nothing: what a codec gets wrong, it gets wrong about neighbours.
type axis struct {
	draw    func(*rand.Rand) any
	near    func(*rand.Rand, any) any
	compare func(a, b any) int

	keep  func(any) any      // what the text of a value says of it
	order func(a, b any) int // of what it says
}

// compareKept compares what keys say of two values.
func (x axis) compareKept(a, b any) int { return x.order(x.keep(a), x.keep(b)) }

func axisOf[T any](draw func(*rand.Rand) T, near func(*rand.Rand, T) T, compare func(a, b T) int) axis {
	x := axis{
		draw:    func(r *rand.Rand) any { return draw(r) },
		near:    func(r *rand.Rand, v any) any { return near(r, v.(T)) },
		compare: func(a, b any) int { return compare(a.(T), b.(T)) },
		keep:    func(v any) any { return v },
	}
	x.order = x.compare
	return x
}

// fieldAxis is the axis of a field of kinds.
func fieldAxis(m *Member) axis {
	switch m.Ref.Path {
	case "I8":
		return integers[int8](m)
	case "I16":
		return integers[int16](m)
	case "I32":
		return integers[int32](m)
	case "I64", "N":
		return integers[int64](m)
	case "Int":
		return integers[int](m)
	case "Named":
		return integers[named](m)
	case "U8":
		return integers[uint8](m)
	case "U16":
		return integers[uint16](m)
	case "U32":
		return integers[uint32](m)
	case "U64":
		return integers[uint64](m)
	case "Uint":
		return integers[uint](m)
	case "B":
		return axisOf(drawBool, func(r *rand.Rand, _ bool) bool { return drawBool(r) }, compareBool)
	case "T":
		return axisOf(drawTime, nearTime, time.Time.Compare)
	case "Stamp":
		return axisOf(
			func(r *rand.Rand) stamp { return stamp(drawTime(r)) },
			func(r *rand.Rand, s stamp) stamp { return stamp(nearTime(r, time.Time(s))) },
			func(a, b stamp) int { return time.Time(a).Compare(time.Time(b)) })
	case "Secs":
		whole := func(t time.Time) time.Time { return time.Unix(t.Unix(), 0) }
		return axisOf(
			func(r *rand.Rand) time.Time { return whole(drawTime(r)) },
			func(r *rand.Rand, t time.Time) time.Time { return whole(nearTime(r, t)) },
			time.Time.Compare)
	case "Bin":
		return axisOf(drawBytes, nearBytes, bytes.Compare)
	case "ID":
		return axisOf(
			func(r *rand.Rand) [4]byte { return [4]byte(append(drawBytes(r), 0, 0, 0, 0)) },
			func(r *rand.Rand, b [4]byte) [4]byte { b[r.IntN(4)] ^= 1 << r.IntN(8); return b },
			func(a, b [4]byte) int { return bytes.Compare(a[:], b[:]) })
	case "Loud":
		return axisOf(
			func(r *rand.Rand) loud { return loud(drawString(r)) },
			func(r *rand.Rand, l loud) loud { return loud(nearString(r, string(l))) },
			func(a, b loud) int { return strings.Compare("#"+string(a)+"$", "#"+string(b)+"$") })
	case "Dial":
		return axisOf(
			func(r *rand.Rand) dial { return dial{uint8(r.Uint32())} },
			func(r *rand.Rand, d dial) dial { d.N += uint8(r.IntN(3)); return d },
			func(a, b dial) int { return cmp.Compare(a.N, b.N) })
	}
	return axisOf(drawString, nearString, strings.Compare)
}

// runes are the characters that codecs trip over: those around the escaped ones, the ends of each UTF-8 length, and those that
// encodings are written with.
var runes = []rune("\x00\x01\x1f !\"#$%&'-/019:@AFSZ[`aftz{|}~\x7f\u0080\u00c9\u00e9\u07ff\u0800\ud7ff\ue000\ufffd\u212a\uffff\U00010000\U0010ffff")

func drawRune(r *rand.Rand) rune {
	if r.IntN(3) == 0 {
		return []rune("\x00 !\"#$%2")[r.IntN(8)]
	}
	return runes[r.IntN(len(runes))]
}

func drawString(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(5) {
		b.WriteRune(drawRune(r))
	}
	return b.String()
}

func nearString(r *rand.Rand, s string) string {
	rs := []rune(s)
	at := r.IntN(len(rs))
	switch r.IntN(8) {
	case 0:
		rs = append(rs, drawRune(r))
	case 1:
		rs = rs[:max(1, len(rs)-1)]
	case 2:
		rs[at] = drawRune(r)
	case 3:
		rs = slices.Insert(rs, at, drawRune(r))
	case 4: // the next character, where there is one
		if next := rs[at] + 1; utf8.ValidRune(next) {
			rs[at] = next
		}
	case 6: // the other case, of letters that have two
		if lower := unicode.ToLower(rs[at]); lower != rs[at] {
			rs[at] = lower
		} else {
			rs[at] = unicode.ToUpper(rs[at])
		}
	case 5: // what an escape would look like, written out
		rs = slices.Insert(rs, at, []rune("$2"+string("0123456789ABCDEF"[r.IntN(16)]))...)
	}
	return string(rs)
}

type integer interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~int | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uint
}

// integers draws extremes, powers of ten and two, and what |pad=n takes.
func integers[T integer](m *Member) axis {
	fit := func(n T) T {
		if m.Pad == 0 {
			return n
		}
		if n < 0 {
			n = ^n
		}
		if limit := uint64(math.Pow10(m.Pad)); m.Pad < 19 {
			n = T(uint64(n) % limit)
		}
		return n
	}
	draw := func(r *rand.Rand) T {
		switch r.IntN(4) {
		case 0:
			return fit(T(r.Uint64()))
		case 1:
			return fit(T(1)<<r.IntN(reflect.TypeFor[T]().Bits()) - T(r.IntN(3)))
		case 2:
			n := T(1)
			for range r.IntN(20) {
				n *= 10
			}
			return fit(n - T(r.IntN(3)))
		}
		return fit(T(0) - T(r.IntN(3)))
	}
	near := func(r *rand.Rand, n T) T {
		switch r.IntN(7) {
		case 0:
			n++
		case 1:
			n--
		case 2:
			n = -n
		case 3:
			n = ^n
		case 4:
			n *= 10
		case 5:
			n /= 10
		}
		return fit(n)
	}
	return axisOf(draw, near, cmp.Compare[T])
}

var (
	firstTime = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	places    = []*time.Location{time.UTC, time.FixedZone("east", 5*3600+1800), time.FixedZone("west", -11*3600)}
)

func drawTime(r *rand.Rand) time.Time {
	t := []time.Time{firstTime, lastTime, time.Unix(0, 0), time.Unix(-1, 5), time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC)}[r.IntN(5)]
	if r.IntN(2) == 0 {
		t = time.Unix(firstTime.Unix()+r.Int64N(lastTime.Unix()-firstTime.Unix()), []int64{0, 1, 10, 100_000_000, 999_999_999, r.Int64N(1e9)}[r.IntN(6)])
	}
	return t.In(places[r.IntN(3)])
}

func nearTime(r *rand.Rand, t time.Time) time.Time {
	steps := []time.Duration{0, 1, -1, 9, 10, -10, 100, time.Microsecond, 90 * time.Millisecond, 100 * time.Millisecond, time.Second, -time.Second, time.Hour, 24 * time.Hour, -365 * 24 * time.Hour}
	next := t.Add(steps[r.IntN(len(steps))])
	if r.IntN(2) == 0 {
		next = edge(r, t)
	}
	if next.Before(firstTime) || next.After(lastTime) {
		next = t
	}
	return next.In(places[r.IntN(3)])
}

// edge is at the beginning of the second, hour, day or month that a time lies in or of the next one, or directly beside it.
func edge(r *rand.Rand, t time.Time) time.Time {
	t = t.UTC()
	n := r.IntN(2)
	switch r.IntN(4) {
	case 0:
		t = t.Truncate(time.Second).Add(time.Duration(n) * time.Second)
	case 1:
		t = t.Truncate(time.Hour).Add(time.Duration(n) * time.Hour)
	case 2:
		t = t.Truncate(24*time.Hour).AddDate(0, 0, n)
	case 3:
		t = startOfMonth(t).AddDate(0, n, 0)
	}
	return t.Add(time.Duration(r.IntN(3) - 1))
}

func startOfMonth(t time.Time) time.Time {
	return t.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1-t.UTC().Day())
}

func drawBool(r *rand.Rand) bool { return r.IntN(2) == 0 }

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func drawBytes(r *rand.Rand) []byte {
	b := make([]byte, 1+r.IntN(4))
	for i := range b {
		b[i] = []byte{0, 1, 0x0f, 0x10, 0x23, 0x24, 0x7f, 0x80, 0x9f, 0xa0, 0xfe, 0xff}[r.IntN(12)]
	}
	return b
}

func nearBytes(r *rand.Rand, b []byte) []byte {
	b = slices.Clone(b)
	switch r.IntN(4) {
	case 0:
		return append(b, drawBytes(r)[0])
	case 1:
		return b[:max(1, len(b)-1)]
	case 2:
		b[r.IntN(len(b))]++
	}
	return b
}
