package schema

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Entity is what a struct with marker fields declares.
type Entity struct {
	*Struct
	Name     string    // the type name that rows carry
	Was      []string  // names that they carried before, the last one first
	First    string    // the first of all these names
	Overlaps []string  // entities whose keys may equal this one's, by agreement
	PK, SK   *Template // SK is nil for a table without a sort key
	Indexes  []*Index

	TypeRef   *Ref   // the field that is the discriminator, if one is
	Required  []*Ref // fields that may not be written empty, outermost fields only
	Immutable []*Ref // fields that may not change once they are written
	Version   *Ref   // the field that counts the writes of an item
	// VersionOptional is that items may lack the version: they were written before there was one.
	VersionOptional bool
	Created         *Ref // the time of the item's first write
	Updated         *Ref // the time of its last
	TTL             *Ref // the time at which it expires
	Unique          []*Unique
	Renames         []Rename // fields whose attributes had other names, in the order of the fields

	refs    map[string]*Ref
	keyRefs []*Ref
}

// Index is one index that the entity joins.
type Index struct {
	Name        string
	Hash, Range []*Template // a half that the marker leaves out is empty: the table's attributes say what it is
	When        []Clause    // all must hold for an item to be in the index

	refs []*Ref
}

// Templates lists the templates of an index, the partition key's first.
func (x *Index) Templates() []*Template { return slices.Concat(x.Hash, x.Range) }

// Refs lists every field that decides about the index: members of its templates and fields of its when. The slice must not be
// changed.
func (x *Index) Refs() []*Ref { return x.refs }

func (x *Index) listRefs() []*Ref {
	var out []*Ref
	for _, t := range x.Templates() {
		out = appendRefs(out, t)
	}
	for _, c := range x.When {
		if !slices.Contains(out, c.Ref) {
			out = append(out, c.Ref)
		}
	}
	return out
}

// appendRefs adds the fields of a template to a list that names each once.
func appendRefs(list []*Ref, t *Template) []*Ref {
	for _, m := range t.Members() {
		if !slices.Contains(list, m.Ref) {
			list = append(list, m.Ref)
		}
	}
	return list
}

// KeyRefs lists the fields of the primary key. The slice must not be changed.
func (e *Entity) KeyRefs() []*Ref { return e.keyRefs }

// Ref finds the field with a dotted path among those that templates, clauses and roles name; nil where none does.
func (e *Entity) Ref(path string) *Ref { return e.refs[path] }

type entityResult struct {
	*Entity
	problems Problems
}

var entities sync.Map // reflect.Type -> entityResult

// EntityOf reads what a struct type declares. The result is cached, so that equal types give the same *Entity. The error is a
// [Problems] with all that is wrong with the type.
func EntityOf(t reflect.Type) (*Entity, error) {
	cached, ok := entities.Load(t)
	if !ok {
		e, problems := readEntity(t)
		cached, _ = entities.LoadOrStore(t, entityResult{e, problems})
	}
	result := cached.(entityResult)
	if len(result.problems) > 0 {
		return nil, result.problems
	}
	return result.Entity, nil
}

func readEntity(t reflect.Type) (*Entity, Problems) {
	s := structOf(t)
	r := &report{typ: t.String(), problems: slices.Clone(s.problems)}
	e := &Entity{Struct: s.Struct, refs: map[string]*Ref{}}
	if t.Kind() != reflect.Struct {
		return e, r.problems
	}
	p := markerParser{templateParser: templateParser{r, e}, seen: map[string]bool{}}
	for i := range t.NumField() {
		if sf := t.Field(i); sf.Name == "_" && sf.Tag != "" {
			p.marker(sf.Tag)
		}
	}
	if !p.seen["entity"] && !p.seen["_"] {
		r.addf("", "no entity is declared; add a marker field: _ struct{} `entity:\"%s\" pk:\"...\" sk:\"...\"`", t.Name())
	}
	p.roles()
	for _, f := range e.Fields {
		_, _ = e.ref(f.Name) // what a table makes a key of must be known before the entity is shared
	}
	e.keyRefs = slices.Clip(appendRefs(appendRefs(nil, e.PK), e.SK)) // nobody appends to what all share
	for _, x := range e.Indexes {
		x.refs = slices.Clip(x.listRefs())
	}
	return e, r.problems
}

// markerParser reads the blank marker fields of one entity. What was declared is seen even where it was wrong, so that its absence
// is not reported as well.
type markerParser struct {
	templateParser
	seen map[string]bool // "entity", "index gsi1", and "_" for a marker that is neither
}

// declared takes in a declaration, and reports a second one.
func (p markerParser) declared(at string) (again bool) {
	again = p.seen[at]
	p.seen[at] = true
	return again
}

// marker reads one blank field: an entity, or an index.
func (p markerParser) marker(tag reflect.StructTag) {
	before := len(p.problems)
	keys := tagKeys(p.report, "_", tag)
	if len(p.problems) == before && !slices.ContainsFunc(keys, ours) {
		return // other libraries have blank fields of their own
	}
	for _, key := range keys {
		if !markerKeys[key] {
			p.addf("_", "unknown key %q on a marker field%s; the keys are %s", key, markerHint(key), list(markerKeys))
		}
	}
	entity, isEntity := tag.Lookup("entity")
	index, isIndex := tag.Lookup("index")
	p.seen["_"] = p.seen["_"] || isEntity == isIndex
	switch {
	case isEntity && isIndex:
		p.addf("_", "a marker field declares the entity or an index, not both; use two marker fields")
	case isEntity:
		p.declareEntity(entity, tag)
	case isIndex:
		p.declareIndex(index, tag)
	default:
		p.addf("_", `a marker field needs entity:"Name" or index:"name"`)
	}
}

// markerWords are other words for the keys of a marker field.
var markerWords = map[string]string{
	"partition": "pk", "partitionkey": "pk", "partition_key": "pk", "hashkey": "pk", "hash_key": "pk",
	"sort": "sk", "sortkey": "sk", "sort_key": "sk", "rangekey": "sk", "range_key": "sk",
	"gsi": "index", "lsi": "index", "idx": "index", "name": "entity", "type": "entity", "table": "entity", "if": "when", "where": "when",
}

// ours reports whether a key is one of a marker field, or looks like one.
func ours(key string) bool { return markerKeys[key] || markerHint(key) != "" }

func markerHint(key string) string {
	if word := markerWords[strings.ToLower(key)]; word != "" {
		return meant(word)
	}
	return hint(key, markerKeys)
}

func (p markerParser) declareEntity(text string, tag reflect.StructTag) {
	if p.declared("entity") {
		p.addf("entity", "the entity is declared twice; keep one marker field with entity:\"...\"")
		return
	}
	parts := strings.Split(text, ",")
	p.entity.Name, p.entity.First = parts[0], parts[0]
	if reason := badName(parts[0]); reason != "" {
		p.addf("entity", "the entity's name %s", reason)
	}
	var was []string
	for _, option := range parts[1:] {
		was = append(was, p.entityOption(option)...)
	}
	p.was(was)
	if _, given := tag.Lookup("when"); given {
		p.addf("entity", "when belongs to an index; the primary key is never left out")
	}
	if hash, given := p.half("entity", "pk", "hash", 1, tag); len(hash) > 0 {
		p.entity.PK = hash[0]
	} else if !given {
		p.addf("entity", `the entity has no partition key; add pk:"..." or hash:"Field" to its marker field`)
	}
	if rng, _ := p.half("entity", "sk", "range", 1, tag); len(rng) > 0 {
		p.entity.SK = rng[0]
	}
}

// entityOption reads one option of the entity, and returns the former name that it gives, if it gives one.
func (p markerParser) entityOption(option string) (was []string) {
	name, value, _ := strings.Cut(option, "=")
	switch name {
	case "overlaps":
		p.overlaps(value)
	case "was":
		return []string{value}
	default:
		p.addf("entity", "unknown option %q%s; write overlaps=Name or was=Name", option, hint(name, map[string]bool{"overlaps": true, "was": true}))
	}
	return nil
}

func (p markerParser) overlaps(name string) {
	reason := badName(name)
	switch {
	case reason != "":
		p.addf("entity", "overlaps: the other entity's name %s", reason)
	case name == p.entity.Name:
		p.addf("entity", "overlaps names the entity itself; name the other one")
	case slices.Contains(p.entity.Overlaps, name):
		p.addf("entity", "overlaps=%s is given twice; remove one", name)
	default:
		p.entity.Overlaps = append(p.entity.Overlaps, name)
	}
}

// half reads one half of a key: a template, or the fields whose own attributes it is made of.
func (p markerParser) half(at, text, native string, limit int, tag reflect.StructTag) (key []*Template, given bool) {
	names, isNative := tag.Lookup(native)
	source, isText := tag.Lookup(text)
	switch {
	case isNative && isText:
		p.addf(at, "%s makes the key a text and %s an attribute of a field; keep one", text, native)
	case isNative:
		key = p.natives(at+"."+native, names, limit)
	case isText:
		if t := p.parse(at+"."+text, source); t != nil {
			key = []*Template{t}
		}
	}
	return key, isNative || isText
}

func (p markerParser) declareIndex(name string, tag reflect.StructTag) {
	at := strings.TrimRight("index "+name, " ")
	if reason := badName(name); reason != "" {
		p.addf(at, "the index's name %s", reason)
	}
	again := p.declared(at)
	if again {
		p.addf(at, "the index is declared twice; keep one marker field for it")
	}
	x := &Index{Name: name}
	var hash, rng bool
	x.Hash, hash = p.half(at, "pk", "hash", MaxNative, tag)
	x.Range, rng = p.half(at, "sk", "range", MaxNative, tag)
	if when, given := tag.Lookup("when"); given {
		x.When = p.when(at, when)
	}
	if !again && (len(x.Hash) > 0 || !hash) && (len(x.Range) > 0 || !rng) {
		p.entity.Indexes = append(p.entity.Indexes, x)
	}
}

// badName says why a text cannot name an entity or an index.
func badName(name string) string {
	switch {
	case name == "":
		return "is empty; write one"
	case !utf8.ValidString(name):
		return "is not valid UTF-8; correct it"
	case name == "$UNIQUE":
		return "is kept for unique guards; choose another"
	case strings.TrimSpace(name) != name:
		return "begins or ends with a space; remove it"
	}
	return ""
}
