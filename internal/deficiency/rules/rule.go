package rules

import (
	"strings"
	"time"

	"chartroom/internal/chart"
)

// Severity says how grave a finding is.
type Severity string

// The severities.
const (
	Error   Severity = "error"   // cannot be right, or the law asks for it
	Warning Severity = "warning" // probably wrong
	Info    Severity = "info"    // worth a look
)

// Remedy is what settles a finding.
type Remedy string

// The remedies.
const (
	Sign         Remedy = "sign"         // the author authenticates the document
	Dictate      Remedy = "dictate"      // the clinician writes what is missing
	Attest       Remedy = "attest"       // the attending co-signs or attests
	Amend        Remedy = "amend"        // the author corrects by a dated addendum
	Query        Remedy = "query"        // the clinician is asked which is right
	Obtain       Remedy = "obtain"       // a form or report is fetched and indexed
	Move         Remedy = "move"         // the document belongs to another record or encounter
	Withdraw     Remedy = "withdraw"     // the document or fact is marked as entered in error
	Registration Remedy = "registration" // what is known of the person is corrected
	Coverage     Remedy = "coverage"     // the insurance is corrected
	Encounter    Remedy = "encounter"    // the stay's times, state, attending or disposition is corrected
	Review       Remedy = "review"       // nothing mends it any more: it is noted and reported
)

// Settles says what settles a finding and who does it.
type Settles struct {
	Remedy Remedy
	Who    string // "responsible clinician", "registration", "health information" …
	How    string // in words: "Have the author sign it"
}

// Rule is one rule of the analysis.
type Rule struct {
	ID       string // "C01"; never given to another rule
	Name     string // "hp-missing"
	What     string // the condition in words
	Severity Severity
	Citation string
	Shows    string // the evidence it shows
	Settles  Settles
	Check    func(c *Case) []Finding
}

// Title is the rule's name in words, as lists show it.
func (r Rule) Title() string {
	words := strings.ReplaceAll(r.Name, "-", " ")
	if rest, ok := strings.CutPrefix(words, "hp "); ok {
		return "H&P " + rest
	}
	return words
}

// Completeness says whether the rule is about what a record lacks; the others are
// about what cannot be right.
func (r Rule) Completeness() bool { return r.ID[0] == 'C' }

// Span is half-open byte offsets into the text of a document of the case.
type Span struct {
	Document   int // index into Case.Documents
	Start, End int
}

// Finding is one fault of a record.
type Finding struct {
	Rule      string
	Severity  Severity
	Key       string // what it is about, the same for as long as its cause stands
	Record    string
	Encounter string       // "" where it belongs to none
	Says      string       // the fault in words; tells of the patient
	Spans     []Span       // the words it rests on
	Facts     []string     // ids of facts, encounters, coverages and registrations it rests on
	Documents []int        // documents it is about, also where no word of theirs is shown
	Absent    string       // what was looked for and is not there
	Since     time.Time    // when the cause arose
	Due       time.Time    // until when it is to be settled; zero where no clock runs
	Clinician chart.Author // who is to settle it, where that is a clinician
}

// Report is what an analysis found.
type Report struct {
	Findings []Finding
	Again    time.Time // when a clock next runs out that could change it; zero for none
}

// Settings are the thresholds of the rules. Requirements vary by state and by-law,
// so they are settings; Defaults are those of the Conditions of Participation.
type Settings struct {
	HistoryWithin    time.Duration // history and physical after admission: 24 h, 42 CFR 482.24(c)(4)(i)(A)
	HistoryOld       time.Duration // oldest history and physical that an update makes good: 30 days
	SummaryWithin    time.Duration // discharge summary after discharge, by-laws: 7 days
	CompleteWithin   time.Duration // whole record after discharge: 30 days, 42 CFR 482.24(c)(4)(vii)
	SignWithin       time.Duration // authentication after writing: 48 h
	OperativeWithin  time.Duration // operative report after the operation: 24 h ("immediately", 42 CFR 482.51(b)(6))
	PathologyWithin  time.Duration // pathology report after the operation: 14 days
	VisitNoteWithin  time.Duration // note of a visit: 3 days
	OrderSignWithin  time.Duration // authentication of a verbal order: 48 h
	OrderBefore      time.Duration // an order stands for results of so long after it: 7 days
	ProgressGap      int           // whole days without a provider's note that are let pass: 1
	AssessmentDay    int           // nursing facility: comprehensive assessment by day 14, 42 CFR 483.20(b)(2)(i)
	VisitEvery       time.Duration // nursing facility: visits in the first 90 days, 30 days and 10 of grace, 42 CFR 483.30(c)
	VisitEveryLater  time.Duration // afterwards: 60 days and 10 of grace
	PlaceholderAfter time.Duration // a placeholder's name may stand: 30 days
	OpenAfter        time.Duration // a stay may be open: 60 days …
	OpenSilent       time.Duration // … unless something was written within 14 days
	OutsideBefore    time.Duration // a document may be older than the admission: 24 h
	OutsideAfter     time.Duration // a document may be written after the end: 30 days
	CopiedShare      float64       // share of equal words that makes a copied note: .90
	WeightChange     float64       // share by which a weight may change within 7 days: .30
	MedicareAge      int           // 65
}

const day = 24 * time.Hour

// Defaults are the settings Chartroom comes with.
func Defaults() Settings {
	return Settings{
		HistoryWithin: day, HistoryOld: 30 * day, SummaryWithin: 7 * day, CompleteWithin: 30 * day, SignWithin: 2 * day,
		OperativeWithin: day, PathologyWithin: 14 * day, VisitNoteWithin: 3 * day, OrderSignWithin: 2 * day, OrderBefore: 7 * day,
		ProgressGap: 1, AssessmentDay: 14, VisitEvery: 40 * day, VisitEveryLater: 70 * day, PlaceholderAfter: 30 * day,
		OpenAfter: 60 * day, OpenSilent: 14 * day, OutsideBefore: day, OutsideAfter: 30 * day,
		CopiedShare: .90, WeightChange: .30, MedicareAge: 65,
	}
}
