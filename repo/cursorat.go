package repo

import (
	"reflect"

	"github.com/monotable/monotable/internal/schema"
)

// CursorAt is the cursor behind an item of the query, so that a page can begin behind any of them: the item as the query yielded it, of
// which the fields of its keys matter. An item that is not in the query's partition and range is [ErrInvalidValue]. It sends nothing.
func (q Query[T]) CursorAt(v T) (Cursor, error) {
	c, err := q.query.cursorAt(reflect.ValueOf(&v).Elem())
	return c, q.query.repo.entity.failed("CursorAt", err)
}

func (q query) cursorAt(root reflect.Value) (Cursor, error) {
	r, err := q.reading()
	if err != nil {
		return "", err
	}
	e := q.repo.entity
	if err := q.repo.admit(root); err != nil {
		return "", err
	}
	row, err := e.primaryKey(root)
	if err != nil {
		return "", err
	}
	outside := &Error{kind: ErrInvalidValue, Reason: "the item is not in the part of the index that the query reads; give one as the query yields it"}
	if r.empty {
		return "", outside
	}
	if x := r.query.index; x != nil {
		outside.Index = x.Name
		if err := e.setIndexKey(*x, row, root); err != nil {
			return "", err
		}
		if err := e.setZeroKeys(*x, row, root); err != nil {
			return "", err
		}
	}
	n, ok := r.query.parts.numberOf(row)
	at := position{n, keyOf(row, r.keys)}
	key, ranged := r.query.ranged()
	if !ok || len(at.start) < len(r.keys) || !r.within(at) || ranged && !r.query.sort.holds(row[key.name]) {
		return "", outside
	}
	return r.seal(at), nil
}

// setZeroKeys adds the native keys of an index where one of them is a zero time: that counts as missing, and is an attribute all the
// same, by which the item is in the index, where its tags do not leave it out.
func (e *entity) setZeroKeys(x boundIndex, row item, root reflect.Value) error {
	for _, k := range x.keys {
		if !k.native() || row[k.name] != nil {
			continue
		}
		m := k.template.Members()[0]
		v, ok := m.Ref.Value(root)
		if !ok || !e.inKey(m, v) && (!schema.IsTime(v.Type()) || m.Ref.Leaf().Tag.OmitEmpty) {
			continue
		}
		av, err := e.canon[m.Ref].Operand(v)
		if err != nil {
			return &Error{Field: m.Ref.Path, kind: ErrInvalidKey, Reason: reasonOf(err), cause: err}
		}
		row[k.name] = av
	}
	return nil
}
