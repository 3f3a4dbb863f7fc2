package chunk

import (
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// What surrounds the items of a request. Sizes are never below what the SDK marshals; they are above it by a few bytes for an
// envelope, and where a number or a text needs an escape that the marshaller happens not to use.
const (
	envelope   = len(`{"RequestItems":{},"ReturnConsumedCapacity":"INDEXES","ReturnItemCollectionMetrics":"SIZE"}`)
	putAround  = len(`{"PutRequest":{"Item":}},`)
	dropAround = len(`{"DeleteRequest":{"Key":}},`)
)

// WriteSize is how many bytes a put or delete adds to a request, as JSON.
func WriteSize(w types.WriteRequest) int {
	switch {
	case w.PutRequest != nil:
		return putAround + rowSize(w.PutRequest.Item)
	case w.DeleteRequest != nil:
		return dropAround + rowSize(w.DeleteRequest.Key)
	}
	return len("{},")
}

// ReadSize is how many bytes a key adds to a request, as JSON.
func ReadSize(key map[string]types.AttributeValue) int { return rowSize(key) + 1 }

// tableSize is what a table adds to a request, beside its items.
func tableSize(name string, view *types.KeysAndAttributes) int {
	n := textSize(name) + len(`:[],`)
	if view == nil {
		return n
	}
	n += len(`{"Keys":,"ConsistentRead":false,"ProjectionExpression":"","ExpressionAttributeNames":{},"AttributesToGet":[]}`)
	if view.ProjectionExpression != nil {
		n += textSize(*view.ProjectionExpression)
	}
	for placeholder, attr := range view.ExpressionAttributeNames {
		n += textSize(placeholder) + textSize(attr) + 2
	}
	for _, attr := range view.AttributesToGet {
		n += textSize(attr) + 1
	}
	return n
}

func rowSize(row map[string]types.AttributeValue) int {
	n := len("{}")
	for name, v := range row {
		n += textSize(name) + valueSize(v) + len(":,")
	}
	return n
}

func valueSize(av types.AttributeValue) int {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return len(`{"S":}`) + textSize(v.Value)
	case *types.AttributeValueMemberN:
		return len(`{"N":}`) + textSize(v.Value)
	case *types.AttributeValueMemberB:
		return len(`{"B":}`) + bytesSize(v.Value)
	case *types.AttributeValueMemberSS:
		return len(`{"SS":}`) + listSize(v.Value, textSize)
	case *types.AttributeValueMemberNS:
		return len(`{"NS":}`) + listSize(v.Value, textSize)
	case *types.AttributeValueMemberBS:
		return len(`{"BS":}`) + listSize(v.Value, bytesSize)
	case *types.AttributeValueMemberL:
		return len(`{"L":}`) + listSize(v.Value, valueSize)
	case *types.AttributeValueMemberM:
		return len(`{"M":}`) + rowSize(v.Value)
	}
	return len(`{"NULL":false}`)
}

func listSize[E any](list []E, size func(E) int) int {
	n := len("[]")
	for _, e := range list {
		n += size(e) + 1
	}
	return n
}

func bytesSize(b []byte) int { return len(`""`) + (len(b)+2)/3*4 }

// textSize is a JSON string with its quotes: two bytes for what has a short escape, six for what has none.
func textSize(s string) int {
	n := len(s) + len(`""`)
	for i := 0; i < len(s); {
		b := s[i]
		switch {
		case b == '"' || b == '\\' || b == '\n' || b == '\r' || b == '\t':
			n++
		case b < ' ' || b == 0x7f:
			n += len(`\u0000`) - 1
		case b >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(s[i:])
			if size == 1 || r == '\u2028' || r == '\u2029' {
				n += len(`\u0000`) - size
			}
			i += size
			continue
		}
		i++
	}
	return n
}
