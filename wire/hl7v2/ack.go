package hl7v2

import (
	"errors"
	"strconv"
	"time"
)

// AckCode is the answer to a message (MSA-1, HL7 table 0008).
type AckCode string

// The answers in original mode and, C_, the accept acknowledgements of enhanced
// mode.
const (
	Accept       AckCode = "AA" // processed and durable
	Problem      AckCode = "AE" // in error: the content cannot be used
	Reject       AckCode = "AR" // refused: wrong type, version, processing ID, or not now
	CommitAccept AckCode = "CA"
	CommitError  AckCode = "CE"
	CommitReject AckCode = "CR"
)

// Good reports whether the message was accepted.
func (c AckCode) Good() bool { return c == Accept || c == CommitAccept }

// Answer is what an acknowledgement says.
type Answer struct {
	Code      AckCode
	ControlID string    // MSH-10 of the acknowledgement itself
	Time      time.Time // when it is made
	// Err is written as ERR segments: one for each [*Error] that errors.As finds
	// or that is joined in it. Other errors give one with code 207 and a text
	// that tells nothing of them, for they might hold patient data.
	Err error
}

// Ack writes the acknowledgement of the message whose header is to. Sender and
// receiver change places, MSA-2 echoes MSH-10, the version is that of the
// message (2.5.1 if it has none).
func Ack(to Header, a Answer) []byte {
	h := Header{
		SendingApplication: to.ReceivingApplication, SendingFacility: to.ReceivingFacility,
		ReceivingApplication: to.SendingApplication, ReceivingFacility: to.SendingFacility,
		Time: Timestamp{Time: a.Time, Precision: Second, Zoned: true},
		Type: "ACK", Event: to.Event, ControlID: a.ControlID,
		ProcessingID: to.ProcessingID, Version: to.Version,
	}
	if to.Event != "" {
		h.Structure = "ACK"
	}
	b := NewBuilder(h)
	b.Add(NewSegment("MSA").Set(1, string(a.Code)).Set(2, to.ControlID))
	if a.Err != nil {
		for _, e := range placesOf(a.Err) {
			b.Add(errSegment(e))
		}
	}
	return b.Bytes()
}

// maxERR bounds the ERR segments of one acknowledgement.
const maxERR = 20

// placesOf finds the errors of this package in err.
func placesOf(err error) []*Error {
	var out []*Error
	var walk func(error)
	walk = func(err error) {
		if len(out) >= maxERR || err == nil {
			return
		}
		if place, ok := err.(*Error); ok { //nolint:errorlint // the tree is walked by hand
			out = append(out, place)
			return
		}
		switch x := err.(type) { //nolint:errorlint // the tree is walked by hand
		case interface{ Unwrap() []error }:
			for _, inner := range x.Unwrap() {
				walk(inner)
			}
		case interface{ Unwrap() error }:
			walk(x.Unwrap())
		}
	}
	walk(err)
	if len(out) == 0 {
		out = append(out, &Error{Code: CodeInternal, Reason: "the message could not be processed"})
	}
	return out
}

// errSegment writes where and what (HL7 v2 chapter 2.14.5): ERR-2 location,
// ERR-3 code, ERR-4 severity, ERR-8 text for people.
func errSegment(e *Error) *SegmentBuilder {
	s := NewSegment("ERR")
	if e.Name != "" {
		s.Set(2, e.Name, positive(max(e.Occurrence, 1)), positive(e.Field), positive(e.Repetition), positive(e.Component))
	}
	return s.Set(3, strconv.Itoa(int(e.Code)), e.Code.String(), "HL70357").Set(4, "E").Set(8, e.Error())
}

func positive(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// ReadAck reads the answer of an acknowledgement and which message it answers.
func ReadAck(m *Message) (code AckCode, controlID string, err error) {
	msa := m.First("MSA")
	if !msa.Present() {
		return "", "", m.fail(CodeSegmentSequence, 0, 0, 0, "acknowledgement has no MSA segment")
	}
	code = AckCode(msa.Field(1).Text())
	switch code {
	case Accept, Problem, Reject, CommitAccept, CommitError, CommitReject:
		return code, msa.Field(2).String(), nil
	}
	return "", "", msa.Field(1).fail(CodeTableValue, "acknowledgement code is not in table 0008")
}

// AckCodeFor returns the code that answers an error in original mode, or with
// accept in enhanced mode: AR (CR) for a message of the wrong type, event,
// version or processing ID, AE (CE) for any other error, AA (CA) for none.
func AckCodeFor(err error, accept bool) AckCode {
	codes := [...]AckCode{Accept, Problem, Reject}
	if accept {
		codes = [...]AckCode{CommitAccept, CommitError, CommitReject}
	}
	if err == nil {
		return codes[0]
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Code >= CodeUnsupportedType && e.Code <= CodeUnsupportedVersion {
		return codes[2]
	}
	return codes[1]
}
