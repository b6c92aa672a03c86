package rules_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chartroom/internal/deficiency/rules"
	"chartroom/internal/testenv"
)

var update = flag.Bool("update", false, "write the table of docs/deficiency.md anew")

const (
	tableBegin = "<!-- rules: go test ./internal/deficiency/rules -run TestDocs -update -->\n"
	tableEnd   = "<!-- end of rules -->"
)

// TestDocs holds docs/deficiency.md to the rules.
func TestDocs(t *testing.T) {
	file := filepath.Join(testenv.ModuleRoot(t), "docs", "deficiency.md")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(data), tableBegin)
	old, after, ended := strings.Cut(rest, tableEnd)
	if !begun || !ended {
		t.Fatal("docs/deficiency.md has no place for the rules")
	}
	table := ruleTable()
	if old == table {
		return
	}
	if !*update {
		t.Fatal("docs/deficiency.md differs from the rules; run the command it names")
	}
	if err := os.WriteFile(file, []byte(before+tableBegin+table+tableEnd+after), 0o600); err != nil {
		t.Fatal(err)
	}
}

func ruleTable() string {
	var b strings.Builder
	for _, part := range []struct {
		title string
		takes bool
	}{{"Completeness", true}, {"Accuracy", false}} {
		fmt.Fprintf(&b, "\n### %s\n\n| rule | finds | severity | written in | shows | settled by |\n| --- | --- | --- | --- | --- | --- |\n", part.title)
		for _, r := range rules.All() {
			if r.Completeness() == part.takes {
				fmt.Fprintf(&b, "| **%s** %s | %s | %s | %s | %s | %s: %s |\n", r.ID, r.Name, r.What, r.Severity, r.Citation, r.Shows, r.Settles.Who, r.Settles.How)
			}
		}
	}
	b.WriteString("\n")
	return b.String()
}

// TestRules: ids and names are each given once, and nothing of a rule is missing.
func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules.All() {
		if seen[r.ID] || seen[r.Name] {
			t.Errorf("%s %s is there twice", r.ID, r.Name)
		}
		seen[r.ID], seen[r.Name] = true, true
		if r.What == "" || r.Severity == "" || r.Citation == "" || r.Shows == "" || r.Settles.Remedy == "" || r.Settles.Who == "" || r.Settles.How == "" || r.Check == nil {
			t.Errorf("%s %s is not whole", r.ID, r.Name)
		}
	}
	if len(seen)/2 < 56 {
		t.Errorf("%d rules", len(seen)/2)
	}
}
