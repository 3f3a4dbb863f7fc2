package memdb

// A lookup is one read of one item: alone, in a batch or in a transaction.
type lookup struct {
	table      string
	key        attributes
	projection *projection
}

// parseLookup reads a lookup out of its input. Values are no parameter of it: as
// the service does, it ignores members that it has no name for.
func (in *input) parseLookup() (*lookup, *Error) {
	in.params.values = attributes{}
	text := ": ProjectionExpression is null"
	if err := in.params.check(text, text, in.projection != nil); err != nil {
		return nil, err
	}
	if err := in.checkMaps(); err != nil {
		return nil, err
	}
	l := &lookup{table: in.tableName(), key: in.key}
	if in.projection != nil {
		var err *Error
		if l.projection, err = parseProjection(*in.projection, &in.params); err != nil {
			return nil, err
		}
	}
	return l, in.params.finish()
}

// find returns the whole item. The lock must be held.
func (l *lookup) find(tables view) (item, *Error) {
	t := tables(l.table)
	if t == nil {
		return "", errNoResource()
	}
	if err := t.keys.checkKey(l.key); err != nil {
		return "", err
	}
	if l.projection != nil {
		if err := t.checkAllScalars(l.projection.paths); err != nil {
			return "", err
		}
	}
	key, _ := t.keys.rowKey(l.key.item)
	return t.rows.get(key), nil
}

func getItem(c *call) *Error {
	in, err := c.readInput(func(in *input, v *constraints) {
		v.present("tableName", in.table != nil)
		v.present("key", in.key.given)
	})
	if err != nil {
		return err
	}
	l, err := in.parseLookup()
	if err != nil {
		return err
	}
	err = c.enter(Call{Consistent: in.consistent}, func() []Target { return []Target{c.db.target(l.table, l.key.item)} })
	if err != nil {
		return err
	}
	var found item
	err = c.reading(in.consistent, func(tables view) (err *Error) {
		found, err = l.find(tables)
		return err
	})
	if err != nil {
		return err
	}
	if found != "" {
		c.out.item("Item", l.projection.apply(found))
	}
	if level := given(in.capacity); level != "" {
		var used consumed
		used.addRead(l.table, readUnits(found.size(), in.consistent))
		used.write(&c.out, level)
	}
	return nil
}

// A view finds tables as a read sees them.
type view func(name string) *table

// reading calls f with the tables that a read may see, under the lock. Items are
// immutable, so what f takes out can be used after. A stale read sees a table that
// was made since the snapshot, under whatever name, as it is.
func (c *call) reading(consistent bool, f func(tables view) *Error) *Error {
	c.db.mu.RLock()
	defer c.db.mu.RUnlock()
	return f(func(name string) *table {
		t := c.db.tables[name]
		if t != nil && c.verdict.Stale != nil && !consistent {
			if old := c.verdict.Stale.tables[name]; old != nil && old.id == t.id {
				return old
			}
		}
		return t
	})
}
