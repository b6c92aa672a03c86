package crowd

import (
	"strconv"
	"time"

	"chartroom/internal/demo/charts"
)

// lastDay is the last day of the demo; ages are drawn back from it.
var lastDay = time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC)

func (m maker) patient(i int) charts.Patient {
	p := charts.Patient{
		Name:  charts.Name{Family: pick(m, families)},
		MRN:   "MC" + padded(i+1, 7),
		SSN:   socialSecurity(i),
		Phone: "(207) 555-01" + padded(m.IntN(100), 2),
	}
	age := m.age()
	p.Born = lastDay.AddDate(-age-1, 0, 1+m.IntN(364))
	if m.chance(52) {
		p.Sex, p.Given, p.Middle = "female", pick(m, women), m.middle(women)
	} else {
		p.Sex, p.Given, p.Middle = "male", pick(m, men), m.middle(men)
	}
	if m.chance(6) {
		p.Family += "-" + pick(m, families)
	}
	p.Address = m.address()
	p.Coverage = m.coverage(age, i)
	return p
}

// age follows a hospital's patients rather than a town's people: more old ones.
func (m maker) age() int {
	switch n := m.IntN(100); {
	case n < 14:
		return m.between(2, 17) // born before the first visit can be
	case n < 48:
		return m.between(18, 54)
	case n < 74:
		return m.between(55, 71)
	default:
		return m.between(72, 94)
	}
}

// middle is a full name, an initial, or none, as registration desks write them.
func (m maker) middle(given []string) string {
	switch n := m.IntN(10); {
	case n < 4:
		return pick(m, given)
	case n < 8:
		return pick(m, given)[:1]
	default:
		return ""
	}
}

func (m maker) address() charts.Address {
	town := pick(m, towns)
	street := strconv.Itoa(m.between(1, 2499)) + " " + pick(m, streets) + " " + pick(m, streetKinds)
	if m.chance(18) {
		street += ", Apt " + strconv.Itoa(m.between(1, 48))
	}
	return charts.Address{Street: street, City: town[0], State: "ME", Postcode: town[1]}
}

func (m maker) coverage(age, i int) []charts.Coverage {
	member := padded(i+1, 7)
	var out []charts.Coverage
	add := func(payer, plan, prefix string) {
		out = append(out, charts.Coverage{Priority: len(out) + 1, Payer: payer, Plan: plan, Member: prefix + member})
	}
	switch { // somebody of 66 may have been 64 at a visit, if the index has day and month turned about
	case age > 66 && m.chance(40):
		add("Pinnacle Shore Health", "Medicare Advantage HMO", "PSH-C")
	case age > 66:
		add("Medicare", "Part A and Part B", "9XX-CR-")
		if m.chance(60) {
			add("Harborlight Mutual", "Supplement Plan G", "HLM-C")
		}
	case m.chance(28):
		add("Pine State Medicaid", "Adult and Family", "PSM-C")
	case m.chance(8):
		add("Self-pay", "None", "SELF-")
	default:
		add(pick(m, commercial), pick(m, commercialPlans), "EMP-C")
	}
	return out
}

// socialSecurity numbers person i in areas 901 to 999, never issued, with
// groups below 50 so that none is a taxpayer number either.
func socialSecurity(i int) string {
	serial, group, area := i%9999+1, i/9999%49+1, 901+i/(9999*49)%99
	return padded(area, 3) + "-" + padded(group, 2) + "-" + padded(serial, 4)
}

func padded(n, width int) string {
	s := strconv.Itoa(n)
	for len(s) < width {
		s = "0" + s
	}
	return s
}
