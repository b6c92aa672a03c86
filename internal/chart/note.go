package chart

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"chartroom/internal/gate"
)

// MaxText is the longest text of one document, in bytes.
const MaxText = 16 << 20

// Note is a text to be added to an encounter.
type Note struct {
	Type      string // "progress", "discharge summary" …
	Title     string // "" takes the type
	Text      string // UTF-8, at most MaxText bytes
	Author    Author
	WrittenAt time.Time // zero takes the time of the action
	Signed    bool
}

// AddNote stores a new document, version 1, and returns it once it is durable.
// Errors: ErrNotFound for an unknown encounter, ErrInvalid for an empty, overlong
// or mis-encoded text.
func (s *Service) AddNote(ctx context.Context, actor gate.Actor, encounter string, n Note) (Document, error) {
	if err := n.check(); err != nil {
		return Document{}, err
	}
	id := gate.NewID()
	var stored Document
	err := s.gate.Change(ctx, actor, ActionNote, gate.Encounter("", encounter), func(tx *gate.Tx) error {
		enc, err := s.EncounterTx(ctx, tx, encounter)
		if err != nil {
			return err
		}
		doc := n.document(tx.Now())
		doc.Version = Version{ID: id, Record: enc.Record, Encounter: enc.ID}
		if doc.Author == (Author{}) {
			doc.Author = Author{ID: actor.ID, Name: actor.Name}
		}
		var b Batch
		b.AddDocument(doc)
		if err := s.storeAll(ctx, tx, &b); err != nil {
			return err
		}
		stored, err = s.DocumentTx(ctx, tx, id, 1)
		return err
	})
	if err != nil {
		return Document{}, fmt.Errorf("add note: %w", err)
	}
	return stored, nil
}

func (n Note) check() error {
	switch {
	case strings.TrimSpace(n.Text) == "":
		return fmt.Errorf("%w: the text of a note is empty", ErrInvalid)
	case len(n.Text) > MaxText:
		return fmt.Errorf("%w: the text of a note has %d bytes, more than %d", ErrInvalid, len(n.Text), MaxText)
	case !utf8.ValidString(n.Text):
		return fmt.Errorf("%w: the text of a note is not UTF-8", ErrInvalid)
	case strings.ContainsRune(n.Text, 0):
		return fmt.Errorf("%w: the text of a note holds a NUL character", ErrInvalid)
	case strings.TrimSpace(n.Type) == "":
		return fmt.Errorf("%w: a note needs a type", ErrInvalid)
	case !oneLine(n.Type + n.Title + n.Author.ID + n.Author.Name + n.Author.Role):
		return fmt.Errorf("%w: type, title and author of a note are one line of text each", ErrInvalid)
	}
	return nil
}

// oneLine reports whether text is UTF-8 without control characters.
func oneLine(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

func (n Note) document(now time.Time) Document {
	doc := Document{
		Type: strings.TrimSpace(n.Type), Title: n.Title, Author: n.Author,
		WrittenAt: n.WrittenAt, Signed: n.Signed, MediaType: "text/plain", Text: n.Text,
	}
	if doc.WrittenAt.IsZero() {
		doc.WrittenAt = now
	}
	if doc.Title == "" {
		doc.Title = doc.Type
	}
	if doc.Signed {
		doc.SignedAt = now
	}
	return doc
}
