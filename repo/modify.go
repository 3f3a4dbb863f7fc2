package repo

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// Modify reads the item that has the key of the example, consistently, calls the function on a copy of it, and writes what the
// function changed; it returns the item as it is then. The write is conditional on the version or, without one, on every attribute
// of T as it was read. Where another writer came between, all of it is done again, the function included, up to ten times in all;
// then it is [ErrVersionConflict] or, without a version, [ErrConditionFailed]. So no update is lost; without a version that holds
// as long as no other writer changes the item back between two attempts of the call. Keys of the indexes whose fields change, and
// unique guards, are written with it.
//
// Only what differs is written, structs member by member, so that attributes that T does not know survive; lists, sets and Go maps
// are written whole. Where nothing differs nothing is written. A missing or expired item is [ErrNotFound]. An error of the function
// ends the call, nothing is written, and errors.Is and errors.As find it; a panic passes through. A change of the primary key, of an
// immutable field, or of one that the library writes is [ErrImmutable]. A type of over 150 attributes without a version is
// [ErrTooLarge].
//
// Costs a consistent read, and a write where something changed: two requests.
func (r *Repository[T]) Modify(ctx context.Context, example T, change func(*T) error) (T, error) {
	var key, zero T
	if err := r.core.unconditional(); err != nil {
		return zero, r.core.entity.failed("Modify", err)
	}
	if change == nil {
		return zero, &Error{Op: "Modify", Entity: r.core.entity.Name, kind: ErrEmptyUpdate, Reason: "the function is nil"}
	}
	root := reflect.ValueOf(&key).Elem()
	for _, ref := range r.core.entity.KeyRefs() {
		ref.Copy(root, reflect.ValueOf(&example).Elem())
	}
	row, err := r.core.rewrite(ctx, "Modify", root, func(old item) (*Write, error) { return r.modify(root, old, change) })
	return decodeResult(r, "Modify", row, err)
}

// modify plans the write of what the function changes; none where it changes nothing.
func (r *Repository[T]) modify(root reflect.Value, old item, change func(*T) error) (*Write, error) {
	if len(old) == 0 || r.core.entity.belongs(old) && r.core.hides(old) {
		return nil, &Error{kind: ErrNotFound}
	}
	before, err := decodeAs[T](r.core.entity, old)
	if err != nil {
		return nil, err
	}
	after, err := decodeAs[T](r.core.entity, old)
	if err != nil {
		return nil, err
	}
	if err := change(&after); err != nil {
		return nil, &Error{Reason: "the function refused (errors.As and errors.Is reach its error)", cause: quiet{err}}
	}
	return r.core.entity.planModify(root, old, reflect.ValueOf(&before).Elem(), reflect.ValueOf(&after).Elem())
}

// planModify is the part of a Modify that does not depend on T.
func (e *entity) planModify(root reflect.Value, old item, before, after reflect.Value) (*Write, error) {
	if err := e.sameKey(root, after); err != nil {
		return nil, err
	}
	was, err := e.codec.Encode(before, 0)
	if err != nil {
		return nil, invalidValue(err)
	}
	is, err := e.codec.Encode(after, 0)
	if err != nil {
		return nil, invalidValue(err)
	}
	changes := differences(e.Struct, ast.Path{}, was, is, e.modern(old))
	if len(changes) == 0 {
		return nil, nil
	}
	if err := validate(after); err != nil {
		return nil, err
	}
	read, err := e.pinAll(old)
	if err != nil {
		return nil, err
	}
	return e.planUpdate(&updating{verb: "Modify", changes: changes, read: read}, root, nil)
}

// sameKey refuses a function that changed the primary key, also where the new one could not be stored.
func (e *entity) sameKey(root, after reflect.Value) error {
	for _, ref := range e.KeyRefs() {
		a, okA, errA := e.canonical(ref, root)
		b, okB, errB := e.canonical(ref, after)
		if errA != nil || errB != nil || okA != okB || okA && !reflect.DeepEqual(a.Interface(), b.Interface()) {
			return &Error{Field: ref.Path, kind: ErrImmutable, Reason: "the function changed a field of the primary key; store the item under its new key, and delete the old one"}
		}
	}
	return nil
}

// differences lists the changes that make one encoded struct of another. Structs that are stored as maps are compared member by
// member.
func differences(s *schema.Struct, at ast.Path, was, is, stored item) []ast.Change {
	var out []ast.Change
	for _, f := range s.Fields {
		p := at.Field(f, nil)
		a, b := was[f.Attr], is[f.Attr]
		if reflect.DeepEqual(a, b) {
			continue
		}
		am, okA := a.(*types.AttributeValueMemberM)
		bm, okB := b.(*types.AttributeValueMemberM)
		sm, okStored := stored[f.Attr].(*types.AttributeValueMemberM)
		switch {
		case b == nil:
			out = append(out, ast.Remove(p))
		case f.Struct != nil && okA && okB && okStored:
			out = append(out, differences(f.Struct, p, am.Value, bm.Value, sm.Value)...)
		default:
			out = append(out, ast.Set(p, ast.Value(b)))
		}
	}
	return out
}
