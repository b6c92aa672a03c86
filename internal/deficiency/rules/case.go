package rules

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"chartroom/internal/chart"
)

// Case is one person's record as the chart keeps it: the newest version of
// everything under all records of the person, documents with their texts. What is
// withdrawn may stand in it and is passed over.
type Case struct {
	Registrations []chart.Patient
	Coverages     []chart.Coverage
	Encounters    []chart.Encounter
	Facts         []chart.Fact // of every kind, allergies too
	Documents     []chart.Document
	Now           time.Time
	Settings      Settings

	engine *Engine
	rule   Rule
	found  []Finding
	again  time.Time

	newly   map[string]bool    // conditions, whether the record says that they are new
	orderOf map[[2]string]bool // names of an order and a result, whether one explains the other

	stays  []*stay
	docs   []*doc
	births time.Time // the person's birth date, zero where it is not known to the day
	year   int       // of birth, 0 unknown
	sex    string
	died   time.Time // day of death by the registration, zero for none
}

// Kind is what a document is, whatever its title.
type Kind string

// doc is a document with what the rules ask of it.
type doc struct {
	*chart.Document
	index int
	kind  Kind
	role  string // class of roles.txt, "" unknown
	text  *text
	stay  *stay

	heads  bool    // labels and called are worked out
	labels []named // record numbers
	called []named // names
}

// stay is an encounter with what belongs to it.
type stay struct {
	*chart.Encounter
	index int
	zone  *time.Location
	docs  []*doc // in order of time, undated first
	facts []*chart.Fact

	ops     []operation
	opsDone bool
}

// prepare sorts the case for the rules.
func (c *Case) prepare(e *Engine) {
	c.engine = e
	if c.Settings == (Settings{}) {
		c.Settings = Defaults()
	}
	c.person()
	byID := map[string]*stay{}
	for i := range c.Encounters {
		enc := &c.Encounters[i]
		if enc.Withdrawn {
			continue
		}
		s := &stay{Encounter: enc, index: i, zone: e.zone(enc.Zone)}
		byID[enc.ID] = s
		c.stays = append(c.stays, s)
	}
	for i := range c.Documents {
		d := &c.Documents[i]
		if d.Withdrawn {
			continue
		}
		k := &doc{Document: d, index: i, text: parse(beginning(d.Text)), stay: byID[d.Encounter]}
		e.words.find(k.text)
		k.kind, k.role = e.kindOf(d, k.text), e.roleOf(d.Author)
		c.docs = append(c.docs, k)
	}
	slices.SortStableFunc(c.docs, func(a, b *doc) int { return a.WrittenAt.Compare(b.WrittenAt) })
	for _, d := range c.docs {
		if d.stay != nil {
			d.stay.docs = append(d.stay.docs, d)
		}
	}
	for i := range c.Facts {
		if f := &c.Facts[i]; !f.Withdrawn && byID[f.Encounter] != nil {
			s := byID[f.Encounter]
			s.facts = append(s.facts, f)
		}
	}
}

// maxRead is how much of a document's text is read, in bytes: what matters stands
// before, and a text of many megabytes is no note.
const maxRead = 256 << 10

func beginning(s string) string {
	if len(s) <= maxRead {
		return s
	}
	n := maxRead
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func (c *Case) person() {
	for _, p := range c.Registrations {
		if p.Withdrawn {
			continue
		}
		if born, err := time.Parse(time.DateOnly, p.BirthDate); err == nil && c.births.IsZero() {
			c.births = born
		}
		if year, err := time.Parse("2006", p.BirthDate[:min(4, len(p.BirthDate))]); err == nil && c.year == 0 {
			c.year = year.Year()
		}
		if c.sex == "" || c.sex == "unknown" {
			c.sex = p.Sex
		}
		if died, err := time.Parse(time.DateOnly, p.Deceased[:min(10, len(p.Deceased))]); err == nil && c.died.IsZero() {
			c.died = died
		}
	}
}

// kindOf is what a document is by its type, its title or its first words.
func (e *Engine) kindOf(d *chart.Document, t *text) Kind {
	for _, name := range []string{d.Type, d.Title} {
		if name == "" {
			continue
		}
		if k := classOf(&e.kinds, wordsOf(name)); k != "" {
			return Kind(k)
		}
	}
	if general(d.Type) && len(t.tokens) > 0 {
		_, to := t.lineOf(0)
		if to > maxHeading {
			return ""
		}
		return Kind(classOf(&e.kinds, strings.Fields(t.words(0, to))))
	}
	return ""
}

// general says whether a type says nothing: scanned, dictated or plain documents.
func general(kind string) bool {
	switch plain(kind) {
	case "", "document", "note", "scan", "scanned document", "dictation", "transcription", "report", "clinical document":
		return true
	}
	return false
}

func (e *Engine) roleOf(a chart.Author) string {
	if class := classOf(&e.roles, wordsOf(a.Role)); class != "" {
		return class
	}
	if _, credential, ok := strings.Cut(a.Name, ","); ok {
		return classOf(&e.roles, wordsOf(credential))
	}
	return ""
}

// inTraining is the class of residents, interns and fellows.
const inTraining = "resident"

// provider says whether a document is by somebody who treats the patient and
// answers for it.
func (d *doc) provider() bool {
	switch d.role {
	case "physician", "practitioner", inTraining, "dentist", "anesthetist":
		return true
	case "": // not said: by the kind
		switch d.kind {
		case "progress", "history and physical", "consultation", "discharge summary", "operative report", "emergency note", "visit", "facility visit",
			"facility admission", "facility summary", "death summary", "newborn history", "brief operative":
			return true
		}
	}
	return false
}

func (d *doc) is(kinds ...Kind) bool { return slices.Contains(kinds, d.kind) }

// inpatient and the like say what a stay is; those cancelled or planned are none.
func (s *stay) inpatient() bool { return s.Setting == chart.Inpatient && s.took() }
func (s *stay) facility() bool  { return s.Setting == chart.NursingFacility && s.took() }
func (s *stay) took() bool {
	return s.Status != "cancelled" && s.Status != "planned" && !s.Start.IsZero()
}

// over says whether the stay has ended.
func (s *stay) over() bool { return !s.End.IsZero() }

// until is the end of the stay, or now.
func (s *stay) until(now time.Time) time.Time {
	if s.over() {
		return s.End
	}
	return now
}

// written gives the documents of the stay that are of one of the kinds.
func (s *stay) written(kinds ...Kind) []*doc {
	var out []*doc
	for _, d := range s.docs {
		if d.is(kinds...) {
			out = append(out, d)
		}
	}
	return out
}

// day is the calendar day of an instant where the stay was.
func (s *stay) day(t time.Time) time.Time {
	y, m, d := t.In(s.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// midnight says whether only a day was given: midnight where the stay was, or UTC.
func (s *stay) midnight(t time.Time) bool {
	local := t.In(s.zone)
	return local.Hour() == 0 && local.Minute() == 0 || t.UTC().Hour() == 0 && t.UTC().Minute() == 0
}

// birth says whether the stay is that in which the person was born.
func (c *Case) birth(s *stay) bool {
	if c.births.IsZero() || s.Start.IsZero() {
		return false
	}
	gap := s.day(s.Start).Sub(c.births)
	return gap >= -day && gap <= day
}

// ageAt is the age in whole years at an instant, and whether it is known to the day.
func (c *Case) ageAt(t time.Time) (years int, ok bool) {
	if c.births.IsZero() || t.IsZero() {
		return 0, false
	}
	return chart.YearsOld(c.births, t), true
}

// wait has the case looked at again at an instant, if it lies ahead. It says
// whether the instant has come.
func (c *Case) wait(at time.Time) (come bool) {
	if !at.After(c.Now) {
		return true
	}
	if c.again.IsZero() || at.Before(c.again) {
		c.again = at
	}
	return false
}

// keep stores a finding with what its rule says of it.
func (c *Case) keep(f Finding) {
	f.Rule = c.rule.ID
	if f.Severity == "" {
		f.Severity = c.rule.Severity
	}
	if f.Record == "" {
		f.Record = c.recordOf(f)
	}
	for _, s := range f.Spans {
		if !slices.Contains(f.Documents, s.Document) {
			f.Documents = append(f.Documents, s.Document)
		}
	}
	f.Key = c.rule.ID + "/" + f.Key
	if slices.ContainsFunc(c.found, func(g Finding) bool { return g.Key == f.Key }) {
		return
	}
	c.found = append(c.found, f)
}

func (c *Case) recordOf(f Finding) string {
	switch {
	case len(f.Spans) > 0:
		return c.Documents[f.Spans[0].Document].Record
	case len(f.Documents) > 0:
		return c.Documents[f.Documents[0]].Record
	case len(c.Registrations) > 0:
		return c.Registrations[0].Record
	}
	return ""
}

// gave says whether a rule has found something in a document already.
func (c *Case) gave(rule string, document int) bool {
	return slices.ContainsFunc(c.found, func(f Finding) bool { return f.Rule == rule && slices.Contains(f.Documents, document) })
}

// at begins a finding about a stay.
func (s *stay) at(says string) Finding {
	return Finding{
		Key: s.ID, Record: s.Record, Encounter: s.ID, Says: says, Facts: []string{s.ID}, Since: s.Start, Clinician: s.Attending,
	}
}

// at begins a finding about a document.
func (d *doc) at(says string) Finding {
	f := Finding{Key: d.ID, Record: d.Record, Encounter: d.Encounter, Says: says, Documents: []int{d.index}, Since: d.WrittenAt, Clinician: d.Author}
	if f.Clinician.Role == "" && d.stay != nil && f.Clinician.Name == "" {
		f.Clinician = d.stay.Attending
	}
	return f
}

// show adds words of a document to a finding.
func (f Finding) show(d *doc, from, to int) Finding {
	if to > len(d.text.tokens) {
		to = len(d.text.tokens)
	}
	if from < 0 || from >= to {
		return f
	}
	start, end := d.text.bytes(from, to)
	f.Spans = append(slices.Clip(f.Spans), Span{d.index, start, end})
	return f
}

// head shows the first words of a document.
func (f Finding) head(d *doc) Finding {
	if len(d.text.tokens) == 0 {
		return f
	}
	_, to := d.text.sentenceOf(0)
	return f.show(d, 0, min(max(to, 2), 8))
}

// fact adds facts a finding rests on.
func (f Finding) fact(ids ...string) Finding {
	f.Facts = append(slices.Clip(f.Facts), ids...)
	return f
}

// about adds to what a finding is about.
func (f Finding) about(key string) Finding {
	f.Key += "/" + key
	return f
}

// lacks says what was looked for and is not there.
func (f Finding) lacks(what string) Finding {
	f.Absent = what
	return f
}

// clock says since when and until when.
func (f Finding) clock(since, due time.Time) Finding {
	f.Since, f.Due = since, due
	return f
}

func (f Finding) of(a chart.Author) Finding {
	f.Clinician = a
	return f
}

func codeIn(code string, prefixes []string) bool {
	code = strings.ToUpper(strings.ReplaceAll(code, ".", ""))
	return code != "" && slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(code, p) })
}
