package integration

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// written is an item in texts that hold the type and every character of each attribute, to be compared:
//
//	"text"  -1.5  true  null  0x00ff  ["a",1]  {"key":"value"}  SS("a","b")  NS(1,2)  BS(0x00)
func written(it item) map[string]string {
	out := map[string]string{}
	for name, v := range it {
		out[name] = writtenValue(v)
	}
	return out
}

func writtenValue(av types.AttributeValue) string {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return strconv.Quote(v.Value)
	case *types.AttributeValueMemberN:
		return v.Value
	case *types.AttributeValueMemberB:
		return fmt.Sprintf("%#x", v.Value)
	case *types.AttributeValueMemberBOOL:
		return strconv.FormatBool(v.Value)
	case *types.AttributeValueMemberNULL:
		return "null"
	case *types.AttributeValueMemberSS:
		return "SS(" + joined(true, v.Value, strconv.Quote) + ")"
	case *types.AttributeValueMemberNS:
		return "NS(" + joined(true, v.Value, func(s string) string { return s }) + ")"
	case *types.AttributeValueMemberBS:
		return "BS(" + joined(true, v.Value, func(b []byte) string { return fmt.Sprintf("%#x", b) }) + ")"
	case *types.AttributeValueMemberL:
		return "[" + joined(false, v.Value, writtenValue) + "]"
	case *types.AttributeValueMemberM:
		names := slices.Sorted(maps.Keys(v.Value))
		return "{" + joined(false, names, func(name string) string { return strconv.Quote(name) + ":" + writtenValue(v.Value[name]) }) + "}"
	}
	return fmt.Sprintf("%T", av)
}

// joined writes elements with commas between; those of a set are sorted, for a set has no order.
func joined[E any](set bool, elements []E, write func(E) string) string {
	texts := make([]string, len(elements))
	for i, e := range elements {
		texts[i] = write(e)
	}
	if set {
		slices.Sort(texts)
	}
	return strings.Join(texts, ",")
}
