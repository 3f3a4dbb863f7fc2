package ast

import (
	"math/big"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Apply makes of an item what DynamoDB makes of it when it carries out the changes: for an update whose item is known as it is
// before. The item itself is not changed, but the result shares values with it. Changes that DynamoDB would refuse are an error.
func Apply(item map[string]types.AttributeValue, changes []Change) (map[string]types.AttributeValue, error) {
	out := cloneMap(item)
	for _, c := range inOrder(changes) {
		if c.op == 0 {
			continue
		}
		before, _ := c.path.In(item) // every change sees the item as it was
		after, err := c.result(before)
		if err != nil {
			return nil, err
		}
		if !c.path.put(out, after) {
			return nil, problem(ErrInvalid, c.path, "the update writes below something that is not there")
		}
	}
	return out, nil
}

// inOrder sorts changes so that list indexes mean what they meant before: elements behind the end are appended in turn, and what
// is removed goes last, from the end.
func inOrder(changes []Change) []Change {
	rank := func(c Change) (last bool, index int) {
		if c.op == 0 || c.path.last == nil || c.path.last.kind != listIndex {
			return false, -1
		}
		if c.Removes() {
			return true, -c.path.last.index
		}
		return false, c.path.last.index
	}
	out := slices.Clone(changes)
	slices.SortStableFunc(out, func(a, b Change) int {
		lastA, a1 := rank(a)
		lastB, b1 := rank(b)
		switch {
		case lastA != lastB && lastA:
			return 1
		case lastA != lastB:
			return -1
		}
		return a1 - b1
	})
	return out
}

// result is what the change leaves of a value; nil for an absent one.
func (c Change) result(before types.AttributeValue) (types.AttributeValue, error) {
	switch {
	case c.Removes():
		return nil, nil
	case c.op == ChangeSet:
		return c.operand.AV, nil
	case c.op == ChangeSetIfNotExists && before != nil:
		return before, nil
	case before == nil && c.op == ChangeDeleteFromSet:
		return nil, nil
	case before == nil:
		return c.operand.AV, nil
	}
	return c.combine(before)
}

func (c Change) combine(before types.AttributeValue) (types.AttributeValue, error) {
	switch b := before.(type) {
	case *types.AttributeValueMemberN:
		if v, ok := c.operand.AV.(*types.AttributeValueMemberN); ok && c.op == ChangeAdd {
			sum, ok := addNumbers(b.Value, v.Value)
			if ok {
				return &types.AttributeValueMemberN{Value: sum}, nil
			}
		}
	case *types.AttributeValueMemberL:
		if v, ok := c.operand.AV.(*types.AttributeValueMemberL); ok && c.op == ChangeAppend {
			return &types.AttributeValueMemberL{Value: slices.Concat(b.Value, v.Value)}, nil
		} else if ok && c.op == ChangePrepend {
			return &types.AttributeValueMemberL{Value: slices.Concat(v.Value, b.Value)}, nil
		}
	case *types.AttributeValueMemberSS:
		if v, ok := c.operand.AV.(*types.AttributeValueMemberSS); ok {
			if left := c.elements(b.Value, v.Value, strings.Clone); len(left) > 0 {
				return &types.AttributeValueMemberSS{Value: left}, nil
			}
			return nil, nil
		}
	case *types.AttributeValueMemberNS:
		if v, ok := c.operand.AV.(*types.AttributeValueMemberNS); ok {
			if left := c.elements(b.Value, v.Value, canonicalNumber); len(left) > 0 {
				return &types.AttributeValueMemberNS{Value: left}, nil
			}
			return nil, nil
		}
	case *types.AttributeValueMemberBS:
		if v, ok := c.operand.AV.(*types.AttributeValueMemberBS); ok {
			if left := c.elements(texts(b.Value), texts(v.Value), strings.Clone); len(left) > 0 {
				return &types.AttributeValueMemberBS{Value: binaries(left)}, nil
			}
			return nil, nil
		}
	}
	return nil, problem(ErrInvalid, c.path, "the stored value is %s, which the change cannot be applied to", stored(before))
}

// elements is a set after elements were added to it or deleted from it; the key makes equal elements alike.
func (c Change) elements(set, change []string, key func(string) string) []string {
	var out []string
	in := func(list []string, s string) bool {
		return slices.ContainsFunc(list, func(t string) bool { return key(t) == key(s) })
	}
	for _, s := range set {
		if c.op != ChangeDeleteFromSet || !in(change, s) {
			out = append(out, s)
		}
	}
	if c.op == ChangeAddToSet {
		for _, s := range change {
			if !in(set, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

func texts(list [][]byte) []string {
	out := make([]string, len(list))
	for i, b := range list {
		out[i] = string(b)
	}
	return out
}

func binaries(list []string) [][]byte {
	out := make([][]byte, len(list))
	for i, s := range list {
		out[i] = []byte(s)
	}
	return out
}

// addNumbers adds two decimal numbers exactly.
func addNumbers(a, b string) (string, bool) {
	x, ok := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	if !ok || !ok2 {
		return "", false
	}
	return decimal(x.Add(x, y)), true
}

func canonicalNumber(s string) string {
	x, ok := new(big.Rat).SetString(s)
	if !ok {
		return s
	}
	return x.RatString()
}

// decimal is the number in digits; a sum of decimals always ends.
func decimal(x *big.Rat) string {
	digits, exact := x.FloatPrec()
	if !exact {
		return x.RatString()
	}
	return x.FloatString(digits)
}

// put stores a value where the path leads, in maps and lists that belong to the caller; nil removes. It is false where something on
// the way is not there.
func (p Path) put(item map[string]types.AttributeValue, av types.AttributeValue) bool {
	if p.last.up == nil {
		putKey(item, p.last.name, av)
		return true
	}
	parent := Path{p.last.up}
	outer, ok := parent.In(item)
	if !ok {
		return false
	}
	switch v := outer.(type) {
	case *types.AttributeValueMemberM:
		if p.last.kind == listIndex {
			return false
		}
		m := cloneMap(v.Value)
		putKey(m, p.last.name, av)
		return parent.put(item, &types.AttributeValueMemberM{Value: m})
	case *types.AttributeValueMemberL:
		if p.last.kind != listIndex {
			return false
		}
		return parent.put(item, &types.AttributeValueMemberL{Value: putIndex(v.Value, p.last.index, av)})
	}
	return false
}

func putKey(m map[string]types.AttributeValue, name string, av types.AttributeValue) {
	if av == nil {
		delete(m, name)
		return
	}
	m[name] = av
}

// putIndex sets an element, or removes it; one behind the end is appended.
func putIndex(list []types.AttributeValue, i int, av types.AttributeValue) []types.AttributeValue {
	switch {
	case av == nil && i < len(list):
		return slices.Delete(slices.Clone(list), i, i+1)
	case av == nil:
		return list
	case i < len(list):
		out := slices.Clone(list)
		out[i] = av
		return out
	}
	return append(slices.Clone(list), av)
}

func cloneMap(m map[string]types.AttributeValue) map[string]types.AttributeValue {
	out := make(map[string]types.AttributeValue, len(m))
	for name, v := range m {
		out[name] = v
	}
	return out
}

// EqualNumbers reports whether two number texts have the same value; texts that are none are equal to themselves.
func EqualNumbers(a, b string) bool { return a == b || canonicalNumber(a) == canonicalNumber(b) }
