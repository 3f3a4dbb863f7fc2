package repo_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/txn"
)

// machineItems is how many items each entity has at most: few, so that verbs meet.
const machineItems = 6

// part is an actor: one entity, its items in the model, and repositories of it.
type part[T any] struct {
	k     kind[T]
	x     roles[T]
	repos []*repo.Repository[T]
	items [machineItems]*T
	kept  [machineItems]bool // the row has an attribute that T does not know
	holes [machineItems]bool // the row lacks an attribute that a Put would give it: decoded it is zero, and equal to nothing
}

func cast[T any](c *dynamodb.Client, table repo.Table, k kind[T], x roles[T]) actor {
	r := repo.Must(repo.New[T](c, table))
	return &part[T]{k: k, x: x, repos: []*repo.Repository[T]{r, repo.Must(repo.New[T](c, table)), r.Consistent(), r.ExactlyOnce()}}
}

func (p *part[T]) member() repo.Member { return p.repos[0] }

func (p *part[T]) count() (n int) {
	for _, v := range p.items {
		if v != nil {
			n++
		}
	}
	return n
}

// turn is one operation while it is drawn.
type turn[T any] struct {
	*part[T]
	*operation
	m   *machine
	i   int
	r   *repo.Repository[T]
	cur *T // as the model has it, nil where there is none
	now T  // the same, or the key alone

	digs bool // an attribute is removed, or never made, that a Put would write
}

func (p *part[T]) operation(t *rapid.T, m *machine, direct bool) *operation {
	i := rapid.IntRange(0, machineItems-1).Draw(t, "item")
	u := &turn[T]{part: p, operation: &operation{item: itemName(p.k.name, i)}, m: m, i: i, cur: p.items[i], now: p.k.blank(i)}
	u.r = p.repos[rapid.IntRange(0, len(p.repos)-1).Draw(t, "repository")]
	if u.cur != nil {
		u.now = *u.cur
	}
	main, _ := p.k.keys(&u.now)
	u.owner = main.pk + " " + main.sk
	u.before = u.claims(u.cur)
	u.after = u.before
	u.commit = func() {}
	u.verify = u.check
	u.vague = u.holes[i] && len(u.x.immutable) > 0
	verbs := []func(*rapid.T){u.create, u.put, u.update, u.update, u.update, u.update, u.upsert, u.upsert, u.delete, u.exists}
	if direct {
		verbs = append(verbs, u.modify, u.modify, u.modify, u.take, u.get, u.plant)
	}
	verbs[rapid.IntRange(0, len(verbs)-1).Draw(t, "verb")](t)
	return u.operation
}

func (p *part[T]) claims(v *T) []claim {
	if v == nil || p.x.unique == nil {
		return nil
	}
	return p.x.unique(v)
}

// allow adds an error that must come, or another that is allowed as well.
func (u *turn[T]) allow(when bool, err error) {
	if when {
		u.allowed = append(u.allowed, err)
	}
}

func (u *turn[T]) missing() bool { return u.cur == nil }

func (u *turn[T]) expired() bool {
	return u.cur != nil && u.x.ttl != nil && !u.x.ttl(u.cur).IsZero() && u.x.ttl(u.cur).Unix() <= u.m.now.Unix()
}

// conditional draws conditions of a view.
func (u *turn[T]) conditional(t *rapid.T) (holds bool) {
	if !rare(t, 1) {
		return true
	}
	pins, conds := drawPins(t, u.k, &u.now, u.missing())
	if len(conds) > 0 {
		u.r, u.vague = u.r.If(conds...), u.vague || u.holes[u.i]
		t.Logf("%s of %s if %v, now %+v", u.verb, u.item, conds, u.now)
	}
	return !slices.ContainsFunc(pins, func(p pin[T]) bool { return !p.holds })
}

// versioned draws the version that an example carries: none, the right one, or another.
func (u *turn[T]) versioned(t *rapid.T, v *T) (given int64) {
	if u.x.version == nil {
		return 0
	}
	switch rapid.IntRange(0, 4).Draw(t, "version") {
	case 0, 1:
		given = 0
	case 2, 3:
		given = *u.x.version(&u.now)
	case 4:
		given = *u.x.version(&u.now) + 1
	}
	*u.x.version(v) = given
	return given
}

// stored is what a write makes of a whole value.
func (u *turn[T]) stored(v T, version int64) *T {
	if u.x.version != nil {
		*u.x.version(&v) = version
	}
	if u.x.created != nil && u.x.created(&v).IsZero() {
		*u.x.created(&v) = u.m.now
	}
	if u.x.updated != nil {
		*u.x.updated(&v) = u.m.now
	}
	return &v
}

// becomes says what the write leaves, nil for nothing, and whether it keeps the attributes that it does not name.
func (u *turn[T]) becomes(v *T, keeps bool) {
	u.after = u.claims(v)
	u.moves = !reflect.DeepEqual(u.indexKeys(u.cur), u.indexKeys(v))
	u.commit = func() {
		u.items[u.i], u.kept[u.i], u.holes[u.i] = v, keeps && u.kept[u.i], keeps && (u.holes[u.i] || u.digs)
	}
}

func (u *turn[T]) indexKeys(v *T) []keyOfIndex {
	if v == nil {
		return nil
	}
	_, keys := u.k.keys(v)
	return slices.DeleteFunc(keys, func(x keyOfIndex) bool { return !x.in })
}

// refuseEmpty allows for fields that a whole value leaves empty.
func (u *turn[T]) refuseEmpty(v *T) {
	for _, p := range u.k.props {
		u.allow(p.required && p.empty(v), repo.ErrInvalidValue)
	}
	for _, c := range u.claims(v) {
		u.allow(c.empty, repo.ErrInvalidValue)
	}
}

func (u *turn[T]) create(t *rapid.T) {
	u.verb = "Create"
	v := u.k.draw(t, u.i)
	u.refuseEmpty(&v)
	u.allow(!u.missing() && !u.expired(), repo.ErrAlreadyExists)
	want := u.stored(v, 1)
	u.becomes(want, false)
	u.op = txn.Create(u.r, v)
	u.run = func(ctx context.Context) error { return u.answer(t, want)(u.r.Create(ctx, v)) }
}

func (u *turn[T]) put(t *rapid.T) {
	u.verb = "Put"
	v := u.k.draw(t, u.i)
	u.refuseEmpty(&v)
	u.allow(!u.conditional(t), repo.ErrConditionFailed)
	given := u.versioned(t, &v)
	if u.x.version != nil {
		u.allow(given == 0 && !u.missing() || given > 0 && (u.missing() || *u.x.version(u.cur) != given), repo.ErrVersionConflict)
	}
	u.allow(u.changesImmutable(&v), repo.ErrImmutable)
	u.stale = u.x.unique != nil
	want := u.stored(v, given+1)
	u.becomes(want, false)
	u.op = txn.Put(u.r, v)
	u.run = func(ctx context.Context) error { return u.answer(t, want)(u.r.Put(ctx, v)) }
}

func (u *turn[T]) changesImmutable(v *T) bool {
	return u.cur != nil && slices.ContainsFunc(u.x.immutable, func(name string) bool {
		return u.k.prop(name).show(u.cur) != u.k.prop(name).show(v)
	})
}

func (u *turn[T]) update(t *rapid.T) { u.patch(t, false) }
func (u *turn[T]) upsert(t *rapid.T) { u.patch(t, true) }

func (u *turn[T]) patch(t *rapid.T, upsert bool) {
	u.verb = map[bool]string{false: "Update", true: "Upsert"}[upsert]
	example := u.k.blank(u.i)
	changes, updates := drawChanges(t, u.k, &u.now, upsert)
	if u.holes[u.i] && slices.ContainsFunc(updates, func(c expr.Update[T]) bool { return strings.Contains(c.String(), "if_not_exists") }) {
		u.exists(t) // the model does not say what would become of it
		return
	}
	holds := u.conditional(t)
	given := u.versioned(t, &example)
	want, possible := cloned(u.now), true
	for _, c := range changes {
		possible = c.apply(&want, u.missing()) && possible
	}
	u.stale = true
	u.vague = u.vague || u.holes[u.i] && slices.ContainsFunc(changes, func(c change[T]) bool { return strings.Contains(c.field, ".") })
	u.digs = u.missing() || slices.ContainsFunc(changes, func(c change[T]) bool {
		return !u.k.prop(c.field).omits && strings.HasPrefix(c.update.String(), "REMOVE")
	})
	u.allow(upsert && u.x.unique != nil, errors.ErrUnsupported)
	u.allow(u.missing() && !upsert, repo.ErrNotFound)
	u.allow(!holds || !possible, repo.ErrConditionFailed)
	u.allow(emptiesRequired(u.k, changes, upsert), repo.ErrInvalidValue)
	u.allow(given > 0 && (u.missing() || *u.x.version(&u.now) != given), repo.ErrVersionConflict)
	for _, c := range changes {
		if slices.Contains(u.x.immutable, c.field) {
			u.allow(!upsert || strings.HasPrefix(c.update.String(), "REMOVE") || u.changesImmutable(&want), repo.ErrImmutable)
		}
	}
	for _, claim := range u.claims(&want) {
		emptied := slices.ContainsFunc(changes, func(c change[T]) bool { return c.field == claim.field && c.empties })
		u.allow(claim.empty || emptied, repo.ErrInvalidValue)
	}
	version := int64(1)
	if u.cur != nil && u.x.version != nil {
		version = *u.x.version(u.cur) + 1
	}
	left := u.stored(want, version)
	u.becomes(left, true)
	u.op = txn.Update(u.r, example, updates...)
	if upsert {
		u.op = txn.Upsert(u.r, example, updates...)
	}
	u.run = func(ctx context.Context) error { return u.answer(t, left)(call(ctx, u.r, upsert, example, updates)) }
}

func (u *turn[T]) modify(t *rapid.T) {
	u.verb = "Modify"
	want := cloned(u.now)
	for _, i := range shuffled(len(u.k.props)).Draw(t, "fields")[:rapid.IntRange(0, min(3, len(u.k.props))).Draw(t, "changes")] {
		if p := u.k.props[i]; p.empty != nil && !strings.Contains(p.name, ".") {
			p.fill(t, &want)
		}
	}
	u.allow(u.missing() || u.expired(), repo.ErrNotFound)
	u.allow(u.changesImmutable(&want), repo.ErrImmutable)
	changed := want
	left := &changed
	if u.cur != nil && !reflect.DeepEqual(settled(want), settled(*u.cur)) {
		u.refuseEmpty(&want)
		version := int64(0)
		if u.x.version != nil {
			version = *u.x.version(u.cur) + 1
		}
		left = u.stored(want, version)
	}
	u.becomes(left, true)
	u.run = func(ctx context.Context) error {
		return u.answer(t, left)(u.r.Modify(ctx, u.k.blank(u.i), func(v *T) error { *v = want; return nil }))
	}
}

func (u *turn[T]) delete(t *rapid.T) {
	u.verb = "Delete"
	example := u.k.blank(u.i)
	before := u.r
	holds := u.conditional(t)
	u.allow(!holds || u.missing() && u.r != before, repo.ErrConditionFailed)
	given := u.versioned(t, &example)
	u.allow(given > 0 && !u.missing() && *u.x.version(&u.now) != given, repo.ErrVersionConflict)
	u.stale = u.x.unique != nil
	u.becomes(nil, false)
	u.op = txn.Delete(u.r, example)
	u.run = func(ctx context.Context) error { return u.r.Delete(ctx, example) }
}

func (u *turn[T]) take(t *rapid.T) {
	u.verb = "Take"
	example := u.k.blank(u.i)
	u.allow(u.missing(), repo.ErrNotFound)
	given := u.versioned(t, &example)
	u.allow(given > 0 && !u.missing() && *u.x.version(&u.now) != given, repo.ErrVersionConflict)
	u.becomes(nil, false)
	u.run = func(ctx context.Context) error { return u.answer(t, u.cur)(u.r.Take(ctx, example)) }
}

func (u *turn[T]) get(t *rapid.T) {
	u.verb = "Get"
	u.allow(u.missing() || u.expired(), repo.ErrNotFound)
	u.run = func(ctx context.Context) error { return u.answer(t, u.cur)(u.r.Get(ctx, u.k.blank(u.i))) }
}

// exists is a condition check alone; expired items are there for it.
func (u *turn[T]) exists(*rapid.T) {
	u.verb = "Check"
	u.allow(u.missing(), repo.ErrNotFound)
	u.op = txn.Check(u.r, u.k.blank(u.i))
	u.run = func(ctx context.Context) error { return txn.New(u.m.client).Add(u.op).Commit(ctx) }
}

// plant adds an attribute that T does not know, past the library.
func (u *turn[T]) plant(*rapid.T) {
	u.verb = "plant"
	u.commit = func() { u.kept[u.i] = u.kept[u.i] || u.cur != nil }
	u.run = func(ctx context.Context) error {
		if u.cur == nil {
			return nil
		}
		_, err := u.m.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: aws.String("family"), Key: keyByHand(u.k, u.k.blank(u.i)),
			UpdateExpression: aws.String("SET legacy = :v"), ExpressionAttributeValues: row{":v": &types.AttributeValueMemberS{Value: "kept"}}})
		return err
	}
}

// answer checks what a verb returns: the item as stored, or the zero value beside an error.
func (u *turn[T]) answer(t *rapid.T, want *T) func(T, error) error {
	return func(got T, err error) error {
		var expected T
		if err == nil && want != nil {
			expected = *want
		}
		if !reflect.DeepEqual(settled(got), settled(expected)) {
			t.Fatalf("%s of %s returned %+v, want %+v (error %v)", u.verb, u.item, got, expected, err)
		}
		return err
	}
}

// check compares the stored row with the model.
func (u *turn[T]) check(ctx context.Context, t *rapid.T, c *dynamodb.Client) {
	stored := readRow(ctx, t, c, keyByHand(u.k, u.k.blank(u.i)))
	want := u.items[u.i]
	if want == nil {
		if len(stored) > 0 {
			t.Fatalf("after %s %s is there", u.verb, u.item)
		}
		return
	}
	if got := decodedRow[T](t, stored); !reflect.DeepEqual(settled(got), settled(*want)) {
		t.Fatalf("after %s %s is %+v, want %+v", u.verb, u.item, got, *want)
	}
	checkKeys(t, u.k, want, stored)
	if _, kept := stored["legacy"]; kept != u.kept[u.i] {
		t.Fatalf("after %s of %s an attribute that nobody named is there: %v, want %v", u.verb, u.item, kept, u.kept[u.i])
	}
}
