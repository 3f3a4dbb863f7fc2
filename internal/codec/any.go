package codec

import (
	"reflect"
	"sync"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/schema"
)

// anyForm is the form of interfaces: that of the type which the value happens to have.
type anyForm struct {
	tag     schema.Tag
	element bool
	seen    sync.Map // reflect.Type -> *Value; in front of the common cache, whose key would be allocated
}

func (f *anyForm) encode(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	c, err := f.dynamic(v.Elem().Type())
	if err != nil {
		return nil, err
	}
	return c.pointed(e, v.Elem())
}

func (f *anyForm) dynamic(t reflect.Type) (*Value, error) {
	if c, ok := f.seen.Load(t); ok {
		return c.(*Value), nil
	}
	c, err := compile(key{typ: t, tag: f.tag, element: f.element}, nil)
	if err != nil {
		return nil, err
	}
	f.seen.Store(t, c)
	return c, nil
}

func (f *anyForm) decode(av types.AttributeValue, dst reflect.Value) error {
	x, err := decodeAny(av, 0)
	if err != nil || x == nil {
		return err
	}
	v := reflect.ValueOf(x)
	if !v.Type().AssignableTo(dst.Type()) {
		return mismatch(av, dst)
	}
	dst.Set(v)
	return nil
}

func (f *anyForm) tally() tally { return tally{} }

// decodeAny reads an attribute into the type that is natural to it, as attributevalue does with UseNumber: a float64 would
// change the numbers. depth guards against trees that nobody got from DynamoDB.
func decodeAny(av types.AttributeValue, depth int) (any, error) {
	if isMissing(av) {
		return nil, fail("cannot read " + describe(av))
	}
	switch m := av.(type) {
	case *types.AttributeValueMemberNULL:
		return nil, nil
	case *types.AttributeValueMemberS:
		return m.Value, nil
	case *types.AttributeValueMemberN:
		return anyNumber(m.Value)
	case *types.AttributeValueMemberBOOL:
		return m.Value, nil
	case *types.AttributeValueMemberB:
		return cloneBytes(m.Value), nil
	case *types.AttributeValueMemberL:
		return anyList(m.Value, depth)
	case *types.AttributeValueMemberM:
		return anyMap(m.Value, depth)
	case *types.AttributeValueMemberSS:
		return append([]string{}, m.Value...), nil
	case *types.AttributeValueMemberNS:
		return anyNumbers(m.Value)
	case *types.AttributeValueMemberBS:
		return cloneAll(m.Value), nil
	}
	return nil, fail("cannot read " + describe(av))
}

func anyNumber(s string) (attributevalue.Number, error) {
	if _, ok := parseDecimal(s); !ok {
		return "", fail(notNumber)
	}
	return attributevalue.Number(s), nil
}

func anyNumbers(set []string) (any, error) {
	out := make([]attributevalue.Number, len(set))
	for i, s := range set {
		n, err := anyNumber(s)
		if err != nil {
			return nil, under(at(i), err)
		}
		out[i] = n
	}
	return out, nil
}

func anyList(list []types.AttributeValue, depth int) (any, error) {
	if depth >= maxDepth {
		return nil, fail(tooDeep)
	}
	out := make([]any, len(list))
	for i, av := range list {
		x, err := decodeAny(av, depth+1)
		if err != nil {
			return nil, under(at(i), err)
		}
		out[i] = x
	}
	return out, nil
}

func anyMap(m map[string]types.AttributeValue, depth int) (any, error) {
	if depth >= maxDepth {
		return nil, fail(tooDeep)
	}
	out := make(map[string]any, len(m))
	for name, av := range m {
		x, err := decodeAny(av, depth+1)
		if err != nil {
			return nil, under(inMap, err)
		}
		out[name] = x
	}
	return out, nil
}
