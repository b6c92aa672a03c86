package ccda

import "strconv"

// Error is something wrong at one place of a document. Reason is written by
// this package and holds no patient data.
type Error struct {
	Line   int    // from 1; 0 where the whole document is meant
	Path   string // of the element, "/ClinicalDocument/recordTarget"; "" for none
	Reason string
}

// Error returns one line such as "/ClinicalDocument/id (line 12): …".
func (e *Error) Error() string {
	place := e.Place()
	if place == "" {
		return e.Reason
	}
	return place + ": " + e.Reason
}

// Place is where it is, without the reason.
func (e *Error) Place() string {
	switch {
	case e.Line == 0:
		return e.Path
	case e.Path == "":
		return "line " + strconv.Itoa(e.Line)
	}
	return e.Path + " (line " + strconv.Itoa(e.Line) + ")"
}

// Options bound what a document may be. The zero value means the defaults.
type Options struct {
	MaxBytes int // of the document as it came; 0 means DefaultMaxBytes
	MaxDepth int // of elements within each other; 0 means DefaultMaxDepth
}

// The default bounds. A document with a scan of some hundred pages in it has
// about 50 MB; real documents nest to 35.
const (
	DefaultMaxBytes = 96 << 20
	DefaultMaxDepth = 100
)

// maxNodes bounds the elements, texts and attributes of one document, so that a
// small file of many empty elements takes no more memory than a large one.
const maxNodes = 4 << 20

// maxAttributes bounds those of one element.
const maxAttributes = 64

// maxFaults bounds how many values that cannot be read are listed.
const maxFaults = 200

func (o Options) maxBytes() int {
	if o.MaxBytes <= 0 {
		return DefaultMaxBytes
	}
	return o.MaxBytes
}

func (o Options) maxDepth() int {
	if o.MaxDepth <= 0 {
		return DefaultMaxDepth
	}
	return o.MaxDepth
}
