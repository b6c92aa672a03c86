package chart

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/gate"
)

// TextState says what texts an encounter has.
type TextState string

// The text states that lists of encounters are filtered by.
const (
	AnyText  TextState = ""
	NoText   TextState = "none"
	Unsigned TextState = "unsigned" // at least one unsigned document
	Signed   TextState = "signed"   // documents, all of them signed
)

// EncounterFilter narrows the list of encounters. Zero fields do not narrow.
type EncounterFilter struct {
	Record   string // one record
	Setting  Setting
	Unit     string
	Status   string
	Open     bool // not ended yet
	Texts    TextState
	From, To time.Time // start within [From, To)
	Limit    int       // 1 to 500; 0 takes 50
	After    string    // cursor of the page before
}

// EncounterRow is one line of the list.
type EncounterRow struct {
	Encounter   Encounter
	PatientName Name
	BirthDate   string
	Sex         string
	MRN         string
	Texts       int // documents
	Unsigned    int // of these, not signed
}

// EncounterPage is one page of the list.
type EncounterPage struct {
	Rows []EncounterRow
	Next string // cursor of the next page, "" after the last
}

const (
	defaultLimit = 50
	maxLimit     = 500
)

// Encounters lists encounters, newest start first. It opens the name and number
// of each row's patient, and the audit entry lists the records shown.
func (s *Service) Encounters(ctx context.Context, actor gate.Actor, f EncounterFilter) (EncounterPage, error) {
	subject := gate.Department()
	if f.Record != "" {
		subject = gate.Record(f.Record)
	}
	var page EncounterPage
	err := s.gate.Read(ctx, actor, ActionList, subject, func(tx *gate.Tx) (err error) {
		page, err = s.encountersTx(ctx, tx, f)
		return err
	})
	if err != nil {
		return EncounterPage{}, fmt.Errorf("encounters: %w", err)
	}
	return page, nil
}

// Cursor names the place in a list after its last row shown: the time it is sorted
// by, in microseconds, and its id.
func Cursor(start int64, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(start, 36) + "." + id))
}

// ReadCursor reads what Cursor wrote; anything else is ErrInvalid.
func ReadCursor(c string) (start int64, id string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(c)
	if err != nil || len(raw) > 100 {
		return 0, "", fmt.Errorf("%w: cursor", ErrInvalid)
	}
	first, id, ok := strings.Cut(string(raw), ".")
	if !ok || id == "" {
		return 0, "", fmt.Errorf("%w: cursor", ErrInvalid)
	}
	start, err = strconv.ParseInt(first, 36, 64)
	if err != nil {
		return 0, "", fmt.Errorf("%w: cursor", ErrInvalid)
	}
	return start, id, nil
}

func (s *Service) encountersTx(ctx context.Context, tx *gate.Tx, f EncounterFilter) (EncounterPage, error) {
	query, args, limit, err := f.query()
	if err != nil {
		return EncounterPage{}, err
	}
	listed, err := listRows(ctx, tx, query, args)
	if err != nil {
		return EncounterPage{}, err
	}
	var page EncounterPage
	if len(listed) > limit {
		last := listed[limit-1]
		page.Next = Cursor(last.start, last.id)
		listed = listed[:limit]
	}
	patients := map[string]Patient{}
	for _, row := range listed {
		shown, err := tx.AboutIf(ctx, gate.Encounter(row.record, row.id))
		if err != nil {
			return EncounterPage{}, fmt.Errorf("list encounters: %w", err)
		}
		if !shown {
			continue
		}
		p, seen := patients[row.record]
		if !seen {
			if p, err = s.PatientTx(ctx, tx, row.record); err != nil {
				return EncounterPage{}, err
			}
			patients[row.record] = p
		}
		enc, err := s.newestEncounter(ctx, tx, row.id)
		if err != nil {
			return EncounterPage{}, err
		}
		page.Rows = append(page.Rows, EncounterRow{
			Encounter: enc, PatientName: p.Name, BirthDate: p.BirthDate, Sex: p.Sex, MRN: p.RecordNumber(),
			Texts: row.texts, Unsigned: row.unsigned,
		})
	}
	tellRows(tx, len(page.Rows), len(listed))
	return page, nil
}

type listedEncounter struct {
	id, record      string
	start           int64
	texts, unsigned int
}

func listRows(ctx context.Context, tx *gate.Tx, query string, args []any) ([]listedEncounter, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list encounters: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var listed []listedEncounter
	for rows.Next() {
		var r listedEncounter
		if err := rows.Scan(&r.id, &r.record, &r.start, &r.texts, &r.unsigned); err != nil {
			return nil, fmt.Errorf("list encounters: %w", err)
		}
		listed = append(listed, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list encounters: %w", err)
	}
	return listed, nil
}

// query builds the list's statement: one fixed frame, one condition a filter.
func (f EncounterFilter) query() (query string, args []any, limit int, err error) {
	limit = f.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, maxLimit)
	where := []string{"withdrawn = 0"}
	add := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		where = append(where, condition)
	}
	if f.Record != "" {
		add("record = ?", f.Record)
	}
	if f.Setting != "" {
		add("setting = ?", string(f.Setting))
	}
	if f.Unit != "" {
		add("unit = ?", f.Unit)
	}
	if f.Status != "" {
		add("status = ?", f.Status)
	}
	if f.Open {
		add("end_at = ?", 0)
	}
	if !f.From.IsZero() {
		add("start_at >= ?", gate.Micros(f.From))
	}
	if !f.To.IsZero() {
		add("start_at < ?", gate.Micros(f.To))
	}
	switch f.Texts {
	case AnyText:
	case NoText:
		add("texts = 0")
	case Unsigned:
		add("unsigned > 0")
	case Signed:
		add("texts > 0 AND unsigned = 0")
	default:
		return "", nil, 0, fmt.Errorf("%w: text state", ErrInvalid)
	}
	if f.After != "" {
		start, id, err := ReadCursor(f.After)
		if err != nil {
			return "", nil, 0, err
		}
		add("(start_at < ? OR (start_at = ? AND id < ?))", start, start, id)
	}
	args = append(args, limit+1)
	return sqlListEncounters + " WHERE " + strings.Join(where, " AND ") +
		" ORDER BY start_at DESC, id DESC LIMIT $" + strconv.Itoa(len(args)), args, limit, nil
}
