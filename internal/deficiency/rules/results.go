package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"chartroom/internal/chart"
)

func (c *Case) withoutOrder() (found []Finding) {
	for _, s := range c.stays {
		var orders []*chart.Fact
		for _, f := range s.facts {
			if f.Kind == chart.Order && !in(f.Status, "entered-in-error", "revoked", "cancelled") {
				orders = append(orders, f)
			}
		}
		if len(orders) == 0 { // this interface sends no orders
			continue
		}
		for _, f := range s.facts {
			if f.Kind != chart.Result || f.Effective.IsZero() || f.Display == "" || bedside(f) {
				continue
			}
			if slices.ContainsFunc(orders, func(o *chart.Fact) bool { return c.explainsResult(o, f) }) {
				continue
			}
			found = append(found, ofFact(f, fmt.Sprintf("%s of %s was not ordered.", upperFirst(f.Display), f.Effective.In(s.zone).Format("Jan 2 15:04"))).
				lacks("an order of it, or of a panel with it, within 7 days before").of(s.Attending))
		}
	}
	return found
}

// explainsResult says whether an order stands for a result: by number, by code, or by name
// within the days before it.
func (c *Case) explainsResult(o, r *chart.Fact) bool {
	if chart.SameOrder(*o, *r) || o.Code != "" && o.Code == r.Code && o.System == r.System {
		return true
	}
	gap := r.Effective.Sub(o.Effective)
	return (o.Effective.IsZero() || gap > -time.Hour && gap <= c.Settings.OrderBefore) && c.ordered(o.Display, r.Display)
}

// ordered is the engine's answer, asked once for each pair of names: a long stay has
// thousands of results and few names.
func (c *Case) ordered(order, result string) bool {
	key := [2]string{order, result}
	known, ok := c.orderOf[key]
	if !ok {
		if c.orderOf == nil {
			c.orderOf = map[[2]string]bool{}
		}
		known = c.engine.ordered(order, result)
		c.orderOf[key] = known
	}
	return known
}

// bedside says whether a result is taken by nurses without an order: vital signs and
// measures of the body, scores.
func bedside(f *chart.Fact) bool {
	name := plain(f.Display)
	for _, w := range []string{"weight", "height", "temperature", "pulse", "blood pressure", "respiratory rate", "heart rate", "oxygen saturation", "body mass", "pain", "score", "smoking", "bmi", "spo2", "head circumference", "apgar", "length", "status", "survey", "screen"} {
		if within(w, name) {
			return true
		}
	}
	return false
}

func (c *Case) implausible() (found []Finding) {
	for i := range c.Facts {
		f := &c.Facts[i]
		if f.Withdrawn || f.Kind != chart.Result {
			continue
		}
		name := c.engine.testOf(f.Display)
		t, ok := c.engine.tests[name]
		if !ok {
			continue
		}
		value, rest, ok := parseNumber(f.Value)
		if !ok {
			continue
		}
		if why := t.judge(value, rest, f.Range); why != "" {
			found = append(found, ofFact(f, fmt.Sprintf("%s %s %s.", f.Display, f.Value, why)))
		}
	}
	for _, d := range c.docs {
		for _, w := range d.weights() {
			if w.kg > 500 || w.kg < .2 {
				found = append(found, d.at(fmt.Sprintf("A weight of %.0f kg cannot be.", w.kg)).about("weight").show(d, w.from, w.to))
			}
		}
	}
	return found
}

// judge says what is wrong with a value in a unit, "" for nothing. A unit that the
// table does not know is let pass.
func (t test) judge(value float64, unit, reference string) string {
	unit, _, _ = strings.Cut(lower(unit), ";")
	unit = strings.ReplaceAll(strings.Join(strings.Fields(unit), ""), "µ", "u")
	limits, known := t.limits[unit]
	if !known {
		if unit == "" {
			limits, known = t.limits["-"]
		}
		if !known {
			return ""
		}
	}
	if value >= limits[0] && value <= limits[1] {
		return ""
	}
	if n, _, ok := parseNumber(reference); ok && n > 0 && value < n*50 && n > limits[1]/2 { // measured on another scale
		return ""
	}
	for other, l := range t.limits {
		if value >= l[0] && value <= l[1] && !sameLimits(l, limits) && other != "-" {
			return "cannot be in this unit; it could be in " + other
		}
	}
	return "is not a living person's"
}

func sameLimits(a, b [2]float64) bool { return a == b }

// weight is a body weight that a document states.
type weight struct {
	kg       float64
	from, to int
}

// weights finds the body weights that a text states with a unit.
func (d *doc) weights() []weight {
	t := d.text
	var out []weight
	for i := range t.tokens {
		if !in(t.tokens[i].word, "weight", "wt", "weighs", "weighed") || i > 0 && in(t.word(i-1), "birth", "molecular", "specimen", "dry", "placental", "ideal", "uterine", "estimated", "fetal", "lost", "thyroid", "gland") {
			continue
		}
		for j := i + 1; j < i+5 && j+1 < len(t.tokens) && t.tokens[j].sentence == t.tokens[i].sentence; j++ {
			w := t.tokens[j].word
			if in(w, "loss", "gain", "lost", "gained", "down", "up", "bearing", "by", "change") {
				break
			}
			v, rest, ok := parseNumber(w)
			if !ok || rest != "" {
				continue
			}
			switch unit := t.word(j + 1); unit {
			case "kg", "kilograms", "kilogram":
				out = append(out, weight{v, i, j + 2})
			case "lb", "lbs", "pounds":
				out = append(out, weight{v * .45359237, i, j + 2})
			}
			break
		}
	}
	return out
}

// measured is a weight or height of a stay with its time.
type measured struct {
	value    float64
	at       time.Time
	fact     *chart.Fact
	doc      *doc
	from, to int
}

func (c *Case) weightChange() (found []Finding) {
	for _, s := range c.stays {
		if years, ok := c.ageAt(s.Start); s.took() && (!ok || years >= 1) {
			found = append(found, c.jumps(s, "weight", c.Settings.WeightChange, c.weightsOf(s))...)
			if ok && years >= 18 {
				found = append(found, c.jumps(s, "height", .08, c.heightsOf(s))...)
			}
		}
	}
	return found
}

func (c *Case) jumps(s *stay, what string, allowed float64, all []measured) (found []Finding) {
	slices.SortStableFunc(all, func(a, b measured) int { return a.at.Compare(b.at) })
	for i := 1; i < len(all); i++ {
		a, b := all[i-1], all[i]
		if b.at.Sub(a.at) > 7*day || max(a.value, b.value) <= min(a.value, b.value)*(1+allowed) {
			continue
		}
		if what == "weight" && (max(a.value, b.value) > 500 || min(a.value, b.value) < .2) { // A20 says so
			continue
		}
		f := s.at(fmt.Sprintf("The %s goes from %g to %g within %s.", what, round(a.value), round(b.value), hours(b.at.Sub(a.at)))).about(what)
		for _, m := range []measured{a, b} {
			if m.fact != nil {
				f = f.fact(m.fact.ID)
			} else {
				f = f.show(m.doc, m.from, m.to)
			}
		}
		return append(found, f)
	}
	return found
}

func round(v float64) float64 { return float64(int(v*10+.5)) / 10 }

func (c *Case) weightsOf(s *stay) []measured {
	out := c.measures(s, "body weight", map[string]float64{"kg": 1, "lb": .45359237, "lbs": .45359237, "g": .001, "[lb_av]": .45359237})
	for _, d := range s.docs {
		if w := d.weights(); len(w) > 0 && !d.WrittenAt.IsZero() {
			out = append(out, measured{value: w[0].kg, at: d.WrittenAt, doc: d, from: w[0].from, to: w[0].to})
		}
	}
	return out
}

func (c *Case) heightsOf(s *stay) []measured {
	return c.measures(s, "body height", map[string]float64{"cm": 1, "in": 2.54, "m": 100, "[in_i]": 2.54})
}

// measures gathers the results of one name in one unit.
func (c *Case) measures(s *stay, name string, units map[string]float64) (out []measured) {
	for _, f := range s.facts {
		if f.Kind != chart.Result || f.Effective.IsZero() || c.engine.testOf(f.Display) != name {
			continue
		}
		v, unit, ok := parseNumber(f.Value)
		if factor := units[lower(unit)]; ok && factor > 0 {
			out = append(out, measured{value: v * factor, at: f.Effective, fact: f})
		}
	}
	return out
}

func (c *Case) payerAge() (found []Finding) {
	for _, cov := range c.Coverages {
		words := plain(cov.Payer + " " + cov.Plan)
		if cov.Withdrawn || !within("medicare", words) || within("supplement", words) || entitledBy(words) {
			continue
		}
		for _, s := range c.stays {
			on := s.day(s.Start).Format(time.DateOnly)
			years, ok := c.ageAt(s.day(s.Start))
			if !s.took() || !ok || years >= c.Settings.MedicareAge || cov.From != "" && on < cov.From || cov.To != "" && on > cov.To || cov.Record != s.Record {
				continue
			}
			// Entitlement begins with the month of the 65th birthday.
			if soon, _ := c.ageAt(s.day(s.Start).AddDate(0, 1, 0)); soon >= c.Settings.MedicareAge || c.otherwiseEntitled() {
				continue
			}
			f := s.at(fmt.Sprintf("%s at the age of %d, and no other entitlement is stated.", cov.Payer, years)).about(cov.ID).fact(cov.ID).lacks("disability, end-stage renal disease or ALS")
			f.Clinician = chart.Author{}
			found = append(found, f)
			break
		}
	}
	return found
}

func entitledBy(words string) bool {
	return within("disability", words) || within("esrd", words) || within("disabled", words)
}

// otherwiseEntitled says whether the record states what entitles to Medicare before 65.
func (c *Case) otherwiseEntitled() bool {
	for _, d := range c.docs {
		if len(d.text.phrases("entitled")) > 0 {
			return true
		}
	}
	return slices.ContainsFunc(c.Facts, func(f chart.Fact) bool {
		return f.Kind == chart.Diagnosis && !f.Withdrawn && (codeIn(f.Code, []string{"N186", "G1221", "Z992"}))
	})
}
