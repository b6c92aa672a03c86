package coding

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"chartroom/codes/codeset"
	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

const (
	sqlCoding = `SELECT id, record, revision FROM coding WHERE encounter = $1`

	sqlCodingInsert = `INSERT INTO coding (id, encounter, record, state, revision, diagnoses, procedures, offered, texts,
		coder, opened_at, updated_at, finalised_at) VALUES ($1, $2, $3, 'open', 0, 0, 0, 0, 0, '', $4, $4, 0)
		ON CONFLICT (encounter) DO NOTHING`

	// The revision in the WHERE clause is what keeps two writers from both
	// writing the same revision where the engine lets them run side by side.
	sqlCodingUpdate = `UPDATE coding SET state = $1, revision = $2, diagnoses = $3, procedures = $4, offered = $5, texts = $6,
		coder = $7, updated_at = $8, finalised_at = $9 WHERE id = $10 AND revision = $11`

	sqlEvents = `SELECT revision, kind, at, actor, entry, body FROM coding_event WHERE coding = $1 ORDER BY revision`

	sqlEventInsert = `INSERT INTO coding_event (coding, revision, kind, at, actor, entry, body) VALUES ($1, $2, $3, $4, $5, $6, $7)`

	sqlFinalInsert = `INSERT INTO final_code (coding, finalisation, system, position, code, poa, performed, edition, provisional,
		assigned, encounter, record, at, actor, entry, superseded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0)`

	sqlFinalSupersede = `UPDATE final_code SET superseded_at = $1 WHERE coding = $2 AND superseded_at = 0`

	sqlFinalOf = `SELECT finalisation, system, position, code, poa, performed, edition, provisional, assigned, record, at, entry
		FROM final_code WHERE encounter = $1 AND superseded_at = 0 ORDER BY system, position`

	sqlDraftPut = `INSERT INTO coding_draft (actor, encounter, slot, record, body, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (actor, encounter, slot) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at`

	sqlDrafts = `SELECT slot, body FROM coding_draft WHERE actor = $1 AND encounter = $2`

	// How the coding of encounters stands, for the list of work and its columns. The
	// other groups of ids are for lists: one statement a page.
	sqlProgress = `SELECT e.id, e.record, e.setting, e.unit, e.end_at, e.texts, e.withdrawn, COALESCE(c.state, ''),
		COALESCE(c.diagnoses, 0), COALESCE(c.procedures, 0), COALESCE(c.offered, 0), COALESCE(c.texts, 0), COALESCE(c.coder, ''),
		COALESCE((SELECT MAX(f.finalisation) FROM final_code f WHERE f.coding = c.id), 0),
		COALESCE((SELECT MIN(v.recorded_at) FROM fact v WHERE v.id = e.id), 0)
		FROM encounter e LEFT JOIN coding c ON c.encounter = e.id
		WHERE e.id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`

	sqlDraftDelete = `DELETE FROM coding_draft WHERE actor = $1 AND encounter = $2 AND slot = $3`
)

// row is where a coding stands in the store.
type row struct {
	id, record string
	revision   int
}

func codingOf(ctx context.Context, tx *gate.Tx, encounter string) (row, bool, error) {
	var r row
	err := tx.QueryRow(ctx, sqlCoding, encounter).Scan(&r.id, &r.record, &r.revision)
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, false, nil
	}
	if err != nil {
		return row{}, false, fmt.Errorf("read coding: %w", err)
	}
	return r, true, nil
}

// place binds a sealed event body to its row.
func place(coding string, revision int) string {
	return seal.Place("coding_event", "body", coding, revision)
}

func eventsOf(ctx context.Context, tx *gate.Tx, coding string, key *seal.Key) ([]Event, error) {
	events, err := gate.Collect(ctx, tx, func(r gate.Row, e *Event) error {
		var at int64
		var sealed []byte
		if err := r.Scan(&e.Revision, &e.Kind, &at, &e.By, &e.Entry, &sealed); err != nil {
			return err
		}
		e.At = time.UnixMicro(at).UTC()
		plain, err := key.Open(sealed, place(coding, e.Revision))
		if err != nil {
			return fmt.Errorf("open coding event %d: %w", e.Revision, err)
		}
		if err := json.Unmarshal(plain, &e.Body); err != nil {
			return fmt.Errorf("read coding event %d: %w", e.Revision, err)
		}
		return nil
	}, sqlEvents, coding)
	if err != nil {
		return nil, fmt.Errorf("read coding events: %w", err)
	}
	return events, nil
}

func insertEvent(ctx context.Context, tx *gate.Tx, coding string, key *seal.Key, e Event) error {
	plain, err := json.Marshal(e.Body)
	if err != nil {
		return fmt.Errorf("write coding event: %w", err)
	}
	_, err = tx.Exec(ctx, sqlEventInsert, coding, e.Revision, string(e.Kind), e.At.UnixMicro(), e.By, e.Entry,
		key.Seal(plain, place(coding, e.Revision)))
	if err != nil {
		return fmt.Errorf("write coding event: %w", err)
	}
	return nil
}

// insertFinal writes the codes of a finalisation.
func insertFinal(ctx context.Context, tx *gate.Tx, s Session) error {
	number := len(s.Finalised)
	for _, list := range [][]Assigned{s.Diagnoses, s.Procedures} {
		for i, c := range list {
			_, err := tx.Exec(ctx, sqlFinalInsert, s.ID, number, c.System.String(), i+1, c.Code, c.POA, c.Date,
				s.edition(c.System), gate.Flag(s.State == Provisional), c.ID, s.Encounter, s.Record,
				tx.Now().UnixMicro(), tx.Actor().ID, tx.EntryID())
			if err != nil {
				return fmt.Errorf("write final code: %w", err)
			}
		}
	}
	return nil
}

// FinalCode is a code as it was made final, for those who come after: claims,
// registry, research.
type FinalCode struct {
	Finalisation int            `json:"finalisation"`
	System       codeset.System `json:"system"`
	Position     int            `json:"position"` // from 1 within its system
	Code         string         `json:"code"`
	POA          string         `json:"poa"`
	Performed    string         `json:"performed,omitempty"`
	Edition      string         `json:"edition"`
	Provisional  bool           `json:"provisional"`
	Assigned     string         `json:"assigned"` // id by which Trace finds its words
	Record       string         `json:"record"`
	At           time.Time      `json:"at"`
	Entry        string         `json:"entry"`
}

func finalOf(ctx context.Context, tx *gate.Tx, encounter string) ([]FinalCode, error) {
	codes, err := gate.Collect(ctx, tx, func(r gate.Row, c *FinalCode) error {
		var system string
		var provisional, at int64
		if err := r.Scan(&c.Finalisation, &system, &c.Position, &c.Code, &c.POA, &c.Performed, &c.Edition,
			&provisional, &c.Assigned, &c.Record, &at, &c.Entry); err != nil {
			return err
		}
		var err error
		if c.System, err = codeset.ParseSystem(system); err != nil {
			return err
		}
		c.Provisional, c.At = provisional != 0, time.UnixMicro(at).UTC()
		return nil
	}, sqlFinalOf, encounter)
	if err != nil {
		return nil, fmt.Errorf("read final codes: %w", err)
	}
	return codes, nil
}
