package repo_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// Every exported type of the package has an example whose output is checked.
func TestEveryTypeHasAnExample(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var exported []string
	examples := map[string]bool{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") {
			continue
		}
		parsed, err := parser.ParseFile(set, f.Name(), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Name(), "_test.go") {
			for name := range checkedExamples(parsed) {
				examples[name] = true
			}
			continue
		}
		for _, d := range parsed.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.TYPE {
				continue
			}
			for _, spec := range decl.Specs {
				if name := spec.(*ast.TypeSpec).Name; name.IsExported() {
					exported = append(exported, name.Name)
				}
			}
		}
	}
	if len(exported) < 15 {
		t.Fatalf("only %v were found", exported)
	}
	for _, name := range exported {
		if !examples[name] {
			t.Errorf("no Example%s with checked output", name)
		}
	}
}

func checkedExamples(f *ast.File) map[string]bool {
	out := map[string]bool{}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || !strings.HasPrefix(fn.Name.Name, "Example") {
			continue
		}
		for _, c := range f.Comments {
			if c.Pos() > fn.Pos() && c.End() < fn.End() && strings.HasPrefix(strings.ToLower(c.Text()), "output:") {
				out[strings.TrimPrefix(fn.Name.Name, "Example")] = true
			}
		}
	}
	return out
}
