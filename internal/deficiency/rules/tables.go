package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// event is what only one sex or some ages can have.
type event struct {
	name, sex string
	from, to  int // years
	codes     []string
}

func (e *Engine) loadEvents() error {
	rows, err := table("events", 6)
	for _, r := range rows {
		ev := event{name: r.cols[0], codes: undotted(strings.Fields(r.cols[4]))}
		if r.cols[1] != "-" {
			ev.sex = r.cols[1]
		}
		var errFrom, errTo error
		ev.from, errFrom = strconv.Atoi(r.cols[2])
		ev.to, errTo = strconv.Atoi(r.cols[3])
		if errFrom != nil || errTo != nil {
			return fmt.Errorf("%w: %s: an age is no number", errTable, r.place)
		}
		e.events = append(e.events, ev)
		for _, phrase := range list(r.cols[5]) {
			if phrase != "-" {
				e.words.add(phrase, meaning{groupEvent, ev.name})
			}
		}
	}
	return err
}

func (e *Engine) event(name string) event {
	i := slices.IndexFunc(e.events, func(ev event) bool { return ev.name == name })
	return e.events[i]
}

// test is a measurement with the limits of what a living person has, by unit.
type test struct {
	name   string
	limits map[string][2]float64
}

func (e *Engine) loadTests() error {
	rows, err := table("tests", 3)
	e.tests, e.testNames = map[string]test{}, map[string]string{}
	for _, r := range rows {
		t := test{name: r.cols[0], limits: map[string][2]float64{}}
		for _, l := range list(r.cols[2]) {
			f := strings.Fields(l)
			if len(f) != 3 {
				return fmt.Errorf("%w: %s: limits are a unit and two numbers", errTable, r.place)
			}
			from, errFrom := strconv.ParseFloat(f[1], 64)
			to, errTo := strconv.ParseFloat(f[2], 64)
			if errFrom != nil || errTo != nil {
				return fmt.Errorf("%w: %s: a limit is no number", errTable, r.place)
			}
			t.limits[f[0]] = [2]float64{from, to}
		}
		e.tests[t.name] = t
		for _, name := range append(list(r.cols[1]), t.name) {
			e.testNames[plain(name)] = t.name
		}
	}
	return err
}

// panel is an order that brings several results.
type panel struct{ orders, results []string }

func (e *Engine) loadPanels() error {
	rows, err := table("panels", 2)
	for _, r := range rows {
		p := panel{orders: list(r.cols[0]), results: list(r.cols[1])}
		for i := range p.orders {
			p.orders[i] = plain(p.orders[i])
		}
		for i := range p.results {
			p.results[i] = plain(p.results[i])
		}
		e.panels = append(e.panels, p)
	}
	return err
}

// plain brings a name to words in lower case, one blank between.
func plain(name string) string { return strings.Join(wordsOf(name), " ") }

// testOf is the test that a result's name means, the plain name where it is none of
// the table.
func (e *Engine) testOf(display string) string {
	name := plain(display)
	if t, ok := e.testNames[name]; ok {
		return t
	}
	before, _, cut := strings.Cut(display, "[") // LOINC: Potassium [Moles/volume] in Serum
	if t, ok := e.testNames[plain(before)]; cut && ok {
		return t
	}
	return name
}

// ordered says whether an order explains a result, by the names of both.
func (e *Engine) ordered(order, result string) bool {
	o, r := plain(order), plain(result)
	if e.testOf(order) == e.testOf(result) || within(r, o) || within(o, r) {
		return true
	}
	t := e.testOf(result)
	if within(t, o) || allIn(r, o) || allIn(o, r) || strings.HasPrefix(r, "urine ") && (within("urinalysis", o) || within("ua", o)) {
		return true
	}
	r = withoutSpecimen(r)
	for _, p := range e.panels {
		if slices.Contains(p.results, r) || slices.Contains(p.results, t) || slices.ContainsFunc(p.results, func(x string) bool { return within(x, r) && strings.Contains(x, " ") }) {
			for _, name := range p.orders {
				if within(name, o) {
					return true
				}
			}
		}
	}
	return false
}

// specimens are words of a result's name that say where it was measured.
var specimens = []string{"arterial", "venous", "serum", "plasma", "blood", "capillary", "whole", "poc", "total"}

func withoutSpecimen(name string) string {
	words := slices.DeleteFunc(strings.Fields(name), func(w string) bool { return slices.Contains(specimens, w) })
	if len(words) == 0 {
		return name
	}
	return strings.Join(words, " ")
}

// allIn says whether every word of part that means something stands in whole.
func allIn(part, whole string) bool {
	n := 0
	for w := range strings.FieldsSeq(part) {
		if len(w) < 2 || in(w, "and", "of", "in", "the", "test", "level", "with") {
			continue
		}
		if !within(w, whole) {
			return false
		}
		n++
	}
	return n > 0
}

// within says whether the words of part stand in whole, whole words only.
func within(part, whole string) bool {
	return part != "" && strings.Contains(" "+whole+" ", " "+part+" ")
}
