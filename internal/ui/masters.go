package ui

// Masters is the page of one kind of master: its entries, what is proposed, and
// the forms to add and to import.
type Masters struct {
	Tabs      []MasterTab
	Title     string // "Providers"
	Noun      string // "provider"
	Path      string // "/masters/providers"
	Query     string
	Ended     bool // entries that are ended or merged are shown as well
	Columns   []string
	Rows      []MasterRow
	Proposals []MasterProposal
	MayChange bool
	Said      string
	Fault     string
	Form      Form
	Import    *MasterImport
	CSV       string // address of the CSV of what is shown
	Fields    string // the headings that an import takes
	Pasted    string
}

// MasterTab leads to one kind.
type MasterTab struct {
	Label, Path string
	Count, Open int // entries; open proposals
	Current     bool
}

// MasterRow is one entry in the list.
type MasterRow struct {
	ID    string
	Cells []string
	State string // "", "ended", "not yet", "merged"
}

// MasterProposal is one proposal in the list.
type MasterProposal struct{ ID, Title, Detail, From, At, Reason string }

// MasterImport says what became of a file.
type MasterImport struct {
	Rows, Added, Changed, Unchanged, Refused int
	Errors                                   []MasterRowError
}

// MasterRowError is a row that was refused.
type MasterRowError struct {
	Line        int
	Column, Why string
}

// MasterEntry is the page of one entry, or of one proposal.
type MasterEntry struct {
	Tabs      []MasterTab
	Title     string
	Kind      string // "Provider"
	Said      string
	Fault     string
	Stale     string
	Form      Form
	MayChange bool
	From      string // who proposed it, when and why
	ID        string
	Number    string
	Into      *MasterRow // entry that stands for this one
	Merged    []MasterRow
	MayMerge  bool
	Versions  []VersionLine
}
