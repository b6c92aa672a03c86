package deficiency_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"chartroom/internal/access"
	"chartroom/internal/app"
	"chartroom/internal/chart"
	"chartroom/internal/deficiency"
	"chartroom/internal/demo"
	"chartroom/internal/demo/charts"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/identity"
	"chartroom/internal/seal"
	"chartroom/internal/work"
)

// department is a department with the charts of the demo that a test asks for, looked
// at on the demo's morning.
type department struct {
	*app.Department

	tb   testing.TB
	now  time.Time
	boss gate.Actor
}

func open(tb testing.TB) *department {
	tb.Helper()
	d := &department{tb: tb, now: charts.Morning()}
	dept, err := app.Open(tb.Context(), app.Config{Dir: tb.TempDir(), Now: func() time.Time { return d.now }})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := dept.Close(); err != nil {
			tb.Error(err)
		}
	})
	d.Department = dept
	d.boss = d.hire("boss", access.Supervisor, access.Identity)
	return d
}

// hire adds a member of staff.
func (d *department) hire(login string, roles ...access.Role) gate.Actor {
	d.tb.Helper()
	staff, err := d.Access.AddStaff(d.tb.Context(), access.Console(), access.NewStaff{Login: login, Name: login, Roles: roles, Password: "a long walk by the grey sea"})
	if err != nil {
		d.tb.Fatal(err)
	}
	return staff.Actor()
}

func (d *department) receive(c charts.Chart) {
	d.tb.Helper()
	raw, err := demo.Bundle(c)
	if err != nil {
		d.tb.Fatal(err)
	}
	if _, err := d.Intake.Receive(d.tb.Context(), gate.Actor{ID: "interface", Kind: gate.System}, c.ID, bytes.NewReader(raw)); err != nil {
		d.tb.Fatal(err)
	}
}

func (d *department) analyse() {
	d.tb.Helper()
	if err := d.Deficiency.AnalyseNow(d.tb.Context()); err != nil {
		d.tb.Fatal(err)
	}
}

// record finds the record of a chart.
func (d *department) record(c charts.Chart) string {
	d.tb.Helper()
	hits, err := d.Chart.Search(d.tb.Context(), d.boss, chart.Query{Number: c.Patient.MRN})
	if err != nil || len(hits) != 1 {
		d.tb.Fatalf("%s: %d hits, %v", c.ID, len(hits), err)
	}
	return hits[0].Patient.Record
}

func (d *department) findings(record string) []deficiency.Finding {
	d.tb.Helper()
	all, err := d.Deficiency.Findings(d.tb.Context(), d.boss, record)
	if err != nil {
		d.tb.Fatal(err)
	}
	return all
}

func (d *department) one(record, rule string) deficiency.Finding {
	d.tb.Helper()
	for _, f := range d.findings(record) {
		if f.Rule.ID == rule {
			return f
		}
	}
	d.tb.Fatalf("no finding of %s", rule)
	return deficiency.Finding{}
}

func (d *department) items() []work.Item {
	d.tb.Helper()
	page, err := d.Work.List(d.tb.Context(), d.boss, work.Filter{Queue: work.Deficiency, Limit: 500}, nil)
	if err != nil {
		d.tb.Fatal(err)
	}
	return page.Items
}

func chartOf(tb testing.TB, id string) charts.Chart {
	tb.Helper()
	all, err := charts.All()
	if err != nil {
		tb.Fatal(err)
	}
	for _, c := range all {
		if strings.HasPrefix(c.ID, id) {
			return c
		}
	}
	tb.Fatalf("no chart %s", id)
	return charts.Chart{}
}

// TestAllCharts sends every chart of the demo through the interface and compares what
// the analysis stores with what was planted; the words of each finding still open, and
// the figures count what is there.
func TestAllCharts(t *testing.T) {
	d := open(t)
	all, err := charts.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		d.receive(c)
	}
	d.analyse()
	total, delinquent := 0, 0
	for _, c := range all {
		record := d.record(c)
		got := d.findings(record)
		total += len(got)
		for _, p := range c.Planted {
			if !slices.ContainsFunc(got, func(f deficiency.Finding) bool { return f.Rule.ID == p.Rule }) {
				t.Errorf("%s: %s is not found after the interface", c.ID, p.Rule)
			}
		}
		for _, f := range got {
			if !c.Has(f.Rule.ID) {
				t.Errorf("%s: %s is not planted: %s", c.ID, f.Rule.ID, f.Says)
			}
			if f.Rule.ID == "C17" {
				delinquent++
			}
			for _, ev := range f.Evidence {
				if _, err := d.Chart.Words(t.Context(), d.boss, ev); err != nil {
					t.Errorf("%s %s: %v", c.ID, f.Rule.ID, err)
				}
			}
		}
	}
	sum, err := d.Deficiency.Summary(t.Context(), d.boss, deficiency.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if sum.Open != total || len(d.items()) != total || sum.Delinquent != delinquent || sum.Waiting != 0 {
		t.Errorf("%d findings, %d counted, %d items of work, %d delinquent of %d, %d waiting", total, sum.Open, len(d.items()), sum.Delinquent, delinquent, sum.Waiting)
	}
	byRule, byAge := 0, 0
	for _, c := range sum.ByRule {
		byRule += c.N
		page, err := d.Deficiency.List(t.Context(), d.boss, deficiency.Filter{Rule: c.Value, Limit: 200})
		if err != nil || len(page.Rows)+page.Withheld != c.N {
			t.Errorf("%s: the list has %d of %d: %v", c.Value, len(page.Rows), c.N, err)
		}
	}
	for _, a := range sum.Ages {
		byAge += a.N
		page, err := d.Deficiency.List(t.Context(), d.boss, deficiency.Filter{From: a.From, To: a.To, Limit: 200})
		if err != nil || len(page.Rows) != a.N {
			t.Errorf("%s: the list has %d of %d: %v", a.Name, len(page.Rows), a.N, err)
		}
	}
	for _, c := range sum.ByClinician {
		page, err := d.Deficiency.List(t.Context(), d.boss, deficiency.Filter{Clinician: c.Value, Limit: 200})
		if err != nil || len(page.Rows) != c.N {
			t.Errorf("%s: the list has %d of %d: %v", c.Name, len(page.Rows), c.N, err)
		}
	}
	inpatient := 0
	for _, c := range all {
		for _, e := range c.Encounters() {
			if e.Category == charts.Inpatient && e.Status == "" && !e.Discharge.IsZero() && e.Discharge.After(d.now.AddDate(-1, 0, 0)) {
				inpatient++
			}
		}
	}
	if diff := sum.AverageMonthly*12 - float64(inpatient); diff < -0.01 || diff > 0.01 {
		t.Errorf("%.2f inpatient discharges a month, the charts have %d in the year", sum.AverageMonthly, inpatient)
	}
	if byRule != total || byAge != total || sum.Records < len(all) {
		t.Errorf("by rule %d, by age %d of %d; %d records of %d", byRule, byAge, total, sum.Records, len(all))
	}
}

// TestSettles: a finding goes when its cause does, and its item of work with it; the
// history keeps both versions.
func TestSettles(t *testing.T) {
	d := open(t)
	c := chartOf(t, "p16")
	d.receive(c)
	d.analyse()
	record := d.record(c)
	f := d.one(record, "C06")
	doc, err := d.Chart.Document(t.Context(), d.boss, f.Documents[0], 0)
	if err != nil {
		t.Fatal(err)
	}
	doc.Signed, doc.SignedAt = true, d.now
	if _, err := d.Chart.Correct(t.Context(), d.boss, doc, "signed by its author"); err != nil {
		t.Fatal(err)
	}
	d.analyse()
	for _, g := range d.findings(record) {
		if g.Rule.ID == "C06" || g.Rule.ID == "C17" {
			t.Errorf("%s is still there: %s", g.Rule.ID, g.Says)
		}
	}
	if slices.ContainsFunc(d.items(), func(i work.Item) bool { return i.Key == f.ID }) {
		t.Error("the item of work is still open")
	}
	versions, err := d.Deficiency.History(t.Context(), d.boss, f.ID)
	if err != nil || len(versions) != 2 || versions[1].State != deficiency.Settled {
		t.Errorf("history: %v, %v", versions, err)
	}
}

// TestWaive: a waived finding stays away until what it rests on changes, leaves the
// figures at once, and can be taken back.
func TestWaive(t *testing.T) {
	d := open(t)
	c := chartOf(t, "p05")
	d.receive(c)
	d.analyse()
	record := d.record(c)
	f := d.one(record, "A16")
	before, err := d.Deficiency.Summary(t.Context(), d.boss, deficiency.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Deficiency.Waive(t.Context(), d.boss, record, f.ID, " "); !errors.Is(err, deficiency.ErrReason) {
		t.Errorf("waived without a reason: %v", err)
	}
	denied := d.hire("coder", access.Coder)
	if _, err := d.Deficiency.Waive(t.Context(), denied, record, f.ID, "seen"); err == nil {
		t.Error("a coder waived a finding")
	}
	waived, err := d.Deficiency.Waive(t.Context(), d.boss, record, f.ID, "the patient says it was a rash of childhood")
	if err != nil || waived.State != deficiency.Waived {
		t.Fatal(waived.State, err)
	}
	after, err := d.Deficiency.Summary(t.Context(), d.boss, deficiency.Filter{})
	if err != nil || after.Open != before.Open-1 {
		t.Errorf("open %d before, %d after: %v", before.Open, after.Open, err)
	}
	if err := d.Deficiency.AnalyseNow(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	if g := d.one(record, "A16"); g.State != deficiency.Waived || g.Reason == "" || g.Number != 2 {
		t.Errorf("after another analysis: %s %q version %d", g.State, g.Reason, g.Number)
	}
	// The document says it anew: the finding is back.
	doc, err := d.Chart.Document(t.Context(), d.boss, f.Evidence[0].Document, 0)
	if err != nil {
		t.Fatal(err)
	}
	doc.Text = "ADDENDUM. " + doc.Text
	if _, err := d.Chart.Correct(t.Context(), d.boss, doc, "addendum"); err != nil {
		t.Fatal(err)
	}
	d.analyse()
	if g := d.one(record, "A16"); g.State != deficiency.Open || g.ID != f.ID {
		t.Errorf("after the words changed: %s", g.State)
	}
	if _, err := d.Deficiency.Waive(t.Context(), d.boss, record, f.ID, "as before"); err != nil {
		t.Fatal(err)
	}
	if g, err := d.Deficiency.Restore(t.Context(), d.boss, record, f.ID); err != nil || g.State != deficiency.Open {
		t.Errorf("restore: %v", err)
	}
	again, err := d.Deficiency.Summary(t.Context(), d.boss, deficiency.Filter{})
	if err != nil || again.Open != before.Open || again.Clean != before.Clean {
		t.Errorf("figures %+v, were %+v: %v", again, before, err)
	}
}

// TestClock: a finding that only time brings is there when its clock has run out, and
// not before.
func TestClock(t *testing.T) {
	d := open(t)
	c := chartOf(t, "p02")
	d.now = c.Encounter.Discharge.Add(2 * 24 * time.Hour)
	d.receive(c)
	d.analyse()
	record := d.record(c)
	has := func(rule string) bool {
		return slices.ContainsFunc(d.findings(record), func(f deficiency.Finding) bool { return f.Rule.ID == rule })
	}
	if has("C05") || has("C17") {
		t.Error("found before their time")
	}
	d.now = c.Encounter.Discharge.Add(8 * 24 * time.Hour)
	d.analyse()
	if f := d.one(record, "C05"); f.Severity != "warning" {
		t.Errorf("discharge summary missing after 8 days: %s", f.Severity)
	}
	d.now = c.Encounter.Discharge.Add(31 * 24 * time.Hour)
	d.analyse()
	if f := d.one(record, "C05"); f.Severity != "error" || !has("C17") {
		t.Errorf("after 31 days: %s, delinquent %t", f.Severity, has("C17"))
	}
}

// TestLinkedRecords: the analysis goes by person. Two sound records of two people, a
// man and a woman, are not sound as one; when the link is undone all is as before.
func TestLinkedRecords(t *testing.T) {
	d := open(t)
	a, b := chartOf(t, "c06"), chartOf(t, "c05")
	d.receive(a)
	d.receive(b)
	d.analyse()
	ra, rb := d.record(a), d.record(b)
	if n := len(d.findings(ra)) + len(d.findings(rb)); n != 0 {
		t.Fatalf("%d findings on sound charts", n)
	}
	var link identity.Link
	err := d.Gate.Change(t.Context(), access.Console(), "intake.receive", gate.Department(), func(tx *gate.Tx) (err error) {
		link, err = d.Identity.LinkTx(t.Context(), tx, identity.Link{Survivor: ra, Subsumed: rb, Cause: "ADT^A40", Reason: "test"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d.analyse()
	if !slices.ContainsFunc(d.findings(ra), func(f deficiency.Finding) bool { return f.Rule.ID == "A04" }) {
		t.Error("nothing said of the sex of two people in one")
	}
	err = d.Gate.Change(t.Context(), access.Console(), "intake.receive", gate.Department(), func(tx *gate.Tx) (err error) {
		_, err = d.Identity.UnlinkTx(t.Context(), tx, link.ID, "two people")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d.analyse()
	if n := len(d.findings(ra)) + len(d.findings(rb)); n != 0 || len(d.items()) != 0 {
		t.Errorf("%d findings and %d items after the undoing", n, len(d.items()))
	}
}

// TestMarks: each record is marked once an action, whatever came.
func TestMarks(t *testing.T) {
	g := gatetest.Open(t)
	ring, err := seal.OpenRing(seal.File(t.TempDir() + "/keys"))
	if err != nil {
		t.Fatal(err)
	}
	c := chart.New(g, ring, identity.New(g, ring))
	s := deficiency.New(g, ring, c, work.New(g, ring))
	news := []chart.News{{Record: "a", Kind: "document"}, {Record: "b", Kind: "result"}, {Record: "a", Kind: "result"}, {Kind: "other"}}
	err = g.Change(t.Context(), gatetest.Actor(), "test.mark", gate.Department(), func(tx *gate.Tx) error {
		return s.Watch(context.WithoutCancel(t.Context()), tx, news)
	})
	if err != nil {
		t.Fatal(err)
	}
}
