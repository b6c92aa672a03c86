package chart

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// The queries of the chart, in SQL that both engines take.
const (
	sqlInsertFact = `INSERT INTO fact (id, number, kind, record, encounter, state, latest, withdrawn, recorded_at, recorded_by, message, path, entry, digest, sealed, body)
		VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, $12, $13, $14, $15)`
	sqlSupersede    = `UPDATE fact SET latest = 0 WHERE id = $1 AND number = $2`
	sqlKnownFact    = `SELECT id, number, record, digest FROM fact WHERE latest = 1 AND id IN ($1)`
	sqlFactsOf      = `SELECT id, number, kind, record, encounter, state, withdrawn, recorded_at, recorded_by, message, path, entry, sealed FROM fact`
	sqlOneRecord    = sqlFactsOf + ` WHERE record = $1 AND latest = 1`
	sqlEncountersOf = sqlFactsOf + ` WHERE record = $1 AND kind = 'encounter' AND latest = 1 AND withdrawn = 0`
	sqlNewest       = sqlFactsOf + ` WHERE id = $1 AND latest = 1`
	sqlVersion      = sqlFactsOf + ` WHERE id = $1 AND number = $2`
	sqlVersions     = sqlFactsOf + ` WHERE id = $1 ORDER BY number`
	sqlDocuments    = sqlFactsOf + ` WHERE record = $1 AND encounter = $2 AND kind = 'document' AND latest = 1 AND withdrawn = 0`
	sqlBody         = `SELECT body FROM fact WHERE id = $1 AND number = $2`
	sqlNewestNumber = `SELECT number FROM fact WHERE id = $1 AND latest = 1`

	sqlEncounterRecord = `SELECT record FROM encounter WHERE id = $1`
	sqlEncounterOwners = `SELECT id, record FROM encounter WHERE id IN ($1)`
	sqlListEncounters  = `SELECT id, record, start_at, texts, unsigned FROM encounter`
	sqlPutEncounter    = `INSERT INTO encounter (id, record, setting, status, unit, start_at, end_at, texts, unsigned, withdrawn)
		VALUES ($1, $2, $3, $4, $5, $6, $7,
			(SELECT COUNT(*) FROM fact WHERE fact.record = $8 AND fact.encounter = $9 AND fact.kind = 'document'
				AND fact.latest = 1 AND fact.withdrawn = 0),
			(SELECT COUNT(*) FROM fact WHERE fact.record = $10 AND fact.encounter = $11 AND fact.kind = 'document'
				AND fact.latest = 1 AND fact.withdrawn = 0 AND fact.state <> 'signed'), $12)
		ON CONFLICT (id) DO UPDATE SET setting = excluded.setting, status = excluded.status, unit = excluded.unit,
			start_at = excluded.start_at, end_at = excluded.end_at, withdrawn = excluded.withdrawn`
	// Of a record made in the same action, or an encounter listed before, the texts
	// need no counting.
	sqlListEncounter = `INSERT INTO encounter (id, record, setting, status, unit, start_at, end_at, texts, unsigned, withdrawn)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8)
		ON CONFLICT (id) DO UPDATE SET setting = excluded.setting, status = excluded.status, unit = excluded.unit,
			start_at = excluded.start_at, end_at = excluded.end_at, withdrawn = excluded.withdrawn`
	sqlCountTexts = `UPDATE encounter SET
		texts = (SELECT COUNT(*) FROM fact WHERE fact.record = encounter.record AND fact.encounter = encounter.id
			AND kind = 'document' AND latest = 1 AND fact.withdrawn = 0),
		unsigned = (SELECT COUNT(*) FROM fact WHERE fact.record = encounter.record AND fact.encounter = encounter.id
			AND kind = 'document' AND latest = 1 AND fact.withdrawn = 0 AND state <> 'signed')
		WHERE id = $1`

	sqlPutToken       = `INSERT INTO patient_token (token, record) VALUES ($1, $2) ON CONFLICT (token, record) DO NOTHING`
	sqlDropTokens     = `DELETE FROM patient_token WHERE record = $1`
	sqlRecordsOfToken = `SELECT DISTINCT record FROM patient_token WHERE token IN ($1)`

	sqlMessageOrigin = `SELECT entry, received_at, format, kind FROM message WHERE id = $1`
)

// stored is one row of the table fact, still sealed.
type stored struct {
	kind, state string
	version     Version
	withdrawn   int64
	recordedAt  int64
	sealed      []byte
}

// place names where a version's content and body are sealed.
func place(column, id string, number int) string { return seal.Place("fact", column, id, number) }

func readFacts(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]stored, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []stored
	for rows.Next() {
		var f stored
		v := &f.version
		err := rows.Scan(&v.ID, &v.Number, &f.kind, &v.Record, &v.Encounter, &f.state, &f.withdrawn,
			&f.recordedAt, &v.RecordedBy, &v.Source.Message, &v.Source.Path, &v.Source.Entry, &f.sealed)
		if err != nil {
			return nil, fmt.Errorf("read facts: %w", err)
		}
		v.Withdrawn = f.withdrawn != 0
		v.RecordedAt = gate.Moment(f.recordedAt)
		all = append(all, f)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	return all, nil
}

// readOne reads the single row that query gives, or ErrNotFound.
func readOne(ctx context.Context, tx *gate.Tx, query string, args ...any) (stored, error) {
	all, err := readFacts(ctx, tx, query, args...)
	if err != nil {
		return stored{}, err
	}
	if len(all) == 0 {
		return stored{}, ErrNotFound
	}
	return all[0], nil
}

// open decrypts the content of rows and decodes each.
func (s *Service) open(ctx context.Context, tx *gate.Tx, rows []stored) ([]Revision, error) {
	out := make([]Revision, 0, len(rows))
	var key *seal.Key
	owner := ""
	for _, row := range rows {
		if key == nil || owner != row.version.Record {
			k, err := s.ring.Key(ctx, tx, keyOwner(row.version.Record))
			if err != nil {
				return nil, fmt.Errorf("key of the record: %w", err)
			}
			key, owner = k, row.version.Record
		}
		plain, err := key.Open(row.sealed, place("sealed", row.version.ID, row.version.Number))
		if err != nil {
			return nil, fmt.Errorf("open fact %s: %w", row.version.ID, err)
		}
		rev, err := decode(row, plain)
		if err != nil {
			return nil, err
		}
		out = append(out, rev)
	}
	return out, nil
}

func (s *Service) openOne(ctx context.Context, tx *gate.Tx, row stored) (Revision, error) {
	all, err := s.open(ctx, tx, []stored{row})
	if err != nil {
		return Revision{}, err
	}
	return all[0], nil
}

// DepartmentOwner is whose key seals what belongs to no record: the directory
// of practitioners, organizations and places.
const DepartmentOwner = "department"

func keyOwner(record string) string {
	if record == "" {
		return DepartmentOwner
	}
	return record
}

func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// repeatRows writes the statement whose VALUES has one row as one of n rows.
func repeatRows(statement string, columns, n int) string {
	head, tail, _ := strings.Cut(statement, "VALUES ")
	group, rest := tail, ""
	if i := strings.Index(tail, ")"); i >= 0 {
		group, rest = tail[:i+1], tail[i+1:]
	}
	var b strings.Builder
	b.WriteString(head)
	b.WriteString("VALUES ")
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(shift(group, i*columns))
	}
	b.WriteString(rest)
	return b.String()
}

// shift adds by to every placeholder of a row of values.
func shift(group string, by int) string {
	var b strings.Builder
	for i := 0; i < len(group); i++ {
		b.WriteByte(group[i])
		if group[i] != '$' {
			continue
		}
		j := i + 1
		for j < len(group) && group[j] >= '0' && group[j] <= '9' {
			j++
		}
		n, err := strconv.Atoi(group[i+1 : j])
		if err == nil {
			b.WriteString(strconv.Itoa(n + by))
		}
		i = j - 1
	}
	return b.String()
}

// inList writes the statement with IN ($1) as one of n placeholders.
func inList(statement string, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(i+1))
	}
	return strings.Replace(statement, "IN ($1)", "IN ("+b.String()+")", 1)
}
