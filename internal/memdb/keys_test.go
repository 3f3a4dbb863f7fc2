package memdb

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestKeyOrder shows that key bytes sort as values do, whatever follows in the
// key, and that texts with a common beginning have one in the key.
func TestKeyOrder(t *testing.T) {
	texts := rapid.OneOf(rapid.String(), rapid.StringMatching("[\x00\x01a\u00ff]{0,6}"))
	rapid.Check(t, func(t *rapid.T) {
		a, b := texts.Draw(t, "a"), texts.Draw(t, "b")
		x := string(appendKeyPart(nil, kindS, a)) + texts.Draw(t, "after a")
		y := string(appendKeyPart(nil, kindS, b)) + texts.Draw(t, "after b")
		if a != b && strings.Compare(x, y) != strings.Compare(a, b) {
			t.Fatalf("%q and %q sort as %q and %q", a, b, x, y)
		}
		prefix := string(appendKeyPrefix(nil, b))
		if strings.HasPrefix(a, b) != strings.HasPrefix(string(appendKeyPart(nil, kindS, a)), prefix) {
			t.Fatalf("prefix %q of %q", b, a)
		}
		k := rowKey{hash: 7, rest: x}
		if after := k.after(); !k.less(after) || !(rowKey{hash: 7, rest: x + "\xff\xff"}).less(after) {
			t.Fatalf("after %q comes %q", k.rest, after.rest)
		}
	})
}
