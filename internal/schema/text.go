package schema

import (
	"encoding"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The format of key text.
//
// A key is the literals of its template with the text of each field between them. The text of a field is chosen so that byte
// order of text is order of values, that different values have different texts, and that no value can reach into the next
// segment of a key:
//
//	string            as it is, but every byte up to and including '$' (0x24) is written '$' and two upper-case hex digits:
//	                  "a b#c" is a$20b$23c. The delimiter '#' (0x23) and everything below it never stand in a value, so a key
//	                  splits at '#' in one way only; '$' sorts above '#', so "a" sorts before "a!" also when more follows.
//	integer           twenty characters. From zero up: the number padded with zeros, 00000000000000000042. Below zero: '-' and
//	                  10^19 minus the absolute value, in nineteen digits: -1 is -9999999999999999999, and '-' sorts below '0'.
//	                  |desc writes the text of the bitwise complement (-1-n, or 2^64-1-n for unsigned types).
//	                  |pad=n writes n digits and takes no negative numbers; |pad=n|desc writes 10^n-1 minus the number, and
//	                  |pad=20|desc, where that has no room in 64 bits, 2^64-1 minus it.
//	                  |plain writes the number as usual: it does not sort.
//	time              UTC with nine digits: 2026-01-02T03:04:05.000000006Z, years 0000 to 9999.
//	                  |month, |day and |hour cut it to 2026-01, 2026-01-02 and 2026-01-02T03; |desc writes 9-d for each digit d.
//	                  |unix writes the whole seconds since 1970-01-01T00:00:00Z, rounded down, as a signed integer is written,
//	                  with |desc, |pad=n and |plain as those of integers.
//	bool              false and true; |desc writes false and -true, and '-' sorts below 'f'.
//	[]byte            lower-case hex, two digits a byte.
//	TextMarshaler     its text, escaped as a string is; ordered by that text.
//
// |fold turns the letters A to Z of a string or text into a to z, before it is escaped. |raw writes a string or text unescaped, for
// tables that were not made by this library. |or=TEXT writes TEXT, as it is, where the field is empty, and refuses a value whose
// text is the same.
//
// |shard=n writes no text of the value but a bucket that it is in: the 64-bit FNV-1a hash of its text without verbs, its
// halves xored (h ^ h>>32), modulo n, in as many digits as n-1 has. With |shard=16 the string o1, whose hash is
// 626025670079018237, is in 10.

// escapeLast is the highest byte that is escaped: the escape character itself. The delimiter sorts directly below it.
const (
	escapeLast = '$'
	delimiter  = '#'
)

const (
	upperHex  = "0123456789ABCDEF"
	lowerHex  = "0123456789abcdef"
	intDigits = 20
)

// A KeyError says why a field cannot be part of a key. It never holds the value.
type KeyError struct {
	Field   string // the Go path of the field
	Reason  string
	Missing bool  // the field is empty, and a key needs it
	Cause   error // what a MarshalText of the user's said; its text may quote the value, so ours does not hold it
}

func (e *KeyError) Error() string { return e.Field + ": " + e.Reason }

// Unwrap is the cause.
func (e *KeyError) Unwrap() error { return e.Cause }

// AppendText appends the text of a field's value to a key. The value is canonical (what decoding the stored attribute
// returns), behind its pointers, and present.
func (m *Member) AppendText(dst []byte, v reflect.Value) ([]byte, error) {
	if m.Shard > 0 {
		bucket, err := m.ShardOf(v)
		if err != nil {
			return dst, err
		}
		return m.AppendShard(dst, bucket), nil
	}
	at := len(dst)
	dst, err := m.appendValue(dst, v)
	if err == nil && m.Or != "" && string(dst[at:]) == m.Or {
		return dst, m.fail("its text is the one that |or writes for an empty field; no value can have it")
	}
	return dst, err
}

func (m *Member) appendValue(dst []byte, v reflect.Value) ([]byte, error) {
	switch m.kind {
	case kindString:
		return m.appendString(dst, v.String())
	case kindSigned:
		return m.appendSigned(dst, v.Int())
	case kindUnsigned:
		return m.appendUnsigned(dst, v.Uint())
	case kindTime:
		return m.appendTime(dst, asTime(v))
	case kindBool:
		return append(dst, boolText(v.Bool(), m.Desc)...), nil
	case kindBytes:
		return appendHex(dst, v), nil
	default:
		return m.appendMarshaled(dst, v)
	}
}

func (m *Member) fail(reason string) error { return &KeyError{Field: m.Ref.Path, Reason: reason} }

func (m *Member) appendString(dst []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return dst, m.fail("the text is not valid UTF-8, which DynamoDB would change in silence")
	}
	if m.Fold {
		s = foldASCII(s)
	}
	if !m.Raw {
		return AppendEscaped(dst, s), nil
	}
	for i := range len(s) {
		if !m.Last && s[i] == m.stop {
			return dst, m.fail("the text holds the character that ends this part of the key, and |raw cannot escape it")
		}
	}
	return append(dst, s...), nil
}

// AppendEscaped appends s as the text of a string is written: with every byte that could end its segment, or sort below the delimiter, escaped.
func AppendEscaped(dst []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		if b := s[i]; b <= escapeLast {
			dst = append(dst, s[from:i]...)
			dst = append(dst, escapeLast, upperHex[b>>4], upperHex[b&15])
			from = i + 1
		}
	}
	return append(dst, s[from:]...)
}

// foldASCII turns the letters A to Z into a to z, and leaves all others as they are.
func foldASCII(s string) string {
	at := strings.IndexFunc(s, isUpper)
	if at < 0 {
		return s
	}
	folded := []byte(s)
	for i := at; i < len(folded); i++ {
		if isUpper(rune(folded[i])) {
			folded[i] += 'a' - 'A'
		}
	}
	return string(folded)
}

func isUpper(r rune) bool { return r >= 'A' && r <= 'Z' }

func (m *Member) appendSigned(dst []byte, n int64) ([]byte, error) {
	switch {
	case m.Plain:
		return strconv.AppendInt(dst, n, 10), nil
	case m.Pad > 0 && n < 0:
		return dst, m.fail("the number is negative, and |pad takes only numbers from zero up")
	case m.Pad > 0:
		return m.appendUnsigned(dst, uint64(n))
	}
	if m.Desc {
		n = ^n
	}
	if n >= 0 {
		return appendDigits(dst, uint64(n), intDigits), nil
	}
	const ten19 = 10_000_000_000_000_000_000
	return appendDigits(append(dst, '-'), ten19-uint64(-(n+1))-1, intDigits-1), nil
}

func (m *Member) appendUnsigned(dst []byte, n uint64) ([]byte, error) {
	switch {
	case m.Plain:
		return strconv.AppendUint(dst, n, 10), nil
	case m.Pad > 0:
		limit := padLimit(m.Pad)
		if n > limit {
			return dst, m.fail("the number has more digits than |pad=" + strconv.Itoa(m.Pad) + " leaves room for")
		}
		if m.Desc {
			return appendDigits(dst, complement(n, m.Pad), m.Pad), nil
		}
		return appendDigits(dst, n, m.Pad), nil
	case m.Desc:
		n = ^n
	}
	return appendDigits(dst, n, intDigits), nil
}

// padLimit is the greatest number of so many digits, as far as a uint64 goes.
func padLimit(pad int) uint64 {
	limit := uint64(0)
	for range min(pad, intDigits-1) {
		limit = limit*10 + 9
	}
	if pad >= intDigits {
		return math.MaxUint64
	}
	return limit
}

// complement is 10^pad-1-n; with twenty digits the numbers above 2^64 stay unused, and the complement is that of the uint64.
func complement(n uint64, pad int) uint64 { return padLimit(pad) - n }

func appendDigits(dst []byte, n uint64, width int) []byte {
	var buf [intDigits]byte
	for i := width - 1; i >= 0; i-- {
		buf[i] = byte('0' + n%10)
		n /= 10
	}
	return append(dst, buf[:width]...)
}

func boolText(b, desc bool) string {
	switch {
	case !b:
		return "false"
	case desc:
		return "-true"
	}
	return "true"
}

func appendHex(dst []byte, v reflect.Value) []byte {
	for i := range v.Len() {
		b := byte(v.Index(i).Uint())
		dst = append(dst, lowerHex[b>>4], lowerHex[b&15])
	}
	return dst
}

func (m *Member) appendMarshaled(dst []byte, v reflect.Value) ([]byte, error) {
	text, err := marshalText(v)
	if err != nil {
		return dst, &KeyError{Field: m.Ref.Path, Reason: "its MarshalText failed", Cause: err}
	}
	if len(text) == 0 {
		return dst, m.fail("its text is empty, and a key needs one")
	}
	return m.appendString(dst, string(text))
}

// marshalText calls MarshalText on the value or on a pointer to it.
func marshalText(v reflect.Value) ([]byte, error) {
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		return m.MarshalText()
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return p.Interface().(encoding.TextMarshaler).MarshalText()
}

// Order is a text that sorts as the field's values do, whatever the verbs of the template make of them.
func (m *Member) Order(v reflect.Value) (string, error) {
	if !Present(v) {
		return "", nil
	}
	plain := Member{Ref: m.Ref, kind: m.kind, Last: true}
	text, err := plain.AppendText(nil, v)
	return string(text), err
}
