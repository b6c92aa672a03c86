package scan

import (
	"errors"
	"time"

	"chartroom/internal/gate"
)

// The actions of this package, as the policy names them.
const (
	ActionRead gate.Action = "scan.read" // pages, their images and words, the bytes
	ActionKeep gate.Action = "scan.keep" // a scan put in by hand
	ActionText gate.Action = "scan.text" // Chartroom reads the words of pages in the background
	ActionLook gate.Action = "scan.look" // Chartroom looks whether pages wait to be read
)

// SubjectScan is the kind of subject that a scan is to the gate.
const SubjectScan = "scan"

// The limits of one scan.
const (
	MaxBytes  = 256 << 20   // of the file
	MaxPages  = 5000        // of the file
	MaxPixels = 100_000_000 // of one page, before it is decoded
	MaxWidth  = 4000        // of a rendered page
)

// The media types of scans.
const (
	PDF  = "application/pdf"
	TIFF = "image/tiff"
	PNG  = "image/png"
	JPEG = "image/jpeg"
)

// The errors callers look for.
var (
	ErrNotFound = errors.New("no such scan or page")
	ErrInvalid  = errors.New("not valid")
	ErrTimeout  = errors.New("the page takes too long to draw")
)

// A RefusedError says why a file is not kept as a scan. Why holds no patient data.
type RefusedError struct{ Why string }

func (e *RefusedError) Error() string { return "scan: " + e.Why }

// State says what is known of the words of a page.
type State string

// The states of a page.
const (
	Pending State = "pending" // nobody has looked yet
	Text    State = "text"    // the file has a text layer
	OCR     State = "ocr"     // read by tesseract
	None    State = "none"    // no words were found, or they could not be read
)

// Scan is one file as it was received.
type Scan struct {
	ID        string
	ArrivedAt time.Time
	ArrivedBy string // actor
	Message   string // intake message that brought it; "" where it was put in by hand
	Name      string // of the file; "" where it had none. It may name a patient: never log it
	Media     string // PDF, TIFF, PNG or JPEG
	Size      int64  // bytes
	Pages     int
	Pending   int    // pages whose words nobody has looked for yet
	Entry     string // audit entry that stored it
}

// Page is one page of a scan.
type Page struct {
	Scan   string
	Number int     // from 1
	State  State   // of its words
	Turn   int     // proposed: clockwise, to be read upright; 0, 90, 180 or 270
	Width  float64 // as received, in points (1/72 inch); 0 where unknown
	Height float64
	Words  int   // how many were found
	Owner  Owner // whom it belongs to; zero until it is indexed
}

// Owner says which document of which record a page belongs to. Zero is nobody.
type Owner struct {
	Record    string
	Encounter string
	Document  string
}

// Box is where something stands on a page, in thousandths of the page's width (X,
// W) and height (Y, H) from its upper left corner.
type Box struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

// Turned is the box on the page when that is turned clockwise by 0, 90, 180 or 270.
func (b Box) Turned(turn int) Box {
	switch turn {
	case 90:
		return Box{X: 1000 - b.Y - b.H, Y: b.X, W: b.H, H: b.W}
	case 180:
		return Box{X: 1000 - b.X - b.W, Y: 1000 - b.Y - b.H, W: b.W, H: b.H}
	case 270:
		return Box{X: b.Y, Y: 1000 - b.X - b.W, W: b.H, H: b.W}
	}
	return b
}

// Word is one word of a page.
type Word struct {
	Text  string `json:"t"`
	Box   Box    `json:"b"` // on the page as received (turn 0)
	Start int    `json:"s"` // bytes of the page's text, half open
	End   int    `json:"e"`
	Sure  int    `json:"c,omitempty"` // of words read by OCR: 1 to 100, how sure it is; 0 for a text layer
}

// PageText is what is written on a page.
type PageText struct {
	Page
	Text string // UTF-8; lines end in \n, paragraphs in an empty line
	List []Word // in reading order
}
