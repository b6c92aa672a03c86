package hl7v2

// The views of segments. Each function reads one segment as far as it goes: the
// view is filled with all that could be read also when an error is returned.
// The error joins one [*Error] for each field that could not be read.

// EVN is the event that a message tells of.
type EVN struct {
	Code      string // EVN-1, before version 2.7
	Recorded  Timestamp
	Planned   Timestamp
	Reason    CWE
	Operators []XCN
	Occurred  Timestamp
	Facility  HD
	Fields    Fields
}

// ReadEVN reads an EVN segment.
func ReadEVN(s Segment) (EVN, error) {
	r := reading{seg: s}
	e := EVN{
		Code: r.text(1), Recorded: r.time(2), Planned: r.time(3), Reason: r.cwe(4),
		Operators: r.people(5), Occurred: r.time(6), Facility: s.Field(7).HD(), Fields: fieldsOf(s),
	}
	return e, r.err()
}

// PID identifies the patient.
type PID struct {
	SetID             string
	ExternalID        CX   // PID-2, before version 2.7
	Identifiers       []CX // PID-3
	AlternateIDs      []CX // PID-4, before version 2.7
	Names             []XPN
	MothersMaidenName []XPN
	Birth             Timestamp
	Sex               string // table 0001: F, M, O, U, A, N
	Aliases           []XPN  // PID-9, before version 2.7
	Race              []CWE
	Addresses         []XAD
	County            string
	HomePhones        []XTN
	WorkPhones        []XTN
	Language          CWE
	MaritalStatus     CWE
	Religion          CWE
	Account           CX // PID-18
	SSN               string
	Ethnicity         []CWE
	BirthPlace        string
	Death             Timestamp
	Dead              string // PID-30: Y, N or not said
	Fields            Fields
}

// ReadPID reads a PID segment. SSN is PID-19, or else the identifier of type SS
// in PID-3.
func ReadPID(s Segment) (PID, error) {
	r := reading{seg: s}
	p := PID{
		SetID: r.text(1), ExternalID: r.cx(2), Identifiers: r.identifiers(3), AlternateIDs: r.identifiers(4),
		Names: r.names(5), MothersMaidenName: r.names(6), Birth: r.time(7), Sex: r.text(8),
		Aliases: r.names(9), Race: r.codes(10), Addresses: r.addresses(11), County: r.text(12),
		HomePhones: r.phones(13), WorkPhones: r.phones(14), Language: r.cwe(15), MaritalStatus: r.cwe(16),
		Religion: r.cwe(17), Account: r.cx(18), SSN: r.text(19), Ethnicity: r.codes(22),
		BirthPlace: r.whole(23), Death: r.time(29), Dead: r.text(30), Fields: fieldsOf(s),
	}
	if p.SSN == "" {
		for _, id := range p.Identifiers {
			if id.Type == "SS" {
				p.SSN = id.ID
				break
			}
		}
	}
	return p, r.err()
}

// PV1 is a visit.
type PV1 struct {
	SetID                string
	Class                string // table 0004: I inpatient, O outpatient, E emergency, P preadmit, R recurring, B obstetrics
	Location             PL
	AdmissionType        CWE
	PreadmitNumber       CX
	PriorLocation        PL
	Attending            []XCN
	Referring            []XCN
	Consulting           []XCN
	Service              CWE
	AdmitSource          CWE
	Admitting            []XCN
	PatientType          CWE
	VisitNumber          CX // PV1-19
	FinancialClass       string
	DischargeDisposition CWE // PV1-36, table 0112
	AccountStatus        CWE
	Admit                Timestamp
	Discharge            Timestamp
	AlternateVisitID     CX // PV1-50
	Fields               Fields
}

// ReadPV1 reads a PV1 segment.
func ReadPV1(s Segment) (PV1, error) {
	r := reading{seg: s}
	v := PV1{
		SetID: r.text(1), Class: r.text(2), Location: s.Field(3).PL(), AdmissionType: r.cwe(4),
		PreadmitNumber: r.cx(5), PriorLocation: s.Field(6).PL(), Attending: r.people(7), Referring: r.people(8),
		Consulting: r.people(9), Service: r.cwe(10), AdmitSource: r.cwe(14), Admitting: r.people(17),
		PatientType: r.cwe(18), VisitNumber: r.cx(19), FinancialClass: r.text(20),
		DischargeDisposition: r.cwe(36), AccountStatus: r.cwe(41), Admit: r.time(44), Discharge: r.time(45),
		AlternateVisitID: r.cx(50), Fields: fieldsOf(s),
	}
	return v, r.err()
}

// PV2 is more about a visit.
type PV2 struct {
	PriorPendingLocation PL
	AdmitReason          CWE
	TransferReason       CWE
	ExpectedAdmit        Timestamp
	ExpectedDischarge    Timestamp
	Description          string
	Fields               Fields
}

// ReadPV2 reads a PV2 segment.
func ReadPV2(s Segment) (PV2, error) {
	r := reading{seg: s}
	v := PV2{
		PriorPendingLocation: s.Field(1).PL(), AdmitReason: r.cwe(3), TransferReason: r.cwe(4),
		ExpectedAdmit: r.time(8), ExpectedDischarge: r.time(9), Description: r.whole(12), Fields: fieldsOf(s),
	}
	return v, r.err()
}

// MRG names the identifiers that are given up in a merge, move or change.
type MRG struct {
	PriorIdentifiers    []CX // MRG-1, merged into PID-3
	PriorAlternateIDs   []CX
	PriorAccount        CX // MRG-3
	PriorPatientID      CX // MRG-4, before version 2.7
	PriorVisit          CX // MRG-5
	PriorAlternateVisit []CX
	PriorNames          []XPN
	Fields              Fields
}

// ReadMRG reads an MRG segment.
func ReadMRG(s Segment) (MRG, error) {
	r := reading{seg: s}
	return MRG{
		PriorIdentifiers: r.identifiers(1), PriorAlternateIDs: r.identifiers(2), PriorAccount: r.cx(3),
		PriorPatientID: r.cx(4), PriorVisit: r.cx(5), PriorAlternateVisit: r.identifiers(6),
		PriorNames: r.names(7), Fields: fieldsOf(s),
	}, r.err()
}

// IN1 is an insurance of the patient.
type IN1 struct {
	SetID          string
	Plan           CWE
	CompanyIDs     []CX
	CompanyName    string
	CompanyAddress []XAD
	CompanyPhones  []XTN
	GroupNumber    string
	GroupName      string
	Effective      Timestamp
	Expiration     Timestamp
	PlanType       CWE
	InsuredNames   []XPN
	Relationship   CWE // table 0063
	InsuredBirth   Timestamp
	InsuredAddress []XAD
	PolicyNumber   string // IN1-36
	Fields         Fields
}

// ReadIN1 reads an IN1 segment.
func ReadIN1(s Segment) (IN1, error) {
	r := reading{seg: s}
	in := IN1{
		SetID: r.text(1), Plan: r.cwe(2), CompanyIDs: r.identifiers(3), CompanyName: r.text(4),
		CompanyAddress: r.addresses(5), CompanyPhones: r.phones(7), GroupNumber: r.text(8),
		GroupName: r.text(9), Effective: r.time(12), Expiration: r.time(13), PlanType: r.cwe(15),
		InsuredNames: r.names(16), Relationship: r.cwe(17), InsuredBirth: r.time(18),
		InsuredAddress: r.addresses(19), PolicyNumber: r.text(36), Fields: fieldsOf(s),
	}
	return in, r.err()
}
