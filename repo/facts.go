package repo

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// facts is what is known of an item's fields before or after an update, without having read it: the primary key, which the
// example gives, and what conditions pin or changes set. Fields that are not known may hold anything.
type facts struct {
	*entity
	key   reflect.Value // the example
	known map[*schema.Ref]bool
	row   item // the known attributes, as an item that has no others
	exist bool // there is an item: a condition holds that none could fulfil otherwise

	decoded reflect.Value // row as a T, made when it is first needed
}

// factsOf knows the primary key alone.
func (e *entity) factsOf(example reflect.Value) *facts {
	f := &facts{entity: e, key: example, known: map[*schema.Ref]bool{}, row: item{}}
	for _, ref := range e.KeyRefs() {
		f.known[ref] = true
	}
	return f
}

// factsOfRow knows everything: the item was read.
func (e *entity) factsOfRow(example reflect.Value, row item) *facts {
	f := &facts{entity: e, key: example, known: map[*schema.Ref]bool{}, row: e.modern(row), exist: true}
	for ref := range e.canon {
		f.known[ref] = true
	}
	return f
}

// pathOf is the path of a field that a key or a role names.
func (e *entity) pathOf(ref *schema.Ref) ast.Path {
	if p, ok := e.paths[ref]; ok {
		return p
	}
	var p ast.Path
	for _, step := range ref.Steps {
		p = p.Field(step, nil)
	}
	return p
}

// covers reports whether p is q or leads to it.
func covers(p, q ast.Path) bool {
	for ok := true; ok; q, ok = q.Parent() {
		if p.Equal(q) {
			return true
		}
	}
	return false
}

// learn takes in that a path holds a value, or nothing where there is none; the parents are there in any case.
func (f *facts) learn(p ast.Path, av types.AttributeValue) {
	f.decoded = reflect.Value{}
	for ref := range f.canon {
		if q := f.pathOf(ref); p.Overlaps(q) && !f.isKey(ref) {
			f.known[ref] = covers(p, q)
		}
	}
	if p.Member() != "" {
		nest(f.row, p, av)
	}
}

// forget takes in that a path may hold anything.
func (f *facts) forget(p ast.Path) {
	for ref := range f.canon {
		if p.Overlaps(f.pathOf(ref)) && !f.isKey(ref) {
			f.known[ref] = false
		}
	}
}

func (f *facts) isKey(ref *schema.Ref) bool { return slices.Contains(f.KeyRefs(), ref) }

// nest puts a value into an item at a path of fields, making the maps on the way.
func nest(row item, p ast.Path, av types.AttributeValue) {
	at := row
	if parent, nested := p.Parent(); nested {
		outer, _ := parent.In(row)
		m, ok := outer.(*types.AttributeValueMemberM)
		if !ok {
			nest(row, parent, &types.AttributeValueMemberM{Value: item{}})
			outer, _ = parent.In(row) // nest stored a copy
			m = outer.(*types.AttributeValueMemberM)
		}
		at = m.Value
	}
	if av != nil {
		at[p.FieldOf().Attr] = copyMaps(av)
	} else {
		delete(at, p.FieldOf().Attr)
	}
}

// copyMaps copies the maps of a value, so that nest changes none that belongs to an operand.
func copyMaps(av types.AttributeValue) types.AttributeValue {
	m, ok := av.(*types.AttributeValueMemberM)
	if !ok {
		return av
	}
	out := make(item, len(m.Value))
	for name, v := range m.Value {
		out[name] = copyMaps(v)
	}
	return &types.AttributeValueMemberM{Value: out}
}

// pin takes in what a condition says of fields: equalities and NotExists, where And alone joins them.
func (f *facts) pin(conds []*ast.Cond) {
	for _, c := range ast.And(conds...).Conjuncts() {
		switch {
		case c.Path().Member() == "":
		case c.Op() == ast.OpEq && !c.Operand().Absent:
			f.exist = true
			f.learn(c.Path(), c.Operand().AV)
		case c.Op() == ast.OpEq || c.Op() == ast.OpNotExists:
			f.pinAbsent(c.Path())
		case c.Op() == ast.OpExists:
			f.exist = true
		}
	}
}

// pinAbsent takes in that a path is absent. Below a pointer it may be so because the pointer is nil, and then its integers and
// bools do not count as present; with the pointer set they do. So nothing is known of those.
func (f *facts) pinAbsent(p ast.Path) {
	for parent, ok := p.Parent(); ok; parent, ok = parent.Parent() {
		if parent.FieldOf().Type.Kind() == reflect.Pointer {
			return
		}
	}
	f.learn(p, nil)
}

// change takes in what an update does.
func (f *facts) change(changes []ast.Change) {
	for _, c := range changes {
		switch {
		case c.Removes():
			f.learn(c.Path(), nil)
		case c.Op() == ast.ChangeSet:
			f.learn(c.Path(), c.Operand().AV)
		default:
			f.forget(c.Path())
		}
	}
}

// value is the canonical value of a known field, and whether it counts as present.
func (f *facts) value(ref *schema.Ref) (reflect.Value, bool, error) {
	if f.isKey(ref) {
		return f.canonical(ref, f.key)
	}
	if !f.decoded.IsValid() {
		v := reflect.New(f.Type).Elem()
		if err := f.codec.Decode(f.row, v); err != nil {
			return v, false, invalidValue(err)
		}
		f.decoded = v
	}
	return f.canonical(ref, f.decoded)
}

// member is value for a member of an index's key.
func (f *facts) member(m *schema.Member) (reflect.Value, bool, error) {
	v, present, err := f.value(m.Ref)
	return v, present && f.inKey(m, v), err
}
