// Package format holds the stored format still. Its golden has rows, the key texts of every verb in them, guards, shard numbers and
// cursors, as the first version wrote them: every later one must write the same, and must read these. Records are added to it, by
// go test -update; one that is there is never changed, for tables in production hold what it says.
package format

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// now is when all is written.
var now = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

// written is one thing whose stored format is frozen.
type written interface {
	// write makes its records, as this version does.
	write(t *testing.T) []record
	// read checks that this version understands them as the golden has them.
	read(t *testing.T, golden []record)
	name() string
}

func TestFrozen(t *testing.T) {
	golden := readGolden(t)
	var lacks []record
	known := map[string]bool{}
	for _, w := range slices.Concat(frozenRows(), frozenCursors()) {
		t.Run(w.name(), func(t *testing.T) {
			var has []record
			for _, r := range w.write(t) {
				known[r.heading] = true
				i := slices.IndexFunc(golden, func(g record) bool { return g.heading == r.heading })
				switch {
				case i < 0:
					lacks = append(lacks, r)
				default:
					has = append(has, golden[i])
					if diff := cmp.Diff(golden[i].frozen(), r.frozen()); diff != "" {
						t.Errorf("the stored format of %s has changed; -frozen +now\n%s", r.heading, diff)
					}
				}
			}
			if len(has) > 0 {
				w.read(t, has)
			}
		})
	}
	for _, r := range golden {
		if !known[r.heading] {
			t.Errorf("nothing writes %s any more", r.heading)
		}
	}
	if *update && !t.Failed() {
		appendGolden(t, lacks)
		return
	}
	for _, r := range lacks {
		t.Errorf("%s is not frozen yet; go test -update adds it", r.heading)
	}
}

// without is a record without some of its lines.
func (r record) without(names ...string) record {
	r.lines = slices.DeleteFunc(slices.Clone(r.lines), func(l line) bool { return slices.Contains(names, l.name) })
	return r
}

// frozen is a record without the one line that is never written alike.
func (r record) frozen() string { return r.without(sealedLine).String() }

// Every verb stands in a template of these entities, in both halves of a key where it may.
func TestEveryVerbIsFrozen(t *testing.T) {
	source, err := os.ReadFile("entities_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range strings.Fields("pad= desc raw plain day month hour unix fold or= shard=") {
		if !strings.Contains(string(source), "|"+verb) {
			t.Errorf("no entity has |%s", verb)
		}
	}
	type unknown struct {
		_  struct{} `entity:"Unknown" pk:"{ID|nosuchverb}" sk:"X"`
		ID string
	}
	_, err = repo.New[unknown](repotest.NewClient(), repo.Table{Name: "app"})
	if want := "the verbs are day, desc, fold, hour, month, or, pad, plain, raw, shard, unix"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("there are verbs that this test does not know: %v, want %q", err, want)
	}
}

// kept is a value of a type, and what a table holds when it has been created in it.
type kept[T any] struct {
	what  string
	table repo.Table
	value T        // as it is created
	has   func(*T) // turns the value into the one that is read again; nil where that is the same
}

func (k kept[T]) name() string { return k.what }

func (k kept[T]) want() T {
	v := k.value
	if k.has != nil {
		k.has(&v)
	}
	return v
}

// writer is a repository in a table on an engine of its own.
func writer[T any](t *testing.T, table repo.Table) (*repo.Repository[T], *dynamodb.Client) {
	t.Helper()
	c := repotest.NewClient()
	r, err := repo.New[T](c, table)
	if err != nil {
		t.Fatal(err)
	}
	if err := repo.CreateTable(t.Context(), c, table, r); err != nil {
		t.Fatal(err)
	}
	return r, c
}

func (k kept[T]) write(t *testing.T) []record {
	r, c := writer[T](t, k.table)
	if _, err := r.Create(t.Context(), k.value); err != nil {
		t.Fatal(err)
	}
	return k.records(t, allRows(t, c, k.table))
}

// records are those of rows: the item, then its guards.
func (k kept[T]) records(t *testing.T, rows []item) (out []record) {
	t.Helper()
	guards := 0
	for _, row := range rows {
		if id := k.table.WriteID; id != "" {
			delete(row, id)
		}
		if row["_owner"] == nil {
			out = slices.Insert(out, 0, rowRecord("row "+k.what, row))
			continue
		}
		guards++
		out = append(out, rowRecord(fmt.Sprintf("guard %s %d", k.what, guards), row))
	}
	if len(out) != guards+1 {
		t.Fatalf("%s: %d rows that are no guards, want 1", k.what, len(out)-guards)
	}
	return out
}

// read puts the frozen rows into a table as they are, and works with them.
func (k kept[T]) read(t *testing.T, golden []record) {
	ctx := t.Context()
	r, c := writer[T](t, k.table)
	want := k.want()
	for _, g := range golden {
		putRow(t, c, k.table.Name, g.row(t))
	}
	same := func(how string, got T, err error) {
		t.Helper()
		if diff := cmp.Diff(want, got, equalStamps); err != nil || diff != "" {
			t.Errorf("%s: error %v; -want +got\n%s", how, err, diff)
		}
	}
	v, err := r.Get(ctx, want)
	same("Get", v, err)
	row := golden[0].row(t)
	v, err = r.Decode(row)
	same("Decode", v, err)
	k.readCollections(ctx, t, r, row, want, same)

	// Written again it stays what it is, and its guards are its own: deleted, it leaves nothing.
	again, err := r.Put(ctx, want)
	if err != nil {
		t.Errorf("Put: %v", err)
	}
	for i, now := range k.records(t, allRows(t, c, k.table)) {
		if diff := cmp.Diff(golden[i].unversioned(), now.unversioned()); diff != "" {
			t.Errorf("written again; -frozen +now\n%s", diff)
		}
	}
	if err := r.Delete(ctx, again); err != nil {
		t.Errorf("Delete: %v", err)
	}
	if rows := allRows(t, c, k.table); len(rows) > 0 {
		t.Errorf("deleted, it leaves %d rows", len(rows))
	}
}

// unversioned is a record without what every write changes.
func (r record) unversioned() string { return r.without("version", "updated").String() }

// readCollections finds the item in each index that it is in, by the text that the partition key has there.
func (k kept[T]) readCollections(ctx context.Context, t *testing.T, r *repo.Repository[T], row item, want T, same func(string, T, error)) {
	t.Helper()
	for _, x := range k.table.Indexes {
		hash := x.Hash
		if len(hash) == 0 {
			hash = []string{x.Name + "pk"}
		}
		if slices.ContainsFunc(hash, func(name string) bool { return row[name] == nil }) {
			continue
		}
		n := 0
		for v, err := range r.IndexPartition(x.Name, want).Items(ctx, r) {
			n++
			got, _ := v.(T)
			same("index "+x.Name, got, err)
		}
		if n != 1 {
			t.Errorf("index %s: %d items, want 1", x.Name, n)
		}
	}
}

func allRows(t *testing.T, c *dynamodb.Client, table repo.Table) []item {
	t.Helper()
	out, err := c.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(table.Name)})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(out.Items, func(a, b item) int {
		return strings.Compare(rowRecord("", a).String(), rowRecord("", b).String())
	})
	return out.Items
}

func putRow(t *testing.T, c *dynamodb.Client, table string, row item) {
	t.Helper()
	if _, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: row}); err != nil {
		t.Fatal(err)
	}
}

var equalStamps = cmp.Comparer(func(a, b stamp) bool { return time.Time(a).Equal(time.Time(b)) })
