package hl7v2

// Kind is what a message asks its receiver to do.
type Kind uint8

// The kinds of messages that this package has names for.
const (
	OtherKind Kind = iota
	Admit
	Transfer
	Discharge
	Register
	Preadmit
	ToInpatient
	ToOutpatient
	Update
	CancelAdmit
	CancelTransfer
	CancelDischarge
	AddPerson
	UpdatePerson
	MergePatientID      // A34: MRG-1 into PID-3, patient identifier only
	MergePatientList    // A40: MRG-1 into PID-3, patient identifier list
	MergeAccount        // A41: MRG-3 into PID-18
	MoveVisit           // A45: visit MRG-5 of patient MRG-1 to PV1-19 of PID-3
	ChangeID            // A47: MRG-1 becomes PID-3
	Result              // ORU^R01
	DocumentNotice      // T01: a document exists
	DocumentContent     // T02: and its text
	DocumentStatus      // T04: status change, with text
	DocumentAddendum    // T06: addendum, with text
	DocumentEdit        // T08: edited, with text
	DocumentReplacement // T10: replacement, with text
	DocumentCancel      // T11: cancelled
)

var kindNames = [...]string{
	"other", "admit", "transfer", "discharge", "register", "preadmit", "change to inpatient",
	"change to outpatient", "update", "cancel admit", "cancel transfer", "cancel discharge", "add person",
	"update person", "merge patient ID", "merge patient identifier list", "merge account", "move visit",
	"change identifier", "result", "document notice", "document content", "document status change",
	"document addendum", "document edit", "document replacement", "document cancel",
}

// String returns the kind in words.
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return kindNames[OtherKind]
	}
	return kindNames[k]
}

// Kind returns what the message asks for, by MSH-9 (HL7 v2 chapters 3, 7, 9);
// OtherKind for the types that this package does not know.
func (h Header) Kind() Kind {
	switch h.Type {
	case "ADT":
		return adtKind(h.Event)
	case "ORU":
		if h.Event == "R01" {
			return Result
		}
	case "MDM":
		return mdmKind(h.Event)
	}
	return OtherKind
}

func adtKind(event string) Kind {
	switch event {
	case "A01":
		return Admit
	case "A02":
		return Transfer
	case "A03":
		return Discharge
	case "A04":
		return Register
	case "A05":
		return Preadmit
	case "A06":
		return ToInpatient
	case "A07":
		return ToOutpatient
	case "A08":
		return Update
	case "A11":
		return CancelAdmit
	case "A12":
		return CancelTransfer
	case "A13":
		return CancelDischarge
	case "A28":
		return AddPerson
	case "A31":
		return UpdatePerson
	case "A34":
		return MergePatientID
	case "A40":
		return MergePatientList
	case "A41":
		return MergeAccount
	case "A45":
		return MoveVisit
	case "A47":
		return ChangeID
	}
	return OtherKind
}

func mdmKind(event string) Kind {
	switch event {
	case "T01":
		return DocumentNotice
	case "T02":
		return DocumentContent
	case "T03", "T04":
		return DocumentStatus
	case "T05", "T06":
		return DocumentAddendum
	case "T07", "T08":
		return DocumentEdit
	case "T09", "T10":
		return DocumentReplacement
	case "T11":
		return DocumentCancel
	}
	return OtherKind
}
