package memdb

// A tableInput holds the members of CreateTable and UpdateTable.
type tableInput struct {
	table       *string
	definitions []definition
	keys        []keyElement
	local       []*indexInput
	global      []*indexInput
	localGiven  bool
	globalGiven bool
	updates     []*indexUpdate
	billing     *string
	throughput  *throughput
	protected   *bool
	class       *string
	stream      *bool
}

type definition struct{ name, kind string }

type keyElement struct{ name, kind string }

type throughput struct{ read, write int64 }

type indexInput struct {
	name       *string
	keys       []keyElement
	projected  bool
	projection *string
	include    []string
	throughput *throughput
}

// An indexUpdate is one element of GlobalSecondaryIndexUpdates.
type indexUpdate struct{ create, update, delete *indexInput }

func (r *reader) strPtr() *string {
	s := r.str()
	return &s
}

func (t *tableInput) member(r *reader, name string) {
	switch name {
	case "TableName":
		t.table = r.strPtr()
	case "AttributeDefinitions":
		t.definitions = []definition{}
		r.array(func() { t.definitions = append(t.definitions, readDefinition(r)) })
	case "KeySchema":
		t.keys = readKeySchema(r)
	case "LocalSecondaryIndexes":
		t.localGiven = true
		r.array(func() { t.local = append(t.local, readIndex(r)) })
	case "GlobalSecondaryIndexes":
		t.globalGiven = true
		r.array(func() { t.global = append(t.global, readIndex(r)) })
	case "GlobalSecondaryIndexUpdates":
		r.array(func() { t.updates = append(t.updates, readIndexUpdate(r)) })
	case "BillingMode":
		t.billing = r.strPtr()
	case "ProvisionedThroughput":
		t.throughput = readThroughput(r)
	case "DeletionProtectionEnabled":
		b := r.boolean()
		t.protected = &b
	case "TableClass":
		t.class = r.strPtr()
	case "StreamSpecification":
		r.object("", func(name string) {
			if name != "StreamEnabled" {
				r.skip()
				return
			}
			b := r.boolean()
			t.stream = &b
		})
	default:
		r.skip()
	}
}

func readDefinition(r *reader) (d definition) {
	r.object("", func(name string) {
		switch name {
		case "AttributeName":
			d.name = r.str()
		case "AttributeType":
			d.kind = r.str()
		default:
			r.skip()
		}
	})
	return d
}

func readKeySchema(r *reader) []keyElement {
	out := []keyElement{}
	r.array(func() {
		var k keyElement
		r.object("", func(name string) {
			switch name {
			case "AttributeName":
				k.name = r.str()
			case "KeyType":
				k.kind = r.str()
			default:
				r.skip()
			}
		})
		out = append(out, k)
	})
	return out
}

func readThroughput(r *reader) *throughput {
	t := &throughput{}
	r.object("", func(name string) {
		switch name {
		case "ReadCapacityUnits":
			t.read = r.integer()
		case "WriteCapacityUnits":
			t.write = r.integer()
		default:
			r.skip()
		}
	})
	return t
}

func readIndex(r *reader) *indexInput {
	x := &indexInput{}
	r.object("", func(name string) {
		switch name {
		case "IndexName":
			x.name = r.strPtr()
		case "KeySchema":
			x.keys = readKeySchema(r)
		case "Projection":
			x.projected = true
			x.readProjection(r)
		case "ProvisionedThroughput":
			x.throughput = readThroughput(r)
		default:
			r.skip()
		}
	})
	return x
}

func (x *indexInput) readProjection(r *reader) {
	r.object("", func(name string) {
		switch name {
		case "ProjectionType":
			x.projection = r.strPtr()
		case "NonKeyAttributes":
			r.array(func() { x.include = append(x.include, r.str()) })
		default:
			r.skip()
		}
	})
}

func readIndexUpdate(r *reader) *indexUpdate {
	u := &indexUpdate{}
	r.object("", func(name string) {
		switch name {
		case "Create":
			u.create = readIndex(r)
		case "Update":
			u.update = readIndex(r)
		case "Delete":
			u.delete = readIndex(r)
		default:
			r.skip()
		}
	})
	return u
}

// check checks what has one meaning in both operations.
func (t *tableInput) check(v *constraints) {
	v.oneOf("billingMode", t.billing, "PROVISIONED", "PAY_PER_REQUEST")
	v.oneOf("tableClass", t.class, "STANDARD", "STANDARD_INFREQUENT_ACCESS")
	for i, d := range t.definitions {
		v.oneOf("attributeDefinitions."+itoa(i+1)+".member.attributeType", &d.kind, "B", "N", "S")
	}
	checkKeyTypes(v, "keySchema", t.keys)
	for i, x := range t.local {
		x.check(v, "localSecondaryIndexes."+itoa(i+1)+".member.")
	}
	for i, x := range t.global {
		x.check(v, "globalSecondaryIndexes."+itoa(i+1)+".member.")
	}
}

func checkKeyTypes(v *constraints, member string, keys []keyElement) {
	if keys != nil {
		v.length(member, "[]", len(keys), 1, 2*maxIndexKeyParts)
	}
	for i, k := range keys {
		v.oneOf(member+"."+itoa(i+1)+".member.keyType", &k.kind, "HASH", "RANGE")
	}
}

func (x *indexInput) check(v *constraints, at string) {
	v.present(at+"indexName", x.name != nil)
	v.present(at+"keySchema", x.keys != nil)
	v.present(at+"projection", x.projected)
	v.oneOf(at+"projection.projectionType", x.projection, "ALL", "INCLUDE", "KEYS_ONLY")
	checkKeyTypes(v, at+"keySchema", x.keys)
}
