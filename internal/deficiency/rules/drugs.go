package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"chartroom/internal/chart"
)

// given is a medication of the record that the tables know.
type given struct {
	fact *chart.Fact
	drug drug
	list string // "home", "inpatient", "discharge", "" not said
}

// stoppedStatus are the states of a medication that is not, or no longer, given.
var stoppedStatus = []string{"stopped", "cancelled", "completed-not", "entered-in-error", "not-taken", "draft", "on-hold", "rejected", "discontinued"}

// medications gathers the medications whose drug is known; a combination counts for
// each of its drugs.
func (c *Case) medications() []given {
	var out []given
	for i := range c.Facts {
		f := &c.Facts[i]
		if f.Withdrawn || f.Kind != chart.Medication || slices.Contains(stoppedStatus, strings.ToLower(f.Status)) {
			continue
		}
		for _, name := range c.engine.drugsOf(f.Display) {
			out = append(out, given{f, c.engine.drugs[name], listOf(f)})
		}
	}
	return out
}

// drugsOf gives the drugs that a name names.
func (e *Engine) drugsOf(display string) []string {
	t := parse(display)
	e.words.find(t)
	var out []string
	for _, h := range t.hits {
		if h.group == groupDrug && !slices.Contains(out, h.name) {
			out = append(out, h.name)
		}
	}
	return out
}

// listOf is the list a medication stands in.
func listOf(f *chart.Fact) string {
	for _, s := range []string{f.Flag, f.Note} {
		for _, w := range wordsOf(s) {
			switch w {
			case "home", "community", "outpatient":
				return "home"
			case "inpatient", "discharge":
				return w
			}
		}
	}
	return ""
}

// noneKnown says whether an entry of the allergy list says that there is none.
func noneKnown(f *chart.Fact) bool {
	s := plain(f.Display)
	return strings.HasPrefix(s, "no known") || strings.HasPrefix(s, "no drug allerg") || s == "none" || s == "nkda" || s == "nka" || s == "no allergies" || strings.HasPrefix(s, "no allerg")
}

// allergies gathers what the allergy list forbids, and the entries that say none.
func (c *Case) allergies() (forbidden, none []*chart.Fact) {
	for i := range c.Facts {
		f := &c.Facts[i]
		switch {
		case f.Withdrawn || f.Kind != chart.Allergy, in(f.Status, "inactive", "resolved", "refuted", "entered-in-error"):
		case noneKnown(f):
			none = append(none, f)
		default:
			forbidden = append(forbidden, f)
		}
	}
	return forbidden, none
}

func (c *Case) allergyConflict() (found []Finding) {
	forbidden, _ := c.allergies()
	if len(forbidden) == 0 {
		return nil
	}
	meds := c.medications()
	for _, a := range forbidden {
		for _, name := range c.engine.drugsOf(a.Display) {
			banned := c.engine.drugs[name]
			for _, m := range meds {
				same := m.drug.name == banned.name
				cross := banned.class != "" && m.drug.class == banned.class
				if !same && !cross || c.tolerated(m.drug.name) || !a.Effective.IsZero() && !m.fact.Effective.IsZero() && a.Effective.After(m.fact.Effective.Add(day)) {
					continue
				}
				how := "the same substance"
				if !same {
					how = "of the same class (" + banned.class + ")"
				}
				f := ofFact(m.fact, fmt.Sprintf("%s is %s as the allergy to %s.", upperFirst(m.fact.Display), how, a.Display)).about(a.ID).fact(a.ID)
				if f.Encounter == "" {
					f.Encounter = c.lastStay()
				}
				found = append(found, f)
			}
		}
	}
	return found
}

// tolerated says whether a document says that the patient bears a drug.
func (c *Case) tolerated(name string) bool {
	for _, d := range c.docs {
		for _, h := range d.text.hits {
			if h.group != groupDrug || h.name != name {
				continue
			}
			if from, to := d.text.sentenceOf(h.from); d.text.of("tolerated", from, to) {
				return true
			}
		}
	}
	return false
}

func (c *Case) lastStay() string {
	if len(c.stays) == 0 {
		return ""
	}
	last := c.stays[0]
	for _, s := range c.stays {
		if s.Start.After(last.Start) {
			last = s
		}
	}
	return last.ID
}

func (c *Case) allergyContradiction() (found []Finding) {
	forbidden, none := c.allergies()
	for _, d := range c.docs {
		if d.is("letter", "external") || c.gave("A18", d.index) || c.gave("A19", d.index) {
			continue
		}
		if f, bad := c.deniesAllergy(d, forbidden); bad {
			found = append(found, f)
		}
		if len(forbidden) == 0 && len(none) > 0 {
			if from, to, ok := d.statesAllergy(); ok {
				found = append(found, d.at("The document states an allergy; the list says that none is known.").show(d, from, to).fact(none[0].ID))
			}
		}
	}
	return found
}

// deniesAllergy says whether a document denies what the list holds: an allergy to a drug
// where it denies drug allergies, any where it denies all.
func (c *Case) deniesAllergy(d *doc, forbidden []*chart.Fact) (Finding, bool) {
	for _, h := range d.text.hits {
		if h.group != groupPhrase || h.name != "no allergy" || d.text.kin(h.from) {
			continue
		}
		words := d.text.words(h.from, h.to)
		drugsOnly := strings.Contains(words, "drug") || strings.Contains(words, "medication") || words == "nkda"
		for _, a := range forbidden {
			if drugsOnly && len(c.engine.drugsOf(a.Display)) == 0 {
				continue
			}
			if !a.Effective.IsZero() && !d.WrittenAt.IsZero() && a.Effective.After(d.WrittenAt) { // found later
				continue
			}
			return d.at(fmt.Sprintf("The document says that no allergy is known; the list holds %s.", a.Display)).show(d, h.from, h.to).fact(a.ID), true
		}
	}
	return Finding{}, false
}

// statesAllergy finds words of a document that state an allergy to a drug of the patient.
func (d *doc) statesAllergy() (from, to int, ok bool) {
	t := d.text
	for _, h := range t.hits {
		if h.group != groupDrug || t.kin(h.from) || t.denied(h.from, h.to) {
			continue
		}
		first, _ := t.sentenceOf(h.from)
		for _, a := range t.hitsIn(max(first, h.from-12), h.from) {
			if a.group == groupPhrase && a.name == "allergic" && a.from >= first && a.to <= h.from && h.from-a.to < 3 && !t.denied(a.from, a.to) {
				return a.from, h.to, true
			}
		}
		if s := t.sectionOf(h.from); s == "allergies" || s == "allergy" || s == "drug allergies" {
			return h.from, h.to, true
		}
		if t.word(h.to) == "allergy" && !t.denied(h.from, h.to+1) {
			return h.from, h.to + 1, true
		}
	}
	return 0, 0, false
}

func (c *Case) withoutIndication() (found []Finding) {
	var known map[string]bool
	for _, m := range c.medications() {
		if len(m.drug.conditions) == 0 || m.list == "inpatient" || m.list == "" && c.settingOf(m.fact) == chart.Inpatient {
			continue
		}
		if set := c.settingOf(m.fact); set == "" || !c.documented(m.fact.Encounter) {
			continue
		}
		if known == nil {
			known = c.explains()
		}
		if slices.ContainsFunc(m.drug.conditions, func(n string) bool { return known[n] }) || slices.ContainsFunc(m.drug.conditions, func(n string) bool { return c.statedFor(m.fact, n) }) || forSomething(m.fact) {
			continue
		}
		f := ofFact(m.fact, fmt.Sprintf("Nothing in the record explains %s.", m.fact.Display)).lacks("a diagnosis that explains it: " + strings.Join(m.drug.conditions, ", "))
		f.Clinician = c.attending(m.fact.Encounter)
		found = append(found, f)
	}
	return found
}

// forSomething says whether the order itself says what the medication is for.
func forSomething(f *chart.Fact) bool {
	words := wordsOf(f.Value + " " + f.Note)
	for i, w := range words {
		if w != "for" || i+1 >= len(words) {
			continue
		}
		next := words[i+1]
		if !digit(next[0]) && !in(next, "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "a", "the", "another") {
			return true
		}
	}
	return false
}

func (c *Case) statedFor(f *chart.Fact, name string) bool {
	t := parse(f.Value + ". " + f.Note)
	c.engine.words.find(t)
	return slices.ContainsFunc(t.hits, func(h hit) bool { return h.group == groupCondition && h.name == name })
}

func (c *Case) settingOf(f *chart.Fact) chart.Setting {
	for _, s := range c.stays {
		if s.ID == f.Encounter && s.took() {
			return s.Setting
		}
	}
	return ""
}

// documented says whether an encounter has a note of a provider that could name a reason.
func (c *Case) documented(encounter string) bool {
	return slices.ContainsFunc(c.docs, func(d *doc) bool { return d.Encounter == encounter && d.provider() })
}

func (c *Case) attending(encounter string) chart.Author {
	for _, s := range c.stays {
		if s.ID == encounter {
			return s.Attending
		}
	}
	return chart.Author{}
}

// explains gathers every condition that the record names and does not deny.
func (c *Case) explains() map[string]bool {
	known := map[string]bool{}
	for _, d := range c.docs {
		for _, h := range d.text.hits {
			if h.group == groupCondition && !known[h.name] && !d.text.never(h) && !d.text.kin(h.from) {
				known[h.name] = true
			}
		}
	}
	for i := range c.Facts {
		if f := &c.Facts[i]; f.Kind == chart.Diagnosis && !f.Withdrawn {
			for _, name := range c.engine.conditionsOf(f) {
				known[name] = true
			}
		}
	}
	return known
}

// dose is a strength: a number with a unit of mass, volume or activity.
var dose = regexp.MustCompile(`(?i)\b(\d[\d,]*(?:\.\d+)?)\s*(mcg|mg|g|units?|ml|meq|puffs?|drops?|tablets?)\b`)

// together are words by which two doses of one drug belong together.
var together = []string{"then", "taper", "tapering", "sliding", "scale", "morning", "evening", "bedtime", "nightly", "breakfast", "dinner", "lunch", "loading", "bolus", "mild", "moderate", "severe",
	"am", "pm", "once", "noon", "supper", "before", "after", "extended", "er", "xr", "stopped"}

func (c *Case) medicationDuplicate() (found []Finding) {
	meds := c.medications()
	for i, a := range meds {
		for _, b := range meds[i+1:] {
			if a.fact == b.fact || a.drug.name != b.drug.name || a.list != b.list || a.fact.Encounter != b.fact.Encounter || !sameDrug(a.fact, b.fact) {
				continue
			}
			x, y := dose.FindString(a.fact.Display+" "+a.fact.Value), dose.FindString(b.fact.Display+" "+b.fact.Value)
			if x == "" || y == "" || strings.EqualFold(x, y) || partOfOne(a.fact) || partOfOne(b.fact) || onDemand(a.fact) != onDemand(b.fact) || apart(a.fact, b.fact) {
				continue
			}
			f := ofFact(b.fact, fmt.Sprintf("%s stands twice in one list: %s and %s.", upperFirst(a.drug.name), x, y)).about(a.fact.ID).fact(a.fact.ID)
			f.Clinician = c.attending(b.fact.Encounter)
			found = append(found, f)
		}
	}
	return found
}

// sameDrug says whether two entries name the same preparation: names the tables put
// together may be different drugs of one kind.
func sameDrug(a, b *chart.Fact) bool {
	first := func(f *chart.Fact) string { w := append(wordsOf(f.Display), "", ""); return w[0] }
	return first(a) == first(b) && !strings.Contains(plain(a.Display), "insulin") && routeOf(a) == routeOf(b)
}

func routeOf(f *chart.Fact) string {
	for _, w := range wordsOf(f.Display + " " + f.Value) {
		switch w {
		case "iv", "intravenous", "intravenously", "infusion":
			return "iv"
		case "subcutaneously", "subcutaneous", "sc", "injection", "intramuscularly", "im":
			return "injection"
		case "inhaled", "nebulized", "nebulizer", "inhaler":
			return "inhaled"
		case "drops", "eye", "eyes", "ophthalmic":
			return "drops"
		case "topical", "cream", "patch", "ointment", "rectal", "rectally", "suppository":
			return w
		}
	}
	return ""
}

func partOfOne(f *chart.Fact) bool {
	return slices.ContainsFunc(wordsOf(f.Value+" "+f.Note+" "+f.Display), func(w string) bool { return slices.Contains(together, w) })
}

// onDemand says whether a medication is taken as needed.
func onDemand(f *chart.Fact) bool {
	return slices.ContainsFunc(wordsOf(f.Value), func(w string) bool { return in(w, "needed", "prn") })
}

// apart says whether one medication had ended before the other began.
func apart(a, b *chart.Fact) bool {
	return !a.Ended.IsZero() && !b.Effective.Before(a.Ended) || !b.Ended.IsZero() && !a.Effective.Before(b.Ended)
}
