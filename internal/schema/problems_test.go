package schema

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"math/big"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// faulty is one case of testdata/problems.txt: a type, and why it is refused.
type faulty struct {
	reason string
	typ    reflect.Type
}

func of[T any]() reflect.Type { return reflect.TypeFor[T]() }

// fields is what the entities of the table have beside their markers.
type fields struct {
	ID, Name, Status string
	Seq              int64
	Small            int8
	Count            uint16
	On               bool
	At               time.Time
	Ship             struct{ City string }
	Bill             *struct{ City string }
	Price            float64
	Number           json.Number
	Tags             []string
	Any              any
	Text             interface{ encoding.TextMarshaler }
	None             [0]byte
	Sum              big.Int
	Addr             netip.Addr
	Blob             []byte
	Level            level8
}

type level8 uint8

func (l level8) MarshalText() ([]byte, error) { return []byte("L"), nil }

// marked is a struct with these marker tags and a field for each verb and kind.
func marked(tags ...string) reflect.Type {
	all := reflect.VisibleFields(of[fields]())
	var out []reflect.StructField
	for _, tag := range tags {
		out = append(out, reflect.StructField{Name: "_", PkgPath: "schema", Type: of[struct{}](), Tag: reflect.StructTag(tag)})
	}
	for _, f := range all {
		if f.Name == "Text" || f.Name == "Sum" || f.Name == "Addr" {
			f.Tag = `dynamodbav:",omitempty"`
		}
		if f.Name != "Text" {
			out = append(out, reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag})
		}
	}
	return reflect.StructOf(out)
}

// keyed is an entity with this partition key.
func keyed(pk string) reflect.Type {
	return marked(`entity:"Order" pk:` + strconv.Quote(pk) + ` sk:"ORDER"`)
}

// indexed is an entity with this index marker.
func indexed(tags ...string) reflect.Type {
	return marked(append([]string{`entity:"Order" pk:"ORDER#{ID}" sk:"ORDER"`}, tags...)...)
}

// tagged is a struct with one field that has this tag. The compiler's vet refuses malformed tags that are written out.
func tagged(tag string) reflect.Type {
	return reflect.StructOf([]reflect.StructField{{Name: "ID", Type: of[string](), Tag: reflect.StructTag(tag)}})
}

// roled is an entity with one more field that has this role.
func roled[T any](tag string) reflect.Type {
	return reflect.StructOf([]reflect.StructField{
		{Name: "_", PkgPath: "schema", Type: of[struct{}](), Tag: `entity:"Order" pk:"ORDER#{ID}" sk:"ORDER"`},
		{Name: "ID", Type: of[string]()},
		{Name: "Field", Type: of[T](), Tag: reflect.StructTag(tag)},
	})
}

type (
	hidden8 struct{ Street string }
	base    struct {
		ID string `dynamodbav:"id"`
	}
	audit struct {
		ID string `dynamodbav:"id"`
	}
	left   struct{ Shared }
	right  struct{ Shared }
	moment time.Time
	// Shared is embedded by two structs that are embedded together.
	Shared struct{ By string }
	// Node contains itself behind a pointer.
	Node struct {
		Name string
		Next *Node
	}
	// Tree contains itself in a list.
	Tree struct{ Kids []Tree }
	// Forest contains itself in a map.
	Forest map[string]*Forest
	// Chain embeds itself.
	Chain struct {
		Name string
		*Chain
	}
	// Pointer has no end.
	Pointer *Pointer
	// Nest is a list of itself.
	Nest []Nest
	// oneWay is a TextMarshaler that cannot be read.
	oneWay struct{ X int }
	deep1  [][][][][][][][]string // eight levels
	deep2  [][][][][][][][]deep1
	deep3  struct{ L [][][][][][][]deep2 }
	deep4  struct {
		M map[string]map[string]map[string]map[string]map[string]map[string]map[string]deep3
	}
)

func (oneWay) MarshalText() ([]byte, error) { return nil, nil }

func structProblems() []faulty {
	return []faulty{
		{"an unknown option", tagged(`dynamodbav:"id,omitzero"`)},
		{"one that is nearly known", tagged(`dynamodbav:"id,omitEmpty"`)},
		{"one behind a space", tagged(`dynamodbav:"id, omitempty"`)},
		{"an empty one", tagged(`dynamodbav:"id,"`)},
		{"one twice", tagged(`dynamodbav:"id,omitempty,omitempty"`)},
		{"an option where the name stands", tagged(`dynamodbav:"omitempty"`)},
		{"options of a field that is left out", tagged(`dynamodbav:"-,omitempty"`)},
		{"a role of a field that is left out", tagged(`dynamodbav:"-" repo:"required"`)},
		{"a name that is no text", tagged(`dynamodbav:"\xff"`)},
		{"options that contradict each other", tagged(`dynamodbav:",omitempty,nullempty"`)},
		{"two kinds of sets", of[struct {
			Tags []string `dynamodbav:",stringset,numberset"`
		}]()},
		{"a set that is no slice", of[struct {
			Tags map[string]bool `dynamodbav:",stringset"`
		}]()},
		{"bytes are no set of numbers", of[struct {
			Blob []byte `dynamodbav:",numberset"`
		}]()},
		{"a set of other elements", of[struct {
			Tags []int     `dynamodbav:",stringset"`
			Nums []*string `dynamodbav:",numberset"`
			Bins []string  `dynamodbav:",binaryset"`
		}]()},
		{"unixtime of what is no time", of[struct {
			At  int64       `dynamodbav:",unixtime"`
			Ats []time.Time `dynamodbav:",unixtime"`
		}]()},
		{"string of what is no number", of[struct {
			On bool  `dynamodbav:",string"`
			Ns []int `dynamodbav:",string"`
		}]()},
		{"a tag key that is nearly ours", tagged(`dynamodb:"id"`)},
		{"one in another case", tagged(`DynamoDBAV:"id" Repo:"required"`)},
		{"a key of a marker at a field", tagged(`pk:"ORDER#{ID}"`)},
		{"a marker that has a name", of[struct {
			marker struct{} `entity:"Order" pk:"A" sk:"B"`
		}]()},
		{"a tag without quotes", tagged(`dynamodbav:id`)},
		{"a tag without its key", tagged(`:"id"`)},
		{"a key with a colon in it", tagged(`json:x:"id"`)},
		{"a key behind a tab", tagged("json:\"id\"\tdynamodbav:\"id\"")},
		{"a tag without its closing quote", tagged(`dynamodbav:"id`)},
		{"a tag with an escape that is none", tagged(`dynamodbav:"\q"`)},
		{"tags that touch", tagged(`json:"id"dynamodbav:"id"`)},
		{"a tag key twice", tagged(`dynamodbav:"id" dynamodbav:"name"`)},
		{"tags of an unexported field", of[struct {
			id   string `dynamodbav:"id"`
			name string `repo:"required"`
		}]()},
		{"an embedded pointer that reading cannot fill", of[struct{ *hidden8 }]()},
		{"an unexported type under an attribute name", of[struct {
			hidden8 `dynamodbav:"address"`
		}]()},
		{"an unexported time that is embedded", of[struct{ moment }]()},
		{"one attribute twice", of[struct {
			A string `dynamodbav:"id"`
			B string `dynamodbav:"id"`
		}]()},
		{"one attribute of two embedded structs", of[struct {
			base
			audit
		}]()},
		{"one struct embedded in two", of[struct {
			left
			right
		}]()},
		{"attributes that differ in case", of[struct {
			ID string `dynamodbav:"id"`
			Id string `dynamodbav:"ID"`
		}]()},
		{"so they do where one is embedded", of[struct {
			base
			Id string `dynamodbav:"ID"`
		}]()},
		{"a problem of a nested struct, with its path, at each place", of[struct {
			Ship, Bill struct {
				City string `dynamodbav:",omitzero"`
			}
		}]()},
		{"a type that contains itself behind a pointer", of[Node]()},
		{"in a list", of[Tree]()},
		{"in a map", of[struct{ F Forest }]()},
		{"as an element", of[struct{ N Nest }]()},
		{"by embedding", of[Chain]()},
		{"by embedding, further in", of[struct{ *Chain }]()},
		{"a pointer to itself", of[struct{ P Pointer }]()},
		{"types that have no attribute", of[struct {
			Func    func()
			Chan    chan int
			Complex complex128
			Uintptr uintptr
		}]()},
		{"an interface with methods", of[struct{ R io.Reader }]()},
		{"map keys that cannot name attributes", of[struct {
			Structs map[struct{ X int }]string
			OneWay  map[oneWay]string
			Any     map[any]string
		}]()},
		{"more levels than DynamoDB takes", of[struct{ D map[string][]deep4 }]()},
		{"a pointer to a struct", of[*fields]()},
		{"no struct at all", of[map[string]string]()},
	}
}

func entityProblems() []faulty {
	return []faulty{
		{"no marker", of[fields2]()},
		{"blank fields of other libraries are no markers", marked(`cbor:",toarray"`)},
		{"two entities", marked(`entity:"A" pk:"A" sk:"A"`, `entity:"B" pk:"B" sk:"B"`)},
		{"also where the first has no name", marked(`entity:"" pk:"A" sk:"A"`, `entity:"B" pk:"B" sk:"B"`)},
		{"a name with a space round it", marked(`entity:" Order" pk:"A" sk:"A"`)},
		{"a name that is no text", marked(`entity:"\xff" pk:"A" sk:"A"`)},
		{"an entity and an index in one", marked(`entity:"A" index:"gsi1" pk:"A" sk:"A"`)},
		{"neither", marked(`pk:"A" sk:"A"`)},
		{"a key in another case", marked(`entity:"A" PK:"A" sk:"A"`)},
		{"keys by other names", marked(`entity:"A" partition:"A" sort_key:"A"`)},
		{"an index by another name", indexed(`gsi:"gsi1" pk:"A" sk:"A"`)},
		{"a key that is none", marked(`entity:"A" pk:"A" sk:"A" json:"-"`)},
		{"a malformed marker", marked(`entity:"A" pk:"A sk:"A"`)},
		{"a template twice", marked(`entity:"A" pk:"A" pk:"B" sk:"A"`)},
		{"no keys", marked(`entity:"A"`)},
		{"an unknown option of the entity", marked(`entity:"A,overlap=B,sparse" pk:"A" sk:"A"`)},
		{"overlaps with nothing, itself, and one twice", marked(`entity:"A,overlaps=,overlaps=A,overlaps=B,overlaps=B" pk:"A" sk:"A"`)},
		{"when at the entity", marked(`entity:"A" pk:"A" sk:"A" when:"Status=open"`)},
		{"a former name that is none", marked(`entity:"A,was=" pk:"A" sk:"A"`)},
		{"the name now as a former one", marked(`entity:"A,was=A" pk:"A" sk:"A"`)},
		{"also before another", marked(`entity:"A,was=A,was=B" pk:"A" sk:"A"`)},
		{"a former name twice", marked(`entity:"A,was=B,was=C,was=B" pk:"A" sk:"A"`)},
		{"a former name of another entity", marked(`entity:"A,overlaps=B,was=B" pk:"A" sk:"A"`)},
		{"keys of a discriminator that changes with the name", of[struct {
			_    struct{} `entity:"A,was=B" pk:"{ID}" sk:"A"`
			_    struct{} `index:"gsi1" pk:"{ID}" sk:"{Kind}"`
			ID   string
			Kind string `repo:"type"`
		}]()},
		{"a when of such a discriminator", of[struct {
			_    struct{} `entity:"A,was=B" pk:"{ID}" sk:"A"`
			_    struct{} `index:"gsi1" pk:"{ID}" sk:"A" when:"Kind=A"`
			ID   string
			Kind string `repo:"type"`
		}]()},
		{"a guard of such a discriminator", of[struct {
			_     struct{} `entity:"A,was=B" pk:"{ID}" sk:"A"`
			ID    string
			Kind  string `repo:"type"`
			Email string `repo:"unique=Kind+Email"`
		}]()},
		{"native keys that are text too", marked(`entity:"A" pk:"A" hash:"ID" range:"Seq" sk:"B"`, `index:"gsi1" hash:"Status" pk:"{Status}"`)},
		{"native keys of more fields than a key has", marked(`entity:"A" hash:"ID,Seq" range:"Seq,Status"`, `index:"gsi1" hash:"ID,Seq,Status,At,Small"`)},
		{"native keys that are no fields, or twice", marked(`entity:"A" hash:"IDD"`, `index:"gsi1" hash:"ID,ID" range:""`)},
		{"native keys that DynamoDB takes for no key", marked(`entity:"A" hash:"ID" range:"On"`, `index:"gsi1" hash:"Ship.City"`)},

		{"an index twice", indexed(`index:"gsi1" pk:"A" sk:"A"`, `index:"gsi1" pk:"B" sk:"B"`)},
		{"also where the first is wrong", indexed(`index:"gsi1" pk:"{Nam}" sk:"A"`, `index:"gsi1" pk:"B" sk:"B"`)},
		{"without a name", indexed(`index:"" pk:"A" sk:"A"`)},
		{"a when without a value", indexed(`index:"gsi1" pk:"A" sk:"A" when:"Status"`)},
		{"an empty when", indexed(`index:"gsi1" pk:"A" sk:"A" when:""`)},
		{"a when of an unknown field", indexed(`index:"gsi1" pk:"A" sk:"A" when:"State=open,Nme=a"`)},
		{"an empty value", indexed(`index:"gsi1" pk:"A" sk:"A" when:"Status=open|"`)},
		{"spaces round a value", indexed(`index:"gsi1" pk:"A" sk:"A" when:"Status=open | shipped"`)},
		{"a value that is no text", indexed(`index:"gsi1" pk:"A" sk:"A" when:"Status=\xff"`)},
		{"a value twice", indexed(`index:"gsi1" pk:"A" sk:"A" when:"Status=open|open,Seq=1|01"`)},
		{"a field twice", indexed(`index:"gsi1" pk:"A" sk:"A" when:"Status=open,Status=shipped"`)},
		{"values of other kinds", indexed(`index:"gsi1" pk:"A" sk:"A" when:"Seq=one,Small=200,Count=-1,On=yes"`)},
		{"fields that cannot be compared", indexed(`index:"gsi1" pk:"A" sk:"A" when:"At=now,Price=1.5,Ship=x"`)},

		{"an empty template", keyed("")},
		{"a template that is no text", keyed("\xff#{ID}")},
		{"an unknown field", keyed("{Customer}")},
		{"in another case", keyed("{id}")},
		{"nearly known", keyed("{Statuss}")},
		{"an unknown field of a nested struct", keyed("{Ship.Town}#{Ship.city}")},
		{"a field of what has none", keyed("{Name.First}")},
		{"no field", keyed("{}")},
		{"a struct", keyed("{Ship}")},
		{"an attribute's name", of[struct {
			_   struct{} `entity:"Order" pk:"{cust_no}" sk:"ORDER"`
			Who string   `dynamodbav:"cust_no"`
		}]()},
		{"the name of an embedded struct", of[struct {
			_ struct{} `entity:"Order" pk:"{Promoted.Zone}" sk:"ORDER"`
			Promoted
		}]()},
		{"a field that is not stored", of[struct {
			_    struct{} `entity:"Order" pk:"{Note}" sk:"ORDER"`
			Note string   `dynamodbav:"-"`
		}]()},
		{"a name that two embedded structs have", of[struct {
			_ struct{} `entity:"Order" pk:"{By}" sk:"ORDER"`
			Shared
			Twin
		}]()},
		{"adjacent fields", keyed("{ID}{Name}")},
		{"a field without a delimiter behind it", keyed("{ID}-{Name}")},
		{"a plain number before a digit", keyed("{Seq|plain}0")},
		{"a plain number before a dash", keyed("{Seq|plain}-{ID}")},
		{"a brace that is not closed", keyed("ORDER#{ID")},
		{"one that is not opened", keyed("ORDER#ID}")},
		{"one in another", keyed("{ID{Name}}")},
		{"an unknown verb", keyed("{ID|lower}")},
		{"nearly known", keyed("{Seq|Descc}")},
		{"an empty one", keyed("{Seq|}")},
		{"a verb twice", keyed("{Seq|desc|desc}")},
		{"verbs with the wrong argument", keyed("{Seq|pad}#{Seq|pad=0}#{Seq|pad=21}#{Seq|pad=x}#{Seq|desc=1}")},
		{"verbs on the wrong kind", keyed("{ID|pad=3}#{ID|desc}#{At|plain}#{Seq|raw}#{Blob|desc}#{Level|pad=3}")},
		{"plain with pad and with desc", keyed("{Seq|plain|pad=3}#{Seq|desc|plain}")},
		{"kinds that have no text", keyed("{Price}#{Number}#{Tags}#{Any}#{None}")},
		{"texts of what is not stored", keyed("{Sum}#{Addr}")},
		{"an interface with a text", of[struct {
			_    struct{} `entity:"Order" pk:"{Text}" sk:"ORDER"`
			Text encoding.TextMarshaler
		}]()},

		{"an unknown role", roled[string](`repo:"mandatory"`)},
		{"nearly known", roled[string](`repo:"requird"`)},
		{"a role with an argument", roled[string](`repo:"required=yes"`)},
		{"a role twice", roled[string](`repo:"required,required"`)},
		{"a former name of no attribute", roled[string](`repo:"was="`)},
		{"also without its sign", roled[string](`repo:"was"`)},
		{"one that is the attribute's name now", roled[string](`repo:"was=Field"`)},
		{"a former name of the attribute twice", roled[string](`repo:"was=old,was=older,was=old"`)},
		{"a former name that is another's name now", roled[string](`repo:"was=ID"`)},
		{"one that differs from it in case", roled[string](`repo:"was=id"`)},
		{"a former name of two fields", of[struct {
			_  struct{} `entity:"Order" pk:"{ID}" sk:"ORDER"`
			ID string
			A  string `repo:"was=old"`
			B  string `repo:"was=b,was=Old"`
		}]()},
		{"former names in a struct below", of[struct {
			_  struct{} `entity:"Order" pk:"{ID}" sk:"ORDER"`
			ID string
			To map[string][]struct {
				Place *struct {
					City string `repo:"was=town"`
				}
			}
		}]()},
		{"a discriminator under a former name", roled[string](`repo:"type,was=kind"`)},
		{"native keys under former names", of[struct {
			_  struct{} `entity:"Order" hash:"ID" sk:"ORDER"`
			_  struct{} `index:"gsi1" pk:"ORDERS" range:"No"`
			ID string   `repo:"was=key"`
			No int      `repo:"was=number"`
		}]()},
		{"a discriminator that is not stored as a string", roled[json.Number](`repo:"type"`)},
		{"a version that is no integer", roled[float64](`repo:"version"`)},
		{"a version that is written as a string", roled[int](`dynamodbav:",string" repo:"version"`)},
		{"times that are none", roled[string](`repo:"created,updated"`)},
		{"a ttl that is not in seconds", roled[time.Time](`repo:"ttl"`)},
		{"fold without unique", roled[string](`repo:"fold"`)},
		{"optional without version", roled[int](`repo:"optional"`)},
		{"fold of what is no string", roled[int](`repo:"unique,fold"`)},
		{"unique among nothing", roled[string](`repo:"unique="`)},
		{"unique among an unknown field", roled[string](`repo:"unique=Tenant+Field"`)},
		{"unique that does not end in its field", roled[string](`repo:"unique=Field+ID"`)},
		{"unique of what has no text", roled[float64](`repo:"unique"`)},
		{"roles that one field can have, in two", of[struct {
			_  struct{} `entity:"Order" pk:"{ID}" sk:"ORDER"`
			ID string
			A  string `repo:"type"`
			B  string `repo:"type"`
			V  int    `repo:"version"`
			W  int    `repo:"version"`
		}]()},
		{"a ttl beside a unique field", of[struct {
			_       struct{}  `entity:"Order" pk:"{ID}" sk:"ORDER"`
			ID      string    `repo:"unique"`
			Expires time.Time `dynamodbav:",unixtime" repo:"ttl"`
		}]()},
		{"a role of a hidden field", of[struct {
			_  struct{} `entity:"Order" pk:"{ID}" sk:"ORDER"`
			ID string   `dynamodbav:"pid"`
			Ruled
		}]()},
		{"all problems of one type at once", of[struct {
			_  struct{} `entity:"Order" pk:"{Foo}{Bar|desk}" sk:"{ID|pad=3}"`
			_  struct{} `index:"gsi1" pk:"{Price}" sk:"{Nope}" when:"ID=,Baz=1"`
			ID string   `dynamodbav:"id,omitzero" repo:"requird"`
			id string   `dynamodbav:"other"`

			Price float64 `dynamodbav:"ID"`
			Call  func()
		}]()},
	}
}

// fields2 has no marker.
type fields2 struct{ ID string }

// Twin and Shared both promote By, under two attribute names.
type Twin struct {
	By string `dynamodbav:"twin_by"`
}

// Ruled promotes an ID that the outer one hides in Go, and not in the item.
type Ruled struct {
	ID string `dynamodbav:"id" repo:"required"`
}

const problemsFile = "testdata/problems.txt"

// TestProblems compares the whole text of every problem with the golden file, which -update rewrites.
func TestProblems(t *testing.T) {
	var got bytes.Buffer
	write := func(f faulty, err error) {
		var problems Problems
		if !errors.As(err, &problems) || len(problems) == 0 {
			t.Errorf("%s: not refused: %v", f.reason, err)
		}
		fmt.Fprintf(&got, "# %s\n%s\n\n", f.reason, strings.ReplaceAll(strings.ReplaceAll(problems.Error(), f.typ.String(), "T"), of[fields]().String(), "fields"))
	}
	for _, f := range structProblems() {
		_, err := StructOf(f.typ)
		write(f, err)
	}
	for _, f := range append(entityProblems(), verbProblems()...) {
		_, err := EntityOf(f.typ)
		write(f, err)
	}
	if *rewrite {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(problemsFile, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(problemsFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the problems differ from %s (-want +got); rewrite it with -update:\n%s", problemsFile, diff)
	}
}

// TestProblemStyle checks the texts of the golden file against style: a sentence without a full stop that begins in lower case.
func TestProblemStyle(t *testing.T) {
	golden, err := os.ReadFile(problemsFile)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(golden)) {
		line = strings.TrimSpace(line)
		if _, text, ok := strings.Cut(line, ": "); ok && !strings.HasPrefix(line, "#") {
			if strings.HasSuffix(text, ".") || text == "" || text[0] >= 'A' && text[0] <= 'Z' {
				t.Errorf("%q is no sentence in the middle of a text", text)
			}
		}
	}
}

// TestEveryProblemIsShown finds every problem that the source can report, and expects each in the golden file.
func TestEveryProblemIsShown(t *testing.T) {
	golden, err := os.ReadFile(problemsFile)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for format := range formats(parsed) {
			found++
			if !pattern(format).Match(golden) {
				t.Errorf("%s reports %q, and no case shows it", file, format)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d problems were found in the source", found)
	}
}

// formats lists the format of every call of addf.
func formats(file *ast.File) map[string]bool {
	out := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) < 2 {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); !ok || sel.Sel.Name != "addf" {
			return true
		}
		if lit, ok := call.Args[1].(*ast.BasicLit); ok {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				out[text] = true
			}
		}
		return true
	})
	return out
}

// pattern is what texts of the format look like.
func pattern(format string) *regexp.Regexp {
	parts := regexp.MustCompile(`%[qsd]`).Split(format, -1)
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	return regexp.MustCompile(strings.Join(parts, ".*"))
}
