package expr

import (
	"fmt"
	"reflect"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/schema"
)

// top resolves the selector of a field of T. The name is that of the constructor, for messages.
func top[T, V any](name string, want shape, selector func(*T) *V) Path[T, V] {
	return below[T, T, V](name, want, Path[T, T]{}, selector)
}

// below resolves the selector of a field of what a path names.
func below[T, E, V any](name string, want shape, of Path[T, E], selector func(*E) *V) Path[T, V] {
	d := declaration{constructor: name, owner: reflect.TypeFor[E](), value: reflect.TypeFor[V]()}
	if selector == nil {
		d.panicf("the selector is nil")
	}
	probe := new(E)
	root := reflect.ValueOf(probe).Elem()
	d.visit(of.path, root, func(ast.Path, reflect.Value) {})
	address := reflect.ValueOf(d.call(func() any { return selector(probe) }))
	path := d.find(of.path, root, address)
	d.check(path, want)
	return Path[T, V]{path}
}

// declaration is one use of a constructor.
type declaration struct {
	constructor  string
	owner, value reflect.Type
}

func (d declaration) panicf(format string, args ...any) {
	panic(fmt.Sprintf("expr.%s(func(*%s) *%s): %s", d.constructor, d.owner, d.value, fmt.Sprintf(format, args...)))
}

// call runs the selector on the probe, where it can hardly fail but by reaching into a list or a map.
func (d declaration) call(selector func() any) any {
	defer func() {
		if r := recover(); r != nil {
			d.panicf("the selector panicked (%v); it must return the address of a field, and elements of lists and maps have At, Key and Nested", r)
		}
	}()
	return selector()
}

// find gives the path of the field at this address. A struct shares its address with its first field, so the type decides.
func (d declaration) find(base ast.Path, root, address reflect.Value) ast.Path {
	var found []ast.Path
	d.visit(base, root, func(p ast.Path, v reflect.Value) {
		if v.Type() == d.value && v.Addr().UnsafePointer() == address.UnsafePointer() && !p.IsZero() {
			found = append(found, p)
		}
	})
	switch {
	case len(found) == 0:
		d.panicf("the selector must return the address of a field of %s that is stored, such as &x.Field", d.owner)
	case len(found) > 1:
		d.panicf("fields without size, such as %s and %s, cannot be told apart by their address", found[0], found[1])
	}
	return found[0]
}

// visit walks over all that the value holds by itself, and fills its pointers on the way.
func (d declaration) visit(p ast.Path, v reflect.Value, each func(ast.Path, reflect.Value)) {
	each(p, v)
	switch t := v.Type(); {
	case t.Kind() == reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(t.Elem()))
		}
		d.visit(p, v.Elem(), each)
	case t.Kind() == reflect.Struct && !schema.IsTime(t) && !schema.IsOpaque(t):
		d.visitFields(p, v, each)
	}
}

func (d declaration) visitFields(p ast.Path, v reflect.Value, each func(ast.Path, reflect.Value)) {
	s, err := schema.StructOf(v.Type())
	if err != nil {
		d.panicf("%v", err)
	}
	c, err := codec.StructOf(s)
	if err != nil {
		d.panicf("%v", err)
	}
	for _, f := range s.Fields {
		d.visit(p.Field(f, c.Field(f)), member(v, f.Index), each)
	}
}

// member is the field at the index, through embedded pointers, which it fills.
func member(v reflect.Value, index []int) reflect.Value {
	for _, i := range index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v
}
