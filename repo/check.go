package repo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monotable/monotable/internal/schema"
)

// Check checks the members of one table together, and sends nothing: it belongs in a unit test. It finds two entities of one name,
// templates that could render one primary key for two entities (unless both say overlaps), one attribute that two
// members use as different keys, and members of different tables. All problems come in one [*SchemaError].
func Check(members ...Member) error {
	_, err := together(members)
	return err
}

// together checks members and returns their one table.
func together(members []Member) (*Table, error) {
	c := checking{}
	var all []*entity
	for i, m := range members {
		if m == nil || m.member() == nil {
			c.addf("", "member %d is nil", i)
			continue
		}
		e := m.member().entity
		for _, other := range all {
			c.pair(other, e)
		}
		all = append(all, e)
	}
	if len(all) == 0 {
		c.addf("", "there are no members; name the repositories of the table")
	}
	if len(c.problems) > 0 {
		return nil, &SchemaError{Type: "the table", Problems: texts(c.problems)}
	}
	return all[0].table, nil
}

type checking struct{ problems []schema.Problem }

func (c *checking) addf(at, format string, args ...any) {
	c.problems = append(c.problems, schema.Problem{Type: "repo.Check", Field: at, Text: fmt.Sprintf(format, args...)})
}

// pair checks two members of one table.
func (c *checking) pair(a, b *entity) {
	if a.table.Name != b.table.Name || a.table.Key != b.table.Key || a.table.TypeAttribute != b.table.TypeAttribute {
		c.addf(b.Name, "it lives in another table than %s, or names the keys of the table otherwise; declare one repo.Table for both", a.Name)
		return
	}
	for i := range a.table.Indexes {
		x := &a.table.Indexes[i]
		if y := b.table.index(x.Name); y != nil && !x.equal(y) {
			c.addf(b.Name, "index %s has other key attributes, or holds others, than in the table of %s; declare one repo.Table for both", x.Name, a.Name)
		}
	}
	if a.Type == b.Type {
		return // the same entity twice, or two views of it
	}
	if name := nameTwice(a, b); name != "" && a.Name != b.Name {
		c.addf(b.Name, "rows named %s are read by it and by %s, as their names and former names have it; remove it from one of them", name, a.Name)
	}
	if a.Name == b.Name {
		c.addf(b.Name, "two types are named so, %s and %s, and their rows could not be told apart; rename one", a.Type, b.Type)
	}
	agreed := slices.Contains(a.Overlaps, b.Name) && slices.Contains(b.Overlaps, a.Name)
	if !agreed && a.PK.Meets(b.PK) && a.SK.Meets(b.SK) {
		c.addf(b.Name, "its primary key %s could equal that of %s %s; tell them apart by a literal, or, in an existing design, declare it on both: entity:\"%s,overlaps=%s\"",
			b.keySource(), a.Name, a.keySource(), b.Name, a.Name)
	}
	if a.TTL != nil && b.TTL != nil && a.TTL.Leaf().Attr != b.TTL.Leaf().Attr {
		c.addf(b.Name, "its ttl is attribute %q, and that of %s is %q; a table has one ttl attribute: give both the same name", b.TTL.Leaf().Attr, a.Name, a.TTL.Leaf().Attr)
	}
	c.keyAttributes(a, b)
	c.keyAttributes(b, a)
}

// keyAttributes checks that no plain attribute of one entity is a key attribute of the other, and that an attribute which is a key of
// both is of one type.
func (c *checking) keyAttributes(a, b *entity) {
	seen := map[string]bool{}
	for _, k := range b.keyAttributes() {
		if typ, both := a.keyType(k.name); both && typ != k.template.Type() && !seen[k.name] && a.Name < b.Name {
			c.addf(b.Name, "its key attribute %q is of type %s, and that of %s of type %s; an attribute that is a key has one type in a table", k.name, k.template.Type(), a.Name, typ)
		}
		seen[k.name] = true
		for _, f := range a.Fields {
			if strings.EqualFold(f.Attr, k.name) && !seen["field "+f.Attr] && !(f.Attr == k.name && a.isNative(f.Attr)) {
				seen["field "+f.Attr] = true
				c.addf(a.Name, "attribute %q of field %s is the key attribute %q of %s, or differs from it only in case; rename it, or declare the index that it is a key of", f.Attr, f.Name, k.name, b.Name)
			}
		}
	}
}

// equal reports whether two declarations of an index are the same.
func (x *Index) equal(y *Index) bool {
	return slices.Equal(x.Hash, y.Hash) && slices.Equal(x.Range, y.Range) && slices.Equal(x.Project, y.Project) && x.KeysOnly == y.KeysOnly && x.Local == y.Local
}

// keySource is the primary key as the tags have it.
func (e *entity) keySource() string {
	if e.SK == nil {
		return "(" + e.PK.Source + ")"
	}
	return "(" + e.PK.Source + ", " + e.SK.Source + ")"
}
