package ast

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// What DynamoDB takes in one request.
const (
	maxChars     = 4 << 10 // of each expression
	maxOperators = 300     // and functions, in each expression
	maxIn        = 100     // operands
	maxKeys      = 8       // conditions on key attributes
	maxSubst     = 2 << 20 // names and values together
)

func tooManyOperators(n int) error {
	return general(ErrTooLarge, "the expression has %d operators and functions, and DynamoDB takes %d; ask for less at once", n, maxOperators)
}

func tooLong(n int) error {
	return general(ErrTooLarge, "the expression is at least %d characters long, and DynamoDB takes %d; ask for less at once", n, maxChars)
}

// checkLimits bounds an expression before it is written: the package that writes it takes quadratic time.
func checkLimits(what string, operators, chars int) error {
	var err error
	switch {
	case operators > maxOperators:
		err = tooManyOperators(operators)
	case chars > maxChars:
		err = tooLong(chars)
	default:
		return nil
	}
	return in(what, err)
}

// checkWritten bounds what was written.
func checkWritten(e *Expression) error {
	texts := []struct {
		what string
		text *string
	}{{keyPart, e.Key}, {conditionPart, e.Condition}, {filterPart, e.Filter}, {updatePart, e.Update}, {projectionPart, e.Projection}}
	for _, t := range texts {
		if t.text != nil && len(*t.text) > maxChars {
			return in(t.what, general(ErrTooLarge, "the expression is %d characters long, and DynamoDB takes %d; ask for less at once", len(*t.text), maxChars))
		}
	}
	if n := substitutions(e.Names, e.Values); n > maxSubst {
		return general(ErrTooLarge, "the names and values of the request are %d bytes long, and DynamoDB takes %d; change or compare less at once", n, maxSubst)
	}
	return nil
}

func substitutions(names map[string]string, values map[string]types.AttributeValue) (n int) {
	for placeholder, name := range names {
		n += len(placeholder) + len(name)
	}
	for placeholder, value := range values {
		n += len(placeholder) + size(value)
	}
	return n
}

// The parts of a request, as messages call them.
const (
	keyPart        = "key condition"
	conditionPart  = "condition"
	filterPart     = "filter"
	updatePart     = "update"
	projectionPart = "projection"
)
