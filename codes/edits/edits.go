// Package edits checks a coded encounter against the rules of the
// classification: valid and complete codes, Excludes1, sequencing of
// manifestations, sex and age, present on admission, and whether the author of
// the words may state the diagnosis.
//
// What always holds: a Finding names its rule, its severity, the codes it is
// about and the guideline it rests on. An error says that the coding is wrong
// whatever the record holds; a warning says that a person must look; neither is
// raised from an instructional note that is older than the code set: such a note
// only warns. The package reads no clock and keeps nothing.
package edits

import (
	"cmp"
	"slices"
	"time"

	"chartroom/codes/codeset"
)

// Severity says what a finding does to finalising.
type Severity string

// The severities. An Error blocks, a Warning does not, an Info only tells.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Finding is one thing wrong, or to be looked at, in a coded encounter.
type Finding struct {
	Rule     string   `json:"rule"` // stable name, such as "excludes1"
	Severity Severity `json:"severity"`
	Codes    []string `json:"codes"` // written forms, the offending one first
	Message  string   `json:"message"`
	Cite     string   `json:"cite"` // guideline section, or the note with its edition
}

// Setting decides which rules bind (Guidelines, Sections II to IV).
type Setting string

// The settings, as the batch commands write them.
const (
	Inpatient       Setting = "inpatient"
	Outpatient      Setting = "outpatient"
	Professional    Setting = "professional"
	NursingFacility Setting = "nursing_facility"
)

// Encounter is a coded stay or visit. The first of Dx is the principal or
// first-listed diagnosis.
type Encounter struct {
	Setting         Setting // "" is inpatient
	Admit           time.Time
	Discharge       time.Time
	Age             int    // completed years at admission; negative if unknown
	Sex             string // "female", "male" (or F, M); anything else is unknown
	DischargeStatus string // UB-04 form locator 17
	Dx              []Diagnosis
	Px              []Procedure
}

// Diagnosis is one assigned diagnosis code.
type Diagnosis struct {
	Code string
	POA  string // Y, N, U, W, 1 (exempt) or "" (Guidelines, Appendix I)
	// Statements are the words it rests on. nil means that the caller has no
	// record to show, and what depends on it is not checked; empty means none.
	Statements []Statement
}

// Procedure is one assigned procedure code.
type Procedure struct {
	Code       string
	Date       time.Time // zero if not given
	Statements []Statement
}

// Statement says who wrote the words that a code rests on.
type Statement struct {
	AuthorRole   string // "attending", "nurse", "radiologist" …; "" unknown
	DocumentType string // "discharge summary", "nursing note" …
	Signed       bool
}

// Sets are the editions to check against; PCS may be nil where no procedures
// are coded in it.
type Sets struct{ CM, PCS *codeset.Set }

// Check returns the findings, errors first, otherwise in the order of the
// codes. A nil answer means that nothing was found.
func Check(sets Sets, e Encounter) []Finding {
	c := &checker{sets: sets, enc: e}
	c.diagnoses()
	c.procedures()
	c.excludes1()
	c.sequence()
	c.presentOnAdmission()
	c.person()
	c.statements()
	slices.SortStableFunc(c.found, func(a, b Finding) int { return cmp.Compare(a.Severity.rank(), b.Severity.rank()) })
	return c.found
}

func (s Severity) rank() int {
	switch s {
	case Error:
		return 0
	case Warning:
		return 1
	default:
		return 2
	}
}

// Blocking reports whether any of the findings is an error.
func Blocking(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == Error })
}

type checker struct {
	sets  Sets
	enc   Encounter
	dx    []known // those of enc.Dx that exist in the edition
	found []Finding
}

// known is a diagnosis that the edition has, with its place in the sequence.
type known struct {
	codeset.Code

	at int
}

func (c *checker) add(f Finding) { c.found = append(c.found, f) }

func (c *checker) inpatient() bool {
	return c.enc.Setting == Inpatient || c.enc.Setting == ""
}
