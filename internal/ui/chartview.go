package ui

// Banner identifies a patient at the head of a page.
type Banner struct {
	Record    string
	Name      string
	Aliases   []string
	Sex       string
	Age       string
	BirthDate string
	Deceased  string
	MRN       string
	Others    []string // other identifiers, "SS ends 6789"
	Alerts    []string // allergies and what must not be missed
	Coverage  []string // payers in order
	Merged    []string // record numbers under the same person
	Encounter *EncounterLine
	Links     []Link
}

// Link is a button of the banner.
type Link struct {
	Label, Path, Key string
	Primary          bool
}

// EncounterLine is one stay or visit in words.
type EncounterLine struct {
	ID, Number, Setting, Status, Unit, From, To, Attending, Reason string
	Documents                                                      int
}

// Chart is the whole record as the page shows it.
type Chart struct {
	Banner     Banner
	Encounters []EncounterLine
	Documents  []DocumentLine
	Facts      []FactGroup
	Events     []TimelineEvent // newest first
	Filter     string          // id of the encounter the page is narrowed to, "" for all
	Findings   *Findings       // nil where the reader may not see them
}

// DocumentLine is a document in a list.
type DocumentLine struct {
	ID, Record, Type, Title, Author, Role, Written, Encounter string
	Signed, Withdrawn                                         bool
	Version                                                   int
	Sheets                                                    []SheetView // the pages of a scanned document, on its own page
	Findings                                                  *Findings   // of the page of a document
	Marks                                                     []TextMark  // words that findings rest on
}

// FactGroup is all facts of one kind.
type FactGroup struct {
	Kind  string
	Title string
	Rows  []FactLine
}

// FactLine is one fact in its newest version.
type FactLine struct {
	ID, Record, When, Code, System, Display, Value, Range, Flag, Status, Author string
	Version                                                                     int
	Withdrawn                                                                   bool
}

// TimelineEvent is one thing that happened.
type TimelineEvent struct {
	When, Kind, Text, Path, Sub string
	Visit                       bool
}

// VersionLine is one version of a fact.
type VersionLine struct {
	Number                        int
	At, By, Reason, Source, Entry string
	Withdrawn                     bool
	Fields                        []Field
}

// Field is one named value; Changed says that the version before had another.
type Field struct {
	Name, Value string
	Changed     bool
}
