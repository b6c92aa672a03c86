package intake

import (
	"context"
	"errors"
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
	switch h.Kind() {
	case hl7v2.MergePatientID, hl7v2.MergePatientList, hl7v2.ChangeID, hl7v2.MoveVisit, hl7v2.MergeAccount:
		merges, err := hl7v2.ReadMerges(m)
		if err != nil {
			return nil, err
		}
		x.merges = merges
	default:
	}
	// What a field's own error leaves empty is not stored. The bytes are kept,
	// so nothing of it is lost, and one bad date does not hold up a patient.
	x.groups, _ = hl7v2.ReadPatients(m) // see above
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
	if err := s.mergeHL7(ctx, tx, x); err != nil {
		return false, err
	}
	if len(x.merges) == 0 {
		for i := range x.groups {
			if err := s.storeGroup(ctx, tx, x, i); err != nil {
				return false, err
			}
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
	pid, _ := hl7v2.ReadPID(g.PID) // a field that cannot be read is left empty; the bytes are kept
	keys, numbers := s.patientNumbers(x.header, pid)
	if len(keys) == 0 && !hasName(pid) && len(g.Orders) == 0 && !g.PV1.Present() {
		return nil // an empty PID tells of nobody
	}
	record, known, err := s.recordFor(ctx, tx, keys, x.id)
	if err != nil {
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
	m.segments(g.PID)
	if err := m.orders(ctx, tx, g.Orders); err != nil {
		return err
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

// mergeHL7 carries out a merge message: it links records and moves no fact.
// Change of an identifier (A47) gives the record one more number, unless the new
// number belongs to another record, which is then linked.
func (s *Service) mergeHL7(ctx context.Context, tx *gate.Tx, x *hl7Message) error {
	for i, merge := range x.merges {
		pid, _ := hl7v2.ReadPID(merge.PID) // a field that cannot be read is left empty; the bytes are kept
		mrg, err := hl7v2.ReadMRG(merge.MRG)
		if err != nil {
			return &refusal{path: pathOf(merge.MRG), why: "the segment cannot be read"}
		}
		keys, numbers := s.patientNumbers(x.header, pid)
		prior := s.priorKeys(x.header, mrg)
		move := x.header.Kind() == hl7v2.MoveVisit || x.header.Kind() == hl7v2.MergeAccount
		if !move && (len(keys) == 0 || len(prior) == 0) {
			return &refusal{path: pathOf(merge.MRG), why: "a merge needs the number that stays in PID-3 and the one given up in MRG-1"}
		}
		if move {
			err = s.noteMove(ctx, tx, x, i, keys, prior, mrg)
		} else {
			err = s.mergeOne(ctx, tx, x, i, keys, prior, numbers)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) mergeOne(ctx context.Context, tx *gate.Tx, x *hl7Message, i int, keys, prior []identity.Key, numbers []chart.Identifier) error {
	if x.header.Kind() == hl7v2.ChangeID {
		old, err := s.identity.RecordOf(ctx, tx, prior)
		if err != nil {
			return err
		}
		taken, err := s.identity.RecordOf(ctx, tx, keys)
		if err != nil {
			return err
		}
		if old != "" && taken == "" {
			if err := s.identity.Number(ctx, tx, old, keys); err != nil {
				return err
			}
			return s.registerMerged(ctx, tx, x, i, old, numbers, true)
		}
	}
	survivor, known, err := s.recordFor(ctx, tx, keys, x.id)
	if err != nil {
		return err
	}
	if err := s.registerMerged(ctx, tx, x, i, survivor, numbers, known); err != nil {
		return err
	}
	subsumed, _, err := s.recordFor(ctx, tx, prior, x.id)
	if err != nil {
		return err
	}
	_, err = s.identity.LinkTx(ctx, tx, identity.Link{
		Survivor: survivor, Subsumed: subsumed, Message: x.id, Cause: x.header.Name(), Reason: x.header.Name(),
	})
	if errors.Is(err, identity.ErrLinked) || errors.Is(err, identity.ErrSelf) {
		return nil // the sender says it again
	}
	return err
}

// noteMove notes on both records that the sender counts a visit or account to
// another patient or number than before. The facts stay where they arrived: who
// moves them for good is a person who reads the note.
func (s *Service) noteMove(ctx context.Context, tx *gate.Tx, x *hl7Message, i int, keys, prior []identity.Key, mrg hl7v2.MRG) error {
	records := make([]string, 2)
	for n, k := range [][]identity.Key{keys, prior} {
		if len(k) == 0 {
			continue // the sender names no such record
		}
		var err error
		if records[n], _, err = s.recordFor(ctx, tx, k, x.id); err != nil {
			return err
		}
	}
	to, from := records[0], records[1]
	what := "visit " + mrg.PriorVisit.ID
	if x.header.Kind() == hl7v2.MergeAccount {
		what = "account " + mrg.PriorAccount.ID
	}
	var b chart.Batch
	note := func(record, display string) {
		if record == "" {
			return
		}
		b.AddFact(chart.Fact{
			Version: chart.Version{Record: record, Source: chart.Source{Message: x.id, Path: pathOf(x.merges[i].MRG)}},
			Kind:    chart.Other, Display: display, Value: what, Status: x.header.Name(), Effective: x.header.Time.In(s.config.Zone),
		})
	}
	if from == to {
		note(to, "The sender gave it another number")
	} else {
		note(to, "The sender moved it here from another record")
		note(from, "The sender moved it to another record")
	}
	_, err := s.chart.StoreTx(ctx, tx, &b)
	return err
}

// registerMerged stores what the PID of a merge message says of the patient.
func (s *Service) registerMerged(ctx context.Context, tx *gate.Tx, x *hl7Message, i int, record string, numbers []chart.Identifier, known bool) error {
	pid, _ := hl7v2.ReadPID(x.merges[i].PID) // as in mergeHL7
	m := mapping{s: s, x: x, record: record, path: pathOf(x.merges[i].PID)}
	m.batch.Reason = x.header.Name()
	if err := m.patient(ctx, tx, pid, numbers, known); err != nil {
		return err
	}
	_, err := s.chart.StoreTx(ctx, tx, &m.batch)
	return err
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

func (s *Service) priorKeys(h hl7v2.Header, mrg hl7v2.MRG) []identity.Key {
	_, all := s.patientNumbers(h, hl7v2.PID{Identifiers: mrg.PriorIdentifiers, ExternalID: mrg.PriorPatientID})
	return chartKeys(all)
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
