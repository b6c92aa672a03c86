package incoming

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

const (
	sqlListPut = `INSERT INTO discharge_list (id, source, first_day, last_day, made_at, made_by, entry, matched_at, rejected)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

	sqlListMatched = `UPDATE discharge_list SET matched_at = $1 WHERE id = $2`

	sqlList = `SELECT id, source, first_day, last_day, made_at, made_by, matched_at, rejected FROM discharge_list WHERE id = $1`

	sqlLists = `SELECT id, source, first_day, last_day, made_at, made_by, matched_at, rejected FROM discharge_list
		ORDER BY made_at DESC, id DESC LIMIT $1`

	sqlLinePut = `INSERT INTO discharge_line (list, number, state, record, encounter, body, settled_at, settled_by, settled_how)
		VALUES ($1, $2, $3, $4, $5, $6, 0, '', '')
		ON CONFLICT (list, number) DO UPDATE SET state = excluded.state, record = excluded.record, encounter = excluded.encounter`

	sqlLineSettle = `UPDATE discharge_line SET settled_at = $1, settled_by = $2, settled_how = $3 WHERE list = $4 AND number = $5`

	sqlLineDrop = `DELETE FROM discharge_line WHERE list = $1 AND number = $2`

	sqlLines = `SELECT number, state, record, encounter, body, settled_at, settled_by, settled_how FROM discharge_line
		WHERE list = $1 ORDER BY number`
)

// Line is a line of a list and what it came to.
type Line struct {
	Number    int // from 1; those of encounters that are not on the list come after
	Discharge Discharge
	State     LineState
	Record    string
	Encounter string
	Missing   []string // documents missing
	HereDay   string   // day the encounter here ended, "" while it has not
	SettledAt time.Time
	SettledBy string
	How       string
}

// Open says whether somebody has to look at the line.
func (l Line) Open() bool { return l.State != LineHere && l.State != LineTwice && l.SettledAt.IsZero() }

// lineBody is what of a line is sealed.
type lineBody struct {
	Discharge
	Missing []string `json:"x,omitempty"`
	HereDay string   `json:"h,omitempty"`
}

func linePlace(list string, number int) string {
	return seal.Place("discharge_line", "body", list+"/"+strconv.Itoa(number), 0)
}

func putLine(ctx context.Context, tx *gate.Tx, key *seal.Key, list string, l Line) error {
	plain, err := json.Marshal(lineBody{l.Discharge, l.Missing, l.HereDay})
	if err != nil {
		return fmt.Errorf("write a line: %w", err)
	}
	if _, err := tx.Later(ctx, sqlLineDrop, list, l.Number); err != nil {
		return fmt.Errorf("write a line: %w", err)
	}
	_, err = tx.Later(ctx, sqlLinePut, list, l.Number, string(l.State), l.Record, l.Encounter, key.Seal(plain, linePlace(list, l.Number)))
	if err != nil {
		return fmt.Errorf("write a line: %w", err)
	}
	if l.SettledAt.IsZero() {
		return nil
	}
	return settleLine(ctx, tx, list, l)
}

func settleLine(ctx context.Context, tx *gate.Tx, list string, l Line) error {
	if _, err := tx.Later(ctx, sqlLineSettle, gate.Micros(l.SettledAt), l.SettledBy, l.How, list, l.Number); err != nil {
		return fmt.Errorf("settle a line: %w", err)
	}
	return nil
}

func readLines(ctx context.Context, tx *gate.Tx, key *seal.Key, list string) ([]Line, error) {
	all, err := gate.Collect(ctx, tx, func(r gate.Row, l *Line) error {
		var body []byte
		var settled int64
		if err := r.Scan(&l.Number, &l.State, &l.Record, &l.Encounter, &body, &settled, &l.SettledBy, &l.How); err != nil {
			return err
		}
		plain, err := key.Open(body, linePlace(list, l.Number))
		if err != nil {
			return fmt.Errorf("open line %d: %w", l.Number, err)
		}
		var b lineBody
		if err := json.Unmarshal(plain, &b); err != nil {
			return fmt.Errorf("read line %d: %w", l.Number, err)
		}
		l.Discharge, l.Missing, l.HereDay, l.SettledAt = b.Discharge, b.Missing, b.HereDay, gate.Moment(settled)
		return nil
	}, sqlLines, list)
	if err != nil {
		return nil, fmt.Errorf("read lines: %w", err)
	}
	return all, nil
}

// List is a discharge list held against the records.
type List struct {
	ID                string
	Source            string // "list" or "encounters"
	FirstDay, LastDay string
	MadeAt            time.Time
	MadeBy            string
	MatchedAt         time.Time
	Rejected          int // lines that could not be used
	Lines             []Line
	Counts            Counts

	closed []Line // of records closed to the reader: counted, and left as they are
}

func readLists(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]List, error) {
	all, err := gate.Collect(ctx, tx, func(r gate.Row, l *List) error {
		var made, matched int64
		if err := r.Scan(&l.ID, &l.Source, &l.FirstDay, &l.LastDay, &made, &l.MadeBy, &matched, &l.Rejected); err != nil {
			return err
		}
		l.MadeAt, l.MatchedAt = gate.Moment(made), gate.Moment(matched)
		return nil
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read lists: %w", err)
	}
	return all, nil
}

// countLines adds up lines as they are stored.
func countLines(lines []Line) Counts {
	var c Counts
	seen := map[string]bool{}
	for _, l := range lines {
		switch l.State {
		case LineHere:
			c.Here++
		case LineIncomplete:
			c.Incomplete++
		case LineDiffers:
			c.Differs++
		case LineTwice:
			c.Twice++
		case LineAbsent:
			c.Absent++
		case LineUnlisted:
			c.Unlisted++
		}
		if l.State != LineUnlisted {
			c.Lines++
			if l.Encounter != "" && !seen[l.Encounter] {
				seen[l.Encounter] = true
				c.OnList++
			}
		}
		if l.Open() {
			c.Open++
		}
	}
	c.Encounters = c.OnList + c.Unlisted
	return c
}
