package repo

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/schema"
)

// VerifyTable compares the live table with the declared one: the attributes of its primary key and their types, the keys and
// projections of every declared index, whether all of them can be used yet, and the attribute by which items expire. All differences
// come in one [*SchemaError], each with the change that would mend it. Indexes that are not declared are no difference, nor is a time to
// live by an attribute that no member has. It sends DescribeTable and DescribeTimeToLive, and changes nothing.
func VerifyTable(ctx context.Context, c AdminClient, t Table, members ...Member) error {
	want, err := CreateTableInput(t, members...)
	if err != nil {
		return err
	}
	out, err := c.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: want.TableName})
	if err != nil {
		return requestFailed("VerifyTable", "", err)
	}
	problems := drift(want, out.Table)
	live, err := c.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: want.TableName})
	if err != nil {
		return requestFailed("VerifyTable", "", err)
	}
	if problems = append(problems, ttlDrift(members, live.TimeToLiveDescription)...); len(problems) > 0 {
		return &SchemaError{Type: "the live table", Problems: problems}
	}
	return nil
}

// drift says how a live table differs from what is wanted.
func drift(want *dynamodb.CreateTableInput, live *types.TableDescription) []string {
	if live == nil {
		return []string{"the live table was not described"}
	}
	var out []string
	add := func(where, what string) { out = append(out, where+": "+what) }
	if s := live.TableStatus; s != types.TableStatusActive && s != types.TableStatusUpdating {
		add("the table", "it cannot be used while it is "+string(s)+"; wait until it is ACTIVE")
	}
	if !slices.EqualFunc(want.KeySchema, live.KeySchema, sameElement) {
		add("the primary key", "the live table has "+describeKeys(live.KeySchema)+", declared are "+describeKeys(want.KeySchema)+"; a primary key cannot be changed: correct Table.Key, or use another table")
	}
	kinds := map[string]types.ScalarAttributeType{}
	for _, a := range live.AttributeDefinitions {
		kinds[aws.ToString(a.AttributeName)] = a.AttributeType
	}
	for _, a := range want.AttributeDefinitions {
		name := aws.ToString(a.AttributeName)
		if kind, ok := kinds[name]; ok && kind != a.AttributeType {
			add("key attribute "+name, "it is of type "+string(kind)+" in the live table, and "+string(a.AttributeType)+" is declared; "+retyping(live, name))
		}
	}
	return append(out, indexDrift(indexesWanted(want), indexesLive(live))...)
}

// retyping says how a key attribute could have another type.
func retyping(live *types.TableDescription, name string) string {
	has := func(k types.KeySchemaElement) bool { return aws.ToString(k.AttributeName) == name }
	local := func(x types.LocalSecondaryIndexDescription) bool { return slices.ContainsFunc(x.KeySchema, has) }
	if slices.ContainsFunc(live.KeySchema, has) || slices.ContainsFunc(live.LocalSecondaryIndexes, local) {
		return "a key attribute of the table or of a local index cannot change its type: correct the field, or use another table"
	}
	return "correct the field, or delete every global index that has the attribute and make it anew with UpdateTable"
}

// liveIndex is an index, global or local, as a table has it or should have it.
type liveIndex struct {
	name    string
	keys    []types.KeySchemaElement
	project *types.Projection
	local   bool
	status  types.IndexStatus // of a live global one
}

func indexesWanted(want *dynamodb.CreateTableInput) []liveIndex {
	var out []liveIndex
	for _, x := range want.GlobalSecondaryIndexes {
		out = append(out, liveIndex{name: aws.ToString(x.IndexName), keys: x.KeySchema, project: x.Projection})
	}
	for _, x := range want.LocalSecondaryIndexes {
		out = append(out, liveIndex{name: aws.ToString(x.IndexName), keys: x.KeySchema, project: x.Projection, local: true})
	}
	return out
}

func indexesLive(live *types.TableDescription) []liveIndex {
	var out []liveIndex
	for _, x := range live.GlobalSecondaryIndexes {
		out = append(out, liveIndex{name: aws.ToString(x.IndexName), keys: x.KeySchema, project: x.Projection, status: x.IndexStatus})
	}
	for _, x := range live.LocalSecondaryIndexes {
		out = append(out, liveIndex{name: aws.ToString(x.IndexName), keys: x.KeySchema, project: x.Projection, local: true})
	}
	return out
}

// indexDrift says how the live indexes differ from those that are wanted.
func indexDrift(want, live []liveIndex) []string {
	var out []string
	for _, x := range want {
		add := func(what string) { out = append(out, "index "+x.name+": "+what) }
		i := slices.IndexFunc(live, func(y liveIndex) bool { return y.name == x.name })
		if i < 0 && x.local {
			add("the live table has no such index; a local index is made with its table: use another table, or make it a global one")
			continue
		}
		if i < 0 {
			add("the live table has no such index; add it with UpdateTable, whose request CreateIndexInput makes: " + describeKeys(x.keys) + ", projecting " + string(x.project.ProjectionType))
			continue
		}
		found := live[i]
		switch found.status {
		case types.IndexStatusCreating:
			add("the live table is still filling it, and cannot be queried by it; wait until it is ACTIVE")
		case types.IndexStatusDeleting:
			add("the live table is deleting it; wait until it is gone, and add it with UpdateTable")
		}
		again := "; delete the index and make it anew with UpdateTable, or declare it so"
		if x.local || found.local {
			again = "; a local index cannot be changed: declare it so, or use another table"
		}
		if x.local != found.local {
			add("it is " + reachOf(found) + " in the live table, declared " + reachOf(x) + again)
		}
		if !slices.EqualFunc(x.keys, found.keys, sameElement) {
			add("it has the keys " + describeKeys(found.keys) + " in the live table, declared are " + describeKeys(x.keys) + again)
		}
		if lost := lostIn(x.project, found.project); lost != "" {
			add(lost + again)
		}
	}
	return out
}

func reachOf(x liveIndex) string {
	if x.local {
		return "local"
	}
	return "global"
}

// lostIn says what the live projection lacks of the declared one. To hold more does no harm.
func lostIn(want, live *types.Projection) string {
	if live == nil || live.ProjectionType == types.ProjectionTypeAll || want.ProjectionType == types.ProjectionTypeKeysOnly {
		return ""
	}
	if want.ProjectionType == types.ProjectionTypeAll {
		return "it projects " + string(live.ProjectionType) + " in the live table, declared is ALL"
	}
	var lost []string
	for _, attr := range want.NonKeyAttributes {
		if !slices.Contains(live.NonKeyAttributes, attr) {
			lost = append(lost, attr)
		}
	}
	if len(lost) == 0 {
		return ""
	}
	return "it does not hold " + strings.Join(lost, ", ") + " in the live table"
}

// ttlDrift says how the live time to live differs from the declared one.
func ttlDrift(members []Member, live *types.TimeToLiveDescription) []string {
	attr := ttlAttribute(members)
	if attr == "" {
		return ttlUndeclared(members, live)
	}
	mend := "; turn it on with UpdateTimeToLive, or items that expire are hidden and never deleted"
	switch {
	case !expires(live):
		return []string{"time to live: it is off in the live table, and attribute " + attr + " is declared" + mend}
	case aws.ToString(live.AttributeName) != attr:
		return []string{"time to live: the live table has it on another attribute than " + attr + ", and a table has but one; turn it off there first, then" + strings.TrimPrefix(mend, ";")}
	}
	return nil
}

// ttlUndeclared says whose items DynamoDB deletes without their knowing.
func ttlUndeclared(members []Member, live *types.TimeToLiveDescription) (out []string) {
	if !expires(live) {
		return nil
	}
	attr := aws.ToString(live.AttributeName)
	for _, m := range members {
		e := m.member().entity
		if slices.ContainsFunc(e.Fields, func(f *schema.Field) bool { return f.Attr == attr }) {
			out = append(out, "time to live: the live table has it on attribute "+attr+", and "+e.Name+" has that attribute and no ttl, so that its items would be deleted; give the field the role ttl, or turn it off with UpdateTimeToLive")
		}
	}
	return out
}

// expires reports whether DynamoDB deletes items of a table by their time to live, or soon will.
func expires(live *types.TimeToLiveDescription) bool {
	return live != nil && (live.TimeToLiveStatus == types.TimeToLiveStatusEnabled || live.TimeToLiveStatus == types.TimeToLiveStatusEnabling)
}

func sameElement(a, b types.KeySchemaElement) bool {
	return aws.ToString(a.AttributeName) == aws.ToString(b.AttributeName) && a.KeyType == b.KeyType
}

func describeKeys(keys []types.KeySchemaElement) string {
	out := ""
	for i, k := range keys {
		if i > 0 {
			out += ", "
		}
		out += aws.ToString(k.AttributeName) + " (" + string(k.KeyType) + ")"
	}
	return out
}
