package codec

import (
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// maxDepth is how deep DynamoDB lets lists and maps nest in an attribute.
const maxDepth = 32

const tooDeep = "nested deeper than 32 levels, which DynamoDB refuses"

// encoder is the state of one encoding: how deep it is, and where the members of attributes are allocated.
type encoder struct {
	slab
	depth int
	chunk int // how many members to allocate at a time when the slab is used up

	operand bool // the outermost value is for a comparison: nothing of it is omitted
}

// slab holds members that were allocated together: one allocation for all strings of an item, one for all its numbers. Members
// keep their neighbours alive, which live as long as the item anyway.
type slab struct {
	texts   []types.AttributeValueMemberS
	numbers []types.AttributeValueMemberN
	bools   []types.AttributeValueMemberBOOL
}

// tally counts the members that a value surely needs.
type tally struct{ texts, numbers, bools int }

func (t *tally) add(other tally) {
	t.texts += other.texts
	t.numbers += other.numbers
	t.bools += other.bools
}

// slab allocates the members of n such values.
func (t tally) slab(n int) slab {
	var s slab
	if t.texts > 0 {
		s.texts = make([]types.AttributeValueMemberS, t.texts*n)
	}
	if t.numbers > 0 {
		s.numbers = make([]types.AttributeValueMemberN, t.numbers*n)
	}
	if t.bools > 0 {
		s.bools = make([]types.AttributeValueMemberBOOL, t.bools*n)
	}
	return s
}

// frame is the slab that was in use before a list, a set or a map.
type frame struct {
	slab
	pushed bool
}

// push changes to a slab for n values of the codec, if their number of members is known.
func (e *encoder) push(c *Value, n int) frame {
	t := c.tally()
	if t == (tally{}) {
		return frame{}
	}
	outer := frame{e.slab, true}
	e.slab = t.slab(n)
	return outer
}

func (e *encoder) pop(outer frame) {
	if outer.pushed {
		e.slab = outer.slab
	}
}

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// itemChunk is small: what is left of a chunk is wasted.
const itemChunk = 4

func newEncoder(chunk int) *encoder {
	e := encoders.Get().(*encoder)
	e.chunk = chunk
	return e
}

func (e *encoder) done() {
	*e = encoder{}
	encoders.Put(e)
}

// enter counts a level of nesting.
func (e *encoder) enter() error {
	if e.depth >= maxDepth {
		return fail(tooDeep)
	}
	e.depth++
	return nil
}

func (e *encoder) leave() { e.depth-- }

// isOperand reports whether the value at hand, and not one inside it, is for a comparison.
func (e *encoder) isOperand() bool { return e.operand && e.depth == 0 }

// text makes an S of a string that may come from anywhere.
func (e *encoder) text(s string) (types.AttributeValue, error) {
	if err := checkText(s); err != nil {
		return nil, err
	}
	return e.ascii(s), nil
}

// ascii makes an S of a string that is known to be valid.
func (e *encoder) ascii(s string) types.AttributeValue {
	if len(e.texts) == 0 {
		e.texts = make([]types.AttributeValueMemberS, e.chunk)
	}
	m := &e.texts[0]
	e.texts = e.texts[1:]
	m.Value = s
	return m
}

func (e *encoder) number(s string) types.AttributeValue {
	if len(e.numbers) == 0 {
		e.numbers = make([]types.AttributeValueMemberN, e.chunk)
	}
	m := &e.numbers[0]
	e.numbers = e.numbers[1:]
	m.Value = s
	return m
}

// numeral makes an S or an N of a number's text.
func (e *encoder) numeral(s string, asString bool) types.AttributeValue {
	if asString {
		return e.ascii(s)
	}
	return e.number(s)
}

func (e *encoder) boolean(b bool) types.AttributeValue {
	if len(e.bools) == 0 {
		e.bools = make([]types.AttributeValueMemberBOOL, e.chunk)
	}
	m := &e.bools[0]
	e.bools = e.bools[1:]
	m.Value = b
	return m
}

func null() types.AttributeValue { return &types.AttributeValueMemberNULL{Value: true} }
