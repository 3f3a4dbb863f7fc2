package memdb

import (
	"strconv"
	"strings"
)

// A step of a document path is a name or, with index >= 0, a place in a list.
type step struct {
	name  string // as written until it is resolved, "#n" for an alias
	index int
}

// A path leads into an item's document.
type path []step

// String writes a path as the service's messages do: [a, [0], b].
func (p path) String() string {
	parts := make([]string, len(p))
	for i, s := range p {
		parts[i] = s.name
		if s.index >= 0 {
			parts[i] = "[" + strconv.Itoa(s.index) + "]"
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func (p path) equal(q path) bool { return len(p) == len(q) && p.overlaps(q) }

// overlaps tells whether one of the paths leads through the other.
func (p path) overlaps(q path) bool {
	for i := 0; i < len(p) && i < len(q); i++ {
		if p[i] != q[i] {
			return false
		}
	}
	return true
}

// conflicts tells whether the paths take one place for a map and for a list.
func (p path) conflicts(q path) bool {
	for i := 0; i < len(p) && i < len(q); i++ {
		if (p[i].index >= 0) != (q[i].index >= 0) {
			return true
		}
		if p[i] != q[i] {
			return false
		}
	}
	return false
}

// checkPaths refuses paths that overlap or conflict.
func checkPaths(kind string, paths []path) *Error {
	for _, bad := range []struct {
		text string
		test func(p, q path) bool
	}{{"overlap", path.overlaps}, {"conflict", path.conflicts}} {
		for j := range paths {
			for i := range j {
				if bad.test(paths[i], paths[j]) {
					return invalidExpression(kind, "Two document paths "+bad.text+" with each other; must remove or rewrite one of these paths; path one: "+
						paths[i].String()+", path two: "+paths[j].String())
				}
			}
		}
	}
	return nil
}

// look follows a path into an item.
func (p path) look(it item) (value, bool) {
	v, ok := it.attribute(p[0].name)
	for i := 1; ok && i < len(p); i++ {
		switch {
		case p[i].index >= 0 && v.kind() == kindL:
			v, ok = v.element(p[i].index)
		case p[i].index < 0 && v.kind() == kindM:
			v, ok = lookField(v.body(), p[i].name)
		default:
			return "", false
		}
	}
	return v, ok
}

// A pathTree is a set of paths that neither overlap nor conflict.
type pathTree struct {
	leaf    bool
	names   map[string]*pathTree
	indexes map[int]*pathTree
}

func newPathTree(paths []path) *pathTree {
	root := &pathTree{}
	for _, p := range paths {
		root.add(p)
	}
	return root
}

func (t *pathTree) add(p path) {
	if len(p) == 0 {
		t.leaf = true
		return
	}
	var next *pathTree
	if p[0].index >= 0 {
		if t.indexes == nil {
			t.indexes = map[int]*pathTree{}
		}
		if next = t.indexes[p[0].index]; next == nil {
			next = &pathTree{}
			t.indexes[p[0].index] = next
		}
	} else {
		if t.names == nil {
			t.names = map[string]*pathTree{}
		}
		if next = t.names[p[0].name]; next == nil {
			next = &pathTree{}
			t.names[p[0].name] = next
		}
	}
	next.add(p[1:])
}

// project keeps what the paths lead to; a list's elements move together.
func (t *pathTree) project(it item) item {
	if it == "" {
		return ""
	}
	return newItem(t.projectFields(nil, it.fields()))
}

func (t *pathTree) projectFields(dst []byte, fields string) []byte {
	eachField(fields, func(name string, v value) {
		sub := t.names[name]
		if sub == nil {
			return
		}
		before := len(dst)
		dst = appendText(dst, name)
		named := len(dst)
		if dst = sub.projectValue(dst, v); len(dst) == named {
			dst = dst[:before]
		}
	})
	return dst
}

// projectValue appends what is left of v, or nothing.
func (t *pathTree) projectValue(dst []byte, v value) []byte {
	if t.leaf {
		return append(dst, v...)
	}
	before := len(dst)
	var start int
	switch {
	case v.kind() == kindM && t.names != nil:
		dst, start = openContainer(dst, kindM)
		dst = t.projectFields(dst, v.body())
	case v.kind() == kindL && t.indexes != nil:
		dst, start = openContainer(dst, kindL)
		for i, e := range v.elements() {
			if sub := t.indexes[i]; sub != nil {
				dst = sub.projectValue(dst, e)
			}
		}
	default:
		return dst
	}
	if len(dst) == start {
		return dst[:before]
	}
	return closeContainer(dst, start)
}
