package work

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// ErrStale says that a draft was saved from elsewhere since it was read.
var ErrStale = errors.New("the note was changed elsewhere since this page was read")

// The bounds of a hand-over note.
const (
	MaxNote      = 1 << 16 // bytes
	MaxMentioned = 100     // items
)

// Shift is how long a shift is taken to be: a note covers the time since the one before
// it, or Shift where that is longer ago than a day.
const Shift = 8 * time.Hour

// Note is the hand-over note of a shift.
type Note struct {
	ID        string    `json:"id"`
	Author    string    `json:"author"`
	From      time.Time `json:"from"` // the time that its figures cover
	SignedAt  time.Time `json:"signed_at"`
	Version   int       `json:"version"` // of a draft: how often it was saved
	Text      string    `json:"text"`
	Mentioned []Item    `json:"mentioned"` // items that the note leads to, as they are now
	Withheld  int       `json:"withheld"`  // mentioned items closed to the reader
	Figures   Figures   `json:"figures"`
	Reads     []Reading `json:"reads"`
}

// Signed says whether the note is signed; until then it is a draft that its
// author alone sees.
func (n Note) Signed() bool { return !n.SignedAt.IsZero() }

// ReadBy says whether somebody has said that they read the note.
func (n Note) ReadBy(person string) bool {
	return n.Author == person || slices.ContainsFunc(n.Reads, func(r Reading) bool { return r.By == person })
}

// Reading is somebody's having read a note.
type Reading struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Figures are the numbers of a shift: what was settled in it, and what lay open
// at its end.
type Figures struct {
	From   time.Time      `json:"from"`
	To     time.Time      `json:"to"`
	Queues []QueueFigures `json:"queues"`
}

// QueueFigures are the figures of one queue.
type QueueFigures struct {
	Queue     Queue       `json:"queue"`
	Done      int         `json:"done"`
	Open      int         `json:"open"`
	Overdue   int         `json:"overdue"`
	Skipped   int         `json:"skipped"`
	SkippedBy []SkippedBy `json:"skipped_by"`
}

// SkippedBy is how many items are put off for one reason.
type SkippedBy struct {
	Reason string `json:"reason"`
	Items  int    `json:"items"`
}

// noteBody is the sealed part of a note. The items of a draft stand in it too:
// they become rows when it is signed.
type noteBody struct {
	Text  string   `json:"text"`
	Items []string `json:"items"`
}

// HandOver is what My work shows of the hand-over.
type HandOver struct {
	Last    *Note   // signed last; nil where there is none yet
	Earlier []Note  // signed before it, newest first, without their items
	Draft   *Note   // the actor's own; nil where there is none
	Figures Figures // of the shift so far
}

// HandOver reads the newest notes and the actor's own draft. decorate, which may
// be nil, is given the items they mention.
func (s *Service) HandOver(ctx context.Context, actor gate.Actor, decorate Decorate) (HandOver, error) {
	const earlier = 10
	var h HandOver
	err := s.gate.Read(ctx, actor, ActionHandOver, gate.Department(), func(tx *gate.Tx) error {
		h = HandOver{}
		rows, err := notesOf(ctx, tx, sqlSignedNotes, earlier+1)
		if err != nil {
			return err
		}
		for i, r := range rows {
			n, err := s.open(ctx, tx, r, i == 0, decorate)
			if err != nil {
				return err
			}
			if i == 0 {
				h.Last = &n
				continue
			}
			h.Earlier = append(h.Earlier, n)
		}
		if h.Draft, err = s.draft(ctx, tx, decorate); err != nil {
			return err
		}
		h.Figures, err = s.figures(ctx, tx)
		return err
	})
	if err != nil {
		return HandOver{}, fmt.Errorf("hand-over: %w", err)
	}
	return h, nil
}

// LastNote reads the note that was signed last; nil where there is none yet.
func (s *Service) LastNote(ctx context.Context, actor gate.Actor, decorate Decorate) (*Note, error) {
	var last *Note
	err := s.gate.Read(ctx, actor, ActionHandOver, gate.Department(), func(tx *gate.Tx) error {
		last = nil
		rows, err := notesOf(ctx, tx, sqlSignedNotes, 1)
		if err != nil || len(rows) == 0 {
			return err
		}
		n, err := s.open(ctx, tx, rows[0], true, decorate)
		last = &n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("hand-over: %w", err)
	}
	return last, nil
}

// Note reads a signed note. Error: ErrNotFound.
func (s *Service) Note(ctx context.Context, actor gate.Actor, id string, decorate Decorate) (Note, error) {
	var n Note
	err := s.gate.Read(ctx, actor, ActionHandOver, gate.Subject{Kind: "note", ID: id}, func(tx *gate.Tx) error {
		rows, err := notesOf(ctx, tx, sqlSignedNote, id)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return ErrNotFound
		}
		n, err = s.open(ctx, tx, rows[0], true, decorate)
		return err
	})
	if err != nil {
		return Note{}, fmt.Errorf("hand-over note: %w", err)
	}
	return n, nil
}

// SaveDraft keeps the actor's note as it is typed. version is that of the draft
// it was typed into, 0 for a new one; the new version comes back. Errors:
// ErrStale, where another page saved meanwhile.
func (s *Service) SaveDraft(ctx context.Context, actor gate.Actor, version int, text string, items []string) (int, error) {
	if err := checkNote(text, items); err != nil {
		return 0, err
	}
	next := 0
	err := s.gate.Change(ctx, actor, ActionHandOver, gate.Department(), func(tx *gate.Tx) (err error) {
		_, next, err = s.save(ctx, tx, version, noteBody{text, items})
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("save the note: %w", err)
	}
	return next, nil
}

// Mention adds items to the actor's draft, and begins one where there is none.
func (s *Service) Mention(ctx context.Context, actor gate.Actor, items ...string) (int, error) {
	next := 0
	err := s.gate.Change(ctx, actor, ActionHandOver, gate.Department(), func(tx *gate.Tx) error {
		n, body, err := s.draftBody(ctx, tx)
		if err != nil {
			return err
		}
		for _, id := range items {
			if !slices.Contains(body.Items, id) {
				body.Items = append(body.Items, id)
			}
		}
		if err := checkNote(body.Text, body.Items); err != nil {
			return err
		}
		_, next, err = s.save(ctx, tx, n, body)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("mention: %w", err)
	}
	return next, nil
}

// draftBody reads the actor's draft; version 0 where there is none.
func (s *Service) draftBody(ctx context.Context, tx *gate.Tx) (version int, body noteBody, err error) {
	var id string
	var saved, began int64
	var sealed []byte
	err = tx.QueryRow(ctx, sqlDraft, tx.Actor().ID).Scan(&id, &version, &saved, &began, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, noteBody{}, nil
	}
	if err != nil {
		return 0, noteBody{}, fmt.Errorf("read the draft: %w", err)
	}
	body, err = s.bodyOf(ctx, tx, id, version, sealed)
	return version, body, err
}

func (s *Service) bodyOf(ctx context.Context, tx *gate.Tx, id string, version int, sealed []byte) (noteBody, error) {
	var body noteBody
	key, err := s.ring.Key(ctx, tx, id)
	if err != nil {
		return body, fmt.Errorf("key of the note: %w", err)
	}
	plain, err := key.Open(sealed, seal.Place("work_handover", "body", id, version))
	if err != nil {
		return body, fmt.Errorf("open the note: %w", err)
	}
	if err := json.Unmarshal(plain, &body); err != nil {
		return body, fmt.Errorf("read the note: %w", err)
	}
	return body, nil
}

// Sign makes the actor's draft, with the text and items given, the newest note
// of the department, with the figures of the shift. Errors: ErrStale; ErrBadInput
// for an empty note.
func (s *Service) Sign(ctx context.Context, actor gate.Actor, version int, text string, items []string) (Note, error) {
	if err := checkNote(text, items); err != nil {
		return Note{}, err
	}
	if strings.TrimSpace(text) == "" {
		return Note{}, fmt.Errorf("%w: there is nothing in the note yet", ErrBadInput)
	}
	var n Note
	err := s.gate.Change(ctx, actor, ActionHandOver, gate.Department(), func(tx *gate.Tx) error {
		id, saved, err := s.save(ctx, tx, version, noteBody{text, items})
		if err != nil {
			return err
		}
		f, err := s.figures(ctx, tx)
		if err != nil {
			return err
		}
		n = Note{ID: id, Author: actor.ID, From: f.From, SignedAt: tx.Now(), Version: saved + 1, Text: text, Figures: f}
		return s.sign(ctx, tx, n, noteBody{text, items})
	})
	if err != nil {
		return Note{}, fmt.Errorf("sign the note: %w", err)
	}
	return n, nil
}

func (s *Service) sign(ctx context.Context, tx *gate.Tx, n Note, body noteBody) error {
	figures, err := json.Marshal(n.Figures)
	if err != nil {
		return fmt.Errorf("figures of the shift: %w", err)
	}
	sealed, err := s.sealed(ctx, tx, n.ID, n.Version, body)
	if err != nil {
		return err
	}
	result, err := tx.Exec(ctx, sqlSignNote, sealed, n.Version, n.SignedAt.UnixMicro(), n.From.UnixMicro(), string(figures), tx.EntryID(), n.ID)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	if changed, err := result.RowsAffected(); err != nil || changed != 1 {
		return ErrSigned
	}
	for i, item := range body.Items {
		var r row
		err := tx.QueryRow(ctx, sqlItem, item).Scan(r.fields()...)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("item of the note: %w", err)
		}
		if _, err := tx.Exec(ctx, sqlPutNoteItem, n.ID, item, i); err != nil {
			return fmt.Errorf("item of the note: %w", err)
		}
	}
	return nil
}

// MarkRead says that the actor has read a note; the first time counts.
func (s *Service) MarkRead(ctx context.Context, actor gate.Actor, id string) error {
	err := s.gate.Change(ctx, actor, ActionHandOver, gate.Subject{Kind: "note", ID: id}, func(tx *gate.Tx) error {
		rows, err := notesOf(ctx, tx, sqlSignedNote, id)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return ErrNotFound
		}
		_, err = tx.Exec(ctx, sqlReadNote, id, actor.ID, tx.Now().UnixMicro(), tx.EntryID())
		return err
	})
	if err != nil {
		return fmt.Errorf("read the note: %w", err)
	}
	return nil
}

func checkNote(text string, items []string) error {
	if len(text) > MaxNote || len(items) > MaxMentioned {
		return fmt.Errorf("%w: a note has at most %d characters and mentions at most %d items", ErrBadInput, MaxNote, MaxMentioned)
	}
	return nil
}

// save keeps the draft and gives its id and new version.
func (s *Service) save(ctx context.Context, tx *gate.Tx, version int, body noteBody) (id string, next int, err error) {
	var now int
	var saved, began int64
	var old []byte
	err = tx.QueryRow(ctx, sqlDraft, tx.Actor().ID).Scan(&id, &now, &saved, &began, &old)
	switch {
	case errors.Is(err, sql.ErrNoRows) && version == 0:
		id = tx.NewID()
		if _, err := s.ring.NewRecordKey(ctx, tx, id); err != nil {
			return "", 0, fmt.Errorf("key of the note: %w", err)
		}
		sealed, err := s.sealed(ctx, tx, id, 1, body)
		if err != nil {
			return "", 0, err
		}
		_, err = tx.Exec(ctx, sqlInsertNote, id, tx.Actor().ID, tx.Now().UnixMicro(), tx.Now().UnixMicro(), 1, tx.EntryID(), sealed)
		return id, 1, err
	case errors.Is(err, sql.ErrNoRows), err == nil && now != version:
		return "", 0, ErrStale
	case err != nil:
		return "", 0, fmt.Errorf("read the draft: %w", err)
	}
	sealed, err := s.sealed(ctx, tx, id, now+1, body)
	if err != nil {
		return "", 0, err
	}
	_, err = tx.Exec(ctx, sqlSaveNote, sealed, now+1, tx.Now().UnixMicro(), id)
	return id, now + 1, err
}

func (s *Service) sealed(ctx context.Context, tx *gate.Tx, id string, version int, body noteBody) ([]byte, error) {
	key, err := s.ring.Key(ctx, tx, id)
	if err != nil {
		return nil, fmt.Errorf("key of the note: %w", err)
	}
	plain, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("write the note: %w", err)
	}
	return key.Seal(plain, seal.Place("work_handover", "body", id, version)), nil
}
