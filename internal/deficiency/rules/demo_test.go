package rules_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/deficiency/rules"
	"chartroom/internal/demo/charts"
)

// caseOf is a chart of the demo as the chart would keep it.
func caseOf(c charts.Chart) *rules.Case {
	encounters := c.Encounters()
	v := func(kind string, n, stay int) chart.Version {
		id := ""
		if stay >= 0 && stay < len(encounters) {
			id = fmt.Sprintf("%s-stay-%d", c.ID, stay)
		}
		return chart.Version{ID: fmt.Sprintf("%s-%s-%d", c.ID, kind, n), Number: 1, Record: c.ID, Encounter: id}
	}
	date := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.DateOnly)
	}
	name := func(n charts.Name) chart.Name {
		return chart.Name{Family: n.Family, Given: n.Given, Middle: n.Middle}
	}
	p := chart.Patient{
		Version: chart.Version{ID: c.ID, Record: c.ID}, Name: name(c.Patient.Name), BirthDate: date(c.Patient.Born), Deceased: date(c.Patient.Died),
		Sex: c.Patient.Sex, Identifiers: []chart.Identifier{{Kind: "MR", Value: c.Patient.MRN}},
	}
	for _, n := range c.Patient.Also {
		p.Aliases = append(p.Aliases, name(n))
	}
	out := &rules.Case{Registrations: []chart.Patient{p}, Now: charts.Morning()}
	for i, cov := range c.Patient.Coverage {
		out.Coverages = append(out.Coverages, chart.Coverage{
			Version: v("cov", i, -1), Payer: cov.Payer, Plan: cov.Plan, Member: cov.Member, Priority: cov.Priority, From: date(cov.From), To: date(cov.To),
		})
	}
	for i, e := range encounters {
		if e.Category == charts.Registration {
			continue
		}
		enc := chart.Encounter{
			Version: v("stay", i, i), Number: e.Number, Setting: chart.Setting(e.Category.Setting()), Status: e.Status, Unit: e.Unit,
			Start: e.Admit, End: e.Discharge, Disposition: e.Disposition.Code, Attending: chart.Author{Name: e.Attending.Name, ID: e.Attending.NPI},
		}
		if e.Category == charts.Emergency {
			enc.Setting = chart.Emergency
		}
		if enc.Status == "" {
			enc.Status = "finished"
			if enc.End.IsZero() {
				enc.Status = "in-progress"
			}
		}
		out.Encounters = append(out.Encounters, enc)
	}
	for i, d := range c.Documents {
		out.Documents = append(out.Documents, chart.Document{
			Version: v("doc", i, d.Stay), Type: d.Type, Title: d.Type, Author: chart.Author{Name: d.Author, Role: d.Role}, WrittenAt: d.Time,
			Signed: d.Signed, SignedAt: d.SignedAt, Text: d.Text,
		})
	}
	fact := func(i, stay int, kind chart.FactKind, display, value string, at time.Time) *chart.Fact {
		out.Facts = append(out.Facts, chart.Fact{Version: v(string(kind), i, stay), Kind: kind, Display: display, Value: value, Effective: at})
		return &out.Facts[len(out.Facts)-1]
	}
	for i, a := range c.Allergies {
		fact(i, -1, chart.Allergy, a.Substance, a.Reaction, time.Time{})
	}
	for i, m := range c.Medications {
		if !strings.EqualFold(m.Name, "none") {
			fact(i, m.Stay, chart.Medication, m.Name, m.Sig, encounters[m.Stay].Admit).Note = m.List + " medication"
		}
	}
	for i, r := range c.Results {
		fact(i, r.Stay, chart.Result, r.Name, strings.TrimSpace(r.Value+" "+r.Unit), r.Time).Range = r.Reference
	}
	for i, o := range c.Orders {
		f := fact(i, o.Stay, chart.Order, o.What, "", o.Time)
		if o.How != "" {
			f.Note = o.How + " order, read back; not authenticated"
			if !o.SignedAt.IsZero() {
				f.Note = o.How + " order, read back; authenticated " + o.SignedAt.Format(time.DateTime)
			}
		}
	}
	for i, d := range c.Procedures {
		fact(i, d.Stay, chart.Procedure, d.What, "", d.Time)
	}
	for i, d := range c.Diagnoses {
		stay := d.Stay
		if d.List != "final" {
			stay = -1
		}
		fact(i, stay, chart.Diagnosis, d.What, "", d.Since)
	}
	return out
}

// TestDemoCharts looks at every chart of the demo: every planted error is found, with
// the words it shows, and on sound charts nothing is (at most 2 % of charts, the measure).
func TestDemoCharts(t *testing.T) {
	e := engine(t)
	all, err := charts.All()
	if err != nil {
		t.Fatal(err)
	}
	planted, found, clean, falsely := 0, 0, 0, 0
	seen := map[string]bool{}
	for _, c := range all {
		if !strings.Contains(c.ID, os.Getenv("CHART")) {
			continue
		}
		cs := caseOf(c)
		got := e.Analyse(cs).Findings
		for _, p := range c.Planted {
			planted++
			seen[p.Rule] = true
			if slices.ContainsFunc(got, func(f rules.Finding) bool { return f.Rule == p.Rule && shows(f, p) }) {
				found++
				continue
			}
			t.Errorf("%s: %s not found: %s %v", c.ID, p.Rule, p.What, p.Words)
		}
		wrong := 0
		for _, f := range got {
			if !c.Has(f.Rule) {
				wrong++
				t.Logf("%s: %s %s is not planted: %s %v %s", c.ID, f.Rule, f.Severity, f.Says, quotes(cs, f), f.Absent)
			}
		}
		if len(c.Planted) == 0 {
			clean++
			if wrong > 0 {
				falsely++
			}
		} else if wrong > 0 {
			t.Errorf("%s: %d findings beside what was planted", c.ID, wrong)
		}
	}
	t.Logf("%d charts, %d sound; %d of %d planted errors found; %d sound charts with a false finding", len(all), clean, found, planted, falsely)
	if falsely*50 > clean {
		t.Errorf("false findings on %d of %d sound charts, more than 2 %%", falsely, clean)
	}
	for _, r := range rules.All() {
		if !seen[r.ID] && os.Getenv("CHART") == "" {
			t.Errorf("%s %s is planted in no chart", r.ID, r.Name)
		}
	}
}

// shows says whether a finding shows a word of those that were planted.
func shows(f rules.Finding, p charts.Planted) bool {
	if len(p.Words) == 0 {
		return true
	}
	return slices.ContainsFunc(p.Words, func(q charts.Quote) bool { return slices.Contains(f.Documents, q.Document) || len(f.Documents) == 0 })
}

func quotes(c *rules.Case, f rules.Finding) []string {
	var out []string
	for _, s := range f.Spans {
		out = append(out, fmt.Sprintf("doc %d %q", s.Document+1, c.Documents[s.Document].Text[s.Start:s.End]))
	}
	return out
}

func engine(tb testing.TB) *rules.Engine {
	tb.Helper()
	e, err := rules.New()
	if err != nil {
		tb.Fatal(err)
	}
	return e
}
