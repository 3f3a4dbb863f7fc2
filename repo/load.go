package repo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Loader is a variable that [Partition.Load] fills: [One], [Many] or [Rest].
type Loader interface {
	// member is whose rows it takes; nil for those of no member.
	member() Member
	// take takes a row.
	take(item) error
	// check says what is missing when all rows were taken.
	check() error
	// store fills the variable.
	store()
}

// Load reads the whole collection, as [Partition.Items] does, and fills the variables: those of One and Many with the items of their
// types, in order of their sort keys, and that of Rest with the rows of no type; without Rest such rows are skipped. It holds all of it
// at once: bound a collection that may be large. On an error the variables stay as they were. One type in two variables, and no
// variables at all, are [ErrInvalidValue].
func (p Partition[T]) Load(ctx context.Context, into ...Loader) error {
	return p.collection.repo.entity.failed("Load", p.collection.load(ctx, into))
}

func (p collection) load(ctx context.Context, into []Loader) error {
	by := map[*entity]Loader{}
	var rest Loader
	var members []Member
	for _, l := range into {
		m := l.member()
		if m == nil && rest == nil {
			rest = l
			p.spec.unknown = true
			continue
		}
		if m == nil || m.member() != nil && by[m.member().entity] != nil {
			return &Error{kind: ErrInvalidValue, Reason: "two variables are for the same rows; name each type once"}
		}
		members = append(members, m)
		if m.member() != nil { // a nil repository is refused with the others' faults
			by[m.member().entity] = l
		}
	}
	for f, err := range p.found(ctx, members) {
		l := by[f.entity]
		if err == nil && f.entity == nil {
			l = rest
		}
		if err == nil {
			err = l.take(f.row)
		}
		if err != nil {
			return err
		}
	}
	for _, l := range into {
		if err := l.check(); err != nil {
			return err
		}
	}
	for _, l := range into {
		l.store()
	}
	return nil
}

// OneLoader fills a variable with the one item of its type.
type OneLoader[T any] struct {
	repo *Repository[T]
	into *T
	has  *bool
	v    T
	n    int
}

// One fills the variable with the one item of the type that the collection has. None is [ErrNotFound], unless Found is asked; more than
// one is [ErrInvalidValue].
func One[T any](r *Repository[T], into *T) *OneLoader[T] { return &OneLoader[T]{repo: r, into: into} }

// Found says in a variable whether there is such an item; where there is none the other variable is set to the zero T.
func (o *OneLoader[T]) Found(ok *bool) *OneLoader[T] {
	o.has = ok
	return o
}

func (o *OneLoader[T]) member() Member { return o.repo }

func (o *OneLoader[T]) take(row item) (err error) {
	if o.n++; o.n > 1 {
		return &Error{Entity: o.repo.core.entity.Name, kind: ErrInvalidValue, Reason: "the collection has more than one item of the type; read them with Many"}
	}
	o.v, err = decodeAs[T](o.repo.core.entity, row)
	return o.repo.core.entity.failed("", err)
}

func (o *OneLoader[T]) check() error {
	if o.n == 0 && o.has == nil {
		return &Error{Entity: o.repo.core.entity.Name, kind: ErrNotFound}
	}
	return nil
}

func (o *OneLoader[T]) store() {
	if *o.into = o.v; o.has != nil {
		*o.has = o.n > 0
	}
}

// ManyLoader fills a slice with the items of its type.
type ManyLoader[T any] struct {
	repo *Repository[T]
	into *[]T
	v    []T
}

// Many fills the slice with all items of the type, in order; with none it is nil.
func Many[T any](r *Repository[T], into *[]T) *ManyLoader[T] {
	return &ManyLoader[T]{repo: r, into: into}
}

func (m *ManyLoader[T]) member() Member { return m.repo }

func (m *ManyLoader[T]) take(row item) error {
	v, err := decodeAs[T](m.repo.core.entity, row)
	m.v = append(m.v, v)
	return m.repo.core.entity.failed("", err)
}

func (m *ManyLoader[T]) check() error { return nil }

func (m *ManyLoader[T]) store() { *m.into = m.v }

// RestLoader fills a slice with the rows of no type.
type RestLoader struct {
	into *[]map[string]types.AttributeValue
	v    []map[string]types.AttributeValue
}

// Rest collects the rows of types that no other variable is for.
func Rest(into *[]map[string]types.AttributeValue) *RestLoader { return &RestLoader{into: into} }

func (r *RestLoader) member() Member { return nil }

func (r *RestLoader) take(row item) error {
	r.v = append(r.v, row)
	return nil
}

func (r *RestLoader) check() error { return nil }

func (r *RestLoader) store() { *r.into = r.v }
