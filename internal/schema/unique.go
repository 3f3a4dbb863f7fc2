package schema

import "strings"

// Unique is one uniqueness constraint: no two items of the entity have the same value in its last field, among those that are
// equal in the fields before it.
type Unique struct {
	Ref     *Ref      // the field that the tag stands at; errors name it
	Members []*Member // the fields that the value is made of: those that it is unique among, then the field itself, which alone may be folded
}

// unique reads repo:"unique" and repo:"unique=TenantID+Email".
func (p markerParser) unique(f *Field, ref *Ref, r fieldRoles) {
	u := &Unique{Ref: ref}
	for _, path := range strings.Split(r.unique, "+") {
		member, reason := p.entity.ref(path)
		if member == nil {
			p.addf(f.Name, "unique: %s", reason)
			return
		}
		m := &Member{Ref: member}
		if m.kind, reason = kindOf(member.Type()); reason != "" {
			p.addf(f.Name, "unique: field %s of type %s %s", path, member.Leaf().Type, reason)
			return
		}
		u.Members = append(u.Members, m)
	}
	last := u.Members[len(u.Members)-1]
	if last.Ref != ref {
		p.addf(f.Name, "unique: the last field of the list must be %s itself, as in unique=TenantID+%s", f.Name, f.Name)
		return
	}
	if last.Fold = r.fold; r.fold && last.kind != kindString {
		p.addf(f.Name, "unique: fold is for strings, not for %s; remove it", f.Type)
	}
	p.entity.Unique = append(p.entity.Unique, u)
}
