package ui

// Troubles is the list of what the interfaces brought and was refused.
type Troubles struct {
	Rows    []TroubleLine
	Settled bool
	Done    string // what was just done, "" for nothing
	Next    string // address of the next page
	Counts  []TroubleCount
}

// TroubleCount is how much of one format is open and settled.
type TroubleCount struct {
	Format                            string
	Open, Mended, Replayed, Dismissed int
}

// TroubleLine is one message of which something was refused.
type TroubleLine struct {
	ID, Received, Age, Channel, Format, Kind, Sender, Control, File string
	State, By, At, Why                                              string
	Errors                                                          int
	Place, Reason                                                   string // of the first refusal
}

// Trouble is one such message with its bytes.
type Trouble struct {
	Line     TroubleLine
	Open     bool
	May      bool // be mended by hand: it is text and not too large
	Size     int64
	Reasons  []TroubleReason
	Segments []Segment // HL7 v2: one a segment; else one a line
	Cut      bool      // more lines than are shown
	Text     string    // to be mended: the draft, or the message
	Drafted  bool
	Why      string          // what was typed as the reason of the copy that was just tried
	Refused  []TroubleReason // of the copy that was just tried
}

// TroubleReason is why something was refused, and where.
type TroubleReason struct{ Place, Reason string }

// Segment is one line of a message.
type Segment struct {
	Number int
	Text   string
	Bad    bool
}

// FormatName is the name of a format as people know it.
func FormatName(format string) string {
	switch format {
	case "hl7v2":
		return "HL7 v2"
	case "fhir":
		return "FHIR"
	case "ccda":
		return "C-CDA"
	case "csv":
		return "CSV"
	default:
		return Upper1(format)
	}
}
