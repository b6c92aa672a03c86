// Package crowd makes any number of plausible, simple, invented patients for
// the demo and for load tests: names, addresses, coverage, a few encounters,
// each with one or two short notes.
//
// What always holds: the same seed and number give the same person on every
// machine; person i does not depend on the persons before, so that a crowd can
// be made in pieces; nothing is kept, so that memory does not grow with the
// size of the crowd; all numbers are of the kinds no real person can have; all
// dates lie between 2025-08-01 and 2026-09-30.
package crowd

import (
	"iter"
	"math/rand/v2"

	"chartroom/internal/demo/charts"
)

// Limit is the number of persons a crowd can have before record numbers and
// social security numbers would repeat.
const Limit = 9_999_999

// Person is one invented patient with the visits of the demo's year.
type Person struct {
	charts.Patient
	Visits  []Visit // oldest first, at least one
	Double  int     // the person of the crowd who is registered here a second time, -1 for none
	Twin    int     // the person whose twin this is, -1 for none
	Planted []Fault // what was made wrong on purpose
}

// Visit is one encounter with its documents and facts.
type Visit struct {
	Category    charts.Category
	Scenario    string // what the visit is about: cystitis, ankle sprain, …
	Encounter   charts.Encounter
	Documents   []charts.Document
	Orders      []charts.Order
	Results     []charts.Result
	Medications []charts.Medication
	Procedures  []charts.Procedure
}

// Chart is the person as a chart: its encounters are the visits.
func (p Person) Chart() charts.Chart {
	c := charts.Chart{ID: p.MRN, Title: p.Visits[0].Scenario, Category: p.Visits[0].Category, Patient: p.Patient}
	for i, v := range p.Visits {
		if i == 0 {
			c.Encounter = v.Encounter
		} else {
			c.More = append(c.More, v.Encounter)
		}
		for _, d := range v.Documents {
			d.Stay = i
			c.Documents = append(c.Documents, d)
		}
		for _, o := range v.Orders {
			o.Stay = i
			c.Orders = append(c.Orders, o)
		}
		for _, r := range v.Results {
			r.Stay = i
			c.Results = append(c.Results, r)
		}
		for _, d := range v.Medications {
			d.Stay = i
			c.Medications = append(c.Medications, d)
		}
		for _, d := range v.Procedures {
			d.Stay = i
			c.Procedures = append(c.Procedures, d)
		}
	}
	for _, f := range p.Planted {
		c.Planted = append(c.Planted, charts.Planted{Rule: f.Rule, What: f.What})
	}
	return c
}

// People yields the persons 0 to n-1 of the crowd that belongs to seed; n above
// Limit is cut to it.
func People(seed uint64, n int) iter.Seq[Person] {
	return Range(seed, 0, min(n, Limit))
}

// Range yields the persons from to to-1, the same that People yields at those
// places.
func Range(seed uint64, from, to int) iter.Seq[Person] {
	return func(yield func(Person) bool) {
		for i := from; i < to; i++ {
			if !yield(At(seed, i)) {
				return
			}
		}
	}
}

// At makes person i of the crowd that belongs to seed.
func At(seed uint64, i int) Person {
	m := maker{rand.New(rand.NewPCG(seed, uint64(i)))} //nolint:gosec // invented data wants a repeatable source
	p := Person{Patient: m.patient(i), Double: -1, Twin: -1}
	m.relate(seed, i, &p)
	p.Visits = m.visits(i, p.Patient)
	m.spoil(&p)
	return p
}

// maker draws everything about one person.
type maker struct{ *rand.Rand }

func pick[T any](m maker, from []T) T { return from[m.IntN(len(from))] }

// chance is true in percent of cases.
func (m maker) chance(percent int) bool { return m.IntN(100) < percent }

// between draws from low to high, both included.
func (m maker) between(low, high int) int { return low + m.IntN(high-low+1) }
