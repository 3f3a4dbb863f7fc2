package ast

import (
	"fmt"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/monotable/monotable/internal/codec"
)

// rawCond is a condition that the caller made with the SDK's package.
type rawCond struct{ builder expression.ConditionBuilder }

// Raw takes a condition of the SDK's expression package. It is written once to see whether that works and what it holds, and again
// as a part of the request; so the values in it must not be changed as long as it is used. What it says about fields is not
// visible to who walks the tree.
func Raw(builder expression.ConditionBuilder) *Cond {
	c := &Cond{op: OpRaw, raw: &rawCond{builder}}
	built, err := writeAlone(builder)
	if err != nil {
		c.err = &Error{Kind: ErrInvalid, Text: "the raw condition cannot be written: " + err.Error(), Err: err}
		return c
	}
	text := *built.Condition()
	c.chars = len(text)
	if c.operators, err = scan(text); err != nil {
		c.err = general(ErrInvalid, "the raw condition has a name with brackets that are no list index")
		return c
	}
	for _, name := range built.Names() {
		if !utf8.ValidString(name) {
			c.fail(general(ErrInvalid, "a name in the raw condition is not valid UTF-8"))
		}
	}
	for _, value := range built.Values() {
		if value == nil {
			c.fail(general(ErrInvalid, "a value in the raw condition cannot be stored"))
		} else if err := codec.Check(value); err != nil {
			c.fail(general(ErrInvalid, "a value in the raw condition cannot be stored: %v", err))
		}
	}
	return c.bounded()
}

// writeAlone writes the condition by itself. The SDK's package panics where an operand is nil.
func writeAlone(builder expression.ConditionBuilder) (built expression.Expression, err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("an operand of it is nil")
		}
	}()
	return expression.NewBuilder().WithCondition(builder).Build()
}
