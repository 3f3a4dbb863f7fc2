package reading

import (
	"bytes"
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/monotable/monotable/repo"
)

// The model: rows are Go values, conditions are what they say of fields, and the order of a key is that of the values that it is made
// of. No key text is made here, and none of the library's is looked at.

// kind is an entity, and how it can be read: the table first, then its indexes in the order declared.
type kind struct {
	name     string
	table    repo.Table
	open     func(repo.Client, repo.Table) (handle, error)
	fields   []field
	ways     []way
	filtered []string // fields that filters are drawn on
}

type field struct {
	name     string
	pool     []any
	omits    bool // its zero is no attribute
	required bool
}

// way is one way to read an entity: the fields of the partition key, and those of the sort key.
type way struct {
	index      string // "" for the table
	hash, sort []member
	when       map[string][]any // an item is in the index where each of these fields has one of the values
	holds      []string         // the fields that the index has beside keys; nil for all
	local      bool
	named      bool // only if it is named
}

// member is a field in a key.
type member struct {
	field   string
	shape   func(any) any // what the key says of a value; nil for all of it
	desc    bool
	or      bool          // an empty field is in the key too
	noRange bool          // the key does not sort by it
	shard   int           // the key says only in which of so many shards a value is
	unit    time.Duration // of a partition key: the least length of its buckets
	native  bool
}

func (k *kind) field(name string) field {
	return k.fields[slices.IndexFunc(k.fields, func(f field) bool { return f.name == name })]
}

// get reads a field of a row, and set writes it.
func get(row any, name string) any { return reflect.ValueOf(row).FieldByName(name).Interface() }

// shapes: what keys say of values.

func folded(v any) any {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, v.(string))
}

func orNone(v any) any {
	if v == "" {
		return "NONE"
	}
	return v
}

func slashed(v any) any { return v.(string) + "/" }

func secondOf(v any) any { return v.(time.Time).Unix() }

func hourOf(v any) any { return v.(time.Time).UTC().Format("2006010215") }

func dayOf(v any) any { return v.(time.Time).UTC().Format("20060102") }

func monthOf(v any) any { return v.(time.Time).UTC().Format("200601") }

func (m member) shaped(row any) any {
	v := get(row, m.field)
	if m.shape != nil {
		return m.shape(v)
	}
	return v
}

func (m member) compare(a, b any) int {
	c := compare(m.shaped(a), m.shaped(b))
	if m.desc {
		return -c
	}
	return c
}

// compare orders two values of one type.
func compare(a, b any) int {
	switch a := a.(type) {
	case string:
		return strings.Compare(a, b.(string))
	case []byte:
		return bytes.Compare(a, b.([]byte))
	case time.Time:
		return a.Compare(b.(time.Time))
	case bool:
		return cmp.Compare(strconv.FormatBool(a), strconv.FormatBool(b.(bool)))
	}
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	switch {
	case x.CanInt():
		return cmp.Compare(x.Int(), y.Int())
	case x.CanUint():
		return cmp.Compare(x.Uint(), y.Uint())
	}
	return cmp.Compare(x.Float(), y.Float())
}

// empty reports whether a key counts a value as missing.
func empty(v any) bool {
	switch v := v.(type) {
	case string:
		return v == ""
	case []byte:
		return len(v) == 0
	case time.Time:
		return v.IsZero()
	}
	return false
}

func zero(v any) bool { return empty(v) || reflect.ValueOf(v).IsZero() }

// missing reports whether a member is not in the key of a row with this value.
func (k *kind) missing(m member, v any) bool {
	if m.native {
		return k.field(m.field).omits && zero(v) && !k.keyOfTable(m.field)
	}
	return empty(v) && !m.or
}

// keyOfTable reports whether a field's own attribute is a key of the table: it is there whatever the tags say.
func (k *kind) keyOfTable(name string) bool {
	return slices.ContainsFunc(slices.Concat(k.ways[0].hash, k.ways[0].sort), func(m member) bool { return m.native && m.field == name })
}

// in reports whether a row is in an index.
func (k *kind) in(w *way, row any) bool {
	if w.index == "" {
		return true
	}
	for name, values := range w.when {
		if !slices.Contains(values, get(row, name)) {
			return false
		}
	}
	for _, m := range slices.Concat(w.hash, w.sort) {
		if k.missing(m, get(row, m.field)) {
			return false
		}
	}
	return true
}

// same reports whether two rows have one primary key. Where a member chooses a shard, the sort key has the field itself.
func (k *kind) same(a, b any) bool {
	w := k.ways[0]
	for _, m := range slices.Concat(w.hash, w.sort) {
		if m.shard == 0 && m.compare(a, b) != 0 {
			return false
		}
	}
	return true
}

// order is that of a query: bucket by bucket where it walks them, then by the sort key.
func (w *way) order(walked string, a, b any) int {
	for _, m := range w.hash {
		if m.field == walked && m.unit > 0 {
			if c := m.compare(a, b); c != 0 {
				return c
			}
		}
	}
	for _, m := range w.sort {
		if c := m.compare(a, b); c != 0 {
			return c
		}
	}
	return 0
}

// ask is a condition of a query.
type ask struct {
	field  string
	op     op
	values []any
}

type op string

const (
	eq      op = "="
	lt      op = "<"
	le      op = "<="
	gt      op = ">"
	ge      op = ">="
	between op = "between"
	prefix  op = "begins"
)

func (a ask) String() string { return fmt.Sprintf("%s %s %v", a.field, a.op, a.values) }

// match is what a condition says of a field.
func (a ask) match(row any) bool { return a.matches(get(row, a.field)) }

func (a ask) matches(v any) bool {
	c := compare(v, a.values[0])
	switch a.op {
	case eq:
		return c == 0
	case lt:
		return c < 0
	case le:
		return c <= 0
	case gt:
		return c > 0
	case ge:
		return c >= 0
	case between:
		return c >= 0 && compare(v, a.values[1]) <= 0
	}
	return strings.HasPrefix(v.(string), a.values[0].(string))
}

// filters is what a condition says as a filter: no ordering holds for what is not there.
func (k *kind) filters(a ask, row any) bool {
	if v := get(row, a.field); a.op != eq && k.field(a.field).omits && zero(v) {
		return false
	}
	return a.match(row)
}

// asked is what a query asks of one field.
type asked struct {
	equal, lower, upper, prefixes []ask
}

func (a asked) none() bool { return len(a.equal)+len(a.lower)+len(a.upper)+len(a.prefixes) == 0 }

func of(asks []ask, name string) (out asked) {
	for _, a := range asks {
		if a.field != name {
			continue
		}
		switch a.op {
		case eq:
			out.equal = append(out.equal, a)
		case lt, le:
			out.upper = append(out.upper, a)
		case gt, ge:
			out.lower = append(out.lower, a)
		case between:
			out.lower, out.upper = append(out.lower, a), append(out.upper, a)
		case prefix:
			out.prefixes = append(out.prefixes, a)
		}
	}
	return out
}

// ends are the least and the greatest value that ranges admit, as far as they say so.
func (a asked) ends() (lo, hi any) {
	lo = a.lower[0].values[0]
	for _, l := range a.lower {
		if compare(l.values[0], lo) > 0 {
			lo = l.values[0]
		}
	}
	hi = a.upper[0].values[len(a.upper[0].values)-1]
	for _, u := range a.upper {
		if v := u.values[len(u.values)-1]; compare(v, hi) < 0 {
			hi = v
		}
	}
	return lo, hi
}

// request is what a query is asked beside its conditions.
type request struct {
	index               string
	desc                bool
	consistent, hydrate bool
	limit, pageSize     int
}

// walks is the field whose buckets a query walks; "" for none.
func (w *way) walks(asks []ask) string {
	for _, m := range w.hash {
		if a := of(asks, m.field); m.unit > 0 && len(a.equal) == 0 {
			return m.field
		}
	}
	return ""
}

// refuses says, by brute force, why a way does not serve conditions; "" where it does.
func (k *kind) refuses(w *way, asks []ask, r request) string {
	if r.consistent && w.index != "" && !w.local {
		return "consistent"
	}
	served := map[string]bool{}
	walked := false
	for _, m := range w.hash {
		a := of(asks, m.field)
		switch {
		case len(a.equal) > 0 && k.refusesEqual(w, m, a):
			return "empty " + m.field
		case len(a.equal) > 0:
			served[m.field] = true
		case m.shard > 0:
		case m.unit > 0 && !walked && len(a.lower) > 0 && len(a.upper) > 0:
			walked, served[m.field] = true, true
		case m.unit > 0 && !a.none():
			return "half-open range of buckets on " + m.field
		default:
			return "partition not bound: " + m.field
		}
	}
	for _, m := range w.sort {
		a := of(asks, m.field)
		if a.none() {
			break
		}
		if len(a.equal) > 0 {
			if k.refusesEqual(w, m, a) {
				return "empty " + m.field
			}
			served[m.field] = true
			continue
		}
		switch ranged := len(a.lower)+len(a.upper) > 0; {
		case len(a.prefixes) > 0 && m.or:
			return "prefix of what may be empty"
		case len(a.prefixes) > 1 || len(a.prefixes) > 0 && ranged:
			return "two prefixes, or one and a range"
		case ranged && (m.noRange || m.or):
			return "range on what does not sort: " + m.field
		}
		served[m.field] = true
		break
	}
	for _, a := range asks {
		if !served[a.field] {
			return "not served: " + a.field
		}
	}
	if w.index != "" && r.index == "" {
		if reason := k.lacks(w, asks); reason != "" {
			return reason
		}
	}
	if w.holds != nil && !r.hydrate {
		return "projected"
	}
	return ""
}

func (k *kind) refusesEqual(w *way, m member, a asked) bool {
	v := a.equal[0].values[0]
	if m.native && w.index != "" {
		return empty(v) || k.missing(m, v)
	}
	return empty(v) && !m.or
}

// lacks says why an index may lack rows that match.
func (k *kind) lacks(w *way, asks []ask) string {
	for name, values := range w.when {
		if a := of(asks, name); len(a.equal) == 0 || !slices.Contains(values, a.equal[0].values[0]) {
			return "when " + name
		}
	}
	for _, m := range slices.Concat(w.hash, w.sort) {
		if !k.always(m) && !k.excludes(m, asks) {
			return "may lack rows by " + m.field
		}
	}
	return ""
}

// always reports whether every row has a member.
func (k *kind) always(m member) bool {
	f, primary := k.field(m.field), k.ways[0]
	if m.or || slices.ContainsFunc(slices.Concat(primary.hash, primary.sort), func(p member) bool { return p.field == m.field }) {
		return true
	}
	number := !empty(reflect.Zero(reflect.TypeOf(f.pool[0])).Interface())
	if m.native && f.omits {
		return f.required && !number
	}
	return number || f.required
}

// excludes reports whether no row that lacks a member fulfils the conditions on it.
func (k *kind) excludes(m member, asks []ask) bool {
	nothing := reflect.Zero(reflect.TypeOf(k.field(m.field).pool[0])).Interface()
	for _, a := range asks {
		if a.field == m.field && !a.matches(nothing) && !(empty(nothing) && (a.op == lt || a.op == le)) { // those two the library doesn't look at
			return true
		}
	}
	return false
}

// pools of values: few, so that rows meet, and near each other, so that ends of ranges are met.

func pool(values ...any) []any { return values }

var words = pool("a", "ab", "a#b", "a$", "b", "B", "é", "ab#", "a b")

func orEmpty(values []any) []any { return append(slices.Clone(values), "") }

var midnight = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC) // of a month, too

var times = func() (out []any) {
	for _, d := range []time.Duration{-25 * time.Hour, -24 * time.Hour, -time.Hour, -time.Second, -time.Nanosecond, 0, time.Nanosecond, time.Second, 30 * time.Minute,
		time.Hour - time.Nanosecond, time.Hour, 90 * time.Minute, 2 * time.Hour, 24*time.Hour - time.Nanosecond, 24 * time.Hour, 49 * time.Hour} {
		out = append(out, midnight.Add(d))
	}
	return slices.Clip(append(out, midnight.AddDate(0, 0, 43))) // more than 1,000 hours away: few buckets are walked in vain
}()

func wholeTimes() (out []any) {
	for _, v := range times {
		if t := v.(time.Time); t.Nanosecond() == 0 {
			out = append(out, t)
		}
	}
	return out
}

func digests() (out []any) {
	for i := range 24 {
		out = append(out, bytes.Repeat([]byte{byte(i * 11)}, 1+i%3))
	}
	return out
}

// buckets counts the months, days or hours from one time to another.
func buckets(unit time.Duration, lo, hi any) int {
	from, to := lo.(time.Time).UTC(), hi.(time.Time).UTC()
	switch {
	case from.After(to):
		return 0
	case unit > 24*time.Hour:
		return (to.Year()-from.Year())*12 + int(to.Month()-from.Month()) + 1
	}
	return int(to.Truncate(unit).Sub(from.Truncate(unit))/unit) + 1
}
