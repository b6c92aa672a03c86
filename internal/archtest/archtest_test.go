package archtest_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/modfile"

	"chartroom/internal/archtest"
	"chartroom/internal/testenv"
)

func TestNoForbiddenImport(t *testing.T) {
	for _, fault := range archtest.Check(load(t)) {
		t.Error(fault)
	}
}

// TestEveryPackageSaysWhatItIsFor asks each package for its comment.
func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range list(t) {
		if p.Doc == "" && len(p.GoFiles) > 0 {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

// TestEveryDependencyHasItsLine: what a direct dependency is for, and what was
// passed over, stands in docs/dependencies.md; and nothing else stands there.
func TestEveryDependencyHasItsLine(t *testing.T) {
	root := testenv.ModuleRoot(t)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := modfile.Parse("go.mod", mod, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, row := range regexp.MustCompile(`(?m)^\| ([a-z.]+\.[a-z]+/\S+) \|`).FindAllStringSubmatch(string(text), -1) {
		named[row[1]] = true
	}
	for _, r := range file.Require {
		if !r.Indirect && !named[r.Mod.Path] {
			t.Errorf("%s has no line in docs/dependencies.md", r.Mod.Path)
		}
		if !r.Indirect {
			delete(named, r.Mod.Path)
		}
	}
	for path := range named {
		t.Errorf("%s stands in docs/dependencies.md and is no direct dependency", path)
	}
}

func TestRules(t *testing.T) {
	cases := []struct{ from, to, want string }{
		{"chartroom/codes/coder", "chartroom/internal/gate", "the ground floor imports nothing under internal"},
		{"chartroom/wire/fhir", "database/sql", "the ground floor opens no database, speaks no HTTP and logs nothing"},
		{"chartroom/wire/fhir", "net/http", "the ground floor opens no database, speaks no HTTP and logs nothing"},
		{"chartroom/codes/codeset/cmd/mkpacks", "log", ""},
		{"chartroom/internal/chart", "chartroom/internal/coding", "no package reaches back up the stream"},
		{"chartroom/internal/coding", "chartroom/internal/chart", ""},
		{"chartroom/internal/access", "chartroom/internal/audit", "packages beside each other in the stream do not import one another"},
		{"chartroom/internal/chart", "github.com/jackc/pgx/v5/stdlib", "only the gate's store opens a database"},
		{"chartroom/internal/gate/internal/store", "modernc.org/sqlite", ""},
		{"chartroom/internal/batch", "chartroom/internal/gate", "it stands beside the stream and imports none of it"},
		{"chartroom/internal/server", "chartroom/internal/ui", ""},
		{"chartroom/internal/ui", "chartroom/internal/server", "no package reaches back up the stream"},
		{"chartroom/internal/app", "chartroom/cmd/chartroom", "nothing imports the door"},
		{"chartroom/internal/misc", "chartroom/internal/gate", "package internal/misc has no place in the stream; give it one"},
	}
	for _, c := range cases {
		var want []string
		if c.want != "" {
			want = []string{c.from + " imports " + c.to + ": " + c.want}
		}
		got := archtest.Check([]archtest.Package{{Path: c.from, Imports: []string{c.to}}})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s -> %s (-want +got):\n%s", c.from, c.to, diff)
		}
	}
}

type listed struct {
	ImportPath string
	Doc        string
	GoFiles    []string
	Imports    []string
}

func load(t *testing.T) []archtest.Package {
	t.Helper()
	var packages []archtest.Package
	for _, p := range list(t) {
		packages = append(packages, archtest.Package{Path: p.ImportPath, Imports: p.Imports})
	}
	return packages
}

func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Doc,GoFiles,Imports", "./...")
	cmd.Dir = testenv.ModuleRoot(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if len(packages) < 5 {
		t.Fatalf("go list found %d packages only", len(packages))
	}
	return packages
}
