package schema

import (
	"reflect"
	"slices"
	"strings"
)

// KeyType is the type of a key attribute, as DynamoDB names it.
type KeyType string

// The types that a key attribute can have.
const (
	KeyString KeyType = "S"
	KeyNumber KeyType = "N"
	KeyBinary KeyType = "B"
)

// MaxNative is how many attributes each half of an index's key can have.
const MaxNative = 4

// Native makes the template of a key attribute that is a field's own: it renders no text, the attribute is there already. The
// reason says why the field's attribute cannot be a key.
func Native(ref *Ref) (t *Template, reason string) {
	if len(ref.Steps) != 1 {
		return nil, "is nested, and a key attribute stands at the top of an item; use a template"
	}
	if keyTypeOf(ref) == "" {
		return nil, "of type " + ref.Leaf().Type.String() + " is stored as no string, number or binary, and a key attribute is one of these"
	}
	m := &Member{Ref: ref, Native: true, Last: true}
	m.kind, _ = kindOf(ref.Type()) // a float has no text, and needs none here
	return &Template{
		Source: "{" + ref.Path + "}", Parts: []Part{{Member: m}}, members: []*Member{m},
		atoms: anyText(), // as far as text goes, a native key may be anything
	}, ""
}

func anyText() []atom {
	a := single(0, 0xFF)
	a.many = true
	return []atom{a}
}

// Native is the field whose own attribute the key is; nil where a text is rendered.
func (t *Template) Native() *Ref {
	if t == nil || !t.Parts[0].isNative() {
		return nil
	}
	return t.Parts[0].Member.Ref
}

func (p Part) isNative() bool { return p.Member != nil && p.Member.Native }

// Type is the type of the attribute that holds the key.
func (t *Template) Type() KeyType {
	if ref := t.Native(); ref != nil {
		return keyTypeOf(ref)
	}
	return KeyString
}

// Same reports whether two templates make the same key of the same item.
func (t *Template) Same(u *Template) bool {
	return t.Source == u.Source && t.Native() == u.Native()
}

// keyTypeOf is the type of the attribute that a field is stored as; empty where that cannot be a key.
func keyTypeOf(ref *Ref) KeyType {
	t, tag := ref.Type(), ref.Leaf().Tag
	switch k := t.Kind(); {
	case IsOpaque(t) || tag.Set != NoSet || k == reflect.Interface:
		return ""
	case isTime(t) && tag.UnixTime:
		return KeyNumber
	case isTime(t):
		return KeyString
	case isNumberText(t) || isNumber(k):
		if tag.AsString {
			return KeyString
		}
		return KeyNumber
	case k == reflect.String:
		return KeyString
	case isBytes(t):
		return KeyBinary
	}
	return ""
}

// omits reports whether the tags leave a value out of the item: a zero that counts as present in key text has no attribute then.
func (m *Member) omits(v reflect.Value) bool {
	return m.Ref.Leaf().Tag.OmitEmpty && (v.IsZero() || v.CanFloat() && v.Float() == 0) // -0 is no zero to reflect
}

// Present reports whether a value, as [Ref.Value] found it, gives the member a place in its key.
func (m *Member) Present(v reflect.Value) bool {
	return Present(v) && !(m.Native && m.omits(v))
}

// AlwaysPresent reports whether every entity has the member, whatever its fields hold.
func (m *Member) AlwaysPresent() bool {
	return m.Ref.AlwaysPresent() && !(m.Native && m.Ref.Leaf().Tag.OmitEmpty)
}

// natives reads hash:"A,B" and range:"C" of a marker field.
func (p markerParser) natives(at, source string, limit int) []*Template {
	var out []*Template
	names := strings.Split(source, ",")
	if len(names) > limit {
		p.addf(at, "%d fields are named, and %d is the most; name fewer", len(names), limit)
		return nil
	}
	seen := map[string]bool{}
	for _, name := range names {
		name = strings.TrimSpace(name)
		ref, reason := p.entity.ref(name)
		if ref == nil {
			p.addf(at, "%s", reason)
			continue
		}
		t, reason := Native(ref)
		switch {
		case reason != "":
			p.addf(at, "field %s %s", name, reason)
		case seen[name]:
			p.addf(at, "field %s is named twice; remove one", name)
		default:
			out = append(out, t)
		}
		seen[name] = true
	}
	if len(out) < len(names) {
		return nil
	}
	return out
}

// Complete is the index with the halves of its key that its marker leaves out.
func (x *Index) Complete(hash, rng []*Template) *Index {
	whole := &Index{Name: x.Name, Hash: hash, Range: rng, When: x.When}
	whole.refs = slices.Clip(whole.listRefs())
	return whole
}

// ByAttribute finds the entity's one Ref for the field with an attribute name; nil where there is none, or where its Go name means
// another field.
func (e *Entity) ByAttribute(attr string) *Ref {
	f := e.ByAttr(attr)
	if f == nil || e.ByName(f.Name) != f {
		return nil
	}
	return e.refs[f.Name]
}

// Successor is the least text above every text that begins with the prefix; there is none for the highest.
func Successor(prefix string) (string, bool) { return successor(prefix) }

// Open is the member as if more followed it in its template, as it does in the keys of other types.
func (m *Member) Open() *Member {
	if m.Raw {
		return m // how a raw text ends, its own template alone can say
	}
	open := *m
	open.Last = false
	return &open
}

// Behind is the last text of those that are the given one, which ends with a whole value of the member, or go on behind it: no key
// equals it. A raw value goes on with the delimiter; texts that go on with a byte below that are taken in.
func (m *Member) Behind(text string) string {
	if m.Raw {
		hi, _ := successor(text + string(rune(delimiter)))
		return hi
	}
	return text + string(rune(escapeLast))
}
