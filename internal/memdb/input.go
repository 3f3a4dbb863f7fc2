package memdb

// An input holds the members of the operations on items. Each operation reads
// those that belong to it.
type input struct {
	table, index         *string
	item, key, start     attributes
	condition, update    *string
	filter, keyCondition *string
	projection           *string
	params               params
	returnValues         *string
	onFailure            *string
	capacity, metrics    *string
	selects              *string
	limit                *int64
	segment, segments    *int64
	consistent, backward bool
	token                *string
	legacy               string // the first parameter from before expressions
}

func (in *input) tableName() string { return tableName(*in.table) }

// member reads one member of an item operation; it tells whether it knows it.
func (in *input) member(r *reader, name string) bool {
	text := func(p **string) {
		s := r.str()
		*p = &s
	}
	number := func(p **int64) {
		n := r.integer()
		*p = &n
	}
	switch name {
	case "TableName":
		text(&in.table)
	case "IndexName":
		text(&in.index)
	case "Item":
		in.item = r.attributeMap()
	case "Key":
		in.key = r.attributeMap()
	case "ExclusiveStartKey":
		in.start = r.attributeMap()
	case "ConditionExpression":
		text(&in.condition)
	case "UpdateExpression":
		text(&in.update)
	case "FilterExpression":
		text(&in.filter)
	case "KeyConditionExpression":
		text(&in.keyCondition)
	case "ProjectionExpression":
		text(&in.projection)
	case "ExpressionAttributeNames":
		r.nameMap(&in.params)
	case "ExpressionAttributeValues":
		in.params.values = r.valueMap()
	case "ReturnValues":
		text(&in.returnValues)
	case "ReturnValuesOnConditionCheckFailure":
		text(&in.onFailure)
	case "ReturnConsumedCapacity":
		text(&in.capacity)
	case "ReturnItemCollectionMetrics":
		text(&in.metrics)
	case "Select":
		text(&in.selects)
	case "ClientRequestToken":
		text(&in.token)
	case "Limit":
		number(&in.limit)
	case "Segment":
		number(&in.segment)
	case "TotalSegments":
		number(&in.segments)
	case "ConsistentRead":
		in.consistent = r.boolean()
	case "ScanIndexForward":
		in.backward = !r.boolean()
	default:
		if legacyParameters[name] && in.legacy == "" {
			in.legacy = name
		}
		r.skip()
		return false
	}
	return true
}

// readInput reads a whole request and checks what has one meaning everywhere.
func (c *call) readInput(check func(in *input, v *constraints)) (*input, *Error) {
	in := &input{}
	if err := c.read(func(name string) { in.member(&c.in, name) }); err != nil {
		return nil, err
	}
	return in, in.check(check)
}

func (in *input) check(check func(in *input, v *constraints)) *Error {
	var v constraints
	v.oneOf("returnConsumedCapacity", in.capacity, capacityLevels...)
	v.oneOf("returnItemCollectionMetrics", in.metrics, metricLevels...)
	check(in, &v)
	if err := v.err(); err != nil {
		return err
	}
	if in.legacy != "" {
		return errLegacy(in.legacy)
	}
	if in.table != nil {
		return checkName(in.tableName())
	}
	return nil
}

// checkMaps refuses values that can't be stored.
func (in *input) checkMaps() *Error {
	for _, a := range []attributes{in.item, in.key, in.start} {
		if a.bad != nil {
			return a.bad
		}
	}
	return nil
}

func given(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
