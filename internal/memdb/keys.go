package memdb

import "encoding/binary"

// A keyAttr is an attribute of a key, with the type that it must have.
type keyAttr struct {
	name string
	kind byte
}

// A keySchema is the key of a table or an index. Only a global index may have
// several attributes in either part.
type keySchema struct {
	hash, sort []keyAttr
	joined     bool // the keys of a table and of an index, whose lengths are limited apart
}

func (ks *keySchema) attrs() []keyAttr {
	return append(ks.hash[:len(ks.hash):len(ks.hash)], ks.sort...)
}

// each yields the attributes without making a list of them.
func (ks *keySchema) each(yield func(keyAttr) bool) {
	for _, a := range ks.hash {
		if !yield(a) {
			return
		}
	}
	for _, a := range ks.sort {
		if !yield(a) {
			return
		}
	}
}

func (ks *keySchema) count() int { return len(ks.hash) + len(ks.sort) }

func (ks *keySchema) has(name string) bool {
	for a := range ks.each {
		if a.name == name {
			return true
		}
	}
	return false
}

const (
	maxHashKey = 2048
	maxSortKey = 1024
)

// appendKeyPart writes one attribute of a key so that bytes sort as values do
// and no part is a prefix of another one: zeros are escaped, the end is marked.
func appendKeyPart(dst []byte, kind byte, body string) []byte {
	if kind == kindN {
		return append(dst, body...)
	}
	return append(appendKeyPrefix(dst, body), 0, 1)
}

// appendKeyPrefix writes a text so that it is a prefix of the parts that begin
// with it.
func appendKeyPrefix(dst []byte, body string) []byte {
	for i := range len(body) {
		if dst = append(dst, body[i]); body[i] == 0 {
			dst = append(dst, 0xff)
		}
	}
	return dst
}

// hashOf spreads partitions over the whole range, the same in every run. It is
// FNV-1a, its bits mixed once more because segments divide it by the high ones.
func hashOf(part []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range part {
		h = (h ^ uint64(c)) * 1099511628211
	}
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// rowKey makes the key of an item; ok is false if the item lacks a part of it.
// All parts must have been checked.
func (ks *keySchema) rowKey(it item) (key rowKey, ok bool) {
	buf := make([]byte, 0, 64)
	for _, a := range ks.hash {
		v, found := it.attribute(a.name)
		if !found || v.kind() != a.kind {
			return rowKey{}, false
		}
		buf = appendKeyPart(buf, a.kind, v.body())
	}
	key.hash = hashOf(buf)
	for _, a := range ks.sort {
		v, found := it.attribute(a.name)
		if !found || v.kind() != a.kind {
			return rowKey{}, false
		}
		buf = appendKeyPart(buf, a.kind, v.body())
	}
	key.rest = string(buf)
	return key, true
}

// under makes the key of an index row: rows with one index key are told apart by
// the key of the table.
func (k rowKey) under(table rowKey) rowKey {
	buf := append(make([]byte, 0, len(k.rest)+8+len(table.rest)), k.rest...)
	buf = binary.BigEndian.AppendUint64(buf, table.hash)
	return rowKey{hash: k.hash, rest: string(append(buf, table.rest...))}
}

// after is the first key behind all that begin with k.
func (k rowKey) after() rowKey {
	buf := []byte(k.rest)
	for i := len(buf) - 1; i >= 0; i-- {
		if buf[i] != 0xff {
			buf[i]++
			return rowKey{hash: k.hash, rest: string(buf[:i+1])}
		}
	}
	return rowKey{hash: k.hash + 1}
}

// checkScalars refuses a path that leads into a key, of the table or of an index.
func (t *table) checkScalars(p path) *Error {
	if len(p) == 1 {
		return nil
	}
	const text = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
	if t.keys.has(p[0].name) {
		return invalid(text + "Key: " + p[0].name)
	}
	for _, x := range t.indexes {
		if x.keys.has(p[0].name) {
			return invalid(text + "IndexKey: " + p[0].name)
		}
	}
	return nil
}

func (t *table) checkAllScalars(paths []path) *Error {
	for _, p := range paths {
		if err := t.checkScalars(p); err != nil {
			return err
		}
	}
	return nil
}

// keyOf keeps only the key's attributes of an item.
func (ks *keySchema) keyOf(it item) item { return pickAttributes(it, ks.attrs()) }

func pickAttributes(it item, attrs []keyAttr) item {
	var fields []field
	seen := map[string]bool{}
	for _, a := range attrs {
		if v, ok := it.attribute(a.name); ok && !seen[a.name] {
			seen[a.name] = true
			fields = append(fields, field{name: a.name, value: v})
		}
	}
	return itemOf(fields)
}

const (
	textNoSuchKey = "The provided key element does not match the schema"
	textEmptyKey  = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
)

// checkKey checks a Key parameter, which has the key's attributes and no others.
func (ks *keySchema) checkKey(key attributes) *Error {
	if key.count != ks.count() {
		return invalid(textNoSuchKey)
	}
	for a := range ks.each {
		v, ok := key.get(a.name)
		if !ok || v.kind() != a.kind {
			return invalid(textNoSuchKey)
		}
	}
	return ks.checkParts(key.item)
}

// checkItem checks the key within a whole item.
func (ks *keySchema) checkItem(it item) *Error {
	for a := range ks.each {
		v, ok := it.attribute(a.name)
		if !ok {
			return missingKey(a.name)
		}
		if v.kind() != a.kind {
			return invalidParameter("Type mismatch for key " + a.name + " expected: " + kindNames[a.kind] + " actual: " + v.typeName())
		}
	}
	return ks.checkParts(it)
}

func missingKey(name string) *Error {
	return invalidParameter("Missing the key " + name + " in the item")
}

// checkParts refuses a key whose types are right but that is empty or too long.
func (ks *keySchema) checkParts(it item) *Error {
	for a := range ks.each {
		if v, _ := it.attribute(a.name); v.body() == "" {
			return invalid(emptyKeyText(a))
		}
	}
	return ks.checkLengths(it)
}

// checkAny refuses, before a transaction begins, what can't be the key of any
// table. A part of another scalar type is a reason to cancel, found later.
func (ks *keySchema) checkAny(it item) *Error {
	for a := range ks.each {
		v, ok := it.attribute(a.name)
		switch {
		case !ok:
		case v.kind() > kindB:
			return invalid(textNoSuchKey)
		case v.kind() != a.kind:
			return nil
		case v.body() == "":
			return invalid(emptyKeyText(a))
		}
	}
	return ks.checkLengths(it)
}

func emptyKeyText(a keyAttr) string {
	if a.kind == kindB {
		return textEmptyKey + "binary value. Key: " + a.name
	}
	return textEmptyKey + "string value. Key: " + a.name
}

func (ks *keySchema) checkLengths(it item) *Error {
	if ks.joined {
		return nil
	}
	if keyLength(it, ks.hash) > maxHashKey {
		return invalidParameter("Size of hashkey has exceeded the maximum size limit of" + itoa(maxHashKey) + " bytes")
	}
	if keyLength(it, ks.sort) > maxSortKey {
		return invalidParameter("Aggregated size of all range keys has exceeded the size limit of " + itoa(maxSortKey) + " bytes")
	}
	return nil
}

func keyLength(it item, attrs []keyAttr) int {
	n := 0
	for _, a := range attrs {
		if v, ok := it.attribute(a.name); ok {
			n += v.size()
		}
	}
	return n
}
