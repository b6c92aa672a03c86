package fhir

import (
	"strconv"
	"strings"
)

// Error is something wrong at one place of a document. Reason is written by
// this package and holds nothing of the document.
type Error struct {
	Path   string // such as "Patient.name[0].family"; "" if not known
	Entry  int    // entry of the Bundle or line of the NDJSON, from 1; 0 if neither
	Line   int    // from 1
	Offset int64  // bytes from the start of the file or stream
	Reason string
}

// Error returns one line such as
// "entry 12: Patient.name[0].family: want string, found number (line 841, offset 20311)".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("fhir: ")
	if e.Entry > 0 {
		b.WriteString("entry " + strconv.Itoa(e.Entry) + ": ")
	}
	if e.Path != "" {
		b.WriteString(e.Path + ": ")
	}
	b.WriteString(e.Reason)
	b.WriteString(" (line " + strconv.Itoa(e.Line) + ", offset " + strconv.FormatInt(e.Offset, 10) + ")")
	return b.String()
}
