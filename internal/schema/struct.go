package schema

import (
	"reflect"
	"slices"
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
	levels int // of nesting, the struct itself included
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

// ByName finds the field that a selector of this name means in Go: an outer one hides those of embedded structs.
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
	if t.Kind() != reflect.Struct {
		r.addf("", "an entity must be a struct, not %s", article(t))
		return structResult{&Struct{Type: t}, r.problems}
	}
	s := walker{r}.structure("", t, nil)
	cached, _ := structs.LoadOrStore(t, structResult{s, r.problems})
	return cached.(structResult)
}

// article names a type that is no struct: the commonest mistake is a pointer to one.
func article(t reflect.Type) string {
	if inner := indirect(t); inner.Kind() == reflect.Struct {
		return "a pointer; name " + inner.String() + " itself"
	}
	return t.Kind().String()
}

// walker reads a type and all types below it.
type walker struct{ *report }

// structure reads one struct type; above holds the types on the way to it. One without problems is kept for good, so that it is
// the same wherever it is nested; the problems of others are reported at each place.
func (w walker) structure(at string, t reflect.Type, above []reflect.Type) *Struct {
	if cached, ok := structs.Load(t); ok && len(cached.(structResult).problems) == 0 {
		s := cached.(structResult).Struct
		if len(above)+s.levels > maxDepth+1 {
			w.tooDeep(at)
		}
		return s
	}
	before := len(w.problems)
	s := &Struct{Type: t, byAttr: map[string]*Field{}, byName: map[string]*Field{}, levels: 1}
	above = append(slices.Clip(above), t)
	s.Fields = visible(w.report, at, t)
	w.caseTwins(at, s.Fields)
	for _, f := range s.Fields {
		s.byAttr[f.Attr] = f
		if sf, ok := t.FieldByName(f.Name); ok && slices.Equal(sf.Index, f.Index) {
			s.byName[f.Name] = f
		}
		var levels int
		f.Struct, levels = w.value(join(at, f.Name), f.Type, above)
		s.levels = max(s.levels, levels+1)
	}
	if len(w.problems) > before {
		return s
	}
	cached, _ := structs.LoadOrStore(t, structResult{Struct: s})
	return cached.(structResult).Struct
}

func (w walker) tooDeep(at string) {
	w.addf(at, "nested deeper than %d levels, which DynamoDB refuses", maxDepth)
}

// caseTwins reports attribute names that differ only in case.
func (w walker) caseTwins(at string, fields []*Field) {
	folded := map[string]*Field{}
	for _, f := range fields {
		if twin := folded[strings.ToLower(f.Attr)]; twin != nil {
			w.addf(join(at, f.Name), "attribute %q differs from %q of %s only in case, and other readers mix such attributes up; rename one", f.Attr, twin.Attr, twin.Name)
		}
		folded[strings.ToLower(f.Attr)] = f
	}
}

// value checks that a type can be stored. It returns the struct that it is stored as, if it is one, and its levels of nesting.
func (w walker) value(at string, t reflect.Type, above []reflect.Type) (s *Struct, levels int) {
	t = indirect(t)
	switch k := t.Kind(); {
	case k != reflect.Interface && IsOpaque(t), isTime(t), isBytes(t):
	case k == reflect.Struct || k == reflect.Slice || k == reflect.Array || k == reflect.Map:
		return w.container(at, t, above)
	case k == reflect.Interface && t.NumMethod() == 0, k == reflect.String, k == reflect.Bool, isNumber(k):
	case k == reflect.Interface:
		w.addf(at, "a value of %s could be stored, but not read again, since nothing says which type it has; use any or a type of its own", t)
	default:
		w.addf(at, "type %s cannot be stored; give it a Marshaler and Unmarshaler of package attributevalue, or leave it out with dynamodbav:\"-\"", t)
	}
	return nil, 0
}

// container is value for what holds other values: a level of nesting.
func (w walker) container(at string, t reflect.Type, above []reflect.Type) (s *Struct, levels int) {
	switch {
	case slices.Contains(above, t):
		w.addf(at, "type %s contains itself; store the inner one as an item of its own, or give it a Marshaler", t)
		return nil, 0
	case len(above) > maxDepth:
		w.tooDeep(at)
		return nil, 0
	case t.Kind() == reflect.Struct:
		s = w.structure(at, t, above)
		return s, s.levels
	case t.Kind() == reflect.Map:
		w.mapKey(at, t.Key())
	}
	_, levels = w.value(at, t.Elem(), append(slices.Clip(above), t))
	return nil, levels + 1
}

// mapKey checks that keys of the type can name attributes.
func (w walker) mapKey(at string, t reflect.Type) {
	if t.Kind() == reflect.String || t.Kind() == reflect.Bool || isNumber(t.Kind()) {
		return
	}
	if t.Kind() == reflect.Interface || !implements(t, textMarshalerType) || !implements(t, textUnmarshalerType) {
		w.addf(at, "a map with keys of type %s cannot be stored; use strings, integers, bools, or a TextMarshaler that is a TextUnmarshaler too", t)
	}
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}
