package schema

import (
	"reflect"
	"slices"
	"strings"
)

// candidate is a field that may be visible: an outer one of the same attribute name hides it.
type candidate struct {
	*Field
	tagged bool
}

// level is a struct whose fields are promoted: the type itself, or one that is embedded in it.
type level struct {
	typ      reflect.Type
	index    []int
	optional bool           // behind an embedded pointer
	above    []reflect.Type // the structs that it is embedded in, and itself
}

// collector lists the fields of one struct type.
type collector struct {
	*report
	at    string
	found []candidate
}

// collect lists the fields of a struct and of the structs embedded in it, breadth first, as attributevalue does.
func (c *collector) collect(t reflect.Type) []candidate {
	for queue := []level{{typ: t, above: []reflect.Type{t}}}; len(queue) > 0; queue = queue[1:] {
		queue = append(queue, c.fields(queue[0])...)
	}
	return c.found
}

// fields lists the fields of one level, and returns the levels embedded in it.
func (c *collector) fields(l level) (embedded []level) {
	for i := range l.typ.NumField() {
		sf := l.typ.Field(i)
		at := join(c.at, sf.Name)
		if sf.Name == "_" || !c.readable(at, sf) {
			continue
		}
		name, tag, skipped := parseTag(c.report, at, sf)
		if skipped {
			c.skipped(at, sf)
			continue
		}
		index := append(slices.Clip(l.index), i)
		inner, behindPointer := sf.Type, false
		if inner.Kind() == reflect.Pointer {
			inner, behindPointer = inner.Elem(), true
		}
		promotes := sf.Anonymous && name == "" && inner.Kind() == reflect.Struct && !isTime(inner) && !IsOpaque(inner)
		switch {
		case promotes && !sf.IsExported() && behindPointer:
			c.addf(at, "an embedded pointer to an unexported struct cannot be filled on reading; embed the struct itself")
		case promotes && slices.Contains(l.above, inner):
			c.addf(at, "type %s embeds itself; remove the field", inner)
		case promotes:
			embedded = append(embedded, level{inner, index, l.optional || behindPointer, append(slices.Clip(l.above), inner)})
		case !sf.IsExported():
			c.addf(at, "the embedded type is unexported, so it cannot be stored as an attribute; give it a field name that is exported")
		default:
			f := newField(sf, name, tag, index)
			f.optional = l.optional
			c.found = append(c.found, candidate{f, name != ""})
		}
	}
	return embedded
}

func newField(sf reflect.StructField, name string, tag Tag, index []int) *Field {
	f := &Field{Name: sf.Name, Attr: name, Index: index, Type: sf.Type, Tag: tag, roleText: sf.Tag.Get("repo")}
	if name == "" {
		f.Attr = sf.Name
	}
	if f.hasRole("ttl") {
		f.Tag.OmitEmpty = true // an item that never expires has no such attribute
	}
	return f
}

// readable reports whether the field can be an attribute, or be embedded for its fields, and complains about tags where they
// have no effect or are misspelt.
func (c *collector) readable(at string, sf reflect.StructField) bool {
	checkTagKeys(c.report, at, sf)
	if sf.IsExported() || sf.Anonymous && indirect(sf.Type).Kind() == reflect.Struct {
		return true
	}
	if text := sf.Tag.Get("dynamodbav"); text != "" && text != "-" || sf.Tag.Get("repo") != "" {
		c.addf(at, "the field is unexported, so its tags have no effect; export it or remove them")
	}
	return false
}

func (c *collector) skipped(at string, sf reflect.StructField) {
	if sf.Tag.Get("repo") != "" {
		c.addf(at, `the field is left out by dynamodbav:"-", so its repo tag has no effect; remove one`)
	}
}

// nearMisses are tag keys that are probably meant as one of ours. The tags of other mappers are none of our business.
var nearMisses = map[string]string{
	"dynamodb": "dynamodbav", "dynamodbv": "dynamodbav", "dynamoav": "dynamodbav", "dynamobav": "dynamodbav",
	"dynamodbavs": "dynamodbav", "repos": "repo", "repository": "repo",
}

// misplaced are keys of marker fields that no other library is known to use on fields of its own. The others are: hash, index
// and range belong to well-known hashing, mapping and validating packages.
var misplaced = map[string]bool{"entity": true, "pk": true, "sk": true}

// checkTagKeys complains about tag keys that look like ours and about tags that Go itself cannot read.
func checkTagKeys(r *report, at string, sf reflect.StructField) {
	for _, key := range tagKeys(r, at, sf.Tag) {
		lower := strings.ToLower(key)
		word := nearMisses[lower]
		if lower != key && (lower == "dynamodbav" || lower == "repo") {
			word = lower
		}
		if word != "" {
			r.addf(at, "tag key %q is not known%s", key, meant(word))
		}
		if misplaced[lower] {
			r.addf(at, "tag %q belongs on a blank marker field: _ struct{} `entity:\"...\" pk:\"...\" sk:\"...\"`", key)
		}
	}
}

// visible lists the fields of a struct by Go's rules for embedding: the least nested field of an attribute name wins, among equals the
// tagged one, and a tie is an error here, where attributevalue drops both fields in silence.
func visible(r *report, at string, t reflect.Type) []*Field {
	c := collector{report: r, at: at}
	byAttr := map[string][]candidate{}
	for _, f := range c.collect(t) {
		byAttr[f.Attr] = append(byAttr[f.Attr], f)
	}
	var out []*Field
	for _, f := range c.found {
		group := byAttr[f.Attr]
		if group == nil {
			continue
		}
		delete(byAttr, f.Attr)
		winners := dominant(group)
		if len(winners) > 1 {
			r.addf(join(at, winners[0].Name), "attribute %q is declared twice, by %s; give each field a name of its own", f.Attr, paths(t, winners))
		}
		out = append(out, winners[0].Field)
	}
	slices.SortFunc(out, func(a, b *Field) int { return slices.Compare(a.Index, b.Index) })
	return out
}

// dominant chooses the visible one of several fields with one attribute name; several that are equal are a tie.
func dominant(group []candidate) []candidate {
	depth := len(slices.MinFunc(group, func(a, b candidate) int { return len(a.Index) - len(b.Index) }).Index)
	var top, tagged []candidate
	for _, c := range group {
		if len(c.Index) == depth {
			top = append(top, c)
			if c.tagged {
				tagged = append(tagged, c)
			}
		}
	}
	if len(tagged) > 0 {
		return tagged
	}
	return top
}

// paths names fields with the structs that they are embedded in: "Base.ID and Audit.ID".
func paths(t reflect.Type, group []candidate) string {
	var out []string
	for _, c := range group {
		path := ""
		for n := range c.Index {
			path = join(path, t.FieldByIndex(c.Index[:n+1]).Name)
		}
		out = append(out, path)
	}
	return strings.Join(out, " and ")
}
