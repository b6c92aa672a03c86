package chart

import (
	"context"
	"fmt"

	"chartroom/internal/gate"
)

// Register stores a new record with its registration. Where one of the
// patient's numbers is known already, that record is returned unchanged with
// known true: the same number by the same assigner is the same record.
func (s *Service) Register(ctx context.Context, actor gate.Actor, p Patient) (stored Patient, known bool, err error) {
	err = s.gate.Change(ctx, actor, ActionRegister, gate.Department(), func(tx *gate.Tx) error {
		record, found, err := s.RecordFor(ctx, tx, p.Identifiers, "")
		if err != nil {
			return err
		}
		known = found
		if !found {
			p.Version = Version{ID: record, Record: record}
			var b Batch
			b.AddPatient(p)
			if err := s.storeAll(ctx, tx, &b); err != nil {
				return err
			}
		}
		if err := tx.About(ctx, gate.Record(record)); err != nil {
			return err
		}
		stored, err = s.patientTx(ctx, tx, record)
		return err
	})
	if err != nil {
		return Patient{}, false, fmt.Errorf("register: %w", err)
	}
	return stored, known, nil
}

// RecordFor finds the record that one of the numbers belongs to, or makes a new
// record with its key and its place in the record-to-person map. message is the
// message that asks, "" for none. It does not store a registration.
func (s *Service) RecordFor(ctx context.Context, tx *gate.Tx, numbers []Identifier, message string) (record string, known bool, err error) {
	keys := recordKeys(numbers)
	record, err = s.identity.RecordOf(ctx, tx, keys)
	if err != nil || record != "" {
		return record, record != "", err
	}
	record = gate.NewID()
	if err := s.NewRecord(ctx, tx, record, message); err != nil {
		return "", false, err
	}
	return record, false, s.identity.Number(ctx, tx, record, keys)
}

// NewRecord makes an empty record under the id given.
func (s *Service) NewRecord(ctx context.Context, tx *gate.Tx, record, message string) error {
	if err := s.identity.Born(ctx, tx, record, message); err != nil {
		return err
	}
	if _, err := s.ring.NewRecordKey(ctx, tx, record); err != nil {
		return fmt.Errorf("key of the record: %w", err)
	}
	return nil
}
