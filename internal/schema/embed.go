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

// collect lists the fields of a struct and of the structs embedded in it, breadth first, as attributevalue does.
func collect(r *report, t reflect.Type) []candidate {
	type level struct {
		typ      reflect.Type
		index    []int
		optional bool // behind an embedded pointer
	}
	var found []candidate
	visited := map[reflect.Type]bool{}
	for next := []level{{typ: t}}; len(next) > 0; {
		current := next
		next = nil
		for _, l := range current {
			if visited[l.typ] {
				continue
			}
			visited[l.typ] = true
			for i := range l.typ.NumField() {
				sf := l.typ.Field(i)
				if sf.Name == "_" || !readable(r, sf) {
					continue
				}
				name, tag, skipped := parseTag(r, sf)
				if skipped {
					checkSkipped(r, sf)
					continue
				}
				index := append(l.index[:len(l.index):len(l.index)], i)
				inner := sf.Type
				if inner.Kind() == reflect.Pointer && inner.Name() == "" {
					inner = inner.Elem()
				}
				if sf.Anonymous && name == "" && inner.Kind() == reflect.Struct && !isTime(inner) && !IsOpaque(inner) {
					next = append(next, level{inner, index, l.optional || sf.Type.Kind() == reflect.Pointer})
					continue
				}
				f := newField(sf, name, tag, index)
				f.optional = l.optional
				found = append(found, candidate{f, name != ""})
			}
		}
	}
	return found
}

func newField(sf reflect.StructField, name string, tag Tag, index []int) *Field {
	f := &Field{Name: sf.Name, Attr: name, Index: index, Type: sf.Type, Tag: tag, roleText: sf.Tag.Get("repo")}
	if name == "" {
		f.Attr = sf.Name
	}
	if slices.Contains(strings.Split(f.roleText, ","), "ttl") {
		f.Tag.OmitEmpty = true // an item that never expires has no such attribute
	}
	return f
}

// readable reports whether the field can be an attribute, and complains about tags where they have no effect or are misspelt.
func readable(r *report, sf reflect.StructField) bool {
	tagged := sf.Tag.Get("dynamodbav") != "" || sf.Tag.Get("repo") != ""
	inner := indirect(sf.Type)
	if !sf.IsExported() && !(sf.Anonymous && inner.Kind() == reflect.Struct) {
		if tagged && sf.Tag.Get("dynamodbav") != "-" {
			r.addf(sf.Name, "the field is unexported, so its tags have no effect; export it or remove them")
		}
		return false
	}
	if !sf.IsExported() && sf.Type.Kind() == reflect.Pointer {
		r.addf(sf.Name, "an embedded pointer to an unexported struct cannot be filled on reading; embed the struct itself")
		return false
	}
	checkTagKeys(r, sf)
	return true
}

func checkSkipped(r *report, sf reflect.StructField) {
	if sf.Tag.Get("repo") != "" {
		r.addf(sf.Name, `the field is left out by dynamodbav:"-", so its repo tag has no effect; remove one`)
	}
}

// nearMisses are tag keys that are probably meant as one of ours. The tags of other mappers are none of our business.
var nearMisses = map[string]string{
	"dynamodb": "dynamodbav", "dynamodbv": "dynamodbav", "dynamoav": "dynamodbav", "dynamobav": "dynamodbav",
	"dynamodbavs": "dynamodbav", "repos": "repo", "repository": "repo",
}

// checkTagKeys complains about tag keys that look like ours and about tags that Go itself cannot read.
func checkTagKeys(r *report, sf reflect.StructField) {
	for _, key := range tagKeys(r, sf) {
		meant := nearMisses[strings.ToLower(key)]
		if lower := strings.ToLower(key); meant == "" && lower != key && (lower == "dynamodbav" || lower == "repo") {
			meant = lower
		}
		if meant != "" {
			r.addf(sf.Name, "tag key %q is not known (did you mean %q?)", key, meant)
		}
		if _, marker := markerKeys[strings.ToLower(key)]; marker {
			r.addf(sf.Name, "tag %q belongs on a blank marker field: _ struct{} `entity:\"...\" pk:\"...\" sk:\"...\"`", key)
		}
	}
}

// visible applies Go's rules for embedded fields: the least nested field of a name wins, among equals the tagged one, and a tie
// is an error here, where attributevalue drops both fields in silence.
func visible(r *report, at string, all []candidate) []*Field {
	byAttr := map[string][]candidate{}
	for _, c := range all {
		byAttr[c.Attr] = append(byAttr[c.Attr], c)
	}
	var out []*Field
	for _, c := range all {
		group := byAttr[c.Attr]
		if group == nil {
			continue
		}
		byAttr[c.Attr] = nil
		winner, tie := dominant(group)
		if tie {
			r.addf(join(at, winner.Name), "attribute %q is declared twice, by %s; give each field a name of its own", c.Attr, names(group))
		}
		out = append(out, winner.Field)
	}
	slices.SortFunc(out, func(a, b *Field) int { return slices.Compare(a.Index, b.Index) })
	return out
}

// dominant chooses the visible one of several fields with one attribute name.
func dominant(group []candidate) (winner candidate, tie bool) {
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
		return tagged[0], len(tagged) > 1
	}
	return top[0], len(top) > 1
}

func names(group []candidate) string {
	var out []string
	for _, c := range group {
		out = append(out, c.Name)
	}
	return strings.Join(out, " and ")
}
