package hl7v2

import (
	"bytes"
	"strings"
)

// DG1 is a diagnosis.
type DG1 struct {
	SetID              string
	CodingMethod       string // DG1-2, before version 2.7: the code system when DG1-3.3 is empty
	Code               CWE
	Description        string // DG1-4, before version 2.7
	Time               Timestamp
	Type               CWE    // table 0052: A admitting, W working, F final
	Priority           string // DG1-15: 1 is the principal diagnosis
	Clinicians         []XCN
	Action             string // DG1-21, table 0206: A add, D delete, U update, S snapshot
	PresentOnAdmission string // DG1-26, table 0895: Y, N, U, W
	Fields             Fields
}

// ReadDG1 reads a DG1 segment.
func ReadDG1(s Segment) (DG1, error) {
	r := reading{seg: s}
	d := DG1{
		SetID: r.text(1), CodingMethod: r.text(2), Code: r.cwe(3), Description: r.whole(4), Time: r.time(5),
		Type: r.cwe(6), Priority: r.text(15), Clinicians: r.people(16), Action: r.text(21),
		PresentOnAdmission: r.text(26), Fields: fieldsOf(s),
	}
	return d, r.err()
}

// PR1 is a procedure.
type PR1 struct {
	SetID         string
	CodingMethod  string // PR1-2, before version 2.7
	Code          CWE
	Description   string // PR1-4, before version 2.7
	Time          Timestamp
	Type          CWE // table 0230
	Minutes       string
	Surgeons      []XCN
	Practitioners []XCN
	Priority      string // PR1-14: 1 is the principal procedure
	Diagnosis     CWE
	Modifiers     []CWE
	Action        string // PR1-20
	Fields        Fields
}

// ReadPR1 reads a PR1 segment.
func ReadPR1(s Segment) (PR1, error) {
	r := reading{seg: s}
	p := PR1{
		SetID: r.text(1), CodingMethod: r.text(2), Code: r.cwe(3), Description: r.whole(4), Time: r.time(5),
		Type: r.cwe(6), Minutes: r.text(7), Surgeons: r.people(11), Practitioners: r.people(12),
		Priority: r.text(14), Diagnosis: r.cwe(15), Modifiers: r.codes(16), Action: r.text(20), Fields: fieldsOf(s),
	}
	return p, r.err()
}

// AL1 is an allergy.
type AL1 struct {
	SetID      string
	Type       CWE // table 0127: DA drug, FA food, MA miscellaneous, ...
	Code       CWE
	Severity   CWE // table 0128: MI, MO, SV, U
	Reactions  []string
	Identified Timestamp
	Fields     Fields
}

// ReadAL1 reads an AL1 segment.
func ReadAL1(s Segment) (AL1, error) {
	r := reading{seg: s}
	a := AL1{
		SetID: r.text(1), Type: r.cwe(2), Code: r.cwe(3), Severity: r.cwe(4),
		Reactions: each(s.Field(5), Value.String), Identified: r.time(6), Fields: fieldsOf(s),
	}
	return a, r.err()
}

// OBR is an order's observation request: what was examined.
type OBR struct {
	SetID       string
	Placer      EI
	Filler      EI
	Service     CWE
	Observed    Timestamp // start
	ObservedTo  Timestamp
	Received    Timestamp // specimen
	Ordering    []XCN
	Reported    Timestamp
	Section     string // OBR-24, table 0074: LAB, RAD, PTH, ...
	Status      string // OBR-25, table 0123: F final, P preliminary, C corrected, X cancelled
	Interpreter XCN    // OBR-32, principal result interpreter
	Fields      Fields
}

// ReadOBR reads an OBR segment.
func ReadOBR(s Segment) (OBR, error) {
	r := reading{seg: s}
	o := OBR{
		SetID: r.text(1), Placer: s.Field(2).EI(), Filler: s.Field(3).EI(), Service: r.cwe(4),
		Observed: r.time(7), ObservedTo: r.time(8), Received: r.time(14), Ordering: r.people(16),
		Reported: r.time(22), Section: r.text(24), Status: r.text(25), Interpreter: readNDL(s.Field(32)),
		Fields: fieldsOf(s),
	}
	return o, r.err()
}

// readNDL reads a name with date and location, whose name parts are
// subcomponents of its first component (type CNN).
func readNDL(v Value) XCN {
	c := v.Component(1)
	return XCN{
		ID: c.Subcomponent(1).String(),
		Name: XPN{Family: c.Subcomponent(2).String(), Given: c.Subcomponent(3).String(),
			Middle: c.Subcomponent(4).String(), Suffix: c.Subcomponent(5).String(), Prefix: c.Subcomponent(6).String()},
		Authority: HD{Namespace: c.Subcomponent(9).String()},
	}
}

// ORC is the common part of an order.
type ORC struct {
	Control  string // table 0119: NW new, RE result, CA cancel, ...
	Placer   EI
	Filler   EI
	Status   string // table 0038
	Time     Timestamp
	Ordering []XCN
	Fields   Fields
}

// ReadORC reads an ORC segment.
func ReadORC(s Segment) (ORC, error) {
	r := reading{seg: s}
	o := ORC{
		Control: r.text(1), Placer: s.Field(2).EI(), Filler: s.Field(3).EI(), Status: r.text(5),
		Time: r.time(9), Ordering: r.people(12), Fields: fieldsOf(s),
	}
	return o, r.err()
}

// OBX is one observation.
type OBX struct {
	SetID     string
	Type      string // OBX-2: NM, ST, TX, FT, CE, CWE, ED, TS, ...
	Code      CWE
	SubID     string
	Value     Value // OBX-5 as it came; see Text, Codes, Document
	Units     CWE
	Range     string
	Flags     []CWE  // table 0078: H, L, A, ...
	Status    string // table 0085: F final, P preliminary, C corrected, D delete, ...
	Time      Timestamp
	Observers []XCN
	Fields    Fields
}

// ReadOBX reads an OBX segment.
func ReadOBX(s Segment) (OBX, error) {
	r := reading{seg: s}
	o := OBX{
		SetID: r.text(1), Type: r.text(2), Code: r.cwe(3), SubID: r.whole(4), Value: s.Field(5),
		Units: r.cwe(6), Range: r.whole(7), Flags: r.codes(8), Status: r.text(11), Time: r.time(14),
		Observers: r.people(16), Fields: fieldsOf(s),
	}
	if o.Type == "ED" {
		if _, ok := o.Value.ED().Decode(); !ok {
			r.fail(o.Value, "encapsulated data is not of the encoding it names")
		}
	}
	return o, r.err()
}

// Text returns the observation as people read it, whatever its type. The
// repetitions of text types are its lines (HL7 v2 chapter 2A, TX); of coded
// values the text, or else the code. For encapsulated data it is "".
func (o OBX) Text() string {
	switch o.Type {
	case "ED", "RP":
		return ""
	case "CE", "CWE", "CNE", "CF":
		return joinRepetitions(o.Value, "; ", func(v Value) string {
			c := v.CWE()
			for _, text := range [...]string{c.Text, c.Original, c.AltText, c.Code} {
				if text != "" {
					return text
				}
			}
			return c.AltCode
		})
	case "SN":
		return joinRepetitions(o.Value, "; ", func(v Value) string {
			return v.Component(1).String() + v.Component(2).String() + v.Component(3).String() + v.Component(4).String()
		})
	}
	return joinLines(o.Value)
}

// Codes returns the observation's coded values; nil for other types.
func (o OBX) Codes() []CWE {
	switch o.Type {
	case "CE", "CWE", "CNE", "CF", "IS", "ID":
		return each(o.Value, Value.CWE)
	}
	return nil
}

// Document returns the encapsulated data of an observation of type ED and its
// bytes; ok is false for other types and for data that cannot be decoded.
func (o OBX) Document() (doc ED, data []byte, ok bool) {
	if o.Type != "ED" {
		return ED{}, nil, false
	}
	doc = o.Value.ED()
	data, ok = doc.Decode()
	return doc, data, ok
}

func joinRepetitions(field Value, sep string, read func(Value) string) string {
	return strings.Join(each(field, read), sep)
}

// joinLines returns a text field whose repetitions are lines, empty ones kept.
func joinLines(field Value) string {
	sep := field.separator(levelRepetition)
	if field.State() != Valued || sep == 0 || bytes.IndexByte(field.Raw(), sep) < 0 {
		return field.String()
	}
	var lines []string
	line := field
	for raw := range bytes.SplitSeq(field.Raw(), []byte{sep}) {
		line.end = line.start + index(len(raw))
		lines = append(lines, line.String())
		line.start = line.end + 1
	}
	return strings.Join(lines, "\n")
}

// NTE is a comment on what stands before it.
type NTE struct {
	SetID   string
	Source  string // table 0105
	Comment string // lines separated by \n
}

// ReadNTE reads an NTE segment.
func ReadNTE(s Segment) NTE {
	return NTE{SetID: s.Field(1).Text(), Source: s.Field(2).Text(), Comment: joinLines(s.Field(3))}
}

// TXA is the header of a document (HL7 v2 chapter 9).
type TXA struct {
	SetID            string
	Type             CWE    // table 0270: DS discharge summary, OP operative note, HP, PN, CN, ...
	Presentation     string // table 0191
	Activity         Timestamp
	Provider         []XCN // TXA-5, who is responsible for what it tells of
	Origination      Timestamp
	Transcription    Timestamp
	Edited           []Timestamp
	Originators      []XCN // TXA-9, who wrote or dictated it
	Authenticators   []XCN // TXA-10, who is to sign
	Transcriptionist []XCN
	Number           EI // TXA-12, unique document number
	Parent           EI // TXA-13, the document that it adds to or replaces
	FileName         string
	Completion       string // TXA-17, table 0271: DI dictated, DO documented, IP, IN, PA pre-authenticated, AU authenticated, LA legally authenticated
	Confidentiality  string // TXA-18
	Availability     string // TXA-19, table 0273: AV available, CA deleted, OB obsolete, UN
	ChangeReason     string
	Signatures       []Signature // TXA-22
	Fields           Fields
}

// Signature is who authenticated a document, and when.
type Signature struct {
	Person XCN
	Time   Timestamp
}

// ReadTXA reads a TXA segment.
func ReadTXA(s Segment) (TXA, error) {
	r := reading{seg: s}
	t := TXA{
		SetID: r.text(1), Type: r.cwe(2), Presentation: r.text(3), Activity: r.time(4), Provider: r.people(5),
		Origination: r.time(6), Transcription: r.time(7), Originators: r.people(9), Authenticators: r.people(10),
		Transcriptionist: r.people(11), Number: s.Field(12).EI(), Parent: s.Field(13).EI(),
		FileName: r.whole(16), Completion: r.text(17), Confidentiality: r.text(18), Availability: r.text(19),
		ChangeReason: r.whole(21), Fields: fieldsOf(s),
	}
	t.Edited = each(s.Field(8), func(v Value) Timestamp {
		at, err := v.Timestamp()
		if err != nil {
			r.errors = append(r.errors, err)
		}
		return at
	})
	t.Signatures = each(s.Field(22), func(v Value) Signature {
		at, err := v.Component(15).Timestamp()
		if err != nil {
			r.errors = append(r.errors, err)
		}
		return Signature{Person: v.XCN(), Time: at}
	})
	return t, r.err()
}
