package batch

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// identity is a text that two rows have in common only if they are equal as DynamoDB sees it: sets have no order, and 1.0 is 1. Of a
// row only the named attributes count, or all if there are none.
func identity(table string, row map[string]types.AttributeValue, names []string) string {
	var space [keySpace]byte
	out := appendText(space[:0], table)
	if len(names) == 0 {
		return string(appendRow(out, row))
	}
	return string(appendKey(out, row, names))
}

// keySpace is room for the text of most keys, so that none is made for it.
const keySpace = 256

// appendKey appends the named attributes of a row.
func appendKey(out []byte, row map[string]types.AttributeValue, names []string) []byte {
	for _, name := range names {
		out = appendValue(out, row[name])
	}
	return out
}

func appendRow(out []byte, row map[string]types.AttributeValue) []byte {
	names := make([]string, 0, len(row))
	for name := range row {
		names = append(names, name)
	}
	slices.Sort(names)
	out = binary.AppendUvarint(out, uint64(len(names)))
	for _, name := range names {
		out = appendValue(appendText(out, name), row[name])
	}
	return out
}

func appendValue(out []byte, av types.AttributeValue) []byte {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return appendText(append(out, 'S'), v.Value)
	case *types.AttributeValueMemberN:
		return appendText(append(out, 'N'), plainNumber(v.Value))
	case *types.AttributeValueMemberB:
		return appendText(append(out, 'B'), string(v.Value))
	case *types.AttributeValueMemberBOOL:
		return append(strconv.AppendBool(append(out, 'T'), v.Value), ';')
	case *types.AttributeValueMemberSS:
		return appendSet(append(out, 's'), v.Value)
	case *types.AttributeValueMemberNS:
		return appendSet(append(out, 'n'), each(v.Value, plainNumber))
	case *types.AttributeValueMemberBS:
		return appendSet(append(out, 'b'), each(v.Value, func(b []byte) string { return string(b) }))
	case *types.AttributeValueMemberL:
		out = binary.AppendUvarint(append(out, 'L'), uint64(len(v.Value)))
		for _, e := range v.Value {
			out = appendValue(out, e)
		}
		return out
	case *types.AttributeValueMemberM:
		return appendRow(append(out, 'M'), v.Value)
	}
	return append(out, '0')
}

func appendSet(out []byte, members []string) []byte {
	members = slices.Sorted(slices.Values(members))
	out = binary.AppendUvarint(out, uint64(len(members)))
	for _, m := range members {
		out = appendText(out, m)
	}
	return out
}

func each[E any](list []E, f func(E) string) []string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = f(e)
	}
	return out
}

// appendText appends a text with its length before it, so that no two lists of texts are alike.
func appendText(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

// plainNumber writes a number in one way: its digits without zeros around them, and the exponent of the last. What is no number stays
// as it is.
func plainNumber(s string) string {
	sign, rest := "", s
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		sign, rest = strings.TrimPrefix(rest[:1], "+"), rest[1:]
	}
	mantissa, exponent := rest, 0
	if at := strings.IndexAny(rest, "eE"); at >= 0 {
		n, err := strconv.Atoi(rest[at+1:])
		if err != nil {
			return s
		}
		mantissa, exponent = rest[:at], n
	}
	whole, part, _ := strings.Cut(mantissa, ".")
	digits := whole + part
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return s
	}
	exponent -= len(part)
	kept := strings.TrimRight(digits, "0")
	exponent += len(digits) - len(kept)
	if kept = strings.TrimLeft(kept, "0"); kept == "" {
		return "0"
	}
	return sign + kept + "e" + strconv.Itoa(exponent)
}
