package ccda

import "strings"

// Kind says what a clinical statement is about.
type Kind string

// The kinds of statement.
const (
	Problem       Kind = "problem"
	Allergy       Kind = "allergy"
	Medication    Kind = "medication"
	Immunization  Kind = "immunization"
	Result        Kind = "result"
	VitalSign     Kind = "vital sign"
	Procedure     Kind = "procedure"
	Visit         Kind = "encounter"
	SocialHistory Kind = "social history"
	FamilyHistory Kind = "family history"
	Payer         Kind = "payer"
	Planned       Kind = "planned"
	Other         Kind = "other"
)

// Entry is one clinical statement.
type Entry struct {
	Kind    Kind
	Section *Section
	IDs     []II
	Mood    string // EVN happened, INT intended, RQO asked for, GOL goal, …
	Negated bool   // it says that this is not so, or was not done
	Null    string
	Subject string // whom it is about, where that is not the patient
	Context string // what it stands in: "discharge diagnosis", "encounter diagnosis", …

	Code      CD // the problem, substance, drug, test, procedure, payer
	Assertion CD // of problems: what kind of statement it is
	Panel     CD // of results: the organizer's code
	Value     string
	Range     string
	Flag      string // interpretation; of allergies: severity or criticality
	Reactions []string
	Dose      string // of drugs: dose, route and how often
	Status    string
	Time      Interval
	Note      string // comments
	Author    Person
	Performer Person

	// Of payers.
	Member, Group, Plan, Relationship string
	Priority                          string

	d *Document
	e el
}

// Path is where the statement stands in the document.
func (e *Entry) Path() string { return e.e.path() }

// Line is the line that it begins on.
func (e *Entry) Line() int { return e.e.line() }

// Span is which bytes of the document, as it was given to Parse, it has. ok is
// false where the document was of another character set.
func (e *Entry) Span() (start, length int, ok bool) {
	n := e.e.node()
	return int(n.start) + e.d.shift, int(n.end - n.start), e.d.shift >= 0
}

// The templates of C-CDA by which statements are told apart: the last arc of
// 2.16.840.1.113883.10.20.22.4 (C-CDA R2.1, volume 2).
const templateArc = "2.16.840.1.113883.10.20.22.4."

var templateKinds = map[string]Kind{
	"4": Problem, "7": Allergy, "90": Allergy, "16": Medication, "52": Immunization, "2": Result, "69": Result,
	"27": VitalSign, "12": Procedure, "13": Procedure, "14": Procedure, "49": Visit, "38": SocialHistory, "78": SocialHistory,
	"85": SocialHistory, "200": SocialHistory, "109": SocialHistory, "111": SocialHistory, "501": SocialHistory, "503": SocialHistory,
	"504": SocialHistory, "46": FamilyHistory, "61": Payer, "39": Planned, "40": Planned, "41": Planned, "42": Planned,
	"43": Planned, "44": Planned, "120": Planned, "121": Planned,
}

// olderTemplates are those of CCD (C32) and of IHE PCC, which live documents
// still carry.
var olderTemplates = map[string]Kind{
	"2.16.840.1.113883.10.20.1.28": Problem, "2.16.840.1.113883.10.20.1.18": Allergy, "2.16.840.1.113883.10.20.1.24": Medication,
	"2.16.840.1.113883.10.20.1.31": Result, "2.16.840.1.113883.10.20.1.29": Procedure, "2.16.840.1.113883.10.20.1.21": Visit,
	"2.16.840.1.113883.10.20.1.33": SocialHistory, "2.16.840.1.113883.10.20.1.26": Payer, "1.3.6.1.4.1.19376.1.5.3.1.4.5": Problem,
	"1.3.6.1.4.1.19376.1.5.3.1.4.6": Allergy, "1.3.6.1.4.1.19376.1.5.3.1.4.7": Medication,
	"1.3.6.1.4.1.19376.1.5.3.1.4.12": Immunization, "1.3.6.1.4.1.19376.1.5.3.1.4.13.2": VitalSign,
	"1.3.6.1.4.1.19376.1.5.3.1.4.19": Procedure, "1.3.6.1.4.1.19376.1.5.3.1.4.14": Visit,
}

// contexts are the acts around problems, by the last arc of their template.
var contexts = map[string]string{
	"33": "discharge diagnosis", "34": "admission diagnosis", "80": "encounter diagnosis", "65": "preoperative diagnosis",
	"51": "postprocedure diagnosis",
}

// sectionKinds say what statements without a template are, by the section's
// LOINC code.
var sectionKinds = map[string]Kind{
	"11450-4": Problem, "11535-2": Problem, "46241-6": Problem, "10219-4": Problem, "59769-0": Problem, "11348-0": Problem,
	"48765-2": Allergy, "10160-0": Medication, "10183-2": Medication, "42346-7": Medication, "29549-3": Medication,
	"11369-6": Immunization, "30954-2": Result, "8716-3": VitalSign, "47519-4": Procedure, "46240-8": Visit,
	"29762-2": SocialHistory, "10157-6": FamilyHistory, "48768-6": Payer, "18776-5": Planned, "61146-7": Planned,
}

// clinical are the elements that are statements (CDA R2, clinicalStatement).
func clinical(name string) bool {
	switch name {
	case "act", "observation", "organizer", "procedure", "substanceAdministration", "supply", "encounter", "regionOfInterest", "observationMedia":
		return true
	}
	return false
}

// walker goes over the statements of one entry.
type walker struct {
	d       *Document
	section *Section
	yield   func(*Entry) bool
	found   int
}

// around is what the statements around one say for it.
type around struct {
	context, status, subject string
	panel                    CD
	time                     Interval
	author                   Person
	depth                    int
}

// entry goes over one entry; false ends the reading.
func (w *walker) entry(e el) bool {
	for s := range e.all() {
		if !clinical(s.name()) {
			continue
		}
		if !w.statement(s, around{subject: w.section.Subject}, "") {
			return false
		}
		if w.found == 0 && !w.rest(s) {
			return false
		}
	}
	return true
}

// statement reads one that is of a kind, or goes into it.
func (w *walker) statement(s el, a around, kind Kind) bool {
	known, context := w.kindOf(s)
	if kind == "" {
		kind = known
	}
	if context != "" {
		a.context = context
	}
	if about := relation(s.get("subject")); about != "" {
		a.subject = about
	}
	if kind != "" {
		w.found++
		if !w.yield(w.read(s, kind, a)) {
			return false
		}
		if kind != Visit && kind != Payer {
			return true // what lies within belongs to it
		}
	}
	if author := s.get("author"); author.there() {
		a.author = w.d.person(author)
	}
	switch s.name() {
	case "organizer":
		a.panel = w.d.cd(s.get("code"))
		if t := s.get("effectiveTime"); t.there() {
			a.time = w.d.read.interval(t)
		}
	case "act":
		a.status = s.get("statusCode").attr("code")
	}
	a.depth++
	for c := range s.all() {
		if c.name() != "entryRelationship" && c.name() != "component" {
			continue
		}
		for inner := range c.all() {
			if clinical(inner.name()) && !w.statement(inner, a, "") {
				return false
			}
		}
	}
	return true
}

// rest reads an entry in which nothing of a kind was found: by its section, or as
// it stands.
func (w *walker) rest(s el) bool {
	at := innermost(s)
	kind := bySection(sectionKinds[w.section.Code.Code], at.name())
	if kind == Other {
		at = s
	}
	entry := w.read(at, kind, around{subject: w.section.Subject})
	if kind == Other && entry.Code.Words() == "" && entry.Note == "" && entry.Value == "" {
		return true // it says nothing
	}
	return w.yield(entry)
}

// innermost follows acts and organizers down to the first statement that they are
// there for.
func innermost(s el) el {
	for s.name() == "act" || s.name() == "organizer" {
		inner := firstWithin(s)
		if !inner.there() {
			break
		}
		s = inner
	}
	return s
}

func firstWithin(s el) el {
	for c := range s.all() {
		if c.name() != "entryRelationship" && c.name() != "component" {
			continue
		}
		for inner := range c.all() {
			if clinical(inner.name()) {
				return inner
			}
		}
	}
	return el{}
}

// bySection is the kind of a statement without a template, by that of its section
// and its own element.
func bySection(section Kind, element string) Kind {
	switch {
	case section == Planned:
		return Planned
	case element == "substanceAdministration" && section != Immunization:
		return Medication
	case element == "procedure":
		return Procedure
	case element == "encounter":
		return Visit
	case section == SocialHistory, section == FamilyHistory:
		return section
	case section == Immunization && element == "substanceAdministration":
		return section
	case element == "observation" && (section == Problem || section == Allergy || section == Result || section == VitalSign):
		return section
	}
	return Other
}

// kindOf is what a statement's templates say it is, and what context it makes.
func (w *walker) kindOf(s el) (kind Kind, context string) {
	for t := range s.each("templateId") {
		root := t.attr("root")
		arc, current := strings.CutPrefix(root, templateArc)
		if !current {
			if k, ok := olderTemplates[root]; ok && kind == "" {
				kind = k
			}
			continue
		}
		if k := templateKinds[arc]; k != "" {
			kind = k
		}
		if c := contexts[arc]; c != "" {
			context = c
		}
	}
	if kind == Procedure && s.name() == "act" && context != "" {
		kind = ""
	}
	return kind, context
}
