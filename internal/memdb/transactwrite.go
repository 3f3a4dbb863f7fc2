package memdb

import (
	"encoding/binary"
	"strings"
)

const (
	maxTransaction     = 100
	maxTransactionSize = 4 << 20
	maxToken           = 36
)

// A transactItem is one operation of a transaction as the request carries it.
type transactItem struct {
	kinds []string
	input
}

func transactWriteItems(c *call) *Error {
	var items []*transactItem
	var common input
	present := false
	err := c.read(func(name string) {
		if name != "TransactItems" {
			common.member(&c.in, name)
			return
		}
		present = true
		c.in.array(func() { items = append(items, readTransactItem(&c.in, "ConditionCheck", "Put", "Delete", "Update")) })
	})
	if err != nil {
		return err
	}
	err = common.check(func(in *input, v *constraints) {
		v.checkTransaction(present, items)
		if in.token != nil {
			v.length("clientRequestToken", *in.token, len(*in.token), 1, maxToken)
		}
	})
	if err != nil {
		return err
	}
	writes := make([]*itemWrite, len(items))
	for i, it := range items {
		if writes[i], err = it.parseTransactWrite(); err != nil {
			return err
		}
	}
	return c.serveTransactWrite(&common, writes)
}

// readTransactItem reads one element; kinds are the members that it may have.
func readTransactItem(r *reader, kinds ...string) *transactItem {
	t := &transactItem{}
	r.object("com.amazonaws.dynamodb.v20120810.TransactWriteItem", func(name string) {
		for _, k := range kinds {
			if k == name {
				t.kinds = append(t.kinds, name)
				r.object("com.amazonaws.dynamodb.v20120810."+name, func(name string) { t.member(r, name) })
				return
			}
		}
		r.skip()
	})
	return t
}

// checkTransaction checks the list and what each element must have.
func (v *constraints) checkTransaction(present bool, items []*transactItem) {
	const member = "transactItems"
	if v.present(member, present); !present {
		return
	}
	v.length(member, "[]", len(items), 1, maxTransaction)
	for i, it := range items {
		for _, kind := range it.kinds {
			at := member + "." + itoa(i+1) + ".member." + strings.ToLower(kind[:1]) + kind[1:] + "."
			v.present(at+"tableName", it.table != nil)
			switch kind {
			case "Put":
				v.present(at+"item", it.item.given)
			case "ConditionCheck":
				v.present(at+"conditionExpression", it.condition != nil)
				fallthrough
			default:
				v.present(at+"key", it.key.given)
			}
			if kind == "Update" {
				v.present(at+"updateExpression", it.update != nil)
			}
			v.oneOf(at+"returnValuesOnConditionCheckFailure", it.onFailure, onFailureNames...)
		}
	}
}

func (t *transactItem) parseTransactWrite() (*itemWrite, *Error) {
	if len(t.kinds) == 0 {
		return nil, invalid("Invalid Request: TransactWriteRequest should contain Delete or Put or Update request")
	}
	if len(t.kinds) > 1 {
		return nil, invalid("TransactItems can only contain one of Check, Put, Update or Delete")
	}
	if err := checkName(t.tableName()); err != nil {
		return nil, err
	}
	return t.parseWrite(t.kinds[0])
}

func (c *call) serveTransactWrite(common *input, writes []*itemWrite) *Error {
	size := 0
	for _, w := range writes {
		size += w.item.size() + w.key.item.size()
	}
	if size > maxTransactionSize {
		return invalid("Collection size cannot exceed the aggregated size limit of 4 MB for a transaction")
	}
	if common.token == nil {
		used, err := c.transact(common, writes, nil)
		if err == nil {
			used.writeList(&c.out, given(common.capacity))
		}
		return err
	}
	token := *common.token
	earlier, err := c.db.tokens.begin(token, transactionText(writes), c.db.clock())
	if err != nil {
		return err
	}
	if earlier != nil {
		if err := c.enter(Call{Consistent: true}, func() []Target { return c.db.writeTargets(writes) }); err != nil {
			return err
		}
		earlier.reads.writeList(&c.out, given(common.capacity))
		return nil
	}
	var reads consumed
	made := false
	defer func() { c.db.tokens.end(token, made, reads, c.db.clock()) }()
	used, err := c.transact(common, writes, &reads)
	if made = err == nil; made {
		used.writeList(&c.out, given(common.capacity))
	}
	return err
}

func (db *DB) writeTargets(writes []*itemWrite) []Target {
	out := make([]Target, len(writes))
	for i, w := range writes {
		out[i] = db.writeTarget(w)
	}
	return out
}

// transact makes all of the writes or none. reads, if wanted, is what a repeated
// call will be told that it consumed.
func (c *call) transact(common *input, writes []*itemWrite, reads *consumed) (used consumed, err *Error) {
	if err := c.enter(Call{Write: true}, func() []Target { return c.db.writeTargets(writes) }); err != nil {
		return used, err
	}
	c.db.mu.Lock()
	defer c.db.mu.Unlock()
	done, err := c.db.prepareTransaction(writes)
	if err != nil {
		return used, err
	}
	for i := range done {
		used.addWrite(&done[i], 2)
		if reads != nil {
			reads.addRead(done[i].table.name, 2*readUnits(max(done[i].old.size(), done[i].new.size()), true))
			reads.of(done[i].table.name).doubled = true
		}
	}
	for i := range done {
		if writes[i].kind != "ConditionCheck" {
			done[i].apply()
		}
	}
	if given(common.metrics) == "SIZE" {
		c.writeBatchMetrics(done, make([]bool, len(done)))
	}
	return used, nil
}

// prepareTransaction works out every write against the tables as they are. A
// write that can't be made cancels all of them, with a reason for each.
func (db *DB) prepareTransaction(writes []*itemWrite) ([]write, *Error) {
	for _, w := range writes {
		if _, err := db.table(w.table); err != nil {
			return nil, err
		}
	}
	if err := db.checkDistinct(writes); err != nil {
		return nil, err
	}
	done := make([]write, len(writes))
	reasons := make([]Reason, len(writes))
	failed := false
	for i, w := range writes {
		d, err := w.prepare(db)
		reasons[i] = reasonOf(err)
		failed = failed || err != nil
		done[i] = d
	}
	if failed {
		return nil, Cancelled(reasons)
	}
	return done, nil
}

// checkDistinct refuses keys that lack a part or can be no key at all, and two
// operations on one item.
func (db *DB) checkDistinct(writes []*itemWrite) *Error {
	type place struct {
		table string
		key   rowKey
	}
	seen := map[place]bool{}
	for _, w := range writes {
		it := w.key.item
		if w.kind == "Put" {
			it = w.item
		}
		t := db.tables[w.table]
		if err := w.checkShape(t); err != nil {
			return err
		}
		if err := t.keys.checkAny(it); err != nil {
			return err
		}
		key, ok := t.keys.rowKey(it)
		if !ok {
			continue
		}
		if seen[place{w.table, key}] {
			return invalid("Transaction request cannot include multiple operations on one item")
		}
		seen[place{w.table, key}] = true
	}
	return nil
}

// reasonOf turns an operation's error into its reason for cancelling.
func reasonOf(err *Error) Reason {
	switch {
	case err == nil:
		return Reason{Code: "None"}
	case err.Type == "ConditionalCheckFailedException":
		return Reason{Code: "ConditionalCheckFailed", Message: err.Message, item: err.Item}
	}
	return Reason{Code: "ValidationError", Message: err.Message}
}

// Cancelled is the answer to a transaction that was cancelled for the reasons.
func Cancelled(reasons []Reason) *Error {
	codes := make([]string, len(reasons))
	for i, r := range reasons {
		codes[i] = r.Code
	}
	e := failure("TransactionCanceledException", "Transaction cancelled, please refer cancellation reasons for specific reasons ["+strings.Join(codes, ", ")+"]")
	e.Reasons = reasons
	return e
}

// transactionText is a transaction by value: requests that mean the same, in
// whatever order their maps were written, have the same text.
func transactionText(writes []*itemWrite) string {
	var buf []byte
	for _, w := range writes {
		buf = appendText(appendText(buf, w.kind), w.table)
		buf = appendText(appendText(buf, string(w.item)), string(w.key.item))
		buf = appendText(buf, w.source.text())
		if w.wantOld {
			buf = append(buf, 1)
		}
	}
	return string(buf)
}

// A source is what an itemWrite's expressions were parsed from.
type source struct {
	condition, update *string
	params            *params
}

func (s source) text() string {
	var buf []byte
	for _, e := range []*string{s.condition, s.update} {
		if e == nil {
			buf = append(buf, 0)
			continue
		}
		buf = appendText(append(buf, 1), *e)
	}
	if s.params != nil {
		for _, n := range sortedKeys(s.params.names) {
			buf = appendText(appendText(buf, n), s.params.names[n])
		}
		buf = binary.AppendUvarint(buf, uint64(len(s.params.names)))
		buf = append(buf, s.params.values.item...)
	}
	return string(buf)
}
