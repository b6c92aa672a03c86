package hl7v2

// Segment is one segment of a message. The zero Segment stands for one that is
// not there; all its values are absent.
type Segment struct {
	m *Message
	i int
}

// Present reports whether the segment is there.
func (s Segment) Present() bool { return s.m != nil }

// Message returns the message that the segment belongs to.
func (s Segment) Message() *Message { return s.m }

// Raw returns the bytes of the segment without its line end.
func (s Segment) Raw() []byte {
	if s.m == nil {
		return nil
	}
	x := s.m.segments[s.i]
	return s.m.raw[x.start:x.end]
}

// Name returns the segment's three letters, "" for the zero Segment.
func (s Segment) Name() string {
	if s.m == nil {
		return ""
	}
	raw := s.Raw()
	return string(raw[:min(3, len(raw))])
}

// Is reports whether the segment has that name, without allocating.
func (s Segment) Is(name string) bool {
	if s.m == nil || len(name) != 3 {
		return false
	}
	return string(s.Raw()[:3]) == name
}

// Number returns which segment of the message this is, from 1; 0 for the zero
// Segment.
func (s Segment) Number() int {
	if s.m == nil {
		return 0
	}
	return s.i + 1
}

// Line returns the line of the file or stream on which the segment lies.
func (s Segment) Line() int {
	if s.m == nil {
		return 0
	}
	return s.m.at.line + int(s.m.segments[s.i].line)
}

// Offset returns where the segment begins in the file or stream, in bytes.
func (s Segment) Offset() int64 {
	if s.m == nil {
		return 0
	}
	return s.m.at.offset + int64(s.m.segments[s.i].start)
}

// Next returns the segment that follows; the zero Segment after the last.
func (s Segment) Next() Segment {
	if s.m == nil {
		return Segment{}
	}
	return s.m.Segment(s.i + 1)
}

// maxCounted bounds the segments that are counted for the place of an error: a
// hostile message may have an error in each of very many.
const maxCounted = 5_000

// occurrence returns which segment of its name this is, from 1; 0 far down a
// very long message.
func (s Segment) occurrence() int {
	if s.i >= maxCounted {
		return 0
	}
	n := 0
	for i := 0; i <= s.i; i++ {
		if string((Segment{s.m, i}).Raw()[:3]) == string(s.Raw()[:3]) {
			n++
		}
	}
	return n
}

func (s Segment) fieldStarts() []uint32 {
	from := s.m.segments[s.i].fields
	to := index(len(s.m.fields))
	if s.i+1 < len(s.m.segments) {
		to = s.m.segments[s.i+1].fields
	}
	return s.m.fields[from:to]
}

// Len returns the number of the last field that is there.
func (s Segment) Len() int {
	if s.m == nil {
		return 0
	}
	n := len(s.fieldStarts())
	if s.m.segments[s.i].header {
		n++
	}
	return n
}

// Field returns field n, from 1 as in the standard: MSH-1 is the field
// separator, MSH-2 the encoding characters.
func (s Segment) Field(n int) Value {
	if s.m == nil || n < 1 {
		return Value{}
	}
	x := &s.m.segments[s.i]
	number, literal := uint16(min(n, 2*MaxFields)), false
	if x.header {
		if n == 1 {
			return Value{m: s.m, start: x.start + 3, end: x.start + 4, seg: index(s.i), field: 1, there: true, literal: true}
		}
		literal = n == 2
		n--
	}
	starts := s.fieldStarts()
	if n > len(starts) {
		return Value{m: s.m, seg: index(s.i), field: number}
	}
	end := x.end
	if n < len(starts) {
		end = starts[n] - 1
	}
	return Value{m: s.m, start: starts[n-1], end: end, seg: index(s.i), field: number, there: true, literal: literal}
}
