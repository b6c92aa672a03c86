package hl7v2

import (
	"errors"
	"strconv"
	"strings"
)

// Path names a place in a message: segment, which of that name, field,
// repetition, component, subcomponent. Numbers count from 1; zero for
// Repetition, Component and Subcomponent means the whole.
type Path struct {
	Segment      string
	Occurrence   int
	Field        int
	Repetition   int
	Component    int
	Subcomponent int
}

// ErrPath is returned for text that is no path.
var ErrPath = errors.New(`hl7v2: not a path such as "PID-5.1", "PID-3(2).4.1" or "OBX(3)-5"`)

// ParsePath reads a path as people write it: "PID-5", "PID-5.1", "PID-3(2).4.1"
// (second repetition), "OBX(3)-5" (third OBX segment). Without a number in
// brackets the first segment is meant.
func ParsePath(text string) (Path, error) {
	if len(text) < 5 || !isSegment([]byte(text[:3]), 0) {
		return Path{}, ErrPath
	}
	p := Path{Segment: text[:3], Occurrence: 1}
	s := steps{rest: text[3:]}
	s.optional('(', ")", &p.Occurrence)
	if s.rest == "" || s.rest[0] != '-' {
		return Path{}, ErrPath
	}
	s.optional('-', "", &p.Field)
	s.optional('(', ")", &p.Repetition)
	s.optional('.', "", &p.Component)
	s.optional('.', "", &p.Subcomponent)
	if s.failed || s.rest != "" {
		return Path{}, ErrPath
	}
	return p, nil
}

// steps are the parts of a path not read yet.
type steps struct {
	rest   string
	failed bool
}

// optional reads a number between two marks, if the first is there.
func (s *steps) optional(before byte, behind string, n *int) {
	if s.rest == "" || s.rest[0] != before {
		return
	}
	value, rest, ok := number(s.rest[1:])
	rest, closed := strings.CutPrefix(rest, behind)
	*n, s.rest, s.failed = value, rest, s.failed || !ok || !closed
}

// String returns the path as ParsePath reads it.
func (p Path) String() string {
	out := p.Segment
	if p.Occurrence > 1 {
		out += "(" + strconv.Itoa(p.Occurrence) + ")"
	}
	out += "-" + strconv.Itoa(p.Field)
	if p.Repetition > 0 {
		out += "(" + strconv.Itoa(p.Repetition) + ")"
	}
	if p.Component > 0 {
		out += "." + strconv.Itoa(p.Component)
	}
	if p.Subcomponent > 0 {
		out += "." + strconv.Itoa(p.Subcomponent)
	}
	return out
}

func number(text string) (int, string, bool) {
	n := 0
	for n < len(text) && n < 6 && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	value, err := strconv.Atoi(text[:n])
	return value, text[n:], err == nil && value > 0
}

// Get returns the value at a path; an absent one if the message does not reach
// so far.
func (m *Message) Get(p Path) Value {
	v := m.Nth(p.Segment, max(p.Occurrence, 1)).Field(p.Field)
	if p.Repetition > 0 {
		v = v.Repetition(p.Repetition)
	}
	if p.Component > 0 {
		v = v.Component(p.Component)
	}
	if p.Subcomponent > 0 {
		v = v.Subcomponent(p.Subcomponent)
	}
	return v
}

// At is Get for a path in text.
func (m *Message) At(path string) (Value, error) {
	p, err := ParsePath(path)
	if err != nil {
		return Value{}, err
	}
	return m.Get(p), nil
}
