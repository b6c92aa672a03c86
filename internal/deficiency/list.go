package deficiency

import (
	"context"
	"fmt"
	"math"
	"strings"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
)

// Row is one line of the list behind a figure.
type Row struct {
	Finding Finding
	Patient chart.Patient
}

// Page is one page of such a list, open longest first.
type Page struct {
	Rows     []Row
	Next     string // cursor of the next page, "" after the last
	Withheld int    // rows the policy does not show the reader
}

// The bounds of a list's pages.
const (
	defaultLimit = 50
	maxLimit     = 200
	maxScan      = 20_000 // rows looked at for one page where a second condition narrows
)

// List gives the open findings behind a figure, each with its patient. The audit entry
// lists the records shown.
func (s *Service) List(ctx context.Context, actor gate.Actor, f Filter) (Page, error) {
	if f.Limit <= 0 {
		f.Limit = defaultLimit
	}
	f.Limit = min(f.Limit, maxLimit)
	var page Page
	err := s.gate.Read(ctx, actor, ActionList, gate.Department(), func(tx *gate.Tx) (err error) {
		page, err = s.listTx(ctx, tx, f)
		return err
	})
	if err != nil {
		return Page{}, fmt.Errorf("list of findings: %w", err)
	}
	return page, nil
}

func (s *Service) listTx(ctx context.Context, tx *gate.Tx, f Filter) (Page, error) {
	after, id := int64(math.MinInt64), ""
	if f.After != "" {
		var err error
		if after, id, err = chart.ReadCursor(f.After); err != nil {
			return Page{}, ErrBadInput
		}
	}
	page := Page{Rows: []Row{}}
	patients := map[string]chart.Patient{}
	for scanned := 0; scanned < maxScan; {
		rows, err := f.read(ctx, tx, after, id)
		if err != nil {
			return Page{}, err
		}
		for _, r := range rows {
			scanned++
			after, id = r.since, r.id
			if !f.takes(r) {
				continue
			}
			if err := s.addRow(ctx, tx, &page, patients, r); err != nil {
				return Page{}, err
			}
			if len(page.Rows) == f.Limit {
				page.Next = chart.Cursor(after, id)
				return page, nil
			}
		}
		if len(rows) < f.chunk() {
			return page, nil
		}
	}
	page.Next = chart.Cursor(after, id)
	return page, nil
}

// chunk is how many rows one query takes.
func (f Filter) chunk() int { return f.Limit + 1 }

// read gives the next rows by the narrowest index there is for the filter.
func (f Filter) read(ctx context.Context, tx *gate.Tx, after int64, id string) ([]row, error) {
	from, to := int64(math.MinInt64), int64(math.MaxInt64)
	if !f.From.IsZero() {
		from = f.From.UnixMicro()
	}
	from = max(from, after) // where the index is entered
	if !f.To.IsZero() {
		to = f.To.UnixMicro()
	}
	args := []any{after, after, id, from, to, f.chunk()}
	switch {
	case f.Rule != "":
		return readRows(ctx, tx, sqlOpenOfRule, append(args, f.Rule)...)
	case f.Clinician != "":
		return readRows(ctx, tx, sqlOpenOfClinician, append(args, strings.TrimSuffix(f.Clinician, NoClinician))...)
	case f.Unit != "":
		return readRows(ctx, tx, sqlOpenOfUnit, append(args, f.Unit)...)
	}
	return readRows(ctx, tx, sqlOpenAll, args...)
}

// takes says whether a row fits the conditions that its query did not ask.
func (f Filter) takes(r row) bool {
	return (f.Rule == "" || r.rule == f.Rule) && (f.Unit == "" || r.unit == f.Unit) &&
		(f.Severity == "" || r.severity == string(f.Severity)) && (f.Clinician == "" || r.clinician == strings.TrimSuffix(f.Clinician, NoClinician))
}

func (s *Service) addRow(ctx context.Context, tx *gate.Tx, page *Page, patients map[string]chart.Patient, r row) error {
	shown, err := tx.AboutIf(ctx, gate.Record(r.record))
	if err != nil {
		return err
	}
	if !shown {
		page.Withheld++
		return nil
	}
	finding, err := s.open(ctx, tx, r)
	if err != nil {
		return err
	}
	p, known := patients[r.record]
	if !known {
		if p, err = s.chart.KnownPatient(ctx, tx, r.record); err != nil {
			return fmt.Errorf("patient of a finding: %w", err)
		}
		patients[r.record] = p
	}
	page.Rows = append(page.Rows, Row{finding, p})
	return nil
}
