package integration

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// The faulty designs of the folder mcp/invalid_schemas. A fault that a Go declaration can express is declared here, and must be
// refused in words that name it; of the others it says here why none can.

// mcpRefusal is one fault of a file.
type mcpRefusal struct {
	fault  string
	refuse func() error // declares it
	words  []string     // what the error must say
	reason string       // why it cannot be declared
}

const (
	byCompiler  = "the Go compiler refuses it: "
	byTypes     = byCompiler + "an entity is a Go type, and its repository takes no other"
	byVerbs     = byCompiler + "an operation is a method or function, and there is none of this name"
	bySignature = byCompiler + "a method takes the values it needs, no more and no fewer"
	byFieldType = byCompiler + "a field has a Go type, and there is none of this name"
	ofGenerator = "it is of the generator: access patterns are Go code, and have no ids, names or return types of their own"
)

// invalidMCP declares a type in a table.
func invalidMCP[T any](table repo.Table) func() error {
	return func() error {
		_, err := repo.New[T](repotest.NewClient(), table)
		return err
	}
}

// inMCP is the repository of a type that is right.
func inMCP[T any](table repo.Table) *repo.Repository[T] {
	return repo.Must(repo.New[T](repotest.NewClient(), table))
}

// askedMCP plans a query.
func askedMCP[T any](q repo.Query[T]) func() error {
	return func() error { _, err := q.Input(); return err }
}

type (
	faultySort struct {
		_  struct{} `entity:"ANOTHER" pk:"{ID}" sk:"ANOTHER"`
		ID string   `dynamodbav:"id"`
	}
	faultyTwice struct {
		_           struct{} `entity:"TEST" pk:"{UserID}"`
		UserID      string   `dynamodbav:"user_id"`
		Duplicate   string   `dynamodbav:"duplicate_field"`
		DuplicateTo *int     `dynamodbav:"duplicate_field"`
	}
	faultyTest struct {
		_      struct{} `entity:"TEST" pk:"{UserID}"`
		UserID string   `dynamodbav:"user_id"`
	}
	faultyDuplicate struct {
		_  struct{} `entity:"DUPLICATE" pk:"{ID}"`
		ID string   `dynamodbav:"id"`
	}

	faultyFiltered struct {
		_         struct{} `entity:"TEST" hash:"TestID" range:"CreatedAt"`
		TestID    string   `dynamodbav:"test_id"`
		CreatedAt string   `dynamodbav:"created_at"`
		Status    string   `dynamodbav:"status"`
		Unstored  string   `dynamodbav:"-"`
	}

	faultyBraces struct {
		_      struct{} `entity:"ANOTHER_TEST" pk:"ANOTHER#{ID}" sk:"INFO"`
		_      struct{} `index:"ValidIndex" pk:"EMPTY_TEMPLATE#{}" sk:"{}"`
		_      struct{} `index:"ValidIndex" pk:"ANOTHER#{ID}" sk:"VALID#{Status}"`
		ID     string   `dynamodbav:"another_id"`
		Status string   `dynamodbav:"status"`
	}
	faultyBrace struct {
		_      struct{} `entity:"ANOTHER_TEST" pk:"ANOTHER#{ID}" sk:"INFO"`
		_      struct{} `index:"ValidIndex" pk:"MALFORMED#{unclosed_brace" sk:"VALID#{Status}"`
		ID     string   `dynamodbav:"another_id"`
		Status string   `dynamodbav:"status"`
	}
	faultyIndexes struct {
		_         struct{} `entity:"TEST" pk:"TEST#{ID}" sk:"DETAILS"`
		_         struct{} `index:"NonExistentIndex" pk:"STATUS#{Status}" sk:"{CreatedAt}"`
		_         struct{} `index:"ValidIndex" pk:"VALID#{MissingField}" sk:"{AnotherMissingField}"`
		_         struct{} `index:"DuplicateIndex" pk:"DUPLICATE#{Status}" sk:"{CreatedAt}"`
		ID        string   `dynamodbav:"test_id"`
		Status    string   `dynamodbav:"status"`
		CreatedAt string   `dynamodbav:"created_at"`
	}
	faultyStranger struct {
		_         struct{} `entity:"TEST" pk:"TEST#{ID}" sk:"DETAILS"`
		_         struct{} `index:"NonExistentIndex" pk:"STATUS#{Status}" sk:"{CreatedAt}"`
		ID        string   `dynamodbav:"test_id"`
		Status    string   `dynamodbav:"status"`
		CreatedAt string   `dynamodbav:"created_at"`
	}
	faultyQueried struct {
		_         struct{} `entity:"TEST" pk:"TEST#{ID}" sk:"DETAILS"`
		_         struct{} `index:"ValidIndex" pk:"VALID#{Status}" sk:"{CreatedAt}"`
		ID        string   `dynamodbav:"test_id"`
		Status    string   `dynamodbav:"status" repo:"required"`
		CreatedAt string   `dynamodbav:"created_at" repo:"required"`
	}

	faultyPlain struct {
		_    struct{} `entity:"TEST" pk:"TEST#{ID}" sk:"DATA"`
		ID   string   `dynamodbav:"test_id"`
		City string   `dynamodbav:"city"`
	}
	faultyMismatch struct {
		_     struct{} `entity:"MISMATCH" pk:"{ID}"`
		_     struct{} `index:"TypeMismatchGSI" hash:"Attr1" range:"SKAttr,Extra"`
		ID    string   `dynamodbav:"entity_id"`
		Attr1 string   `dynamodbav:"attr1,omitempty"`
		Attr2 string   `dynamodbav:"attr2,omitempty"`

		SKAttr string `dynamodbav:"sk_attr,omitempty"`
		Extra  string `dynamodbav:"extra,omitempty"`
	}
	faultyLength struct {
		_         struct{} `entity:"LENGTH_TEST" pk:"{ID}"`
		_         struct{} `index:"LengthMismatchGSI" hash:"City" range:"Status"`
		ID        string   `dynamodbav:"entity_id"`
		City      string   `dynamodbav:"city,omitempty"`
		Status    string   `dynamodbav:"status,omitempty"`
		CreatedAt string   `dynamodbav:"created_at,omitempty"`
		OrderID   string   `dynamodbav:"order_id,omitempty"`
	}
)

var (
	faultyTestID        = expr.String(func(v *faultyFiltered) *string { return &v.TestID })
	faultyCreated       = expr.String(func(v *faultyFiltered) *string { return &v.CreatedAt })
	faultyStatus        = expr.String(func(v *faultyFiltered) *string { return &v.Status })
	faultyQueriedStatus = expr.String(func(v *faultyQueried) *string { return &v.Status })
	faultyQueriedTime   = expr.String(func(v *faultyQueried) *string { return &v.CreatedAt })
)

// mcpRefusals lists the faults of the files, by file.
func mcpRefusals(t *testing.T) map[string][]mcpRefusal {
	hashOnly := repo.Table{Name: "TestTable", Key: repo.Key{Hash: "pk"}}
	filteredTable := repo.Table{Name: "TestTable", Key: repo.Key{Hash: "test_id", Range: "created_at"}}
	filtered := func() repo.Query[faultyFiltered] {
		return inMCP[faultyFiltered](filteredTable).Query(faultyTestID.Eq("t"))
	}
	indexed := func(list ...repo.Index) repo.Table { return repo.Table{Name: "InvalidGSIExample", Indexes: list} }
	valid := repo.Index{Name: "ValidIndex", Hash: []string{"valid_pk"}, Range: []string{"valid_sk"}}
	duplicate := repo.Index{Name: "DuplicateIndex", Hash: []string{"status_pk"}, Range: []string{"created_at_sk"}}
	queried := func() *repo.Repository[faultyQueried] { return inMCP[faultyQueried](indexed(valid)) }
	keyed := func(name string, hash, rng []string) func() error {
		return invalidMCP[faultyPlain](repo.Table{Name: "TestTable1", Indexes: []repo.Index{{Name: name, Hash: hash, Range: rng}}})
	}
	mismatch := invalidMCP[faultyMismatch](repo.Table{Name: "TestTable2", Key: repo.Key{Hash: "pk"}, Indexes: []repo.Index{
		{Name: "TypeMismatchGSI", Hash: []string{"attr1", "attr2"}, Range: []string{"sk_attr"}},
	}})
	unbound := askedMCP(queried().Query(faultyQueriedTime.Ge("2024")))
	inAll := func() error { _, err := filtered().Filter(faultyStatus.In()).Input(); return err }

	comprehensive := []mcpRefusal{
		{fault: "TestTable/AnotherEntity.sk: the table has no sort key", refuse: invalidMCP[faultySort](hashOnly), words: []string{"faultySort", "sort key"}},
		{fault: "TestTable/TestEntity.user_id: type strng", reason: byFieldType},
		{fault: "TestTable/TestEntity.data: an array of nothing", reason: byCompiler + "a slice has a type of elements"},
		{fault: "TestTable/TestEntity.data: neither required nor optional", reason: `nothing is left unsaid: a field is optional without repo:"required"`},
		{fault: "TestTable/TestEntity.invalid_field: type invalid_type", reason: byFieldType},
		{fault: "TestTable/TestEntity.duplicate_field: a second field of this name", refuse: invalidMCP[faultyTwice](hashOnly), words: []string{`"duplicate_field"`, "twice", "Duplicate", "DuplicateTo"}},
		{fault: "TestTable/TestEntity.sk: the table has no sort key", refuse: invalidMCP[faultySort](hashOnly), words: []string{"faultySort", "sort key"}},
		{fault: "TestTable/TestEntity.get_test: a second access pattern 1", reason: ofGenerator},
		{fault: "TestTable/TestEntity.get_test: operation GetItm", reason: byVerbs},
		{fault: "TestTable/TestEntity.get_test: return type single_entitty", reason: ofGenerator},
		{fault: "TestTable/TestEntity.get_test again: a second access pattern of this name", reason: ofGenerator},
		{fault: "TestTable/TestEntity.get_test again: a second access pattern 1", reason: ofGenerator},
		{fault: "TestTable/TestEntity.invalid_operation_pattern: operation InvalidOperation", reason: byVerbs},
		{fault: "TestTable/TestEntity.invalid_operation_pattern: return type invalid_return_type", reason: ofGenerator},
		{fault: "TestTable/TestEntity.entity_param_pattern: parameter entity is an entity of no type", reason: byTypes},
		{fault: "TestTable/TestEntity.invalid_entity_ref_pattern: parameter entity is an unknown entity NonExistentEntity", reason: byTypes},
		// Two values of repo.Table that say the same are one table, and then the rows of the two entities cannot be told apart.
		{fault: "TestTable: a second table of this name", refuse: func() error {
			return repo.Check(inMCP[faultyTest](hashOnly), inMCP[faultyDuplicate](repo.Table{Name: "TestTable", Key: repo.Key{Hash: "pk"}}))
		}, words: []string{"DUPLICATE", "primary key", "could equal", "TEST"}},
	}
	crossTable := []mcpRefusal{
		{fault: "register_user: a second access pattern 100", reason: ofGenerator},
		{fault: "invalid_table_reference: no table NonExistentTable", reason: byCompiler + "a table is a repo.Table, and one that is not declared has no name"},
		{fault: "invalid_entity_reference: no entity NonExistentEntity in table Users", reason: byTypes},
		{fault: "invalid_operation: operation InvalidOperation", reason: byVerbs},
		{fault: "invalid_action_for_transact_get: action Put in TransactGet", reason: byCompiler + "txn.Read takes what txn.Get makes"},
		{fault: "invalid_operation_batch_write: operation BatchWrite", reason: "it is no fault: package batch writes"},
		{fault: "invalid_operation_chain_call: operation ChainCall", reason: byVerbs},
		{fault: "invalid_return_type: return type string", reason: ofGenerator},
		{fault: "invalid_action_get_for_transact_write: action Get in TransactWrite", reason: byCompiler + "Add takes operations, and what txn.Get makes is none"},
		{fault: "invalid_action_update_for_transact_get: action Update in TransactGet", reason: byCompiler + "txn.Read takes what txn.Get makes"},
		{fault: "invalid_action_delete_for_transact_get: action Delete in TransactGet", reason: byCompiler + "txn.Read takes what txn.Get makes"},
		{fault: "invalid_action_condition_check_for_transact_get: action ConditionCheck in TransactGet", reason: byCompiler + "txn.Read takes what txn.Get makes"},
		{fault: "multiple_invalid_actions: action Put in TransactGet", reason: byCompiler + "txn.Read takes what txn.Get makes"},
		{fault: "multiple_invalid_actions: action Delete in TransactGet", reason: byCompiler + "txn.Read takes what txn.Get makes"},
		{fault: "invalid_action_unknown: action Merge in TransactWrite", reason: byVerbs},
		{fault: "invalid_entity_parameter_missing_entity_type: parameter user is an entity of no type", reason: byTypes},
		{fault: "invalid_entity_parameter_unknown_entity_type: parameter entity is an unknown entity NonExistentEntity", reason: byTypes},
		{fault: "invalid_parameter_type: parameter param1 of type invalid_type", reason: byFieldType},
		{fault: "duplicate_parameter_names: a second parameter user_id", reason: byCompiler + "a function's parameters have names of their own"},
		{fault: "parameter_missing_name: a parameter without a name", reason: byCompiler + "what has no name cannot be used"},
		{fault: "parameter_missing_type: parameter user_id without a type", reason: byCompiler + "a parameter has a type"},
		{fault: "parameter_type_mismatch: parameter amount of type string for a field of type decimal", reason: byCompiler + "a path takes values of its field's type"},
	}
	filter := []mcpRefusal{
		{fault: "TestTable/TestEntity.filter_unknown_field: a filter on the unknown field nonexistent_field", refuse: panicsMCP(func() {
			expr.String(func(v *faultyFiltered) *string { return &v.Unstored })
		}), words: []string{"faultyFiltered", "field"}},
		// The design's fields stand in templates, and have attributes of their own, on which DynamoDB filters. Where they are the key
		// it does not, and neither does the library.
		{fault: "TestTable/TestEntity.filter_on_partition_key: a filter on test_id of the partition key", refuse: askedMCP(filtered().Filter(faultyTestID.Eq("x"))), words: []string{"TestID", "filter", "key attribute"}},
		{fault: "TestTable/TestEntity.filter_on_sort_key: a filter on created_at of the sort key", refuse: askedMCP(filtered().Filter(faultyCreated.Eq("x"))), words: []string{"CreatedAt", "filter", "key attribute"}},
		{fault: "TestTable/TestEntity.filter_unsupported_operator: operator equals", reason: byVerbs},
		{fault: "TestTable/TestEntity.filter_unsupported_function: function matches", reason: byVerbs},
		{fault: "TestTable/TestEntity.filter_invalid_logical_operator: logical operator XOR", reason: byVerbs},
		{fault: "TestTable/TestEntity.filter_both_operator_and_function: operator = and function contains in one", reason: byCompiler + "a condition has one method"},
		{fault: "TestTable/TestEntity.filter_between_missing_param2: between of one value", reason: bySignature},
		{fault: "TestTable/TestEntity.filter_in_missing_params: in of no values", refuse: inAll, words: []string{"Status", "In"}},
		{fault: "TestTable/TestEntity.filter_in_empty_params: in of no values", refuse: inAll, words: []string{"Status", "In"}},
		{fault: "TestTable/TestEntity.filter_contains_missing_param: contains of no value", reason: bySignature},
		{fault: "TestTable/TestEntity.filter_begins_with_missing_param: begins_with of no value", reason: bySignature},
		{fault: "TestTable/TestEntity.filter_on_getitem: a filter of GetItem", refuse: func() error {
			_, err := inMCP[faultyFiltered](filteredTable).If(faultyStatus.Eq("x")).Get(t.Context(), faultyFiltered{TestID: "t", CreatedAt: "2024"})
			return err
		}, words: []string{"Get TEST", "condition"}},
		// And of none, as Filter of none, leaves nothing out, and that is no fault.
		{fault: "TestTable/TestEntity.filter_empty_conditions: a filter of no conditions", refuse: askedMCP(filtered().Filter(expr.Or[faultyFiltered]())), words: []string{"Or needs at least one condition"}},
		{fault: "TestTable/TestEntity.filter_comparison_missing_param: = of no value", reason: bySignature},
	}
	gsi := []mcpRefusal{
		{fault: "InvalidGSIExample/DuplicateIndex: a second index of this name", refuse: invalidMCP[faultyPlain](indexed(duplicate, duplicate, valid)), words: []string{"DuplicateIndex", "name of its own"}},
		{fault: "InvalidGSIExample/AnotherTestEntity.index ValidIndex.pk: braces around nothing", refuse: invalidMCP[faultyBraces](indexed(valid)), words: []string{"index ValidIndex.pk", `"EMPTY_TEMPLATE#{}"`, "{} names no field"}},
		{fault: "InvalidGSIExample/AnotherTestEntity.index ValidIndex.sk: braces around nothing", refuse: invalidMCP[faultyBraces](indexed(valid)), words: []string{"index ValidIndex.sk", `"{}"`, "{} names no field"}},
		{fault: "InvalidGSIExample/AnotherTestEntity.index ValidIndex: a second time", refuse: invalidMCP[faultyBraces](indexed(valid)), words: []string{"index ValidIndex", "declared twice"}},
		{fault: "InvalidGSIExample/AnotherTestEntity.index ValidIndex.pk: a brace that is not closed", refuse: invalidMCP[faultyBrace](indexed(valid)), words: []string{"index ValidIndex.pk", `"MALFORMED#{unclosed_brace"`, "a { without its }"}},
		{fault: "InvalidGSIExample/AnotherTestEntity.invalid_operation_type: operation InvalidOperation", reason: byVerbs},
		{fault: "InvalidGSIExample/TestEntity.index NonExistentIndex: the table has no such index", refuse: invalidMCP[faultyStranger](indexed(duplicate, valid)), words: []string{"index NonExistentIndex", "the table has no such index"}},
		{fault: "InvalidGSIExample/TestEntity.index ValidIndex.sk: no field another_missing_field", refuse: invalidMCP[faultyIndexes](indexed(duplicate, valid)), words: []string{"index ValidIndex.sk", "unknown field AnotherMissingField"}},
		{fault: "InvalidGSIExample/TestEntity.index ValidIndex.pk: no field missing_field", refuse: invalidMCP[faultyIndexes](indexed(duplicate, valid)), words: []string{"index ValidIndex.pk", "unknown field MissingField"}},
		{fault: "InvalidGSIExample/TestEntity.query_nonexistent_index: no index NonExistentIndex", refuse: askedMCP(queried().Query(faultyQueriedStatus.Eq("x")).Index("NonExistentIndex")), words: []string{"index NonExistentIndex", "no such index"}},
		{fault: "InvalidGSIExample/TestEntity.invalid_range_condition: range condition invalid_condition", reason: byVerbs},
		{fault: "InvalidGSIExample/TestEntity.invalid_range_condition: no parameter for missing_field of the partition key", refuse: unbound, words: []string{"index ValidIndex", "needs Status"}},
		{fault: "InvalidGSIExample/TestEntity.wrong_parameter_count_for_between: no parameter for missing_field of the partition key", refuse: unbound, words: []string{"index ValidIndex", "needs Status"}},
		{fault: "InvalidGSIExample/TestEntity.wrong_parameter_count_for_between: 2 parameters are too few for between", reason: bySignature},
		{fault: "InvalidGSIExample/TestEntity.too_many_parameters_for_begins_with: no parameter for missing_field of the partition key", refuse: unbound, words: []string{"index ValidIndex", "needs Status"}},
		{fault: "InvalidGSIExample/TestEntity.too_many_parameters_for_begins_with: 3 parameters are too many for begins_with", reason: bySignature},
		{fault: "InvalidGSIExample/TestEntity.missing_required_parameters: no parameter for missing_field of the partition key", refuse: unbound, words: []string{"index ValidIndex", "needs Status"}},
	}
	multi := []mcpRefusal{
		{fault: "TestTable1/EmptyArrayPK: a partition key of no attributes", refuse: keyed("EmptyArrayPK", []string{}, []string{"sk_attr"}), words: []string{"Indexes[EmptyArrayPK]", "no partition key"}},
		{fault: "TestTable1/TooManyPKAttrs: a partition key of 5 attributes", refuse: keyed("TooManyPKAttrs", []string{"a1", "a2", "a3", "a4", "a5"}, []string{"sk_attr"}), words: []string{"Indexes[TooManyPKAttrs]", "at most four attributes"}},
		{fault: "TestTable1/EmptyArraySK: a sort key of no attributes", reason: "it is no fault: an empty Range is an index without a sort key, which DynamoDB has"},
		{fault: "TestTable1/TooManySKAttrs: a sort key of 5 attributes", refuse: keyed("TooManySKAttrs", []string{"pk_attr"}, []string{"s1", "s2", "s3", "s4", "s5"}), words: []string{"Indexes[TooManySKAttrs]", "at most four attributes"}},
		{fault: "TestTable1/NonStringInPKArray: a partition key with an attribute that is no text", reason: byCompiler + "names of attributes are strings"},
		{fault: "TestTable1/EmptyStringInSKArray: a sort key with an attribute without a name", refuse: keyed("EmptyStringInSKArray", []string{"pk_attr"}, []string{"valid_attr", ""}), words: []string{"Indexes[EmptyStringInSKArray]", `""`, "key attribute"}},
		{fault: "TestTable2/MismatchEntity.index TypeMismatchGSI: 1 templates for 2 attributes of the partition key", refuse: mismatch, words: []string{"index TypeMismatchGSI", "attr2"}},
		{fault: "TestTable2/MismatchEntity.index TypeMismatchGSI: 2 templates for 1 attributes of the sort key", refuse: mismatch, words: []string{"index TypeMismatchGSI", "sk_attr"}},
		{fault: "TestTable3/LengthMismatchEntity.index LengthMismatchGSI: 1 templates for 3 attributes of the sort key", refuse: invalidMCP[faultyLength](repo.Table{
			Name: "TestTable3", Key: repo.Key{Hash: "pk"}, Indexes: []repo.Index{{Name: "LengthMismatchGSI", Hash: []string{"city"}, Range: []string{"status", "created_at", "order_id"}}},
		}), words: []string{"index LengthMismatchGSI", "created_at", "order_id"}},
	}
	ofTables := "it is no fault: entities of different tables may have one name, and two Go types of one package may not, says the compiler"
	return map[string][]mcpRefusal{
		"comprehensive_invalid_schema.json":        comprehensive,
		"invalid_cross_table_patterns.json":        crossTable,
		"invalid_filter_expression_schema.json":    filter,
		"invalid_gsi_schema.json":                  gsi,
		"invalid_multi_attribute_keys_schema.json": multi,
		"test_cross_table_entity_ref.json":         {{fault: "Table1/User.create_user: Create user - This should fail because it references Post entity from another table", reason: byTypes}},
		"test_cross_table_refs.json":               {{fault: "nothing but its name says what is wrong", reason: "the repository of EntityA creates no EntityB: " + byTypes}},
		"test_duplicate_entity_names.json":         {{fault: "Table2/User: a second entity of this name", reason: ofTables}, {fault: "Table2/User.get_user: Get user from table 2 - Same entity name as table 1, which should NOT be allowed", reason: ofTables}},
		"test_entity_ref_schema.json":              {{fault: "TestTable/User.create_user: parameter user is an unknown entity NonExistentEntity", reason: byTypes}},
		"test_multi_table_schema.json":             {{fault: "Table2/Entity2.get_entity2: a second access pattern 1", reason: ofGenerator}},
	}
}

// panicsMCP is what a declaration panics with, as an error.
func panicsMCP(declare func()) func() error {
	return func() (err error) {
		defer func() {
			if said := recover(); said != nil {
				err = fmt.Errorf("%v", said)
			}
		}()
		declare()
		return nil
	}
}

func TestModelMCPInvalid(t *testing.T) {
	folder := mcpFolder(t)
	files, err := fs.Glob(folder, "invalid_schemas/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("MODELS_DIR holds no faulty designs: %v", err)
	}
	refusals := mcpRefusals(t)
	declared, listed := 0, 0
	for _, file := range files {
		_, name, _ := strings.Cut(file, "/")
		t.Run(name, func(t *testing.T) {
			var s mcpSchema
			readMCP(t, folder, file, &s)
			found := mcpFaults(s)
			if len(found) == 0 {
				found = []string{"nothing but its name says what is wrong"}
			}
			var rows []string
			for _, r := range refusals[name] {
				rows = append(rows, r.fault)
				if (r.refuse == nil) == (r.reason == "") {
					t.Errorf("%s: it is declared, or has a reason why it cannot be", r.fault)
				}
				if r.refuse == nil {
					listed++
					continue
				}
				declared++
				r.expect(t)
			}
			slices.Sort(found)
			slices.Sort(rows)
			if diff := cmp.Diff(found, rows); diff != "" {
				t.Errorf("faults: -of the file +listed here\n%s", diff)
			}
		})
		delete(refusals, name)
	}
	for name := range refusals {
		t.Errorf("there is no file %s", name)
	}
	t.Logf("%d faults are refused, %d cannot be declared", declared, listed)
}

// expect declares a fault and compares the error.
func (r mcpRefusal) expect(t *testing.T) {
	err := r.refuse()
	if err == nil {
		t.Errorf("%s: it is accepted", r.fault)
		return
	}
	for _, word := range r.words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%s: the error does not say %q: %v", r.fault, word, err)
		}
	}
}

// TestModelMCPFaultless looks for faults in the designs that have none.
func TestModelMCPFaultless(t *testing.T) {
	folder := mcpFolder(t)
	files, err := fs.Glob(folder, "valid_schemas/*.json")
	if err != nil || len(files) != 10 {
		t.Fatalf("MODELS_DIR holds %d designs: %v", len(files), err)
	}
	for _, file := range files {
		var s mcpSchema
		readMCP(t, folder, file, &s)
		if found := mcpFaults(s); len(found) > 0 {
			t.Errorf("%s: %v", file, found)
		}
	}
}
