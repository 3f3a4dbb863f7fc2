package memdb

const (
	maxBatchKeys   = 100
	maxBatchAnswer = 16 << 20
	textDuplicates = "Provided list of item keys contains duplicates"
)

// A keysRequest is what a BatchGetItem asks of one table.
type keysRequest struct {
	input
	text string // the table as the request names it
	keys []attributes
}

func batchGetItem(c *call) *Error {
	var requests []*keysRequest
	var common input
	err := c.read(func(name string) {
		if name != "RequestItems" {
			common.member(&c.in, name)
			return
		}
		requests = []*keysRequest{}
		c.in.entries("java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.KeysAndAttributes>", func(table string) {
			requests = append(requests, readKeysRequest(&c.in, table))
		})
	})
	if err == nil {
		err = common.check(func(_ *input, v *constraints) { v.checkBatch("requestItems", requests != nil, len(requests)) })
	}
	if err != nil {
		return err
	}
	lookups, err := parseBatchGet(requests)
	if err != nil {
		return err
	}
	return c.serveBatchGet(&common, requests, lookups)
}

// checkBatch demands a map with something in it.
func (v *constraints) checkBatch(member string, present bool, n int) {
	if v.present(member, present); present && n == 0 {
		v.add("'{}'", member, "Member must have length greater than or equal to 1")
	}
}

func readKeysRequest(r *reader, table string) *keysRequest {
	k := &keysRequest{text: table}
	k.table = &table
	if r.null() {
		return k
	}
	r.object("com.amazonaws.dynamodb.v20120810.KeysAndAttributes", func(name string) {
		if name != "Keys" {
			k.member(r, name)
			return
		}
		k.keys = nil
		r.array(func() { k.keys = append(k.keys, r.attributeMap()) })
	})
	return k
}

// parseBatchGet checks the requests, table by table in the order sent.
func parseBatchGet(requests []*keysRequest) ([]*lookup, *Error) {
	total := 0
	for _, k := range requests {
		if total += len(k.keys); len(k.keys) == 0 {
			return nil, invalid("1 validation error detected: Value '" + "{" + k.text + "=KeysAndAttributes(keys=[])}" +
				"' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must not be null]")
		}
	}
	if total > maxBatchKeys {
		return nil, invalid("Too many items requested for the BatchGetItem call")
	}
	var out []*lookup
	for _, k := range requests {
		if err := k.check(func(*input, *constraints) {}); err != nil {
			return nil, err
		}
		for _, key := range k.keys {
			if key.bad != nil {
				return nil, key.bad
			}
		}
		l, err := k.parseLookup()
		if err != nil {
			return nil, err
		}
		for _, key := range k.keys {
			out = append(out, &lookup{table: l.table, key: key, projection: l.projection})
		}
	}
	return out, nil
}

func (c *call) serveBatchGet(common *input, requests []*keysRequest, lookups []*lookup) *Error {
	consistent := true
	for _, k := range requests {
		consistent = consistent && k.consistent
	}
	err := c.enter(Call{Consistent: consistent}, func() []Target {
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
	if err := c.findAll(requests, lookups, found); err != nil {
		return err
	}
	c.writeBatchGet(common, requests, lookups, found)
	return nil
}

// findAll reads every item, each table's with its own consistency.
func (c *call) findAll(requests []*keysRequest, lookups []*lookup, found []item) *Error {
	if err := c.reading(true, func(tables view) *Error { return checkDuplicates(tables, lookups) }); err != nil {
		return err
	}
	i := 0
	for _, k := range requests {
		err := c.reading(k.consistent, func(tables view) (err *Error) {
			for range k.keys {
				if found[i], err = lookups[i].find(tables); err != nil {
					return err
				}
				i++
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// checkDuplicates refuses a batch that names a key twice.
func checkDuplicates(tables view, lookups []*lookup) *Error {
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
		if err := t.keys.checkKey(l.key); err != nil {
			return err
		}
		key, _ := t.keys.rowKey(l.key.item)
		if seen[place{l.table, key}] {
			return invalid(textDuplicates)
		}
		seen[place{l.table, key}] = true
	}
	return nil
}

// writeBatchGet answers with the items found, up to 16 MB, and hands back the
// keys of the rest.
func (c *call) writeBatchGet(common *input, requests []*keysRequest, lookups []*lookup, found []item) {
	back := c.handedBack(len(lookups))
	size := 0
	for i := range lookups {
		if size+found[i].size() > maxBatchAnswer {
			back[i] = true
		}
		if !back[i] {
			size += found[i].size()
		}
	}
	var used consumed
	i := 0
	c.out.object("Responses", func() {
		for _, k := range requests {
			c.out.array(k.text, func() {
				for range k.keys {
					if found[i] != "" && !back[i] {
						c.out.item("", lookups[i].projection.apply(found[i]))
					}
					if !back[i] {
						used.addRead(lookups[i].table, readUnits(found[i].size(), k.consistent))
					}
					i++
				}
			})
		}
	})
	c.out.object("UnprocessedKeys", func() { writeUnprocessedKeys(&c.out, requests, back) })
	used.writeList(&c.out, given(common.capacity))
}

// handedBack marks the targets that the gate left unprocessed.
func (c *call) handedBack(n int) []bool {
	back := make([]bool, n)
	for _, i := range c.verdict.Unprocessed {
		if i >= 0 && i < n {
			back[i] = true
		}
	}
	return back
}

func writeUnprocessedKeys(out *writer, requests []*keysRequest, back []bool) {
	i := 0
	for _, k := range requests {
		mine := back[i : i+len(k.keys)]
		i += len(k.keys)
		if !anyOf(mine) {
			continue
		}
		out.object(k.text, func() {
			out.array("Keys", func() {
				for j, key := range k.keys {
					if mine[j] {
						out.item("", key.item)
					}
				}
			})
			if k.consistent {
				out.bool("ConsistentRead", true)
			}
			if k.projection != nil {
				out.text("ProjectionExpression", *k.projection)
			}
			if k.params.namesGiven {
				out.object("ExpressionAttributeNames", func() {
					for _, n := range sortedKeys(k.params.names) {
						out.text(n, k.params.names[n])
					}
				})
			}
		})
	}
}

func anyOf(list []bool) bool {
	for _, b := range list {
		if b {
			return true
		}
	}
	return false
}
