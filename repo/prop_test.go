package repo_test

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/monotable/monotable/expr"
)

// prop is a field of an entity: how it is drawn, changed, pinned and asked for, each beside what that means in Go.
type prop[T any] struct {
	name     string
	omits    bool // the tags leave its zero value out
	required bool

	fill   func(*rapid.T, *T)
	empty  func(*T) bool // as keys count it
	show   func(*T) string
	change func(p prop[T], t *rapid.T, now *T) change[T]
	pin    func(p prop[T], t *rapid.T, now *T, missing bool) pin[T] // nil where the field is never pinned
	ask    func(p prop[T], t *rapid.T, like *T) ask[T]              // nil where no key holds the field
}

func (p prop[T]) omitted() prop[T]   { p.omits = true; return p }
func (p prop[T]) mandatory() prop[T] { p.required = true; return p }

// change is a change of one field.
type change[T any] struct {
	field   string
	update  expr.Update[T]
	apply   func(v *T, missing bool) bool // false where there is nothing to write below
	literal bool                          // the field is known afterwards
	empties bool                          // a required field would be left empty
}

// pin is a condition of If.
type pin[T any] struct {
	field string
	cond  expr.Cond[T]
	holds bool
	pins  bool // the field is known where it holds
}

// ask is a condition of a query, and what it means.
type ask[T any] struct {
	field   string
	cond    expr.Cond[T]
	match   func(*T) bool
	equal   bool
	prefix  bool
	nothing bool // an equality with what keys count as empty
	null    bool // one with a nil pointer, for a field whose zero keys do not count as empty
	solid   bool // no item whose field is empty fulfils it
}

// at is what all paths offer.
type at[T, V any] interface {
	Eq(V) expr.Cond[T]
	Ne(V) expr.Cond[T]
	Exists() expr.Cond[T]
	NotExists() expr.Cond[T]
	Set(V) expr.Update[T]
	SetIfNotExists(V) expr.Update[T]
	Remove() expr.Update[T]
}

// rare is true once in 2^n draws. Ranges of rapid are no help: they prefer their ends.
func rare(t *rapid.T, n int) bool {
	for range n {
		if !bools.Draw(t, "coin") {
			return false
		}
	}
	return true
}

func isZero[V any](v V) bool {
	if x, ok := any(v).(time.Time); ok {
		return x.IsZero()
	}
	return reflect.ValueOf(&v).Elem().IsZero()
}

func nilable[V any]() bool {
	switch reflect.TypeFor[V]().Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return true
	}
	return false
}

// none reports whether a value has no attribute.
func none[T, V any](p prop[T], v V) bool { return isZero(v) && (p.omits || nilable[V]()) }

// plain is a field of any type.
func plain[T, V any](name string, path at[T, V], get func(*T) *V, gen *rapid.Generator[V]) prop[T] {
	nested := strings.Contains(name, ".")
	absent := func(p prop[T], v *T, missing bool) bool { return missing || get(v) == nil || none(p, *get(v)) }
	p := prop[T]{name: name}
	p.fill = func(t *rapid.T, v *T) { *get(v) = gen.Draw(t, name) }
	p.empty = func(v *T) bool { return get(v) == nil || emptyInKey(*get(v)) }
	p.show = func(v *T) string {
		if get(v) == nil {
			return "<nil>"
		}
		return shown(*get(v))
	}
	p.change = func(p prop[T], t *rapid.T, _ *T) change[T] {
		v := gen.Draw(t, name)
		set := func(item *T, missing bool) bool {
			if missing && nested || get(item) == nil {
				return false
			}
			*get(item) = v
			return true
		}
		var zero V
		switch {
		case rare(t, 3):
			return change[T]{field: name, update: path.Remove(), literal: true, empties: true, apply: func(item *T, missing bool) bool {
				if missing && nested || get(item) == nil {
					return false
				}
				*get(item) = zero
				return true
			}}
		case !none(p, v) && rare(t, 4):
			return change[T]{field: name, update: path.SetIfNotExists(v), empties: emptyInKey(v), apply: func(item *T, missing bool) bool {
				if missing && nested || get(item) == nil {
					return false
				}
				if absent(p, item, missing) {
					*get(item) = v
				}
				return true
			}}
		}
		return change[T]{field: name, update: path.Set(v), literal: true, empties: emptyInKey(v), apply: set}
	}
	p.pin = func(p prop[T], t *rapid.T, now *T, missing bool) pin[T] {
		var v V
		if get(now) != nil {
			v = *get(now)
		}
		if rare(t, 4) {
			v = gen.Draw(t, "other")
		}
		gone := absent(p, now, missing)
		switch {
		case rare(t, 5):
			return pin[T]{name, path.Exists(), !gone, false}
		case rare(t, 5) || gone && rare(t, 1):
			return pin[T]{name, path.NotExists(), gone, !nested}
		}
		holds := gone && none(p, v) || !gone && reflect.DeepEqual(*get(now), v)
		return pin[T]{name, path.Eq(v), holds, !nested || !none(p, v)}
	}
	p.ask = func(p prop[T], t *rapid.T, like *T) ask[T] {
		v := drawLike(t, gen, get, like)
		flag, isFlag := any(v).(*bool)
		return ask[T]{field: name, cond: path.Eq(v), equal: true, nothing: emptyInKey(v), null: isFlag && flag == nil, solid: !emptyInKey(v), match: func(item *T) bool {
			return get(item) != nil && reflect.DeepEqual(*get(item), v)
		}}
	}
	return p
}

// drawLike is mostly the value of an item that is stored, so that questions have answers.
func drawLike[T, V any](t *rapid.T, gen *rapid.Generator[V], get func(*T) *V, like *T) V {
	if get(like) != nil && !rare(t, 2) {
		return *get(like)
	}
	return gen.Draw(t, "value")
}

func emptyInKey(v any) bool {
	switch x := v.(type) {
	case time.Time:
		return x.IsZero()
	case *string:
		return x == nil || *x == ""
	}
	switch rv := reflect.ValueOf(v); rv.Kind() {
	case reflect.Pointer:
		return rv.IsNil()
	case reflect.String:
		return rv.Len() == 0
	}
	return false
}

func shown(v any) string {
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.Pointer && !rv.IsNil() {
		return fmt.Sprint(rv.Elem().Interface())
	}
	return fmt.Sprint(v)
}

// inOrder adds ranges to a field.
func inOrder[T, V any](p prop[T], path expr.FieldPath[T, V], get func(*T) *V, gen *rapid.Generator[V], compare func(a, b V) int) prop[T] {
	equal := p.ask
	p.ask = func(p prop[T], t *rapid.T, like *T) ask[T] {
		v := drawLike(t, gen, get, like)
		q := func(cond expr.Cond[T], solid bool, match func(V) bool) ask[T] {
			return ask[T]{field: p.name, cond: cond, solid: solid, match: func(item *T) bool { return get(item) != nil && match(*get(item)) }}
		}
		switch rapid.IntRange(0, 7).Draw(t, "operator") {
		case 0:
			return q(path.Lt(v), false, func(x V) bool { return compare(x, v) < 0 })
		case 1:
			return q(path.Le(v), false, func(x V) bool { return compare(x, v) <= 0 })
		case 2:
			return q(path.Gt(v), true, func(x V) bool { return compare(x, v) > 0 })
		case 3:
			return q(path.Ge(v), !emptyInKey(v), func(x V) bool { return compare(x, v) >= 0 })
		case 4:
			hi := gen.Draw(t, "hi")
			return q(path.Between(v, hi), !emptyInKey(v), func(x V) bool { return compare(x, v) >= 0 && compare(x, hi) <= 0 })
		}
		return equal(p, t, like)
	}
	return p
}

func ordered[T any, V cmp.Ordered](name string, path expr.FieldPath[T, V], get func(*T) *V, gen *rapid.Generator[V]) prop[T] {
	return inOrder(plain(name, path, get, gen), path, get, gen, cmp.Compare[V])
}

func timed[T any](name string, path expr.FieldPath[T, time.Time], get func(*T) *time.Time, gen *rapid.Generator[time.Time]) prop[T] {
	return inOrder(plain(name, path, get, gen), path, get, gen, time.Time.Compare)
}

func truth[T any](name string, path expr.FieldPath[T, bool], get func(*T) *bool) prop[T] {
	return plain(name, path, get, bools)
}

// text adds prefixes.
func text[T any, V ~string](name string, path expr.StringPath[T, V], get func(*T) *V, gen *rapid.Generator[V]) prop[T] {
	p := ordered(name, path.FieldPath, get, gen)
	inner := p.ask
	p.ask = func(p prop[T], t *rapid.T, like *T) ask[T] {
		if !rare(t, 2) {
			return inner(p, t, like)
		}
		v := drawLike(t, gen, get, like)
		if len(v) > 1 && v[0] < 0x80 {
			v = v[:1]
		}
		return ask[T]{field: name, cond: path.HasPrefix(v), prefix: true, solid: v != "", match: func(item *T) bool {
			return get(item) != nil && strings.HasPrefix(string(*get(item)), string(v))
		}}
	}
	return p
}

// counted adds arithmetic.
func counted[T any, V expr.Numeric](name string, path expr.NumberPath[T, V], get func(*T) *V, gen *rapid.Generator[V]) prop[T] {
	p := ordered(name, path.FieldPath, get, gen)
	inner := p.change
	p.change = func(p prop[T], t *rapid.T, now *T) change[T] {
		room := get(now) == nil || *get(now) >= 3 && *get(now) <= 100 || *get(now) == 0 || *get(now) == 1
		if !room || !rare(t, 4) {
			return inner(p, t, now)
		}
		return change[T]{field: name, update: path.Add(3), apply: func(item *T, missing bool) bool {
			if missing && strings.Contains(name, ".") || get(item) == nil {
				return false
			}
			*get(item) += 3
			return true
		}}
	}
	return p
}

// elements, members and entries are lists, sets and maps, which no key holds.

func elements[T any](name string, path expr.ListPath[T, []string, string], get func(*T) *[]string) prop[T] {
	p := plain(name, path, get, maybe(rapid.SliceOfN(words, 1, 3), nil))
	inner := p.change
	p.pin, p.ask = nil, nil
	p.change = func(p prop[T], t *rapid.T, now *T) change[T] {
		more := rapid.SliceOfN(words, 1, 2).Draw(t, "more")
		switch rapid.IntRange(0, 3).Draw(t, "list") {
		case 0:
			return change[T]{field: name, update: path.Append(more...), apply: func(item *T, _ bool) bool {
				*get(item) = slices.Concat(*get(item), more)
				return true
			}}
		case 1:
			return change[T]{field: name, update: path.Prepend(more...), apply: func(item *T, _ bool) bool {
				*get(item) = slices.Concat(more, *get(item))
				return true
			}}
		}
		return inner(p, t, now)
	}
	return p
}

func members[T any](name string, path expr.SetPath[T, []string, string], get func(*T) *[]string) prop[T] {
	sets := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 2, rapid.ID[string])
	p := plain(name, path, get, maybe(sets, nil))
	inner := p.change
	p.pin, p.ask = nil, nil
	p.change = func(p prop[T], t *rapid.T, now *T) change[T] {
		some := sets.Draw(t, "some")
		switch rapid.IntRange(0, 3).Draw(t, "set") {
		case 0:
			return change[T]{field: name, update: path.Add(some...), apply: func(item *T, _ bool) bool {
				all := slices.Concat(*get(item), some)
				slices.Sort(all)
				*get(item) = slices.Compact(all)
				return true
			}}
		case 1:
			return change[T]{field: name, update: path.Delete(some...), apply: func(item *T, _ bool) bool {
				left := slices.DeleteFunc(slices.Clone(*get(item)), func(s string) bool { return slices.Contains(some, s) })
				if *get(item) = left; len(left) == 0 {
					*get(item) = nil
				}
				return true
			}}
		}
		return inner(p, t, now)
	}
	return p
}

func entries[T any](name string, path expr.MapPath[T, map[string]int, string, int], get func(*T) *map[string]int) prop[T] {
	keys := rapid.SampledFrom([]string{"k", "a.b", "x[0]", "#n", "é"})
	p := plain(name, path, get, maybe(rapid.MapOfN(keys, ints, 1, 3), nil))
	inner := p.change
	p.pin, p.ask = nil, nil
	p.change = func(p prop[T], t *rapid.T, now *T) change[T] {
		key, n := keys.Draw(t, "key"), ints.Draw(t, "n")
		copied := func(item *T) map[string]int {
			out := map[string]int{}
			for k, v := range *get(item) {
				out[k] = v
			}
			return out
		}
		switch rapid.IntRange(0, 3).Draw(t, "map") {
		case 0:
			return change[T]{field: name, update: path.Key(key).Set(n), apply: func(item *T, _ bool) bool {
				if *get(item) == nil {
					return false
				}
				m := copied(item)
				m[key] = n
				*get(item) = m
				return true
			}}
		case 1:
			return change[T]{field: name, update: path.Key(key).Remove(), apply: func(item *T, _ bool) bool {
				if *get(item) == nil {
					return false
				}
				m := copied(item)
				delete(m, key)
				*get(item) = m
				return true
			}}
		}
		return inner(p, t, now)
	}
	return p
}
