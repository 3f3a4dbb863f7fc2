package repo

import (
	"fmt"
	"slices"

	"github.com/monotable/monotable/internal/schema"
)

// primary binds the primary key of the type to that of the table.
func (b *binder) primary(e *entity) {
	e.primary = []keyAttribute{{e.table.Key.Hash, e.PK}}
	switch {
	case e.SK == nil && e.table.Key.Range != "":
		b.add("entity", "the table has the sort key \""+e.table.Key.Range+"\", and the entity none; add sk:\"...\" or range:\"Field\", or leave Table.Key.Range out")
	case e.SK != nil && e.table.Key.Range == "":
		b.add("entity", "the table has no sort key; remove sk or range from the entity, or name the attribute in Table.Key.Range")
	case e.SK != nil:
		e.primary = append(e.primary, keyAttribute{e.table.Key.Range, e.SK})
	}
	for _, k := range e.primary {
		b.named("entity", k)
	}
}

// named checks that the attribute of a native key is the one that the table names.
func (b *binder) named(at string, k keyAttribute) {
	if ref := k.template.Native(); ref != nil && ref.Leaf().Attr != k.name {
		b.add(at, "the key is field "+ref.Path+", which is stored as \""+ref.Leaf().Attr+"\", and the table names it \""+k.name+"\"; use one name for both")
	}
}

// indexes binds the indexes that the type declares, and then, for Query.Index, those of the table that it does not declare and that
// are made of attributes whose keys are known.
func (b *binder) indexes(e *entity) {
	known := map[string]*schema.Template{}
	for _, k := range e.primary {
		known[k.name] = k.template
	}
	for _, x := range e.Indexes {
		b.know(known, x, e.table.index(x.Name))
	}
	for _, x := range e.Indexes {
		if bound, ok := b.index(x, e, known); ok {
			e.indexes = append(e.indexes, bound)
		}
	}
	for i := range e.table.Indexes {
		in := &e.table.Indexes[i]
		if slices.ContainsFunc(e.Indexes, func(x *schema.Index) bool { return x.Name == in.Name }) {
			continue
		}
		hash, rng := resolved(known, in.Hash), resolved(known, in.Range)
		if hash != nil && (rng != nil || len(in.Range) == 0) {
			e.others = append(e.others, bindIndex(&schema.Index{Name: in.Name}, in, hash, rng))
		}
	}
}

// know notes which template makes which attribute, as far as an index's marker says so.
func (b *binder) know(known map[string]*schema.Template, x *schema.Index, in *Index) {
	if in == nil {
		return
	}
	for _, half := range []struct {
		templates []*schema.Template
		names     []string
	}{{x.Hash, in.Hash}, {x.Range, in.Range}} {
		for i, t := range half.templates {
			if i < len(half.names) && known[half.names[i]] == nil {
				known[half.names[i]] = t
			}
		}
	}
}

// resolved lists the templates of attributes; nil where one is not known.
func resolved(known map[string]*schema.Template, names []string) []*schema.Template {
	var out []*schema.Template
	for _, name := range names {
		t := known[name]
		if t == nil {
			return nil
		}
		out = append(out, t)
	}
	return out
}

// bindIndex joins the templates of an index to its attributes.
func bindIndex(x *schema.Index, in *Index, hash, rng []*schema.Template) boundIndex {
	bound := boundIndex{Index: x.Complete(hash, rng), hash: len(hash), table: in}
	for i, t := range bound.Templates() {
		bound.keys = append(bound.keys, keyAttribute{slices.Concat(in.Hash, in.Range)[i], t})
	}
	return bound
}

// index binds an index that the type declares.
func (b *binder) index(x *schema.Index, e *entity, known map[string]*schema.Template) (boundIndex, bool) {
	at := "index " + x.Name
	in := e.table.index(x.Name)
	if in == nil {
		b.add(at, "the table has no such index; add repo.Index{Name: \""+x.Name+"\"} to Table.Indexes")
		return boundIndex{}, false
	}
	before := len(b.problems)
	hash := b.half(half{at, "partition key", "pk", "hash", "Hash"}, x.Hash, in.Hash, e, known)
	rng := b.half(half{at, "sort key", "sk", "range", "Range"}, x.Range, in.Range, e, known)
	if len(b.problems) > before || len(hash) == 0 {
		return boundIndex{}, false // without a partition key it is the table's own problem
	}
	bound := bindIndex(x, in, hash, rng)
	for _, k := range bound.keys {
		b.named(at, k)
	}
	return bound, true
}

// half is one half of an index's key, in the words of tags and of [Index].
type half struct{ at, name, text, native, of string }

// half finds the templates of one half of an index's key: those that its marker declares or, where it leaves the half out, those
// of the primary key, or the fields that are stored under these names. An attribute that another index writes is not among them: that
// index may leave it out.
func (b *binder) half(h half, declared []*schema.Template, names []string, e *entity, known map[string]*schema.Template) []*schema.Template {
	switch {
	case len(declared) > 0 && len(names) == 0:
		b.add(h.at, "the table's index has no "+h.name+"; remove "+h.text+", or name its attribute in "+h.of)
		return nil
	case len(declared) > 0 && len(declared) != len(names):
		b.add(h.at, fmt.Sprintf("its %s is made of %d, and the table's index names %d attributes for it in %s; make them as many", h.name, len(declared), len(names), h.of))
		return nil
	case len(declared) > 0:
		return declared
	}
	var out []*schema.Template
	for _, name := range names {
		t := known[name]
		if t != nil && t.Native() == nil && !slices.Contains(e.table.keyAttributes(), name) {
			b.add(h.at, "its "+h.name+" \""+name+"\" is written by another index; repeat its template with "+h.text)
			continue
		}
		if ref := e.ByAttribute(name); t == nil && ref != nil {
			var reason string
			if t, reason = schema.Native(ref); reason != "" {
				b.add(h.at, "its "+h.name+" \""+name+"\" is the attribute of field "+ref.Path+", which "+reason)
				continue
			}
		}
		if t == nil {
			b.add(h.at, "the table's index has the "+h.name+" \""+name+"\", which is neither a key of the entity nor a field, and an item without it is not in the index; add "+h.text+":\"...\" or "+h.native+":\"Field\"")
			continue
		}
		out = append(out, t)
	}
	return out
}

// isNative reports whether an attribute is a key that is a field's own.
func (e *entity) isNative(attr string) bool {
	return slices.ContainsFunc(e.keyAttributes(), func(k keyAttribute) bool { return k.name == attr && k.native() })
}

// keyType is the type of a key attribute; a text where no key of the entity is stored in it.
func (e *entity) keyType(attr string) (schema.KeyType, bool) {
	for _, k := range e.keyAttributes() {
		if k.name == attr {
			return k.template.Type(), true
		}
	}
	return schema.KeyString, false
}
