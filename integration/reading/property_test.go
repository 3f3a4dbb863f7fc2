package reading

import (
	"context"
	"errors"
	"flag"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/repo"
)

// Random entities, rows, conditions, directions, limits and page sizes: iteration, pages through cursors, shards and buckets each yield
// every match once, in key order, equal to filtering and sorting in Go.
func TestReadingEqualsFilteringAndSorting(t *testing.T) {
	n := tallies{Refused: map[string]int{}, Ways: map[string]int{}}
	rounds := 1
	if soak {
		rounds = 10
	} else if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		_ = flag.Set("rapid.checks", "20")
		defer func() { _ = flag.Set("rapid.checks", f.DefValue) }()
	}
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			for i := 0; i < rounds && !t.Failed(); i++ {
				rapid.Check(t, func(rt *rapid.T) {
					n.Runs++
					readings(t.Context(), rt, &n, k)
				})
			}
		})
	}
	if t.Failed() {
		return
	}
	t.Logf("%+v", n)
	if n.WithRows*2 < n.Answered || n.Answered == 0 {
		t.Errorf("%d of %d answered queries found anything, which is less than half: the property says too little", n.WithRows, n.Answered)
	}
	if n.Answered*2 < n.Queries {
		t.Errorf("%d of %d queries were answered, which is less than half: the property says too little", n.Answered, n.Queries)
	}
	for name, count := range map[string]int{
		"empty": n.Empty, "filtered": n.Filtered, "sharded": n.Sharded, "walked": n.Walked, "hydrated": n.Hydrated, "cursors at items": n.CursorsAt, "foreign rows": n.Foreign,
	} {
		if count == 0 {
			t.Errorf("%s: a part of the property never ran", name)
		}
	}
	for _, k := range kinds {
		for _, w := range k.ways {
			if soak && n.Ways[k.name+"."+w.index] == 0 {
				t.Errorf("%s was never read by %q", k.name, w.index)
			}
		}
	}
}

type tallies struct {
	Runs, Queries, Answered, WithRows, Rows, Empty, Filtered, Sharded, Walked, Hydrated, Pages, CursorsAt, Foreign int

	Refused map[string]int // by reason
	Ways    map[string]int // with rows
}

func coin(t *rapid.T, n int, name string) bool {
	for range n {
		if !rapid.Bool().Draw(t, name) {
			return false
		}
	}
	return true
}

func readings(ctx context.Context, t *rapid.T, n *tallies, k *kind) {
	var keys [][]byte
	if rapid.Bool().Draw(t, "sealed") {
		keys = append(keys, []byte(strings.Repeat("k", 32)))
	}
	s := newStore(ctx, t, k, keys...)
	var rows []any
	for range rapid.IntRange(15, 45).Draw(t, "rows") {
		row := k.draw(t, s.handle)
		stored, err := s.handle.put(ctx, row)
		if err != nil {
			t.Fatalf("Put of %+v: %v", row, err)
		}
		if !reflect.DeepEqual(stored, row) {
			t.Fatalf("Put of %+v returned %+v", row, stored)
		}
		rows = slices.DeleteFunc(rows, func(r any) bool { return k.same(r, row) })
		rows = append(rows, row)
	}
	n.Foreign += s.foreign(ctx, t)
	for range 10 {
		one(ctx, t, n, k, s, rows)
	}
}

// draw makes a row.
func (k *kind) draw(t *rapid.T, h handle) any {
	row := reflect.ValueOf(h.blank()).Elem()
	for _, f := range k.fields {
		row.FieldByName(f.name).Set(reflect.ValueOf(rapid.SampledFrom(f.pool).Draw(t, f.name)))
	}
	return row.Interface()
}

// foreign plants rows of another type beside ours: the same in every index, next to ours in the table.
func (s *store) foreign(ctx context.Context, t *rapid.T) (planted int) {
	if s.table.TypeAttribute == "-" {
		return 0
	}
	out, err := s.raw.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String(s.table.Name), Limit: aws.Int32(3)})
	if err != nil {
		t.Fatal(err)
	}
	key := s.table.Key.Range
	if s.table.Key == (repo.Key{}) {
		key = "sk"
	} else if key == "" {
		key = s.table.Key.Hash
	}
	for _, row := range out.Items {
		delete(row, "score") // an index of natural keys alone cannot tell whose they are: entities that share such a table say overlaps
		row["_type"] = &types.AttributeValueMemberS{Value: "Other"}
		switch v := row[key].(type) {
		case *types.AttributeValueMemberS:
			v.Value += "x"
		case *types.AttributeValueMemberN:
			v.Value += ".5"
		case *types.AttributeValueMemberB:
			v.Value = append(v.Value, 1)
		}
		if _, err := s.raw.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(s.table.Name), Item: row}); err != nil {
			t.Fatal(err)
		}
		planted++
	}
	return planted
}

// one draws a query, asks it in every way there is, and compares.
func one(ctx context.Context, t *rapid.T, n *tallies, k *kind, s *store, rows []any) {
	w := &k.ways[rapid.IntRange(0, len(k.ways)-1).Draw(t, "way")]
	asks := k.drawAsks(t, w, rows)
	r := request{desc: rapid.Bool().Draw(t, "desc"), consistent: coin(t, 4, "consistent"), hydrate: w.holds != nil || coin(t, 2, "hydrate")}
	if w.named || !coin(t, 1, "named") {
		r.index = w.index
	}
	n.Queries++
	q := s.handle.query(asks, nil, r)
	plan, err := q.explain()
	want, reasons := k.served(asks, r)
	tooMany := want != nil && want.tooManyBuckets(asks) || want == nil && slices.ContainsFunc(k.ways, func(w way) bool { return w.tooManyBuckets(asks) })
	if err != nil {
		refused(ctx, t, n, s, q, err, want, tooMany, reasons, asks)
		return
	}
	switch {
	case want == nil:
		t.Fatalf("%s: %v %+v is answered, and nothing serves it: %q\n%v", k.name, asks, r, reasons, plan)
	case tooMany:
		t.Fatalf("%s: %v %+v walks more than 1,000 buckets\n%v", k.name, asks, r, plan)
	case want.index != plan.Index:
		t.Fatalf("%s: %v %+v is answered by %q, want %q\n%v", k.name, asks, r, plan.Index, want.index, plan)
	}
	var filter []ask
	if coin(t, 1, "filtered") {
		name := rapid.SampledFrom(k.filtered).Draw(t, "filter")
		if !want.keyed(name) && (want.holds == nil || slices.Contains(want.holds, name)) {
			filter = []ask{k.drawAsk(t, name, rows[0], false)}
			q = s.handle.query(asks, filter, r)
			n.Filtered++
		}
	}
	answered(ctx, t, n, k, s, q, plan, want, asks, filter, r, rows)
}

// keyed reports whether a field's own attribute is a key of the index.
func (w *way) keyed(name string) bool {
	return slices.ContainsFunc(slices.Concat(w.hash, w.sort), func(m member) bool { return m.native && m.field == name })
}

func (w *way) tooManyBuckets(asks []ask) bool {
	walked := w.walks(asks)
	if a := of(asks, walked); walked == "" || len(a.lower) == 0 || len(a.upper) == 0 {
		return false
	}
	m := w.hash[slices.IndexFunc(w.hash, func(m member) bool { return m.field == walked })]
	lo, hi := of(asks, walked).ends()
	return buckets(m.unit, lo, hi) > 1000
}

// served finds the first way that serves conditions.
func (k *kind) served(asks []ask, r request) (w *way, reasons []string) {
	for i := range k.ways {
		w := &k.ways[i]
		if w.named && r.index != w.index || r.index != "" && r.index != w.index {
			continue
		}
		reason := k.refuses(w, asks, r)
		if reason == "" {
			return w, reasons
		}
		reasons = append(reasons, reason)
	}
	return nil, reasons
}

// refused checks that a query is refused for a reason, and without a request.
func refused(ctx context.Context, t *rapid.T, n *tallies, s *store, q question, err error, want *way, tooMany bool, reasons []string, asks []ask) {
	var ours *repo.Error
	switch {
	case !errors.As(err, &ours):
		t.Fatalf("%v is refused with %T %v", asks, err, err)
	case tooMany && errors.Is(err, repo.ErrInvalidValue):
		reasons = []string{"too many buckets"}
	case want != nil:
		t.Fatalf("%v is refused, and %q serves it: %v", asks, want.index, err)
	case !errors.Is(err, repo.ErrNoIndex) && !errors.Is(err, repo.ErrIncompleteKey):
		t.Fatalf("%v is refused with %v", asks, err)
	}
	n.Refused[reasons[0]]++
	s.client.sent("")
	found, all := q.all(ctx)
	_, _, page := q.page(ctx, "")
	_, count := q.count(ctx)
	if sent := s.client.sent(""); all == nil || page == nil || count == nil || len(found) > 0 || sent > 0 {
		t.Fatalf("%v: Explain refuses it, All gave %d rows, %v, Page %v, Count %v, %d requests", asks, len(found), all, page, count, sent)
	}
}

func answered(ctx context.Context, t *rapid.T, n *tallies, k *kind, s *store, q question, plan repo.Plan, w *way, asks, filter []ask, r request, rows []any) {
	fail := func(format string, args ...any) {
		t.Helper()
		for _, arg := range args {
			var api smithy.APIError
			if err, ok := arg.(error); ok && errors.As(err, &api) {
				format += "\n" + strings.ReplaceAll(api.ErrorMessage(), "%", "%%")
			}
		}
		t.Fatalf("%s: %v filter %v %+v\n%v\n"+format, append([]any{k.name, asks, filter, r, plan}, args...)...)
	}
	var want []any
	for _, row := range rows {
		if k.in(w, row) && !slices.ContainsFunc(asks, func(a ask) bool { return !a.match(row) }) && !slices.ContainsFunc(filter, func(a ask) bool { return !k.filters(a, row) }) {
			want = append(want, row)
		}
	}
	s.client.sent("")
	got, err := q.all(ctx)
	if err != nil {
		fail("%v", err)
	}
	if sent := s.client.sent(""); plan.Empty && sent > 0 {
		fail("a query without an answer sent %d requests", sent)
	}
	walked := w.walks(asks)
	for i := 1; i < len(got); i++ {
		c := w.order(walked, got[i-1], got[i])
		if r.desc {
			c = -c
		}
		if c > 0 {
			fail("out of order: %+v stands before %+v", got[i-1], got[i])
		}
	}
	if left := without(want, got); len(left) > 0 {
		fail("misses %+v", left[0])
	}
	if left := without(got, want); len(left) > 0 {
		fail("found %+v, which filtering does not, or twice", left[0])
	}
	if inputs, err := q.inputs(); err != nil || !plan.Empty && len(inputs) != plan.Partitions || plan.Empty && len(inputs) > 0 {
		fail("%d inputs for %d partitions, %v", len(inputs), plan.Partitions, err)
	}
	if c, err := q.count(ctx); err != nil || c != len(want) {
		fail("Count is %d, %v, want %d", c, err, len(want))
	}
	first, err := q.first(ctx)
	switch {
	case len(got) == 0 && !errors.Is(err, repo.ErrNotFound):
		fail("First of nothing is %v", err)
	case len(got) > 0 && (err != nil || !reflect.DeepEqual(first, got[0])):
		fail("First is %+v, %v, want %+v", first, err, got[0])
	}
	bounds := request{limit: rapid.IntRange(0, 6).Draw(t, "limit"), pageSize: rapid.IntRange(0, 5).Draw(t, "page size")}
	bounded := q.with(bounds)
	some, err := bounded.all(ctx)
	if end := min(len(got), bounds.limit); err != nil || bounds.limit > 0 && !equal(some, got[:end]) || bounds.limit == 0 && !equal(some, got) {
		fail("with %+v All gives %+v, %v, want the first of %+v", bounds, some, err, got)
	}
	turn := func(from repo.Cursor, want []any, what string) {
		t.Helper()
		var paged []any
		for i := 0; ; i++ {
			items, next, err := bounded.page(ctx, from)
			if err != nil || i > 1000 {
				fail("%s: page %d with %+v: %v", what, i, bounds, err)
			}
			if bounds.limit > 0 && len(items) > bounds.limit {
				fail("%s: a page of %d rows, the limit is %d", what, len(items), bounds.limit)
			}
			n.Pages++
			paged = append(paged, items...)
			if from = next; from == "" {
				break
			}
		}
		if !equal(paged, want) {
			fail("%s with %+v: pages give\n%+v, want\n%+v", what, bounds, paged, want)
		}
	}
	turn("", got, "pages")
	n.Answered++
	n.Rows += len(got)
	if plan.Empty {
		n.Empty++
	}
	if len(got) == 0 {
		return
	}
	n.WithRows++
	n.Ways[k.name+"."+w.index]++
	if slices.ContainsFunc(w.hash, func(m member) bool { return m.shard > 0 && len(of(asks, m.field).equal) == 0 }) {
		n.Sharded++
	}
	if walked != "" {
		n.Walked++
	}
	if w.holds != nil {
		n.Hydrated++
	}
	i := rapid.IntRange(0, len(got)-1).Draw(t, "item")
	s.client.sent("")
	from, err := q.cursorAt(got[i])
	if err != nil || s.client.sent("") > 0 {
		fail("CursorAt %+v: %v", got[i], err)
	}
	n.CursorsAt++
	turn(from, got[i+1:], "behind an item")
}

func equal(a, b []any) bool { return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b) }

// without removes from a list what is in another, each once.
func without(list, other []any) []any {
	list = slices.Clone(list)
	for _, v := range other {
		if i := slices.IndexFunc(list, func(w any) bool { return reflect.DeepEqual(v, w) }); i >= 0 {
			list = slices.Delete(list, i, i+1)
		}
	}
	return list
}

// drawAsks draws conditions, mostly such as a way could serve: equalities with its partition key, or both ends of a range of buckets,
// and more or less of its sort key; now and then one more, or one less.
func (k *kind) drawAsks(t *rapid.T, w *way, rows []any) (asks []ask) {
	like := rapid.SampledFrom(rows).Draw(t, "like")
	if candidates := slices.DeleteFunc(slices.Clone(rows), func(r any) bool { return !k.in(w, r) }); len(candidates) > 0 {
		like = rapid.SampledFrom(candidates).Draw(t, "in")
	}
	for _, m := range w.hash {
		switch {
		case m.shard > 0 && !coin(t, 3, "shard"):
		case m.unit > 0 && coin(t, 1, "walk"):
			asks = append(asks, k.rangeOf(t, m.field, like)...)
			if coin(t, 4, "half") {
				asks = asks[:len(asks)-1]
			}
		default:
			asks = append(asks, k.drawAsk(t, m.field, like, !coin(t, 5, "other")))
		}
	}
	for _, m := range w.sort {
		if coin(t, 1, "enough") {
			break
		}
		if slices.ContainsFunc(asks, func(a ask) bool { return a.field == m.field }) && !coin(t, 2, "again") {
			continue
		}
		a := k.drawAsk(t, m.field, like, false)
		if asks = append(asks, a); a.op != eq {
			if coin(t, 2, "other end") {
				asks = append(asks, k.drawAsk(t, m.field, like, false))
			}
			break
		}
	}
	if coin(t, 4, "more") {
		asks = append(asks, k.drawAsk(t, rapid.SampledFrom(k.fields).Draw(t, "field").name, like, false))
	}
	if coin(t, 5, "less") && len(asks) > 1 {
		asks = asks[1:]
	}
	return asks
}

// rangeOf bounds a field on both sides, mostly around a row.
func (k *kind) rangeOf(t *rapid.T, name string, like any) []ask {
	values := k.field(name).pool
	lo, hi := rapid.SampledFrom(values).Draw(t, "lo"), rapid.SampledFrom(values).Draw(t, "hi")
	if compare(lo, hi) > 0 && !coin(t, 4, "empty") {
		lo, hi = hi, lo
	}
	if v := get(like, name); !coin(t, 3, "anywhere") {
		if compare(v, lo) < 0 {
			lo = v
		}
		if compare(v, hi) > 0 {
			hi = v
		}
	}
	if rapid.Bool().Draw(t, "between") {
		return []ask{{name, between, []any{lo, hi}}}
	}
	return []ask{{name, rapid.SampledFrom([]op{ge, ge, gt}).Draw(t, "lower"), []any{lo}}, {name, rapid.SampledFrom([]op{le, le, lt}).Draw(t, "upper"), []any{hi}}}
}

// drawAsk draws a condition on a field, with a value that is mostly that of a row.
func (k *kind) drawAsk(t *rapid.T, name string, like any, equal bool) ask {
	values := k.field(name).pool
	v := get(like, name)
	if coin(t, 3, "any value") {
		v = rapid.SampledFrom(values).Draw(t, "value")
	}
	ops := []op{eq, eq, eq, lt, le, gt, ge, between}
	switch v.(type) {
	case bool:
		ops = []op{eq} // its ordering is none of DynamoDB's
	case string:
		ops = append(ops, prefix, prefix)
	}
	o := eq
	if !equal {
		o = rapid.SampledFrom(ops).Draw(t, "op")
	}
	switch o {
	case between:
		hi := rapid.SampledFrom(values).Draw(t, "hi")
		if compare(v, hi) > 0 && !coin(t, 3, "empty") {
			v, hi = hi, v
		}
		return ask{name, o, []any{v, hi}}
	case prefix:
		s := v.(string)
		return ask{name, o, []any{strings.ToValidUTF8(s[:rapid.IntRange(0, len(s)).Draw(t, "length")], "")}}
	}
	return ask{name, o, []any{v}}
}
