package repo

import (
	"bytes"
	"cmp"
	"math/big"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/schema"
)

// keyText is the attribute of a key that is text.
func keyText(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// compareKeys orders two key attributes of one type as DynamoDB does: text and binaries by their bytes, numbers by value. Of
// different types, which no index holds, neither is first.
func compareKeys(a, b types.AttributeValue) int {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		if b, ok := b.(*types.AttributeValueMemberS); ok {
			return strings.Compare(a.Value, b.Value)
		}
	case *types.AttributeValueMemberB:
		if b, ok := b.(*types.AttributeValueMemberB); ok {
			return bytes.Compare(a.Value, b.Value)
		}
	case *types.AttributeValueMemberN:
		if b, ok := b.(*types.AttributeValueMemberN); ok {
			return compareNumbers(a.Value, b.Value)
		}
	}
	return 0
}

// compareNumbers compares two numbers exactly. DynamoDB's have at most 38 digits and exponents up to 125.
func compareNumbers(a, b string) int {
	m, err := strconv.ParseInt(a, 10, 64)
	n, err2 := strconv.ParseInt(b, 10, 64)
	if err == nil && err2 == nil {
		return cmp.Compare(m, n)
	}
	x, ok := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	if !ok || !ok2 {
		return cmp.Compare(a, b)
	}
	return x.Cmp(y)
}

// equalKeys reports whether two key attributes are equal, type and all.
func equalKeys(a, b types.AttributeValue) bool {
	return a != nil && b != nil && keyKind(a) == keyKind(b) && compareKeys(a, b) == 0
}

// keyKind is the type of a key attribute; empty for what is no key.
func keyKind(av types.AttributeValue) schema.KeyType {
	switch av.(type) {
	case *types.AttributeValueMemberS:
		return schema.KeyString
	case *types.AttributeValueMemberN:
		return schema.KeyNumber
	case *types.AttributeValueMemberB:
		return schema.KeyBinary
	}
	return ""
}

// beginsWith reports whether a text begins with another.
func beginsWith(av, prefix types.AttributeValue) bool {
	s, ok := av.(*types.AttributeValueMemberS)
	p, ok2 := prefix.(*types.AttributeValueMemberS)
	return ok && ok2 && strings.HasPrefix(s.Value, p.Value)
}
