package repo_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// tome has every role but unique, and a version of the smallest type.
type tome struct {
	_ struct{} `entity:"Tome" pk:"TOME#{ID}" sk:"TOME"`

	ID      string    `dynamodbav:"id"`
	Title   string    `dynamodbav:"title"`
	Shelf   string    `dynamodbav:"shelf" repo:"immutable"`
	Made    time.Time `dynamodbav:"made" repo:"created"`
	Changed time.Time `dynamodbav:"changed" repo:"updated"`
	Ends    time.Time `dynamodbav:"ends,unixtime,omitempty" repo:"ttl"`
	Version int8      `dynamodbav:"version" repo:"version"`
}

var errVow = errors.New("the vow is broken")

// vow and oath refuse themselves, by a value and by a pointer.
type vow struct {
	_ struct{} `entity:"Vow" pk:"VOW#{ID}" sk:"VOW"`

	ID  string `dynamodbav:"id"`
	Bad bool   `dynamodbav:"bad"`
}

func (v vow) Validate() error { return broken(v.Bad) }

type oath struct {
	_ struct{} `entity:"Oath" pk:"OATH#{ID}" sk:"OATH"`

	ID  string `dynamodbav:"id"`
	Bad bool   `dynamodbav:"bad"`
}

func (o *oath) Validate() error { return broken(o.Bad) }

func broken(bad bool) error {
	if bad {
		return errVow
	}
	return nil
}

// alumnus has a unique field that can be nil.
type alumnus struct {
	_ struct{} `entity:"Alumnus" pk:"ALUMNUS#{ID}" sk:"ALUMNUS"`

	ID   string  `dynamodbav:"id"`
	Mail *string `dynamodbav:"mail" repo:"unique"`
}

var (
	tomeTitle   = expr.String(func(v *tome) *string { return &v.Title })
	tomeShelf   = expr.String(func(v *tome) *string { return &v.Shelf })
	tomeMade    = expr.Field(func(v *tome) *time.Time { return &v.Made })
	tomeChanged = expr.Field(func(v *tome) *time.Time { return &v.Changed })
	tomeVersion = expr.Number(func(v *tome) *int8 { return &v.Version })
	tomeID      = expr.String(func(v *tome) *string { return &v.ID })
	tomeEnds    = expr.Field(func(v *tome) *time.Time { return &v.Ends })
)

// library is an engine with tomes and their kin, at a time that stands still.
type library struct {
	engine *repotest.Engine
	client *dynamodb.Client
	tomes  *repo.Repository[tome]
	vows   *repo.Repository[vow]
	oaths  *repo.Repository[oath]
	alumni *repo.Repository[alumnus]
	books  books
}

func openLibrary(t *testing.T) library {
	t.Helper()
	engine := repotest.New()
	c := engine.Client()
	table := repo.Table{Name: "library", Now: func() time.Time { return placedAt }}
	l := library{engine, c, repo.Must(repo.New[tome](c, table)), repo.Must(repo.New[vow](c, table)), repo.Must(repo.New[oath](c, table)), repo.Must(repo.New[alumnus](c, table)), books{}}
	l.books = books{engine, c, repo.Must(repo.New[meter](c, table)), repo.Must(repo.New[deed](c, table)), repo.Must(repo.New[patron](c, table))}
	if err := repo.CreateTable(t.Context(), c, table, l.tomes, l.vows, l.oaths, l.alumni, l.books.meters, l.books.deeds, l.books.patrons); err != nil {
		t.Fatal(err)
	}
	return l
}

// raw stores a row as somebody else's program might have.
func (l library) raw(t *testing.T, r row) {
	t.Helper()
	if _, err := l.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("library"), Item: r}); err != nil {
		t.Fatal(err)
	}
}

func tomeRow(id string, version types.AttributeValue) row {
	r := row{"pk": str("TOME#" + id), "sk": str("TOME"), "_type": str("Tome"), "id": str(id), "title": str("t"), "shelf": str("s")}
	if version != nil {
		r["version"] = version
	}
	return r
}

func num(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

// refusedCall is a call that must fail, after so many requests and without a trace.
type refusedCall struct {
	reason   string
	want     error
	text     string
	requests int
	call     func(t *testing.T, l library) error
}

func badVersions() []refusedCall {
	put := func(version int8) func(*testing.T, library) error {
		return func(t *testing.T, l library) error {
			return only(l.tomes.Put(t.Context(), tome{ID: "a", Version: version}))
		}
	}
	update := func(id string, version int8) func(*testing.T, library) error {
		return func(t *testing.T, l library) error {
			return only(l.tomes.Update(t.Context(), tome{ID: id, Version: version}, tomeTitle.Set("x")))
		}
	}
	modify := func(id string) func(*testing.T, library) error {
		return func(t *testing.T, l library) error {
			return only(l.tomes.Modify(t.Context(), tome{ID: id}, func(v *tome) error { v.Title = "x"; return nil }))
		}
	}
	upsert := func(id string) func(*testing.T, library) error {
		return func(t *testing.T, l library) error {
			return only(l.tomes.Upsert(t.Context(), tome{ID: id}, tomeTitle.Set("x")))
		}
	}
	const most, negative, stored = "at the maximum of its type", "never negative", "no version that can be counted up"
	return []refusedCall{
		{"Put: the version is at its maximum", repo.ErrInvalidValue, most, 0, put(127)},
		{"Update: the version is at its maximum", repo.ErrInvalidValue, most, 0, update("a", 127)},
		{"Put: the version is negative", repo.ErrInvalidValue, negative, 0, put(-1)},
		{"Update: the version is negative", repo.ErrInvalidValue, negative, 0, update("a", -1)},
		{"Upsert: the version is negative", repo.ErrInvalidValue, negative, 0, func(t *testing.T, l library) error {
			return only(l.tomes.Upsert(t.Context(), tome{ID: "a", Version: -128}, tomeTitle.Set("x")))
		}},
		{"Delete: the version is negative", repo.ErrInvalidValue, negative, 0, func(t *testing.T, l library) error { return l.tomes.Delete(t.Context(), tome{ID: "a", Version: -1}) }},
		{"Take: the version is negative", repo.ErrInvalidValue, negative, 0, func(t *testing.T, l library) error {
			return only(l.tomes.Take(t.Context(), tome{ID: "a", Version: -1}))
		}},
		{"Update: the stored version is at its maximum", repo.ErrVersionConflict, stored, 1, update("most", 0)},
		{"Update: the stored version is beyond the type", repo.ErrVersionConflict, stored, 1, update("beyond", 0)},
		{"Update: the stored version is a text", repo.ErrVersionConflict, stored, 1, update("text", 0)},
		{"Update: there is no stored version", repo.ErrVersionConflict, stored, 1, update("none", 0)},
		{"Upsert: the stored version is at its maximum", repo.ErrVersionConflict, stored, 1, upsert("most")},
		{"Upsert: the stored version is a text", repo.ErrVersionConflict, stored, 1, upsert("text")},
		{"Upsert: there is no stored version", repo.ErrVersionConflict, stored, 1, upsert("none")},
		{"Modify: the stored version is at its maximum", repo.ErrVersionConflict, stored, 1, modify("most")},
		{"Modify: there is no stored version", repo.ErrVersionConflict, stored, 1, modify("none")},
		{"Modify: the stored version is a text", repo.ErrInvalidValue, "Version", 1, modify("text")},
		{"Update: another version", repo.ErrVersionConflict, "another version", 1, update("one", 2)},
		{"Update: a version, and the row has a text", repo.ErrVersionConflict, "another version", 1, update("text", 1)},
		{"Update: a version, and the row has none", repo.ErrVersionConflict, "another version", 1, update("none", 1)},
		{"Update: a version, and there is no item", repo.ErrNotFound, "", 1, update("a", 1)},
		{"Put: a version, and there is no item", repo.ErrVersionConflict, "gone", 1, put(1)},
		{"Put: no version, and there is an item", repo.ErrVersionConflict, "must be new", 1, func(t *testing.T, l library) error { return only(l.tomes.Put(t.Context(), tome{ID: "one"})) }},
		{"Delete: another version", repo.ErrVersionConflict, "another version", 1, func(t *testing.T, l library) error { return l.tomes.Delete(t.Context(), tome{ID: "one", Version: 9}) }},
		{"Take: another version", repo.ErrVersionConflict, "another version", 1, func(t *testing.T, l library) error {
			return only(l.tomes.Take(t.Context(), tome{ID: "one", Version: 9}))
		}},
	}
}

func badUniques() []refusedCall {
	const empty = "part of what is unique, and it is empty"
	none := ""
	return []refusedCall{
		{"Create: a unique field is empty", repo.ErrInvalidValue, empty, 0, func(t *testing.T, l library) error { return only(l.books.patrons.Create(t.Context(), patron{ID: "x"})) }},
		{"Put: a unique field is empty", repo.ErrInvalidValue, empty, 0, func(t *testing.T, l library) error { return only(l.books.patrons.Put(t.Context(), patron{ID: "p"})) }},
		{"Update: a unique field is set empty", repo.ErrInvalidValue, empty, 0, func(t *testing.T, l library) error {
			return only(l.books.patrons.Update(t.Context(), patron{ID: "p"}, patronMail.Set("")))
		}},
		{"Update: a unique field is removed", repo.ErrInvalidValue, empty, 0, func(t *testing.T, l library) error {
			return only(l.books.patrons.Update(t.Context(), patron{ID: "p"}, patronMail.Remove()))
		}},
		{"Modify: a unique field is emptied", repo.ErrInvalidValue, empty, 1, func(t *testing.T, l library) error {
			return only(l.books.patrons.Modify(t.Context(), patron{ID: "p"}, func(p *patron) error { p.Email = ""; return nil }))
		}},
		{"Create: a unique field is nil", repo.ErrInvalidValue, empty, 0, func(t *testing.T, l library) error { return only(l.alumni.Create(t.Context(), alumnus{ID: "x"})) }},
		{"Create: a unique field points to nothing", repo.ErrInvalidValue, empty, 0, func(t *testing.T, l library) error {
			return only(l.alumni.Create(t.Context(), alumnus{ID: "x", Mail: &none}))
		}},
		{"Create: a unique value is no UTF-8", repo.ErrInvalidValue, "Email", 0, func(t *testing.T, l library) error {
			return only(l.books.patrons.Create(t.Context(), patron{ID: "x", Email: "\xff"}))
		}},
		{"Create: a unique value is too long for a key", repo.ErrInvalidKey, "longer than the 2048 bytes", 0, func(t *testing.T, l library) error {
			return only(l.books.patrons.Create(t.Context(), patron{ID: "x", Email: strings.Repeat("e", 2040)}))
		}},
		{"Put: a unique value is too long for a key", repo.ErrInvalidKey, "longer than the 2048 bytes", 0, func(t *testing.T, l library) error {
			return only(l.books.patrons.Put(t.Context(), patron{ID: "p", Email: strings.Repeat("e", 2040)}))
		}},
		{"Update: one path twice, a unique one", repo.ErrInvalidValue, "Email", 0, func(t *testing.T, l library) error {
			return only(l.books.patrons.Update(t.Context(), patron{ID: "p"}, patronMail.Set("x"), patronMail.Set("y")))
		}},
		{"Update: a part of the key is missing, and a unique field changes", repo.ErrIncompleteKey, "ID", 0, func(t *testing.T, l library) error {
			return only(l.books.patrons.Update(t.Context(), patron{}, patronMail.Set("x")))
		}},
		{"Upsert: the type has unique fields", errors.ErrUnsupported, "no Upsert", 0, func(t *testing.T, l library) error {
			return only(l.books.patrons.Upsert(t.Context(), patron{ID: "p"}, patronMail.Set("x")))
		}},
		{"Create: another has the value", repo.ErrNotUnique, "field Email", 1, func(t *testing.T, l library) error {
			return only(l.books.patrons.Create(t.Context(), patron{ID: "x", Email: "a"}))
		}},
		{"Create: the item exists, and the value is another's as well", repo.ErrAlreadyExists, "", 1, func(t *testing.T, l library) error {
			return only(l.books.patrons.Create(t.Context(), patron{ID: "q", Email: "a"}))
		}},
		{"Put: another has the value", repo.ErrNotUnique, "field Email", 2, func(t *testing.T, l library) error {
			return only(l.books.patrons.Put(t.Context(), patron{ID: "q", Email: "a"}))
		}},
		{"Update: another has the value", repo.ErrNotUnique, "field Email", 2, func(t *testing.T, l library) error {
			return only(l.books.patrons.Update(t.Context(), patron{ID: "q"}, patronMail.Set("a")))
		}},
		{"Update: no such item, and a unique field changes", repo.ErrNotFound, "", 1, func(t *testing.T, l library) error {
			return only(l.books.patrons.Update(t.Context(), patron{ID: "x"}, patronMail.Set("b")))
		}},
	}
}

func badValidations() []refusedCall {
	const refuses = "its Validate refused the value"
	return []refusedCall{
		{"Create: Validate of a value", errVow, refuses, 0, func(t *testing.T, l library) error { return only(l.vows.Create(t.Context(), vow{ID: "x", Bad: true})) }},
		{"Create: Validate of a pointer", errVow, refuses, 0, func(t *testing.T, l library) error {
			return only(l.oaths.Create(t.Context(), oath{ID: "x", Bad: true}))
		}},
		{"Put: Validate of a value", errVow, refuses, 0, func(t *testing.T, l library) error { return only(l.vows.Put(t.Context(), vow{ID: "x", Bad: true})) }},
		{"Put: Validate of a pointer", errVow, refuses, 0, func(t *testing.T, l library) error { return only(l.oaths.Put(t.Context(), oath{ID: "x", Bad: true})) }},
		{"Modify: Validate of a value", errVow, refuses, 1, func(t *testing.T, l library) error {
			return only(l.vows.Modify(t.Context(), vow{ID: "v"}, func(v *vow) error { v.Bad = true; return nil }))
		}},
		{"Modify: Validate of a pointer", errVow, refuses, 1, func(t *testing.T, l library) error {
			return only(l.oaths.Modify(t.Context(), oath{ID: "v"}, func(o *oath) error { o.Bad = true; return nil }))
		}},
		{"PutWrite: Validate of a pointer", errVow, refuses, 0, func(_ *testing.T, l library) error { return only(l.oaths.PutWrite(oath{ID: "x", Bad: true})) }},
	}
}

func badModifications() []refusedCall {
	errOwn := errVow
	modify := func(f func(*tome) error) func(*testing.T, library) error {
		return func(t *testing.T, l library) error { return only(l.tomes.Modify(t.Context(), tome{ID: "one"}, f)) }
	}
	at := func(f func(*tome)) func(*testing.T, library) error {
		return modify(func(v *tome) error { f(v); return nil })
	}
	return []refusedCall{
		{"Modify: the function refuses", errOwn, "the function refused", 1, modify(func(v *tome) error { v.Title = "x"; return errOwn })},
		{"Modify: the function changes the key", repo.ErrImmutable, "field of the primary key", 1, at(func(v *tome) { v.ID = "x" })},
		{"Modify: the function empties the key", repo.ErrImmutable, "field of the primary key", 1, at(func(v *tome) { v.ID = "" })},
		{"Modify: the function breaks the key", repo.ErrImmutable, "field of the primary key", 1, at(func(v *tome) { v.ID = "\xff" })},
		{"Modify: the function changes an immutable field", repo.ErrImmutable, "may not change once", 1, at(func(v *tome) { v.Shelf = "x" })},
		{"Modify: the function changes the version", repo.ErrImmutable, "counts the version up", 1, at(func(v *tome) { v.Version++ })},
		{"Modify: the function changes the updated time", repo.ErrImmutable, "sets the field with every write", 1, at(func(v *tome) { v.Changed = placedAt.Add(1) })},
		{"Modify: the function makes a value that cannot be stored", repo.ErrInvalidValue, "Title", 1, at(func(v *tome) { v.Title = "\xff" })},
		{"Modify: no such item", repo.ErrNotFound, "", 1, func(t *testing.T, l library) error {
			return only(l.tomes.Modify(t.Context(), tome{ID: "x"}, func(*tome) error { t.Error("the function is called"); return nil }))
		}},
		{"Modify: a part of the key is missing", repo.ErrIncompleteKey, "ID", 0, func(t *testing.T, l library) error {
			return only(l.tomes.Modify(t.Context(), tome{}, func(*tome) error { t.Error("the function is called"); return nil }))
		}},
	}
}

func badChanges() []refusedCall {
	change := func(changes ...expr.Update[tome]) func(*testing.T, library) error {
		return func(t *testing.T, l library) error {
			return only(l.tomes.Update(t.Context(), tome{ID: "one"}, changes...))
		}
	}
	return []refusedCall{
		{"Update: an immutable field", repo.ErrImmutable, "field Shelf", 0, change(tomeShelf.Set("x"))},
		{"Update: an immutable field, the same value", repo.ErrImmutable, "field Shelf", 0, change(tomeShelf.Set("s"))},
		{"Update: an immutable field is removed", repo.ErrImmutable, "field Shelf", 0, change(tomeShelf.Remove())},
		{"Update: the version", repo.ErrImmutable, "counts the version up", 0, change(tomeVersion.Set(3))},
		{"Update: the version is added to", repo.ErrImmutable, "counts the version up", 0, change(tomeVersion.Add(1))},
		{"Update: the updated time", repo.ErrImmutable, "sets the field with every write", 0, change(tomeChanged.Set(placedAt))},
		{"Update: the key", repo.ErrImmutable, "primary key", 0, change(tomeID.Set("x"))},
		{"Upsert: an immutable field that is another", repo.ErrImmutable, "field Shelf", 1, func(t *testing.T, l library) error {
			return only(l.tomes.Upsert(t.Context(), tome{ID: "one"}, tomeShelf.Set("x")))
		}},
		{"Upsert: an immutable field is removed", repo.ErrImmutable, "field Shelf", 0, func(t *testing.T, l library) error {
			return only(l.tomes.Upsert(t.Context(), tome{ID: "one"}, tomeShelf.Remove()))
		}},
		{"Upsert: the version", repo.ErrImmutable, "counts the version up", 0, func(t *testing.T, l library) error {
			return only(l.tomes.Upsert(t.Context(), tome{ID: "one"}, tomeVersion.Set(3)))
		}},
		{"Put: an immutable field that is another", repo.ErrImmutable, "field Shelf", 1, func(t *testing.T, l library) error {
			return only(l.tomes.Put(t.Context(), tome{ID: "one", Shelf: "x", Version: 1}))
		}},
		{"Put: an immutable field is empty", repo.ErrImmutable, "field Shelf", 1, func(t *testing.T, l library) error {
			return only(l.tomes.Put(t.Context(), tome{ID: "one", Version: 1}))
		}},
	}
}

func readsOfConditionalViews() []refusedCall {
	const text = "takes no conditions"
	view := func(call func(*testing.T, *repo.Repository[meter]) error) func(*testing.T, library) error {
		return func(t *testing.T, l library) error { return call(t, l.books.meters.If(meterState.Eq("open"))) }
	}
	return []refusedCall{
		{"Get of a conditional view", errors.ErrUnsupported, text, 0, view(func(t *testing.T, r *repo.Repository[meter]) error { return only(r.Get(t.Context(), meter{ID: "m"})) })},
		{"Query of a conditional view", errors.ErrUnsupported, text, 0, view(func(t *testing.T, r *repo.Repository[meter]) error {
			return only(r.Query(meterID.Eq("m")).First(t.Context()))
		})},
		{"Count of a conditional view", errors.ErrUnsupported, text, 0, view(func(t *testing.T, r *repo.Repository[meter]) error {
			return only(r.Query(meterID.Eq("m")).Count(t.Context()))
		})},
		{"Page of a conditional view", errors.ErrUnsupported, text, 0, view(func(t *testing.T, r *repo.Repository[meter]) error { return only(r.Scan().Page(t.Context(), "")) })},
		{"Scan of a conditional view", errors.ErrUnsupported, text, 0, view(func(t *testing.T, r *repo.Repository[meter]) error {
			return only(repo.Collect(r.Scan().All(t.Context())))
		})},
		{"Create of a conditional view", errors.ErrUnsupported, text, 0, view(func(t *testing.T, r *repo.Repository[meter]) error {
			return only(r.Create(t.Context(), meter{ID: "x"}))
		})},
		{"Modify of a conditional view", errors.ErrUnsupported, text, 0, view(func(t *testing.T, r *repo.Repository[meter]) error {
			return only(r.Modify(t.Context(), meter{ID: "m"}, func(*meter) error { return nil }))
		})},
		{"Take of a conditional view", errors.ErrUnsupported, text, 0, view(func(t *testing.T, r *repo.Repository[meter]) error { return only(r.Take(t.Context(), meter{ID: "m"})) })},
	}
}

func refusedCalls() []refusedCall {
	var out []refusedCall
	for _, list := range [][]refusedCall{badVersions(), badUniques(), badValidations(), badModifications(), badChanges(), readsOfConditionalViews()} {
		out = append(out, list...)
	}
	return out
}

// seedLibrary stores what the calls meet.
func seedLibrary(t *testing.T, l library) {
	t.Helper()
	for id, version := range map[string]types.AttributeValue{"one": num("1"), "most": num("127"), "beyond": num("300"), "text": str("1"), "none": nil} {
		l.raw(t, tomeRow(id, version))
	}
	if err := errors.Join(
		only(l.vows.Create(t.Context(), vow{ID: "v"})), only(l.oaths.Create(t.Context(), oath{ID: "v"})), only(l.books.meters.Create(t.Context(), meter{ID: "m", State: "open"})),
		only(l.books.patrons.Create(t.Context(), patron{ID: "p", Email: "a"})), only(l.books.patrons.Create(t.Context(), patron{ID: "q", Email: "c"}))); err != nil {
		t.Fatal(err)
	}
}

func TestRefusedCalls(t *testing.T) {
	l := openLibrary(t)
	seedLibrary(t, l)
	before := asJSON(rowsByKey(tableRows(t, l.engine, "library")))
	seen := map[string]bool{}
	for _, c := range refusedCalls() {
		if seen[c.reason] {
			t.Fatalf("%s: twice", c.reason)
		}
		seen[c.reason] = true
		n := l.engine.Requests()
		err := c.call(t, l)
		sent := l.engine.Requests() - n
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) || sent != c.requests {
			t.Errorf("%s: %v after %d requests; not %v, %q, after %d", c.reason, err, sent, c.want, c.text, c.requests)
		}
		if errors.Is(c.want, errVow) != errors.Is(err, errVow) || err != nil && strings.Contains(err.Error(), errVow.Error()) {
			t.Errorf("%s: an error of the user's is lost, or shown: %v", c.reason, err)
		}
		var ours *repo.Error
		if !errors.As(err, &ours) || ours.Op == "" || ours.Entity == "" {
			t.Errorf("%s: the error does not say where: %#v", c.reason, err)
		}
		if after := asJSON(rowsByKey(tableRows(t, l.engine, "library"))); after != before {
			t.Fatalf("%s left a trace", c.reason)
		}
	}
}

// rowsByKey are rows as they can be compared.
func rowsByKey(rows []row) map[string]any {
	out := map[string]any{}
	for _, r := range rows {
		shown := map[string]any{}
		for name, av := range r {
			shown[name] = showValue(av)
		}
		out[cell(r, "pk")+" "+cell(r, "sk")] = shown
	}
	return out
}

// A unique field can be no list: the type is refused.
func TestUniqueKinds(t *testing.T) {
	type lists struct {
		_    struct{} `entity:"Lists" pk:"L#{ID}" sk:"L"`
		ID   string   `dynamodbav:"id"`
		Tags []string `dynamodbav:"tags" repo:"unique"`
	}
	var schema *repo.SchemaError
	if _, err := repo.New[lists](repotest.NewClient(), repo.Table{Name: "x"}); !errors.As(err, &schema) || !strings.Contains(err.Error(), "Tags") {
		t.Errorf("a list as a unique field: %v", err)
	}
}

// A panic of the function passes, and nothing is written.
func TestPanicsOfModifyPass(t *testing.T) {
	l := openLibrary(t)
	seedLibrary(t, l)
	before := asJSON(rowsByKey(tableRows(t, l.engine, "library")))
	func() {
		defer func() {
			if got, _ := recover().(error); !errors.Is(got, errVow) {
				t.Errorf("the panic became %v", got)
			}
		}()
		_, _ = l.tomes.Modify(t.Context(), tome{ID: "one"}, func(v *tome) error { v.Title = "x"; panic(errVow) })
	}()
	if after := asJSON(rowsByKey(tableRows(t, l.engine, "library"))); after != before {
		t.Error("something is written")
	}
	if _, err := l.tomes.Modify(t.Context(), tome{ID: "one"}, func(v *tome) error { v.Title = "x"; return nil }); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

// What may be set: the created time by whoever knows better, and an immutable field where an upsert makes the item.
func TestWhatMayBeSet(t *testing.T) {
	l := openLibrary(t)
	past := placedAt.Add(-time.Hour)
	made, err := l.tomes.Upsert(t.Context(), tome{ID: "n"}, tomeShelf.Set("s"), tomeMade.Set(past))
	if err != nil || made.Shelf != "s" || !made.Made.Equal(past) || made.Version != 1 || !made.Changed.Equal(placedAt) {
		t.Errorf("%+v, %v", made, err)
	}
	again, err := l.tomes.Upsert(t.Context(), tome{ID: "n"}, tomeShelf.Set("s"), tomeTitle.Set("t"))
	if err != nil || again.Version != 2 || !again.Made.Equal(past) {
		t.Errorf("the same immutable value again: %+v, %v", again, err)
	}
}
