package chart

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"unicode/utf8"

	"chartroom/internal/gate"
)

// The ways evidence can fail to hold.
var (
	ErrSpan    = errors.New("the span is not within the text or cuts a character")
	ErrChanged = errors.New("the words are not those that were cited")
)

// Quote is the words that evidence points to, with what stands around them.
type Quote struct {
	Evidence Evidence
	Document Document // the version cited, with its text
	Words    string
	Newest   int // number of the document's newest version; more than cited means superseded
}

// Origin is where something came from: the message and the place in it, or the
// audit entry alone for what was typed in.
type Origin struct {
	Message      string // "" where it was typed in
	Path         string
	Entry        string // audit entry that stored it
	MessageEntry string // audit entry that received the message
	Received     int64  // microseconds UTC; 0 without a message
	Format, Kind string // of the message: "hl7v2", "ORU^R01"
}

// Trail leads from evidence to its words, from these to what brought them.
type Trail struct {
	Quote  Quote
	Origin Origin
}

// CiteTx makes evidence of text[start:end] of one version of a document: a
// half-open span of bytes on character boundaries, with its keyed hash.
func (s *Service) CiteTx(ctx context.Context, tx *gate.Tx, document string, version, start, end int) (Evidence, error) {
	doc, err := s.DocumentTx(ctx, tx, document, version)
	if err != nil {
		return Evidence{}, err
	}
	if err := checkSpan(doc.Text, start, end); err != nil {
		return Evidence{}, err
	}
	key, err := s.ring.Key(ctx, tx, doc.Record)
	if err != nil {
		return Evidence{}, fmt.Errorf("cite: %w", err)
	}
	return Evidence{
		Document: doc.ID, Version: doc.Number, Start: start, End: end,
		MAC: key.MAC([]byte(doc.Text[start:end])),
	}, nil
}

// Cite is CiteTx as an action of its own.
func (s *Service) Cite(ctx context.Context, actor gate.Actor, document string, version, start, end int) (Evidence, error) {
	var ev Evidence
	err := s.gate.Read(ctx, actor, ActionDocument, gate.Subject{Kind: "document", ID: document}, func(tx *gate.Tx) (err error) {
		ev, err = s.CiteTx(ctx, tx, document, version, start, end)
		return err
	})
	if err != nil {
		return Evidence{}, fmt.Errorf("cite: %w", err)
	}
	return ev, nil
}

// WordsTx opens the version cited and checks that the words are still those
// that were cited. Errors: ErrNotFound, ErrSpan, ErrChanged.
func (s *Service) WordsTx(ctx context.Context, tx *gate.Tx, ev Evidence) (Quote, error) {
	doc, err := s.DocumentTx(ctx, tx, ev.Document, ev.Version)
	if err != nil {
		return Quote{}, err
	}
	if err := checkSpan(doc.Text, ev.Start, ev.End); err != nil {
		return Quote{}, err
	}
	key, err := s.ring.Key(ctx, tx, doc.Record)
	if err != nil {
		return Quote{}, fmt.Errorf("words: %w", err)
	}
	words := doc.Text[ev.Start:ev.End]
	if !hmac.Equal(key.MAC([]byte(words)), ev.MAC) {
		return Quote{}, ErrChanged
	}
	var newest int
	if err := tx.QueryRow(ctx, sqlNewestNumber, ev.Document).Scan(&newest); err != nil {
		return Quote{}, fmt.Errorf("newest version: %w", err)
	}
	return Quote{Evidence: ev, Document: doc, Words: words, Newest: newest}, nil
}

// Words is WordsTx as an action of its own.
func (s *Service) Words(ctx context.Context, actor gate.Actor, ev Evidence) (Quote, error) {
	var q Quote
	err := s.gate.Read(ctx, actor, ActionDocument, gate.Subject{Kind: "document", ID: ev.Document}, func(tx *gate.Tx) (err error) {
		q, err = s.WordsTx(ctx, tx, ev)
		return err
	})
	if err != nil {
		return Quote{}, fmt.Errorf("words of evidence: %w", err)
	}
	return q, nil
}

// Trace walks from evidence to its words and from the document to the message
// that brought it, with the audit entries of both. intake.Service.Open gives the
// message's bytes.
func (s *Service) Trace(ctx context.Context, actor gate.Actor, ev Evidence) (Trail, error) {
	var trail Trail
	err := s.gate.Read(ctx, actor, ActionTrace, gate.Subject{Kind: "document", ID: ev.Document}, func(tx *gate.Tx) (err error) {
		if trail.Quote, err = s.WordsTx(ctx, tx, ev); err != nil {
			return err
		}
		trail.Origin, err = s.OriginTx(ctx, tx, trail.Quote.Document.Source)
		return err
	})
	if err != nil {
		return Trail{}, fmt.Errorf("trace: %w", err)
	}
	return trail, nil
}

// OriginTx says what brought a fact, from its source.
func (s *Service) OriginTx(ctx context.Context, tx *gate.Tx, src Source) (Origin, error) {
	o := Origin{Message: src.Message, Path: src.Path, Entry: src.Entry}
	if src.Message == "" {
		return o, nil
	}
	err := tx.QueryRow(ctx, sqlMessageOrigin, src.Message).Scan(&o.MessageEntry, &o.Received, &o.Format, &o.Kind)
	if err != nil {
		return Origin{}, fmt.Errorf("message of the fact: %w", notFound(err))
	}
	return o, nil
}

func checkSpan(text string, start, end int) error {
	if start < 0 || end <= start || end > len(text) {
		return ErrSpan
	}
	if !utf8.RuneStart(text[start]) || (end < len(text) && !utf8.RuneStart(text[end])) {
		return ErrSpan
	}
	return nil
}
