package schema

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/google/go-cmp/cmp"
)

// Inner is promoted by embedding, and nested too.
type Inner struct {
	ID   string `dynamodbav:"inner_id"`
	Code string `dynamodbav:"code" repo:"required"`
}

// Optional is embedded by a pointer.
type Optional struct {
	Flag bool
	Rank int
	Further
}

// Further is embedded by what is embedded by a pointer.
type Further struct{ Step int }

type outer struct {
	_ struct{} `entity:"Outer,overlaps=Other" pk:"O#{ID}" sk:"{Nested.Code}#{Code}#{Ptr.Code}"`
	_ struct{} `index:"gsi1" pk:"R#{Rank}" sk:"{Count}#{On}#{Step}" when:"On=true,Count=1|02"`
	_ struct{} `index:"gsi2" pk:"{Rank}"`

	ID string `dynamodbav:",omitempty"`
	Inner
	*Optional
	Nested Nested
	Ptr    *Inner
	Count  int `dynamodbav:"count,omitempty"`
	On     bool
	Times  struct{ At, Unix time.Time }
	Kind   string `repo:"type"`
	hidden string //nolint:unused // it is there to be passed over
	Left   string `dynamodbav:"-"`
}

// Nested is an entity of its own, whose declarations mean nothing within another.
type Nested struct {
	_ struct{} `entity:"Nested" pk:"N#{Code}" sk:"N"`
	_ struct{} `index:"gsi9" pk:"N#{Code}"`

	Code string `repo:"required,type"`
}

func entityOf[T any](t testing.TB) *Entity {
	t.Helper()
	e, err := EntityOf(reflect.TypeFor[T]())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEntity(t *testing.T) {
	e := entityOf[outer](t)
	var attrs []string
	for _, f := range e.Fields {
		attrs = append(attrs, f.Name+"="+f.Attr)
	}
	want := []string{"ID=ID", "ID=inner_id", "Code=code", "Flag=Flag", "Rank=Rank", "Step=Step", "Nested=Nested", "Ptr=Ptr", "Count=count", "On=On", "Times=Times", "Kind=Kind"}
	if diff := cmp.Diff(want, attrs); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if e.Name != "Outer" || !slices.Equal(e.Overlaps, []string{"Other"}) || e.TypeRef.Path != "Kind" {
		t.Errorf("got %q, %q, %v", e.Name, e.Overlaps, e.TypeRef)
	}
	if len(e.Indexes) != 2 || e.Indexes[0].Name != "gsi1" || len(e.Indexes[1].Range) > 0 {
		t.Errorf("got the indexes %v", e.Indexes)
	}
	for _, tt := range []struct {
		reason, want string
		refs         []*Ref
	}{
		{"the primary key's fields, in order", "ID Nested.Code Code Ptr.Code", e.KeyRefs()},
		{"an index's fields, and those of its when, each once", "Rank Count On Step", e.Indexes[0].Refs()},
		{"an index without a sort key", "Rank", e.Indexes[1].Refs()},
	} {
		if got := listed(tt.refs); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.reason, got, tt.want)
		}
	}
	if e.Ref("ID").Leaf().Attr != "ID" {
		t.Error("ID is not the outer one, which it means in Go")
	}
	if e.Ref("Nowhere") != nil {
		t.Error("a field that nothing names has a Ref")
	}
	if got := e.Indexes[0].When[1].Values; !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("the values of a clause are %q", got)
	}
}

func listed(refs []*Ref) string {
	var out []string
	for _, r := range refs {
		out = append(out, r.Path)
	}
	return strings.Join(out, " ")
}

// TestNestedRoles shows that the role of an embedded field counts, and that of a nested struct does not.
func TestNestedRoles(t *testing.T) {
	type counted struct {
		_ struct{} `entity:"Counted" pk:"{Key}" sk:"C"`

		Key string
		Inner
		Sub struct {
			Must string `repo:"required"`
			Wild string `repo:"no such role"`
		}
	}
	e := entityOf[counted](t)
	if got := listed(e.Required); got != "Code" {
		t.Errorf("required are %q, want the embedded field alone", got)
	}
}

func TestRefValue(t *testing.T) {
	e := entityOf[outer](t)
	full := outer{ID: "o", Inner: Inner{Code: "c"}, Optional: &Optional{Rank: 3}, Nested: Nested{Code: "n"}, Ptr: &Inner{Code: "p"}}
	for _, tt := range []struct {
		reason, path string
		in           outer
		want         any // nil where it is not there
	}{
		{"a field", "ID", full, "o"},
		{"a promoted one", "Code", full, "c"},
		{"a nested one", "Nested.Code", full, "n"},
		{"one behind a pointer", "Ptr.Code", full, "p"},
		{"behind a nil one", "Ptr.Code", outer{}, nil},
		{"one promoted by an embedded pointer", "Rank", full, 3},
		{"by a nil one", "Rank", outer{}, nil},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			ref := e.Ref(tt.path)
			v, ok := ref.Value(reflect.ValueOf(tt.in))
			if ok != (tt.want != nil) || ok && v.Interface() != tt.want {
				t.Fatalf("got %v %v", v, ok)
			}
			var copied outer
			ref.Copy(reflect.ValueOf(&copied).Elem(), reflect.ValueOf(tt.in))
			v, ok = ref.Value(reflect.ValueOf(copied))
			if ok != (tt.want != nil) || ok && v.Interface() != tt.want {
				t.Errorf("copied, it is %v %v", v, ok)
			}
			if !ok && !reflect.DeepEqual(copied, outer{}) {
				t.Error("a field that is not there was copied")
			}
			if !ok {
				return
			}
			// Replacing allocates what it needs, and changes nothing that another copy of the entity can see.
			replaced := tt.in
			ref.Replace(reflect.ValueOf(&replaced).Elem(), reflect.Zero(v.Type()))
			if got, _ := ref.Value(reflect.ValueOf(replaced)); !got.IsZero() {
				t.Errorf("replaced by zero, it is %v", got)
			}
			if got, _ := ref.Value(reflect.ValueOf(tt.in)); got.Interface() != tt.want {
				t.Error("replacing it changed the entity that it was copied from")
			}
		})
	}
}

func TestPresence(t *testing.T) {
	e := entityOf[outer](t)
	for _, tt := range []struct {
		reason, path string
		want         bool
	}{
		{"an integer is always there, also where its zero is left out", "Count", true},
		{"a bool is", "On", true},
		{"a string is not", "ID", false},
		{"an integer behind an embedded pointer is not", "Rank", false},
		{"nor one that is embedded in what the pointer leads to", "Step", false},
		{"nor a string behind a pointer", "Ptr.Code", false},
	} {
		if got := e.Ref(tt.path).AlwaysPresent(); got != tt.want {
			t.Errorf("%s: got %v", tt.reason, got)
		}
	}
	type pointed struct {
		_ struct{} `entity:"Pointed" pk:"{N}" sk:"{Sub.M}#{Far.M}#{Named}"`

		N   *int
		Sub struct{ M int }
		Far *struct{ M int }
		// Named has a text of its own, and is an integer all the same.
		Named level8
	}
	p := entityOf[pointed](t)
	for path, want := range map[string]bool{"N": false, "Sub.M": true, "Far.M": false, "Named": true} {
		if got := p.Ref(path).AlwaysPresent(); got != want {
			t.Errorf("%s: always present: %v", path, got)
		}
	}
	for _, tt := range []struct {
		reason string
		value  any
		want   bool
	}{
		{"an empty string", "", false},
		{"a string", "a", true},
		{"no bytes", []byte(nil), false},
		{"an empty list", []int{}, false},
		{"an empty map", map[string]int{}, false},
		{"a nil map", map[string]int(nil), false},
		{"a map", map[string]int{"a": 0}, true},
		{"zero", 0, true},
		{"false", false, true},
		{"an array of zeros: it has a text, as zero has", [4]byte{}, true},
		{"a zero time", time.Time{}, false},
		{"a zero of a type that is defined as a time", stamp{}, false},
		{"the epoch is no zero time", time.Unix(0, 0), true},
		{"a zero struct that is no time", dial{}, true},
	} {
		if got := Present(reflect.ValueOf(tt.value)); got != tt.want {
			t.Errorf("%s: present: %v", tt.reason, got)
		}
	}
	var nothing, something any = nil, 0
	if Present(reflect.ValueOf(&nothing).Elem()) || !Present(reflect.ValueOf(&something).Elem()) {
		t.Error("an interface is there where it holds something")
	}
}

// TestWhen holds clauses against values of their fields.
func TestWhen(t *testing.T) {
	type clauses struct {
		_ struct{} `entity:"Clauses" pk:"{S}" sk:"C"`
		_ struct{} `index:"gsi1" pk:"A" when:"S=a|b,N=-1|007,U=255,B=false,P=x"`

		S string
		N int8
		U uint8
		B bool
		P *string
	}
	x := "x"
	when := entityOf[clauses](t).Indexes[0].When
	for _, tt := range []struct {
		reason string
		in     clauses
		want   string // which clauses hold
	}{
		{"all of them", clauses{S: "b", N: 7, U: 255, P: &x}, "S N U B P"},
		{"a number's text counts for nothing", clauses{N: -1}, "N B"},
		{"case does", clauses{S: "A", B: true}, ""},
	} {
		var got []string
		for _, c := range when {
			if v, ok := c.Ref.Value(reflect.ValueOf(tt.in)); ok && c.Holds(v) {
				got = append(got, c.Ref.Path)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %q hold, want %q", tt.reason, got, tt.want)
		}
	}
}

// TestEmbedding compares the visible attributes with those that attributevalue writes.
func TestEmbedding(t *testing.T) {
	type tagged struct {
		Code string `dynamodbav:"ID"`
	}
	for _, tt := range []struct {
		reason string
		value  any
	}{
		{"promoted fields", struct{ Inner }{Inner{"a", "b"}}},
		{"an outer field hides an inner one", struct {
			Code string `dynamodbav:"code"`
			Inner
		}{"outer", Inner{"a", "b"}}},
		{"a tagged name wins among equals", struct {
			tagged
			Optional2
		}{tagged{"tag"}, Optional2{ID: "name"}}},
		{"an embedded struct with a name is nested", struct {
			Inner `dynamodbav:"inner"`
		}{Inner{"a", "b"}}},
		{"the same struct further in is hidden whole", struct {
			Inner
			Wrap
		}{Inner{"a", "b"}, Wrap{Inner{"c", "d"}}}},
		{"unexported and skipped fields", struct {
			hidden string
			Gone   string `dynamodbav:"-"`
			Kept   string
		}{"a", "b", "c"}},
		{"an empty name is the field's own", struct {
			Name string `dynamodbav:",omitempty"`
		}{"n"}},
		{"a pointer that is embedded", struct{ *Optional }{&Optional{Rank: 1}}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			s, err := StructOf(reflect.TypeOf(tt.value))
			if err != nil {
				t.Fatal(err)
			}
			item, err := attributevalue.MarshalMap(tt.value)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Fields) != len(item) {
				t.Errorf("%d attributes, and attributevalue writes %d", len(s.Fields), len(item))
			}
			for attr := range item {
				f := s.ByAttr(attr)
				if f == nil {
					t.Errorf("attribute %q is not seen", attr)
					continue
				}
				want, err := attributevalue.Marshal(reflect.ValueOf(tt.value).FieldByIndex(f.Index).Interface())
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, item[attr], cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
					t.Errorf("attribute %q is of another field (-want +got):\n%s", attr, diff)
				}
			}
		})
	}
}

// Optional2 has an attribute of the name that another field's tag gives.
type Optional2 struct{ ID string }

// Wrap embeds what is embedded beside it.
type Wrap struct{ Inner }

// TestOneStruct wants one pointer per type, whichever type is read first, and however many goroutines read it at once.
func TestOneStruct(t *testing.T) {
	type leaf struct{ A string }
	type branch struct{ Leaf, Other leaf }
	type root struct {
		_ struct{} `entity:"Root" pk:"{Branch.Leaf.A}" sk:"R"`

		Branch branch
		List   []branch
		Leaf   *leaf
	}
	type twin struct {
		_ struct{} `entity:"Twin" pk:"{Branch.Leaf.A}" sk:"T"`

		Branch branch
	}
	const readers = 16
	entities := make([]*Entity, readers)
	structs := make([]*Struct, readers)
	var start, done sync.WaitGroup
	start.Add(1)
	for n := range readers {
		done.Go(func() {
			start.Wait()
			if n%2 == 0 {
				_, _ = StructOf(reflect.TypeFor[branch]())
				_, _ = EntityOf(reflect.TypeFor[twin]())
			}
			entities[n], _ = EntityOf(reflect.TypeFor[root]())
			structs[n], _ = StructOf(reflect.TypeFor[leaf]())
		})
	}
	start.Done()
	done.Wait()
	e, s := entities[0], structs[0]
	for n := range readers {
		if entities[n] != e || structs[n] != s || e == nil {
			t.Fatalf("reader %d got another entity or struct", n)
		}
	}
	whole, _ := StructOf(reflect.TypeFor[root]())
	inner, _ := StructOf(reflect.TypeFor[branch]())
	other := entityOf[twin](t)
	if e.Struct != whole || e.ByName("Branch").Struct != inner || other.ByName("Branch").Struct != inner || inner.ByName("Leaf").Struct != s || e.ByName("Leaf").Struct != s {
		t.Error("one type has several structs")
	}
}

// TestDepth wants the bound on nesting to hold whichever type was read first.
func TestDepth(t *testing.T) {
	type ten struct{ L [][][][][][][][][]string }     // 10 levels: the struct, and nine lists
	type twenty struct{ L [][][][][][][][][][]ten }   // 21
	type thirty struct{ M map[string][][][][]twenty } // 27
	type exact struct {
		A, B struct{ C struct{ L [][][]thirty } }
	} // the item, and 32 levels
	type over struct {
		A struct{ C struct{ L [][][][]thirty } }
	} // the item, and 33
	type late struct {
		B struct{ C struct{ L [][][][]thirty } }
	}
	if _, err := StructOf(reflect.TypeFor[over]()); err == nil {
		t.Error("nested too deep, and not refused")
	}
	if _, err := StructOf(reflect.TypeFor[exact]()); err != nil {
		t.Error(err)
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[ten](), reflect.TypeFor[twenty](), reflect.TypeFor[thirty]()} {
		if _, err := StructOf(typ); err != nil {
			t.Error(err)
		}
	}
	if _, err := StructOf(reflect.TypeFor[late]()); err == nil {
		t.Error("nested too deep, and not refused once the inner type was known")
	}
}

func TestOtherLibraries(t *testing.T) {
	type shared struct {
		_ struct{} `cbor:",toarray"`
		_ struct{} `entity:"Shared" pk:"{ID}" sk:"S"`

		ID    string `dynamodbav:"id" json:"id" hash:"ignore" index:"seq-index,range" range:"1-10" when:"always"`
		state int    `hash:"ignore"` //nolint:unused // it is there to be passed over
	}
	if e := entityOf[shared](t); e.Name != "Shared" || len(e.Fields) != 1 {
		t.Errorf("got %v", e)
	}
}
