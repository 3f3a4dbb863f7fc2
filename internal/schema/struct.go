package schema

import (
	"reflect"
	"strings"
	"sync"
)

// maxDepth bounds the nesting of a type: DynamoDB takes documents of at most 32 levels.
const maxDepth = 32

// Struct is what the dynamodbav tags of one struct type say.
type Struct struct {
	Type   reflect.Type
	Fields []*Field // the visible ones, promoted ones of embedded structs included, in order of declaration

	byAttr map[string]*Field
	byName map[string]*Field
}

// Field is one attribute of a struct.
type Field struct {
	Name  string // in Go, promoted where it is of an embedded struct
	Attr  string // the attribute's name, exact in case
	Index []int  // for reflect, through embedded structs
	Type  reflect.Type
	Tag   Tag

	// Struct is set where the value (behind its pointers) is a struct that is stored as a map of attributes: not for times and
	// types that bring their own encoding.
	Struct *Struct

	optional bool   // promoted through an embedded pointer, so it may not be there
	roleText string // what the repo tag says, read by the entity that the field belongs to
}

// ByAttr finds the field with exactly this attribute name.
func (s *Struct) ByAttr(attr string) *Field { return s.byAttr[attr] }

// ByName finds the field with this Go name.
func (s *Struct) ByName(name string) *Field { return s.byName[name] }

type structResult struct {
	*Struct
	problems Problems
}

var structs sync.Map // reflect.Type -> structResult

// StructOf reads the attributes of a struct type. The result is cached: equal types give the same *Struct, and its fields can be
// compared by pointer. The error is a [Problems] with all that is wrong with the type.
func StructOf(t reflect.Type) (*Struct, error) {
	result := structOf(t)
	if len(result.problems) > 0 {
		return nil, result.problems
	}
	return result.Struct, nil
}

func structOf(t reflect.Type) structResult {
	if cached, ok := structs.Load(t); ok {
		return cached.(structResult)
	}
	r := &report{typ: t.String()}
	w := walker{report: r, known: map[reflect.Type]*Struct{}}
	s := w.structure("", t, nil)
	cached, _ := structs.LoadOrStore(t, structResult{s, r.problems})
	return cached.(structResult)
}

// walker reads a type and all types below it; known holds the nested structs read so far.
type walker struct {
	*report
	known map[reflect.Type]*Struct
}

// structure reads one struct type; above holds the types on the way to it, for cycles.
func (w walker) structure(at string, t reflect.Type, above []reflect.Type) *Struct {
	if s, ok := w.known[t]; ok {
		return s
	}
	if cached, ok := structs.Load(t); ok && len(cached.(structResult).problems) == 0 {
		return cached.(structResult).Struct
	}
	s := &Struct{Type: t, byAttr: map[string]*Field{}, byName: map[string]*Field{}}
	if t.Kind() != reflect.Struct {
		w.addf(at, "an entity must be a struct, not %s", t.Kind())
		return s
	}
	w.known[t] = s
	above = append(above[:len(above):len(above)], t)
	s.Fields = visible(w.report, at, collect(w.report, t))
	folded := map[string]*Field{}
	for _, f := range s.Fields {
		s.byAttr[f.Attr], s.byName[f.Name] = f, f
		if twin := folded[strings.ToLower(f.Attr)]; twin != nil {
			w.addf(join(at, f.Name), "attribute %q differs from %q of %s only in case, and other readers mix such attributes up; rename one", f.Attr, twin.Attr, twin.Name)
		}
		folded[strings.ToLower(f.Attr)] = f
		f.Struct = w.value(join(at, f.Name), f.Type, above)
	}
	return s
}

// value checks that a type can be stored, and returns the struct that it is stored as, if it is one.
func (w walker) value(at string, t reflect.Type, above []reflect.Type) *Struct {
	if len(above) > maxDepth {
		w.addf(at, "nested deeper than %d levels, which DynamoDB refuses", maxDepth)
		return nil
	}
	for t.Kind() == reflect.Pointer && !IsOpaque(t) {
		t = t.Elem()
	}
	switch {
	case IsOpaque(t) || isTime(t):
		return nil
	case t.Kind() == reflect.Struct:
		for _, outer := range above {
			if outer == t {
				w.addf(at, "type %s contains itself; store the inner one as an item of its own, or give it a Marshaler", t)
				return nil
			}
		}
		return w.structure(at, t, above)
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		w.element(at, t.Elem(), above)
	case t.Kind() == reflect.Map:
		w.mapKey(at, t.Key())
		w.element(at, t.Elem(), above)
	case t.Kind() == reflect.Interface, t.Kind() == reflect.String, t.Kind() == reflect.Bool, isNumber(t.Kind()):
	default:
		w.addf(at, "type %s cannot be stored; give it a Marshaler and Unmarshaler of package attributevalue, or leave it out with dynamodbav:\"-\"", t)
	}
	return nil
}

// element is value for what a list or a map holds: recursion through unnamed or named slices and maps is a cycle too.
func (w walker) element(at string, t reflect.Type, above []reflect.Type) {
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Map || t.Kind() == reflect.Array {
		for _, outer := range above {
			if outer == t {
				w.addf(at, "type %s contains itself; store the inner one as an item of its own, or give it a Marshaler", t)
				return
			}
		}
		above = append(above[:len(above):len(above)], t)
	}
	w.value(at, t, above)
}

// mapKey checks that keys of the type can name attributes.
func (w walker) mapKey(at string, t reflect.Type) {
	if implements(t, textMarshalerType) || t.Kind() == reflect.String || t.Kind() == reflect.Bool || isNumber(t.Kind()) {
		return
	}
	w.addf(at, "a map with keys of type %s cannot be stored; use strings, integers, bools or a TextMarshaler", t)
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}
