package rules_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/deficiency/rules"
)

// plainCase is one case of testdata: a record, and what a rule is to say of it.
type plainCase struct {
	place, rule, kind, title string
	record                   rules.Case
	shows, lacks, rests      string

	names map[string]string // id -> what a case calls it
	stay  int               // index of the stay lines go to, -1 for none
}

// TestCases tries every rule on its cases, and asks each for one that fires, a sound
// record and a near miss.
func TestCases(t *testing.T) {
	e := engine(t)
	files, err := filepath.Glob("testdata/*.case")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	have := map[string]int{}
	for _, file := range files {
		for _, c := range readCases(t, file) {
			have[c.rule+" "+c.kind]++
			t.Run(c.rule+"/"+c.kind+"/"+strings.ReplaceAll(c.title, " ", "-"), func(t *testing.T) { c.check(t, e) })
		}
	}
	for _, r := range rules.All() {
		for _, kind := range []string{"fires", "sound", "near"} {
			if have[r.ID+" "+kind] == 0 {
				t.Errorf("%s %s has no case of the kind %q", r.ID, r.Name, kind)
			}
		}
	}
}

func (c *plainCase) check(t *testing.T, e *rules.Engine) {
	var got []rules.Finding
	for _, f := range e.Analyse(&c.record).Findings {
		if f.Rule == c.rule {
			got = append(got, f)
		}
	}
	if c.kind != "fires" {
		for _, f := range got {
			t.Errorf("%s: found on a sound record: %s %v %s", c.place, f.Says, quotes(&c.record, f), f.Absent)
		}
		return
	}
	if len(got) == 0 {
		t.Fatalf("%s: not found", c.place)
	}
	if c.shows+c.lacks+c.rests == "" {
		t.Fatalf("%s: the case does not say what the finding shows", c.place)
	}
	fits := func(f rules.Finding) bool {
		words := c.shows == "" || slices.ContainsFunc(quotes(&c.record, f), func(q string) bool { return strings.Contains(q, c.shows) })
		facts := c.rests == "" || slices.ContainsFunc(f.Facts, func(id string) bool { return strings.EqualFold(c.names[id], c.rests) })
		return words && facts && strings.Contains(f.Absent, c.lacks)
	}
	if !slices.ContainsFunc(got, fits) {
		for _, f := range got {
			t.Errorf("%s: found with other evidence: %s %v %q %v", c.place, f.Says, quotes(&c.record, f), f.Absent, f.Facts)
		}
	}
}

func readCases(t *testing.T, file string) []*plainCase {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []*plainCase
	var c *plainCase
	for n, line := range strings.Split(string(data), "\n") {
		place := fmt.Sprintf("%s:%d", filepath.Base(file), n+1)
		switch {
		case strings.HasPrefix(line, "#") || c == nil && line == "":
		case strings.HasPrefix(line, "== "):
			c = newCase(t, place, line)
			all = append(all, c)
		case c == nil:
			t.Fatalf("%s: a line before the first case", place)
		case strings.HasPrefix(line, "  ") && len(c.record.Documents) > 0:
			d := &c.record.Documents[len(c.record.Documents)-1]
			d.Text += strings.TrimPrefix(line, "  ") + "\n"
		case strings.TrimSpace(line) != "":
			if err := c.line(line); err != nil {
				t.Fatalf("%s: %v", place, err)
			}
		}
	}
	return all
}

func newCase(t *testing.T, place, line string) *plainCase {
	t.Helper()
	head, title, ok := strings.Cut(strings.TrimPrefix(line, "== "), ": ")
	rule, kind, two := strings.Cut(head, " ")
	if !ok || !two || !slices.Contains([]string{"fires", "sound", "near"}, kind) {
		t.Fatalf("%s: a case begins with == RULE fires|sound|near: title", place)
	}
	c := &plainCase{place: place, rule: rule, kind: kind, title: title, names: map[string]string{}, stay: -1}
	c.record.Now = time.Date(2026, 9, 20, 12, 0, 0, 0, time.UTC)
	if err := c.line("patient Ames, Ruth Ellen | female | 1950-02-01 | 1001"); err != nil {
		t.Fatal(err)
	}
	return c
}

func when(s string) (time.Time, error) {
	if s == "" || s == "-" {
		return time.Time{}, nil
	}
	layout := "2006-01-02 15:04"
	if len(s) == len(time.DateOnly) {
		layout = time.DateOnly
	}
	at, err := time.Parse(layout, s)
	if err != nil {
		return at, fmt.Errorf("time: %w", err)
	}
	return at, nil
}

// column gives the nth column of a line, "" where there is none.
func column(cols []string, n int) string {
	if n >= len(cols) || cols[n] == "-" {
		return ""
	}
	return cols[n]
}

func (c *plainCase) line(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	cols := strings.Split(rest, "|")
	for i := range cols {
		cols[i] = strings.TrimSpace(cols[i])
	}
	r := &c.record
	var err error
	switch word {
	case "now":
		r.Now, err = when(rest)
	case "patient":
		family, given, _ := strings.Cut(cols[0], ", ")
		given, middle, _ := strings.Cut(given, " ")
		r.Registrations = []chart.Patient{{
			Version: chart.Version{ID: "patient", Record: "r", Number: 1}, Name: chart.Name{Family: family, Given: given, Middle: middle},
			Sex: column(cols, 1), BirthDate: column(cols, 2), Identifiers: []chart.Identifier{{Kind: "MR", Value: column(cols, 3)}},
		}}
		c.names["patient"] = "patient"
	case "died":
		r.Registrations[0].Deceased = rest
	case "also":
		family, given, _ := strings.Cut(rest, ", ")
		r.Registrations[0].Aliases = append(r.Registrations[0].Aliases, chart.Name{Family: family, Given: given})
	case "registered":
		r.Registrations[0].RecordedAt, err = when(rest)
	case "coverage":
		id := fmt.Sprintf("coverage-%d", len(r.Coverages))
		c.names[id] = "coverage"
		priority, _ := strconv.Atoi(cols[0])
		r.Coverages = append(r.Coverages, chart.Coverage{
			Version: chart.Version{ID: id, Record: "r"}, Priority: priority, Payer: column(cols, 1), Plan: column(cols, 2), From: column(cols, 3), To: column(cols, 4),
		})
	case "stay":
		err = c.addStay(cols)
	case "attending":
		r.Encounters[c.stay].Attending = chart.Author{Name: column(cols, 0), ID: column(cols, 1)}
	case "loose":
		c.stay = -1
	case "doc":
		err = c.addDocument(cols)
	case "allergy", "medication", "result", "order", "procedure", "diagnosis":
		err = c.addFact(chart.FactKind(word), cols)
	case "shows":
		c.shows = rest
	case "lacks":
		c.lacks = rest
	case "rests":
		c.rests = strings.TrimPrefix(rest, "on ")
	default:
		return fmt.Errorf("%q begins no line of a case", word)
	}
	return err
}

func (c *plainCase) version(kind string, n int) chart.Version {
	v := chart.Version{ID: fmt.Sprintf("%s-%d", kind, n), Number: 1, Record: "r"}
	if c.stay >= 0 {
		v.Encounter = c.record.Encounters[c.stay].ID
	}
	return v
}

func (c *plainCase) addStay(cols []string) error {
	setting, times, _ := strings.Cut(cols[0], " ")
	from, to, ok := strings.Cut(times, " to ")
	if !ok {
		return fmt.Errorf("a stay is from one time to another")
	}
	start, err := when(from)
	if err != nil {
		return err
	}
	end, err := when(to)
	if err != nil {
		return err
	}
	id := fmt.Sprintf("stay-%d", len(c.record.Encounters))
	c.names[id] = "stay"
	e := chart.Encounter{
		Version: chart.Version{ID: id, Record: "r", Encounter: id, Number: 1}, Setting: chart.Setting(setting), Start: start, End: end, Status: "finished",
		Disposition: column(cols, 1), Attending: chart.Author{Name: "Ruth Hale, MD", ID: "2555010000"}, Number: fmt.Sprintf("E%d", len(c.record.Encounters)),
	}
	if end.IsZero() {
		e.Status = "in-progress"
	}
	if s := column(cols, 2); s != "" {
		e.Status = s
	}
	c.record.Encounters = append(c.record.Encounters, e)
	c.stay = len(c.record.Encounters) - 1
	return nil
}

func (c *plainCase) addDocument(cols []string) error {
	at, err := when(column(cols, 2))
	if err != nil {
		return err
	}
	d := chart.Document{
		Version: c.version("doc", len(c.record.Documents)), Type: cols[0], Author: chart.Author{Name: "Vera Lund", Role: column(cols, 1)},
		WrittenAt: at, Signed: true, SignedAt: at,
	}
	if s := column(cols, 3); s == "unsigned" {
		d.Signed, d.SignedAt = false, time.Time{}
	} else if t, ok := strings.CutPrefix(s, "signed "); ok {
		if d.SignedAt, err = when(t); err != nil {
			return err
		}
	}
	c.record.Documents = append(c.record.Documents, d)
	return nil
}

func (c *plainCase) addFact(kind chart.FactKind, cols []string) error {
	f := chart.Fact{Version: c.version(string(kind), len(c.record.Facts)), Kind: kind, Display: cols[0], Value: column(cols, 1), Note: column(cols, 3)}
	if kind == chart.Allergy {
		f.Encounter = ""
	}
	if kind == chart.Diagnosis || kind == chart.Procedure {
		f.Code, f.Value = f.Value, ""
		if kind == chart.Diagnosis && f.Code != "" {
			f.System = "http://hl7.org/fhir/sid/icd-10-cm"
		}
	}
	c.names[f.ID] = f.Display
	var err error
	f.Effective, err = when(column(cols, 2))
	c.record.Facts = append(c.record.Facts, f)
	return err
}
