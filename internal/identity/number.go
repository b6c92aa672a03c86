package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"chartroom/internal/gate"
)

// Key is a number by which the outside knows a record: the same value by the
// same assigner is the same record.
type Key struct {
	Kind     string // "MR", or another kind that stands for a record
	Assigner string
	Value    string
}

const (
	sqlInsertRecord = `INSERT INTO record (id, created_at, created_by, entry, message) VALUES ($1, $2, $3, $4, $5)`
	sqlRecordExists = `SELECT COUNT(*) FROM record WHERE id = $1`
	sqlRecordOf     = `SELECT record FROM record_number WHERE token = $1`
	sqlPutNumber    = `INSERT INTO record_number (token, record, kind, since, entry) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (token) DO NOTHING`
)

// token is the keyed hash a number is stored as. Space around a number and the
// case of its letters do not make it another one.
func (s *Service) token(k Key) []byte {
	return s.ring.Token("record-number", k.Kind+"\x00"+normal(k.Assigner)+"\x00"+normal(k.Value))
}

func normal(v string) string { return strings.ToLower(strings.Join(strings.Fields(v), " ")) }

// Find finds the record that one of the keys belongs to, the first that is known
// ("" where none is), and says which keys are not known yet.
func (s *Service) Find(ctx context.Context, tx *gate.Tx, keys []Key) (record string, unknown []Key, err error) {
	for _, k := range keys {
		records, err := texts(ctx, tx, sqlRecordOf, s.token(k))
		if err != nil {
			return "", nil, err
		}
		switch {
		case len(records) == 0:
			unknown = append(unknown, k)
		case record == "":
			record = records[0]
		}
	}
	return record, unknown, nil
}

// RecordOf finds the record that one of the keys belongs to, the first that is
// known; "" where none is.
func (s *Service) RecordOf(ctx context.Context, tx *gate.Tx, keys []Key) (string, error) {
	for _, k := range keys {
		records, err := texts(ctx, tx, sqlRecordOf, s.token(k))
		if err != nil {
			return "", err
		}
		if len(records) > 0 {
			return records[0], nil
		}
	}
	return "", nil
}

// Number states that the record is known by the keys. A key that belongs to
// another record stays there: numbers do not move, records are linked.
func (s *Service) Number(ctx context.Context, tx *gate.Tx, record string, keys []Key) error {
	for _, k := range keys {
		_, err := tx.Later(ctx, sqlPutNumber, s.token(k), record, k.Kind, tx.Now().UnixMicro(), tx.EntryID())
		if err != nil {
			return fmt.Errorf("record number: %w", err)
		}
	}
	return nil
}

// Born makes a record, and a person of its own whom it maps to.
func (s *Service) Born(ctx context.Context, tx *gate.Tx, record, message string) error {
	if err := tx.About(ctx, gate.Record(record)); err != nil {
		return err
	}
	_, err := tx.Later(ctx, sqlInsertRecord, record, tx.Now().UnixMicro(), tx.Actor().ID, tx.EntryID(), message)
	if err != nil {
		return fmt.Errorf("new record: %w", err)
	}
	return open(ctx, tx, Interval{Record: record, Number: 1, Person: gate.NewID()})
}

// Exists reports whether there is such a record.
func (s *Service) Exists(ctx context.Context, tx *gate.Tx, record string) (bool, error) {
	var n int
	if err := tx.QueryRow(ctx, sqlRecordExists, record).Scan(&n); err != nil {
		return false, fmt.Errorf("record: %w", err)
	}
	return n > 0, nil
}

func texts(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]string, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, fmt.Errorf("identity: %w", err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return slices.Clip(out), nil
}
