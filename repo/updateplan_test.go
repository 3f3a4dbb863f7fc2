package repo_test

import (
	"context"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

type row = map[string]types.AttributeValue

// The invariant: after every Update and Upsert, each index key is what the templates make of the stored attributes. Items of the
// family are drawn, changed under drawn conditions, and read back without the library; keys are rendered by hand.
func TestUpdatesKeepIndexKeys(t *testing.T) {
	c := repotest.NewClient()
	create(t, c)
	var n tallies
	soak(t, func(rt *rapid.T) {
		ctx := t.Context()
		for i := range 30 {
			switch rapid.IntRange(0, 6).Draw(rt, "kind") {
			case 0:
				update(ctx, rt, &n, c, tickets, i)
			case 1:
				update(ctx, rt, &n, c, devices, i)
			case 2:
				update(ctx, rt, &n, c, people, i)
			case 3:
				update(ctx, rt, &n, c, scores, i)
			case 4:
				update(ctx, rt, &n, c, docs, i)
			case 5:
				update(ctx, rt, &n, c, toggles, i)
			case 6:
				update(ctx, rt, &n, c, gauges, i)
			}
		}
	})
	t.Logf("%+v", n)
	if total := n.Written + n.Stale; n.Stale*2 >= total || n.Written == 0 {
		t.Errorf("%d of %d updates were refused as stale, which is half or more: the property says too little", n.Stale, total)
	}
	if n.KeyWritten*10 < n.Written || n.KeyRemoved*50 < n.Written {
		t.Errorf("of %d updates %d wrote an index key and %d removed one: the property says too little", n.Written, n.KeyWritten, n.KeyRemoved)
	}
}

// soak checks a property a hundred times, and far more often in the long run.
func soak(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	rounds := 1
	if os.Getenv("SOAK") != "" {
		rounds = 100
	}
	for range rounds {
		rapid.Check(t, property)
	}
}

type tallies struct{ Written, Stale, ConditionFailed, Invalid, NotFound, KeyWritten, KeyRemoved int }

func create(t testing.TB, c *dynamodb.Client) {
	t.Helper()
	all := []repo.Member{tickets.open(c), devices.open(c), people.open(c), scores.open(c), docs.open(c), toggles.open(c), gauges.open(c)}
	if err := repo.CreateTable(t.Context(), c, familyTable, all...); err != nil {
		t.Fatal(err)
	}
}

// update draws one item and one update of it, and checks what becomes of it.
func update[T any](ctx context.Context, t *rapid.T, n *tallies, c *dynamodb.Client, k kind[T], i int) {
	r := k.open(c)
	upsert := rare(t, 2)
	missing := rare(t, 3)
	example := k.blank(i)
	model := k.draw(t, i)
	key := deleteRow(ctx, t, c, k, example)
	if missing {
		model = example
	} else if _, err := r.Put(ctx, model); errors.Is(err, repo.ErrInvalidValue) {
		return // a required field was drawn empty
	} else if err != nil {
		t.Fatalf("Put: %v", err)
	} else {
		plant(ctx, t, c, key)
	}
	before := readRow(ctx, t, c, key)
	if !missing {
		model = loaded[T](t, before)
	}

	changes, updates := drawChanges(t, k, &model, upsert)
	pins, conds := drawPins(t, k, &model, missing)
	view := r
	if len(conds) > 0 {
		view = r.If(conds...)
	}
	got, err := call(ctx, view, upsert, example, updates)

	after := readRow(ctx, t, c, key)
	want, possible := model, true
	for _, ch := range changes {
		possible = ch.apply(&want, missing) && possible
	}
	holds := !slices.ContainsFunc(pins, func(p pin[T]) bool { return !p.holds })
	switch {
	case err == nil:
		n.Written++
		if !possible || !holds || missing && !upsert {
			t.Fatalf("%s: %v was written, but pins hold: %v, possible: %v, missing: %v", k.name, updates, holds, possible, missing)
		}
		if !reflect.DeepEqual(settled(got), settled(want)) {
			t.Fatalf("%s: %v of %+v gave %+v, want %+v", k.name, updates, model, got, want)
		}
		if stored := loaded[T](t, after); !reflect.DeepEqual(settled(stored), settled(want)) {
			t.Fatalf("%s: %v of %+v stored %+v, want %+v", k.name, updates, model, stored, want)
		}
		checkKeys(t, k, &want, after)
		checkRest(t, k, changes, before, after, missing)
		n.count(before, after)
		return
	case !reflect.DeepEqual(before, after):
		t.Fatalf("%s: %v failed with %v and changed the item all the same", k.name, updates, err)
	}
	switch {
	case errors.Is(err, repo.ErrStaleIndex):
		n.Stale++
		if holds && possible && decidable(k, &want, changes, pins, upsert) {
			t.Fatalf("%s: %v under %v is refused, but every field that the keys are made of is known: %v", k.name, updates, conds, err)
		}
	case errors.Is(err, repo.ErrNotFound):
		n.NotFound++
		if !missing || upsert {
			t.Fatalf("%s: %v: %v, but the item is there", k.name, updates, err)
		}
	case errors.Is(err, repo.ErrConditionFailed):
		n.ConditionFailed++
		if holds && possible {
			t.Fatalf("%s: %v under %v: %v, but the conditions hold for %+v", k.name, updates, conds, err, model)
		}
	case errors.Is(err, repo.ErrInvalidValue):
		n.Invalid++
		if !emptiesRequired(k, changes, upsert) {
			t.Fatalf("%s: %v: %v", k.name, updates, err)
		}
	default:
		t.Fatalf("%s: %v: %v", k.name, updates, err)
	}
}

func call[T any](ctx context.Context, r *repo.Repository[T], upsert bool, example T, updates []expr.Update[T]) (T, error) {
	if upsert {
		return r.Upsert(ctx, example, updates...)
	}
	return r.Update(ctx, example, updates...)
}

// shuffled is the numbers below n in a random order.
func shuffled(n int) *rapid.Generator[[]int] {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return rapid.Permutation(all)
}

// drawChanges draws up to four changes whose paths do not overlap.
func drawChanges[T any](t *rapid.T, k kind[T], now *T, upsert bool) (changes []change[T], updates []expr.Update[T]) {
	fields := shuffled(len(k.props)).Draw(t, "fields")
	if upsert { // the required ones first: without them there is no upsert
		slices.SortStableFunc(fields, func(i, j int) int { return rank(k.props[i].required) - rank(k.props[j].required) })
	}
	for _, i := range fields[:rapid.IntRange(1, min(4, len(k.props))).Draw(t, "changes")] {
		p := k.props[i]
		if slices.ContainsFunc(changes, func(c change[T]) bool { return overlaps(c.field, p.name) }) {
			continue
		}
		c := p.change(p, t, now)
		changes, updates = append(changes, c), append(updates, c.update)
	}
	return changes, updates
}

func rank(first bool) int {
	if first {
		return 0
	}
	return 1
}

// drawPins draws fields as conditions, mostly all of them, and some where they pin nothing.
func drawPins[T any](t *rapid.T, k kind[T], now *T, missing bool) (pins []pin[T], conds []expr.Cond[T]) {
	n := len(k.props)
	if rare(t, 2) {
		n = rapid.IntRange(0, n).Draw(t, "pins")
	}
	for _, i := range shuffled(len(k.props)).Draw(t, "pinned")[:n] {
		p := k.props[i]
		if p.pin == nil {
			continue
		}
		x := p.pin(p, t, now, missing)
		if !x.holds && !rare(t, 3) {
			continue
		}
		switch {
		case rare(t, 5): // whatever is below Or pins nothing
			x.cond, x.pins = expr.Or(x.cond, x.cond), false
		case rare(t, 5):
			x.cond, x.pins = expr.Not(expr.Not(x.cond)), false
		case rare(t, 3):
			x.cond = expr.And(x.cond, x.cond)
		}
		pins, conds = append(pins, x), append(conds, x.cond)
	}
	return pins, conds
}

func overlaps(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+".")
}

func covers(outer, inner string) bool { return outer == inner || strings.HasPrefix(inner, outer+".") }

func emptiesRequired[T any](k kind[T], changes []change[T], upsert bool) bool {
	for _, p := range k.props {
		i := slices.IndexFunc(changes, func(c change[T]) bool { return c.field == p.name })
		if p.required && (i >= 0 && changes[i].empties || i < 0 && upsert) {
			return true
		}
	}
	return false
}

// decidable reports whether everything is known that the index keys depend on, so that a refusal would be wrong.
func decidable[T any](k kind[T], want *T, changes []change[T], pins []pin[T], upsert bool) bool {
	known := func(field string) bool {
		for _, p := range k.keyed {
			if p.name == field {
				return true
			}
		}
		for _, c := range changes {
			if overlaps(c.field, field) {
				return c.literal && covers(c.field, field)
			}
		}
		return slices.ContainsFunc(pins, func(p pin[T]) bool { return p.pins && covers(p.field, field) })
	}
	for _, a := range k.paths[1:] {
		fields := a.fields()
		touched := slices.ContainsFunc(fields, func(f string) bool {
			return slices.ContainsFunc(changes, func(c change[T]) bool { return overlaps(c.field, f) })
		})
		if !touched && !upsert {
			continue
		}
		unknown := slices.ContainsFunc(fields, func(f string) bool { return !known(f) })
		if unknown && !(touched && slices.ContainsFunc(fields, func(f string) bool { return known(f) && k.excludes(a, f, want) })) {
			return false
		}
	}
	return true
}

func (a access) fields() []string {
	out := slices.Concat(a.hash, a.sort)
	for _, c := range a.when {
		out = append(out, c.field)
	}
	return out
}

// excludes reports whether a field alone keeps an item out of an index.
func (k kind[T]) excludes(a access, field string, v *T) bool {
	p := k.prop(field)
	if slices.Contains(slices.Concat(a.hash, a.sort), field) && p.empty(v) && !slices.Contains(a.standIn, field) {
		return true
	}
	return slices.ContainsFunc(a.when, func(c clause) bool { return c.field == field && !c.holds(p.show(v)) })
}

func (k kind[T]) prop(name string) prop[T] {
	for _, p := range slices.Concat(k.keyed, k.props) {
		if p.name == name {
			return p
		}
	}
	panic("no field " + name)
}

// checkKeys compares every key attribute of a stored row with the one rendered by hand.
func checkKeys[T any](t *rapid.T, k kind[T], v *T, stored row) {
	main, indexes := k.keys(v)
	want := map[string]string{"pk": main.pk, "sk": main.sk}
	uses := map[string]int{"pk": 1}
	texts := map[string]string{}
	for _, x := range indexes {
		uses[x.hashAttr]++
		uses[x.sortAttr]++
		texts[x.hashAttr], texts[x.sortAttr] = x.hash, x.sort
		if x.in {
			want[x.hashAttr], want[x.sortAttr] = x.hash, x.sort
		}
	}
	for _, attr := range []string{"pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "gsi3pk", "gsi3sk", "agesk", "mixedsk"} {
		s, there := stored[attr].(*types.AttributeValueMemberS)
		text, wanted := want[attr]
		switch {
		case !there && wanted:
			t.Fatalf("%s: %+v lacks %s, want %q", k.name, *v, attr, text)
		case there && wanted && s.Value != text:
			t.Fatalf("%s: %+v has %s = %q, want %q", k.name, *v, attr, s.Value, text)
		case there && !wanted && (uses[attr] < 2 || s.Value != texts[attr]):
			// An attribute that two indexes share may stay, as long as it is right.
			t.Fatalf("%s: %+v has %s = %q, want none", k.name, *v, attr, s.Value)
		}
	}
}

// checkRest checks that attributes which nobody named are as they were.
func checkRest[T any](t *rapid.T, k kind[T], changes []change[T], before, after row, missing bool) {
	named := map[string]bool{"pk": true, "sk": true, "_type": true}
	typ := reflect.TypeFor[T]()
	for _, c := range changes {
		root, _, _ := strings.Cut(c.field, ".")
		f, _ := typ.FieldByName(root)
		attr, _, _ := strings.Cut(f.Tag.Get("dynamodbav"), ",")
		named[attr] = true
	}
	for attr, v := range after {
		old, there := before[attr]
		if named[attr] || strings.HasSuffix(attr, "pk") || strings.HasSuffix(attr, "sk") || missing && slices.ContainsFunc(k.keyed, func(p prop[T]) bool { return strings.EqualFold(p.name, attr) }) {
			continue
		}
		if !there || !reflect.DeepEqual(old, v) {
			t.Fatalf("%s: attribute %s was %v and is %v, and nobody named it", k.name, attr, old, v)
		}
	}
	for attr := range before {
		if _, there := after[attr]; !there && !named[attr] && !strings.HasSuffix(attr, "pk") && !strings.HasSuffix(attr, "sk") {
			t.Fatalf("%s: attribute %s is gone, and nobody named it", k.name, attr)
		}
	}
	if name, ok := after["_type"].(*types.AttributeValueMemberS); !ok || !strings.EqualFold(name.Value, k.name) {
		t.Fatalf("%s: the type is %v", k.name, after["_type"])
	}
}

func (n *tallies) count(before, after row) {
	for _, attr := range []string{"gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "gsi3pk", "gsi3sk", "agesk"} {
		old, was := before[attr]
		now, is := after[attr]
		switch {
		case is && (!was || !reflect.DeepEqual(old, now)):
			n.KeyWritten++
			return
		case was && !is:
			n.KeyRemoved++
			return
		}
	}
}

// settled makes values comparable that mean the same: a set has no order.
func settled[T any](v T) T {
	if x, ok := any(&v).(*ticket); ok && x.Tags != nil {
		x.Tags = slices.Sorted(slices.Values(x.Tags))
	}
	return v
}

func keyByHand[T any](k kind[T], v T) row {
	main, _ := k.keys(&v)
	return row{"pk": &types.AttributeValueMemberS{Value: main.pk}, "sk": &types.AttributeValueMemberS{Value: main.sk}}
}

func deleteRow[T any](ctx context.Context, t *rapid.T, c *dynamodb.Client, k kind[T], v T) row {
	key := keyByHand(k, v)
	if _, err := c.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String("family"), Key: key}); err != nil {
		t.Fatal(err)
	}
	return key
}

// plant adds an attribute that T does not know.
func plant(ctx context.Context, t *rapid.T, c *dynamodb.Client, key row) {
	_, err := c.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: aws.String("family"), Key: key, UpdateExpression: aws.String("SET legacy = :v"),
		ExpressionAttributeValues: row{":v": &types.AttributeValueMemberS{Value: "kept"}}})
	if err != nil {
		t.Fatal(err)
	}
}

func readRow(ctx context.Context, t *rapid.T, c *dynamodb.Client, key row) row {
	out, err := c.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("family"), Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

// loaded reads a row with the SDK's own codec.
func loaded[T any](t *rapid.T, stored row) T {
	var v T
	if err := attributevalue.UnmarshalMap(stored, &v); err != nil {
		t.Fatal(err)
	}
	return inUTC(v)
}

// inUTC turns the local times of the SDK's codec into what they mean.
func inUTC[T any](v T) T {
	switch x := any(&v).(type) {
	case *device:
		if !x.Seen.IsZero() {
			x.Seen = x.Seen.UTC()
		}
	case *ticket:
		x.Due = x.Due.UTC()
	case *doc:
		x.Edited = x.Edited.UTC()
	}
	return v
}
