package integration

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
)

// model is a real single-table design: its rows, what is asked of them, and the answers.
type model struct {
	Table struct {
		Key  []keyDeclaration
		GSIs []struct {
			Name string
			Key  []keyDeclaration
		}
	}
	Items          []row
	ExtraItems     []row           `json:"extra_items_facets_variant"`
	DomainRows     json.RawMessage `json:"domain_rows"`
	AccessPatterns []accessPattern `json:"access_patterns"`
	GSIRowCounts   map[string]int  `json:"gsi_row_counts"`
	RawRows        [][]string      `json:"raw_rows"`
	RawPuts        int             `json:"raw_put_count"`
}

type keyDeclaration struct{ Name string }

// row is a source row.
type row item

func (r *row) UnmarshalJSON(text []byte) error {
	it, err := attributevalue.UnmarshalMapJSON(text)
	*r = it
	return err
}

// text is a string attribute, "" where there is none.
func (r row) text(name string) string {
	s, _ := r[name].(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

// id is what stands behind the first delimiter of a key attribute.
func (r row) id(name string) string {
	_, id, _ := strings.Cut(r.text(name), "#")
	return id
}

// accessPattern is a question of the design, with what it must find; or a write, which finds nothing.
type accessPattern struct {
	ID, Op, Index string
	Forward       *bool // false turns the order round
	Limit         int
	Expected      *struct {
		Count   int
		Scanned int `json:"scanned_count"`
		Order   string
		Ties    bool       `json:"ties_in_sort_key"`
		Hash    string     `json:"keys_sha256_sorted"`
		Keys    [][]string // none where there are many
	}
}

// readModel reads a design from the folder MODELS_DIR.
func readModel(t *testing.T, file string) *model {
	t.Helper()
	m := &model{}
	readDesign(t, file, m)
	if len(m.Items) == 0 || len(m.AccessPatterns) == 0 {
		t.Fatalf("%s holds %d items and %d access patterns", file, len(m.Items), len(m.AccessPatterns))
	}
	return m
}

// readDesign reads a file of the folder MODELS_DIR.
func readDesign(t *testing.T, file string, into any) {
	t.Helper()
	dir, set := os.LookupEnv("MODELS_DIR")
	if !set {
		t.Skip("MODELS_DIR is not set: it names the folder with the real designs")
	}
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatalf("MODELS_DIR is set, and must hold the designs: %v", err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// keyAttributes lists the key attributes of the table and of its indexes.
func (m *model) keyAttributes() (out []string) {
	keys := m.Table.Key
	for _, x := range m.Table.GSIs {
		keys = append(keys, x.Key...)
	}
	for _, k := range keys {
		out = append(out, k.Name)
	}
	return out
}

// sortKey is the sort key of an index, or of the table for ""; "" where it has none.
func (m *model) sortKey(index string) string {
	key := m.Table.Key
	for _, x := range m.Table.GSIs {
		if x.Name == index {
			key = x.Key
		}
	}
	if len(key) == 1 {
		return ""
	}
	return key[1].Name
}

// keyOf is the primary key of a row.
func (m *model) keyOf(r row) []string {
	return []string{r.text(m.Table.Key[0].Name), r.text(m.Table.Key[1].Name)}
}

// expectRow compares what a value is encoded as with the source row that it was made from: every attribute of the row is there, to
// the letter, and no key is there that the row lacks. But may name key attributes that the source lacks by its own fault.
func (m *model) expectRow(t *testing.T, encoded item, source row, but map[string]string) {
	t.Helper()
	want := maps.Clone(written(item(source)))
	maps.Copy(want, but)
	got := written(encoded)
	keys := m.keyAttributes()
	maps.DeleteFunc(got, func(name, _ string) bool {
		_, asked := want[name]
		return !asked && !slices.Contains(keys, name)
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("row %v: -source +encoded\n%s", m.keyOf(source), diff)
	}
}

// expectIndexed counts the rows of each index without the library. More may say how many more there are than in the source.
func (m *model) expectIndexed(t *testing.T, s *server, table repo.Table, more map[string]int) {
	t.Helper()
	for _, x := range m.Table.GSIs {
		n := 0
		for pages := dynamodb.NewScanPaginator(s, &dynamodb.ScanInput{TableName: &table.Name, IndexName: &x.Name, Select: types.SelectCount}); pages.HasMorePages(); {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			n += int(page.Count)
		}
		if want := m.GSIRowCounts[x.Name] + more[x.Name]; n != want {
			t.Errorf("index %s holds %d rows, want %d", x.Name, n, want)
		}
	}
}

// expectStored reads the table without the library, and compares it with the source: each row is there, and no other.
func (m *model) expectStored(t *testing.T, s *server, table repo.Table) {
	t.Helper()
	found := map[string]item{}
	for pages := dynamodb.NewScanPaginator(s, &dynamodb.ScanInput{TableName: &table.Name, ConsistentRead: aws.Bool(true)}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range page.Items {
			found[strings.Join(m.keyOf(it), "\n")] = it
		}
	}
	if len(found) != len(m.Items) {
		t.Errorf("the table holds %d rows, and the source %d", len(found), len(m.Items))
	}
	for _, source := range m.Items {
		m.expectRow(t, found[strings.Join(m.keyOf(source), "\n")], source, nil)
	}
}

// loader stores values of an entity.
type loader struct {
	member repo.Member
	store  func(t *testing.T, value any, source row) (ours bool)
}

// loads stores the values of an entity. What stands in a key of their rows alone, and in no attribute, is filled in.
func loads[T any](r *repo.Repository[T], fill func(*T, row)) loader {
	return loader{r, func(t *testing.T, value any, source row) bool {
		t.Helper()
		v, ours := value.(T)
		if !ours {
			return false
		}
		if fill != nil {
			fill(&v, source)
		}
		put(t, r, v)
		return true
	}}
}

// load stores every source row as a value of the entity that it is found to be of, and compares what is stored then.
func (m *model) load(t *testing.T, s *server, table repo.Table, loaders ...loader) {
	t.Helper()
	var members []repo.Member
	for _, l := range loaders {
		members = append(members, l.member)
	}
	expectVerified(t, s, table, members...)
	d, err := repo.NewDecoder(members...)
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range m.Items {
		v, err := d.Decode(item(source))
		if err != nil {
			t.Fatalf("row %v: %v", m.keyOf(source), err)
		}
		if !slices.ContainsFunc(loaders, func(l loader) bool { return l.store(t, v, source) }) {
			t.Errorf("row %v is of none of the entities, but a %T", m.keyOf(source), v)
		}
	}
	m.expectStored(t, s, table)
	m.expectIndexed(t, s, table, nil)
}

// answer is what was found for a question, as rows in order, and where.
type answer struct {
	op, index string
	rows      []row
	scanned   int // how many rows were read for them, where that is known
}

// answers maps the ids of access patterns to what answers them.
type answers map[string]func(*testing.T) answer

// expectAnswers asks every access pattern of the design; there is no way to leave one out.
func (m *model) expectAnswers(t *testing.T, found answers) {
	t.Helper()
	for _, p := range m.AccessPatterns {
		t.Run(p.ID, func(t *testing.T) {
			ask, there := found[p.ID]
			if !there {
				t.Fatal("nothing answers this access pattern")
			}
			m.expectAnswer(t, p, ask(t))
		})
	}
	ids := map[string]bool{}
	for _, p := range m.AccessPatterns {
		ids[p.ID] = true
	}
	for id := range found {
		if !ids[id] {
			t.Errorf("the design has no access pattern %q", id)
		}
	}
}

// expectAnswer compares an answer: the rows, and their order, where keys that tie are a set. Of a write it compares no more than
// that it is one: what it must do, its test says.
func (m *model) expectAnswer(t *testing.T, p accessPattern, got answer) {
	t.Helper()
	if got.op != p.Op || got.index != p.Index {
		t.Errorf("asked by %s of index %q, want %s of %q", got.op, got.index, p.Op, p.Index)
	}
	if p.Expected == nil {
		return
	}
	var keys [][]string
	var lines []string
	for _, r := range got.rows {
		keys = append(keys, m.keyOf(r))
		lines = append(lines, strings.Join(m.keyOf(r), "\x1f"))
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	if len(keys) != p.Expected.Count || hex.EncodeToString(sum[:]) != p.Expected.Hash {
		t.Errorf("found %d items, and not those %d that were expected: %v", len(keys), p.Expected.Count, keys)
	}
	m.expectWhole(t, got.rows)
	if got.scanned != 0 && got.scanned != p.Expected.Scanned {
		t.Errorf("%d rows were read, want %d", got.scanned, p.Expected.Scanned)
	}
	if p.Op == "Query" && p.Expected.Order != "unspecified" {
		m.expectOrder(t, p, got.rows)
	}
	if p.Op != "Scan" && p.Expected.Order != "unspecified" && !p.Expected.Ties {
		if diff := cmp.Diff(p.Expected.Keys, keys); diff != "" {
			t.Errorf("-expected +found\n%s", diff)
		}
	}
}

// expectWhole compares answers with the source rows of their keys: every attribute of those is there, to the letter.
func (m *model) expectWhole(t *testing.T, rows []row) {
	t.Helper()
	sources := map[string]row{}
	for _, source := range m.Items {
		sources[strings.Join(m.keyOf(source), "\n")] = source
	}
	for _, r := range rows {
		want, got := written(item(sources[strings.Join(m.keyOf(r), "\n")])), written(item(r))
		maps.DeleteFunc(got, func(name, _ string) bool { _, asked := want[name]; return !asked })
		if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
			t.Errorf("row %v: -source +found\n%s", m.keyOf(r), diff)
		}
	}
}

// expectOrder compares the order of rows with that of their sort keys.
func (m *model) expectOrder(t *testing.T, p accessPattern, rows []row) {
	t.Helper()
	at, sign := m.sortKey(p.Index), 1
	if p.Forward != nil && !*p.Forward {
		sign = -1
	}
	if !slices.IsSortedFunc(rows, func(a, b row) int { return sign * strings.Compare(a.text(at), b.text(at)) }) {
		t.Errorf("the items are not in order of %s", at)
	}
}

// encoded are values as the rows that they are stored as: their keys are what the tags make of them.
func encoded[T any](t *testing.T, r *repo.Repository[T], values iter.Seq2[T, error]) (out []row) {
	t.Helper()
	for v, err := range values {
		if err != nil {
			t.Fatal(err)
		}
		it, err := r.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, it)
	}
	return out
}

func byGet[T any](r *repo.Repository[T], example T) func(*testing.T) answer {
	return func(t *testing.T) answer {
		v, err := r.Get(t.Context(), example)
		return answer{op: "GetItem", rows: encoded(t, r, func(yield func(T, error) bool) { yield(v, err) })}
	}
}

func byQuery[T any](r *repo.Repository[T], q repo.Query[T]) func(*testing.T) answer {
	return func(t *testing.T) answer {
		in, err := q.Input()
		if err != nil {
			t.Fatal(err)
		}
		return answer{op: "Query", index: aws.ToString(in.IndexName), rows: encoded(t, r, q.All(t.Context()))}
	}
}

func byScan[T any](r *repo.Repository[T], s repo.Scan[T]) func(*testing.T) answer {
	return func(t *testing.T) answer {
		in, err := s.Input()
		if err != nil {
			t.Fatal(err)
		}
		return answer{op: "Scan", index: aws.ToString(in.IndexName), rows: encoded(t, r, s.All(t.Context()))}
	}
}

// byWrite answers a write, which says by itself what must hold afterwards.
func byWrite(op string, write func(*testing.T)) func(*testing.T) answer {
	return func(t *testing.T) answer {
		write(t)
		return answer{op: op}
	}
}

// byFilter answers with a query that throws away a part of what it reads: how much it reads is compared, too.
func byFilter[T any](s *server, r *repo.Repository[T], q repo.Query[T]) func(*testing.T) answer {
	return func(t *testing.T) answer {
		a := byQuery(r, q)(t)
		in, err := q.Input()
		if err != nil {
			t.Fatal(err)
		}
		for pages := dynamodb.NewQueryPaginator(s, in); pages.HasMorePages(); {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			a.scanned += int(page.ScannedCount)
		}
		return a
	}
}

// expectVerified compares the table with what its members declare, as the library reads it back.
func expectVerified(t *testing.T, s *server, table repo.Table, members ...repo.Member) {
	t.Helper()
	if err := repo.VerifyTable(t.Context(), s, table, members...); err != nil {
		t.Errorf("the table that was made for the entities does not suit them: %v", err)
	}
}

// expectGet compares a stored value.
func expectGet[T any](t *testing.T, r *repo.Repository[T], want T) {
	t.Helper()
	got, err := r.Get(t.Context(), want)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("stored: %v -want +got\n%s", err, diff)
	}
}

// expectGone compares that an item is not there.
func expectGone[T any](t *testing.T, r *repo.Repository[T], example T) {
	t.Helper()
	if _, err := r.Get(t.Context(), example); !errors.Is(err, repo.ErrNotFound) {
		t.Errorf("the item is still there: %v", err)
	}
}

// expectFound compares what a query finds, in order.
func expectFound[T any](t *testing.T, q repo.Query[T], want ...T) {
	t.Helper()
	got, err := repo.Collect(q.All(t.Context()))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("found: %v -want +got\n%s", err, diff)
	}
}

// expectCount compares how much a query finds.
func expectCount[T any](t *testing.T, q repo.Query[T], want int) {
	t.Helper()
	if n, err := q.Count(t.Context()); err != nil || n != want {
		t.Errorf("found %d items, %v, want %d", n, err, want)
	}
}

// entityKind is a repository, whatever its type: its member, and how a value of it is made the row that it is stored as.
type entityKind struct {
	member repo.Member
	encode func(any) (row item, ours bool, err error)
}

func kind[T any](r *repo.Repository[T]) entityKind {
	return entityKind{r, func(value any) (item, bool, error) {
		v, ours := value.(T)
		if !ours {
			return nil, false, nil
		}
		it, err := r.Encode(v)
		return it, true, err
	}}
}

// byPartition answers with an item collection of several entities.
func byPartition[T any](p repo.Partition[T], index string, kinds ...entityKind) func(*testing.T) answer {
	return func(t *testing.T) answer {
		var members []repo.Member
		for _, k := range kinds {
			members = append(members, k.member)
		}
		a := answer{op: "Query", index: index}
		for value, err := range p.Items(t.Context(), members...) {
			if err != nil {
				t.Fatal(err)
			}
			before := len(a.rows)
			for _, k := range kinds {
				switch it, ours, err := k.encode(value); {
				case err != nil:
					t.Fatal(err)
				case ours:
					a.rows = append(a.rows, it)
				}
			}
			if len(a.rows) != before+1 {
				t.Errorf("a value of type %T is of %d of the entities that were asked for", value, len(a.rows)-before)
			}
		}
		return a
	}
}
