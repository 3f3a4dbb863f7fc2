package memdb

// maxItem is the largest item, by DynamoDB's way of counting.
const maxItem = 400 << 10

const (
	textItemSize   = "Item size has exceeded the maximum allowed size"
	textUpdateSize = "Item size to update has exceeded the maximum allowed size"
)

// An itemWrite is one write of one item: alone, in a batch or in a transaction.
type itemWrite struct {
	kind      string // Put, Update, Delete or ConditionCheck
	table     string
	item      item       // of a Put
	key       attributes // of the others
	condition *condition
	update    *update // of an Update, nil for one without an expression
	wantOld   bool    // return the item that fails the condition
	source    source
}

// prepare works out what the write does to the table as it is now. The lock must
// be held.
func (w *itemWrite) prepare(db *DB) (write, *Error) {
	t, err := db.table(w.table)
	if err != nil {
		return write{}, err
	}
	if err = w.checkKey(t); err != nil {
		return write{}, err
	}
	key := w.key.item
	if w.kind == "Put" {
		key, err = w.item, t.checkIndexKeys(w.item)
	} else {
		err = w.checkUpdatesKey(t)
	}
	if err == nil && w.kind != "ConditionCheck" {
		err = t.checkAllScalars(w.condition.paths())
	}
	if err != nil {
		return write{}, err
	}
	out := write{table: t}
	out.key, _ = t.keys.rowKey(key)
	out.old = t.rows.get(out.key)
	if !w.condition.holds(out.old) {
		stored := ""
		if w.wantOld {
			stored = string(out.old)
		}
		return write{}, errConditionFailed(stored)
	}
	out.new, err = w.result(t, out.old)
	return out, err
}

// checkShape looks for the attributes of the key, whatever their types.
func (w *itemWrite) checkShape(t *table) *Error {
	for a := range t.keys.each {
		_, inItem := w.item.attribute(a.name)
		_, inKey := w.key.get(a.name)
		switch {
		case w.kind == "Put" && !inItem:
			return missingKey(a.name)
		case w.kind != "Put" && (!inKey || w.key.count != t.keys.count()):
			return invalid(textNoSuchKey)
		}
	}
	return nil
}

func (w *itemWrite) checkKey(t *table) *Error {
	if w.kind == "Put" {
		return t.keys.checkItem(w.item)
	}
	return t.keys.checkKey(w.key)
}

// checkUpdatesKey refuses an update of the item's own key.
func (w *itemWrite) checkUpdatesKey(t *table) *Error {
	if w.update == nil {
		return nil
	}
	for _, p := range w.update.paths {
		if t.keys.has(p[0].name) {
			return invalidParameter("Cannot update attribute " + p[0].name + ". This attribute is part of the key")
		}
	}
	return nil
}

// result is the item that the write leaves.
func (w *itemWrite) result(t *table, old item) (item, *Error) {
	switch w.kind {
	case "Put":
		return w.item, nil
	case "Delete":
		return "", nil
	case "ConditionCheck":
		return old, nil
	}
	base := old
	if base == "" {
		base = w.key.item
	}
	if w.update == nil {
		return base, nil
	}
	if err := t.checkAllScalars(w.update.allPaths()); err != nil {
		return "", err
	}
	updated, err := w.update.apply(base)
	if err != nil {
		return "", err
	}
	if old == "" && updated == base && !w.update.creates() {
		return "", nil
	}
	if updated.size() > maxItem {
		return "", invalid(textUpdateSize)
	}
	return updated, t.checkIndexKeys(updated)
}

// creates tells whether the update makes an item where there is none: one that
// only removes does not.
func (u *update) creates() bool {
	for _, a := range u.actions {
		if a.section == tokSet || a.section == tokAdd {
			return true
		}
	}
	return false
}

// parseWrite reads the expressions of a write out of its input.
func (in *input) parseWrite(kind string) (*itemWrite, *Error) {
	w := &itemWrite{kind: kind, table: in.tableName(), key: in.key, item: in.item.item, wantOld: given(in.onFailure) == "ALL_OLD"}
	names, values := ": ConditionExpression is null", ": ConditionExpression is null"
	if kind == "Update" {
		names = ": UpdateExpression and ConditionExpression are null"
		values = names
	}
	if err := in.params.check(names, values, in.condition != nil || in.update != nil && kind == "Update"); err != nil {
		return nil, err
	}
	if err := in.checkMaps(); err != nil {
		return nil, err
	}
	if kind == "Put" {
		if err := w.checkItem(); err != nil {
			return nil, err
		}
	}
	w.source = source{condition: in.condition, params: &in.params}
	var err *Error
	if in.update != nil && kind == "Update" {
		w.source.update = in.update
		if w.update, err = parseUpdate(*in.update, &in.params); err != nil {
			return nil, err
		}
	}
	if in.condition != nil {
		if w.condition, err = parseCondition("ConditionExpression", *in.condition, &in.params); err != nil {
			return nil, err
		}
	}
	return w, in.params.finish()
}

// checkItem checks what can be seen of an item without its table.
func (w *itemWrite) checkItem() *Error {
	if _, ok := w.item.attribute(""); ok {
		return invalidParameter("Attribute names must not be empty")
	}
	if w.item.size() > maxItem {
		return invalid(textItemSize)
	}
	return nil
}

// writeOne is the whole of PutItem, UpdateItem and DeleteItem behind their input.
func (c *call) writeOne(in *input, w *itemWrite) *Error {
	err := c.enter(Call{Write: true}, func() []Target { return []Target{c.db.writeTarget(w)} })
	if err != nil {
		return err
	}
	c.db.mu.Lock()
	done, err := w.prepare(c.db)
	var used consumed
	if err == nil {
		if given(in.capacity) != "" {
			used.addWrite(&done, 1)
		}
		done.apply()
	}
	c.db.mu.Unlock()
	if err != nil {
		return err
	}
	if answer := w.attributes(given(in.returnValues), &done); answer != "" {
		c.out.item("Attributes", answer)
	}
	used.write(&c.out, given(in.capacity))
	if given(in.metrics) == "SIZE" {
		writeMetrics(&c.out, "ItemCollectionMetrics", &done)
	}
	return nil
}

// attributes picks what ReturnValues asks for. The UPDATED ones are the parts
// that the expression names, and no more of a document than those.
func (w *itemWrite) attributes(returns string, done *write) item {
	switch returns {
	case "ALL_OLD":
		return done.old
	case "ALL_NEW":
		return done.new
	case "UPDATED_OLD", "UPDATED_NEW":
		if w.update == nil {
			return ""
		}
		from := done.new
		if returns == "UPDATED_OLD" {
			from = done.old
		}
		if part := newPathTree(w.update.paths).project(from); part.size() > 0 {
			return part
		}
	}
	return ""
}

// writeMetrics writes the size of the item collection, which only tables with a
// local index keep.
func writeMetrics(out *writer, name string, done *write) {
	local := false
	for _, x := range done.table.indexes {
		local = local || !x.global
	}
	if !local {
		return
	}
	it := done.new
	if it == "" {
		it = done.old
	}
	out.object(name, func() {
		out.item("ItemCollectionKey", pickAttributes(it, done.table.keys.hash))
		out.array("SizeEstimateRangeGB", func() {
			out.float("", 0)
			out.float("", 1)
		})
	})
}

// writeTarget describes a write to the gate.
func (db *DB) writeTarget(w *itemWrite) Target {
	it, units := w.key.item, 1
	if w.kind == "Put" {
		it, units = w.item, writeUnits(w.item.size())
	}
	out := db.target(w.table, it)
	out.Write, out.Units = w.kind != "ConditionCheck", units
	return out
}

// target describes an item of a table, by its key, to the gate.
func (db *DB) target(name string, it item) Target {
	out := Target{Table: name}
	db.mu.RLock()
	defer db.mu.RUnlock()
	if t := db.tables[name]; t != nil {
		out.Partition = keyText(it, t.keys.hash)
		out.Sort = keyText(it, t.keys.sort)
	}
	return out
}

// keyText is a key part as text: a number in decimal, binary as it is.
func keyText(it item, attrs []keyAttr) string {
	text := ""
	for i, a := range attrs {
		v, ok := it.attribute(a.name)
		if !ok || v.kind() > kindB {
			continue
		}
		if i > 0 {
			text += "\x00"
		}
		if v.kind() == kindN {
			text += decodeNumber(v.body()).text()
		} else {
			text += v.body()
		}
	}
	return text
}
