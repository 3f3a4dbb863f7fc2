package ast

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// In finds what the path names in an item; false where it is absent, or something on the way to it.
func (p Path) In(item map[string]types.AttributeValue) (types.AttributeValue, bool) {
	if p.last == nil {
		return nil, false
	}
	if p.last.up == nil {
		av, ok := item[p.last.name]
		return av, ok
	}
	outer, ok := Path{p.last.up}.In(item)
	if !ok {
		return nil, false
	}
	switch v := outer.(type) {
	case *types.AttributeValueMemberM:
		if p.last.kind == listIndex {
			return nil, false
		}
		av, ok := v.Value[p.last.name]
		return av, ok
	case *types.AttributeValueMemberL:
		if p.last.kind != listIndex || p.last.index < 0 || p.last.index >= len(v.Value) {
			return nil, false
		}
		return v.Value[p.last.index], true
	}
	return nil, false
}
