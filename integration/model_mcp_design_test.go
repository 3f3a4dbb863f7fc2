package integration

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
)

// The designs of the folder mcp are written down by tables, entities, key templates and access patterns. Each has usage data: two
// rows of every entity, and a change.

// mcpSchema is a design.
type mcpSchema struct {
	Tables     []mcpTable
	CrossTable []mcpPattern `json:"cross_table_access_patterns"`
}

type mcpTable struct {
	Config struct {
		Name         string `json:"table_name"`
		PartitionKey string `json:"partition_key"`
		SortKey      string `json:"sort_key"`
	} `json:"table_config"`
	GSIs     []mcpIndex `json:"gsi_list"`
	Entities map[string]mcpEntity
}

type mcpIndex struct {
	Name         string
	PartitionKey mcpTexts `json:"partition_key"`
	SortKey      mcpTexts `json:"sort_key"`
	Projection   string
	Included     []string `json:"included_attributes"`
}

type mcpEntity struct {
	Type     string `json:"entity_type"`
	PK       string `json:"pk_template"`
	SK       string `json:"sk_template"`
	Mappings []struct {
		Name string
		PK   mcpTexts `json:"pk_template"`
		SK   mcpTexts `json:"sk_template"`
	} `json:"gsi_mappings"`
	Fields   []mcpField
	Patterns []mcpPattern `json:"access_patterns"`
}

type mcpField struct {
	Name, Type string
	ItemType   string `json:"item_type"`
	Required   *bool
}

type mcpPattern struct {
	ID          int `json:"pattern_id"`
	Name        string
	Description string
	Operation   string
	Index       string `json:"index_name"`
	Range       string `json:"range_condition"`
	Return      string `json:"return_type"`
	Consistent  bool   `json:"consistent_read"`
	Parameters  []struct {
		Name, Type string
		Entity     string `json:"entity_type"`
	}
	Filter   *mcpFilter                               `json:"filter_expression"`
	Entities []struct{ Table, Entity, Action string } `json:"entities_involved"`
}

type mcpFilter struct {
	Conditions []struct {
		Field, Operator, Function, Param, Param2 string
		Params                                   []string
	}
	Operator string `json:"logical_operator"`
}

// mcpTexts is a text, or a list of them.
type mcpTexts struct {
	texts []string
	list  bool
	other int // elements of the list that are no texts
}

func (x *mcpTexts) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		x.texts = []string{one}
		return nil
	}
	var many []any
	if err := json.Unmarshal(text, &many); err != nil {
		return err
	}
	x.list = true
	for _, v := range many {
		if s, ok := v.(string); ok {
			x.texts = append(x.texts, s)
		} else {
			x.other++
		}
	}
	return nil
}

// mcpFolder is the folder with these designs.
func mcpFolder(t *testing.T) fs.FS {
	t.Helper()
	dir, set := os.LookupEnv("MODELS_DIR")
	if !set {
		t.Skip("MODELS_DIR is not set: it names the folder with the real designs")
	}
	return os.DirFS(filepath.Join(dir, "mcp"))
}

// readMCP reads a file of the folder, keeping numbers as they are.
func readMCP(t *testing.T, folder fs.FS, file string, into any) {
	t.Helper()
	text, err := fs.ReadFile(folder, file)
	if err != nil {
		t.Fatalf("MODELS_DIR is set, and must hold the designs: %v", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// mcpDesign is a design with its usage data, on an engine.
type mcpDesign struct {
	mcpSchema
	usage   map[string]mcpUsage // by entity
	mapped  []int               // the ids of the access patterns as the mapping lists them
	*server                     // what the library sends goes through it, and is recorded
	raw     *server             // what the tests ask themselves
	sent    *mcpRecorder
	loaded  map[string]bool
}

type mcpUsage struct {
	Sample  mcpRow `json:"sample_data"`
	Pattern mcpRow `json:"access_pattern_data"`
	Update  mcpRow `json:"update_data"`
	Filter  mcpRow `json:"filter_values"`
}

// testMCP runs a test of one design on every engine. Its schema is named by the file's name without its end, and so is the usage
// data; the mapping has a name of its own.
func testMCP(t *testing.T, name, mapping string, test func(*testing.T, *mcpDesign)) {
	folder := mcpFolder(t)
	onEveryEngine(t, func(t *testing.T, s *server) {
		d := &mcpDesign{raw: s, sent: &mcpRecorder{}, loaded: map[string]bool{}}
		d.server = newServer(dynamodb.New(s.Options(), func(o *dynamodb.Options) { d.sent.next, o.HTTPClient = o.HTTPClient, d.sent }))
		readMCP(t, folder, "valid_schemas/"+name+"_schema.json", &d.mcpSchema)
		var usage struct{ Entities map[string]mcpUsage }
		readMCP(t, folder, "valid_usage_data/"+name+"_usage_data.json", &usage)
		d.usage = usage.Entities
		var mapped struct {
			Patterns map[int]json.RawMessage `json:"access_pattern_mapping"`
		}
		readMCP(t, folder, "access_pattern_mapping/"+mapping+".json", &mapped)
		d.mapped = slices.Sorted(maps.Keys(mapped.Patterns))
		test(t, d)
		for _, table := range d.Tables {
			for entity := range table.Entities {
				if !d.loaded[entity] {
					t.Errorf("entity %s of the design is not declared", entity)
				}
			}
		}
	})
}

// mcpRecorder is a transport that notes what it sends.
type mcpRecorder struct {
	next     dynamodb.HTTPClient
	requests []mcpRequest
}

type mcpRequest struct {
	operation      string
	IndexName      string
	ConsistentRead bool
}

func (c *mcpRecorder) Do(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	request := mcpRequest{operation: operation}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &request); err != nil {
		return nil, err
	}
	c.requests = append(c.requests, request)
	again := *r
	again.Body = io.NopCloser(bytes.NewReader(text))
	return c.next.Do(&again)
}

// table is a table of the design, by name.
func (d *mcpDesign) table(t *testing.T, name string) mcpTable {
	t.Helper()
	i := slices.IndexFunc(d.Tables, func(x mcpTable) bool { return x.Config.Name == name })
	if i < 0 {
		t.Fatalf("the design has no table %q", name)
	}
	return d.Tables[i]
}

// entity is an entity of the design, by name, and its table.
func (d *mcpDesign) entity(t *testing.T, name string) (mcpTable, mcpEntity) {
	t.Helper()
	for _, table := range d.Tables {
		if e, ok := table.Entities[name]; ok {
			return table, e
		}
	}
	t.Fatalf("the design has no entity %q", name)
	return mcpTable{}, mcpEntity{}
}

// make creates a table, after comparing what it is declared as with the design's: keys, their types, indexes and projections.
func (d *mcpDesign) make(t *testing.T, name string, table repo.Table, members ...repo.Member) {
	t.Helper()
	in, err := repo.CreateTableInput(table, members...)
	if err != nil {
		t.Fatal(err)
	}
	design := d.table(t, name)
	type index struct {
		Hash, Range []string
		Projection  types.ProjectionType
		Included    []string
	}
	keys := func(schema []types.KeySchemaElement) (x index) {
		for _, k := range schema {
			if k.KeyType == types.KeyTypeHash {
				x.Hash = append(x.Hash, *k.AttributeName)
			} else {
				x.Range = append(x.Range, *k.AttributeName)
			}
		}
		return x
	}
	got, want := map[string]index{"": keys(in.KeySchema)}, map[string]index{}
	for _, x := range in.GlobalSecondaryIndexes {
		declared := keys(x.KeySchema)
		declared.Projection, declared.Included = x.Projection.ProjectionType, x.Projection.NonKeyAttributes
		got[*x.IndexName] = declared
	}
	primary := index{Hash: []string{design.Config.PartitionKey}}
	if design.Config.SortKey != "" {
		primary.Range = []string{design.Config.SortKey}
	}
	want[""] = primary
	for _, x := range design.GSIs {
		projection := types.ProjectionType(x.Projection)
		if projection == "" {
			projection = types.ProjectionTypeAll
		}
		want[x.Name] = index{x.PartitionKey.texts, x.SortKey.texts, projection, x.Included}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table %s: -design +declared\n%s", name, diff)
	}
	kinds, declared := map[string]types.ScalarAttributeType{}, map[string]types.ScalarAttributeType{}
	for _, x := range want {
		for _, attr := range slices.Concat(x.Hash, x.Range) {
			kinds[attr] = design.kind(attr)
		}
	}
	for _, a := range in.AttributeDefinitions {
		declared[aws.ToString(a.AttributeName)] = a.AttributeType
	}
	if diff := cmp.Diff(kinds, declared); diff != "" {
		t.Errorf("key attributes of table %s: -design +declared\n%s", name, diff)
	}
	d.raw.create(t, table, members...)
}

// kind is the type of a key attribute: that of the field of its name or, where there is none, text.
func (x mcpTable) kind(attr string) types.ScalarAttributeType {
	for _, e := range x.Entities {
		for _, f := range e.Fields {
			if f.Name == attr && (f.Type == "integer" || f.Type == "decimal") {
				return types.ScalarAttributeTypeN
			}
		}
	}
	return types.ScalarAttributeTypeS
}

// patterns are the access patterns of the design, by id.
func (d *mcpDesign) patterns() map[int]mcpPattern {
	out := map[int]mcpPattern{}
	for _, p := range d.CrossTable {
		out[p.ID] = p
	}
	for _, table := range d.Tables {
		for _, e := range table.Entities {
			for _, p := range e.Patterns {
				out[p.ID] = p
			}
		}
	}
	return out
}

// mcpOperations are DynamoDB's names of the operations, where the designs have others.
var mcpOperations = map[string]string{"TransactWrite": "TransactWriteItems", "TransactGet": "TransactGetItems"}

// expectAnswers answers the access patterns of the design, by id and in order, and fails where one has no answer. What was sent for
// a pattern must include its operation, on its index, and read consistently where it says so; and no scan for anything else.
func (d *mcpDesign) expectAnswers(t *testing.T, found map[int]func(*testing.T)) {
	t.Helper()
	patterns := d.patterns()
	ids := slices.Sorted(maps.Keys(patterns))
	if diff := cmp.Diff(ids, d.mapped); diff != "" {
		t.Errorf("ids of the access patterns: -schema +mapping\n%s", diff)
	}
	if diff := cmp.Diff(ids, slices.Sorted(maps.Keys(found))); diff != "" {
		t.Errorf("ids of the access patterns: -schema +answered\n%s", diff)
	}
	for _, id := range ids {
		if found[id] == nil {
			continue
		}
		p := patterns[id]
		t.Run(p.Name, func(t *testing.T) {
			d.sent.requests = nil
			found[id](t)
			operation := p.Operation
			if name, other := mcpOperations[operation]; other {
				operation = name
			}
			asked := slices.ContainsFunc(d.sent.requests, func(r mcpRequest) bool {
				return r.operation == operation && r.IndexName == p.Index && (r.ConsistentRead || !p.Consistent)
			})
			if !asked {
				t.Errorf("pattern %d is %s of index %q, consistent: %v; sent were %v", id, operation, p.Index, p.Consistent, d.sent.requests)
			}
			for _, r := range d.sent.requests {
				if r.operation == "Scan" && operation != "Scan" {
					t.Error("a scan was sent")
				}
			}
		})
	}
}

// expectFields compares the fields of a Go type with those of the entity: names, kinds, and nothing beside them. The design's field
// for a key attribute that the templates write is none of the type's.
func (d *mcpDesign) expectFields(t *testing.T, name string, typ reflect.Type) {
	t.Helper()
	table, e := d.entity(t, name)
	want, got := map[string]string{}, map[string]string{}
	for _, f := range e.Fields {
		if f.Name != table.Config.SortKey || strings.HasPrefix(e.SK, "{") {
			want[f.Name] = f.Type
		}
	}
	for _, f := range reflect.VisibleFields(typ) {
		if f.Name == "_" {
			continue
		}
		attr, _, _ := strings.Cut(f.Tag.Get("dynamodbav"), ",")
		got[attr] = mcpKind(f.Type, want[attr])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields of %s: -design +declared\n%s", name, diff)
	}
}

// mcpKind is the design's name for the kind of a Go type. An any is what it is wanted to be.
func mcpKind(typ reflect.Type, wanted string) string {
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch typ.Kind() {
	case reflect.String:
		return "string"
	case reflect.Int:
		return "integer"
	case reflect.Float64:
		return "decimal"
	case reflect.Bool:
		return "boolean"
	case reflect.Slice:
		return "array"
	case reflect.Interface:
		return wanted
	case reflect.Map, reflect.Struct:
		return "object"
	}
	return typ.String()
}
