package repo

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/internal/ast"
)

// Upsert is Update for an item that may not exist yet: then it is made, of the key's fields, the type, what the changes name, the
// created time, version 1, and the keys of every index whose fields are all known. Required fields must be among the changes.
// Everything else is as with [Repository.Update], but that a missing item is no error. An item of another entity is [ErrWrongEntity].
// A type with unique fields has no Upsert: use Create, and Update where it says [ErrAlreadyExists].
func (r *Repository[T]) Upsert(ctx context.Context, example T, changes ...expr.Update[T]) (T, error) {
	w, err := r.UpsertWrite(example, changes...)
	if err != nil {
		var zero T
		return zero, err
	}
	row, err := r.core.writeUpdate(ctx, w)
	return decodeResult(r, "Upsert", row, err)
}

// UpsertWrite plans what Upsert sends, and sends nothing.
func (r *Repository[T]) UpsertWrite(example T, changes ...expr.Update[T]) (*Write, error) {
	w, err := r.core.upsertWrite(reflect.ValueOf(&example).Elem(), changesOf(changes))
	return w, r.core.entity.failed("Upsert", err)
}

func (r *core) upsertWrite(root reflect.Value, changes []ast.Change) (*Write, error) {
	if len(r.entity.Unique) > 0 {
		return nil, &Error{Field: r.entity.Unique[0].Ref.Path, kind: errors.ErrUnsupported, Reason: "a type with unique fields has no Upsert; use Create, and Update where the item exists"}
	}
	return r.planUpdate(&updating{verb: "Upsert", upsert: true, changes: changes}, root)
}

// upsertChanges are the changes that make a new item complete: the fields of its key, each where there is none yet, and its type.
func (e *entity) upsertChanges(root reflect.Value) ([]ast.Change, error) {
	key := reflect.New(e.Type).Elem()
	for _, ref := range e.KeyRefs() {
		ref.Copy(key, root)
	}
	whole, err := e.codec.Encode(key, 0)
	if err != nil {
		return nil, invalidValue(err)
	}
	row := item{}
	for _, ref := range e.KeyRefs() {
		at := e.pathOf(ref)
		if av, ok := at.In(whole); ok {
			nest(row, at, av)
		}
	}
	var out []ast.Change
	for _, f := range e.Fields {
		if av, ok := row[f.Attr]; ok && !slices.Contains(e.table.keyAttributes(), f.Attr) {
			out = append(out, ast.SetIfNotExists(ast.Path{}.Field(f, nil), ast.Value(av)))
		}
	}
	if e.table.typed() {
		out = append(out, ast.Set(ast.Attr(e.table.TypeAttribute), ast.Value(&types.AttributeValueMemberS{Value: e.Name})))
	}
	return out, nil
}
