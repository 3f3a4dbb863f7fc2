package memdb

// consumed counts the capacity units that a request uses, by table and index.
type consumed struct{ tables []*tableUnits }

type tableUnits struct {
	name    string
	table   float64
	writes  bool
	local   []indexUnits
	global  []indexUnits
	doubled bool // a transaction says what was read and what was written
}

type indexUnits struct {
	name  string
	units float64
}

func writeUnits(size int) int { return max(1, (size+1023)/1024) }

// readUnits counts a read of so many bytes.
func readUnits(size int, consistent bool) float64 {
	units := float64(max(1, (size+4095)/4096))
	if consistent {
		return units
	}
	return units / 2
}

func (c *consumed) of(name string) *tableUnits {
	for _, t := range c.tables {
		if t.name == name {
			return t
		}
	}
	t := &tableUnits{name: name}
	c.tables = append(c.tables, t)
	return t
}

func (c *consumed) addRead(table string, units float64) { c.of(table).table += units }

// addIndexRead counts a read of an index.
func (c *consumed) addIndexRead(table string, x *index, units float64) {
	t := c.of(table)
	list := &t.local
	if x.global {
		list = &t.global
	}
	addUnits(list, x.name, units)
}

func addUnits(list *[]indexUnits, name string, units float64) {
	for i := range *list {
		if (*list)[i].name == name {
			(*list)[i].units += units
			return
		}
	}
	*list = append(*list, indexUnits{name, units})
}

// addWrite counts a write that is about to be applied; factor is 2 in a
// transaction. Each index whose row changes is written too.
func (c *consumed) addWrite(w *write, factor float64) {
	t := c.of(w.table.name)
	t.writes, t.doubled = true, factor == 2
	t.table += factor * float64(writeUnits(max(w.old.size(), w.new.size())))
	for _, x := range w.table.indexes {
		if units := x.writeUnits(w); units > 0 {
			list := &t.local
			if x.global {
				list = &t.global
			}
			addUnits(list, x.name, factor*float64(units))
		}
	}
}

// writeUnits counts what a write costs in an index: nothing if its row stays as
// it is, a write to put, delete or change one, two to move it.
func (x *index) writeUnits(w *write) int {
	oldKey, had := x.rowKey(w.key, w.old)
	newKey, has := x.rowKey(w.key, w.new)
	old, new := 0, 0
	if had {
		old = x.projectedSize(w.table, w.old)
	}
	if has {
		new = x.projectedSize(w.table, w.new)
	}
	switch {
	case had && has && oldKey == newKey:
		if x.project(w.table, w.old) == x.project(w.table, w.new) {
			return 0
		}
		return writeUnits(max(old, new))
	case had && has:
		return writeUnits(old) + writeUnits(new)
	case had || has:
		return writeUnits(max(old, new))
	}
	return 0
}

// write adds ConsumedCapacity to the answer to a request on one table.
func (c *consumed) write(out *writer, level string) {
	if level == "" || level == "NONE" {
		return
	}
	for _, t := range c.tables {
		out.object("ConsumedCapacity", func() { t.write(out, level) })
	}
}

// writeList adds it to the answer to a request on several.
func (c *consumed) writeList(out *writer, level string) {
	if level == "" || level == "NONE" {
		return
	}
	out.array("ConsumedCapacity", func() {
		for _, t := range c.tables {
			out.object("", func() { t.write(out, level) })
		}
	})
}

func (t *tableUnits) write(out *writer, level string) {
	total := t.table
	for _, list := range [][]indexUnits{t.local, t.global} {
		for _, x := range list {
			total += x.units
		}
	}
	out.text("TableName", t.name)
	t.writeUnits(out, total)
	if level != "INDEXES" {
		return
	}
	out.object("Table", func() { t.writeUnits(out, t.table) })
	t.writeIndexes(out, "LocalSecondaryIndexes", t.local)
	t.writeIndexes(out, "GlobalSecondaryIndexes", t.global)
}

func (t *tableUnits) writeUnits(out *writer, units float64) {
	out.float("CapacityUnits", units)
	if t.doubled {
		name := "ReadCapacityUnits"
		if t.writes {
			name = "WriteCapacityUnits"
		}
		out.float(name, units)
	}
}

func (t *tableUnits) writeIndexes(out *writer, name string, list []indexUnits) {
	if list == nil {
		return
	}
	out.object(name, func() {
		for _, x := range list {
			out.object(x.name, func() { t.writeUnits(out, x.units) })
		}
	})
}
