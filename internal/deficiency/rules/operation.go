package rules

import (
	"slices"
	"strings"
	"time"

	"chartroom/internal/chart"
)

// operation is one operation of a stay, by a fact, a report or both.
type operation struct {
	at     time.Time // when it was; the time its report was written where nothing else is known
	clock  bool      // at is known to the hour
	latest bool      // at is only the latest that it can have been
	fact   *chart.Fact
	report *doc   // operative report
	notes  []*doc // brief notes and anesthesia records that tell of it
}

// operations are the operations of a stay.
func (s *stay) operations(c *Case) []operation {
	if s.opsDone {
		return s.ops
	}
	s.opsDone = true
	if !s.took() {
		return nil
	}
	for _, f := range s.facts {
		if f.Kind == chart.Procedure && c.engine.operates(f) {
			s.addFact(f)
		}
	}
	for _, d := range s.docs {
		if d.is("operative report", "brief operative") {
			s.addReport(d)
		}
	}
	return s.ops
}

// addFact adds an operation by its fact; those of one day are one.
func (s *stay) addFact(f *chart.Fact) {
	for i := range s.ops {
		if o := &s.ops[i]; !f.Effective.IsZero() && s.day(o.at).Equal(s.day(f.Effective)) {
			if !o.clock && !s.midnight(f.Effective) {
				o.at, o.clock = f.Effective, true
			}
			return
		}
	}
	o := operation{fact: f, at: f.Effective, clock: !f.Effective.IsZero() && !s.midnight(f.Effective)}
	s.ops = append(s.ops, o)
}

// addReport adds a report or brief note to the operation it tells of, or as one of
// its own.
func (s *stay) addReport(d *doc) {
	at, clock, stated := d.operated(s)
	o := s.operationOf(d, at, stated)
	if o == nil {
		n := operation{at: at, clock: clock}
		if !stated {
			n.at, n.latest, n.clock = d.WrittenAt, true, true
		}
		s.ops = append(s.ops, n)
		o = &s.ops[len(s.ops)-1]
	}
	if clock && !o.clock {
		o.at, o.clock = at, true
	}
	if d.kind == "operative report" {
		if o.report == nil {
			o.report = d
		}
		return
	}
	o.notes = append(o.notes, d)
}

// operationOf finds the operation a report tells of: that of the day it states, else
// the nearest before it was written.
func (s *stay) operationOf(d *doc, at time.Time, stated bool) *operation {
	var best *operation
	for i := range s.ops {
		o := &s.ops[i]
		switch {
		case d.kind == "operative report" && o.report != nil:
		case stated && !o.at.IsZero():
			if gap := s.day(o.at).Sub(s.day(at)); gap >= -day && gap <= day {
				return o
			}
		case d.WrittenAt.IsZero() || o.at.IsZero() || o.latest || s.day(o.at).After(s.day(d.WrittenAt)):
			if best == nil && (o.latest || o.at.IsZero()) {
				best = o
			}
		case best == nil || o.at.After(best.at):
			best = o
		}
	}
	return best
}

// operated is when a report says the operation was: its day, with the time of the
// incision where that is given.
func (d *doc) operated(s *stay) (at time.Time, clock, stated bool) {
	t := d.text
	for i := range t.tokens {
		k := t.tokens[i]
		if k.word != "date" || t.word(i+1) != "of" || !slices.Contains([]string{"operation", "procedure", "surgery", "service"}, t.word(i+2)) {
			continue
		}
		for j := i + 3; j < i+6 && j < len(t.tokens); j++ {
			if date, _, ok := t.dateAt(j); ok {
				at, stated = time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, s.zone), true
			}
		}
	}
	h, m, ok := d.incision()
	if !ok {
		return at, false, stated
	}
	if !stated {
		if d.WrittenAt.IsZero() {
			return at, false, false
		}
		local := d.WrittenAt.In(s.zone)
		at = time.Date(local.Year(), local.Month(), local.Day(), h, m, 0, 0, s.zone)
		if at.After(d.WrittenAt) {
			at = at.AddDate(0, 0, -1)
		}
		return at, true, true
	}
	return at.Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute), true, true
}

// incision is the time of day at which the operation began, where a report says so.
func (d *doc) incision() (hour, minute int, ok bool) {
	t := d.text
	for i := range t.tokens {
		switch t.tokens[i].word {
		case "incision", "start", "started", "began", "begun":
			for j := i + 1; j < i+4 && j < len(t.tokens); j++ {
				if h, m, found := t.clockAt(j); found && strings.Contains(t.tokens[j].word, ":") {
					return h, m, true
				}
			}
		}
	}
	return 0, 0, false
}

// operates says whether a procedure is an operation, by its code or name.
func (e *Engine) operates(f *chart.Fact) bool {
	name := plain(f.Display)
	for _, not := range e.operations["not"] {
		if within(not, name) {
			return false
		}
	}
	if code := strings.ToUpper(f.Code); len(code) == 7 && code[0] == '0' && !strings.Contains(code, ".") {
		return code[2] != 'W' && code[2] != '2' && code[2] != '9' && code[2] != 'H' && (code[4] == '0' || code[4] == '4' || code[4] == 'F')
	}
	for _, word := range e.operations["word"] {
		if within(word, name) {
			return true
		}
	}
	for w := range strings.FieldsSeq(name) {
		for _, ending := range e.operations["ending"] {
			if len(w) > len(ending) && strings.HasSuffix(w, ending) {
				return true
			}
		}
	}
	return false
}

// key tells one operation of a stay from another.
func (o operation) key() string {
	switch {
	case o.fact != nil:
		return o.fact.ID
	case o.report != nil:
		return o.report.ID
	case len(o.notes) > 0:
		return o.notes[0].ID
	}
	return ""
}

// papers are the documents that tell of the operation.
func (o operation) papers() []*doc {
	if o.report != nil {
		return append([]*doc{o.report}, o.notes...)
	}
	return o.notes
}

// rests adds what an operation is known by to a finding.
func (f Finding) rests(o operation) Finding {
	if o.fact != nil {
		f = f.fact(o.fact.ID)
	}
	if o.report != nil {
		return f.head(o.report)
	}
	for _, n := range o.notes {
		f = f.head(n)
	}
	return f
}
