package intake

import (
	"context"
	"strings"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/identity"
	"chartroom/wire/hl7v2"
)

// merging says what a pair of PID and MRG asks for.
type merging uint8

const (
	mergeRecords merging = 1 + iota // MRG-1 into PID-3
	mergeBoth                       // and account MRG-3 into PID-18
	changeNumber                    // MRG-1 becomes PID-3
	moveAccount                     // account MRG-3 into PID-18 of PID-3
	moveVisit                       // visit MRG-5 into PV1-19 of PID-3
)

// merges are the events that bring pairs of PID and MRG (HL7 v2 chapter 3; A18,
// A30 and A34 to A36 are those of versions before 2.3.1).
var merges = map[string]merging{
	"A18": mergeRecords, "A30": mergeRecords, "A34": mergeRecords, "A39": mergeRecords, "A40": mergeRecords, "A36": mergeBoth,
	"A47": changeNumber, "A35": moveAccount, "A41": moveAccount, "A44": moveAccount, "A49": moveAccount,
	"A42": moveVisit, "A45": moveVisit, "A50": moveVisit,
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
		way := merges[x.header.Event]
		move := way == moveAccount || way == moveVisit
		switch {
		case !move && (len(keys) == 0 || len(prior) == 0):
			return &refusal{path: pathOf(merge.MRG), why: whyNumbers}
		case !move && sameKey(keys, prior) && way != mergeBoth:
			return &refusal{path: pathOf(merge.MRG), why: whySelf}
		case !move && !sameKey(keys, prior):
			if err := s.mergeOne(ctx, tx, x, i, keys, prior, numbers); err != nil {
				return err
			}
		}
		if move || way == mergeBoth && mrg.PriorAccount.ID != "" {
			if err := s.noteMove(ctx, tx, x, i, keys, prior, mrg); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) mergeOne(ctx context.Context, tx *gate.Tx, x *hl7Message, i int, keys, prior []identity.Key, numbers []chart.Identifier) error {
	if merges[x.header.Event] == changeNumber {
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
	why, err := s.join(ctx, tx, identity.Link{
		Survivor: survivor, Subsumed: subsumed, Message: x.id, Cause: x.header.Name(), Reason: x.header.Name(),
	})
	if err == nil && why != "" {
		return &refusal{path: pathOf(x.merges[i].MRG), why: why}
	}
	return err
}

// sameKey reports whether a number is on both sides.
func sameKey(a, b []identity.Key) bool {
	for _, k := range a {
		for _, other := range b {
			if strings.EqualFold(k.Value, other.Value) && strings.EqualFold(k.Assigner, other.Assigner) && k.Kind == other.Kind {
				return true
			}
		}
	}
	return false
}

// pairHL7 links the two patients of a message (A24), or undoes what linked them
// (A37).
func (s *Service) pairHL7(ctx context.Context, tx *gate.Tx, x *hl7Message) error {
	if len(x.groups) != 2 {
		return &refusal{path: "PID", why: "the message does not name two patients"}
	}
	records := make([]string, 2)
	sides := make([][]identity.Key, 2)
	for i, g := range x.groups {
		pid, _ := hl7v2.ReadPID(g.PID) // a field that cannot be read is left empty; the bytes are kept
		keys, _ := s.patientNumbers(x.header, pid)
		if len(keys) == 0 {
			return &refusal{path: pathOf(g.PID), why: "the patient has no number"}
		}
		sides[i] = keys
		var err error
		if x.header.Event == "A24" {
			records[i], _, err = s.recordFor(ctx, tx, keys, x.id)
		} else {
			records[i], err = s.identity.RecordOf(ctx, tx, keys)
		}
		if err != nil {
			return err
		}
		if records[i] == "" {
			return &refusal{path: pathOf(g.PID), why: "no record has this number: there is nothing to undo"}
		}
	}
	if sameKey(sides[0], sides[1]) {
		return &refusal{path: pathOf(x.groups[1].PID), why: whySelf}
	}
	var why string
	var err error
	if x.header.Event == "A24" {
		why, err = s.join(ctx, tx, identity.Link{
			Survivor: records[0], Subsumed: records[1], Message: x.id, Cause: x.header.Name(), Reason: x.header.Name(),
		})
	} else {
		why, err = s.part(ctx, tx, records[0], records[1], x.header.Name())
	}
	if err == nil && why != "" {
		return &refusal{path: pathOf(x.groups[1].PID), why: why}
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
	if way := merges[x.header.Event]; way == moveAccount || way == mergeBoth {
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
	pid, fault := hl7v2.ReadPID(x.merges[i].PID)
	if err := x.decisive(x.merges[i].PID, fault, true, 7); err != nil {
		return err
	}
	m := mapping{s: s, x: x, record: record, path: pathOf(x.merges[i].PID)}
	m.batch.Reason = x.header.Name()
	if err := m.patient(ctx, tx, pid, numbers, known); err != nil {
		return err
	}
	_, err := s.chart.StoreTx(ctx, tx, &m.batch)
	return err
}

func (s *Service) priorKeys(h hl7v2.Header, mrg hl7v2.MRG) []identity.Key {
	_, all := s.patientNumbers(h, hl7v2.PID{Identifiers: mrg.PriorIdentifiers, ExternalID: mrg.PriorPatientID})
	return chartKeys(all)
}
