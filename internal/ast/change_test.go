package ast

import (
	"reflect"
	"testing"
)

func valueOf(v any) reflect.Value { return reflect.ValueOf(v) }

func TestChanges(t *testing.T) {
	status, title, total, stock := field(t, "Status"), field(t, "Title"), field(t, "Total"), field(t, "Stock")
	list, tags, slots := field(t, "Lines"), field(t, "Tags"), field(t, "Slots")
	city, visits := field(t, "Ship.City"), field(t, "Ship.Visits")
	for _, c := range []struct {
		reason  string
		changes []Change
		want    string
	}{
		{"set", []Change{Set(status, of(status, "open"))}, lines("update: SET #0 = :0", "#0 status", `:0 S "open"`)},
		{"set of a zero that the tags keep", []Change{Set(status, of(status, ""))}, lines("update: SET #0 = :0", "#0 status", `:0 S ""`)},
		{"set of a value that the tags leave out removes, as a put leaves it", []Change{Set(title, of(title, ""))}, lines("update: REMOVE #0", "#0 title")},
		{"set of a nil pointer removes", []Change{Set(field(t, "Count"), of(field(t, "Count"), (*int)(nil)))}, lines("update: REMOVE #0", "#0 count")},
		{"set of an empty set removes", []Change{Set(tags, of(tags, []string{}))}, lines("update: REMOVE #0", "#0 tags")},
		{"set of a field in a struct", []Change{Set(city, of(city, "Ulm"))}, lines("update: SET #0.#1 = :0", "#0 ship", "#1 city", `:0 S "Ulm"`)},
		{"set of a list element never removes it, which would move the others", []Change{Set(field(t, "Opts").At(1), of(field(t, "Opts").At(1), ""))}, lines("update: SET #0[1] = :0", "#0 opts", `:0 S ""`)},
		{"set of a map value that the tags leave out removes it", []Change{Set(slots.KeyOf(valueOf(-3)), of(slots.KeyOf(valueOf(-3)), (*int)(nil)))}, lines("update: REMOVE #0.#1", "#0 slots", "#1 -3")},
		{"set if there is none", []Change{SetIfNotExists(status, of(status, "open"))}, lines("update: SET #0 = if_not_exists(#0, :0)", "#0 status", `:0 S "open"`)},
		{"remove", []Change{Remove(lineField(t, 0, "SKU"))}, lines("update: REMOVE #0[0].#1", "#0 lines", "#1 sku")},
		{"add to an attribute", []Change{Add(total, of(total, int64(5)))}, lines("update: ADD #0 :0", "#0 total", ":0 N 5")},
		{"add of zero, which the tags would leave out", []Change{Add(stock, of(stock, uint(0)))}, lines("update: ADD #0 :0", "#0 stock", ":0 N 0")},
		{"add below an attribute starts from zero", []Change{Add(visits, of(visits, 1))}, lines("update: SET #0.#1 = if_not_exists(#0.#1, :0) + :1", "#0 ship", "#1 visits", ":0 N 0", ":1 N 1")},
		{"subtract from an unsigned number", []Change{Add(stock, of(stock, uint(3)).Negated())}, lines("update: ADD #0 :0", "#0 stock", ":0 N -3")},
		{"subtract a negative number", []Change{Add(total, of(total, int64(-9223372036854775808)).Negated())}, lines("update: ADD #0 :0", "#0 total", ":0 N 9223372036854775808")},
		{"subtract zero", []Change{Add(total, of(total, int64(0)).Negated())}, lines("update: ADD #0 :0", "#0 total", ":0 N 0")},
		{"subtract a fraction", []Change{Add(field(t, "Weight"), of(field(t, "Weight"), 0.5).Negated())}, lines("update: ADD #0 :0", "#0 weight", ":0 N -0.5")},
		{"append starts from an empty list", []Change{Append(list, of(list, []line{{"a", 1}}))}, lines("update: SET #0 = list_append(if_not_exists(#0, :0), :1)", "#0 lines", ":0 L []", `:1 L [M {qty: N 1, sku: S "a"}]`)},
		{"prepend", []Change{Prepend(field(t, "Opts"), of(field(t, "Opts"), []string{"a", "b"}))}, lines("update: SET #0 = list_append(:0, if_not_exists(#0, :1))", "#0 opts", `:0 L [S "a", S "b"]`, ":1 L []")},
		{"add to a set", []Change{AddToSet(tags, of(tags, []string{"a", "b"}))}, lines("update: ADD #0 :0", "#0 tags", `:0 SS ["a" "b"]`)},
		{"add to a set in a struct", []Change{AddToSet(field(t, "Ship.Labels"), of(field(t, "Ship.Labels"), []string{"a"}))}, lines("update: ADD #0.#1 :0", "#0 ship", "#1 labels", `:0 SS ["a"]`)},
		{"delete from a set", []Change{DeleteFromSet(tags, of(tags, []string{"a"}))}, lines("update: DELETE #0 :0", "#0 tags", `:0 SS ["a"]`)},
		{"the zero change is none", []Change{{}, Remove(status), {}}, lines("update: REMOVE #0", "#0 status")},
		{"all clauses", []Change{Set(status, of(status, "a")), Remove(title), Add(total, n("1")), DeleteFromSet(tags, of(tags, []string{"x"})), Set(city, s("Ulm")), Remove(stock)}, lines("update: ADD #0 :0 | DELETE #1 :1 | REMOVE #2, #3 | SET #4 = :2, #5.#6 = :3", "#0 total", "#1 tags", "#2 title", "#3 stock", "#4 status", "#5 ship", "#6 city", ":0 N 1", `:1 SS ["x"]`, `:2 S "a"`, `:3 S "Ulm"`)},
	} {
		t.Run(c.reason, func(t *testing.T) {
			e, err := Build(Request{Changes: c.changes})
			if err != nil {
				t.Fatal(err)
			}
			if got := show(e); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			checkUpdateEstimate(t, c.changes, e)
		})
	}
}

func checkUpdateEstimate(t *testing.T, changes []Change, e Expression) {
	t.Helper()
	var u updateLength
	for _, c := range changes {
		if c.op != 0 {
			u.add(c)
		}
	}
	operators, err := scanUpdate(*e.Update)
	if err != nil || operators != u.operators {
		t.Errorf("%d operators estimated, %d in %s (%v)", u.operators, operators, *e.Update, err)
	}
	if few := len(e.Names) <= 10 && len(e.Values) <= 10; u.chars > len(*e.Update) || few && u.chars != len(*e.Update) {
		t.Errorf("%d characters estimated, %d in %q", u.chars, len(*e.Update), *e.Update)
	}
}

// scanUpdate does not count the equals sign of an assignment, which is none of an expression's operators.
func scanUpdate(text string) (int, error) {
	operators, err := scan(text)
	for _, r := range text {
		if r == '=' {
			operators--
		}
	}
	return operators, err
}

func TestChangeText(t *testing.T) {
	note := field(t, "Notes").Key("secret")
	for want, c := range map[string]Change{
		"SET Notes[key] = ?":                            Set(note, s("secret")),
		"SET Notes[key] = if_not_exists(Notes[key], ?)": SetIfNotExists(note, s("secret")),
		"REMOVE Notes[key]":                             Remove(note),
		"ADD Total ?":                                   Add(field(t, "Total"), n("42")),
		"ADD Tags ?":                                    AddToSet(field(t, "Tags"), of(field(t, "Tags"), []string{"secret"})),
		"DELETE Tags ?":                                 DeleteFromSet(field(t, "Tags"), of(field(t, "Tags"), []string{"secret"})),
		"SET Opts = list_append(Opts, ?)":               Append(field(t, "Opts"), of(field(t, "Opts"), []string{"secret"})),
		"SET Opts = list_append(?, Opts)":               Prepend(field(t, "Opts"), of(field(t, "Opts"), []string{"secret"})),
		"":                                              {},
	} {
		if got := c.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRemoves(t *testing.T) {
	title := field(t, "Title")
	for _, c := range []struct {
		change Change
		want   bool
	}{{Remove(title), true}, {Set(title, of(title, "")), true}, {Set(title, of(title, "a")), false}, {Change{}, false}, {SetIfNotExists(title, of(title, "")), false}} {
		if got := c.change.Removes(); got != c.want {
			t.Errorf("%s removes: %v", c.change, got)
		}
	}
	if c := Set(title, of(title, "a")); c.Op() != ChangeSet || c.Path().Member() != "Title" || c.Operand().AV == nil || c.Err() != nil {
		t.Errorf("%s lacks its parts", c)
	}
}
