package work

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"chartroom/internal/gate"
)

// noteRow is a note as the store has it.
type noteRow struct {
	id, author, figures string
	began, signed       int64
	version             int
	body                []byte
}

func notesOf(ctx context.Context, tx *gate.Tx, query string, arg any) ([]noteRow, error) {
	found, err := gate.Collect(ctx, tx, func(from gate.Row, r *noteRow) error {
		return from.Scan(&r.id, &r.author, &r.began, &r.signed, &r.version, &r.figures, &r.body)
	}, query, arg)
	if err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	return found, nil
}

// draft is the actor's own draft, nil where there is none.
func (s *Service) draft(ctx context.Context, tx *gate.Tx, decorate Decorate) (*Note, error) {
	r := noteRow{author: tx.Actor().ID}
	var saved int64
	err := tx.QueryRow(ctx, sqlDraft, r.author).Scan(&r.id, &r.version, &saved, &r.began, &r.body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // there is none
	}
	if err != nil {
		return nil, fmt.Errorf("read the draft: %w", err)
	}
	n, err := s.open(ctx, tx, r, true, decorate)
	return &n, err
}

// open unseals a note; full reads the items it mentions as well.
func (s *Service) open(ctx context.Context, tx *gate.Tx, r noteRow, full bool, decorate Decorate) (Note, error) {
	n := Note{ID: r.id, Author: r.author, From: gate.Moment(r.began), SignedAt: gate.Moment(r.signed), Version: r.version, Mentioned: []Item{}, Reads: []Reading{}}
	body, err := s.bodyOf(ctx, tx, r.id, r.version, r.body)
	if err != nil {
		return Note{}, err
	}
	n.Text = body.Text
	if r.figures != "" {
		if err := json.Unmarshal([]byte(r.figures), &n.Figures); err != nil {
			return Note{}, fmt.Errorf("figures of the note: %w", err)
		}
	}
	if n.Reads, err = readersOf(ctx, tx, r.id); err != nil || !full {
		return n, err
	}
	return n, s.mention(ctx, tx, &n, body.Items, decorate)
}

// mention reads the items that a note leads to, as far as the reader may see
// them.
func (s *Service) mention(ctx context.Context, tx *gate.Tx, n *Note, items []string, decorate Decorate) error {
	b := &deeds{s: s, tx: tx, seen: map[Queue]bool{}}
	for _, id := range items {
		var r row
		err := tx.QueryRow(ctx, sqlItem, id).Scan(r.fields()...)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return fmt.Errorf("item of the note: %w", err)
		}
		may, err := b.allowed(ctx, r)
		if err != nil {
			return err
		}
		if !may {
			n.Withheld++
			continue
		}
		n.Mentioned = append(n.Mentioned, r.item(tx.Now()))
	}
	if decorate == nil || len(n.Mentioned) == 0 {
		return nil
	}
	return decorate(ctx, tx, n.Mentioned)
}

func readersOf(ctx context.Context, tx *gate.Tx, note string) ([]Reading, error) {
	rows, err := tx.Query(ctx, sqlNoteReads, note)
	if err != nil {
		return nil, fmt.Errorf("who read the note: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is looked at below
	reads := []Reading{}
	for rows.Next() {
		var r Reading
		var at int64
		if err := rows.Scan(&r.By, &at); err != nil {
			return nil, fmt.Errorf("who read the note: %w", err)
		}
		r.At = gate.Moment(at)
		reads = append(reads, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("who read the note: %w", err)
	}
	return reads, nil
}

// figures counts the shift up to now.
func (s *Service) figures(ctx context.Context, tx *gate.Tx) (Figures, error) {
	var last int64
	if err := tx.QueryRow(ctx, sqlLastSigned).Scan(&last); err != nil {
		return Figures{}, fmt.Errorf("figures of the shift: %w", err)
	}
	f := Figures{From: gate.Moment(last), To: tx.Now(), Queues: []QueueFigures{}}
	if f.To.Sub(f.From) > 24*time.Hour {
		f.From = f.To.Add(-Shift)
	}
	known, err := s.known(ctx, tx)
	if err != nil {
		return Figures{}, err
	}
	done, err := countBy(ctx, tx, sqlDoneBetween, f.From.UnixMicro(), f.To.UnixMicro())
	if err != nil {
		return Figures{}, err
	}
	skipped, err := skippedNow(ctx, tx)
	if err != nil {
		return Figures{}, err
	}
	for _, d := range Queues() {
		c := known[d.Queue]
		f.Queues = append(f.Queues, QueueFigures{
			Queue: d.Queue, Done: done[d.Queue], Open: c.Open, Overdue: c.Overdue, Skipped: c.Skipped,
			SkippedBy: append([]SkippedBy{}, skipped[d.Queue]...),
		})
	}
	return f, nil
}

func skippedNow(ctx context.Context, tx *gate.Tx) (map[Queue][]SkippedBy, error) {
	rows, err := tx.Query(ctx, sqlSkippedNow, tx.Now().UnixMicro())
	if err != nil {
		return nil, fmt.Errorf("figures of the shift: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is looked at below
	by := map[Queue][]SkippedBy{}
	for rows.Next() {
		var q Queue
		var n SkippedBy
		if err := rows.Scan(&q, &n.Reason, &n.Items); err != nil {
			return nil, fmt.Errorf("figures of the shift: %w", err)
		}
		by[q] = append(by[q], n)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("figures of the shift: %w", err)
	}
	return by, nil
}
