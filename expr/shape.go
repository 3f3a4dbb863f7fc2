package expr

import (
	"reflect"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// shape is what a value is to DynamoDB, as far as the constructors care.
type shape string

const (
	anything shape = ""
	aList    shape = "as a list"
	aSet     shape = "as a set"
	aMap     shape = "as a map"
	encoded  shape = "by an encoding of its own"
	binary   shape = "as binary"
)

var advice = map[shape]string{
	aList:   "use expr.List, or make it a set by the tag stringset, numberset or binaryset",
	aSet:    "use expr.Set",
	aMap:    "use expr.Map",
	encoded: "use expr.Field",
	binary:  "use expr.Field",
}

// check refuses a path that is not stored as the constructor promises: its updates would fail in the table.
func (d declaration) check(p ast.Path, want shape) {
	if got := shapeOf(p); want != anything && got != want {
		d.panicf("%s is stored %s; %s", p, got, advice[got])
	}
}

func shapeOf(p ast.Path) shape {
	t := p.Value().Type()
	for t.Kind() == reflect.Pointer && !schema.IsOpaque(t) {
		t = t.Elem()
	}
	switch k := t.Kind(); {
	case schema.IsOpaque(t):
		return encoded
	case k == reflect.Map:
		return aMap
	case k != reflect.Slice:
		return anything
	case t.Elem().Kind() == reflect.Uint8:
		return binary
	case isSet(p, t):
		return aSet
	}
	return aList
}

// isSet is what attributevalue makes of a slice: a [][]byte is a set without being told.
func isSet(p ast.Path, t reflect.Type) bool {
	f := p.FieldOf()
	return f != nil && f.Tag.Set != schema.NoSet || t == reflect.TypeFor[[][]byte]()
}
