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
	m          *Message
	start, end uint32 // in the message
	seg        uint32
	rep        uint32
	field      uint16
	component  uint16
	level      level
	there      bool
	literal    bool // MSH-1 and MSH-2: delimiters that split nothing
}

// Raw returns the bytes as received, escapes and delimiters included.
func (v Value) Raw() []byte {
	if !v.there {
		return nil
	}
	return v.m.raw[v.start:v.end:v.end]
}

// State says whether there is a value.
func (v Value) State() State {
	switch {
	case !v.there:
		return Absent
	case v.start == v.end:
		return Empty
	case v.end-v.start == 2 && v.m.text[v.start:v.end] == `""`:
		return Null
	}
	return Valued
}

// Valued reports whether there is a value that is neither empty nor `""`.
func (v Value) Valued() bool { return v.State() == Valued }

// separator returns what separates parts at a level; 0 for nothing.
func (v Value) separator(to level) byte {
	if v.literal || v.m == nil {
		return 0
	}
	switch to {
	case levelRepetition:
		return v.m.delims.Repetition
	case levelComponent:
		return v.m.delims.Component
	case levelSubcomponent:
		return v.m.delims.Subcomponent
	case levelField:
	}
	return 0
}

// part returns part n of v at a lower level.
func (v Value) part(to level, n int) Value {
	if v.level < to-1 {
		v = v.part(to-1, 1)
	}
	if v.level >= to {
		v.there = v.there && n == 1
		return v
	}
	sep := v.separator(to)
	v.level = to
	switch to {
	case levelRepetition:
		v.rep = index(max(n, 0))
	case levelComponent:
		v.component = uint16(min(max(n, 0), 1<<16-1))
	case levelField, levelSubcomponent:
	}
	if !v.there || n < 1 {
		v.there = false
		return v
	}
	raw := v.m.raw[v.start:v.end]
	for ; n > 1; n-- {
		i := -1
		if sep != 0 {
			i = bytes.IndexByte(raw, sep)
		}
		if i < 0 {
			v.there = false
			return v
		}
		raw = raw[i+1:]
		v.start += index(i) + 1
	}
	if sep != 0 {
		if i := bytes.IndexByte(raw, sep); i >= 0 {
			v.end = v.start + index(i)
		}
	}
	return v
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
		if !v.there {
			return
		}
		sep := byte(0)
		if v.level < levelRepetition {
			sep = v.separator(levelRepetition)
		}
		r := v
		r.level = max(v.level, levelRepetition)
		for r.rep = 1; ; r.rep++ {
			r.end = v.end
			if i := bytes.IndexByte(v.m.raw[r.start:v.end], sep); sep != 0 && i >= 0 {
				r.end = r.start + index(i)
			}
			if r.end > r.start && !yield(r) {
				return
			}
			if r.end == v.end {
				return
			}
			r.start = r.end + 1
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
		return v.m.text[v.start:v.end]
	}
	return v.m.decode(v.start, v.end)
}

// Text returns the text of the first subcomponent of the first component of
// the first repetition: what a receiver reads that knows the value only as a
// plain one (HL7 v2 chapter 2.8).
func (v Value) Text() string {
	if !v.there || v.start == v.end {
		return ""
	}
	if v.literal {
		return v.String()
	}
	d := v.m.delims
	for i, c := range []byte(v.m.text[v.start:v.end]) {
		if c != d.Component && c != d.Repetition && c != d.Subcomponent || c == 0 {
			continue
		}
		if c == d.Component && v.level >= levelComponent || c == d.Repetition && v.level >= levelRepetition {
			continue // text that its sender forgot to escape
		}
		if c == d.Subcomponent && v.level == levelSubcomponent {
			continue
		}
		v.end = v.start + index(i)
		break
	}
	return v.String()
}

// fail makes the error that names the place of this value.
func (v Value) fail(code Code, reason string) *Error {
	if v.m == nil {
		return &Error{Code: code, Reason: reason}
	}
	e := v.m.fail(code, int(v.seg)+1, int(v.field), 0, reason)
	e.Repetition, e.Component = int(v.rep), int(v.component)
	return e
}
