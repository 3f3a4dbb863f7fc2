package integration

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// A difference is one that may be: DynamoDB Local does otherwise than DynamoDB is documented to do.
type difference struct {
	what string
	page string // decides who is right
	// forgive takes the difference out of two answers, if it is there. Every answer to a request for rows is looked at too.
	forgive func(r request, ours, theirs *reply) bool
	rows    bool // it may leave other rows
}

const (
	guide     = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
	reference = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/"
)

// accepted is the whole list.
var accepted = []difference{
	{
		what: "a request of another shape than the API's is refused: it is neither converted nor an internal failure",
		page: guide + "Programming.Errors.html",
		forgive: func(_ request, ours, theirs *reply) bool {
			return (refused(ours, "SerializationException") || refused(theirs, "InternalFailure") && refused(ours, "ValidationException")) && follow(ours, theirs)
		},
		rows: true,
	},
	{
		what: "ReturnConsumedCapacity is INDEXES, TOTAL or NONE",
		page: reference + "API_GetItem.html",
		forgive: func(r request, ours, theirs *reply) bool {
			level, _ := r.Body["ReturnConsumedCapacity"].(string)
			return !slices.Contains([]string{"", "INDEXES", "TOTAL", "NONE"}, level) && refused(ours, "ValidationException") && follow(ours, theirs)
		},
		rows: true,
	},
	{
		what: "consumed capacity is told only where it was asked for",
		page: reference + "API_DeleteItem.html",
		forgive: func(r request, _, theirs *reply) bool {
			level, _ := r.Body["ReturnConsumedCapacity"].(string)
			if theirs.Body["ConsumedCapacity"] == nil || level != "" && level != "NONE" {
				return false
			}
			delete(theirs.Body, "ConsumedCapacity")
			return true
		},
	},
	{
		what: "a transaction tells its units as read or written",
		page: reference + "API_ConsumedCapacity.html",
		forgive: func(r request, ours, theirs *reply) bool {
			return strings.HasPrefix(r.Operation, "Transact") && theirs.Error == "" && dropUnits(ours.Body["ConsumedCapacity"])
		},
	},
	{
		what: "an item that is not there costs a read",
		page: guide + "read-write-operations.html",
		forgive: func(r request, ours, theirs *reply) bool {
			return r.Operation == "BatchGetItem" && dropCapacity(ours, theirs)
		},
	},
	{
		what: "two operations of a transaction on one item are refused before anything else of its items is looked at",
		page: reference + "API_TransactWriteItems.html",
		forgive: func(r request, ours, theirs *reply) bool {
			return strings.HasPrefix(r.Operation, "Transact") && refused(ours, "ValidationException") && repeatsItem(r) && follow(ours, theirs)
		},
		rows: true,
	},
	{
		what: "an update that can't be made cancels its transaction",
		page: reference + "API_TransactWriteItems.html",
		forgive: func(r request, ours, theirs *reply) bool {
			if r.Operation != "TransactWriteItems" || !refused(ours, "TransactionCanceledException") || !strings.Contains(asJSON(ours.Body), `"ValidationError"`) {
				return false
			}
			return refused(theirs, "ValidationException") && follow(ours, theirs) || refused(theirs, "TransactionCanceledException") && overlooked(ours, theirs)
		},
	},
	{
		what: "a transaction that is cancelled has a reason for each operation, and is looked at as a whole before",
		page: reference + "API_TransactWriteItems.html",
		forgive: func(r request, ours, theirs *reply) bool {
			list, _ := r.Body["TransactItems"].([]any)
			reasons, _ := theirs.Body["CancellationReasons"].([]any)
			return refused(theirs, "TransactionCanceledException") && len(reasons) < len(list) &&
				refused(ours, "TransactionCanceledException", "ValidationException") && follow(ours, theirs)
		},
	},
	{
		what: "REMOVE and DELETE alone make no item",
		page: reference + "API_UpdateItem.html",
		forgive: func(r request, ours, theirs *reply) bool {
			if ours.Error+theirs.Error != "" || !onlyTakesAway(r) {
				return false
			}
			if ours.Body["Attributes"] == nil {
				delete(theirs.Body, "Attributes")
			}
			return true
		},
		rows: true,
	},
	{
		what: "deleting an item that is not there costs one write",
		page: reference + "API_BatchWriteItem.html",
		forgive: func(r request, ours, theirs *reply) bool {
			return r.Operation == "BatchWriteItem" && strings.Contains(asJSON(r.Body), "DeleteRequest") && dropCapacity(ours, theirs)
		},
	},
	{
		what: "every write of a transaction costs two",
		page: guide + "read-write-operations.html",
		forgive: func(r request, ours, theirs *reply) bool {
			return r.Operation == "TransactWriteItems" && dropCapacity(ours, theirs)
		},
	},
	{
		what: "1 and 1.0 are one key",
		page: guide + "HowItWorks.NamingRulesDataTypes.html",
		forgive: func(r request, ours, theirs *reply) bool {
			text := asJSON(r.Body)
			return r.Operation == "BatchGetItem" && refused(ours, "ValidationException") && theirs.Error == "" &&
				strings.Contains(text, `{"N":"1"}`) && strings.Contains(text, `{"N":"1.0"}`) && follow(ours, theirs)
		},
	},
	{
		what: "an update of a key is refused whatever its condition is",
		page: guide + "WorkingWithItems.html",
		forgive: func(r request, ours, theirs *reply) bool {
			alone := r.Operation == "UpdateItem" && refused(ours, "ValidationException") && refused(theirs, "ConditionalCheckFailedException")
			together := r.Operation == "TransactWriteItems" && strings.Contains(asJSON(ours.Body), `"ValidationError"`) && strings.Contains(asJSON(theirs.Body), `"ConditionalCheckFailed"`)
			return (alone || together) && updatesKey(r.Body) && follow(ours, theirs)
		},
	},
	{
		what: "an index that an item is in neither before nor after costs nothing",
		page: guide + "GSI.html",
		forgive: func(r request, ours, theirs *reply) bool {
			return writes(r) && strings.Contains(asJSON(r.Body), "-S\"") && dropCapacity(ours, theirs)
		},
	},
	{
		what: "UPDATED_OLD and UPDATED_NEW are the paths that the update names, and not all around them",
		page: reference + "API_UpdateItem.html",
		forgive: func(r request, ours, theirs *reply) bool {
			returns, _ := r.Body["ReturnValues"].(string)
			expression, _ := r.Body["UpdateExpression"].(string)
			return strings.HasPrefix(returns, "UPDATED") && strings.ContainsAny(expression, ".[") && ours.Error+theirs.Error == "" && follow(ours, theirs)
		},
	},
	{
		what: "the filter of a scan of a global index sees what the index projects, and no more",
		page: guide + "GSI.html",
		forgive: func(r request, ours, theirs *reply) bool {
			narrow := r.Body["IndexName"] == "byR" || r.Body["IndexName"] == "byGB"
			return r.Operation == "Scan" && narrow && r.Body["FilterExpression"] != nil && ours.Error+theirs.Error == "" &&
				ours.Body["ScannedCount"] == theirs.Body["ScannedCount"] && follow(ours, theirs)
		},
	},
	{
		what: "the key of a local index has the type that the table declares, in an update too",
		page: reference + "API_CreateTable.html",
		forgive: func(r request, ours, theirs *reply) bool {
			text := asJSON(r.Body)
			names := strings.Contains(text, "#k") || strings.Contains(text, "k = ") || strings.Contains(text, " k ")
			return names && strings.Contains(text, "UpdateExpression") && refused(ours, "ValidationException", "TransactionCanceledException") &&
				theirs.Error == "" && follow(ours, theirs)
		},
		rows: true,
	},
	{
		what: "the last key of a page begins the next one, also where a range ends at it",
		page: guide + "Query.Pagination.html",
		forgive: func(r request, ours, theirs *reply) bool {
			return r.Operation == "Query" && r.Body["ExclusiveStartKey"] != nil && ours.Error == "" && len(itemsOf(*ours)) == 0 &&
				refused(theirs, "ValidationException") && follow(ours, theirs)
		},
	},
	{
		what: "the size of a text is in bytes, not in units of UTF-16",
		page: guide + "ql-functions.size.html",
		forgive: func(r request, ours, theirs *reply) bool {
			return strings.Contains(asJSON(r.Body), "size(") && bothEvaluated(ours, theirs) && follow(ours, theirs)
		},
		rows: true,
	},
	{
		what: "numbers are normalised, in documents and in sets too",
		page: guide + "HowItWorks.NamingRulesDataTypes.html",
		forgive: func(r request, ours, theirs *reply) bool {
			if !normal(ours.Body, "") || normal(theirs.Body, "") {
				return false
			}
			ours.Body, _ = exact(ours.Body).(object)
			theirs.Body, _ = exact(theirs.Body).(object)
			// What has no order was sorted by its text, which is another one now.
			if r.Operation == "Scan" || r.Body["IndexName"] != nil {
				sortTexts(ours.Body["Items"])
				sortTexts(theirs.Body["Items"])
			}
			sortResponses(ours.Body["Responses"])
			sortResponses(theirs.Body["Responses"])
			return true
		},
	},
}

func refused(a *reply, kinds ...string) bool { return slices.Contains(kinds, a.Error) }

// follow makes the other answer the embedded engine's.
func follow(ours, theirs *reply) bool {
	*theirs = *ours
	return true
}

// overlooked gives theirs the reasons of updates that can't be made, where another operation's condition failed and so they were not
// looked at. It changes nothing else.
func overlooked(ours, theirs *reply) (found bool) {
	mine, _ := ours.Body["CancellationReasons"].([]any)
	others, _ := theirs.Body["CancellationReasons"].([]any)
	if len(mine) != len(others) {
		return false
	}
	for i := range mine {
		a, _ := mine[i].(object)
		b, _ := others[i].(object)
		if a["Code"] == "ValidationError" && b["Code"] == "None" {
			others[i], found = mine[i], true
		}
	}
	return found
}

// bothEvaluated tells whether both engines came to evaluate a request's condition, with whatever outcome: neither refused as invalid what
// the other one made. An update that can't be made is invalid where its condition holds, and else its condition failed.
func bothEvaluated(ours, theirs *reply) bool {
	const failed, cancelled = "ConditionalCheckFailedException", "TransactionCanceledException"
	return refused(ours, "", failed, cancelled) && refused(theirs, "", failed, cancelled) ||
		refused(ours, "ValidationException") && refused(theirs, failed, cancelled) ||
		refused(theirs, "ValidationException") && refused(ours, failed, cancelled)
}

// dropCapacity takes the consumed capacity out of two answers that differ in it.
func dropCapacity(ours, theirs *reply) bool {
	if ours.Error+theirs.Error != "" || asJSON(ours.Body["ConsumedCapacity"]) == asJSON(theirs.Body["ConsumedCapacity"]) {
		return false
	}
	delete(ours.Body, "ConsumedCapacity")
	delete(theirs.Body, "ConsumedCapacity")
	return true
}

// dropUnits takes the units that are told as read or written out of consumed capacity, at every level.
func dropUnits(v any) (found bool) {
	switch v := v.(type) {
	case []any:
		for _, each := range v {
			found = dropUnits(each) || found
		}
	case object:
		for _, name := range []string{"ReadCapacityUnits", "WriteCapacityUnits"} {
			found = found || v[name] != nil
			delete(v, name)
		}
		for _, each := range v {
			found = dropUnits(each) || found
		}
	}
	return found
}

// shortest is a number as DynamoDB writes it.
var shortest = regexp.MustCompile(`^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\.[0-9]*[1-9])$`)

// normal tells whether all numbers below a member of that name are written so.
func normal(v any, name string) bool {
	switch v := v.(type) {
	case object:
		for name, each := range v {
			if !normal(each, name) {
				return false
			}
		}
	case []any:
		return !slices.ContainsFunc(v, func(each any) bool { return !normal(each, name) })
	case string:
		return name != "N" && name != "NS" || shortest.MatchString(v)
	}
	return true
}

// exact writes all numbers in one way.
func exact(v any) any {
	switch v := v.(type) {
	case object:
		out := object{}
		for name, each := range v {
			out[name] = exact(each)
			if text, ok := each.(string); ok && name == "N" {
				out[name] = fraction(text)
			}
			if list, ok := out[name].([]any); ok && name == "NS" {
				for i, text := range list {
					text, _ := text.(string)
					list[i] = fraction(text)
				}
				sortTexts(list)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, each := range v {
			out[i] = exact(each)
		}
		return out
	}
	return v
}

// fraction writes a number exactly, or a text that is none as it is.
func fraction(text string) string {
	if r, ok := new(big.Rat).SetString(text); ok {
		return r.RatString()
	}
	return text
}

// onlyTakesAway tells whether a request has an update with neither SET nor ADD.
func onlyTakesAway(r request) bool {
	updates := []any{r.Body["UpdateExpression"]}
	list, _ := r.Body["TransactItems"].([]any)
	for _, each := range list {
		operation, _ := each.(object)
		update, _ := operation["Update"].(object)
		updates = append(updates, update["UpdateExpression"])
	}
	return slices.ContainsFunc(updates, func(u any) bool {
		text, ok := u.(string)
		return ok && !strings.Contains(text, "SET ") && !strings.Contains(text, "ADD ")
	})
}

// updatesKey tells whether an update somewhere in a body may name a key.
func updatesKey(body object) bool {
	for name, v := range body {
		text, _ := v.(string)
		if name == "UpdateExpression" && (strings.Contains(text, "pk") || strings.Contains(text, "sk")) {
			return true
		}
		if inner, ok := v.(object); ok && updatesKey(inner) {
			return true
		}
		list, _ := v.([]any)
		for _, each := range list {
			if inner, ok := each.(object); ok && updatesKey(inner) {
				return true
			}
		}
	}
	return false
}

// repeatsItem tells whether two operations of a transaction have one key.
func repeatsItem(r request) bool {
	seen := map[string]bool{}
	list, _ := r.Body["TransactItems"].([]any)
	for _, each := range list {
		operation, _ := each.(object)
		for _, one := range operation {
			one, _ := one.(object)
			key, _ := one["Key"].(object)
			if key == nil {
				it, _ := one["Item"].(object)
				key = object{"pk": it["pk"]}
				if it["sk"] != nil && !strings.HasSuffix(one["TableName"].(string), "-N") {
					key["sk"] = it["sk"]
				}
			}
			place := asJSON(one["TableName"]) + asJSON(exact(key))
			if seen[place] {
				return true
			}
			seen[place] = true
		}
	}
	return false
}
