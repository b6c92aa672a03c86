package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// recordReferences finds, on PostgreSQL, the constraints by which a record's
// numbers, its person and its messages refer to it.
const recordReferences = `SELECT c.conrelid::regclass::text, quote_ident(c.conname) FROM pg_constraint c
WHERE c.contype = 'f' AND c.confrelid = to_regclass('record')
	AND c.conrelid IN (to_regclass('record_number'), to_regclass('record_person'), to_regclass('message_record'))`

// looseReferences takes these constraints away. To check one, PostgreSQL reads the
// page of record_pkey that each new record is added to, as a serializable
// transaction reads: so any two changes that make a record collided. Records are
// never deleted, and what refers to one is written in the action that made or found
// it; on SQLite, where the same tests run, the constraints stand.
func looseReferences(ctx context.Context, db *sql.DB) (err error) {
	rows, err := db.QueryContext(ctx, recordReferences)
	if err != nil {
		return fmt.Errorf("bringing the tables up to date: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var drops []string
	for rows.Next() {
		var table, name string
		if err := rows.Scan(&table, &name); err != nil {
			return fmt.Errorf("bringing the tables up to date: %w", err)
		}
		drops = append(drops, "ALTER TABLE "+table+" DROP CONSTRAINT "+name)
	}
	if err := rows.Err(); err != nil || len(drops) == 0 {
		return redacted(err)
	}
	if _, err := db.ExecContext(ctx, strings.Join(drops, "; ")); err != nil {
		return fmt.Errorf("bringing the tables up to date: %w", err)
	}
	return nil
}
