package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"chartroom/internal/chart"
)

func (c *Case) operativeMissing() (found []Finding) {
	for _, s := range c.stays {
		for _, o := range s.operations(c) {
			if o.report != nil || o.at.IsZero() {
				continue
			}
			due := o.at.Add(c.Settings.OperativeWithin)
			if !c.wait(due) {
				continue
			}
			f := s.at("There was an operation, and no operative report.").about(o.key()).rests(o).
				lacks("operative report, operation note, procedure report").clock(o.at, due)
			if len(o.notes) > 0 {
				f.Clinician = o.notes[0].Author
			} else if o.fact != nil && o.fact.Author.Name != "" {
				f.Clinician = o.fact.Author
			}
			found = append(found, f)
		}
	}
	return found
}

func (c *Case) operativeLate() (found []Finding) {
	for _, s := range c.stays {
		for _, o := range s.operations(c) {
			if o.report == nil || o.report.WrittenAt.IsZero() || o.latest || o.at.IsZero() {
				continue
			}
			end := o.at
			if !o.clock {
				end = o.at.Add(day)
			}
			if late := o.report.WrittenAt.Sub(end); late > c.Settings.OperativeWithin {
				f := o.report.at(fmt.Sprintf("Written %s after the operation.", hours(o.report.WrittenAt.Sub(o.at)))).head(o.report)
				if o.fact != nil {
					f = f.fact(o.fact.ID)
				}
				found = append(found, f.clock(end.Add(c.Settings.OperativeWithin), time.Time{}))
			}
		}
	}
	return found
}

// otherConsent are words of consents that are not to an operation.
var otherConsent = []string{"anesthesia", "transfusion", "blood", "photography", "release", "hipaa", "research", "telehealth", "admission", "chemotherapy", "radiation"}

// consented says whether a consent to an operation is in the stay, or in the person's
// record of the 90 days before it.
func (c *Case) consented(s *stay, o operation) bool {
	for _, d := range c.docs {
		if d.kind != "consent" {
			continue
		}
		own := d.stay == s
		gap := o.at.Sub(d.WrittenAt)
		title := wordsOf(d.Type + " " + d.Title)
		other := slices.ContainsFunc(otherConsent, func(w string) bool { return slices.Contains(title, w) }) && !slices.Contains(title, "surgery") && !slices.Contains(title, "operation") && !slices.Contains(title, "procedure")
		if !other && (own || d.stay == nil && gap >= -day && gap < 90*day || d.stay != nil && gap >= 0 && gap < 60*day) {
			return true
		}
	}
	return false
}

func (c *Case) consentMissing() (found []Finding) {
	for _, s := range c.stays {
		for _, o := range s.operations(c) {
			if o.at.IsZero() || c.consented(s, o) || s.excepted() || !c.wait(o.at.Add(day)) {
				continue
			}
			f := s.at("There was an operation, and no informed consent to it.").about(o.key()).rests(o).
				lacks("informed consent, operative permit; or words that an emergency allowed none").clock(o.at, o.at)
			if o.report != nil {
				f.Clinician = o.report.Author
			}
			found = append(found, f)
		}
	}
	return found
}

// excepted says whether the stay documents why consent was not to be had.
func (s *stay) excepted() bool {
	return slices.ContainsFunc(s.docs, func(d *doc) bool { return hasPhrase(d.text, "no consent") })
}

func (c *Case) anesthesiaMissing() (found []Finding) {
	for _, s := range c.stays {
		if len(s.written("anesthesia record")) > 0 {
			continue
		}
		for _, o := range s.operations(c) {
			if o.report == nil || !c.wait(o.report.WrittenAt.Add(day)) {
				continue
			}
			from, to, deep := o.report.anesthesia()
			if !deep {
				continue
			}
			found = append(found, s.at("Anesthesia was given for the operation, and there is no anesthesia record.").about(o.key()).show(o.report, from, to).
				lacks("anesthesia record").clock(o.at, o.at.Add(day)).of(chart.Author{Role: "anesthesiologist"}))
		}
	}
	return found
}

// anesthesia finds the words of a report that say that general, regional or monitored
// anesthesia was given.
func (d *doc) anesthesia() (from, to int, deep bool) {
	t := d.text
	for _, h := range t.phrases("deep anesthesia") {
		head := t.sectionOf(h.from)
		first, last := t.sentenceOf(h.from)
		spoken := false
		for i := first; i < last; i++ {
			spoken = spoken || strings.HasPrefix(t.tokens[i].word, "anesth") || strings.HasPrefix(t.tokens[i].word, "anaesth")
		}
		under := strings.Contains(head, "anesth") && int32(h.from)-t.sections[t.tokens[h.from].section].from < 12 //nolint:gosec // bounded by the text
		if !under && !spoken {
			continue
		}
		if w := t.word(h.to); w == "surgery" || w == "stenosis" || w == "cord" || w == "fusion" || w == "surgeon" || w == "condition" || w == "appearance" {
			continue
		}
		return h.from, h.to, true
	}
	return 0, 0, false
}

func (c *Case) pathologyMissing() (found []Finding) {
	for _, s := range c.stays {
		for _, o := range s.operations(c) {
			if o.report == nil || o.at.IsZero() {
				continue
			}
			from, to, sent := o.report.specimen()
			if !sent || c.examined(s, o) || !c.wait(o.at.Add(c.Settings.PathologyWithin)) {
				continue
			}
			found = append(found, o.report.at("A specimen was sent, and no pathology report has come within 14 days.").show(o.report, from, to).
				lacks("pathology report").clock(o.at, o.at.Add(c.Settings.PathologyWithin)).of(chart.Author{Role: "pathologist"}))
		}
	}
	return found
}

// specimen finds the words of a report that say that tissue went to the pathologist.
func (d *doc) specimen() (from, to int, sent bool) {
	t := d.text
	if h := t.phrases("specimen sent"); len(h) > 0 {
		first, last := t.sentenceOf(h[0].from)
		if !t.denied(first, last) && t.word(first) != "no" && !d.noTissue(first, last) {
			return first, last, true
		}
	}
	for _, s := range t.sections {
		if !strings.HasPrefix(s.name, "specimen") && !strings.HasSuffix(s.name, "specimen") && !strings.HasSuffix(s.name, "specimens") {
			continue
		}
		first := int(s.from)
		if first >= len(t.tokens) || d.noTissue(first, min(first+3, int(s.to))) {
			return 0, 0, false
		}
		_, last := t.sentenceOf(first)
		return first, min(last, int(s.to)), true
	}
	return 0, 0, false
}

func (d *doc) noTissue(from, to int) bool {
	for i := from; i < to; i++ {
		if in(d.text.tokens[i].word, "none", "no", "nil", "n", "not", "discarded", "without", "na") {
			return true
		}
	}
	return false
}

// examined says whether a pathologist's report on the operation is in the record.
func (c *Case) examined(s *stay, o operation) bool {
	for _, d := range c.docs {
		if d.is("pathology", "autopsy") && (d.WrittenAt.IsZero() || !d.WrittenAt.Before(s.day(o.at).Add(-day))) && (d.stay == s || d.WrittenAt.Sub(o.at) < 90*day) {
			return true
		}
	}
	return slices.ContainsFunc(s.facts, func(f *chart.Fact) bool {
		name := plain(f.Display)
		return f.Kind == chart.Result && (strings.Contains(name, "patholog") || strings.Contains(name, "histolog"))
	})
}

func (c *Case) emergencyNoteMissing() (found []Finding) {
	for _, s := range c.stays {
		if s.Setting != chart.Emergency || !s.took() || !s.over() || !c.wait(s.End.Add(day)) {
			continue
		}
		noted := slices.ContainsFunc(s.docs, func(d *doc) bool {
			return d.provider() && !d.is("order", "consent", "letter", "discharge instruction") || hasPhrase(d.text, "eloped")
		})
		if noted {
			continue
		}
		f := s.at("The emergency visit ended without a note of a provider.").lacks("emergency department note").clock(s.End, s.End.Add(day))
		for _, d := range s.docs[:min(1, len(s.docs))] {
			f = f.head(d)
		}
		found = append(found, f)
	}
	return found
}

func (c *Case) progressGap() (found []Finding) {
	for _, s := range c.stays {
		if !s.inpatient() {
			continue
		}
		found = append(found, c.gaps(s)...)
		if !s.over() {
			c.wait(c.Now.Add(day))
		}
	}
	return found
}

// gaps gives the runs of whole days of a stay without a note of a provider.
func (c *Case) gaps(s *stay) (found []Finding) {
	noted := map[time.Time]*doc{}
	for _, d := range s.docs {
		if d.provider() && !d.WrittenAt.IsZero() && !d.is("consent", "order") {
			noted[s.day(d.WrittenAt)] = d
		}
	}
	last, end := s.day(s.Start), s.day(s.until(c.Now))
	var before *doc
	for at := last; !at.After(end); at = at.Add(day) {
		d := noted[at]
		if d == nil && !at.Equal(end) {
			continue
		}
		if d == nil && !s.over() && at.Sub(last) > c.Settings.OpenSilent { // nobody closed it: A29
			break
		}
		if gap := int(at.Sub(last)/day) - 1; gap > c.Settings.ProgressGap {
			f := s.at(gapSays(last, at, gap, d == nil && !s.over())).about(last.Format(time.DateOnly)).lacks("progress note").clock(last.Add(2*day), time.Time{})
			for _, note := range []*doc{before, d} {
				if note != nil {
					f = f.head(note)
				}
			}
			found = append(found, f)
		}
		last, before = at, d
	}
	return found
}

func gapSays(last, at time.Time, gap int, goesOn bool) string {
	if goesOn {
		return fmt.Sprintf("No note of a provider since %s.", last.Format("Jan 2"))
	}
	return fmt.Sprintf("No note of a provider for %d whole days, %s to %s.", gap, last.Add(day).Format("Jan 2"), at.Add(-day).Format("Jan 2"))
}

func (c *Case) delinquent() (found []Finding) {
	for _, s := range c.stays {
		if !s.inpatient() || !s.over() {
			continue
		}
		var open []Finding
		for _, f := range c.found {
			if f.Encounter == s.ID && f.Severity == Error && completable[f.Rule] {
				open = append(open, f)
			}
		}
		due := s.End.Add(c.Settings.CompleteWithin)
		if len(open) == 0 || !c.wait(due) {
			continue
		}
		f := s.at("Not complete 30 days after discharge; open: "+names(open)+".").clock(due, due)
		for _, o := range open {
			f.Documents = append(f.Documents, o.Documents...)
		}
		slices.Sort(f.Documents)
		f.Documents = slices.Compact(f.Documents)
		found = append(found, f)
	}
	return found
}

func names(open []Finding) string {
	var ids []string
	for _, f := range open {
		if !slices.Contains(ids, f.Rule) {
			ids = append(ids, f.Rule)
		}
	}
	return strings.Join(ids, ", ")
}

// completable are the rules whose findings keep a record incomplete: what they ask
// for can still be written. What came late cannot be mended.
var completable = map[string]bool{
	"C01": true, "C05": true, "C06": true, "C07": true, "C09": true, "C10": true, "C11": true, "C14": true, "C15": true, "C16": true, "C18": true, "C19": true, "C23": true, "C24": true,
}
