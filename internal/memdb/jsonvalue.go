package memdb

import (
	"slices"
	"strings"
	"sync"
)

// maxNesting is how many lists and maps may be around a value: it is then on
// level 32, the deepest that the service takes.
const maxNesting = 31

const (
	textEmptyValue  = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
	textManyTypes   = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
	textNesting     = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
	classValue      = "com.amazonaws.dynamodb.v20120810.AttributeValue"
	classAttributes = "java.util.Map<java.lang.String, " + classValue + ">"
)

// attributes is a map of attribute values as a request carries it. The service
// checks values later than it reads them, so what is wrong with one is kept.
type attributes struct {
	item  item
	names []string // in the order sent, where they matter
	count int
	bad   *Error // the first value that is not valid
	badAt string // its name
	given bool
}

func (a attributes) get(name string) (value, bool) { return a.item.attribute(name) }

// attributeMap reads an item or a key.
func (r *reader) attributeMap() attributes { return r.attributesBy(func(string) {}) }

// valueMap reads the values of expressions.
func (r *reader) valueMap() attributes {
	var names []string
	out := r.attributesBy(func(name string) { names = append(names, name) })
	out.names = names
	return out
}

// attributesBy calls read with each name.
func (r *reader) attributesBy(read func(name string)) attributes {
	out := attributes{given: true}
	v := newValueReader(r)
	defer v.release()
	fields := v.fields(0, func(name string) {
		if v.bad != nil && out.bad == nil {
			out.bad, out.badAt = v.bad, name
		}
		read(name)
	})
	out.count = len(fields)
	if r.err == nil && out.bad == nil {
		out.item = itemOf(fields)
	}
	return out
}

// lastOfEach sorts fields by name and keeps the last one where a name repeats.
func lastOfEach(fields []field) []field {
	slices.SortStableFunc(fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
	kept := fields[:0]
	for i, f := range fields {
		if i+1 == len(fields) || fields[i+1].name != f.name {
			kept = append(kept, f)
		}
	}
	return kept
}

// A valueReader writes the code of attribute values as it reads them. Most of the
// memory that a request needs is here, so it is used again: nothing that was read
// may share it.
type valueReader struct {
	r     *reader
	buf   []byte
	found []field
	ends  []int // of the fields' values in buf
	bad   *Error
}

var valueReaders = sync.Pool{New: func() any { return new(valueReader) }}

func newValueReader(r *reader) *valueReader {
	v := valueReaders.Get().(*valueReader)
	v.r, v.bad = r, nil
	return v
}

// maxKept is how large a buffer may have grown and still be kept.
const maxKept = 64 << 10

func (v *valueReader) release() {
	if cap(v.buf) > maxKept || cap(v.found) > maxKept/64 {
		return
	}
	clear(v.found[:cap(v.found)])
	v.r, v.bad, v.buf, v.found, v.ends = nil, nil, v.buf[:0], v.found[:0], v.ends[:0]
	valueReaders.Put(v)
}

// fields reads a map, sorted, and calls read behind each value. All values share
// one string.
func (v *valueReader) fields(depth int, read func(name string)) []field {
	v.r.entries(classAttributes, func(name string) {
		if len(name) > maxNameLength {
			v.refuse(invalidParameter(textLongName))
		}
		v.read(depth)
		v.found, v.ends = append(v.found, field{name: name}), append(v.ends, len(v.buf))
		read(name)
	})
	all, start := value(v.buf), 0
	for i, end := range v.ends {
		v.found[i].value, start = all[start:end], end
	}
	return lastOfEach(v.found)
}

func (v *valueReader) refuse(err *Error) {
	if v.bad == nil {
		v.bad = err
	}
}

// read appends one attribute value to the buffer. After a refusal the buffer
// holds nothing of use.
func (v *valueReader) read(depth int) {
	if v.r.null() {
		v.refuse(invalid(textEmptyValue))
		return
	}
	if c := v.r.peek(); c != '{' {
		if c == '[' {
			v.r.fail("Unrecognized collection type class " + classValue)
		} else {
			v.r.wrong("Unexpected value type in payload")
		}
		return
	}
	types := 0
	var wrongNumber *Error // reported before a second type is
	v.r.object("", func(kind string) {
		if !isKind(kind) {
			v.r.skip()
			return
		}
		types++
		before := v.bad
		v.payload(kind, depth)
		if before == nil && v.bad != nil && (kind == "N" || kind == "NS") {
			wrongNumber = v.bad
		}
	})
	switch {
	case v.r.err != nil || wrongNumber != nil:
	case types == 0:
		v.refuse(invalid(textEmptyValue))
	case types > 1:
		v.bad = invalid(textManyTypes)
	}
}

func isKind(name string) bool {
	switch name {
	case "S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M":
		return true
	}
	return false
}

func (v *valueReader) payload(kind string, depth int) {
	switch kind {
	case "S":
		v.buf = appendScalar(v.buf, kindS, v.r.str())
	case "B":
		v.buf = appendScalar(v.buf, kindB, v.r.blob())
	case "N":
		v.buf = appendScalar(v.buf, kindN, v.number(v.r.str()))
	case "BOOL":
		if v.r.boolean() {
			v.buf = append(v.buf, kindTrue)
		} else {
			v.buf = append(v.buf, kindFalse)
		}
	case "NULL":
		v.null()
	case "SS", "NS", "BS":
		v.set(kind)
	case "L":
		v.list(depth)
	case "M":
		v.mapOf(depth)
	}
}

func (v *valueReader) null() {
	if !v.r.boolean() && v.r.err == nil {
		v.refuse(invalidParameter("Null attribute value types must have the value of true"))
	}
	v.buf = append(v.buf, kindNull)
}

// number returns the code of a number's text.
func (v *valueReader) number(text string) string {
	if v.r.err != nil {
		return ""
	}
	d, err := parseDecimal(text)
	if err != nil {
		v.refuse(err)
		return ""
	}
	return string(d.appendCode(nil))
}

func (v *valueReader) set(kind string) {
	var texts, members []string
	v.r.array(func() {
		switch kind {
		case "SS":
			texts = append(texts, v.r.str())
			members = texts
		case "NS":
			texts = append(texts, v.r.str())
			members = append(members, v.number(texts[len(texts)-1]))
		default:
			v.r.peek()
			from := v.r.pos
			members = append(members, v.r.blob())
			texts = append(texts, strings.Trim(v.r.text[from:v.r.pos], `"`))
		}
	})
	if v.r.err != nil || v.bad != nil {
		return
	}
	code := map[string]byte{"SS": kindSS, "NS": kindNS, "BS": kindBS}[kind]
	v.checkSet(kind, texts, members)
	v.buf = appendSet(v.buf, code, append([]string(nil), members...))
}

// checkSet refuses an empty set and one with a member twice.
func (v *valueReader) checkSet(kind string, texts, members []string) {
	if len(members) == 0 {
		text := map[string]string{"SS": "An string set  may not be empty", "NS": "An number set  may not be empty",
			"BS": "Binary sets should not be empty"}[kind]
		v.refuse(invalidParameter(text))
		return
	}
	seen := make(map[string]bool, len(members))
	for _, m := range members {
		if !seen[m] {
			seen[m] = true
			continue
		}
		switch list := "Input collection [" + strings.Join(texts, ", ") + "]"; kind {
		case "SS":
			v.refuse(invalidParameter(list + " contains duplicates."))
		case "BS":
			v.refuse(invalidParameter(list + "of type BS contains duplicates."))
		default:
			v.refuse(invalid("Input collection contains duplicates"))
		}
		return
	}
}

func (v *valueReader) list(depth int) {
	v.deeper(depth)
	var start int
	v.buf, start = openContainer(v.buf, kindL)
	v.r.array(func() { v.read(depth + 1) })
	v.buf = closeContainer(v.buf, start)
}

func (v *valueReader) mapOf(depth int) {
	v.deeper(depth)
	inner := newValueReader(v.r)
	defer inner.release()
	inner.bad = v.bad
	fields := inner.fields(depth+1, func(string) {})
	v.bad = inner.bad
	if v.r.err != nil || v.bad != nil {
		return
	}
	var start int
	v.buf, start = openContainer(v.buf, kindM)
	for _, f := range fields {
		v.buf = append(appendText(v.buf, f.name), f.value...)
	}
	v.buf = closeContainer(v.buf, start)
}

func (v *valueReader) deeper(depth int) {
	if depth >= maxNesting {
		v.refuse(invalid(textNesting))
	}
}
