package memdb

import "time"

// A table holds rows and keeps its indexes in step with them.
type table struct {
	name        string
	id          string
	created     time.Time
	keys        keySchema
	definitions []keyAttr
	indexes     []*index // in the order they were declared, local ones first
	billing     billing
	protected   bool
	class       string
	ttl         string // the attribute, or "" while off
	rows        tree
	bytes       int // of all items
}

// An index is a second order of a table's rows, of those that have its key.
type index struct {
	name       string
	global     bool
	keys       keySchema
	projection string // ALL, KEYS_ONLY or INCLUDE
	include    []string
	billing    billing
	rows       tree // each row is the table's whole item
	bytes      int  // of what is projected
}

// billing is accepted and shown, not enforced.
type billing struct {
	onDemand    bool
	read, write int
}

func (t *table) index(name string) *index {
	for _, x := range t.indexes {
		if x.name == name {
			return x
		}
	}
	return nil
}

// clone copies the table; rows are shared until either side changes.
func (t *table) clone() *table {
	c := *t
	c.rows = t.rows.clone()
	c.indexes = make([]*index, len(t.indexes))
	for i, x := range t.indexes {
		copied := *x
		copied.rows = x.rows.clone()
		c.indexes[i] = &copied
	}
	return &c
}

// checkIndexKeys refuses an item that an index can't take: a key attribute may
// be missing, which leaves the item out, but not be of another type or empty.
func (t *table) checkIndexKeys(it item) *Error {
	for _, x := range t.indexes {
		for a := range x.keys.each {
			v, ok := it.attribute(a.name)
			switch {
			case !ok:
			case v.kind() != a.kind:
				return invalidParameter("Type mismatch for Index Key " + a.name + " Expected: " + kindNames[a.kind] +
					" Actual: " + v.typeName() + " IndexName: " + x.name)
			case v.body() == "":
				return invalid("One or more parameter values are not valid. A value specified for a secondary index key is not supported. " +
					"The AttributeValue for a key attribute cannot contain an empty " + emptyNames[a.kind] + " value. IndexName: " + x.name + ", IndexKey: " + a.name)
			}
		}
		if _, ok := x.keys.rowKey(it); ok {
			if err := x.keys.checkLengths(it); err != nil {
				return err
			}
		}
	}
	return nil
}

var emptyNames = map[byte]string{kindS: "string", kindB: "binary"}

// A write is one change of a table, checked and ready to be made.
type write struct {
	table    *table
	key      rowKey
	old, new item // "" for none
}

// apply makes the change in the table and in every index. It returns what the
// indexes were charged with, for the consumed capacity.
func (w *write) apply() {
	t := w.table
	for _, x := range t.indexes {
		x.replace(t, w.key, w.old, w.new)
	}
	if w.new == "" {
		t.rows.remove(w.key)
	} else {
		t.rows.set(row{key: w.key, item: w.new})
	}
	t.bytes += w.new.size() - w.old.size()
}

// replace takes the old item's row out of the index and puts the new one's in.
func (x *index) replace(t *table, key rowKey, old, new item) {
	oldKey, had := x.rowKey(key, old)
	newKey, has := x.rowKey(key, new)
	if had && (!has || oldKey != newKey) {
		x.rows.remove(oldKey)
	}
	if has {
		x.rows.set(row{key: newKey, item: new})
	}
	if had {
		x.bytes -= x.projectedSize(t, old)
	}
	if has {
		x.bytes += x.projectedSize(t, new)
	}
}

// rowKey is an item's key in the index, if it is in it.
func (x *index) rowKey(tableKey rowKey, it item) (rowKey, bool) {
	if it == "" {
		return rowKey{}, false
	}
	key, ok := x.keys.rowKey(it)
	if !ok {
		return rowKey{}, false
	}
	return key.under(tableKey), true
}

// project cuts an item down to what the index holds.
func (x *index) project(t *table, it item) item {
	if x.projection == "ALL" {
		return it
	}
	attrs := append(t.keys.attrs(), x.keys.attrs()...)
	for _, name := range x.include {
		attrs = append(attrs, keyAttr{name: name})
	}
	return pickAttributes(it, attrs)
}

func (x *index) projectedSize(t *table, it item) int {
	if x.projection == "ALL" {
		return it.size()
	}
	return x.project(t, it).size()
}

// projects tells whether the index holds an attribute.
func (x *index) projects(t *table, name string) bool {
	if x.projection == "ALL" || t.keys.has(name) || x.keys.has(name) {
		return true
	}
	for _, n := range x.include {
		if n == name {
			return true
		}
	}
	return false
}

// backfill puts every row of the table into a new index. A row whose attribute
// is of another type, or empty, stays out, as it does in the service.
func (x *index) backfill(t *table) {
	t.rows.ascend(rowKey{}, func(r row) bool {
		for a := range x.keys.each {
			if v, ok := r.item.attribute(a.name); !ok || v.kind() != a.kind || v.body() == "" {
				return true
			}
		}
		x.replace(t, r.key, "", r.item)
		return true
	})
}
