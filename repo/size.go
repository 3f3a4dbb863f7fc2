package repo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// maxItem is the largest item that DynamoDB takes, in bytes of its own counting.
const maxItem = 400 * 1024

// checkSize refuses an item that DynamoDB would refuse for its size.
func checkSize(row item) error {
	if itemSize(row) > maxItem {
		return &Error{kind: ErrTooLarge, Reason: "the item is larger than the 400 KB that DynamoDB takes; split it, or store its large part elsewhere"}
	}
	return nil
}

// itemSize is the size of an item by DynamoDB's rules: names and values, and a little for each document. See "DynamoDB item sizes
// and formats" in the AWS documentation, which gives the size of a number only nearly; the service has the last word.
func itemSize(row item) (n int) {
	for name, v := range row {
		n += len(name) + valueSize(v)
	}
	return n
}

func valueSize(av types.AttributeValue) (n int) {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return numberSize(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberSS:
		for _, s := range v.Value {
			n += len(s)
		}
		return n
	case *types.AttributeValueMemberNS:
		for _, s := range v.Value {
			n += numberSize(s)
		}
		return n
	case *types.AttributeValueMemberBS:
		for _, b := range v.Value {
			n += len(b)
		}
		return n
	case *types.AttributeValueMemberL:
		for _, e := range v.Value {
			n += 1 + valueSize(e)
		}
		return n + documentSize
	case *types.AttributeValueMemberM:
		for name, e := range v.Value {
			n += 1 + len(name) + valueSize(e)
		}
		return n + documentSize
	}
	return 1
}

// documentSize is what a list or a map adds to its contents.
const documentSize = 3

// numberSize is a byte for two significant digits, and one more.
func numberSize(text string) int {
	digits, zeros := 0, 0
	for i := range len(text) {
		switch b := text[i]; {
		case b == 'e' || b == 'E':
			return 1 + (digits+1)/2
		case b == '0' && digits > 0:
			zeros++
		case b > '0' && b <= '9':
			digits += zeros + 1
			zeros = 0
		}
	}
	return 1 + (digits+1)/2
}
