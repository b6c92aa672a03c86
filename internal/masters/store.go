package masters

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"chartroom/internal/gate"
)

// The queries of the masters, in SQL that both engines take.
const (
	sqlEntries = `SELECT id, number, kind, merged_into, content, reason, recorded_at, recorded_by, entry FROM master`
	sqlNewest  = sqlEntries + ` WHERE id = $1 AND latest = 1`
	sqlHistory = sqlEntries + ` WHERE id = $1 ORDER BY number`
	sqlByKey   = sqlEntries + ` WHERE kind = $1 AND match_key = $2 AND latest = 1 AND merged_into = ''`
	sqlByName  = sqlEntries + ` WHERE kind = $1 AND latest = 1 AND name = $2 AND merged_into = '' ORDER BY id`
	sqlOfKind  = sqlEntries + ` WHERE kind = $1 AND latest = 1 AND (name LIKE $2 ESCAPE '!' OR match_key LIKE $3 ESCAPE '!') ORDER BY name, id LIMIT $4`
	sqlAllOf   = sqlEntries + ` WHERE kind = $1 AND latest = 1 ORDER BY name, id`
	sqlMerged  = sqlEntries + ` WHERE merged_into = $1 AND latest = 1 ORDER BY name, id`

	sqlProviderByKey = sqlEntries + ` WHERE kind = 'provider' AND match_key = $1 AND latest = 1 ORDER BY merged_into, id`
	sqlLocalEntries  = sqlEntries + ` WHERE kind = 'provider' AND latest = 1 AND (content LIKE $1 ESCAPE '!' OR LOWER(content) LIKE $2 ESCAPE '!') ORDER BY merged_into, id`
	sqlUnit          = sqlEntries + ` WHERE kind = 'unit' AND latest = 1 AND merged_into = '' AND (name = $1 OR match_key LIKE $2 ESCAPE '!') ORDER BY id`
	sqlFacilities    = sqlEntries + ` WHERE kind = 'facility' AND latest = 1 AND merged_into = '' ORDER BY id`

	sqlInsert = `INSERT INTO master (id, number, kind, latest, match_key, name, parent, merged_into, content, reason, recorded_at, recorded_by, entry)
		VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	sqlSupersede = `UPDATE master SET latest = 0 WHERE id = $1 AND number = $2`

	sqlPropose = `INSERT INTO master_proposal (id, token, kind, master, number, source, sealed, proposed_at, proposed_by, entry, outcome,
		settled_at, settled_by, settled_in) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', 0, '', '') ON CONFLICT (token) DO NOTHING`
	sqlProposed     = `SELECT COUNT(*) FROM master_proposal WHERE token = $1`
	sqlProposals    = `SELECT id, kind, master, number, source, sealed, proposed_at, proposed_by, outcome FROM master_proposal`
	sqlOpenOfKind   = sqlProposals + ` WHERE outcome = '' AND kind = $1 ORDER BY id LIMIT $2`
	sqlOneProposal  = sqlProposals + ` WHERE id = $1`
	sqlSettle       = `UPDATE master_proposal SET outcome = $1, settled_at = $2, settled_by = $3, settled_in = $4 WHERE id = $5 AND outcome = ''`
	sqlCountOpen    = `SELECT kind, COUNT(*) FROM master_proposal WHERE outcome = '' GROUP BY kind`
	sqlCountEntries = `SELECT kind, COUNT(*) FROM master WHERE latest = 1 AND merged_into = '' GROUP BY kind`
)

// readEntries collects the rows of a query.
func readEntries(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]Entry, error) {
	all, err := gate.Collect(ctx, tx, func(r gate.Row, e *Entry) error {
		var kind, content string
		var at int64
		if err := r.Scan(&e.ID, &e.Number, &kind, &e.MergedInto, &content, &e.Reason, &at, &e.RecordedBy, &e.AuditEntry); err != nil {
			return err
		}
		e.Kind, e.RecordedAt = Kind(kind), time.UnixMicro(at).UTC()
		if err := json.Unmarshal([]byte(content), &e.Values); err != nil {
			return fmt.Errorf("content of master %s: %w", e.ID, err)
		}
		return nil
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read masters: %w", err)
	}
	return all, nil
}

// newest reads the standing version of an entry, or ErrNotFound.
func newest(ctx context.Context, tx *gate.Tx, id string) (Entry, error) {
	found, err := readEntries(ctx, tx, sqlNewest, id)
	if err != nil {
		return Entry{}, err
	}
	if len(found) == 0 {
		return Entry{}, ErrNotFound
	}
	return found[0], nil
}

// insert stores a version; the one before is superseded.
func insert(ctx context.Context, tx *gate.Tx, e Entry) (Entry, error) {
	content, err := json.Marshal(e.Values)
	if err != nil {
		return Entry{}, fmt.Errorf("content of master: %w", err)
	}
	if e.Number > 1 {
		if _, err := tx.Exec(ctx, sqlSupersede, e.ID, e.Number-1); err != nil {
			return Entry{}, fmt.Errorf("supersede master: %w", err)
		}
	}
	e.RecordedAt, e.RecordedBy, e.AuditEntry = tx.Now(), tx.Actor().ID, tx.EntryID()
	_, err = tx.Exec(ctx, sqlInsert, e.ID, e.Number, string(e.Kind), keyOf(e.Kind, e.Values), nameOf(e.Kind, e.Values),
		parentOf(e.Kind, e.Values), e.MergedInto, string(content), e.Reason, e.RecordedAt.UnixMicro(), e.RecordedBy, e.AuditEntry)
	if err != nil {
		return Entry{}, fmt.Errorf("store master: %w", err)
	}
	return e, nil
}

// proposalRow is a proposal, still sealed.
type proposalRow struct {
	Proposal
	outcome string
	sealed  []byte
}

func readProposals(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]proposalRow, error) {
	all, err := gate.Collect(ctx, tx, func(r gate.Row, p *proposalRow) error {
		var kind string
		var at int64
		if err := r.Scan(&p.ID, &kind, &p.Master, &p.Number, &p.Source, &p.sealed, &at, &p.ProposedBy, &p.outcome); err != nil {
			return err
		}
		p.Kind, p.ProposedAt = Kind(kind), time.UnixMicro(at).UTC()
		return nil
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read proposals: %w", err)
	}
	return all, nil
}

// count runs a query that gives a count for each kind.
func count(ctx context.Context, tx *gate.Tx, query string) (map[Kind]int, error) {
	rows, err := tx.Query(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("count masters: %w", err)
	}
	defer func() { _ = rows.Close() }()
	counts := map[Kind]int{}
	for rows.Next() {
		var kind string
		var n int
		if err := rows.Scan(&kind, &n); err != nil {
			return nil, fmt.Errorf("count masters: %w", err)
		}
		counts[Kind(kind)] = n
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count masters: %w", err)
	}
	return counts, nil
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }

// exists reports whether a query that counts finds anything.
func exists(ctx context.Context, tx *gate.Tx, query string, args ...any) (bool, error) {
	var n int
	err := tx.QueryRow(ctx, query, args...).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("masters: %w", err)
	}
	return n > 0, nil
}
