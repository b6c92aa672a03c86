package incoming

import (
	"context"
	"fmt"

	"chartroom/internal/gate"
)

const (
	sqlPages = `SELECT page, state, document FROM incoming_page WHERE scan = $1 ORDER BY page`

	sqlPagePut = `INSERT INTO incoming_page (scan, page, state, document, at, actor, entry) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (scan, page) DO UPDATE SET state = excluded.state, document = excluded.document, at = excluded.at,
			actor = excluded.actor, entry = excluded.entry`

	sqlPageBack = `DELETE FROM incoming_page WHERE scan = $1 AND page = $2`

	sqlDocumentPut = `INSERT INTO incoming_document (document, record, encounter, state, sheets, at, actor, entry, confirmed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (document) DO UPDATE SET state = excluded.state, sheets = excluded.sheets`

	sqlDocumentState = `UPDATE incoming_document SET state = $1 WHERE document = $2`

	sqlDocumentsDone = `SELECT document, record, encounter, state, at, actor FROM incoming_document
		WHERE at >= $1 AND at < $2 ORDER BY at DESC, document DESC LIMIT $3`

	// Those that a move made were indexed by somebody else.
	sqlDocumentsBy = `SELECT actor, COUNT(*) FROM incoming_document WHERE at >= $1 AND at < $2
		AND NOT EXISTS (SELECT 1 FROM misfile WHERE misfile.to_document = incoming_document.document) GROUP BY actor`

	sqlDraftPut = `INSERT INTO incoming_draft (actor, scan, body, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (actor, scan) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at`

	sqlDraft = `SELECT body FROM incoming_draft WHERE actor = $1 AND scan = $2`

	sqlDraftDrop = `DELETE FROM incoming_draft WHERE actor = $1 AND scan = $2`

	sqlDraftsOfScan = `DELETE FROM incoming_draft WHERE scan = $1`
)

const (
	sqlMisfilePut = `INSERT INTO misfile (id, from_document, from_number, from_record, from_encounter, to_document, to_number, to_record,
		to_encounter, sheets, whole, filed_at, filed_by, moved_at, moved_by, moved_entry, reason, note, undone_at, undone_by, undone_entry)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0, '', '')`

	sqlMisfileColumns = `SELECT id, from_document, from_number, from_record, from_encounter, to_document, to_number, to_record, to_encounter,
		sheets, whole, filed_at, filed_by, moved_at, moved_by, moved_entry, reason, note, undone_at, undone_by FROM misfile`

	sqlMisfile = sqlMisfileColumns + ` WHERE id = $1`

	sqlMisfilesMoved = sqlMisfileColumns + ` WHERE moved_at >= $1 AND moved_at < $2 ORDER BY moved_at DESC, id DESC LIMIT $3`

	sqlMisfilesFiler = sqlMisfileColumns + ` WHERE filed_by = $1 AND moved_at >= $2 AND moved_at < $3 ORDER BY moved_at DESC, id DESC LIMIT $4`

	sqlMisfilesOf = sqlMisfileColumns + ` WHERE from_document = $1 OR to_document = $2 ORDER BY moved_at DESC, id DESC`

	sqlMisfileUndo = `UPDATE misfile SET undone_at = $1, undone_by = $2, undone_entry = $3 WHERE id = $4 AND undone_at = 0`

	sqlMisfilesByFiler = `SELECT filed_by, COUNT(*) FROM misfile WHERE moved_at >= $1 AND moved_at < $2 AND undone_at = 0 GROUP BY filed_by`
)

// The states of a page that does not wait.
const (
	pageShown   = "shown"   // a document shows it
	pageBlank   = "blank"   // nothing is on it
	pageRefused = "refused" // it is no part of a record
)

// placed is where a page is.
type placed struct{ state, document string }

// pagesOf reads where the pages of a scan are; those that wait are not in it.
func pagesOf(ctx context.Context, tx *gate.Tx, scanID string) (map[int]placed, error) {
	rows, err := tx.Query(ctx, sqlPages, scanID)
	if err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is looked at below
	out := map[int]placed{}
	for rows.Next() {
		var page int
		var p placed
		if err := rows.Scan(&page, &p.state, &p.document); err != nil {
			return nil, fmt.Errorf("read pages: %w", err)
		}
		out[page] = p
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	return out, nil
}

// setPage writes where a page is from now on.
func setPage(ctx context.Context, tx *gate.Tx, p PageRef, state, document string) error {
	_, err := tx.Later(ctx, sqlPagePut, p.Scan, p.Page, state, document, tx.Now().UnixMicro(), tx.Actor().ID, tx.EntryID())
	if err != nil {
		return fmt.Errorf("place a page: %w", err)
	}
	return nil
}

func putDocumentRow(ctx context.Context, tx *gate.Tx, d documentRow) error {
	_, err := tx.Later(ctx, sqlDocumentPut, d.id, d.record, d.encounter, d.state, d.sheets, tx.Now().UnixMicro(), tx.Actor().ID, tx.EntryID(), d.confirmed)
	if err != nil {
		return fmt.Errorf("note a document: %w", err)
	}
	return nil
}

// documentRow is a row of incoming_document about to be written.
type documentRow struct {
	id, record, encounter, state string
	sheets                       int
	confirmed                    any // sealed, or nil
}

// The states of a document made at the desk.
const (
	documentStands    = "stands"
	documentMoved     = "moved"
	documentWithdrawn = "withdrawn" // taken back, or joined to another
)
