package charts

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"chartroom/internal/chart"
)

//go:embed data/*.chart data/staff.txt
var data embed.FS

// Chart is one encounter of one patient with its documents and its gold codes.
type Chart struct {
	ID       string // as in the file name: c01-sepsis-uti
	Title    string
	Category Category
	Point    string // what the chart is there to try

	Patient     Patient
	Encounter   Encounter
	More        []Encounter // further encounters of the same person
	Documents   []Document  // of all encounters, those of one in order of time
	Allergies   []Allergy
	Medications []Medication
	Results     []Result
	Orders      []Order
	Procedures  []Procedure
	Diagnoses   []Diagnosis
	Gold        Gold
	Planted     []Planted // none: the record is sound
}

// Encounters are all encounters of the chart: a Stay counts into them. Each has
// its category.
func (c Chart) Encounters() []Encounter {
	out := append([]Encounter{c.Encounter}, c.More...)
	for i := range out {
		if out[i].Category == "" {
			out[i].Category = c.Category
		}
	}
	return out
}

// Has says whether an error of the rule was planted in the chart.
func (c Chart) Has(rule string) bool {
	return slices.ContainsFunc(c.Planted, func(p Planted) bool { return p.Rule == rule })
}

// Category is the door by which the patient came to be treated.
type Category string

// The categories of charts.
const (
	Inpatient Category = "inpatient"
	Emergency Category = "emergency"
	Surgery   Category = "surgery" // outpatient surgery and endoscopy
	Clinic    Category = "clinic"
	Nursing   Category = "nursing" // the attached nursing facility

	// Registration is a second registration of somebody: a record without an
	// encounter. It is no way to be treated and has no setting.
	Registration Category = "registration"
)

// Categories lists every category, in the order a reader expects them.
func Categories() []Category {
	return []Category{Inpatient, Emergency, Surgery, Clinic, Nursing}
}

// Setting is the set of coding rules that binds an encounter of the category:
// "inpatient", "outpatient", "professional" or "nursing_facility".
func (c Category) Setting() string {
	switch c {
	case Inpatient:
		return "inpatient"
	case Clinic:
		return "professional"
	case Nursing:
		return "nursing_facility"
	case Emergency, Surgery:
		return "outpatient"
	case Registration:
	}
	return ""
}

// Patient is who the chart is about.
type Patient struct {
	Name
	Also     []Name // maiden name, name in another script, nickname
	Sex      string // "female" or "male"
	Born     time.Time
	Died     time.Time // zero while alive
	MRN      string
	SSN      string // always in a range that was never issued
	Address  Address
	Phone    string
	Coverage []Coverage // in order of priority
}

// Name is a person's name in parts.
type Name struct{ Family, Given, Middle string }

// Address is a postal address.
type Address struct{ Street, City, State, Postcode string }

// Coverage is one payer's promise; Priority 1 is primary. From and To are days,
// both included, zero where nobody knows.
type Coverage struct {
	Priority            int
	Payer, Plan, Member string
	From, To            time.Time
}

// Encounter is one stay or visit. Times are the hospital's wall clock, held in
// UTC because the charts cross no time zone.
type Encounter struct {
	Number      string
	Category    Category // "" in Chart.Encounter: the chart's
	Status      string   // "cancelled", "planned"; "" follows from the times
	Unit        string
	Admit       time.Time
	Discharge   time.Time // zero while the patient is still there
	Disposition Disposition
	Attending   Attending
}

// Date is the day that decides the edition of the code sets: discharge for an
// inpatient, the day of service otherwise.
func (c Chart) Date() time.Time {
	if c.Category == Inpatient && !c.Encounter.Discharge.IsZero() {
		return c.Encounter.Discharge
	}
	return c.Encounter.Admit
}

// Age is the patient's age in whole years on the day of admission.
func (c Chart) Age() int {
	return chart.YearsOld(c.Patient.Born, c.Encounter.Admit)
}

// Disposition is the patient discharge status (UB-04 form locator 17).
type Disposition struct{ Code, Text string }

// Attending is the clinician responsible for the encounter.
type Attending struct{ Name, NPI string }

// Document is one entry in the record. Text is exactly what the author wrote.
type Document struct {
	Stay     int       // index into Chart.Encounters
	Type     string    // discharge summary, operative note, …
	Author   string    // name and credential
	Role     string    // physician, nurse, radiologist, …
	Time     time.Time // zero: undated
	Signed   bool
	SignedAt time.Time // Time where nothing else is said
	Text     string
}

// Allergy is one line of the allergy list.
type Allergy struct{ Substance, Reaction string }

// Medication is one line of a medication list; List is "home", "inpatient" or
// "discharge".
type Medication struct {
	Stay            int
	List, Name, Sig string
}

// Result is one measured value.
type Result struct {
	Stay                         int
	Time                         time.Time
	Name, Value, Unit, Reference string
	Flag                         string // "", "H", "L", "A" (abnormal)
}

// Order is what a clinician asked for.
type Order struct {
	Stay     int
	Time     time.Time
	What, By string
	How      string    // "" entered by the author, "verbal", "telephone"
	SignedAt time.Time // of a verbal or telephone order; zero: not authenticated
}

// Procedure is something done to the patient, as an interface sends it.
type Procedure struct {
	Stay     int
	Time     time.Time
	What, By string
}

// Diagnosis is a line of the problem list, or a final diagnosis of an encounter.
type Diagnosis struct {
	Stay  int
	List  string // "problem", "final"
	Since time.Time
	What  string
}

// Planted is an error that was put into a chart on purpose.
type Planted struct {
	Rule  string // id of the rule of deficiency analysis that must find it: "C05", "A03"
	What  string
	Words []Quote // that the finding shows; none where something is absent or is no document's
}

// Gold is what a careful coder would report, and what a careless one would.
type Gold struct {
	Diagnoses  []GoldCode // principal or first-listed first
	Procedures []GoldCode // ICD-10-PCS, inpatient only
	May        []GoldCode // right if reported, not required
	Not        []GoldCode // tempting and wrong, with the reason
	Queries    []GoldQuery
}

// GoldCode is one code with its justification.
type GoldCode struct {
	Code  string
	POA   string    // Y, N, U, W, "-" where exempt; empty for other than inpatient
	Date  time.Time // procedures only
	Why   string    // index path, table, or guideline section
	Words []Quote
}

// GoldQuery is a question that the record leaves open for its author.
type GoldQuery struct {
	About string
	Ask   string
	Words []Quote
}

// Quote is exact words of a document; Start and End are byte offsets into its
// text, half open.
type Quote struct {
	Document   int // index into Chart.Documents
	Text       string
	Start, End int
}

// All returns every chart, in the order of their names.
func All() ([]Chart, error) {
	names, err := fs.Glob(data, "data/*.chart")
	if err != nil {
		return nil, fmt.Errorf("charts: %w", err)
	}
	var out []Chart
	var errs []error
	for _, name := range names {
		text, err := data.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("charts: %w", err)
		}
		c, err := Parse(path.Base(name), string(text))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, c)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return out, nil
}

// Morning is when the demo's department comes to work: the day after its last.
// It is written as the hospital's wall clock, like all times of the charts.
func Morning() time.Time { return time.Date(2026, 10, 1, 6, 0, 0, 0, time.UTC) }
