package memdb

import (
	"fmt"
	"strings"
)

const (
	maxGlobalIndexes = 20
	maxLocalIndexes  = 5
	maxIndexKeyParts = 4
)

func createTable(c *call) *Error {
	in := &tableInput{}
	if err := c.read(func(name string) { in.member(&c.in, name) }); err != nil {
		return err
	}
	var v constraints
	v.present("tableName", in.table != nil)
	v.present("attributeDefinitions", in.definitions != nil)
	v.present("keySchema", in.keys != nil)
	in.check(&v)
	if err := v.err(); err != nil {
		return err
	}
	t, err := in.newTable()
	if err != nil {
		return err
	}
	if err := c.enterTable(t.name); err != nil {
		return err
	}
	db := c.db
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.tables[t.name] != nil {
		return failure("ResourceInUseException", "Table already exists: "+t.name)
	}
	db.serial++
	t.id = fmt.Sprintf("00000000-0000-4000-8000-%012d", db.serial)
	t.created = db.clock()
	db.tables[t.name] = t
	t.describe(&c.out, "TableDescription", "ACTIVE")
	return nil
}

// newTable checks a CreateTable and makes the table.
func (in *tableInput) newTable() (*table, *Error) {
	t := &table{name: tableName(*in.table), class: given(in.class), protected: in.protected != nil && *in.protected}
	if err := checkName(t.name); err != nil {
		return nil, err
	}
	if in.stream != nil && *in.stream {
		return nil, invalid("StreamSpecification: streams are not supported by the embedded engine")
	}
	var err *Error
	if t.billing, err = newBilling(in.billing, in.throughput, "table"); err != nil {
		return nil, err
	}
	if t.definitions, err = in.attributeDefinitions(); err != nil {
		return nil, err
	}
	if t.keys, err = newKeySchema(in.keys, t.definitions, 1); err != nil {
		return nil, err
	}
	if err := in.addIndexes(t); err != nil {
		return nil, err
	}
	return t, t.checkDefinitions()
}

func (in *tableInput) addIndexes(t *table) *Error {
	switch {
	case in.localGiven && len(in.local) == 0:
		return invalidParameter("List of LocalSecondaryIndexes is empty")
	case in.globalGiven && len(in.global) == 0:
		return invalidParameter("List of GlobalSecondaryIndexes is empty")
	case len(in.local) > maxLocalIndexes:
		return invalidParameter("Number of LocalSecondaryIndexes exceeds per-table limit of 5")
	case len(in.global) > maxGlobalIndexes:
		return invalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of 20")
	case len(in.local) > 0 && len(t.keys.sort) == 0:
		return invalidParameter("Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
	}
	for _, x := range in.local {
		if err := t.addIndex(x, false); err != nil {
			return err
		}
	}
	for _, x := range in.global {
		if err := t.addIndex(x, true); err != nil {
			return err
		}
	}
	return nil
}

// newBilling reads how a table or a global index is paid for.
func newBilling(mode *string, p *throughput, what string) (billing, *Error) {
	if given(mode) == "PAY_PER_REQUEST" {
		if p != nil && what == "table" {
			return billing{}, invalidParameter("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
		}
		return billing{onDemand: true}, nil
	}
	if p == nil {
		return billing{}, invalidParameter("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	}
	var v constraints
	v.between("provisionedThroughput.readCapacityUnits", &p.read, 1, noBound)
	v.between("provisionedThroughput.writeCapacityUnits", &p.write, 1, noBound)
	return billing{read: int(p.read), write: int(p.write)}, v.err()
}

func (in *tableInput) attributeDefinitions() ([]keyAttr, *Error) {
	var out []keyAttr
	for _, d := range in.definitions {
		if kindOf(out, d.name) != 0 {
			return nil, invalidParameter("Duplicate AttributeName in AttributeDefinitions: " + d.name)
		}
		if d.name == "" || len(d.name) > 255 {
			return nil, invalidParameter("AttributeName in AttributeDefinitions must have a length from 1 to 255")
		}
		out = append(out, keyAttr{name: d.name, kind: map[string]byte{"S": kindS, "N": kindN, "B": kindB}[d.kind]})
	}
	return out, nil
}

// kindOf is the defined type of an attribute, or 0.
func kindOf(definitions []keyAttr, name string) byte {
	for _, d := range definitions {
		if d.name == name {
			return d.kind
		}
	}
	return 0
}

// newKeySchema checks a key schema with up to parts attributes of either kind.
func newKeySchema(elements []keyElement, definitions []keyAttr, parts int) (keySchema, *Error) {
	var ks keySchema
	if elements[0].kind != "HASH" {
		return ks, invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
	}
	for i, e := range elements {
		if ks.has(e.name) {
			return ks, invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")
		}
		kind := kindOf(definitions, e.name)
		if kind == 0 {
			return ks, invalidParameter("Some index key attributes are not defined in AttributeDefinitions. Keys: [" + elementNames(elements) +
				"], AttributeDefinitions: [" + attrNames(definitions) + "]")
		}
		list := &ks.hash
		if e.kind == "RANGE" {
			list = &ks.sort
		} else if len(ks.sort) > 0 || i > 0 && parts == 1 {
			return ks, invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
		}
		if *list = append(*list, keyAttr{name: e.name, kind: kind}); len(*list) > parts {
			return ks, invalidParameter("Key Schema too big. Key Schema must at most consist of " + itoa(parts) + " HASH and " + itoa(parts) + " RANGE key attributes")
		}
	}
	return ks, nil
}

func elementNames(elements []keyElement) string {
	names := make([]string, len(elements))
	for i, e := range elements {
		names[i] = e.name
	}
	return strings.Join(names, ", ")
}

func attrNames(attrs []keyAttr) string {
	names := make([]string, len(attrs))
	for i, a := range attrs {
		names[i] = a.name
	}
	return strings.Join(names, ", ")
}

// addIndex checks an index and adds it, without rows, to the table.
func (t *table) addIndex(in *indexInput, global bool) *Error {
	x := &index{name: *in.name, global: global, projection: given(in.projection), include: in.include}
	if err := checkName(x.name); err != nil {
		return err
	}
	if t.index(x.name) != nil {
		return invalidParameter("Duplicate index name: " + x.name)
	}
	parts := 1
	if global {
		parts = maxIndexKeyParts
	}
	var err *Error
	if x.keys, err = newKeySchema(in.keys, t.definitions, parts); err != nil {
		return err
	}
	if err := x.checkProjection(); err != nil {
		return err
	}
	if global {
		x.billing = t.billing
		if !t.billing.onDemand {
			if x.billing, err = newBilling(nil, in.throughput, "index"); err != nil {
				return err
			}
		}
		t.indexes = append(t.indexes, x)
		return nil
	}
	if len(x.keys.sort) == 0 {
		return invalidParameter("Index KeySchema does not have a range key for index: " + x.name)
	}
	if x.keys.hash[0].name != t.keys.hash[0].name {
		return invalidParameter("Index KeySchema does not have the same leading hash key as table KeySchema for index: " + x.name +
			". index hash key: " + x.keys.hash[0].name + ", table hash key: " + t.keys.hash[0].name)
	}
	t.indexes = append(t.indexes, x)
	return nil
}

func (x *index) checkProjection() *Error {
	switch {
	case x.projection == "":
		return invalidParameter("Unknown ProjectionType: null")
	case x.projection == "INCLUDE" && len(x.include) == 0:
		return invalidParameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
	case x.projection != "INCLUDE" && x.include != nil:
		return invalidParameter("ProjectionType is " + x.projection + ", but NonKeyAttributes is specified")
	}
	seen := map[string]bool{}
	for _, n := range x.include {
		if seen[n] {
			return invalidParameter("Duplicate attribute in NonKeyAttributes: " + n)
		}
		seen[n] = true
	}
	return nil
}

// checkDefinitions refuses a definition that no key uses.
func (t *table) checkDefinitions() *Error {
	for _, d := range t.definitions {
		used := t.keys.has(d.name)
		for _, x := range t.indexes {
			used = used || x.keys.has(d.name)
		}
		if !used {
			return invalidParameter("Some AttributeDefinitions are not used. AttributeDefinitions: [" + attrNames(t.definitions) +
				"], keys used: [" + attrNames(t.keys.attrs()) + "]")
		}
	}
	return nil
}
