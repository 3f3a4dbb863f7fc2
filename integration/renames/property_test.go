package renames

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/repo/repotest"
)

// TestRenamesAreInvisible has programs that name things differently work on one table, and a program without any history on another,
// whose rows are the same under the names now. Every call must answer the same, and leave the same rows.
func TestRenamesAreInvisible(t *testing.T) {
	t.Run("the new program, rows under any names and several", func(t *testing.T) { invisible(t, true, "Order") })
	t.Run("both programs at once", func(t *testing.T) { invisible(t, false, "Order", "Purchase") })
}

func invisible(t *testing.T, several bool, programs ...string) {
	c := repotest.NewClient()
	w := &world{real: newShop(t, c, "real"), want: newShop(t, c, "want"), several: several, counts: map[string]int{}}
	all := map[string]actor{
		"Order":    program("Order", of[order](w.real), func(v *order) *order { return v }, func(v order) order { return v }),
		"Purchase": program("Purchase", of[bridge](w.real), func(v *bridge) *order { return (*order)(v) }, func(v order) bridge { return bridge(v) }),
	}
	for _, name := range programs {
		w.actors = append(w.actors, all[name])
	}
	w.plain = program("Order", of[plain](w.want), func(v *plain) *order { return (*order)(v) }, func(v order) plain { return plain(v) })
	w.encode = of[plain](w.want).Encode
	rapid.Check(t, func(rt *rapid.T) {
		w.fresh++
		w.customer = fmt.Sprintf("c%d", w.fresh)
		w.T = rt
		for _, id := range ids {
			w.seed(id)
		}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			w.step()
		}
	})
	for _, verb := range verbs {
		if w.counts[verb] == 0 || verb != "Get" && verb != "Query" && w.counts[verb+" refused"] == 0 && verb != "Modify" {
			t.Errorf("%s: done %d times, refused %d times", verb, w.counts[verb], w.counts[verb+" refused"])
		}
	}
	t.Logf("%v", w.counts)
}

var (
	ids   = []string{"1", "2", "3"}
	verbs = []string{"Create", "Put", "Get", "Update", "Upsert", "ExactlyOnce", "Modify", "Delete", "Take", "Query"}
	edits = map[string][]string{
		"status": {"set", "remove", "default"}, "total": {"set", "add", "default"}, "tags": {"set", "add", "delete"},
		"lines": {"set", "append", "prepend", "first"}, "ship": {"set", "remove"}, "city": {"set", "remove"}, "visits": {"add"},
		"limit": {"add"}, "note": {"set"},
	}
	checks = map[string][]string{
		"status": {"=", "<>", "in", "prefix", "contains", "there", "gone"}, "total": {"=", "<", "between", "< limit", "<> limit"},
		"tags": {"contains", "size", "other size"}, "lines": {"size", "other size", "there"}, "city": {"=", "gone"}, "ship": {"there"}, "note": {"="},
	}
	statuses = []string{"", "open", "shipped", "held"}
)

// world is the table of the programs and the one that it must be like.
type world struct {
	*rapid.T
	real, want *shop
	actors     []actor
	plain      actor
	encode     func(plain) (map[string]types.AttributeValue, error)
	several    bool // rows have several names of one attribute
	fresh      int
	customer   string
	counts     map[string]int
}

// draw is an order with any fields.
func (w *world) draw(id string) order {
	v := order{Customer: w.customer, ID: id, Status: w.pick("status", statuses), Note: w.pick("note", []string{"", "n"}), Total: w.number("total"), Limit: w.number("limit")}
	if w.chance("placed") {
		v.Placed = noon.Add(-time.Hour)
	}
	if w.chance("has tags") {
		v.Tags = []string{"a", "b"}[:rapid.IntRange(1, 2).Draw(w.T, "tags")]
	}
	if w.chance("has lines") {
		v.Lines = []string{"x", "y"}[:rapid.IntRange(1, 2).Draw(w.T, "lines")]
	}
	if w.chance("ships") {
		v.Ship = &shipping{City: w.pick("city", []string{"", "Ulm"}), Visits: w.number("visits")}
	}
	if w.chance("expires") {
		v.Until = noon.Add([]time.Duration{-time.Minute, time.Hour}[rapid.IntRange(0, 1).Draw(w.T, "until")])
	}
	return v
}

func (w *world) pick(label string, of []string) string { return rapid.SampledFrom(of).Draw(w.T, label) }
func (w *world) number(label string) int               { return rapid.IntRange(0, 3).Draw(w.T, label) }
func (w *world) chance(label string) bool              { return rapid.Bool().Draw(w.T, label) }

// seed stores a row: under the names now in one table, under any names in the other.
func (w *world) seed(id string) {
	if rapid.IntRange(0, 4).Draw(w.T, "is there") == 0 {
		return
	}
	now, err := w.encode(plain(w.draw(id)))
	if err != nil {
		w.Fatal(err)
	}
	now["legacy"] = text("kept")
	if m, ok := now["ship"].(*types.AttributeValueMemberM); ok {
		m.Value["zip"] = text("89073")
	}
	named := row{}
	names := slices.Sorted(maps.Keys(former))
	for _, name := range slices.Sorted(maps.Keys(now)) {
		av := now[name]
		its := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return former[n] != name })
		if len(its) == 0 || w.chance("new "+name) {
			named[name] = av
			if w.several && len(its) > 0 && w.chance("and old") {
				named[its[0]] = text("does not count")
			}
			continue
		}
		named[w.pick("old "+name, its)] = av
	}
	switch w.pick("type", []string{"Order", "Purchase", ""}) {
	case "Purchase":
		named["_type"] = text("Purchase")
	case "":
		delete(named, "_type")
	}
	w.want.store(w.T, now)
	w.real.store(w.T, named)
}

func (w *world) step() {
	s := step{verb: w.pick("verb", verbs), value: w.draw(w.pick("id", ids))}
	fields := rapid.Permutation(slices.Sorted(maps.Keys(edits))).Draw(w.T, "fields")
	for _, f := range fields[:rapid.IntRange(1, 3).Draw(w.T, "changes")] {
		inShip := func(e edit) bool { return e.of == "ship" || e.of == "city" || e.of == "visits" }
		e := edit{of: f, do: w.pick("change", edits[f]), s: w.pick("text", statuses), n: w.number("number")}
		if !inShip(e) || !slices.ContainsFunc(s.changes, inShip) {
			s.changes = append(s.changes, e)
		}
	}
	for range rapid.IntRange(0, 2).Draw(w.T, "conditions") {
		s.conds = append(s.conds, w.check(2))
	}
	if s.byIndex = w.chance("by index"); s.byIndex && s.verb == "Query" {
		s.conds = slices.DeleteFunc(s.conds, func(c check) bool { return mentions(c, "status") })
	}
	who := rapid.SampledFrom(w.actors).Draw(w.T, "program")
	sk := "ORDER#" + s.value.ID
	pk := "CUSTOMER#" + w.customer
	before := w.real.stored(w.T, pk, sk)
	got, want := who.do(context.Background(), s), w.plain.do(context.Background(), s)
	w.counts[s.verb]++
	if want.Failure != "" {
		w.counts[s.verb+" refused"]++
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(order{})); diff != "" {
		w.Fatalf("%s by %s of %v: -want +got\n%s", s.verb, who.name, before, diff)
	}
	for _, id := range ids {
		is, must := w.real.stored(w.T, pk, "ORDER#"+id), w.want.stored(w.T, pk, "ORDER#"+id)
		is, must = nowNamed(is), maps.Clone(must)
		delete(is, "_type")
		delete(must, "_type")
		if len(is)+len(must) > 0 && !reflect.DeepEqual(is, must) {
			w.Fatalf("%s by %s leaves in the item %s: -want +got\n%s", s.verb, who.name, id, cmp.Diff(must, is, exported))
		}
	}
	w.left(s, who, before, w.real.stored(w.T, pk, sk), want)
}

var exported = cmp.Exporter(func(reflect.Type) bool { return true })

// left checks the names that a call leaves in its item.
func (w *world) left(s step, who actor, before, after row, a answer) {
	if a.Failure != "" || len(after) == 0 || s.verb == "Get" || s.verb == "Query" || s.verb == "Delete" {
		return
	}
	if reflect.DeepEqual(before, after) && s.verb == "Modify" {
		return // nothing was different
	}
	if typeOf(after) != who.name {
		w.Fatalf("%s by %s leaves the type %q", s.verb, who.name, typeOf(after))
	}
	touched := map[string]bool{}
	for _, e := range s.changes {
		touched[map[string]string{"city": "ship", "visits": "ship"}[e.of]] = true
		touched[e.of] = true
	}
	if s.verb == "Upsert" {
		touched["id"], touched["placed"] = true, true
	}
	whole := s.verb == "Put" || s.verb == "Create" || s.verb == "Modify"
	for name := range after {
		now := name
		if former[name] != "" {
			now = former[name]
		}
		if !slices.Contains(slices.Collect(maps.Values(former)), now) || !whole && !touched[now] {
			continue
		}
		if foreign := (name == now) == (who.name == "Purchase"); foreign || name == "st" {
			w.Fatalf("%s by %s leaves the name %s behind: %v", s.verb, who.name, name, slices.Sorted(maps.Keys(after)))
		}
	}
	if s.verb == "Update" { // what it does not name stays
		for name, av := range before {
			now := name
			if former[name] != "" {
				now = former[name]
			}
			if !touched[now] && name != "_type" && !strings.HasPrefix(name, "gsi1") && !reflect.DeepEqual(av, after[name]) {
				w.Fatalf("Update by %s changes %s, which it does not name", who.name, name)
			}
		}
	}
}

func (w *world) check(depth int) check {
	if depth > 0 && w.chance("joined") {
		is := w.pick("join", []string{"and", "or", "not"})
		c := check{is: is, kids: []check{w.check(depth - 1)}}
		if is != "not" {
			c.kids = append(c.kids, w.check(depth-1))
		}
		return c
	}
	of := w.pick("of", slices.Sorted(maps.Keys(checks)))
	return check{of: of, is: w.pick("is", checks[of]), s: w.pick("text", statuses), n: w.number("number")}
}

func mentions(c check, of string) bool {
	return c.of == of || slices.ContainsFunc(c.kids, func(k check) bool { return mentions(k, of) })
}
