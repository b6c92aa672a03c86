package chart

import (
	"context"
	"fmt"
	"strings"

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
		stored, err = s.PatientTx(ctx, tx, record)
		return err
	})
	if err != nil {
		return Patient{}, false, fmt.Errorf("register: %w", err)
	}
	return stored, known, nil
}

// Registration is a new patient as a person at a desk registers one.
type Registration struct {
	Patient    Patient
	Coverages  []Coverage
	Encounters []Encounter
	Assigner   string // of the record number that is drawn where the patient brings none
	Anyway     string // why a new record is made although others are like it; "" where none was
	Today      string // YYYY-MM-DD at the facility: no birth date lies after it
}

// KnownError says that a record number belongs to a record already.
type KnownError struct{ Record string }

// Error names nobody.
func (e *KnownError) Error() string { return "the record number belongs to a record already" }

// Unwrap makes errors.Is(err, ErrInvalid) true.
func (e *KnownError) Unwrap() error { return ErrInvalid }

// RegisterNew stores a new record with its registration, coverage and encounters
// in one action. Without a record number among the identifiers one is drawn from
// the department's own series; so is the account number of an encounter without
// one. Errors: *FaultsError, *KnownError.
func (s *Service) RegisterNew(ctx context.Context, actor gate.Actor, r Registration) (Patient, error) {
	if faults := r.check(); len(faults) > 0 {
		return Patient{}, &FaultsError{faults}
	}
	var stored Patient
	err := s.gate.Change(ctx, actor, ActionRegister, gate.Department(), func(tx *gate.Tx) error {
		p := r.Patient
		p.Identifiers = append([]Identifier(nil), p.Identifiers...)
		if p.RecordNumber() == "" {
			number, err := s.drawRecordNumber(ctx, tx, r.Assigner)
			if err != nil {
				return err
			}
			p.Identifiers = append([]Identifier{{Kind: "MR", Assigner: r.Assigner, Value: number}}, p.Identifiers...)
		}
		record, known, err := s.RecordFor(ctx, tx, p.Identifiers, "")
		if err != nil {
			return err
		}
		if known {
			return &KnownError{record}
		}
		p.Version = Version{ID: record, Record: record, Reason: strings.TrimSpace(r.Anyway)}
		b := Batch{Born: record}
		b.AddPatient(p)
		for _, c := range r.Coverages {
			c.Version = Version{Record: record}
			b.AddCoverage(c)
		}
		for _, e := range r.Encounters {
			e.Version = Version{Record: record}
			if err := s.number(ctx, tx, &e); err != nil {
				return err
			}
			b.AddEncounter(e)
		}
		if err := s.storeAll(ctx, tx, &b); err != nil {
			return err
		}
		stored, err = s.PatientTx(ctx, tx, record)
		return err
	})
	if err != nil {
		return Patient{}, fmt.Errorf("register: %w", err)
	}
	return stored, nil
}

func (r Registration) check() []Fault {
	faults := CheckPatient(r.Patient, r.Today)
	for _, c := range r.Coverages {
		faults = append(faults, CheckCoverage(c)...)
	}
	for _, e := range r.Encounters {
		faults = append(faults, CheckEncounter(e)...)
	}
	return errorsOf(faults)
}

// AddCoverage stores a further insurance of a record. Errors: *FaultsError,
// ErrNotFound (no such record).
func (s *Service) AddCoverage(ctx context.Context, actor gate.Actor, record string, c Coverage) (Coverage, error) {
	if faults := errorsOf(CheckCoverage(c)); len(faults) > 0 {
		return Coverage{}, &FaultsError{faults}
	}
	var stored Coverage
	err := s.addTo(ctx, actor, record, func(tx *gate.Tx, b *Batch) error {
		c.Version = Version{ID: tx.NewID(), Record: record}
		b.AddCoverage(c)
		return nil
	}, func(rev Revision) { stored = *rev.Coverage })
	return stored, err
}

// AddEncounter stores a further encounter of a record: a pre-admission, an
// admission, a visit. Without an account number one is drawn. Errors:
// *FaultsError, ErrNotFound (no such record).
func (s *Service) AddEncounter(ctx context.Context, actor gate.Actor, record string, e Encounter) (Encounter, error) {
	if faults := errorsOf(CheckEncounter(e)); len(faults) > 0 {
		return Encounter{}, &FaultsError{faults}
	}
	var stored Encounter
	err := s.addTo(ctx, actor, record, func(tx *gate.Tx, b *Batch) error {
		e.Version = Version{ID: tx.NewID(), Record: record}
		if err := s.number(ctx, tx, &e); err != nil {
			return err
		}
		b.AddEncounter(e)
		return nil
	}, func(rev Revision) { stored = *rev.Encounter })
	return stored, err
}

// addTo stores one new fact of a record that is there.
func (s *Service) addTo(ctx context.Context, actor gate.Actor, record string, add func(*gate.Tx, *Batch) error, take func(Revision)) error {
	err := s.gate.Change(ctx, actor, ActionCorrect, gate.Record(record), func(tx *gate.Tx) error {
		if there, err := s.identity.Exists(ctx, tx, record); err != nil || !there {
			if err == nil {
				err = ErrNotFound
			}
			return err
		}
		var b Batch
		if err := add(tx, &b); err != nil {
			return err
		}
		if err := s.storeAll(ctx, tx, &b); err != nil {
			return err
		}
		rev, err := s.newestTx(ctx, tx, b.items[0].version.ID)
		if err == nil {
			take(rev)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("add to the record: %w", err)
	}
	return nil
}

// number draws an account number for an encounter that has none.
func (s *Service) number(ctx context.Context, tx *gate.Tx, e *Encounter) error {
	if e.Number != "" {
		return nil
	}
	n, err := draw(ctx, tx, "account")
	if err != nil {
		return err
	}
	e.Number = "V" + n
	return nil
}

// maxDraws bounds how many drawn numbers may turn out to be in use already,
// because a record arrived under one of them.
const maxDraws = 10_000

// drawRecordNumber draws the next record number of the department that no record
// has.
func (s *Service) drawRecordNumber(ctx context.Context, tx *gate.Tx, assigner string) (string, error) {
	for range maxDraws {
		number, err := draw(ctx, tx, "MR")
		if err != nil {
			return "", err
		}
		taken, err := s.identity.RecordOf(ctx, tx, recordKeys([]Identifier{{Kind: "MR", Assigner: assigner, Value: number}}))
		if err != nil || taken == "" {
			return number, err
		}
	}
	return "", fmt.Errorf("%w: no free record number was found", ErrInvalid)
}

// draw takes the next number of a series: seven digits and a check digit, so that
// a slip of the pen is no other patient's number.
func draw(ctx context.Context, tx *gate.Tx, series string) (string, error) {
	if _, err := tx.Exec(ctx, sqlDrawNumber, series); err != nil {
		return "", fmt.Errorf("draw a number: %w", err)
	}
	var last int64
	if err := tx.QueryRow(ctx, sqlLastNumber, series).Scan(&last); err != nil {
		return "", fmt.Errorf("draw a number: %w", err)
	}
	digits := fmt.Sprintf("%07d", last)
	return digits + string(checkDigit(digits)), nil
}

// checkDigit is the last digit by the Luhn formula (ISO/IEC 7812-1, annex B).
func checkDigit(digits string) byte {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
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
