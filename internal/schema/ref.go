package schema

import (
	"reflect"
	"slices"
	"strings"
)

// Ref names a field of an entity by its dotted Go path. An entity has one Ref per path, so that Refs can be compared by pointer.
type Ref struct {
	Path  string   // "Ship.City"
	Steps []*Field // from the entity down to the field
}

// Leaf is the field itself.
func (r *Ref) Leaf() *Field { return r.Steps[len(r.Steps)-1] }

// Type is the type of the field's value, behind its pointers.
func (r *Ref) Type() reflect.Type { return indirect(r.Leaf().Type) }

// Root is the top-level attribute that holds the field.
func (r *Ref) Root() *Field { return r.Steps[0] }

// Value finds the field in an entity, behind its pointers. It is not there below a nil pointer.
func (r *Ref) Value(entity reflect.Value) (reflect.Value, bool) {
	v := entity
	for _, step := range r.Steps {
		for _, i := range step.Index {
			if v = deref(v); !v.IsValid() {
				return reflect.Value{}, false
			}
			v = v.Field(i)
		}
	}
	v = deref(v)
	return v, v.IsValid()
}

// Copy copies the field from one entity to another, whose pointers on the way are allocated. Where it is not there nothing is copied.
func (r *Ref) Copy(dst, src reflect.Value) {
	v, ok := r.Value(src)
	if !ok {
		return
	}
	for _, step := range r.Steps {
		for _, i := range step.Index {
			dst = allocated(dst).Field(i)
		}
	}
	allocated(dst).Set(v)
}

// Replace sets the field in an entity. Structs behind pointers on the way are copied first, so that nobody else who holds such a
// pointer sees the change.
func (r *Ref) Replace(entity, value reflect.Value) {
	at := entity
	for _, step := range r.Steps {
		for _, i := range step.Index {
			for at.Kind() == reflect.Pointer {
				own := reflect.New(at.Type().Elem())
				if !at.IsNil() {
					own.Elem().Set(at.Elem())
				}
				at.Set(own)
				at = own.Elem()
			}
			at = at.Field(i)
		}
	}
	at.Set(value)
}

// allocated strips the pointers from a settable value, and fills those that are nil.
func allocated(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		v = v.Elem()
	}
	return v
}

// deref strips the pointers from a value; the result is invalid behind a nil one.
func deref(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return v
}

// AlwaysPresent reports whether the field counts as present in every entity: integers and bools that are not below a pointer.
func (r *Ref) AlwaysPresent() bool {
	for _, step := range r.Steps {
		if step.optional || step.Type.Kind() == reflect.Pointer {
			return false
		}
	}
	k := r.Leaf().Type.Kind()
	return isInteger(k) || k == reflect.Bool
}

// Present reports whether the value of a field, as [Ref.Value] found it, counts as there: empty strings, slices and maps and zero
// times are missing, integers, bools and arrays never are. No value at all, as below a nil pointer, is missing too.
func Present(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Invalid:
		return false
	case reflect.String, reflect.Slice, reflect.Map:
		return v.Len() > 0
	case reflect.Interface:
		return !v.IsNil()
	case reflect.Struct:
		return !isTime(v.Type()) || !asTime(v).IsZero()
	}
	return true
}

// resolve finds the field that a dotted path names. The reason says why there is none.
func (s *Struct) resolve(path string) (steps []*Field, reason string) {
	at := s
	names := strings.Split(path, ".")
	for i, name := range names {
		if at == nil {
			outer := steps[len(steps)-1]
			return nil, "field " + strings.Join(names[:i], ".") + " of type " + outer.Type.String() + " has no fields that are stored, so there is no " + path
		}
		f := at.byName[name]
		if f == nil {
			return nil, "unknown field " + strings.Join(names[:i+1], ".") + at.hint(name)
		}
		steps = append(steps, f)
		at = f.Struct
	}
	return steps, ""
}

// hint says what was probably meant by a name that is no field's.
func (s *Struct) hint(name string) string {
	sf, ok := s.Type.FieldByName(name)
	switch f := s.byAttr[name]; {
	case f != nil && s.byName[f.Name] == f:
		return meant(f.Name)
	case ok && sf.Anonymous:
		return ", which is embedded: name its fields without it"
	case ok:
		return ", which is not stored"
	case slices.ContainsFunc(s.Fields, func(f *Field) bool { return f.Name == name }):
		return ", which is embedded more than once, so that it means none of them in Go; rename one"
	}
	return hint(name, s.byName)
}
