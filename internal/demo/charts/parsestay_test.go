package charts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chartroom/internal/demo/charts"
)

// whole is a chart that uses everything the format has for records with more
// than one encounter and with planted errors.
const whole = `== chart ==
title: Two visits
category: inpatient
point: whole
== patient ==
name: Roe, Ann
also: Smith, Ann Mary
also: Роу, Анна
sex: female
born: 1950-03-01
died: 2026-09-02
mrn: MB0000002
address: 1 Tern Lane | Marrow Bay | ME | 04998
coverage: 1 | Medicare | Part A | X1 | 2015-03-01 | -
coverage: 1 | Self-pay | None | X2 | - | 2026-12-31
coverage: 2 | Mutual | G | X3
== encounter ==
number: E26-000002
unit: Ward
admit: 2026-08-30 09:00
discharge: 2026-09-02 09:30
attending: Ruth Ostrander, MD | 2555010000
== document note | Ruth Ostrander, MD, physician | 2026-08-30 10:00 | signed 2026-08-31 08:00 ==
First.
== document nursing note | Tamsin Rourke, RN, nurse | undated | unsigned ==
Second.
== orders ==
2026-08-30 09:30 | lactate | Ruth Ostrander, MD
2026-08-30 21:00 | acetaminophen | Ruth Ostrander, MD | verbal signed 2026-08-31 07:00
2026-08-31 21:00 | zolpidem | Ruth Ostrander, MD | telephone unsigned
== procedures ==
2026-08-31 11:00 | Lumbar puncture | Ruth Ostrander, MD
== diagnoses ==
problem | 2014-05-01 | Osteoporosis
final | - | Meningitis
== encounter ==
category: clinic
status: cancelled
number: E26-000003
admit: 2026-09-10 09:00
attending: Ruth Ostrander, MD | 2555010000
== document note | Ruth Ostrander, MD, physician | 2026-09-10 09:10 | signed ==
Third.
== results ==
2026-09-10 09:00 | Potassium | 4.0 | mmol/L | 3.5-5.1 |
== planted ==
A30 | documents of a cancelled visit | doc 3 "Third."
A14 | after death | -
`

func TestParseWhole(t *testing.T) {
	c, err := charts.Parse("whole.chart", whole)
	if err != nil {
		t.Fatal(err)
	}
	encounters := c.Encounters()
	if len(encounters) != 2 || encounters[0].Category != charts.Inpatient || encounters[1].Category != charts.Clinic || encounters[1].Status != "cancelled" {
		t.Errorf("encounters %+v", encounters)
	}
	p := c.Patient
	if len(p.Also) != 2 || p.Also[1].Family != "Роу" || p.Died != day(2026, 9, 2) || p.SSN != "" {
		t.Errorf("patient %+v", p)
	}
	if cov := p.Coverage; len(cov) != 3 || cov[1].Priority != 1 || cov[0].From != day(2015, 3, 1) || !cov[0].To.IsZero() || cov[1].To != day(2026, 12, 31) || !cov[2].From.IsZero() {
		t.Errorf("coverage %+v", cov)
	}
	d := c.Documents
	if len(d) != 3 || d[0].Stay != 0 || d[2].Stay != 1 || c.Results[0].Stay != 1 || c.Orders[0].Stay != 0 {
		t.Error("something stands under the wrong encounter")
	}
	if d[0].SignedAt != time.Date(2026, 8, 31, 8, 0, 0, 0, time.UTC) || !d[1].Time.IsZero() || d[1].Signed || d[2].SignedAt != d[2].Time {
		t.Errorf("times of documents: %+v", d)
	}
	o := c.Orders
	if o[0].How != "" || o[1].How != "verbal" || o[1].SignedAt.Hour() != 7 || o[2].How != "telephone" || !o[2].SignedAt.IsZero() {
		t.Errorf("orders %+v", o)
	}
	if len(c.Procedures) != 1 || len(c.Diagnoses) != 2 || c.Diagnoses[0].List != "problem" || !c.Diagnoses[1].Since.IsZero() {
		t.Errorf("procedures %+v, diagnoses %+v", c.Procedures, c.Diagnoses)
	}
	if !c.Has("A30") || c.Has("A31") || len(c.Planted) != 2 || c.Planted[0].Words[0].Document != 2 {
		t.Errorf("planted %+v", c.Planted)
	}
}

// Each case spoils one thing of the whole chart; the error must name the line.
func TestParseWholeErrors(t *testing.T) {
	for _, c := range []struct {
		name, from, to, msg string
	}{
		{"priority skipped", "coverage: 2 | Mutual", "coverage: 4 | Mutual", "priority"},
		{"coverage columns", "X1 | 2015-03-01 | -", "X1 | 2015-03-01", "columns"},
		{"coverage date", "2015-03-01", "2015-02-30", "want a time"},
		{"date of death", "died: 2026-09-02", "died: yes", "want a time"},
		{"further name", "also: Smith, Ann Mary", "also: Smith", "Family, Given"},
		{"time of signing", "signed 2026-08-31 08:00", "signed yesterday", "want a time"},
		{"signature", "| unsigned ==", "| unsigned 2026-08-31 08:00 ==", "signed or unsigned"},
		{"how ordered", "| telephone unsigned", "| letter unsigned", "verbal or telephone"},
		{"order signed", "verbal signed 2026", "verbal seen 2026", "signed TIME"},
		{"order columns", "lactate | Ruth Ostrander, MD", "lactate", "columns"},
		{"diagnosis list", "final | -", "maybe | -", "problem list"},
		{"NPI of the second encounter", "number: E26-000003\nadmit: 2026-09-10 09:00\nattending: Ruth Ostrander, MD | 2555010000", "number: E26-000003\nadmit: 2026-09-10 09:00\nattending: Ruth Ostrander, MD | 2555010001", "check digit"},
		{"category of the second encounter", "category: clinic", "category: spa", "category of an encounter"},
		{"no attending", "unit: Ward\nadmit: 2026-08-30 09:00\ndischarge: 2026-09-02 09:30\nattending: Ruth Ostrander, MD | 2555010000", "unit: Ward\nadmit: 2026-08-30 09:00", "attending is missing"},
		{"planted words", `doc 3 "Third."`, `doc 3 "Fourth."`, "does not hold"},
		{"planted columns", "A14 | after death | -", "A14 | after death", "RULE | what"},
		{"rule", "A14 | after", "A140 | after", "RULE | what"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(whole, c.from, c.to, 1)
			if text == whole {
				t.Fatal("the case changes nothing")
			}
			_, err := charts.Parse("whole.chart", text)
			if err == nil {
				t.Fatal("no error")
			}
			before, _, _ := strings.Cut(whole, c.from)
			if line := 1 + strings.Count(before, "\n"); !strings.Contains(err.Error(), c.msg) ||
				!strings.Contains(err.Error(), "whole.chart:1:") && !near(err.Error(), line) {
				t.Errorf("error %q, want one near line %d about %q", err, line, c.msg)
			}
		})
	}
}

// near says whether an error names a line or one of the three after it.
func near(msg string, line int) bool {
	for n := line; n < line+4; n++ {
		if strings.Contains(msg, fmt.Sprintf("whole.chart:%d:", n)) {
			return true
		}
	}
	return false
}

// A second registration has no encounter.
func TestParseRegistration(t *testing.T) {
	head, _, _ := strings.Cut(whole, "== encounter ==")
	text := strings.Replace(head, "category: inpatient", "category: registration", 1)
	c, err := charts.Parse("r.chart", text)
	if err != nil || len(c.Documents) != 0 || c.Category.Setting() != "" {
		t.Errorf("%+v, %v", c.Category, err)
	}
}
