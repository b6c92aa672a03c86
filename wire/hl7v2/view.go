package hl7v2

import (
	"errors"
	"math/bits"
)

// FieldSet is a set of field numbers of one segment, 1 to 63.
type FieldSet uint64

// Has reports whether field n is in the set.
func (f FieldSet) Has(n int) bool { return n > 0 && n < 64 && f&(1<<uint(n)) != 0 }

// Len returns how many fields are in the set.
func (f FieldSet) Len() int { return bits.OnesCount64(uint64(f)) }

// Fields says of a segment which of its fields hold a value and which hold
// `""`. A field in neither is absent or empty: the sender says nothing of it.
type Fields struct {
	Valued  FieldSet
	Deleted FieldSet
}

func fieldsOf(s Segment) Fields {
	var f Fields
	if s.m == nil {
		return f
	}
	starts := s.fieldStarts()
	for i, start := range starts[:min(len(starts), 63)] {
		end := s.m.segments[s.i].end
		if i+1 < len(starts) {
			end = starts[i+1] - 1
		}
		switch {
		case start == end:
		case s.m.text[start:end] == `""`:
			f.Deleted |= 1 << uint(i+1)
		default:
			f.Valued |= 1 << uint(i+1)
		}
	}
	return f
}

// reading reads fields of one segment and gathers what is wrong with them, so
// that one bad date does not hide the rest of the segment.
type reading struct {
	seg    Segment
	errors []error
}

func (r *reading) text(n int) string        { return r.seg.Field(n).Text() }
func (r *reading) whole(n int) string       { return r.seg.Field(n).String() }
func (r *reading) cwe(n int) CWE            { return r.seg.Field(n).CWE() }
func (r *reading) cx(n int) CX              { return r.seg.Field(n).CX() }
func (r *reading) people(n int) []XCN       { return each(r.seg.Field(n), Value.XCN) }
func (r *reading) names(n int) []XPN        { return each(r.seg.Field(n), Value.XPN) }
func (r *reading) addresses(n int) []XAD    { return each(r.seg.Field(n), Value.XAD) }
func (r *reading) phones(n int) []XTN       { return each(r.seg.Field(n), Value.XTN) }
func (r *reading) identifiers(n int) []CX   { return each(r.seg.Field(n), Value.CX) }
func (r *reading) codes(n int) []CWE        { return each(r.seg.Field(n), Value.CWE) }
func (r *reading) err() error               { return errors.Join(r.errors...) }
func (r *reading) fail(v Value, why string) { r.errors = append(r.errors, v.fail(CodeDataType, why)) }

func (r *reading) time(n int) Timestamp {
	t, err := r.seg.Field(n).Timestamp()
	if err != nil {
		r.errors = append(r.errors, err)
	}
	return t
}
