package schema

import (
	"reflect"
	"strconv"
	"strings"
)

// fieldRoles is what the repo tag of one field says.
type fieldRoles struct {
	required, discriminator, version, created, updated, ttl, immutable bool
	unique                                                             string // the list behind unique=, or the field's own name
	fold                                                               bool
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
	"unique": func(r *fieldRoles, f *Field, arg string) {
		if r.unique = arg; arg == "" {
			r.unique = f.Name
		}
	},
}

// laterRoles are documented and not there yet: they are refused by name.
var laterRoles = map[string]bool{"was": true}

// roles reads the repo tags of the entity's own fields. Those of structs nested in it mean nothing here.
func (p markerParser) roles() {
	for _, f := range p.entity.Fields {
		if f.roleText == "" {
			continue
		}
		var roles fieldRoles
		for _, word := range strings.Split(f.roleText, ",") {
			p.role(&roles, f, word)
		}
		p.assign(f, roles)
	}
	if e := p.entity; e.TTL != nil && len(e.Unique) > 0 {
		p.addf(e.TTL.Path, "an entity with unique fields cannot have a ttl: DynamoDB would delete the item and leave its guards; delete such items with Delete")
	}
}

// role reads one word.
func (p markerParser) role(r *fieldRoles, f *Field, word string) {
	name, arg, given := strings.Cut(word, "=")
	set, known := roleWords[name]
	switch {
	case laterRoles[name]:
		p.addf(f.Name, "the role %s is not available yet", strconv.Quote(name))
	case !known:
		p.addf(f.Name, "unknown role %s in the repo tag%s; the roles are %s", strconv.Quote(word), hint(name, roleWords), list(roleWords))
	case given && name != "unique":
		p.addf(f.Name, "the role %s takes no argument", name)
	default:
		set(r, f, arg)
	}
}

// assign gives the entity the roles of one field, where the field fits them.
func (p markerParser) assign(f *Field, r fieldRoles) {
	ref, _ := p.entity.ref(f.Name)
	if r.required {
		p.entity.Required = append(p.entity.Required, ref)
	}
	if r.immutable {
		p.entity.Immutable = append(p.entity.Immutable, ref)
	}
	p.only(r.discriminator, &p.entity.TypeRef, ref, "discriminator", f.Type.Kind() == reflect.String, "a string")
	p.only(r.version, &p.entity.Version, ref, "version", isInteger(f.Type.Kind()) && !IsOpaque(f.Type), "an integer")
	p.only(r.created, &p.entity.Created, ref, "created time", f.Type == timeType, "a time.Time")
	p.only(r.updated, &p.entity.Updated, ref, "updated time", f.Type == timeType, "a time.Time")
	p.only(r.ttl, &p.entity.TTL, ref, "ttl", f.Type == timeType && f.Tag.UnixTime, "a time.Time with the option unixtime, which is how DynamoDB reads it")
	if r.version && (f.Tag.AsString || f.Tag.NullEmpty) {
		p.addf(f.Name, "a version must be stored as a number; remove the options string and nullempty")
	}
	switch {
	case r.unique != "":
		p.unique(f, ref, r)
	case r.fold:
		p.addf(f.Name, "fold belongs to unique: a value that differs only in the case of ASCII letters is taken for the same")
	}
}

// only gives a role that one field at most may have.
func (p markerParser) only(given bool, role **Ref, ref *Ref, name string, fits bool, kind string) {
	switch {
	case !given:
		return
	case !fits:
		p.addf(ref.Path, "the %s must be %s, not %s", name, kind, ref.Leaf().Type)
	case *role != nil:
		p.addf(ref.Path, "the %s is declared twice, here and at %s; keep one", name, (*role).Path)
	}
	*role = ref
}
