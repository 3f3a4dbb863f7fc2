package memdb

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
)

// A value is an attribute value in the engine's own code, immutable. Maps and
// sets are sorted, so equal values have equal bytes and answers have one order.
//
//	kind byte, then
//	S, B, N          uvarint length, bytes (N: the number's code)
//	true, false, null nothing
//	SS, NS, BS       4 bytes length, then members: uvarint length, bytes
//	L                4 bytes length, then values
//	M                4 bytes length, then fields: uvarint length, name, value
//
// The substrings that reading it yields share its memory; nothing else does.
type value string

const (
	kindS = byte(iota + 1)
	kindN
	kindB
	kindTrue
	kindFalse
	kindNull
	kindSS
	kindNS
	kindBS
	kindL
	kindM
)

// A kindNames index is a kind; the short names are the protocol's.
var kindNames = [...]string{kindS: "S", kindN: "N", kindB: "B", kindTrue: "BOOL", kindFalse: "BOOL", kindNull: "NULL",
	kindSS: "SS", kindNS: "NS", kindBS: "BS", kindL: "L", kindM: "M"}

func (v value) kind() byte { return v[0] }

// typeName is the protocol's name of the value's type.
func (v value) typeName() string { return kindNames[v[0]] }

// body is what follows the kind and the length.
func (v value) body() string {
	switch v[0] {
	case kindS, kindN, kindB:
		n, w := uvarint(string(v[1:]))
		return string(v[1+w : 1+w+n])
	case kindTrue, kindFalse, kindNull:
		return ""
	}
	return string(v[5:])
}

// splitValue cuts the first value off s.
func splitValue(s string) (value, string) {
	n := 1
	switch s[0] {
	case kindS, kindN, kindB:
		length, w := uvarint(s[1:])
		n += w + length
	case kindTrue, kindFalse, kindNull:
	default:
		n += 4 + int(binary.LittleEndian.Uint32([]byte(s[1:5])))
	}
	return value(s[:n]), s[n:]
}

// splitText cuts a length-prefixed text off s.
func splitText(s string) (text, rest string) {
	n, w := uvarint(s)
	return s[w : w+n], s[w+n:]
}

func uvarint(s string) (n, width int) {
	if s[0] < 0x80 {
		return int(s[0]), 1
	}
	var shift uint
	for i := 0; ; i++ {
		n |= int(s[i]&0x7f) << shift
		if s[i] < 0x80 {
			return n, i + 1
		}
		shift += 7
	}
}

func uvarintWidth(n int) int { return max(1, (bits.Len(uint(n))+6)/7) }

func appendText(dst []byte, text string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(text)))
	return append(dst, text...)
}

// appendScalar writes an S, N or B.
func appendScalar(dst []byte, kind byte, text string) []byte {
	return appendText(append(dst, kind), text)
}

// openContainer writes a container's head and returns where its body begins.
func openContainer(dst []byte, kind byte) ([]byte, int) {
	dst = append(dst, kind, 0, 0, 0, 0)
	return dst, len(dst)
}

// closeContainer fills in the length of a container opened at start.
func closeContainer(dst []byte, start int) []byte {
	binary.LittleEndian.PutUint32(dst[start-4:], uint32(len(dst)-start))
	return dst
}

func numberValue(d decimal) value {
	return value(appendScalar(nil, kindN, string(d.appendCode(nil))))
}

// appendSet writes a set of members, sorted.
func appendSet(dst []byte, kind byte, members []string) []byte {
	slices.Sort(members)
	dst, start := openContainer(dst, kind)
	for _, m := range members {
		dst = appendText(dst, m)
	}
	return closeContainer(dst, start)
}

// members lists a set's members, sorted.
func (v value) members() []string {
	var out []string
	for rest := v.body(); rest != ""; {
		var m string
		m, rest = splitText(rest)
		out = append(out, m)
	}
	return out
}

// elements lists a list's values.
func (v value) elements() []value {
	var out []value
	for rest := v.body(); rest != ""; {
		var e value
		e, rest = splitValue(rest)
		out = append(out, e)
	}
	return out
}

// lookField finds a name among sorted fields.
func lookField(fields, name string) (value, bool) {
	for fields != "" {
		var field string
		field, fields = splitText(fields)
		var v value
		v, fields = splitValue(fields)
		switch strings.Compare(field, name) {
		case 0:
			return v, true
		case 1:
			return "", false
		}
	}
	return "", false
}

// element returns the value at index of a list.
func (v value) element(index int) (value, bool) {
	for rest := v.body(); rest != ""; index-- {
		var e value
		e, rest = splitValue(rest)
		if index == 0 {
			return e, true
		}
	}
	return "", false
}

// count is the number of members, elements or fields.
func (v value) count() int {
	n := 0
	for rest := v.body(); rest != ""; n++ {
		switch v.kind() {
		case kindSS, kindNS, kindBS:
			_, rest = splitText(rest)
		case kindM:
			_, rest = splitText(rest)
			_, rest = splitValue(rest)
		default:
			_, rest = splitValue(rest)
		}
	}
	return n
}

// size is what a value counts for in its item's size.
func (v value) size() int {
	switch v.kind() {
	case kindS, kindB:
		return len(v.body())
	case kindN:
		return numberSize(v.body())
	case kindTrue, kindFalse, kindNull:
		return 1
	}
	n := 0
	if v.kind() == kindL || v.kind() == kindM {
		n = 3
	}
	for rest := v.body(); rest != ""; {
		var text string
		var elem value
		switch v.kind() {
		case kindSS, kindBS:
			text, rest = splitText(rest)
			n += len(text)
		case kindNS:
			text, rest = splitText(rest)
			n += numberSize(text)
		case kindL:
			elem, rest = splitValue(rest)
			n += 1 + elem.size()
		default:
			text, rest = splitText(rest)
			elem, rest = splitValue(rest)
			n += 1 + len(text) + elem.size()
		}
	}
	return n
}

// An item is a uvarint with its DynamoDB size, then its fields as in a map.
// The empty string is no item.
type item string

func (it item) fields() string {
	if it == "" {
		return ""
	}
	_, w := uvarint(string(it))
	return string(it[w:])
}

func (it item) size() int {
	if it == "" {
		return 0
	}
	n, _ := uvarint(string(it))
	return n
}

func (it item) attribute(name string) (value, bool) { return lookField(it.fields(), name) }

func eachField(fields string, f func(name string, v value)) {
	for fields != "" {
		var name string
		name, fields = splitText(fields)
		var v value
		v, fields = splitValue(fields)
		f(name, v)
	}
}

func fieldsSize(fields string) int {
	n := 0
	eachField(fields, func(name string, v value) { n += len(name) + v.size() })
	return n
}

// newItem puts the size in front of sorted fields.
func newItem(code []byte) item {
	fields := string(code)
	var head [binary.MaxVarintLen64]byte
	return item(string(binary.AppendUvarint(head[:0], uint64(fieldsSize(fields)))) + fields)
}

// A field is one attribute on its way into an item.
type field struct {
	name  string
	value value
}

// itemOf makes an item of fields in any order.
func itemOf(fields []field) item {
	slices.SortFunc(fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
	size, length := 0, 0
	for _, f := range fields {
		size += len(f.name) + f.value.size()
		length += uvarintWidth(len(f.name)) + len(f.name) + len(f.value)
	}
	var buf strings.Builder // whose string is its buffer, so its length must be exact
	var head [binary.MaxVarintLen64]byte
	buf.Grow(uvarintWidth(size) + length)
	buf.Write(binary.AppendUvarint(head[:0], uint64(size)))
	for _, f := range fields {
		buf.Write(binary.AppendUvarint(head[:0], uint64(len(f.name))))
		buf.WriteString(f.name)
		buf.WriteString(string(f.value))
	}
	return item(buf.String())
}
