package codec

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/schema"
)

const twice = "the set has this member already, and DynamoDB refuses it twice"

// setForm is the form of slices and arrays that are written as sets. An empty set has no attribute: DynamoDB knows none.
type setForm struct {
	*listForm // to read one
	kind      schema.Set
}

func (f *setForm) encode(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	switch f.kind {
	case schema.StringSet:
		texts, err := collect(f, e, v, "a string set holds strings only", func(av types.AttributeValue) (string, string, bool) {
			m, ok := av.(*types.AttributeValueMemberS)
			if !ok {
				return "", "", false
			}
			return m.Value, m.Value, true
		})
		if len(texts) == 0 {
			return nil, err
		}
		return &types.AttributeValueMemberSS{Value: texts}, nil
	case schema.NumberSet:
		numbers, err := collect(f, e, v, "a number set holds numbers only", func(av types.AttributeValue) (string, string, bool) {
			m, ok := av.(*types.AttributeValueMemberN)
			if !ok {
				return "", "", false
			}
			return m.Value, normal(m.Value), true
		})
		if len(numbers) == 0 {
			return nil, err
		}
		return &types.AttributeValueMemberNS{Value: numbers}, nil
	}
	binaries, err := collect(f, e, v, "a binary set holds binaries only, none of them nil", func(av types.AttributeValue) ([]byte, string, bool) {
		m, ok := av.(*types.AttributeValueMemberB)
		if !ok {
			return nil, "", false
		}
		return m.Value, string(m.Value), true
	})
	if len(binaries) == 0 {
		return nil, err
	}
	return &types.AttributeValueMemberBS{Value: binaries}, nil
}

// collect encodes the elements of a set and takes them out of their attributes. member returns an element, the identity by which
// DynamoDB tells it from the others, and whether it is of the set's kind at all.
func collect[T any](f *setForm, e *encoder, v reflect.Value, wrong string, member func(types.AttributeValue) (T, string, bool)) ([]T, error) {
	n := v.Len()
	if n == 0 {
		return nil, nil
	}
	e.depth++ // not entered: a set is no level of nesting, but its elements are not the operand
	outer := e.push(f.elem, n)
	set, seen := make([]T, 0, n), newUniques(n)
	for i := range n {
		av, err := f.elem.encode(e, v.Index(i))
		if err != nil {
			return nil, under(at(i), err)
		}
		if av == nil {
			continue
		}
		x, identity, ok := member(av)
		if !ok {
			return nil, under(at(i), fail(wrong))
		}
		if !seen.add(identity) {
			return nil, under(at(i), fail(twice))
		}
		set = append(set, x)
	}
	e.pop(outer)
	e.depth--
	return set, nil
}

// uniques finds what was there before: by comparison among few, by hash among many.
type uniques struct {
	few  []string
	many map[string]struct{}
}

const fewUniques = 8

func newUniques(n int) uniques {
	if n <= fewUniques {
		return uniques{few: make([]string, 0, fewUniques)}
	}
	return uniques{many: make(map[string]struct{}, n)}
}

// add reports whether the text is new.
func (u *uniques) add(s string) bool {
	if u.many != nil {
		before := len(u.many)
		u.many[s] = struct{}{}
		return len(u.many) > before
	}
	for _, other := range u.few {
		if other == s {
			return false
		}
	}
	u.few = append(u.few, s)
	return true
}
