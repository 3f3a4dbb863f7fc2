package memdb

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
)

// TestTree compares the tree with a map, through clones, until it has grown and
// shrunk through several levels.
func TestTree(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var tr tree
	model := map[rowKey]item{}
	type saved struct {
		tree  tree
		model map[rowKey]item
	}
	var clones []saved
	for step := range 60_000 {
		key := rowKey{hash: rnd.Uint64N(40), rest: fmt.Sprint(rnd.IntN(400))}
		if growing := step%20_000 < 12_000; rnd.IntN(10) < 3 == growing {
			tr.remove(key)
			delete(model, key)
		} else {
			it := item(fmt.Sprint(step))
			tr.set(row{key, it})
			model[key] = it
		}
		if step%6000 == 5999 {
			copied := map[rowKey]item{}
			for k, v := range model {
				copied[k] = v
			}
			clones = append(clones, saved{tr.clone(), copied})
		}
	}
	compareTree(t, &tr, model)
	for i := range clones {
		compareTree(t, &clones[i].tree, clones[i].model)
	}
}

func compareTree(t *testing.T, tr *tree, model map[rowKey]item) {
	t.Helper()
	keys := make([]rowKey, 0, len(model))
	for k, v := range model {
		keys = append(keys, k)
		if tr.get(k) != v {
			t.Fatalf("key %v: got %q, want %q", k, tr.get(k), v)
		}
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i].less(keys[j]) })
	if tr.count != len(keys) {
		t.Errorf("count %d, want %d", tr.count, len(keys))
	}
	for _, from := range []int{0, len(keys) / 3, len(keys) - 1} {
		var up, down []rowKey
		tr.ascend(keys[from], func(r row) bool { up = append(up, r.key); return true })
		tr.descend(keys[from], func(r row) bool { down = append(down, r.key); return true })
		slices.Reverse(down)
		if !slices.Equal(up, keys[from:]) || !slices.Equal(down, keys[:from]) {
			t.Fatalf("from row %d: %d up and %d down, of %d", from, len(up), len(down), len(keys))
		}
	}
	checkNode(t, tr.root, true)
}

// checkNode checks the shape of a B-tree and returns its depth.
func checkNode(t *testing.T, n *node, root bool) int {
	t.Helper()
	if n == nil {
		return 0
	}
	if len(n.rows) > maxRows || !root && len(n.rows) < minRows {
		t.Fatalf("a node of %d rows", len(n.rows))
	}
	if n.kids == nil {
		return 1
	}
	if len(n.kids) != len(n.rows)+1 {
		t.Fatalf("%d children for %d rows", len(n.kids), len(n.rows))
	}
	depth := checkNode(t, n.kids[0], false)
	for _, k := range n.kids[1:] {
		if checkNode(t, k, false) != depth {
			t.Fatal("branches of different depth")
		}
	}
	return depth + 1
}
