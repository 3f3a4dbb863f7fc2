package repo_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
)

// Entities that are right by themselves: what is wrong with them, a table brings.
type (
	plainThing struct {
		_  struct{} `entity:"Plain" pk:"PLAIN#{ID}" sk:"PLAIN"`
		ID string   `dynamodbav:"id"`
	}
	indexedThing struct {
		_    struct{} `entity:"Indexed" pk:"INDEXED#{ID}" sk:"INDEXED"`
		_    struct{} `index:"byName" pk:"NAME#{Name}" sk:"{ID}"`
		ID   string   `dynamodbav:"id"`
		Name string   `dynamodbav:"name"`
	}
	unsortedThing struct {
		_    struct{} `entity:"Unsorted" pk:"UNSORTED#{ID}" sk:"UNSORTED"`
		_    struct{} `index:"byName" pk:"NAME#{Name}"`
		ID   string   `dynamodbav:"id"`
		Name string   `dynamodbav:"name"`
	}
	clashingThing struct {
		_    struct{} `entity:"Clashing" pk:"CLASH#{ID}" sk:"CLASH"`
		ID   string   `dynamodbav:"pk"`
		Sort string   `dynamodbav:"sk"`
		Name string   `dynamodbav:"byNamepk"`
		Type string   `dynamodbav:"_type"`
		Mark string   `dynamodbav:"_write"`
	}
	casedThing struct {
		_    struct{} `entity:"Cased" pk:"CASE#{ID}" sk:"CASE"`
		ID   string   `dynamodbav:"PK"`
		Name string   `dynamodbav:"BYNAMESK"`
		Type string   `dynamodbav:"_Type"`
	}
	discriminated struct {
		_    struct{} `entity:"Discriminated" pk:"D#{ID}" sk:"D"`
		ID   string   `dynamodbav:"id"`
		Kind string   `dynamodbav:"kind" repo:"type"`
	}
	disagreeing struct {
		_    struct{} `entity:"Disagreeing" pk:"D#{ID}" sk:"D#{Name}"`
		_    struct{} `index:"shared" pk:"D#{ID}" sk:"S#{Name}"`
		ID   string   `dynamodbav:"id"`
		Name string   `dynamodbav:"name"`
	}
	markless struct{ ID string }

	// The others of one table, for Check.
	ownerThing struct {
		_  struct{} `entity:"Owner" pk:"OWNER#{ID}" sk:"{Name}"`
		ID string   `dynamodbav:"id"`

		Name string `dynamodbav:"name"`
	}
	overlappingThing struct {
		_  struct{} `entity:"Pet" pk:"OWNER#{ID}" sk:"PET"`
		ID string   `dynamodbav:"id"`
	}
	oneSidedThing struct {
		_  struct{} `entity:"Car,overlaps=Owner" pk:"OWNER#{ID}" sk:"CAR"`
		ID string   `dynamodbav:"id"`
	}
	agreedA struct {
		_  struct{} `entity:"A,overlaps=B" pk:"{ID}" sk:"X"`
		ID string   `dynamodbav:"id"`
	}
	agreedB struct {
		_  struct{} `entity:"B,overlaps=A" pk:"{ID}" sk:"X"`
		ID string   `dynamodbav:"id"`
	}
	namesake struct {
		_  struct{} `entity:"Plain" pk:"SAKE#{ID}" sk:"SAKE"`
		ID string   `dynamodbav:"id"`
	}
	fleeting struct {
		_       struct{}  `entity:"Fleeting" pk:"FLEETING#{ID}" sk:"F"`
		ID      string    `dynamodbav:"id"`
		Expires time.Time `dynamodbav:"expires,unixtime" repo:"ttl"`
	}
	passing struct {
		_    struct{}  `entity:"Passing" pk:"PASSING#{ID}" sk:"P"`
		ID   string    `dynamodbav:"id"`
		Gone time.Time `dynamodbav:"gone,unixtime" repo:"ttl"`
	}
	holder struct {
		_    struct{} `entity:"Holder" pk:"HOLDER#{ID}" sk:"H"`
		ID   string   `dynamodbav:"id"`
		Name string   `dynamodbav:"namepk"`
	}
	keyHolder struct {
		_    struct{} `entity:"KeyHolder" pk:"KEYHOLDER#{ID}" sk:"K"`
		_    struct{} `index:"name" pk:"{ID}" sk:"{Name}"`
		ID   string   `dynamodbav:"id"`
		Name string   `dynamodbav:"title"`
	}
)

// misfit is one case of testdata/schemaerrors.txt.
type misfit struct {
	reason string
	err    error
}

func newError[T any](c repo.Client, t repo.Table) error {
	_, err := repo.New[T](c, t)
	return err
}

func tableMisfits() []misfit {
	c := nowhere{}
	table := repo.Table{Name: "things", Indexes: []repo.Index{{Name: "byName"}}}
	with := func(change func(*repo.Table)) repo.Table {
		t := repo.Table{Name: "things"}
		change(&t)
		return t
	}
	indexes := func(list ...repo.Index) repo.Table { return repo.Table{Name: "things", Indexes: list} }
	return []misfit{
		{"an index that the table lacks", newError[indexedThing](c, repo.Table{Name: "things"})},
		{"an index that has a sort key only in the table", newError[unsortedThing](c, table)},
		{"an index that has a sort key only in the type", newError[indexedThing](c, indexes(repo.Index{Name: "byName", Hash: []string{"name_pk"}}))},
		{"attributes that are keys, the type and the write id", newError[clashingThing](c, with(func(t *repo.Table) { t.Indexes, t.WriteID = table.Indexes, "_write" }))},
		{"attributes that are so but for their case", newError[casedThing](c, table)},
		{"a discriminator in another attribute than the table's", newError[discriminated](c, table)},
		{"two templates for one attribute", newError[disagreeing](c, indexes(repo.Index{Name: "shared", Hash: []string{"pk"}, Range: []string{"sk"}}))},
		{"no client", newError[plainThing](nil, table)},
		{"a nil pointer for a client", newError[plainThing]((*pointerClient)(nil), table)},
		{"no table", newError[plainThing](c, repo.Table{})},
		{"a table with a partition key alone", newError[plainThing](c, with(func(t *repo.Table) { t.Key.Hash = "pk" }))},
		{"a table without a partition key", newError[plainThing](c, with(func(t *repo.Table) { t.Key.Range = "sk" }))},
		{"one attribute for both keys", newError[plainThing](c, with(func(t *repo.Table) { t.Key = repo.Key{Hash: "key", Range: "key"} }))},
		{"the type in a key", newError[plainThing](c, with(func(t *repo.Table) { t.TypeAttribute = "sk" }))},
		{"the write id in a key", newError[plainThing](c, with(func(t *repo.Table) { t.WriteID = "pk" }))},
		{"cursor keys of other lengths", newError[plainThing](c, with(func(t *repo.Table) { t.CursorKeys = [][]byte{make([]byte, 32), make([]byte, 16), nil} }))},
		{"indexes that DynamoDB does not make", newError[plainThing](c, with(func(t *repo.Table) {
			t.Indexes = []repo.Index{
				{Name: "local", Hash: []string{"other"}, Range: []string{"a", "b"}, Local: true},
				{Name: "some", Project: []string{"name", "name", ""}, KeysOnly: true},
				{Name: "many", Hash: []string{"a", "b", "c", "d", "e"}, Range: []string{"f", "a"}},
			}
		}))},
		{"a local index of a table without a sort key", newError[hashOnly](c, with(func(t *repo.Table) {
			t.Key = repo.Key{Hash: "id"}
			t.Indexes = []repo.Index{{Name: "local", Range: []string{"other"}, Local: true}}
		}))},
		{"a sort key that the entity lacks", newError[hashOnly](c, with(func(t *repo.Table) { t.Key = repo.Key{Hash: "id", Range: "sk"} }))},
		{"native keys that the table names otherwise", newError[hashOnly](c, with(func(t *repo.Table) { t.Key = repo.Key{Hash: "ident"} }))},
		{"an index of other halves than the table's", newError[halves](c, indexes(repo.Index{Name: "a", Hash: []string{"x", "y"}, Range: []string{"z"}}, repo.Index{Name: "b", Hash: []string{"name"}}))},
		{"an index over attributes that are no keys", newError[bare](c, indexes(repo.Index{Name: "a", Hash: []string{"gone"}, Range: []string{"tags"}}, repo.Index{Name: "b", Hash: []string{"bpk"}, Range: []string{"bsk"}}, repo.Index{Name: "c", Hash: []string{"bpk"}, Range: []string{"sk"}}))},
		{"a when that cannot keep an item out", newError[alwaysIn](c, indexes(repo.Index{Name: "a", Hash: []string{"name"}, Range: []string{"sk"}}))},
		{"a unique field in a table of number keys", newError[numbered](c, with(func(t *repo.Table) { t.Key = repo.Key{Hash: "n"} }))},
		{"indexes without a name, of one name, and without a key", newError[plainThing](c, indexes(repo.Index{}, repo.Index{Name: "a"}, repo.Index{Name: "a"}, repo.Index{Name: "b", Range: []string{"x"}}))},
		{"an index over the type, and over nothing", newError[plainThing](c, indexes(repo.Index{Name: "a", Hash: []string{"_type"}, Range: []string{""}}))},
		{"type, table and client at once", newError[markless](nil, repo.Table{})},
	}
}

// pointerClient is a client that can be a nil pointer.
type pointerClient struct{ repo.Client }

func boundMember[T any](t repo.Table) repo.Member { return repo.Must(repo.New[T](nowhere{}, t)) }

func checkMisfits() []misfit {
	table := repo.Table{Name: "things", Indexes: []repo.Index{{Name: "name"}}}
	bare, other, renamed, untyped := repo.Table{Name: "things"}, table, table, table
	other.Name = "others"
	renamed.Key = repo.Key{Hash: "hash", Range: "range"}
	untyped.TypeAttribute = "-"
	return []misfit{
		{"no members", repo.Check()},
		{"a nil member", repo.Check(boundMember[plainThing](table), nil)},
		{"one type name twice", repo.Check(boundMember[plainThing](table), boundMember[namesake](table))},
		{"primary keys that could be equal", repo.Check(boundMember[ownerThing](table), boundMember[overlappingThing](table))},
		{"primary keys that could be equal, as one side alone says", repo.Check(boundMember[ownerThing](table), boundMember[oneSidedThing](table))},
		{"an attribute of one that is a key of another", repo.Check(boundMember[holder](bare), boundMember[keyHolder](table))},
		{"another table", repo.Check(boundMember[plainThing](table), boundMember[ownerThing](other))},
		{"a table whose keys have other names", repo.Check(boundMember[plainThing](table), boundMember[ownerThing](renamed))},
		{"a table whose type has another name", repo.Check(boundMember[plainThing](table), boundMember[ownerThing](untyped))},
		{"two ttl attributes", repo.Check(boundMember[fleeting](table), boundMember[passing](table))},
		{"all at once", repo.Check(boundMember[ownerThing](table), nil, boundMember[plainThing](table), boundMember[overlappingThing](table), boundMember[namesake](table), boundMember[agreedA](other))},
	}
}

const misfitsFile = "testdata/schemaerrors.txt"

// TestSchemaErrors compares the whole text of what a table brings to light, and of what Check finds, with the golden file.
func TestSchemaErrors(t *testing.T) {
	var got bytes.Buffer
	for _, m := range append(tableMisfits(), checkMisfits()...) {
		var schema *repo.SchemaError
		if !errors.As(m.err, &schema) {
			t.Errorf("%s: got %v, want a *SchemaError", m.reason, m.err)
			continue
		}
		fmt.Fprintf(&got, "# %s\n%v\n\n", m.reason, m.err)
		for _, p := range schema.Problems {
			if strings.HasSuffix(p, ".") || !strings.Contains(p, ": ") {
				t.Errorf("%s: %q is no place and sentence", m.reason, p)
			}
		}
	}
	if *rewrite {
		if err := os.WriteFile(misfitsFile, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(misfitsFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the errors differ from %s (-want +got); rewrite it with -update:\n%s", misfitsFile, diff)
	}
}

// TestSchemaFits shows what is near those errors and none.
func TestSchemaFits(t *testing.T) {
	c := nowhere{}
	table := repo.Table{Name: "things", Indexes: []repo.Index{{Name: "name"}}}
	kind := repo.Table{Name: "things", TypeAttribute: "kind"}
	repeated := repo.Table{Name: "things", Indexes: []repo.Index{{Name: "byName", Hash: []string{"pk"}, Range: []string{"name_sk"}}}}
	type inverted struct {
		_    struct{} `entity:"Inverted" pk:"NAME#{Name}" sk:"I"`
		_    struct{} `index:"byName" pk:"NAME#{Name}" sk:"{ID}"`
		ID   string   `dynamodbav:"id"`
		Name string   `dynamodbav:"name"`
	}
	plain := repo.Must(repo.New[plainThing](c, table))
	for _, m := range []misfit{
		{"a discriminator in the table's attribute", newError[discriminated](c, kind)},
		{"an index that shares a key attribute and repeats its template", newError[inverted](c, repeated)},
		{"primary keys that could be equal, as both say", repo.Check(boundMember[agreedA](table), boundMember[agreedB](table))},
		{"one entity twice, and as a view", repo.Check(plain, plain, plain.Consistent())},
		{"entities told apart by a literal", repo.Check(plain, boundMember[ownerThing](table), boundMember[keyHolder](table))},
		{"one name for the ttl", repo.Check(boundMember[fleeting](table), boundMember[fleeting](table), plain)},
	} {
		if m.err != nil {
			t.Errorf("%s: %v", m.reason, m.err)
		}
	}
}

type hashOnly struct {
	_    struct{} `entity:"HashOnly" hash:"ID"`
	ID   string   `dynamodbav:"id"`
	Name string   `dynamodbav:"name"`
}

type halves struct {
	_    struct{} `entity:"Halves" pk:"H#{ID}" sk:"H"`
	_    struct{} `index:"a" hash:"Name" sk:"{ID}"`
	_    struct{} `index:"b" hash:"Name" range:"ID"`
	ID   string   `dynamodbav:"id"`
	Name string   `dynamodbav:"name"`
}

type bare struct {
	_    struct{} `entity:"Bare" pk:"B#{ID}" sk:"B"`
	_    struct{} `index:"a"`
	_    struct{} `index:"b" pk:"B#{Name}" sk:"{ID}"`
	_    struct{} `index:"c"`
	ID   string   `dynamodbav:"id"`
	Name string   `dynamodbav:"name"`
	Tags []string `dynamodbav:"tags"`
}

type alwaysIn struct {
	_    struct{} `entity:"AlwaysIn" pk:"A#{ID}" sk:"A"`
	_    struct{} `index:"a" hash:"Name" when:"Name=x"`
	ID   string   `dynamodbav:"id"`
	Name string   `dynamodbav:"name"`
}

type numbered struct {
	_    struct{} `entity:"Numbered" hash:"N"`
	N    int      `dynamodbav:"n"`
	Name string   `dynamodbav:"name" repo:"unique"`
}
