package schema

import (
	"reflect"
	"strconv"
	"strings"
)

// Roles is what the repo tag of a field says.
type Roles struct {
	Required bool // an empty value is refused wherever it would be written
	Type     bool // the field is the discriminator
}

// markerKeys are the tag keys that a blank marker field may have.
var markerKeys = map[string]bool{"entity": true, "index": true, "pk": true, "sk": true, "when": true, "hash": true, "range": true}

// roles is the closed table of the words in a repo tag.
var roles = map[string]func(*Roles){
	"required": func(r *Roles) { r.Required = true },
	"type":     func(r *Roles) { r.Type = true },
}

// laterRoles are documented and not there yet: they are refused by name.
var laterRoles = map[string]bool{"version": true, "created": true, "updated": true, "ttl": true, "unique": true, "immutable": true, "was": true, "fold": true}

// roles reads the repo tags of the entity's own fields. Those of structs nested in it mean nothing here.
func (p markerParser) roles() {
	for _, f := range p.entity.Fields {
		if f.roleText == "" {
			continue
		}
		var roles Roles
		for _, word := range strings.Split(f.roleText, ",") {
			p.role(&roles, f, word)
		}
		ref, _ := p.entity.ref(f.Name)
		if roles.Required {
			p.entity.Required = append(p.entity.Required, ref)
		}
		if roles.Type {
			p.typeRole(f, ref)
		}
	}
}

func (p markerParser) role(r *Roles, f *Field, word string) {
	name, _, _ := strings.Cut(word, "=")
	set, known := roles[word]
	switch {
	case known:
		set(r)
	case laterRoles[name]:
		p.addf(f.Name, "the role %s is not available yet", strconv.Quote(name))
	default:
		p.addf(f.Name, "unknown role %s in the repo tag%s; the roles are %s", strconv.Quote(word), hint(word, roles), list(roles))
	}
}

func (p markerParser) typeRole(f *Field, ref *Ref) {
	switch {
	case f.Type.Kind() != reflect.String:
		p.addf(f.Name, "the discriminator must be a string, not %s", f.Type)
	case p.entity.TypeRef != nil:
		p.addf(f.Name, "the discriminator is declared twice, here and at %s; keep one", p.entity.TypeRef.Path)
	}
	p.entity.TypeRef = ref
}
