package schema

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// fieldRoles is what the repo tag of one field says.
type fieldRoles struct {
	required, discriminator, version, created, updated, ttl, immutable bool
	unique                                                             string // the list behind unique=, or the field's own name
	fold, optional                                                     bool
	was                                                                []string // former names of the attribute, the last one first
}

// markerKeys are the tag keys that a blank marker field may have.
var markerKeys = map[string]bool{"entity": true, "index": true, "pk": true, "sk": true, "when": true, "hash": true, "range": true}

// roleWords is the closed table of the words in a repo tag.
var roleWords = map[string]func(r *fieldRoles, f *Field, arg string){
	"required":  func(r *fieldRoles, _ *Field, _ string) { r.required = true },
	"type":      func(r *fieldRoles, _ *Field, _ string) { r.discriminator = true },
	"version":   func(r *fieldRoles, _ *Field, _ string) { r.version = true },
	"created":   func(r *fieldRoles, _ *Field, _ string) { r.created = true },
	"updated":   func(r *fieldRoles, _ *Field, _ string) { r.updated = true },
	"ttl":       func(r *fieldRoles, _ *Field, _ string) { r.ttl = true },
	"immutable": func(r *fieldRoles, _ *Field, _ string) { r.immutable = true },
	"fold":      func(r *fieldRoles, _ *Field, _ string) { r.fold = true },
	"optional":  func(r *fieldRoles, _ *Field, _ string) { r.optional = true },
	"unique": func(r *fieldRoles, f *Field, arg string) {
		if r.unique = arg; arg == "" {
			r.unique = f.Name
		}
	},
	"was": func(r *fieldRoles, _ *Field, arg string) { r.was = append(r.was, arg) },
}

// roles reads the repo tags of the entity's own fields. Those of structs nested in it mean nothing here.
func (p markerParser) roles() {
	for _, f := range p.entity.Fields {
		if f.roleText == "" {
			continue
		}
		var roles fieldRoles
		seen := map[string]bool{}
		for _, word := range strings.Split(f.roleText, ",") {
			p.role(&roles, f, word)
			name, _, _ := strings.Cut(word, "=")
			if seen[name] && name != "was" {
				p.addf(f.Name, "the role %s is given twice; remove one", strconv.Quote(name))
			}
			seen[name] = true
		}
		ref, reason := p.entity.ref(f.Name)
		if reason != "" || ref.Leaf() != f {
			p.addf(f.Name, "the field has a role, and its name means another field in Go; rename one of them")
			continue
		}
		p.assign(f, ref, roles)
	}
	p.renames()
	p.nestedNames()
	if e := p.entity; e.TTL != nil && len(e.Unique) > 0 {
		p.addf(e.TTL.Path, "an entity with unique fields cannot have a ttl: DynamoDB would delete the item and leave its guards; delete such items with Delete")
	}
}

// hasRole reports whether the repo tag of a field has a word.
func (f *Field) hasRole(word string) bool {
	return slices.ContainsFunc(strings.Split(f.roleText, ","), func(w string) bool {
		name, _, _ := strings.Cut(w, "=")
		return name == word
	})
}

// role reads one word.
func (p markerParser) role(r *fieldRoles, f *Field, word string) {
	name, arg, argument := strings.Cut(word, "=")
	set, known := roleWords[name]
	switch {
	case known && argument && name != "unique" && name != "was":
		p.addf(f.Name, "the role %s takes no argument; remove it", strconv.Quote(name))
	case known && argument && arg == "" && name == "unique":
		p.addf(f.Name, "unique= names no fields; write unique, or unique=TenantID+%s", f.Name)
	case known:
		set(r, f, arg)
	default:
		p.addf(f.Name, "unknown role %s in the repo tag%s; the roles are %s", strconv.Quote(word), hint(name, roleWords), list(roleWords))
	}
}

// assign gives the entity the roles of one field, where the field fits them.
func (p markerParser) assign(f *Field, ref *Ref, r fieldRoles) {
	if r.required {
		p.entity.Required = append(p.entity.Required, ref)
	}
	if r.immutable {
		p.entity.Immutable = append(p.entity.Immutable, ref)
	}
	p.only(r.discriminator, &p.entity.TypeRef, ref, "discriminator", f.Type.Kind() == reflect.String && !IsOpaque(f.Type) && !isNumberText(f.Type), "a string that is stored as one")
	p.only(r.version, &p.entity.Version, ref, "version", isInteger(f.Type.Kind()) && !IsOpaque(f.Type), "an integer")
	p.only(r.created, &p.entity.Created, ref, "created time", f.Type == timeType, "a time.Time")
	p.only(r.updated, &p.entity.Updated, ref, "updated time", f.Type == timeType, "a time.Time")
	p.only(r.ttl, &p.entity.TTL, ref, "ttl", f.Type == timeType, "a time.Time")
	if r.ttl && f.Type == timeType && !f.Tag.UnixTime {
		p.addf(f.Name, "a ttl is stored in epoch seconds, as DynamoDB reads it; add the option unixtime to the field's dynamodbav tag")
	}
	if r.version && (f.Tag.AsString || f.Tag.NullEmpty) {
		p.addf(f.Name, "a version must be stored as a number; remove the options string and nullempty")
	}
	switch {
	case r.optional && r.version:
		p.entity.VersionOptional = true
	case r.optional:
		p.addf(f.Name, "optional belongs to version: an item that has none yet may be written; write version,optional or remove it")
	}
	if len(r.was) > 0 {
		p.renamed(f, ref, r.was)
	}
	switch {
	case r.unique != "":
		p.unique(f, ref, r)
	case r.fold:
		p.addf(f.Name, "fold belongs to unique: a value that differs only in the case of ASCII letters is taken for the same; write unique,fold or remove it")
	}
}

// only gives a role that one field at most may have.
func (p markerParser) only(given bool, role **Ref, ref *Ref, name string, fits bool, kind string) {
	switch {
	case !given:
		return
	case !fits:
		p.addf(ref.Path, "the %s must be %s, not %s; change the field's type or remove the role", name, kind, ref.Leaf().Type)
	case *role != nil:
		p.addf(ref.Path, "the %s is declared twice, here and at %s; keep one", name, (*role).Path)
	}
	*role = ref
}
