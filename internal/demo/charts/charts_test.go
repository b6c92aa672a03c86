package charts_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"chartroom/internal/demo/charts"
)

func all(t *testing.T) []charts.Chart {
	t.Helper()
	cs, err := charts.All()
	if err != nil {
		t.Fatal(err)
	}
	return cs
}

func staff(t *testing.T) []charts.Member {
	t.Helper()
	ms, err := charts.Staff()
	if err != nil {
		t.Fatal(err)
	}
	return ms
}

func codesOf(g charts.Gold) []charts.GoldCode {
	return slices.Concat(g.Diagnoses, g.Procedures, g.May, g.Not)
}

func TestEnoughChartsOfEveryCategory(t *testing.T) {
	want := map[charts.Category]int{
		charts.Inpatient: 35, charts.Emergency: 9, charts.Surgery: 6, charts.Clinic: 18, charts.Nursing: 8, charts.Registration: 1,
	}
	got := map[charts.Category]int{}
	for _, c := range all(t) {
		got[c.Category]++
	}
	for category, n := range want {
		if got[category] < n {
			t.Errorf("%s: %d charts, want at least %d", category, got[category], n)
		}
	}
	t.Logf("%v", got)
}

// The registry of a later day needs cases of many sites.
func TestEnoughCancers(t *testing.T) {
	cases, sites := 0, map[string]bool{}
	for _, c := range all(t) {
		malignant := ""
		for _, g := range c.Gold.Diagnoses {
			if g.Code[0] == 'C' && g.Code < "C76" || g.Code >= "C80" && g.Code < "C97" {
				malignant = g.Code[:3]
				break
			}
		}
		if malignant != "" {
			cases++
			sites[malignant] = true
		}
	}
	if n := len(all(t)); n < 60 || cases < 15 || len(sites) < 12 {
		t.Errorf("%d charts, %d of cancer at %d sites; want 60, 15 and 12", n, cases, len(sites))
	}
	t.Logf("%d charts of cancer at %d sites", cases, len(sites))
}

func TestEditionsOfTwoFiscalYears(t *testing.T) {
	first, last := day(2025, 8, 1), day(2026, 9, 30)
	turn := day(2025, 10, 1)
	before := 0
	for _, c := range all(t) {
		if c.Date().Before(turn) {
			before++
		}
		for _, at := range times(c) {
			if at.Before(first) || !at.Before(last.AddDate(0, 0, 1)) && !c.Has("A26") {
				t.Errorf("%s: %s is outside the demo's dates", c.ID, at.Format(time.DateOnly))
			}
		}
	}
	if before < 3 {
		t.Errorf("%d charts before %s, want at least 3 for the older edition", before, turn.Format(time.DateOnly))
	}
}

// times are all times of a chart, those left out apart.
func times(c charts.Chart) []time.Time {
	var out []time.Time
	if c.Category != charts.Registration {
		for _, e := range c.Encounters() {
			out = append(out, e.Admit, e.Discharge)
		}
	}
	for _, d := range c.Documents {
		out = append(out, d.Time, d.SignedAt)
	}
	for _, r := range c.Results {
		out = append(out, r.Time)
	}
	for _, o := range c.Orders {
		out = append(out, o.Time, o.SignedAt)
	}
	for _, p := range c.Procedures {
		out = append(out, p.Time)
	}
	return slices.DeleteFunc(out, time.Time.IsZero)
}

func TestEncountersHangTogether(t *testing.T) {
	for _, c := range all(t) {
		for i, e := range c.Encounters() {
			if !e.Discharge.IsZero() && !e.Admit.Before(e.Discharge) && !c.Has("A02") {
				t.Errorf("%s: discharged before admitted", c.ID)
			}
			inOrder(t, c, i, e)
		}
		for _, p := range c.Gold.Procedures {
			if p.Date.Before(c.Encounter.Admit.Truncate(24*time.Hour)) || p.Date.After(c.Encounter.Discharge) {
				t.Errorf("%s: procedure %s lies outside the stay", c.ID, p.Code)
			}
		}
		if c.Category != charts.Inpatient && len(c.Gold.Procedures) > 0 {
			t.Errorf("%s: ICD-10-PCS is for inpatients", c.ID)
		}
	}
}

// inOrder: the documents of an encounter follow each other in time, none long
// before it.
func inOrder(t *testing.T, c charts.Chart, stay int, e charts.Encounter) {
	t.Helper()
	before := e.Admit.Add(-12 * time.Hour) // the emergency department comes before the bed
	if c.Has("C04") {
		before = e.Admit.AddDate(0, 0, -30)
	}
	for i, d := range c.Documents {
		if d.Stay != stay || d.Time.IsZero() && c.Has("C16") {
			continue
		}
		if d.Time.Before(before) {
			t.Errorf("%s: document %d is out of order of time", c.ID, i+1)
		}
		before = d.Time
	}
}

// The first age a document states is the patient's; later ones may be a relative's.
func TestStatedAgesAreRight(t *testing.T) {
	age := regexp.MustCompile(`\b(\d{1,3})(?:-year-old| y/o)`)
	for _, c := range all(t) {
		for i, d := range c.Documents {
			m := age.FindStringSubmatch(d.Text)
			if m != nil && c.Age() > 0 && !c.Has("A03") && m[1] != fmt.Sprint(c.Age()) { // a newborn's record speaks of the mother
				t.Errorf("%s: document %d says %s years, the birth date says %d", c.ID, i+1, m[1], c.Age())
			}
		}
	}
}

func TestNobodySharesANumber(t *testing.T) {
	seen := map[string]string{}
	once := func(kind, value, id string) {
		if other, ok := seen[kind+value]; ok && value != "" {
			t.Errorf("%s: %s also in %s", id, kind, other)
		}
		seen[kind+value] = id
	}
	for _, c := range all(t) {
		once("record number", c.Patient.MRN, c.ID)
		for _, e := range c.Encounters() {
			once("encounter number", e.Number, c.ID)
		}
		once("social security number", c.Patient.SSN, c.ID)
		if c.ID[0] != 'd' { // persons who are registered twice
			once("name", c.Patient.Family+","+c.Patient.Given, c.ID)
		}
	}
}

// Every number must be one that no person can have: area 000 or 9xx was never
// issued as a social security number, groups below 50 keep clear of taxpayer
// numbers, and 555-01xx is kept for fiction.
func TestNumbersAreInvented(t *testing.T) {
	ssn := regexp.MustCompile(`^(000|9\d\d)-[0-4]\d-\d{4}$`)
	phone := regexp.MustCompile(`^\(207\) 555-01\d\d$`)
	inText := regexp.MustCompile(`\d{3}-\d{4}\b`)
	for _, c := range all(t) {
		if c.Patient.SSN != "" && !ssn.MatchString(c.Patient.SSN) || !phone.MatchString(c.Patient.Phone) {
			t.Errorf("%s: social security number or phone could be somebody's", c.ID)
		}
		for i, d := range c.Documents {
			for _, n := range inText.FindAllString(d.Text, -1) {
				if !strings.HasPrefix(n, "555-01") {
					t.Errorf("%s: document %d holds a number like a phone's: %s", c.ID, i+1, n)
				}
			}
		}
	}
}

func TestAuthorsAndAttendingAreOnStaff(t *testing.T) {
	people := map[string]charts.Member{}
	for _, m := range staff(t) {
		people[m.Name] = m
	}
	for _, c := range all(t) {
		for _, e := range c.Encounters() {
			if a := e.Attending; c.Category != charts.Registration && !c.Has("A22") && (a.NPI == "" || people[a.Name].NPI != a.NPI) {
				t.Errorf("%s: attending %s is not on staff under that NPI", c.ID, a.Name)
			}
		}
		for i, d := range c.Documents {
			if !slices.Contains(people[d.Author].Roles, d.Role) {
				t.Errorf("%s: document %d: %s, %s is not on staff", c.ID, i+1, d.Author, d.Role)
			}
		}
	}
}

func TestStaffFillEveryRole(t *testing.T) {
	roles, logins := map[string]int{}, map[string]bool{}
	npis := map[string]bool{}
	for _, m := range staff(t) {
		for _, r := range m.Roles {
			if m.Login != "" {
				roles[r]++
			}
		}
		if m.Login != "" && logins[m.Login] || m.NPI != "" && npis[m.NPI] {
			t.Errorf("%s: login or NPI is not unique", m.Name)
		}
		logins[m.Login], npis[m.NPI] = true, true
		if m.NPI != "" && m.NPI[0] != '2' {
			t.Errorf("%s: an invented NPI begins with 2", m.Name)
		}
	}
	for _, r := range charts.DepartmentRoles() {
		if roles[r] == 0 {
			t.Errorf("nobody has the role %s", r)
		}
	}
}

func TestGoldIsWellFormed(t *testing.T) {
	for _, c := range all(t) {
		seen := map[string]bool{}
		for _, g := range codesOf(c.Gold) {
			if seen[g.Code] {
				t.Errorf("%s: %s stands twice", c.ID, g.Code)
			}
			seen[g.Code] = true
			for _, q := range g.Words {
				if got := c.Documents[q.Document].Text[q.Start:q.End]; got != q.Text {
					t.Errorf("%s: %s: span holds %q, want %q", c.ID, g.Code, got, q.Text)
				}
			}
		}
	}
}

// A gold code must rest on at least one signed document: what nobody has
// authenticated may not be coded.
func TestGoldRestsOnSignedDocuments(t *testing.T) {
	for _, c := range all(t) {
		for _, g := range slices.Concat(c.Gold.Diagnoses, c.Gold.Procedures) {
			signed := slices.ContainsFunc(g.Words, func(q charts.Quote) bool { return c.Documents[q.Document].Signed })
			if !signed {
				t.Errorf("%s: %s rests on unsigned words only", c.ID, g.Code)
			}
		}
	}
}

// The charts are there to try the hard parts of the work; this says which.
func TestVariety(t *testing.T) {
	var unsigned, notPOA, queries, exempt, nurses, open int
	for _, c := range all(t) {
		queries += len(c.Gold.Queries)
		for _, d := range c.Documents {
			if !d.Signed {
				unsigned++
			}
			if strings.Contains(d.Role, "nurse") && d.Role != "nurse practitioner" && d.Role != "nurse midwife" {
				nurses++
			}
		}
		for _, g := range c.Gold.Diagnoses {
			switch g.POA {
			case "N":
				notPOA++
			case "-":
				exempt++
			case "W", "U":
				open++
			}
		}
	}
	for what, n := range map[string][2]int{
		"unsigned documents": {unsigned, 2}, "conditions not present on admission": {notPOA, 8},
		"queries": {queries, 4}, "exempt codes": {exempt, 20},
		"undetermined or undocumented onsets": {open, 2}, "nursing notes": {nurses, 5},
	} {
		if n[0] < n[1] {
			t.Errorf("%s: %d, want at least %d", what, n[0], n[1])
		}
	}
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
