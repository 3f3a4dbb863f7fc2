package ast

import (
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/schema"
)

// Path names an attribute, or what lies within one. It is immutable; the zero Path names nothing.
type Path struct{ last *step }

type stepKind uint8

const (
	attribute stepKind = iota // an attribute of the item or of a nested struct
	listIndex
	mapKey
)

// step is the last part of a path and leads to the parts before it.
type step struct {
	up     *step
	depth  int
	kind   stepKind
	name   string // of the attribute, or the map key
	index  int
	label  string // the whole path in Go's terms
	member string // the same where it holds struct fields only
	field  *schema.Field
	value  *codec.Value // nil for a plain attribute
	chars  int          // at least so long is the path in an expression
	err    error
}

// Attr names a plain attribute of the item that is no field of its struct: pk, sk, the type.
func Attr(name string) Path {
	s := &step{depth: 1, name: name, label: name, chars: 2}
	if name == "" {
		s.label = `""`
		s.err = general(ErrInvalid, "an attribute name must not be empty")
	}
	return Path{s}
}

// Field leads to a field: of the item itself from the zero Path, else of the struct that p names. The codec is the field's own.
func (p Path) Field(f *schema.Field, value *codec.Value) Path {
	s := p.next(attribute, value)
	s.name, s.field = f.Attr, f
	switch {
	case p.last == nil:
		s.label, s.member, s.chars = f.Name, f.Name, len("#0")
	default:
		s.label, s.chars = p.last.label+"."+f.Name, p.last.chars+len(".#0")
		if p.last.member != "" {
			s.member = s.label
		}
	}
	return Path{s}
}

// At leads to an element of the list that p names. An index that DynamoDB cannot take is reported when the path is used.
func (p Path) At(index int) Path {
	if p.last == nil {
		return p
	}
	s := p.next(listIndex, elem(p.last.value))
	text := "[" + strconv.Itoa(index) + "]"
	s.index, s.label, s.chars = index, p.last.label+text, p.last.chars+len(text)
	if s.err == nil && (index < 0 || index > math.MaxInt32) {
		s.err = problem(ErrInvalid, Path{s}, "a list index must lie between 0 and %d", math.MaxInt32)
	}
	return Path{s}
}

// Key leads to a value of the map that p names. Its name in messages hides the key, which is data.
func (p Path) Key(key string) Path {
	if p.last == nil {
		return p
	}
	s := p.next(mapKey, elem(p.last.value))
	s.name, s.label, s.chars = key, p.last.label+"[key]", p.last.chars+len(".#0")
	if s.err == nil && key == "" {
		s.err = problem(ErrInvalid, Path{s}, "DynamoDB takes no empty map key")
	}
	if s.err == nil && !utf8.ValidString(key) {
		s.err = problem(ErrInvalid, Path{s}, "the map key is not valid UTF-8")
	}
	return Path{s}
}

// Fail gives a path of the same name whose use is an error with this reason, which must not quote the cause.
func (p Path) Fail(reason string, cause error) Path {
	s := *p.last
	if s.err == nil {
		s.err = &Error{Kind: ErrInvalid, Fields: []string{s.label}, Text: reason, Err: cause}
	}
	return Path{&s}
}

func (p Path) next(kind stepKind, value *codec.Value) *step {
	s := &step{up: p.last, depth: 1, kind: kind, value: value}
	if p.last != nil {
		s.depth, s.err = p.last.depth+1, p.last.err
	}
	return s
}

func elem(v *codec.Value) *codec.Value {
	if v == nil {
		return nil
	}
	return v.Elem()
}

// String is the path in Go's terms, for messages: "Ship.City", "Lines[0].SKU", "Notes[key]". It never holds a map key.
func (p Path) String() string {
	if p.last == nil {
		return ""
	}
	return p.last.label
}

// IsZero reports whether the path names nothing.
func (p Path) IsZero() bool { return p.last == nil }

// Member is the dotted Go name where the path consists of struct fields only ("Ship.City"), else "".
func (p Path) Member() string {
	if p.last == nil {
		return ""
	}
	return p.last.member
}

// Nested reports whether the path leads into an attribute of the item, rather than naming one.
func (p Path) Nested() bool { return p.last.depth > 1 }

// Parent is the path without its last step; false for an attribute of the item.
func (p Path) Parent() (Path, bool) {
	if p.last == nil || p.last.up == nil {
		return Path{}, false
	}
	return Path{p.last.up}, true
}

// Top is the attribute of the item that the path names or leads into.
func (p Path) Top() Path {
	for p.last != nil && p.last.up != nil {
		p.last = p.last.up
	}
	return p
}

// Attribute is the name, in the table, of the attribute of the item that the path names or leads into.
func (p Path) Attribute() string {
	if top := p.Top(); top.last != nil {
		return top.last.name
	}
	return ""
}

// FieldOf is the struct field that the path ends in; nil for list elements, map values and plain attributes.
func (p Path) FieldOf() *schema.Field {
	if p.last == nil {
		return nil
	}
	return p.last.field
}

// Value is the codec of what the path names; nil for a plain attribute.
func (p Path) Value() *codec.Value { return p.last.value }

// Err says why the path cannot be used; nil for most.
func (p Path) Err() error {
	if p.last == nil {
		return general(ErrInvalid, "a path is missing; make it with the functions of package expr")
	}
	return p.last.err
}

// Equal reports whether both paths name the same thing in the item.
func (p Path) Equal(q Path) bool {
	return p.last != nil && q.last != nil && p.last.depth == q.last.depth && p.Overlaps(q)
}

// Overlaps reports whether the paths are equal, or one of them leads into the other.
func (p Path) Overlaps(q Path) bool {
	a, b := p.last, q.last
	if a == nil || b == nil {
		return false
	}
	for a.depth > b.depth {
		a = a.up
	}
	for b.depth > a.depth {
		b = b.up
	}
	for ; a != nil; a, b = a.up, b.up {
		// A struct member and a map value are the same thing in the table: a name within a map.
		if (a.kind == listIndex) != (b.kind == listIndex) || a.name != b.name || a.index != b.index {
			return false
		}
	}
	return true
}

// steps lists the steps from the item inwards.
func (p Path) steps() []*step {
	all := make([]*step, 0, p.last.depth)
	for s := p.last; s != nil; s = s.up {
		all = append(all, s)
	}
	slices.Reverse(all)
	return all
}

// InList reports whether the path leads to or through an element of a list, whose index may come to name another.
func (p Path) InList() bool {
	for s := p.last; s != nil; s = s.up {
		if s.kind == listIndex {
			return true
		}
	}
	return false
}
