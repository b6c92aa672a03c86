package hl7v2

import (
	"bytes"
	"iter"
)

// State tells apart the three ways of saying nothing from a value
// (HL7 v2 chapter 2.5.3.1).
type State uint8

// The states of a value.
const (
	Absent State = iota // the segment or field ends before it: nothing is said
	Empty               // its place is there and holds nothing: nothing is said
	Null                // `""`: the value is to be deleted
	Valued
)

// String returns the state's name in lower case.
func (s State) String() string {
	return [...]string{"absent", "empty", "null", "valued"}[s&3]
}

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

func (s Segment) occurrence() int {
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
	to := uint32(len(s.m.fields))
	if s.i+1 < len(s.m.segments) {
		to = s.m.segments[s.i+1].fields
	}
	return s.m.fields[from:to]
}

// header reports whether field 1 is the field separator itself.
func (s Segment) header() bool {
	switch string(s.Raw()[:3]) {
	case "MSH", "FHS", "BHS":
		return true
	}
	return false
}

// Len returns the number of the last field that is there.
func (s Segment) Len() int {
	if s.m == nil {
		return 0
	}
	n := len(s.fieldStarts())
	if s.header() {
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
	v := Value{seg: s, field: n, level: levelField}
	if s.header() {
		if n == 1 {
			v.raw, v.there, v.literal = s.Raw()[3:4], true, true
			return v
		}
		v.literal = n == 2
		n--
	}
	starts := s.fieldStarts()
	if n > len(starts) {
		return v
	}
	end := s.m.segments[s.i].end
	if n < len(starts) {
		end = starts[n] - 1
	}
	v.raw, v.there = s.m.raw[starts[n-1]:end], true
	return v
}

type level uint8

const (
	levelField level = iota
	levelRepetition
	levelComponent
	levelSubcomponent
)

// Value is a field, or one repetition, component or subcomponent of it, with
// its place in the message. The zero Value is absent.
type Value struct {
	seg       Segment
	raw       []byte
	field     int
	rep       int
	component int
	level     level
	there     bool
	literal   bool // MSH-1 and MSH-2: delimiters that split nothing
}

// Raw returns the bytes as received, escapes and delimiters included.
func (v Value) Raw() []byte { return v.raw }

// State says whether there is a value.
func (v Value) State() State {
	switch {
	case !v.there:
		return Absent
	case len(v.raw) == 0:
		return Empty
	case string(v.raw) == `""`:
		return Null
	}
	return Valued
}

// Valued reports whether there is a value that is neither empty nor `""`.
func (v Value) Valued() bool { return v.State() == Valued }

// split returns the nth part, from 1, of raw between separators.
func split(raw []byte, sep byte, n int) ([]byte, bool) {
	for {
		i := -1
		if sep != 0 {
			i = bytes.IndexByte(raw, sep)
		}
		if n == 1 {
			if i >= 0 {
				raw = raw[:i]
			}
			return raw, true
		}
		if i < 0 {
			return nil, false
		}
		raw = raw[i+1:]
		n--
	}
}

// part returns part n of v at a lower level.
func (v Value) part(to level, n int) Value {
	if v.level >= to {
		if n == 1 {
			return v
		}
		return Value{seg: v.seg, field: v.field, rep: v.rep, component: v.component, level: to}
	}
	if v.level < to-1 {
		v = v.part(to-1, 1)
	}
	out := v
	out.level = to
	sep := byte(0)
	if v.seg.m != nil && !v.literal {
		switch to {
		case levelRepetition:
			sep, out.rep = v.seg.m.delims.Repetition, n
		case levelComponent:
			sep, out.component = v.seg.m.delims.Component, n
		case levelSubcomponent:
			sep = v.seg.m.delims.Subcomponent
		case levelField:
		}
	}
	if !v.there || n < 1 {
		out.raw, out.there = nil, false
		return out
	}
	out.raw, out.there = split(v.raw, sep, n)
	return out
}

// Repetition returns repetition n of a field, from 1.
func (v Value) Repetition(n int) Value { return v.part(levelRepetition, n) }

// Component returns component n, from 1, of a repetition, or of the first
// repetition of a field.
func (v Value) Component(n int) Value { return v.part(levelComponent, n) }

// Subcomponent returns subcomponent n, from 1, of a component, or of the first
// component of a repetition or field.
func (v Value) Subcomponent(n int) Value { return v.part(levelSubcomponent, n) }

// Repetitions goes over the repetitions of a field that hold something or
// `""`; empty ones are passed over.
func (v Value) Repetitions() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if !v.there || v.seg.m == nil {
			return
		}
		sep := v.seg.m.delims.Repetition
		if v.level >= levelRepetition || v.literal {
			sep = 0
		}
		rest, n := v.raw, 1
		for {
			part, more := rest, -1
			if sep != 0 {
				if more = bytes.IndexByte(rest, sep); more >= 0 {
					part = rest[:more]
				}
			}
			r := v
			r.raw, r.rep, r.level = part, n, max(v.level, levelRepetition)
			if len(part) > 0 && !yield(r) {
				return
			}
			if more < 0 {
				return
			}
			rest, n = rest[more+1:], n+1
		}
	}
}

// String returns the value as UTF-8 text with escapes resolved. Delimiters of
// lower levels that stand unescaped in it stay as they are, so that text whose
// sender forgot to escape is not cut short. It is "" for a value that is
// absent, empty or null.
func (v Value) String() string {
	if v.State() != Valued {
		return ""
	}
	if v.literal {
		return string(v.raw)
	}
	return decode(v.raw, v.seg.m.delims, v.seg.m.charset)
}

// Text returns the text of the first subcomponent of the first component of
// the first repetition: what a receiver reads that knows the value only as a
// plain one (HL7 v2 chapter 2.8).
func (v Value) Text() string { return v.Subcomponent(1).String() }

// fail makes the error that names the place of this value.
func (v Value) fail(code Code, reason string) *Error {
	if v.seg.m == nil {
		return &Error{Code: code, Reason: reason}
	}
	e := v.seg.m.fail(code, v.seg.i+1, v.field, 0, reason)
	e.Repetition, e.Component = v.rep, v.component
	return e
}
