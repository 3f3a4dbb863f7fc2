package repo

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/schema"
)

// Decoder reads any row of a table into the type that it is of: of a scan, an export, or the image of a stream record. It is immutable
// and safe for concurrent use; make one with [NewDecoder] and keep it. The zero Decoder has no members, so that every row is of none
// of them.
type Decoder struct {
	table   *Table
	byName  map[string]*entity
	byShape map[shape][]*entity
	views   map[*entity]*core // the first view of each member
	sender  *core             // the first member
}

// NewDecoder makes the decoder of the entities whose repositories are given. They are checked together, as [Check] does: members of
// several tables, and types whose rows could not be told apart, are reported at once in a [*SchemaError]. Views of a repository decode
// as it does. It sends nothing.
func NewDecoder(members ...Member) (*Decoder, error) {
	table, err := together(members)
	if err != nil {
		return nil, err
	}
	d := &Decoder{table: table, byName: map[string]*entity{}, byShape: map[shape][]*entity{}, views: map[*entity]*core{}}
	d.sender = members[0].member()
	for _, m := range members {
		d.add(m.member())
	}
	return d, nil
}

func (d *Decoder) add(r *core) {
	e := r.entity
	for _, name := range e.typeNames() {
		if d.byName[name] != nil {
			return // another view of a member
		}
		d.byName[name] = e
	}
	at := shape{headOf(e.PK), headOf(e.SK)}
	d.byShape[at] = append(d.byShape[at], e)
	d.views[e] = r
}

// Decode reads an item into a fresh value of its member's T, which it returns in an interface, and not by a pointer: ready for a type
// switch. It is as exact as [Repository.Decode]. Which member the item is of says its type attribute or, where it has none, the shape of
// its primary key.
//
// An item of no member, be it of a type that the decoder was not told of or the guard of a unique value, is [ErrWrongEntity]: callers
// who skip such rows ask errors.Is for that, and for nothing else. An item of a member that does not fit its type is [ErrInvalidValue],
// and the error names entity and field; so is one without a type attribute whose key two members that overlap could have. Nothing is
// sent. The item is not kept.
//
// An item that has only its key, as in a stream or an index of keys, is no item of T: key text is not read back into fields.
func (d *Decoder) Decode(item map[string]types.AttributeValue) (any, error) {
	v, err := d.decode(item)
	if err != nil {
		return nil, failedIn("Decode", err)
	}
	return v, nil
}

func (d *Decoder) decode(row item) (any, error) {
	e, err := d.find(row)
	if err != nil {
		return nil, err
	}
	if !d.views[e].sees(row) {
		return nil, foreignRow()
	}
	return e.decodeAny(row)
}

// reaches reports whether a row, of whatever type, may be of the scope of some member.
func (d *Decoder) reaches(row item) bool {
	for _, r := range d.views {
		if r.reaches(row) {
			return true
		}
	}
	return len(d.views) == 0
}

// find is the member that a row is of.
func (d *Decoder) find(row item) (*entity, error) {
	if d.table == nil {
		return nil, noMember("the decoder has no members")
	}
	if isGuard(row, d.table) {
		return nil, noMember("the item is the guard of a unique value")
	}
	if d.table.typed() {
		if attr, given := row[d.table.TypeAttribute]; given {
			if name, ok := attr.(*types.AttributeValueMemberS); ok && name != nil && d.byName[name.Value] != nil {
				return d.byName[name.Value], nil
			}
			return nil, noMember("the item's type is that of no member")
		}
	}
	return d.findByKey(row)
}

func noMember(reason string) error { return &Error{kind: ErrWrongEntity, Reason: reason} }

// findByKey is find for a row without a type: the members whose keys begin as its own are asked.
func (d *Decoder) findByKey(row item) (found *entity, err error) {
	hash, sort := headIn(row, d.table.Key.Hash), headIn(row, d.table.Key.Range)
	for _, at := range []shape{{hash, sort}, {hash, ""}, {"", sort}, {"", ""}} {
		for _, e := range d.byShape[at] {
			if e == found || !e.belongs(row) {
				continue
			}
			if found != nil {
				return nil, &Error{kind: ErrInvalidValue, Reason: "the item has no type attribute, and its key could be of " + found.Name + " and of " + e.Name}
			}
			found = e
		}
	}
	if found == nil {
		return nil, noMember("the item has no type attribute, and its key is of no member")
	}
	return found, nil
}

// shape is what the keys of an entity begin with, through the first delimiter; "" where that depends on a field.
type shape struct{ hash, sort string }

const delimiter = "#"

// headOf is the part of a shape that a template makes.
func headOf(t *schema.Template) string {
	prefix := t.Prefix()
	head, _, whole := strings.Cut(prefix, delimiter)
	switch {
	case whole:
		return head + delimiter
	case prefix != "" && len(t.Members()) == 0:
		return prefix
	}
	return ""
}

// headIn is what a row's key has in that place.
func headIn(row item, attr string) string {
	s, ok := row[attr].(*types.AttributeValueMemberS)
	if !ok || s == nil {
		return ""
	}
	if n := strings.Index(s.Value, delimiter); n >= 0 {
		return s.Value[:n+len(delimiter)]
	}
	return s.Value
}

// decodeAny reads a row of the entity into a fresh value of its type.
func (e *entity) decodeAny(row item) (any, error) {
	v := reflect.New(e.Type).Elem()
	if err := e.codec.Decode(e.modern(row), v); err != nil {
		return nil, e.failed("", invalidValue(err))
	}
	return v.Interface(), nil
}

// failedIn completes an error with the verb that it happened in, and with where the item stood.
func failedIn(op string, err error, where ...string) error {
	var ours *Error
	if errors.As(err, &ours) {
		ours.Op = op
		ours.Reason = strings.TrimSuffix(strings.Join(append(slices.Clone(where), ours.Reason), ": "), ": ")
	}
	return err
}
