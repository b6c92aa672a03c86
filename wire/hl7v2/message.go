package hl7v2

import (
	"bytes"
	"iter"
	"math"
)

// Options bound what a message may be. The zero value means the defaults.
type Options struct {
	// MaxMessage is the largest message accepted, in bytes, below 2 GB; 0 means
	// DefaultMaxMessage.
	MaxMessage int
}

// Bounds of a message.
const (
	// DefaultMaxMessage leaves room for a scanned document in an OBX segment.
	DefaultMaxMessage = 16 << 20
	// MaxSegments is the largest number of segments in one message.
	MaxSegments = 200_000
	// MaxFields is the largest number of fields in one segment; the longest
	// segment of the standard has fewer than 100.
	MaxFields = 1_000
)

func (o Options) maxMessage() int {
	if o.MaxMessage <= 0 {
		return DefaultMaxMessage
	}
	return min(o.MaxMessage, math.MaxInt32)
}

// index makes an index into a message of a number that is not negative;
// maxMessage sees to it that it fits.
func index(i int) uint32 {
	return uint32(i) //nolint:gosec // at most maxMessage, which is below 2^31
}

// place is where a message begins in its file or stream.
type place struct {
	number int
	line   int
	offset int64
}

// segmentIndex says where one segment lies in raw and where its fields begin
// in Message.fields.
type segmentIndex struct {
	start, end uint32 // without the line end
	fields     uint32 // index of field 1's start in Message.fields
	line       uint32 // lines after the first of the message
	header     bool   // MSH, FHS, BHS: field 1 is the field separator itself
}

// Message is one message: its bytes and an index over them. It is never
// changed after it was parsed, so goroutines may share it.
type Message struct {
	raw      []byte
	text     string // the same bytes, so that values need not be copied
	plain    bool   // text is UTF-8 without escapes: values are parts of it
	delims   Delimiters
	charset  Charset
	at       place
	segments []segmentIndex
	fields   []uint32 // where each field begins, over all segments
}

// Parse reads one message. It may end in any line end or none, and may be
// preceded by a byte order mark or MLLP start byte and followed by MLLP's end
// bytes. raw is not copied and must not be changed afterwards.
func Parse(raw []byte, opts Options) (*Message, error) {
	at := place{number: 1, line: 1}
	trimmed := trimFrame(raw)
	at.offset = int64(len(raw) - len(trimmed))
	for len(trimmed) > 0 && (trimmed[0] == '\r' || trimmed[0] == '\n') {
		if trimmed[0] == '\n' || len(trimmed) < 2 || trimmed[1] != '\n' {
			at.line++
		}
		trimmed = trimmed[1:]
		at.offset++
	}
	if i := bytes.IndexByte(trimmed, endBlock); i >= 0 {
		rest := trimmed[i+1:]
		if len(bytes.Trim(rest, "\r\n\x1c")) > 0 {
			return nil, &Error{Code: CodeSegmentSequence, Message: 1, Line: at.line, Offset: at.offset + int64(i),
				Reason: "bytes follow the end of the message; use a Reader for many messages"}
		}
		trimmed = trimmed[:i]
	}
	return parse(trimmed, at, opts)
}

func trimFrame(raw []byte) []byte {
	for {
		switch {
		case len(raw) > 0 && raw[0] == startBlock:
			raw = raw[1:]
		case bytes.HasPrefix(raw, byteOrderMark):
			raw = raw[len(byteOrderMark):]
		default:
			return raw
		}
	}
}

// parse indexes one message whose first byte is the M of MSH.
func parse(raw []byte, at place, opts Options) (*Message, error) {
	m := &Message{raw: raw, text: string(raw[:min(len(raw), opts.maxMessage())]), at: at}
	if len(raw) > opts.maxMessage() {
		return nil, m.fail(CodeDataType, 0, 0, len(raw), "message is larger than the limit")
	}
	if !bytes.HasPrefix(raw, []byte("MSH")) {
		return nil, m.fail(CodeSegmentSequence, 0, 0, 0, "message does not begin with an MSH segment")
	}
	if err := m.indexSegments(); err != nil {
		return nil, err
	}
	if err := m.readCharset(); err != nil {
		return nil, err
	}
	return m, nil
}

// indexSegments finds segments and fields in one pass.
func (m *Message) indexSegments() error {
	raw := m.raw
	// Room for usual messages; a scanned document has few fields for its size.
	m.segments = make([]segmentIndex, 0, min(2+len(raw)/96, 256))
	m.fields = make([]uint32, 0, min(32+len(raw)/6, 4096))
	line := uint32(0)
	var ends lineEnds
	for pos := 0; pos < len(raw); {
		end, next := ends.find(raw, pos)
		text := raw[pos:end]
		if len(m.segments) == 0 {
			d, field, reason := readDelimiters(text)
			if reason != "" {
				m.segments = append(m.segments, segmentIndex{end: index(end)})
				return m.fail(CodeDataType, 1, field, 3, reason)
			}
			m.delims = d
		}
		if len(bytes.TrimLeft(text, " \t\x1a")) > 0 { // 0x1A ends files of old systems
			if err := m.indexSegment(pos, end, line); err != nil {
				return err
			}
		}
		line++
		pos = next
	}
	return nil
}

func (m *Message) indexSegment(start, end int, line uint32) error {
	text := m.raw[start:end]
	header := len(text) >= 3 && (string(text[:3]) == "MSH" || string(text[:3]) == "FHS" || string(text[:3]) == "BHS")
	m.segments = append(m.segments, segmentIndex{index(start), index(end), index(len(m.fields)), line, header})
	number := len(m.segments)
	if number > MaxSegments {
		return m.fail(CodeSegmentSequence, number, 0, start, "message has too many segments")
	}
	if !isSegment(text, m.delims.Field) {
		m.segments = m.segments[:number-1]
		return &Error{Code: CodeSegmentSequence, Message: m.at.number, Segment: number,
			Line: m.at.line + int(line), Offset: m.at.offset + int64(start),
			Reason: "line does not begin with a segment name and field separator"}
	}
	if number > 1 && string(text[:3]) == "MSH" {
		return m.fail(CodeSegmentSequence, number, 0, start, "second MSH segment within one message")
	}
	before := len(m.fields)
	for i := 3; i < len(text); i++ {
		if text[i] == m.delims.Field {
			m.fields = append(m.fields, index(start+i+1))
		}
	}
	if len(m.fields)-before > MaxFields {
		return m.fail(CodeDataType, number, MaxFields, start, "segment has too many fields")
	}
	return nil
}

// isSegment reports whether a line is a segment: a name of one capital letter
// and two capital letters or digits, then the field separator or nothing.
func isSegment(text []byte, field byte) bool {
	if len(text) < 3 || len(text) > 3 && text[3] != field {
		return false
	}
	for i, c := range text[:3] {
		capital := c >= 'A' && c <= 'Z'
		if !capital && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func (m *Message) readCharset() error {
	for rep := range m.Segment(0).Field(18).Repetitions() {
		name := bytes.TrimSpace(rep.Raw())
		set, known := charsetByName(string(name))
		if !known {
			return m.fail(CodeTableValue, 1, 18, 0, "character set "+printable(name, 24)+" is not read")
		}
		if m.charset == Undeclared {
			m.charset = set
		}
	}
	if i, reason := m.charset.invalid(m.raw); i >= 0 {
		return m.failAt(i, reason)
	}
	m.setPlain()
	return nil
}

// setPlain finds out whether values are parts of the text as it stands.
func (m *Message) setPlain() {
	m.plain = m.charset != Latin1 || isASCII(m.raw)
	if m.delims.Escape == 0 || len(m.fields) < 2 {
		return
	}
	behind := m.fields[1] // MSH-3: MSH-2 holds the escape character itself
	if bytes.IndexByte(m.raw[behind:], m.delims.Escape) >= 0 {
		m.plain = false
	}
}

// fail makes the error for a segment (number from 1, 0 for none) and field.
func (m *Message) fail(code Code, segment, field, offset int, reason string) *Error {
	e := &Error{Code: code, Message: m.at.number, Segment: segment, Field: field,
		Line: m.at.line, Offset: m.at.offset + int64(offset), Reason: reason}
	if segment > 0 {
		s := Segment{m, segment - 1}
		e.Name, e.Occurrence = s.Name(), s.occurrence()
		e.Line, e.Offset = s.Line(), s.Offset()
		if offset > int(m.segments[segment-1].start) {
			e.Offset = m.at.offset + int64(offset)
		}
	}
	return e
}

// failAt makes the error for a byte of the message, naming segment and field.
func (m *Message) failAt(offset int, reason string) *Error {
	for i, s := range m.segments {
		if offset > int(s.end) {
			continue
		}
		seg := Segment{m, i}
		field := 0
		for _, start := range seg.fieldStarts() {
			if int(start) <= offset {
				field++
			}
		}
		if i == 0 && field > 0 {
			field++
		}
		return m.fail(CodeDataType, i+1, field, offset, reason)
	}
	return m.fail(CodeDataType, 0, 0, offset, reason)
}

// Raw returns the bytes of the message as they were received, from the M of
// MSH to the end of the last segment.
func (m *Message) Raw() []byte { return m.raw }

// Delimiters returns the delimiters of the message.
func (m *Message) Delimiters() Delimiters { return m.delims }

// Charset returns the character set that MSH-18 declares.
func (m *Message) Charset() Charset { return m.charset }

// Number returns which message of its file or stream this is, from 1.
func (m *Message) Number() int { return m.at.number }

// Offset returns where the message begins in its file or stream, in bytes.
func (m *Message) Offset() int64 { return m.at.offset }

// Line returns the line on which the message begins in its file or stream.
func (m *Message) Line() int { return m.at.line }

// Len returns the number of segments.
func (m *Message) Len() int { return len(m.segments) }

// Segment returns segment i, from 0; the zero Segment if there is none.
func (m *Message) Segment(i int) Segment {
	if m == nil || i < 0 || i >= len(m.segments) {
		return Segment{}
	}
	return Segment{m, i}
}

// Segments goes over all segments in order.
func (m *Message) Segments() iter.Seq[Segment] {
	return func(yield func(Segment) bool) {
		for i := range m.segments {
			if !yield(Segment{m, i}) {
				return
			}
		}
	}
}

// All goes over the segments of one name in order.
func (m *Message) All(name string) iter.Seq[Segment] {
	return func(yield func(Segment) bool) {
		for i := range m.segments {
			s := Segment{m, i}
			if s.Is(name) && !yield(s) {
				return
			}
		}
	}
}

// First returns the first segment of a name; the zero Segment if there is none.
func (m *Message) First(name string) Segment { return m.Nth(name, 1) }

// Nth returns the nth segment of a name, from 1; the zero Segment if there is
// none.
func (m *Message) Nth(name string, n int) Segment {
	for s := range m.All(name) {
		n--
		if n == 0 {
			return s
		}
	}
	return Segment{}
}
