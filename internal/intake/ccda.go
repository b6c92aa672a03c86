package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/identity"
	"chartroom/internal/scan"
	"chartroom/wire/ccda"
)

// single is a message that is a file of its own, read outside the transaction:
// a note, a clinical document.
type single interface {
	kept() *envelope
	// store takes it in, inside an action.
	store(ctx context.Context, tx *gate.Tx, s *Service) (repeated bool, err error)
	// notices are what is told of it beside that it was taken in.
	notices() []Rejection
}

// ccdaMessage is a C-CDA document that was read outside the transaction.
type ccdaMessage struct {
	envelope
	doc     *ccda.Document
	entries []*ccda.Entry
	patient ccda.Patient
	keys    []identity.Key
	numbers []chart.Identifier
	told    []Rejection
	read    int // of told, those of the reading; the rest is told by an action that may run again
	scanned *attachedScan
}

func (x *ccdaMessage) kept() *envelope { return &x.envelope }

func (x *ccdaMessage) notices() []Rejection { return x.told }

func (x *ccdaMessage) notice(place, reason string) {
	x.told = append(x.told, Rejection{Place: place, Reason: reason})
}

// readCCDA reads a clinical document. Its errors are *refusal, or a fault of the
// source. A document that cannot be used comes back with the error, so that its
// bytes can be kept; nil where there are none to keep.
func (s *Service) readCCDA(ctx context.Context, r io.Reader, channel string) (*ccdaMessage, error) {
	raw, err := io.ReadAll(io.LimitReader(r, ccda.DefaultMaxBytes+1))
	if err != nil {
		return nil, err //nolint:wrapcheck // a fault of the source, told as it is
	}
	if len(raw) > ccda.DefaultMaxBytes {
		return nil, &refusal{path: documentPlace, why: fmt.Sprintf("it is larger than %d bytes", ccda.DefaultMaxBytes)}
	}
	x := &ccdaMessage{envelope: envelope{
		id: gate.NewID(), channel: channel, format: FormatCCDA, kind: "ClinicalDocument", raw: raw, repeat: string(raw),
	}}
	x.pack()
	if x.doc, err = ccda.Parse(raw, ccda.Options{}); err != nil {
		return x, ccdaRefusal(err)
	}
	for e := range x.doc.Entries() {
		x.entries = append(x.entries, e)
	}
	if err := s.usable(x); err != nil {
		return x, err
	}
	for _, f := range x.doc.Faults() {
		x.notice(f.Place(), f.Reason+"; the value is left empty")
	}
	err = s.readBody(ctx, x)
	x.read = len(x.told)
	return x, err
}

// bodyPlace is where a body stands that is no XML.
const bodyPlace = "/ClinicalDocument/component/nonXMLBody/text"

// readBody reads a body that is scanned paper: a PDF or an image. What cannot be
// kept as that stays in the message.
func (s *Service) readBody(ctx context.Context, x *ccdaMessage) error {
	a := x.doc.Attachment
	if a == nil || len(a.Data) == 0 || s.scan == nil {
		return nil
	}
	f := attachedFile{name: "body", media: strings.ToLower(a.MediaType), data: a.Data}
	if !f.isScan() {
		return nil
	}
	k := x.keys[0]
	scanned, err := s.readAttached(ctx, f, strings.Join([]string{"ccda", k.Assigner, k.Value, x.doc.ID.Root, x.doc.ID.Extension}, "\x00"))
	if no, ok := errors.AsType[*scan.RefusedError](err); ok {
		x.notice(bodyPlace, no.Why+"; its bytes are kept in the message")
		return nil
	}
	if err != nil {
		return err
	}
	x.scanned = scanned
	return nil
}

const documentPlace = "document"

func ccdaRefusal(err error) error {
	var bad *ccda.Error
	if !asError(err, &bad) {
		return &refusal{path: documentPlace, why: "it cannot be read"}
	}
	return &refusal{path: cmp.Or(bad.Place(), documentPlace), why: bad.Reason}
}

// usable looks for what decides whose document it is and which encounter's.
func (s *Service) usable(x *ccdaMessage) error {
	d := x.doc
	if len(d.Patients) == 0 {
		return &refusal{path: "/ClinicalDocument", why: "the document names no patient: it has no recordTarget"}
	}
	for _, f := range d.Faults() {
		if strings.Contains(f.Path, "/birthTime") || strings.HasSuffix(f.Path, "/componentOf/encompassingEncounter/effectiveTime") ||
			strings.Contains(f.Path, "/componentOf/encompassingEncounter/effectiveTime/") {
			return &refusal{path: f.Place(), why: f.Reason}
		}
	}
	x.patient = d.Patients[0]
	x.keys, x.numbers = s.ccdaNumbers(x.patient)
	for _, other := range d.Patients[1:] {
		keys, _ := s.ccdaNumbers(other)
		if !shareKey(x.keys, keys) {
			return &refusal{path: "/ClinicalDocument/recordTarget[2]", why: "the document names two patients; a document of one record cannot be of another too"}
		}
	}
	if len(x.keys) == 0 {
		why := "the patient has no identifier by which a record could be found"
		if len(x.numbers) > 0 {
			why += ": those given are placeholders, or parts of a number"
		}
		return &refusal{path: "/ClinicalDocument/recordTarget/patientRole", why: why}
	}
	if len(x.patient.Names) == 0 {
		return &refusal{path: "/ClinicalDocument/recordTarget/patientRole/patient", why: "the patient has no name"}
	}
	return nil
}

func shareKey(a, b []identity.Key) bool {
	for _, k := range a {
		if slices.Contains(b, k) {
			return true
		}
	}
	return false
}

// The roots of identifiers that are no record numbers: assigned to people by
// authorities.
const (
	oidSSN      = "2.16.840.1.113883.4.1"
	oidMedicare = "2.16.840.1.113883.4.927" // Medicare beneficiary identifier
	oidHICN     = "2.16.840.1.113883.4.572" // Medicare, before 2020
	oidLicences = "2.16.840.1.113883.4.3."  // driver's licences, by state
)

// ccdaNumbers reads the identifiers of a patientRole. In CDA an identifier has
// no type: its root says who assigned it. What no authority assigned is a record
// number of the sender. Where a sender knows the patient by nothing else, the
// social security number is what it files under.
func (s *Service) ccdaNumbers(p ccda.Patient) ([]identity.Key, []chart.Identifier) {
	var keys []identity.Key
	var all []chart.Identifier
	for _, id := range p.IDs {
		if id.Null != "" && id.Extension == "" {
			continue
		}
		n := chart.Identifier{Kind: "MR", Assigner: cmp.Or(id.Assigner, id.Root), Value: id.Extension}
		switch {
		case id.Root == oidSSN:
			n.Kind, n.Assigner = "SS", ""
		case id.Root == oidMedicare, id.Root == oidHICN:
			n.Kind, n.Assigner = "MC", ""
		case strings.HasPrefix(id.Root, oidLicences):
			n.Kind = "DL"
		case id.Extension == "":
			// A root alone names the patient itself, wherever it stands.
			n.Kind, n.Assigner, n.Value = "PI", "", id.Root
		}
		all = append(all, n)
		switch n.Kind {
		case "MR", "PI":
			keys = append(keys, identity.Key{Kind: n.Kind, Assigner: n.Assigner, Value: n.Value})
		}
	}
	if len(keys) == 0 && len(all) > 0 && !placeholderNumber(all[0].Value) {
		keys = []identity.Key{{Kind: all[0].Kind, Assigner: all[0].Assigner, Value: all[0].Value}}
	}
	return keys, all
}

// placeholderNumber reports a number that tells nobody apart: only the last
// digits of one, or nothing but zeros.
func placeholderNumber(value string) bool {
	digits, zeros := 0, 0
	for _, r := range value {
		if r >= '0' && r <= '9' {
			digits++
		}
		if r == '0' {
			zeros++
		}
	}
	return digits < 5 || zeros == digits
}

// store takes the document in, inside an action.
func (x *ccdaMessage) store(ctx context.Context, tx *gate.Tx, s *Service) (repeated bool, err error) {
	repeated, err = s.keepNew(ctx, tx, &x.envelope)
	if err != nil || repeated {
		return repeated, err
	}
	if err := tx.About(ctx, gate.Subject{Kind: subjectMessage, ID: x.id}); err != nil {
		return false, err
	}
	x.told = x.told[:x.read]
	m := ccdaMapping{s: s, x: x}
	if err := m.whose(ctx, tx); err != nil {
		return false, err
	}
	if err := m.encounter(ctx, tx); err != nil {
		return false, err
	}
	if err := m.document(ctx, tx); err != nil {
		return false, err
	}
	for _, e := range x.entries {
		m.entry(e)
	}
	done, err := s.chart.StoreTx(ctx, tx, &m.batch)
	if err != nil {
		return false, err
	}
	if len(done.Refused) > 0 {
		return false, &refusal{path: shortPlace(done.Refused[0].Path), why: done.Refused[0].Why}
	}
	tx.Detail("entries", strconv.Itoa(len(x.entries)))
	if x.scanned == nil {
		return false, nil
	}
	owner := scan.Owner{Record: m.record, Document: m.docID}
	if m.visit != nil {
		owner.Encounter = m.visit.ID
	}
	return false, s.KeepAttached(ctx, tx, x.scanned, x.id, owner)
}

// whose finds or makes the record of the document's patient. A patient who is
// registered stays as registered: a summary from elsewhere corrects nobody.
func (m *ccdaMapping) whose(ctx context.Context, tx *gate.Tx) error {
	x, s := m.x, m.s
	p := ccdaPatient(x)
	before, err := s.identity.RecordOf(ctx, tx, x.keys)
	if err != nil {
		return err
	}
	if before != "" {
		other, err := s.overlays(ctx, tx, before, incoming{name: p.Name, birth: p.BirthDate})
		if err != nil {
			return err
		}
		if other {
			return &refusal{path: "/ClinicalDocument/recordTarget", why: whyOtherPatient}
		}
	}
	record, known, err := s.recordFor(ctx, tx, x.keys, x.id)
	if err != nil {
		return err
	}
	m.record = record
	if known {
		now, err := s.chart.KnownPatient(ctx, tx, record)
		if err != nil || now.Number > 0 {
			return err
		}
	} else {
		m.batch.Born = record
	}
	p.Version = chart.Version{Record: record, Source: chart.Source{Message: x.id, Path: "/ClinicalDocument/recordTarget"}}
	m.batch.AddPatient(p)
	return nil
}

// whyOtherPatient is the reason of what would write one patient over another.
const whyOtherPatient = "another patient has this number: name and birth date differ"
