package hl7v2

import (
	"bytes"
	"strings"
)

// Header is the MSH segment.
type Header struct {
	SendingApplication   HD
	SendingFacility      HD
	ReceivingApplication HD
	ReceivingFacility    HD
	Time                 Timestamp
	Type                 string // MSH-9.1: ADT, ORU, MDM, ACK, ...
	Event                string // MSH-9.2: A01, R01, T02, ...
	Structure            string // MSH-9.3
	ControlID            string // MSH-10
	ProcessingID         string // MSH-11.1: P production, T training, D debugging
	Version              string // MSH-12.1
	AcceptAck            string // MSH-15: AL, NE, ER, SU
	ApplicationAck       string // MSH-16
}

// Header reads the MSH segment. Header fields that cannot be read are left
// empty; the time of sending is the only one with a form of its own.
func (m *Message) Header() Header {
	s := m.Segment(0)
	sent, err := s.Field(7).Timestamp()
	if err != nil {
		sent = Timestamp{}
	}
	h := Header{
		SendingApplication: s.Field(3).HD(), SendingFacility: s.Field(4).HD(),
		ReceivingApplication: s.Field(5).HD(), ReceivingFacility: s.Field(6).HD(),
		Time: sent, Type: s.Field(9).Component(1).String(), Event: s.Field(9).Component(2).String(),
		Structure: s.Field(9).Component(3).String(), ControlID: s.Field(10).String(),
		ProcessingID: s.Field(11).Text(), Version: s.Field(12).Text(),
		AcceptAck: s.Field(15).Text(), ApplicationAck: s.Field(16).Text(),
	}
	// "ADT_A01" in one piece is what some senders write for ADT^A01.
	if h.Event == "" {
		if name, event, ok := strings.Cut(h.Type, "_"); ok && len(name) == 3 && len(event) == 3 {
			h.Type, h.Event = name, event
		}
	}
	return h
}

// Name returns type and event as people write them: "ADT^A01".
func (h Header) Name() string {
	if h.Event == "" {
		return h.Type
	}
	return h.Type + "^" + h.Event
}

// Enhanced reports whether the sender asks for enhanced acknowledgement: MSH-15
// or MSH-16 is valued (HL7 v2 chapter 2.9.3).
func (h Header) Enhanced() bool { return h.AcceptAck != "" || h.ApplicationAck != "" }

// WantsAccept reports whether an accept acknowledgement (CA, CE, CR) is to be
// sent for a message that was, or was not, committed to safe storage.
func (h Header) WantsAccept(committed bool) bool { return wanted(h.AcceptAck, committed, h.Enhanced()) }

// WantsApplication reports whether an application acknowledgement (AA, AE, AR)
// is to be sent for a message that was, or was not, processed. In original mode
// it always is.
func (h Header) WantsApplication(processed bool) bool {
	if !h.Enhanced() {
		return true
	}
	return wanted(h.ApplicationAck, processed, true)
}

// wanted reads a condition of table 0155.
func wanted(condition string, good, enhanced bool) bool {
	switch condition {
	case "AL":
		return enhanced
	case "SU":
		return good
	case "ER":
		return !good
	}
	return false
}

// PeekHeader reads the MSH segment of bytes that need not be a message that
// can be parsed, so that a refusal can name what it answers. ok is false if
// there is no MSH segment with usable delimiters.
func PeekHeader(raw []byte) (h Header, ok bool) {
	raw, _, _ = bytes.Cut(bytes.TrimLeft(trimFrame(raw), "\r\n"), []byte{endBlock})
	var ends lineEnds
	end, _ := ends.find(raw[:min(len(raw), 64<<10)], 0)
	m := &Message{raw: raw[:end:end], text: string(raw[:end]), at: place{number: 1, line: 1}}
	if len(raw) < 4 || string(raw[:3]) != "MSH" || m.indexSegments() != nil || len(m.segments) == 0 {
		return Header{}, false
	}
	if m.readCharset() != nil {
		m.charset, m.plain = Latin1, false // any bytes can be echoed
	}
	return m.Header(), true
}
