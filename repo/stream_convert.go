package repo

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// maxNesting is how deep DynamoDB lets lists and maps nest in an attribute.
const maxNesting = 32

// What is wrong with an attribute of a stream record.
const (
	attributeHole   = "an attribute has no value"
	attributeType   = "an attribute is of an unknown type"
	attributeNested = "an attribute is nested deeper than the 32 levels of DynamoDB"
)

// convert makes an image of Streams' own types one of DynamoDB's, which are the same but for their package. An image without
// attributes is none. What is wrong is noted, and then there is no image.
func (r *streamRecord) convert(name string, image map[string]streams.AttributeValue) item {
	if len(image) == 0 {
		return nil
	}
	out, bad := convertMap(image, 0)
	if bad != "" {
		r.fail(name + ": " + bad)
		return nil
	}
	return out
}

func convertMap(in map[string]streams.AttributeValue, depth int) (out item, bad string) {
	out = make(item, len(in))
	for name, av := range in {
		if out[name], bad = convert(av, depth); bad != "" {
			return nil, bad
		}
	}
	return out, ""
}

func convertList(in []streams.AttributeValue, depth int) (out []types.AttributeValue, bad string) {
	out = make([]types.AttributeValue, len(in))
	for i, av := range in {
		if out[i], bad = convert(av, depth); bad != "" {
			return nil, bad
		}
	}
	return out, ""
}

// convert copies one attribute. bad says why it cannot be: it has a hole, say, where the SDK's own conversion panics.
func convert(av streams.AttributeValue, depth int) (out types.AttributeValue, bad string) {
	if v := reflect.ValueOf(av); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, attributeHole
	}
	switch v := av.(type) {
	case *streams.AttributeValueMemberS:
		return &types.AttributeValueMemberS{Value: v.Value}, ""
	case *streams.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: v.Value}, ""
	case *streams.AttributeValueMemberB:
		return &types.AttributeValueMemberB{Value: slices.Clone(v.Value)}, ""
	case *streams.AttributeValueMemberBOOL:
		return &types.AttributeValueMemberBOOL{Value: v.Value}, ""
	case *streams.AttributeValueMemberNULL:
		return &types.AttributeValueMemberNULL{Value: v.Value}, ""
	case *streams.AttributeValueMemberSS:
		return &types.AttributeValueMemberSS{Value: slices.Clone(v.Value)}, ""
	case *streams.AttributeValueMemberNS:
		return &types.AttributeValueMemberNS{Value: slices.Clone(v.Value)}, ""
	case *streams.AttributeValueMemberBS:
		set := make([][]byte, len(v.Value))
		for i, b := range v.Value {
			set[i] = slices.Clone(b)
		}
		return &types.AttributeValueMemberBS{Value: set}, ""
	}
	return convertTree(av, depth)
}

func convertTree(av streams.AttributeValue, depth int) (types.AttributeValue, string) {
	if depth >= maxNesting {
		return nil, attributeNested
	}
	switch v := av.(type) {
	case *streams.AttributeValueMemberL:
		list, bad := convertList(v.Value, depth+1)
		return &types.AttributeValueMemberL{Value: list}, bad
	case *streams.AttributeValueMemberM:
		m, bad := convertMap(v.Value, depth+1)
		return &types.AttributeValueMemberM{Value: m}, bad
	}
	return nil, attributeType
}
