package schema

import (
	"math"
	"reflect"
	"time"
	"unicode/utf8"
)

// Range is the part of a sort key in which the texts of one member lie, given what its value must be: behind a prefix, and
// never outside it. Its bounds are texts that the key may equal.
type Range struct {
	member *Member
	prefix string

	lo, hi       string
	hasLo, hasHi bool
	open         bool // hi itself is excluded, and no text says so: the caller filters it out
	empty        bool

	from, to       time.Time // the restrictions of a time, both included: a text can say less
	hasFrom, hasTo bool
}

// Range is all texts of the member behind a prefix of its key.
func (m *Member) Range(prefix string) *Range { return &Range{member: m, prefix: prefix} }

// Above restricts the range to values above v, v included or not. Where the text is cut, the bound lies at the edge of the span
// that v is in.
func (r *Range) Above(v reflect.Value, included bool) error {
	if !included {
		if next, discrete, ok := r.member.step(v, +1); discrete {
			if !ok {
				r.empty = true
				return nil
			}
			v, included = next, true
		}
	}
	r.since(v)
	if r.member.Desc {
		return r.ceiling(v, included)
	}
	return r.floor(v, included)
}

// Below restricts the range to values below v, v included or not, as [Range.Above] does.
func (r *Range) Below(v reflect.Value, included bool) error {
	if !included {
		if next, discrete, ok := r.member.step(v, -1); discrete {
			if !ok {
				r.empty = true
				return nil
			}
			v, included = next, true
		}
	}
	r.until(v)
	if r.member.Desc {
		return r.floor(v, included)
	}
	return r.ceiling(v, included)
}

// since and until keep what is asked of a time itself.
func (r *Range) since(v reflect.Value) {
	if r.member.kind != kindTime {
		return
	}
	if t := asTime(v).UTC(); !r.hasFrom || t.After(r.from) {
		r.from, r.hasFrom = t, true
	}
}

func (r *Range) until(v reflect.Value) {
	if r.member.kind != kindTime {
		return
	}
	if t := asTime(v).UTC(); !r.hasTo || t.Before(r.to) {
		r.to, r.hasTo = t, true
	}
}

// floor is a lower bound of the text. Whatever follows v's text in its key begins with the delimiter, and every longer text goes
// on with a byte above it: the escape character alone, which no text holds, lies between. The empty text bounds nothing.
func (r *Range) floor(v reflect.Value, included bool) error {
	text, err := r.text(v)
	if err != nil {
		return err
	}
	if text == r.prefix {
		return nil
	}
	if !included {
		text += r.after()
	}
	if !r.hasLo || text > r.lo {
		r.lo, r.hasLo = text, true
	}
	return nil
}

// ceiling is an upper bound of the text, the subtree of v included or not. No value in a key has the empty text or one below it.
func (r *Range) ceiling(v reflect.Value, included bool) error {
	text, err := r.text(v)
	if err != nil {
		return err
	}
	open := false
	switch {
	case text == r.prefix:
		r.empty = true
	case r.member.Last:
		open = !included
	case included:
		text += r.after()
	}
	if !r.hasHi || text < r.hi || text == r.hi && open {
		r.hi, r.hasHi, r.open = text, true, open
	}
	return nil
}

func (r *Range) text(v reflect.Value) (string, error) {
	text, err := r.member.AppendText([]byte(r.prefix), v)
	return string(text), err
}

// after is the least text that sorts behind a value's text and all that may follow it, and before the next value's.
func (r *Range) after() string {
	if r.member.Raw {
		return "\x00"
	}
	return string(rune(escapeLast))
}

// Empty reports whether no value can lie in the range. A key that goes on behind the member equals neither bound: then two that
// meet have nothing between them.
func (r *Range) Empty() bool {
	if r.empty || r.hasFrom && r.hasTo && r.from.After(r.to) {
		return true
	}
	return r.hasLo && r.hasHi && (r.lo > r.hi || r.lo == r.hi && (r.open || !r.member.Last))
}

// Exact reports whether every key within the bounds holds a value in the range, so that they need no filter beside them. Not so
// where a text is cut and a restriction lies within the span that is written, nor where the upper bound itself is excluded and there
// is a lower one: DynamoDB's BETWEEN includes both.
func (r *Range) Exact() bool {
	if _, _, hasLo, _, open := r.Bounds(); open && hasLo {
		return false
	}
	m := r.member
	if !m.truncates() {
		return true
	}
	begins := func(t time.Time) bool { return m.bucket(t).Equal(t) }
	return (!r.hasFrom || begins(r.from)) && (!r.hasTo || begins(r.to.Add(m.tick())))
}

// Buckets lists the spans of time that the range touches, as [Member.Buckets] does. It must be restricted on both sides. An end that is
// excluded may be the edge of a span that nothing in the range lies in.
func (r *Range) Buckets(limit int) (starts []reflect.Value, ok bool) {
	if r.Empty() {
		return nil, true
	}
	t := r.member.Ref.Type()
	return r.member.Buckets(reflect.ValueOf(r.from).Convert(t), reflect.ValueOf(r.to).Convert(t), limit)
}

// Bounds are the texts between which the key lies, both included unless open says that hi is not. A text that is not given is
// the end of the table: that is so only where the template begins with the member.
func (r *Range) Bounds() (lo, hi string, hasLo, hasHi, open bool) {
	lo, hi, hasLo, hasHi = r.lo, r.hi, r.hasLo, r.hasHi
	if !hasLo && r.prefix != "" {
		lo, hasLo = r.prefix, true
	}
	if !hasHi && r.prefix != "" {
		hi, hasHi = successor(r.prefix)
	}
	return lo, hi, hasLo, hasHi, r.open
}

// successor is the least text above every text that begins with the prefix. No key of the entity equals it.
func successor(prefix string) (string, bool) {
	for prefix != "" {
		r, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		switch r {
		case utf8.MaxRune:
			continue
		case 0xD7FF: // the surrogates are no text
			return prefix + "\uE000", true
		}
		return prefix + string(r+1), true
	}
	return "", false
}

// step is the next value up or down where values are discrete; ok is false at the end of what the member can write.
func (m *Member) step(v reflect.Value, by int64) (next reflect.Value, discrete, ok bool) {
	next = reflect.New(v.Type()).Elem()
	switch m.kind {
	case kindSigned:
		n := v.Int()
		if by > 0 && n == m.maxSigned(v.Type()) || by < 0 && n == m.minSigned(v.Type()) {
			return next, true, false
		}
		next.SetInt(n + by)
	case kindUnsigned:
		n := v.Uint()
		if by > 0 && n == m.maxUnsigned(v.Type()) || by < 0 && n == 0 {
			return next, true, false
		}
		next.SetUint(n + uint64(by))
	case kindBool:
		if v.Bool() == (by > 0) {
			return next, true, false
		}
		next.SetBool(by > 0)
	case kindTime:
		t := asTime(v).UTC()
		stepped := t.Add(time.Duration(by) * m.tick())
		if m.writable(t) && !m.writable(stepped) {
			return next, true, false
		}
		next.Set(reflect.ValueOf(stepped).Convert(v.Type()))
	default:
		return v, false, true
	}
	return next, true, true
}

func (m *Member) maxSigned(t reflect.Type) int64 {
	limit := int64(math.MaxInt64) >> (64 - t.Bits())
	if m.Pad > 0 {
		limit = int64(min(uint64(limit), padLimit(m.Pad)))
	}
	return limit
}

func (m *Member) minSigned(t reflect.Type) int64 {
	if m.Pad > 0 {
		return 0
	}
	return math.MinInt64 >> (64 - t.Bits())
}

func (m *Member) maxUnsigned(t reflect.Type) uint64 {
	limit := uint64(math.MaxUint64) >> (64 - t.Bits())
	if m.Pad > 0 {
		limit = min(limit, padLimit(m.Pad))
	}
	return limit
}
