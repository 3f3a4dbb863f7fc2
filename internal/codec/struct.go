package codec

import (
	"reflect"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/schema"
)

// Struct is the compiled codec of a struct type: of whole items, and of structs inside them. It is immutable and safe for
// concurrent use.
type Struct struct {
	typ     reflect.Type
	fields  []field
	byAttr  map[string]*Value
	sum     tally
	foreign bool // methods of the user's see the memory of its fields

	// scratch holds zero values to decode into: the destination is set only on success.
	scratch sync.Pool
}

// field is one attribute. Most are fields of the struct itself; index leads to those of embedded ones.
type field struct {
	name   string // in Go
	attr   string
	index  []int
	direct bool // index has one step
	value  *Value
}

var structs sync.Map // reflect.Type -> *Struct

// StructOf compiles the codec of a struct. The result is cached.
func StructOf(s *schema.Struct) (*Struct, error) { return structOf(s, []reflect.Type{s.Type}) }

func structOf(s *schema.Struct, above []reflect.Type) (*Struct, error) {
	if cached, ok := structs.Load(s.Type); ok {
		return cached.(*Struct), nil
	}
	c := &Struct{typ: s.Type, byAttr: make(map[string]*Value, len(s.Fields))}
	for _, f := range s.Fields {
		v, err := compile(key{typ: f.Type, tag: f.Tag}, above)
		if err != nil {
			return nil, under(f.Name, err)
		}
		c.fields = append(c.fields, field{f.Name, f.Attr, f.Index, len(f.Index) == 1, v})
		c.byAttr[f.Attr] = v
		c.sum.add(v.tally())
		c.foreign = c.foreign || v.foreign
	}
	c.scratch.New = func() any { return reflect.New(c.typ).Interface() }
	cached, _ := structs.LoadOrStore(s.Type, c)
	return cached.(*Struct), nil
}

func (b builder) structure() (form, *Value, error) {
	s, err := schema.StructOf(b.typ)
	if err != nil {
		return nil, nil, failAs(err.Error(), err) // it speaks of declarations, not of values
	}
	c, err := structOf(s, b.above)
	if err != nil {
		return nil, nil, err
	}
	return c, nil, nil
}

// Encode returns the attributes of a struct, in a map with room for some that the caller adds.
func (s *Struct) Encode(v reflect.Value, room int) (map[string]types.AttributeValue, error) {
	e := newEncoder(itemChunk)
	defer e.done()
	e.slab = s.sum.slab(1)
	e.reserve(s.sum.digits)
	return s.attributes(e, v, room)
}

func (s *Struct) attributes(e *encoder, v reflect.Value, room int) (map[string]types.AttributeValue, error) {
	out := make(map[string]types.AttributeValue, len(s.fields)+room)
	for i := range s.fields {
		f := &s.fields[i]
		fv, ok := f.read(v)
		if !ok {
			continue
		}
		av, err := f.value.encode(e, fv)
		if err != nil {
			return nil, under(f.name, err)
		}
		if av != nil {
			out[f.attr] = av
		}
	}
	return out, nil
}

// read finds the field in a struct. Behind a nil embedded pointer there is none.
func (f *field) read(v reflect.Value) (reflect.Value, bool) {
	if f.direct {
		return v.Field(f.index[0]), true
	}
	for i, x := range f.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}, false
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, true
}

// write finds the field in a struct, allocating embedded ones on the way.
func (f *field) write(v reflect.Value) reflect.Value {
	if f.direct {
		return v.Field(f.index[0])
	}
	for i, x := range f.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v
}

// Decode reads an item into dst, which must be settable. The value is built afresh: nothing of what dst holds survives, and on an
// error dst is as it was. Attributes that the struct does not know are ignored; names match exactly.
func (s *Struct) Decode(item map[string]types.AttributeValue, dst reflect.Value) error {
	if s.foreign {
		fresh := reflect.New(s.typ).Elem()
		if err := s.fill(item, fresh); err != nil {
			return err
		}
		dst.Set(fresh)
		return nil
	}
	pointer := s.scratch.Get()
	fresh := reflect.ValueOf(pointer).Elem()
	err := s.fill(item, fresh)
	if err == nil {
		dst.Set(fresh)
	}
	fresh.SetZero()
	s.scratch.Put(pointer)
	return err
}

func (s *Struct) fill(item map[string]types.AttributeValue, dst reflect.Value) error {
	for i := range s.fields {
		f := &s.fields[i]
		av, ok := item[f.attr]
		if !ok {
			continue
		}
		if err := f.value.decode(av, f.write(dst)); err != nil {
			return under(f.name, err)
		}
	}
	return nil
}

// Field is the codec of one of the struct's fields.
func (s *Struct) Field(f *schema.Field) *Value { return s.byAttr[f.Attr] }

func (s *Struct) encode(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	if err := e.enter(); err != nil {
		return nil, err
	}
	m, err := s.attributes(e, v, 0)
	if err != nil {
		return nil, err
	}
	e.leave()
	return &types.AttributeValueMemberM{Value: m}, nil
}

func (s *Struct) decode(av types.AttributeValue, dst reflect.Value) error {
	m, ok := av.(*types.AttributeValueMemberM)
	if !ok || m == nil {
		return mismatch(av, dst)
	}
	return s.fill(m.Value, dst)
}

func (s *Struct) tally() tally { return s.sum }
