package ui

// FormField is one field of a form, with what was typed and what is wrong with it.
type FormField struct {
	Name, Label, Hint, Value string
	Error                    string   // it cannot be kept like this
	Warning                  string   // it can, but look again
	Options                  []Option // a choice, where there are any
	List                     string   // id of the Suggestions it offers while typing
	Size                     string   // "s", "m", "l" or "" for the width of the column
	Digits                   bool     // a phone shows its number keys
	Required                 bool
	Focus                    bool // where the page begins
}

// FormGroup is some fields under one heading. A folded group begins closed.
type FormGroup struct {
	ID, Title, Note string
	Fields          []FormField
	Folded          bool
}

// Open reports whether a folded group is to begin open: something is wrong in it.
func (g FormGroup) Open() bool {
	for _, f := range g.Fields {
		if f.Error != "" || f.Warning != "" {
			return true
		}
	}
	return false
}

// Suggestions is a list that fields offer while something is typed.
type Suggestions struct {
	ID      string
	Options []string
}

// Form is a form of the page Registration.
type Form struct {
	Action  string // address it is posted to
	Slot    string // name of its draft, "" where none is kept
	Number  string // version it was made on, "" for something new
	Groups  []FormGroup
	Lists   []Suggestions
	Reasons []string // of a correction; none for something new
	Reason  string   // as chosen
	Words   string   // as typed beside it
	WhyNot  string   // what is wrong with the reason
	Save    string   // what the button says
	Restore bool     // the values come from a draft

	Withdraw bool // it can be marked as entered in error
}

// Registration is the page of a new patient, or of a record that is corrected.
type Registration struct {
	Banner     *Banner // nil for a new patient
	Title      string
	Said       string // what an action has to say
	Faults     int    // fields in error
	Stale      string // somebody changed it meanwhile: who and when
	Form       Form
	Likely     []LikelyLine
	Anyway     []string // reasons to register all the same
	KnownAs    string   // record that has the number already
	Coverages  []CoverageRow
	Issues     []string
	Drawing    *CoverageDrawing
	Encounters []EncounterRow
	Links      []LinkRow
	MayUnlink  bool
}

// LikelyLine is a record that may be of the same patient.
type LikelyLine struct {
	Record, Name, BirthDate, Sex, MRN, Address string
	Agrees, Differs                            []string
}

// CoverageRow is one insurance in the list.
type CoverageRow struct {
	ID, Priority, Payer, Plan, Member, From, To, State string
	Withdrawn                                          bool
	Version                                            int
}

// EncounterRow is one encounter in the list.
type EncounterRow struct {
	EncounterLine
	Withdrawn bool
	Version   int
}

// LinkRow says which records are of one person, by whom and why.
type LinkRow struct {
	ID, Text, By, At, Reason string
}

// CoverageDrawing is the insurances on a line of time, in units of a picture
// 1000 wide.
type CoverageDrawing struct {
	Height int
	Bars   []CoverageBar
	Marks  []CoverageBar // overlaps and gaps
	Ticks  []CoverageTick
	Today  int    // -1 where it is outside
	Says   string // the picture in words
}

// CoverageBar is one stretch of time.
type CoverageBar struct {
	X, Y, Width, Height int
	Label, Class        string
}

// CoverageTick is a year on the line.
type CoverageTick struct {
	X    int
	Text string
}
