package ast

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestLookup(t *testing.T) {
	item := map[string]types.AttributeValue{
		"total": &types.AttributeValueMemberN{Value: "5"},
		"lines": &types.AttributeValueMemberL{Value: []types.AttributeValue{
			&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"sku": &types.AttributeValueMemberS{Value: "a"}}},
		}},
	}
	for _, c := range []struct {
		reason string
		path   Path
		want   string // "" where there is nothing
	}{
		{"an attribute", field(t, "Total"), "N 5"},
		{"a field of a list element", lineField(t, 0, "SKU"), `S "a"`},
		{"an absent attribute", field(t, "Status"), ""},
		{"a field of an absent struct", field(t, "Ship.City"), ""},
		{"an absent field", lineField(t, 0, "Qty"), ""},
		{"an element behind the end", field(t, "Lines").At(1), ""},
		{"an element before the start", field(t, "Lines").At(-1), ""},
		{"an element of a map", field(t, "Lines").At(0).At(0), ""},
		{"a key of a list", field(t, "Lines").Key("sku"), ""},
		{"a key of a number", field(t, "Total").Key("a"), ""},
		{"no path", Path{}, ""},
	} {
		av, ok := c.path.In(item)
		if ok != (c.want != "") || ok && showValue(av) != c.want {
			t.Errorf("%s: %v, %v", c.reason, av, ok)
		}
	}
}
