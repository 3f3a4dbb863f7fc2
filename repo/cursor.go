package repo

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"

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

const (
	plainCursor  = 1
	sealedCursor = 2
	cursorSum    = 12        // bytes of checksum
	maxCursor    = 24 * 1024 // characters; ten key attributes of full length make about 20,600
)

var cursorText = base64.RawURLEncoding.Strict()

// position is a place in a reading: a partition, and the start key in it; the beginning of the partition where there is none.
type position struct {
	partition int
	start     item
}

// seal makes the cursor of a position.
func (r *reading) seal(at position) Cursor {
	place := binary.AppendUvarint(nil, uint64(at.partition))
	if len(at.start) > 0 {
		for _, name := range r.keys {
			place = appendValue(place, at.start[name])
		}
	}
	if len(r.cursorKeys) > 0 {
		return Cursor(cursorText.EncodeToString(sealed(r.cursorKeys[0], r.binding, place)))
	}
	out := append([]byte{plainCursor}, r.checksum(place)...)
	return Cursor(cursorText.EncodeToString(append(out, place...)))
}

// open finds the position of a cursor.
func (r *reading) open(c Cursor) (position, error) {
	if c == "" {
		return position{}, nil
	}
	if len(c) > maxCursor {
		return position{}, invalidCursor("it is longer than any cursor of this library")
	}
	raw, err := cursorText.DecodeString(string(c))
	if err != nil || strings.ContainsAny(string(c), "\r\n") { // which the decoder skips
		return position{}, invalidCursor("it is damaged, or of another version of this library")
	}
	place, err := r.unseal(raw)
	if err != nil {
		return position{}, err
	}
	at, ok := r.place(place)
	if !ok || r.within != nil && !r.within(at) {
		return position{}, invalidCursor("it leads out of the query")
	}
	return at, nil
}

// unseal checks the bytes of a cursor, and finds the place in them.
func (r *reading) unseal(raw []byte) ([]byte, error) {
	foreign := invalidCursor("it is damaged, or of another query: table, entity, index, direction and key conditions must be those that it was made with")
	switch {
	case len(r.cursorKeys) > 0:
		if place, ok := unsealed(r.cursorKeys, r.binding, raw); ok {
			return place, nil
		}
		return nil, foreign
	case len(raw) <= 1+cursorSum || raw[0] != plainCursor:
		return nil, invalidCursor("it is damaged, or of another version of this library")
	}
	sum, place := raw[1:1+cursorSum], raw[1+cursorSum:]
	if !bytes.Equal(sum, r.checksum(place)) {
		return nil, foreign
	}
	return place, nil
}

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
	at.start = make(item, len(r.keys))
	for _, name := range r.keys {
		if at.start[name], b, ok = cutValue(b); !ok {
			return at, false
		}
	}
	return at, len(b) == 0
}

func invalidCursor(reason string) error { return &Error{kind: ErrInvalidCursor, Reason: reason} }

// checksum binds a place to the reading that it is in. It finds mistakes, not malice.
func (r *reading) checksum(place []byte) []byte {
	h := sha256.New()
	h.Write(r.binding)
	h.Write(place)
	return h.Sum(nil)[:cursorSum]
}

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

func cutText(b []byte) (text string, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return "", nil, false
	}
	return string(b[size : size+int(n)]), b[size+int(n):], true
}
