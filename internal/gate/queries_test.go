package gate_test

import (
	"context"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/testenv"
)

// TestQueriesPrepare prepares every query of the project on both engines. The
// queries are the string constants whose names begin with "sql" in the files
// named store….go below internal.
func TestQueriesPrepare(t *testing.T) {
	queries := projectQueries(t)
	t.Logf("%d queries", len(queries))
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		for _, name := range slices.Sorted(maps.Keys(queries)) {
			if err := g.Prepare(context.Background(), queries[name]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// projectQueries finds the project's queries by reading its sources. The key
// says where each stands.
func projectQueries(t *testing.T) map[string]string {
	t.Helper()
	root := filepath.Join(testenv.ModuleRoot(t), "internal")
	folders := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && holdsQueries(d.Name()) {
			folders[filepath.Dir(path)] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	queries := map[string]string{}
	for folder := range folders {
		for name, text := range folderQueries(t, folder) {
			where, err := filepath.Rel(root, folder)
			if err != nil {
				t.Fatal(err)
			}
			queries[where+": "+name] = text
		}
	}
	return queries
}

func holdsQueries(file string) bool {
	return strings.HasPrefix(file, "store") && strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go")
}

// folderQueries gives the queries of one package. Constants are worked out by
// the type checker, so that a query may be put together from others; imports
// are left out, for no query needs one.
func folderQueries(t *testing.T, folder string) map[string]string {
	t.Helper()
	fset := token.NewFileSet()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	info := types.Info{Defs: map[*ast.Ident]types.Object{}}
	config := types.Config{Error: func(error) {}, IgnoreFuncBodies: false}
	_, _ = config.Check(folder, fset, files, &info) // fails for the imports; the constants are known all the same
	queries := map[string]string{}
	for ident, object := range info.Defs {
		c, ok := object.(*types.Const)
		if !ok || !strings.HasPrefix(ident.Name, "sql") || !holdsQueries(filepath.Base(fset.Position(ident.Pos()).Filename)) {
			continue
		}
		if c.Val().Kind() != constant.String {
			t.Errorf("%s is not a string whose value is known", fset.Position(ident.Pos()))
			continue
		}
		queries[ident.Name] = constant.StringVal(c.Val())
	}
	return queries
}
