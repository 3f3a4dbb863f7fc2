package repo

import (
	"encoding/binary"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// Cursor is a position in a query or scan, between two of its items. It is text that is safe in URLs. It is bound to the table,
// the entity, the index, the direction and the key conditions of its query, and fits no other: that is [ErrInvalidCursor], and so
// is a damaged one. With [Table.CursorKeys] it is encrypted and authenticated: it shows nothing but its length, and nobody else can
// make one. Without them it is readable: whoever has it can decode the key of the item that it stands at, and make others, but none
// that leads out of the query's own partition and range. "" is the beginning.
type Cursor string

// maxCursor is the length of the longest cursor, in characters: ten key attributes of full length make about 20,600.
const maxCursor = 24 * 1024

// position is a place in a reading: a partition, and the start key in it; the beginning of the partition where there is none.
type position struct {
	partition int
	start     item
}

// seal makes the cursor of a position.
func (r *reading) seal(at position) Cursor {
	place := binary.AppendUvarint(nil, uint64(at.partition))
	if len(at.start) > 0 {
		place = appendStart(place, at.start, r.keys)
	}
	return Cursor(r.envelope.seal(place))
}

// open finds the position of a cursor.
func (r *reading) open(c Cursor) (position, error) {
	if c == "" {
		return position{}, nil
	}
	place, err := r.envelope.open(string(c), maxCursor)
	if err != nil {
		return position{}, err
	}
	at, ok := r.place(place)
	if !ok || !r.owns(at) {
		return position{}, invalidCursor("it leads out of the query")
	}
	return at, nil
}

// owns reports whether a place is within the reading, so that a cursor may name it.
func (r *reading) owns(at position) bool { return r.within == nil || r.within(at) }

// place reads what seal wrote.
func (r *reading) place(b []byte) (at position, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > maxPartitions {
		return at, false
	}
	at.partition = int(n)
	if b = b[size:]; len(b) == 0 {
		return at, true
	}
	at.start, b, ok = cutStart(b, r.keys)
	return at, ok && len(b) == 0
}

func invalidCursor(reason string) error { return &Error{kind: ErrInvalidCursor, Reason: reason} }

// cursorKeys lists the attributes that a start key of an index has: the index's own, and the primary key.
func (e *entity) cursorKeys(keys []keyAttribute) []string {
	out := e.table.keyAttributes()
	for _, k := range keys {
		if !slices.Contains(out, k.name) {
			out = append(out, k.name)
		}
	}
	return out
}

// binding is what cursors of a query are for. The conditions go in as they were given.
func (e *entity) binding(a *access, conds []*ast.Cond, desc bool) []byte {
	out := e.readBinding("query", a.name())
	if desc {
		out = appendText(out, "desc")
	}
	if a.parts.shards > 0 || a.parts.walked != nil { // positions in it are numbers of partitions
		for _, k := range a.hash {
			out = appendText(out, k.template.Source)
		}
	}
	for _, c := range ast.And(conds...).Conjuncts() {
		out = append(out, byte(c.Op()))
		out = appendText(out, c.Path().Member())
		for _, operand := range c.Operands() {
			out = appendValue(out, operand.AV)
		}
	}
	return out
}

// readBinding begins the binding of every cursor.
func (e *entity) readBinding(kind, index string) []byte {
	var out []byte
	for _, s := range []string{kind, e.table.Name, e.First, index} {
		out = appendText(out, s)
	}
	return out
}

// maxPartitions bounds the partitions of a query: its buckets, and the shards of each.
const maxPartitions = maxBuckets * schema.MaxShards

// appendValue appends a scalar: a key attribute, or the operand of a key condition.
func appendValue(dst []byte, av types.AttributeValue) []byte {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return appendText(append(dst, 'S'), v.Value)
	case *types.AttributeValueMemberN:
		return appendText(append(dst, 'N'), v.Value)
	case *types.AttributeValueMemberB:
		return appendText(append(dst, 'B'), string(v.Value))
	case *types.AttributeValueMemberBOOL:
		if v.Value {
			return append(dst, 'T')
		}
		return append(dst, 'F')
	}
	return append(dst, '0')
}

// appendText appends a text with its length before it, so that no two lists of texts are alike.
func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// cutValue reads a key attribute that appendValue wrote.
func cutValue(b []byte) (av types.AttributeValue, rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, nil, false
	}
	text, rest, ok := cutText(b[1:])
	switch {
	case !ok:
		return nil, nil, false
	case b[0] == 'S':
		return &types.AttributeValueMemberS{Value: text}, rest, true
	case b[0] == 'N':
		return &types.AttributeValueMemberN{Value: text}, rest, true
	case b[0] == 'B':
		return &types.AttributeValueMemberB{Value: []byte(text)}, rest, true
	}
	return nil, nil, false
}

// appendStart appends the attributes of a start key, and cutStart reads them.
func appendStart(dst []byte, start item, names []string) []byte {
	for _, name := range names {
		dst = appendValue(dst, start[name])
	}
	return dst
}

func cutStart(b []byte, names []string) (start item, rest []byte, ok bool) {
	start = make(item, len(names))
	for _, name := range names {
		if start[name], b, ok = cutValue(b); !ok {
			return nil, nil, false
		}
	}
	return start, b, true
}

func cutText(b []byte) (text string, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return "", nil, false
	}
	return string(b[size : size+int(n)]), b[size+int(n):], true
}
