package intake

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/identity"
	"chartroom/wire/hl7v2"
)

// hl7Message is an HL7 v2 message that was read outside the transaction.
type hl7Message struct {
	envelope
	message *hl7v2.Message
	header  hl7v2.Header
	groups  []hl7v2.PatientGroup
	merges  []hl7v2.Merge
	early   error       // of fields, as it was read
	told    []Rejection // fields left empty
}

// typeAndEvent is how a message type and its event look (HL7 tables 0076, 0003).
var typeAndEvent = regexp.MustCompile(`^[A-Z][A-Z0-9]{2}(\^[A-Z][A-Z0-9]{2})?$`)

// kindOf is a message's type and event as they stand in the clear: nothing else
// that a sender may have put in their place.
func kindOf(h hl7v2.Header) string {
	if name := h.Name(); typeAndEvent.MatchString(name) {
		return name
	}
	return "other"
}

// readHL7 prepares a message: all that needs no database. Its errors are
// *hl7v2.Error and name the place.
func (s *Service) readHL7(m *hl7v2.Message, channel string) (*hl7Message, error) {
	h := m.Header()
	x := &hl7Message{message: m, header: h}
	x.envelope = envelope{
		id: gate.NewID(), channel: channel, format: FormatHL7, kind: kindOf(h), raw: m.Raw(),
		head: sealedHead{Sender: sender(h), Control: h.ControlID},
	}
	if h.Type == "" {
		return nil, &hl7v2.Error{Code: hl7v2.CodeRequiredField, Message: m.Number(), Segment: 1, Name: "MSH", Field: 9,
			Line: m.Line(), Offset: m.Offset(), Reason: "the message names no type"}
	}
	if h.Type == "ACK" {
		return nil, &hl7v2.Error{Code: hl7v2.CodeUnsupportedType, Message: m.Number(), Segment: 1, Name: "MSH", Field: 9,
			Line: m.Line(), Offset: m.Offset(), Reason: "an acknowledgement is not taken in"}
	}
	if h.ControlID != "" {
		x.repeat = repeatID(h, m)
	}
	if h.Type == "ADT" && merges[h.Event] != 0 {
		pairs, err := hl7v2.ReadMerges(m)
		if err != nil {
			return nil, err
		}
		x.merges = pairs
	}
	// What a field's own error leaves empty is not stored, and told. The bytes are
	// kept, so nothing of it is lost, and one bad date does not hold up a patient.
	x.groups, x.early = hl7v2.ReadPatients(m)
	x.pack()
	return x, nil
}

// sender names who sent a message: application and facility.
func sender(h hl7v2.Header) string {
	return strings.Join([]string{
		h.SendingApplication.Namespace, h.SendingApplication.UniversalID,
		h.SendingFacility.Namespace, h.SendingFacility.UniversalID,
	}, "|")
}

// repeatID is what a repeat is recognised by: sender, control ID, type and all
// that stands behind the header. A sender that tries again writes a new time
// into MSH-7; one that uses a control ID twice for different content sends two
// messages, and neither may be lost.
func repeatID(h hl7v2.Header, m *hl7v2.Message) string {
	var b strings.Builder
	b.WriteString(sender(h) + "\x00" + h.ControlID + "\x00" + h.Name())
	for seg := range m.Segments() {
		if seg.Number() > 1 {
			b.WriteByte('\r')
			b.Write(seg.Raw())
		}
	}
	return b.String()
}

// storeHL7 takes one message in, inside an action. It reports whether the
// message was here before.
func (s *Service) storeHL7(ctx context.Context, tx *gate.Tx, x *hl7Message) (repeated bool, err error) {
	repeated, err = s.keepNew(ctx, tx, &x.envelope)
	if err != nil || repeated {
		return repeated, err
	}
	if err := tx.About(ctx, gate.Subject{Kind: subjectMessage, ID: x.id}); err != nil {
		return false, err
	}
	x.told = nil // the action may run again
	x.fault(x.early)
	if x.header.Type == "ADT" {
		switch x.header.Event {
		case "A23", "A29":
			return false, &refusal{path: "MSH", why: "no message deletes a record: a person withdraws what was entered in error"}
		case "A24", "A37":
			return false, s.pairHL7(ctx, tx, x)
		}
	}
	if len(x.merges) > 0 {
		return false, s.mergeHL7(ctx, tx, x)
	}
	for i := range x.groups {
		if err := s.storeGroup(ctx, tx, x, i); err != nil {
			return false, err
		}
	}
	return false, nil
}

// refusal is an error of the content: the message is rejected, nothing failed.
type refusal struct {
	path, why string
}

func (r *refusal) Error() string { return r.path + ": " + r.why }

// storeGroup takes in one patient of a message with what follows.
func (s *Service) storeGroup(ctx context.Context, tx *gate.Tx, x *hl7Message, i int) error {
	g := x.groups[i]
	pid, fault := hl7v2.ReadPID(g.PID)
	keys, numbers := s.patientNumbers(x.header, pid)
	if len(keys) == 0 && !hasName(pid) && len(g.Orders) == 0 && !g.PV1.Present() {
		return nil // an empty PID tells of nobody
	}
	record, known, err := s.recordFor(ctx, tx, keys, x.id)
	if err != nil {
		return err
	}
	if err := x.decisive(g.PID, fault, !known || x.header.Type == "ADT", 7); err != nil {
		return err
	}
	m := mapping{s: s, x: x, record: record, path: pathOf(g.PID), account: pid.Account}
	m.batch.Reason = x.header.Name()
	if !known {
		m.batch.Born = record
	}
	if err := m.patient(ctx, tx, pid, numbers, known); err != nil {
		return err
	}
	if err := m.visit(ctx, tx, g.PV1); err != nil {
		return err
	}
	if _, back := x.cancel(); !back {
		m.segments(g.PID)
		m.orderFacts(g.PID)
		if err := m.orders(ctx, tx, g.Orders); err != nil {
			return err
		}
	}
	done, err := s.chart.StoreTx(ctx, tx, &m.batch)
	if err != nil {
		return err
	}
	if len(done.Refused) > 0 {
		return &refusal{path: done.Refused[0].Path, why: done.Refused[0].Why}
	}
	return nil
}

// recordFor finds or makes the record that the keys name.
func (s *Service) recordFor(ctx context.Context, tx *gate.Tx, keys []identity.Key, message string) (record string, known bool, err error) {
	record, unknown, err := s.identity.Find(ctx, tx, keys)
	if err != nil {
		return "", false, err
	}
	known = record != ""
	if !known {
		record = gate.NewID()
		if err := s.chart.NewRecord(ctx, tx, record, message); err != nil {
			return "", false, err
		}
	}
	return record, known, s.identity.Number(ctx, tx, record, unknown)
}

// patientNumbers reads the identifiers of a PID: the keys that decide which
// record is meant, and all of them for the chart. Where no identifier is typed
// as a medical record number, the first untyped one is it; an assigner that is
// not named is the sending facility.
func (s *Service) patientNumbers(h hl7v2.Header, pid hl7v2.PID) ([]identity.Key, []chart.Identifier) {
	var all []chart.Identifier
	add := func(id hl7v2.CX, kind string) {
		if id.ID == "" {
			return
		}
		n := chart.Identifier{Kind: kind, Assigner: s.assigner(h, id, kind), Value: id.ID}
		if !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	for _, id := range pid.Identifiers {
		add(id, idKind(id.Type))
	}
	if !hasKind(all, "MR") {
		for i := range all {
			if all[i].Kind == "" || all[i].Kind == "PI" || all[i].Kind == "PT" {
				all[i].Kind = "MR"
				break
			}
		}
	}
	if !hasKind(all, "MR") && len(pid.AlternateIDs) > 0 && len(pid.Identifiers) == 0 {
		add(pid.AlternateIDs[0], "MR")
	}
	if !hasKind(all, "MR") {
		add(pid.ExternalID, "MR")
	}
	if !hasKind(all, "MR") && len(all) > 0 {
		// Whatever the sender calls it, it is what it knows the patient by.
		return []identity.Key{{Kind: all[0].Kind, Assigner: all[0].Assigner, Value: all[0].Value}}, withSSN(all, pid)
	}
	return chartKeys(all), withSSN(all, pid)
}

func withSSN(all []chart.Identifier, pid hl7v2.PID) []chart.Identifier {
	if pid.SSN == "" || hasKind(all, "SS") {
		return all
	}
	return append(all, chart.Identifier{Kind: "SS", Value: pid.SSN})
}

func chartKeys(all []chart.Identifier) []identity.Key {
	var keys []identity.Key
	for _, n := range all {
		if n.Kind == "MR" {
			keys = append(keys, identity.Key{Kind: "MR", Assigner: n.Assigner, Value: n.Value})
		}
	}
	return keys
}

// idKind normalises an identifier type of table 0203.
func idKind(kind string) string {
	switch strings.ToUpper(kind) {
	case "MRN", "MR":
		return "MR"
	case "SSN", "SS":
		return "SS"
	}
	return kind
}

// assigner names who assigned an identifier.
func (s *Service) assigner(h hl7v2.Header, id hl7v2.CX, kind string) string {
	for _, hd := range []hl7v2.HD{id.Authority, id.Facility} {
		if name := hdName(hd); name != "" {
			return name
		}
	}
	if kind == "SS" {
		return ""
	}
	return hdName(h.SendingFacility)
}

func hdName(h hl7v2.HD) string {
	if h.Namespace != "" {
		return h.Namespace
	}
	return h.UniversalID
}

func hasKind(all []chart.Identifier, kind string) bool {
	for _, id := range all {
		if id.Kind == kind {
			return true
		}
	}
	return false
}

func hasName(pid hl7v2.PID) bool { return len(pid.Names) > 0 && pid.Names[0].Family != "" }

// pathOf names a segment: its name and which of that name it is, "OBX[3]".
func pathOf(seg hl7v2.Segment) string {
	n := 0
	for other := range seg.Message().All(seg.Name()) {
		n++
		if other.Number() == seg.Number() {
			break
		}
	}
	return fmt.Sprintf("%s[%d]", seg.Name(), n)
}
