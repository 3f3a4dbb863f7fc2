package repo

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/schema"
)

// entity is a type bound to a table: all that a repository knows but its T, its client and its view.
type entity struct {
	*schema.Entity
	codec   *codec.Struct
	table   *Table
	primary []keyAttribute // partition key, then sort key
	indexes []boundIndex   // in the order declared
	others  []boundIndex   // indexes of the table that the type does not declare, as far as its keys and fields make them
	natives []nativeKey    // of indexes
	canon   map[*schema.Ref]*codec.Value
	paths   map[*schema.Ref]ast.Path // of the same fields, and of those with roles

	// Conditions of nearly every write.
	exists, missing *ast.Cond
	isOurs          *ast.Cond // that the item is of this entity, given that its key is; nil in a table without types
	called          []string  // the values of the type attribute that mean this entity
}

// keyAttribute is an attribute of a key, and the template that it is made by.
type keyAttribute struct {
	name     string
	template *schema.Template
}

// native reports whether the attribute is a field's own.
func (k keyAttribute) native() bool { return k.template.Native() != nil }

// boundIndex is an index of the entity with the attributes that hold its keys.
type boundIndex struct {
	*schema.Index
	keys  []keyAttribute // those of the partition key, then those of the sort key
	hash  int            // how many are the partition key's
	table *Index
}

// bind checks a type against a table and reports all that is wrong with both.
func bind(t reflect.Type, table *Table) (*entity, schema.Problems) {
	problems := table.problems()
	declared, err := schema.EntityOf(t)
	var wrong schema.Problems
	if errors.As(err, &wrong) {
		return nil, append(slices.Clone(wrong), problems...)
	}
	b := binder{t.String(), problems}
	e := &entity{Entity: declared, table: table, canon: map[*schema.Ref]*codec.Value{}}
	b.primary(e)
	b.indexes(e)
	b.attributes(e)
	b.former(e)
	b.shared(e)
	b.tellable(e)
	b.codecs(e)
	e.prepare()
	if len(b.problems) > 0 {
		return nil, b.problems
	}
	return e, nil
}

// binder collects what does not fit between a type and a table.
type binder struct {
	typ      string
	problems schema.Problems
}

func (b *binder) add(field, text string) {
	b.problems = append(b.problems, schema.Problem{Type: b.typ, Field: field, Text: text})
}

// attributes checks the names of the type's attributes against those that the table keeps for itself.
func (b *binder) attributes(e *entity) {
	owners := e.table.owners()
	for _, f := range e.Fields {
		attr, owner := foldedOwner(owners, f.Attr)
		switch {
		case attr == "":
		case attr == e.table.TypeAttribute && attr == f.Attr && e.TypeRef != nil && e.TypeRef.Leaf() == f:
		case attr == f.Attr && e.isNative(attr):
		case attr == f.Attr:
			b.add(f.Name, "attribute \""+f.Attr+"\" is "+owner+"; rename the field's attribute"+e.table.declareAs(f.Attr))
		default:
			b.add(f.Name, "attribute \""+f.Attr+"\" differs only in case from \""+attr+"\", "+owner+"; rename the field's attribute")
		}
	}
	if ref := e.TypeRef; ref != nil && ref.Leaf().Attr != e.table.TypeAttribute {
		b.add(ref.Path, "the field is the discriminator, and the table keeps that in \""+e.table.TypeAttribute+"\"; set Table.TypeAttribute to \""+ref.Leaf().Attr+"\"")
	}
}

// shared checks that templates which meet in one attribute are the same: the attribute can hold one key only.
func (b *binder) shared(e *entity) {
	by := map[string]keyAttribute{}
	for _, k := range e.keyAttributes() {
		if other, ok := by[k.name]; ok && e.table.Key.Hash != e.table.Key.Range && !other.template.Same(k.template) {
			b.add("", "attribute \""+k.name+"\" is written by the templates \""+other.template.Source+"\" and \""+k.template.Source+"\", which disagree; an index that shares a key attribute repeats its template")
		}
		by[k.name] = k
	}
}

// tellable checks that the rows of entities whose keys may meet can be told apart, and that a when can keep an item out of its index.
func (b *binder) tellable(e *entity) {
	if len(e.Overlaps) > 0 && !e.table.typed() {
		b.add("", "keys of the entity may equal those of "+strings.Join(e.Overlaps, ", ")+", and in a table without a type attribute nothing tells their rows apart; set Table.TypeAttribute")
	}
	if len(e.Unique) > 0 && slices.ContainsFunc(e.primary, func(k keyAttribute) bool { return k.template.Type() != schema.KeyString }) {
		b.add(e.Unique[0].Ref.Path, "a unique guard is a row whose key is text, and the table has a key that is a number or binary; remove unique, or give the table string keys")
	}
	for _, x := range e.indexes {
		own := slices.ContainsFunc(x.keys, func(k keyAttribute) bool { return !k.native() && !slices.Contains(e.table.keyAttributes(), k.name) })
		if len(x.When) > 0 && !own {
			b.add("index "+x.Name, "all keys of the index are keys of the table or fields of their own, which stay in the item, so when cannot keep one out; remove it")
		}
	}
}

// keyAttributes lists every key attribute of the entity, primary key first; one that is shared stands more than once.
func (e *entity) keyAttributes() []keyAttribute {
	out := slices.Clone(e.primary)
	for _, x := range e.indexes {
		out = append(out, x.keys...)
	}
	return out
}

// codecs compiles the codec of the type and of every field that keys are made of.
func (b *binder) codecs(e *entity) {
	var err error
	if e.codec, err = codec.StructOf(e.Struct); err != nil {
		b.add("", "the type cannot be stored: "+err.Error())
		return
	}
	refs := append(e.KeyRefs(), e.uniqueRefs()...)
	for _, x := range slices.Concat(e.indexes, e.others) {
		refs = append(refs, x.Refs()...)
	}
	for _, r := range refs {
		if e.canon[r], err = codec.Of(r.Type(), r.Leaf().Tag); err != nil {
			b.add(r.Path, "the field cannot be stored: "+err.Error())
		}
	}
}

// prepare makes what every write uses: paths, and conditions. Rows without a type attribute are taken for this entity's, for their key
// is.
func (e *entity) prepare() {
	e.natives = e.nativeKeys()
	e.called = append([]string{e.Name}, e.Was...)
	hash := ast.Attr(e.table.Key.Hash)
	e.exists, e.missing = ast.Exists(hash), ast.NotExists(hash)
	if e.table.typed() {
		at := ast.Attr(e.table.TypeAttribute)
		e.isOurs = ast.Or(ast.NotExists(at), ast.Compare(ast.OpEq, at, text(e.Name)))
		if len(e.Was) > 0 {
			e.isOurs = ast.Or(ast.NotExists(at), ast.In(at, texted(e.called)...))
		}
	}
	paths := map[*schema.Ref]ast.Path{}
	for ref := range e.canon {
		paths[ref] = e.pathOf(ref)
	}
	for _, ref := range slices.Concat([]*schema.Ref{e.TypeRef, e.Version, e.Created, e.Updated, e.TTL}, e.Required, e.Immutable) {
		if ref != nil {
			paths[ref] = e.pathOf(ref)
		}
	}
	e.paths = paths
}

// typeNames are the values of the type attribute that mean this entity: its name, and its former ones. The slice must not be changed.
func (e *entity) typeNames() []string { return e.called }

// texted makes operands of texts.
func texted(list []string) []ast.Operand {
	out := make([]ast.Operand, len(list))
	for i, s := range list {
		out[i] = text(s)
	}
	return out
}
