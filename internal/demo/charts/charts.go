package charts

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"
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
	Documents   []Document
	Allergies   []Allergy
	Medications []Medication
	Results     []Result
	Gold        Gold
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
	}
	return ""
}

// Patient is who the chart is about.
type Patient struct {
	Family, Given, Middle string
	Sex                   string // "female" or "male"
	Born                  time.Time
	MRN                   string
	SSN                   string // always in a range that was never issued
	Address               Address
	Phone                 string
	Coverage              []Coverage // in order of priority
}

// Address is a postal address.
type Address struct{ Street, City, State, Postcode string }

// Coverage is one payer's promise; Priority 1 is primary.
type Coverage struct {
	Priority            int
	Payer, Plan, Member string
}

// Encounter is one stay or visit. Times are the hospital's wall clock, held in
// UTC because the charts cross no time zone.
type Encounter struct {
	Number      string
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
	born, on := c.Patient.Born, c.Encounter.Admit
	age := on.Year() - born.Year()
	if on.Month() < born.Month() || on.Month() == born.Month() && on.Day() < born.Day() {
		age--
	}
	return age
}

// Disposition is the patient discharge status (UB-04 form locator 17).
type Disposition struct{ Code, Text string }

// Attending is the clinician responsible for the encounter.
type Attending struct{ Name, NPI string }

// Document is one entry in the record. Text is exactly what the author wrote.
type Document struct {
	Type   string // discharge summary, operative note, …
	Author string // name and credential
	Role   string // physician, nurse, radiologist, …
	Time   time.Time
	Signed bool
	Text   string
}

// Allergy is one line of the allergy list.
type Allergy struct{ Substance, Reaction string }

// Medication is one line of a medication list; List is "home", "inpatient" or
// "discharge".
type Medication struct{ List, Name, Sig string }

// Result is one measured value.
type Result struct {
	Time                         time.Time
	Name, Value, Unit, Reference string
	Flag                         string // "", "H", "L", "A" (abnormal)
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
