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
	Name     string   // the type name that rows carry
	Overlaps []string // entities whose keys may equal this one's, by agreement
	PK, SK   *Template
	Indexes  []*Index

	TypeRef   *Ref   // the field that is the discriminator, if one is
	Required  []*Ref // fields that may not be written empty, outermost fields only
	Immutable []*Ref // fields that may not change once they are written
	Version   *Ref   // the field that counts the writes of an item
	Created   *Ref   // the time of the item's first write
	Updated   *Ref   // the time of its last
	TTL       *Ref   // the time at which it expires
	Unique    []*Unique

	refs    map[string]*Ref
	keyRefs []*Ref
}

// Index is one index that the entity joins.
type Index struct {
	Name   string
	PK, SK *Template // SK is nil for an index without a sort key
	When   []Clause  // all must hold for an item to be in the index

	refs []*Ref
}

// Templates lists the templates of an index that there are.
func (x *Index) Templates() []*Template {
	if x.SK == nil {
		return []*Template{x.PK}
	}
	return []*Template{x.PK, x.SK}
}

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
	p.entity.Name = parts[0]
	if reason := badName(parts[0]); reason != "" {
		p.addf("entity", "the entity's name %s", reason)
	}
	for _, option := range parts[1:] {
		p.entityOption(option)
	}
	if _, given := tag.Lookup("when"); given {
		p.addf("entity", "when belongs to an index; the primary key is never left out")
	}
	if p.nativeKeys("entity", tag) {
		return
	}
	var pk, sk bool
	p.entity.PK, pk = p.key("entity", "pk", tag)
	p.entity.SK, sk = p.key("entity", "sk", tag)
	if !pk {
		p.addf("entity", `the entity has no partition key; add pk:"..." to its marker field`)
	}
	if !sk {
		p.addf("entity", `the entity has no sort key; add sk:"..." to its marker field (tables with a partition key alone are not available yet)`)
	}
}

func (p markerParser) entityOption(option string) {
	name, value, _ := strings.Cut(option, "=")
	switch name {
	case "overlaps":
		p.overlaps(value)
	case "was":
		p.addf("entity", `the option "was" is not available yet; remove it`)
	default:
		p.addf("entity", "unknown option %q%s; write overlaps=Name", option, hint(name, map[string]bool{"overlaps": true}))
	}
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

// nativeKeys refuses hash and range by name.
func (p markerParser) nativeKeys(at string, tag reflect.StructTag) bool {
	_, hash := tag.Lookup("hash")
	_, rng := tag.Lookup("range")
	if hash || rng {
		p.addf(at, "native keys (hash, range) are not available yet; declare key templates with pk and sk")
	}
	return hash || rng
}

func (p markerParser) declareIndex(name string, tag reflect.StructTag) {
	at := strings.TrimRight("index "+name, " ")
	if reason := badName(name); reason != "" {
		p.addf(at, "the index's name %s", reason)
	}
	if p.declared(at) {
		p.addf(at, "the index is declared twice; keep one marker field for it")
		return
	}
	if p.nativeKeys(at, tag) {
		return
	}
	x := &Index{Name: name}
	var pk, sk bool
	x.PK, pk = p.key(at, "pk", tag)
	x.SK, sk = p.key(at, "sk", tag)
	switch {
	case !pk && !sk:
		p.addf(at, "an index over attributes that are keys already is not available yet; declare its templates with pk and sk")
	case !pk:
		p.addf(at, `the index has no partition key; add pk:"..."`)
	}
	if when, given := tag.Lookup("when"); given {
		x.When = p.when(at, when)
	}
	if x.PK != nil && (x.SK != nil || !sk) {
		p.entity.Indexes = append(p.entity.Indexes, x)
	}
}

// key reads the template under pk or sk of a marker; nil where there is none or it is wrong.
func (p markerParser) key(at, key string, tag reflect.StructTag) (t *Template, given bool) {
	source, given := tag.Lookup(key)
	if !given {
		return nil, false
	}
	return p.parse(at+"."+key, source), true
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
