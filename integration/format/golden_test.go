package format

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const goldenFile = "testdata/v1.txt"

var update = flag.Bool("update", false, "add what "+goldenFile+" lacks; what it has is never changed")

type item = map[string]types.AttributeValue

// record is one entry of the golden: a heading, and lines of a name and a text.
type record struct {
	heading string
	lines   []line
}

type line struct{ name, text string }

func (r record) String() string {
	var b strings.Builder
	b.WriteString(r.heading + "\n")
	for _, l := range r.lines {
		fmt.Fprintf(&b, "\t%s %s\n", l.name, l.text)
	}
	return b.String()
}

// text is the first line of a name.
func (r record) text(name string) string {
	i := slices.IndexFunc(r.lines, func(l line) bool { return l.name == name })
	if i < 0 {
		return ""
	}
	return r.lines[i].text
}

// rowRecord is the record of a row.
func rowRecord(heading string, row item) record {
	r := record{heading: heading}
	for _, name := range slices.Sorted(maps.Keys(row)) {
		r.lines = append(r.lines, line{name, jsonText(toJSON(row[name]))})
	}
	return r
}

// row is the row that a record has.
func (r record) row(t *testing.T) item {
	t.Helper()
	out := item{}
	for _, l := range r.lines {
		out[l.name] = fromJSON(t, parsed(t, l.text))
	}
	return out
}

func readGolden(t *testing.T) (records []record) {
	t.Helper()
	text, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for n, s := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		name, rest, _ := strings.Cut(strings.TrimPrefix(s, "\t"), " ")
		switch {
		case s == "" || s[0] == '#':
		case s[0] != '\t':
			if seen[s] {
				t.Fatalf("%s:%d: %s stands there twice", goldenFile, n+1, s)
			}
			seen[s] = true
			records = append(records, record{heading: s})
		default:
			last := &records[len(records)-1]
			last.lines = append(last.lines, line{name, rest})
		}
	}
	return records
}

// appendGolden adds records at the end of the file.
func appendGolden(t *testing.T, records []record) {
	t.Helper()
	f, err := os.OpenFile(goldenFile, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, r := range records {
		if _, err := f.WriteString("\n" + r.String()); err != nil {
			t.Fatal(err)
		}
	}
}

// toJSON and fromJSON are DynamoDB's JSON of an attribute.
func toJSON(av types.AttributeValue) map[string]any {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}
	case *types.AttributeValueMemberB:
		return map[string]any{"B": v.Value}
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}
	case *types.AttributeValueMemberNULL:
		return map[string]any{"NULL": v.Value}
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": v.Value}
	case *types.AttributeValueMemberNS:
		return map[string]any{"NS": v.Value}
	case *types.AttributeValueMemberBS:
		return map[string]any{"BS": v.Value}
	case *types.AttributeValueMemberL:
		list := []any{}
		for _, e := range v.Value {
			list = append(list, toJSON(e))
		}
		return map[string]any{"L": list}
	case *types.AttributeValueMemberM:
		m := map[string]any{}
		for k, e := range v.Value {
			m[k] = toJSON(e)
		}
		return map[string]any{"M": m}
	}
	panic(fmt.Sprintf("an attribute of type %T", av))
}

func fromJSON(t *testing.T, v map[string]json.RawMessage) types.AttributeValue {
	t.Helper()
	for kind, raw := range v {
		switch kind {
		case "S":
			return &types.AttributeValueMemberS{Value: as[string](t, raw)}
		case "N":
			return &types.AttributeValueMemberN{Value: as[string](t, raw)}
		case "B":
			return &types.AttributeValueMemberB{Value: as[[]byte](t, raw)}
		case "BOOL":
			return &types.AttributeValueMemberBOOL{Value: as[bool](t, raw)}
		case "NULL":
			return &types.AttributeValueMemberNULL{Value: as[bool](t, raw)}
		case "SS":
			return &types.AttributeValueMemberSS{Value: as[[]string](t, raw)}
		case "NS":
			return &types.AttributeValueMemberNS{Value: as[[]string](t, raw)}
		case "BS":
			return &types.AttributeValueMemberBS{Value: as[[][]byte](t, raw)}
		case "L":
			list := []types.AttributeValue{}
			for _, e := range as[[]map[string]json.RawMessage](t, raw) {
				list = append(list, fromJSON(t, e))
			}
			return &types.AttributeValueMemberL{Value: list}
		case "M":
			m := item{}
			for k, e := range as[map[string]map[string]json.RawMessage](t, raw) {
				m[k] = fromJSON(t, e)
			}
			return &types.AttributeValueMemberM{Value: m}
		}
	}
	t.Fatalf("%s has an attribute of no kind: %s", goldenFile, v)
	return nil
}

func as[V any](t *testing.T, raw []byte) (v V) {
	t.Helper()
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: %v", goldenFile, err)
	}
	return v
}

func parsed(t *testing.T, text string) map[string]json.RawMessage {
	t.Helper()
	return as[map[string]json.RawMessage](t, []byte(text))
}

func jsonText(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // it is made of texts, numbers and bools
	}
	return strings.TrimSuffix(b.String(), "\n")
}
