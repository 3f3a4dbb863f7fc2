package expr_test

import (
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/monotable/monotable/expr"
)

// TestImmutable derives conditions from one base in parallel; with the race detector it also sees writes to what is shared.
func TestImmutable(t *testing.T) {
	base := expr.And(status.Eq("open"), total.Gt(1))
	before := cond(t, base)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			n := int64(i)
			derived := expr.And(base, total.Lt(n), expr.Or(base, expr.Not(base)))
			if got, want := cond(t, derived), cond(t, expr.And(status.Eq("open"), total.Gt(1), total.Lt(n), expr.Or(expr.And(status.Eq("open"), total.Gt(1)), expr.Not(expr.And(status.Eq("open"), total.Gt(1)))))); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			_ = change(t, expr.NestedNumber(items.At(i), func(l *Line) *int { return &l.Qty }).Add(i))
			_ = cond(t, notes.Key("k").Eq("v"))
		})
	}
	wg.Wait()
	if after := cond(t, base); after != before {
		t.Errorf("the base was %s and is %s", before, after)
	}
}

// TestDerivingIsPure: whatever is derived from conditions, in whatever order, they stay what they were.
func TestDerivingIsPure(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		conds := []expr.Cond[Order]{total.Gt(1), status.Eq("open"), title.Eq("")}
		var texts []string
		for _, c := range conds {
			texts = append(texts, cond(t, c))
		}
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			pick := func() expr.Cond[Order] { return conds[rapid.IntRange(0, len(conds)-1).Draw(rt, "pick")] }
			var next expr.Cond[Order]
			switch rapid.IntRange(0, 2).Draw(rt, "join") {
			case 0:
				next = expr.And(pick(), pick())
			case 1:
				next = expr.Or(pick(), pick())
			default:
				next = expr.Not(pick())
			}
			conds, texts = append(conds, next), append(texts, cond(t, next))
		}
		for i, c := range conds {
			if got := cond(t, c); got != texts[i] {
				rt.Fatalf("%s became %s", texts[i], got)
			}
		}
	})
}

// TestValuesAreSnapshots changes what conditions and updates were made from.
func TestValuesAreSnapshots(t *testing.T) {
	lines, names, blob := []Line{{SKU: "a"}}, []string{"a"}, []byte{1}
	address, notesValue, key := &Address{City: "Ulm"}, map[string]string{"k": "v"}, []Status{"open", "paid"}
	hash := [][]byte{{1}}
	made := []string{
		change(t, items.Set(lines)), change(t, items.Append(lines...)), change(t, tags.Set(names)), change(t, tags.Add(names...)),
		change(t, expr.Field(func(o *Order) *[]byte { return &o.Blob }).Set(blob)), change(t, bill.Set(address)), change(t, notes.Set(notesValue)),
		cond(t, status.In(key...)), change(t, expr.Set(func(o *Order) *[][]byte { return &o.Hashes }).Add(hash...)),
	}
	updates := []expr.Update[Order]{
		items.Set(lines), items.Append(lines...), tags.Set(names), tags.Add(names...),
		expr.Field(func(o *Order) *[]byte { return &o.Blob }).Set(blob), bill.Set(address), notes.Set(notesValue),
	}
	in, add := status.In(key...), expr.Set(func(o *Order) *[][]byte { return &o.Hashes }).Add(hash...)
	lines[0].SKU, names[0], blob[0], address.City, notesValue["k"], key[0], hash[0][0] = "z", "z", 9, "z", "z", "z", 9
	var now []string
	for _, u := range updates {
		now = append(now, change(t, u))
	}
	now = append(now, cond(t, in), change(t, add))
	if !slices.Equal(made, now) {
		t.Errorf("was %q\nis  %q", made, now)
	}
}
