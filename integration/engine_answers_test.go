package integration

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// A reply is what came of a request: an error's type, or a body.
type reply struct {
	Error string // "ValidationException"; the status where a body has no type
	Body  object
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// asJSON is JSON with its members sorted.
func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// comparable cuts a reply down to what DynamoDB promises: sets, batches and scans have no order, and of an error the type counts,
// not the text. A query of an index has the order of the index's sort key, and none among equal ones.
func (a reply) comparable(r request) reply {
	body := object{}
	for name, v := range a.Body {
		body[name] = unordered(v)
	}
	switch {
	case a.Error != "":
		return reply{Error: a.Error, Body: reasons(a.Body)}
	case r.Operation == "Scan":
		sortTexts(body["Items"])
	case r.Operation == "Query" && r.Body["IndexName"] != nil:
		body["order"] = sortKeys(body["Items"], r)
		sortTexts(body["Items"])
	case r.Operation == "BatchGetItem":
		sortResponses(body["Responses"])
	}
	sortUnits(body["ConsumedCapacity"])
	return reply{Body: body}
}

// reasons are what an error says besides its text: why a transaction was cancelled, and the item that stood in the way.
func reasons(body object) object {
	out := object{}
	if it, ok := body["Item"]; ok {
		out["Item"] = unordered(it)
	}
	list, _ := body["CancellationReasons"].([]any)
	var kept []any
	for _, each := range list {
		reason, _ := each.(object)
		kept = append(kept, object{"Code": reason["Code"], "Item": unordered(reason["Item"])})
	}
	if kept != nil {
		out["CancellationReasons"] = kept
	}
	return out
}

// unordered sorts the sets in a value.
func unordered(v any) any {
	switch v := v.(type) {
	case object:
		out := object{}
		for name, each := range v {
			out[name] = unordered(each)
			if len(v) == 1 && (name == "SS" || name == "NS" || name == "BS") {
				sortTexts(out[name])
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, each := range v {
			out[i] = unordered(each)
		}
		return out
	}
	return v
}

func sortTexts(list any) {
	if list, ok := list.([]any); ok {
		slices.SortFunc(list, func(a, b any) int { return strings.Compare(asJSON(a), asJSON(b)) })
	}
}

// sortResponses sorts each table's items of a BatchGetItem. Those of a TransactGetItems are a list, in the order of the request.
func sortResponses(responses any) {
	tables, _ := responses.(object)
	for _, items := range tables {
		sortTexts(items)
	}
}

// sortUnits sorts the consumed capacity of several tables.
func sortUnits(list any) {
	if list, ok := list.([]any); ok {
		slices.SortFunc(list, func(a, b any) int {
			x, _ := a.(object)["TableName"].(string)
			y, _ := b.(object)["TableName"].(string)
			return cmp.Compare(x, y)
		})
	}
}

// sortKeys lists the values of an index's sort key, in the order in which they came.
func sortKeys(items any, r request) []string {
	list, _ := items.([]any)
	out := []string{}
	for _, it := range list {
		it, _ := it.(object)
		for _, x := range indexes {
			if x.name == r.Body["IndexName"] && len(x.key) > 1 {
				out = append(out, asJSON(it[x.key[1].name]))
			}
		}
	}
	return out
}
