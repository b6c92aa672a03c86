package hl7v2

import (
	"strconv"
	"strings"
)

// Code says what kind of thing is wrong with a message. Its values are those
// of HL7 table 0357 (message error condition codes), so that an [Error] can be
// answered with an ERR segment as it is.
type Code int

// The error conditions of HL7 table 0357.
const (
	CodeAccepted           Code = 0
	CodeSegmentSequence    Code = 100
	CodeRequiredField      Code = 101
	CodeDataType           Code = 102
	CodeTableValue         Code = 103
	CodeUnsupportedType    Code = 200
	CodeUnsupportedEvent   Code = 201
	CodeUnsupportedProcess Code = 202
	CodeUnsupportedVersion Code = 203
	CodeUnknownKey         Code = 204
	CodeDuplicateKey       Code = 205
	CodeRecordLocked       Code = 206
	CodeInternal           Code = 207
)

// String returns the short text of the condition as table 0357 has it.
func (c Code) String() string {
	switch c {
	case CodeAccepted:
		return "message accepted"
	case CodeSegmentSequence:
		return "segment sequence error"
	case CodeRequiredField:
		return "required field missing"
	case CodeDataType:
		return "data type error"
	case CodeTableValue:
		return "table value not found"
	case CodeUnsupportedType:
		return "unsupported message type"
	case CodeUnsupportedEvent:
		return "unsupported event code"
	case CodeUnsupportedProcess:
		return "unsupported processing id"
	case CodeUnsupportedVersion:
		return "unsupported version id"
	case CodeUnknownKey:
		return "unknown key identifier"
	case CodeDuplicateKey:
		return "duplicate key identifier"
	case CodeRecordLocked:
		return "application record locked"
	case CodeInternal:
		return "application internal error"
	}
	return "error " + strconv.Itoa(int(c))
}

// Error is something wrong at one place of a message or of a file of messages.
// Numbers count from 1; a zero means that the part is not known or does not
// apply. An Error with Message 0 is about what stands between messages: a batch
// trailer that counts wrongly, text outside of any message. Reason is written by this package and holds no patient data.
type Error struct {
	Code       Code
	Message    int    // number of the message in its file or stream
	Segment    int    // number of the segment in the message
	Name       string // name of the segment, such as OBX
	Occurrence int    // which of the segments of that name, for ERR-2; 0 behind the first 5,000 segments
	Field      int
	Repetition int
	Component  int
	Line       int   // line of the file or stream, from 1
	Offset     int64 // bytes from the start of the file or stream
	Reason     string
}

// Error returns one line such as
// "message 3, segment 5 (OBX), field 5: ... (line 27, offset 1841)".
func (e *Error) Error() string {
	var b strings.Builder
	part := func(word string, n int) {
		if n == 0 {
			return
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(word + " " + strconv.Itoa(n))
	}
	part("message", e.Message)
	part("segment", e.Segment)
	switch {
	case e.Name != "" && e.Segment > 0:
		b.WriteString(" (" + e.Name + ")")
	case e.Name != "":
		b.WriteString("segment " + e.Name)
	}
	part("field", e.Field)
	part("repetition", e.Repetition)
	part("component", e.Component)
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(e.Reason)
	if e.Line > 0 {
		b.WriteString(" (line " + strconv.Itoa(e.Line) + ", offset " + strconv.FormatInt(e.Offset, 10) + ")")
	}
	return b.String()
}

// printable keeps at most n printable ASCII characters of a header value, so
// that it can be named in an error.
func printable(b []byte, n int) string {
	out := make([]byte, 0, n)
	for _, c := range b {
		if len(out) == n {
			break
		}
		if c < 0x20 || c > 0x7e {
			c = '?'
		}
		out = append(out, c)
	}
	return string(out)
}
