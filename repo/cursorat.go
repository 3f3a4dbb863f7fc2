package repo

import "reflect"

// CursorAt is the cursor behind an item of the query, so that a page can begin behind any of them: the item as the query yielded it, of
// which the fields of its keys matter. An item that is not in the query's partition and range is [ErrInvalidValue]. It sends nothing.
func (q Query[T]) CursorAt(v T) (Cursor, error) {
	c, err := q.cursorAt(reflect.ValueOf(&v).Elem())
	return c, q.repo.entity.failed("CursorAt", err)
}

func (q query) cursorAt(root reflect.Value) (Cursor, error) {
	r, err := q.reading()
	if err != nil {
		return "", err
	}
	e := q.repo.entity
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
	}
	n, ok := r.query.parts.numberOf(row)
	at := position{n, keyOf(row, r.keys)}
	if !ok || len(at.start) < len(r.keys) || !r.within(at) {
		return "", outside
	}
	return r.seal(at), nil
}
