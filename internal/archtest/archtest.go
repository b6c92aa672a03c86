// Package archtest holds the rules of the house that the compiler cannot see:
// which package may import which. Its test reads the import graph of the whole
// module and fails on an arrow that runs up or sideways where it must not.
package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// module is the path all packages of the project begin with.
const module = "chartroom/"

// ground are the folders of the ground floor: libraries of the field, pure.
var ground = []string{"wire", "codes", "pay", "cancer", "people", "stats"}

// impure are the packages that the ground floor may not use: it opens no
// database, speaks no HTTP and logs nothing. Commands below it (cmd/) and the
// network helpers of a wire format that take a listener are named in pure.
var impure = []string{"database/sql", "net/http", "log", "log/slog", "modernc.org/sqlite", "github.com/jackc/pgx"}

// storeUsers are the only packages that may see a database driver or the store.
var storeUsers = []string{"internal/gate", "internal/crashtest"}

// drivers are the packages that open a database.
var drivers = []string{"modernc.org/sqlite", "github.com/jackc/pgx", "github.com/pressly/goose", "github.com/ncruces/go-sqlite3"}

// stream is the way data flows through the department. A package may import
// those before it, never one after it: later steps ask through a door.
// Packages on one line are beside each other and import neither.
var stream = [][]string{
	{"gate"},
	{"seal"},
	{"access", "audit"},
	{"work"},
	{"identity", "masters"},
	{"chart", "scan"},
	{"intake"},
	{"coding", "deficiency", "incoming", "words", "downtime"},
	{"billing", "registry"},
	{"release", "research"},
	{"demo"},
	{"app"},
	{"ui"},
	{"server"},
}

// beside are packages of the inner floor that stand outside the stream: they
// import nothing of it, and every package may use them.
var beside = []string{"batch", "testenv"}

// Package is one package of the module with what it imports; Test marks imports
// that only its tests have.
type Package struct {
	Path    string   // import path
	Imports []string // without those of its tests
}

// Check returns a sentence for each import that breaks a rule.
func Check(packages []Package) []string {
	var faults []string
	for _, p := range packages {
		for _, imported := range p.Imports {
			if why := forbidden(p.Path, imported); why != "" {
				faults = append(faults, fmt.Sprintf("%s imports %s: %s", p.Path, imported, why))
			}
		}
	}
	slices.Sort(faults)
	return slices.Compact(faults)
}

func forbidden(from, to string) string {
	from = strings.TrimPrefix(from, module)
	own := strings.HasPrefix(to, module)
	to = strings.TrimPrefix(to, module)
	switch {
	case onGround(from):
		return fromGround(from, to, own)
	case own && strings.HasPrefix(to, "cmd/"):
		return "nothing imports the door"
	case !own && under(to, drivers) && !under(from, storeUsers):
		return "only the gate's store opens a database"
	case own && strings.HasPrefix(from, "internal/") && strings.HasPrefix(to, "internal/"):
		return acrossInner(strings.TrimPrefix(from, "internal/"), strings.TrimPrefix(to, "internal/"))
	}
	return ""
}

func fromGround(from, to string, own bool) string {
	if own && strings.HasPrefix(to, "internal/") {
		return "the ground floor imports nothing under internal"
	}
	if !own && under(to, impure) && !strings.Contains(from, "/cmd/") {
		return "the ground floor opens no database, speaks no HTTP and logs nothing"
	}
	return ""
}

func acrossInner(from, to string) string {
	a, b := head(from), head(to)
	if a == b || slices.Contains(beside, b) {
		return ""
	}
	if slices.Contains(beside, a) {
		return "it stands beside the stream and imports none of it"
	}
	i, j := place(a), place(b)
	switch {
	case a == "crashtest" || a == "archtest":
		return ""
	case i < 0:
		return "package internal/" + a + " has no place in the stream; give it one"
	case j < 0:
		return "package internal/" + b + " has no place in the stream; give it one"
	case j > i:
		return "no package reaches back up the stream"
	case j == i:
		return "packages beside each other in the stream do not import one another"
	}
	return ""
}

func onGround(path string) bool { return slices.Contains(ground, head(path)) }

func head(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

func place(name string) int {
	return slices.IndexFunc(stream, func(row []string) bool { return slices.Contains(row, name) })
}

// under reports whether path is one of roots or lies below one.
func under(path string, roots []string) bool {
	return slices.ContainsFunc(roots, func(r string) bool { return path == r || strings.HasPrefix(path, r+"/") })
}
