package integration

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
)

// mcpRow is a row of a design, as its usage data has it.
type mcpRow map[string]any

// with is a copy of the row with other values; a nil one is none.
func (r mcpRow) with(changes mcpRow) mcpRow {
	out := maps.Clone(r)
	maps.Copy(out, changes)
	return out.plain()
}

// plain is the row as JSON has it.
func (r mcpRow) plain() mcpRow {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // rows are written in tests
	}
	var out mcpRow
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		panic(err)
	}
	maps.DeleteFunc(out, func(_ string, v any) bool { return v == nil })
	return out
}

func (r mcpRow) text(field string) string {
	s, _ := r[field].(string)
	return s
}

func (r mcpRow) number(field string) float64 {
	n, _ := r[field].(json.Number)
	f, _ := n.Float64()
	return f
}

func (r mcpRow) integer(field string) int { return int(r.number(field)) }

// attributes are the values of a row as DynamoDB has them.
func (r mcpRow) attributes() item {
	out := item{}
	for name, v := range r {
		if v != nil {
			out[name] = mcpAttribute(v)
		}
	}
	return out
}

func mcpAttribute(v any) types.AttributeValue {
	switch v := v.(type) {
	case string:
		return &types.AttributeValueMemberS{Value: v}
	case json.Number:
		return &types.AttributeValueMemberN{Value: mcpNumber(v)}
	case bool:
		return &types.AttributeValueMemberBOOL{Value: v}
	case []any:
		list := &types.AttributeValueMemberL{}
		for _, e := range v {
			list.Value = append(list.Value, mcpAttribute(e))
		}
		return list
	case map[string]any:
		return &types.AttributeValueMemberM{Value: mcpRow(v).attributes()}
	}
	panic("a row holds strings, numbers, bools, lists and maps")
}

// mcpNumber writes a number as DynamoDB does: 40.0 is 40.
func mcpNumber(n json.Number) string {
	f, err := n.Float64()
	if err != nil {
		panic(err)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// mcpRows are the rows of one entity, in the test and in the table, whatever Go type they have.
type mcpRows struct {
	name   string
	design *mcpDesign
	home   repo.Table
	table  mcpTable
	entity mcpEntity
	usage  mcpUsage
	rows   []mcpRow
	keys   map[string]func(mcpRow) string // key attributes whose text is not what the design's template gives

	// What the Go type does, with rows for values.
	create, put func(context.Context, mcpRow) (any, error)
	delete      func(context.Context, mcpRow) error
	modify      func(_ context.Context, row, change mcpRow) (any, error)
	encode      func(any) (item, error)
}

// mcpRepository is the repository of an entity, with its rows. It does little itself: there are many types.
type mcpRepository[T any] struct {
	repo *repo.Repository[T]
	*mcpRows
}

// openMCP makes the repository of an entity of the design.
func openMCP[T any](t *testing.T, d *mcpDesign, name string, table repo.Table) mcpRepository[T] {
	t.Helper()
	r := open[T](t, d.server, table)
	e := newMCPRows(t, d, name, table, reflect.TypeFor[T]())
	value := func(row mcpRow) T {
		var v T
		row.into(&v)
		return v
	}
	e.create = func(ctx context.Context, row mcpRow) (any, error) { return r.Create(ctx, value(row)) }
	e.put = func(ctx context.Context, row mcpRow) (any, error) { return r.Put(ctx, value(row)) }
	e.delete = func(ctx context.Context, row mcpRow) error { return r.Delete(ctx, value(row)) }
	e.modify = func(ctx context.Context, row, change mcpRow) (any, error) {
		return r.Modify(ctx, value(row), func(v *T) error { change.into(v); return nil })
	}
	e.encode = func(v any) (item, error) { return r.Encode(v.(T)) }
	return mcpRepository[T]{r, e}
}

// value is the value that a row says.
func (e mcpRepository[T]) value(row mcpRow) (v T) {
	row.into(&v)
	return v
}

// expect compares an answer with rows, in order.
func (e mcpRepository[T]) expect(t *testing.T, values iter.Seq2[T, error], want mcpList) {
	t.Helper()
	var found []any
	for v, err := range values {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, v)
	}
	e.expectValues(t, found, want)
}

// expectScanned compares an answer that has no order with rows.
func (e mcpRepository[T]) expectScanned(t *testing.T, values iter.Seq2[T, error], order func(T) string, want mcpList) {
	t.Helper()
	found, err := repo.Collect(values)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(found, func(a, b T) int { return strings.Compare(order(a), order(b)) })
	e.expect(t, mcpValues(found), want)
}

// mcpValues yields the values of a list.
func mcpValues[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// newMCPRows has no rows yet.
func newMCPRows(t *testing.T, d *mcpDesign, name string, table repo.Table, typ reflect.Type) *mcpRows {
	t.Helper()
	d.expectFields(t, name, typ)
	e := &mcpRows{name: name, design: d, home: table, usage: d.usage[name]}
	e.table, e.entity = d.entity(t, name)
	e.usage.Sample, e.usage.Pattern, e.usage.Update = e.complete(e.usage.Sample), e.complete(e.usage.Pattern), e.usage.Update.plain()
	d.loaded[name] = true
	return e
}

// into makes a value of a row, or changes one by it.
func (r mcpRow) into(v any) {
	if err := attributevalue.UnmarshalMap(r.attributes(), v); err != nil {
		panic(err) // the fields were compared with the design's
	}
}

// complete gives a row of the usage data the required fields that it lacks, or all of them where there is none.
func (e *mcpRows) complete(r mcpRow) mcpRow {
	out := r.with(nil)
	if out == nil {
		out = mcpRow{}
	}
	for _, f := range e.entity.Fields {
		if _, there := out[f.Name]; there || !*f.Required {
			continue
		}
		out[f.Name] = map[string]any{"string": f.Name + "-1", "integer": 1, "decimal": 1.5, "boolean": true, "array": []any{}, "object": map[string]any{}}[f.Type]
	}
	return out.plain()
}

// like is a row like the first one of the usage data.
func (e *mcpRows) like(changes mcpRow) mcpRow { return e.usage.Sample.with(changes) }

// load stores the rows of the usage data and further ones, and compares what is stored with them.
func (e *mcpRows) load(t *testing.T, more ...mcpRow) {
	t.Helper()
	for _, r := range append([]mcpRow{e.usage.Sample, e.usage.Pattern}, more...) {
		v, err := e.put(t.Context(), r)
		e.expectStored(t, r)
		e.expectOne(t, v, err, r)
		e.rows = append(e.rows, r)
	}
}

// creates answers an access pattern by Create, which a second time finds the item there.
func (e *mcpRows) creates(row mcpRow) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		row := e.complete(row)
		v, err := e.create(t.Context(), row)
		e.took(t, row, v, err)
		if _, again := e.create(t.Context(), row); !errors.Is(again, repo.ErrAlreadyExists) {
			t.Errorf("a second Create: %v, want ErrAlreadyExists", again)
		}
	}
}

// puts answers an access pattern by Put.
func (e *mcpRows) puts(row mcpRow) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		row := e.complete(row)
		v, err := e.put(t.Context(), row)
		e.took(t, row, v, err)
	}
}

// took compares the answer of a write, and what is stored, with a row, which is one of the rows from now on.
func (e *mcpRows) took(t *testing.T, row mcpRow, v any, err error) {
	t.Helper()
	e.expectOne(t, v, err, row)
	e.expectStored(t, row)
	e.without(row)
	e.rows = append(e.rows, row)
}

// updated is took for the update of a row.
func (e *mcpRows) updated(t *testing.T, row, changes mcpRow, v any, err error) {
	t.Helper()
	e.took(t, row.with(changes), v, err)
}

// deletes answers an access pattern by Delete of a row.
func (e *mcpRows) deletes(row mcpRow) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		if e.stored(t, row) == nil {
			t.Fatal("the row is not there")
		}
		if err := e.delete(t.Context(), row); err != nil {
			t.Fatal(err)
		}
		e.gone(t, row)
	}
}

// gone takes in that a row was deleted.
func (e *mcpRows) gone(t *testing.T, row mcpRow) {
	t.Helper()
	if e.stored(t, row) != nil {
		t.Error("the row is still there")
	}
	e.without(row)
}

// without forgets a row.
func (e *mcpRows) without(row mcpRow) {
	e.rows = slices.DeleteFunc(e.rows, func(r mcpRow) bool { return e.key(r) == e.key(row) })
}

// changes applies the change of the usage data to its first row, wherever that is no change of the primary key, and compares what
// is stored: the keys of every index follow.
func (e *mcpRows) changes(t *testing.T) {
	t.Helper()
	row, update := e.usage.Sample, e.usage.Update
	if i := slices.IndexFunc(e.rows, func(r mcpRow) bool { return e.key(r) == e.key(row) }); i >= 0 {
		row = e.rows[i]
	}
	if e.key(row.with(update)) != e.key(row) {
		if _, err := e.modify(t.Context(), row, update); !errors.Is(err, repo.ErrImmutable) {
			t.Errorf("%s: a change of the primary key: %v, want ErrImmutable", e.name, err)
		}
		update = maps.Clone(update)
		maps.DeleteFunc(update, func(field string, v any) bool { return e.key(row.with(mcpRow{field: v})) != e.key(row) })
	}
	v, err := e.modify(t.Context(), row, update)
	e.updated(t, row, update, v, err)
}

// key is the primary key of a row, by the design's templates.
func (e *mcpRows) key(r mcpRow) string {
	pk, _ := mcpRender(e.entity.PK, r)
	sk, _ := mcpRender(e.entity.SK, r)
	return pk + "\n" + sk
}

// stored is the stored item of a row, read without the library.
func (e *mcpRows) stored(t *testing.T, r mcpRow) item {
	t.Helper()
	key, want := item{}, e.item(r)
	for _, attr := range []string{e.table.Config.PartitionKey, e.table.Config.SortKey} {
		if attr != "" {
			key[attr] = want[attr]
		}
	}
	out, err := e.design.raw.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &e.home.Name, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

// expectStored compares the stored item of a row, all of it, with the row and the keys of the design's templates.
func (e *mcpRows) expectStored(t *testing.T, r mcpRow) {
	t.Helper()
	if diff := gocmp.Diff(written(e.item(r)), written(e.stored(t, r))); diff != "" {
		t.Errorf("%s as stored: -design +stored\n%s", e.name, diff)
	}
}

// expectOne compares an answer with a row.
func (e *mcpRows) expectOne(t *testing.T, v any, err error, want mcpRow) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	e.expectValues(t, []any{v}, mcpList{want})
}

// expectValues compares values with rows, in order.
func (e *mcpRows) expectValues(t *testing.T, found []any, want mcpList) {
	t.Helper()
	got, wanted := []map[string]string{}, []map[string]string{}
	for _, v := range found {
		encoded, err := e.encode(v)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, written(encoded))
	}
	for _, r := range want {
		wanted = append(wanted, written(e.item(r)))
	}
	if len(want) == 0 {
		t.Error("the rows hold no answer to compare with")
	}
	if diff := gocmp.Diff(wanted, got); diff != "" {
		t.Errorf("%s: -expected +found\n%s", e.name, diff)
	}
}

// item is what the design stores of a row: its fields, the keys by its templates, and the type where the table has one.
func (e *mcpRows) item(r mcpRow) item {
	out := r.attributes()
	set := func(attrs, templates []string) {
		texts := make([]string, len(attrs))
		for i, template := range templates {
			var there bool
			if texts[i], there = mcpRender(template, r); !there && attrs[0] != e.table.Config.PartitionKey {
				return // never a part of a key
			}
		}
		for i, attr := range attrs {
			if own, other := e.keys[attr]; other {
				texts[i] = own(r)
			}
			if out[attr] == nil {
				out[attr] = text(texts[i])
			}
			if s, ok := out[attr].(*types.AttributeValueMemberS); ok && s.Value != texts[i] {
				out[attr] = text("the field " + s.Value + " is not the key " + texts[i])
			}
		}
	}
	attrs, templates := []string{e.table.Config.PartitionKey}, []string{e.entity.PK}
	if e.table.Config.SortKey != "" {
		attrs, templates = append(attrs, e.table.Config.SortKey), append(templates, e.entity.SK)
	}
	set(attrs, templates)
	for _, m := range e.entity.Mappings {
		x := e.table.GSIs[slices.IndexFunc(e.table.GSIs, func(x mcpIndex) bool { return x.Name == m.Name })]
		set(slices.Concat(x.PartitionKey.texts, x.SortKey.texts), slices.Concat(m.PK.texts, m.SK.texts))
	}
	switch e.home.TypeAttribute {
	case "-":
	case "":
		out["_type"] = text(e.entity.Type)
	default:
		out[e.home.TypeAttribute] = text(e.entity.Type)
	}
	return out
}

// mcpRender is the text of a template of a design; false where a field is missing, which the design writes as Python's None.
func mcpRender(template string, r mcpRow) (_ string, whole bool) {
	var out strings.Builder
	whole = true
	for template != "" {
		literal, rest, found := strings.Cut(template, "{")
		out.WriteString(literal)
		if !found {
			break
		}
		field, after, _ := strings.Cut(rest, "}")
		switch v := r[field].(type) {
		case nil:
			out.WriteString("None")
			whole = false
		case json.Number:
			out.WriteString(mcpNumber(v))
		case string:
			out.WriteString(v)
		default:
			panic("a key is made of texts and numbers")
		}
		template = after
	}
	return out.String(), whole
}

// mcpList are rows in order.
type mcpList []mcpRow

// where are the rows that fulfil all conditions.
func (e *mcpRows) where(conds ...func(mcpRow) bool) mcpList {
	var out mcpList
	for _, r := range e.rows {
		if !slices.ContainsFunc(conds, func(holds func(mcpRow) bool) bool { return !holds(r) }) {
			out = append(out, r)
		}
	}
	return out
}

// by sorts rows by fields.
func (l mcpList) by(fields ...string) mcpList {
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b mcpRow) int {
		for _, f := range fields {
			if c := mcpCompare(a[f], b[f]); c != 0 {
				return c
			}
		}
		return 0
	})
	return out
}

// reversed turns the order round.
func (l mcpList) reversed() mcpList {
	out := slices.Clone(l)
	slices.Reverse(out)
	return out
}

// mcpCompare orders texts by bytes and numbers by value.
func mcpCompare(a, b any) int {
	if x, ok := a.(string); ok {
		y, _ := b.(string)
		return strings.Compare(x, y)
	}
	return cmp.Compare(mcpRow{"": a}.plain().number(""), mcpRow{"": b}.plain().number(""))
}

func rowIs(field string, v any) func(mcpRow) bool {
	return func(r mcpRow) bool {
		if b, ok := v.(bool); ok {
			return r[field] == b
		}
		return r[field] != nil && mcpCompare(r[field], v) == 0
	}
}

func rowNot(cond func(mcpRow) bool) func(mcpRow) bool {
	return func(r mcpRow) bool { return !cond(r) }
}

func rowAny(conds ...func(mcpRow) bool) func(mcpRow) bool {
	return func(r mcpRow) bool {
		return slices.ContainsFunc(conds, func(holds func(mcpRow) bool) bool { return holds(r) })
	}
}

func rowFrom(field string, v any) func(mcpRow) bool {
	return func(r mcpRow) bool { return r[field] != nil && mcpCompare(r[field], v) >= 0 }
}

func rowAfter(field string, v any) func(mcpRow) bool {
	return func(r mcpRow) bool { return r[field] != nil && mcpCompare(r[field], v) > 0 }
}

func rowUntil(field string, v any) func(mcpRow) bool {
	return func(r mcpRow) bool { return r[field] != nil && mcpCompare(r[field], v) <= 0 }
}

func rowPrefix(field, prefix string) func(mcpRow) bool {
	return func(r mcpRow) bool { return strings.HasPrefix(r.text(field), prefix) }
}

func rowHas(field string) func(mcpRow) bool { return func(r mcpRow) bool { return r[field] != nil } }

func rowContains(field, part string) func(mcpRow) bool {
	return func(r mcpRow) bool {
		if list, ok := r[field].([]any); ok {
			return slices.Contains(list, any(part))
		}
		return strings.Contains(r.text(field), part)
	}
}

func rowSize(field string, holds func(int) bool) func(mcpRow) bool {
	return func(r mcpRow) bool { list, _ := r[field].([]any); return holds(len(list)) }
}

// expectNotWhole expects a query of an index that lacks the attributes of fields to be refused, naming each.
func expectNotWhole[T any](t *testing.T, q repo.Query[T], lacking ...string) {
	t.Helper()
	_, err := q.Input()
	if err == nil || !strings.Contains(err.Error(), "Hydrate") {
		t.Fatalf("rows without all their attributes: %v, want an error that names Hydrate", err)
	}
	for _, field := range lacking {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("%v does not name %s, which the index lacks", err, field)
		}
	}
}
