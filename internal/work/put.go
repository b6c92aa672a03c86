package work

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"chartroom/internal/access"
	"chartroom/internal/gate"
)

// Want is what a domain asks for when it puts an item.
type Want struct {
	Queue     Queue
	Key       string // what it is about, unique among the open items of its queue: an opaque id, or id and rule
	Record    string // opaque ids, "" where none: who may see the item follows them
	Encounter string
	Kind      string         // a word of the domain to narrow lists by, "" for none
	Unit      string         // unit of the encounter, as the facility writes it
	Reason    string         // short, from a fixed list of the domain; never patient data
	Priority  int            // 1 most pressing … 5; 0 takes the queue's
	Since     time.Time      // when the cause arose; zero: now
	From      time.Time      // what the clock counts from, where that is not Since
	Due       time.Time      // zero: worked out by the clock of Rule, else of the queue, from From or Since
	Rule      string         // citation of the clock rule: "42 CFR 482.24(c)(4)(vii)"
	Zone      *time.Location // of the facility; nil for the department's
	Skill     string         // privilege (access.Privilege) asked of who takes it; "" any
	Open      string         // address of the page where it is done: "/coding/<encounter>"
}

// PutTx opens an item, or brings the open one with this key up to date: its
// cause, clock and address become those of w; what people did with it (claims,
// skips, extensions, priorities) is kept.
func (s *Service) PutTx(ctx context.Context, tx *gate.Tx, w Want) error {
	fresh, err := s.rowOf(tx, w)
	if err != nil {
		return err
	}
	old, found, err := openItem(ctx, tx, w.Queue, w.Key)
	if err != nil {
		return err
	}
	if !found {
		if _, err := tx.Exec(ctx, sqlInsertItem, fresh.insertArgs()...); err != nil {
			return fmt.Errorf("put work: %w", err)
		}
		s.changed(tx)
		return s.note(ctx, tx, fresh)
	}
	updated := old.broughtUpTo(fresh)
	if updated == old {
		return nil
	}
	if err := s.note(ctx, tx, fresh); err != nil {
		return err
	}
	return s.apply(ctx, tx, old, updated, deed{kind: Updated})
}

// PutNewTx opens items whose cause has only just arisen, without looking whether
// they are open: those that are stay as they are. It costs one statement for
// many items and waits for no answer, which is what an import needs.
func (s *Service) PutNewTx(ctx context.Context, tx *gate.Tx, wants []Want) error {
	args := make([]any, 0, len(wants)*itemFields)
	for _, w := range wants {
		r, err := s.rowOf(tx, w)
		if err != nil {
			return err
		}
		args = append(args, r.insertArgs()...)
		if err := s.note(ctx, tx, r); err != nil {
			return err
		}
	}
	for len(args) > 0 {
		group := insertItems[0]
		for _, g := range insertItems {
			if len(args) >= g.rows*itemFields {
				group = g
			}
		}
		if _, err := tx.Later(ctx, group.statement, args[:group.rows*itemFields]...); err != nil {
			return fmt.Errorf("put work: %w", err)
		}
		args = args[group.rows*itemFields:]
	}
	if len(wants) > 0 {
		s.changed(tx)
	}
	return nil
}

// SettleTx closes an item: its cause is gone. how says how, from a fixed list of
// the domain. Where there is no such item open, that is no error.
func (s *Service) SettleTx(ctx context.Context, tx *gate.Tx, q Queue, key, how string) error {
	if err := clearWord("how it was settled", how, maxReason); err != nil {
		return err
	}
	old, found, err := openItem(ctx, tx, q, key)
	if err != nil || !found {
		return err
	}
	done := old
	done.settledAt, done.settledBy, done.how = tx.Now().UnixMicro(), tx.Actor().ID, how
	done.holder, done.heldUntil, done.skippedUntil, done.skipReason = "", 0, 0, ""
	return s.apply(ctx, tx, old, done, deed{kind: Done})
}

// HoldTx says that the actor works on an item now: it takes it if nobody has it,
// and renews the actor's own claim. Somebody else's claim stays, and where there
// is no such item nothing happens: it is for domains, whose own rules decide who
// may work on what.
func (s *Service) HoldTx(ctx context.Context, tx *gate.Tx, q Queue, key string) error {
	if tx.Actor().Kind != gate.Person {
		return nil
	}
	old, found, err := openItem(ctx, tx, q, key)
	if err != nil || !found {
		return err
	}
	me, now := tx.Actor().ID, tx.Now()
	stands := old.free(now.UnixMicro())
	if stands.holder != "" && stands.holder != me {
		return nil
	}
	until := now.Add(Lease).UnixMicro()
	kind := Taken
	if stands.holder == me {
		if until-stands.heldUntil < (Lease / 2).Microseconds() {
			return nil // not every keystroke is an event
		}
		kind = Renewed
	}
	stands.holder, stands.heldUntil = me, until
	stands.skippedUntil, stands.skipReason = 0, ""
	return s.apply(ctx, tx, old, stands, deed{kind: kind})
}

// rowOf makes the row of a new item.
func (s *Service) rowOf(tx *gate.Tx, w Want) (row, error) {
	d, ok := Define(w.Queue)
	if !ok {
		return row{}, fmt.Errorf("%w: there is no queue %q", ErrBadInput, w.Queue)
	}
	if err := w.check(); err != nil {
		return row{}, err
	}
	if w.Priority == 0 {
		w.Priority = d.Priority
	}
	if w.Since.IsZero() {
		w.Since = tx.Now()
	}
	if w.Due.IsZero() {
		calendar := s.calendar
		if w.Zone != nil {
			calendar.Zone = w.Zone
		}
		if w.From.IsZero() {
			w.From = w.Since
		}
		w.Due = ruleOf(w.Queue, w.Rule).Due(w.From, calendar)
	}
	if w.Rule == "" {
		w.Rule = d.Clock.Citation
	}
	zone := ""
	if w.Zone != nil {
		zone = w.Zone.String()
	}
	return row{
		id: tx.NewID(), queue: string(w.Queue), key: w.Key, record: w.Record, encounter: w.Encounter, kind: w.Kind, unit: w.Unit,
		reason: w.Reason, rule: w.Rule, skill: w.Skill, address: w.Open, zone: zone, since: gate.Micros(w.Since),
		plainDue: gate.Micros(w.Due), plainPriority: w.Priority, due: gate.Micros(w.Due), priority: w.Priority,
		putAt: tx.Now().UnixMicro(), putBy: tx.Actor().ID, putEntry: tx.EntryID(),
	}, nil
}

// The longest texts that stand in an item.
const (
	maxKey    = 200
	maxReason = 120
	maxWord   = 80
)

func (w *Want) check() error {
	w.Unit, w.Kind = gate.ClearText(w.Unit, maxWord), gate.ClearText(w.Kind, maxWord)
	switch {
	case w.Key == "":
		return fmt.Errorf("%w: an item of work needs a key", ErrBadInput)
	case w.Reason == "":
		return fmt.Errorf("%w: an item of work needs a reason", ErrBadInput)
	case w.Priority < 0 || w.Priority > LeastPressing:
		return fmt.Errorf("%w: priority is 1 to %d", ErrBadInput, LeastPressing)
	case w.Open != "" && (!strings.HasPrefix(w.Open, "/") || strings.HasPrefix(w.Open, "//") || strings.ContainsRune(w.Open, '\\')):
		return fmt.Errorf("%w: the address of an item of work begins with a slash", ErrBadInput)
	case w.Skill != "" && !slices.Contains(access.Privileges(), access.Privilege(w.Skill)):
		return fmt.Errorf("%w: there is no privilege of that name", ErrBadInput)
	}
	for _, t := range []struct {
		what, text string
		limit      int
	}{{"key", w.Key, maxKey}, {"reason", w.Reason, maxReason}, {"rule", w.Rule, maxReason}, {"address", w.Open, maxKey}} {
		if err := clearWord(t.what, t.text, t.limit); err != nil {
			return err
		}
	}
	return nil
}

// clearWord refuses what is not fit for a clear column.
func clearWord(what, text string, limit int) error {
	if len(text) > limit || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return fmt.Errorf("%w: the %s of an item of work is one line of at most %d characters", ErrBadInput, what, limit)
	}
	return nil
}

// broughtUpTo is the open item with the cause, clock and address of a fresh one.
func (r row) broughtUpTo(fresh row) row {
	touched := r.priority != r.plainPriority
	r.record, r.encounter, r.kind, r.unit = fresh.record, fresh.encounter, fresh.kind, fresh.unit
	r.reason, r.rule, r.skill, r.address, r.zone, r.since = fresh.reason, fresh.rule, fresh.skill, fresh.address, fresh.zone, fresh.since
	if !touched {
		r.priority = fresh.priority
	}
	if r.extensions == 0 || fresh.due > r.due {
		r.due = fresh.due
	}
	r.plainDue, r.plainPriority = fresh.due, fresh.priority
	return r
}

func openItem(ctx context.Context, tx *gate.Tx, q Queue, key string) (row, bool, error) {
	var r row
	err := tx.QueryRow(ctx, sqlOpenItem, string(q), key).Scan(r.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, false, nil
	}
	if err != nil {
		return row{}, false, fmt.Errorf("read work: %w", err)
	}
	return r, true, nil
}
