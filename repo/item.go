package repo

import (
	"errors"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/schema"
)

// Encode returns the whole item that the value is stored as: its attributes, the primary key, the keys of every index that it
// is in, and the type attribute. It is what Put sends. The item shares no memory with the value. On failure the error is
// [ErrIncompleteKey], [ErrInvalidKey] or [ErrInvalidValue]. Nothing is sent. Safe for concurrent use.
func (r *Repository[T]) Encode(v T) (map[string]types.AttributeValue, error) {
	root := reflect.ValueOf(&v).Elem()
	if err := r.core.admit(root); err != nil {
		return nil, r.core.entity.failed("Encode", err)
	}
	out, err := r.core.entity.encode(root)
	return out, r.core.entity.failed("Encode", err)
}

// Decode reads an item of this entity, such as an export or a stream holds, into a fresh value. An item of another entity is
// [ErrWrongEntity], one that does not fit the type [ErrInvalidValue]. Attribute names match exactly; attributes that T does not
// know are ignored. Nothing is sent. Safe for concurrent use.
func (r *Repository[T]) Decode(item map[string]types.AttributeValue) (T, error) {
	if !r.core.sees(item) {
		var zero T
		return zero, r.core.entity.failed("Decode", foreignRow())
	}
	v, err := decodeAs[T](r.core.entity, item)
	return v, r.core.entity.failed("Decode", err)
}

// encode makes the stored item of a value.
func (e *entity) encode(root reflect.Value) (item, error) {
	key, err := e.primaryKey(root)
	if err != nil {
		return nil, err
	}
	if err := e.complete(root); err != nil {
		return nil, err
	}
	if err := e.setIndexKeys(key, root); err != nil {
		return nil, err
	}
	out, err := e.codec.Encode(root, len(key)+2)
	if err != nil {
		return nil, invalidValue(err)
	}
	for name, v := range key {
		out[name] = v
	}
	if err := e.checkKeys(out); err != nil {
		return nil, err
	}
	if e.table.typed() {
		out[e.table.TypeAttribute] = &types.AttributeValueMemberS{Value: e.Name}
	}
	return out, nil
}

// complete checks that no required field is empty, and that a field for the discriminator is empty or right.
func (e *entity) complete(root reflect.Value) error {
	for _, ref := range e.Required {
		if v, ok := ref.Value(root); !ok || !schema.Present(v) {
			return &Error{Field: ref.Path, kind: ErrInvalidValue, Reason: "the field is required, and it is empty"}
		}
	}
	if e.TypeRef != nil {
		v, _ := e.TypeRef.Value(root)
		if name := v.String(); name != "" && !slices.Contains(e.typeNames(), name) {
			return &Error{Field: e.TypeRef.Path, kind: ErrWrongEntity, Reason: "the field is the discriminator; leave it empty, or set it to " + e.Name}
		}
	}
	return nil
}

// belongs reports whether a row is of this entity: by its type attribute or, where it has none, by the shape of its primary key.
func (e *entity) belongs(row item) bool {
	if len(row) == 0 || isGuard(row, e.table) {
		return false
	}
	if e.table.typed() {
		if name, given := row[e.table.TypeAttribute]; given {
			s, ok := name.(*types.AttributeValueMemberS)
			return ok && slices.Contains(e.typeNames(), s.Value)
		}
	}
	for _, k := range e.primary {
		if !k.matches(row[k.name]) {
			return false
		}
	}
	return true
}

// matches reports whether an attribute could be this key of an entity.
func (k keyAttribute) matches(av types.AttributeValue) bool {
	if keyKind(av) != k.template.Type() {
		return false
	}
	text, ok := av.(*types.AttributeValueMemberS)
	return k.native() || ok && k.template.Matches(text.Value)
}

// decodeAs reads a row into a fresh T; the zero T on failure.
func decodeAs[T any](e *entity, row item) (T, error) {
	var v, zero T
	if !e.belongs(row) {
		return zero, &Error{kind: ErrWrongEntity, Reason: "the item is of another entity"}
	}
	if err := e.codec.Decode(e.modern(row), reflect.ValueOf(&v).Elem()); err != nil {
		return zero, invalidValue(err)
	}
	return v, nil
}

// invalidValue makes an error of the codec ours.
func invalidValue(err error) error {
	var c *codec.Error
	if errors.As(err, &c) {
		return &Error{Field: c.Path, kind: ErrInvalidValue, Reason: c.Reason, cause: c.Cause}
	}
	return &Error{kind: ErrInvalidValue, cause: err}
}

// reasonOf is the reason that the codec gives, without the path.
func reasonOf(err error) string {
	var c *codec.Error
	if errors.As(err, &c) {
		return c.Reason
	}
	return ""
}
