package codec

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// bytesForm is the form of slices and arrays of bytes, whatever the tag says: binaries.
type bytesForm struct{ list *listForm }

func (f bytesForm) encode(_ *encoder, v reflect.Value) (types.AttributeValue, error) {
	return &types.AttributeValueMemberB{Value: cloneBytes(bytesOf(v))}, nil
}

// bytesOf gives the bytes of a slice or an array; reflect wants arrays to be addressable.
func bytesOf(v reflect.Value) []byte {
	if v.Kind() == reflect.Array && !v.CanAddr() {
		addressable := reflect.New(v.Type()).Elem()
		addressable.Set(v)
		v = addressable
	}
	return v.Bytes()
}

// decode takes a list of numbers too, as attributevalue does.
func (f bytesForm) decode(av types.AttributeValue, dst reflect.Value) error {
	m, ok := av.(*types.AttributeValueMemberB)
	if !ok || m == nil {
		return f.list.decode(av, dst)
	}
	if err := f.list.resize(dst, len(m.Value)); err != nil {
		return err
	}
	copy(dst.Bytes(), m.Value)
	return nil
}

func (bytesForm) tally() tally { return tally{} }

func (bytesForm) check(reflect.Value) error { return nil }
