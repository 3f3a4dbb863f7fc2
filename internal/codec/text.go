package codec

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// NotUTF8 is why a text is refused: the SDK would replace the bytes in silence, and two keys become one.
const NotUTF8 = "the text is no valid UTF-8"

// textForm is the form of strings.
type textForm struct{}

func (textForm) encode(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	return e.text(v.String())
}

// decode takes a number too, digit by digit, as attributevalue does.
func (textForm) decode(av types.AttributeValue, dst reflect.Value) error {
	switch m := av.(type) {
	case *types.AttributeValueMemberS:
		if m != nil {
			dst.SetString(m.Value)
			return nil
		}
	case *types.AttributeValueMemberN:
		if m != nil {
			dst.SetString(m.Value)
			return nil
		}
	}
	return mismatch(av, dst)
}

func (textForm) tally() tally { return tally{texts: 1} }

func (textForm) check(v reflect.Value) error { return checkText(v.String()) }

// boolForm is the form of bools.
type boolForm struct{}

func (boolForm) encode(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	return e.boolean(v.Bool()), nil
}

func (boolForm) decode(av types.AttributeValue, dst reflect.Value) error {
	if m, ok := av.(*types.AttributeValueMemberBOOL); ok && m != nil {
		dst.SetBool(m.Value)
		return nil
	}
	return mismatch(av, dst)
}

func (boolForm) tally() tally { return tally{bools: 1} }

func (boolForm) check(reflect.Value) error { return nil }
