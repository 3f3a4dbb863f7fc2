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
		seen := map[string]bool{}
		for _, word := range strings.Split(f.roleText, ",") {
			p.role(&roles, f, word)
			if seen[word] {
				p.addf(f.Name, "the role %s is given twice; remove one", strconv.Quote(word))
			}
			seen[word] = true
		}
		ref, reason := p.entity.ref(f.Name)
		if reason != "" {
			p.addf(f.Name, "the role is that of a field which another one of its name hides; rename one of them")
			continue
		}
		if roles.Required {
			p.entity.Required = append(p.entity.Required, ref)
		}
		if roles.Type {
			p.typeRole(f, ref)
		}
	}
}

func (p markerParser) role(r *Roles, f *Field, word string) {
	name, _, argument := strings.Cut(word, "=")
	set, known := roles[name]
	switch {
	case known && argument:
		p.addf(f.Name, "the role %s takes no argument", strconv.Quote(name))
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
	case f.Type.Kind() != reflect.String || IsOpaque(f.Type) || isNumberText(f.Type):
		p.addf(f.Name, "the discriminator must be stored as a string, and %s is not; use string", f.Type)
	case p.entity.TypeRef != nil:
		p.addf(f.Name, "the discriminator is declared twice, here and at %s; keep one", p.entity.TypeRef.Path)
	}
	p.entity.TypeRef = ref
}
