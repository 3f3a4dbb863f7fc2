package memdb

const maxBatchWrites = 25

// A writeRequest is one item of a BatchWriteItem.
type writeRequest struct {
	text        string // the table as the request names it
	put, delete *attributes
}

func batchWriteItem(c *call) *Error {
	var requests []writeRequest
	var tables []string
	var common input
	present := false
	err := c.read(func(name string) {
		if name != "RequestItems" {
			common.member(&c.in, name)
			return
		}
		present = true
		c.in.entries("java.util.Map<java.lang.String, java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>>", func(table string) {
			if tables = append(tables, table); c.in.null() {
				return
			}
			c.in.array(func() { requests = append(requests, readWriteRequest(&c.in, table)) })
		})
	})
	if err == nil {
		err = common.check(func(_ *input, v *constraints) { v.checkBatch("requestItems", present, len(tables)) })
	}
	if err != nil {
		return err
	}
	writes, err := parseBatchWrite(tables, requests)
	if err != nil {
		return err
	}
	return c.serveBatchWrite(&common, tables, requests, writes)
}

func readWriteRequest(r *reader, table string) writeRequest {
	w := writeRequest{text: table}
	r.object("com.amazonaws.dynamodb.v20120810.WriteRequest", func(name string) {
		into, member := &w.put, "Item"
		switch name {
		case "PutRequest":
		case "DeleteRequest":
			into, member = &w.delete, "Key"
		default:
			r.skip()
			return
		}
		*into = &attributes{}
		r.object("com.amazonaws.dynamodb.v20120810."+name, func(name string) {
			if name != member {
				r.skip()
				return
			}
			**into = r.attributeMap()
		})
	})
	return w
}

func parseBatchWrite(tables []string, requests []writeRequest) ([]*itemWrite, *Error) {
	for _, name := range tables {
		if err := checkName(tableName(name)); err != nil {
			return nil, err
		}
		if countOf(requests, name) == 0 {
			return nil, invalid("1 validation error detected: Value '{" + name + "=[]}' at 'requestItems' failed to satisfy constraint: " +
				"Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]")
		}
	}
	if len(requests) > maxBatchWrites {
		return nil, invalid("Too many items requested for the BatchWriteItem call")
	}
	out := make([]*itemWrite, len(requests))
	for i, r := range requests {
		if (r.put == nil) == (r.delete == nil) {
			return nil, invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
		}
		w := &itemWrite{kind: "Put", table: tableName(r.text)}
		from := r.put
		if from == nil {
			w.kind, from = "Delete", r.delete
		}
		switch {
		case from.bad != nil:
			return nil, from.bad
		case !from.given:
			return nil, invalid("The supplied Item contains a null AttributeValue")
		}
		w.item, w.key = from.item, *from
		if w.kind == "Put" {
			if err := w.checkItem(); err != nil {
				return nil, err
			}
		}
		out[i] = w
	}
	return out, nil
}

func countOf(requests []writeRequest, table string) int {
	n := 0
	for _, r := range requests {
		if r.text == table {
			n++
		}
	}
	return n
}

func (c *call) serveBatchWrite(common *input, tables []string, requests []writeRequest, writes []*itemWrite) *Error {
	err := c.enter(Call{Write: true}, func() []Target {
		out := make([]Target, len(writes))
		for i, w := range writes {
			out[i] = c.db.writeTarget(w)
		}
		return out
	})
	if err != nil {
		return err
	}
	back := c.handedBack(len(writes))
	var used consumed
	c.db.mu.Lock()
	done, err := c.db.prepareBatch(writes)
	if err == nil {
		for i := range done {
			if back[i] {
				continue
			}
			if given(common.capacity) != "" {
				used.addWrite(&done[i], 1)
			}
			done[i].apply()
		}
	}
	c.db.mu.Unlock()
	if err != nil {
		return err
	}
	c.out.object("UnprocessedItems", func() { writeUnprocessedItems(&c.out, tables, requests, back) })
	if given(common.metrics) == "SIZE" {
		c.writeBatchMetrics(done, back)
	}
	used.writeList(&c.out, given(common.capacity))
	return nil
}

// prepareBatch checks every write before the first one is made: a batch with
// one bad item is refused whole.
func (db *DB) prepareBatch(writes []*itemWrite) ([]write, *Error) {
	done := make([]write, len(writes))
	seen := map[*table]map[rowKey]bool{}
	for i, w := range writes {
		var err *Error
		if done[i], err = w.prepare(db); err != nil {
			return nil, err
		}
		keys := seen[done[i].table]
		if keys == nil {
			keys = map[rowKey]bool{}
			seen[done[i].table] = keys
		}
		if keys[done[i].key] {
			return nil, invalid(textDuplicates)
		}
		keys[done[i].key] = true
	}
	return done, nil
}

func writeUnprocessedItems(out *writer, tables []string, requests []writeRequest, back []bool) {
	for _, name := range tables {
		any := false
		for i, r := range requests {
			any = any || r.text == name && back[i]
		}
		if !any {
			continue
		}
		out.array(name, func() {
			for i, r := range requests {
				if r.text != name || !back[i] {
					continue
				}
				out.object("", func() { writeRequestBack(out, r) })
			}
		})
	}
}

func writeRequestBack(out *writer, r writeRequest) {
	if r.put != nil {
		out.object("PutRequest", func() { out.item("Item", r.put.item) })
		return
	}
	out.object("DeleteRequest", func() { out.item("Key", r.delete.item) })
}

// writeBatchMetrics writes the sizes of the item collections, by table.
func (c *call) writeBatchMetrics(done []write, back []bool) {
	names := map[string]bool{}
	for i := range done {
		if !back[i] {
			names[done[i].table.name] = true
		}
	}
	c.out.object("ItemCollectionMetrics", func() {
		for _, name := range sortedKeys(names) {
			var list writer
			for i := range done {
				if done[i].table.name == name && !back[i] {
					list.metric(&done[i])
				}
			}
			if list.buf != nil {
				c.out.array(name, func() { c.out.buf = append(c.out.buf, list.buf...) })
			}
		}
	})
}

// metric appends one element of a list of metrics.
func (w *writer) metric(done *write) {
	one := writer{buf: []byte{'{'}}
	writeMetrics(&one, "", done)
	if len(one.buf) == 1 {
		return
	}
	if w.buf != nil {
		w.buf = append(w.buf, ',')
	}
	w.buf = append(w.buf, one.buf[1:]...)
}
