package codec

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// mismatch is the error about an attribute that does not fit its destination.
func mismatch(av types.AttributeValue, dst reflect.Value) error {
	return fail("cannot read " + describe(av) + " into " + dst.Type().String())
}

// describe names the kind of an attribute, never its contents.
func describe(av types.AttributeValue) string {
	if av == nil {
		return "a missing AttributeValue"
	}
	if v := reflect.ValueOf(av); v.Kind() == reflect.Pointer && v.IsNil() {
		return "a nil AttributeValue"
	}
	switch av.(type) {
	case *types.AttributeValueMemberS:
		return "a string (S)"
	case *types.AttributeValueMemberN:
		return "a number (N)"
	case *types.AttributeValueMemberB:
		return "a binary (B)"
	case *types.AttributeValueMemberBOOL:
		return "a bool (BOOL)"
	case *types.AttributeValueMemberNULL:
		return "a NULL"
	case *types.AttributeValueMemberL:
		return "a list (L)"
	case *types.AttributeValueMemberM:
		return "a map (M)"
	case *types.AttributeValueMemberSS:
		return "a string set (SS)"
	case *types.AttributeValueMemberNS:
		return "a number set (NS)"
	case *types.AttributeValueMemberBS:
		return "a binary set (BS)"
	}
	return "an AttributeValue of an unknown type"
}
