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
	// CursorKeys encrypt and authenticate cursors, with 32 random bytes each: the first one seals, all of them open, so that keys
	// can be changed while cursors are under way. Defaults to none: cursors can be read then.
	CursorKeys [][]byte
	// Now is the clock. Defaults to time.Now.
	Now func() time.Time
	// Observe sees every request after its last attempt, and alone turns the reporting of consumed capacity on. It is called on
	// the goroutine of the caller, but where a call sends requests side by side, from several at once: queries of shards, scans in
	// segments, Hydrate, Reindex and batches. Defaults to none.
	Observe func(context.Context, Call)
}

// Key names the attributes of a primary key. A table without a sort key has no Range.
type Key struct{ Hash, Range string }

// Index is an index of a table: its name and the attributes of its key, up to four for each half. An index with neither Hash nor
// Range has the default names: the index's own with pk and sk behind it.
type Index struct {
	Name        string
	Hash, Range []string
	// Project names the attributes that the index holds beside keys; KeysOnly says that it holds no others. With neither it holds
	// everything. An attribute that a query needs and the index lacks is an error that names it, or is fetched by [Query.Hydrate].
	Project  []string
	KeysOnly bool
	// Local marks a local secondary index: its partition key is the table's, so Hash is left out, and it can be read consistently.
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
	t.CursorKeys = slices.Clone(t.CursorKeys)
	for i, key := range t.CursorKeys {
		t.CursorKeys[i] = slices.Clone(key)
	}
	t.Indexes = slices.Clone(t.Indexes)
	for i := range t.Indexes {
		x := &t.Indexes[i]
		x.Hash, x.Range, x.Project = slices.Clone(x.Hash), slices.Clone(x.Range), slices.Clone(x.Project)
		switch {
		case x.Local && len(x.Range) == 0:
			x.Hash, x.Range = []string{t.Key.Hash}, []string{x.Name + "sk"}
		case x.Local && len(x.Hash) == 0:
			x.Hash = []string{t.Key.Hash}
		case len(x.Hash) == 0 && len(x.Range) == 0:
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

// problems says what is wrong with the table itself.
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
	if t.Key.Hash == t.Key.Range && t.Key.Hash != "" {
		add("Key", "the partition key and the sort key are one attribute, %q; name two", t.Key.Hash)
	}
	if t.WriteID != "" && (t.WriteID == t.TypeAttribute || slices.Contains(t.keyAttributes(), t.WriteID)) {
		add("WriteID", "%q has another use in this table; choose another name", t.WriteID)
	}
	for i, key := range t.CursorKeys {
		if len(key) != 32 {
			add("CursorKeys", "key %d has %d bytes, and must have 32 random ones", i, len(key))
		}
	}
	seen := map[string]bool{}
	for _, x := range t.Indexes {
		at := "Indexes[" + x.Name + "]"
		if x.Name == "" || seen[x.Name] {
			add(at, "each index needs a name of its own")
		}
		seen[x.Name] = true
		for _, problem := range x.problems(t) {
			add(at, "%s", problem)
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

// problems says what is wrong with an index of a table. See "Secondary indexes" under "Service, account, and table quotas" in the AWS
// documentation.
func (x *Index) problems(t *Table) []string {
	var out []string
	add := func(wrong bool, text string) {
		if wrong {
			out = append(out, text)
		}
	}
	add(len(x.Hash) == 0, "the index has no partition key; set Hash")
	add(len(x.Hash) > schema.MaxNative || len(x.Range) > schema.MaxNative, "each half of its key has at most four attributes; name fewer")
	add(x.Local && t.Key.Range == "", "a local index needs a table with a sort key; leave Local out")
	add(x.Local && (len(x.Hash) != 1 || x.Hash[0] != t.Key.Hash), "the partition key of a local index is the table's; leave Hash out")
	add(x.Local && len(x.Range) != 1, "the sort key of a local index is one attribute; name one in Range")
	add(x.KeysOnly && len(x.Project) > 0, "an index with KeysOnly projects nothing else; remove Project or KeysOnly")
	keys := slices.Concat(x.Hash, x.Range)
	for i, attr := range keys {
		add(slices.Contains(keys[:i], attr), "attribute \""+attr+"\" is named twice in its key; remove one")
	}
	for i, attr := range x.Project {
		add(attr == "" || slices.Contains(x.Project[:i], attr), "\""+attr+"\" is empty or named twice in Project; remove it")
	}
	return out
}

// holds reports whether the index holds an attribute of the rows that are in it.
func (x *Index) holds(t *Table, attr string) bool {
	return !x.KeysOnly && len(x.Project) == 0 || slices.Contains(x.Project, attr) || slices.Contains(x.Hash, attr) || slices.Contains(x.Range, attr) || slices.Contains(t.keyAttributes(), attr)
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

// declareAs says how a field's attribute could be the key that it is named as; nothing where it is no key.
func (t *Table) declareAs(attr string) string {
	key := slices.Contains(t.keyAttributes(), attr) || slices.ContainsFunc(t.Indexes, func(x Index) bool {
		return slices.Contains(x.Hash, attr) || slices.Contains(x.Range, attr)
	})
	if !key {
		return ""
	}
	return ", or declare the field as that key with hash or range"
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
