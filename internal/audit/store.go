package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"chartroom/internal/gate"
)

const (
	columns = `tick, id, at, actor, actor_kind, roles, session, action, outcome, reason, ` +
		`subject_kind, subject, record, more, detail, writer, lane, counter, mac`

	sqlAddToTail = `INSERT INTO audit_tail (` + columns + `)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`
	sqlReadTail = `SELECT ` + columns + ` FROM audit_tail WHERE (tick, id) > ($1, $2) ORDER BY tick, id LIMIT $3`
	sqlHasTail  = `SELECT 1 FROM audit_tail LIMIT 1`

	// The rows from one key to another move into the tree in their order.
	sqlMoveRun = `INSERT INTO audit_entry (position, ` + columns + `)
SELECT CAST($1 AS BIGINT) + ROW_NUMBER() OVER (ORDER BY tick, id) - 1, ` + columns + `
FROM audit_tail WHERE (tick, id) >= ($2, $3) AND (tick, id) <= ($4, $5)`
	sqlDropRun      = `DELETE FROM audit_tail WHERE (tick, id) >= ($1, $2) AND (tick, id) <= ($3, $4)`
	sqlIndexSubject = `INSERT INTO audit_about (subject, position)
SELECT subject, position FROM audit_entry
WHERE position >= $1 AND position < $2 AND subject <> '' AND subject_kind <> 'department'`
	sqlIndexRecord = `INSERT INTO audit_about (subject, position)
SELECT record, position FROM audit_entry WHERE position >= $1 AND position < $2 AND record <> ''
ON CONFLICT DO NOTHING`
	sqlIndexMore = `INSERT INTO audit_about (subject, position) VALUES ($1, $2) ON CONFLICT DO NOTHING`

	sqlReadEntries = `SELECT position, ` + columns + ` FROM audit_entry WHERE position >= $1 ORDER BY position LIMIT $2`
	sqlFindEntry   = `SELECT position, ` + columns + ` FROM audit_entry WHERE id = $1`
	sqlFindInTail  = `SELECT ` + columns + ` FROM audit_tail WHERE id = $1`
	sqlCountTail   = `SELECT COUNT(*) FROM audit_tail`

	sqlReadChunk  = `SELECT hashes FROM audit_hash WHERE chunk = $1`
	sqlReadChunks = `SELECT chunk, hashes FROM audit_hash WHERE chunk >= $1 ORDER BY chunk LIMIT $2`
	sqlWriteChunk = `INSERT INTO audit_hash (chunk, hashes) VALUES ($1, $2) ON CONFLICT (chunk) DO UPDATE SET hashes = $2`
	sqlReadHead   = `SELECT size, root, checkpoints, last_note, mac, holder, until_at FROM audit_head WHERE id = 1`
	sqlAddHead    = `INSERT INTO audit_head (id, size, root, checkpoints, last_note, mac, holder, until_at) VALUES (1, $1, $2, $3, $4, $5, '', 0)`
	sqlWriteHead  = `UPDATE audit_head SET size = $1, root = $2, checkpoints = $3, last_note = $4, mac = $5 WHERE id = 1`
	sqlTakeLease  = `UPDATE audit_head SET holder = $1, until_at = $2 WHERE id = 1`
	sqlFreeLease  = `UPDATE audit_head SET until_at = 0 WHERE id = 1 AND holder = $1`
	sqlReadLane   = `SELECT counter, mac FROM audit_lane WHERE writer = $1 AND lane = $2`
	sqlLanesOf    = `SELECT lane, counter FROM audit_lane WHERE writer = $1`
	sqlReadLanes  = `SELECT writer, lane, counter, mac FROM audit_lane ORDER BY writer, lane`
	sqlWriteLane  = `INSERT INTO audit_lane (writer, lane, counter, mac) VALUES ($1, $2, $3, $4)
ON CONFLICT (writer, lane) DO UPDATE SET counter = $3, mac = $4`

	sqlAddCheckpoint   = `INSERT INTO audit_checkpoint (number, size, at, note) VALUES ($1, $2, $3, $4)`
	sqlReadCheckpoints = `SELECT number, size, at, note FROM audit_checkpoint WHERE number >= $1 ORDER BY number LIMIT $2`
	sqlLastCheckpoint  = `SELECT number, size, at, note FROM audit_checkpoint ORDER BY number DESC LIMIT 1`
	sqlCheckpointFor   = `SELECT number, size, at, note FROM audit_checkpoint WHERE size > $1 ORDER BY number LIMIT 1`
	sqlCheckpointByNo  = `SELECT number, size, at, note FROM audit_checkpoint WHERE number = $1`
	sqlReadAbout       = `SELECT subject, position FROM audit_about WHERE (subject, position) > ($1, $2) ORDER BY subject, position LIMIT $3`
	sqlHasAnything     = `SELECT (SELECT COUNT(*) FROM audit_hash) + (SELECT COUNT(*) FROM audit_checkpoint) + (SELECT COUNT(*) FROM audit_lane)`
)

func addToTail(ctx context.Context, tx *gate.Tx, w *row) error {
	_, err := tx.Later(ctx, sqlAddToTail, w.tick, w.id, w.at, w.actor, w.actorKind, w.roles, w.session, w.action,
		w.outcome, w.reason, w.subjectKind, w.subject, w.record, w.more, w.detail, w.writer, w.lane, w.counter, w.mac)
	return err
}

// fields are where a row's columns are scanned to.
func (r *row) fields() []any {
	return []any{
		&r.tick, &r.id, &r.at, &r.actor, &r.actorKind, &r.roles, &r.session, &r.action, &r.outcome, &r.reason,
		&r.subjectKind, &r.subject, &r.record, &r.more, &r.detail, &r.writer, &r.lane, &r.counter, &r.mac,
	}
}

// readRows reads entries; positioned says whether the first column is the position.
func readRows(ctx context.Context, tx *gate.Tx, positioned bool, query string, args ...any) (_ []row, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("audit: read entries: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var all []row
	for rows.Next() {
		r := row{position: -1}
		into := r.fields()
		if positioned {
			into = append([]any{&r.position}, into...)
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("audit: read entries: %w", err)
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("audit: read entries: %w", err)
	}
	return all, nil
}

// scanAll reads the rows of a query, calling scan for each.
func scanAll(ctx context.Context, tx *gate.Tx, scan func(rows *sql.Rows) error, query string, args ...any) (err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("audit: read a row: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}
