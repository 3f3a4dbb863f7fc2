package memdb

func transactGetItems(c *call) *Error {
	var items []*transactItem
	var common input
	present := false
	err := c.read(func(name string) {
		if name != "TransactItems" {
			common.member(&c.in, name)
			return
		}
		present = true
		c.in.array(func() { items = append(items, readTransactItem(&c.in, "Get")) })
	})
	if err != nil {
		return err
	}
	if err := common.check(func(_ *input, v *constraints) { v.checkTransactGet(present, items) }); err != nil {
		return err
	}
	lookups := make([]*lookup, len(items))
	for i, it := range items {
		if err := checkName(it.tableName()); err != nil {
			return err
		}
		if lookups[i], err = it.parseLookup(); err != nil {
			return err
		}
	}
	return c.serveTransactGet(&common, lookups)
}

func (v *constraints) checkTransactGet(present bool, items []*transactItem) {
	const member = "transactItems"
	if v.present(member, present); !present {
		return
	}
	v.length(member, "[]", len(items), 1, maxTransaction)
	for i, it := range items {
		at := member + "." + itoa(i+1) + ".member.get"
		if v.present(at, len(it.kinds) > 0); len(it.kinds) > 0 {
			v.present(at+".tableName", it.table != nil)
			v.present(at+".key", it.key.given)
		}
	}
}

func (c *call) serveTransactGet(common *input, lookups []*lookup) *Error {
	err := c.enter(Call{Consistent: true}, func() []Target {
		out := make([]Target, len(lookups))
		for i, l := range lookups {
			out[i] = c.db.target(l.table, l.key.item)
		}
		return out
	})
	if err != nil {
		return err
	}
	found := make([]item, len(lookups))
	err = c.reading(true, func(tables view) *Error { return findTogether(tables, lookups, found) })
	if err != nil {
		return err
	}
	size := 0
	for _, it := range found {
		size += it.size()
	}
	if size > maxTransactionSize {
		return invalid("Collection size cannot exceed the aggregated size limit of 4 MB for a transaction")
	}
	var used consumed
	c.out.array("Responses", func() {
		for i, l := range lookups {
			used.addRead(l.table, 2*readUnits(found[i].size(), true))
			used.of(l.table).doubled = true
			c.out.object("", func() {
				if found[i] != "" {
					c.out.item("Item", l.projection.apply(found[i]))
				}
			})
		}
	})
	used.writeList(&c.out, given(common.capacity))
	return nil
}

// findTogether reads all items as they are at one time.
func findTogether(tables view, lookups []*lookup, found []item) *Error {
	type place struct {
		table string
		key   rowKey
	}
	seen := map[place]bool{}
	for _, l := range lookups {
		t := tables(l.table)
		if t == nil {
			return errNoResource()
		}
		if err := t.keys.checkAny(l.key.item); err != nil {
			return err
		}
		if key, ok := t.keys.rowKey(l.key.item); ok {
			if seen[place{l.table, key}] {
				return invalid("Transaction request cannot include multiple operations on one item")
			}
			seen[place{l.table, key}] = true
		}
	}
	reasons := make([]Reason, len(lookups))
	failed := false
	for i, l := range lookups {
		var err *Error
		found[i], err = l.find(tables)
		reasons[i] = reasonOf(err)
		failed = failed || err != nil
	}
	if failed {
		return Cancelled(reasons)
	}
	return nil
}
