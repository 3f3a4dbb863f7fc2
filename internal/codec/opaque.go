package codec

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var (
	marshalerType   = reflect.TypeFor[attributevalue.Marshaler]()
	unmarshalerType = reflect.TypeFor[attributevalue.Unmarshaler]()
)

// opaqueForm is the form of types with an attributevalue Marshaler or Unmarshaler. What a type has only one of is done by the
// form that it would have without it.
type opaqueForm struct {
	typ        reflect.Type
	marshals   bool
	unmarshals bool
	plain      form // nil where it has both
	element    bool
	omit       bool // a NULL is left out, as empty
}

func (b builder) opaque() (form, *Value, error) {
	f := &opaqueForm{typ: b.typ, element: b.element, omit: b.tag.OmitEmpty}
	pointer := reflect.PointerTo(b.typ)
	f.marshals, f.unmarshals = pointer.Implements(marshalerType), pointer.Implements(unmarshalerType)
	if f.marshals && f.unmarshals {
		return f, nil, nil
	}
	plain, elem, err := b.plain()
	if err != nil {
		return nil, nil, failAs("type "+b.typ.String()+" has only one of Marshaler and Unmarshaler, and cannot be stored without the other", err)
	}
	f.plain = plain
	return f, elem, nil
}

func marshals(f form) bool {
	o, ok := f.(*opaqueForm)
	return ok && o.marshals
}

func unmarshals(f form) bool {
	o, ok := f.(*opaqueForm)
	return ok && o.unmarshals
}

func (f *opaqueForm) encode(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	if !f.marshals {
		return f.plain.encode(e, v)
	}
	av, err := receiver(v, marshalerType).(attributevalue.Marshaler).MarshalDynamoDBAttributeValue()
	switch {
	case err != nil:
		return nil, failAs("the Marshaler of "+f.typ.String()+" failed", err)
	case av == nil && f.element:
		return nil, fail("the Marshaler of " + f.typ.String() + " returned no AttributeValue for an element")
	case av == nil:
		return nil, nil
	}
	if _, ok := av.(*types.AttributeValueMemberNULL); ok && f.omit && !e.isOperand() {
		return nil, nil
	}
	av, err = adopt(av, e.depth)
	if err != nil {
		return nil, failAs("the Marshaler of "+f.typ.String()+" returned what DynamoDB refuses", err)
	}
	return av, nil
}

func (f *opaqueForm) decode(av types.AttributeValue, dst reflect.Value) error {
	if !f.unmarshals {
		return f.plain.decode(av, dst)
	}
	own, err := copyTree(av, 0)
	if err != nil {
		return err
	}
	if err := dst.Addr().Interface().(attributevalue.Unmarshaler).UnmarshalDynamoDBAttributeValue(own); err != nil {
		return failAs("the Unmarshaler of "+f.typ.String()+" failed", err)
	}
	return nil
}

func (f *opaqueForm) tally() tally { return tally{} }

// receiver is the value, or a pointer to it, as the one of the two that has the methods. A value that cannot be addressed is
// copied: attributevalue passes over methods with pointer receivers there.
func receiver(v reflect.Value, iface reflect.Type) any {
	switch {
	case v.CanAddr():
		return v.Addr().Interface()
	case v.Type().Implements(iface):
		return v.Interface()
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return p.Interface()
}
