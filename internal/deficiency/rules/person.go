package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/seal"
)

// statedAge is an age that a document gives its patient.
type statedAge struct {
	years    int
	from, to int // tokens
	sex      string
}

// The sexes that words and rules know.
const (
	male   = "male"
	female = "female"
)

// persons are the words that say who a sentence is about.
var persons = map[string]string{
	"man": male, "gentleman": male, male: male, "boy": male, "woman": female, "lady": female, female: female, "girl": female,
}

// stated finds the first age a document gives in years, "72-year-old woman", and the
// sex it says with it. What is said of relatives does not count.
func (d *doc) stated() (statedAge, bool) { //nolint:cyclop,gocyclo // the ways to write an age are a list
	t := d.text
	for i := range t.tokens {
		n := number(t.tokens[i].word)
		if n < 1 || n > 125 {
			continue
		}
		var to int
		switch a, b := t.word(i+1), t.word(i+2); {
		case (a == "year" || a == "years" || a == "yr") && b == "old", a == "y" && b == "o":
			to = i + 3
		case a == "yo":
			to = i + 2
		case i > 0 && t.word(i-1) == "age" && t.tokens[i-1].after == ':':
			return statedAge{years: n, from: i - 1, to: i + 1}, true
		default:
			continue
		}
		if t.aboutKin(i, to) {
			continue
		}
		s := statedAge{years: n, from: i, to: to}
		for j := to; j < to+6 && j < len(t.tokens) && t.tokens[j].sentence == t.tokens[i].sentence; j++ {
			if sex := persons[t.tokens[j].word]; sex != "" {
				s.sex, s.to = sex, j+1
				break
			}
			if in(t.tokens[j].word, "who", "with", "whose", "here", "and") {
				break
			}
		}
		return s, true
	}
	return statedAge{}, false
}

// aboutKin says whether an age at i is a relative's: kin before it in the sentence, or
// right behind.
func (t *text) aboutKin(i, to int) bool {
	first, _ := t.sentenceOf(i)
	if s := t.sectionOf(i); strings.HasPrefix(s, "family") || strings.HasPrefix(s, "social") || strings.HasPrefix(s, "maternal") || strings.HasPrefix(s, "mother") {
		return true
	}
	return t.of("kin", first, i) || t.of("kin", to, min(to+3, len(t.tokens)))
}

func (c *Case) birthConflict() (found []Finding) {
	for _, d := range c.docs {
		if d.is("letter", "external") || c.gave("A18", d.index) || c.gave("A19", d.index) || c.year == 0 {
			continue
		}
		if born, from, to, ok := d.statedBirth(); ok && !c.births.IsZero() && !c.bornOn(born) {
			found = append(found, d.at(fmt.Sprintf("The document says born %s, the registration %s.", born.Format(time.DateOnly), c.births.Format(time.DateOnly))).show(d, from, to).fact(c.registrationIDs()...))
			continue
		}
		at := d.WrittenAt
		if at.IsZero() && d.stay != nil {
			at = d.stay.Start
		}
		age, ok := d.stated()
		if !ok || at.IsZero() {
			continue
		}
		years, known := c.ageAt(at)
		if !known {
			years = at.Year() - c.year
		}
		if years < 2 { // a newborn's record speaks of the mother
			continue
		}
		if gap := age.years - years; gap > 1 || gap < -1 {
			found = append(found, d.at(fmt.Sprintf("The document says %d years, the birth date %s makes it %d.", age.years, c.births.Format(time.DateOnly), years)).
				show(d, age.from, age.to).fact(c.registrationIDs()...))
		}
	}
	return found
}

func (c *Case) registrationIDs() []string {
	ids := make([]string, 0, len(c.Registrations))
	for _, p := range c.Registrations {
		ids = append(ids, p.ID)
	}
	return ids
}

func (c *Case) bornOn(date time.Time) bool {
	return slices.ContainsFunc(c.Registrations, func(p chart.Patient) bool { return p.BirthDate == date.Format(time.DateOnly) })
}

// statedBirth finds a date of birth that a document states.
func (d *doc) statedBirth() (born time.Time, from, to int, ok bool) {
	t := d.text
	for i := range t.tokens {
		w := t.tokens[i].word
		j := i + 1
		switch {
		case w == "dob", w == "birthdate":
		case w == "date" && t.word(i+1) == "of" && t.word(i+2) == "birth":
			j = i + 3
		case w == "birth" && t.word(i+1) == "date":
			j = i + 2
		default:
			continue
		}
		if first, _ := t.sentenceOf(i); t.of("kin", first, i) {
			continue
		}
		if born, to, ok = t.dateAt(j); ok {
			return born, i, to, true
		}
	}
	return time.Time{}, 0, 0, false
}

func (c *Case) sexConflict() (found []Finding) { //nolint:cyclop,gocyclo // words, then facts, each with its exceptions
	if c.sex != male && c.sex != female {
		return nil
	}
	other := map[string]string{male: female, female: male}[c.sex]
	for _, d := range c.docs {
		if d.is("letter", "external") || c.gave("A18", d.index) || c.gave("A19", d.index) || c.infant(d) || d.transgender() {
			continue
		}
		if s, ok := d.stated(); ok && s.sex == other {
			found = append(found, d.at(fmt.Sprintf("The document speaks of a %s patient, the registration says %s.", other, c.sex)).show(d, s.from, s.to).fact(c.registrationIDs()...))
			continue
		}
		if f, bad := c.eventConflict(d, func(e event) bool { return e.sex == other }); bad {
			f.Says += fmt.Sprintf("; the registration says %s.", c.sex)
			found = append(found, f.fact(c.registrationIDs()...))
		}
	}
	for i := range c.Facts {
		f := &c.Facts[i]
		if f.Withdrawn || f.Kind != chart.Diagnosis && f.Kind != chart.Procedure || strings.HasPrefix(f.Code, "Z80") {
			continue
		}
		if e, ok := c.eventOf(f); ok && e.sex == other {
			found = append(found, ofFact(f, fmt.Sprintf("%s in a patient registered as %s.", f.Display, c.sex)).fact(c.registrationIDs()...))
		}
	}
	return found
}

// infant says whether the patient was under two when the document was written: its
// words are of the mother as well.
func (c *Case) infant(d *doc) bool {
	at := d.WrittenAt
	if at.IsZero() && d.stay != nil {
		at = d.stay.Start
	}
	years, ok := c.ageAt(at)
	return ok && years < 2
}

func (d *doc) transgender() bool {
	return slices.ContainsFunc(d.text.tokens, func(k token) bool {
		return in(k.word, "transgender", "transsexual", "intersex", "nonbinary", "ftm", "mtf") || k.word == "assigned" || k.word == "trans"
	})
}

// eventConflict finds a diagnosis or operation that a document states of the patient
// and that those for whom bad holds cannot have.
func (c *Case) eventConflict(d *doc, bad func(event) bool) (Finding, bool) {
	t := d.text
	for _, h := range t.hits {
		if h.group != groupEvent || !bad(c.engine.event(h.name)) || t.denied(h.from, h.to) || t.kin(h.from) || !d.diagnostic(h.from) {
			continue
		}
		return d.at("The document states "+t.quote(h.from, h.to)).show(d, h.from, h.to), true
	}
	return Finding{}, false
}

// diagnostic says whether word i stands where a document states what the patient has
// or had done, and by somebody who may.
func (d *doc) diagnostic(i int) bool {
	if !d.provider() && d.role != "pathologist" && d.role != "radiologist" {
		return false
	}
	s := d.text.sectionOf(i)
	return !strings.Contains(s, "family") && !strings.Contains(s, "plan") && !strings.Contains(s, "instruction")
}

// eventOf is the sex- or age-bound event a fact is by its code or words.
func (c *Case) eventOf(f *chart.Fact) (event, bool) {
	for _, e := range c.engine.events {
		if codeIn(f.Code, e.codes) && (icd(f) || f.System == "") {
			return e, true
		}
	}
	t := parse(f.Display)
	c.engine.words.find(t)
	for _, h := range t.hits {
		if h.group == groupEvent && !t.denied(h.from, h.to) && !t.kin(h.from) {
			return c.engine.event(h.name), true
		}
	}
	return event{}, false
}

// icd says whether a fact's code is of ICD-10-CM.
func icd(f *chart.Fact) bool {
	s := strings.ToUpper(f.System)
	return strings.Contains(s, "ICD-10") || s == "I10" || s == "I10C" || strings.Contains(s, "2.16.840.1.113883.6.90")
}

func (c *Case) ageConflict() (found []Finding) {
	for _, d := range c.docs {
		years, ok := c.ageAt(d.WrittenAt)
		if !ok || years < 2 || c.gave("A18", d.index) || c.gave("A03", d.index) {
			continue
		}
		if f, bad := c.eventConflict(d, func(e event) bool { return years < e.from || years > e.to && !d.text.pastOf(e.name) }); bad {
			f.Says += fmt.Sprintf(" of a patient of %d years.", years)
			found = append(found, f.fact(c.registrationIDs()...))
		}
	}
	for i := range c.Facts {
		f := &c.Facts[i]
		if f.Withdrawn || f.Kind != chart.Diagnosis {
			continue
		}
		at := f.Effective
		if at.IsZero() {
			at = c.started(f.Encounter)
		}
		years, ok := c.ageAt(at)
		if e, is := c.eventOf(f); ok && is && (years < e.from || years > e.to) {
			found = append(found, ofFact(f, fmt.Sprintf("%s at the age of %d.", f.Display, years)).fact(c.registrationIDs()...))
		}
	}
	return found
}

// pastOf says whether the text tells of an event as of earlier times.
func (t *text) pastOf(name string) bool {
	return slices.ContainsFunc(t.hits, func(h hit) bool { return h.group == groupEvent && h.name == name && t.past(h.from) })
}

func (c *Case) started(encounter string) time.Time {
	for _, s := range c.stays {
		if s.ID == encounter {
			return s.Start
		}
	}
	return time.Time{}
}

// placeholders are names that stand for one not known.
var placeholders = map[string]bool{
	"test": true, "unknown": true, "patient": true, "testpatient": true, "unidentified": true, "noname": true, "unk": true, "trauma": true, "nofirstname": true,
	"nolastname": true, "unnamed": true, "anonymous": true, "dummy": true, "xxx": true, "zzz": true, "zztest": true, "zzztest": true,
}

func (c *Case) placeholderName() (found []Finding) { //nolint:cyclop,gocyclo // a birth date can be wrong in several ways
	for _, p := range c.Registrations {
		if p.Withdrawn {
			continue
		}
		since := p.RecordedAt
		var last time.Time
		for _, s := range c.stays {
			if s.Record == p.Record && !s.Start.IsZero() && (since.IsZero() || s.Start.Before(since)) {
				since = s.Start
			}
			if s.Record == p.Record && s.Start.After(last) {
				last = s.Start
			}
		}
		f := Finding{Key: p.Record, Record: p.Record, Facts: []string{p.ID}, Since: since, Due: since.Add(c.Settings.PlaceholderAfter)}
		born, err := time.Parse(time.DateOnly, p.BirthDate)
		switch {
		case len(p.BirthDate) == len(time.DateOnly) && err != nil, err == nil && (born.After(c.Now) || c.Now.Sub(born) > 125*366*day):
			f.Says = "The birth date cannot be: " + p.BirthDate + "."
			found = append(found, f.about("birth"))
		case err == nil && !last.IsZero() && last.Before(born.Add(-2*day)):
			f.Says = "The birth date lies after a stay: " + p.BirthDate + "."
			found = append(found, f.about("birth"))
		}
		newborn := err == nil && !last.After(born.Add(31*day))
		if name := standIn(p.Name, newborn); name && c.wait(f.Due) {
			f.Says = "The name is still a placeholder's."
			found = append(found, f.about("name"))
		}
	}
	return found
}

// standIn says whether a name stands for one not known.
func standIn(n chart.Name, newborn bool) bool {
	family, given := strings.Fields(seal.Fold(n.Family)), strings.Fields(seal.Fold(n.Given+" "+n.Middle))
	all := slices.Concat(family, given)
	if slices.ContainsFunc(all, func(w string) bool { return placeholders[w] }) {
		return true
	}
	doe := slices.Contains(family, "doe") && slices.ContainsFunc(given, func(w string) bool { return in(w, "john", "jane", "baby", "jon", "jimmy") })
	baby := len(given) > 0 && (given[0] == "baby" || given[0] == "babyboy" || given[0] == "babygirl" || given[0] == "newborn" || given[0] == "infant" || len(given) > 1 && given[len(given)-1] == "newborn")
	return doe || baby && !newborn || len(all) == 0
}
