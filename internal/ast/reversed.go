package ast

import (
	"bytes"
	"math/big"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// reversed reports whether low lies above high, as DynamoDB orders them.
func reversed(low, high types.AttributeValue) bool {
	switch l := low.(type) {
	case *types.AttributeValueMemberS:
		h, ok := high.(*types.AttributeValueMemberS)
		return ok && l.Value > h.Value
	case *types.AttributeValueMemberB:
		h, ok := high.(*types.AttributeValueMemberB)
		return ok && bytes.Compare(l.Value, h.Value) > 0
	case *types.AttributeValueMemberN:
		h, ok := high.(*types.AttributeValueMemberN)
		return ok && numberAbove(l.Value, h.Value)
	}
	return false
}

// numberAbove compares exactly: a number of DynamoDB has up to 38 digits, more than a float64 holds.
func numberAbove(a, b string) bool {
	x, okX := parseNumber(a)
	y, okY := parseNumber(b)
	return okX && okY && x.Cmp(y) > 0
}

// numberBits hold 38 decimal digits, and tell numbers of such a length apart after rounding.
const numberBits = 256

func parseNumber(text string) (*big.Float, bool) {
	return new(big.Float).SetPrec(numberBits).SetString(text)
}
