package memdb

// A rowKey orders the rows of a table or an index: by the hash of the partition,
// then by the code of partition and sort key.
type rowKey struct {
	hash uint64
	rest string
}

func (k rowKey) less(o rowKey) bool {
	if k.hash != o.hash {
		return k.hash < o.hash
	}
	return k.rest < o.rest
}

// A row is an item at its place. Both strings hold no pointers, so a row costs
// the garbage collector two marks however large it is.
type row struct {
	key  rowKey
	item item
}

const (
	maxRows = 63
	minRows = maxRows / 2
)

// A tree is a B-tree of rows. Clones share nodes until one of them changes.
type tree struct {
	root  *node
	count int
	owner *ownership
}

// An ownership marks the nodes that its tree may change in place.
type ownership struct{ _ byte }

type node struct {
	owner *ownership
	rows  []row
	kids  []*node // none, or one more than rows
}

// clone returns a tree of the same rows; each may be changed on its own.
func (t *tree) clone() tree {
	t.owner = nil // what there is belongs to both, so to neither
	return tree{root: t.root, count: t.count}
}

func (t *tree) own(n *node) *node {
	if t.owner == nil {
		t.owner = &ownership{}
	}
	if n.owner == t.owner {
		return n
	}
	c := &node{owner: t.owner, rows: make([]row, len(n.rows), maxRows)}
	copy(c.rows, n.rows)
	if n.kids != nil {
		c.kids = make([]*node, len(n.kids), maxRows+1)
		copy(c.kids, n.kids)
	}
	return c
}

// find returns the first place whose key is not less, and whether it is equal.
func (n *node) find(key rowKey) (int, bool) {
	low, high := 0, len(n.rows)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if n.rows[mid].key.less(key) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < len(n.rows) && n.rows[low].key == key
}

func (t *tree) get(key rowKey) item {
	for n := t.root; n != nil; {
		i, found := n.find(key)
		if found {
			return n.rows[i].item
		}
		if n.kids == nil {
			break
		}
		n = n.kids[i]
	}
	return ""
}

// set puts a row in, in place of the one with its key.
func (t *tree) set(r row) {
	if t.root == nil {
		t.root = t.own(&node{})
	}
	t.root = t.own(t.root)
	if len(t.root.rows) == maxRows {
		old := t.root
		t.root = t.own(&node{kids: []*node{old}})
		t.split(t.root, 0)
	}
	n := t.root
	for {
		i, found := n.find(r.key)
		if found {
			n.rows[i].item = r.item // the key is as good, and older
			return
		}
		if n.kids == nil {
			n.rows = insertAt(n.rows, i, r)
			t.count++
			return
		}
		n.kids[i] = t.own(n.kids[i])
		if len(n.kids[i].rows) == maxRows {
			t.split(n, i)
			continue // the row that moved up may be the one, or send us right
		}
		n = n.kids[i]
	}
}

// split cuts a full child in two around its middle row.
func (t *tree) split(n *node, i int) {
	left := t.own(n.kids[i])
	middle := left.rows[minRows]
	right := t.own(&node{rows: left.rows[minRows+1:]})
	if left.kids != nil {
		right.kids = append(make([]*node, 0, maxRows+1), left.kids[minRows+1:]...)
		clear(left.kids[minRows+1:])
		left.kids = left.kids[:minRows+1]
	}
	clear(left.rows[minRows:])
	left.rows = left.rows[:minRows]
	n.kids[i] = left
	n.rows = insertAt(n.rows, i, middle)
	n.kids = insertAt(n.kids, i+1, right)
}

func insertAt[T any](s []T, i int, x T) []T {
	if cap(s) == 0 {
		s = make([]T, 0, maxRows+1)
	}
	s = append(s, x)
	copy(s[i+1:], s[i:])
	s[i] = x
	return s
}

func removeAt[T any](s []T, i int) []T {
	copy(s[i:], s[i+1:])
	clear(s[len(s)-1:])
	return s[:len(s)-1]
}

// remove takes a row out, if it is there.
func (t *tree) remove(key rowKey) {
	if t.root == nil || t.get(key) == "" {
		return
	}
	t.root = t.own(t.root)
	t.removeFrom(t.root, key)
	t.count--
	if len(t.root.rows) == 0 && t.root.kids != nil {
		t.root = t.root.kids[0]
	}
}

// removeFrom takes out a row that is below n. Every child is given a row more
// than the least before we go down, so that there is always one to take.
func (t *tree) removeFrom(n *node, key rowKey) {
	for {
		i, found := n.find(key)
		if n.kids == nil {
			n.rows = removeAt(n.rows, i)
			return
		}
		if found {
			if t.replaceFromBelow(n, i) {
				return
			}
			continue // the row went down into a merged child
		}
		n = t.grow(n, i)
	}
}

// replaceFromBelow puts the row before or after in the place of row i.
func (t *tree) replaceFromBelow(n *node, i int) bool {
	switch left, right := n.kids[i], n.kids[i+1]; {
	case len(left.rows) > minRows:
		n.kids[i] = t.own(left)
		n.rows[i] = t.takeLast(n.kids[i])
	case len(right.rows) > minRows:
		n.kids[i+1] = t.own(right)
		n.rows[i] = t.takeFirst(n.kids[i+1])
	default:
		t.merge(n, i)
		return false
	}
	return true
}

func (t *tree) takeLast(n *node) row {
	for n.kids != nil {
		n = t.grow(n, len(n.kids)-1)
	}
	r := n.rows[len(n.rows)-1]
	n.rows = removeAt(n.rows, len(n.rows)-1)
	return r
}

func (t *tree) takeFirst(n *node) row {
	for n.kids != nil {
		n = t.grow(n, 0)
	}
	r := n.rows[0]
	n.rows = removeAt(n.rows, 0)
	return r
}

// grow makes child i, which it returns, larger than the least: by a row of a
// neighbour, or by joining one.
func (t *tree) grow(n *node, i int) *node {
	n.kids[i] = t.own(n.kids[i])
	child := n.kids[i]
	switch {
	case len(child.rows) > minRows:
	case i > 0 && len(n.kids[i-1].rows) > minRows:
		n.kids[i-1] = t.own(n.kids[i-1])
		left := n.kids[i-1]
		last := len(left.rows) - 1
		child.rows = insertAt(child.rows, 0, n.rows[i-1])
		n.rows[i-1] = left.rows[last]
		left.rows = removeAt(left.rows, last)
		if left.kids != nil {
			child.kids = insertAt(child.kids, 0, left.kids[last+1])
			left.kids = removeAt(left.kids, last+1)
		}
	case i < len(n.rows) && len(n.kids[i+1].rows) > minRows:
		n.kids[i+1] = t.own(n.kids[i+1])
		right := n.kids[i+1]
		child.rows = append(child.rows, n.rows[i])
		n.rows[i] = right.rows[0]
		right.rows = removeAt(right.rows, 0)
		if right.kids != nil {
			child.kids = append(child.kids, right.kids[0])
			right.kids = removeAt(right.kids, 0)
		}
	default:
		return t.merge(n, min(i, len(n.rows)-1))
	}
	return child
}

// merge joins children i and i+1 around row i.
func (t *tree) merge(n *node, i int) *node {
	n.kids[i] = t.own(n.kids[i])
	left, right := n.kids[i], n.kids[i+1]
	left.rows = append(append(left.rows, n.rows[i]), right.rows...)
	if left.kids != nil {
		left.kids = append(left.kids, right.kids...)
	}
	n.rows = removeAt(n.rows, i)
	n.kids = removeAt(n.kids, i+1)
	return left
}

// ascend calls f with the rows from low on, in order, until it returns false.
func (t *tree) ascend(low rowKey, f func(row) bool) {
	if t.root != nil {
		t.root.ascend(low, f)
	}
}

func (n *node) ascend(low rowKey, f func(row) bool) bool {
	i, _ := n.find(low)
	if n.kids != nil && !n.kids[i].ascend(low, f) {
		return false
	}
	for ; i < len(n.rows); i++ {
		if !f(n.rows[i]) {
			return false
		}
		if n.kids != nil && !n.kids[i+1].ascend(low, f) {
			return false
		}
	}
	return true
}

// descend calls f with the rows before high, backwards, until it returns false.
func (t *tree) descend(high rowKey, f func(row) bool) {
	if t.root != nil {
		t.root.descend(high, f)
	}
}

func (n *node) descend(high rowKey, f func(row) bool) bool {
	i, _ := n.find(high)
	if n.kids != nil && !n.kids[i].descend(high, f) {
		return false
	}
	for i--; i >= 0; i-- {
		if !f(n.rows[i]) {
			return false
		}
		if n.kids != nil && !n.kids[i].descend(high, f) {
			return false
		}
	}
	return true
}
