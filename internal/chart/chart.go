// Package chart keeps the medical record: patients, coverage, encounters,
// diagnoses, procedures, medications, results and documents.
//
// What always holds: a clinical fact is never changed in place or deleted; a
// new version supersedes it, with who, when and why. A fact never moves from
// the record it arrived under; package identity maps records to persons. Every
// fact names the message that brought it, or the audit entry that entered it by
// hand. Documents and direct identifiers are sealed under the record's key.
package chart

import "time"

// Source says where a fact came from: the message whose bytes are kept and the
// place in it, or, where Message is "", the audit entry Entry alone (typed in).
type Source struct {
	Message string // intake message id
	Path    string // place in it: "entry[12]", "OBX[3]"
	Entry   string // audit entry of the action that stored this version
}

// Version is the part all facts have in common.
type Version struct {
	ID         string // the fact, the same over its versions
	Number     int    // 1, 2, …; the newest stands
	Record     string // record the fact arrived under; never changes
	Encounter  string // "" where it belongs to none
	RecordedAt time.Time
	RecordedBy string // actor id
	Reason     string // why this version supersedes the one before; "" for the first
	Withdrawn  bool   // entered in error, cancelled
	Source     Source
}

// Name is a person's name in parts.
type Name struct {
	Family, Given, Middle, Prefix, Suffix string
	Use                                   string // of an alias: "maiden", "nickname", "former", "other script"; "" where it was not said
}

// Identifier is a number somebody assigned.
type Identifier struct {
	Kind     string // "MR", "SS", "DL", "PPN", "AN" … (HL7 table 0203)
	Assigner string // who assigned it: facility, authority or system URI
	Value    string
}

// Patient is the registration of one record: its identifiers and demographics.
type Patient struct {
	Version
	Person      string // from the identity map, now
	Name        Name
	Aliases     []Name
	BirthDate   string // YYYY-MM-DD, or YYYY-MM, YYYY where that is all that is known
	Sex         string // "female", "male", "other", "unknown"
	Identifiers []Identifier
	Address     []Address
	Phones      []string
	Email       string
	Language    string
	Deceased    string // date as BirthDate, DiedUnknown, or ""
	Marital     string
	Race        string
	Ethnicity   string
}

// YearsOld is the age in completed years, at an instant, of who was born on a day.
func YearsOld(born, at time.Time) int {
	years := at.Year() - born.Year()
	if at.Month() < born.Month() || at.Month() == born.Month() && at.Day() < born.Day() {
		years--
	}
	return years
}

// RecordNumber is the medical record number, "" where the record has none.
func (p Patient) RecordNumber() string {
	for _, id := range p.Identifiers {
		if id.Kind == "MR" {
			return id.Value
		}
	}
	return ""
}

// Address is a postal address.
type Address struct {
	Line                           []string
	City, State, Postcode, Country string
}

// Coverage is one insurance of the patient.
type Coverage struct {
	Version
	Payer, Plan, Member, Group string
	Priority                   int    // 1 primary, 2 secondary …; 0 unknown
	From, To                   string // YYYY-MM-DD or ""
	Relationship               string // of the patient to the subscriber
}

// Setting says by which rules an encounter is coded and paid.
type Setting string

// The settings.
const (
	Inpatient       Setting = "inpatient"
	Outpatient      Setting = "outpatient"
	Emergency       Setting = "emergency" // coded as outpatient
	Professional    Setting = "professional"
	NursingFacility Setting = "nursing_facility"
)

// Encounter is one stay or visit.
type Encounter struct {
	Version
	Number      string // account or visit number, as the facility writes it
	Setting     Setting
	Status      string // "planned", "in-progress", "finished", "cancelled"
	Unit        string
	Service     string
	Start, End  time.Time // admission and discharge; zero where unknown
	Zone        string    // IANA time zone of the facility
	Disposition string    // patient discharge status number (UB-04 FL 17), "" unknown
	Attending   Author
	ReasonText  string // chief complaint or reason for visit, as received
}

// Author is who wrote or performed something, with the role that decides what
// they may state (ICD-10-CM Guidelines I.B.14).
type Author struct {
	ID   string // NPI or local number
	Name string
	Role string // "attending", "surgeon", "resident", "nurse", "radiologist", "pathologist", "dietitian", "therapist" …
}

// Fact is a diagnosis, procedure, medication, allergy, immunization or result
// as it was received.
type Fact struct {
	Version
	Kind      FactKind
	System    string // code system as received: URI or HL7 name
	Code      string
	Display   string
	Value     string // results: value with unit; medications: dose and route; diagnoses: "principal" if it was sent as that
	Range     string // results: reference range
	Flag      string // results: abnormal flag; diagnoses: present on admission, as sent
	Status    string // as received
	Note      string // comment sent with it
	Effective time.Time
	Ended     time.Time
	Author    Author
}

// FactKind says what a Fact is.
type FactKind string

// The kinds of fact.
const (
	Diagnosis    FactKind = "diagnosis"
	Procedure    FactKind = "procedure"
	Medication   FactKind = "medication"
	Allergy      FactKind = "allergy"
	Immunization FactKind = "immunization"
	Result       FactKind = "result"
	Order        FactKind = "order" // what a clinician asked for: a test, an image, a treatment
	Other        FactKind = "other" // kept and shown, not understood further
)

// Document is a text (or scan) of the record.
type Document struct {
	Version
	Type      string // "discharge summary", "operative note", "nursing note" …
	Title     string
	Author    Author
	WrittenAt time.Time
	Signed    bool
	SignedAt  time.Time
	MediaType string // "text/plain"; of other types Text is the rendering that evidence points into
	Sheets    []Sheet
	Text      string // UTF-8
}

// Sheet is one page of a scanned document: which page of which scan it shows,
// how it is turned, and where its words stand in the document's text.
type Sheet struct {
	Scan  string `json:"s"`           // scan as it was received; its bytes never change
	Page  int    `json:"p"`           // page of it, from 1
	Turn  int    `json:"t,omitempty"` // clockwise, to be read upright: 0, 90, 180, 270
	Start int    `json:"a"`           // bytes of Document.Text, half open
	End   int    `json:"z"`
}

// Evidence ties a statement to the words it rests on: half-open byte offsets
// into the UTF-8 text of one version of one document, and an HMAC of those
// bytes under the record's key, so that a later change is seen.
type Evidence struct {
	Document  string `json:"document"`
	Version   int    `json:"version"`
	Rendering string `json:"rendering,omitempty"` // "" the text itself
	Start     int    `json:"start"`
	End       int    `json:"end"`
	Page      int    `json:"page,omitempty"`   // scans: page from 1
	Region    string `json:"region,omitempty"` // scans: x,y,w,h in thousandths of the page
	MAC       []byte `json:"mac"`
}
