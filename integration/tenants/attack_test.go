package tenants

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.uber.org/goleak"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
	"github.com/monotable/monotable/txn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Every exported type, method and function has a move, and every move something that is exported.
func TestEverythingIsTried(t *testing.T) {
	tried := moves[doc]()
	exported := methods[doc]()
	var named []string
	for _, pkg := range []string{"repo", "batch", "txn"} {
		typeNames, functions := declared(t, pkg)
		named = append(named, typeNames...)
		exported = append(exported, functions...)
	}
	for _, name := range exported {
		if m, ok := tried[name]; !ok {
			t.Errorf("%s is exported, and there is no move with it", name)
		} else if (m.nothing == "") == (m.do == nil) {
			t.Errorf("%s has to be tried, or to say why there is nothing to try", name)
		}
		delete(tried, name)
	}
	for name := range tried {
		t.Errorf("%s is gone, and there is a move with it", name)
	}
	known := exportedTypes[doc]()
	for _, name := range named {
		if _, ok := known[name]; !ok {
			t.Errorf("%s is exported, and its methods are not listed", name)
		}
		delete(known, name)
	}
	for name := range known {
		t.Errorf("%s is gone, and its methods are listed", name)
	}
}

// declared lists the exported types and functions of a package.
func declared(t *testing.T, pkg string) (typeNames, functions []string) {
	t.Helper()
	folder := os.DirFS("../../" + pkg)
	files, err := fs.Glob(folder, "*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %d files", err, len(files))
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.IsExported() {
					functions = append(functions, pkg+"."+d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if s, ok := spec.(*ast.TypeSpec); ok && s.Name.IsExported() {
						typeNames = append(typeNames, pkg+"."+s.Name.Name)
					}
				}
			}
		}
	}
	return typeNames, functions
}

// store is an engine with the tables and the items of all tenants.
type store struct {
	engine   *repotest.Engine
	client   *dynamodb.Client
	watch    *watcher
	begun    *repotest.Snapshot
	theirs   []map[string]types.AttributeValue
	conflict map[reflect.Type]error
	canceled map[reflect.Type]txn.Reason
}

func newStore(t *testing.T) *store {
	t.Helper()
	s := &store{engine: repotest.New(), watch: &watcher{actions: map[string]int{}}, conflict: map[reflect.Type]error{}, canceled: map[reflect.Type]txn.Reason{}}
	s.client = s.engine.Client()
	for _, err := range []error{
		repo.CreateTable(t.Context(), s.client, textTable, free(s, users), free(s, docs), free(s, events), free(s, badges)),
		repo.CreateTable(t.Context(), s.client, nativeTable, free(s, entries)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	settle(t, s, users, func(_, id string) string { return id })
	settle(t, s, docs, func(string, string) string { return "x1" })
	settle(t, s, events, func(string, string) string { return "x1" })
	settle(t, s, badges, func(tenant, id string) string { return tenant + " " + id })
	settle(t, s, entries, func(_, id string) string { return id })
	s.theirs = s.others(t.Context())
	s.begun = s.engine.Snapshot()
	s.engine.Observe(s.watch.see)
	return s
}

func free[T any](s *store, k kind[T]) *repo.Repository[T] {
	return repo.Must(repo.New[T](s.client, k.table))
}

// settle writes the items of every tenant.
func settle[T any](t *testing.T, s *store, k kind[T], second func(tenant, id string) string) {
	t.Helper()
	r := free(s, k)
	for _, tenant := range append([]string{ours}, others...) {
		for _, id := range known {
			v, err := r.Create(t.Context(), k.make(tenant, id, second(tenant, id)))
			if err == nil && tenant != ours {
				_, err = r.Update(t.Context(), v, k.note.Set(secret))
			}
			if err != nil {
				t.Fatalf("%q %q: %v", tenant, id, err)
			}
		}
	}
	v := k.make("b", "x1", second("b", "x1"))
	_, err := r.Create(t.Context(), v)
	if stored, ok, _ := repo.Stored(r, err); !ok || !strings.Contains(fmt.Sprint(stored), secret) {
		t.Fatalf("no item stood in the way: %v", err)
	}
	s.conflict[reflect.TypeFor[T]()] = err
	err = txn.New(s.client).Add(txn.Create(r, v)).Commit(t.Context())
	canceled, ok := errors.AsType[*txn.CanceledError](err)
	if !ok {
		t.Fatalf("the transaction was not canceled: %v", err)
	}
	s.canceled[reflect.TypeFor[T]()] = canceled.Reasons[0]
}

// others lists the rows that are not our tenant's.
func (s *store) others(ctx context.Context) (out []map[string]types.AttributeValue) {
	for _, name := range []string{"app", "natural"} {
		for p := dynamodb.NewScanPaginator(s.client, &dynamodb.ScanInput{TableName: aws.String(name)}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				panic(err)
			}
			for _, row := range page.Items {
				if key, ok := row[hashOf(name, "")[0]].(*types.AttributeValueMemberS); !ok || !belongs(name, key.Value) {
					out = append(out, row)
				}
			}
		}
	}
	return out
}

// figures are what an attack came to.
type figures struct {
	ids, calls         int
	succeeded, refused map[string]int
}

func (f *figures) count(into map[string]int, name string) { f.calls++; into[name]++ }

// raid makes every move with every identifier.
func raid[T any](t *testing.T, s *store, k kind[T], ids []string, f *figures) {
	t.Helper()
	list := moves[T]()
	order := slices.Sorted(maps.Keys(list))
	all := free(s, k)
	view := all.Scope(k.tenant.Eq(ours))
	for n, id := range ids {
		r := rand.New(rand.NewPCG(3, uint64(n)))
		s.engine.Restore(s.begun)
		foreign := others[r.IntN(len(others))]
		if more := ids[r.IntN(len(ids))]; n%3 == 0 && more != "" && more != ours {
			foreign = more
		}
		value := ids[r.IntN(len(ids))]
		if n%2 == 0 {
			value = known[r.IntN(len(known))]
		}
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, tenant := range []string{[]string{"", ours}[n%2], foreign} {
			for _, name := range order {
				a := &attack[T]{kind: k, ctx: t.Context(), client: s.client, view: view, free: all, tenant_: tenant, id_: id, value_: value,
					v: k.make(tenant, id, value), w: k.make("", "x2", "x2"), way: k.ways[r.IntN(len(k.ways))],
					conflict: s.conflict[reflect.TypeFor[T]()], canceled: s.canceled[reflect.TypeFor[T]()]}
				if !list[name].made(t, s, a, name, f) {
					t.Fatalf("%T, id %q, value %q, tenant %q, index %q", a.v, id, value, tenant, a.way.index)
				}
			}
		}
		var now []map[string]types.AttributeValue
		s.watch.quietly(func() { now = s.others(t.Context()) })
		if !reflect.DeepEqual(now, s.theirs) {
			t.Fatalf("%T, id %q: the items of other tenants are others than before", k, id)
		}
		f.ids++
	}
}

// made makes a move, and reports whether nothing came of it that should not have.
func (m move[T]) made(t *testing.T, s *store, a *attack[T], name string, f *figures) bool {
	t.Helper()
	if m.do == nil {
		return true
	}
	revealed := false
	a.tell = func(what ...any) {
		for _, v := range what {
			for _, text := range shown(v) {
				revealed = revealed || strings.Contains(text, secret)
			}
		}
	}
	err := m.do(a)
	a.tell(err)
	sent, wrong := s.watch.take()
	if errors.As(err, new(unmade)) {
		return true
	}
	abroad := m.names && a.tenant_ != "" && a.tenant_ != ours
	outside := m.refused || abroad || m.reads && a.way.refused
	plain := func(texts ...string) bool {
		return !slices.ContainsFunc(texts, func(s string) bool { return s == "" || !utf8.ValidString(s) || len(s) > 500 })
	}
	strict := m.refused || !m.lax && plain(a.id_, a.value_) && (a.tenant_ == "" || plain(a.tenant_))
	ok := true
	problem := func(format string, args ...any) {
		t.Errorf(name+": "+format, args...)
		ok = false
	}
	for _, w := range wrong {
		problem("%s", w)
	}
	switch {
	case revealed:
		problem("another tenant's secret is in the answer, or in the error: %v", err)
	case errors.Is(err, errRevealed):
		problem("%v", err)
	case outside && err == nil:
		problem("it was not refused")
	case outside && sent > 0:
		problem("%d requests were sent before it was refused: %v", sent, err)
	case outside && strict && !errors.Is(err, repo.ErrOutOfScope) && !errors.Is(err, errors.ErrUnsupported):
		problem("the error is not ErrOutOfScope: %v", err)
	case outside:
		f.count(f.refused, name)
	case err == nil:
		f.count(f.succeeded, name)
	default:
		f.calls++
	}
	return ok
}

// shown is all that can be seen of a value, and of an error's causes.
func shown(v any) []string {
	if v == nil {
		return nil
	}
	out := []string{fmt.Sprintf("%+v", v)}
	err, ok := v.(error)
	if !ok {
		return out
	}
	out = append(out, err.Error(), fmt.Sprintf("%#v", err))
	switch u := err.(type) { //nolint:errorlint // each of the chain is looked at
	case interface{ Unwrap() error }:
		out = append(out, shown(u.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, e := range u.Unwrap() {
			out = append(out, shown(e)...)
		}
	}
	return out
}

// Whatever identifiers the attacker chooses, no item of another tenant is read, written, counted or shown.
func TestNoIdentifierGetsOut(t *testing.T) {
	n := 500
	if os.Getenv("SOAK") != "" {
		n = 10_000
	}
	ids := hostile(n)
	s := newStore(t)
	f := &figures{succeeded: map[string]int{}, refused: map[string]int{}}
	allowed, p := 0, policiesOf(t)
	s.watch.keep = func(e repotest.Event) {
		if allowed++; !p.allow(e) {
			t.Errorf("the policy refuses %s %s", e.Operation, e.Request)
		}
	}
	part := func(i int) (out []string) { // each identifier attacks one entity
		for n, id := range ids {
			if n%5 == i {
				out = append(out, id)
			}
		}
		return out
	}
	raid(t, s, users, part(0), f)
	raid(t, s, docs, part(1), f)
	raid(t, s, events, part(2), f)
	raid(t, s, badges, part(3), f)
	raid(t, s, entries, part(4), f)
	var tried int
	for name, m := range moves[doc]() {
		if m.do == nil {
			continue
		}
		tried++
		if !m.refused && f.succeeded[name] == 0 {
			t.Errorf("%s never succeeded with what is ours, so it shows nothing", name)
		}
		if (m.refused || m.names) && f.refused[name] == 0 {
			t.Errorf("%s was never refused", name)
		}
	}
	t.Logf("%d identifiers, %d functions and methods tried, %d calls, %d requests with %d keys (%d of guards), %d allowed by the policy: %v",
		len(ids), tried, f.calls, s.watch.requests, s.watch.items, s.watch.guards, allowed, s.watch.actions)
	if s.watch.guards == 0 {
		t.Error("no guard was written")
	}
	for _, action := range []string{"GetItem", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem", "Query", "BatchGetItem", "BatchWriteItem"} {
		if s.watch.actions[action] == 0 {
			t.Errorf("no %s was sent", action)
		}
	}
}
