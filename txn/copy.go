package txn

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// copyItems copies operations for a caller, who may change all of it.
func copyItems(items []types.TransactWriteItem) []types.TransactWriteItem {
	for _, op := range items {
		switch {
		case op.Put != nil:
			op.Put.Item, op.Put.ExpressionAttributeValues = copyMap(op.Put.Item), copyMap(op.Put.ExpressionAttributeValues)
			op.Put.ExpressionAttributeNames = maps.Clone(op.Put.ExpressionAttributeNames)
		case op.Update != nil:
			op.Update.Key, op.Update.ExpressionAttributeValues = copyMap(op.Update.Key), copyMap(op.Update.ExpressionAttributeValues)
			op.Update.ExpressionAttributeNames = maps.Clone(op.Update.ExpressionAttributeNames)
		case op.Delete != nil:
			op.Delete.Key, op.Delete.ExpressionAttributeValues = copyMap(op.Delete.Key), copyMap(op.Delete.ExpressionAttributeValues)
			op.Delete.ExpressionAttributeNames = maps.Clone(op.Delete.ExpressionAttributeNames)
		case op.ConditionCheck != nil:
			c := op.ConditionCheck
			c.Key, c.ExpressionAttributeValues = copyMap(c.Key), copyMap(c.ExpressionAttributeValues)
			c.ExpressionAttributeNames = maps.Clone(c.ExpressionAttributeNames)
		}
	}
	return items
}

func copyMap(m map[string]types.AttributeValue) map[string]types.AttributeValue {
	if m == nil {
		return nil
	}
	out := make(map[string]types.AttributeValue, len(m))
	for name, av := range m {
		out[name] = copyValue(av)
	}
	return out
}

func copyValue(av types.AttributeValue) types.AttributeValue {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return &types.AttributeValueMemberS{Value: v.Value}
	case *types.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: v.Value}
	case *types.AttributeValueMemberB:
		return &types.AttributeValueMemberB{Value: slices.Clone(v.Value)}
	case *types.AttributeValueMemberBOOL:
		return &types.AttributeValueMemberBOOL{Value: v.Value}
	case *types.AttributeValueMemberNULL:
		return &types.AttributeValueMemberNULL{Value: v.Value}
	case *types.AttributeValueMemberSS:
		return &types.AttributeValueMemberSS{Value: slices.Clone(v.Value)}
	case *types.AttributeValueMemberNS:
		return &types.AttributeValueMemberNS{Value: slices.Clone(v.Value)}
	case *types.AttributeValueMemberBS:
		out := &types.AttributeValueMemberBS{}
		for _, b := range v.Value {
			out.Value = append(out.Value, slices.Clone(b))
		}
		return out
	case *types.AttributeValueMemberL:
		out := &types.AttributeValueMemberL{Value: make([]types.AttributeValue, len(v.Value))}
		for i, e := range v.Value {
			out.Value[i] = copyValue(e)
		}
		return out
	case *types.AttributeValueMemberM:
		return &types.AttributeValueMemberM{Value: copyMap(v.Value)}
	}
	return av
}
