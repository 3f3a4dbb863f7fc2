package repo_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// Queries are drawn over drawn rows. What one finds equals filtering and sorting the same rows in Go, in pages too; it never reads a
// row outside the entity's own prefix; and where one is refused, no index serves it by an account of its own (served, below).
func TestQueriesFindWhatFilteringFinds(t *testing.T) {
	var n found
	soak(t, func(rt *rapid.T) {
		switch rapid.IntRange(0, 5).Draw(rt, "kind") {
		case 0:
			queries(t.Context(), rt, &n, tickets)
		case 1:
			queries(t.Context(), rt, &n, devices)
		case 2:
			queries(t.Context(), rt, &n, people)
		case 3:
			queries(t.Context(), rt, &n, scores)
		case 4:
			queries(t.Context(), rt, &n, docs)
		case 5:
			queries(t.Context(), rt, &n, toggles)
		}
	})
	t.Logf("%+v", n)
	if n.WithRows*2 < n.Answered || n.Answered == 0 {
		t.Errorf("%d of %d answered queries found anything, which is less than half: the property says too little", n.WithRows, n.Answered)
	}
	if n.Refused == 0 || n.Foreign == 0 || n.Filtered == 0 || n.Empty == 0 {
		t.Error("a part of the property never ran")
	}
}

type found struct{ Answered, WithRows, Refused, Filtered, Empty, Foreign int }

// reader counts what DynamoDB read.
type reader struct {
	repo.Client
	scanned  int
	requests int
}

func (r *reader) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	out, err := r.Client.Query(ctx, in, o...)
	if err == nil {
		r.scanned += int(out.ScannedCount)
	}
	r.requests++
	return out, err
}

func queries[T any](ctx context.Context, t *rapid.T, n *found, k kind[T]) {
	engine := repotest.NewClient()
	c := &reader{Client: engine}
	r := k.open(c)
	if err := repo.CreateTable(ctx, engine, familyTable, r); err != nil {
		t.Fatal(err)
	}
	var values []T
	for i := range rapid.IntRange(12, 25).Draw(t, "rows") {
		v, err := r.Put(ctx, k.draw(t, i))
		if errors.Is(err, repo.ErrInvalidValue) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, v)
	}
	if len(values) == 0 {
		return
	}
	n.Foreign += foreign(ctx, t, engine, k, values)
	rows := everything(ctx, t, engine)
	for range 12 {
		query(ctx, t, n, c, r, k, values, rows)
	}
}

// foreign plants rows of others as near to ours as keys can be: in the same partitions, before, within and behind our prefix.
func foreign[T any](ctx context.Context, t *rapid.T, c *dynamodb.Client, k kind[T], values []T) (planted int) {
	for i, v := range values[:min(4, len(values))] {
		main, indexes := k.keys(&v)
		literal := k.paths[0].literal
		for _, sk := range []string{literal[:len(literal)-1], literal + "\x00other", literal + "zz", literal + "\U0010FFFF", after(literal), "", "~"} {
			if sk == "" || sk == main.sk {
				continue
			}
			row := row{"_type": str("Other"), "pk": str(main.pk), "sk": str(sk + fmt.Sprint(i))}
			for j, x := range indexes {
				if !x.in || x.hashAttr == "pk" {
					continue
				}
				near := k.paths[j+1].literal
				row[x.hashAttr] = str(x.hash)
				row[x.sortAttr] = str(rapid.SampledFrom([]string{x.sort, "!" + near, near + "~", after(near) + "x", "\U0010FFFF"}).Draw(t, "near"))
			}
			if _, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("family"), Item: row}); err != nil {
				t.Fatal(err)
			}
			planted++
		}
	}
	return planted
}

// after is the text directly behind all that begin with a literal.
func after(literal string) string {
	if literal == "" {
		return ""
	}
	return literal[:len(literal)-1] + string(literal[len(literal)-1]+1)
}

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func everything(ctx context.Context, t *rapid.T, c *dynamodb.Client) []row {
	out, err := c.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("family")})
	if err != nil {
		t.Fatal(err)
	}
	return out.Items
}

func query[T any](ctx context.Context, t *rapid.T, n *found, c *reader, r *repo.Repository[T], k kind[T], values []T, rows []row) {
	asks := drawAsks(t, k, values)
	var conds []expr.Cond[T]
	for _, a := range asks {
		conds = append(conds, a.cond)
	}
	q, named := r.Query(conds...), ""
	if rapid.Bool().Draw(t, "named") {
		if named = k.paths[rapid.IntRange(0, len(k.paths)-1).Draw(t, "name")].index; named != "" {
			q = q.Index(named)
		}
	}
	desc := rapid.Bool().Draw(t, "desc")
	if desc {
		q = q.Desc()
	}
	filter := func(*T) bool { return true }
	plan, err := q.Explain()
	serves := k.served(asks, named)
	switch {
	case err != nil && !errors.Is(err, repo.ErrNoIndex) && !errors.Is(err, repo.ErrIncompleteKey) && !errors.Is(err, repo.ErrInvalidKey):
		t.Fatalf("%s: %v: %v", k.name, conds, err)
	case errors.Is(err, repo.ErrInvalidKey) && strings.Contains(err.Error(), "pad"):
		return
	case err != nil:
		n.Refused++
		if len(serves) > 0 {
			t.Fatalf("%s: %v is refused (%v), and %q serves it", k.name, conds, err, serves[0].index)
		}
		c.requests = 0
		if items, err := repo.Collect(q.All(ctx)); err == nil || len(items) > 0 || c.requests > 0 {
			t.Fatalf("%s: %v: Explain refuses it, All gave %d items, %d requests, %v", k.name, conds, len(items), c.requests, err)
		}
		return
	case len(serves) == 0:
		t.Fatalf("%s: %v is answered by %q, and nothing serves it\n%v", k.name, conds, plan.Index, plan)
	case serves[0].index != plan.Index:
		t.Fatalf("%s: %v is answered by %q, want %q", k.name, conds, plan.Index, serves[0].index)
	}
	if rare(t, 1) {
		p := k.props[rapid.IntRange(0, len(k.props)-1).Draw(t, "filtered")]
		if p.ask != nil && !p.omits && !strings.Contains(p.name, ".") {
			f := p.ask(p, t, &values[0])
			q, filter = q.Filter(f.cond), f.match
			n.Filtered++
		}
	}
	n.Answered++
	var want []T
	for _, v := range values {
		if k.indexed(plan.Index, &v) && filter(&v) && !slices.ContainsFunc(asks, func(a ask[T]) bool { return !a.match(&v) }) {
			want = append(want, v)
		}
	}
	c.scanned, c.requests = 0, 0
	got, err := repo.Collect(q.All(ctx))
	if err != nil {
		t.Fatalf("%s: %v: %v\n%v", k.name, conds, err, plan)
	}
	if len(got) > 0 {
		n.WithRows++
	}
	k.same(t, plan, conds, got, want, desc)
	if plan.Empty {
		n.Empty++
		if c.requests > 0 {
			t.Fatalf("%s: %v: an empty range sent %d requests", k.name, conds, c.requests)
		}
	}
	if within := k.within(plan.Index, &values, asks, rows); c.scanned > within {
		t.Fatalf("%s: %v read %d rows, and the entity's part of the partition has %d\n%v", k.name, conds, c.scanned, within, plan)
	}
	if count, err := q.Count(ctx); err != nil || count != len(want) {
		t.Fatalf("%s: %v: Count is %d, %v, want %d", k.name, conds, count, err, len(want))
	}
	pages(ctx, t, k, q, conds, got)
}

// drawAsks draws conditions, mostly such as a way to read the entity could serve: equalities with its partition key, more or less of
// its sort key, now and then one more.
func drawAsks[T any](t *rapid.T, k kind[T], values []T) (asks []ask[T]) {
	like := &values[rapid.IntRange(0, len(values)-1).Draw(t, "row")]
	add := func(name string, equal bool) {
		p := k.prop(name)
		if p.ask == nil {
			return
		}
		a := p.ask(p, t, like)
		for i := 0; equal && !a.equal && i < 20; i++ {
			a = p.ask(p, t, like)
		}
		asks = append(asks, a)
	}
	way := k.paths[rapid.IntRange(0, len(k.paths)-1).Draw(t, "way")]
	for _, name := range way.hash {
		add(name, !rare(t, 5))
	}
	for _, name := range way.sort {
		if rare(t, 1) {
			break
		}
		add(name, false)
		if !asks[len(asks)-1].equal {
			if rare(t, 2) { // the other end of the range
				add(name, false)
			}
			break
		}
	}
	if rare(t, 4) {
		add(k.props[rapid.IntRange(0, len(k.props)-1).Draw(t, "more")].name, false)
	}
	if rare(t, 5) && len(asks) > 1 {
		asks = asks[1:]
	}
	return asks
}

// served lists, by brute force, the ways that serve the conditions, in the order in which the planner looks at them.
func (k kind[T]) served(asks []ask[T], named string) (out []access) {
	for _, way := range k.paths {
		if named != "" && way.index != named {
			continue
		}
		if k.serves(way, asks, named != "") {
			out = append(out, way)
		}
	}
	return out
}

func (k kind[T]) serves(way access, asks []ask[T], sparse bool) bool {
	of := func(field string) (all []ask[T], equal, solid bool) {
		for _, a := range asks {
			if a.field == field {
				all = append(all, a)
				equal, solid = equal || a.equal, solid || a.solid
			}
		}
		return all, equal, solid
	}
	first := func(all []ask[T]) ask[T] { return all[slices.IndexFunc(all, func(a ask[T]) bool { return a.equal })] }
	used := map[string]bool{}
	for _, field := range way.hash {
		all, equal, _ := of(field)
		if !equal || first(all).nothing {
			return false
		}
		used[field] = true
	}
	for _, field := range way.sort {
		all, equal, _ := of(field)
		if len(all) == 0 {
			break
		}
		used[field] = true
		if equal {
			if first(all).nothing {
				return false
			}
			continue
		}
		if slices.ContainsFunc(all, func(a ask[T]) bool { return a.prefix }) && len(all) > 1 {
			return false
		}
		break
	}
	if slices.ContainsFunc(asks, func(a ask[T]) bool { return !used[a.field] || a.null }) {
		return false
	}
	if sparse || way.index == "" {
		return true
	}
	for _, field := range way.present {
		if _, _, solid := of(field); !solid {
			return false
		}
	}
	for _, c := range way.when {
		all, equal, _ := of(c.field)
		if !equal {
			return false
		}
		// The clause must hold for every value that fulfils the equality: try the values of the family.
		if !clauseImplied(k, c, first(all)) {
			return false
		}
	}
	return true
}

// clauseImplied draws items until some fulfil the condition, and sees whether the clause holds for all of them.
func clauseImplied[T any](k kind[T], c clause, a ask[T]) bool {
	p := k.prop(c.field)
	for seed := range 200 {
		v := rapid.Custom(func(t *rapid.T) T { return k.draw(t, 0) }).Example(seed)
		if a.match(&v) && !c.holds(p.show(&v)) {
			return false
		}
	}
	return true
}

// indexed reports whether an item is in an index.
func (k kind[T]) indexed(index string, v *T) bool {
	_, all := k.keys(v)
	for _, x := range all {
		if x.name == index {
			return x.in
		}
	}
	return true
}

// sortText is the sort key of an item in an index.
func (k kind[T]) sortText(index string, v *T) string {
	main, all := k.keys(v)
	for _, x := range all {
		if x.name == index {
			return x.sort
		}
	}
	return main.sk
}

// same compares what was found with what filtering found: the same items, in order of the sort key.
func (k kind[T]) same(t *rapid.T, plan repo.Plan, conds []expr.Cond[T], got, want []T, desc bool) {
	texts := func(items []T) []string {
		out := make([]string, len(items))
		for i := range items {
			out[i] = k.sortText(plan.Index, &items[i])
		}
		return out
	}
	order := texts(got)
	if desc {
		slices.Reverse(order)
	}
	if !slices.IsSorted(order) {
		t.Fatalf("%s: %v: out of order: %q\n%v", k.name, conds, order, plan)
	}
	left := slices.Clone(want)
	for _, v := range got {
		i := slices.IndexFunc(left, func(w T) bool { return reflect.DeepEqual(settled(v), settled(w)) })
		if i < 0 {
			t.Fatalf("%s: %v found %+v, which filtering does not\n%v", k.name, conds, v, plan)
		}
		left = slices.Delete(left, i, i+1)
	}
	if len(left) > 0 {
		t.Fatalf("%s: %v misses %+v\n%v", k.name, conds, left[0], plan)
	}
}

// within counts the rows of the partition that begin as the entity's sort keys do: all that a query may read.
func (k kind[T]) within(index string, values *[]T, asks []ask[T], rows []row) int {
	way := k.paths[slices.IndexFunc(k.paths, func(a access) bool { return a.index == index })]
	hashAttr, sortAttr := "pk", "sk"
	partitions := map[string]bool{}
	for _, v := range *values {
		main, all := k.keys(&v)
		hash, in := main.pk, true
		for _, x := range all {
			if x.name == index {
				hashAttr, sortAttr, hash, in = x.hashAttr, x.sortAttr, x.hash, x.in
			}
		}
		bound := !slices.ContainsFunc(asks, func(a ask[T]) bool { return slices.Contains(way.hash, a.field) && a.equal && !a.match(&v) })
		if in && bound {
			partitions[hash] = true
		}
	}
	n := 0
	for _, r := range rows {
		hash, ok := r[hashAttr].(*types.AttributeValueMemberS)
		sort, too := r[sortAttr].(*types.AttributeValueMemberS)
		if ok && too && partitions[hash.Value] && strings.HasPrefix(sort.Value, way.literal) {
			n++
		}
	}
	return n
}

// pages reads the query page by page: each item once, in the same order.
func pages[T any](ctx context.Context, t *rapid.T, k kind[T], q repo.Query[T], conds []expr.Cond[T], want []T) {
	limit, size := rapid.IntRange(0, 4).Draw(t, "limit"), rapid.IntRange(0, 4).Draw(t, "size")
	if limit > 0 {
		q = q.Limit(limit)
	}
	if size > 0 {
		q = q.PageSize(size)
	}
	var got []T
	var from repo.Cursor
	for i := 0; ; i++ {
		page, err := q.Page(ctx, from)
		if err != nil || i > 500 {
			t.Fatalf("%s: %v: page %d: %v", k.name, conds, i, err)
		}
		if limit > 0 && len(page.Items) > limit {
			t.Fatalf("%s: %v: a page of %d items, the limit is %d", k.name, conds, len(page.Items), limit)
		}
		got = append(got, page.Items...)
		if from = page.Next; from == "" {
			break
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: %v: limit %d, page size %d: pages give\n%+v, all gives\n%+v", k.name, conds, limit, size, got, want)
	}
}
