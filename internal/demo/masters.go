package demo

import (
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"chartroom/internal/access"
	"chartroom/internal/demo/charts"
	"chartroom/internal/masters"
)

// The invented hospital with its nursing facility and clinics. The NPIs begin with
// 2 and the CMS certification numbers with 99, which nobody has.
var facilities = [][]string{
	{"code", "name", "zone", "npi", "ccn", "settings", "street", "city", "state", "zip", "phone"},
	{"MBRMC", "Marrow Bay Regional Medical Center", zone, "2555000001", "99Z001", "inpatient; outpatient; emergency", "1 Lighthouse Road", "Marrow Bay", "ME", "04998", "(207) 555-0100"},
	{"MBNR", "Marrow Bay Nursing and Rehabilitation", zone, "2555000019", "99Z501", "nursing_facility", "40 Garden Lane", "Marrow Bay", "ME", "04998", "(207) 555-0160"},
	{"HARBOR", "Harbor Clinics", zone, "2555000027", "", "professional; outpatient", "12 Wharf Street", "Marrow Bay", "ME", "04998", "(207) 555-0170"},
}

// beds are the beds of the units that have some.
var beds = map[string]int{
	"4 West Medical": 28, "5 South Surgery": 24, "3 East Telemetry": 20, "5 North Orthopedics": 18, "6 West Oncology": 16, "2 West Pediatrics": 10,
	"Intensive Care": 12, "Step-down": 10, "Neuro step-down": 8, "Family Birth Center": 14, "Emergency Department": 22, "Day Surgery": 12,
	"Marrow Bay Nursing and Rehabilitation, Harbor wing": 40, "Marrow Bay Nursing and Rehabilitation, Garden wing": 36,
}

// payers are the payers of the charts: payer id, name, type, days of timely filing.
var payers = [][]string{
	{"code", "name", "type", "filing_days"},
	{"99001", "Medicare", "Medicare", "365"},
	{"99002", "Pine State Medicaid", "Medicaid", "365"},
	{"99003", "Northern Tide Insurance", "commercial", "180"},
	{"99004", "Harborlight Mutual", "commercial", "365"},
	{"99005", "Bluefin Employee Benefit Trust", "commercial", "180"},
	{"99006", "Keel and Anchor Retirees' Fund", "commercial", "365"},
	{"99007", "Pinnacle Shore Health", "Medicare Advantage", "180"},
	{"99008", "Shoreline Employers' Compensation", "workers' compensation", "90"},
	{"SELF", "Self-pay", "self-pay", ""},
}

const mastersReason = "First entry for the demo department"

// enter fills the masters: what the hospital's charts refer to, by the same door as
// a department's own files.
func (l *loader) enter(ctx context.Context, all []charts.Chart) error {
	people, err := charts.Staff()
	if err != nil {
		return err
	}
	for _, file := range []struct {
		kind masters.Kind
		rows [][]string
	}{
		{masters.Facility, facilities}, {masters.Unit, unitRows(all)}, {masters.Payer, payers}, {masters.Plan, planRows(all)}, {masters.Provider, providerRows(people)},
	} {
		var text strings.Builder
		if err := csv.NewWriter(&text).WriteAll(file.rows); err != nil {
			return fmt.Errorf("demo: masters: %w", err)
		}
		done, err := l.doors.Masters.Import(ctx, access.Console(), file.kind, strings.NewReader(text.String()), mastersReason)
		if err != nil {
			return fmt.Errorf("demo: masters: %w", err)
		}
		if len(done.Refused) > 0 {
			r := done.Refused[0]
			return fmt.Errorf("demo: masters: %s, line %d, %s: %s", file.kind, r.Line, r.Column, r.Why)
		}
	}
	return nil
}

// unitRows lists the units that the charts name. Where a stay names two, "Intensive
// Care, then 4 West Medical", both stand in the list by themselves.
func unitRows(all []charts.Chart) [][]string {
	rows := [][]string{{"facility", "code", "name", "settings", "beds"}}
	seen := map[string]bool{}
	add := func(unit string, category charts.Category) {
		if unit == "" || seen[unit] {
			return
		}
		seen[unit] = true
		facility, setting := "MBRMC", "inpatient"
		switch {
		case strings.HasPrefix(unit, "Marrow Bay Nursing"):
			facility, setting = "MBNR", "nursing_facility"
		case strings.Contains(unit, "Clinic"):
			facility, setting = "HARBOR", "professional"
		case strings.HasPrefix(unit, "Emergency"):
			setting = "emergency"
		case category != charts.Inpatient:
			setting = "outpatient"
		}
		number := ""
		if n := beds[unit]; n > 0 {
			number = strconv.Itoa(n)
		}
		rows = append(rows, []string{facility, unitCode(unit, rows), unit, setting, number})
	}
	for _, c := range all {
		category := c.Category
		for _, e := range append([]charts.Encounter{c.Encounter}, c.More...) {
			if e.Category != "" {
				category = e.Category
			}
			for part := range strings.SplitSeq(e.Unit, ", then ") {
				add(strings.TrimSpace(part), category)
			}
		}
	}
	return rows
}

// unitCode makes a short code of a unit's name that no other has.
func unitCode(unit string, rows [][]string) string {
	var code strings.Builder
	for _, word := range strings.FieldsFunc(unit, func(r rune) bool { return r == ' ' || r == ',' || r == '-' }) {
		code.WriteString(strings.ToUpper(word[:1]))
	}
	base := code.String()
	for n := 2; slices.ContainsFunc(rows, func(r []string) bool { return r[1] == code.String() }); n++ {
		code.Reset()
		code.WriteString(base + strconv.Itoa(n))
	}
	return code.String()
}

func planRows(all []charts.Chart) [][]string {
	codes := map[string]string{}
	for _, p := range payers[1:] {
		codes[p[1]] = p[0]
	}
	rows := [][]string{{"payer", "code", "name"}}
	seen := map[string]bool{}
	for _, c := range all {
		for _, v := range c.Patient.Coverage {
			key := v.Payer + "/" + v.Plan
			if v.Plan == "" || v.Plan == "None" || seen[key] || codes[v.Payer] == "" {
				continue
			}
			seen[key] = true
			rows = append(rows, []string{codes[v.Payer], fmt.Sprintf("P%02d", len(rows)), v.Plan})
		}
	}
	return rows
}

// providerRows are the clinicians of the staff.
func providerRows(people []charts.Member) [][]string {
	rows := [][]string{{"npi", "family", "given", "credentials", "specialty", "roles"}}
	for _, m := range people {
		roles := slices.DeleteFunc(slices.Clone(m.Roles), func(role string) bool { return slices.Contains(charts.DepartmentRoles(), role) })
		if len(roles) == 0 {
			continue
		}
		name, _, _ := strings.Cut(m.Name, ",")
		words := strings.Fields(name)
		var credentials []string
		for _, c := range m.Credentials {
			credentials = append(credentials, c.Name)
		}
		rows = append(rows, []string{
			m.NPI, words[len(words)-1], strings.Join(words[:len(words)-1], " "), strings.Join(credentials, "; "), m.Specialty, strings.Join(roles, "; "),
		})
	}
	return rows
}
