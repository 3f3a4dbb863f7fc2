package integration

import (
	"fmt"
	"slices"
	"strings"
)

// What a design may say, as far as its faults are found here.
var (
	mcpFieldTypes     = []string{"string", "integer", "decimal", "boolean", "array", "object"}
	mcpParameterTypes = append([]string{"entity"}, mcpFieldTypes...)
	mcpVerbs          = []string{"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"}
	mcpReturns        = []string{"single_entity", "entity_list", "success_flag", "mixed_data"}
	mcpRanges         = []string{"=", ">", ">=", "<", "<=", "between", "begins_with"}
	mcpComparisons    = []string{"=", "<>", ">", ">=", "<", "<=", "between", "in"}
	mcpFunctions      = []string{"contains", "begins_with", "attribute_exists", "attribute_not_exists", "size"}
	mcpCrossReturns   = []string{"boolean", "object", "array"}
	mcpActions        = map[string][]string{"TransactWrite": {"Put", "Update", "Delete", "ConditionCheck"}, "TransactGet": {"Get"}}
)

// mcpFinder lists what is wrong with a design, without the library: each fault with its place.
type mcpFinder struct {
	mcpSchema
	faults []string
	ids    map[int]bool
}

// mcpFaults lists the faults of a design.
func mcpFaults(s mcpSchema) []string {
	f := &mcpFinder{mcpSchema: s, ids: map[int]bool{}}
	tables, entities := map[string]bool{}, map[string]bool{}
	for _, table := range s.Tables {
		name := table.Config.Name
		f.unless(!tables[name], "%s: a second table of this name", name)
		tables[name] = true
		f.indexes(table)
		for _, entity := range mcpSorted(table.Entities) {
			f.unless(!entities[entity], "%s/%s: a second entity of this name", name, entity)
			entities[entity] = true
			f.entity(table, name+"/"+entity, table.Entities[entity])
		}
	}
	for _, p := range s.CrossTable {
		f.crossTable(p)
	}
	return f.faults
}

func mcpSorted[V any](m map[string]V) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func (f *mcpFinder) unless(right bool, format string, args ...any) {
	if !right {
		f.faults = append(f.faults, fmt.Sprintf(format, args...))
	}
}

// indexes checks the indexes that a table lists.
func (f *mcpFinder) indexes(table mcpTable) {
	seen := map[string]bool{}
	for _, x := range table.GSIs {
		at := table.Config.Name + "/" + x.Name
		f.unless(!seen[x.Name], "%s: a second index of this name", at)
		seen[x.Name] = true
		for half, key := range map[string]mcpTexts{"partition": x.PartitionKey, "sort": x.SortKey} {
			if !key.list {
				continue
			}
			n := len(key.texts) + key.other
			f.unless(n > 0, "%s: a %s key of no attributes", at, half)
			f.unless(n <= 4, "%s: a %s key of %d attributes", at, half, n)
			f.unless(key.other == 0, "%s: a %s key with an attribute that is no text", at, half)
			f.unless(!slices.Contains(key.texts, ""), "%s: a %s key with an attribute without a name", at, half)
		}
	}
}

// entity checks an entity: its fields, templates, mappings and access patterns.
func (f *mcpFinder) entity(table mcpTable, at string, e mcpEntity) {
	seen := map[string]bool{}
	for _, field := range e.Fields {
		at := at + "." + field.Name
		f.unless(!seen[field.Name], "%s: a second field of this name", at)
		seen[field.Name] = true
		f.unless(slices.Contains(mcpFieldTypes, field.Type), "%s: type %s", at, field.Type)
		f.unless(field.Type != "array" || field.ItemType != "", "%s: an array of nothing", at)
		f.unless(field.Required != nil, "%s: neither required nor optional", at)
	}
	fields := func(name string) bool { return seen[name] || name == table.Config.SortKey }
	f.template(at+".pk", e.PK, fields)
	f.template(at+".sk", e.SK, fields)
	f.unless(e.SK == "" || table.Config.SortKey != "", "%s.sk: the table has no sort key", at)
	f.unless(e.SK != "" || table.Config.SortKey == "", "%s.sk: missing, and the table has a sort key", at)

	mapped := map[string]bool{}
	for _, m := range e.Mappings {
		at := at + ".index " + m.Name
		f.unless(!mapped[m.Name], "%s: a second time", at)
		mapped[m.Name] = true
		for half, key := range map[string]mcpTexts{"pk": m.PK, "sk": m.SK} {
			for _, template := range key.texts {
				f.template(at+"."+half, template, fields)
			}
		}
		i := slices.IndexFunc(table.GSIs, func(x mcpIndex) bool { return x.Name == m.Name })
		f.unless(i >= 0, "%s: the table has no such index", at)
		if i >= 0 {
			x := table.GSIs[i]
			f.unless(len(m.PK.texts) == len(x.PartitionKey.texts), "%s: %d templates for %d attributes of the partition key", at, len(m.PK.texts), len(x.PartitionKey.texts))
			f.unless(len(m.SK.texts) == len(x.SortKey.texts), "%s: %d templates for %d attributes of the sort key", at, len(m.SK.texts), len(x.SortKey.texts))
		}
	}
	names := map[string]bool{}
	for _, p := range e.Patterns {
		again := names[p.Name]
		names[p.Name] = true
		if again {
			p.Name += " again"
			f.unless(false, "%s.%s: a second access pattern of this name", at, p.Name)
		}
		f.pattern(table, at, e, p)
	}
}

// template checks a key template: braces, and the fields between them.
func (f *mcpFinder) template(at, template string, fields func(string) bool) {
	for _, part := range strings.Split(template, "{")[1:] {
		name, _, closed := strings.Cut(part, "}")
		switch {
		case !closed:
			f.unless(false, "%s: a brace that is not closed", at)
		case name == "":
			f.unless(false, "%s: braces around nothing", at)
		default:
			f.unless(fields(name), "%s: no field %s", at, name)
		}
	}
}

// mcpTemplateFields lists the fields of a template.
func mcpTemplateFields(templates ...string) (out []string) {
	for _, t := range templates {
		for _, part := range strings.Split(t, "{")[1:] {
			name, _, _ := strings.Cut(part, "}")
			out = append(out, name)
		}
	}
	return out
}

// pattern checks an access pattern of an entity.
func (f *mcpFinder) pattern(table mcpTable, at string, e mcpEntity, p mcpPattern) {
	at += "." + p.Name
	before := len(f.faults)
	f.unless(!f.ids[p.ID], "%s: a second access pattern %d", at, p.ID)
	f.ids[p.ID] = true
	f.unless(slices.Contains(mcpVerbs, p.Operation), "%s: operation %s", at, p.Operation)
	f.unless(slices.Contains(mcpReturns, p.Return), "%s: return type %s", at, p.Return)
	f.unless(p.Range == "" || slices.Contains(mcpRanges, p.Range), "%s: range condition %s", at, p.Range)
	f.parameters(at, p)
	if p.Operation == "Query" {
		pk, sk := []string{e.PK}, []string{e.SK}
		if p.Index != "" {
			i := slices.IndexFunc(table.GSIs, func(x mcpIndex) bool { return x.Name == p.Index })
			f.unless(i >= 0, "%s: no index %s", at, p.Index)
			pk, sk = nil, nil
			for _, m := range e.Mappings {
				if m.Name == p.Index && i >= 0 {
					pk, sk = m.PK.texts, m.SK.texts
				}
			}
		}
		f.queried(at, p, mcpTemplateFields(pk...), mcpTemplateFields(sk...))
	}
	if p.Filter != nil {
		f.filter(at, e, p)
	}
	f.stated(at, p, before)
}

// queried checks that a query has a parameter for each field of its partition key, and as many as its range condition takes.
func (f *mcpFinder) queried(at string, p mcpPattern, pk, sk []string) {
	for _, name := range pk {
		given := false
		for _, parameter := range p.Parameters {
			given = given || parameter.Name == name
		}
		f.unless(given, "%s: no parameter for %s of the partition key", at, name)
	}
	ends := map[string]int{"between": 2}[p.Range]
	if ends == 0 {
		ends = 1
	}
	if n := len(p.Parameters); len(pk) > 0 && slices.Contains(mcpRanges, p.Range) {
		f.unless(n >= len(pk)+ends, "%s: %d parameters are too few for %s", at, n, p.Range)
		f.unless(n <= len(pk)+max(len(sk), 1)-1+ends, "%s: %d parameters are too many for %s", at, n, p.Range)
	}
}

// parameters checks names and types of parameters.
func (f *mcpFinder) parameters(at string, p mcpPattern) {
	seen := map[string]bool{}
	for _, x := range p.Parameters {
		f.unless(x.Name != "", "%s: a parameter without a name", at)
		f.unless(x.Name == "" || !seen[x.Name], "%s: a second parameter %s", at, x.Name)
		seen[x.Name] = true
		switch {
		case x.Type == "":
			f.unless(false, "%s: parameter %s without a type", at, x.Name)
		case x.Type == "entity" && x.Entity == "":
			f.unless(false, "%s: parameter %s is an entity of no type", at, x.Name)
		case x.Type == "entity":
			known := slices.ContainsFunc(f.Tables, func(t mcpTable) bool { _, ok := t.Entities[x.Entity]; return ok })
			f.unless(known, "%s: parameter %s is an unknown entity %s", at, x.Name, x.Entity)
		default:
			f.unless(slices.Contains(mcpParameterTypes, x.Type), "%s: parameter %s of type %s", at, x.Name, x.Type)
		}
	}
}

// filter checks a filter expression.
func (f *mcpFinder) filter(at string, e mcpEntity, p mcpPattern) {
	f.unless(p.Operation == "Query" || p.Operation == "Scan", "%s: a filter of %s", at, p.Operation)
	f.unless(len(p.Filter.Conditions) > 0, "%s: a filter of no conditions", at)
	f.unless(slices.Contains([]string{"", "AND", "OR"}, p.Filter.Operator), "%s: logical operator %s", at, p.Filter.Operator)
	for _, c := range p.Filter.Conditions {
		f.unless(slices.ContainsFunc(e.Fields, func(x mcpField) bool { return x.Name == c.Field }), "%s: a filter on the unknown field %s", at, c.Field)
		f.unless(!slices.Contains(mcpTemplateFields(e.PK), c.Field), "%s: a filter on %s of the partition key", at, c.Field)
		f.unless(!slices.Contains(mcpTemplateFields(e.SK), c.Field), "%s: a filter on %s of the sort key", at, c.Field)
		f.unless(c.Operator == "" || slices.Contains(mcpComparisons, c.Operator), "%s: operator %s", at, c.Operator)
		f.unless(c.Function == "" || slices.Contains(mcpFunctions, c.Function), "%s: function %s", at, c.Function)
		f.unless(c.Operator == "" || c.Function == "" || c.Function == "size", "%s: operator %s and function %s in one", at, c.Operator, c.Function)
		switch {
		case c.Function == "attribute_exists" || c.Function == "attribute_not_exists":
		case c.Operator == "in":
			f.unless(len(c.Params) > 0, "%s: in of no values", at)
		case c.Operator == "between":
			f.unless(c.Param != "" && c.Param2 != "", "%s: between of one value", at)
		default:
			f.unless(c.Param != "", "%s: %s of no value", at, c.Operator+c.Function)
		}
	}
}

// crossTable checks an access pattern of several tables.
func (f *mcpFinder) crossTable(p mcpPattern) {
	at, before := p.Name, len(f.faults)
	f.unless(!f.ids[p.ID], "%s: a second access pattern %d", at, p.ID)
	f.ids[p.ID] = true
	actions, known := mcpActions[p.Operation]
	f.unless(known, "%s: operation %s", at, p.Operation)
	f.unless(slices.Contains(mcpCrossReturns, p.Return), "%s: return type %s", at, p.Return)
	f.parameters(at, p)
	for _, x := range p.Entities {
		f.unless(!known || slices.Contains(actions, x.Action), "%s: action %s in %s", at, x.Action, p.Operation)
		i := slices.IndexFunc(f.Tables, func(t mcpTable) bool { return t.Config.Name == x.Table })
		f.unless(i >= 0, "%s: no table %s", at, x.Table)
		if i < 0 {
			continue
		}
		e, there := f.Tables[i].Entities[x.Entity]
		f.unless(there, "%s: no entity %s in table %s", at, x.Entity, x.Table)
		for _, field := range e.Fields {
			for _, parameter := range p.Parameters {
				same := parameter.Name != field.Name || parameter.Type == "" || parameter.Type == field.Type
				f.unless(same, "%s: parameter %s of type %s for a field of type %s", at, field.Name, parameter.Type, field.Type)
			}
		}
	}
	f.stated(at, p, before)
}

// stated finds an access pattern whose description says that it is wrong, where nothing was found that is.
func (f *mcpFinder) stated(at string, p mcpPattern, before int) {
	says := strings.Contains(p.Description, "INVALID") || strings.Contains(p.Description, "should fail") || strings.Contains(p.Description, "should NOT")
	f.unless(!says || len(f.faults) > before, "%s: %s", at, p.Description)
}
