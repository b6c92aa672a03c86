package incoming

import (
	"context"
	"fmt"
	"slices"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/scan"
	"chartroom/internal/seal"
	"chartroom/internal/work"
)

// MoveReasons are the reasons of a move, in the order they are offered.
func MoveReasons() []string {
	return []string{
		"wrong patient was chosen", "two patients in one scan", "patients with the same or a like name",
		"wrong number on the paper", "wrong encounter was chosen", "the interface sent it under the wrong record", "another reason",
	}
}

// Moving says what is moved where.
type Moving struct {
	Document  string
	Number    int   // version the actor saw
	Sheets    []int // places of the sheets to be moved, from 0; none is the whole document
	Record    string
	Encounter string
	Type      string // of the document there; "" keeps it
	Reason    string // one of MoveReasons
	Note      string // in the actor's own words, kept sealed
}

// Misfile is a document (or some of its sheets) that lay in the wrong place, and
// where it lies now. It ties both ends together.
type Misfile struct {
	ID       string
	From, To End
	Sheets   int  // pages moved, 0 for a document without any
	Whole    bool // the document as a whole
	FiledAt  time.Time
	FiledBy  string // who filed it wrongly: an actor
	MovedAt  time.Time
	MovedBy  string
	Entry    string // audit entry of the move
	Reason   string
	Note     string
	UndoneAt time.Time // zero while it stands
	UndoneBy string
	Type     string // of the document, as it stands at its new place

	fromNumber, toNumber int
	note                 []byte
}

// End is one end of a move.
type End struct {
	Document, Record, Encounter string
	Patient                     chart.Patient   // in lists
	Visit                       chart.Encounter // in lists
}

// Move withdraws a document (or takes sheets out of it) where it lies, with the
// reason, and stores it anew under another record or encounter, in one action
// that is about both.
func (s *Service) Move(ctx context.Context, actor gate.Actor, m Moving) (Misfile, error) {
	m.Note = tidy(m.Note)
	if !slices.Contains(MoveReasons(), m.Reason) {
		return Misfile{}, fmt.Errorf("%w: choose one of the reasons of a move", ErrReason)
	}
	if m.Reason == "another reason" && m.Note == "" {
		return Misfile{}, fmt.Errorf("%w: say which", ErrReason)
	}
	if len(m.Note) > maxTyped || len(m.Type) > maxTyped {
		return Misfile{}, fmt.Errorf("%w: a note has at most %d characters", ErrBadInput, maxTyped)
	}
	if err := checkIDs(m.Document, m.Record, m.Encounter); err != nil {
		return Misfile{}, err
	}
	var out Misfile
	err := s.gate.Change(ctx, actor, ActionMove, gate.Subject{Kind: "document", ID: m.Document}, func(tx *gate.Tx) error {
		d, err := s.current(ctx, tx, m.Document, m.Number)
		if err != nil {
			return err
		}
		to, err := s.place(ctx, tx, m.Record, m.Encounter)
		if err != nil {
			return err
		}
		if to.ID == d.Encounter && to.Record == d.Record {
			return fmt.Errorf("%w: it lies there already", ErrBadInput)
		}
		moved, rest, err := m.parts(d)
		if err != nil {
			return err
		}
		tx.Reason(m.Reason)
		out, err = s.move(ctx, tx, m, d, to, moved, rest)
		return err
	})
	if err != nil {
		return Misfile{}, fmt.Errorf("move: %w", err)
	}
	return out, nil
}

// parts are the sheets that go and those that stay; both empty for a document
// without sheets, which goes as a whole.
func (m Moving) parts(d chart.Document) (moved, rest sheaf, err error) {
	sheets, err := sheafOf(d)
	if err != nil || len(m.Sheets) == 0 {
		return sheets, nil, err
	}
	return sheets.pick(m.Sheets)
}

func (s *Service) move(ctx context.Context, tx *gate.Tx, m Moving, d chart.Document, to chart.Encounter, moved, rest sheaf) (Misfile, error) {
	first := d
	if d.Number > 1 {
		var err error
		if first, err = s.chart.DocumentTx(ctx, tx, d.ID, 1); err != nil {
			return Misfile{}, err
		}
	}
	why := "misfiled: " + m.Reason
	there := d
	there.Version = chart.Version{ID: tx.NewID(), Record: to.Record, Encounter: to.ID, Reason: why, Source: chart.Source{Message: d.Source.Message, Path: d.Source.Path}}
	if first.Source.Message != "" && there.Source.Message == "" { // indexed pages name the scan's message through it
		there.Source = chart.Source{Message: first.Source.Message, Path: first.Source.Path}
	}
	if k, ok := kindNamed(m.Type); ok {
		there.Type, there.Title = k.Name, k.Name
	}
	here := next(d, why)
	if len(rest) == 0 {
		here.Withdrawn = true
	} else {
		here, there = bound(here, rest), bound(there, moved)
	}
	for _, version := range []chart.Document{here, there} {
		if err := s.put(ctx, tx, version); err != nil {
			return Misfile{}, err
		}
	}
	if err := s.take(ctx, tx, moved.refs(), there, true); err != nil {
		return Misfile{}, err
	}
	out := Misfile{
		ID: tx.NewID(), From: End{Document: d.ID, Record: d.Record, Encounter: d.Encounter},
		To: End{Document: there.ID, Record: to.Record, Encounter: to.ID}, Sheets: len(moved), Whole: len(rest) == 0,
		FiledAt: first.RecordedAt, FiledBy: first.RecordedBy, MovedAt: tx.Now(), MovedBy: tx.Actor().ID, Entry: tx.EntryID(),
		Reason: m.Reason, Note: m.Note, Type: there.Type, fromNumber: d.Number, toNumber: 1,
	}
	if err := s.noteMove(ctx, tx, out); err != nil {
		return Misfile{}, err
	}
	return out, s.tellCoders(ctx, tx, out)
}

// noteMove writes the row that ties both ends, and what the desk knows of both
// documents.
func (s *Service) noteMove(ctx context.Context, tx *gate.Tx, m Misfile) error {
	key, err := s.ring.Key(ctx, tx, m.From.Record)
	if err != nil {
		return fmt.Errorf("key of the record: %w", err)
	}
	_, err = tx.Exec(ctx, sqlMisfilePut, m.ID, m.From.Document, m.fromNumber, m.From.Record, m.From.Encounter,
		m.To.Document, m.toNumber, m.To.Record, m.To.Encounter, m.Sheets, gate.Flag(m.Whole), gate.Micros(m.FiledAt), m.FiledBy,
		gate.Micros(m.MovedAt), m.MovedBy, m.Entry, m.Reason, key.Seal([]byte(m.Note), notePlace(m.ID)))
	if err != nil {
		return fmt.Errorf("write misfile: %w", err)
	}
	if m.Whole {
		if _, err := tx.Later(ctx, sqlDocumentState, documentMoved, m.From.Document); err != nil {
			return fmt.Errorf("note a document: %w", err)
		}
	}
	return putDocumentRow(ctx, tx, documentRow{id: m.To.Document, record: m.To.Record, encounter: m.To.Encounter, state: documentStands, sheets: m.Sheets})
}

func notePlace(id string) string { return seal.Place("misfile", "note", id, 0) }

// reasonMoved is why a coder is asked to look again.
const reasonMoved = "document moved"

// tellCoders puts both encounters before the coder: codes of the one may rest on
// words that are no longer in it, and the other has words nobody has coded.
func (s *Service) tellCoders(ctx context.Context, tx *gate.Tx, m Misfile) error {
	for _, end := range []End{m.From, m.To} {
		if end.Encounter == "" {
			continue
		}
		enc, err := s.chart.EncounterTx(ctx, tx, end.Encounter)
		if err != nil {
			return err
		}
		if enc.End.IsZero() && enc.Status != "finished" { // not coded yet, so nothing rests on it
			continue
		}
		err = s.work.PutTx(ctx, tx, work.Want{
			Queue: work.Coding, Key: enc.ID, Record: enc.Record, Encounter: enc.ID, Kind: string(enc.Setting), Unit: enc.Unit,
			Reason: reasonMoved, Priority: 2, Since: tx.Now(), Open: "/coding/" + enc.ID,
		})
		if err != nil {
			return fmt.Errorf("tell the coder: %w", err)
		}
	}
	return nil
}

// Undo takes a move back: the document stands again as it was where it lay, and
// what was stored at the other place is withdrawn. A document that was changed
// since is not undone (ErrStale); move it back instead.
func (s *Service) Undo(ctx context.Context, actor gate.Actor, id, reason string) error {
	err := s.gate.Change(ctx, actor, ActionMove, gate.Subject{Kind: "misfile", ID: id}, func(tx *gate.Tx) error {
		all, err := readMisfiles(ctx, tx, sqlMisfile, id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return ErrNotFound
		}
		m := all[0]
		if !m.UndoneAt.IsZero() {
			return fmt.Errorf("%w: it was undone already", ErrStale)
		}
		return s.undo(ctx, tx, m, orSay(reason, "move undone"))
	})
	if err != nil {
		return fmt.Errorf("undo move: %w", err)
	}
	return nil
}

func (s *Service) undo(ctx context.Context, tx *gate.Tx, m Misfile, why string) error {
	here, err := s.chart.DocumentTx(ctx, tx, m.From.Document, 0)
	if err != nil {
		return err
	}
	there, err := s.chart.DocumentTx(ctx, tx, m.To.Document, 0)
	if err != nil {
		return err
	}
	if here.Number != m.fromNumber+1 || there.Number != m.toNumber || there.Withdrawn {
		return fmt.Errorf("%w: the document was worked on since it was moved; move it back instead", ErrStale)
	}
	was, err := s.chart.DocumentTx(ctx, tx, m.From.Document, m.fromNumber)
	if err != nil {
		return err
	}
	sheets, err := sheafOf(there)
	if err != nil {
		return err
	}
	gone := next(there, why)
	gone.Withdrawn = true
	stands := next(was, why)
	for _, version := range []chart.Document{gone, stands} {
		if err := s.put(ctx, tx, version); err != nil {
			return err
		}
	}
	if err := s.take(ctx, tx, sheets.refs(), was, true); err != nil {
		return err
	}
	for id, state := range map[string]string{m.To.Document: documentWithdrawn, m.From.Document: documentStands} {
		if _, err := tx.Later(ctx, sqlDocumentState, state, id); err != nil {
			return fmt.Errorf("note a document: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, sqlMisfileUndo, tx.Now().UnixMicro(), tx.Actor().ID, tx.EntryID(), m.ID); err != nil {
		return fmt.Errorf("write misfile: %w", err)
	}
	return s.tellCoders(ctx, tx, m)
}

// WordsRead is told of words that were read of pages after they were indexed
// (scan.Watcher): the document gets a new version with them.
func (s *Service) WordsRead(ctx context.Context, tx *gate.Tx, news []scan.News) error {
	done := map[string]bool{}
	for _, n := range news {
		if n.Document == "" || done[n.Document] {
			continue
		}
		done[n.Document] = true
		d, err := s.chart.KnownDocument(ctx, tx, n.Document)
		if err != nil {
			return err
		}
		if d == nil || d.Withdrawn {
			continue
		}
		sheets, err := sheafOf(*d)
		if err != nil {
			return err
		}
		changed := false
		for i := range sheets {
			list, err := s.scan.WordsTx(ctx, tx, sheets[i].Scan, sheets[i].Page, sheets[i].Page)
			if err != nil {
				return err
			}
			if len(list) == 1 && list[0].Text != sheets[i].text {
				sheets[i].text, changed = list[0].Text, true
			}
		}
		if changed {
			if err := s.put(ctx, tx, bound(next(*d, "words of its pages read"), sheets)); err != nil {
				return err
			}
		}
	}
	return nil
}
