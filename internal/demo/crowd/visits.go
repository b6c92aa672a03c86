package crowd

import (
	"slices"
	"strconv"
	"time"

	"chartroom/internal/demo/charts"
)

var firstDay = time.Date(2025, 8, 4, 0, 0, 0, 0, time.UTC)

// clinician is one of the hospital's staff; a test holds the table against the
// staff list.
type clinician struct{ name, npi, role string }

const physician = "physician"

var (
	krol      = clinician{"Bettina Krol, MD", "2555031923", physician}
	nakagawa  = clinician{"Tobias Nakagawa, MD", "2555023706", physician}
	lindqvist = clinician{"Katya Lindqvist, MD", "2555029182", physician}
	oyelaran  = clinician{"Marcus Oyelaran, DO", "2555030552", physician}
	arrow     = clinician{"Felix Arrowsmith, PA-C", "2555038779", "physician assistant"}
	ostrander = clinician{"Ruth Ostrander, MD", "2555010000", physician}
	vander    = clinician{"Emeka Vandermolen, MD", "2555011370", physician}
	mbeki     = clinician{"Halvard Mbeki, MD", "2555020967", physician}
	denholm   = clinician{"Philippa Denholm, MD", "2555049735", physician}
	achter    = clinician{"Desmond Achterberg, MD", "2555018227", physician}
	tolland   = clinician{"Marguerite Tolland, MD", "2555016858", physician}
	abernathy = clinician{"Noor Abernathy, NP", "2555037409", "nurse practitioner"}
	dunmore   = clinician{"Petra Dunmore, RN", "", "nurse"}
	rourke    = clinician{"Tamsin Rourke, RN", "", "nurse"}
)

func (m maker) visits(i int, p charts.Patient) []Visit {
	count := 1
	if m.chance(35) {
		count += m.between(1, 2)
	}
	days := make([]int, count)
	for k := range days {
		days[k] = m.IntN(410) // to 2026-09-17, so that the longest stay ends in time
	}
	slices.Sort(days)
	out := make([]Visit, 0, count)
	for k, day := range days {
		start := firstDay.AddDate(0, 0, day).Add(time.Duration(m.between(7*60, 20*60)) * time.Minute)
		if n := len(out); n > 0 && !start.After(out[n-1].Encounter.Discharge) {
			continue // still in hospital from the visit before
		}
		out = append(out, m.visit(i, k, start, p))
	}
	return out
}

func (m maker) visit(i, k int, start time.Time, p charts.Patient) Visit {
	age := charts.Chart{Patient: p, Encounter: charts.Encounter{Admit: start}}.Age()
	s := m.scenario(age, p.Sex)
	length := m.stay(s)
	if over := start.Add(length).Sub(lastDay); over > 0 { // long stays begin early enough to end in the demo's year
		start = start.Add(-over.Truncate(24*time.Hour) - 24*time.Hour)
		age = charts.Chart{Patient: p, Encounter: charts.Encounter{Admit: start}}.Age()
	}
	by := pick(m, s.by)
	v := Visit{Category: s.category, Scenario: s.name}
	v.Encounter = charts.Encounter{
		Number:      "EC" + padded(i+1, 7) + "-" + strconv.Itoa(k+1),
		Category:    s.category,
		Unit:        s.unit,
		Admit:       start,
		Discharge:   start.Add(length),
		Disposition: charts.Disposition{Code: "01", Text: "home or self care"},
		Attending:   charts.Attending{Name: by.name, NPI: by.npi},
	}
	fill := m.blanks(age, p.Sex)
	if len(s.drugs) > 0 {
		fill["drug"] = pick(m, s.drugs)
		fill["dose"] = doses[fill["drug"]]
		v.Medications = []charts.Medication{{List: "home", Name: fill["drug"], Sig: fill["dose"] + " by mouth"}}
	}
	v.Documents = m.draw(s, by, v.Encounter, fill)
	v.Orders, v.Results = m.results(s, by, start)
	return v
}

// stay is how long the visit lasts.
func (m maker) stay(s scenario) time.Duration {
	if s.hours[1] > 0 {
		return time.Duration(m.between(s.hours[0]*60, s.hours[1]*60)) * time.Minute
	}
	return time.Duration(m.between(25, 200)) * time.Minute
}

// scenario draws one that fits the patient's age and sex. The upper respiratory
// infection fits everybody of any age from 0, so the search ends.
func (m maker) scenario(age int, sex string) scenario {
	for {
		s := scenarios[m.IntN(len(scenarios))]
		if age >= s.from && age <= s.to && (s.sex == "" || s.sex == sex) && !m.chance(s.rare) {
			return s
		}
	}
}

func (m maker) blanks(age int, sex string) blanks {
	who, child, he, his := "woman", "girl", "She", "her"
	if sex == "male" {
		who, child, he, his = "man", "boy", "He", "his"
	}
	if age < 18 {
		who = child
	}
	side, capital := "left", "Left"
	if m.chance(50) {
		side, capital = "right", "Right"
	}
	return blanks{
		"age": strconv.Itoa(age), "who": who, "He": he, "His": his, "Mood": "[Slept well/Slept in pieces/Better/Tired/Cheerful/Comfortable]",
		"side": side, "Side": capital, "job": pick(m, jobs),
		"bp": strconv.Itoa(m.between(112, 148)) + "/" + strconv.Itoa(m.between(64, 88)),
	}
}
