package codec

import (
	"reflect"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// isMissing reports whether an AttributeValue is nil, or a nil pointer in disguise.
func isMissing(av types.AttributeValue) bool {
	if av == nil {
		return true
	}
	v := reflect.ValueOf(av)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// copyTree copies an attribute, so that nobody shares memory with whoever gets it, and refuses trees with holes.
func copyTree(av types.AttributeValue, depth int) (types.AttributeValue, error) {
	if isMissing(av) {
		return nil, fail("cannot read " + describe(av))
	}
	switch m := av.(type) {
	case *types.AttributeValueMemberS:
		return &types.AttributeValueMemberS{Value: m.Value}, nil
	case *types.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: m.Value}, nil
	case *types.AttributeValueMemberBOOL:
		return &types.AttributeValueMemberBOOL{Value: m.Value}, nil
	case *types.AttributeValueMemberNULL:
		return &types.AttributeValueMemberNULL{Value: m.Value}, nil
	case *types.AttributeValueMemberB:
		return &types.AttributeValueMemberB{Value: cloneBytes(m.Value)}, nil
	case *types.AttributeValueMemberSS:
		return &types.AttributeValueMemberSS{Value: append([]string{}, m.Value...)}, nil
	case *types.AttributeValueMemberNS:
		return &types.AttributeValueMemberNS{Value: append([]string{}, m.Value...)}, nil
	case *types.AttributeValueMemberBS:
		return &types.AttributeValueMemberBS{Value: cloneAll(m.Value)}, nil
	case *types.AttributeValueMemberL:
		return copyList(m.Value, depth)
	case *types.AttributeValueMemberM:
		return copyMap(m.Value, depth)
	}
	return nil, fail("cannot read " + describe(av))
}

func copyList(list []types.AttributeValue, depth int) (types.AttributeValue, error) {
	if depth >= maxDepth {
		return nil, fail(tooDeep)
	}
	out := make([]types.AttributeValue, len(list))
	for i, av := range list {
		own, err := copyTree(av, depth+1)
		if err != nil {
			return nil, under(at(i), err)
		}
		out[i] = own
	}
	return &types.AttributeValueMemberL{Value: out}, nil
}

func copyMap(m map[string]types.AttributeValue, depth int) (types.AttributeValue, error) {
	if depth >= maxDepth {
		return nil, fail(tooDeep)
	}
	out := make(map[string]types.AttributeValue, len(m))
	for name, av := range m {
		own, err := copyTree(av, depth+1)
		if err != nil {
			return nil, under(inMap, err)
		}
		out[name] = own
	}
	return &types.AttributeValueMemberM{Value: out}, nil
}

func cloneBytes(b []byte) []byte { return append([]byte{}, b...) }

func cloneAll(set [][]byte) [][]byte {
	out := make([][]byte, len(set))
	for i, b := range set {
		out[i] = cloneBytes(b)
	}
	return out
}

// adopt takes over an attribute that a Marshaler made: copied, and checked as ours are by construction.
func adopt(av types.AttributeValue, depth int) (types.AttributeValue, error) {
	own, err := copyTree(av, depth)
	if err != nil {
		return nil, err
	}
	return own, checkTree(own)
}

// Check reports why DynamoDB would refuse an attribute that did not come from a codec, or change it in silence. The error names no
// value.
func Check(av types.AttributeValue) error {
	if _, err := copyTree(av, 0); err != nil {
		return err
	}
	return checkTree(av)
}

// checkTree reports why DynamoDB would refuse an attribute, or change it.
func checkTree(av types.AttributeValue) error {
	switch m := av.(type) {
	case *types.AttributeValueMemberS:
		return checkText(m.Value)
	case *types.AttributeValueMemberN:
		return checkNumber(m.Value)
	case *types.AttributeValueMemberSS:
		return checkSet(m.Value, checkText, func(s string) string { return s })
	case *types.AttributeValueMemberNS:
		return checkSet(m.Value, checkNumber, normal)
	case *types.AttributeValueMemberBS:
		return checkSet(m.Value, func([]byte) error { return nil }, func(b []byte) string { return string(b) })
	case *types.AttributeValueMemberL:
		for i, item := range m.Value {
			if err := checkTree(item); err != nil {
				return under(at(i), err)
			}
		}
	case *types.AttributeValueMemberM:
		for name, item := range m.Value {
			if err := checkName(name); err != nil {
				return under(inMap, err)
			}
			if err := checkTree(item); err != nil {
				return under(inMap, err)
			}
		}
	}
	return nil
}

func checkText(s string) error {
	if !utf8.ValidString(s) {
		return fail(NotUTF8)
	}
	return nil
}

func checkName(name string) error {
	switch {
	case name == "":
		return fail("a map key cannot be empty")
	case !utf8.ValidString(name):
		return fail("the map key is no valid UTF-8")
	}
	return nil
}

func checkSet[T any](set []T, check func(T) error, identity func(T) string) error {
	if len(set) == 0 {
		return fail("a set cannot be empty")
	}
	seen := newUniques(len(set))
	for i, x := range set {
		if err := check(x); err != nil {
			return under(at(i), err)
		}
		if !seen.add(identity(x)) {
			return under(at(i), fail(twice))
		}
	}
	return nil
}
