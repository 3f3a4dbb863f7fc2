package schema

import (
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// Rename is a field whose attribute had other names before.
type Rename struct {
	Ref   *Ref
	Was   []string // the names before this one, the last one first
	First string   // the first name that it ever had
}

// history sorts out a list of former names, the latest first. A name that is the present one is no former name: it may only stand
// last, behind another, and says that the first name is back. The reason is what is wrong with a name of the list.
func history(now string, list []string) (was []string, first, reason string) {
	for i, name := range list {
		switch {
		case slices.Contains(list[:i], name):
			return nil, name, "is given twice; remove one"
		case name != now:
			was = append(was, name)
		case i == 0 || i < len(list)-1:
			return nil, name, "is its name now; list former names, and this one only as the last, where the first name is back"
		}
		first = name
	}
	return was, first, ""
}

// was takes in the former names of the entity.
func (p markerParser) was(list []string) {
	e := p.entity
	for _, name := range list {
		if reason := badName(name); reason != "" {
			p.addf("entity", "was: the former name %s", reason)
			return
		}
		if slices.Contains(e.Overlaps, name) {
			p.addf("entity", "was=%s is another entity, as overlaps has it; remove one of them", name)
		}
	}
	was, first, reason := history(e.Name, list)
	if reason != "" {
		p.addf("entity", "was=%s %s", first, reason)
		return
	}
	if e.Was = was; first != "" {
		e.First = first
	}
}

// renamed takes in the former names of one field's attribute.
func (p markerParser) renamed(f *Field, ref *Ref, list []string) {
	for _, name := range list {
		if name == "" || !utf8.ValidString(name) {
			p.addf(f.Name, "was= names no attribute; write was=old_name")
			return
		}
	}
	was, first, reason := history(f.Attr, list)
	if reason != "" {
		p.addf(f.Name, "was=%s %s", first, reason)
		return
	}
	p.entity.Renames = append(p.entity.Renames, Rename{Ref: ref, Was: was, First: first})
}

// nestedNames refuses former names below the fields of the entity: nobody would read them, and values under them would be lost.
func (p markerParser) nestedNames() {
	for _, f := range p.entity.Fields {
		if path := renamedBelow(f.Type, f.Name); path != "" {
			p.addf(f.Name, "was: %s has a former name, and only attributes of the entity itself can have one; keep the old name in its dynamodbav tag", path)
		}
	}
}

// renamedBelow is the path of a field with a former name in what is stored of a type; "" where there is none.
func renamedBelow(t reflect.Type, path string) string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || IsTime(t) || IsOpaque(t) {
		return ""
	}
	s, err := StructOf(t)
	if err != nil {
		return "" // which is said of the entity's struct
	}
	for _, f := range s.Fields {
		at := path + "." + f.Name
		if f.hasRole("was") {
			return at
		}
		if below := renamedBelow(f.Type, at); below != "" {
			return below
		}
	}
	return ""
}

// renames checks former names against all else that the entity declares.
func (p markerParser) renames() {
	e := p.entity
	owners := map[string]*Field{}
	for _, f := range e.Fields {
		owners[strings.ToLower(f.Attr)] = f
	}
	for _, r := range e.Renames {
		f := r.Ref.Leaf()
		for _, name := range r.Was {
			other := owners[strings.ToLower(name)]
			if other != nil && other != f {
				p.addf(f.Name, "was=%s is the attribute of field %s as well, or differs from it only in case; an attribute has one meaning: rename one", name, other.Name)
			}
			owners[strings.ToLower(name)] = f
		}
		if r.Ref == e.TypeRef {
			p.addf(f.Name, "the discriminator cannot be renamed: rows are told apart by it; remove was")
		}
		if p.native(r.Ref) {
			p.addf(f.Name, "the attribute is itself a key, and rows under another name would not be in the index; remove was")
		}
	}
	if ref := e.TypeRef; ref != nil && len(e.Was) > 0 && p.inKey(ref) {
		p.addf(ref.Path, "the discriminator changes with the entity's name, and a key is made of it; write the name into the template")
	}
}

// native reports whether a field's own attribute is declared as a key.
func (p markerParser) native(ref *Ref) bool {
	return slices.ContainsFunc(p.templates(), func(t *Template) bool { return t.Native() == ref })
}

// inKey reports whether a key, a when or a guard is made of a field.
func (p markerParser) inKey(ref *Ref) bool {
	for _, x := range p.entity.Indexes {
		if slices.ContainsFunc(x.When, func(c Clause) bool { return c.Ref == ref }) {
			return true
		}
	}
	for _, u := range p.entity.Unique {
		if slices.ContainsFunc(u.Members, func(m *Member) bool { return m.Ref == ref }) {
			return true
		}
	}
	return slices.ContainsFunc(p.templates(), func(t *Template) bool {
		return slices.ContainsFunc(t.Members(), func(m *Member) bool { return m.Ref == ref })
	})
}

// templates lists all templates of the entity.
func (p markerParser) templates() []*Template {
	var out []*Template
	for _, t := range []*Template{p.entity.PK, p.entity.SK} {
		if t != nil {
			out = append(out, t)
		}
	}
	for _, x := range p.entity.Indexes {
		out = append(out, x.Templates()...)
	}
	return out
}
