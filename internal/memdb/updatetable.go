package memdb

func updateTable(c *call) *Error {
	in := &tableInput{}
	if err := c.read(func(name string) { in.member(&c.in, name) }); err != nil {
		return err
	}
	var v constraints
	v.present("tableName", in.table != nil)
	in.check(&v)
	for i, u := range in.updates {
		if u.create != nil {
			u.create.check(&v, "globalSecondaryIndexUpdates."+itoa(i+1)+".member.create.")
		}
	}
	if err := v.err(); err != nil {
		return err
	}
	if in.stream != nil && *in.stream {
		return invalid("StreamSpecification: streams are not supported by the embedded engine")
	}
	if err := c.enterTable(tableName(*in.table)); err != nil {
		return err
	}
	db := c.db
	db.mu.Lock()
	defer db.mu.Unlock()
	t, err := db.named(*in.table)
	if err != nil {
		return err
	}
	if err := in.checkUpdate(); err != nil {
		return err
	}
	changed := t.clone() // so that a refusal half way leaves no trace
	if err := in.update(changed); err != nil {
		return err
	}
	db.tables[t.name] = changed
	changed.describe(&c.out, "TableDescription", "ACTIVE")
	return nil
}

// named finds a table by the name or the ARN in a request on tables.
func (db *DB) named(given string) (*table, *Error) {
	name := tableName(given)
	if t := db.tables[name]; t != nil {
		return t, nil
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	return nil, errNoTable(name)
}

func (in *tableInput) checkUpdate() *Error {
	if in.billing == nil && in.throughput == nil && in.protected == nil && in.class == nil && in.stream == nil && len(in.updates) == 0 {
		return invalidParameter("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	}
	changes := 0
	for _, u := range in.updates {
		n := 0
		for _, x := range []*indexInput{u.create, u.update, u.delete} {
			if x != nil {
				n++
			}
		}
		if n != 1 {
			return invalidParameter("One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null")
		}
		if u.update == nil {
			changes++
		}
	}
	if changes > 1 {
		return failure("LimitExceededException", "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table")
	}
	return nil
}

func (in *tableInput) update(t *table) *Error {
	if in.protected != nil {
		t.protected = *in.protected
	}
	if in.class != nil {
		t.class = *in.class
	}
	if in.billing != nil || in.throughput != nil {
		var err *Error
		if t.billing, err = newBilling(in.billing, in.throughput, "table"); err != nil {
			return err
		}
	}
	for _, d := range in.definitions {
		if kind := kindOf(t.definitions, d.name); kind == 0 {
			t.definitions = append(t.definitions[:len(t.definitions):len(t.definitions)],
				keyAttr{name: d.name, kind: map[string]byte{"S": kindS, "N": kindN, "B": kindB}[d.kind]})
		}
	}
	for _, u := range in.updates {
		if err := u.apply(t); err != nil {
			return err
		}
	}
	t.dropDefinitions()
	return nil
}

func (u *indexUpdate) apply(t *table) *Error {
	if u.create != nil {
		if err := t.addIndex(u.create, true); err != nil {
			return err
		}
		global := 0
		for _, x := range t.indexes {
			if x.global {
				global++
			}
		}
		if global > maxGlobalIndexes {
			return failure("LimitExceededException", "Subscriber limit exceeded: GlobalSecondaryIndex count exceeds the per-table limit of 20")
		}
		t.indexes[len(t.indexes)-1].backfill(t)
		return nil
	}
	which := u.delete
	if which == nil {
		which = u.update
	}
	for i, x := range t.indexes {
		if x.global && x.name == given(which.name) {
			if u.delete != nil {
				t.indexes = append(t.indexes[:i:i], t.indexes[i+1:]...)
			} else if which.throughput != nil {
				x.billing.read, x.billing.write = int(which.throughput.read), int(which.throughput.write)
			}
			return nil
		}
	}
	return failure("ResourceNotFoundException", "Requested resource not found")
}

// dropDefinitions forgets definitions that no key uses any more.
func (t *table) dropDefinitions() {
	var kept []keyAttr
	for _, d := range t.definitions {
		used := t.keys.has(d.name)
		for _, x := range t.indexes {
			used = used || x.keys.has(d.name)
		}
		if used {
			kept = append(kept, d)
		}
	}
	t.definitions = kept
}
