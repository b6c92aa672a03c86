package demo_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/deficiency/rules"
	"chartroom/internal/demo/charts"
	"chartroom/internal/demo/crowd"
)

// TestCrowdErrorsAreFound compares what deficiency analysis finds in the crowd
// with what was planted in it, rule by rule: a rule that misses more than a
// twentieth, or calls more than a fiftieth of sound records faulty, fails.
func TestCrowdErrorsAreFound(t *testing.T) {
	const n = 12_000
	engine, err := rules.New()
	if err != nil {
		t.Fatal(err)
	}
	planted, missed, falsely := map[string]int{}, map[string]int{}, map[string]int{}
	sound, bad := 0, 0
	for p := range crowd.People(1971, n) {
		c := p.Chart()
		got := engine.Analyse(caseOf(c)).Findings
		for _, f := range p.Planted {
			planted[f.Rule]++
			if !slices.ContainsFunc(got, func(g rules.Finding) bool { return g.Rule == f.Rule }) {
				missed[f.Rule]++
				t.Logf("%s %s: missed %s %s", p.MRN, p.Visits[f.Visit].Scenario, f.Rule, f.What)
			}
		}
		wrong := false
		for _, g := range got {
			if !c.Has(g.Rule) {
				wrong = true
				falsely[g.Rule]++
				t.Logf("%s: falsely %s %s", p.MRN, g.Rule, g.Says)
			}
		}
		if len(p.Planted) == 0 {
			sound++
			if wrong {
				bad++
			}
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(planted)) {
		if missed[rule]*20 > planted[rule] {
			t.Errorf("%s: missed %d of %d planted", rule, missed[rule], planted[rule])
		}
	}
	if bad*50 > sound {
		t.Errorf("false findings on %d of %d sound records: %v", bad, sound, falsely)
	}
	t.Logf("%d persons, %d sound, %d of them with a false finding; planted %v, missed %v, false %v", n, sound, bad, planted, missed, falsely)
}

// caseOf is a chart as the department keeps it once it has come in.
func caseOf(c charts.Chart) *rules.Case {
	encounters := c.Encounters()
	under := func(kind string, n, stay int) chart.Version {
		v := chart.Version{ID: fmt.Sprintf("%s-%s-%d", c.ID, kind, n), Number: 1, Record: c.ID}
		if stay >= 0 {
			v.Encounter = fmt.Sprintf("%s-encounter-%d", c.ID, stay)
		}
		return v
	}
	out := &rules.Case{Now: charts.Morning(), Registrations: []chart.Patient{{
		Version: chart.Version{ID: c.ID, Record: c.ID}, Name: chart.Name{Family: c.Patient.Family, Given: c.Patient.Given, Middle: c.Patient.Middle},
		BirthDate: dateOf(c.Patient.Born), Sex: c.Patient.Sex, Identifiers: []chart.Identifier{{Kind: "MR", Value: c.Patient.MRN}},
	}}}
	for i, v := range c.Patient.Coverage {
		out.Coverages = append(out.Coverages, chart.Coverage{
			Version: under("coverage", i, -1), Payer: v.Payer, Plan: v.Plan, Member: v.Member, Priority: v.Priority, From: dateOf(v.From), To: dateOf(v.To),
		})
	}
	for i, e := range encounters {
		setting := chart.Setting(e.Category.Setting())
		if e.Category == charts.Emergency {
			setting = chart.Emergency
		}
		out.Encounters = append(out.Encounters, chart.Encounter{
			Version: under("encounter", i, i), Number: e.Number, Setting: setting, Status: "finished", Unit: e.Unit, Start: e.Admit, End: e.Discharge,
			Disposition: e.Disposition.Code, Attending: chart.Author{Name: e.Attending.Name, ID: e.Attending.NPI},
		})
	}
	for i, d := range c.Documents {
		out.Documents = append(out.Documents, chart.Document{
			Version: under("document", i, d.Stay), Type: d.Type, Title: d.Type, Author: chart.Author{Name: d.Author, Role: d.Role},
			WrittenAt: d.Time, Signed: d.Signed, SignedAt: d.SignedAt, Text: d.Text,
		})
	}
	fact := func(f chart.Fact, n, stay int) {
		f.Version = under(string(f.Kind), n, stay)
		out.Facts = append(out.Facts, f)
	}
	for i, m := range c.Medications {
		fact(chart.Fact{Kind: chart.Medication, Display: m.Name, Value: m.Sig, Note: m.List + " medication", Effective: encounters[m.Stay].Admit}, i, m.Stay)
	}
	for i, r := range c.Results {
		fact(chart.Fact{Kind: chart.Result, Display: r.Name, Value: strings.TrimSpace(r.Value + " " + r.Unit), Range: r.Reference, Effective: r.Time}, i, r.Stay)
	}
	for i, o := range c.Orders {
		fact(chart.Fact{Kind: chart.Order, Display: o.What, Effective: o.Time}, i, o.Stay)
	}
	for i, p := range c.Procedures {
		fact(chart.Fact{Kind: chart.Procedure, Display: p.What, Effective: p.Time}, i, p.Stay)
	}
	return out
}

func dateOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
