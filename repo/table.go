package repo

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/monotable/monotable/internal/schema"
)

// Table says which DynamoDB table entities live in. Only Name has no default. It is a plain value: [New] copies it, and later
// changes have no effect. Printing it hides the cursor keys.
type Table struct {
	// Name of the table, or its ARN.
	Name string
	// Key is the primary key. Defaults to the attributes pk and sk.
	Key Key
	// Indexes are the indexes of the table, those that no entity joins included.
	Indexes []Index
	// TypeAttribute holds the entity's name in every row. Defaults to _type; "-" means that rows have none and are told apart
	// by the literals of their keys.
	TypeAttribute string
	// WriteID is the name of an attribute that gets a random id with each write, by which a write whose answer was lost knows its
	// own success. Defaults to none.
	WriteID string
	// CursorKeys encrypt cursors. Not available yet.
	CursorKeys [][]byte
	// Now is the clock. Defaults to time.Now.
	Now func() time.Time
	// Observe sees every request after its last attempt. It is called on the goroutine of the caller, and alone turns the
	// reporting of consumed capacity on. Defaults to none.
	Observe func(context.Context, Call)
}

// Key names the attributes of a primary key.
type Key struct{ Hash, Range string }

// Index is an index of a table: its name and the attributes of its key. An index with neither Hash nor Range has the default
// names: the index's own with pk and sk behind it.
type Index struct {
	Name        string
	Hash, Range []string
	// Project names the attributes that the index holds beside keys; KeysOnly says that it holds no others. Both not
	// available yet: an index holds everything.
	Project  []string
	KeysOnly bool
	// Local marks a local secondary index. Not available yet.
	Local bool
}

// Call is what [Table.Observe] sees of one request.
type Call struct {
	Operation string        // DynamoDB's name of it: "Query"
	Entity    string        // the entity's name
	Index     string        // the index read, "" for the table itself
	Attempts  int           // HTTP attempts, 0 where nothing was sent or the client is a fake
	Capacity  float64       // capacity units consumed, as DynamoDB reports them
	Duration  time.Duration // from the first attempt's start to the last one's end
	Err       error         // as the SDK returned it: its text may hold values
}

// String shows the table without its cursor keys.
func (t Table) String() string {
	return fmt.Sprintf("repo.Table{Name:%q Key:%v Indexes:%d CursorKeys:%d hidden}", t.Name, t.Key, len(t.Indexes), len(t.CursorKeys))
}

// GoString is String: %#v and %+v show no cursor keys either.
func (t Table) GoString() string { return t.String() }

// withDefaults is the table as New keeps it: a copy, complete.
func (t Table) withDefaults() *Table {
	if t.Key == (Key{}) {
		t.Key = Key{Hash: "pk", Range: "sk"}
	}
	if t.TypeAttribute == "" {
		t.TypeAttribute = "_type"
	}
	if t.Now == nil {
		t.Now = time.Now
	}
	t.Indexes = slices.Clone(t.Indexes)
	for i := range t.Indexes {
		x := &t.Indexes[i]
		x.Hash, x.Range, x.Project = slices.Clone(x.Hash), slices.Clone(x.Range), slices.Clone(x.Project)
		if len(x.Hash) == 0 && len(x.Range) == 0 && !x.Local {
			x.Hash, x.Range = []string{x.Name + "pk"}, []string{x.Name + "sk"}
		}
	}
	return &t
}

// typed reports whether rows carry the name of their entity.
func (t *Table) typed() bool { return t.TypeAttribute != "-" }

// writeID makes the id of one write; empty where the table has none.
func (t *Table) writeID() string {
	if t.WriteID == "" {
		return ""
	}
	return rand.Text()
}

// index finds an index by name.
func (t *Table) index(name string) *Index {
	i := slices.IndexFunc(t.Indexes, func(x Index) bool { return x.Name == name })
	if i < 0 {
		return nil
	}
	return &t.Indexes[i]
}

// keyAttributes lists the attributes of the primary key.
func (t *Table) keyAttributes() []string {
	if t.Key.Range == "" {
		return []string{t.Key.Hash}
	}
	return []string{t.Key.Hash, t.Key.Range}
}

// problems says what is wrong with the table itself, and what of it is not available yet.
func (t *Table) problems() []schema.Problem {
	var out []schema.Problem
	add := func(field, format string, args ...any) {
		out = append(out, schema.Problem{Type: "repo.Table", Field: field, Text: fmt.Sprintf(format, args...)})
	}
	if t.Name == "" {
		add("Name", "the table has no name")
	}
	if t.Key.Hash == "" {
		add("Key", "the primary key has no partition key; set Hash")
	}
	if t.Key.Hash != "" && t.Key.Range == "" {
		add("Key", "tables with a partition key alone are not available yet; set Range")
	}
	if t.Key.Hash == t.Key.Range && t.Key.Hash != "" {
		add("Key", "the partition key and the sort key are one attribute, %q; name two", t.Key.Hash)
	}
	if t.WriteID != "" && (t.WriteID == t.TypeAttribute || slices.Contains(t.keyAttributes(), t.WriteID)) {
		add("WriteID", "%q has another use in this table; choose another name", t.WriteID)
	}
	if len(t.CursorKeys) > 0 {
		add("CursorKeys", "encrypted cursors are not available yet; leave it empty")
	}
	seen := map[string]bool{}
	for _, x := range t.Indexes {
		at := "Indexes[" + x.Name + "]"
		if x.Name == "" || seen[x.Name] {
			add(at, "each index needs a name of its own")
		}
		seen[x.Name] = true
		switch {
		case x.Local:
			add(at, "local indexes are not available yet")
		case x.KeysOnly || len(x.Project) > 0:
			add(at, "indexes that project a part of the attributes are not available yet; leave Project and KeysOnly out")
		case len(x.Hash) == 0:
			add(at, "the index has no partition key; set Hash")
		case len(x.Hash) > 1 || len(x.Range) > 1:
			add(at, "keys of several attributes are not available yet; name one for Hash and one for Range")
		}
		for _, attr := range slices.Concat(x.Hash, x.Range) {
			if attr == "" || attr == t.TypeAttribute || attr == t.WriteID {
				add(at, "%q cannot be a key attribute of an index; choose another name", attr)
			}
		}
	}
	if t.TypeAttribute == ownerField || t.WriteID == ownerField || slices.Contains(t.keyAttributes(), ownerField) {
		add("", "attribute %q is kept for the owners of unique guards; choose another name", ownerField)
	}
	if slices.Contains(t.keyAttributes(), t.TypeAttribute) {
		add("TypeAttribute", "%q is a key attribute of the table; choose another name", t.TypeAttribute)
	}
	return out
}

// owners says which key each attribute of the table belongs to, in words.
func (t *Table) owners() map[string]string {
	out := map[string]string{t.Key.Hash: "the table's partition key", t.Key.Range: "the table's sort key"}
	out[ownerField] = "the owner of a unique guard"
	if t.typed() {
		out[t.TypeAttribute] = "the type attribute"
	}
	if t.WriteID != "" {
		out[t.WriteID] = "the write id"
	}
	for _, x := range t.Indexes {
		for _, attr := range slices.Concat(x.Hash, x.Range) {
			if out[attr] == "" {
				out[attr] = "a key of index " + x.Name
			}
		}
	}
	delete(out, "")
	return out
}

// foldedOwner finds the key attribute that a name equals, or differs from only in case.
func foldedOwner(owners map[string]string, name string) (attr, owner string) {
	if owners[name] != "" {
		return name, owners[name]
	}
	for _, attr := range slices.Sorted(maps.Keys(owners)) {
		if strings.EqualFold(attr, name) {
			return attr, owners[attr]
		}
	}
	return "", ""
}
