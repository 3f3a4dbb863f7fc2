package integration

import (
	"context"
	cryptorand "crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo/repotest"
)

// sequenceLength is after how many operations the tables are made anew.
const sequenceLength = 100

// TestEnginesAgree sends random operations, valid and invalid, to the embedded engine and to DynamoDB Local, and compares what
// each answers and what is stored then. What may differ is listed in accepted. An ordinary run is the same each time, so that a
// change is what makes it fail; SOAK=1 makes it long and new. SEED=n repeats a run, whose number a failure tells, and a failure shows
// the shortest sequence found that still differs.
func TestEnginesAgree(t *testing.T) {
	d := &differential{embedded: raw(repotest.NewClient()), local: raw(dynamoDBLocal(t)), seen: map[string]int{}}
	d.name("differential-" + cryptorand.Text()[:8])
	operations, seed := 2_000, uint64(1)
	if os.Getenv("SOAK") != "" {
		operations, seed = 50_000, rand.Uint64()
	}
	if s := os.Getenv("SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("SEED=%d", seed)
	for i := range operations / sequenceLength {
		g := &generator{rnd: rand.New(rand.NewPCG(seed, uint64(i))), tables: d.tables}
		sequence := g.sequence(sequenceLength)
		if diff := d.run(t.Context(), sequence); diff != "" {
			shortest, diff := d.shrink(t.Context(), sequence, diff)
			t.Fatalf("SEED=%d, sequence %d: -embedded +DynamoDB Local\n%s\n%s", seed, i, diff, inFull(shortest))
		}
	}
	for _, a := range accepted {
		t.Logf("%6d times: %s", d.seen[a.what], a.what)
	}
	t.Logf("%d operations, of which %d were refused", d.done, d.refused)
}

// inFull is a sequence as it would be sent.
func inFull(sequence []request) string {
	var b strings.Builder
	for _, r := range sequence {
		fmt.Fprintf(&b, "%s %s\n", r.Operation, asJSON(r.Body))
	}
	return b.String()
}

// A differential is a pair of engines with the same tables.
type differential struct {
	embedded, local *wire
	tables          []layout
	created         []object // the tables' CreateTable
	seen            map[string]int
	done, refused   int
}

// indexes are those of the first table.
var indexes = []indexLayout{
	{"byK", []keyPart{{"pk", "S"}, {"k", "S"}}},
	{"byG", []keyPart{{"g", "S"}, {"r", "N"}}},
	{"byR", []keyPart{{"r", "N"}}},
	{"byGB", []keyPart{{"g", "S"}, {"b", "S"}}},
}

// name lays the tables out: one with a sort key and an index of every kind, and two with keys of other types.
func (d *differential) name(prefix string) {
	d.tables = []layout{
		{name: prefix + "-S", key: []keyPart{{"pk", "S"}, {"sk", "S"}}, indexes: indexes},
		{name: prefix + "-N", key: []keyPart{{"pk", "N"}}},
		{name: prefix + "-B", key: []keyPart{{"pk", "B"}, {"sk", "N"}}},
	}
	for _, t := range d.tables {
		d.created = append(d.created, t.create())
	}
}

// create is the CreateTable of a layout.
func (t layout) create() object {
	attributes := map[string]string{}
	schema := func(key []keyPart) (out []any) {
		for i, part := range key {
			attributes[part.name] = part.kind
			out = append(out, object{"AttributeName": part.name, "KeyType": []string{"HASH", "RANGE"}[i]})
		}
		return out
	}
	table := object{"TableName": t.name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": schema(t.key)}
	projections := []object{{"ProjectionType": "KEYS_ONLY"}, {"ProjectionType": "ALL"},
		{"ProjectionType": "INCLUDE", "NonKeyAttributes": []any{"a", "m", "b"}}, {"ProjectionType": "KEYS_ONLY"}}
	for i, x := range t.indexes {
		kind := "GlobalSecondaryIndexes"
		if i == 0 {
			kind = "LocalSecondaryIndexes"
		}
		list, _ := table[kind].([]any)
		table[kind] = append(list, object{"IndexName": x.name, "KeySchema": schema(x.key), "Projection": projections[i]})
	}
	var definitions []any
	for _, name := range sortedNames(attributes) {
		definitions = append(definitions, object{"AttributeName": name, "AttributeType": attributes[name]})
	}
	table["AttributeDefinitions"] = definitions
	return table
}

// run sends a sequence to fresh tables and returns the first difference that is not accepted, with its place.
func (d *differential) run(ctx context.Context, sequence []request) string {
	for _, w := range []*wire{d.embedded, d.local} {
		for _, table := range d.created {
			if a := w.send(ctx, request{"CreateTable", table}); a.Error != "" {
				return fmt.Sprint("making the tables: ", a)
			}
			defer w.send(context.WithoutCancel(ctx), request{"DeleteTable", object{"TableName": table["TableName"]}})
		}
	}
	tokens := map[string]string{} // those of the sequence, as they are sent: they outlive its tables
	for i, r := range sequence {
		token, ok := r.Body["ClientRequestToken"].(string)
		if ok && len(token) < 10 {
			if tokens[token] == "" {
				tokens[token] = cryptorand.Text()
			}
			r.Body = with(r.Body, "ClientRequestToken", tokens[token])
		}
		diff, differed := d.compare(ctx, r)
		if diff != "" {
			return fmt.Sprintf("operation %d, %s:\n%s", i, r.Operation, diff)
		}
		if differed { // then the token may be good in one engine alone
			delete(tokens, token)
		}
	}
	return d.compareRows(ctx)
}

// compare sends one request to both, and compares the rows that a write leaves in the tables it names.
// differed tells of a difference that is accepted.
func (d *differential) compare(ctx context.Context, r request) (diff string, differed bool) {
	ours, theirs := d.embedded.complete(ctx, r), d.local.complete(ctx, r)
	d.done++
	if ours.Error != "" {
		d.refused++
	}
	rows := ""
	if writes(r) {
		rows = d.compareTables(ctx, r)
	}
	diff, known := d.judge(r, ours, theirs, rows != "")
	switch {
	case diff == "" && rows == "":
		return "", len(known) > 0
	case diff == "" && slices.ContainsFunc(known, func(k difference) bool { return k.rows }):
		return d.level(ctx), true
	}
	return fmt.Sprintf("%s%s\nembedded: %s\nDynamoDB Local: %s\n", diff, rows, asJSON(ours), asJSON(theirs)), false
}

func writes(r request) bool {
	return slices.Contains([]string{"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}, r.Operation)
}

// judge compares two answers, and tells which of the differences that are accepted it met.
func (d *differential) judge(r request, ours, theirs reply, otherRows bool) (diff string, met []difference) {
	a, b := ours.comparable(r), theirs.comparable(r)
	if reflect.DeepEqual(a, b) && !otherRows {
		return "", nil
	}
	for _, known := range accepted {
		if known.forgive(r, &a, &b) {
			d.seen[known.what]++
			met = append(met, known)
		}
	}
	return gocmp.Diff(a, b), met
}

// compareTables compares the tables that a request names.
func (d *differential) compareTables(ctx context.Context, r request) string {
	text := asJSON(r.Body)
	for _, t := range d.tables {
		if strings.Contains(text, t.name) {
			if diff := d.compareScans(ctx, t.name, ""); diff != "" {
				return diff
			}
		}
	}
	return ""
}

// compareRows compares everything that is stored, in the tables and in their indexes.
func (d *differential) compareRows(ctx context.Context) string {
	for _, t := range d.tables {
		for _, x := range append([]indexLayout{{}}, t.indexes...) {
			if diff := d.compareScans(ctx, t.name, x.name); diff != "" {
				return diff
			}
		}
	}
	return ""
}

func (d *differential) compareScans(ctx context.Context, table, index string) string {
	r := request{"Scan", object{"TableName": table}}
	if index != "" {
		r.Body["IndexName"] = index
	}
	diff, _ := d.judge(r, d.embedded.complete(ctx, r), d.local.complete(ctx, r), false)
	if diff != "" {
		return fmt.Sprintf("rows of %s %s:\n%s", table, index, diff)
	}
	return ""
}

// level stores in DynamoDB Local what the embedded engine has.
func (d *differential) level(ctx context.Context) string {
	for _, t := range d.tables {
		scan := request{"Scan", object{"TableName": t.name}}
		for _, it := range itemsOf(d.local.complete(ctx, scan)) {
			key := object{}
			for _, part := range t.key {
				key[part.name] = it[part.name]
			}
			d.local.send(ctx, request{"DeleteItem", object{"TableName": t.name, "Key": key}})
		}
		for _, it := range itemsOf(d.embedded.complete(ctx, scan)) {
			d.local.send(ctx, request{"PutItem", object{"TableName": t.name, "Item": it}})
		}
	}
	return d.compareRows(ctx)
}

func itemsOf(a reply) (out []object) {
	list, _ := a.Body["Items"].([]any)
	for _, it := range list {
		out = append(out, it.(object))
	}
	return out
}

// shrink drops parts of a sequence, large ones first, as long as it still differs.
func (d *differential) shrink(ctx context.Context, sequence []request, diff string) ([]request, string) {
	for size := len(sequence) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(sequence); {
			shorter := slices.Delete(slices.Clone(sequence), at, at+size)
			if other := d.run(ctx, shorter); other != "" {
				sequence, diff = shorter, other
				continue
			}
			at += size
		}
	}
	return sequence, diff
}

// wire speaks the protocol to an engine without the SDK, which would not send most of what is wrong.
type wire struct {
	client   dynamodb.HTTPClient
	endpoint string
}

func raw(c *dynamodb.Client) *wire {
	o := c.Options()
	return &wire{o.HTTPClient, *o.BaseEndpoint}
}

func (w *wire) send(ctx context.Context, r request) reply {
	body, err := json.Marshal(r.Body)
	if err != nil {
		return reply{Error: err.Error()}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.endpoint, strings.NewReader(string(body)))
	if err != nil {
		return reply{Error: err.Error()}
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810."+r.Operation)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=differential/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := w.client.Do(req)
	if err != nil {
		return reply{Error: err.Error()}
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply{Error: err.Error()}
	}
	var a reply
	if err := json.Unmarshal(text, &a.Body); err != nil {
		a.Body = object{"text": string(text)}
	}
	if resp.StatusCode != http.StatusOK {
		kind, _ := a.Body["__type"].(string)
		_, a.Error, _ = strings.Cut(kind, "#")
		if a.Error == "" {
			a.Error = resp.Status
		}
	}
	return a
}

// complete sends a request, and for a query or a scan all that follow up to its end: where pages end is the engine's business.
func (w *wire) complete(ctx context.Context, r request) reply {
	if r.Operation != "Query" && r.Operation != "Scan" {
		return w.send(ctx, r)
	}
	segments, ok := r.Body["TotalSegments"].(int)
	if first, given := r.Body["Segment"].(int); !ok || !given || first >= segments {
		return w.pages(ctx, r)
	}
	var all reply
	for i := range segments {
		page := request{r.Operation, with(r.Body, "Segment", i)}
		if all.join(w.pages(ctx, page)); all.Error != "" {
			break
		}
	}
	return all
}

// pages joins the pages of a request, at most a thousand.
func (w *wire) pages(ctx context.Context, r request) reply {
	var all reply
	for range 1000 {
		page := w.send(ctx, r)
		if all.join(page); all.Error != "" || page.Body["LastEvaluatedKey"] == nil {
			return all
		}
		r.Body = with(r.Body, "ExclusiveStartKey", page.Body["LastEvaluatedKey"])
	}
	return reply{Error: "no end"}
}

func with(body object, name string, v any) object {
	out := object{name: v}
	for n, each := range body {
		if n != name {
			out[n] = each
		}
	}
	return out
}

// join adds a page. The units of several pages depend on where each ends.
func (a *reply) join(page reply) {
	if page.Error != "" {
		*a = page
		return
	}
	if a.Body == nil {
		a.Body = object{"Count": 0.0, "ScannedCount": 0.0}
	}
	for _, name := range []string{"Count", "ScannedCount"} {
		n, _ := page.Body[name].(float64)
		a.Body[name] = a.Body[name].(float64) + n
	}
	if items, ok := page.Body["Items"].([]any); ok {
		list, _ := a.Body["Items"].([]any)
		a.Body["Items"] = append(list, items...)
	}
}
