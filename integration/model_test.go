package integration

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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

// accessPattern is a question of the design, with what it must find.
type accessPattern struct {
	ID, Op, Index string
	Expected      struct {
		Count int
		Ties  bool       `json:"ties_in_sort_key"`
		Hash  string     `json:"keys_sha256_sorted"`
		Keys  [][]string // none where there are many
	}
}

// readModel reads a design from the folder MODELS_DIR.
func readModel(t *testing.T, file string) *model {
	t.Helper()
	dir, set := os.LookupEnv("MODELS_DIR")
	if !set {
		t.Skip("MODELS_DIR is not set: it names the folder with the real designs")
	}
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatalf("MODELS_DIR is set, and must hold the designs: %v", err)
	}
	m := &model{}
	if err := json.Unmarshal(text, m); err != nil {
		t.Fatal(err)
	}
	if len(m.Items) == 0 || len(m.AccessPatterns) == 0 {
		t.Fatalf("%s holds %d items and %d access patterns", file, len(m.Items), len(m.AccessPatterns))
	}
	return m
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

// sortKey is the sort key of an index, or of the table for "".
func (m *model) sortKey(index string) string {
	for _, x := range m.Table.GSIs {
		if x.Name == index {
			return x.Key[1].Name
		}
	}
	return m.Table.Key[1].Name
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

// answer is what was found for a question, as rows in order, and where.
type answer struct {
	op, index string
	rows      []row
}

// answers maps the ids of access patterns to what answers them.
type answers map[string]func(*testing.T) answer

// expectAnswers asks every access pattern of the design. Those that ask for several entities are named with the reason why they
// are not asked here; there is no other way to leave one out.
func (m *model) expectAnswers(t *testing.T, found answers, excluded map[string]string) {
	t.Helper()
	for _, p := range m.AccessPatterns {
		t.Run(p.ID, func(t *testing.T) {
			ask, there := found[p.ID]
			if reason := excluded[p.ID]; reason != "" && !there {
				t.Skip(reason)
			}
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
	for id := range excluded {
		if !ids[id] {
			t.Errorf("the design has no access pattern %q to be left out", id)
		}
	}
}

// expectAnswer compares an answer: the keys, and their order, where keys that tie are a set.
func (m *model) expectAnswer(t *testing.T, p accessPattern, got answer) {
	t.Helper()
	if got.op != p.Op || got.index != p.Index {
		t.Errorf("asked by %s of index %q, want %s of %q", got.op, got.index, p.Op, p.Index)
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
	if p.Op == "Query" {
		at := m.sortKey(p.Index)
		if !slices.IsSortedFunc(got.rows, func(a, b row) int { return strings.Compare(a.text(at), b.text(at)) }) {
			t.Errorf("the items are not in order of %s", at)
		}
	}
	if p.Op != "Scan" && !p.Expected.Ties {
		if diff := cmp.Diff(p.Expected.Keys, keys); diff != "" {
			t.Errorf("-expected +found\n%s", diff)
		}
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
		return answer{"Query", aws.ToString(in.IndexName), encoded(t, r, q.All(t.Context()))}
	}
}

func byScan[T any](r *repo.Repository[T], s repo.Scan[T]) func(*testing.T) answer {
	return func(t *testing.T) answer {
		in, err := s.Input()
		if err != nil {
			t.Fatal(err)
		}
		return answer{"Scan", aws.ToString(in.IndexName), encoded(t, r, s.All(t.Context()))}
	}
}
