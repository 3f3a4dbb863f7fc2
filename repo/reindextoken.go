package repo

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/schema"
)

// maxWalkToken is the length of the longest token: walkersAtOnce keys of full length, in characters.
const maxWalkToken = 300 << 10

// walkToken makes the tokens of walks, and reads them. They are made as cursors are, of another binding, which changes whenever a token
// could no longer be read by what it meant.
type walkToken struct {
	envelope envelope
	primary  []keyAttribute
}

func (e *entity) walkToken(dry bool) walkToken {
	binding := e.readBinding("reindex 1", "")
	if dry {
		binding = appendText(binding, "dry")
	}
	return walkToken{envelope{append(binding, e.derivation()...), e.table.CursorKeys}, e.primary}
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
		add("unique", u.Ref.Path, e.firstName(u.Ref.Leaf()))
		for _, m := range u.Members {
			add("member", m.Ref.Path, strconv.FormatBool(m.Fold))
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
	return t.envelope.seal(place)
}

// open finds where a walk goes on.
func (t walkToken) open(o ReindexOptions) (walkPlace, error) {
	if o.Resume == "" {
		return walkPlace{segments: max(o.Segments, 1), open: map[int]item{}}, nil
	}
	foreign := invalidCursor("the token is damaged, or of another walk: table, entity, keys, indexes, unique fields and version must be declared as they were, and DryRun be the same; begin again")
	place, err := t.envelope.open(o.Resume, maxWalkToken)
	if err != nil {
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
		if av, b, ok = cutValue(b); !ok || keySize(av) > keyLimit(i, 1) || keyKind(av) != schema.KeyNumber && keySize(av) == 0 || keyKind(av) != k.template.Type() {
			return nil, nil, false
		}
		key[k.name] = av
	}
	return key, b, true
}

func cutNumber(b []byte, most uint64) (n uint64, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > most {
		return 0, nil, false
	}
	return n, b[size:], true
}
