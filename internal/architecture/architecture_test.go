// Package architecture guards which package may import which.
package architecture

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/monotable/monotable/"

// arrows says what each package of the module may import of the module, and nothing else: a package that isn't here
// is a problem too, so that adding one is a decision. An entry that ends in / stands for every package below it.
var arrows = map[string][]string{
	"internal/schema":   {},
	"internal/codec":    {"internal/schema"},
	"internal/ast":      {"internal/schema", "internal/codec"},
	"expr":              {"internal/schema", "internal/codec", "internal/ast"},
	"repo":              {"internal/schema", "internal/codec", "internal/ast", "expr", "internal/attempt", "internal/transact", "internal/chunk"},
	"txn":               {"expr", "repo", "internal/attempt", "internal/transact", "internal/chunk"},
	"batch":             {"expr", "repo", "internal/attempt", "internal/transact", "internal/chunk"},
	"internal/attempt":  {},
	"internal/transact": {"internal/attempt"},
	"internal/chunk":    {"internal/attempt"},
	"internal/memdb":    {},
	"repo/client":       {},
	"repo/repotest":     {"internal/memdb"},

	// What users can import, and no more: they are written as users would write them.
	"examples/":             {"expr", "repo", "repo/client", "repo/repotest", "txn", "batch"},
	"integration/memserver": {"repo/repotest"},
	"integration":           {"expr", "repo", "repo/client", "repo/repotest", "txn", "batch"},
	// Tests alone, and what they share: no entry has it, so that no program can import it.
	"internal/storytest":    {},
	"integration/tenants":   {},
	"internal/architecture": {},
	"integration/format":    {},
	"integration/reading":   {},
	"integration/reindex":   {},
	"integration/renames":   {},
}

// banned lists modules and packages that would end up in every user's binary, and who may import them nevertheless.
var banned = []struct {
	path   string
	but    []string
	reason string
}{
	{"github.com/google/go-cmp", []string{"internal/storytest"}, "it is for tests, and may panic"},
	{"pgregory.net/rapid", nil, "it is for tests"},
	{"go.uber.org/goleak", nil, "it is for tests"},
	{"github.com/anishathalye/porcupine", nil, "it is for tests"},
	{"testing", []string{"repo/repotest", "internal/storytest"}, "it is for tests, and registers flags"},
	{module + "internal/memdb", []string{"repo/repotest"}, "the engine is for tests"},
	{"github.com/aws/aws-sdk-go-v2/config", []string{"repo/client"}, "it brings the sign-in services along"},
}

var vague = []string{"util", "utils", "common", "helper", "helpers", "misc"}

// pkg is what go list says of a package; imports are those of its code without its tests.
type pkg struct {
	ImportPath string
	Imports    []string
}

// check returns a line for each thing that is not as arrows, banned and vague say.
func check(pkgs []pkg) (problems []string) {
	report := func(p pkg, format string, args ...any) {
		problems = append(problems, strings.TrimPrefix(p.ImportPath, module)+": "+fmt.Sprintf(format, args...))
	}
	for _, p := range pkgs {
		name := strings.TrimPrefix(p.ImportPath, module)
		if slices.Contains(vague, path.Base(name)) {
			report(p, "its name says nothing about what it does")
		}
		allowed, listed := rule(name)
		if !listed {
			report(p, "is not listed here: say what it may import")
		}
		for _, imported := range p.Imports {
			inner, ours := strings.CutPrefix(imported, module)
			if ours && listed && !slices.Contains(allowed, inner) {
				report(p, "must not import %s", inner)
			}
			for _, b := range banned {
				if (imported == b.path || strings.HasPrefix(imported, b.path+"/")) && !slices.Contains(b.but, name) {
					report(p, "must not import %s: %s", imported, b.reason)
				}
			}
		}
	}
	return problems
}

func rule(name string) (allowed []string, listed bool) {
	if allowed, listed = arrows[name]; listed {
		return allowed, true
	}
	for pattern, allowed := range arrows {
		if strings.HasSuffix(pattern, "/") && strings.HasPrefix(name, pattern) {
			return allowed, true
		}
	}
	return nil, false
}

func TestArrows(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	readFolders(t, root)
	pkgs := list(t, root)
	if !slices.ContainsFunc(pkgs, func(p pkg) bool { return p.ImportPath == module+"repo/client" && len(p.Imports) > 0 }) {
		t.Errorf("go list does not find the packages of this module: %v", pkgs)
	}
	for _, problem := range check(pkgs) {
		t.Error(problem)
	}
}

// The rules themselves must have no cycle and lead to listed packages only.
func TestRulesAreOneWay(t *testing.T) {
	const open, done = 1, 2
	state := map[string]int{}
	var visit func(name string, trail []string)
	visit = func(name string, trail []string) {
		trail = append(slices.Clone(trail), name)
		switch state[name] {
		case open:
			t.Errorf("a cycle: %s", strings.Join(trail, " -> "))
		case 0:
			state[name] = open
			for _, next := range arrows[name] {
				if _, listed := arrows[next]; !listed {
					t.Errorf("%s may import %s, which is not listed", name, next)
				}
				visit(next, trail)
			}
			state[name] = done
		}
	}
	for name := range arrows {
		visit(name, nil)
	}
}

func TestCheckFindsViolations(t *testing.T) {
	const memdb, config = module + "internal/memdb", "github.com/aws/aws-sdk-go-v2/config"
	ours := func(names ...string) (paths []string) {
		for _, name := range names {
			paths = append(paths, module+name)
		}
		return paths
	}
	for _, c := range []struct {
		reason  string
		name    string
		imports []string
		want    []string
	}{
		{reason: "the whole chain", name: "repo", imports: append(ours("internal/schema", "internal/codec", "internal/ast", "expr", "internal/chunk"), "context")},
		{reason: "neighbours use what is public, and leaves", name: "txn", imports: ours("repo", "expr", "internal/transact", "internal/attempt")},
		{reason: "the engine under the fake client", name: "repo/repotest", imports: append(ours("internal/memdb"), "testing")},
		{reason: "the default credential chain, where it belongs", name: "repo/client", imports: []string{config}},
		{reason: "an example below examples", name: "examples/shop", imports: ours("expr", "repo", "repo/client")},
		{reason: "what tests share", name: "internal/storytest", imports: []string{"testing", "github.com/google/go-cmp/cmp"}},
		{reason: "another module may begin like a banned one", name: "repo", imports: []string{"github.com/google/go-cmpx", config + "uration"}},

		{"an arrow reversed", "internal/schema", ours("internal/codec"), []string{"internal/schema: must not import internal/codec"}},
		{"reversed from far", "internal/ast", ours("repo"), []string{"internal/ast: must not import repo"}},
		{"expr knows no repo", "expr", ours("repo"), []string{"expr: must not import repo"}},
		{"repo knows no txn", "repo", ours("txn"), []string{"repo: must not import txn"}},
		{"nor its own client", "repo", ours("repo/client"), []string{"repo: must not import repo/client"}},
		{"batch looks into repo's inside", "batch", ours("repo", "internal/schema", "internal/codec"), []string{"batch: must not import internal/schema", "batch: must not import internal/codec"}},
		{"siblings", "txn", ours("batch"), []string{"txn: must not import batch"}},
		{"a leaf with a stem", "internal/attempt", ours("internal/ast"), []string{"internal/attempt: must not import internal/ast"}},
		{"another", "internal/transact", ours("repo"), []string{"internal/transact: must not import repo"}},
		{"another", "internal/chunk", ours("expr"), []string{"internal/chunk: must not import expr"}},
		{"the engine is written without the library that it tests", "internal/memdb", ours("internal/schema"), []string{"internal/memdb: must not import internal/schema"}},
		{"an example that only we could write", "examples/shop", ours("internal/schema"), []string{"examples/shop: must not import internal/schema"}},
		{"an example's program that imports what its test should", "examples/shop", ours("internal/storytest"), []string{"examples/shop: must not import internal/storytest"}},
		{"an unlisted package, whatever it imports", "internal/cache", ours("repo"), []string{"internal/cache: is not listed here: say what it may import"}},
		{"a package imported without being listed", "repo", ours("internal/cache"), []string{"repo: must not import internal/cache"}},
		{"a root package of no name", "internal/util", nil, []string{"internal/util: its name says nothing about what it does", "internal/util: is not listed here: say what it may import"}},
		{"also where any name goes", "examples/helpers", nil, []string{"examples/helpers: its name says nothing about what it does"}},
		{"go-cmp", "repo", []string{"github.com/google/go-cmp/cmp"}, []string{"repo: must not import github.com/google/go-cmp/cmp: it is for tests, and may panic"}},
		{"go-cmp where examples are", "examples/shop", []string{"github.com/google/go-cmp/cmp/cmpopts"}, []string{"examples/shop: must not import github.com/google/go-cmp/cmp/cmpopts: it is for tests, and may panic"}},
		{"rapid", "internal/schema", []string{"pgregory.net/rapid"}, []string{"internal/schema: must not import pgregory.net/rapid: it is for tests"}},
		{"testing", "expr", []string{"testing"}, []string{"expr: must not import testing: it is for tests, and registers flags"}},
		{"the engine in the library", "repo", []string{memdb}, []string{"repo: must not import internal/memdb", "repo: must not import " + memdb + ": the engine is for tests"}},
		{"the config module in the library", "repo", []string{config}, []string{"repo: must not import " + config + ": it brings the sign-in services along"}},
	} {
		got := check([]pkg{{ImportPath: module + c.name, Imports: c.imports}})
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.reason, diff)
		}
	}
}

// list returns every package of the module.
func list(t *testing.T, root string) (pkgs []pkg) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return pkgs
		}
		if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

// readFolders opens every folder of the module in this process: go test takes a result from its cache unless a file
// that the test itself has opened is another, and doesn't see what go list opens.
func readFolders(t *testing.T, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path != root && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		return err
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) { // a file may go away meanwhile
		t.Fatal(err)
	}
}
