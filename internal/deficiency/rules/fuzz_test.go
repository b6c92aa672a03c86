package rules_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"chartroom/internal/chart"
	"chartroom/internal/deficiency/rules"
	"chartroom/internal/demo/charts"
)

// FuzzAnalyse reads any text as any document: nothing breaks, and every span a finding
// shows cuts no character.
func FuzzAnalyse(f *testing.F) {
	e := engine(f)
	all, err := charts.All()
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range all[:20] {
		for _, d := range c.Documents {
			f.Add(d.Type, d.Role, d.Text)
		}
	}
	f.Add("", "", "PATIENT: MRN: MRN 1 MRN: 2\nDOB: 99/99/9999 left right hip hip fracture no no no diabetes")
	f.Add("operative report", "surgeon", "SPECIMEN:")
	f.Add("note", "\u00e9", "’s ’s’ : : :: 1:2:3 0x7 \u2028 weight kg weight 1e9 kg")
	start := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, kind, role, text string) {
		if !utf8.ValidString(text) {
			return // the chart stores UTF-8 only
		}
		v := func(id string) chart.Version { return chart.Version{ID: id, Record: "r", Encounter: "e", Number: 1} }
		c := rules.Case{
			Now:           start.AddDate(0, 2, 0),
			Registrations: []chart.Patient{{Version: chart.Version{ID: "p", Record: "r"}, BirthDate: "1950-02-01", Sex: "female", Name: chart.Name{Family: "Ames", Given: "Ruth"}}},
			Encounters:    []chart.Encounter{{Version: v("e"), Setting: chart.Inpatient, Status: "finished", Start: start, End: start.AddDate(0, 0, 3), Disposition: "01"}},
			Documents: []chart.Document{
				{Version: v("d"), Type: kind, Author: chart.Author{Name: text[:min(3, len(text))], Role: role}, WrittenAt: start, Text: text},
				{Version: v("d2"), Type: "progress note", Author: chart.Author{Role: "physician"}, WrittenAt: start.AddDate(0, 0, 1), Text: text},
			},
			Facts: []chart.Fact{
				{Version: v("f"), Kind: chart.Result, Display: role, Value: text, Effective: start}, {Version: v("g"), Kind: chart.Order, Display: kind, Effective: start},
				{Version: v("h"), Kind: chart.Medication, Display: text, Value: text, Effective: start}, {Version: v("i"), Kind: chart.Allergy, Display: kind},
			},
		}
		for _, found := range e.Analyse(&c).Findings {
			for _, s := range found.Spans {
				raw := c.Documents[s.Document].Text
				if s.Start < 0 || s.End <= s.Start || s.End > len(raw) || !utf8.ValidString(raw[s.Start:s.End]) {
					t.Fatalf("%s shows %d-%d of %d bytes", found.Rule, s.Start, s.End, len(raw))
				}
			}
		}
	})
}

// TestLongText: a document of many megabytes without a full stop takes no longer than a
// moment.
func TestLongText(t *testing.T) {
	e := engine(t)
	text := strings.Repeat("no history of diabetes left hip fracture allergic to penicillin brother 60 year old MRN 7 ", 150_000)
	start := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	v := chart.Version{ID: "d", Record: "r", Encounter: "e"}
	c := rules.Case{
		Now: start.AddDate(0, 0, 2), Encounters: []chart.Encounter{{Version: chart.Version{ID: "e", Record: "r"}, Setting: chart.Inpatient, Start: start, Status: "in-progress"}},
		Registrations: []chart.Patient{{Version: chart.Version{ID: "r", Record: "r"}, Sex: "male", BirthDate: "1950-01-01"}},
		Documents:     []chart.Document{{Version: v, Type: "history and physical", Author: chart.Author{Role: "physician"}, WrittenAt: start, Text: text}},
		Facts:         []chart.Fact{{Kind: chart.Diagnosis, Display: "diabetes", Version: chart.Version{ID: "x", Record: "r"}}, {Kind: chart.Allergy, Display: "No known allergies", Version: chart.Version{ID: "y", Record: "r"}}},
	}
	began := time.Now()
	e.Analyse(&c)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("%d MB took %s", len(text)>>20, took)
	}
}
