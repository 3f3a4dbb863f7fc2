package repo

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/internal/ast"
)

// Partition is an item collection: all items of one partition of the table, or of an index, whatever their types. Like a [Query] it is
// an immutable value, and nothing is sent until it is run. T is the entity whose fields name the partition.
type Partition[T any] struct{ collection collection }

// collection is a partition without its type parameter.
type collection struct {
	repo    *core
	of      Member
	example reflect.Value
	spec    partitionSpec
}

// partitionSpec is what was asked for.
type partitionSpec struct {
	index      string
	where      []*ast.Cond
	filter     []*ast.Cond
	desc       bool
	consistent bool
	hydrate    bool
	unknown    bool
	bounds     pageBounds
}

// Partition is the item collection that the example belongs to: of its fields those of the partition key matter. They are missing where
// they are empty, which is [ErrIncompleteKey] when the collection is read. A field that chooses a shard does not matter: the collection
// is in all shards.
func (r *Repository[T]) Partition(example T) Partition[T] {
	return Partition[T]{collection{&r.core, r, reflect.ValueOf(&example).Elem(), partitionSpec{consistent: r.core.view.consistent}}}
}

// IndexPartition is the item collection of an index that the example belongs to.
func (r *Repository[T]) IndexPartition(index string, example T) Partition[T] {
	p := r.Partition(example)
	p.collection.spec.index = index
	return p
}

// Where bounds the sort keys, by conditions on the fields of T's sort key from the left: equalities, then at most one range or prefix.
// They hold for the keys of all types, as far as those begin with the same fields; what follows in a key is open. Conditions that the
// sort key cannot serve are [ErrNoIndex].
func (p Partition[T]) Where(conds ...expr.Cond[T]) Partition[T] {
	p.collection.spec.where = slices.Concat(p.collection.spec.where, nodes(conds))
	return p
}

// Filter leaves out items of T for which the conditions do not hold; items of other types stay. One without a type attribute is taken for
// T's in that, since DynamoDB does not know better. DynamoDB applies it after it has read
// an item, and capacity is paid for what it leaves out. In a table without types nothing tells the items of T from others before they
// are read: there it is [ErrInvalidValue].
func (p Partition[T]) Filter(conds ...expr.Cond[T]) Partition[T] {
	p.collection.spec.filter = slices.Concat(p.collection.spec.filter, nodes(conds))
	return p
}

// Desc turns the order round: the last sort key first.
func (p Partition[T]) Desc() Partition[T] {
	p.collection.spec.desc = true
	return p
}

// Consistent reads strongly consistently, at twice the capacity. A global index cannot be read so, which is [ErrNoIndex].
func (p Partition[T]) Consistent() Partition[T] {
	p.collection.spec.consistent = true
	return p
}

// Limit bounds the items that are yielded, of all types together, at least 1.
func (p Partition[T]) Limit(n int) Partition[T] {
	p.collection.spec.bounds.setLimit(n)
	return p
}

// PageSize bounds the items that one request reads, at least 1.
func (p Partition[T]) PageSize(n int) Partition[T] {
	p.collection.spec.bounds.setPageSize(n)
	return p
}

// Hydrate fetches whole items where the index does not hold all attributes of every type, as [Query.Hydrate] does.
func (p Partition[T]) Hydrate() Partition[T] {
	p.collection.spec.hydrate = true
	return p
}

// Unknown yields rows of other types too, each as an [UnknownRow]; without it they are skipped. The guards of unique values are always
// skipped.
func (p Partition[T]) Unknown() Partition[T] {
	p.collection.spec.unknown = true
	return p
}

// UnknownRow is a row of none of the types that a collection was read for.
type UnknownRow struct {
	Item map[string]types.AttributeValue
}

// Items yields the items of the members' types in order of their sort keys, each as a value of its T for a type switch. A request is
// sent when the next page is needed, and none after a break; one page is held at a time. At most one error is yielded, last: members
// that cannot be told apart are a [*SchemaError], a row that does not fit its type [ErrInvalidValue], naming the entity. Ranging again
// starts again.
func (p Partition[T]) Items(ctx context.Context, members ...Member) iter.Seq2[any, error] {
	return p.collection.items(ctx, members)
}

func (p collection) items(ctx context.Context, members []Member) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for f, err := range p.found(ctx, members) {
			var v any
			if err == nil {
				v, err = f.value()
			}
			if err != nil {
				yield(nil, p.repo.entity.failed("Partition", err))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// found is a row, and the member that it is of; nil for none.
type found struct {
	entity *entity
	row    item
}

func (f found) value() (any, error) {
	if f.entity == nil {
		return UnknownRow{f.row}, nil
	}
	return f.entity.decodeAny(f.row)
}

// found yields the rows of the collection.
func (p collection) found(ctx context.Context, members []Member) iter.Seq2[found, error] {
	return func(yield func(found, error) bool) {
		d, err := p.decoder(members)
		if err != nil {
			yield(found{}, err)
			return
		}
		r, err := p.reading(d)
		if err != nil {
			yield(found{}, err)
			return
		}
		var of found
		var bad error
		key, ranged := r.query.ranged()
		near := ranged && r.query.sort.near
		r.belongs = func(row item) bool { // rows asks before it yields
			if near && len(row) > 0 && !r.query.sort.holds(row[key.name]) {
				return false
			}
			of, bad = p.told(d, row)
			return bad != nil || of.row != nil
		}
		for _, err := range rows(ctx, r, "Partition", p.repo.entity.Name) {
			if err == nil {
				err = bad
			}
			if !yield(of, err) || err != nil {
				return
			}
		}
	}
}

// decoder tells the members' rows apart. The collection's own T need not be among them, but must live in the same table.
func (p collection) decoder(members []Member) (*Decoder, error) {
	if len(members) == 0 {
		return nil, &Error{kind: ErrInvalidValue, Reason: "no types are named; name the repositories of those to be read"}
	}
	if err := Check(append([]Member{p.of}, members...)...); err != nil {
		return nil, err
	}
	for _, m := range members {
		if !m.member().view.scope.covers(p.repo.view.scope) {
			return nil, outOfScope("", "the scope of "+m.member().entity.Name+" is not that of the collection; take both from one scope")
		}
	}
	return NewDecoder(members...)
}

// told finds the member of a row; none for one that is skipped.
func (p collection) told(d *Decoder, row item) (found, error) {
	if s := p.repo.view.scope; len(row) == 0 || isGuard(row, d.table) || s != nil && !s.tenant(row[d.table.Key.Hash]) {
		return found{}, nil
	}
	e, err := d.find(row)
	switch {
	case errors.Is(err, ErrWrongEntity):
		if p.spec.unknown {
			return found{nil, row}, nil
		}
		return found{}, nil
	case err != nil:
		return found{}, err
	case !d.views[e].sees(row) || !p.repo.view.expired && e.isExpired(row):
		return found{}, nil
	}
	return found{e, row}, nil
}

// reading plans the collection.
func (p collection) reading(d *Decoder) (*reading, error) {
	if err := p.repo.unconditional(); err != nil {
		return nil, err
	}
	if err := p.spec.bounds.err(); err != nil {
		return nil, err
	}
	a, err := p.access()
	if err != nil {
		return nil, err
	}
	for _, e := range d.byName {
		missing := planning{entity: e}.lacking(a.index)
		if a.lacks = a.lacks || len(missing) > 0; a.lacks && !p.spec.hydrate {
			return nil, &Error{Index: a.name(), kind: ErrNoIndex, Reason: lacks(missing) + " of " + e.Name}
		}
	}
	filter, err := p.filter(a)
	if err != nil {
		return nil, err
	}
	q := query{p.repo, querySpec{desc: p.spec.desc, consistent: p.spec.consistent, bounds: p.spec.bounds}}
	return q.over(a, filter, nil)
}

// access is the partition, and the part of it that Where leaves.
func (p collection) access() (*access, error) {
	e := p.repo.entity
	example := reflect.New(e.Type).Elem() // the scope is filled into a copy: the value may be run by several goroutines
	example.Set(p.example)
	if err := p.repo.admit(example); err != nil {
		return nil, err
	}
	var x *boundIndex
	if p.spec.index != "" {
		if x = e.indexNamed(p.spec.index); x == nil {
			return nil, noSuchIndex(p.spec.index)
		}
	}
	constraints, err := e.constraints(p.spec.where)
	if err != nil {
		return nil, err
	}
	c := collecting{planning{entity: e, constraints: constraints, asked: asked{index: p.spec.index, consistent: p.spec.consistent, hydrate: true}}}
	a, err := c.plan(x, example)
	if err == nil && p.repo.view.scope != nil && !p.repo.view.scope.leads(a.hash) {
		err = outOfScope("", indexName(x)+" "+beyondScope)
	}
	return a, err
}

// filter is what the collection leaves out on the server.
func (p collection) filter(a *access) (*ast.Cond, error) {
	e := p.repo.entity
	if len(p.spec.filter) == 0 {
		return nil, nil
	}
	if !e.table.typed() {
		return nil, &Error{kind: ErrInvalidValue, Reason: "in a table without types DynamoDB cannot filter one type of a collection; sort the items out in the program, or use Query"}
	}
	if !e.reads(a, e.table.TypeAttribute) {
		return nil, &Error{Index: a.name(), kind: ErrNoIndex, Reason: "the index does not hold the type, so DynamoDB cannot filter one type of the collection; project it, or sort the items out in the program"}
	}
	var keys []string
	for _, k := range a.keys() {
		keys = append(keys, k.name)
	}
	for _, c := range p.spec.filter {
		if err := e.filterable(c, a, keys); err != nil {
			return nil, err
		}
	}
	return e.anyName(ast.Or(ast.Not(e.isOurs), ast.And(p.spec.filter...))), nil
}

// collecting plans the access of a collection.
type collecting struct{ planning }

func (c collecting) plan(x *boundIndex, example reflect.Value) (*access, error) {
	a, reason := c.access(x)
	if reason != "" {
		return nil, orNoIndex(x, reason, nil)
	}
	where := c.constraints
	if err := c.partitionOf(a, example); err != nil {
		return nil, err
	}
	s := serving{planning: c.planning, access: a, where: where, collection: true}
	for _, bind := range []func() (string, error){s.bindPartition, s.bindSort} {
		if reason, err := bind(); err != nil || reason != "" {
			return nil, orNoIndex(x, reason, err)
		}
	}
	for _, k := range where {
		if !slices.Contains(s.decided, k) {
			return nil, orNoIndex(x, "cannot bound the collection by "+k.ref.Path+", which its sort key does not decide; use Query with Filter", nil)
		}
	}
	return a, nil
}

func orNoIndex(x *boundIndex, reason string, err error) error {
	if err != nil {
		return err
	}
	return noIndex([]candidate{{indexName(x), reason}})
}

// partitionOf binds the fields of the partition key to those of the example.
func (c *collecting) partitionOf(a *access, example reflect.Value) error {
	for _, key := range a.hash {
		for _, m := range key.template.Members() {
			if m.Shard > 0 {
				continue // all shards are the collection
			}
			if c.find(m.Ref) != nil {
				return &Error{Field: m.Ref.Path, kind: ErrInvalidValue, Reason: "the field is part of the partition key, which the example names; bound the fields of the sort key"}
			}
			v, present, err := c.canonical(m.Ref, example)
			switch {
			case err != nil:
				return err
			case !present && m.Or == "":
				return &Error{Field: m.Ref.Path, Index: a.name(), kind: ErrIncompleteKey, Reason: "the field is empty, and the partition key needs it"}
			case !present:
				v = reflect.Value{} // which |or writes; a zero would be the number 0
			}
			c.constraints = append(c.constraints, &constraint{ref: m.Ref, equal: []reflect.Value{v}})
		}
	}
	return nil
}
