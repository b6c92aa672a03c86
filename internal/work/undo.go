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

// undoFor is how far back a person takes back what they did.
const undoFor = 24 * time.Hour

// The reasons for which Undo leaves an item as it is.
var (
	errChangedSince = errors.New("it was changed since")
	errSettledSince = errors.New("it was settled since")
)

// Undo takes back the actor's last deed of this day that stands: all items it
// changed become again what they were, in that which it changed. What somebody
// or something has changed since is left and listed. Error: ErrNothing.
func (s *Service) Undo(ctx context.Context, actor gate.Actor) (Outcome, error) {
	var out Outcome
	err := s.gate.Change(ctx, actor, ActionClaim, gate.Department(), func(tx *gate.Tx) error {
		out = Outcome{Kind: Undone, Changed: []Item{}, Left: []Refusal{}}
		var last, kind string
		err := tx.QueryRow(ctx, sqlLastDeed, actor.ID, tx.Now().Add(-undoFor).UnixMicro()).Scan(&last, &kind)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNothing
		}
		if err != nil {
			return fmt.Errorf("find what to undo: %w", err)
		}
		events, err := eventsOf(ctx, tx, sqlDeedEvents, last)
		if err != nil {
			return err
		}
		b := &deeds{s: s, tx: tx, deed: deed{kind: Undone, id: tx.NewID(), undoes: last}, seen: map[Queue]bool{}}
		for _, e := range events {
			it, err := b.takeBack(ctx, e)
			switch {
			case err == nil:
				out.Changed = append(out.Changed, it)
			case isRefusal(err) || errors.Is(err, errChangedSince) || errors.Is(err, errSettledSince):
				out.Left = append(out.Left, Refusal{ID: e.item, Why: err.Error(), err: err})
			default:
				return err
			}
		}
		out.Deed = b.id
		tx.Detail("undid", kind)
		if _, err := tx.Exec(ctx, sqlUndoDeed, b.id, last); err != nil {
			return fmt.Errorf("undo: %w", err)
		}
		return b.done(ctx)
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("work: %w", err)
	}
	return out, nil
}

// takeBack puts an item back to what it was before an event.
func (b *deeds) takeBack(ctx context.Context, e event) (Item, error) {
	now, err := b.item(ctx, e.item)
	if errors.Is(err, ErrSettled) {
		return Item{}, errSettledSince
	}
	if err != nil {
		return Item{}, err
	}
	became, err := now.back(e)
	if err != nil {
		return Item{}, err
	}
	if became != now {
		if err := b.apply(ctx, now, became); err != nil {
			return Item{}, err
		}
		became.version++
	}
	return became.item(b.tx.Now()), nil
}

// back gives the item with that which an event changed as it was before it. What
// the event changed must be as it left it; a claim that was renewed since, or has
// run out, still is.
func (r row) back(e event) (row, error) {
	was, became, now := e.was, e.became, r.standing()
	for _, part := range parts() {
		if part.same(was, became) {
			continue
		}
		if r.version != e.version && !part.stands(became, now) {
			return row{}, errChangedSince
		}
		part.put(&r, was)
	}
	return r, nil
}

// part is one of the things that people change of an item.
type part struct {
	same   func(a, b standing) bool
	stands func(left, now standing) bool // is it now as it was left?
	put    func(r *row, s standing)
}

func parts() []part {
	hold := func(a, b standing) bool {
		return a.Holder == b.Holder && a.HeldUntil == b.HeldUntil && a.Assignee == b.Assignee
	}
	skip := func(a, b standing) bool { return a.SkippedUntil == b.SkippedUntil && a.SkipReason == b.SkipReason }
	due := func(a, b standing) bool { return a.Due == b.Due && a.Extensions == b.Extensions }
	priority := func(a, b standing) bool { return a.Priority == b.Priority }
	return []part{
		{
			hold, func(a, b standing) bool { return a.Holder == b.Holder && a.Assignee == b.Assignee },
			func(r *row, s standing) { r.holder, r.heldUntil, r.assignee = s.Holder, s.HeldUntil, s.Assignee },
		},
		{skip, skip, func(r *row, s standing) { r.skippedUntil, r.skipReason = s.SkippedUntil, s.SkipReason }},
		{due, due, func(r *row, s standing) { r.due, r.extensions = s.Due, s.Extensions }},
		{priority, priority, func(r *row, s standing) { r.priority = s.Priority }},
	}
}

// event is a stored event.
type event struct {
	item, kind, actor, entry, deed, undoes, reason string
	version                                        int
	at                                             int64
	was, became                                    standing
}

func eventsOf(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]event, error) {
	events, err := gate.Collect(ctx, tx, func(r gate.Row, e *event) error {
		var was, became string
		if err := r.Scan(&e.item, &e.version, &e.kind, &e.at, &e.actor, &e.entry, &e.deed, &e.undoes, &e.reason, &was, &became); err != nil {
			return err
		}
		if err := errors.Join(json.Unmarshal([]byte(was), &e.was), json.Unmarshal([]byte(became), &e.became)); err != nil {
			return fmt.Errorf("read changes of work: %w", err)
		}
		return nil
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read changes of work: %w", err)
	}
	return events, nil
}

// Change is one step of an item's history.
type Change struct {
	Version int       `json:"version"`
	Kind    Kind      `json:"kind"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Entry   string    `json:"entry"` // audit entry
	Reason  string    `json:"reason,omitempty"`
}

// History reads every change of an item, oldest first; the first is its putting.
func (s *Service) History(ctx context.Context, actor gate.Actor, item string) ([]Change, error) {
	var all []Change
	err := s.gate.Read(ctx, actor, ActionList, gate.Department(), func(tx *gate.Tx) error {
		b := &deeds{s: s, tx: tx, seen: map[Queue]bool{}}
		var r row
		err := tx.QueryRow(ctx, sqlItem, item).Scan(r.fields()...)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("read work: %w", err)
		}
		if may, err := b.allowed(ctx, r); err != nil || !may {
			return errors.Join(err, ErrNotFound)
		}
		events, err := eventsOf(ctx, tx, sqlItemEvents, item)
		if err != nil {
			return err
		}
		all = []Change{{Version: 1, Kind: Put, At: gate.Moment(r.putAt), By: r.putBy, Entry: r.putEntry}}
		for _, e := range events {
			all = append(all, Change{e.version, Kind(e.kind), gate.Moment(e.at), e.actor, e.entry, e.reason})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("history of work: %w", err)
	}
	return all, nil
}
