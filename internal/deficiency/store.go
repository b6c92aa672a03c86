package deficiency

import (
	"context"
	"fmt"
	"math"

	"chartroom/internal/gate"
)

const (
	sqlMark = `INSERT INTO deficiency_record (record, due_at, mark, analysed_at, findings) VALUES ($1, $2, 1, 0, 0)
		ON CONFLICT (record) DO UPDATE SET due_at = excluded.due_at, mark = deficiency_record.mark + 1`
	sqlMarkAll   = `UPDATE deficiency_record SET due_at = $1, mark = mark + 1`
	sqlDueCount  = `SELECT COUNT(*) FROM (SELECT record FROM deficiency_record WHERE due_at <= $1 LIMIT 1) AS due`
	sqlDue       = `SELECT record, mark FROM deficiency_record WHERE due_at <= $1 ORDER BY due_at, record LIMIT $2`
	sqlMarkOf    = `SELECT mark, analysed_at, findings FROM deficiency_record WHERE record = $1`
	sqlAnalysed  = `UPDATE deficiency_record SET due_at = $1, analysed_at = $2, findings = $3 WHERE record = $4 AND mark = $5`
	sqlFirstSeen = `INSERT INTO deficiency_record (record, due_at, mark, analysed_at, findings) VALUES ($1, $2, 0, 0, 0) ON CONFLICT (record) DO NOTHING`
	sqlFewer     = `UPDATE deficiency_record SET findings = findings + $1 WHERE record = $2`

	sqlFindings  = `SELECT id, number, record, encounter, rule, severity, state, unit, clinician, since_at, due_at, recorded_at, recorded_by, entry, cause, rests, sealed FROM finding`
	sqlOfRecord  = sqlFindings + ` WHERE record = $1 AND latest = 1 ORDER BY since_at, id`
	sqlNewest    = sqlFindings + ` WHERE id = $1 AND latest = 1`
	sqlVersions  = sqlFindings + ` WHERE id = $1 ORDER BY number`
	sqlSupersede = `UPDATE finding SET latest = 0 WHERE id = $1 AND number = $2`
	sqlPut       = `INSERT INTO finding (id, number, latest, record, encounter, rule, severity, state, unit, clinician, since_at, due_at, recorded_at, recorded_by, entry, cause, rests, sealed)
		VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`

	sqlStaysOf = `SELECT encounter, unit, setting, month, findings, delinquent FROM deficiency_stay WHERE record = $1`
	sqlPutStay = `INSERT INTO deficiency_stay (encounter, record, unit, setting, month, findings, delinquent) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (encounter) DO UPDATE SET unit = excluded.unit, setting = excluded.setting, month = excluded.month,
			findings = excluded.findings, delinquent = excluded.delinquent`
	sqlDropStay = `DELETE FROM deficiency_stay WHERE encounter = $1`

	sqlAddTally = `INSERT INTO deficiency_tally (unit, kind, value, n) VALUES ($1, $2, $3, $4)
		ON CONFLICT (unit, kind, value) DO UPDATE SET n = deficiency_tally.n + excluded.n`
	sqlTallies = `SELECT kind, value, n FROM deficiency_tally WHERE unit = $1 AND n <> 0 ORDER BY kind, value`
	sqlUnits   = `SELECT DISTINCT unit FROM deficiency_tally WHERE unit <> '' ORDER BY unit`

	sqlPutClinician = `INSERT INTO deficiency_clinician (token, sealed) VALUES ($1, $2) ON CONFLICT (token) DO NOTHING`
	sqlClinicians   = `SELECT token, sealed FROM deficiency_clinician`
	sqlOneClinician = `SELECT COUNT(*) FROM deficiency_clinician WHERE token = $1`
)

const (
	sqlWaiting = `SELECT COUNT(*) FROM (SELECT record FROM deficiency_record WHERE due_at <= $1 LIMIT 1000) AS waiting`
	sqlByUnit  = `SELECT unit, CAST(SUM(n) AS BIGINT) FROM deficiency_tally WHERE kind = 'severity' AND unit <> '' GROUP BY unit ORDER BY 2 DESC, 1`

	sqlOpenFrom        = sqlFindings + ` WHERE latest = 1 AND state = 'open' AND (since_at > $1 OR since_at = $2 AND id > $3) AND since_at >= $4 AND since_at < $5`
	sqlOpenAll         = sqlOpenFrom + ` ORDER BY since_at, id LIMIT $6`
	sqlOpenOfRule      = sqlOpenFrom + ` AND rule = $7 ORDER BY since_at, id LIMIT $6`
	sqlOpenOfUnit      = sqlOpenFrom + ` AND unit = $7 ORDER BY since_at, id LIMIT $6`
	sqlOpenOfClinician = sqlOpenFrom + ` AND clinician = $7 ORDER BY since_at, id LIMIT $6`
)

// never is when a record is looked at whose findings no clock changes.
const never = math.MaxInt64

func mark(ctx context.Context, tx *gate.Tx, record string) error {
	if _, err := tx.Later(ctx, sqlMark, record, tx.Now().UnixMicro()); err != nil {
		return fmt.Errorf("mark a record for the deficiency analysis: %w", err)
	}
	return nil
}

// dueRecord is a record that is to be looked at, with the mark it had then.
type dueRecord struct {
	record string
	mark   int64
}

func readDue(ctx context.Context, tx *gate.Tx, limit int) ([]dueRecord, error) {
	all, err := gate.Collect(ctx, tx, func(r gate.Row, d *dueRecord) error { return r.Scan(&d.record, &d.mark) }, sqlDue, tx.Now().UnixMicro(), limit)
	if err != nil {
		return nil, fmt.Errorf("records to be analysed: %w", err)
	}
	return all, nil
}

// row is a version of a finding as it is stored.
type row struct {
	id, record, encounter, rule, severity string
	state                                 State
	unit, clinician                       string
	number                                int
	since, due, recordedAt                int64
	recordedBy, entry                     string
	cause, rests, sealed                  []byte
}

func readRows(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]row, error) {
	all, err := gate.Collect(ctx, tx, func(from gate.Row, r *row) error {
		return from.Scan(&r.id, &r.number, &r.record, &r.encounter, &r.rule, &r.severity, &r.state, &r.unit, &r.clinician, &r.since, &r.due,
			&r.recordedAt, &r.recordedBy, &r.entry, &r.cause, &r.rests, &r.sealed)
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read findings: %w", err)
	}
	return all, nil
}

// put stores a version of a finding in place of the one before.
func (r row) put(ctx context.Context, tx *gate.Tx) error {
	if r.number > 1 {
		if _, err := tx.Exec(ctx, sqlSupersede, r.id, r.number-1); err != nil {
			return fmt.Errorf("store finding: %w", err)
		}
	}
	_, err := tx.Exec(ctx, sqlPut, r.id, r.number, r.record, r.encounter, r.rule, r.severity, string(r.state), r.unit, r.clinician, r.since, r.due,
		tx.Now().UnixMicro(), tx.Actor().ID, tx.EntryID(), r.cause, r.rests, r.sealed)
	if err != nil {
		return fmt.Errorf("store finding: %w", err)
	}
	return nil
}
