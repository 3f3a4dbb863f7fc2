package memdb

import "time"

// arnPrefix is the account and the Region that every table is in.
const arnPrefix = "arn:aws:dynamodb:us-east-1:000000000000:table/"

// TableARN is the name of a table's resource.
func TableARN(table string) string { return arnPrefix + table }

// tableOnly reads a request that names a table and perhaps more.
func (c *call) tableOnly(member func(name string) bool) (string, *Error) {
	var name *string
	err := c.read(func(m string) {
		switch {
		case m == "TableName":
			name = c.in.strPtr()
		case member == nil || !member(m):
			c.in.skip()
		}
	})
	if err != nil {
		return "", err
	}
	var v constraints
	v.present("tableName", name != nil)
	if err := v.err(); err != nil {
		return "", err
	}
	return *name, c.enterTable(tableName(*name))
}

func describeTable(c *call) *Error {
	name, err := c.tableOnly(nil)
	if err != nil {
		return err
	}
	c.db.mu.RLock()
	defer c.db.mu.RUnlock()
	t, err := c.db.named(name)
	if err != nil {
		return err
	}
	t.describe(&c.out, "Table", "ACTIVE")
	return nil
}

func deleteTable(c *call) *Error {
	name, err := c.tableOnly(nil)
	if err != nil {
		return err
	}
	c.db.mu.Lock()
	defer c.db.mu.Unlock()
	t, err := c.db.named(name)
	if err != nil {
		return err
	}
	if t.protected {
		return invalid("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	}
	delete(c.db.tables, t.name)
	t.describe(&c.out, "TableDescription", "DELETING")
	return nil
}

func listTables(c *call) *Error {
	var start *string
	var limit *int64
	err := c.read(func(name string) {
		switch name {
		case "ExclusiveStartTableName":
			start = c.in.strPtr()
		case "Limit":
			n := c.in.integer()
			limit = &n
		default:
			c.in.skip()
		}
	})
	if err != nil {
		return err
	}
	var v constraints
	v.between("limit", limit, 1, 100)
	if start != nil {
		v.length("exclusiveStartTableName", *start, len(*start), 3, 255)
	}
	if err := v.err(); err != nil {
		return err
	}
	if err := c.enterTable(""); err != nil {
		return err
	}
	n := 100
	if limit != nil {
		n = int(*limit)
	}
	c.db.mu.RLock()
	names := sortedKeys(c.db.tables)
	c.db.mu.RUnlock()
	last := ""
	c.out.array("TableNames", func() {
		for _, name := range names {
			if start != nil && name <= *start {
				continue
			}
			if n == 0 {
				return
			}
			n--
			c.out.text("", name)
			if n == 0 && name != names[len(names)-1] {
				last = name
			}
		}
	})
	if last != "" {
		c.out.text("LastEvaluatedTableName", last)
	}
	return nil
}

// describe writes a TableDescription.
func (t *table) describe(out *writer, member, status string) {
	out.object(member, func() {
		out.array("AttributeDefinitions", func() {
			for _, d := range t.definitions {
				out.object("", func() {
					out.text("AttributeName", d.name)
					out.text("AttributeType", kindNames[d.kind])
				})
			}
		})
		out.text("TableName", t.name)
		t.keys.describe(out)
		out.text("TableStatus", status)
		out.float("CreationDateTime", seconds(t.created))
		t.billing.describe(out)
		if t.billing.onDemand {
			out.object("BillingModeSummary", func() {
				out.text("BillingMode", "PAY_PER_REQUEST")
				out.float("LastUpdateToPayPerRequestDateTime", seconds(t.created))
			})
		}
		if t.class != "" {
			out.object("TableClassSummary", func() { out.text("TableClass", t.class) })
		}
		out.int("TableSizeBytes", t.bytes)
		out.int("ItemCount", t.rows.count)
		out.text("TableArn", arnPrefix+t.name)
		out.text("TableId", t.id)
		out.bool("DeletionProtectionEnabled", t.protected)
		t.describeIndexes(out, "LocalSecondaryIndexes", false)
		t.describeIndexes(out, "GlobalSecondaryIndexes", true)
	})
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func (ks *keySchema) describe(out *writer) {
	out.array("KeySchema", func() {
		for i, a := range ks.attrs() {
			out.object("", func() {
				out.text("AttributeName", a.name)
				kind := "HASH"
				if i >= len(ks.hash) {
					kind = "RANGE"
				}
				out.text("KeyType", kind)
			})
		}
	})
}

func (b billing) describe(out *writer) {
	out.object("ProvisionedThroughput", func() {
		out.int("NumberOfDecreasesToday", 0)
		out.int("ReadCapacityUnits", b.read)
		out.int("WriteCapacityUnits", b.write)
	})
}

func (t *table) describeIndexes(out *writer, member string, global bool) {
	any := false
	for _, x := range t.indexes {
		any = any || x.global == global
	}
	if !any {
		return
	}
	out.array(member, func() {
		for _, x := range t.indexes {
			if x.global == global {
				out.object("", func() { x.describe(out, t.name) })
			}
		}
	})
}

func (x *index) describe(out *writer, table string) {
	out.text("IndexName", x.name)
	x.keys.describe(out)
	out.object("Projection", func() {
		out.text("ProjectionType", x.projection)
		if x.include != nil {
			out.array("NonKeyAttributes", func() {
				for _, n := range x.include {
					out.text("", n)
				}
			})
		}
	})
	if x.global {
		out.text("IndexStatus", "ACTIVE")
		x.billing.describe(out)
	}
	out.int("IndexSizeBytes", x.bytes)
	out.int("ItemCount", x.rows.count)
	out.text("IndexArn", arnPrefix+table+"/index/"+x.name)
}

// describeLimits answers with the default quotas of an account.
func describeLimits(c *call) *Error {
	if err := c.read(func(string) { c.in.skip() }); err != nil {
		return err
	}
	c.out.int("AccountMaxReadCapacityUnits", 80000)
	c.out.int("AccountMaxWriteCapacityUnits", 80000)
	c.out.int("TableMaxReadCapacityUnits", 40000)
	c.out.int("TableMaxWriteCapacityUnits", 40000)
	return nil
}

func describeEndpoints(c *call) *Error {
	if err := c.read(func(string) { c.in.skip() }); err != nil {
		return err
	}
	c.out.array("Endpoints", func() {
		c.out.object("", func() {
			c.out.text("Address", "dynamodb.us-east-1.amazonaws.com")
			c.out.int("CachePeriodInMinutes", 1440)
		})
	})
	return nil
}
