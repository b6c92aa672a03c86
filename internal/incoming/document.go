package incoming

import (
	"context"
	"fmt"
	"slices"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
)

// Filed is a document at the desk, with whom it is of and where it was before.
type Filed struct {
	Document  chart.Document
	Patient   chart.Patient
	Encounter chart.Encounter
	FiledBy   string // actor who stored its first version
	FiledAt   time.Time
	Others    []chart.Document // of the same encounter, without text, to be joined with
	Moves     []Misfile        // newest first
	Confirmed string           // why it was stored though its words name another patient
}

// Document reads one document at the desk.
func (s *Service) Document(ctx context.Context, actor gate.Actor, id string) (*Filed, error) {
	var p *Filed
	err := s.gate.Read(ctx, actor, ActionRead, gate.Subject{Kind: "document", ID: id}, func(tx *gate.Tx) error {
		p = &Filed{}
		var err error
		if p.Document, err = s.chart.DocumentTx(ctx, tx, id, 0); err != nil {
			return err
		}
		first := p.Document
		if p.Document.Number > 1 {
			if first, err = s.chart.DocumentTx(ctx, tx, id, 1); err != nil {
				return err
			}
		}
		p.FiledBy, p.FiledAt = first.RecordedBy, first.RecordedAt
		if p.Patient, err = s.chart.PatientTx(ctx, tx, p.Document.Record); err != nil {
			return err
		}
		if p.Document.Encounter != "" {
			if p.Encounter, err = s.chart.EncounterTx(ctx, tx, p.Document.Encounter); err != nil {
				return err
			}
			if p.Others, err = s.chart.DocumentsTx(ctx, tx, p.Document.Encounter); err != nil {
				return err
			}
			p.Others = slices.DeleteFunc(p.Others, func(d chart.Document) bool { return d.ID == id || len(d.Sheets) == 0 })
		}
		p.Moves, err = s.misfilesTx(ctx, tx, sqlMisfilesOf, id, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	return p, nil
}

// change runs an action on the newest version of a document, about its record.
func (s *Service) change(ctx context.Context, actor gate.Actor, id string, number int, fn func(*gate.Tx, chart.Document, sheaf) error) error {
	return s.gate.Change(ctx, actor, ActionIndex, gate.Subject{Kind: "document", ID: id}, func(tx *gate.Tx) error {
		d, err := s.current(ctx, tx, id, number)
		if err != nil {
			return err
		}
		sheets, err := sheafOf(d)
		if err != nil {
			return err
		}
		if len(sheets) == 0 {
			return fmt.Errorf("%w: the document has no sheets", ErrBadInput)
		}
		return fn(tx, d, sheets)
	})
}

// Arrange stores a new version of a document with its sheets in the order and
// turns given. Pages left out are set aside as blank. number is the version the
// actor saw.
func (s *Service) Arrange(ctx context.Context, actor gate.Actor, id string, number int, want []PageRef, reason string) error {
	if len(want) == 0 {
		return fmt.Errorf("%w: a document shows at least one page", ErrBadInput)
	}
	err := s.change(ctx, actor, id, number, func(tx *gate.Tx, d chart.Document, sheets sheaf) error {
		kept, rest, err := sheets.arranged(want)
		if err != nil {
			return err
		}
		if err := s.put(ctx, tx, bound(next(d, orSay(reason, "pages arranged")), kept)); err != nil {
			return err
		}
		if len(rest) == 0 {
			return nil
		}
		if err := s.back(ctx, tx, rest.refs()); err != nil {
			return err
		}
		return s.aside(ctx, tx, rest.refs(), pageBlank)
	})
	if err != nil {
		return fmt.Errorf("arrange: %w", err)
	}
	return nil
}

// Split makes of the sheets from place at on (counted from 0) a document of their
// own, of the same encounter, and returns its id.
func (s *Service) Split(ctx context.Context, actor gate.Actor, id string, number, at int, kind, reason string) (made string, err error) {
	err = s.change(ctx, actor, id, number, func(tx *gate.Tx, d chart.Document, sheets sheaf) error {
		first, second, err := sheets.parted(at)
		if err != nil {
			return err
		}
		if err := s.put(ctx, tx, bound(next(d, orSay(reason, "split")), first)); err != nil {
			return err
		}
		fresh := d
		fresh.Version = chart.Version{ID: tx.NewID(), Record: d.Record, Encounter: d.Encounter, Source: chart.Source{Message: d.Source.Message, Path: d.Source.Path}}
		if kind = tidy(kind); kind != "" {
			if k, ok := kindNamed(kind); ok {
				kind = k.Name
			}
			fresh.Type, fresh.Title = kind, kind
		}
		fresh = bound(fresh, second)
		if err := s.put(ctx, tx, fresh); err != nil {
			return err
		}
		if err := s.take(ctx, tx, second.refs(), fresh, true); err != nil {
			return err
		}
		made = fresh.ID
		return putDocumentRow(ctx, tx, documentRow{id: fresh.ID, record: fresh.Record, encounter: fresh.Encounter, state: documentStands, sheets: len(second)})
	})
	if err != nil {
		return "", fmt.Errorf("split: %w", err)
	}
	return made, nil
}

// Join puts the sheets of another document of the same patient behind those of
// this one, and withdraws the other.
func (s *Service) Join(ctx context.Context, actor gate.Actor, id string, number int, other string, otherNumber int, reason string) error {
	if id == other {
		return fmt.Errorf("%w: a document is not joined to itself", ErrBadInput)
	}
	if err := checkIDs(other); err != nil {
		return err
	}
	err := s.change(ctx, actor, id, number, func(tx *gate.Tx, d chart.Document, sheets sheaf) error {
		o, err := s.current(ctx, tx, other, otherNumber)
		if err != nil {
			return err
		}
		more, err := sheafOf(o)
		if err != nil {
			return err
		}
		if o.Record != d.Record || o.Encounter != d.Encounter || len(more) == 0 {
			return fmt.Errorf("%w: only scanned documents of one encounter are joined; move it first", ErrBadInput)
		}
		why := orSay(reason, "joined")
		gone := next(o, why)
		gone.Withdrawn = true
		if err := s.put(ctx, tx, gone); err != nil {
			return err
		}
		if err := s.put(ctx, tx, bound(next(d, why), append(sheets, more...))); err != nil {
			return err
		}
		if _, err := tx.Later(ctx, sqlDocumentState, documentWithdrawn, other); err != nil {
			return fmt.Errorf("note a document: %w", err)
		}
		return s.take(ctx, tx, more.refs(), d, true)
	})
	if err != nil {
		return fmt.Errorf("join: %w", err)
	}
	return nil
}

// Unindex takes a document back: it is withdrawn with the reason, and its pages
// wait again.
func (s *Service) Unindex(ctx context.Context, actor gate.Actor, id string, number int, reason string) (scanID string, err error) {
	reason = tidy(reason)
	if reason == "" {
		return "", ErrReason
	}
	err = s.change(ctx, actor, id, number, func(tx *gate.Tx, d chart.Document, sheets sheaf) error {
		gone := next(d, reason)
		gone.Withdrawn = true
		if err := s.put(ctx, tx, gone); err != nil {
			return err
		}
		if err := s.back(ctx, tx, sheets.refs()); err != nil {
			return err
		}
		if _, err := tx.Later(ctx, sqlDocumentState, documentWithdrawn, id); err != nil {
			return fmt.Errorf("note a document: %w", err)
		}
		scanID = sheets[0].Scan
		_, err := s.settle(ctx, tx, sheets.refs(), nil)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("take back: %w", err)
	}
	return scanID, nil
}

func orSay(reason, or string) string {
	if reason = tidy(reason); reason != "" {
		return reason
	}
	return or
}
