package access

// Inside the package: the matrix asks the rules with facts of its own making.

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/testenv"
)

var update = flag.Bool("update", false, "write the golden files anew")

func mustPolicy(tb testing.TB, text []byte) *Policy {
	tb.Helper()
	p, err := NewPolicy(text)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// situation is a column of the matrix.
type situation struct {
	name  string
	facts facts
}

func situations() []situation {
	all := make([]string, 0, len(Privileges()))
	for _, p := range Privileges() {
		all = append(all, string(p))
	}
	slices.Sort(all)
	sensitive := func(what string) facts { return facts{sensitivity: []string{what}} }
	with := func(f facts, change func(*facts)) facts {
		change(&f)
		return f
	}
	glass := func(f *facts) { f.breakGlass = true }
	privileged := func(f *facts) { f.privileges = all }
	treats := func(f *facts) { f.careTeam = true }
	return []situation{
		{"own unit", facts{}},
		{"own unit, all privileges", facts{privileges: all}},
		{"own unit, treats the patient", facts{careTeam: true}},
		{"own unit, glass broken", facts{breakGlass: true}},
		{"other unit", facts{otherUnit: true}},
		{"other unit, glass broken", facts{otherUnit: true, breakGlass: true}},
		{"other unit, treats the patient", facts{otherUnit: true, careTeam: true}},
		{"VIP", sensitive("vip")},
		{"VIP, glass broken", with(sensitive("vip"), glass)},
		{"VIP, all privileges", with(sensitive("vip"), privileged)},
		{"Part 2", sensitive("part2")},
		{"Part 2, glass broken", with(sensitive("part2"), glass)},
		{"Part 2, all privileges", with(sensitive("part2"), privileged)},
		{"psychotherapy notes", sensitive("psychotherapy")},
		{"psychotherapy notes, glass broken", with(sensitive("psychotherapy"), glass)},
		{"psychotherapy notes, all privileges", with(sensitive("psychotherapy"), privileged)},
		{"psychotherapy notes, treats the patient", with(sensitive("psychotherapy"), treats)},
		{"own record", facts{ownRecord: true}},
		{"own record, glass broken, all privileges", facts{ownRecord: true, breakGlass: true, privileges: all}},
	}
}

// TestMatrix compares who may do what with a file that people read.
func TestMatrix(t *testing.T) {
	p := mustPolicy(t, nil)
	var b strings.Builder
	b.WriteString("Who may do what, by the policy file. Written by: go test ./internal/access -run TestMatrix -update\n")
	b.WriteString("x: permitted   .: refused\n\n")
	columns := situations()
	for i, s := range columns {
		fmt.Fprintf(&b, "%c  %s\n", 'A'+i, s.name)
	}
	actors := []gate.Actor{}
	for _, r := range Roles() {
		actors = append(actors, gate.Actor{ID: "someone", Kind: gate.Person, Roles: []string{string(r)}})
	}
	actors = append(actors,
		gate.Actor{ID: "someone", Kind: gate.Person},
		gate.Actor{ID: "token", Kind: gate.Program, Roles: []string{string(ProgramRole)}},
		gate.Actor{ID: "token", Kind: gate.Program},
		gate.Actor{ID: "console", Kind: gate.System},
		gate.Actor{ID: "?"})
	for _, a := range actors {
		name := strings.Join(append([]string{string(a.Kind)}, a.Roles...), " ")
		fmt.Fprintf(&b, "\n%-28s", strings.TrimPrefix(name, "person "))
		for i := range columns {
			fmt.Fprintf(&b, " %c", 'A'+i)
		}
		b.WriteByte('\n')
		for _, action := range p.Actions() {
			row := ""
			for _, s := range columns {
				req := gate.Request{Actor: a, Action: action, Subject: gate.Encounter("r", "e")}
				got, err := p.answer(p.rules[action], req, s.facts)
				if err != nil {
					t.Fatal(err)
				}
				row += map[bool]string{true: " x", false: " ."}[got.permit]
			}
			if strings.Contains(row, "x") {
				fmt.Fprintf(&b, "%-28s%s\n", action, row)
			}
		}
	}
	golden := filepath.Join("testdata", "matrix.txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("the policy permits other things than %s says; look at each, then -update:\n%s", golden, diff)
	}
}

// What must hold whatever the file says, because the law or the design does.
func TestNeverPermitted(t *testing.T) {
	p := mustPolicy(t, nil)
	patient := []string{"chart.", "document.", "coding.", "trace.", "intake.read-message"}
	isPatient := func(a gate.Action) bool {
		return slices.ContainsFunc(patient, func(s string) bool { return strings.HasPrefix(string(a), s) })
	}
	every := []string{}
	for _, r := range Roles() {
		every = append(every, string(r))
	}
	for _, action := range p.Actions() {
		for _, s := range situations() {
			ask := func(kind gate.ActorKind, roles ...string) bool {
				a, err := p.answer(p.rules[action], gate.Request{
					Actor: gate.Actor{ID: "x", Kind: kind, Roles: roles}, Action: action, Subject: gate.Record("r"),
				}, s.facts)
				if err != nil {
					t.Fatal(err)
				}
				return a.permit
			}
			if isPatient(action) && ask(gate.Person, string(Administrator), string(Researcher)) {
				t.Errorf("%s, %s: whoever runs the system reads patients", action, s.name)
			}
			if isPatient(action) && ask(gate.System) {
				t.Errorf("%s, %s: the system reads patients", action, s.name)
			}
			if isPatient(action) && s.facts.ownRecord && ask(gate.Person, every...) {
				t.Errorf("%s, %s: staff see their own record", action, s.name)
			}
			if isPatient(action) && ask(gate.Person, every...) &&
				slices.Contains(s.facts.sensitivity, "psychotherapy") && !s.facts.careTeam && !slices.Contains(s.facts.privileges, "psychotherapy") {
				t.Errorf("%s, %s: psychotherapy notes are open", action, s.name)
			}
			if action != ActionSignOut && ask(gate.Person) {
				t.Errorf("%s, %s: permitted without a role", action, s.name)
			}
		}
	}
}

// TestPolicyNamesEveryAction finds the actions that the sources declare and
// compares them with those that the policy names.
func TestPolicyNamesEveryAction(t *testing.T) {
	declared := map[string]string{} // to where
	root := filepath.Join(testenv.ModuleRoot(t), "internal")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			var values []ast.Expr
			switch n := n.(type) {
			case *ast.ValueSpec:
				if isAction(n.Type) {
					values = n.Values
				}
			case *ast.CallExpr:
				if isAction(n.Fun) {
					values = n.Args
				}
			}
			for _, v := range values {
				if lit, ok := v.(*ast.BasicLit); ok {
					if name, err := strconv.Unquote(lit.Value); err == nil {
						declared[name], _ = filepath.Rel(root, path)
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, a := range mustPolicy(t, nil).Actions() {
		named[string(a)] = true
		if declared[string(a)] == "" {
			t.Errorf("the policy names %s, which no source declares", a)
		}
	}
	for a, where := range declared {
		// Packages that exist for tests only take actions under a policy of their own.
		if !named[a] && !strings.HasPrefix(a, "test.") && !strings.HasPrefix(a, "crashtest.") && a != "" {
			t.Errorf("%s declares %s, which the policy does not name", where, a)
		}
	}
	if len(declared) < 20 {
		t.Errorf("only %d actions found: the test looks in the wrong place", len(declared))
	}
}

// isAction says whether an expression is the type gate.Action.
func isAction(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		x, ok := e.X.(*ast.Ident)
		return ok && x.Name == "gate" && e.Sel.Name == "Action"
	case *ast.Ident:
		return e.Name == "Action" // in package gate itself
	}
	return false
}

func TestUnknownActionIsAnError(t *testing.T) {
	p := mustPolicy(t, nil)
	err := p.Decide(context.Background(), nil, gate.Request{Action: "chart.burn"})
	var denied *gate.Denied
	if err == nil || errors.As(err, &denied) || !strings.Contains(err.Error(), "chart.burn") {
		t.Errorf("got %v", err)
	}
}

func TestPolicyFiles(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"not Cedar":    {"permit everything", "parse"},
		"of no action": {`permit (principal, action == Verb::"x.y", resource);`, "type"},
	} {
		if _, err := NewPolicy([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A forbid that cannot be evaluated must not count for nothing.
	p := mustPolicy(t, []byte(`permit (principal, action == Action::"a.b", resource);
forbid (principal, action == Action::"a.b", resource) when { context.nothing };`))
	if _, err := p.answer(p.rules["a.b"], gate.Request{Action: "a.b"}, facts{}); err == nil {
		t.Error("a broken forbid was passed over")
	}
	// A rule without a head of actions holds for all that others name.
	p = mustPolicy(t, []byte(`permit (principal, action in [Action::"a.b", Action::"c.d"], resource);
@why("closed today") forbid (principal, action, resource);`))
	if a, err := p.answer(p.rules["c.d"], gate.Request{Action: "c.d"}, facts{}); err != nil || a.permit || a.why != "closed today" {
		t.Errorf("%+v, %v", a, err)
	}
	if !bytes.Equal(DefaultPolicy(), defaultPolicy) {
		t.Error("DefaultPolicy is another")
	}
}

// Every rule says what it rests on, every forbid what to tell the person.
func TestRulesAreExplained(t *testing.T) {
	text := string(defaultPolicy)
	rules := strings.Count(text, "\npermit (") + strings.Count(text, "\nforbid (")
	if n := strings.Count(text, "\n@basis("); n != rules {
		t.Errorf("%d rules, %d with a basis", rules, n)
	}
	if n, m := strings.Count(text, "\nforbid ("), strings.Count(text, "\n@why("); n != m {
		t.Errorf("%d forbids, %d of them say why", n, m)
	}
}

// Decisions as the gate asks for them: with the look-ups, remembered or not.
func BenchmarkDecide(b *testing.B) {
	p := mustPolicy(b, nil)
	g := gatetest.Open(b)
	ctx := context.Background()
	req := gate.Request{
		Actor:  gate.Actor{ID: "tess", Kind: gate.Person, Roles: []string{"technician"}},
		Action: "chart.read", Subject: gate.Encounter("r1", "e1"), At: time.Unix(0, 0),
	}
	err := g.Change(ctx, gatetest.Actor(), "test.bench", gate.Department(), func(tx *gate.Tx) error {
		_, err := tx.Exec(ctx, sqlAddStaff, "tess", "tess", "Tess", "technician", "", "", `{"units":["4 West"],"privileges":{"final-coding":"2027-01-01"}}`, "", 0, "")
		return errors.Join(err, Label(ctx, tx, "r1", "", Unit, "4 West"), Label(ctx, tx, "r1", "e1", Relation, "provider:somebody"))
	})
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, req gate.Request, remember bool) {
		b.Run(name, func(b *testing.B) {
			err := g.Read(ctx, gatetest.Actor(), "test.bench", gate.Department(), func(tx *gate.Tx) error {
				for b.Loop() {
					if !remember {
						clear(p.memory)
					}
					if err := p.Decide(ctx, tx, req); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		})
	}
	run("record", req, true)
	run("record, not remembered", req, false)
	list := req
	list.Action, list.Subject = "intake.list", gate.Department()
	run("no look-up", list, true)
}
