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
		return adtKinds[h.Event]
	case "ORU":
		if h.Event == "R01" {
			return Result
		}
	case "MDM":
		return mdmKinds[h.Event]
	}
	return OtherKind
}

// adtKinds are the ADT events that have a kind (HL7 v2 chapter 3).
var adtKinds = map[string]Kind{
	"A01": Admit,
	"A02": Transfer,
	"A03": Discharge,
	"A04": Register,
	"A05": Preadmit,
	"A06": ToInpatient,
	"A07": ToOutpatient,
	"A08": Update,
	"A11": CancelAdmit,
	"A12": CancelTransfer,
	"A13": CancelDischarge,
	"A28": AddPerson,
	"A31": UpdatePerson,
	"A34": MergePatientID,
	"A40": MergePatientList,
	"A41": MergeAccount,
	"A45": MoveVisit,
	"A47": ChangeID,
}

// mdmKinds are the MDM events (HL7 v2 chapter 9); of each pair the second
// brings the text with it.
var mdmKinds = map[string]Kind{
	"T01": DocumentNotice,
	"T02": DocumentContent,
	"T03": DocumentStatus,
	"T04": DocumentStatus,
	"T05": DocumentAddendum,
	"T06": DocumentAddendum,
	"T07": DocumentEdit,
	"T08": DocumentEdit,
	"T09": DocumentReplacement,
	"T10": DocumentReplacement,
	"T11": DocumentCancel,
}
