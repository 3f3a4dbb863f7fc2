package txn

import (
	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// Operation is one typed write of a transaction, planned and checked when it was made: times are of that moment. What is wrong with
// it comes out of [Txn.Commit]. It is immutable, and safe for concurrent use and for several transactions.
type Operation struct {
	write  *repo.Write
	sender repo.Sender
	err    error
}

// String is the verb and the entity, "Create Order", or what is wrong. It holds no attribute values and no key text.
func (o Operation) String() string {
	switch {
	case o.err != nil:
		return o.err.Error()
	case o.write == nil:
		return "no operation"
	}
	return o.write.Verb() + " " + o.write.Entity()
}

// Create adds a new item, as [repo.Repository.Create] does.
func Create[T any](r *repo.Repository[T], v T) Operation {
	w, err := r.CreateWrite(v)
	return Operation{w, r.Sender(), err}
}

// Put stores an item, as [repo.Repository.Put] does, on the conditions of the repository's If. Where the type has unique fields
// their old values must be pinned there, with field.Eq(old), or its version must be 0: a transaction reads nothing.
func Put[T any](r *repo.Repository[T], v T) Operation {
	w, err := r.PutWrite(v)
	return Operation{w, r.Sender(), err}
}

// Update changes what it names of an item, as [repo.Repository.Update] does, on the conditions of the repository's If. Where a unique
// field changes its old value must be pinned there, with field.Eq(old).
func Update[T any](r *repo.Repository[T], example T, changes ...expr.Update[T]) Operation {
	w, err := r.UpdateWrite(example, changes...)
	return Operation{w, r.Sender(), err}
}

// Upsert changes what it names of an item that may not exist yet, as [repo.Repository.Upsert] does.
func Upsert[T any](r *repo.Repository[T], example T, changes ...expr.Update[T]) Operation {
	w, err := r.UpsertWrite(example, changes...)
	return Operation{w, r.Sender(), err}
}

// Delete removes an item, as [repo.Repository.Delete] does, on the conditions of the repository's If. The values of unique fields must
// be pinned there, with field.Eq(value). A guard that turns out to be another item's is left alone, at the price of a second request.
func Delete[T any](r *repo.Repository[T], example T) Operation {
	w, err := r.DeleteWrite(example)
	return Operation{w, r.Sender(), err}
}

// Check writes nothing, and cancels the transaction unless the item exists and fulfils the conditions of the repository's If. A
// condition that a field of the primary key does not exist is for an item that must not be there. Where the example carries a version
// that is checked as well.
func Check[T any](r *repo.Repository[T], example T) Operation {
	w, err := r.CheckWrite(example)
	return Operation{w, r.Sender(), err}
}
