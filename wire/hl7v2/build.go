package hl7v2

import "time"

// Builder writes a message: delimiters |^~\&, segments ending in CR, text in
// UTF-8 and escaped.
type Builder struct {
	delims Delimiters
	out    []byte
}

// NewBuilder begins a message with an MSH segment from h. MSH-18 is written as
// UNICODE UTF-8. An empty Version becomes 2.5.1, an empty ProcessingID P.
func NewBuilder(h Header) *Builder {
	b := &Builder{delims: StandardDelimiters()}
	if h.Version == "" {
		h.Version = "2.5.1"
	}
	if h.ProcessingID == "" {
		h.ProcessingID = "P"
	}
	s := NewSegment("MSH")
	// MSH-1 is the separator itself, so fields shift by one when written.
	set := func(field int, components ...string) { s.Set(field-1, components...) }
	setHD := func(field int, hd HD) { set(field, hd.Namespace, hd.UniversalID, hd.UniversalType) }
	s.Raw(1, string(b.delims.encoding()))
	setHD(3, h.SendingApplication)
	setHD(4, h.SendingFacility)
	setHD(5, h.ReceivingApplication)
	setHD(6, h.ReceivingFacility)
	set(7, h.Time.String())
	set(9, h.Type, h.Event, h.Structure)
	set(10, h.ControlID)
	set(11, h.ProcessingID)
	set(12, h.Version)
	set(15, h.AcceptAck)
	set(16, h.ApplicationAck)
	set(18, UTF8.String())
	return b.Add(s)
}

// Add appends a segment.
func (b *Builder) Add(s *SegmentBuilder) *Builder {
	b.out = append(b.out, s.name...)
	last := len(s.fields)
	for last > 0 && len(s.fields[last-1]) == 0 {
		last--
	}
	for _, field := range s.fields[:last] {
		b.out = append(b.out, b.delims.Field)
		b.out = append(b.out, field...)
	}
	b.out = append(b.out, '\r')
	return b
}

// Bytes returns the message.
func (b *Builder) Bytes() []byte { return b.out }

// SegmentBuilder writes one segment.
type SegmentBuilder struct {
	name   string
	delims Delimiters
	fields [][]byte
}

// NewSegment begins a segment of that name.
func NewSegment(name string) *SegmentBuilder {
	return &SegmentBuilder{name: name, delims: StandardDelimiters()}
}

func (s *SegmentBuilder) grow(field int) bool {
	if field < 1 || field > MaxFields {
		return false
	}
	for len(s.fields) < field {
		s.fields = append(s.fields, nil)
	}
	return true
}

// Set writes a field with these components, from the first; text is escaped
// and empty components at the end are left out.
func (s *SegmentBuilder) Set(field int, components ...string) *SegmentBuilder {
	if s.grow(field) {
		s.fields[field-1] = s.appendComponents(nil, components)
	}
	return s
}

// Repeat appends a repetition to a field, or sets it if it is empty.
func (s *SegmentBuilder) Repeat(field int, components ...string) *SegmentBuilder {
	if s.grow(field) {
		out := s.fields[field-1]
		if len(out) > 0 {
			out = append(out, s.delims.Repetition)
		}
		s.fields[field-1] = s.appendComponents(out, components)
	}
	return s
}

// Time writes a field with a time to the second and its offset from UTC.
func (s *SegmentBuilder) Time(field int, t time.Time) *SegmentBuilder {
	return s.Set(field, t.Format("20060102150405-0700"))
}

// Delete writes `""` into a field: what the receiver has is to be deleted.
func (s *SegmentBuilder) Delete(field int) *SegmentBuilder { return s.Raw(field, `""`) }

// Raw writes a field that is encoded already.
func (s *SegmentBuilder) Raw(field int, encoded string) *SegmentBuilder {
	if s.grow(field) {
		s.fields[field-1] = []byte(encoded)
	}
	return s
}

func (s *SegmentBuilder) appendComponents(out []byte, components []string) []byte {
	last := len(components)
	for last > 0 && components[last-1] == "" {
		last--
	}
	for i, c := range components[:last] {
		if i > 0 {
			out = append(out, s.delims.Component)
		}
		out = appendEscaped(out, c, s.delims)
	}
	return out
}
