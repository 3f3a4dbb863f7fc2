package expr

import "reflect"

// MapPath is a path of a Go map M. It adds to [Path] its values.
type MapPath[T any, M ~map[K]V, K comparable, V any] struct{ Path[T, M] }

// Map names a field that is stored as a map of its Go keys. It panics as [Field] does. A struct is no such map: its fields are
// named by themselves.
func Map[T any, M ~map[K]V, K comparable, V any](selector func(*T) *M) MapPath[T, M, K, V] {
	return MapPath[T, M, K, V]{top[T, M]("Map", aMap, selector)}
}

// NestedMap names a map inside a list element or a map value, as [Nested] does.
func NestedMap[T, F any, M ~map[K]V, K comparable, V any](of FieldPath[T, F], selector func(*F) *M) MapPath[T, M, K, V] {
	return MapPath[T, M, K, V]{below[T, F, M]("NestedMap", aMap, of.Path, selector)}
}

// Key names the value of a key, which may be any text. A key that is empty or no valid UTF-8 makes the call that uses the path
// fail. Set needs the map to be there.
//
// The path offers what every type has; [NestedNumber] and its siblings, with a selector that returns its argument, offer what the
// value's own type has.
func (p MapPath[T, M, K, V]) Key(key K) FieldPath[T, V] {
	return FieldPath[T, V]{Path[T, V]{p.path.KeyOf(reflect.ValueOf(&key).Elem())}}
}

// Size is the number of keys.
func (p MapPath[T, M, K, V]) Size() SizePath[T] { return SizePath[T]{p.path} }
