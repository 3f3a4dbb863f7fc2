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
)

// Cursor is a position in a query or scan, between two of its items. It is text that is safe in URLs. It is bound to the table,
// the entity, the index, the direction and the key conditions of its query, and fits no other: that is [ErrInvalidCursor], and so
// is a damaged one. It is readable: whoever has it can decode the key of the item that it stands at, and make others, but none
// that leads out of the query's own partition and range. "" is the beginning.
type Cursor string

const (
	cursorVersion = 1
	cursorSum     = 12        // bytes of checksum
	maxCursor     = 16 * 1024 // characters; two keys of full length make about 8,300
)

var cursorText = base64.RawURLEncoding.Strict()

// seal makes the cursor of a start key; of none it is the end.
func (r *reading) seal(start item) Cursor {
	if len(start) == 0 {
		return ""
	}
	var key []byte
	for _, name := range r.keys {
		s, _ := start[name].(*types.AttributeValueMemberS)
		if s == nil {
			s = &types.AttributeValueMemberS{}
		}
		key = appendText(key, s.Value)
	}
	out := append([]byte{cursorVersion}, r.checksum(key)...)
	return Cursor(cursorText.EncodeToString(append(out, key...)))
}

// open finds the start key of a cursor; none at the beginning.
func (r *reading) open(c Cursor) (item, error) {
	if c == "" {
		return nil, nil
	}
	if len(c) > maxCursor {
		return nil, invalidCursor("it is longer than any cursor of this library")
	}
	raw, err := cursorText.DecodeString(string(c))
	if err != nil || strings.ContainsAny(string(c), "\r\n") || // which the decoder skips
		len(raw) <= 1+cursorSum || raw[0] != cursorVersion {
		return nil, invalidCursor("it is damaged, or of another version of this library")
	}
	sum, key := raw[1:1+cursorSum], raw[1+cursorSum:]
	if !bytes.Equal(sum, r.checksum(key)) {
		return nil, invalidCursor("it is damaged, or of another query: table, entity, index, direction and key conditions must be those that it was made with")
	}
	start := make(item, len(r.keys))
	for _, name := range r.keys {
		var text string
		var ok bool
		if text, key, ok = cutText(key); !ok {
			return nil, invalidCursor("it is damaged")
		}
		start[name] = &types.AttributeValueMemberS{Value: text}
	}
	if len(key) > 0 || r.within != nil && !r.within(start) {
		return nil, invalidCursor("it leads out of the query")
	}
	return start, nil
}

func invalidCursor(reason string) error { return &Error{kind: ErrInvalidCursor, Reason: reason} }

// checksum binds a key to the reading that it is a position in. It finds mistakes, not malice.
func (r *reading) checksum(key []byte) []byte {
	h := sha256.New()
	h.Write(r.binding)
	h.Write(key)
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
	for _, s := range []string{kind, e.table.Name, e.Name, index} {
		out = appendText(out, s)
	}
	return out
}

// appendValue appends the scalar operand of a key condition.
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

func cutText(b []byte) (text string, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return "", nil, false
	}
	return string(b[size : size+int(n)]), b[size+int(n):], true
}
