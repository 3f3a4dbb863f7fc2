package schema

import "reflect"

// Member is a field in a template, with the verbs that shape its text.
type Member struct {
	Ref *Ref

	Pad   int    // digits, for |pad=n
	Desc  bool   // reversed order
	Raw   bool   // unescaped
	Plain bool   // an integer without padding
	Unix  bool   // a time as its epoch seconds
	Fold  bool   // ASCII letters in lower case
	Or    string // the text of an empty field; "" where it makes the key missing
	Shard int    // how many buckets the values are spread over; 0 where the text is that of the value
	Last  bool   // nothing follows in the template

	Native bool // the field's own attribute is the key: no text is made

	kind textKind
	unit timeUnit // what a time is cut to
	stop byte     // the first byte of the literal that follows the member
}

// Lossy reports whether values that differ can have one text, so that a key says less than its field. Seconds are all there is of
// a time that is stored in them.
func (m *Member) Lossy() bool {
	return m.Bucketed() || m.Unix && !m.storedInSeconds() || m.Fold || m.Shard > 0
}

// truncates reports whether the text says in which span of time a value lies, and not where in it.
func (m *Member) truncates() bool { return m.Bucketed() || m.Unix }

// storedInSeconds reports whether the field's attribute holds whole epoch seconds.
func (m *Member) storedInSeconds() bool {
	return m.Ref.Leaf().Tag.UnixTime && !IsOpaque(m.Ref.Type())
}

// Ordered says why a range on the member cannot be served by the key; empty where it can.
func (m *Member) Ordered() string {
	switch {
	case m.Plain:
		return "is written |plain, which does not sort"
	case m.Fold:
		return "is written |fold, whose order is not that of the values"
	case m.Or != "":
		return "is written |or, whose text for an empty field sorts among the others"
	case m.Shard > 0:
		return "is written |shard, whose buckets are in no order"
	case m.Raw && !m.Last:
		return "is written |raw in the middle of a key, which does not sort"
	}
	return ""
}

// ServesPrefix reports whether the key text of a prefix of the field's text is a prefix of the key text of every value that begins
// with it: of strings as they are. Where the member is [Member.Lossy], so it is of other values.
func (m *Member) ServesPrefix() bool {
	return m.kind == kindString && !IsOpaque(m.Ref.Type()) && m.Or == "" && m.Shard == 0
}

// SameText reports whether two members write the same text for a value, and for an empty field.
func (m *Member) SameText(o *Member) bool {
	return m.kind == o.kind && m.written() == o.written()
}

// written is what the verbs of the template say: the member without its field and its place.
func (m *Member) written() Member {
	return Member{Pad: m.Pad, Desc: m.Desc, Raw: m.Raw, Plain: m.Plain, Unix: m.Unix, Fold: m.Fold, Or: m.Or, Shard: m.Shard, unit: m.unit}
}

// canBeEmpty reports whether there are entities without the field's value: those where it is zero, or below a nil pointer.
func (m *Member) canBeEmpty() bool {
	for _, step := range m.Ref.Steps {
		if step.optional || step.Type.Kind() == reflect.Pointer {
			return true
		}
	}
	return !Present(reflect.Zero(m.Ref.Type()))
}
