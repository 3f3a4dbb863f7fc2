package txn

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// copyItems copies operations for a caller, who may change all of it.
func copyItems(items []types.TransactWriteItem) []types.TransactWriteItem {
	for _, op := range items {
		switch {
		case op.Put != nil:
			p := op.Put
			p.Item = copyMap(p.Item)
			copyExpressions(&p.TableName, &p.ConditionExpression, &p.ExpressionAttributeNames, &p.ExpressionAttributeValues)
		case op.Update != nil:
			u := op.Update
			u.Key, u.UpdateExpression = copyMap(u.Key), copyText(u.UpdateExpression)
			copyExpressions(&u.TableName, &u.ConditionExpression, &u.ExpressionAttributeNames, &u.ExpressionAttributeValues)
		case op.Delete != nil:
			d := op.Delete
			d.Key = copyMap(d.Key)
			copyExpressions(&d.TableName, &d.ConditionExpression, &d.ExpressionAttributeNames, &d.ExpressionAttributeValues)
		case op.ConditionCheck != nil:
			c := op.ConditionCheck
			c.Key = copyMap(c.Key)
			copyExpressions(&c.TableName, &c.ConditionExpression, &c.ExpressionAttributeNames, &c.ExpressionAttributeValues)
		}
	}
	return items
}

// copyExpressions copies what all kinds of operations have.
func copyExpressions(table, condition **string, names *map[string]string, values *map[string]types.AttributeValue) {
	*table, *condition, *names, *values = copyText(*table), copyText(*condition), maps.Clone(*names), copyMap(*values)
}

func copyText(s *string) *string {
	if s == nil {
		return nil
	}
	return aws.String(*s)
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
