package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/masters"
)

func (c *Case) authorNotEntitled() (found []Finding) {
	for _, d := range c.docs {
		may, ok := c.engine.entitled[d.kind]
		if !ok || d.role == "" || slices.Contains(may.classes, d.role) {
			continue
		}
		f := d.at(fmt.Sprintf("Written as %s by somebody who writes as %s and may not (%s).", d.kind, roleName(d), may.citation)).head(d)
		if d.stay != nil {
			f.Clinician = d.stay.Attending
		}
		found = append(found, f)
	}
	return found
}

func roleName(d *doc) string {
	if d.Author.Role != "" {
		return d.Author.Role
	}
	return d.role
}

func (c *Case) endBeforeStart() (found []Finding) {
	for _, s := range c.stays {
		if !s.Start.IsZero() && !s.End.IsZero() && s.End.Before(s.Start) {
			found = append(found, s.at(fmt.Sprintf("Ended %s, before it began %s.", s.End.In(s.zone).Format("Jan 2, 2006 15:04"), s.Start.In(s.zone).Format("Jan 2, 2006 15:04"))))
		}
	}
	return found
}

func (c *Case) outsideEncounter() (found []Finding) {
	for _, d := range c.docs {
		s := d.stay
		if s == nil || d.WrittenAt.IsZero() || !s.took() || s.over() && s.End.Before(s.Start) {
			continue
		}
		early := s.Start.Sub(d.WrittenAt)
		late := d.WrittenAt.Sub(s.End)
		switch {
		case early > c.Settings.OutsideBefore && s.day(s.Start).Sub(s.day(d.WrittenAt)) > day && !c.mayPrecede(d, early):
			found = append(found, d.at(fmt.Sprintf("Written %s before the encounter began.", hours(early))).head(d).fact(s.ID))
		case s.over() && late > c.Settings.OutsideAfter && !d.is(mayFollow...):
			found = append(found, d.at(fmt.Sprintf("Written %s after the encounter ended.", hours(late))).head(d).fact(s.ID))
		}
	}
	return found
}

// mayFollow are the kinds that come long after the end of a stay.
var mayFollow = []Kind{
	"pathology", "autopsy", "discharge summary", "death summary", "facility summary", "operative report", "addendum", "attestation", "external",
	"death note", "facility assessment", "consent", "test report", "radiology",
}

// mayPrecede says whether a document is of those written to prepare a stay.
func (c *Case) mayPrecede(d *doc, early time.Duration) bool {
	if d.kind == "external" {
		return true
	}
	return early <= 90*day && (d.is(histories...) || d.is("consent", "anesthesia evaluation", "order", "letter", "update") ||
		strings.Contains(plain(d.Type), "prenatal"))
}

func (c *Case) procedureOutside() (found []Finding) {
	for _, s := range c.stays {
		if !s.took() {
			continue
		}
		outside := func(at time.Time) bool {
			on := s.day(at)
			return on.Before(s.day(s.Start).Add(-day)) || s.over() && !s.End.Before(s.Start) && on.After(s.day(s.End).Add(midnightSlack(s, at)))
		}
		for _, f := range s.facts {
			if f.Kind == chart.Procedure && !f.Effective.IsZero() && outside(f.Effective) {
				found = append(found, ofFact(f, fmt.Sprintf("%s on %s lies outside the encounter.", upperFirst(f.Display), s.day(f.Effective).Format("Jan 2, 2006"))).fact(s.ID))
			}
		}
		for _, d := range s.written("operative report") {
			if at, _, stated := d.operated(s); stated && outside(at) {
				i := slices.IndexFunc(d.text.tokens, func(k token) bool { return k.word == "date" })
				found = append(found, d.at(fmt.Sprintf("The operation of %s lies outside the encounter.", s.day(at).Format("Jan 2, 2006"))).show(d, i, i+6).fact(s.ID))
			}
		}
	}
	return found
}

// midnightSlack lets the day of a fact that was given in another zone's midnight pass.
func midnightSlack(s *stay, at time.Time) time.Duration {
	if s.midnight(at) {
		return 0
	}
	return time.Hour
}

func (c *Case) coverageExpired() (found []Finding) {
	for _, s := range c.stays {
		if !s.took() {
			continue
		}
		on := s.day(s.Start).Format(time.DateOnly)
		var outside []chart.Coverage
		good := false
		for _, cov := range c.Coverages {
			switch {
			case cov.Withdrawn:
			case cov.From != "" && on < cov.From || cov.To != "" && on > cov.To:
				outside = append(outside, cov)
			default:
				good = true
			}
		}
		if good || len(outside) == 0 {
			continue
		}
		f := s.at(fmt.Sprintf("No coverage was in force on %s; %s ran from %s to %s.", on, outside[0].Payer, orDash(outside[0].From), orDash(outside[0].To)))
		f.Clinician = chart.Author{}
		for _, cov := range outside {
			f = f.fact(cov.ID)
		}
		found = append(found, f)
	}
	return found
}

func orDash(s string) string {
	if s == "" {
		return "an unknown day"
	}
	return s
}

func (c *Case) priorityConflict() (found []Finding) {
	for _, s := range c.stays {
		if !s.took() {
			continue
		}
		on := s.day(s.Start).Format(time.DateOnly)
		first := map[string]chart.Coverage{}
		for _, cov := range c.Coverages {
			if cov.Withdrawn || cov.Priority < 1 || cov.From != "" && on < cov.From || cov.To != "" && on > cov.To {
				continue
			}
			// Records of one person that were merged each bring their coverages.
			key := fmt.Sprint(cov.Record, "/", cov.Priority)
			other, ok := first[key]
			if !ok {
				first[key] = cov
				continue
			}
			if plain(other.Payer+" "+other.Plan) == plain(cov.Payer+" "+cov.Plan) && other.Member == cov.Member {
				continue
			}
			f := s.at(fmt.Sprintf("%s and %s both have priority %d on %s.", other.Payer, cov.Payer, cov.Priority, on)).about(other.ID+cov.ID).fact(other.ID, cov.ID)
			f.Key, f.Encounter, f.Clinician = other.ID+"/"+cov.ID, s.ID, chart.Author{}
			found = append(found, f)
		}
	}
	return found
}

func (c *Case) afterDeath() (found []Finding) { //nolint:cyclop,gocyclo // one condition a kind of what may come after
	died := c.died
	var last time.Time // the end of the stay in which the patient died
	for _, s := range c.stays {
		if expired(s.Disposition) && s.over() && s.took() {
			last = s.End
			if died.IsZero() {
				died = s.day(s.End)
			}
		}
	}
	if died.IsZero() {
		return nil
	}
	zone := time.UTC
	for _, s := range c.stays {
		zone = s.zone
	}
	after := func(at time.Time) bool {
		y, m, d := at.In(zone).Date()
		return !at.IsZero() && time.Date(y, m, d, 0, 0, 0, 0, time.UTC).After(died) && at.Sub(last) > 6*time.Hour
	}
	says := "The patient died on " + died.Format("Jan 2, 2006") + "."
	for _, s := range c.stays {
		if s.took() && after(s.Start) {
			found = append(found, s.at("A stay or visit after death. "+says))
		}
	}
	for _, d := range c.docs {
		if !after(d.WrittenAt) || d.is(mayFollow...) || d.is("discharge instruction", "social") || d.tellsDeath() {
			continue
		}
		found = append(found, d.at("Written as of a living patient. "+says).head(d))
	}
	for i := range c.Facts {
		f := &c.Facts[i]
		if f.Withdrawn || !after(f.Effective) || !slices.Contains([]chart.FactKind{chart.Order, chart.Result, chart.Procedure, chart.Medication, chart.Immunization}, f.Kind) {
			continue
		}
		name := plain(f.Display)
		if strings.Contains(name, "autopsy") || strings.Contains(name, "patholog") || strings.Contains(name, "culture") {
			continue
		}
		found = append(found, ofFact(f, fmt.Sprintf("%s of %s. %s", upperFirst(f.Display), f.Effective.Format("Jan 2, 2006"), says)))
	}
	return found
}

func (c *Case) overlapping() (found []Finding) {
	var in []*stay
	for _, s := range c.stays {
		if s.inpatient() && (!s.over() || s.End.After(s.Start)) {
			in = append(in, s)
		}
	}
	slices.SortStableFunc(in, func(a, b *stay) int { return a.Start.Compare(b.Start) })
	for i, a := range in {
		for _, b := range in[i+1:] {
			if !b.Start.Add(time.Hour).Before(a.until(c.Now)) {
				continue
			}
			f := b.at(fmt.Sprintf("The stay begins %s while another, begun %s, has not ended.", b.Start.In(b.zone).Format("Jan 2, 2006 15:04"), a.Start.In(a.zone).Format("Jan 2, 2006 15:04"))).
				about(a.ID).fact(a.ID)
			f.Clinician = chart.Author{}
			found = append(found, f)
		}
	}
	return found
}

func (c *Case) attendingMissing() (found []Finding) {
	for _, s := range c.stays {
		if !s.took() || s.Status != "finished" {
			continue
		}
		a := s.Attending
		switch {
		case a.ID == "" && a.Name == "":
			found = append(found, s.at("The encounter is over and names no attending.").lacks("attending clinician").clock(s.End, time.Time{}))
		case len(a.ID) == 10 && allDigits(a.ID) && !masters.ValidNPI(a.ID):
			found = append(found, s.at("The attending's national provider identifier has a wrong check digit.").about("npi").clock(s.End, time.Time{}))
		}
	}
	return found
}

func allDigits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

func (c *Case) signedBeforeWritten() (found []Finding) {
	for _, d := range c.docs {
		if d.Signed && !d.SignedAt.IsZero() && !d.WrittenAt.IsZero() && d.WrittenAt.Sub(d.SignedAt) > time.Minute {
			found = append(found, d.at(fmt.Sprintf("Signed %s before it was written.", hours(d.WrittenAt.Sub(d.SignedAt)))).head(d))
		}
	}
	return found
}

func (c *Case) inFuture() (found []Finding) {
	for _, d := range c.docs {
		ahead := c.Now.Add(time.Hour)
		if d.WrittenAt.After(ahead) || d.SignedAt.After(ahead) {
			c.wait(d.WrittenAt)
			found = append(found, d.at("The document's date lies in the future.").head(d).clock(d.RecordedAt, time.Time{}))
		}
	}
	return found
}

func (c *Case) neverClosed() (found []Finding) {
	for _, s := range c.stays {
		if !s.inpatient() || s.over() {
			continue
		}
		due := s.Start.Add(c.Settings.OpenAfter)
		if !c.wait(due) {
			continue
		}
		last := s.Start
		for _, d := range s.docs {
			if d.WrittenAt.After(last) {
				last = d.WrittenAt
			}
		}
		if !c.wait(last.Add(c.Settings.OpenSilent)) {
			continue
		}
		f := s.at(fmt.Sprintf("Open since %s, and nothing was written after %s.", s.Start.In(s.zone).Format("Jan 2, 2006"), last.In(s.zone).Format("Jan 2, 2006"))).clock(due, time.Time{})
		if n := len(s.docs); n > 0 {
			f = f.head(s.docs[n-1])
		}
		found = append(found, f)
	}
	return found
}

func (c *Case) cancelledWithDocuments() (found []Finding) {
	for _, s := range c.stays {
		if s.Status != "cancelled" {
			continue
		}
		f := s.at("The encounter was cancelled, and documents stand under it.")
		for _, d := range s.docs {
			if !d.is("letter", "order", "external", "consent", "discharge instruction") && !cancels(d) {
				f = f.head(d)
			}
		}
		if len(f.Spans) > 0 {
			found = append(found, f)
		}
	}
	return found
}

// cancels says whether a document tells of the cancellation itself.
func cancels(d *doc) bool {
	return slices.ContainsFunc(d.text.tokens, func(k token) bool {
		return in(k.word, "cancelled", "canceled", "cancellation", "rescheduled", "postponed")
	})
}
