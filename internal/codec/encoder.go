package codec

import (
	"strings"
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

	arena strings.Builder // the digits of numbers and times
}

// slab holds members that were allocated together: one allocation for all strings of an item, one for all its numbers. Members
// keep their neighbours alive, which live as long as the item anyway.
type slab struct {
	texts   run[types.AttributeValueMemberS]
	numbers run[types.AttributeValueMemberN]
	bools   run[types.AttributeValueMemberBOOL]
}

// run is a row of members of one kind. It counts those in use, rather than cutting them off: a number is cheaper to change than
// a pointer while the garbage collector looks on.
type run[M any] struct {
	members []M
	used    int
}

// take takes the next member, and begins a new row where this one is used up.
func (r *run[M]) take(chunk int) *M {
	if r.used == len(r.members) {
		r.members, r.used = make([]M, chunk), 0
	}
	r.used++
	return &r.members[r.used-1]
}

// tally counts the members that a value surely needs.
type tally struct{ texts, numbers, bools, digits int }

func (t *tally) add(other tally) {
	t.texts += other.texts
	t.numbers += other.numbers
	t.bools += other.bools
	t.digits += other.digits
}

// slab allocates the members of n such values.
func (t tally) slab(n int) slab {
	var s slab
	if t.texts > 0 {
		s.texts.members = make([]types.AttributeValueMemberS, t.texts*n)
	}
	if t.numbers > 0 {
		s.numbers.members = make([]types.AttributeValueMemberN, t.numbers*n)
	}
	if t.bools > 0 {
		s.bools.members = make([]types.AttributeValueMemberBOOL, t.bools*n)
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
	e.reserve(t.digits * n)
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
	m := e.texts.take(e.chunk)
	m.Value = s
	return m
}

func (e *encoder) number(s string) types.AttributeValue {
	m := e.numbers.take(e.chunk)
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
	m := e.bools.take(e.chunk)
	m.Value = b
	return m
}

// digits makes a string of what was formatted, out of memory that it shares with the others of the item. A Builder only ever
// appends, so the strings it has given stay as they are.
func (e *encoder) digits(text []byte) string {
	start := e.arena.Len()
	e.arena.Write(text)
	return e.arena.String()[start:]
}

// reserve makes room for so many digits, leaving an arena that is too full to the strings it has given.
func (e *encoder) reserve(n int) {
	if e.arena.Cap()-e.arena.Len() < n {
		e.arena = strings.Builder{}
		e.arena.Grow(n)
	}
}

// digitsPerNumber is how many digits to expect of a number. Times have as many as they have.
const (
	digitsPerNumber = 8
	digitsPerTime   = len("2006-01-02T15:04:05.000000000Z")
)

func null() types.AttributeValue { return &types.AttributeValueMemberNULL{Value: true} }
