package ui

// IncomingViews are the lists of the room Incoming, in the order of their tabs.
var IncomingViews = []Room{
	{Name: "Scans", Path: "/incoming"}, {Name: "Indexed", Path: "/incoming/indexed"}, {Name: "Misfiles", Path: "/incoming/misfiles"},
	{Name: "Discharges", Path: "/incoming/discharges"}, {Name: "Paper", Path: "/incoming/paper"},
}

// ScanRow is a scan of which pages wait.
type ScanRow struct {
	Scan, Name      string
	Pages, Waiting  int
	Arrived         string
	Clock           string // "3 days late", "due today"
	Late, Soon      bool
	Who             string // who has it
	Drafted, Unread bool   // something was typed for it; the words of its pages are not read yet
}

// IndexedRow is a document made at the desk.
type IndexedRow struct {
	Document, Type, Patient, MRN, Written, At, By, State string
	Sheets                                               int
}

// IndexedList is what was indexed in a span of days.
type IndexedList struct {
	Rows        []IndexedRow
	First, Last string
	Mine        bool
}

// MisfileRow is a document that lay in the wrong place, with both ends.
type MisfileRow struct {
	ID, Type, Reason, Note           string
	From, FromMRN, FromVisit         string
	To, ToMRN, ToVisit               string
	FromRecord, ToRecord, ToDocument string
	FiledBy, FiledAt                 string
	MovedBy, MovedAt                 string
	Sheets                           string // "2 of its pages", "the document"
	Undone                           string // "undone 2026-09-30 by …", "" while it stands
}

// FilerRow counts a person's work at the desk.
type FilerRow struct {
	Name              string
	Indexed, Misfiled int
	Rate              string // misfiled of indexed
}

// MisfileList is what was misfiled in a span of days.
type MisfileList struct {
	Rows        []MisfileRow
	Filers      []FilerRow
	First, Last string
	Mine        bool
	Withheld    int
	CSV         string
	MayUndo     bool
}

// DischargeListRow is one list among the lists.
type DischargeListRow struct {
	ID, Days, Source, Made, By string
	Counts                     DischargeCounts
}

// DischargeCounts are the counts of a reconciliation.
type DischargeCounts struct {
	Lines, Here, Incomplete, Differs, Absent, Twice, Rejected int
	Encounters, OnList, Unlisted, Open                        int
}

// DischargeLists is the page of all lists with the form for a new one.
type DischargeLists struct {
	Rows  []DischargeListRow
	Today string
	Fault string
	Typed string // what was pasted, kept where it could not be used
}

// DischargeRow is one line of a list.
type DischargeRow struct {
	Number                        int
	Account, MRN, Name, Day, Unit string
	State, What                   string // state for the eye, and in words
	Record, Encounter             string
	Missing                       string
	Open                          bool
	Settled                       string
	Class                         string // badge
	Listed                        bool   // false for encounters that are not on the list
}

// DischargeList is one list held against the records.
type DischargeList struct {
	ID, Days, Made, Matched, Source string
	Counts                          DischargeCounts
	Rows                            []DischargeRow
	Show                            string // "open" or "all"
	Reasons                         []string
	MayWork                         bool
}

// VolumeRow is a volume of paper.
type VolumeRow struct {
	ID, Patient, MRN, Record, Contents, Place, To, For, Due, Clock, Since, State, Asked string
	Number                                                                              int
	Late, Soon                                                                          bool
}

// PaperPage is a list of volumes.
type PaperPage struct {
	Rows  []VolumeRow
	Show  string
	May   bool // register, sign out, take back
	Fault string
}

// VolumeView is one volume with its history.
type VolumeView struct {
	VolumeRow
	Barcode string
	Version int
	History []VolumeEvent
	May     bool
	Due     string // proposed day back
	Fault   string
}

// VolumeEvent is one line of a volume's history.
type VolumeEvent struct{ What, At, By, Text, Due string }

// FiledView is a document at the desk.
type FiledView struct {
	Document, Record, Type, Patient, MRN, BirthDate string
	Visit, Written, Author, FiledBy, FiledAt        string
	Version, Sheets                                 int
	Signed, Withdrawn, May                          bool
	Chart                                           string // address of it in the chart
	Others                                          []OtherDocument
	Reasons                                         []string
	Moves                                           []MisfileRow
	Text                                            string // of a document without sheets
}

// OtherDocument can be joined.
type OtherDocument struct {
	ID, Label string
	Version   int
}

// Bar is one bar of a barcode: where it begins and how wide it is, in modules.
type Bar struct{ X, Width int }
