package intake

import (
	"cmp"
	"context"
	"errors"
	"io"
	"regexp"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/identity"
)

// A plain text note begins with lines "Name: value" and an empty line, then the
// text:
//
//	Record-Number: 00471123
//	Assigner: HOSP           (who assigned it)
//	Encounter: 8831          (visit number; without it the note is the record's)
//	Type: progress note
//	Author: Dr. A. Name
//	Author-Role: attending
//	Date: 2026-09-01T10:15:00-05:00   (or 2026-09-01)
//	Signed: yes
var noteHeader = regexp.MustCompile(`(?i)^(record-number|assigner|encounter|type|title|author|author-role|date|signed):`)

// maxNote is the largest file of a text note: a text and its head.
const maxNote = chart.MaxText + 64<<10

// textNote is a text note that was read outside the transaction.
type textNote struct {
	envelope
	fields map[string]string
	text   string
	at     time.Time
}

// readNote reads a text note. Its errors are *problem.
func (s *Service) readNote(r io.Reader, channel string) (*textNote, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxNote+1))
	if err != nil {
		return nil, err //nolint:wrapcheck // a fault of the source, told as it is
	}
	if len(raw) > maxNote {
		return nil, problemf("the note is larger than %d bytes", maxNote)
	}
	body, ok := textOf(raw)
	if !ok {
		return nil, problemf("the note is not UTF-8, or holds a NUL byte")
	}
	n := &textNote{fields: map[string]string{}}
	n.envelope = envelope{id: gate.NewID(), channel: channel, format: FormatText, kind: "note", raw: raw, repeat: string(raw)}
	for line := range strings.Lines(body) {
		body = body[len(line):]
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if strings.TrimSpace(line) == "" {
			break
		}
		if !ok || !noteHeader.MatchString(name+":") {
			return nil, problemf("the head of the note has a line that is not known; an empty line must stand before the text")
		}
		n.fields[strings.ToLower(name)] = strings.TrimSpace(value)
	}
	n.text = strings.TrimRight(body, " \t\n") + "\n"
	switch {
	case n.fields["record-number"] == "":
		return nil, problemf("the head of the note names no Record-Number")
	case strings.TrimSpace(body) == "":
		return nil, problemf("the note has no text")
	}
	if n.at, err = s.noteDate(n.fields["date"]); err != nil {
		return nil, err
	}
	n.pack()
	return n, nil
}

func (s *Service) noteDate(value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, value, s.config.Zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, problemf("the Date of the note is not YYYY-MM-DD or RFC 3339")
}

func (n *textNote) kept() *envelope { return &n.envelope }

func (n *textNote) notices() []Rejection { return nil }

// store takes one note in, inside an action.
func (n *textNote) store(ctx context.Context, tx *gate.Tx, s *Service) (repeated bool, err error) {
	repeated, err = s.keepNew(ctx, tx, &n.envelope)
	if err != nil || repeated {
		return repeated, err
	}
	if err := tx.About(ctx, gate.Subject{Kind: subjectMessage, ID: n.id}); err != nil {
		return false, err
	}
	record, err := s.identity.RecordOf(ctx, tx, []identity.Key{{Kind: "MR", Assigner: n.fields["assigner"], Value: n.fields["record-number"]}})
	if err != nil {
		return false, err
	}
	if record == "" {
		return false, &refusal{path: "Record-Number", why: "no record has this number by this assigner"}
	}
	doc := chart.Document{
		Version: chart.Version{Record: record, Source: chart.Source{Message: n.id, Path: "text"}},
		Type:    cmp.Or(strings.ToLower(n.fields["type"]), "note"), Title: cmp.Or(n.fields["title"], n.fields["type"], "Note"),
		Author:    chart.Author{Name: n.fields["author"], Role: strings.ToLower(n.fields["author-role"])},
		WrittenAt: n.at, MediaType: plainText, Text: n.text,
	}
	if doc.WrittenAt.IsZero() {
		doc.WrittenAt = tx.Now()
	}
	switch strings.ToLower(n.fields["signed"]) {
	case "yes", "true", "1":
		doc.Signed, doc.SignedAt = true, doc.WrittenAt
	}
	if number := n.fields["encounter"]; number != "" {
		if doc.Encounter, err = s.chart.EncounterByNumber(ctx, tx, record, number); err != nil {
			if errors.Is(err, chart.ErrNotFound) {
				return false, &refusal{path: "Encounter", why: "the record has no encounter of this number"}
			}
			return false, err
		}
	}
	var b chart.Batch
	b.AddDocument(doc)
	_, err = s.chart.StoreTx(ctx, tx, &b)
	return false, err
}
