package edits_test

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chartroom/codes/codeset"
	"chartroom/codes/edits"
)

// caseOf is one block of testdata/edits.case.
type caseOf struct {
	name  string
	line  int
	on    time.Time
	enc   edits.Encounter
	finds []string
}

func TestCases(t *testing.T) {
	library := codeset.Embedded()
	for _, c := range readCases(t, "testdata/edits.case") {
		t.Run(c.name, func(t *testing.T) {
			if len(c.finds) == 0 {
				t.Fatalf("line %d: the case expects nothing; write \"finds nothing\" if so", c.line)
			}
			var got []string
			for _, f := range edits.Check(setsOn(t, library, c.on), c.enc) {
				got = append(got, fmt.Sprintf("%s %s %s", f.Severity, f.Rule, strings.Join(f.Codes, " ")))
				if f.Message == "" || f.Cite == "" {
					t.Errorf("%s: a finding needs a message and a citation", f.Rule)
				}
			}
			if got == nil {
				got = []string{"nothing"}
			}
			for i := range got {
				got[i] = strings.TrimSpace(got[i])
			}
			if diff := cmp.Diff(c.finds, got); diff != "" {
				t.Errorf("line %d (-want +got):\n%s", c.line, diff)
			}
		})
	}
}

func TestEntitled(t *testing.T) {
	cases := []struct {
		setting    edits.Setting
		code, role string
		want       bool
	}{
		{edits.Inpatient, "I10", "Attending physician", true},
		{edits.Inpatient, "I10", "", true},
		{edits.Inpatient, "I10", "dietitian", false},
		{edits.Inpatient, "Z68.41", "dietitian", true},
		{edits.Inpatient, "E66.01", "dietitian", false},
		{edits.Inpatient, "Z59.00", "social worker", true},
		{edits.Inpatient, "C50.911", "pathologist", false},
		{edits.Outpatient, "C50.911", "pathologist", true},
		{edits.Inpatient, "R29.710", "nurse", true},
	}
	for _, c := range cases {
		if got := edits.Entitled(c.setting, c.code, c.role); got != c.want {
			t.Errorf("%s %s by %q: %v", c.setting, c.code, c.role, got)
		}
	}
}

func TestBlocking(t *testing.T) {
	if edits.Blocking([]edits.Finding{{Severity: edits.Warning}, {Severity: edits.Info}}) {
		t.Error("warnings block")
	}
	if !edits.Blocking([]edits.Finding{{Severity: edits.Warning}, {Severity: edits.Error}}) {
		t.Error("an error does not block")
	}
}

func setsOn(tb testing.TB, l *codeset.Library, day time.Time) edits.Sets {
	tb.Helper()
	cm, err := l.On(codeset.ICD10CM, day)
	if err != nil {
		tb.Fatal(err)
	}
	pcs, err := l.On(codeset.ICD10PCS, day)
	if err != nil {
		tb.Fatal(err)
	}
	return edits.Sets{CM: cm, PCS: pcs}
}

func readCases(t *testing.T, path string) []caseOf {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []caseOf
	scanner := bufio.NewScanner(f)
	for n := 1; scanner.Scan(); n++ {
		word, rest, _ := strings.Cut(strings.TrimSpace(scanner.Text()), " ")
		if word == "" || word[0] == '#' {
			continue
		}
		if word == "case" {
			cases = append(cases, caseOf{name: rest, line: n, on: day(t, "2026-03-15"), enc: edits.Encounter{Age: -1}})
			continue
		}
		if err := cases[len(cases)-1].read(t, word, rest); err != nil {
			t.Fatalf("%s:%d: %v", path, n, err)
		}
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return cases
}

func (c *caseOf) read(t *testing.T, word, rest string) error {
	t.Helper()
	fields := strings.Fields(rest)
	switch word {
	case "on":
		c.on = day(t, rest)
	case "setting":
		c.enc.Setting = edits.Setting(rest)
	case "patient":
		age, err := strconv.Atoi(fields[0])
		if err != nil {
			return err
		}
		c.enc.Age, c.enc.Sex = age, fields[1]
	case "stay":
		c.enc.Admit, c.enc.Discharge = day(t, fields[0]), day(t, fields[1])
	case "dx":
		c.enc.Dx = append(c.enc.Dx, diagnosis(rest))
	case "px":
		p := edits.Procedure{Code: fields[0]}
		if len(fields) > 1 {
			p.Date = day(t, fields[1])
		}
		c.enc.Px = append(c.enc.Px, p)
	case "finds":
		c.finds = append(c.finds, rest)
	default:
		return fmt.Errorf("no such line: %q", word)
	}
	return nil
}

func diagnosis(line string) edits.Diagnosis {
	parts := strings.Split(line, "|")
	fields := strings.Fields(parts[0])
	d := edits.Diagnosis{Code: fields[0]}
	if len(fields) > 1 {
		d.POA = fields[1]
	}
	if len(parts) > 1 {
		d.Statements = []edits.Statement{}
	}
	for _, p := range parts[1:] {
		role, state, ok := strings.Cut(strings.TrimSpace(p), ", ")
		if ok {
			d.Statements = append(d.Statements, edits.Statement{AuthorRole: role, Signed: state == "signed"})
		}
	}
	return d
}

func day(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func BenchmarkCheck(b *testing.B) {
	sets := setsOn(b, codeset.Embedded(), time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC))
	var enc edits.Encounter
	for c := range strings.FieldsSeq("I13.0 I50.23 N18.4 E11.22 E11.65 J44.1 J18.9 Z79.4 D63.1 I48.20 E87.1 N17.9 Z87.891 K21.9 F32.A") {
		enc.Dx = append(enc.Dx, edits.Diagnosis{Code: c, POA: "Y", Statements: []edits.Statement{{AuthorRole: "attending", Signed: true}}})
	}
	b.ReportAllocs()
	for b.Loop() {
		edits.Check(sets, enc)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "encounters/s")
}
