package rules

import (
	"fmt"
	"slices"
	"time"

	"chartroom/internal/chart"
)

// histories are the kinds that count as a history and physical examination.
var histories = []Kind{"history and physical", "newborn history", "facility admission", "preoperative"}

// historiesOf gives the histories and physicals that a stay can rest on: its own,
// and those of the person written in the 30 days before it.
func (c *Case) historiesOf(s *stay) []*doc {
	var out []*doc
	for _, d := range c.docs {
		own := d.stay == s
		before := s.Start.Sub(d.WrittenAt)
		if d.is(histories...) && (own || !d.WrittenAt.IsZero() && before > 0 && before <= c.Settings.HistoryOld) {
			out = append(out, d)
		}
	}
	return out
}

func (c *Case) hpMissing() (found []Finding) {
	for _, s := range c.stays {
		if !s.inpatient() || c.birth(s) {
			continue
		}
		due := s.Start.Add(c.Settings.HistoryWithin)
		if s.until(c.Now).Before(due) {
			c.wait(due)
			continue
		}
		f := s.at(fmt.Sprintf("In house since %s and no history and physical.", s.Start.In(s.zone).Format("Jan 2 15:04"))).
			lacks("history and physical, H&P, admission note").clock(s.Start, due)
		there := false
		for _, d := range c.historiesOf(s) {
			if old := s.Start.Sub(d.WrittenAt); !d.WrittenAt.IsZero() && old > c.Settings.HistoryOld {
				f.Says = "The only history and physical is more than 30 days older than the admission and counts as none."
				f = f.head(d)
				continue
			}
			there = true
		}
		if !there {
			found = append(found, f)
		}
	}
	return found
}

func (c *Case) hpLate() (found []Finding) {
	for _, s := range c.stays {
		if !s.inpatient() || c.birth(s) {
			continue
		}
		var first *doc
		undated := false
		for _, d := range c.historiesOf(s) {
			undated = undated || d.WrittenAt.IsZero()
			old := s.Start.Sub(d.WrittenAt) > c.Settings.HistoryOld
			if !d.WrittenAt.IsZero() && !old && (first == nil || d.WrittenAt.Before(first.WrittenAt)) {
				first = d
			}
		}
		due := s.Start.Add(c.Settings.HistoryWithin)
		if first == nil || undated || !first.WrittenAt.After(due) {
			continue
		}
		late := first.WrittenAt.Sub(s.Start)
		found = append(found, first.at(fmt.Sprintf("Written %s after admission; 24 hours are allowed.", hours(late))).head(first).fact(s.ID).clock(due, time.Time{}))
	}
	return found
}

func hours(d time.Duration) string {
	if d < 72*time.Hour {
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

func (c *Case) hpAfterSurgery() (found []Finding) {
	for _, s := range c.stays {
		for _, o := range s.operations(c) {
			if o.at.IsZero() || s.Setting != chart.Inpatient && s.Setting != chart.Outpatient {
				continue
			}
			if f, bad := c.unprepared(s, o); bad {
				found = append(found, f)
			}
		}
	}
	return found
}

// unprepared says whether an operation began before any history and physical.
func (c *Case) unprepared(s *stay, o operation) (Finding, bool) {
	began := o.at
	if !o.clock { // any time of the day
		began = s.day(o.at).Add(day + 12*time.Hour)
	}
	for _, p := range o.papers() {
		if p.emergency() {
			return Finding{}, false
		}
	}
	f := s.at("The operation began before a history and physical was there.").about(o.key()).rests(o).
		lacks("history and physical before the operation").clock(o.at, o.at)
	for _, d := range c.historiesOf(s) {
		if d.WrittenAt.IsZero() || !d.WrittenAt.After(began) || d.emergency() {
			return Finding{}, false
		}
		f = f.head(d)
	}
	if o.report != nil {
		f.Clinician = o.report.Author
	}
	return f, true
}

// emergency says whether a document says that there was no time.
func (d *doc) emergency() bool {
	for _, h := range d.text.phrases("emergency") {
		if w := d.text.word(h.to); w == "department" || w == "room" || w == "physician" || w == "medicine" || w == "contact" || w == "exit" || w == "nurse" {
			continue
		}
		return true
	}
	return len(d.text.phrases("no consent")) > 0
}

func (c *Case) hpNoUpdate() (found []Finding) {
	for _, s := range c.stays {
		if !s.inpatient() || c.birth(s) {
			continue
		}
		var last *doc
		for _, d := range c.historiesOf(s) {
			if !d.WrittenAt.IsZero() && (last == nil || d.WrittenAt.After(last.WrittenAt)) {
				last = d
			}
		}
		if last == nil {
			continue
		}
		old := s.Start.Sub(last.WrittenAt)
		due := s.Start.Add(c.Settings.HistoryWithin)
		if old <= day || old > c.Settings.HistoryOld || s.updated(last, due) || !c.wait(due) {
			continue
		}
		found = append(found, last.at(fmt.Sprintf("The history and physical is %s older than the admission, and no update was written within 24 hours of it.", hours(old))).
			head(last).fact(s.ID).lacks("update to the history and physical, interval note").clock(s.Start, due))
	}
	return found
}

// updated says whether an update of the history and physical was written in time.
func (s *stay) updated(hp *doc, due time.Time) bool {
	for _, d := range s.docs {
		if d == hp || d.WrittenAt.IsZero() || d.WrittenAt.Before(hp.WrittenAt) || d.WrittenAt.After(due) {
			continue
		}
		if d.kind == "update" || d.provider() && len(d.text.hits) > 0 && hasPhrase(d.text, "update") {
			return true
		}
	}
	return false
}

func hasPhrase(t *text, name string) bool { _, ok := t.anyPhrase(name); return ok }

func (c *Case) summaryMissing() (found []Finding) {
	for _, s := range c.stays {
		if !s.over() || !s.inpatient() && !s.facility() {
			continue
		}
		// A facility anticipates no discharge to a hospital and no death.
		if s.facility() && (in(s.Disposition, "02", "05", "43", "66") || expired(s.Disposition)) {
			continue
		}
		kinds := []Kind{"discharge summary", "death summary", "facility summary"}
		if len(s.written(kinds...)) > 0 {
			continue
		}
		due, law := s.End.Add(c.Settings.SummaryWithin), s.End.Add(c.Settings.CompleteWithin)
		if !c.wait(due) {
			continue
		}
		f := s.at(fmt.Sprintf("Discharged %s, and no discharge summary.", s.End.In(s.zone).Format("Jan 2, 2006"))).
			lacks("discharge summary, summary of discharge, final summary").clock(s.End, law)
		if !c.wait(law) {
			f.Severity = Warning
		}
		found = append(found, f)
	}
	return found
}

func in(s string, all ...string) bool { return slices.Contains(all, s) }

// expired says whether a discharge status says that the patient died.
func expired(disposition string) bool { return in(disposition, "20", "40", "41", "42") }

// unauthored are the kinds that nobody of the staff authenticates.
var unauthored = []Kind{"consent", "external", "letter", "discharge instruction", "order"}

func (c *Case) unsigned() (found []Finding) {
	for _, d := range c.docs {
		if d.Signed || d.WrittenAt.IsZero() || d.is(unauthored...) || d.stay != nil && d.stay.Status == "cancelled" {
			continue
		}
		due := d.WrittenAt.Add(c.Settings.SignWithin)
		if !c.wait(due) {
			continue
		}
		f := d.at("Not authenticated within 48 hours of its writing.").head(d).lacks("the author's signature").clock(d.WrittenAt, due)
		if d.stay != nil && d.stay.over() && c.wait(d.stay.End.Add(c.Settings.CompleteWithin)) {
			f.Severity = Error
		}
		found = append(found, f)
	}
	return found
}

func (c *Case) diagnosisMissing() (found []Finding) {
	for _, s := range c.stays {
		if !s.inpatient() || !s.over() {
			continue
		}
		for _, d := range s.written("discharge summary", "death summary") {
			if len(d.text.tokens) < 5 || hasPhrase(d.text, "diagnosis word") {
				continue
			}
			found = append(found, d.at("The discharge summary states no diagnosis.").head(d).
				lacks("final diagnosis, diagnoses, impression").clock(d.WrittenAt, s.End.Add(c.Settings.CompleteWithin)))
		}
	}
	return found
}

func (c *Case) dispositionMissing() (found []Finding) {
	for _, s := range c.stays {
		if s.inpatient() && s.over() && s.Status == "finished" && s.Disposition == "" {
			found = append(found, s.at("Discharged without a discharge status.").lacks("patient discharge status").clock(s.End, s.End.Add(c.Settings.SummaryWithin)))
		}
	}
	return found
}

func (c *Case) undated() (found []Finding) {
	for _, d := range c.docs {
		if d.WrittenAt.IsZero() && !d.is("external") {
			found = append(found, d.at("The document bears no date or time.").head(d).lacks("date and time").clock(d.RecordedAt, d.RecordedAt.Add(c.Settings.SignWithin)))
		}
	}
	return found
}
