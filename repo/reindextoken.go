package repo

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/schema"
)

// maxWalkToken is the length of the longest token: walkersAtOnce keys of full length, in characters.
const maxWalkToken = 300 << 10

// walkToken makes the tokens of walks, and reads them. They are made as cursors are, of another binding, which changes whenever a token
// could no longer be read by what it meant.
type walkToken struct {
	binding []byte
	keys    [][]byte
	primary []keyAttribute
}

func (e *entity) walkToken(dry bool) walkToken {
	binding := e.readBinding("reindex 1", "")
	if dry {
		binding = appendText(binding, "dry")
	}
	return walkToken{append(binding, e.derivation()...), e.table.CursorKeys, e.primary}
}

// derivation is a hash of all that decides about what Reindex writes.
func (e *entity) derivation() []byte {
	var all []byte
	add := func(texts ...string) {
		for _, s := range texts {
			all = appendText(all, s)
		}
	}
	add(e.table.TypeAttribute, e.table.WriteID)
	add(e.typeNames()...)
	for _, k := range e.primary {
		add("key", k.name, k.template.Source)
	}
	for _, x := range e.indexes {
		add("index", x.Name)
		for _, k := range x.keys {
			add("key", k.name, k.template.Source)
		}
		for _, c := range x.When {
			add("when", c.Source)
		}
	}
	for _, u := range e.Unique {
		add("unique", u.Ref.Path)
		for _, m := range u.Members {
			add("member", m.Ref.Path)
		}
		if u.Fold {
			add("fold")
		}
	}
	if e.Version != nil {
		add("version", e.Version.Leaf().Attr)
	}
	for _, r := range e.Renames {
		add("was", r.Ref.Path)
		add(r.Was...)
	}
	var fields []string
	for ref := range e.canon {
		fields = append(fields, fieldText(ref))
	}
	slices.Sort(fields)
	add(slices.Compact(fields)...)
	sum := sha256.Sum256(all)
	return sum[:]
}

// fieldText is a field as keys depend on it: where it is, where it is stored, and how.
func fieldText(ref *schema.Ref) string {
	out := []string{ref.Path, ref.Leaf().Type.String(), fmt.Sprint(ref.Leaf().Tag)}
	for _, f := range ref.Steps {
		out = append(out, f.Attr)
	}
	return strings.Join(out, "\x00")
}

// seal makes the token of a place; none where the walk has ended.
func (t walkToken) seal(p walkPlace) string {
	if p.ended() {
		return ""
	}
	place := binary.AppendUvarint(nil, uint64(p.segments))
	place = binary.AppendUvarint(place, uint64(p.next))
	for _, n := range p.resumed() {
		place = binary.AppendUvarint(place, uint64(n))
		if len(p.open[n]) == 0 {
			place = append(place, 0)
			continue
		}
		place = append(place, 1)
		for _, k := range t.primary {
			place = appendValue(place, p.open[n][k.name])
		}
	}
	if len(t.keys) > 0 {
		return cursorText.EncodeToString(sealed(t.keys[0], t.binding, place))
	}
	return cursorText.EncodeToString(slices.Concat([]byte{plainCursor}, t.sum(place), place))
}

func (t walkToken) sum(place []byte) []byte {
	h := sha256.New()
	h.Write(t.binding)
	h.Write(place)
	return h.Sum(nil)[:cursorSum]
}

// open finds where a walk goes on.
func (t walkToken) open(o ReindexOptions) (walkPlace, error) {
	if o.Resume == "" {
		return walkPlace{segments: max(o.Segments, 1), open: map[int]item{}}, nil
	}
	foreign := invalidCursor("the token is damaged, or of another walk: table, entity, keys, indexes, unique fields and version must be declared as they were, and DryRun be the same; begin again")
	if len(o.Resume) > maxWalkToken || strings.ContainsAny(o.Resume, "\r\n") { // which the decoder skips
		return walkPlace{}, foreign
	}
	raw, err := cursorText.DecodeString(o.Resume)
	if err != nil {
		return walkPlace{}, foreign
	}
	place, ok := t.unseal(raw)
	if !ok {
		return walkPlace{}, foreign
	}
	p, ok := t.place(place)
	switch {
	case !ok:
		return walkPlace{}, foreign
	case o.Segments != 0 && o.Segments != p.segments:
		return walkPlace{}, invalidCursor("the walk was begun with another number of Segments; leave it out")
	}
	return p, nil
}

func (t walkToken) unseal(raw []byte) (place []byte, ok bool) {
	switch {
	case len(t.keys) > 0:
		return unsealed(t.keys, t.binding, raw)
	case len(raw) <= 1+cursorSum || raw[0] != plainCursor:
		return nil, false
	}
	sum, place := raw[1:1+cursorSum], raw[1+cursorSum:]
	return place, bytes.Equal(sum, t.sum(place))
}

// place reads what seal wrote.
func (t walkToken) place(b []byte) (p walkPlace, ok bool) {
	var segments, next uint64
	if segments, b, ok = cutNumber(b, maxSegments); !ok || segments == 0 {
		return p, false
	}
	if next, b, ok = cutNumber(b, segments); !ok {
		return p, false
	}
	p = walkPlace{segments: int(segments), next: int(next), open: map[int]item{}}
	for last := -1; len(b) > 0; {
		var n uint64
		if n, b, ok = cutNumber(b, next); !ok || n == next || int(n) <= last || len(b) == 0 || b[0] > 1 || len(p.open) == walkersAtOnce {
			return p, false
		}
		var key item
		begun := b[0] == 1
		if b = b[1:]; begun {
			if key, b, ok = t.cutKey(b); !ok {
				return p, false
			}
		}
		last = int(n)
		p.open[last] = key
	}
	return p, !p.ended()
}

// cutKey reads a primary key of the entity's kinds.
func (t walkToken) cutKey(b []byte) (key item, rest []byte, ok bool) {
	key = item{}
	for i, k := range t.primary {
		var av types.AttributeValue
		if av, b, ok = cutValue(b); !ok || keySize(av) > keyLimit(i, 1) || keyKind(av) != 'N' && keySize(av) == 0 || !k.kind(av) {
			return nil, nil, false
		}
		key[k.name] = av
	}
	return key, b, true
}

// kind reports whether a value is of the key's kind.
func (k keyAttribute) kind(av types.AttributeValue) bool {
	switch keyKind(av) {
	case 'N':
		return k.template.Type() == schema.KeyNumber
	case 'B':
		return k.template.Type() == schema.KeyBinary
	}
	return k.template.Type() == schema.KeyString
}

func cutNumber(b []byte, most uint64) (n uint64, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > most {
		return 0, nil, false
	}
	return n, b[size:], true
}
