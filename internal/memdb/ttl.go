package memdb

func updateTimeToLive(c *call) *Error {
	var attribute *string
	var enabled *bool
	spec := false
	name, err := c.tableOnly(func(m string) bool {
		if m != "TimeToLiveSpecification" {
			return false
		}
		spec = true
		c.in.object("com.amazonaws.dynamodb.v20120810.TimeToLiveSpecification", func(name string) {
			switch name {
			case "AttributeName":
				attribute = c.in.strPtr()
			case "Enabled":
				b := c.in.boolean()
				enabled = &b
			default:
				c.in.skip()
			}
		})
		return true
	})
	if err != nil {
		return err
	}
	var v constraints
	v.present("timeToLiveSpecification", spec)
	if spec {
		v.present("timeToLiveSpecification.attributeName", attribute != nil)
		v.present("timeToLiveSpecification.enabled", enabled != nil)
		if attribute != nil {
			v.length("timeToLiveSpecification.attributeName", *attribute, len(*attribute), 1, 255)
		}
	}
	if err := v.err(); err != nil {
		return err
	}
	return c.setTimeToLive(name, *attribute, *enabled)
}

func (c *call) setTimeToLive(name, attribute string, enabled bool) *Error {
	c.db.mu.Lock()
	defer c.db.mu.Unlock()
	t, err := c.db.named(name)
	switch {
	case err != nil:
		return err
	case enabled && t.ttl == attribute:
		return invalid("TimeToLive is already enabled")
	case !enabled && t.ttl == "":
		return invalid("TimeToLive is already disabled")
	case t.ttl != "" && t.ttl != attribute:
		return invalid("TimeToLive is active on a different AttributeName: current AttributeName is " + t.ttl)
	}
	if t.ttl = attribute; !enabled {
		t.ttl = ""
	}
	c.out.object("TimeToLiveSpecification", func() {
		c.out.bool("Enabled", enabled)
		c.out.text("AttributeName", attribute)
	})
	return nil
}

func describeTimeToLive(c *call) *Error {
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
	c.out.object("TimeToLiveDescription", func() {
		if t.ttl == "" {
			c.out.text("TimeToLiveStatus", "DISABLED")
			return
		}
		c.out.text("TimeToLiveStatus", "ENABLED")
		c.out.text("AttributeName", t.ttl)
	})
	return nil
}

// fiveYears is how far back an expiry may be for an item to be deleted: the
// service takes older ones for a mistake.
const fiveYears = 5 * 365 * 24 * 60 * 60

// DeleteExpired deletes what the tables' time to live says has expired by the
// clock, as the service does some time after, and returns how many items went.
func (db *DB) DeleteExpired() int {
	db.mu.Lock()
	defer db.mu.Unlock()
	now := db.clock().Unix()
	deleted := 0
	for _, name := range sortedKeys(db.tables) {
		t := db.tables[name]
		if t.ttl == "" {
			continue
		}
		var expired []row
		t.rows.ascend(rowKey{}, func(r row) bool {
			if hasExpired(r.item, t.ttl, now) {
				expired = append(expired, r)
			}
			return true
		})
		for _, r := range expired {
			w := write{table: t, key: r.key, old: r.item}
			w.apply()
		}
		deleted += len(expired)
	}
	return deleted
}

// hasExpired reads the attribute, which must be a number of seconds.
func hasExpired(it item, attribute string, now int64) bool {
	v, ok := it.attribute(attribute)
	if !ok || v.kind() != kindN {
		return false
	}
	at := decimalOf(int(now)).appendCode(nil)
	oldest := decimalOf(int(now - fiveYears)).appendCode(nil)
	return v.body() <= string(at) && v.body() > string(oldest)
}
