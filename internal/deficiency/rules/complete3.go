package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"chartroom/internal/chart"
)

func (c *Case) cosignatureMissing() (found []Finding) {
	for _, s := range c.stays {
		for _, d := range s.written("history and physical", "operative report", "discharge summary", "death summary", "newborn history") {
			if d.role != inTraining && d.role != "student" || d.WrittenAt.IsZero() {
				continue
			}
			due := d.WrittenAt.Add(c.Settings.SignWithin)
			if s.attested(d) || !c.wait(due) {
				continue
			}
			found = append(found, d.at("Written in training, and no attending has attested or co-signed it.").head(d).
				lacks("attending's attestation or co-signature").clock(d.WrittenAt, due).of(s.Attending))
		}
	}
	return found
}

// attested says whether a teaching physician took part and says so, in the document
// itself or in one of their own.
func (s *stay) attested(of *doc) bool {
	if len(of.text.phrases("attested")) > 0 {
		return true
	}
	for _, d := range s.docs {
		later := !d.WrittenAt.Before(of.WrittenAt.Add(-time.Hour))
		if d == of || !later || d.role == inTraining || d.role == "student" {
			continue
		}
		if d.is("attestation") || d.is("addendum", of.kind) && d.role == "physician" ||
			d.role == "physician" && d.WrittenAt.Sub(of.WrittenAt) < 2*day && len(d.text.phrases("attested")) > 0 && !d.is("consultation", "radiology", "pathology", "operative report") {
			return true
		}
	}
	return false
}

func (c *Case) deathNoteMissing() (found []Finding) {
	for _, s := range c.stays {
		if !expired(s.Disposition) || !s.took() || !s.over() {
			continue
		}
		due := s.End.Add(day)
		if slices.ContainsFunc(s.docs, (*doc).tellsDeath) || !c.wait(due) {
			continue
		}
		found = append(found, s.at("The patient died here, and no document pronounces or describes the death.").
			lacks("death note, pronouncement, time of death, death summary").clock(s.End, due))
	}
	return found
}

func (d *doc) tellsDeath() bool {
	if d.is("death note", "death summary", "autopsy") {
		return true
	}
	for _, h := range d.text.phrases("died") {
		if !d.text.kin(h.from) && !d.text.past(h.from) || strings.HasPrefix(d.text.word(h.from), "pronounc") {
			return true
		}
	}
	return false
}

func (c *Case) visitNoteMissing() (found []Finding) {
	for _, s := range c.stays {
		if s.Setting != chart.Outpatient && s.Setting != chart.Professional || !s.took() || s.Status != "finished" || len(s.docs) > 0 {
			continue
		}
		end := s.End
		if end.IsZero() {
			end = s.Start
		}
		due := end.Add(c.Settings.VisitNoteWithin)
		if c.wait(due) {
			found = append(found, s.at("The visit is over, and nothing was written about it.").lacks("visit note, procedure report, letter").clock(end, due))
		}
	}
	return found
}

func (c *Case) assessmentMissing() (found []Finding) {
	for _, s := range c.stays {
		if !s.facility() {
			continue
		}
		// Admission is day 1.
		local := s.Start.In(s.zone)
		due := time.Date(local.Year(), local.Month(), local.Day()+c.Settings.AssessmentDay, 0, 0, 0, 0, s.zone)
		if s.until(c.Now).Before(due) {
			if !s.over() {
				c.wait(due)
			}
			continue
		}
		done := slices.ContainsFunc(s.docs, func(d *doc) bool {
			return d.kind == "facility assessment" && (d.WrittenAt.IsZero() || d.WrittenAt.Before(due.Add(day)))
		})
		if !done {
			f := s.at("No comprehensive assessment by day 14 of the stay.").lacks("comprehensive assessment, minimum data set").clock(s.Start, due).of(chart.Author{Role: "nurse"})
			for _, d := range s.written("facility assessment")[:min(1, len(s.written("facility assessment")))] {
				f = f.head(d)
			}
			found = append(found, f)
		}
	}
	return found
}

func (c *Case) facilityVisitMissing() (found []Finding) {
	for _, s := range c.stays {
		if !s.facility() {
			continue
		}
		last := s.Start
		visit := func(at time.Time) {
			allowed := c.Settings.VisitEvery
			if last.Sub(s.Start)+30*day > 90*day { // the next one is due in the fourth month or later
				allowed = c.Settings.VisitEveryLater
			}
			if gap := at.Sub(last); gap > allowed {
				says := fmt.Sprintf("No visit of a physician for %d days from %s.", int(gap/day), last.In(s.zone).Format("Jan 2, 2006"))
				if at.Equal(c.Now) && !s.over() {
					says = fmt.Sprintf("No visit of a physician since %s.", last.In(s.zone).Format("Jan 2, 2006"))
				}
				found = append(found, s.at(says).
					about(s.day(last).Format(time.DateOnly)).lacks("nursing facility visit of a physician or who stands in").clock(last, last.Add(allowed)))
			} else if at.Equal(c.Now) && !s.over() {
				c.wait(last.Add(allowed + time.Hour))
			}
		}
		for _, d := range s.docs {
			if d.provider() && !d.WrittenAt.IsZero() && d.WrittenAt.After(last) && !d.is("consent", "order", "letter", "radiology", "pathology") {
				visit(d.WrittenAt)
				last = d.WrittenAt
			}
		}
		visit(s.until(c.Now))
	}
	return found
}

// spoken says whether an order was given by word of mouth.
func spoken(texts ...string) bool {
	for _, t := range texts {
		for _, w := range wordsOf(t) {
			if w == "verbal" || w == "telephone" || w == "phoned" {
				return true
			}
		}
	}
	return false
}

// authenticated says whether the words of an order say that it was signed.
func authenticated(texts ...string) bool {
	for _, t := range texts {
		words := wordsOf(t)
		for i, w := range words {
			deny := i > 0 && in(words[i-1], "not", "un", "never", "to", "be", "awaiting")
			if !deny && in(w, "signed", "authenticated", "cosigned", "countersigned", "verified") {
				return true
			}
		}
	}
	return false
}

func (c *Case) orderUnsigned() (found []Finding) {
	for _, d := range c.docs {
		if d.kind != "order" || d.Signed || d.WrittenAt.IsZero() {
			continue
		}
		_, to := 0, 0
		if len(d.text.tokens) > 0 {
			_, to = d.text.sentenceOf(0)
		}
		if !spoken(d.Type, d.Title, d.text.words(0, to)) {
			continue
		}
		due := d.WrittenAt.Add(c.Settings.OrderSignWithin)
		if c.wait(due) {
			found = append(found, d.at("An order by word of mouth is not authenticated.").head(d).lacks("the prescriber's signature").clock(d.WrittenAt, due))
		}
	}
	for i := range c.Facts {
		f := &c.Facts[i]
		if f.Kind != chart.Order || f.Withdrawn || f.Effective.IsZero() || !spoken(f.Display, f.Value, f.Note, f.Flag, f.Status) ||
			authenticated(f.Value, f.Note, f.Flag, f.Status) || in(f.Status, "revoked", "cancelled", "entered-in-error") {
			continue
		}
		due := f.Effective.Add(c.Settings.OrderSignWithin)
		if c.wait(due) {
			found = append(found, ofFact(f, "An order by word of mouth is not authenticated: "+f.Display+".").lacks("the prescriber's signature").clock(f.Effective, due).of(f.Author))
		}
	}
	return found
}

// ofFact begins a finding about a fact.
func ofFact(f *chart.Fact, says string) Finding {
	return Finding{Key: f.ID, Record: f.Record, Encounter: f.Encounter, Says: says, Facts: []string{f.ID}, Since: f.Effective, Clinician: f.Author}
}

func (c *Case) birthIncomplete() (found []Finding) {
	for _, s := range c.stays {
		if !s.inpatient() || !c.birth(s) {
			continue
		}
		due := s.Start.Add(day)
		if s.until(c.Now).Before(due) && !s.over() {
			c.wait(due)
			continue
		}
		exam := len(s.written("newborn history", "history and physical")) > 0
		apgar := slices.ContainsFunc(s.docs, func(d *doc) bool { return hasPhrase(d.text, "apgar") }) ||
			slices.ContainsFunc(s.facts, func(f *chart.Fact) bool { return strings.Contains(plain(f.Display), "apgar") })
		var missing []string
		if !exam {
			missing = append(missing, "examination of the newborn")
		}
		if !apgar {
			missing = append(missing, "Apgar score")
		}
		if len(missing) > 0 {
			f := s.at("The record of the birth lacks the "+strings.Join(missing, " and the ")+".").lacks(strings.Join(missing, ", ")).clock(s.Start, due)
			for _, d := range s.docs[:min(1, len(s.docs))] {
				f = f.head(d)
			}
			found = append(found, f)
		}
	}
	return found
}
