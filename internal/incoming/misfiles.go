package incoming

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
)

// MisfileFilter narrows the list of misfiles. Zero fields do not narrow.
type MisfileFilter struct {
	First, Last string // days of the facility, YYYY-MM-DD, both included; "" is the last 31 days
	Filer       string // actor who filed them wrongly
}

// Filer is how somebody filed in a span of days.
type Filer struct {
	Actor    string
	Indexed  int // documents they indexed
	Misfiled int // documents of theirs that had to be moved, by the day they were moved
}

// Misfiles are what was found misfiled in a span of days.
type Misfiles struct {
	First, Last string
	Rows        []Misfile // newest first
	Filers      []Filer   // most misfiles first
	Withheld    int       // rows left out because a record is closed to the actor
	More        bool      // there are more rows than are shown
}

// maxListed is how many rows the lists of the desk show at once.
const maxListed = 200

// Misfiles lists what was misfiled, with both ends: of a person ("what did I
// misfile today?") or of everybody.
func (s *Service) Misfiles(ctx context.Context, actor gate.Actor, f MisfileFilter) (Misfiles, error) {
	var out Misfiles
	err := s.gate.Read(ctx, actor, ActionRead, gate.Department(), func(tx *gate.Tx) error {
		from, to, err := s.span(f.First, f.Last, tx.Now())
		if err != nil {
			return err
		}
		out = Misfiles{First: from.Format(time.DateOnly), Last: to.AddDate(0, 0, -1).Format(time.DateOnly)}
		query, args := sqlMisfilesMoved, []any{gate.Micros(from), gate.Micros(to), maxListed + 1}
		if f.Filer != "" {
			query, args = sqlMisfilesFiler, []any{f.Filer, gate.Micros(from), gate.Micros(to), maxListed + 1}
		}
		if out.Rows, err = readMisfiles(ctx, tx, query, args...); err != nil {
			return err
		}
		if out.More = len(out.Rows) > maxListed; out.More {
			out.Rows = out.Rows[:maxListed]
		}
		if out.Rows, out.Withheld, err = s.shown(ctx, tx, out.Rows); err != nil {
			return err
		}
		out.Filers, err = filersOf(ctx, tx, from, to)
		return err
	})
	if err != nil {
		return Misfiles{}, fmt.Errorf("misfiles: %w", err)
	}
	return out, nil
}

// span reads a span of days; it ends with today where nothing is said.
func (s *Service) span(first, last string, now time.Time) (from, to time.Time, err error) {
	today := now.In(s.zone).Format(time.DateOnly)
	_, to, err = s.day(cmp.Or(last, today))
	if err != nil {
		return from, to, err
	}
	if first == "" {
		return to.AddDate(0, 0, -31), to, nil
	}
	from, _, err = s.day(first)
	if err == nil && !from.Before(to) {
		err = fmt.Errorf("%w: the first day comes after the last", ErrBadInput)
	}
	return from, to, err
}

// misfilesTx reads misfiles with both ends, leaving out what is closed.
func (s *Service) misfilesTx(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]Misfile, error) {
	all, err := readMisfiles(ctx, tx, query, args...)
	if err != nil {
		return nil, err
	}
	all, _, err = s.shown(ctx, tx, all)
	return all, err
}

// shown opens both ends of each move, leaving out rows of closed records.
func (s *Service) shown(ctx context.Context, tx *gate.Tx, all []Misfile) (shown []Misfile, withheld int, err error) {
	for _, m := range all {
		open := true
		for _, end := range []*End{&m.From, &m.To} {
			if open, err = tx.AboutIf(ctx, gate.Record(end.Record)); err != nil || !open {
				break
			}
			if err = s.openEnd(ctx, tx, end); err != nil {
				break
			}
		}
		if err != nil {
			return nil, 0, err
		}
		if !open {
			withheld++
			continue
		}
		key, err := s.ring.Key(ctx, tx, m.From.Record)
		if err != nil {
			return nil, 0, fmt.Errorf("key of the record: %w", err)
		}
		note, err := key.Open(m.note, notePlace(m.ID))
		if err != nil {
			return nil, 0, fmt.Errorf("open a note: %w", err)
		}
		m.Note = string(note)
		d, err := s.chart.KnownDocument(ctx, tx, m.To.Document)
		if err != nil {
			return nil, 0, err
		}
		if d != nil {
			m.Type = d.Type
		}
		shown = append(shown, m)
	}
	return shown, withheld, nil
}

func (s *Service) openEnd(ctx context.Context, tx *gate.Tx, end *End) error {
	var err error
	if end.Patient, err = s.chart.PatientTx(ctx, tx, end.Record); err != nil || end.Encounter == "" {
		return err
	}
	end.Visit, err = s.chart.EncounterTx(ctx, tx, end.Encounter)
	if errors.Is(err, chart.ErrNotFound) {
		return nil
	}
	return err
}

func readMisfiles(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]Misfile, error) {
	all, err := gate.Collect(ctx, tx, func(r gate.Row, m *Misfile) error {
		var whole, filed, moved, undone int64
		if err := r.Scan(&m.ID, &m.From.Document, &m.fromNumber, &m.From.Record, &m.From.Encounter, &m.To.Document, &m.toNumber,
			&m.To.Record, &m.To.Encounter, &m.Sheets, &whole, &filed, &m.FiledBy, &moved, &m.MovedBy, &m.Entry, &m.Reason, &m.note,
			&undone, &m.UndoneBy); err != nil {
			return err
		}
		m.Whole, m.FiledAt, m.MovedAt, m.UndoneAt = whole != 0, gate.Moment(filed), gate.Moment(moved), gate.Moment(undone)
		return nil
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read misfiles: %w", err)
	}
	return all, nil
}

// filersOf counts by person; what was undone does not count.
func filersOf(ctx context.Context, tx *gate.Tx, from, to time.Time) ([]Filer, error) {
	by := map[string]Filer{}
	count := func(query string, add func(*Filer, int)) error {
		rows, err := tx.Query(ctx, query, gate.Micros(from), gate.Micros(to))
		if err != nil {
			return fmt.Errorf("count by person: %w", err)
		}
		defer rows.Close() //nolint:errcheck // rows.Err is looked at below
		for rows.Next() {
			var who string
			var n int
			if err := rows.Scan(&who, &n); err != nil {
				return fmt.Errorf("count by person: %w", err)
			}
			f := by[who]
			f.Actor = who
			add(&f, n)
			by[who] = f
		}
		return rows.Err()
	}
	if err := count(sqlMisfilesByFiler, func(f *Filer, n int) { f.Misfiled = n }); err != nil {
		return nil, err
	}
	if err := count(sqlDocumentsBy, func(f *Filer, n int) { f.Indexed = n }); err != nil {
		return nil, err
	}
	out := make([]Filer, 0, len(by))
	for _, f := range by {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b Filer) int {
		return cmp.Or(-cmp.Compare(a.Misfiled, b.Misfiled), -cmp.Compare(a.Indexed, b.Indexed), cmp.Compare(a.Actor, b.Actor))
	})
	return out, nil
}

// Done is a document that was made at the desk.
type Done struct {
	Document  chart.Document // without text
	Patient   chart.Patient
	Encounter string
	State     string // "stands", "moved" or "withdrawn"
	At        time.Time
	By        string
}

// Indexed lists the documents made at the desk in a span of days, newest first;
// by, where given, are those of one actor.
func (s *Service) Indexed(ctx context.Context, actor gate.Actor, first, last, by string) ([]Done, error) {
	var out []Done
	err := s.gate.Read(ctx, actor, ActionRead, gate.Department(), func(tx *gate.Tx) error {
		from, to, err := s.span(first, last, tx.Now())
		if err != nil {
			return err
		}
		listed, err := readDone(ctx, tx, from, to)
		if err != nil {
			return err
		}
		out = nil
		for _, d := range listed {
			if by != "" && d.By != by {
				continue
			}
			open, err := tx.AboutIf(ctx, gate.Record(d.Patient.Record))
			if err != nil {
				return err
			}
			if !open {
				continue
			}
			if d.Patient, err = s.chart.PatientTx(ctx, tx, d.Patient.Record); err != nil {
				return err
			}
			doc, err := s.chart.KnownDocument(ctx, tx, d.Document.ID)
			if err != nil {
				return err
			}
			if doc != nil {
				d.Document = *doc
				d.Document.Text = ""
			}
			out = append(out, d)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("indexed: %w", err)
	}
	return out, nil
}

func readDone(ctx context.Context, tx *gate.Tx, from, to time.Time) ([]Done, error) {
	all, err := gate.Collect(ctx, tx, func(r gate.Row, d *Done) error {
		var at int64
		if err := r.Scan(&d.Document.ID, &d.Patient.Record, &d.Encounter, &d.State, &at, &d.By); err != nil {
			return err
		}
		d.At = gate.Moment(at)
		return nil
	}, sqlDocumentsDone, gate.Micros(from), gate.Micros(to), maxListed)
	if err != nil {
		return nil, fmt.Errorf("read documents: %w", err)
	}
	return all, nil
}
